"""布置材料, person by person: who has handed in what, when, and how that stands."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from accounts.models import ReminderLine
from accounts.reminders import key_of
from materials.models import PaperRequestPerson, Submission
from materials.reminders import ASKED
from reviews.chain import State
from studygroup.lib.clock import local_date

ON_TIME, LATE = "按时", "逾期"


@dataclass(frozen=True)
class AskedLine:
    """One person asked (`PaperRequestPerson.with_answer`) and his paper. `is_readable` says whether whoever looks may
    open it."""

    row: Any
    paper: Submission | None
    is_readable: bool
    today: date

    @property
    def is_owing(self) -> bool:
        return self.paper is None and self.row.excused_at is None

    @property
    def days_late(self) -> int:
        """After the due date, by the first handing in or until today; 0 in time or when nothing is expected."""
        if self.paper is None and self.row.excused_at:
            return 0
        day = self.received_on or self.today
        return max(0, (day - self.row.request.due_on).days)

    @property
    def received_on(self) -> date | None:
        return local_date(self.paper.received_at) if self.paper and self.paper.received_at else None

    @property
    def punctual(self) -> str:
        """按时, 逾期 N 天, or "" while nothing can be said."""
        if self.days_late:
            return f"{LATE} {self.days_late} 天"
        return ON_TIME if self.paper else ""

    @property
    def state(self) -> tuple[str, str]:
        """Word and tone. A draft is nobody's business: 未交."""
        if self.paper is None:
            if self.row.excused_at:
                return "免交", "off"
            return ("未交", "bad") if self.days_late else ("未交", "off")
        state = State(self.paper.review.state)
        if self.paper.review.awaits_ratification:
            return "特批，待追认", "wait"
        if state == State.APPROVED:
            return "已通过", "good"
        return ("已退回", "wait") if state == State.RETURNED else ("审核中", "wait")


def lines_of(rows: Iterable[Any], user: Any, today: date) -> list[AskedLine]:
    """Lines for rows that know their answer: two statements more, whatever the number."""
    rows = list(rows)
    ids = {row.answer_id for row in rows if row.answer_id}
    papers = Submission.objects.select_related("review").defer("body").in_bulk(ids)
    readable = set(Submission.objects.visible_to(user).filter(pk__in=ids).values_list("pk", flat=True))
    return [AskedLine(row, papers.get(row.answer_id), row.answer_id in readable, today) for row in rows]


@dataclass(frozen=True)
class Share:
    """按时交: of those asked and not excused. Without anybody asked there is no share."""

    on_time: int
    answered: int
    asked: int
    excused: int

    @property
    def percent(self) -> str:
        return f"{100 * self.on_time / self.asked:.1f}%" if self.asked else "—"

    @property
    def sentence(self) -> str:
        """With its denominator."""
        excused = f"，另免交 {self.excused} 人" if self.excused else ""
        return f"已交 {self.answered} / 应交 {self.asked}{excused}"


def share_of(lines: Sequence[AskedLine]) -> Share:
    counted = [line for line in lines if line.row.excused_at is None]
    answered = [line for line in counted if line.paper]
    return Share(sum(not line.days_late for line in answered), len(answered), len(counted), len(lines) - len(counted))


def reminded_of(rows: Sequence[PaperRequestPerson]) -> dict[int, ReminderLine]:
    """asked → the newest line that reminded him of it. One statement."""
    keys = {key_of(ASKED, row.request_id) for row in rows}
    found = (
        ReminderLine.objects.standing()
        .filter(key__in=keys, reminder__person__in={row.person_id for row in rows})
        .select_related("reminder", "teller")
        .order_by("reminder__day", "pk")
    )
    newest = {(line.reminder.person_id, line.key): line for line in found}
    return {
        row.pk: newest[row.person_id, key_of(ASKED, row.request_id)]
        for row in rows
        if (row.person_id, key_of(ASKED, row.request_id)) in newest
    }
