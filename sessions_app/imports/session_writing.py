"""A ledger's row as a session that was held, with its register."""

from datetime import datetime, timedelta

from django.db.models import Max

from accounts.models import User
from accounts.permissions import Role
from accounts.sheets.description import SheetRow
from accounts.sheets.trace import Trace
from sessions_app.actions.participants import places_in
from sessions_app.actions.serial import give_next
from sessions_app.actions.session import create_session
from sessions_app.imports.session_rows import KnownSessions
from sessions_app.models import Attendance, MakeUpStudy, Participant, StudySession
from sessions_app.models.attendance import AttendanceSource
from sessions_app.models.make_up import MakeUpState
from sessions_app.models.session import SessionState
from studygroup.lib import audit


def write_session(known: KnownSessions, row: SheetRow, trace: Trace, by: User, at: datetime) -> None:
    facts = row.facts
    session = create_session(
        group=known.group,
        title=facts["title"],
        kinds=facts["kinds"],
        starts_at=facts["starts_at"],
        ends_at=facts["ends_at"],
        place=facts["place"],
        members=facts["members"],
        agenda=facts["agenda"],
        host=facts["host"],
        content=row.value("content"),
        question=row.value("question"),
        recorder=row.value("recorder"),
        record=row.value("record"),
        head_count=facts["head_count"],
        by=by,
        at=at,
    )
    year = session.day.year
    stored = StudySession.objects.filter(pk=session.pk)
    stored.update(state=SessionState.CLOSED, plan_item=facts["plan_item"])
    give_next(session.group_id, year, lambda serial: stored.update(serial=serial, serial_year=year))
    trace.made(session)
    trace.made(*session.participants.all())
    trace.made(*session.agenda.all())
    _store_marks(session, row, trace, by, at)


def write_register(session: StudySession, row: SheetRow, trace: Trace, by: User, at: datetime) -> None:
    """A session held without a register gets it; who was not expected before is now."""
    there = set(session.participants.values_list("person", flat=True))
    last = session.participants.aggregate(last=Max("number"))["last"] or 0
    missing = [m for m in row.facts["members"] if m.user_id not in there]
    made = Participant.objects.bulk_create(places_in(session, missing, last + 1))
    trace.made(*made)
    _store_marks(session, row, trace, by, at)


def _store_marks(session: StudySession, row: SheetRow, trace: Trace, by: User, at: datetime) -> None:
    categories = {m.user_id: m.category for m in row.facts["members"]}
    made = [
        Attendance(
            session=session,
            person_id=person,
            status=mark.status,
            leave_reason=mark.reason,
            source=AttendanceSource.IMPORT,
            is_counted=categories[person] != Role.OBSERVER,
            at=row.facts["starts_at"],
            entered_by=by,
        )
        for person, mark in row.facts["marks"].items()
    ]
    if not made:
        return
    Attendance.objects.bulk_create(made)
    trace.made(*made)
    told = {str(person): mark.status for person, mark in row.facts["marks"].items()}
    audit.record("attendance.import", target=session, by=by, at=at, group_id=session.group_id, people=told)
    _store_make_ups(session, row, trace, by, at)


def _store_make_ups(session: StudySession, row: SheetRow, trace: Trace, by: User, at: datetime) -> None:
    """What the ledger says is done is confirmed by whoever imports it."""
    due_on = session.day + timedelta(days=session.group.make_up_days)
    made = [
        MakeUpStudy(
            session=session,
            person_id=person,
            due_on=due_on,
            state=MakeUpState.CONFIRMED,
            method=made_up.method,
            studied_on=made_up.studied_on,
            handed_in_at=at,
            handed_in_by=by,
            confirmed_by=by,
            confirmed_at=at,
            answer="据学习台账导入",
        )
        for person, made_up in row.facts["make_ups"].items()
    ]
    if made:
        trace.made(*MakeUpStudy.objects.bulk_create(made))
        people = sorted(row.facts["make_ups"])
        audit.record("make_up.import", target=session, by=by, at=at, group_id=session.group_id, people=people)
