"""What the common passages of one text amount to: copying, one's own earlier words, quoting, words of the library."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from materials.likeness.passages import Aligner, Passage
from materials.likeness.text import Place, Text

SHORTEST_QUOTED = 12  # letters of a quotation worth naming
SHORTEST_PIECE = 8  # letters of a passage in one paragraph; a heading of two words is not shown alone
LONG = 3  # so many times the shortest passage is no stock phrase any more, whoever else writes it
SOURCES_SHOWN = 3  # for one stretch of the text
MOST = 80  # findings of one text
ALWAYS = 300  # letters that are told of in however long a paper


class Sort(StrEnum):
    """What a finding is. The first two raise a hint; words of the library only when there are many of them."""

    OTHER = "other"
    OWN = "own"
    LIBRARY = "library"
    QUOTED = "quoted"


@dataclass(frozen=True)
class Source:
    """A text mine is laid beside: OTHER, OWN or LIBRARY."""

    key: int
    sort: Sort
    text: Text


@dataclass(frozen=True)
class Thresholds:
    """What a group calls worth telling: letters of a passage, percent of a paper, percent out of the library."""

    shortest: int
    share: int
    library_share: int


@dataclass(frozen=True)
class Finding:
    """One stretch of one paragraph of mine, and where it stands in a source."""

    sort: Sort
    source: int
    mine: Place
    theirs: Place


@dataclass(frozen=True)
class Findings:
    """All of them in the order of my text, the letters of each sort, and whether that is worth a hint."""

    found: Sequence[Finding]
    letters: dict[Sort, int]
    is_hint: bool


ORDER = {Sort.LIBRARY: 0, Sort.OWN: 1, Sort.OTHER: 2}


def find(mine: Text, sources: Iterable[Source], stock: bytearray, limits: Thresholds) -> Findings:
    """Lay mine beside every source. What stands in the library, and then what is his own, is nobody else's."""
    aligner = Aligner(mine.letters)
    weigher = _Weigher(mine, stock, limits)
    found: list[Finding] = []
    for source in sorted(sources, key=lambda source: ORDER[source.sort]):
        shortest = SHORTEST_QUOTED if source.sort is Sort.LIBRARY else limits.shortest
        for passage in aligner.passages(source.text.letters, shortest=shortest):
            if (sort := weigher.sort(passage, source.sort)) and len(found) < MOST and weigher.take(passage, sort):
                found += _pieces(passage, sort, source, mine)
    letters = weigher.letters()
    return Findings(
        sorted(found, key=lambda f: (f.mine.paragraph, f.mine.start, ORDER.get(f.sort, 3))),
        letters,
        _is_hint(letters, len(mine), limits),
    )


def _is_hint(letters: dict[Sort, int], length: int, limits: Thresholds) -> bool:
    enough = min(length * limits.share / 100, ALWAYS)
    much = length * limits.library_share / 100
    told = max(letters[Sort.OTHER], letters[Sort.OWN])
    return told > 0 and told >= enough or letters[Sort.LIBRARY] > 0 and letters[Sort.LIBRARY] >= much


class _Weigher:
    """Knows of every letter of mine whether it is stock, quoted, or found already."""

    def __init__(self, mine: Text, stock: bytearray, limits: Thresholds) -> None:
        self.stock, self.quoted, self.limits = stock, mine.quoted(), limits
        self.taken = {sort: bytearray(len(mine)) for sort in Sort}

    def sort(self, passage: Passage, source: Sort) -> Sort | None:
        """What this passage is, None for what is not worth a word."""
        where = slice(passage.start, passage.end)
        length, quoted = len(passage), sum(self.quoted[where])
        if source is Sort.LIBRARY:
            if quoted * 2 >= length:
                return Sort.QUOTED
            own = length - _marked(self.stock[where])
            return Sort.LIBRARY if own * 2 >= length and length >= self.limits.shortest else None
        known = [self.quoted, self.taken[Sort.LIBRARY], self.taken[Sort.QUOTED]]
        if source is Sort.OTHER:
            known.append(self.taken[Sort.OWN])
        rest = length - _marked(*(marks[where] for marks in known))
        own = length - _marked(self.stock[where], *(marks[where] for marks in known))
        return source if own >= self.limits.shortest or rest >= LONG * self.limits.shortest else None

    def take(self, passage: Passage, sort: Sort) -> bool:
        """Mark its letters; False when enough sources of the same stretch are shown already."""
        taken = self.taken[sort]
        where = range(passage.start, passage.end)
        if sum(taken[n] >= SOURCES_SHOWN for n in where) * 5 >= len(where) * 4:
            return False
        for n in where:
            taken[n] = min(taken[n] + 1, SOURCES_SHOWN)
        return True

    def letters(self) -> dict[Sort, int]:
        """How many letters of mine are of each sort, counted once."""
        return {sort: _marked(marks) for sort, marks in self.taken.items()}


def _marked(*marks: bytearray) -> int:
    """Letters that any of these marks."""
    return len(marks[0]) - sum(not any(each) for each in zip(*marks, strict=True))


def _pieces(passage: Passage, sort: Sort, source: Source, mine: Text) -> Iterator[Finding]:
    """A passage over several paragraphs of either text, piece by piece."""
    theirs = source.text
    piece: list[int] = []  # start, end, their start, their end
    for start, their_start, length in _cut_runs(passage, mine, theirs):
        if piece and _same_lines(mine, theirs, piece[0], start, piece[2], their_start):
            piece[1], piece[3] = max(piece[1], start + length), max(piece[3], their_start + length)
            continue
        yield from _finding(piece, sort, source, mine)
        piece = [start, start + length, their_start, their_start + length]
    yield from _finding(piece, sort, source, mine)


def _cut_runs(passage: Passage, mine: Text, theirs: Text) -> Iterator[tuple[int, int, int]]:
    for run in passage.runs:
        cuts = {n - run.mine for n in mine.cuts(run.mine, run.mine + run.length)}
        cuts |= {n - run.theirs for n in theirs.cuts(run.theirs, run.theirs + run.length)}
        ends = [*sorted(cuts), run.length]
        for first, last in zip([0, *ends], ends, strict=False):
            yield run.mine + first, run.theirs + first, last - first


def _same_lines(mine: Text, theirs: Text, a: int, b: int, c: int, d: int) -> bool:
    return mine.line[a] == mine.line[b] and theirs.line[c] == theirs.line[d]


def _finding(piece: list[int], sort: Sort, source: Source, mine: Text) -> Iterator[Finding]:
    if piece and piece[1] - piece[0] >= SHORTEST_PIECE:
        here, there = mine.place(piece[0], piece[1]), source.text.place(piece[2], piece[3])
        yield Finding(sort, source.key, here, there)
