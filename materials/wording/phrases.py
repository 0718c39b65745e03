"""固定表述 that are nearly, but not quite, said: a word missing, exchanged, or in another order.

Pairs of letters lead to the few places worth comparing; how many are compared is bounded for any text and dictionary.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from materials.wording.entries import SEPARATORS, Advice, Entry, Paragraphs, WordingSort
from materials.wording.folding import Folded, fold, match, pieces_of

NEAR = 0.82
MOST_PHRASES_OF_A_PAIR = 24  # a pair of letters in more phrases than this leads nowhere
MOST_COMPARED = 12  # places of one phrase in one paragraph
MOST_OF_A_TEXT = 2000  # comparisons


@dataclass
class Budget:
    """Comparisons still allowed in this text."""

    left: int = MOST_OF_A_TEXT

    def spend(self) -> bool:
        self.left -= 1
        return self.left >= 0


@dataclass(frozen=True)
class Phrase:
    entry: Entry
    letters: str
    parts: tuple[str, ...]  # of an enumeration, in their order

    @property
    def band(self) -> int:
        return max(3, len(self.letters) // 4)


def phrases_of(entries: Iterable[Entry]) -> list[Phrase]:
    found = []
    for entry in entries:
        if entry.sort == WordingSort.PHRASE:
            parts = tuple(fold(part).text for part in SEPARATORS.split(entry.found))
            found.append(Phrase(entry, fold(entry.found).text, parts if 2 <= len(parts) <= 8 else ()))
    return found


def find_phrases(paragraphs: Paragraphs, entries: Sequence[Entry]) -> list[Advice]:
    phrases = phrases_of(entries)
    pairs: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for number, phrase in enumerate(phrases):
        for offset in range(len(phrase.letters) - 1):
            pairs[phrase.letters[offset : offset + 2]].append((number, offset))
    pairs = {pair: told for pair, told in pairs.items() if len(told) <= MOST_PHRASES_OF_A_PAIR}
    right = {fold(word).text for entry in entries for word in (entry.advised, entry.found, *entry.spared) if word}
    found: list[Advice] = []
    budget = Budget()
    for number, text in paragraphs:
        folded = fold(text)
        for phrase, starts in _seeds(folded.text, phrases, pairs):
            spans = _reordered(phrase, folded.text, right) or _near(phrase, folded.text, starts, right, budget)
            if spans:
                found.append(_advice(phrase, number, folded, spans))
    return found


def _seeds(
    letters: str, phrases: Sequence[Phrase], pairs: dict[str, list[tuple[int, int]]]
) -> list[tuple[Phrase, list[int]]]:
    """Phrases with enough pairs in this paragraph, each with where it would begin for every pair."""
    starts: dict[int, list[int]] = defaultdict(list)
    for place in range(len(letters) - 1):
        for number, offset in pairs.get(letters[place : place + 2], ()):
            starts[number].append(place - offset)
    enough = ((phrases[number], told) for number, told in starts.items())
    return [(phrase, told) for phrase, told in enough if len(told) >= _wanted(phrase)]


def _wanted(phrase: Phrase) -> int:
    return max(2, (len(phrase.letters) - 1) // 2)


def _near(
    phrase: Phrase, letters: str, starts: Sequence[int], right: set[str], budget: Budget
) -> list[tuple[int, int]]:
    """Spans that keep nearly all of the phrase with both its ends, and lack something of it."""
    bands: dict[int, list[int]] = defaultdict(list)
    for start in starts:
        bands[start // phrase.band].append(start)
    wanted = _wanted(phrase)
    places = [[*told, *bands.get(band + 1, ())] for band, told in sorted(bands.items())]
    places = sorted((told for told in places if len(told) >= wanted), key=len, reverse=True)
    spans: set[tuple[int, int]] = set()
    for told in places[:MOST_COMPARED]:
        if phrase.letters in letters[max(0, min(told)) : max(told) + len(phrase.letters)]:
            continue
        if not budget.spend():
            break
        one = match(phrase.letters, letters, told, phrase.band)
        if one is None or not one.has_both_ends or one.share < NEAR or one.kept == len(phrase.letters):
            continue
        span = (one.start, one.end)
        if letters[one.start : one.end] not in right and not any(_overlap(span, other) for other in spans):
            spans.add(span)
    return sorted(spans)


def _overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _reordered(phrase: Phrase, letters: str, right: set[str]) -> list[tuple[int, int]]:
    """All parts of an enumeration one behind the other, in another order."""
    if len(set(phrase.parts)) < 2 or not all(part and part in letters for part in phrase.parts):
        return []
    length = len(phrase.letters)
    spans = set()
    for place in {place for part in phrase.parts for place in _places(letters, part)}:
        said = letters[place : place + length]
        if said != phrase.letters and said not in right and _is_made_of(said, phrase.parts):
            spans.add((place, place + length))
    return sorted(spans)


def _places(letters: str, part: str) -> list[int]:
    places, place = [], letters.find(part)
    while place >= 0 and len(places) < MOST_COMPARED:
        places.append(place)
        place = letters.find(part, place + 1)
    return places


def _is_made_of(said: str, parts: Sequence[str]) -> bool:
    left = list(parts)
    while left:
        part = next((one for one in left if said.startswith(one)), None)
        if part is None:
            return False
        left.remove(part)
        said = said[len(part) :]
    return not said


def _advice(phrase: Phrase, number: int, folded: Folded, spans: Sequence[tuple[int, int]]) -> Advice:
    start, end = folded.span(*spans[0])
    said, entry = folded.whole[start:end], phrase.entry
    ours, theirs = pieces_of(said, entry.found)
    return Advice(
        sort=entry.sort,
        paragraph=number,
        start=start,
        end=end,
        found=said,
        advised=entry.found,
        why=entry.note or "与固定表述相近，但不相同，请核对。",
        entry=entry.number,
        count=len(spans),
        ours=ours,
        theirs=theirs,
    )
