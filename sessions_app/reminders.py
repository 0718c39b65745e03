"""What people are reminded of from this floor: a make-up study due, and their part in tomorrow's study."""

from collections.abc import Collection, Iterator
from datetime import date, timedelta

from django.urls import reverse
from django.utils import timezone

from accounts.reminders import DueLine, Matter, Source, how_long, is_day, key_of, register_source
from sessions_app.models import AgendaItem, MakeUpStudy, StudySession
from sessions_app.models.make_up import MakeUpState
from sessions_app.models.session import SessionState
from studygroup.lib.clock import start_of_day
from studygroup.lib.parse import quoted

MAKE_UP, PART = "make_up", "session_part"
FURTHEST = timedelta(days=60)


def make_ups_due(day: date) -> Iterator[DueLine]:
    """补学 still owed, on the days the group reminds: one statement."""
    owed = MakeUpStudy.objects.filter(state=MakeUpState.DUE, due_on__lte=day + FURTHEST)
    for study in owed.select_related("session__group").order_by("due_on", "pk"):
        if is_day(study.days_left(day), study.session.group.reminds_before):
            yield _make_up_line(study, day)


def _make_up_line(study: MakeUpStudy, day: date) -> DueLine:
    due = f"{study.due_on.month}月{study.due_on.day}日"
    text = f"补学{quoted(study.session.title)}{due}到期，{how_long(study.days_left(day))}，请补学并写几句体会。"
    address = reverse("make_up_detail", args=[study.pk])
    return DueLine(study.person_id, study.session.group_id, key_of(MAKE_UP, study.pk), text, address)


def make_ups_of(person_id: int, day: date) -> Iterator[DueLine]:
    """What one person still owes, soonest first."""
    owed = MakeUpStudy.objects.filter(person=person_id, state=MakeUpState.DUE, due_on__lte=day + FURTHEST)
    for study in owed.select_related("session__group").order_by("due_on", "pk"):
        yield _make_up_line(study, day)


def make_ups_open(matters: Collection[Matter]) -> set[Matter]:
    rows = MakeUpStudy.objects.filter(pk__in={pk for _, pk in matters}, state=MakeUpState.DUE)
    return set(rows.values_list("person", "pk"))


def parts_tomorrow(day: date) -> Iterator[DueLine]:
    """Whoever reads, speaks or presents in a study of the next day: one statement."""
    first, after = start_of_day(day + timedelta(days=1)), start_of_day(day + timedelta(days=2))
    lines = AgendaItem.objects.filter(
        session__state=SessionState.CALLED,
        session__starts_at__gte=first,
        session__starts_at__lt=after,
        speaker__isnull=False,
    )
    parts: dict[tuple[int, int], list[AgendaItem]] = {}
    for line in lines.select_related("session").order_by("session__starts_at", "session", "position"):
        parts.setdefault((line.speaker_id or 0, line.session_id), []).append(line)
    for (person, pk), of_person in parts.items():
        session = of_person[0].session
        roles = "、".join(dict.fromkeys(str(line.get_role_display()) for line in of_person))
        start = timezone.localtime(session.starts_at)
        text = f"明天（{start.month}月{start.day}日）{start:%H:%M}学习{quoted(session.title)}，您{roles}，请准备好。"
        address = reverse("session_detail", args=[pk])
        yield DueLine(person, session.group_id, key_of(PART, pk), text, address)


def parts_of(person_id: int, day: date) -> Iterator[DueLine]:
    return (line for line in parts_tomorrow(day) if line.person_id == person_id)


def parts_open(matters: Collection[Matter]) -> set[Matter]:
    called = StudySession.objects.filter(pk__in={pk for _, pk in matters}, state=SessionState.CALLED)
    pks = set(called.values_list("pk", flat=True))
    return {matter for matter in matters if matter[1] in pks}


def register_all() -> None:
    register_source(Source(MAKE_UP, make_ups_due, make_ups_open, make_ups_of))
    register_source(Source(PART, parts_tomorrow, parts_open, parts_of))
