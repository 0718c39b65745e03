"""Texts without marks and spaces, and how near two of them are."""

from collections.abc import Iterable
from dataclasses import dataclass

from rapidfuzz.distance import Indel

from materials.wording.entries import Pieces


@dataclass(frozen=True)
class Folded:
    """The letters and digits of a text, with the place of each in it."""

    text: str
    places: tuple[int, ...]
    whole: str

    def span(self, start: int, end: int) -> tuple[int, int]:
        """From–to in the text itself of letters start–end."""
        return self.places[start], self.places[end - 1] + 1

    def __len__(self) -> int:
        return len(self.text)


def fold(text: str) -> Folded:
    places = tuple(place for place, one in enumerate(text) if one.isalnum())
    return Folded("".join(text[place] for place in places), places, text)


@dataclass(frozen=True)
class Match:
    """Where in a text the wanted letters are said: how many are kept, their share, and whether both ends are there."""

    start: int
    end: int
    kept: int
    share: float
    has_both_ends: bool


SHORTEST_END = 2  # a single letter at an end may be a chance


def match(wanted: str, text: str, starts: Iterable[int], margin: int) -> Match | None:
    """The best of the windows that begin near one of the starts: what lies between the first and the last letter
    shared. A window a little too wide may catch a stray letter, so narrow ones are tried too."""
    starts = list(starts)
    lefts = {max(0, min(starts) - margin), max(0, min(starts)), max(0, max(starts))}
    rights = {max(starts) + len(wanted), max(starts) + len(wanted) + margin}
    found = [one for left in lefts for right in rights if (one := _match(wanted, text[left:right], left))]
    return max(found, key=lambda one: (one.share, one.has_both_ends, one.start), default=None)


def _match(wanted: str, window: str, offset: int) -> Match | None:
    blocks = [block for block in Indel.opcodes(wanted, window) if block.tag == "equal"]
    if not blocks:
        return None
    first, last = blocks[0], blocks[-1]
    kept = sum(block.src_end - block.src_start for block in blocks)
    share = 2 * kept / (len(wanted) + last.dest_end - first.dest_start)
    begins = first.src_start == 0 and first.src_end >= SHORTEST_END
    ends = last.src_end == len(wanted) and last.src_end - last.src_start >= SHORTEST_END
    return Match(offset + first.dest_start, offset + last.dest_end, kept, share, begins and ends)


def pieces_of(ours: str, theirs: str) -> tuple[Pieces, Pieces]:
    """Both texts cut where they differ; marks count as the same."""
    mine, other = fold(ours), fold(theirs)
    ours_changed: set[int] = set()
    theirs_changed: set[int] = set()
    for block in Indel.opcodes(mine.text, other.text):
        if block.tag != "equal":
            ours_changed |= set(mine.places[block.src_start : block.src_end])
            theirs_changed |= set(other.places[block.dest_start : block.dest_end])
    return _cut(ours, ours_changed), _cut(theirs, theirs_changed)


def _cut(text: str, changed: set[int]) -> Pieces:
    pieces: list[tuple[str, bool]] = []
    for place, one in enumerate(text):
        differs = place in changed
        if pieces and pieces[-1][1] == differs:
            pieces[-1] = (pieces[-1][0] + one, differs)
        else:
            pieces.append((one, differs))
    return tuple(pieces)
