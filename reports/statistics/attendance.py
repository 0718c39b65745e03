"""考勤统计: one line per person over a year, a half or a quarter; every number knows the sessions behind it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import Membership, StudyGroup
from accounts.models.authority import DatedQuerySet
from accounts.permissions import Role
from sessions_app.models import AgendaItem, Attendance, MakeUpStudy, StudySession
from sessions_app.models.attendance import ATTENDED, AttendanceStatus, LeaveReason
from sessions_app.models.make_up import MakeUpState
from sessions_app.models.session import AgendaRole
from studygroup.lib.clock import start_of_day

# name → (label, first month, last month)
PERIODS: dict[str, tuple[str, int, int]] = {
    "year": ("全年", 1, 12),
    "h1": ("上半年", 1, 6),
    "h2": ("下半年", 7, 12),
    "q1": ("一季度", 1, 3),
    "q2": ("二季度", 4, 6),
    "q3": ("三季度", 7, 9),
    "q4": ("四季度", 10, 12),
}
COLUMNS = {
    "expected": "应到",
    "present": "实到",
    "official": "公假",
    "sick": "病假",
    "personal": "事假",
    "unsaid": "请假未注明事由",
    "absent": "缺席",
    "late": "迟到",
    "made_up": "补学",
    "lead": "领学",
    "keynote": "重点发言",
    "discussion": "交流发言",
}
REASONS = {LeaveReason.OFFICIAL: "official", LeaveReason.SICK: "sick", LeaveReason.PERSONAL: "personal", "": "unsaid"}
SPOKE = {AgendaRole.LEAD_READING: "lead", AgendaRole.KEYNOTE: "keynote", AgendaRole.DISCUSSION: "discussion"}
FORMULA = (
    "出勤率＝实到（含迟到）÷应到；补学后参学率＝（实到＋已核实的补学）÷应到。应到按已结束、有签到登记的学习活动中"
    "每人的登记计算，列席不计；免补不算已补学。领学、发言按议程计，本人请假或缺席的不计。"
)


@dataclass
class PersonLine:
    """One person's numbers; `sessions` maps a column to the ids of the sessions it counts."""

    person: int
    name: str
    title: str
    is_member: bool = False
    sessions: dict[str, list[int]] = field(default_factory=lambda: {column: [] for column in COLUMNS})

    @property
    def counts(self) -> dict[str, int]:
        return {column: len(ids) for column, ids in self.sessions.items()}

    @property
    def attendance_rate(self) -> str:
        return percent(len(self.sessions["present"]), len(self.sessions["expected"]))

    @property
    def study_rate(self) -> str:
        studied = len(self.sessions["present"]) + len(self.sessions["made_up"])
        return percent(studied, len(self.sessions["expected"]))


@dataclass(frozen=True)
class AttendanceTable:
    """`held` sessions are over, those `without_register` are missing data and count for nobody."""

    lines: list[PersonLine]
    held: int
    without_register: list[int]

    @property
    def total(self) -> PersonLine:
        every = PersonLine(0, "合计", "")
        for line in self.lines:
            for column, ids in line.sessions.items():
                every.sessions[column].extend(ids)
        return every

    @property
    def columns(self) -> list[str]:
        """All but the one for leave without a reason, unless somebody has such."""
        unsaid = any(line.sessions["unsaid"] for line in self.lines)
        return [column for column in COLUMNS if column != "unsaid" or unsaid]


def percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}%" if whole else "—"


def bounds_of(year: int, period: str) -> tuple[datetime, datetime]:
    """First instant of the period and first instant after it."""
    _, first, last = PERIODS[period]
    after = date(year + 1, 1, 1) if last == 12 else date(year, last + 1, 1)
    return start_of_day(date(year, first, 1)), start_of_day(after)


def attendance_table(group: StudyGroup, year: int, period: str) -> AttendanceTable:
    """The members and whoever was expected, by roster, those who have left it last: five statements."""
    first, after = bounds_of(year, period)
    held = StudySession.objects.filter(group=group, starts_at__gte=first, starts_at__lt=after).held()
    registers = Attendance.objects.filter(session=OuterRef("pk"))
    found = dict(held.annotate(has_register=Exists(registers)).values_list("pk", "has_register"))
    lines = _roster(group, (after - timedelta(days=1)).date())
    _count_register(lines, held)
    _count_agenda(lines, held)
    shown = [line for line in lines.values() if line.is_member or any(line.sessions.values())]
    return AttendanceTable(shown, len(found), [pk for pk, has in found.items() if not has])


def _roster(group: StudyGroup, day: date) -> dict[int, PersonLine]:
    rows: DatedQuerySet = Membership.objects.on(day).filter(group=group).exclude(category=Role.OBSERVER)
    ordered = rows.order_by("position", "pk").values_list("user", "user__name", "title", "category")
    members = [row for row in ordered if row[3] == Role.MEMBER]
    others = [row for row in ordered if row[3] != Role.MEMBER]
    return {
        person: PersonLine(person, name, title, category == Role.MEMBER)
        for person, name, title, category in [*members, *others]
    }


def _count_register(lines: dict[int, PersonLine], held: QuerySet[StudySession]) -> None:
    made_up = set(
        MakeUpStudy.objects.filter(session__in=held, state=MakeUpState.CONFIRMED).values_list("session", "person")
    )
    rows = Attendance.objects.filter(session__in=held, is_counted=True).order_by("session__starts_at", "session")
    for session, person, name, status, reason in rows.values_list(
        "session", "person", "person__name", "status", "leave_reason"
    ):
        count = lines.setdefault(person, PersonLine(person, name, "")).sessions
        for column in _columns_of(status, reason, made_up=(session, person) in made_up):
            count[column].append(session)


def _columns_of(status: str, reason: str, *, made_up: bool) -> Iterable[str]:
    yield "expected"
    if status in ATTENDED:
        yield "present"
    elif made_up:
        yield "made_up"
    if status == AttendanceStatus.LATE:
        yield "late"
    elif status == AttendanceStatus.ABSENT:
        yield "absent"
    elif status == AttendanceStatus.LEAVE:
        yield REASONS[LeaveReason(reason) if reason else ""]


def _count_agenda(lines: dict[int, PersonLine], held: QuerySet[StudySession]) -> None:
    away = Attendance.objects.filter(session=OuterRef("session"), person=OuterRef("speaker"))
    spoken = AgendaItem.objects.filter(session__in=held, role__in=SPOKE, speaker__in=list(lines)).exclude(
        Exists(away.exclude(status__in=ATTENDED))
    )
    for session, person, role in spoken.order_by("session__starts_at", "position").values_list(
        "session", "speaker", "role"
    ):
        lines[person].sessions[SPOKE[AgendaRole(role)]].append(session)
