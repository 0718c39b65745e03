"""报告会、授课: applied for, approved by the committee, changed only by applying again."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.actions.people import require
from accounts.models import StudyGroup, User
from accounts.permissions import Permission
from reviews.actions import advance, open_case
from reviews.chain import Move
from sessions_app.documents import lecture_blocks
from sessions_app.models import Lecture
from sessions_app.subjects import LECTURE
from studygroup.lib import audit
from studygroup.lib.errors import Overtaken, Refused


@transaction.atomic
def create_lecture(
    *, organizer: StudyGroup, approver: StudyGroup, by: User, at: datetime, **facts: Any
) -> Lecture:
    """Draft an application. `approver` is the organiser's own group or that of the committee above it."""
    require(by, Permission.MANAGE_SESSIONS, organizer.pk)
    if approver != organizer and approver.organization_id != organizer.organization.parent_id:
        raise Refused("只能由本单位或上一级党委审批。")
    case = open_case(group=approver, kind=LECTURE, title=facts["title"], author=by, by=by, at=at)
    lecture = Lecture.objects.create(organizer=organizer, review=case, created_at=at, **facts)
    audit.record("lecture.create", target=lecture, by=by, at=at, group_id=organizer.pk, title=lecture.title)
    return lecture


@transaction.atomic
def change_lecture(
    *, lecture: Lecture, seen_version: int, facts: Mapping[str, Any], by: User, at: datetime
) -> None:
    """Change an application not under review; an approved one has to be approved again."""
    require(by, Permission.MANAGE_SESSIONS, lecture.organizer_id)
    if lecture.review.is_waiting:
        raise Refused("这份申请正在审核，不能修改。请先撤回。")
    changed = Lecture.objects.filter(pk=lecture.pk, version=seen_version).update(**facts, version=seen_version + 1)
    if not changed:
        raise Overtaken("这份申请刚刚被别人修改过，您的修改还没有保存。")
    if lecture.review.is_approved:
        advance(case=lecture.review, move=Move.REVISE, by=by, at=at, seen_version=lecture.review.version)
    audit.record("lecture.change", target=lecture, by=by, at=at, group_id=lecture.organizer_id)


@transaction.atomic
def submit_lecture(
    *, lecture: Lecture, by: User, at: datetime, seen_version: int, answers: Mapping[int, str] | None = None
) -> None:
    """Apply for approval. `seen_version` is the case's."""
    require(by, Permission.MANAGE_SESSIONS, lecture.organizer_id)
    advance(
        case=lecture.review,
        move=Move.SUBMIT,
        by=by,
        at=at,
        seen_version=seen_version,
        content=lecture_blocks(lecture),
        title=lecture.title,
        answers=answers,
    )
