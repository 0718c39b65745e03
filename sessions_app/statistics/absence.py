"""请假补学登记: one line per person and session that somebody asked leave for, missed or has made up."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from sessions_app.models import Attendance, LeaveRequest, MakeUpStudy, Participant
from sessions_app.models.attendance import AttendanceSource, AttendanceStatus
from sessions_app.models.leave import LeaveState
from sessions_app.models.make_up import MakeUpState
from sessions_app.statistics import UNAPPROVED_LEAVE
from studygroup.lib.clock import year_bounds

OVERDUE = "overdue"
STATES = [
    *((f"leave-{value}", label) for value, label in LeaveState.choices),
    *((f"study-{value}", label) for value, label in MakeUpState.choices),
    (f"study-{OVERDUE}", "补学逾期"),
]
MISSED = (AttendanceStatus.LEAVE, AttendanceStatus.ABSENT)


@dataclass(frozen=True)
class AbsenceLine:
    """One person's absence from one session: what he asked, how it was decided, how he made it up."""

    participant: Participant
    leave: LeaveRequest | None
    attendance: Attendance | None
    make_up: MakeUpStudy | None

    @property
    def reason(self) -> str:
        """公假、病假、事假 as asked or as registered; otherwise how he stands in the register."""
        if self.leave:
            return str(self.leave.get_reason_display())
        row = self.attendance
        if row is None:
            return ""
        return str(row.get_leave_reason_display() if row.leave_reason else row.get_status_display())

    @property
    def explanation(self) -> str:
        if self.leave:
            return self.leave.explanation
        return self.attendance.note if self.attendance else ""

    @property
    def verdict(self) -> str:
        """组长意见 in one line, with both names where somebody acted for the 组长."""
        leave = self.leave
        if leave is None:
            row = self.attendance
            by_office = row and row.status == AttendanceStatus.LEAVE and row.source == AttendanceSource.REGISTER
            return UNAPPROVED_LEAVE if by_office else ""
        who = leave.decided_by.name if leave.decided_by else ""
        if leave.on_behalf_of:
            who = f"{who}受{leave.on_behalf_of.name}委托"
        return "　".join(filter(None, [str(leave.get_state_display()), leave.answer, who]))

    def state(self, today: date) -> tuple[str, str]:
        """Word and tone of where this absence stands."""
        study = self.make_up
        if study is not None:
            if study.is_due and study.due_on < today:
                return "补学逾期", "bad"
            tones = {MakeUpState.DUE: "wait", MakeUpState.HANDED_IN: "wait", MakeUpState.CONFIRMED: "good"}
            return str(study.get_state_display()), tones.get(MakeUpState(study.state), "off")
        if self.leave is not None:
            tone = {LeaveState.ASKED: "wait", LeaveState.GRANTED: "good", LeaveState.REFUSED: "bad"}
            return str(self.leave.get_state_display()), tone.get(LeaveState(self.leave.state), "off")
        return self.reason, "off"


def absences(groups: Iterable[int], year: int | None, person: int | None, state: str, today: date) -> QuerySet[Any]:
    """The places in sessions of these groups that belong into the register, newest session first."""
    asked = LeaveRequest.objects.filter(session=OuterRef("session"), person=OuterRef("person"))
    owed = MakeUpStudy.objects.filter(session=OuterRef("session"), person=OuterRef("person"))
    missed = Attendance.objects.filter(session=OuterRef("session"), person=OuterRef("person"), status__in=MISSED)
    rows = Participant.objects.filter(session__group__in=groups)
    if year:
        first, after = year_bounds(year)
        rows = rows.filter(session__starts_at__gte=first, session__starts_at__lt=after)
    if person:
        rows = rows.filter(person=person)
    kind, _, value = state.partition("-")
    if kind == "leave":
        rows = rows.filter(Exists(asked.filter(state=value)))
    elif value == OVERDUE:
        rows = rows.filter(Exists(owed.overdue(today)))
    elif kind == "study":
        rows = rows.filter(Exists(owed.filter(state=value)))
    else:
        rows = rows.filter(Exists(asked) | Exists(owed) | Exists(missed))
    return rows.select_related("session", "session__group", "person").order_by("-session__starts_at", "number", "pk")


def lines_of_absences(places: Sequence[Participant]) -> list[AbsenceLine]:
    """What stands behind each place: three statements, whatever the number."""
    sessions, people = {p.session_id for p in places}, {p.person_id for p in places}

    def by_place(rows: QuerySet[Any]) -> dict[tuple[int, int], Any]:
        return {(row.session_id, row.person_id): row for row in rows.filter(session__in=sessions, person__in=people)}

    leaves = by_place(LeaveRequest.objects.select_related("decided_by", "on_behalf_of", "entered_by").order_by("pk"))
    entered = by_place(Attendance.objects.all())
    studies = by_place(MakeUpStudy.objects.select_related("confirmed_by"))
    return [
        AbsenceLine(p, leaves.get(key), entered.get(key), studies.get(key))
        for p in places
        for key in [(p.session_id, p.person_id)]
    ]
