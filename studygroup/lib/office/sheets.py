"""A table somebody sends in, from a workbook or pasted, as plain rows of text."""

from dataclasses import dataclass
from pathlib import Path

from studygroup.lib.errors import Refused
from studygroup.lib.office.child import run_reader

READER = Path(__file__).with_name("xlsx_reader.py")
MAX_ROWS, MAX_COLUMNS, MAX_PASTED = 5000, 200, 2_000_000
SAVE_AS = (
    "请用 Excel 或 WPS 打开，点“文件—另存为”，类型选“Excel 工作簿（*.xlsx）”，再上传；也可以选中表格复制，直接粘贴。"
)


@dataclass(frozen=True)
class Grid:
    """One sheet. `carried` are the numbers (from 1) of rows made only of cells merged with those above."""

    name: str
    rows: list[list[str]]
    carried: tuple[int, ...] = ()


def refuse_other_tables(file_name: str) -> None:
    """Tables of other programs are refused with the way to save them anew."""
    extension = file_name.rpartition(".")[2].lower()
    if extension in ("xls", "et", "csv", "ods", "numbers", "xlsm", "xlsb", "wps"):
        raise Refused(f"“.{extension}”文件不能直接导入。{SAVE_AS}")
    if extension != "xlsx":
        raise Refused(f"请选择 .xlsx 表格文件。{SAVE_AS}")


def read_workbook(data: bytes) -> list[Grid]:
    """The sheets that say something. Raises Refused, within ten seconds, for whatever cannot be read."""
    answer = run_reader(
        READER,
        data,
        slow="表格太复杂，没有在规定的时间内读完。请只保留要导入的工作表，另存后再试。",
        died="表格太大或太复杂，没有读取。请只保留要导入的工作表，另存后再试。",
    )
    if not answer["sheets"]:
        raise Refused("这个文件的工作表都是空的，请检查后重新选择。")
    return [Grid(sheet["name"], sheet["rows"], tuple(sheet["carried"])) for sheet in answer["sheets"]]


def read_paste(text: str) -> Grid:
    """Cells copied in Excel or WPS: tabs between cells; a cell with line breaks stands in quotes."""
    if len(text) > MAX_PASTED:
        raise Refused("粘贴的内容太多，请分几次粘贴，或上传 .xlsx 文件。")
    rows = [[cell.strip() for cell in row] for row in _cells(text.replace("\r\n", "\n").replace("\r", "\n"))]
    while rows and not any(rows[-1]):
        rows.pop()
    if not rows:
        raise Refused("请先选择文件，或把表格粘贴到框里。")
    width = max(len(row) for row in rows)
    if len(rows) > MAX_ROWS or width > MAX_COLUMNS:
        raise Refused(f"一次最多 {MAX_ROWS} 行、{MAX_COLUMNS} 列，请分几次导入。")
    return Grid("", [row + [""] * (width - len(row)) for row in rows])


def _cells(text: str) -> list[list[str]]:
    rows: list[list[str]] = [[]]
    at = 0
    while at <= len(text):
        cell, at = _quoted(text, at) or _bare(text, at)
        rows[-1].append(cell)
        if at < len(text) and text[at] == "\n":
            rows.append([])
        at += 1
    return rows


def _bare(text: str, at: int) -> tuple[str, int]:
    ends = [end for end in (text.find("\t", at), text.find("\n", at)) if end >= 0]
    end = min(ends, default=len(text))
    return text[at:end], end


def _quoted(text: str, at: int) -> tuple[str, int] | None:
    """A cell in quotes and where it ends. Quotes that are part of a title (“"初心"主题”) are no such cell."""
    if not text.startswith('"', at):
        return None
    end = at + 1
    while (end := text.find('"', end)) >= 0 and text.startswith('""', end):
        end += 2
    if end < 0 or (end + 1 < len(text) and text[end + 1] not in "\t\n"):
        return None
    inside = text[at + 1 : end]
    if not any(mark in inside for mark in ('""', "\n", "\t")):
        return None
    return inside.replace('""', '"'), end + 1
