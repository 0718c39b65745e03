"""报告会、授课: applied for, approved by the committee, changed only by applying again."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.actions.people import require
from accounts.actions.records import swap_version
from accounts.models import Appointment, StudyGroup, User
from accounts.permissions import Permission, Role
from reviews.actions import advance, open_case
from reviews.chain import Move
from reviews.models import ReviewCase, ReviewRoute
from sessions_app.documents import lecture_blocks
from sessions_app.models import Lecture
from sessions_app.subjects import LECTURE, PLAN_STEPS
from studygroup.lib import audit
from studygroup.lib.clock import local_date
from studygroup.lib.errors import Overtaken, Refused


@transaction.atomic
def create_lecture(*, organizer: StudyGroup, approver: StudyGroup, by: User, at: datetime, **facts: Any) -> Lecture:
    """Draft an application. `approver` is the organiser's own group or that of the committee above it."""
    require(by, Permission.MANAGE_SESSIONS, organizer.pk)
    if approver != organizer and approver.organization_id != organizer.organization.parent_id:
        raise Refused("只能由本单位或上一级党委审批。")
    case = open_case(group=approver, owner=organizer, kind=LECTURE, title=facts["title"], author=by, by=by, at=at)
    if approver == organizer:
        _spare_own_office(case, by, at)
    lecture = Lecture.objects.create(organizer=organizer, review=case, created_at=at, **facts)
    audit.record("lecture.create", target=lecture, by=by, at=at, group_id=organizer.pk, title=lecture.title)
    return lecture


def _spare_own_office(case: ReviewCase, by: User, at: datetime) -> None:
    """An office of one person applies and so cannot do 初审 itself: as with plans, 复审 is the first step then.

    A route the group has set for lectures stands above this.
    """
    office = Appointment.objects.on(local_date(at)).filter(group=case.group_id, role=Role.OFFICE, user__is_active=True)
    has_route = ReviewRoute.objects.filter(group=case.group_id, kind=LECTURE).exists()
    if not has_route and not office.exclude(user=by).exists():
        case.steps = [str(step) for step in PLAN_STEPS]
        case.save(update_fields=["steps"])


@transaction.atomic
def change_lecture(
    *, lecture: Lecture, seen_version: int | None, facts: Mapping[str, Any], by: User, at: datetime
) -> None:
    """Change an application not under review; an approved one has to be approved again."""
    require(by, Permission.MANAGE_SESSIONS, lecture.organizer_id)
    if _lock(lecture).review.is_waiting:
        raise Refused("这份申请正在审核，不能修改。请先撤回。")
    swap_version(lecture, seen_version=seen_version, changes=facts)
    if lecture.review.is_approved:
        advance(case=lecture.review, move=Move.REVISE, by=by, at=at, seen_version=lecture.review.version)
    audit.record("lecture.change", target=lecture, by=by, at=at, group_id=lecture.organizer_id)


@transaction.atomic
def submit_lecture(
    *,
    lecture: Lecture,
    by: User,
    at: datetime,
    seen_version: int,
    answers: Mapping[int, str] | None = None,
    seen_text: int | None = None,
) -> None:
    """Apply for approval. `seen_version` is the case's; `seen_text` the application's, so that nobody hands in
    what a colleague has changed since he read it."""
    require(by, Permission.MANAGE_SESSIONS, lecture.organizer_id)
    stored = _lock(lecture)
    if seen_text is not None and stored.version != seen_text:
        raise Overtaken("这份申请的内容刚刚被别人修改过，还没有提交。请看过最新内容再提交。")
    advance(
        case=lecture.review,
        move=Move.SUBMIT,
        by=by,
        at=at,
        seen_version=seen_version,
        content=lecture_blocks(stored, at),
        title=stored.title,
        answers=answers,
    )


def _lock(lecture: Lecture) -> Lecture:
    """The application as it is stored; whoever changes it or hands it in waits for the one before him."""
    rows = Lecture.objects.select_for_update(of=("self",)).select_related("review", "organizer")
    return rows.get(pk=lecture.pk)
