"""A text somebody has written elsewhere, from Word or a plain text file, as the title and body of a paper."""

import codecs
import re
from dataclasses import dataclass
from pathlib import Path

from studygroup.lib.errors import Refused
from studygroup.lib.office.characters import level_of, plain
from studygroup.lib.office.child import run_reader

READER = Path(__file__).with_name("docx_reader.py")
READABLE = ".docx,.txt"
MAX_TITLE, LONGEST_GUESS, MAX_BODY = 200, 60, 50_000
ENDS_A_SENTENCE = re.compile(r"[。；！？，：,;]$")
SAVE_AS = "请用 Word 或 WPS 打开，点“文件—另存为”，类型选“Word 文档（*.docx）”，再上传。"
LEFT = {
    "images": "{} 张图片",
    "comments": "{} 条批注",
    "objects": "{} 个嵌入的图表或对象",
    "contents": "自动目录",
}


@dataclass(frozen=True)
class Line:
    """One paragraph. `level` is 0 for a title, 1 to 9 for a heading; `size` is in half points, 0 when not said."""

    text: str
    level: int | None = None
    centred: bool = False
    size: int = 0


@dataclass(frozen=True)
class Text:
    """What a file says. `left_out` tells in words what was not taken over."""

    title: str
    body: str
    left_out: tuple[str, ...] = ()
    has_tables: bool = False
    unnumbered: int = 0  # headings only Word knows as such: they carry no “一、”


def refuse_other_documents(file_name: str) -> None:
    """Texts of other programs are refused with the way to save them anew."""
    extension = file_name.rpartition(".")[2].lower()
    if extension in ("doc", "wps", "docm", "dot", "dotx", "rtf", "odt", "html", "htm", "pages"):
        raise Refused(f"“.{extension}”文件不能直接取出正文。{SAVE_AS}")
    if extension == "pdf":
        raise Refused("PDF 里的文字不能可靠地取出。请上传它的 Word 原稿；没有原稿的，把 PDF 作为附件上传。")
    if extension not in ("docx", "txt"):
        raise Refused(f"请选择 Word 文档（.docx）或纯文本（.txt）。{SAVE_AS}")


def read_text(file_name: str, data: bytes) -> Text:
    """Title and body of a file `check_upload` has accepted. Raises Refused, within ten seconds."""
    if file_name.lower().endswith(".txt"):
        lines, left = [Line(line) for line in decoded(data).splitlines()], {}
    else:
        answer = run_reader(
            READER,
            data,
            slow="文件太复杂，没有在规定的时间内读完。请删去图片和多余的内容，另存后再试。",
            died="文件太大或太复杂，没有读取。请删去图片和多余的内容，另存后再试。",
        )
        lines, left = [Line(**line) for line in answer["lines"]], answer["left"]
    lines = [line for line in (_tidy(line) for line in lines) if line.text]
    if not lines:
        raise Refused("文件里没有文字。如果内容是图片或扫描件，请改用“拍照上传手写笔记”，或作为附件上传。")
    title, rest = _titled(lines)
    body = "\n".join(line.text for line in rest)
    if len(body) > MAX_BODY:
        raise Refused(
            f"正文有 {len(body)} 个字，超过 {MAX_BODY} 字，没有读取。请把附录、表格另存为附件，或者分成几篇提交。"
        )
    return Text(
        title=title,
        body=body,
        left_out=tuple(said.format(left[name]) for name, said in LEFT.items() if left.get(name)),
        has_tables=bool(left.get("tables")),
        unnumbered=sum(1 for line in rest if line.level and not level_of(line.text)),
    )


def decoded(data: bytes) -> str:
    """The text of a .txt as Windows of this country saves it."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("gb18030", errors="replace")


def _tidy(line: Line) -> Line:
    """Spaces typed for an indent go; lines broken inside a paragraph stay."""
    pieces = (piece.strip(" \u3000\xa0\ufeff") for piece in plain(line.text).split("\n"))
    return Line("\n".join(piece for piece in pieces if piece), line.level, line.centred, line.size)


def _titled(lines: list[Line]) -> tuple[str, list[Line]]:
    """The title and the lines below it: the first line that is centred, styled or looks like one. "" without any."""
    first, rest = lines[0], lines[1:]
    stands_out = first.level == 0 or first.centred
    if not stands_out and (len(first.text) > LONGEST_GUESS or ENDS_A_SENTENCE.search(first.text)):
        return "", lines
    if not stands_out and level_of(first.text):  # “一、…” already belongs to the text
        return "", lines
    title = first.text
    # A long title is set on two lines of the same size; the name below it is smaller.
    while rest and first.centred and rest[0].centred and first.size and rest[0].size == first.size:
        title, rest = f"{title}\n{rest[0].text}", rest[1:]
    title = _on_one_line(title)
    return (title, rest) if len(title) <= MAX_TITLE else ("", lines)


def _on_one_line(title: str) -> str:
    """Lines of a title joined: Chinese ones without a space; a subtitle brings its own dash."""
    joined = re.sub(r"(?<=[A-Za-z0-9])\n(?=[A-Za-z0-9])", " ", title).replace("\n", "")
    return re.sub(r"\s+", " ", re.sub(r"(?<=[\u4e00-\u9fff])[ \u3000]+(?=[\u4e00-\u9fff])", "", joined))
