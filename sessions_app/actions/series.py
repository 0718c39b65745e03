"""定期学习: drafts of the same weekday and hour, laid out at once and changed together where the office says so."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.actions.people import require
from accounts.models import Membership, StudyGroup, User
from accounts.permissions import Permission, Role
from sessions_app.actions.participants import places_in, roster_out_of
from sessions_app.actions.session import Speaker, change_session, new_sign_in_key
from sessions_app.actions.session_life import discard
from sessions_app.models import Participant, SessionKind, SessionSeries, StudySession
from sessions_app.models.session import SessionState
from studygroup.lib import audit
from studygroup.lib.errors import Refused

AT_MOST = 60  # drafts at once: a year of Saturdays and some
# Which others an edit also reaches.
ONE, FOLLOWING, DRAFTS = "one", "following", "drafts"
PRESETS = {
    "members": frozenset({Role.MEMBER}),
    "expected": frozenset({Role.MEMBER, Role.EXTENDED}),
    "all": frozenset({Role.MEMBER, Role.EXTENDED, Role.OBSERVER}),
}


def days_of(first_on: date, last_on: date, weekday: int) -> list[date]:
    """The days of this weekday from the first to the last day, both included."""
    day = first_on + timedelta(days=(weekday - first_on.weekday()) % 7)
    return [day + timedelta(weeks=n) for n in range((last_on - day).days // 7 + 1)]


def moment(day: date, hour: time) -> datetime:
    return timezone.make_aware(datetime.combine(day, hour))


@transaction.atomic
def lay_out(
    *,
    group: StudyGroup,
    title: str,
    kinds: Sequence[SessionKind],
    place: str,
    host: User | None,
    weekday: int,
    starts_at: time,
    ends_at: time,
    first_on: date,
    last_on: date,
    days: Iterable[date],
    preset: str,
    by: User,
    at: datetime,
) -> SessionSeries:
    """Make the series and a draft for each of `days`; who takes part is the roster of each day, by `preset`.

    The statements do not grow with the days.
    """
    require(by, Permission.MANAGE_SESSIONS, group.pk)
    chosen = sorted(set(days) & set(days_of(first_on, last_on, weekday)))
    if not chosen:
        raise Refused("一天也没有勾选，没有可以建立的学习。")
    if len(chosen) > AT_MOST:
        raise Refused(f"一次最多建 {AT_MOST} 次，现在勾了 {len(chosen)} 次。请缩短起止日期，分两批建立。")
    plan = {"weekday": weekday, "starts_at": starts_at, "ends_at": ends_at, "first_on": first_on, "last_on": last_on}
    series = SessionSeries.objects.create(group=group, title=title, created_by=by, created_at=at, **plan)
    sessions = StudySession.objects.bulk_create(
        StudySession(
            group=group,
            series=series,
            title=title,
            starts_at=moment(day, starts_at),
            ends_at=moment(day, ends_at),
            place=place,
            host=host,
            sign_in_key=new_sign_in_key(),
            created_by=by,
            created_at=at,
        )
        for day in chosen
    )
    link = StudySession.kinds.through
    link.objects.bulk_create(link(studysession=session, sessionkind=kind) for session in sessions for kind in kinds)
    Participant.objects.bulk_create(_places_by_preset(group, sessions, preset), batch_size=2000)
    told: dict[str, Any] = {"days": [str(day) for day in chosen], "sessions": [session.pk for session in sessions]}
    audit.record("series.create", target=series, by=by, at=at, group_id=group.pk, **told)
    return series


def _places_by_preset(group: StudyGroup, sessions: Sequence[StudySession], preset: str) -> Iterator[Participant]:
    memberships = list(Membership.objects.filter(group=group))
    for session in sessions:
        yield from places_in(
            session, (m for m in roster_out_of(memberships, session.day) if m.category in PRESETS[preset])
        )


def others_of(session: StudySession, scope: str, with_called: bool) -> list[StudySession]:
    """The sessions of the series an edit of this one also reaches; what is over is never among them."""
    if scope not in (FOLLOWING, DRAFTS) or not session.series_id:
        return []
    states = [SessionState.DRAFT, SessionState.CALLED] if with_called else [SessionState.DRAFT]
    others = StudySession.objects.filter(series=session.series_id, state__in=states).exclude(pk=session.pk)
    if scope == FOLLOWING:
        starts_at = StudySession.objects.values_list("starts_at", flat=True).get(pk=session.pk)
        others = others.filter(starts_at__gt=starts_at)
    return list(
        others.select_related("group", "host").prefetch_related("kinds", "agenda__speaker").order_by("starts_at")
    )


@transaction.atomic
def change_in_series(
    *,
    session: StudySession,
    scope: str,
    with_called: bool,
    seen_version: int,
    facts: Mapping[str, Any],
    kinds: Sequence[SessionKind],
    agenda: Sequence[Speaker],
    by: User,
    at: datetime,
) -> int:
    """Change this session, and in the others of its series what was changed here: title, kinds, place, hours, host,
    agenda. Each keeps its own day. Returns how many others were changed."""
    before = StudySession.objects.prefetch_related("kinds", "agenda__speaker").get(pk=session.pk)
    others = others_of(session, scope, with_called)
    change_session(session=session, seen_version=seen_version, facts=facts, kinds=kinds, agenda=agenda, by=by, at=at)
    plain = {name: facts[name] for name in ("title", "place", "host") if facts[name] != getattr(before, name)}
    hours = (_hours(facts["starts_at"]), _hours(facts["ends_at"]))
    hours_changed = hours != (_hours(before.starts_at), _hours(before.ends_at))
    kinds_changed = {kind.pk for kind in kinds} != {kind.pk for kind in before.kinds.all()}
    agenda_changed = list(agenda) != agenda_of(before)
    if not (plain or hours_changed or kinds_changed or agenda_changed):
        return 0
    for other in others:
        moved = {"starts_at": moment(other.day, hours[0]), "ends_at": moment(other.day, hours[1])}
        change_session(
            session=other,
            seen_version=other.version,
            facts=plain | (moved if hours_changed else {}),
            kinds=kinds if kinds_changed else list(other.kinds.all()),
            agenda=agenda if agenda_changed else agenda_of(other),
            by=by,
            at=at,
        )
    return len(others)


def _hours(when: datetime) -> time:
    return timezone.localtime(when).time()


def agenda_of(session: StudySession) -> list[Speaker]:
    return [Speaker(i.role, i.speaker, i.speaker_name, i.title, i.minutes) for i in session.agenda.all()]


@transaction.atomic
def discard_many(*, sessions: Iterable[StudySession], by: User, at: datetime) -> int:
    """Take back several drafts; one that cannot go keeps all."""
    gone = 0
    for session in sessions:
        discard(session=session, by=by, at=at)
        gone += 1
    return gone
