"""签到: the register of a meeting. One row per person and session, whoever writes it."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Case, F, Value, When
from django.utils import timezone

from accounts.actions.people import require
from accounts.models import User
from accounts.permissions import Permission, Role
from sessions_app import codes
from sessions_app.models import Attendance, LeaveRequest, Participant, SignInAttempt, StudySession
from sessions_app.models.attendance import ATTENDED, AttendanceSource, AttendanceStatus
from sessions_app.models.leave import LeaveState
from sessions_app.models.session import SessionState
from studygroup.lib import audit
from studygroup.lib.errors import Refused
from studygroup.lib.rows import insert

# Guessing: so many wrong ones within the time, and then not before the time is over.
WRONG_CODES_ALLOWED = 10
WRONG_PINS_ALLOWED = 5
WRONG_CODES_WITHIN = timedelta(minutes=10)
OVER = "这次学习已经结束签到。如有遗漏，请找会务人员登记。"
WRONG_CODE = "六位数字不对或已过期"
WRONG_PIN = "签到密码不对"
NOT_LISTED = "不在这次学习的名单里"
OLD_CODE = "二维码已过期"
# The same refusal of the same person is noted again only after this, or a script could fill the table.
NOTED_AGAIN_AFTER = timedelta(minutes=1)


class WrongCode(Refused):
    """Wrong digits: noted where they are checked."""


def check_window(session: StudySession, at: datetime) -> None:
    """Refuse a sign-in outside the session's window, saying when it opens."""
    if not session.is_called:
        raise Refused(OVER if session.is_held else "这次学习还没有通知。")
    if at < session.sign_in_opens_at:
        opens = timezone.localtime(session.sign_in_opens_at)
        raise Refused(f"还没有到签到时间，{opens:%H:%M} 开始签到。")
    if at > session.sign_in_closes_at:
        raise Refused("签到时间已过，请找会务人员登记。")


def sign_in_by_phone(
    *, place: Participant, person: User, at: datetime, saw_screen: bool, digits: str, device: str = ""
) -> Attendance:
    """The person signs in at his `place` with what the screen showed: `saw_screen` when he scanned it, otherwise its
    six digits.

    A refusal is kept in the session's history, unless he had signed in before: then his first row is returned.
    """
    session = place.session
    source = AttendanceSource.QR if saw_screen else AttendanceSource.CODE
    try:
        check_window(session, at)
        if not saw_screen:
            check_digits(place=place, person=person, digits=digits, at=at, device=device)
        return arrive(place=place, person=person, by=person, at=at, source=source, device=device)
    except WrongCode:
        if row := attended(session, person):
            return row
        raise
    except Refused as error:
        if row := attended(session, person):
            return row
        note_refusal(session=session, person=person, reason=error.message, at=at, source=source, device=device)
        raise


def attended(session: StudySession, person: User) -> Attendance | None:
    return Attendance.objects.filter(session=session, person=person, status__in=ATTENDED).first()


def arrive(*, place: Participant, person: User, by: User, at: datetime, source: str, device: str = "") -> Attendance:
    """Write that the person of this `place` has come; window and proof have been checked.

    `by` is the person himself, or at a kiosk whoever confirmed him.
    """
    row = Attendance(
        session=place.session,
        person_id=person.pk,
        status=AttendanceStatus.LATE if place.session.is_late_at(at) else AttendanceStatus.PRESENT,
        source=source,
        is_counted=place.category != Role.OBSERVER,
        at=at,
        entered_by_id=by.pk,
        device=device,
    )
    with transaction.atomic():
        if not insert(row, unless_taken=("session_id", "person_id")):
            return _arrive_again(row, by, at)
        _record(row, by, at)
    return row


def _arrive_again(fresh: Attendance, by: User, at: datetime) -> Attendance:
    """He has a row. Somebody noted as on leave or absent who comes after all is present from now."""
    changed = (
        Attendance.objects.filter(session=fresh.session, person=fresh.person_id)
        .exclude(status__in=ATTENDED)
        .filter(session__state=SessionState.CALLED)  # what the close has written stands
        .update(status=fresh.status, leave_reason="", source=fresh.source, at=at, entered_by=by, device=fresh.device)
    )
    row = Attendance.objects.get(session=fresh.session, person=fresh.person_id)
    if changed:
        _record(row, by, at, came_after_all=True)
    if not row.attended:
        raise Refused(OVER)
    return row


def check_digits(*, place: Participant, person: User, digits: str, at: datetime, device: str = "") -> None:
    """Refuse wrong digits, keep the attempt, and stop guessing for a while after WRONG_CODES_ALLOWED."""
    if place.codes_stopped_until and at < place.codes_stopped_until:
        raise WrongCode("六位数字输错次数过多，请十分钟后再试，或找会务人员登记。")
    if not codes.is_current_digits(place.session, digits.strip(), at):
        SignInAttempt.objects.create(
            session=place.session,
            person=person,
            source=AttendanceSource.CODE,
            reason=WRONG_CODE,
            device=device,
            at=at,
        )
        _stop_guessing(place, person, at)
        raise WrongCode("六位数字不对或已过期，请看屏幕上最新的六位数字。")


def _stop_guessing(place: Participant, person: User, at: datetime) -> None:
    wrong = SignInAttempt.objects.filter(session=place.session, person=person, reason=WRONG_CODE)
    if wrong.filter(at__gt=at - WRONG_CODES_WITHIN).count() >= WRONG_CODES_ALLOWED:
        Participant.objects.filter(pk=place.pk).update(codes_stopped_until=at + WRONG_CODES_WITHIN)


def note_refusal(
    *, session: StudySession, person: User, reason: str, at: datetime, source: str, device: str = ""
) -> None:
    """Keep for the session's history why somebody was refused; the same reason at most once a minute."""
    reason = reason[:100]
    recent = SignInAttempt.objects.filter(session=session, person=person, at__gt=at - NOTED_AGAIN_AFTER)
    if not recent.filter(reason=reason).exists():
        SignInAttempt.objects.create(session=session, person=person, source=source, reason=reason, device=device, at=at)


def hold_open(session: StudySession) -> None:
    """Keep the session from being closed until this entry is written; refuse when it has been closed already."""
    rows = StudySession.objects.select_for_update(no_key=True).filter(pk=session.pk)
    if rows.values_list("state", flat=True).first() != SessionState.CALLED:
        raise Refused("只有已通知、未结束的学习可以登记或更正登记。如需更正，请先点“重新打开”。")


def _granted(session: StudySession, people: Collection[int]) -> dict[int, str]:
    """Person → the reason the 组长 granted his leave for: it stands, whatever button the clerk pressed."""
    granted = LeaveRequest.objects.filter(session=session, person__in=people, state=LeaveState.GRANTED)
    return dict(granted.values_list("person", "reason"))


def _at_or_as_it_was(status: str, at: datetime) -> Case | datetime:
    """`at` of a corrected row: correcting how somebody came does not change when he came."""
    if status not in ATTENDED:
        return at
    return Case(When(status__in=ATTENDED, then=F("at")), default=Value(at))


@transaction.atomic
def register_many(
    *, session: StudySession, seen: Mapping[int, str], status: str, by: User, at: datetime, leave_reason: str = ""
) -> set[int]:
    """代录 for one or several; statements do not grow with their number.

    `seen` maps a person's id to the status the clerk saw ("" for none). Whoever has changed meanwhile — he signed in
    this very moment — keeps his row and is returned.
    """
    require(by, Permission.MANAGE_SESSIONS, session.group_id)
    hold_open(session)
    expected = dict(Participant.objects.filter(session=session, person__in=seen).values_list("person", "category"))
    if len(expected) < len(seen):
        raise Refused("有人不在这次学习的名单里，请刷新页面后再登记。")
    rows = Attendance.objects.filter(session=session)
    before = dict(rows.filter(person__in=seen).select_for_update().values_list("person", "status"))
    changed = [person for person in expected if before.get(person, "") == seen[person]]
    values = {
        "status": status,
        "leave_reason": leave_reason if status == AttendanceStatus.LEAVE else "",
        "source": AttendanceSource.REGISTER,
        "at": at,
        "entered_by": by,
    }
    rows.filter(person__in=[p for p in changed if p in before]).update(**values | {"at": _at_or_as_it_was(status, at)})
    Attendance.objects.bulk_create(
        (
            Attendance(session=session, person_id=person, is_counted=expected[person] != Role.OBSERVER, **values)
            for person in changed
            if person not in before
        ),
        ignore_conflicts=True,
    )
    if status == AttendanceStatus.LEAVE:
        for person, reason in _granted(session, changed).items():
            rows.filter(person=person).update(leave_reason=reason)
    if changed:
        audit.record(
            "attendance.register_many",
            target=session,
            by=by,
            at=at,
            group_id=session.group_id,
            status=status,
            leave_reason=values["leave_reason"],
            before={str(person): before.get(person, "") for person in changed},
        )
    return set(expected) - set(changed)


@transaction.atomic
def unregister(*, session: StudySession, person: User, seen: str, by: User, at: datetime) -> bool:
    """Take a mistaken row out of the register; the audit keeps what it said.

    `seen` is the status the clerk saw: a row that has changed meanwhile stays, and False is returned.
    """
    require(by, Permission.MANAGE_SESSIONS, session.group_id)
    hold_open(session)
    rows = Attendance.objects.select_for_update().filter(session=session, person=person, status=seen)
    row = rows.first()
    if row:
        audit.record(
            "attendance.remove",
            target=session,
            by=by,
            at=at,
            group_id=session.group_id,
            person=person.pk,
            was=row.status,
        )
        row.delete()
    return row is not None


def _record(row: Attendance, by: User, at: datetime, **detail: Any) -> None:
    audit.record(
        "attendance.register",
        target=row,
        by=by,
        at=at,
        group_id=row.session.group_id,
        person=row.person_id,
        status=row.status,
        source=row.source,
        **detail,
    )
