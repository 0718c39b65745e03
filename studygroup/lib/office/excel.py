"""Excel 工作簿 from plain rows. Every cell is typed text or a number: a name starting with `=` stays a name."""

import io
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter

from studygroup.lib.office.characters import legal

_SHEET_FORBIDDEN = re.compile(r"[\\/*?:\[\]]")
_LINE = Side(style="thin", color="999999")
_BORDER = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_TITLE = Font(name="黑体", size=16)
_HEAD = Font(name="黑体", size=11)
_BODY = Font(name="宋体", size=11)
_HEAD_FILL = PatternFill("solid", fgColor="F2F2F2")


@dataclass(frozen=True)
class Sheet:
    """One worksheet: a title line, a head row and rows of text or numbers. Widths are in characters."""

    name: str
    title: str
    head: Sequence[str]
    rows: Iterable[Sequence[object]]
    widths: Sequence[int]
    note: str = ""


def clean(value: object) -> str | int | float:
    """Numbers up to 15 digits stay numbers; everything else becomes text a worksheet can hold."""
    if isinstance(value, bool) or value is None:
        return "" if value is None else ("是" if value else "否")
    if isinstance(value, (int, float)) and abs(value) < 10**15:
        return value
    return legal(str(value))[:32_000]


def workbook_bytes(sheets: Sequence[Sheet]) -> bytes:
    book = Workbook(write_only=True)
    for sheet in sheets:
        _write(book, sheet)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _write(book: Workbook, sheet: Sheet) -> None:
    page = book.create_sheet(_SHEET_FORBIDDEN.sub(" ", sheet.name)[:31])
    page.freeze_panes = "A3"
    page.page_setup.paperSize = 9  # A4
    page.page_setup.orientation = "landscape"
    page.page_setup.fitToHeight = 0
    page.sheet_properties.pageSetUpPr.fitToPage = True
    page.print_title_rows = "1:2"
    for index, width in enumerate(sheet.widths, start=1):
        page.column_dimensions[get_column_letter(index)].width = width

    def cell(value: object, font: Font, *, wrap: bool = True, **style: object) -> WriteOnlyCell:
        cleaned = clean(value)
        made = WriteOnlyCell(page, value=cleaned)
        if isinstance(cleaned, str):
            made.data_type = "s"  # never a formula
            made.number_format = "@"
        made.font = font
        made.alignment = Alignment(vertical="center", wrap_text=wrap)
        for name, setting in style.items():
            setattr(made, name, setting)
        return made

    page.row_dimensions[1].height = 30
    page.row_dimensions[2].height = 22
    page.append([cell(sheet.title, _TITLE, wrap=False)])
    page.append([cell(text, _HEAD, border=_BORDER, fill=_HEAD_FILL) for text in sheet.head])
    for number, row in enumerate(sheet.rows, start=3):
        page.row_dimensions[number].height = _height(row, sheet.widths)
        page.append([cell(value, _BODY, border=_BORDER) for value in row])
    if sheet.note:
        page.append([])
        page.append([cell(sheet.note, _BODY, wrap=False)])


def _height(row: Sequence[object], widths: Sequence[int]) -> float:
    """Points a row needs: office programs do not grow rows of a written file by themselves."""
    lines = 1
    for value, width in zip(row, widths, strict=False):
        if isinstance(value, str):
            lines = max(lines, sum(-(-_width(line) // max(width - 1, 1)) or 1 for line in value.split("\n")))
    return min(6 + 15 * lines, 400)


def _width(text: str) -> int:
    """Width in characters of a Western digit; Chinese ones count two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WFA" else 1 for character in text)
