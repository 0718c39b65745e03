"""导入: a sheet is taken in, its columns named, its cells mended, confirmed in one stroke, and taken back.

Nothing but the batch itself is written before `confirm`.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from accounts.actions.people import require
from accounts.models import ImportBatch, ImportHeading, StudyGroup, User
from accounts.models.imports import ImportState
from accounts.sheets.description import Description
from accounts.sheets.reading import (
    LEFT_BY_NOBODY,
    ReadSheet,
    all_fields,
    description_for,
    headings_of,
    layout_of,
    look_at,
    read_batch,
    remembered_headings,
    sheet_of,
    sheets_of,
    table_of,
)
from accounts.sheets.trace import Trace
from studygroup.lib import audit
from studygroup.lib.errors import Overtaken, Refused
from studygroup.lib.office.sheets import Grid
from studygroup.lib.tables import Head, Table, key_of

MOST_CELL_TEXT = 4000


@transaction.atomic
def start_import(
    *,
    description: Description,
    group: StudyGroup,
    grids: Sequence[Grid],
    file_name: str,
    options: Mapping[str, Any],
    by: User,
    at: datetime,
    sheet: str = "",
) -> ImportBatch:
    """Keep what was read and propose sheet, head and columns. `sheet` chooses one of several by name."""
    require(by, description.permission, group.pk)
    known = description.load(group, options)
    fields = all_fields(description, options, known)
    remembered = remembered_headings(group.pk, description.slug)
    sheets = [{"name": g.name, "rows": g.rows, "carried": list(g.carried)} for g in grids]
    if sheet:
        named = [one for one in sheets if one["name"] == sheet]
        if not named:
            raise Refused(f"没有名为“{sheet}”的工作表。现有：{'、'.join(str(one['name']) for one in sheets)}。")
        sheets = named
    layouts = [look_at(one, description, fields, remembered) for one in sheets]
    best = max(range(len(sheets)), key=lambda number: (len(set(layouts[number].mapping.values())), -number))
    layout = layouts[best]
    told = {**options, "turned": layout.is_turned, "head_first": layout.head.first}
    batch = ImportBatch.objects.create(
        group=group,
        kind=description.slug,
        file_name=file_name[:150],
        sheet_name=sheets[best]["name"],
        options=told,
        cells={"sheets": sheets, "mended": {}},
        head_rows=layout.head.after,
        mapping={str(column): name for column, name in layout.mapping.items()},
        created_by=by,
        created_at=at,
    )
    audit.record("import.start", target=batch, by=by, at=at, group_id=group.pk, kind=batch.kind, file=batch.file_name)
    return batch


def is_plain(sheet: ReadSheet, batch: ImportBatch) -> bool:
    """The proposal leaves nothing to ask: every column is understood and there is one sheet."""
    unknown = [heading for _, heading, why in sheet.left_columns if why == LEFT_BY_NOBODY]
    return len(sheets_of(batch)) == 1 and not unknown and not sheet.problems


@transaction.atomic
def choose_layout(
    *, batch: ImportBatch, sheet_name: str, turned: bool, head: Head | None, seen_version: int, by: User, at: datetime
) -> None:
    """Another sheet, other head rows, people down instead of across: the columns are proposed anew."""
    _must_be_open(batch, by)
    description = description_for(batch)
    batch.sheet_name = sheet_name
    batch.options = {**batch.options, "turned": turned, "skipped": []}
    table = table_of(batch)
    known = description.load(batch.group, batch.options)
    fields = all_fields(description, batch.options, known)
    remembered = remembered_headings(batch.group_id, batch.kind)
    head = head and Head(min(head.first, len(table.rows) - 1), min(head.after, len(table.rows)))
    layout = layout_of(table, description, fields, remembered, head)
    batch.options |= {"turned": layout.is_turned, "head_first": layout.head.first}
    _store(
        batch,
        seen_version,
        sheet_name=sheet_name,
        options=batch.options,
        head_rows=layout.head.after,
        mapping={str(column): name for column, name in layout.mapping.items()},
    )


@transaction.atomic
def map_columns(*, batch: ImportBatch, mapping: Mapping[int, str], seen_version: int, by: User, at: datetime) -> None:
    """Say which column is which field, and remember it for the next sheet with these headings."""
    _must_be_open(batch, by)
    description = description_for(batch)
    fields = {f.name: f for f in all_fields(description, batch.options, description.load(batch.group, batch.options))}
    mapping = {column: name for column, name in mapping.items() if column >= 0 and (name in fields or not name)}
    chosen = {str(column): name for column, name in mapping.items()}
    for name in set(chosen.values()) - {""}:
        if list(chosen.values()).count(name) > 1 and not fields[name].joins:
            raise Refused(f"“{fields[name].label}”只能对应一列，请核对。")
    _store(batch, seen_version, mapping=chosen)
    _remember(batch, mapping)


def _remember(batch: ImportBatch, mapping: Mapping[int, str]) -> None:
    table = table_of(batch)
    head = Head(batch.options.get("head_first", 0), batch.head_rows)
    headings = headings_of(table.rows, head)
    known = set(ImportHeading.objects.filter(group=batch.group, kind=batch.kind).values_list("heading", "field"))
    for column, name in mapping.items():
        heading = key_of(headings[column])[:100] if column < len(headings) else ""
        if heading and (heading, name) not in known:
            ImportHeading.objects.update_or_create(
                group=batch.group, kind=batch.kind, heading=heading, defaults={"field": name}
            )


@transaction.atomic
def mend(
    *,
    batch: ImportBatch,
    cells: Mapping[str, str],
    skipped: Sequence[int],
    unskipped: Sequence[int],
    seen_version: int,
    by: User,
    at: datetime,
) -> int:
    """Write over cells of the sheet as read, by their address, and leave rows out or take them in again. Returns how
    many cells changed."""
    _must_be_open(batch, by)
    rows = sheet_of(batch)["rows"]
    places = _places(Table.plain(rows))
    changed = 0
    for address, text in cells.items():
        if address not in places:
            continue
        row, column = places[address]
        text = text.replace("\r\n", "\n").replace("\x00", "").strip()[:MOST_CELL_TEXT]
        if rows[row][column] != text:
            batch.cells["mended"].setdefault(address, rows[row][column])
            rows[row][column] = text
            changed += 1
    out = (set(batch.options.get("skipped", ())) | set(skipped)) - set(unskipped)
    _store(batch, seen_version, cells=batch.cells, options={**batch.options, "skipped": sorted(out)})
    return changed


def _places(table: Table) -> dict[str, tuple[int, int]]:
    return {
        table.address(row, column): (row, column)
        for row in range(len(table.rows))
        for column in range(len(table.rows[0]))
    }


def confirm(
    *, batch: ImportBatch, by: User, at: datetime, seen: str | None = None, leave_wrong: bool = False
) -> ImportBatch:
    """Write the good rows, all or none. Pressed twice it happens once.

    `seen` is the digest of the preview he looked at: when something has changed since, he looks again. Rows with
    errors must be left out knowingly.
    """
    with transaction.atomic():
        stored = ImportBatch.objects.select_for_update().select_related("group").get(pk=batch.pk)
        if stored.state == ImportState.CONFIRMED:
            return stored
        _must_be_open(stored, by)
        sheet = read_batch(stored)
        if seen is not None and sheet.digest() != seen:
            raise Overtaken("核对之后情况有了变化（别人修改过计划、名单或登记），还没有导入。请再看一遍预览。")
        if sheet.blocks:
            raise Refused(sheet.blocks[0].message)
        if sheet.wrong and not leave_wrong:
            raise Refused(f"还有 {len(sheet.wrong)} 行有错，没有导入。请改正，或勾选“有错的行不导入”。")
        if not sheet.good:
            raise Refused("没有可以导入的行。请核对表头和列的对应。")
        trace = Trace()
        description_for(stored).write(sheet.known, sheet.good, trace=trace, by=by, at=at)
        counts: dict[str, Any] = sheet.counts()
        ImportBatch.objects.filter(pk=stored.pk).update(
            state=ImportState.CONFIRMED,
            confirmed_at=at,
            written=trace.entries(),
            counts=counts,
            version=F("version") + 1,
        )
        audit.record(
            "import.confirm", target=stored, by=by, at=at, group_id=stored.group_id, kind=stored.kind, **counts
        )
    stored.refresh_from_db()
    return stored


def undo(*, batch: ImportBatch, by: User, at: datetime) -> None:
    """撤销: the database as it was before. Refused when somebody has gone on with what was imported."""
    with transaction.atomic():
        stored = ImportBatch.objects.select_for_update().get(pk=batch.pk)
        require(by, description_for(stored).permission, stored.group_id)
        if stored.state == ImportState.UNDONE:
            return
        if stored.state != ImportState.CONFIRMED:
            raise Refused("这一批还没有导入，不需要撤销。")
        description_for(stored).take_back(stored, by=by, at=at)
        ImportBatch.objects.filter(pk=stored.pk).update(
            state=ImportState.UNDONE, undone_at=at, version=F("version") + 1
        )
        audit.record(
            "import.undo",
            target=stored,
            by=by,
            at=at,
            group_id=stored.group_id,
            kind=stored.kind,
            rows=len(stored.written),
        )


@transaction.atomic
def abandon(*, batch: ImportBatch, by: User, at: datetime) -> None:
    """放弃: nothing was written; the cells are not kept."""
    _must_be_open(batch, by)
    moved = ImportBatch.objects.filter(pk=batch.pk, state=ImportState.PREVIEW).update(
        state=ImportState.ABANDONED, cells={"sheets": [], "mended": {}}, version=F("version") + 1
    )
    if not moved:
        raise Overtaken("这一批刚刚已经导入，不能再放弃。如果导错了，请点“撤销这一批”。")
    audit.record("import.abandon", target=batch, by=by, at=at, group_id=batch.group_id, kind=batch.kind)


def _must_be_open(batch: ImportBatch, by: User) -> None:
    require(by, description_for(batch).permission, batch.group_id)
    if batch.state != ImportState.PREVIEW:
        raise Refused(f"这一批{ImportState(batch.state).label}，不能再改。请重新上传一次。")


def _store(batch: ImportBatch, seen_version: int, **values: Any) -> None:
    rows = ImportBatch.objects.filter(pk=batch.pk, state=ImportState.PREVIEW, version=seen_version)
    if not rows.update(**values, version=seen_version + 1):
        raise Overtaken("这一批刚刚在另一个窗口里改过，您的改动还没有保存。请看过最新的预览再改。")
