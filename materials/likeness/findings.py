"""What the common passages of one text amount to: copying, one's own earlier words, quoting, words of the library."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from materials.likeness.passages import Aligner, Passage
from materials.likeness.prints import Search
from materials.likeness.text import Place, Text

SHORTEST_QUOTED = 12  # letters of a quotation worth naming
SENTENCE = 20  # letters of a passage that counts when its source gives many of them
CLAUSE = 14  # so many of them must be no stock phrase
SHORTEST_PIECE = 8  # letters of a passage in one paragraph; a heading of two words is not shown alone
LONG = 3  # so many times the shortest passage: no stock phrase whoever else writes it; many sentences of one source
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
    """What a group calls worth telling: letters of a passage, percent of a paper that is somebody else's, and percent
    that is his own of earlier or the library's without quotation marks."""

    shortest: int
    share: int
    repeat_share: int


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


def find(mine: Text, sources: Iterable[Source], search: Search, limits: Thresholds) -> Findings:
    """Lay mine beside every source. What stands in the library, and then what is his own, is nobody else's."""
    aligner = Aligner(mine.letters)
    weigher = _Weigher(mine, search, limits)
    found: list[Finding] = []
    for source in sorted(sources, key=lambda source: ORDER[source.sort]):
        shortest = SHORTEST_QUOTED if source.sort is Sort.LIBRARY else min(SENTENCE, limits.shortest)
        passages = aligner.passages(source.text.letters, shortest=shortest)
        for passage, sort in weigher.sorted(passages, source):
            if len(found) < MOST and weigher.take(passage, sort):
                found += _pieces(passage, sort, source, mine)
    letters = weigher.letters()
    return Findings(
        sorted(found, key=lambda f: (f.mine.paragraph, f.mine.start, ORDER.get(f.sort, 3))),
        letters,
        _is_hint(letters, len(mine), limits),
    )


def _is_hint(letters: dict[Sort, int], length: int, limits: Thresholds) -> bool:
    enough = min(length * limits.share / 100, ALWAYS)
    much = length * limits.repeat_share / 100
    repeated = max(letters[Sort.OWN], letters[Sort.LIBRARY])
    return 0 < letters[Sort.OTHER] >= enough or 0 < repeated >= much


class _Weigher:
    """Knows of every letter of mine whether it is stock, quoted, or found already."""

    def __init__(self, mine: Text, search: Search, limits: Thresholds) -> None:
        self.search, self.stock, self.limits = search, search.stock, limits
        self.quoted, self.named = mine.quoted(), mine.named()
        self.taken = {sort: bytearray(len(mine)) for sort in Sort}

    def sorted(self, passages: Sequence[Passage], source: Source) -> list[tuple[Passage, Sort]]:
        """The passages of one source that are worth a word, each with what it is."""
        if source.sort is Sort.LIBRARY:
            return [(passage, sort) for passage in passages if (sort := self._of_library(passage))]
        weighed = [(passage, self._rest(passage, source.sort)) for passage in passages]
        shortest, many = self.limits.shortest, LONG * self.limits.shortest
        if sum(rest for _, rest in weighed if rest >= SENTENCE) >= many:
            weighed = [(passage, self._without_stock(passage, rest, source)) for passage, rest in weighed]
            shortest = CLAUSE if sum(own for _, own in weighed if own >= CLAUSE) >= many else shortest
            return [(passage, source.sort) for passage, own in weighed if own >= shortest]
        long = [(passage, rest) for passage, rest in weighed if rest >= shortest]
        return [
            (passage, source.sort) for passage, rest in long if self._without_stock(passage, rest, source) >= shortest
        ]

    def _without_stock(self, passage: Passage, rest: int, source: Source) -> int:
        """Letters of it that count. Stock phrases do not; strung together as few people do they count half, and in a
        long stretch, whoever else has it, in full."""
        if rest >= LONG * self.limits.shortest:
            return rest
        own = rest - self._marked_besides(passage, source.sort)
        if own >= self.limits.shortest or rest < SENTENCE:
            return own
        return own if self.search.is_common(source.key, passage.start, passage.end) else (own + rest) // 2

    def _of_library(self, passage: Passage) -> Sort | None:
        where = slice(passage.start, passage.end)
        if sum(self.quoted[where]) * 2 >= len(passage):
            return Sort.QUOTED
        own = len(passage) - _marked(self.stock[where])
        return Sort.LIBRARY if own * 2 >= len(passage) >= self.limits.shortest else None

    def _known(self, passage: Passage, sort: Sort) -> list[bytearray]:
        """Marks of what is quoted, a name, or told of already."""
        where = slice(passage.start, passage.end)
        known = [self.quoted, self.named, self.taken[Sort.LIBRARY], self.taken[Sort.QUOTED]]
        return [marks[where] for marks in (known if sort is Sort.OWN else [*known, self.taken[Sort.OWN]])]

    def _rest(self, passage: Passage, sort: Sort) -> int:
        return len(passage) - _marked(*self._known(passage, sort))

    def _marked_besides(self, passage: Passage, sort: Sort) -> int:
        """Letters of stock phrases that are not among the known ones."""
        known = self._known(passage, sort)
        return _marked(self.stock[passage.start : passage.end], *known) - _marked(*known)

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
