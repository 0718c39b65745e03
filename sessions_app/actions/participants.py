"""参加人员: who is expected at a session. Most come from the roster of its day; some only for that day."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Max, Q

from accounts.actions.people import enrol, enrol_guest, require
from accounts.models import Membership, StudyGroup, User
from accounts.permissions import Permission, Role
from sessions_app.models import Attendance, Participant, StudySession
from sessions_app.models.session import HELD, SessionState
from studygroup.lib import audit
from studygroup.lib.clock import local_date
from studygroup.lib.errors import Overtaken, Refused

GUEST_POSITION = 900  # behind the roster
GUEST_CATEGORIES = (Role.EXTENDED, Role.OBSERVER)


def roster_on(group: StudyGroup, session: StudySession) -> list[Membership]:
    """The group's roster as of the session's own date."""
    return roster_of(group, local_date(session.starts_at))


def roster_of(group: StudyGroup, day: date) -> list[Membership]:
    """The group's roster of a day in its own order; whoever changed place on that very day stands in his new one."""
    return roster_out_of(Membership.objects.on(day).filter(group=group).select_related("user"), day)


def roster_out_of(memberships: Iterable[Membership], day: date) -> list[Membership]:
    """`roster_of` out of memberships read already, for whoever asks for many days."""
    there = [m for m in memberships if m.starts_on <= day and (m.ends_on is None or m.ends_on >= day)]
    latest = {m.user_id: m for m in sorted(there, key=lambda m: (m.starts_on, m.pk))}
    return sorted(latest.values(), key=lambda m: (m.position, m.pk))


def places_in(session: StudySession, members: Iterable[Membership], first_number: int = 1) -> Iterator[Participant]:
    """Places not stored yet: numbered, with category and title as they are that day."""
    for number, m in enumerate(members, start=first_number):
        yield Participant(
            session=session,
            person_id=m.user_id,
            number=number,
            category=m.category,
            title=m.title,
            department=m.department,
        )


def store_participants(session: StudySession, members: Sequence[Membership], first_number: int = 1) -> None:
    """Write these places; whoever has one keeps what was noted at it (his signature on paper)."""
    Participant.objects.bulk_create(
        places_in(session, members, first_number),
        update_conflicts=True,
        unique_fields=["session", "person"],
        update_fields=["number", "category", "title", "department"],
    )


@transaction.atomic
def set_participants(
    *, session: StudySession, members: Sequence[Membership], by: User, at: datetime, seen_version: int | None = None
) -> None:
    """Who is expected. Somebody already registered cannot be taken off; numbers follow the roster's order.

    With `seen_version` the second of two people who choose at once gets Overtaken.
    """
    require(by, Permission.MANAGE_SESSIONS, session.group_id)
    _take(session, session.version if seen_version is None else seen_version)
    wanted = {m.user_id for m in members}
    registered = Attendance.objects.filter(session=session).exclude(person__in=wanted).select_related("person")
    if names := "、".join(row.person.name for row in registered):
        raise Refused(f"{names}已经登记，不能从名单中去掉。请先在签到登记中更正。")
    session.participants.exclude(person__in=wanted).delete()
    store_participants(session, members)
    _count_by_category(session)
    audit.record("session.participants", target=session, by=by, at=at, group_id=session.group_id, people=sorted(wanted))


def _take(session: StudySession, version: int) -> None:
    """Claim the next version of a session that is not over."""
    if session.is_held:
        raise Refused("这次学习已经结束，不能再改参加人员。")
    rows = StudySession.objects.filter(pk=session.pk, version=version).exclude(state__in=HELD)
    if not rows.update(version=version + 1):
        raise Overtaken("这次学习刚刚被别人修改过，您的勾选还没有保存。请核对后再保存一次。")
    session.version = version + 1


def _count_by_category(session: StudySession) -> None:
    """A row entered before somebody became 列席 (or stopped to be) counts as he stands now."""
    rows = Attendance.objects.filter(session=session)
    observers = Participant.objects.filter(session=session, category=Role.OBSERVER).values("person")
    rows.filter(is_counted=True, person__in=observers).update(is_counted=False)
    rows.filter(is_counted=False).exclude(person__in=observers).update(is_counted=True)


def last_like(session: StudySession) -> StudySession | None:
    """The called or held session before this one: of its series, else of one of its kinds, else any of the group."""
    earlier = StudySession.objects.filter(group=session.group_id, starts_at__lt=session.starts_at)
    earlier = earlier.exclude(state=SessionState.DRAFT).exclude(pk=session.pk)
    if session.series_id and (last := earlier.filter(series=session.series_id).first()):
        return last
    return earlier.filter(kinds__in=session.kinds.all()).distinct().first() or earlier.first()


@dataclass(frozen=True)
class SameAgain:
    """What 同上次 changed: names that came, names that went, and names that are no longer on the roster."""

    last: StudySession
    came: Sequence[str]
    went: Sequence[str]
    left: Sequence[str]
    total: int


@transaction.atomic
def same_as_last(*, session: StudySession, by: User, at: datetime) -> SameAgain:
    """同上次: take the participants of the last such session who are on the roster of this one's day."""
    require(by, Permission.MANAGE_SESSIONS, session.group_id)
    last = last_like(session)
    if last is None:
        raise Refused("前面还没有通知过的学习，没有可以照用的名单。请直接勾选。")
    then = {p.person_id: p.person.name for p in last.participants.select_related("person")}
    now = {p.person_id: p.person.name for p in session.participants.select_related("person")}
    members = [m for m in roster_on(session.group, session) if m.user_id in then]
    if not members:
        raise Refused("上次参加的人都不在学习当天的名单里，请直接勾选。")
    set_participants(session=session, members=members, by=by, at=at)
    chosen = {m.user_id: m.user.name for m in members}
    return SameAgain(
        last=last,
        came=[name for pk, name in chosen.items() if pk not in now],
        went=[name for pk, name in now.items() if pk not in chosen],
        left=[name for pk, name in then.items() if pk not in chosen],
        total=len(chosen),
    )


def possible_guests(session: StudySession) -> list[User]:
    """People this group knows who are not on its roster that day: they served it once, or hold an office in it."""
    listed = Membership.objects.on(session.day).filter(group=session.group_id).values("user")
    known = Q(memberships__group=session.group_id) | Q(appointments__group=session.group_id)
    return list(User.objects.filter(known).exclude(pk__in=listed).distinct())


@transaction.atomic
def add_guest(
    *,
    session: StudySession,
    person: User | None,
    name: str,
    category: str,
    title: str,
    department: str,
    seen_version: int,
    by: User,
    at: datetime,
) -> Participant:
    """单次临时参加: somebody takes part this once, as 扩大 or 列席, with a place on the roster for that one day.

    A newcomer is only a name: this gives nobody a login.
    """
    require(by, Permission.MANAGE_SESSIONS, session.group_id)
    if category not in GUEST_CATEGORIES:
        raise Refused("临时参加只能是扩大人员或列席人员。成员请在“名单”里加入。")
    _take(session, seen_version)
    who = person.name if person else name.strip()
    listed = Membership.objects.on(session.day).filter(group=session.group_id)
    if listed.filter(user=person) if person else listed.filter(user__name=who):
        raise Refused(f"{who}已在学习当天的名单里，请直接勾选。如是同名的另一位同志，请在姓名后注明单位。")
    place: dict[str, Any] = {"category": category, "title": title, "department": department, "position": GUEST_POSITION}
    place |= {"starts_on": session.day, "ends_on": session.day}
    if person:
        member = enrol(group=session.group, user=person, by=by, at=at, **place)
    else:
        member = enrol_guest(group=session.group, name=who, by=by, at=at, **place)
    last = session.participants.aggregate(last=Max("number"))["last"] or 0
    store_participants(session, [member], last + 1)
    audit.record("session.guest", target=session, by=by, at=at, group_id=session.group_id, person=member.user_id)
    return session.participants.select_related("person").get(person=member.user_id)
