"""Workbooks of the importer: empty templates, and the rows that could not be imported with their reasons."""

from collections.abc import Mapping
from typing import Any

from accounts.sheets.description import Description
from accounts.sheets.reading import ReadSheet
from studygroup.lib.office.excel import Sheet, workbook_bytes


def template_workbook(description: Description, options: Mapping[str, Any]) -> bytes:
    """Head, one example row that the importer leaves out, and how to fill it in."""
    fields = description.fields(options)
    example = [field.example for field in fields]
    example[0] = f"示例：{example[0]}"
    widths = [max(10, 2 * len(field.label) + 4, min(40, 2 * len(field.example))) for field in fields]
    required = "、".join(field.label for field in fields if field.required) or "表头"
    note = f"{description.note}　必填：{required}。标“示例”的行不会导入，可以删去。"
    main = Sheet(description.label, f"{description.label}导入表", [field.label for field in fields], [example], widths)
    names = [[field.label, "是" if field.required else "", "、".join(field.synonyms)] for field in fields]
    guide = Sheet("说明", "各列的说明", ["栏目", "必填", "也可以写成"], names, [22, 8, 80], note)
    return workbook_bytes([main, guide])


def wrong_rows_workbook(sheet: ReadSheet, title: str) -> bytes:
    """The wrong rows as they stand in the sheet, with their place and what is wrong."""
    head = ["位置", "问题", *sheet.headings]
    rows = [
        [
            f"第 {row.name}",
            "\n".join(f"{cell.address}　{cell.message}" for cell in row.cells.values() if cell.level == "error"),
            *row.texts,
        ]
        for row in sheet.wrong
    ]
    return workbook_bytes([Sheet("要改的行", title, head, rows, [10, 50, *([16] * len(sheet.headings))])])
