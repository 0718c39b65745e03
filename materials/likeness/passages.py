"""Two texts side by side: the passages they have in common, also where words were exchanged in them.

Equal runs of letters are linked where they follow each other closely in both texts, and what was linked must still
read alike as a whole. The work is bounded whatever the texts are.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from rapidfuzz.distance import Indel

SEED = 4  # letters of the shortest run that counts
REPEATS = 8  # a run that occurs more often in one text says nothing about where it comes from
MOST_SEEDS, MOST_RUNS = 60_000, 4_000
GAP, SLIP = 24, 12  # letters between two runs; difference of the two gaps
LOOK_BACK = 40  # runs before one that it may be linked to
PENALTY = 0.25  # what a letter of a gap costs
ALIKE = 0.6  # least likeness of a whole passage


@dataclass(frozen=True)
class Run:
    """`length` equal letters, from `mine` in one text and `theirs` in the other."""

    mine: int
    theirs: int
    length: int


@dataclass(frozen=True)
class Passage:
    """Letters `start` up to `end` of my text, and of theirs, with the equal runs inside."""

    start: int
    end: int
    their_start: int
    their_end: int
    runs: tuple[Run, ...]

    def __len__(self) -> int:
        return self.end - self.start


class Aligner:
    """My text, ready to be laid beside many others."""

    def __init__(self, letters: str) -> None:
        self.letters = letters
        index: dict[str, list[int]] = defaultdict(list)
        for n in range(len(letters) - SEED + 1):
            index[letters[n : n + SEED]].append(n)
        self._index = {seed: places for seed, places in index.items() if len(places) <= REPEATS}

    def passages(self, theirs: str, *, shortest: int) -> list[Passage]:
        """Common passages of at least `shortest` letters, in the order of my text."""
        runs = _runs(self._seeds(theirs))
        found = (_passage(chain) for chain in _chains(runs))
        return sorted(
            (passage for passage in found if len(passage) >= shortest and self._alike(passage, theirs)),
            key=lambda passage: passage.start,
        )

    def _seeds(self, theirs: str) -> list[tuple[int, int]]:
        """(slope, mine) of every equal seed; equal slopes lie on one run."""
        seeds: list[tuple[int, int]] = []
        for n in range(len(theirs) - SEED + 1):
            for mine in self._index.get(theirs[n : n + SEED], ()):
                seeds.append((mine - n, mine))
            if len(seeds) > MOST_SEEDS:
                break
        return seeds

    def _alike(self, passage: Passage, theirs: str) -> bool:
        mine, other = self.letters[passage.start : passage.end], theirs[passage.their_start : passage.their_end]
        return Indel.normalized_similarity(mine, other, score_cutoff=ALIKE) >= ALIKE


def _runs(seeds: list[tuple[int, int]]) -> list[Run]:
    """Neighbouring seeds joined; of too many the longest are kept."""
    runs, slope, first, last = [], 0, -1, -1
    for here, mine in [*sorted(seeds), (0, -9)]:
        if first >= 0 and here == slope and mine == last + 1:
            last = mine
            continue
        if first >= 0:
            runs.append(Run(first, first - slope, last - first + SEED))
        slope, first, last = here, mine, mine
    if len(runs) > MOST_RUNS:
        runs = sorted(runs, key=lambda run: -run.length)[:MOST_RUNS]
    return sorted(runs, key=lambda run: (run.mine, run.theirs))


def _chains(runs: list[Run]) -> Iterator[list[Run]]:
    """Link every run to the best one shortly before it, then take the best chains apart, the strongest first."""
    scores: list[float] = []
    links: list[int] = []
    for n, run in enumerate(runs):
        best, link = 0.0, -1
        for before in range(max(0, n - LOOK_BACK), n):
            gain = scores[before] - _cost(runs[before], run)
            if gain > best:
                best, link = gain, before
        scores.append(best + run.length)
        links.append(link)
    used: set[int] = set()
    for end in sorted(range(len(runs)), key=lambda n: -scores[n]):
        chain, here = [], end
        while here >= 0 and here not in used:
            used.add(here)
            chain.append(runs[here])
            here = links[here]
        if chain:
            yield chain[::-1]


def _cost(before: Run, run: Run) -> float:
    """What linking two runs costs; beyond measure when they do not follow each other closely in both texts."""
    mine = run.mine - before.mine - before.length
    theirs = run.theirs - before.theirs - before.length
    overlap = max(0, -mine, -theirs)
    if overlap >= run.length or max(mine, theirs) > GAP or abs(mine - theirs) > SLIP:
        return float("inf")
    return overlap + PENALTY * (max(mine, theirs, 0) + abs(mine - theirs))


def _passage(chain: list[Run]) -> Passage:
    first, last = chain[0], chain[-1]
    return Passage(
        first.mine,
        max(run.mine + run.length for run in chain),
        min(run.theirs for run in chain),
        max(last.theirs + last.length, *(run.theirs + run.length for run in chain)),
        tuple(chain),
    )
