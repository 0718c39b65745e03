"""Two versions of a text side by side, paragraph by paragraph. Pure: blocks in, rows out.

Paragraphs that stand in both versions once are anchors; what lies between two anchors is paired in order by likeness;
what is left over and stands elsewhere has moved. Inside a pair the stretches that differ are told. However long and
however odd the text, the work stays bounded.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rapidfuzz.distance import Indel

from reviews.differences import ADDED, CHANGED, REMOVED, SHAPES, WORDS
from reviews.presentation import numbered

Blocks = Sequence[Mapping[str, Any]]
SAME, MOVED = "same", "moved"
MARKS = {**{mark: f"{SHAPES[mark]} {word}" for mark, word in WORDS.items()}, MOVED: "↕ 移动"}

SIMILAR = 0.4  # of two paragraphs between the same neighbours
MOVED_SIMILAR = 0.8  # of two that stand far from each other
SHORTEST_MOVED = 6  # characters: a shorter line that stands twice is no move
MOST_PAIRS = 40_000  # paragraphs before × paragraphs after that are compared one by one
MOST_CELLS = 16_000_000  # characters before × after that are compared one by one
ISLAND = 6  # characters: a longer stretch in common always stays one
MARKS_OF_A_SENTENCE = "。！？；，、"
TOKEN = re.compile(r"\d+(?:[.,]\d+)*%?|[A-Za-z]+|.", re.DOTALL)


@dataclass(frozen=True)
class Paragraph:
    """`number` as components/document.html prints it."""

    number: int
    text: str
    is_heading: bool = False


@dataclass(frozen=True)
class Stretch:
    text: str
    mark: str = SAME


@dataclass(frozen=True)
class AlignedRow:
    """One paragraph of either version or of both. At the old place of a moved one only `moved_to` is told."""

    mark: str
    before: Paragraph | None
    after: Paragraph | None
    old: Sequence[Stretch] = ()
    new: Sequence[Stretch] = ()
    moved_to: int = 0

    @property
    def told(self) -> str:
        return MARKS.get(self.mark, "")


def aligned(before: Blocks, after: Blocks) -> list[AlignedRow]:
    """Every paragraph of both versions once, in the order of the new one; what is gone stands where it stood."""
    olds, news = _paragraphs(before), _paragraphs(after)
    pairs = dict(_pairs([one.text for one in olds], [one.text for one in news]))
    moved = dict(_moves(olds, news, pairs))
    kept, came = ({new: olds[old] for old, new in found.items()} for found in (pairs, moved))
    places = {new: old for old, new in pairs.items()}
    rows: list[AlignedRow] = []
    place, until = 0, _until(places, len(news), len(olds))
    for at, new in enumerate(news):
        rows += [_gone(one, was, moved, news) for was, one in enumerate(olds[place : until[at]], place)]
        place = until[at] + (at in places)
        rows.append(_there(new, kept.get(at), came.get(at)))
    return rows + [_gone(one, at, moved, news) for at, one in enumerate(olds[place:], place)]


def _paragraphs(blocks: Blocks) -> list[Paragraph]:
    return [
        Paragraph(number, block["text"], block["type"] == "heading")
        for number, block in numbered(blocks)  # type: ignore[arg-type]
        if block["type"] in ("heading", "paragraph")
    ]


def _until(places: Mapping[int, int], number: int, last: int) -> list[int]:
    """For every new paragraph the old one that comes next: what is gone before it is told first."""
    made = []
    for at in reversed(range(number)):
        last = places.get(at, last)
        made.append(last)
    return made[::-1]


def _gone(old: Paragraph, place: int, moved: Mapping[int, int], news: Sequence[Paragraph]) -> AlignedRow:
    if place in moved:
        return AlignedRow(MOVED, old, None, moved_to=news[moved[place]].number)
    return AlignedRow(REMOVED, old, None, old=[Stretch(old.text, REMOVED)])


def _there(new: Paragraph, kept: Paragraph | None, came: Paragraph | None) -> AlignedRow:
    old = kept or came
    if old is None:
        return AlignedRow(ADDED, None, new, new=[Stretch(new.text, ADDED)])
    parts = stretches(old.text, new.text) if old.text != new.text else ([Stretch(old.text)], [Stretch(new.text)])
    mark = MOVED if kept is None else SAME if old.text == new.text else CHANGED
    return AlignedRow(mark, old, new, *parts)


# -- which paragraph is which --------------------------------------------------

Pairs = list[tuple[int, int]]


def _pairs(old: Sequence[str], new: Sequence[str]) -> Pairs:
    """Places that belong together, both rising."""
    found: Pairs = []
    start_a = start_b = 0
    for a, b in [*_anchors(old, new), (len(old), len(new))]:
        found += _between(old, new, (start_a, a), (start_b, b))
        if a < len(old):
            found.append((a, b))
        start_a, start_b = a + 1, b + 1
    return found


def _anchors(old: Sequence[str], new: Sequence[str]) -> Pairs:
    """Texts that stand once in each version, as many as keep their order."""
    once_old, once_new = Counter(old), Counter(new)
    places = {text: place for place, text in enumerate(new)}
    common = [
        (place, places[text]) for place, text in enumerate(old) if once_old[text] == 1 and once_new.get(text) == 1
    ]
    return _rising(common)


def _rising(pairs: Pairs) -> Pairs:
    """The longest run of pairs whose second places rise too."""
    tails: list[int] = []  # the last second place of the best run of each length
    ends: list[int] = []
    before: list[int] = []
    for index, (_, b) in enumerate(pairs):
        length = bisect_left(tails, b)
        before.append(ends[length - 1] if length else -1)
        tails[length:] = [b]
        ends[length:] = [index]
    run, index = [], ends[-1] if ends else -1
    while index >= 0:
        run.append(pairs[index])
        index = before[index]
    return run[::-1]


def _between(old: Sequence[str], new: Sequence[str], rows: tuple[int, int], columns: tuple[int, int]) -> Pairs:
    """Between two anchors: what says the same at either end, then the pairing with the greatest likeness."""
    (a1, a2), (b1, b2) = rows, columns
    head: Pairs = []
    tail: Pairs = []
    while a1 < a2 and b1 < b2 and old[a1] == new[b1]:
        head.append((a1, b1))
        a1, b1 = a1 + 1, b1 + 1
    while a1 < a2 and b1 < b2 and old[a2 - 1] == new[b2 - 1]:
        tail.append((a2 - 1, b2 - 1))
        a2, b2 = a2 - 1, b2 - 1
    if (a2 - a1) * (b2 - b1) > MOST_PAIRS:  # nobody's paper: paired as they stand
        middle = [(a, b) for a, b in zip(range(a1, a2), range(b1, b2), strict=False) if _alike(old[a], new[b])]
    else:
        middle = [(a1 + a, b1 + b) for a, b in _best(old[a1:a2], new[b1:b2])]
    return [*head, *middle, *reversed(tail)]


def _alike(old: str, new: str, cutoff: float = SIMILAR) -> float:
    return Indel.normalized_similarity(old, new, score_cutoff=cutoff)


def _best(old: Sequence[str], new: Sequence[str]) -> Pairs:
    """Needleman and Wunsch: pairs in order, the sum of their likeness as great as can be."""
    likeness = [[_alike(a, b) for b in new] for a in old]
    score = [[0.0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for i in range(len(old) - 1, -1, -1):
        for j in range(len(new) - 1, -1, -1):
            paired = likeness[i][j] + score[i + 1][j + 1] if likeness[i][j] else 0.0
            score[i][j] = max(paired, score[i + 1][j], score[i][j + 1])
    found, i, j = [], 0, 0
    while i < len(old) and j < len(new):
        if likeness[i][j] and score[i][j] == likeness[i][j] + score[i + 1][j + 1]:
            found.append((i, j))
            i, j = i + 1, j + 1
        elif score[i][j] == score[i + 1][j]:
            i += 1
        else:
            j += 1
    return found


def _moves(olds: Sequence[Paragraph], news: Sequence[Paragraph], pairs: Mapping[int, int]) -> Pairs:
    """Of what is left over on both sides, those that say (almost) the same."""
    kept = set(pairs.values())
    gone = [at for at, one in enumerate(olds) if at not in pairs and len(one.text) >= SHORTEST_MOVED]
    come = [at for at, one in enumerate(news) if at not in kept and len(one.text) >= SHORTEST_MOVED]
    found: Pairs = []
    cutoff = MOVED_SIMILAR if len(gone) * len(come) <= MOST_PAIRS else 1.0
    waiting: dict[str, list[int]] = {}
    for at in come:
        waiting.setdefault(news[at].text, []).append(at)
    for old in gone:
        if same := waiting.get(olds[old].text):
            found.append((old, same.pop(0)))
    if cutoff == 1.0:
        return found
    settled_old, settled_new = {old for old, _ in found}, {new for _, new in found}
    for old in (at for at in gone if at not in settled_old):
        scores = ((_alike(olds[old].text, news[new].text, cutoff), -new) for new in come if new not in settled_new)
        likeness, new = max(scores, default=(0.0, 0))
        if likeness:
            found.append((old, -new))
            settled_new.add(-new)
    return found


# -- what differs inside a paragraph ---------------------------------------------


def stretches(old: str, new: str) -> tuple[list[Stretch], list[Stretch]]:
    """Both texts cut where they differ. A number or a word of letters is never cut, a small island between two
    changes belongs to them."""
    before, after = TOKEN.findall(old), TOKEN.findall(new)
    told_old: list[Stretch] = []
    told_new: list[Stretch] = []
    for same, was, now in _at_marks(_merged(_pieces(before, after))):
        if was:
            told_old.append(Stretch(was, SAME if same else REMOVED))
        if now:
            told_new.append(Stretch(now, SAME if same else ADDED))
    return told_old, told_new


Piece = tuple[bool, str, str]  # whether both say the same, what the old one says, what the new one says


def _pieces(before: Sequence[str], after: Sequence[str]) -> list[Piece]:
    if len(before) * len(after) > MOST_CELLS:
        return [(False, "".join(before), "".join(after))]
    names = {token: number for number, token in enumerate({*before, *after})}
    codes = [names[token] for token in before], [names[token] for token in after]
    pieces: list[Piece] = []
    for step in Indel.opcodes(*codes):
        was = "".join(before[step.src_start : step.src_end])
        now = "".join(after[step.dest_start : step.dest_end])
        if pieces and not pieces[-1][0] and step.tag != "equal":
            pieces[-1] = (False, pieces[-1][1] + was, pieces[-1][2] + now)
        else:
            pieces.append((step.tag == "equal", was, now))
    return pieces


def _merged(pieces: Iterable[Piece]) -> list[Piece]:
    """No confetti: what is shorter than the changes on both its sides goes with them."""
    made: list[Piece] = []
    for piece in pieces:
        made.append(piece)
        while len(made) > 2 and not made[-1][0] and made[-2][0] and _is_island(*made[-3:]):
            (_, a, b), (_, same, _), (_, c, d) = made[-3:]
            made[-3:] = [(False, a + same + c, b + same + d)]
    return made


def _at_marks(pieces: list[Piece]) -> list[Piece]:
    """A sentence put in (or taken out) ends with its own mark, not with that of the sentence before."""
    for place in range(1, len(pieces) - 1):
        (_, left, _), (same, was, now), (_, right, _) = pieces[place - 1 : place + 2]
        text = was or now
        if same or (was and now) or text[0] not in MARKS_OF_A_SENTENCE or right[0] != text[0]:
            continue
        turned = text[1:] + text[0]
        pieces[place - 1] = (True, left + text[0], left + text[0])
        pieces[place] = (False, turned if was else "", turned if now else "")
        pieces[place + 1] = (True, right[1:], right[1:])
    return pieces


def _is_island(left: Piece, same: Piece, right: Piece) -> bool:
    length = len(same[1])
    if length > ISLAND:
        return False
    return length == 1 or length <= min(max(map(len, left[1:])), max(map(len, right[1:])))


# -- how it is shown ---------------------------------------------------------------


@dataclass(frozen=True)
class Fold:
    """Rows shown, or paragraphs that are the same and stand folded."""

    is_same: bool
    rows: Sequence[AlignedRow]


def folded(rows: Sequence[AlignedRow]) -> list[Fold]:
    """What is the same is folded; the heading right above a change stays in sight."""
    made: list[Fold] = []
    for place, row in enumerate(rows):
        after = rows[place + 1] if place + 1 < len(rows) else None
        is_same = row.mark == SAME and not (row.after and row.after.is_heading and after and after.mark != SAME)
        if made and made[-1].is_same == is_same:
            made[-1] = Fold(is_same, [*made[-1].rows, row])
        else:
            made.append(Fold(is_same, [row]))
    return made


def counts(rows: Iterable[AlignedRow]) -> str:
    """“修改 2 段、新增 1 段”; "" when nothing differs."""
    numbers = Counter(row.mark for row in rows if not row.moved_to)
    words = {CHANGED: "修改", ADDED: "新增", REMOVED: "删除", MOVED: "移动"}
    return "、".join(f"{word} {numbers[mark]} 段" for mark, word in words.items() if numbers[mark])


# -- attachments -------------------------------------------------------------------


@dataclass(frozen=True)
class FileLine:
    """One attachment: whether the file under that name is the same, byte by byte."""

    word: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    is_same: bool = False

    @property
    def name(self) -> str:
        return str((self.after or self.before or {})["name"])


def files(before: Blocks, after: Blocks) -> list[FileLine]:
    """Told apart by name, then by what is in them. What they say inside is not compared."""
    old = [block for block in before if block["type"] == "file"]
    lines = []
    for file in (block for block in after if block["type"] == "file"):
        was = next((one for one in old if one["name"] == file["name"] and one["sha256"] == file["sha256"]), None)
        was = was or next((one for one in old if one["name"] == file["name"]), None)
        was = was or next((one for one in old if one["sha256"] == file["sha256"]), None)
        lines.append(_file_line(was, file))
        if was:
            old.remove(was)
    return lines + [_file_line(one, None) for one in old]


def _file_line(old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> FileLine:
    if old is None or new is None:
        return FileLine("＋ 新增" if old is None else "－ 移除", old, new)
    if old["sha256"] != new["sha256"]:
        return FileLine("△ 内容已变", old, new)
    return FileLine("同一文件", old, new, True) if old["name"] == new["name"] else FileLine("△ 改名", old, new)
