"""Everything the papers of a session are written from, read once: the same statements for one session or thirty."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from accounts.permissions import Role
from sessions_app.models import AgendaItem, Attendance, LeaveRequest, MakeUpStudy, Participant, StudySession
from sessions_app.models.attendance import AttendanceStatus
from sessions_app.models.leave import LeaveState
from sessions_app.statistics import Counts, Line, count, with_grants
from studygroup.lib.models import AuditEntry

CALL, NOTICE = "session.call", "session.notice"  # what the record of actions says of a notice and of its words


@dataclass(frozen=True)
class Sent:
    """A notice as it went out: its words stay, whatever is changed afterwards."""

    at: datetime
    title: str
    blocks: list[dict[str, Any]]


@dataclass
class SessionRows:
    """One session with its agenda, register, leave and make-ups; and the notices sent, the first one first."""

    session: StudySession
    agenda: list[AgendaItem] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    leaves: list[LeaveRequest] = field(default_factory=list)
    make_ups: list[MakeUpStudy] = field(default_factory=list)
    called_at: datetime | None = None
    sent: list[Sent] = field(default_factory=list)

    @property
    def kinds(self) -> str:
        return "、".join(kind.label for kind in self.session.kinds.all())

    @property
    def counts(self) -> Counts:
        return count(self.lines)

    def people(self, category: Role) -> list[Line]:
        return [line for line in self.lines if line.participant.category == category]

    def is_away(self, person_id: int | None) -> bool:
        """Closed as on leave or absent: the papers do not let him speak."""
        away = {line.participant.person_id for line in self.lines if line.attendance and not line.attended}
        return self.session.is_held and person_id in away

    def standing(self, *statuses: AttendanceStatus) -> list[Line]:
        """Expected people entered with one of these."""
        return [line for line in self.lines if line.is_counted and line.status in statuses]


def read(sessions: Iterable[StudySession]) -> list[SessionRows]:
    found = {session.pk: SessionRows(session) for session in sessions}
    entered: dict[int, dict[int, Attendance]] = defaultdict(dict)
    for row in with_grants(Attendance.objects.filter(session__in=found)).select_related("entered_by"):
        entered[row.session_id][row.person_id] = row
    for participant in _of(Participant.objects.select_related("person").order_by("number", "pk"), found):
        attendance = entered[participant.session_id].get(participant.person_id)
        found[participant.session_id].lines.append(Line(participant, attendance))
    for item in _of(AgendaItem.objects.select_related("speaker"), found):
        found[item.session_id].agenda.append(item)
    asked = LeaveRequest.objects.exclude(state=LeaveState.WITHDRAWN).order_by("asked_at", "pk")
    for leave in _of(asked.select_related("person", "decided_by", "on_behalf_of"), found):
        found[leave.session_id].leaves.append(leave)
    for make_up in _of(MakeUpStudy.objects.select_related("person", "confirmed_by"), found):
        found[make_up.session_id].make_ups.append(make_up)
    called = AuditEntry.objects.filter(
        target_type=StudySession._meta.label_lower, target_id__in=list(found), action__in=[CALL, NOTICE]
    )
    for pk, action, at, detail in called.order_by("pk").values_list("target_id", "action", "at", "detail"):
        if action == CALL:
            found[pk].called_at = at
        else:
            found[pk].sent.append(Sent(at, detail["title"], detail["blocks"]))
    return list(found.values())


def _of(rows: QuerySet[Any], sessions: dict[int, SessionRows]) -> Sequence[Any]:
    return list(rows.filter(session__in=sessions))


def with_facts(sessions: QuerySet[StudySession]) -> QuerySet[StudySession]:
    """What `read` wants of a session itself, without a query per row."""
    return sessions.select_related("group__organization", "host", "site", "plan_item").prefetch_related("kinds")
