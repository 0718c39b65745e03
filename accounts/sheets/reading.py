"""A batch read against what exists: every row of the sheet accounted for, every cell told in its own words."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from accounts.models import ImportBatch, ImportHeading
from accounts.sheets.description import (
    CHANGED,
    NEW,
    SAME,
    Description,
    Doubtful,
    Field,
    Problem,
    SheetCell,
    SheetRow,
    Wrong,
    description_of,
)
from accounts.sheets.parsers import flat
from studygroup.lib.tables import (
    Head,
    Table,
    band_of,
    find_head,
    headings_of,
    key_of,
    keys_of,
    propose,
    why_no_row,
)

A_YEAR = re.compile(r"(?<!\d)(20\d\d)\s*年")
DITTO = {"同上", "〃", '"', "″", "''", "同 上"}


def synonyms_of(fields: Sequence[Field], ignored: Mapping[str, str]) -> dict[str, str]:
    """Every name a column may have → its field, or "" for columns that are known and not needed."""
    found: dict[str, str] = {}
    for heading in ignored:
        found |= dict.fromkeys(keys_of(heading), "")
    for one in fields:
        for name in (one.label, *one.synonyms):
            found |= dict.fromkeys(keys_of(name), one.name)
    return found


@dataclass
class ReadSheet:
    """What a preview shows and a confirmation writes."""

    table: Table
    head: Head
    headings: list[str]
    columns: dict[int, Field]
    rows: list[SheetRow]
    problems: list[Problem]
    left_columns: list[tuple[str, str, str]]  # address, heading, why
    carried: Sequence[Field] = ()
    known: Any = field(repr=False, default=None)

    @cached_property
    def fields(self) -> list[Field]:
        """The mapped fields in the order of their columns, after what only rows between the others say."""
        mapped = {one.name: one for _, one in sorted(self.columns.items())}
        return list({one.name: one for one in (*self.carried, *mapped.values())}.values())

    @cached_property
    def wrong(self) -> list[SheetRow]:
        return [row for row in self.rows if not row.why_not and row.level == "error"]

    @cached_property
    def doubtful(self) -> list[SheetRow]:
        return [row for row in self.rows if not row.why_not and row.level == "warning"]

    def of_state(self, state: str) -> list[SheetRow]:
        return [row for row in self.rows if not row.why_not and row.level != "error" and row.state == state]

    @cached_property
    def left_out(self) -> list[SheetRow]:
        return [row for row in self.rows if row.why_not]

    @cached_property
    def good(self) -> list[SheetRow]:
        return [row for row in self.rows if not row.why_not and row.level != "error"]

    @property
    def blocks(self) -> list[Problem]:
        return [problem for problem in self.problems if problem.level == "error"]

    def counts(self) -> dict[str, int]:
        return {
            "rows": len(self.rows),
            NEW: len(self.of_state(NEW)),
            CHANGED: len(self.of_state(CHANGED)),
            SAME: len(self.of_state(SAME)),
            "wrong": len(self.wrong),
            "warned": len(self.doubtful),
            "left_out": len(self.left_out),
        }

    def digest(self) -> str:
        """Changes whenever what would be written changes."""
        told = [
            [
                row.place,
                row.why_not,
                row.state,
                row.facts.get("summary", ""),
                [[c.address, c.text, c.level, c.message, c.was] for c in row.cells.values()],
            ]
            for row in self.rows
        ]
        text = json.dumps([told, [p.message for p in self.problems]], ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()[:24]


def sheets_of(batch: ImportBatch) -> list[dict[str, Any]]:
    return batch.cells["sheets"]


def sheet_of(batch: ImportBatch) -> dict[str, Any]:
    return next((one for one in sheets_of(batch) if one["name"] == batch.sheet_name), sheets_of(batch)[0])


def description_for(batch: ImportBatch) -> Description:
    found = description_of(batch.kind)
    assert found is not None  # kinds are checked when a batch is made
    return found


def table_of(batch: ImportBatch) -> Table:
    """The chosen sheet, turned when people stand in its rows."""
    table = Table.plain(sheet_of(batch)["rows"])
    if batch.options.get("turned"):
        return description_for(batch).turn(table) or table
    return table


@dataclass(frozen=True)
class Layout:
    """What a first look at a sheet proposes."""

    is_turned: bool
    head: Head
    mapping: dict[int, str]


def look_at(
    sheet: Mapping[str, Any], description: Description, fields: Sequence[Field], remembered: Mapping[str, str]
) -> Layout:
    table = Table.plain(sheet["rows"])
    turned = description.turn(table) if description.may_turn else None
    return layout_of(turned or table, description, fields, remembered)


def layout_of(
    table: Table,
    description: Description,
    fields: Sequence[Field],
    remembered: Mapping[str, str],
    head: Head | None = None,
) -> Layout:
    synonyms = synonyms_of(fields, description.ignored)
    head = head or find_head(table.rows, synonyms)
    several = {one.name for one in fields if one.joins}
    mapping = propose(headings_of(table.rows, head), synonyms, remembered, several)
    return Layout(table.is_turned, head, mapping)


def remembered_headings(group_id: int, kind: str) -> dict[str, str]:
    rows = ImportHeading.objects.filter(group=group_id, kind=kind)
    return {key_of(heading): name for heading, name in rows.values_list("heading", "field")}


def all_fields(description: Description, options: Mapping[str, Any], known: Any) -> list[Field]:
    return [*description.fields(options), *description.more_fields(known)]


def read_batch(batch: ImportBatch) -> ReadSheet:
    """Read the whole sheet; the number of statements does not grow with its rows."""
    description = description_for(batch)
    known = description.load(batch.group, batch.options)
    fields = {one.name: one for one in all_fields(description, batch.options, known)}
    table = table_of(batch)
    head = Head(min(batch.options.get("head_first", 0), batch.head_rows), min(batch.head_rows, len(table.rows)))
    headings = headings_of(table.rows, head)
    columns = {int(c): fields[name] for c, name in batch.mapping.items() if name in fields and int(c) < len(headings)}
    by_choice = {int(column) for column, name in batch.mapping.items() if not name}
    left = _left_columns(table, head, headings, columns, description, by_choice)
    reader = _Rows(batch, description, table, head, headings, columns, known, fields)
    rows = reader.read()
    problems = _missing(description, columns)
    problems += _other_year(batch, table, head)
    if not any(problem.level == "error" for problem in problems):
        named = {address: heading for address, heading, why in left if why == LEFT_BY_NOBODY}
        problems += description.check(known, [row for row in rows if not row.why_not], named)
    return ReadSheet(table, head, headings, columns, rows, problems, left, reader.from_bands, known)


LEFT_BY_NOBODY = "没有对应的栏目"


def _left_columns(
    table: Table,
    head: Head,
    headings: Sequence[str],
    columns: Mapping[int, Field],
    description: Description,
    by_choice: set[int],
) -> list[tuple[str, str, str]]:
    known = {key: why for heading, why in description.ignored.items() for key in keys_of(heading)}
    found = []
    for column, heading in enumerate(headings):
        if column in columns or not any(row[column] for row in table.rows[head.after :]):
            continue
        otherwise = "您选择不导入" if column in by_choice else LEFT_BY_NOBODY
        why = next((known[key] for key in keys_of(heading) if key in known), otherwise)
        number = table.column_numbers[column]
        address = f"第 {number} 行" if table.is_turned else table.address(0, column).rstrip("0123456789") + " 列"
        found.append((address, heading or "（没有表头）", why))
    return found


def _missing(description: Description, columns: Mapping[int, Field]) -> list[Problem]:
    missing = description.missing_columns({one.name for one in columns.values()})
    return [Problem("error", f"还没有对应“{label}”的列，请点“列的对应”选择。") for label in missing]


def _other_year(batch: ImportBatch, table: Table, head: Head) -> list[Problem]:
    """A title that names another year than the one chosen."""
    chosen = batch.options.get("year")
    above = [batch.sheet_name, *(text for row in table.rows[: head.first] for text in row)]
    named = {year for text in above for year in A_YEAR.findall(text)}
    if not chosen or not named or chosen in named:
        return []
    years = "、".join(f"{year}年" for year in sorted(named))
    return [Problem("warning", f"表的标题写的是{years}，选的是{chosen}年，请核对。")]


class _Rows:
    """Walks down the sheet, remembering what blank cells carry on."""

    def __init__(
        self,
        batch: ImportBatch,
        description: Description,
        table: Table,
        head: Head,
        headings: Sequence[str],
        columns: Mapping[int, Field],
        known: Any,
        fields: Mapping[str, Field],
    ) -> None:
        self.description, self.table, self.head, self.headings, self.known = description, table, head, headings, known
        self.by_field: dict[str, list[int]] = {}
        for column, one in sorted(columns.items()):
            self.by_field.setdefault(one.name, []).append(column)
        self.fields = fields
        self.from_bands: list[Field] = []
        self.carried_rows = set() if table.is_turned else set(sheet_of(batch).get("carried", ()))
        self.skipped = set(batch.options.get("skipped", ()))
        self.above: dict[str, str] = {}

    def read(self) -> list[SheetRow]:
        return [self._row(place, texts) for place, texts in enumerate(self.table.rows)]

    def _row(self, place: int, texts: Sequence[str]) -> SheetRow:
        row = SheetRow(place, self.table.row_name(place), texts, self._why_not(place, texts))
        if row.why_not:
            return row
        for name, columns in self.by_field.items():
            row.cells[name] = self._cell(place, self.fields[name], columns, texts)
        for one in self.from_bands:
            row.cells[one.name] = self._cell(place, one, [], texts)
        return row

    def _why_not(self, place: int, texts: Sequence[str]) -> str:
        if place < self.head.first and any(texts):
            return "不是日期的列" if self.table.is_turned else "标题"
        if place < self.head.first:
            return "空行"
        if place < self.head.after:
            return "表头"
        number = self.table.row_numbers[place]
        if why := why_no_row(texts, self.headings):
            return why
        if number in self.skipped:
            return "您选择不导入"
        if number in self.carried_rows:
            return "与上一行是同一些合并单元格"
        band = band_of(texts)
        stands_alone = band and (texts.count(band) > 1 or self._goes_on(place, texts.index(band)))
        if stands_alone and (self._is_band(band) or texts.count(band) > 2):
            return "小标题"
        if self.by_field and not any(texts[column] for columns in self.by_field.values() for column in columns):
            return "对应的各列都是空的"
        return ""

    def _goes_on(self, place: int, column: int) -> bool:
        """Under a cell that stands alone in its row come rows without it."""
        below = self.table.rows[place + 1] if place + 1 < len(self.table.rows) else []
        is_other = not any(column in columns for columns in self.by_field.values())
        return is_other or (any(below) and not below[column])

    def _is_band(self, text: str) -> bool:
        """A row between the others that says something for those below it: “三月份”."""
        told = self.description.band(text)
        self.above |= told
        for name in told:
            if name not in self.by_field and self.fields[name] not in self.from_bands:
                self.from_bands.append(self.fields[name])
        return bool(told)

    def _cell(self, place: int, one: Field, columns: Sequence[int], texts: Sequence[str]) -> SheetCell:
        parts = [texts[column] for column in columns if texts[column]]
        text = (one.joins or " ").join(dict.fromkeys(parts))
        column = next((column for column in columns if texts[column]), columns[0] if columns else 0)
        cell = SheetCell(self.table.address(place, column), text)
        if flat(text) in DITTO or (not text and one.carries):
            text, cell.is_carried = self.above.get(one.name, ""), True
        if one.carries and text:
            self.above[one.name] = text
        if not text:
            if one.required:
                cell.level, cell.message = "error", f"请填写{one.label}。"
            return cell
        if text.startswith("#"):
            cell.level, cell.message = "error", f"这一格的公式没有结果（{text}），请在表格里核对，或直接填写。"
            return cell
        try:
            value = one.parse(text, self.known)
        except Wrong as wrong:
            cell.level, cell.message = "error", str(wrong)
            return cell
        if isinstance(value, Doubtful):
            cell.level, cell.message = "warning", value.why
            value = value.value
        cell.value = value
        return cell
