"""The year in numbers: every figure with its formula, the rows it counted and those it left out.

A figure is one line of FIGURES over the rows of one source (`sources.py`).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from accounts.models import StudyGroup
from materials.rules import about
from reports.statistics.reviewing import ENTRY
from reports.statistics.sources import (
    ASKED,
    ATTENDANCE,
    COLUMN,
    DISTRIBUTION,
    LECTURE,
    OBSERVATION,
    OUTCOME,
    PERSONAL_STUDY,
    PUSH,
    SESSION,
    SOURCES,
    SUBMISSION,
    Row,
    Source,
    asked_rows,
    attendance_rows,
    distribution_rows,
    lecture_rows,
    observation_rows,
    outcome_rows,
    paper_rows,
    personal_study_rows,
    publicity_rows,
    review_rows,
    session_rows,
    study_rows,
)


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
        parts=("按时交", "应交", "人次"),
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
