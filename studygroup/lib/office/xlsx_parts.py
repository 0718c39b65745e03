"""The parts of a workbook beside its sheets: texts and number formats. Imported only by `xlsx_reader`, which
runs as a program of its own.
"""

import re
import zipfile

from package_parts import Refused, nothing, parse
from xlsx_numbers import KNOWN_FORMATS

MAX_TEXT, MAX_CELL_TEXT = 12_000_000, 33_000
ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


def refuse_endless(length: int) -> None:
    if length > MAX_CELL_TEXT:
        raise Refused("有一格的文字超过三万字，没有读取。请把长文字移出表格后再试。")


def unescaped(found: re.Match[str]) -> str:
    """The character that “_x000D_” stands for; half a surrogate pair is none and no database takes it."""
    code = int(found[1], 16)
    return "" if 0xD800 <= code <= 0xDFFF else chr(code)


class Strings:
    """Collects the text of one string item: runs of rich text joined, phonetic hints left out."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.in_text = False
        self.in_hint = self.length = 0

    def start(self, tag: str) -> None:
        if tag in ("rPh", "phoneticPr"):
            self.in_hint += 1
        self.in_text = tag == "t" and not self.in_hint

    def end(self, tag: str) -> None:
        if tag in ("rPh", "phoneticPr"):
            self.in_hint -= 1
        if tag == "t":
            self.in_text = False

    def said(self, data: str) -> None:
        if self.in_text:
            self.parts.append(data)
            self.length += len(data)
            refuse_endless(self.length)

    def take(self) -> str:
        text, self.parts, self.length = "".join(self.parts), [], 0
        return ESCAPED.sub(unescaped, text) if "_x" in text else text


def shared_strings(package: zipfile.ZipFile, part: str) -> list[str]:
    found: list[str] = []
    strings = Strings()
    total = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        strings.start(tag)

    def end(tag: str) -> None:
        nonlocal total
        strings.end(tag)
        if tag == "si":
            text = strings.take()
            total += len(text) + 16
            if total > MAX_TEXT * 2:
                raise Refused("文件里的文字太多，没有读取。请只保留要导入的工作表后再试。")
            found.append(text)

    parse(package, part, start, end, strings.said)
    return found


def styles(package: zipfile.ZipFile, part: str) -> list[str]:
    """Number format of every cell style."""
    custom: dict[int, str] = {}
    found: list[str] = []
    inside = ""

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal inside
        if tag == "numFmt":
            custom[number(attributes.get("numFmtId"))] = attributes.get("formatCode", "")[:255]
        elif tag == "cellXfs":
            inside = tag
        elif tag == "xf" and inside and len(found) < 70_000:
            code = number(attributes.get("numFmtId"))
            found.append(custom.get(code) or KNOWN_FORMATS.get(code, ""))

    def end(tag: str) -> None:
        nonlocal inside
        if tag == "cellXfs":
            inside = ""

    parse(package, part, start, end, nothing)
    return found


def number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 9 else 0
