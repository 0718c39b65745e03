"""Words of the dictionary found in a text, letter for letter: 全称、过时表述、易错字词、书名号和引号.

One walk over the text, at every place no further down than the longest word; how many entries there are hardly matters.
"""

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from materials.wording.entries import Advice, Entry, Paragraphs, WordingSort

Span = tuple[int, int]
_BOOK = re.compile("《[^《》]*(?:《[^《》]*》[^《》]*)*》")
_QUOTED = re.compile("“[^“”]*”")
_OPENING, _CLOSING = '“‘"「『《〈', '”’"」』》〉'
# Once is enough for these, wherever in the text.
ONCE_A_TEXT = {WordingSort.TITLE.value, WordingSort.MARKS.value}
# What a book is called or somebody has said is left as it was.
NOT_IN_TITLES = {WordingSort.TITLE.value, WordingSort.OUTDATED.value, WordingSort.MARKS.value}
_END = ""


@dataclass
class Trie:
    """Words as a tree of characters. A word without an entry is a right one and only covers shorter ones in it."""

    root: dict[str, Any] = field(default_factory=dict)
    steps: int = 0

    def add(self, word: str, entry: Entry | None) -> None:
        node = self.root
        for one in word:
            node = node.setdefault(one, {})
        node[_END] = entry or node.get(_END)

    def longest_at(self, text: str, start: int) -> tuple[int, Entry | None] | None:
        """The longest word that begins here: where it ends, and its entry."""
        node: dict[str, Any] | None = self.root
        found = None
        for place in range(start, len(text)):
            self.steps += 1
            node = node.get(text[place])
            if node is None:
                break
            if _END in node:
                found = (place + 1, node[_END])
        return found

    def walk(self, text: str) -> Iterator[tuple[int, int, Entry]]:
        """Words with an entry, without those that lie inside a longer word."""
        covered, root = 0, self.root
        for start, one in enumerate(text):
            if one not in root:
                continue
            found = self.longest_at(text, start)
            if found is None or found[0] <= covered:
                continue
            covered, entry = found
            if entry is not None:
                yield start, covered, entry


def trie_of(entries: Iterable[Entry], right: Iterable[str] = ()) -> Trie:
    """Entries to be looked for, with every right form that must not alarm."""
    trie = Trie()
    for entry in entries:
        for word in (entry.advised, *entry.spared):
            if word:
                trie.add(word, None)
    for word in right:
        trie.add(word, None)
    for entry in entries:
        trie.add(entry.found, entry)
    return trie


def find_words(paragraphs: Paragraphs, entries: Sequence[Entry], right: Iterable[str] = ()) -> list[Advice]:
    literal = [entry for entry in entries if entry.sort != WordingSort.PHRASE]
    trie = trie_of(literal, right)
    found: dict[tuple[int, int], list[tuple[int, int, int]]] = defaultdict(list)
    known = {entry.number: entry for entry in literal}
    said: set[int] = set()  # entries whose full title has been read already
    full = _first_places(paragraphs, literal)
    for order, (_, text) in enumerate(paragraphs):
        books, quoted = _spans(_BOOK, text), _spans(_QUOTED, text)
        for start, end, entry in trie.walk(text):
            if entry.number in said or _is_right_here(entry, text, start, end, books, quoted):
                continue
            if entry.sort == WordingSort.TITLE and full.get(entry.number, (order + 1, 0)) < (order, start):
                said.add(entry.number)
                continue
            key = 0 if entry.sort in ONCE_A_TEXT else order
            found[entry.number, key].append((order, start, end))
    return [_advice(known[number], paragraphs, places) for (number, _), places in found.items()]


def _first_places(paragraphs: Paragraphs, entries: Iterable[Entry]) -> dict[int, tuple[int, int]]:
    """Where the full title of every 规范全称 is read first."""
    places: dict[int, tuple[int, int]] = {}
    trie, numbers = Trie(), defaultdict(list)
    for entry in entries:
        if entry.sort == WordingSort.TITLE:
            trie.add(entry.advised, entry)
            numbers[entry.advised].append(entry.number)
    if not numbers:
        return places
    for order, (_, text) in enumerate(paragraphs):
        for start, _end, entry in trie.walk(text):
            for number in numbers[entry.advised]:
                places.setdefault(number, (order, start))
    return places


def _spans(pattern: re.Pattern[str], text: str) -> list[Span]:
    return [match.span() for match in pattern.finditer(text)]


def _inside(spans: Sequence[Span], start: int, end: int) -> bool:
    """Spans lie one behind another: only the last that begins before can hold it."""
    place = bisect_right(spans, (start, end)) - 1
    return place >= 0 and end <= spans[place][1]


def _is_right_here(
    entry: Entry, text: str, start: int, end: int, books: Sequence[Span], quoted: Sequence[Span]
) -> bool:
    if entry.sort in NOT_IN_TITLES and _inside(books, start, end):
        return True
    if entry.sort == WordingSort.MARKS:
        return _is_wrapped(text, start, end) or (entry.advised.startswith("“") and _inside(quoted, start, end))
    return entry.sort == WordingSort.OUTDATED and _inside(quoted, start, end)


def _is_wrapped(text: str, start: int, end: int) -> bool:
    """With one of its marks already: a missing other half is told by itself."""
    before, after = text[start - 1 : start] if start else "", text[end : end + 1]
    return bool((before and before in _OPENING) or (after and after in _CLOSING))


def _advice(entry: Entry, paragraphs: Paragraphs, places: Sequence[tuple[int, int, int]]) -> Advice:
    order, start, end = places[0]
    return Advice(
        sort=entry.sort,
        paragraph=paragraphs[order][0],
        start=start,
        end=end,
        found=entry.found,
        advised=entry.advised,
        why=entry.note or USUAL_REASONS[entry.sort],
        entry=entry.number,
        count=len(places),
    )


USUAL_REASONS: dict[str, str] = {
    WordingSort.TITLE: "第一次出现时宜用全称，后面可以用简称。",
    WordingSort.OUTDATED: "这个说法现在已有新的表述，请核对。",
    WordingSort.TYPO: "常见的错别字。",
    WordingSort.MARKS: "这类名称宜加书名号或引号。",
}
