"""Fingerprints: a few numbers per text, so that thousands of texts are searched by intersecting sets."""

import sys
from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from zlib import crc32

from materials.likeness.text import Text

SHINGLE = 6  # letters; shorter ones are words everybody uses, longer ones do not survive rewording
WINDOW = 4  # of so many neighbouring shingles one is kept: every common run of nine letters leaves a trace
MANY_WRITERS = 5  # what so many people write is a stock phrase
LEAST_SHARED = 3  # prints two texts must share close together to be laid side by side
REPEATS = 8  # places of one shingle that are looked at
CLOSE = 80  # letters; so near to each other prints speak of one passage
MOSTLY = 0.6  # share of a passage's prints that makes it the same passage


def shingles(text: Text) -> dict[int, list[int]]:
    """Hash of every shingle → where it begins."""
    wide = memoryview(text.letters.encode("utf-32-le", "surrogatepass"))
    found: dict[int, list[int]] = defaultdict(list)
    for n in range(len(text) - SHINGLE + 1):
        found[crc32(wide[4 * n : 4 * (n + SHINGLE)])].append(n)
    return dict(found)


def print_of(text: Text) -> bytes:
    """The text's winnowed hashes as bytes, the smallest of every window once, in order."""
    wide = memoryview(text.letters.encode("utf-32-le", "surrogatepass"))
    hashes = [crc32(wide[4 * n : 4 * (n + SHINGLE)]) for n in range(len(text) - SHINGLE + 1)]
    ways = [hashes[n:] for n in range(WINDOW)]
    kept = set(map(min, *ways)) if len(hashes) >= WINDOW else set(hashes)
    return _little(array("I", sorted(kept))).tobytes()


def _little(numbers: "array[int]") -> "array[int]":
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers


@dataclass(frozen=True)
class Printed:
    """One text of the archive: its print, and who wrote it (None for the library)."""

    key: int
    writer: int | None
    hashes: bytes | memoryview


@dataclass(frozen=True)
class Shared:
    """What one text of the archive has in common with mine: the letters of mine at which common shingles begin."""

    writer: int | None
    places: Sequence[int]

    def between(self, start: int, end: int) -> int:
        """How many begin in this stretch."""
        return bisect_left(self.places, end) - bisect_left(self.places, start)

    @property
    def nearness(self) -> float:
        """The most within a stretch of CLOSE letters, and a little for all of them: one copied passage tells more than
        a phrase here and there."""
        first = best = 0
        for n, place in enumerate(self.places):
            while place - self.places[first] > CLOSE:
                first += 1
            best = max(best, n - first + 1)
        return best + len(self.places) / 10 if best >= LEAST_SHARED else 0


@dataclass
class Search:
    """What one text has in common with the archive. `near` holds the keys worth reading, nearest first."""

    shared: dict[int, Shared] = field(default_factory=dict)
    near: list[int] = field(default_factory=list)
    stock: bytearray = field(default_factory=bytearray)
    compared: int = 0

    def is_common(self, key: int, start: int, end: int) -> bool:
        """Do many people have most of what `key` has of this stretch?"""
        least = max(1, MOSTLY * self.shared[key].between(start, end))
        people: set[int] = set()
        for other in self.shared.values():
            if other.writer is not None and other.writer not in people and other.between(start, end) >= least:
                people.add(other.writer)
                if len(people) >= MANY_WRITERS:
                    return True
        return False


def search(mine: Mapping[int, Sequence[int]], archive: Iterable[Printed], length: int) -> Search:
    """Intersect with every text of the archive."""
    known, found = set(mine), Search()
    writers: dict[int, set[int]] = defaultdict(set)
    for other in archive:
        found.compared += 1
        common = known.intersection(_little(array("I", bytes(other.hashes))))
        if len(common) < LEAST_SHARED:
            continue
        if other.writer is not None:
            for number in common:
                writers[number].add(other.writer)
        places = sorted(place for number in common for place in mine[number][:REPEATS])
        found.shared[other.key] = Shared(other.writer, places)
    scores = {key: shared.nearness for key, shared in found.shared.items()}
    found.near = sorted((key for key, score in scores.items() if score), key=lambda key: (-scores[key], key))
    stock = (number for number, people in writers.items() if len(people) >= MANY_WRITERS)
    found.stock = _letters_of(mine, stock, length)
    return found


def _letters_of(mine: Mapping[int, Sequence[int]], numbers: Iterable[int], length: int) -> bytearray:
    """1 for every letter these shingles cover."""
    marks = bytearray(length)
    for number in numbers:
        for start in mine[number]:
            marks[start : start + SHINGLE] = b"\1" * SHINGLE
    return marks
