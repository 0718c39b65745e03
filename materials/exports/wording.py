"""用语词库 as a workbook with the columns its import reads."""

from collections.abc import Sequence

from materials.models import WordingEdition, WordingEntry
from studygroup.lib.office.excel import Sheet, workbook_bytes

HEAD = ["类别", "查找的词", "建议写法", "不提示的写法", "说明、依据", "从哪天起", "到哪天止", "来源"]
WIDTHS = [14, 36, 36, 30, 48, 14, 14, 14]


def wording_workbook(group_name: str, edition: WordingEdition, rows: Sequence[WordingEntry]) -> bytes:
    title = f"{group_name}用语词库（第{edition.number}版）"
    return workbook_bytes([Sheet("用语词库", title, HEAD, [_cells(row) for row in rows], WIDTHS)])


def _cells(row: WordingEntry) -> list[str]:
    return [
        str(row.get_sort_display()),
        row.found,
        row.advised,
        row.spared,
        row.note,
        row.valid_from.isoformat() if row.valid_from else "",
        row.valid_until.isoformat() if row.valid_until else "",
        "随系统提供" if row.is_shipped else "本组",
    ]
