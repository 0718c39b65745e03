"""The register of one session in lines and numbers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from accounts.permissions import Role
from sessions_app.models import Attendance, Participant, StudySession
from sessions_app.models.attendance import AttendanceStatus


@dataclass(frozen=True)
class Line:
    """One line of the register: who is expected, and what is entered for him so far."""

    participant: Participant
    attendance: Attendance | None

    @property
    def is_counted(self) -> bool:
        return self.participant.category != Role.OBSERVER

    @property
    def status(self) -> str:
        return self.attendance.status if self.attendance else "unregistered"


@dataclass(frozen=True)
class Counts:
    """应到、实到… of one session. 列席 people are in none of them; 实到 includes 迟到."""

    expected: int
    present: int
    late: int
    leave: int
    absent: int
    unregistered: int
    observers: int

    @property
    def missing(self) -> int:
        """未到: neither here nor on leave."""
        return self.expected - self.present - self.leave


def lines_of(session: StudySession) -> list[Line]:
    """Everybody in the order of the register: two statements, whatever the number."""
    rows = Attendance.objects.filter(session=session).select_related("entered_by")
    entered = {row.person_id: row for row in rows}
    people = Participant.objects.filter(session=session).select_related("person").order_by("number", "pk")
    return [Line(participant, entered.get(participant.person_id)) for participant in people]


def count(lines: Sequence[Line]) -> Counts:
    statuses = [line.status for line in lines if line.is_counted]
    number = statuses.count
    late = number(AttendanceStatus.LATE)
    return Counts(
        expected=len(statuses),
        present=number(AttendanceStatus.PRESENT) + late,
        late=late,
        leave=number(AttendanceStatus.LEAVE),
        absent=number(AttendanceStatus.ABSENT),
        unregistered=number("unregistered"),
        observers=len(lines) - len(statuses),
    )


def only(lines: Iterable[Line], show: str) -> list[Line]:
    """The lines behind one number of `count`; an unknown name shows all."""
    match show:
        case "present":
            return [line for line in lines if line.is_counted and line.attendance and line.attendance.attended]
        case "late" | "leave" | "absent" | "unregistered":
            return [line for line in lines if line.is_counted and line.status == show]
        case "observers":
            return [line for line in lines if not line.is_counted]
    return list(lines)
