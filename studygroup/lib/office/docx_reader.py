"""A stranger's .docx from standard input to its text as JSON on standard output, run as a program of its own by
`texts.read_text`.

Inserted text is taken and deleted text left out, as if every tracked change were accepted. Numbers Word counts by
itself are written out. Only the standard library and expat, little memory and little time.
"""

import io
import json
import resource
import struct
import sys
import zipfile
import zlib
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from docx_numbers import Numbering, plain_names, read_numbering
from docx_styles import Look, Styles, describe, read_styles
from package_parts import Refused, parse, relations

MAX_TEXT, MAX_PARAGRAPHS, MAX_ELEMENTS = 400_000, 20_000, 1_500_000
MEMORY_BYTES, CPU_SECONDS = 512 * 1024 * 1024, 8
MAIN = "word/document.xml"
OFF = ("0", "false", "off")
# What was deleted, how things looked before, fields' formulas, pinyin above the text.
UNSAID = {"moveFrom", "delText", "instrText", "delInstrText", "sectPr", "rt", "numberingChange"} | {
    f"{kind}Change" for kind in ("pPr", "rPr", "tblPr", "trPr", "tcPr", "sectPr", "tblGrid", "tblPrEx")
}
PROPERTIES = {"pPr", "rPr", "trPr", "tcPr", "tblPr", "sdtPr"}
LEFT = {
    "blip": "images",
    "imagedata": "images",
    "commentReference": "comments",
    "OLEObject": "objects",
    "chart": "objects",
    "altChunk": "objects",
}
SIGNS = {"br": "\n", "cr": "\n", "tab": " ", "ptab": " ", "noBreakHyphen": "-"}


@dataclass
class Paragraph:
    look: Look = field(default_factory=Look)
    text: list[str] = field(default_factory=list)
    boxes: list[dict[str, Any]] = field(default_factory=list)
    goes_on: bool = False  # its mark was deleted: the next paragraph follows on the same line


@dataclass
class Row:
    cells: list[list[dict[str, Any]]] = field(default_factory=list)
    is_deleted: bool = False


def joined(label: str, text: str) -> str:
    """“一、认识”, but “1.1 认识”: a bare number needs its space."""
    return f"{label} {text}" if label and label[-1].isascii() and label[-1].isalnum() else label + text


class Body:
    """The paragraphs of one part in the order they are read; text boxes after the paragraph that holds them."""

    def __init__(self, styles: Styles, numbering: Numbering) -> None:
        self.styles, self.numbering = styles, numbering
        self.lines: list[dict[str, Any]] = []
        self.sinks = [self.lines]
        self.open: list[Paragraph] = []
        self.rows: list[Row] = []
        self.inside: list[str] = []  # open elements of properties
        self.unsaid = self.length = self.elements = 0
        self.in_text = self.hidden = self.in_contents = False
        self.carried = ""
        self.left: dict[str, int] = {}
        self.notes: list[tuple[str, str]] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.elements += 1
        if self.elements > MAX_ELEMENTS:
            raise Refused("文件太复杂，没有读取。请只保留要提交的部分，另存后再试。")
        if self.unsaid or tag in UNSAID or (tag == "del" and not self.inside):
            self.unsaid += 1
            return
        if tag in PROPERTIES:
            self.inside.append(tag)
        elif self.inside:
            self.property(tag, plain_names(attributes).get("val", ""))
        elif tag == "t":
            self.in_text = not self.hidden
        elif tag in SIGNS:
            self.say(SIGNS[tag])
        elif tag in LEFT:
            self.left[LEFT[tag]] = self.left.get(LEFT[tag], 0) + 1
        else:
            self.structure(tag, attributes)

    def structure(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "p":
            self.open.append(Paragraph())
        elif tag == "r":
            self.hidden = False
        elif tag == "tr":
            self.rows.append(Row())
        elif tag in ("tc", "txbxContent"):
            self.sinks.append([])
        elif tag == "sdtContent" and self.in_contents:
            self.in_contents, self.unsaid = False, 1
            self.left["contents"] = 1
        elif tag in ("footnoteReference", "endnoteReference") and not self.hidden:
            self.notes.append((tag.removesuffix("Reference"), plain_names(attributes).get("id", "")))
            self.say(f"〔注{len(self.notes)}〕")

    def property(self, tag: str, value: str) -> None:
        if tag == "docPartGallery":
            self.in_contents = value == "Table of Contents"
        elif tag in ("del", "moveFrom") and self.inside[-1] == "trPr" and self.rows:
            self.rows[-1].is_deleted = True
        elif tag in ("del", "moveFrom") and self.open and self.inside[0] == "pPr":
            self.open[-1].goes_on = True
        elif tag == "vanish" and self.inside == ["rPr"]:
            self.hidden = value not in OFF
        elif self.open and self.inside[0] in ("pPr", "rPr"):
            describe(self.open[-1].look, tag, value)

    def end(self, tag: str) -> None:
        if self.unsaid:
            self.unsaid -= 1
        elif tag in PROPERTIES and self.inside:
            self.inside.pop()
        elif tag == "t":
            self.in_text = False
        elif tag == "p" and self.open:
            self.finish(self.open.pop())
        elif tag == "tc" and len(self.sinks) > 1:
            cell = self.sinks.pop()
            if self.rows:
                self.rows[-1].cells.append(cell)
        elif tag == "tr" and self.rows:
            self.finish_row(self.rows.pop())
        elif tag == "txbxContent" and len(self.sinks) > 1:
            box = self.sinks.pop()
            (self.open[-1].boxes if self.open else self.sinks[-1]).extend(box)

    def said(self, data: str) -> None:
        if self.in_text and not self.unsaid:
            self.say(data)

    def say(self, text: str) -> None:
        if not self.open or self.hidden:
            return
        self.open[-1].text.append(text)
        self.length += len(text)
        if self.length > MAX_TEXT:
            raise Refused("文件的文字超过四十万字，没有读取。请只保留要提交的部分，另存后再试。")

    def finish(self, paragraph: Paragraph) -> None:
        text = self.carried + "".join(paragraph.text)
        self.carried = text if paragraph.goes_on else ""
        look = paragraph.look
        if self.styles.is_contents(look):
            self.left["contents"] = 1
        elif not paragraph.goes_on:
            label = self.label(look)  # Word counts empty paragraphs, too
            if text.strip():
                self.put(self.sinks[-1], joined(label, text.strip()), look)
        self.sinks[-1].extend(paragraph.boxes)

    def label(self, look: Look) -> str:
        if look.number:
            return "" if look.number == "0" else self.numbering.label(look.number, look.depth or 0)
        for style in self.styles.chain(look.style):
            if style.number:
                own = self.numbering.level_of_style(style.number, style.style)
                depth = next((d for d in (look.depth, style.depth) if d is not None), own)
                return "" if style.number == "0" else self.numbering.label(style.number, depth)
        return ""

    def put(self, sink: list[dict[str, Any]], text: str, look: Look) -> None:
        chain = self.styles.chain(look.style)
        align = look.align or next((style.align for style in chain if style.align), "")
        size = look.size or next((style.size for style in chain if style.size), 0)
        told = {"text": text, "level": self.styles.level(look), "centred": align == "center", "size": size}
        sink.append(told)
        if len(sink) > MAX_PARAGRAPHS:
            raise Refused("文件的段落太多，没有读取。请只保留要提交的部分，另存后再试。")

    def finish_row(self, row: Row) -> None:
        """A row is a line; a table of one column is a frame around paragraphs."""
        if row.is_deleted:
            return
        if len(row.cells) == 1:
            self.sinks[-1].extend(row.cells[0])
            return
        texts = [" ".join(line["text"].replace("\n", " ") for line in cell) for cell in row.cells]
        if any(texts):
            self.put(self.sinks[-1], " ｜ ".join(texts), Look())
            self.left["tables"] = 1


def read_notes(package: zipfile.ZipFile, part: str, kind: str) -> dict[str, str]:
    """Footnotes or endnotes: id → text."""
    found: dict[str, str] = {}
    number = ""
    body = Body(Styles(), Numbering())

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal number
        if tag == kind:
            number = plain_names(attributes).get("id", "")
        body.start(tag, attributes)

    def end(tag: str) -> None:
        body.end(tag)
        if tag == kind and len(found) < MAX_PARAGRAPHS:
            found[number] = " ".join(line["text"] for line in body.lines)
            body.lines.clear()

    parse(package, part, start, end, body.said)
    return found


def read(data: bytes) -> dict[str, Any]:
    package = zipfile.ZipFile(io.BytesIO(data))
    if MAIN not in package.namelist():
        raise Refused("文件已损坏或不是真正的 Word 文件，没有读取。请用 Word 或 WPS 打开后另存为 .docx 再试。")
    parts, names = relations(package, MAIN), set(package.namelist())

    def part_named(word: str) -> str:
        return next((part for part in parts.values() if part.lower().endswith(word) and part in names), "")

    styles_part, numbering_part = part_named("styles.xml"), part_named("numbering.xml")
    styles = read_styles(package, styles_part) if styles_part else Styles()
    numbering = read_numbering(package, numbering_part) if numbering_part else Numbering()
    body = Body(styles, numbering)
    parse(package, MAIN, body.start, body.end, body.said)
    texts = {kind: part_named(f"{kind}s.xml") for kind in ("footnote", "endnote")}
    known = {kind: read_notes(package, part, kind) for kind, part in texts.items() if part and body.notes}
    for index, (kind, number) in enumerate(body.notes, start=1):
        if text := known.get(kind, {}).get(number, ""):
            body.put(body.lines, f"〔注{index}〕{text}", Look())
    return {"lines": body.lines, "left": body.left}


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    broken = "文件已损坏或不是真正的 Word 文件，没有读取。请用 Word 或 WPS 打开后另存为 .docx 再试。"
    try:
        answer = read(sys.stdin.buffer.read())
    except Refused as refusal:
        answer = {"refused": str(refusal)}
    except MemoryError:
        answer = {"refused": "文件需要的内存太多，没有读取。请删去图片和多余的内容，另存后再试。"}
    except (zipfile.BadZipFile, zlib.error, expat.ExpatError, KeyError, ValueError, EOFError, OSError, OverflowError):
        answer = {"refused": broken}
    except (NotImplementedError, RuntimeError, struct.error):
        answer = {"refused": broken}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
