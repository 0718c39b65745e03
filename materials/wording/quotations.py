"""Quotations of a text held against the group's own library: the same, nearly the same, or not found (said nothing of).

Every text of the library is walked once, whatever the number of quotations.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from materials.wording.entries import QUOTATION, Advice, Paragraphs
from materials.wording.folding import Folded, fold, match, pieces_of

SHORTEST, LONGEST = 8, 600
NEAR, NEAR_WHEN_SHORT, SHORT = 0.8, 0.86, 16
NEAR_PART = 0.94  # of a clause quoted in part
NEAR_UNQUOTED = 0.88  # words after “指出：” without marks may be the author's own
MOST_QUOTATIONS = 60
GRAM = 4
MOST_OUTWARD = 7
MOST_PLACES = 6  # of one quotation in one text
_QUOTED = re.compile("“([^“”]{8,600})”")
_SAID = re.compile('(?:指出|强调|要求|提出)[：:]\\s*([^“”"。！？；]{12,200})[。！？；]')
_CUT = re.compile("…+|\\.{3,}")


@dataclass(frozen=True)
class Source:
    """A text of the library."""

    number: int
    title: str
    body: str


@dataclass(frozen=True)
class Quotation:
    paragraph: int
    start: int
    text: str
    letters: str
    is_marked: bool

    @property
    def is_one_clause(self) -> bool:
        """Without a mark inside it may be a saying rather than somebody's sentence."""
        return self.text.isalnum()

    @property
    def near(self) -> float:
        if not self.is_marked:
            return NEAR_UNQUOTED
        return NEAR_WHEN_SHORT if len(self.letters) < SHORT else NEAR


@dataclass(frozen=True)
class Found:
    """A quotation that stands in the library just so."""

    paragraph: int
    text: str
    source: int
    title: str

    @property
    def place(self) -> str:
        return f"第{self.paragraph}段" if self.paragraph else "标题"


def quotations_of(paragraphs: Paragraphs) -> list[Quotation]:
    """What stands in quotation marks, and sentences after 指出：; each text once, at most MOST_QUOTATIONS."""
    found: dict[str, Quotation] = {}
    for number, text in paragraphs:
        for told, is_marked in [
            *((m, True) for m in _QUOTED.finditer(text)),
            *((m, False) for m in _SAID.finditer(text)),
        ]:
            for start, piece in _pieces(told[1]):
                letters = fold(piece).text
                if len(letters) >= SHORTEST and letters not in found:
                    found[letters] = Quotation(number, told.start(1) + start, piece, letters, is_marked)
                    if len(found) == MOST_QUOTATIONS:
                        return list(found.values())
    return list(found.values())


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    """A quotation with …… inside is two."""
    start = 0
    for cut in _CUT.finditer(text):
        yield start, text[start : cut.start()]
        start = cut.end()
    yield start, text[start:]


@dataclass
class Best:
    share: float
    source: Source
    said: str


def find_quotations(quotations: Sequence[Quotation], sources: Iterable[Source]) -> tuple[list[Advice], list[Found]]:
    """What differs from the library, and what agrees with it. The first source that agrees is named."""
    grams = _grams(quotations)
    agreed: dict[int, Source] = {}
    best: dict[int, Best] = {}
    for source in sources:
        if len(agreed) == len(quotations):
            break
        body = fold(source.body)
        for number, starts in _seeds(body.text, grams, agreed).items():
            _hold_against(number, quotations[number], body, starts, source, agreed, best)
    advices = [_advice(quotations[number], one) for number, one in sorted(best.items()) if number not in agreed]
    found = [Found(quotations[n].paragraph, quotations[n].text, s.number, s.title) for n, s in sorted(agreed.items())]
    return advices, found


def _grams(quotations: Sequence[Quotation]) -> dict[str, list[tuple[int, int]]]:
    """Four letters → quotations that have them, spread over long ones."""
    grams: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for number, one in enumerate(quotations):
        last = len(one.letters) - GRAM
        step = max(1, last // 40)
        for offset in range(0, last + 1, step):
            told = grams[one.letters[offset : offset + GRAM]]
            if len(told) < 16:
                told.append((number, offset))
    return grams


def _seeds(letters: str, grams: dict[str, list[tuple[int, int]]], done: Iterable[int]) -> dict[int, list[int]]:
    """Where each quotation would begin in this text, a few places each."""
    starts: dict[int, list[int]] = defaultdict(list)
    for place in range(len(letters) - GRAM + 1):
        for number, offset in grams.get(letters[place : place + GRAM], ()):
            told = starts[number]
            if number in done or len(told) > 400:
                continue
            told.append(place - offset)
    return starts


def _hold_against(
    number: int,
    quotation: Quotation,
    body: Folded,
    starts: Sequence[int],
    source: Source,
    agreed: dict[int, Source],
    best: dict[int, Best],
) -> None:
    letters = quotation.letters
    if letters in body.text:
        agreed[number] = source
        return
    margin = max(3, len(letters) // 5)
    for told in _likely(starts, margin):
        one = match(letters, body.text, told, margin)
        if one is None or one.share < quotation.near:
            continue
        if (
            quotation.is_one_clause
            and one.share < NEAR_PART
            and not _is_clause(source.body, *body.span(one.start, one.end))
        ):
            continue
        if number not in best or one.share > best[number].share:
            best[number] = Best(one.share, source, _whole_words(source.body, *body.span(one.start, one.end)))


def _is_clause(body: str, start: int, end: int) -> bool:
    """From mark to mark, not words out of a longer clause."""
    return not body[max(0, start - 1) : start].isalnum() and not body[end : end + 1].isalnum()


def _whole_words(body: str, start: int, end: int) -> str:
    """Out to the marks around, when they are near."""
    left = next((n for n in range(1, MOST_OUTWARD) if not body[max(0, start - n) : start - n + 1].isalnum()), 1)
    right = next((n for n in range(MOST_OUTWARD) if not body[end + n : end + n + 1].isalnum()), 0)
    return body[start - left + 1 : end + right]


def _likely(starts: Sequence[int], margin: int) -> list[list[int]]:
    """The places most four-letter pieces point at."""
    votes: dict[int, list[int]] = defaultdict(list)
    for start in starts:
        votes[start // margin].append(start)
    return sorted(votes.values(), key=len, reverse=True)[:MOST_PLACES]


def _advice(quotation: Quotation, best: Best) -> Advice:
    ours, theirs = pieces_of(quotation.text, best.said)
    return Advice(
        sort=QUOTATION,
        paragraph=quotation.paragraph,
        start=quotation.start,
        end=quotation.start + len(quotation.text),
        found=quotation.text,
        advised=best.said,
        why=f"与资料《{best.source.title.strip('《》')}》原文不一致，请核对。",
        source=best.source.number,
        source_title=best.source.title,
        ours=ours,
        theirs=theirs,
    )
