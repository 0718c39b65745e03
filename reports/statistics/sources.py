"""What the year's figures count: the rows of one kind, which figures each may belong to and why it does not count.

A *source* reads them in one or two statements.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import F

from accounts.models import StudyGroup
from materials.measures import TAGS
from materials.models import (
    Distribution,
    Outcome,
    PaperRequestPerson,
    PersonalStudy,
    PublicityColumn,
    PublicityPush,
    Submission,
)
from materials.models.personal_study import PersonalStudyKind
from reports.statistics.reviewing import ENTRY, verdicts_of
from reviews.chain import State
from sessions_app.models import Attendance, Lecture, Observation, StudySession
from sessions_app.models.attendance import ATTENDED
from sessions_app.models.make_up import MakeUpState
from sessions_app.models.observation import ObservationState
from sessions_app.models.session import SessionState

SESSION = StudySession._meta.label
ATTENDANCE = Attendance._meta.label
SUBMISSION = Submission._meta.label
LECTURE = Lecture._meta.label
DISTRIBUTION = Distribution._meta.label
COLUMN = PublicityColumn._meta.label
PUSH = PublicityPush._meta.label
PERSONAL_STUDY = PersonalStudy._meta.label
OBSERVATION = Observation._meta.label
OUTCOME = Outcome._meta.label
ASKED = PaperRequestPerson._meta.label


@dataclass(frozen=True)
class Row:
    """One row that may count: `tags` name its figures, `why_not` keeps it out, `amount` is what it adds."""

    model: str
    id: int
    tags: frozenset[str]
    why_not: str = ""
    amount: int = 1


def session_rows(group: StudyGroup, year: int) -> list[Row]:
    """Sessions of the year with their kinds; only closed ones count."""
    reasons = {SessionState.DRAFT: "还是草稿，没有通知", SessionState.CALLED: "已通知，尚未结束"}
    kinds: dict[int, set[str]] = {}
    states: dict[int, str] = {}
    rows = StudySession.objects.filter(group=group).in_year(year).order_by("starts_at", "pk")
    for pk, state, slug in rows.values_list("pk", "state", "kinds__slug"):
        states[pk] = state
        kinds.setdefault(pk, set()).update({slug} if slug else ())
    return [
        Row(SESSION, pk, frozenset(slugs), reasons.get(SessionState(states[pk]), "")) for pk, slugs in kinds.items()
    ]


def attendance_rows(group: StudyGroup, year: int) -> list[Row]:
    """Register rows of closed sessions. A closed session without a register is missing data, not absence."""
    tags = frozenset({"attendance"})
    closed = StudySession.objects.filter(group=group).in_year(year).held().order_by("starts_at", "pk")
    found = []
    for session, pk, counted, status in closed.order_by("starts_at", "pk", "attendances__pk").values_list(
        "pk", "attendances__pk", "attendances__is_counted", "attendances__status"
    ):
        if pk is None:
            found.append(Row(SESSION, session, tags, "没有签到登记，属于缺资料，不按缺席算"))
        else:
            found.append(Row(ATTENDANCE, pk, tags, "" if counted else "列席，不计入出勤率", int(status in ATTENDED)))
    return found


def study_rows(group: StudyGroup, year: int) -> list[Row]:
    """The same rows; whoever missed a session and has made it up, confirmed, has taken part after all."""
    made_up = set(
        Attendance.objects.filter(
            session__group=group,
            session__in=StudySession.objects.filter(group=group).in_year(year),
            person__make_ups__session=F("session"),
            person__make_ups__state=MakeUpState.CONFIRMED,
        ).values_list("pk", flat=True)
    )
    tags = frozenset({"study"})
    return [
        replace(row, tags=tags, amount=1 if row.model == ATTENDANCE and row.id in made_up else row.amount)
        for row in attendance_rows(group, year)
    ]


def observation_rows(group: StudyGroup, year: int) -> list[Row]:
    """Visits of the level above to this group in the year; only those fed back count."""
    reasons = {ObservationState.PLANNED: "已安排，尚未反馈", ObservationState.CANCELLED: "已取消"}
    rows = Observation.objects.filter(group=group, planned_on__year=year).order_by("planned_on", "pk")
    return [
        Row(OBSERVATION, pk, frozenset({"observed"}), reasons.get(ObservationState(state), ""))
        for pk, state in rows.values_list("pk", "state")
    ]


def paper_rows(group: StudyGroup, year: int) -> list[Row]:
    """Papers handed in, dated in the year; only what passed the gate counts as a 篇. A draft is nobody's business."""
    handed_in = Submission.objects.filter(group=group).exclude(review__state=State.DRAFT)
    rows = handed_in.in_year(year).order_by("written_on", "pk")
    return [
        Row(SUBMISSION, pk, frozenset({kind}), _not_approved(state))
        for pk, kind, state in rows.values_list("pk", "kind", "review__state")
    ]


def asked_rows(group: StudyGroup, year: int) -> list[Row]:
    """Everybody asked for a paper due in the year. A request still open says nothing yet; who is excused owes none."""
    people = PaperRequestPerson.objects.filter(request__group=group, request__due_on__year=year)
    on_time = set(people.on_time().values_list("pk", flat=True))
    rows = people.order_by("request__due_on", "pk").values_list("pk", "excused_at", "request__closed_at")
    return [
        Row(ASKED, pk, frozenset({"on_time"}), _not_asked(excused, closed), int(pk in on_time))
        for pk, excused, closed in rows
    ]


def _not_asked(excused: Any, closed: Any) -> str:
    if excused:
        return "免交，不计入"
    return "" if closed else "这次布置还没有结束"


def lecture_rows(group: StudyGroup, year: int) -> list[Row]:
    """Lectures held in the year that this group approves, its own and those of committees below."""
    rows = Lecture.objects.filter(review__group=group).in_year(year).order_by("starts_at", "pk")
    return [
        Row(LECTURE, pk, frozenset({"lecture"}), _not_approved(state))
        for pk, state in rows.values_list("pk", "review__state")
    ]


def _not_approved(state: str) -> str:
    if state == State.APPROVED:
        return ""
    waiting = {State.DRAFT: "还没有提交", State.RETURNED: "已退回，尚未重新通过"}
    return waiting.get(State(state), f"正在{State(state).label}，尚未通过")


def distribution_rows(group: StudyGroup, year: int) -> list[Row]:
    rows = Distribution.objects.filter(group=group, handed_out_on__year=year).order_by("handed_out_on", "pk")
    return [Row(DISTRIBUTION, pk, frozenset({"copies"}), "", n) for pk, n in rows.values_list("pk", "copies")]


def publicity_rows(group: StudyGroup, year: int) -> list[Row]:
    columns = PublicityColumn.objects.filter(group=group, opened_on__year=year).order_by("opened_on", "pk")
    pushes = PublicityPush.objects.filter(group=group, pushed_on__year=year).order_by("pushed_on", "pk")
    return [Row(COLUMN, pk, frozenset({"column"})) for pk in columns.values_list("pk", flat=True)] + [
        Row(PUSH, pk, frozenset({"push"})) for pk in pushes.values_list("pk", flat=True)
    ]


def outcome_rows(group: StudyGroup, year: int) -> list[Row]:
    """Suggestions adopted in the year, of reports that stand approved."""
    rows = Outcome.objects.filter(group=group).in_year(year).order_by("adopted_on", "pk")
    return [
        Row(OUTCOME, pk, frozenset({"outcome"}), _not_approved(state))
        for pk, state in rows.values_list("pk", "submission__review__state")
    ]


def personal_study_rows(group: StudyGroup, year: int) -> list[Row]:
    """What members told of their own study; hours are nobody's figure."""
    rows = PersonalStudy.objects.filter(group=group, done_on__year=year).order_by("done_on", "pk")
    return [
        Row(PERSONAL_STUDY, pk, frozenset({TAGS[PersonalStudyKind(kind)]}), "", amount)
        for pk, kind, amount in rows.values_list("pk", "kind", "amount")
    ]


def review_rows(group: StudyGroup, year: int) -> list[Row]:
    """Verdicts given in the year. What was taken back does not count."""
    return [Row(ENTRY, *told) for told in verdicts_of(group, year)]


Source = Callable[[StudyGroup, int], list[Row]]
# In the order they are read, with the name of the step a waiting person sees.
SOURCES: dict[Source, str] = {
    session_rows: "核对学习活动",
    attendance_rows: "汇总签到",
    study_rows: "汇总补学",
    paper_rows: "汇总学习材料",
    asked_rows: "汇总按时交",
    lecture_rows: "核对报告会审批",
    distribution_rows: "汇总资料发放",
    publicity_rows: "汇总宣传推送",
    outcome_rows: "汇总成果转化",
    personal_study_rows: "汇总个人自学",
    observation_rows: "核对列席旁听",
    review_rows: "核对审核办理",
}
