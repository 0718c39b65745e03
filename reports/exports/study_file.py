"""个人学习档案 as a Word document."""

from datetime import datetime
from typing import Any

from django.utils.formats import date_format

from reports.statistics.study_file import FilePart, StudyFile
from studygroup.lib.office.word import document_bytes

NUMERALS = "一二三四五六七八九"


def study_file_word(file: StudyFile, at: datetime) -> bytes:
    facts = [["姓名", file.person.name, "职务", "；".join(file.titles) or "—"], ["学习组", file.group.name]]
    blocks: list[dict[str, Any]] = [{"type": "facts", "rows": facts}]
    filled = [part for part in file.parts if part.rows or part.sentence]
    for numeral, part in zip(NUMERALS, filled, strict=False):
        blocks += [{"type": "heading", "text": f"{numeral}、{part.title}"}, *_part(part)]
    if not filled:
        blocks.append({"type": "paragraph", "text": "这一年还没有记录。"})
    return document_bytes(file.name, blocks, at=at)


def _part(part: FilePart) -> list[dict[str, Any]]:
    blocks: list[dict[str, Any]] = [{"type": "paragraph", "text": part.sentence}] if part.sentence else []
    if part.rows:
        rows = [[date_format(row.day, "Y-m-d"), *row.cells] for row in part.rows]
        blocks.append({"type": "table", "head": list(part.head), "rows": rows, "widths": WIDTHS[len(part.head)]})
    return blocks


# Shares of the line: a day, then what is short, then what is long.
WIDTHS = {3: (16, 42, 42), 4: (16, 34, 28, 22), 5: (16, 30, 14, 26, 14)}
