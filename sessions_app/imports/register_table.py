"""A register with people down and days across, read as one with sessions down."""

import re
from collections.abc import Sequence

from studygroup.lib.tables import Table, key_of

NAME_HEADS = {key_of(name) for name in ("姓名", "名字", "人员", "参会人员", "参加人员", "成员姓名", "成员")}
A_DAY = re.compile(r"\d{1,2}\s*[月./-]\s*\d{1,2}|20\d{6}")


def turned_register(table: Table) -> Table | None:
    """People down, days across → sessions down. None when there is no 姓名 above a column and no two days beside it."""
    found = _corner(table.rows)
    if found is None:
        return None
    row, column, first = found
    days = [c for c in range(len(table.rows[0])) if c > column and any(_is_day(table.rows[r][c]) for r in range(first))]
    day_row = max(range(first), key=lambda r: sum(_is_day(table.rows[r][c]) for c in days))
    heads = [
        day_row,
        *(r for r in range(min(day_row, row), first) if r != day_row and _tells(table.rows[r], days)),
    ]
    people = list(range(first, len(table.rows)))
    others = [c for c in range(len(table.rows[0])) if c not in days and c != column]
    lines = [[table.rows[r][c] for r in (*heads, *people)] for c in (*others, column, *days)]
    names = ["日期", "主题", "内容", "形式", "地点"]
    lines[len(others)][: len(heads)] = [names[min(n, 4)] for n in range(len(heads))]
    numbers = [table.column_numbers[c] for c in (*others, column, *days)]
    return Table(lines, numbers, [table.row_numbers[r] for r in (*heads, *people)], True)


def _corner(rows: Sequence[Sequence[str]]) -> tuple[int, int, int] | None:
    """Where 姓名 stands, and the first row of people below it; two days or more stand beside it."""
    for r, row in enumerate(rows[:12]):
        for c, cell in enumerate(row[:8]):
            if key_of(cell) not in NAME_HEADS:
                continue
            above = range(max(0, r - 3), r + 1)
            below = range(r + 1, min(len(rows), r + 4))
            near = [*above, *(n for n in below if not rows[n][c] or key_of(rows[n][c]) in NAME_HEADS)]
            if max(sum(_is_day(text) for text in rows[n][c + 1 :]) for n in near) < 2:
                continue
            last_day = max(n for n in near if sum(_is_day(text) for text in rows[n][c + 1 :]) >= 2)
            for first in range(max(r, last_day) + 1, len(rows)):
                if rows[first][c] and key_of(rows[first][c]) not in NAME_HEADS:
                    return r, c, first
    return None


def _is_day(text: str) -> bool:
    return len(text) <= 24 and A_DAY.search(text) is not None


def _tells(row: Sequence[str], days: Sequence[int]) -> bool:
    """A head row that says something about each session, e.g. its topic; not one merged over all of them."""
    said = [row[c] for c in days if row[c]]
    return len(set(said)) > 1 and not all(text.isdigit() for text in said)
