"""The year in numbers: every figure with its formula, the rows it counted and those it left out.

A *source* reads the rows of one kind in one or two statements and says of each which figures it may belong to and
why it does not count. A figure is one line of FIGURES over the rows of one source.
"""

from collections.abc import Callable, Iterable, Sequence
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
from materials.rules import about
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


@dataclass(frozen=True)
class Evidence:
    model: str
    ids: tuple[int, ...]


@dataclass(frozen=True)
class LeftOut:
    """A row of the same kind that was not counted. Its model may differ from the evidence's (a session without
    register has no attendance row to point at)."""

    model: str
    id: int
    why: str


ATTENDED_OF_EXPECTED = ("实到", "应到", "人次")  # what a rate divides by what, and what is counted
REVIEWING = "审核办理"


@dataclass(frozen=True)
class Figure:
    """One number of the year. A rate has numerator and denominator; its value is None when there are no data."""

    code: str
    label: str
    unit: str
    value: int | float | None
    display: str
    formula: str
    evidence: Evidence
    left_out: tuple[LeftOut, ...] = ()
    numerator: int | None = None
    denominator: int | None = None
    parts: Sequence[str] = ATTENDED_OF_EXPECTED
    section: str = ""

    @classmethod
    def from_plain(cls, data: dict[str, Any]) -> "Figure":
        """Back from `dataclasses.asdict` and JSON."""
        evidence = Evidence(data["evidence"]["model"], tuple(data["evidence"]["ids"]))
        left_out = tuple(LeftOut(**row) for row in data["left_out"])
        parts = tuple(data.get("parts", ATTENDED_OF_EXPECTED))
        return cls(**{**data, "evidence": evidence, "left_out": left_out, "parts": parts})


# -- Sources -------------------------------------------------------------------


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


# -- Figures -------------------------------------------------------------------


def plainly(value: int) -> str:
    return str(value)


@dataclass(frozen=True)
class FigureLine:
    """How a figure comes out of its source: the counted rows of model `model` that carry `tag`, summed up."""

    code: str
    label: str
    unit: str
    source: Source
    tag: str
    model: str
    formula: str
    display: Callable[[int], str] = plainly
    is_rate: bool = False
    parts: Sequence[str] = ATTENDED_OF_EXPECTED
    section: str = ""


def _of_sessions(code: str, label: str) -> FigureLine:
    formula = f"当年开始、已结束、学习形式含“{label}”的学习活动次数。一次活动有几种形式，就在几项里各计一次。"
    return FigureLine(code, label, "次", session_rows, code, SESSION, formula)


def _of_papers(code: str, label: str) -> FigureLine:
    formula = f"成文日期在当年、通过两审一把关的{label}篇数。"
    return FigureLine(code, label, "篇", paper_rows, code, SUBMISSION, formula)


def _of_reviews(code: str, label: str, unit: str, formula: str) -> FigureLine:
    return FigureLine(code, label, unit, review_rows, code, ENTRY, formula + TAKEN_BACK, section=REVIEWING)


def _share_of_reviews(code: str, label: str, parts: Sequence[str], formula: str) -> FigureLine:
    line = _of_reviews(code, label, "%", formula)
    return replace(line, is_rate=True, parts=parts)


def _of_own_study(code: str, label: str, unit: str) -> FigureLine:
    formula = f"日期在当年、由成员本人填报的{label}（{unit}）数。系统不计时、不排名。"
    return FigureLine(code, label, unit, personal_study_rows, code, PERSONAL_STUDY, formula)


TAKEN_BACK = "本人撤销的和未获追认的不计。"

FIGURES = (
    _of_sessions("concentrated_study", "集中学习"),
    _of_sessions("collective_study", "集体学习研讨"),
    _of_sessions("discussion", "专题研讨"),
    _of_sessions("enlarged_study", "扩大学习"),
    _of_sessions("three_in_one", "三元一体"),
    _of_sessions("rotation_training", "专题轮训"),
    _of_sessions("reading_class", "读书班"),
    _of_sessions("onsite_teaching", "现场教学"),
    _of_sessions("party_lecture", "党课"),
    FigureLine(
        "attendance_rate",
        "出勤率",
        "%",
        attendance_rows,
        "attendance",
        ATTENDANCE,
        "当年已结束、有签到登记的学习活动中，实到（含迟到）人次除以应到人次。列席人员不计；没有签到登记的活动不计。",
        is_rate=True,
    ),
    FigureLine(
        "study_rate",
        "补学后参学率",
        "%",
        study_rows,
        "study",
        ATTENDANCE,
        "当年已结束、有签到登记的学习活动中，实到（含迟到）人次加上请假、缺席后已经核实补学的人次，除以应到人次。"
        "列席人员不计；免补不算已补学；没有签到登记的活动不计。",
        is_rate=True,
        parts=("实到和已补学", "应到", "人次"),
    ),
    _of_papers("research_report", "调研报告"),
    _of_papers("reflection", "心得体会"),
    _of_papers("reading_note", "读书笔记"),
    _of_papers("speech", "研讨（发言）材料"),
    FigureLine(
        "outcome",
        "成果转化",
        "项",
        outcome_rows,
        "outcome",
        OUTCOME,
        "采纳日期在当年、已登记的调研报告建议被文件或会议采纳的项数。一份报告有几条建议被采纳，就计几项。",
    ),
    FigureLine(
        "on_time_rate",
        "材料按时交率",
        "%",
        asked_rows,
        "on_time",
        ASKED,
        "截止日期在当年、已经结束的布置中，首次提交不晚于截止日期的人次除以应交人次。免交的不计；还没有结束的布置不计；"
        "退回修改不影响是否按时；草稿不算交。",
        is_rate=True,
    ),
    FigureLine(
        "lecture_approved",
        "审批报告会、授课",
        "场",
        lecture_rows,
        "lecture",
        LECTURE,
        "举办时间在当年、由本学习组审批通过的报告会和授课场次，含下级党组织报本级审批的。",
    ),
    FigureLine(
        "copies_distributed",
        "发放学习辅导资料",
        "册",
        distribution_rows,
        "copies",
        DISTRIBUTION,
        "发放日期在当年的各条发放登记的册数之和。",
    ),
    _of_own_study("book_read", "读书", "本"),
    _of_own_study("field_visit", "蹲点调研", "次"),
    FigureLine("column", "宣传专栏", "个", publicity_rows, "column", COLUMN, "当年开设的宣传专栏个数。"),
    FigureLine(
        "push",
        "宣传推送",
        "条次",
        publicity_rows,
        "push",
        PUSH,
        "推送日期在当年的宣传推送条次。显示时取整到十位并加“余”，实际数据以依据为准。",
        about,
    ),
    FigureLine(
        "observed",
        "被列席旁听",
        "次",
        observation_rows,
        "observed",
        OBSERVATION,
        "旁听日期在当年、上级已经反馈的列席旁听次数。",
    ),
    _of_reviews("verdict", "审核办理", "次", "当年办理的通过、退回和特批次数，一个环节计一次。"),
    _of_reviews("delegated", "委托办理", "次", "其中由受托人办理的次数，审核记录上两人的名字都写明。"),
    _share_of_reviews(
        "delegated_share", "委托办理占比", ("受托办理", "全部办理", "次"), "受托办理的次数除以全部办理次数。"
    ),
    _of_reviews("override", "特批", "件", "当年特批的件数，含还没有追认的。"),
    _share_of_reviews("override_share", "特批占比", ("特批", "全部定稿", "件"), "特批的件数除以当年全部定稿的件数。"),
    _of_reviews("override_pending", "待追认的特批", "件", "当年特批、到现在还没有另一位同志追认的件数。"),
)
CODES = frozenset(line.code for line in FIGURES)


def year_figures(
    group: StudyGroup, year: int, reading: Callable[[int, str], None] = lambda number, step: None
) -> list[Figure]:
    """All figures of a local year. `reading` is told the number and name of each source before it is read."""
    rows: dict[Source, list[Row]] = {}
    for number, (source, step) in enumerate(SOURCES.items()):
        reading(number, step)
        rows[source] = source(group, year)
    return [_figure(line, rows[line.source]) for line in FIGURES]


def _figure(line: FigureLine, rows: Iterable[Row]) -> Figure:
    candidates = [row for row in rows if line.tag in row.tags]
    counted = [row for row in candidates if not row.why_not and row.model == line.model]
    total = sum(row.amount for row in counted)
    rate = round(100 * total / len(counted), 1) if line.is_rate and counted else None
    return Figure(
        code=line.code,
        label=line.label,
        unit=line.unit,
        value=rate if line.is_rate else total,
        display=("—" if rate is None else str(rate)) if line.is_rate else line.display(total),
        formula=line.formula,
        evidence=Evidence(line.model, tuple(row.id for row in counted)),
        left_out=tuple(LeftOut(row.model, row.id, row.why_not) for row in candidates if row.why_not),
        numerator=total if line.is_rate else None,
        denominator=len(counted) if line.is_rate else None,
        parts=line.parts,
        section=line.section,
    )
