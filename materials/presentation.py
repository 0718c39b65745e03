"""How a paper is told to its author: when it is due, that it was received, and whether in time."""

from collections.abc import Iterable
from datetime import date, datetime

from django.utils import timezone

from materials.models import PaperKind, Submission
from materials.rules import due_day, stands_in
from reviews.alignment import Stretch, stretches
from reviews.models import ReturnPoint
from studygroup.lib.clock import local_date


def due_of(submission: Submission, kind: PaperKind | None) -> date | None:
    """By when it is due. Reads `request` and `session` of the paper."""
    session = submission.session
    return due_day(
        submission.request.due_on if submission.request else None,
        local_date(session.starts_at) if session else None,
        kind.due_days if kind else None,
    )


def in_time_words(submission: Submission, due: date | None) -> str:
    """按时, or kindly how many days later; "" when nobody said by when or it was not handed in."""
    if due is None or submission.received_at is None:
        return ""
    late = (local_date(submission.received_at) - due).days
    return "按时" if late <= 0 else f"比截止日期晚 {late} 天，已照常收下"


def received_words(submission: Submission, due: date | None) -> str:
    """收件号, when, and whether in time: one line."""
    if submission.received_at is None:
        return ""
    parts = [f"收件号 {submission.receipt}", f"提交时间 {_moment(submission.received_at)}"]
    if submission.review.round > 1 and (latest := submission.review.versions.order_by("-number").first()):
        parts[1:] = [f"首次提交 {_moment(submission.received_at)}", f"最近提交 {_moment(latest.submitted_at)}"]
    if told := in_time_words(submission, due):
        parts.append(told)
    return "，".join(parts)


def _moment(at: datetime) -> str:
    local = timezone.localtime(at)
    return f"{local.year}年{local.month}月{local.day}日 {local:%H:%M}"


def with_rework(points: Iterable[ReturnPoint], body: str) -> list[ReturnPoint]:
    """The points as they stand beside this text: which of the taken ones have been written over since. Not stored."""
    found = list(points)
    for point in found:
        point.reworked = bool(point.taken) and not stands_in(body, point.suggested)
    return found


def offers_of(points: Iterable[ReturnPoint]) -> list[tuple[ReturnPoint, list[Stretch], list[Stretch]]]:
    """Points that offer wording, with what differs between the two."""
    return [(point, *stretches(point.original, point.suggested)) for point in points if point.suggested]
