"""Fingerprints: a few numbers per text, so that thousands of texts are searched by intersecting sets."""

import sys
from array import array
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from zlib import crc32

from materials.likeness.text import Text

SHINGLE = 6  # letters; shorter ones are words everybody uses, longer ones do not survive rewording
WINDOW = 4  # of so many neighbouring shingles one is kept: every common run of nine letters leaves a trace
MANY_WRITERS = 5  # what so many people write is a stock phrase
LEAST_SHARED = 4  # prints of their own that two texts must share to be laid side by side
MUCH_SHARED = 40  # or prints of any sort: a page that was passed round
Hashes = "array[int]"


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


@dataclass
class Search:
    """What one text has in common with the archive. `near` holds the keys worth reading, nearest first."""

    near: list[int] = field(default_factory=list)
    stock: set[int] = field(default_factory=set)
    compared: int = 0


def search(mine: Mapping[int, object], archive: Iterable[Printed]) -> Search:
    """Intersect with every text of the archive. What many people write does not make two texts alike."""
    known, shared = set(mine), {}
    writers: dict[int, set[int]] = defaultdict(set)
    found = Search()
    for other in archive:
        found.compared += 1
        common = known.intersection(_little(array("I", bytes(other.hashes))))
        if len(common) < LEAST_SHARED and other.writer is None:
            continue
        if other.writer is not None:
            for number in common:
                writers[number].add(other.writer)
        if len(common) >= LEAST_SHARED:
            shared[other.key] = common
    found.stock = {number for number, people in writers.items() if len(people) >= MANY_WRITERS}
    weights = {key: _weight(len(common), len(common - found.stock)) for key, common in shared.items()}
    found.near = sorted((key for key, weight in weights.items() if weight), key=lambda key: (-weights[key], key))
    return found


def _weight(total: int, own: int) -> float:
    """How near, or 0 for not worth reading."""
    if own < LEAST_SHARED and total < MUCH_SHARED:
        return 0
    return own + total / 10


def stock_letters(mine: Mapping[int, list[int]], stock: Iterable[int], length: int) -> bytearray:
    """1 for every letter that belongs to a stock phrase."""
    marks = bytearray(length)
    for number in stock:
        for start in mine[number]:
            marks[start : start + SHINGLE] = b"\1" * SHINGLE
    return marks
