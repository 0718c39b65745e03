"""Word 文档 from plain blocks, on the page of GB/T 9704-2012.

Blocks, as the documents of all floors make them:
{"type": "heading", "text"} (its level is read from “一、” “（一）” “1.” “（1）”), {"type": "paragraph", "text"},
{"type": "address", "text"} (without indent), {"type": "byline", "text"} (who wrote it, below the title),
{"type": "clause", "label", "text"} (a heading and its text on one line),
{"type": "facts", "rows": [[label, value, …], …], "height", "signed": [labels of rows whose last line is signed]},
{"type": "table", "head", "rows", "widths", "size", "height"}, {"type": "sign", "lines"}, {"type": "note", "text"},
{"type": "gap", "text"}, {"type": "file", "name"}, {"type": "section", "landscape"}. A text “〔待补：…〕” is marked
wherever it stands.
"""

import io
import unicodedata
import zipfile
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, cast
from xml.sax.saxutils import escape

from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from studygroup.lib.office.characters import GAP, level_of, plain
from studygroup.lib.office.word_page import (
    BODY_FONT,
    BODY_SIZE,
    FIRST_FONT,
    LANDSCAPE,
    LINE_PITCH,
    PORTRAIT,
    Page,
    fonts,
    section_xml,
    set_up,
    twips,
)

Block = dict[str, Any]

TABLE_SIZE = 12.0  # 小四
FACTS_WIDTHS = (7.65, 17.35, 7.65, 17.35)  # a label of five characters stays on one line
ROW_SPLITS_ABOVE = 300  # characters in a cell: a taller row may break over two pages
SIGNED_HEIGHT = 20.0  # millimetres: room for an opinion and a name
CENTRED_UP_TO = 5  # characters: a column of nothing longer is centred
CELL_MARGIN = 70  # twentieths of a point
BELOW_TABLE = 160  # twentieths of a point between a table and the text after it
TABLES = ("facts", "table")
NO_TIME = (1980, 1, 1, 0, 0, 0)


def document_bytes(title: str, blocks: Iterable[Block], *, at: datetime, line_pitch: float = LINE_PITCH) -> bytes:
    """The .docx. The same blocks, title and `at` make the same bytes."""
    written = list(blocks)
    return package_bytes(title, lambda writer: writer.write(title, written), at=at, line_pitch=line_pitch)


def package_bytes(
    title: str, write: Callable[["Writer"], None], *, at: datetime, line_pitch: float = LINE_PITCH
) -> bytes:
    """A .docx on the house's page, whose body `write` gives to the writer."""
    document: Any = Document()
    footers = set_up(document, line_pitch)
    _properties(document, title, at)
    body = document.element.body
    for child in list(body):
        body.remove(child)
    writer = Writer(footers, line_pitch)
    write(writer)
    for xml in writer.parts:
        body.append(parse_xml(xml))
    buffer = io.BytesIO()
    document.save(buffer)
    return _settled(buffer)


def _properties(document: Any, title: str, at: datetime) -> None:
    properties = document.core_properties
    properties.title = plain(title)[:200]
    properties.author = properties.comments = properties.last_modified_by = ""
    properties.created = properties.modified = at.astimezone(UTC).replace(tzinfo=None, microsecond=0)


def _settled(buffer: io.BytesIO) -> bytes:
    """The same package with its parts in order and without the time of writing."""
    made = io.BytesIO()
    with zipfile.ZipFile(buffer) as source, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target:
        names = sorted(source.namelist(), key=lambda name: (name != "[Content_Types].xml", name))
        for name in names:
            entry = zipfile.ZipInfo(name, NO_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system, entry.external_attr = 3, 0o600 << 16
            target.writestr(entry, source.read(name))
    return made.getvalue()


class Writer:
    """Collects the body's XML; knows on which page (upright or turned) it is writing."""

    def __init__(self, footers: str, line_pitch: float) -> None:
        self.footers, self.line_pitch = footers, line_pitch
        self.page: Page = PORTRAIT
        self.sections = 0
        self.is_noted = False  # a note follows: it stays with the end of what it is about
        self.parts: list[str] = []

    def write(self, title: str, blocks: Sequence[Block]) -> None:
        if blocks and blocks[0]["type"] == "section":  # the whole document starts turned
            self.page = LANDSCAPE if blocks[0].get("landscape") else PORTRAIT
            blocks = blocks[1:]
        is_sheet = any(block["type"] in TABLES for block in blocks[:2])
        lines = "<w:r><w:br/></w:r>".join(runs(line) for line in plain(title).split("\n"))
        style = "SheetTitle" if is_sheet else "Title"
        self.parts.append(f'<w:p {nsdecls("w")}><w:pPr><w:pStyle w:val="{style}"/></w:pPr>{lines}</w:p>')
        self.write_blocks(blocks)
        if self.parts[-1].startswith("<w:tbl"):
            self.parts.append(self.small())  # a table may not be the last thing of a document
        self.parts.append(self._section_end())

    def write_blocks(self, blocks: Sequence[Block]) -> None:
        for block, following in zip(blocks, [*blocks, {}][1:], strict=True):
            if self.parts[-1].startswith("<w:tbl") and block["type"] not in (*TABLES, "note", "section"):
                self.parts.append(self.small(height=BELOW_TABLE, keep=True))
            self.is_noted = following.get("type") == "note"
            getattr(self, f"_{block['type']}")(block)
            # A signature is never alone on its page, nor what stands above a table at the foot of one.
            if following.get("type") in ("sign", "table") and self.parts[-1].startswith("<w:p "):
                self.parts[-1] = self.parts[-1].replace("/>", "/><w:keepNext/>", 1)

    def _section_end(self) -> str:
        return section_xml(self.page, self.footers, self.line_pitch, continues=self.sections > 0)

    def _section(self, block: Block) -> None:
        page = LANDSCAPE if block.get("landscape") else PORTRAIT
        if page is not self.page:
            self.parts.append(self.small(self._section_end()))
            self.page, self.sections = page, self.sections + 1

    def small(self, properties: str = "", *, height: int = 20, keep: bool = False) -> str:
        """A paragraph nobody sees, where the format wants one."""
        spacing = f'<w:snapToGrid w:val="0"/><w:spacing w:before="0" w:after="0" w:line="{height}" w:lineRule="exact"/>'
        layout = f'{"<w:keepNext/>" if keep else ""}{spacing}<w:rPr><w:sz w:val="2"/></w:rPr>{properties}'
        return f"<w:p {nsdecls('w', 'r')}><w:pPr>{layout}</w:pPr></w:p>"

    # -- blocks ----------------------------------------------------------------

    def _heading(self, block: Block) -> None:
        text = plain(block["text"]).replace("\n", " ")
        self._paragraph(text, f"Level{level_of(text) or block.get('level', 1)}")

    def _paragraph(self, block: Block | str, style: str = "Body", extra: str = "") -> None:
        text = block if isinstance(block, str) else plain(block["text"])
        for line in text.split("\n"):
            layout = f'<w:pStyle w:val="{style}"/>{extra}'
            self.parts.append(f"<w:p {nsdecls('w')}><w:pPr>{layout}</w:pPr>{runs(line)}</w:p>")

    def _clause(self, block: Block) -> None:
        label = runs(f"{plain(block['label'])}：", font=FIRST_FONT)
        text = runs(plain(block["text"]).replace("\n", " "))
        self.parts.append(f'<w:p {nsdecls("w")}><w:pPr><w:pStyle w:val="Body"/></w:pPr>{label}{text}</w:p>')

    def _address(self, block: Block) -> None:
        self._paragraph(plain(block["text"]), "Normal")

    def _byline(self, block: Block) -> None:
        self._paragraph(plain(block["text"]), "Byline")

    def _note(self, block: Block) -> None:
        self._paragraph(plain(block["text"]), "Note", "<w:keepNext/>" if self.is_noted else "")

    def _gap(self, block: Block) -> None:
        self._paragraph(plain(block["text"]), "Note")

    def _file(self, block: Block) -> None:
        self._paragraph(f"附件：{plain(block['name'])}")

    def _sign(self, block: Block) -> None:
        """Who and when, below: the date (the last line) four characters from the right, the name centred over it."""
        lines = [plain(line) for line in block["lines"] if line]
        last = width_of(lines[-1]) if lines else 0
        self._paragraph("", "Normal", "<w:keepNext/>")
        for line in lines:
            hundredths = round(max(0.0, 4 + (last - width_of(line)) / 2) * 100)
            indent = f'<w:ind w:rightChars="{hundredths}" w:right="{round(hundredths * BODY_SIZE / 5)}"/>'
            keep = "" if line is lines[-1] else "<w:keepNext/>"
            self._paragraph(line, "Normal", f'{keep}{indent}<w:jc w:val="right"/>')

    def _facts(self, block: Block) -> None:
        rows = [[plain(str(cell)) for cell in row] for row in block["rows"]]
        widths = _columns(FACTS_WIDTHS, self.page.text_width)
        size = block.get("size", TABLE_SIZE)
        height, signed = block.get("height", 8.0), block.get("signed", ())
        made = "".join(
            _row(
                _fact_cells(row, widths, size, row[0] in signed),
                height=SIGNED_HEIGHT if row[0] in signed else height,
                splits=_splits(row),
            )
            for row in rows
        )
        self._append_table(made, widths)

    def _table(self, block: Block) -> None:
        head = [plain(str(cell)) for cell in block["head"]]
        widths = _columns(block.get("widths") or [1] * len(head), self.page.text_width)
        size, height = block.get("size", TABLE_SIZE), block.get("height", 8.0)
        heads = zip(head, widths, strict=True)
        made = _row("".join(cell(text, w, size, head=True) for text, w in heads), height=height, head=True)
        rows = [[plain(str(value)) for value in row] for row in block["rows"]]
        centred = [all(len(row[column]) <= CENTRED_UP_TO for row in rows) for column in range(len(head))]
        for texts in rows:
            columns = zip(texts, widths, centred, strict=True)
            keep = self.is_noted and texts is rows[-1]
            cells = "".join(cell(text, w, size, centred=middle, keep=keep) for text, w, middle in columns)
            made += _row(cells, height=height, splits=_splits(texts))
        self._append_table(made, widths)

    def _append_table(self, rows: str, widths: Sequence[int]) -> None:
        if not rows:
            return
        if self.parts and self.parts[-1].startswith("<w:tbl"):
            self.parts.append(self.small())  # or the two would grow together
        grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
        sides = ("top", "left", "bottom", "right", "insideH", "insideV")
        lines = "".join(f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="000000"/>' for side in sides)
        edges = (("top", 25), ("left", CELL_MARGIN), ("bottom", 25), ("right", CELL_MARGIN))
        margins = "".join(f'<w:{side} w:w="{width}" w:type="dxa"/>' for side, width in edges)
        self.parts.append(
            f'<w:tbl {nsdecls("w")}><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:jc w:val="center"/>'
            f'<w:tblBorders>{lines}</w:tblBorders><w:tblLayout w:type="fixed"/><w:tblCellMar>{margins}</w:tblCellMar>'
            f"</w:tblPr><w:tblGrid>{grid}</w:tblGrid>{rows}</w:tbl>"
        )


def runs(text: str, size: float | None = None, font: str = "") -> str:
    """The text as runs; a mark of something missing stands out."""
    made = ""
    sized = f'<w:sz w:val="{round(size * 2)}"/><w:szCs w:val="{round(size * 2)}"/>' if size else ""
    for piece in GAP.split(text):
        if not piece:
            continue
        is_gap = GAP.fullmatch(piece) is not None
        face = fonts(FIRST_FONT) if is_gap else fonts(font) if font else ""
        mark = '<w:highlight w:val="yellow"/>' if is_gap else ""
        loose = '<w:spacing w:val="0"/>' if size else ""
        made += f'<w:r><w:rPr>{face}{loose}{sized}{mark}</w:rPr><w:t xml:space="preserve">{escape(piece)}</w:t></w:r>'
    return made


def cell(
    text: str,
    width: int,
    size: float,
    *,
    head: bool = False,
    span: int = 1,
    centred: bool = False,
    keep: bool = False,
    signed: bool = False,
) -> str:
    """One cell; a label or a head row's stands in 黑体 and in the middle. `keep`: on the page of what follows;
    `signed`: the last line stands at the right."""
    spans = f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
    centred = centred or head
    layout = ("<w:keepNext/>" if keep else "") + (
        '<w:autoSpaceDE w:val="0"/><w:autoSpaceDN w:val="0"/><w:snapToGrid w:val="0"/>'
        f'<w:spacing w:line="{round(size * 1.3 * 20)}" w:lineRule="exact"/>'
    )
    sides = ["center" if centred else "left"] * (text.count("\n") + 1)
    if signed:
        sides[-1] = "right"
    lines = "".join(
        f'<w:p><w:pPr>{layout}<w:jc w:val="{side}"/></w:pPr>{runs(line, size, FIRST_FONT if head else BODY_FONT)}</w:p>'
        for line, side in zip(text.split("\n"), sides, strict=True)
    )
    return f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{spans}<w:vAlign w:val="center"/></w:tcPr>{lines}</w:tc>'


def _fact_cells(row: Sequence[str], widths: Sequence[int], size: float, signed: bool) -> str:
    """label, value (over the rest of the line), or label, value, label, value."""
    if len(row) == 2:
        value = cell(row[1], sum(widths[1:]), size, span=3, signed=signed)
        return cell(row[0], widths[0], size, head=True) + value
    return "".join(
        cell(text, width, size, head=index % 2 == 0)
        for index, (text, width) in enumerate(zip(row, widths, strict=True))
    )


def _row(cells: str, *, height: float, head: bool = False, splits: bool = False) -> str:
    whole = "" if splits else "<w:cantSplit/>"
    repeated = "<w:tblHeader/>" if head else ""
    rule = f'<w:trHeight w:val="{twips(height)}" w:hRule="atLeast"/>'
    return f"<w:tr><w:trPr>{whole}{rule}{repeated}</w:trPr>{cells}</w:tr>"


def _splits(texts: Sequence[str]) -> bool:
    return any(len(text) > ROW_SPLITS_ABOVE or text.count("\n") > 12 for text in texts)


def _columns(shares: Sequence[float], width: float) -> list[int]:
    total = twips(width)
    made = [int(total * share / sum(shares)) for share in shares]
    made[-1] += total - sum(made)
    return made


def width_of(text: str) -> float:
    """Width in Chinese characters."""
    return cast(float, sum(1 if unicodedata.east_asian_width(c) in "WFA" else 0.5 for c in text))
