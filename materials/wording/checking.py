"""The whole check of one text."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from materials.wording.dates import find_dates
from materials.wording.entries import Advice, Entry, Paragraphs, WordingSort
from materials.wording.marks import find_marks
from materials.wording.phrases import find_phrases
from materials.wording.quotations import Found, Source, find_quotations, quotations_of
from materials.wording.structure import find_structure
from materials.wording.words import find_words

MOST_LETTERS = 60_000
MOST_ADVICES = 200


@dataclass(frozen=True)
class Checked:
    """Advices in the order of the text, and the quotations that agree with the library."""

    advices: Sequence[Advice]
    agreed: Sequence[Found]

    @property
    def quotations(self) -> int:
        """How many of the advices are about quotations."""
        return sum(1 for advice in self.advices if advice.source is not None)


def check(
    paragraphs: Paragraphs, entries: Iterable[Entry], day: date, sources: Callable[[], Iterable[Source]] = tuple
) -> Checked:
    """`day` is the paper's own; the library is asked for only when the text quotes something."""
    paragraphs = _bounded(paragraphs)
    holding = [entry for entry in entries if entry.holds_on(day)]
    phrases = [entry.found for entry in holding if entry.sort == WordingSort.PHRASE]
    found = [
        *find_words(paragraphs, holding, phrases),
        *find_phrases(paragraphs, holding),
        *find_dates(paragraphs),
        *find_marks(paragraphs),
        *find_structure(paragraphs),
    ]
    quotations = quotations_of(paragraphs)
    wrong, agreed = find_quotations(quotations, sources()) if quotations else ([], [])
    order = {number: place for place, (number, _) in enumerate(paragraphs)}
    ordered = sorted([*found, *wrong], key=lambda one: (order[one.paragraph], one.start, one.end))
    return Checked(ordered[:MOST_ADVICES], agreed)


def _bounded(paragraphs: Paragraphs) -> list[tuple[int, str]]:
    """At most MOST_LETTERS: more is no paper."""
    kept, left = [], MOST_LETTERS
    for number, text in paragraphs:
        if left <= 0:
            break
        kept.append((number, text[:left]))
        left -= len(text)
    return kept
