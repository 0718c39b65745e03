"""What a reviewer reads of a paper: facts, headings, paragraphs and attachments, frozen at every submission."""

import re
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format

from materials.models import Submission, SubmissionFile
from reviews.alignment import AlignedRow, aligned

HEADING = re.compile(r"^([一二三四五六七八九十]+、|（[一二三四五六七八九十]+）).{0,40}[^。；！？]$")


def body_blocks(body: str) -> list[dict[str, Any]]:
    """One block a line; “一、” and “（一）” lines of a heading's length that are no sentence are headings."""
    lines = (line.strip() for line in body.splitlines())
    return [{"type": "heading" if HEADING.match(line) else "paragraph", "text": line} for line in lines if line]


def submission_blocks(submission: Submission, files: list[SubmissionFile]) -> list[dict[str, Any]]:
    rows = [
        ["类别", submission.kind_label],
        ["撰稿人", submission.author.name],
        ["成文日期", date_format(submission.written_on, "DATE_FORMAT")],
        ["字数", str(submission.word_count)],
    ]
    if submission.receipt:
        rows.append(["收件号", submission.receipt])
    if submission.purpose:
        rows.append(["用途", submission.purpose])
    if submission.topic:
        rows.append(["专题", submission.topic])
    if submission.session:
        rows.append(["学习活动", submission.session.title])
    return [
        {"type": "facts", "rows": rows},
        *body_blocks(submission.body),
        *(
            {
                "type": "file",
                "name": file.name,
                "size": file.size,
                "sha256": file.sha256,
                "href": reverse("submission_file", args=[file.pk]),
            }
            for file in files
        ),
    ]


def both_texts(stored: str, typed: str) -> list[AlignedRow]:
    """What was saved elsewhere laid beside what was typed here, line by line."""
    return aligned(body_blocks(stored), body_blocks(typed))
