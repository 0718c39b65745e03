"""Workbooks as different programs make them, built in code."""

import io
import zipfile
from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape

from openpyxl import Workbook

TYPES = (
    '<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/></Types>'
)
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def by_openpyxl(
    rows: Sequence[Sequence[Any]], merges: Sequence[str] = (), title: str = "Sheet1", **formats: str
) -> bytes:
    """Rows from A1 on; `formats` gives single cells a number format: B3="yyyy\\"年\\"m\\"月\\""."""
    book = Workbook()
    page = book.active
    page.title = title
    for row in rows:
        page.append(list(row))
    for address, code in formats.items():
        page[address].number_format = code
    for merge in merges:
        page.merge_cells(merge)
    return saved(book)


def saved(book: Workbook) -> bytes:
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def by_hand(
    sheet: str,
    *,
    strings: str = "",
    styles: str = "",
    book: str = "",
    rels: str = "",
    names: Sequence[str] = ("Sheet1",),
) -> bytes:
    """A package of hand-written parts: `sheet` is the whole XML of the first worksheet."""
    sheets = "".join(f'<sheet name="{escape(n)}" sheetId="{i}" r:id="rId{i}"/>' for i, n in enumerate(names, 1))
    book = book or f'<workbook xmlns="{MAIN}" xmlns:r="{REL}"><sheets>{sheets}</sheets></workbook>'
    rels = rels or (
        f'<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" Type="x" Target="worksheets/sheet1.xml"/>'
        '<Relationship Id="rId8" Type="x" Target="sharedStrings.xml"/>'
        '<Relationship Id="rId9" Type="x" Target="styles.xml"/></Relationships>'
    )
    parts = {
        "[Content_Types].xml": TYPES,
        "xl/workbook.xml": book,
        "xl/_rels/workbook.xml.rels": rels,
        "xl/worksheets/sheet1.xml": sheet,
    }
    if strings:
        parts["xl/sharedStrings.xml"] = strings
    if styles:
        parts["xl/styles.xml"] = styles
    return zipped(parts)


def zipped(parts: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return buffer.getvalue()


def worksheet(rows: str, after: str = "") -> str:
    return f'<?xml version="1.0"?><worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData>{after}</worksheet>'
