"""Making a session, calling it, closing it."""

import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.db.models import ProtectedError
from django.utils import timezone

from accounts.actions.people import require
from accounts.models import Membership, StudyGroup, User
from accounts.permissions import Permission, Role
from sessions_app.actions.make_up import ask_make_ups
from sessions_app.models import AgendaItem, Attendance, Participant, PlanItem, SessionKind, StudySession
from sessions_app.models.attendance import ATTENDED, AttendanceSource, AttendanceStatus
from sessions_app.models.session import AgendaRole, SessionState
from sessions_app.rules import next_sensible_day, planned_time
from studygroup.lib import audit
from studygroup.lib.clock import local_date
from studygroup.lib.errors import Overtaken, Refused

NAME_SEPARATORS = re.compile(r"[、，,；;/\s]+")


@dataclass(frozen=True)
class Speaker:
    """One line of the agenda: somebody from the roster, or a name from outside."""

    role: str
    person: User | None
    name: str = ""
    title: str = ""


@dataclass(frozen=True)
class Explained:
    """What the clerk says at the close of somebody who neither signed in nor asked."""

    status: str
    leave_reason: str = ""
    note: str = ""


ABSENT = Explained(AttendanceStatus.ABSENT)


@transaction.atomic
def create_session(
    *,
    group: StudyGroup,
    title: str,
    kinds: Sequence[SessionKind],
    starts_at: datetime,
    ends_at: datetime,
    place: str,
    by: User,
    at: datetime,
    plan_item: PlanItem | None = None,
    members: Iterable[Membership] | None = None,
    agenda: Sequence[Speaker] = (),
    **facts: Any,
) -> StudySession:
    """Make a draft. Without `members` the roster's 成员 of that day take part; names in the plan become the agenda."""
    require(by, Permission.MANAGE_SESSIONS, group.pk)
    session = StudySession.objects.create(
        group=group,
        title=title,
        starts_at=starts_at,
        ends_at=ends_at,
        place=place,
        plan_item=plan_item,
        sign_in_key=secrets.token_urlsafe(24),
        created_by=by,
        created_at=at,
        **facts,
    )
    session.kinds.set(kinds)
    roster = roster_on(group, session)
    chosen = [m for m in roster if m.category == Role.MEMBER] if members is None else list(members)
    _store_participants(session, chosen)
    _store_agenda(session, agenda or _agenda_from_plan(plan_item, roster))
    audit.record("session.create", target=session, by=by, at=at, group_id=group.pk, title=title)
    return session


def roster_on(group: StudyGroup, session: StudySession) -> list[Membership]:
    """The group's roster as of the session's own date."""
    return roster_of(group, local_date(session.starts_at))


def roster_of(group: StudyGroup, day: date) -> list[Membership]:
    """The group's roster of a day in its own order; whoever changed place on that very day stands in his new one."""
    rows = Membership.objects.on(day).filter(group=group).select_related("user").order_by("starts_on", "pk")
    latest = {membership.user_id: membership for membership in rows}
    return sorted(latest.values(), key=lambda m: (m.position, m.pk))


@dataclass(frozen=True)
class Proposal:
    """What a plan item says about the session that will carry it out."""

    title: str
    starts_at: datetime
    ends_at: datetime
    place: str
    content: str
    question: str
    kinds: Sequence[SessionKind]


def proposal_of(item: PlanItem, today: date) -> Proposal:
    """Two hours when its 时间 says, otherwise from nine on the next sensible day of its month, at its place or where
    the group met last."""
    said = planned_time(item.date_text, item.plan.year, item.month)
    day = said.day or next_sensible_day(item.plan.year, item.month, today)
    starts_at = timezone.make_aware(datetime.combine(day, said.hour or time(9)))
    last = StudySession.objects.filter(group=item.plan.group).exclude(place="").first()
    return Proposal(
        title=item.topic,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=2),
        place=item.place or (last.place if last else ""),
        content=item.content,
        question=item.question,
        kinds=list(item.kinds.all()),
    )


@transaction.atomic
def draft_from_item(*, item: PlanItem, by: User, at: datetime) -> tuple[StudySession, bool]:
    """一键生成: a draft with everything the plan says. Pressed twice, the draft already there is returned (False)."""
    require(by, Permission.MANAGE_SESSIONS, item.plan.group_id)
    PlanItem.objects.select_for_update().get(pk=item.pk)
    if draft := StudySession.objects.filter(plan_item=item, state=SessionState.DRAFT).first():
        return draft, False
    proposal = vars(proposal_of(item, local_date(at)))
    return create_session(group=item.plan.group, plan_item=item, by=by, at=at, **proposal), True


def _agenda_from_plan(item: PlanItem | None, roster: Sequence[Membership]) -> list[Speaker]:
    if item is None:
        return []
    by_name = {membership.user.name: membership.user for membership in roster}
    lines = []
    for role, names in ((AgendaRole.LEAD_READING, item.lead_readers), (AgendaRole.KEYNOTE, item.key_speakers)):
        for name in filter(None, NAME_SEPARATORS.split(names)):
            person = by_name.get(name)
            lines.append(Speaker(role, person, "" if person else name[:60]))
    return lines


def _store_participants(session: StudySession, members: Sequence[Membership], first_number: int = 1) -> None:
    Participant.objects.bulk_create(
        Participant(
            session=session,
            person_id=m.user_id,
            number=number,
            category=m.category,
            title=m.title,
            department=m.department,
        )
        for number, m in enumerate(members, start=first_number)
    )


def _store_agenda(session: StudySession, agenda: Sequence[Speaker]) -> None:
    AgendaItem.objects.bulk_create(
        AgendaItem(
            session=session,
            position=position,
            role=line.role,
            speaker=line.person,
            speaker_name=line.name,
            title=line.title,
        )
        for position, line in enumerate(agenda, start=1)
    )


@transaction.atomic
def change_session(
    *,
    session: StudySession,
    seen_version: int,
    facts: Mapping[str, Any],
    kinds: Sequence[SessionKind],
    agenda: Sequence[Speaker],
    by: User,
    at: datetime,
) -> None:
    """Change facts, kinds and agenda until the session is closed. Raises Overtaken for the second of two writers."""
    require(by, Permission.MANAGE_SESSIONS, session.group_id)
    if session.is_held:
        raise Refused("这次学习已经结束。如需更正，请先点“重新打开”。")
    changed = StudySession.objects.filter(pk=session.pk, version=seen_version).update(**facts, version=seen_version + 1)
    if not changed:
        raise Overtaken("这次学习刚刚被别人修改过，您的修改还没有保存。")
    session.kinds.set(kinds)
    session.agenda.all().delete()
    _store_agenda(session, agenda)
    told: dict[str, Any] = {name: str(value)[:200] for name, value in facts.items()}
    audit.record("session.change", target=session, by=by, at=at, group_id=session.group_id, **told)


@transaction.atomic
def set_participants(
    *, session: StudySession, members: Sequence[Membership], by: User, at: datetime, seen_version: int | None = None
) -> None:
    """Who is expected. Somebody already registered cannot be taken off; numbers follow the roster's order.

    With `seen_version` the second of two people who choose at once gets Overtaken.
    """
    require(by, Permission.MANAGE_SESSIONS, session.group_id)
    if session.is_held:
        raise Refused("这次学习已经结束，不能再改参加人员。")
    version = session.version if seen_version is None else seen_version
    if not StudySession.objects.filter(pk=session.pk, version=version).update(version=version + 1):
        raise Overtaken("这次学习刚刚被别人修改过，您的勾选还没有保存。请核对后再保存一次。")
    session.version = version + 1
    wanted = {m.user_id for m in members}
    registered = Attendance.objects.filter(session=session).exclude(person__in=wanted).select_related("person")
    if names := "、".join(row.person.name for row in registered):
        raise Refused(f"{names}已经登记，不能从名单中去掉。请先在签到登记中更正。")
    session.participants.all().delete()
    _store_participants(session, list(members))
    audit.record("session.participants", target=session, by=by, at=at, group_id=session.group_id, people=sorted(wanted))


def call(*, session: StudySession, by: User, at: datetime) -> None:
    """通知: from now on participants see the session and can sign in when it is time."""
    require(by, Permission.MANAGE_SESSIONS, session.group_id)
    if not session.participants.exists():
        raise Refused("还没有选参加人员，请先在“参加人员”中勾选。")
    if not session.place.strip():
        raise Refused("还没有填写地点，请先补全再通知。")
    _move(session, SessionState.DRAFT, SessionState.CALLED, "session.call", by, at)


@transaction.atomic
def close(
    *,
    session: StudySession,
    by: User,
    at: datetime,
    mark_absent: bool = False,
    told: Mapping[int, Explained] | None = None,
) -> None:
    """结束: everybody expected must be registered, or `told` says by person how it was; with `mark_absent` the rest are
    recorded as 缺席. What those who missed it have to make up is asked for at once."""
    require(by, Permission.MANAGE_SESSIONS, session.group_id)
    if at < session.starts_at:
        raise Refused("学习还没有开始，不能结束。如时间有变，请先修改时间。")
    missing, told = unregistered(session), told or {}
    unsaid = [p for p in missing if p.person_id not in told]
    if unsaid and not mark_absent:
        names = "、".join(p.person.name for p in unsaid[:10])
        raise Refused(f"还有 {len(unsaid)} 人没有登记：{names}。请逐一说明，或确认按缺席处理。")
    said = {p.person_id: told.get(p.person_id, ABSENT) for p in missing}
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
                is_counted=True,
                at=session.starts_at if one.status in ATTENDED else at,
                entered_by=by,
            )
            for person, one in said.items()
        ),
        ignore_conflicts=True,  # somebody signed in this very moment: his own row stands
    )
    ask_make_ups(session=session, by=by, at=at)


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


def reopen(*, session: StudySession, by: User, at: datetime) -> None:
    """重新打开: to correct the register afterwards; recorded."""
    require(by, Permission.MANAGE_SESSIONS, session.group_id)
    _move(session, SessionState.CLOSED, SessionState.CALLED, "session.reopen", by, at)


def unregistered(session: StudySession) -> list[Participant]:
    """Expected people (not 列席) without a row in the register."""
    registered = Attendance.objects.filter(session=session).values("person")
    return list(
        session.participants.exclude(category=Role.OBSERVER).exclude(person__in=registered).select_related("person")
    )


def save_record(*, session: StudySession, record: str, seen_version: int, by: User, at: datetime) -> None:
    """学习记录: may be completed after the close."""
    require(by, Permission.MANAGE_SESSIONS, session.group_id)
    with transaction.atomic():
        changed = StudySession.objects.filter(pk=session.pk, version=seen_version).update(
            record=record, version=seen_version + 1
        )
        if not changed:
            raise Overtaken("学习记录刚刚被别人修改过，您写的还没有保存。", {"现在的学习记录": _record_now(session)})
        audit.record("session.record", target=session, by=by, at=at, group_id=session.group_id, length=len(record))


def _record_now(session: StudySession) -> str:
    return StudySession.objects.values_list("record", flat=True).get(pk=session.pk)


def _move(session: StudySession, source: str, target: str, action: str, by: User, at: datetime, **detail: Any) -> None:
    with transaction.atomic():
        moved = StudySession.objects.filter(pk=session.pk, state=source).update(state=target)
        if not moved:
            raise Overtaken("这次学习的状态刚刚被别人改变，请看最新状态。")
        session.state = target
        audit.record(action, target=session, by=by, at=at, group_id=session.group_id, **detail)
