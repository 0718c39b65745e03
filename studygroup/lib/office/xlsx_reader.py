"""A stranger's .xlsx from standard input to JSON on standard output, run as a program of its own by `sheets.read`.

Only the standard library and expat: it starts in a moment, understands what Excel, WPS and LibreOffice really write,
and whatever a file does to it happens in a process with little memory and little time.
"""

import io
import json
import re
import resource
import struct
import sys
import zipfile
import zlib
from typing import Any
from xml.parsers import expat

from package_parts import Refused, nothing, parse, relations
from xlsx_numbers import shown
from xlsx_parts import MAX_TEXT, Strings, number, refuse_endless, shared_strings, styles

MAX_ROWS, MAX_COLUMNS, MAX_CELLS, MAX_SHEETS = 5000, 200, 300_000, 30
MAX_MERGES = 50_000
MEMORY_BYTES, CPU_SECONDS = 512 * 1024 * 1024, 8

NO_RESULT = "#公式无结果"
REFERENCE = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})")


def place(reference: str) -> tuple[int, int] | None:
    """“B7” → (7, 2)."""
    found = REFERENCE.fullmatch(reference.replace("$", ""))
    if not found:
        return None
    column = 0
    for letter in found[1].upper():
        column = column * 26 + ord(letter) - 64
    return int(found[2]), column


class SheetReader:
    """One worksheet as rows of text. Rows and columns count from 1."""

    def __init__(self, strings: list[str], formats: list[str], is_1904: bool, budget: dict[str, int]) -> None:
        self.strings, self.formats, self.is_1904, self.budget = strings, formats, is_1904, budget
        self.cells: dict[int, dict[int, str]] = {}
        self.merges: list[tuple[int, int, int, int]] = []
        self.row = self.column = self.length = 0
        self.type = self.style = ""
        self.has_formula = False
        self.value: list[str] = []
        self.in_value = False
        self.inline = Strings()

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "c":
            found = place(attributes.get("r", ""))
            self.column = found[1] if found else self.column + 1
            self.type, self.style = attributes.get("t", "n"), attributes.get("s", "0")
            self.has_formula, self.value, self.length = False, [], 0
        elif tag == "v":
            self.in_value = True
        elif tag == "row":
            self.row = number(attributes.get("r")) or self.row + 1
            self.column = 0
        elif tag == "f":
            self.has_formula = True
        elif tag == "mergeCell":
            self.merge(attributes.get("ref", ""))
        else:
            self.inline.start(tag)

    def end(self, tag: str) -> None:
        if tag == "v":
            self.in_value = False
        elif tag == "c":
            self.keep()
        else:
            self.inline.end(tag)

    def said(self, data: str) -> None:
        if self.in_value:
            self.value.append(data)
            self.length += len(data)
            refuse_endless(self.length)
        else:
            self.inline.said(data)

    def keep(self) -> None:
        raw = "".join(self.value)
        if self.type == "inlineStr":
            text = self.inline.take()
        elif self.type == "s":
            index = number(raw.strip())
            text = self.strings[index] if raw.strip() and index < len(self.strings) else ""
        elif self.type == "b":
            text = {"1": "是", "0": "否"}.get(raw.strip(), "")
        elif self.type == "d":
            text = raw.strip().replace("T", " ").removesuffix(" 00:00:00")[:16]
        elif self.type in ("str", "e"):
            text = raw
        else:
            index = number(self.style)
            code = self.formats[index] if index < len(self.formats) else ""
            text = shown(raw.strip(), code, self.is_1904) if raw.strip() else ""
        if not text and not raw and self.has_formula:
            text = NO_RESULT
        text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "").replace("\xa0", " ").strip()
        if text:
            self.put(self.row, self.column, text)

    def put(self, row: int, column: int, text: str) -> None:
        if row > MAX_ROWS:
            raise Refused(f"表格超过 {MAX_ROWS} 行，没有读取。请分成几张表导入。")
        if column > MAX_COLUMNS:
            raise Refused(f"表格超过 {MAX_COLUMNS} 列，没有读取。请删去多余的列后再试。")
        self.budget["cells"] -= 1
        self.budget["text"] -= len(text)
        if self.budget["cells"] < 0 or self.budget["text"] < 0:
            raise Refused("表格内容太多，没有读取。请只保留要导入的工作表，或分成几张表导入。")
        self.cells.setdefault(row, {})[column] = text

    def merge(self, reference: str) -> None:
        first, _, last = reference.partition(":")
        start, stop = place(first), place(last or first)
        if start and stop and start[0] <= MAX_ROWS and start[1] <= MAX_COLUMNS:
            self.merges.append((start[0], start[1], stop[0], stop[1]))
            if len(self.merges) > MAX_MERGES:
                raise Refused("表格里的合并单元格太多，没有读取。请取消多余的合并后再试。")

    def result(self) -> dict[str, Any]:
        """Rows of equal length without empty ones at the end; merged cells say what their first cell says."""
        last = max(self.cells, default=0)
        width = max((max(row) for row in self.cells.values()), default=0)
        own = {row: set(columns) for row, columns in self.cells.items()}
        carried: dict[int, set[int]] = {}
        for top, left, bottom, right in self.merges:
            text = self.cells.get(top, {}).get(left, "")
            if not text:
                continue
            # A merge may reach below the last row that says something itself, but not for ever.
            bottom = min(bottom, max(last, top + 60), MAX_ROWS)
            for row in range(top, bottom + 1):
                for column in range(left, min(right, max(width, left)) + 1):
                    if column not in self.cells.get(row, {}):
                        self.put(row, column, text)
                    if row > top:
                        carried.setdefault(row, set()).add(column)
        last = max(self.cells, default=0)
        rows = [
            [self.cells.get(row, {}).get(column, "") for column in range(1, width + 1)] for row in range(1, last + 1)
        ]
        whole = [row for row, columns in carried.items() if not own.get(row, set()) - columns]
        return {"rows": rows, "carried": sorted(row for row in whole if row <= last)}


def read(data: bytes) -> list[dict[str, Any]]:
    """Every visible or hidden worksheet that says something: name, rows, carried (rows all of merged cells)."""
    package = zipfile.ZipFile(io.BytesIO(data))
    book = "xl/workbook.xml"
    sheets: list[tuple[str, str]] = []
    is_1904 = False

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal is_1904
        if tag == "workbookPr":
            is_1904 = attributes.get("date1904", "").lower() in ("1", "true", "on")
        elif tag == "sheet":
            ids = [value for name, value in attributes.items() if name.rpartition(":")[2] == "id" and ":" in name]
            sheets.append((attributes.get("name", "")[:60], ids[0] if ids else ""))

    parse(package, book, start, nothing, nothing)
    parts, names = relations(package, book), set(package.namelist())

    def part_named(word: str) -> str:
        return next((part for part in parts.values() if part.lower().endswith(word) and part in names), "")

    strings_part, styles_part = part_named("sharedstrings.xml"), part_named("styles.xml")
    strings = shared_strings(package, strings_part) if strings_part else []
    formats = styles(package, styles_part) if styles_part else []
    budget = {"cells": MAX_CELLS, "text": MAX_TEXT}
    found = []
    for name, relation in sheets[:MAX_SHEETS]:
        part = parts.get(relation, "")
        if part not in names or "worksheets" not in part:
            continue
        reader = SheetReader(strings, formats, is_1904, budget)
        parse(package, part, reader.start, reader.end, reader.said)
        if reader.cells:
            found.append({"name": name, **reader.result()})
    return found


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    broken = "文件已损坏或不是真正的 .xlsx，没有读取。请用 Excel 或 WPS 打开后另存为 .xlsx 再试。"
    try:
        answer: dict[str, Any] = {"sheets": read(sys.stdin.buffer.read())}
    except Refused as refusal:
        answer = {"refused": str(refusal)}
    except MemoryError:
        answer = {"refused": "文件需要的内存太多，没有读取。请只保留要导入的工作表后再试。"}
    except (zipfile.BadZipFile, zlib.error, expat.ExpatError, KeyError, ValueError, EOFError, OSError, OverflowError):
        answer = {"refused": broken}
    except (NotImplementedError, RuntimeError, struct.error):
        answer = {"refused": broken}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
