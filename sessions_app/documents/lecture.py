"""Lectures as a reviewer reads them."""

from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format

from sessions_app.documents.blocks import Block
from sessions_app.models import Lecture


def lecture_blocks(lecture: Lecture, at: datetime) -> list[Block]:
    """What the reviewers read; an application after the event says so."""
    starts = timezone.localtime(lecture.starts_at)
    lecturer = "　".join(filter(None, [lecture.lecturer_name, lecture.lecturer_unit, lecture.lecturer_title]))
    rows = [
        ["主办", lecture.organizer.name],
        ["类别", lecture.category],
        ["主题", lecture.topic],
        ["时间", date_format(starts, "DATETIME_FORMAT")],
        ["地点", lecture.place],
        ["规模", f"{lecture.audience}人"],
        ["主讲人", lecturer],
        ["政治面貌", lecture.lecturer_political_status],
        ["资质说明", lecture.lecturer_qualification],
        ["所在单位意见", lecture.own_unit_opinion],
        ["涉外", "是" if lecture.involves_foreign else "否"],
    ]
    if lecture.starts_at <= at:
        rows.insert(0, ["▲ 注意", "举办时间早于提交时间，属事后补报，请说明原因并从严把关。"])
    blocks: list[Block] = [{"type": "facts", "rows": rows}]
    if lecture.outline.strip():
        blocks.append({"type": "heading", "text": "讲授提纲"})
        blocks += [{"type": "paragraph", "text": line} for line in lecture.outline.splitlines() if line.strip()]
    return blocks
