"""The register of one session in lines and numbers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, QuerySet

from accounts.permissions import Role
from sessions_app.models import AgendaItem, Attendance, LeaveRequest, Participant, StudySession
from sessions_app.models.attendance import AttendanceSource, AttendanceStatus
from sessions_app.models.leave import LeaveState


@dataclass(frozen=True)
class Line:
    """One line of the register: who is expected, and what is entered for him so far."""

    participant: Participant
    attendance: Attendance | None
    same_device: tuple[str, ...] = ()  # names of others who signed in from the same phone
    is_afterwards: bool = False  # 补录: entered by the office when the session was over

    @property
    def attended(self) -> bool:
        return self.attendance is not None and self.attendance.attended

    @property
    def source_label(self) -> str:
        return "补录" if self.is_afterwards else self.attendance.get_source_display() if self.attendance else ""

    @property
    def is_unapproved(self) -> bool:
        """On leave because the office says so; the 组长 has granted nothing. What old registers say is not judged."""
        row = self.attendance
        by_office = row is not None and row.source == AttendanceSource.REGISTER
        return by_office and self.status == AttendanceStatus.LEAVE and not getattr(row, "is_granted", True)

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


UNAPPROVED_LEAVE = "办公室登记，未经组长审批"


def with_grants(rows: QuerySet[Attendance]) -> QuerySet[Attendance]:
    """With `is_granted`: the 组长 has granted this person's leave."""
    granted = LeaveRequest.objects.filter(
        session=OuterRef("session"), person=OuterRef("person"), state=LeaveState.GRANTED
    )
    return rows.annotate(is_granted=Exists(granted))


def lines_of(session: StudySession) -> list[Line]:
    """Everybody in the order of the register: two statements, whatever the number."""
    rows = with_grants(Attendance.objects.filter(session=session)).select_related("entered_by")
    entered = {row.person_id: row for row in rows}
    people = list(Participant.objects.filter(session=session).select_related("person").order_by("number", "pk"))
    holders: dict[str, list[Participant]] = {}
    for place in people:
        if (row := entered.get(place.person_id)) and row.device:
            holders.setdefault(row.device, []).append(place)
    return [_line(session, place, entered.get(place.person_id), holders) for place in people]


def _line(
    session: StudySession, place: Participant, row: Attendance | None, holders: Mapping[str, list[Participant]]
) -> Line:
    if row is None:
        return Line(place, None)
    others = tuple(other.person.name for other in holders.get(row.device, ()) if other.pk != place.pk)
    entered_later = row.source == AttendanceSource.REGISTER and row.attended and row.at > session.ends_at
    return Line(place, row, others, entered_later)


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


@dataclass(frozen=True)
class SpeakerLine:
    """Who is to speak, in the order of the agenda, and whether he is here; `line` is None for a guest."""

    item: AgendaItem
    line: Line | None


def speakers_of(session: StudySession, lines: Iterable[Line]) -> list[SpeakerLine]:
    """One statement."""
    places = {line.participant.person_id: line for line in lines}
    agenda = AgendaItem.objects.filter(session=session).select_related("speaker")
    return [SpeakerLine(item, places.get(item.speaker_id) if item.speaker_id else None) for item in agenda]


@dataclass(frozen=True)
class Differences:
    """核对: where screen, paper and the counted heads do not agree. 列席 people sit in the room too."""

    only_on_screen: Sequence[Line]
    only_on_paper: Sequence[Line]
    attended: int
    observers: int
    head_count: int | None
    has_paper: bool

    @property
    def heads_missing(self) -> int:
        """How many more are on the screen than were counted; below zero when it is the other way."""
        return 0 if self.head_count is None else self.attended + self.observers - self.head_count

    @property
    def heads_over(self) -> int:
        return -self.heads_missing

    @property
    def none(self) -> bool:
        return not (self.only_on_screen or self.only_on_paper or self.heads_missing)


def differences_of(session: StudySession, lines: Sequence[Line]) -> Differences:
    here = [line for line in lines if line.attended]
    return Differences(
        only_on_screen=[line for line in here if line.participant.signed_on_paper is False],
        only_on_paper=[line for line in lines if not line.attended and line.participant.signed_on_paper],
        attended=sum(line.is_counted for line in here),
        observers=sum(not line.is_counted for line in here),
        head_count=session.head_count,
        has_paper=any(line.participant.signed_on_paper is not None for line in lines),
    )
