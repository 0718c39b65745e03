"""Two versions side by side, block by block. Pure: blocks in, differences out.

Rows of a table are paired by the `ids` both name, otherwise by what they say; facts by their label; running text line
by line. A row whose number alone has changed is the same row. A fact marked ▲ is a remark about the version, no part
of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

Blocks = Sequence[Mapping[str, Any]]
SIMILAR = 0.5
MOST_PAIRS = 250_000


@dataclass(frozen=True)
class Cell:
    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Entry:
    """One row, fact or stretch of text that differs. `cells` are those that differ; of a new or a gone row, all."""

    mark: str
    name: str
    cells: Sequence[Cell]

    @property
    def word(self) -> str:
        return WORDS[self.mark]

    @property
    def is_whole(self) -> bool:
        """A row that is all new or all gone: told in one piece."""
        return self.mark != CHANGED and len(self.cells) > 1

    @property
    def shape(self) -> str:
        return SHAPES[self.mark]


ADDED, REMOVED, CHANGED = "added", "removed", "changed"
WORDS = {ADDED: "新增", REMOVED: "删除", CHANGED: "修改"}
SHAPES = {ADDED: "＋", REMOVED: "－", CHANGED: "△"}


@dataclass(frozen=True)
class Difference:
    entries: Sequence[Entry]
    unchanged: int

    @property
    def counts(self) -> str:
        """“新增 1、修改 2”; "" when nothing differs."""
        numbers = ((word, sum(entry.mark == mark for entry in self.entries)) for mark, word in WORDS.items())
        return "、".join(f"{word} {number}" for word, number in numbers if number)


def difference(before: Blocks, after: Blocks, titles: tuple[str, str] = ("", "")) -> Difference:
    """What changed from one version to the other; `unchanged` counts the table rows that are as they were."""
    entries = [] if titles[0] == titles[1] else [Entry(CHANGED, "标题", [Cell("标题", *titles)])]
    entries += _facts(_rows_of(before, "facts"), _rows_of(after, "facts"))
    entries += _text(_lines(before), _lines(after))
    rows, unchanged = _table(_first(before, "table"), _first(after, "table"))
    return Difference(entries + rows, unchanged)


def _first(blocks: Blocks, kind: str) -> Mapping[str, Any]:
    return next((block for block in blocks if block["type"] == kind), {})


def _rows_of(blocks: Blocks, kind: str) -> dict[str, str]:
    rows = [row for block in blocks if block["type"] == kind for row in block["rows"]]
    return {label: text for label, text in rows if not label.startswith("▲")}


def _facts(before: Mapping[str, str], after: Mapping[str, str]) -> list[Entry]:
    labels = [*after, *(label for label in before if label not in after)]
    pairs = ((label, before.get(label, ""), after.get(label, "")) for label in labels)
    return [Entry(_mark(old, new), label, [Cell(label, old, new)]) for label, old, new in pairs if old != new]


def _mark(old: str, new: str) -> str:
    return CHANGED if old and new else ADDED if new else REMOVED


# -- running text ------------------------------------------------------------


def _lines(blocks: Blocks) -> list[tuple[str, str]]:
    """Each line with the heading it stands under."""
    lines, section = [], ""
    for block in blocks:
        if block["type"] == "heading":
            section = block["text"]
        elif block["type"] == "paragraph":
            lines.append((section, block["text"]))
        elif block["type"] == "file":
            lines.append(("附件", block["name"]))
    return lines


def _text(before: Sequence[tuple[str, str]], after: Sequence[tuple[str, str]]) -> list[Entry]:
    entries = []
    older, newer = _by_section(before), _by_section(after)
    for section in [*newer, *(name for name in older if name not in newer)]:
        old, new = older.get(section, []), newer.get(section, [])
        is_long = len(old) * len(new) > MOST_PAIRS  # lines that stand there again and again cost too much then
        for tag, a1, a2, b1, b2 in SequenceMatcher(None, old, new, autojunk=is_long).get_opcodes():
            if tag != "equal":
                was, now = "\n".join(old[a1:a2]), "\n".join(new[b1:b2])
                entries.append(Entry(_mark(was, now), section or "正文", [Cell("文字", was, now)]))
    return entries


def _by_section(lines: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for section, text in lines:
        found.setdefault(section, []).append(text)
    return found


# -- tables ------------------------------------------------------------------

Row = Mapping[str, str]


def _table(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[list[Entry], int]:
    """Entries in the order of the new table, gone rows last."""
    name = after.get("name") or before.get("name") or ""
    number = next(iter(after.get("head") or before.get("head") or [""]))
    old, new = _named(before), _named(after)
    partner = _pairs(before, after, old, new)
    entries, unchanged = [], 0
    for index, row in enumerate(new):
        was = old[partner[index]] if index in partner else None
        cells = _cells(was or {}, row, number)
        if was is not None and not cells:
            unchanged += 1
        else:
            entries.append(Entry(ADDED if was is None else CHANGED, _name(row, name, index), cells))
    paired = set(partner.values())
    gone = [(index, row) for index, row in enumerate(old) if index not in paired]
    entries += [Entry(REMOVED, _name(row, name, index), _cells(row, {}, number)) for index, row in gone]
    return entries, unchanged


def _named(table: Mapping[str, Any]) -> list[Row]:
    return [dict(zip(table["head"], cells, strict=False)) for cells in table.get("rows", ())]


def _name(row: Row, name: str, index: int) -> str:
    return row.get(name) or f"第 {index + 1} 行"


def _cells(old: Row, new: Row, number: str) -> list[Cell]:
    labels = [*new, *(label for label in old if label not in new)]
    pairs = ((label, old.get(label, ""), new.get(label, "")) for label in labels if label != number)
    return [Cell(label, was, now) for label, was, now in pairs if was != now]


def _pairs(
    before: Mapping[str, Any], after: Mapping[str, Any], old: Sequence[Row], new: Sequence[Row]
) -> dict[int, int]:
    """Place in the new table → place in the old one."""
    places = {item: index for index, item in enumerate(before.get("ids") or [])}
    found = {i: places[item] for i, item in enumerate(after.get("ids") or []) if item in places}
    if before.get("ids") and after.get("ids"):
        return found
    free = dict(enumerate(old))
    for index, row in enumerate(new):
        best = max(free, key=lambda place: _likeness(free[place], row), default=None)
        if best is not None and _likeness(free[best], row) >= SIMILAR:
            found[index] = best
            del free[best]
    return found


def _likeness(old: Row, new: Row) -> float:
    """Share of the filled cells that say the same."""
    labels = [label for label in {*old, *new} if old.get(label) or new.get(label)]
    same = sum(old.get(label) == new.get(label) for label in labels)
    return same / len(labels) if labels else 0.0
