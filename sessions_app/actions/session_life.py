"""The life of a session: 草稿 → 已通知 → 已结束 → 已归档, and back with a reason. 进行中 follows from the clock.

Closing and reopening lock the session's row, as the clerk's entries do (`actions/attendance.py`): neither meets the
other half done. A phone's sign-in takes no lock; it may be counted as one moment before the close, never after it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import ProtectedError, QuerySet
from django.utils import timezone

from accounts.actions.people import require
from accounts.models import User
from accounts.permissions import Permission, Role
from sessions_app.actions.make_up import ask_make_ups
from sessions_app.actions.serial import hold_numbers, next_serial, number_by_date
from sessions_app.models import Attendance, LeaveRequest, Participant, StudySession
from sessions_app.models.attendance import ATTENDED, AttendanceSource, AttendanceStatus
from sessions_app.models.leave import LeaveState
from sessions_app.models.session import SessionState
from sessions_app.paperwork import NOTICE, SessionRows, changes_since, notice_of_now, read, with_facts
from studygroup.lib import audit
from studygroup.lib.clock import local_date, start_of_day
from studygroup.lib.errors import Overtaken, Refused


@transaction.atomic
def call(*, session: StudySession, by: User, at: datetime) -> None:
    """通知: from now on participants see the session and can sign in when it is time. It becomes 第N次 of its year."""
    require(by, Permission.MANAGE_SESSIONS, session.group_id)
    if not session.participants.exists():
        raise Refused("还没有选参加人员，请先在“参加人员”中勾选。")
    if not session.place.strip():
        raise Refused("还没有填写地点，请先补全再通知。")
    if at > session.ends_at:
        raise Refused("这次学习的时间已经过了，不能再通知。时间填错了请先修改；已经开过的，请用“导入台账”补录。")
    hold_numbers([session.group_id])
    year = local_date(session.starts_at).year
    changes = {"serial": session.serial or next_serial(session.group_id, year), "serial_year": year}
    _change_state(session, SessionState.DRAFT, SessionState.CALLED, changes)
    dealt = number_by_date(session, year, at)
    session.serial = dealt.get(str(session.pk), [0, session.serial])[1]
    told: dict[str, Any] = {"serial": session.serial, "serial_year": year, "dealt_again": dealt}
    audit.record("session.call", target=session, by=by, at=at, group_id=session.group_id, **told)
    _keep_notice(session, by, at)


@transaction.atomic
def notify_again(*, session: StudySession, by: User, at: datetime) -> None:
    """更正通知: the words of now go out; those sent before are kept beside them."""
    require(by, Permission.MANAGE_SESSIONS, session.group_id)
    if not lock(session).is_called:
        raise Refused("只有已通知、未结束的学习可以发更正通知。")
    if not changes_since(_rows_of(session)):
        raise Refused("与已发出的通知相比没有变化，不需要更正。")
    _keep_notice(session, by, at)


def _rows_of(session: StudySession) -> SessionRows:
    return read(with_facts(StudySession.objects.filter(pk=session.pk)))[0]


def _keep_notice(session: StudySession, by: User, at: datetime) -> None:
    """The notice word for word: what is changed afterwards does not change what was sent."""
    written = notice_of_now(_rows_of(session), at)
    told: dict[str, Any] = {"title": written.title, "blocks": written.blocks}
    audit.record(NOTICE, target=session, by=by, at=at, group_id=session.group_id, **told)


@transaction.atomic
def call_many(*, sessions: Iterable[StudySession], by: User, at: datetime) -> tuple[list[StudySession], dict[str, str]]:
    """通知 several drafts, the earliest first. What lacks something stays a draft: its title and date → the reason."""
    called, refused = [], {}
    sessions = list(sessions)
    hold_numbers(session.group_id for session in sessions)
    for session in sorted(sessions, key=lambda s: (s.starts_at, s.pk)):
        try:
            call(session=session, by=by, at=at)
            called.append(session)
        except Refused as error:
            refused[f"{session.title}（{session.day.month}月{session.day.day}日）"] = error.message
    return called, refused


@dataclass(frozen=True)
class Explained:
    """What the clerk says at the close of somebody who neither signed in nor asked."""

    status: str
    leave_reason: str = ""
    note: str = ""


ABSENT = Explained(AttendanceStatus.ABSENT)


@transaction.atomic
def close(
    *,
    session: StudySession,
    by: User,
    at: datetime,
    mark_absent: bool = False,
    told: Mapping[int, Explained] | None = None,
    observers_here: Collection[int] = (),
) -> None:
    """结束: everybody expected must be registered, or `told` says by person how it was; with `mark_absent` the rest are
    recorded as 缺席, except who still waits for the 组长's answer to his leave. Of the 列席 people nobody registered
    `observers_here` came. What those who missed it have to make up is asked for at once."""
    require(by, Permission.MANAGE_SESSIONS, session.group_id)
    if at < session.starts_at:
        raise Refused("学习还没有开始，不能结束。如时间有变，请先修改时间。")
    lock(session)
    missing, told = unregistered(session), told or {}
    unsaid = [p for p in missing if p.person_id not in told]
    if unsaid and not mark_absent:
        names = "、".join(p.person.name for p in unsaid[:10])
        raise Refused(f"还有 {len(unsaid)} 人没有登记：{names}。请逐一说明，或确认按缺席处理。")
    if waiting := _with_leave_undecided(session, unsaid):
        raise Refused(f"{'、'.join(waiting)}的请假还没有审批，不能一并按缺席处理。请逐一选择，或先请组长审批。")
    said = {p.person_id: told.get(p.person_id, ABSENT) for p in missing}
    came = {p.person_id for p in unregistered_observers(session) if p.person_id in observers_here}
    said |= dict.fromkeys(came, Explained(AttendanceStatus.PRESENT))
    entered = {str(person): [one.status, one.leave_reason, one.note] for person, one in sorted(said.items())}
    _move(session, SessionState.CALLED, SessionState.CLOSED, "session.close", by, at, entered=entered)
    Attendance.objects.bulk_create(
        (
            Attendance(
                session=session,
                person_id=person,
                status=one.status,
                leave_reason=one.leave_reason,
                note=one.note,
                source=AttendanceSource.REGISTER,
                is_counted=person not in came,
                at=session.starts_at if one.status in ATTENDED else at,
                entered_by=by,
            )
            for person, one in said.items()
        ),
        ignore_conflicts=True,  # somebody signed in this very moment: his own row stands
    )
    ask_make_ups(session=session, by=by, at=at)


def lock(session: StudySession) -> StudySession:
    """The row as it is now, held until the end of the transaction.

    Not against the foreign keys of new sign-ins: one waiting here while the close waits for its row is a deadlock.
    """
    return StudySession.objects.select_for_update(no_key=True).get(pk=session.pk)


def unregistered(session: StudySession) -> list[Participant]:
    """Expected people (not 列席) without a row in the register."""
    return list(_without_row(session).exclude(category=Role.OBSERVER))


def unregistered_observers(session: StudySession) -> list[Participant]:
    """列席 people without a row: they owe nothing, and only who is registered was here."""
    return list(_without_row(session).filter(category=Role.OBSERVER))


def _without_row(session: StudySession) -> QuerySet[Participant]:
    registered = Attendance.objects.filter(session=session).values("person")
    return session.participants.exclude(person__in=registered).select_related("person")


def _with_leave_undecided(session: StudySession, places: Iterable[Participant]) -> list[str]:
    """Names of those who asked for leave and have no answer."""
    asked = LeaveRequest.objects.filter(session=session, state=LeaveState.ASKED).values_list("person", flat=True)
    waiting = set(asked)
    return [place.person.name for place in places if place.person_id in waiting]


@transaction.atomic
def discard(*, session: StudySession, by: User, at: datetime) -> None:
    """Take back a draft made by mistake. What was called once stays for good."""
    require(by, Permission.MANAGE_SESSIONS, session.group_id)
    draft = StudySession.objects.select_for_update().filter(pk=session.pk, state=SessionState.DRAFT).first()
    if draft is None:
        raise Refused("只有草稿可以删除。已经通知的学习请修改时间、内容，或在结束时如实登记。")
    audit.record("session.discard", target=draft, by=by, at=at, group_id=draft.group_id, title=draft.title)
    try:
        with transaction.atomic():
            draft.delete()
    except ProtectedError as error:
        raise Refused("这份草稿已有案例、报告会或学习材料与它关联，不能删除。") from error


def last_reopening(session: StudySession) -> datetime:
    """Until when it may be opened again: the end of the last day the group allows."""
    days = session.group.reopen_within_days
    return start_of_day(local_date(session.ends_at) + timedelta(days=days + 1))


@transaction.atomic
def reopen(*, session: StudySession, by: User, at: datetime) -> None:
    """重新打开: to correct the register afterwards, within the group's days; recorded."""
    require(by, Permission.MANAGE_SESSIONS, session.group_id)
    if session.is_archived:
        raise Refused("这次学习已经归档。如确需更正，请先取消归档并写明原因。")
    if at >= last_reopening(session):
        raise Refused(
            f"学习结束已超过 {session.group.reopen_within_days} 天，签到登记不能再更正。"
            "遗漏的情况请写进“学习记录”；确需改动登记的，请系统管理员在学习组设置里放宽“结束后几天内可以重新打开”。"
        )
    lock(session)
    _move(session, SessionState.CLOSED, SessionState.CALLED, "session.reopen", by, at)


@transaction.atomic
def archive(
    *, session: StudySession, missing: Sequence[str], by: User, at: datetime, despite_gaps: bool = False
) -> None:
    """归档: from now on nothing of it changes. `missing` names what its dossier still lacks; the office may archive
    all the same, and the record then says what was lacking."""
    require(by, Permission.MANAGE_SESSIONS, session.group_id)
    if session.state in (SessionState.DRAFT, SessionState.CALLED):
        raise Refused("学习还没有结束，不能归档。请先核对登记并结束学习。")
    if missing and not despite_gaps:
        raise Refused(f"档案还缺 {len(missing)} 项：{'、'.join(missing)}。请补齐，或确认按现状归档。")
    _move(
        session,
        SessionState.CLOSED,
        SessionState.ARCHIVED,
        "session.archive",
        by,
        at,
        changes={"archived_at": at},
        missing=list(missing),
    )


@transaction.atomic
def unarchive(*, session: StudySession, reason: str, by: User, at: datetime) -> None:
    """取消归档: back to 已结束, with the reason on record."""
    require(by, Permission.MANAGE_SESSIONS, session.group_id)
    if not reason.strip():
        raise Refused("请写明取消归档的原因。")
    _move(
        session,
        SessionState.ARCHIVED,
        SessionState.CLOSED,
        "session.unarchive",
        by,
        at,
        changes={"archived_at": None},
        reason=reason.strip(),
    )


@transaction.atomic
def save_record(*, session: StudySession, record: str, seen_version: int, by: User, at: datetime, **more: Any) -> None:
    """学习记录, with 记录人, 主持人小结 and what was missing in `more`: until it is archived."""
    require(by, Permission.MANAGE_SESSIONS, session.group_id)
    if session.is_archived:
        raise Refused("这次学习已经归档，学习记录不能再改。如确需更正，请先取消归档并写明原因。")
    changed = (
        StudySession.objects.filter(pk=session.pk, version=seen_version)
        .exclude(state=SessionState.ARCHIVED)
        .update(record=record, version=seen_version + 1, **more)
    )
    if not changed:
        raise Overtaken("学习记录刚刚被别人修改过，您写的还没有保存。", _record_now(session))
    audit.record("session.record", target=session, by=by, at=at, group_id=session.group_id, length=len(record))


def _record_now(session: StudySession) -> dict[str, str]:
    now = StudySession.objects.only("record", "recorder", "closing_words").get(pk=session.pk)
    told = {"现在的学习记录": now.record, "现在的记录人": now.recorder, "现在的主持人小结": now.closing_words}
    return {label: text for label, text in told.items() if text or label == "现在的学习记录"}


def _move(
    session: StudySession,
    source: str,
    target: str,
    action: str,
    by: User,
    at: datetime,
    changes: dict[str, Any] | None = None,
    **detail: Any,
) -> None:
    _change_state(session, source, target, changes or {})
    audit.record(action, target=session, by=by, at=at, group_id=session.group_id, **detail)


def _change_state(session: StudySession, source: str, target: str, changes: dict[str, Any]) -> None:
    changes = {"state": target} | changes
    if not StudySession.objects.filter(pk=session.pk, state=source).update(**changes):
        raise Overtaken("这次学习的状态刚刚被别人改变，请看最新状态。")
    for name, value in changes.items():
        setattr(session, name, value)


def reopening_told(session: StudySession) -> str:
    """The last day on which it may be opened again, in words."""
    last = timezone.localtime(last_reopening(session)) - timedelta(days=1)
    return f"{last.year}年{last.month}月{last.day}日"
