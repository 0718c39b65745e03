"""Making a session and changing its facts and agenda. Its life is in session_life, who takes part in participants."""

import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.actions.people import require
from accounts.models import Membership, StudyGroup, User
from accounts.permissions import Permission, Role
from sessions_app.actions.participants import roster_on, store_participants
from sessions_app.actions.serial import give_next, hold_numbers, number_by_date
from sessions_app.models import AgendaItem, PlanItem, SessionKind, StudySession
from sessions_app.models.session import HELD, AgendaRole, SessionState
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
    minutes: int | None = None


def new_sign_in_key() -> str:
    return secrets.token_urlsafe(24)


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
    if plan_item is not None:
        _must_be_in_force(plan_item)
    session = StudySession.objects.create(
        group=group,
        title=title,
        starts_at=starts_at,
        ends_at=ends_at,
        place=place,
        plan_item=plan_item,
        sign_in_key=new_sign_in_key(),
        created_by=by,
        created_at=at,
        **facts,
    )
    session.kinds.set(kinds)
    roster = roster_on(group, session)
    chosen = [m for m in roster if m.category == Role.MEMBER] if members is None else list(members)
    store_participants(session, chosen)
    _store_agenda(session, agenda or _agenda_from_plan(plan_item, roster))
    audit.record("session.create", target=session, by=by, at=at, group_id=group.pk, title=title)
    return session


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


def usual_place(group: StudyGroup) -> str:
    """Where most of the group's last ten sessions were held; the later one of two as frequent. A site is no habit."""
    held = StudySession.objects.held().filter(group=group, site=None).exclude(place="")
    places = list(held.values_list("place", flat=True)[:10])
    return max(places, key=places.count, default="")


def proposal_of(item: PlanItem, today: date, day: date | None = None) -> Proposal:
    """Two hours when its 时间 says, otherwise from nine on the next sensible day of its month, at its place or where
    the group usually meets. `day` says better."""
    said = planned_time(item.date_text, item.plan.year, item.month)
    day = day or said.day or next_sensible_day(item.plan.year, item.month, today)
    starts_at = timezone.make_aware(datetime.combine(day, said.hour or time(9)))
    return Proposal(
        title=item.topic,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=2),
        place=item.place or usual_place(item.plan.group),
        content=item.content,
        question=item.question,
        kinds=list(item.kinds.all()),
    )


@transaction.atomic
def draft_from_item(*, item: PlanItem, by: User, at: datetime, day: date | None = None) -> tuple[StudySession, bool]:
    """一键生成: a draft with everything the plan says, on `day` when that is given. Pressed twice, the draft already
    there is returned (False)."""
    require(by, Permission.MANAGE_SESSIONS, item.plan.group_id)
    stored = PlanItem.objects.select_for_update(of=("self",)).select_related("review").filter(pk=item.pk).first()
    if stored is None:
        raise Overtaken("这一条刚刚被别人从计划中删除，没有生成学习活动。")
    _must_be_in_force(stored)
    if draft := StudySession.objects.filter(plan_item=item, state=SessionState.DRAFT).first():
        return draft, False
    proposal = vars(proposal_of(item, local_date(at), day))
    return create_session(group=item.plan.group, plan_item=item, by=by, at=at, **proposal), True


def _must_be_in_force(item: PlanItem) -> None:
    if item.dropped_at:
        raise Refused("这一条已经移出计划，不能再据此安排学习。")
    if not item.is_in_force:
        raise Refused("这条补充内容还没有审定，审定后才能安排学习。")


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


def _store_agenda(session: StudySession, agenda: Sequence[Speaker]) -> None:
    AgendaItem.objects.bulk_create(
        AgendaItem(
            session=session,
            position=position,
            role=line.role,
            speaker=line.person,
            speaker_name=line.name,
            title=line.title,
            minutes=line.minutes,
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
    hold_numbers([session.group_id])
    before = StudySession.objects.select_for_update(no_key=True).get(pk=session.pk)
    if before.version != seen_version or before.state in HELD:
        raise Overtaken("这次学习刚刚被别人修改过，您的修改还没有保存。")
    dealt = _write(before, dict(facts) | {"version": seen_version + 1}, at)
    session.kinds.set(kinds)
    session.agenda.all().delete()
    _store_agenda(session, agenda)
    told: dict[str, Any] = {name: str(value)[:200] for name, value in facts.items()}
    told |= {"dealt_again": dealt} if dealt else {}
    audit.record("session.change", target=session, by=by, at=at, group_id=session.group_id, **told)


def _write(before: StudySession, facts: dict[str, Any], at: datetime) -> dict[str, list[int]]:
    """Store facts of a locked row. A called one has the 第N次 the office says; on another day, it is numbered anew with
    those still to come, and in another year it comes to that year's. Returns the numbers dealt again."""
    rows, typed = StudySession.objects.filter(pk=before.pk), facts.pop("serial", None)
    year = local_date(facts.get("starts_at", before.starts_at)).year
    moved = facts.get("starts_at", before.starts_at) != before.starts_at
    if before.is_draft or (before.serial is None and typed is None):
        rows.update(**facts)
    elif before.serial and year != before.serial_year and typed in (None, before.serial):
        give_next(before.group_id, year, lambda serial: rows.update(**facts, serial=serial, serial_year=year))
    else:
        serial = typed or before.serial
        try:
            with transaction.atomic():
                rows.update(**facts, serial=serial, serial_year=year)
        except IntegrityError as error:
            same = StudySession.objects.filter(group=before.group_id, serial_year=year, serial=serial).first()
            named = f"（“{same.title}”）" if same else ""
            raise Refused(f"{year}年第{serial}次已经有了{named}，请换一个次序。") from error
        moved = moved and serial == before.serial
    return number_by_date(before, year, at) if moved and before.is_called and before.serial else {}
