"""请假: asked before the session, decided by the 组长 or whoever he delegated."""

from datetime import datetime

from django.db import IntegrityError, transaction

from accounts.models import User
from accounts.permissions import Permission, Role
from sessions_app.models import Attendance, LeaveRequest, Participant, StudySession
from sessions_app.models.attendance import ATTENDED, AttendanceSource, AttendanceStatus
from sessions_app.models.leave import LeaveState
from studygroup.lib import audit
from studygroup.lib.errors import NotAllowed, Overtaken, Refused


@transaction.atomic
def ask_leave(*, session: StudySession, person: User, reason: str, explanation: str, at: datetime) -> LeaveRequest:
    """Refused after the start, for somebody not expected, and a second time."""
    if not session.is_called:
        raise Refused("这次学习现在不能请假。")
    if at >= session.starts_at:
        raise Refused("学习已经开始，不能再网上请假，请直接联系办公室。")
    if not Participant.objects.filter(session=session, person=person).exists():
        raise NotAllowed("您不在这次学习的名单里，不需要请假。")
    try:
        with transaction.atomic():
            request = LeaveRequest.objects.create(
                session=session, person=person, reason=reason, explanation=explanation, asked_at=at
            )
    except IntegrityError as error:
        raise Refused("这次学习您已经请过假了，请等审批结果。") from error
    audit.record("leave.ask", target=request, by=person, at=at, group_id=session.group_id, reason=reason)
    return request


@transaction.atomic
def decide_leave(*, request: LeaveRequest, grant: bool, answer: str, by: User, at: datetime) -> None:
    """Grant or refuse. A granted leave goes into the register unless he signed in meanwhile."""
    group_id = request.session.group_id
    principal = None
    if request.person_id == by.pk:
        raise NotAllowed("不能审批自己的请假，请由他人办理。")
    if not by.authority.allows(Permission.DECIDE_LEAVE, group_id):
        acting = by.authority.acting_for(Permission.DECIDE_LEAVE, "leave", group_id)
        if not acting:
            raise NotAllowed("请假由组长审批。")
        principal = User.objects.get(pk=acting[0].principal_id)
    if grant and not request.session.is_called:
        raise Refused("这次学习已经结束，签到登记已定。如确应准假，请办公室先“重新打开”，再审批。")
    if not grant and not answer.strip():
        raise Refused("不准假时请写明原因。")
    decided = LeaveRequest.objects.filter(pk=request.pk, state=LeaveState.ASKED).update(
        state=LeaveState.GRANTED if grant else LeaveState.REFUSED,
        answer=answer,
        decided_by=by,
        on_behalf_of=principal,
        decided_at=at,
    )
    if not decided:
        raise Overtaken("这份请假刚刚已经有人审批。")
    if grant:
        _enter(request, by, at)
    audit.record("leave.decide", target=request, by=by, at=at, group_id=group_id, on_behalf_of=principal, granted=grant)


def _enter(request: LeaveRequest, by: User, at: datetime) -> None:
    place = Participant.objects.filter(session=request.session, person=request.person).first()
    if place is None:
        raise Refused(f"{request.person.name}已不在这次学习的名单里，不需要准假。")
    observer = place.category == Role.OBSERVER
    row, created = Attendance.objects.get_or_create(
        session=request.session,
        person=request.person,
        defaults={
            "status": AttendanceStatus.LEAVE,
            "leave_reason": request.reason,
            "source": AttendanceSource.REGISTER,
            "is_counted": not observer,
            "at": at,
            "entered_by": by,
        },
    )
    if not created and row.status not in ATTENDED:
        Attendance.objects.filter(pk=row.pk).update(status=AttendanceStatus.LEAVE, leave_reason=request.reason)
    audit.record(
        "attendance.leave",
        target=row,
        by=by,
        at=at,
        group_id=request.session.group_id,
        person=request.person_id,
        before="" if created else row.status,
    )
