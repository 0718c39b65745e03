"""请假: asked before the session, decided by the 组长 or whoever he delegated."""

from datetime import datetime

from django.db import IntegrityError, transaction

from accounts.actions.people import require
from accounts.models import User
from accounts.permissions import Permission, Role
from sessions_app.actions.session_life import last_reopening, lock
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
    request = LeaveRequest(session=session, person=person, reason=reason, explanation=explanation, asked_at=at)
    _store(request, "这次学习您已经请过假了，请等审批结果。")
    audit.record("leave.ask", target=request, by=person, at=at, group_id=session.group_id, reason=reason)
    return request


@transaction.atomic
def enter_leave(
    *, session: StudySession, person: User, reason: str, explanation: str, by: User, at: datetime
) -> LeaveRequest:
    """代为登记: the office writes down what somebody asked by telephone; the 组长 decides it like any other.

    Possible until the session is closed, because a call may come when it has begun.
    """
    require(by, Permission.MANAGE_SESSIONS, session.group_id)
    if not session.is_called:
        raise Refused("这次学习现在不能请假。已经结束的，请先“重新打开”再登记。")
    if person.pk == by.pk:
        raise Refused("自己的请假请在学习活动的页面上提出，不能代为登记。")
    row = Participant.objects.filter(session=session, person=person).first()
    if row is None:
        raise Refused(f"{person.name}不在这次学习的名单里，不需要请假。")
    if Attendance.objects.filter(session=session, person=person, status__in=ATTENDED).exists():
        raise Refused(f"{person.name}已经签到，不需要请假。")
    request = LeaveRequest(
        session=session, person=person, reason=reason, explanation=explanation, asked_at=at, entered_by=by
    )
    _store(request, f"{person.name}这次学习已经请过假了，没有重复登记。")
    audit.record(
        "leave.enter", target=request, by=by, at=at, group_id=session.group_id, reason=reason, person=person.pk
    )
    return request


def _store(request: LeaveRequest, twice: str) -> None:
    try:
        with transaction.atomic():
            request.save(force_insert=True)
    except IntegrityError as error:
        raise Refused(twice) from error


@transaction.atomic
def withdraw_leave(*, request: LeaveRequest, by: User, at: datetime) -> None:
    """撤回: his own request, before it is decided or before the session. What was granted leaves the register.

    The clerk who entered it may take it back while it waits.
    """
    session = request.session
    own = request.person_id == by.pk
    if not own and request.entered_by_id != by.pk:
        raise NotAllowed("只能撤回自己提出或代为登记的请假。")
    if not session.is_called or (request.state == LeaveState.GRANTED and at >= session.starts_at):
        raise Refused("学习已经开始，请假不能再撤回。如已到会，请直接签到，或找会务人员登记。")
    open_states = [LeaveState.ASKED, LeaveState.GRANTED] if own else [LeaveState.ASKED]
    before = request.state
    rows = LeaveRequest.objects.filter(pk=request.pk, state=before)
    if before not in open_states or not rows.update(state=LeaveState.WITHDRAWN):
        raise Overtaken("这份请假刚刚已经审批或撤回，请看最新状态。")
    if before == LeaveState.GRANTED:
        Attendance.objects.filter(session=session, person=request.person_id, status=AttendanceStatus.LEAVE).delete()
    audit.record("leave.withdraw", target=request, by=by, at=at, group_id=session.group_id, before=before)


@transaction.atomic
def decide_leave(*, request: LeaveRequest, grant: bool, answer: str, by: User, at: datetime) -> None:
    """Grant or refuse. A granted leave goes into the register unless he signed in meanwhile.

    Granting locks the session, as closing it does. What was asked in time may still be granted while the session can be
    opened again: a 缺席 of the close becomes 请假.
    """
    group_id, principal = request.session.group_id, _principal(request, by)
    if grant:
        _check_register_open(lock(request.session), at)
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
        raise Overtaken("这份请假刚刚已经有人审批，或者本人已经撤回。")
    if grant:
        _enter(request, by, at)
    audit.record("leave.decide", target=request, by=by, at=at, group_id=group_id, on_behalf_of=principal, granted=grant)


def _principal(request: LeaveRequest, by: User) -> User | None:
    """For whom he decides, None in his own right. Refused to whoever may not decide this one."""
    group_id = request.session.group_id
    if request.person_id == by.pk:
        raise NotAllowed("不能审批自己的请假，请由他人办理。")
    if request.entered_by_id == by.pk:
        raise NotAllowed("这份请假是您代为登记的，请由组长本人审批。")
    if by.authority.allows(Permission.DECIDE_LEAVE, group_id):
        return None
    acting = by.authority.acting_for(Permission.DECIDE_LEAVE, "leave", group_id)
    if not acting:
        raise NotAllowed("请假由组长审批。")
    return User.objects.get(pk=acting[0].principal_id)


@transaction.atomic
def change_decision(*, request: LeaveRequest, grant: bool, answer: str, by: User, at: datetime) -> None:
    """改为准假 or 不准假: by whoever decided it, until the session starts. The register follows."""
    session, principal = request.session, _principal(request, by)
    if not lock(session).is_called or at >= session.starts_at:
        raise Refused("学习已经开始，审批结果不能再改。如有变化，请由会务人员登记。")
    if request.decided_by_id != by.pk:
        raise NotAllowed("只有作出决定的同志可以改。")
    if not grant and not answer.strip():
        raise Refused("不准假时请写明原因。")
    before, after = LeaveState.REFUSED, LeaveState.GRANTED
    if not grant:
        before, after = after, before
    try:
        with transaction.atomic():
            changed = LeaveRequest.objects.filter(pk=request.pk, state=before, decided_by=by).update(
                state=after, answer=answer, on_behalf_of=principal, decided_at=at
            )
    except IntegrityError as error:
        raise Refused(f"{request.person.name}已经重新请假，请审批新的一份。") from error
    if not changed:
        raise Overtaken("这份请假刚刚已经改过，或者本人已经撤回。")
    if grant:
        _enter(request, by, at)
    else:
        Attendance.objects.filter(session=session, person=request.person_id, status=AttendanceStatus.LEAVE).delete()
    audit.record(
        "leave.change", target=request, by=by, at=at, group_id=session.group_id, on_behalf_of=principal, granted=grant
    )


def _check_register_open(session: StudySession, at: datetime) -> None:
    if session.is_archived:
        raise Refused("这次学习已经归档，签到登记不能再改。如确应准假，请办公室先取消归档，再审批。")
    if session.is_held and at >= last_reopening(session):
        raise Refused("这次学习已经结束，更正签到登记的期限已过，不能再准假。请答复不准假，并写明情况。")


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
    if not created:  # whoever has come, even this very moment, is here
        missed = Attendance.objects.filter(pk=row.pk).exclude(status__in=ATTENDED)
        missed.update(status=AttendanceStatus.LEAVE, leave_reason=request.reason)
    audit.record(
        "attendance.leave",
        target=row,
        by=by,
        at=at,
        group_id=request.session.group_id,
        person=request.person_id,
        before="" if created else row.status,
    )
