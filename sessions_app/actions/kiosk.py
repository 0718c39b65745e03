"""自助签到机: a shared computer in the hall, for when phones cannot reach the server."""

from datetime import datetime

from django.contrib.auth.hashers import check_password
from django.db import transaction

from accounts.actions.people import require
from accounts.models import User
from accounts.permissions import Permission
from sessions_app import codes
from sessions_app.actions.attendance import (
    WRONG_CODES_WITHIN,
    WRONG_PIN,
    WRONG_PINS_ALLOWED,
    arrive,
    check_window,
)
from sessions_app.actions.session import new_sign_in_key
from sessions_app.models import Attendance, Participant, SignInAttempt, StudySession
from sessions_app.models.attendance import ATTENDED, AttendanceSource
from studygroup.lib import audit
from studygroup.lib.errors import NotAllowed, Refused


def open_kiosk(*, session: StudySession, by: User, at: datetime) -> str:
    """The token for a shared computer; recorded, because whoever has it may sign people in with their PIN."""
    require(by, Permission.MANAGE_SESSIONS, session.group_id)
    if not session.is_called or at > session.sign_in_closes_at:
        raise Refused("现在不是签到的时候，不能打开自助签到机。没有签到的同志请在会务台代录。")
    audit.record("session.kiosk_open", target=session, by=by, at=at, group_id=session.group_id)
    return codes.kiosk_token(session)


@transaction.atomic
def stop_kiosks(*, session: StudySession, by: User, at: datetime) -> None:
    """A new key: every kiosk opened so far, and every code shown so far, is worth nothing from now."""
    require(by, Permission.MANAGE_SESSIONS, session.group_id)
    StudySession.objects.filter(pk=session.pk).update(sign_in_key=new_sign_in_key())
    audit.record("session.kiosk_stop", target=session, by=by, at=at, group_id=session.group_id)


def sign_in_at_kiosk(*, place: Participant, pin: str, by: User, at: datetime) -> Attendance:
    """The person of this `place` has come; `by` — himself, or a clerk of the group — confirms it with his PIN.

    Somebody who has signed in before keeps his first row.
    """
    session = place.session
    check_window(session, at)
    if by.pk != place.person_id and not by.authority.allows(Permission.MANAGE_SESSIONS, session.group_id):
        raise NotAllowed("只有本人或会务人员可以确认签到。")
    signed = Attendance.objects.filter(session=session, person=place.person, status__in=ATTENDED).first()
    if signed is not None:
        return signed
    _check_pin(place, pin, by, at)
    return arrive(place=place, person=place.person, by=by, at=at, source=AttendanceSource.KIOSK)


def _check_pin(place: Participant, pin: str, owner: User, at: datetime) -> None:
    """One guess after another, whoever guesses: the row of the PIN's owner is locked meanwhile. What is answered says
    nothing about whether he has a PIN."""
    with transaction.atomic():
        hashed = User.objects.select_for_update().values_list("sign_in_pin", flat=True).get(pk=owner.pk)
        wrong = SignInAttempt.objects.filter(person=owner, reason__startswith=WRONG_PIN)
        stopped = wrong.filter(at__gt=at - WRONG_CODES_WITHIN).count() >= WRONG_PINS_ALLOWED
        right = not stopped and check_password(pin, hashed) and owner.is_active
        if not stopped and not right:
            _note_wrong(place, owner, at)
    if stopped:
        raise Refused("签到密码输错次数过多，请十分钟后再试，或请会务人员在会务台登记。")
    if not right:
        raise Refused("签到密码不对。没有设过签到密码的同志，请会务人员确认。")


def _note_wrong(place: Participant, owner: User, at: datetime) -> None:
    reason = WRONG_PIN if owner.pk == place.person_id else f"{WRONG_PIN}（确认{place.person.name}签到时）"
    SignInAttempt.objects.create(
        session=place.session, person=owner, source=AttendanceSource.KIOSK, reason=reason, at=at
    )
