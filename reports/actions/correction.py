"""更正申请: a person says what is wrong in his study file; somebody of the office answers, never he himself."""

from datetime import datetime

from django.db import transaction

from accounts.actions.people import require
from accounts.models import Membership, StudyGroup, User
from accounts.permissions import Permission
from reports.models import CorrectionRequest
from reports.models.correction import CorrectionState
from studygroup.lib import audit
from studygroup.lib.errors import NotAllowed, Overtaken, Refused


@transaction.atomic
def ask_correction(*, group: StudyGroup, year: int, part: str, text: str, by: User, at: datetime) -> CorrectionRequest:
    """Asked by the person himself, who stands or stood in the group's roster."""
    if not Membership.objects.filter(group=group, user=by).exists():
        raise NotAllowed("只能申请更正自己的学习档案。")
    waiting = CorrectionRequest.objects.filter(group=group, person=by, year=year, part=part, text=text)
    if waiting.filter(state=CorrectionState.ASKED).exists():
        raise Refused("同样的更正申请已经提出，正在办理。")
    asked = CorrectionRequest.objects.create(group=group, person=by, year=year, part=part, text=text, asked_at=at)
    audit.record("correction.ask", target=asked, by=by, at=at, group_id=group.pk, part=part)
    return asked


@transaction.atomic
def answer_correction(
    *, request: CorrectionRequest, seen_version: int, state: str, answer: str, by: User, at: datetime
) -> None:
    """The rows themselves are corrected on their own pages; this says that it was done, or why not."""
    require(by, Permission.MANAGE_SESSIONS, request.group_id)
    if request.person_id == by.pk:
        raise NotAllowed("自己的更正申请由其他同志办理。")
    answered = CorrectionRequest.objects.filter(
        pk=request.pk, version=seen_version, state=CorrectionState.ASKED
    ).update(state=state, answer=answer, answered_by=by, answered_at=at, version=seen_version + 1)
    if not answered:
        now = CorrectionRequest.objects.get(pk=request.pk)
        raise Overtaken(
            "这份更正申请刚刚由别人办理了，您的说明没有保存。",
            {"办理结果": str(now.get_state_display()), "办理说明": now.answer},
        )
    audit.record("correction.answer", target=request, by=by, at=at, group_id=request.group_id, state=state)
