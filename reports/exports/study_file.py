"""个人学习档案 as a Word document."""

from datetime import datetime
from typing import Any

from django.utils.formats import date_format

from reports.models.correction import CorrectionPart
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
        rows = [[date_format(row.day, "n月" if row.of_month else "n月j日"), *row.cells] for row in part.rows]
        head = [part.head[0].removesuffix("日期") or "日期", *part.head[1:]]
        blocks.append(
            {"type": "table", "head": head, "rows": rows, "widths": WIDTHS[part.slug], "size": SIZE, "height": 6.0}
        )
    return blocks


SIZE = 10.5  # 五号: a year of weekly study stays within three pages
# Shares of the line: a day, then what is short, then what is long.
WIDTHS = {
    CorrectionPart.ATTENDANCE: (15, 45, 24, 16),
    CorrectionPart.MAKE_UP: (15, 34, 13, 26, 12),
    CorrectionPart.SPEECHES: (15, 19, 66),
    CorrectionPart.PAPERS: (15, 21, 40, 24),
    CorrectionPart.STUDIES: (15, 14, 35, 36),
    CorrectionPart.VISITS: (15, 51, 34),
    CorrectionPart.OTHER: (15, 29, 31, 25),
}
