"""A book in Word: cover, foreword, contents with page numbers, chapters each beginning on a page of its own.

The numbers in the contents are fields bound to the chapters (PAGEREF). LibreOffice and WPS count them when they open or
print the book, Word on “更新域”; what stands in them before is counted here, line by line on the 22 lines of 28
characters of GB/T 9704, so that nobody has to be asked. The cover, foreword and contents have no numbers; the text
begins with page 1 on a right-hand page.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from docx.oxml.ns import nsdecls

from studygroup.lib.office.characters import level_of, plain
from studygroup.lib.office.word import Block, Writer, package_bytes, runs, width_of
from studygroup.lib.office.word_page import (
    COVER_SIZE,
    FIRST_FONT,
    LINE_PITCH,
    PORTRAIT,
    TITLE_SIZE,
    section_xml,
)

POINT = 25.4 / 72  # millimetres
TEXT_HEIGHT = (PORTRAIT.height - PORTRAIT.top - PORTRAIT.bottom) / POINT
TEXT_WIDTH = PORTRAIT.text_width / POINT
ON_A_LINE = 28  # characters of the text
TITLE_PITCH = TITLE_SIZE * 1.6
COVER_PITCH = COVER_SIZE * 1.6
ABOVE_COVER_TITLE = 150.0  # points
TOKEN = re.compile(r"[0-9A-Za-z.%]+|.", re.DOTALL)
HANGING = "、，。"
NEVER_FIRST = "；：！？”’）》〉」』】…,.;:!?)"
NEVER_LAST = "“‘（《〈「『【("
LEADING = (1, 2)  # levels of headings that stay with what follows


@dataclass(frozen=True)
class Chapter:
    """One text of the book. `part` stands above the first of several in the contents; `name` beside the title."""

    title: str
    byline: str
    blocks: Sequence[Block]
    name: str = ""
    part: str = ""


@dataclass(frozen=True)
class Book:
    title: str
    publisher: str
    day: str
    foreword: str
    chapters: Sequence[Chapter]


def book_bytes(book: Book, *, at: datetime) -> bytes:
    """The .docx. The same book and `at` make the same bytes."""
    return package_bytes(book.title.replace("\n", ""), lambda writer: _write(writer, book), at=at)


def first_pages(chapters: Sequence[Chapter]) -> list[int]:
    """On which page each chapter begins, as counted here."""
    pages, page = [], 1
    for chapter in chapters:
        pages.append(page)
        page += _pages(chapter)
    return pages


def _write(writer: Writer, book: Book) -> None:
    _cover(writer, book)
    if lines := [line.strip() for line in plain(book.foreword).split("\n") if line.strip()]:
        _front(writer, "前　　言")
        writer.write_blocks([{"type": "paragraph", "text": line} for line in lines])
    _front(writer, "目　　录")
    _contents(writer, book.chapters)
    writer.parts.append(writer.small(section_xml(PORTRAIT, "", writer.line_pitch)))
    for number, chapter in enumerate(book.chapters, 1):
        _chapter(writer, number, chapter)
    writer.parts.append(section_xml(PORTRAIT, writer.footers, writer.line_pitch, opens_book=True))


def _cover(writer: Writer, book: Book) -> None:
    """The title a third down the page, who and when at its foot."""
    lines = plain(book.title).split("\n")
    on_a_line = TEXT_WIDTH // COVER_SIZE
    height = sum(math.ceil(width_of(line) / on_a_line) for line in lines) * COVER_PITCH
    text = "<w:r><w:br/></w:r>".join(runs(line) for line in lines)
    before = f'<w:spacing w:before="{round(ABOVE_COVER_TITLE * 20)}" w:line="{round(COVER_PITCH * 20)}"'
    style = f'<w:pStyle w:val="CoverTitle"/>{before} w:lineRule="exact"/>'
    writer.parts.append(f"<w:p {nsdecls('w')}><w:pPr>{style}</w:pPr>{text}</w:p>")
    foot = [plain(line) for line in (book.publisher, book.day) if line]
    free = TEXT_HEIGHT - ABOVE_COVER_TITLE - height - (len(foot) + 2) * LINE_PITCH
    for number, line in enumerate(foot):
        space = round(free * 20) if number == 0 else 0
        pitch = round(LINE_PITCH * 20)
        spacing = f'<w:spacing w:before="{space}" w:after="0" w:line="{pitch}" w:lineRule="exact"/>'
        layout = f'<w:pStyle w:val="Byline"/>{spacing}'
        writer.parts.append(f"<w:p {nsdecls('w')}><w:pPr>{layout}</w:pPr>{runs(line)}</w:p>")


def _front(writer: Writer, title: str) -> None:
    layout = '<w:pStyle w:val="Title"/><w:pageBreakBefore/>'
    writer.parts.append(f"<w:p {nsdecls('w')}><w:pPr>{layout}</w:pPr>{runs(title)}</w:p>")


def _contents(writer: Writer, chapters: Sequence[Chapter]) -> None:
    part = ""
    for number, (chapter, page) in enumerate(zip(chapters, first_pages(chapters), strict=True), 1):
        if chapter.part and chapter.part != part:
            part = chapter.part
            layout = '<w:pStyle w:val="Contents"/><w:keepNext/>'
            text = runs(plain(part), font=FIRST_FONT)
            writer.parts.append(f"<w:p {nsdecls('w')}><w:pPr>{layout}</w:pPr>{text}</w:p>")
        name = f"　{plain(chapter.name)}" if chapter.name else ""
        text = runs(f"{plain(chapter.title)}{name}".replace("\n", " "))
        line = f'<w:hyperlink w:anchor="{_mark(number)}" w:history="1">{text}<w:r><w:tab/></w:r>'
        line += f"{_page_of(number, page)}</w:hyperlink>"
        layout = '<w:pPr><w:pStyle w:val="Contents"/></w:pPr>'
        writer.parts.append(f"<w:p {nsdecls('w')}>{layout}{line}</w:p>")


def _mark(number: int) -> str:
    return f"chapter{number}"


def _page_of(number: int, page: int) -> str:
    parts = (
        '<w:fldChar w:fldCharType="begin"/>',
        f'<w:instrText xml:space="preserve"> PAGEREF {_mark(number)} \\h </w:instrText>',
        '<w:fldChar w:fldCharType="separate"/>',
        f"<w:t>{page}</w:t>",
        '<w:fldChar w:fldCharType="end"/>',
    )
    return "".join(f"<w:r>{part}</w:r>" for part in parts)


def _chapter(writer: Writer, number: int, chapter: Chapter) -> None:
    """The first one begins where its section does; a break before it would leave an empty page."""
    turns = "" if number > 1 else '<w:pageBreakBefore w:val="0"/>'
    start = f'<w:bookmarkStart w:id="{number}" w:name="{_mark(number)}"/>'
    lines = "<w:r><w:br/></w:r>".join(runs(line) for line in plain(chapter.title).split("\n"))
    layout = f'<w:pPr><w:pStyle w:val="ChapterTitle"/>{turns}</w:pPr>'
    end = f'<w:bookmarkEnd w:id="{number}"/>'
    writer.parts.append(f"<w:p {nsdecls('w')}>{layout}{start}{lines}{end}</w:p>")
    writer.write_blocks([{"type": "byline", "text": chapter.byline}, *chapter.blocks])


# -- how many pages --------------------------------------------------------------


def _pages(chapter: Chapter) -> int:
    """Title, byline and text set line by line."""
    title = _lines(chapter.title, TEXT_WIDTH // TITLE_SIZE)
    used = title * TITLE_PITCH + LINE_PITCH + (_lines(chapter.byline, ON_A_LINE) + 1) * LINE_PITCH
    pages, used = 1 + int(used // TEXT_HEIGHT), used % TEXT_HEIGHT
    texts = [
        (line, level_of(line) if block["type"] == "heading" else None)
        for block in chapter.blocks
        for line in plain(str(block.get("text", ""))).split("\n")
    ]
    for text, level in texts:
        lines = _lines(f"　　{text}", ON_A_LINE)
        together = lines + 1 if level in LEADING else 1
        for line in range(lines):
            wanted = together if line == 0 else 1
            if used + wanted * LINE_PITCH > TEXT_HEIGHT + 0.5:
                pages, used = pages + 1, 0.0
            used += LINE_PITCH
    return pages


def _lines(text: str, on_a_line: float) -> int:
    """How many lines a text takes, by the rules of Chinese typesetting: 、，。 may hang over the end of a line, other
    closing marks take the character before them to the next, opening ones go there themselves."""
    return sum(_lines_of(line, on_a_line) for line in plain(text).split("\n"))


def _lines_of(text: str, on_a_line: float) -> int:
    lines, used, hung, last = 1, 0.0, False, ""
    for token in TOKEN.findall(text):
        width = width_of(token)
        if used + width <= on_a_line and not hung:
            used += width
        elif token in HANGING and not hung:
            hung = True
        else:
            goes_along = last if token in NEVER_FIRST or last in NEVER_LAST else ""
            lines, used, hung = lines + 1, width + width_of(goes_along), False
        last = token
    return lines
