"""补学: asked for at the close of a session, done and handed in by whoever missed it, confirmed by the office."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F

from accounts.actions.people import require
from accounts.models import User
from accounts.permissions import Permission
from sessions_app.models import Attendance, MakeUpStudy, StudySession
from sessions_app.models.attendance import AttendanceStatus
from sessions_app.models.make_up import MakeUpMethod, MakeUpState
from studygroup.lib import audit
from studygroup.lib.clock import local_date
from studygroup.lib.errors import NotAllowed, Overtaken, Refused

ANSWER_MISSING = "请写一句哪里要补充，本人才知道怎么改。"


@transaction.atomic
def ask_make_ups(*, session: StudySession, by: User | None, at: datetime) -> None:
    """Everybody expected who was on leave or absent (and late, where the group says so) owes a make-up.

    After a correction of the register the new ones are added and the open ones of people who were there after all are
    taken away; what was handed in stays. 列席 people owe nothing.
    """
    missed = [AttendanceStatus.LEAVE, AttendanceStatus.ABSENT]
    if session.group.make_up_for_late:
        missed.append(AttendanceStatus.LATE)
    rows = Attendance.objects.filter(session=session, is_counted=True, status__in=missed)
    owing = set(rows.values_list("person", flat=True))
    known = dict(MakeUpStudy.objects.filter(session=session).values_list("person", "state"))
    dropped = sorted(p for p, state in known.items() if state == MakeUpState.DUE and p not in owing)
    added = sorted(owing - set(known))
    if dropped:
        MakeUpStudy.objects.filter(session=session, person__in=dropped, state=MakeUpState.DUE).delete()
    due_on = session.day + timedelta(days=session.group.make_up_days)
    MakeUpStudy.objects.bulk_create(
        (MakeUpStudy(session=session, person_id=person, due_on=due_on) for person in added), ignore_conflicts=True
    )
    if added or dropped:
        audit.record(
            "make_up.ask", target=session, by=by, at=at, group_id=session.group_id, people=added, dropped=dropped
        )


@transaction.atomic
def hand_in(
    *,
    make_up: MakeUpStudy,
    seen_version: int | None,
    method: str,
    studied_on: date,
    content: str,
    note: str,
    by: User,
    at: datetime,
) -> None:
    """The person hands in how he studied, or the office for somebody who wrote it on paper."""
    session = make_up.session
    if by.pk != make_up.person_id:
        require(by, Permission.MANAGE_SESSIONS, session.group_id)
    if studied_on > local_date(at):
        raise Refused("补学日期还没有到，请写实际补学的那一天。")
    if studied_on < session.day and method != MakeUpMethod.JOINED:
        raise Refused("补学日期不能早于那次学习。参加其他场次补学的，补学方式请选“参加其他场次”。")
    _settle(
        make_up,
        (MakeUpState.DUE, MakeUpState.HANDED_IN),
        seen_version,
        "make_up.hand_in",
        by,
        at,
        state=MakeUpState.HANDED_IN,
        method=method,
        studied_on=studied_on,
        content=content,
        note=note,
        handed_in_at=at,
        handed_in_by=by,
        answer="",
    )


def confirm(*, make_up: MakeUpStudy, seen_version: int | None, answer: str, by: User, at: datetime) -> None:
    """核实: the absence is closed. Nobody confirms his own, nor what he handed in for somebody."""
    _check_judge(make_up, by)
    _judge(make_up, (MakeUpState.HANDED_IN,), MakeUpState.CONFIRMED, seen_version, answer, by, at)


def give_back(*, make_up: MakeUpStudy, seen_version: int | None, answer: str, by: User, at: datetime) -> None:
    """退回补充: with a sentence; what he wrote stays for him to complete."""
    _check_judge(make_up, by)
    if not answer.strip():
        raise Refused(ANSWER_MISSING)
    _judge(make_up, (MakeUpState.HANDED_IN,), MakeUpState.DUE, seen_version, answer, by, at)


def excuse(*, make_up: MakeUpStudy, seen_version: int | None, answer: str, by: User, at: datetime) -> None:
    """免补: with a reason. It does not count as studied."""
    _check_judge(make_up, by)
    if not answer.strip():
        raise Refused("免补请写明理由，例如“按组长意见，因公务全程参加县里同一专题学习”。")
    _judge(make_up, (MakeUpState.DUE, MakeUpState.HANDED_IN), MakeUpState.EXCUSED, seen_version, answer, by, at)


def take_back(*, make_up: MakeUpStudy, seen_version: int | None, by: User, at: datetime) -> None:
    """撤销核实 or 免补 pressed by mistake: it stands where it stood before."""
    require(by, Permission.MANAGE_SESSIONS, make_up.session.group_id)
    if by.pk == make_up.person_id:
        raise NotAllowed("自己的补学请由他人办理。")
    before = MakeUpState.HANDED_IN if make_up.handed_in_at else MakeUpState.DUE
    _judge(make_up, (MakeUpState.CONFIRMED, MakeUpState.EXCUSED), before, seen_version, "", by, at)


def _check_judge(make_up: MakeUpStudy, by: User) -> None:
    require(by, Permission.MANAGE_SESSIONS, make_up.session.group_id)
    if by.pk == make_up.person_id:
        raise NotAllowed("不能核实自己的补学，请由他人办理。")
    if make_up.is_handed_in and by.pk == make_up.handed_in_by_id:
        raise NotAllowed("这份补学是您代为提交的，请由他人核实。")


@transaction.atomic
def _judge(
    make_up: MakeUpStudy,
    sources: tuple[str, ...],
    target: str,
    seen_version: int | None,
    answer: str,
    by: User,
    at: datetime,
) -> None:
    settled = target in (MakeUpState.CONFIRMED, MakeUpState.EXCUSED)
    _settle(
        make_up,
        sources,
        seen_version,
        f"make_up.{target}",
        by,
        at,
        state=target,
        answer=answer,
        confirmed_by=by if settled else None,
        confirmed_at=at if settled else None,
    )


def _settle(
    make_up: MakeUpStudy,
    sources: tuple[str, ...],
    seen_version: int | None,
    action: str,
    by: User,
    at: datetime,
    **changes: Any,
) -> None:
    """Change it only from one of these states and only as it was seen."""
    rows = MakeUpStudy.objects.filter(pk=make_up.pk, version=seen_version, state__in=sources)
    if not rows.update(**changes, version=F("version") + 1):
        raise _overtaken(make_up)
    told: dict[str, Any] = {
        name: str(value)[:200] for name, value in changes.items() if name in ("state", "method", "answer", "note")
    }
    audit.record(action, target=make_up, by=by, at=at, group_id=make_up.session.group_id, **told)


def _overtaken(make_up: MakeUpStudy) -> Overtaken:
    now = MakeUpStudy.objects.filter(pk=make_up.pk).first()
    if now is None:
        return Overtaken("签到登记更正后，这项补学已经不需要了。您写的内容没有保存。")
    current = {"现在的状态": str(now.get_state_display())}
    if now.note:
        current["现在的体会"] = now.note
    if now.answer:
        current["意见"] = now.answer
    return Overtaken("这项补学刚刚有变化，您的操作没有生效。请看最新内容后再办。", current)
