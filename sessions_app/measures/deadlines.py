"""Judges of what has its own day: reports upward, approvals before a lecture, notices before an observer comes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.urls import reverse

from sessions_app.measures.lights import Light, LightState, Step, light, state_of
from sessions_app.measures.periods import WARN_DAYS_OF_A_DATE, Span, due_date, spans_of, spoken, working_days_before
from sessions_app.measures.registry import Measure
from sessions_app.measures.standards import Standard

WARN_DAYS_OF_A_LECTURE = 7


@dataclass(frozen=True)
class Sheet:
    """The register of one session in two numbers."""

    day: date
    expected: int
    present: int


@dataclass(frozen=True)
class Filed:
    subject: str
    year: int
    day: date


@dataclass(frozen=True)
class Talk:
    """A lecture: `approved` is the day it passed the gate, None until then. A returned one was not held."""

    pk: int
    title: str
    day: date
    approved: date | None
    is_returned: bool = False


@dataclass(frozen=True)
class Visit:
    """列席旁听 as announced."""

    day: date
    notified: date


def judge_rate(measure: Measure, standard: Standard, facts: Sequence[Any], year: int, today: date) -> list[Light]:
    """出勤率 of each period: below the standard is a warning while the period lasts, and missed after it."""
    return [_rate_in(span, measure, standard, facts[0], today) for span in spans_of(standard.period, year)]


def _rate_in(span: Span, measure: Measure, standard: Standard, sheets: Sequence[Sheet], today: date) -> Light:
    expected = sum(sheet.expected for sheet in sheets if sheet.day in span)
    present = sum(sheet.present for sheet in sheets if sheet.day in span)
    need = f"{standard.minimum}%"
    if not expected:
        told = f"{span.label}还没有已结束、有签到登记的学习，无从计算出勤率"
        return light(measure, standard, span, LightState.AHEAD, have="—", need=need, sentence=told, said="没有数据")
    rate = f"{round(100 * present / expected, 1)}%"
    is_met = 100 * present >= standard.minimum * expected
    state = state_of(span, is_met, today, span.days)  # a warning from the first day
    counted = f"应到 {expected} 人次，实到 {present} 人次"
    sentence = f"{span.label}出勤率 {rate}（{counted}），" + {
        LightState.MET: f"达到 {need}",
        LightState.MISSED: f"低于 {need}",
    }.get(state, f"低于 {need}，请在 {spoken(span.last)} 前提高")
    return light(measure, standard, span, state, have=rate, need=need, sentence=sentence)


# What is reported, and the year it tells of: the report on last year is filed in January.
FILINGS = {"plan_filed": ("annual_plan", 0), "roster_filed": ("roster", 0), "year_report_filed": ("year_report", -1)}


def judge_filing(measure: Measure, standard: Standard, facts: Sequence[Any], year: int, today: date) -> list[Light]:
    """One deadline a year; what is filed too late stays red and says so, what is not filed yet can still be done."""
    subject, back = FILINGS[measure.slug]
    due = due_date(year, standard.due_month, standard.due_day)
    days = sorted(filed.day for filed in facts[0] if (filed.subject, filed.year) == (subject, year + back))
    span = Span("全年", date(year, 1, 1), due)
    state = state_of(span, bool(days) and days[0] <= due, today, WARN_DAYS_OF_A_DATE)
    label = measure.label.removesuffix("报备")
    what = f"{year + back}{label}" if label.startswith("年") else f"{year + back}年{label}"
    step = None
    if days and days[0] <= due:
        sentence = f"{what}已于 {spoken(days[0])} 报备"
    elif days:
        state, sentence = LightState.MISSED, f"{what}到 {spoken(days[0])} 才报备，期限是 {spoken(due)}"
    else:
        over = state == LightState.MISSED
        sentence = f"{what}还没有报备，" + (f"期限 {spoken(due)} 已过，请尽快补报" if over else f"最晚 {spoken(due)}")
        step = Step("去报备", f"{reverse('filing_new')}?group={standard.group_id}&year={year + back}&subject={subject}")
    have, is_open = ("已报备", False) if days else ("未报备", True)
    return [
        light(measure, standard, span, state, have=have, need="报备", sentence=sentence, is_open=is_open, step=step)
    ]


def judge_lectures(measure: Measure, standard: Standard, facts: Sequence[Any], year: int, today: date) -> list[Light]:
    """Every lecture approved so many days before; the next one that is not yet speaks first."""
    span, days = spans_of("year", year)[0], timedelta(days=standard.minimum)
    talks: list[Talk] = sorted(facts[0], key=lambda talk: talk.day)
    talks = [talk for talk in talks if not talk.is_returned or talk.day >= today]
    late = [t for t in talks if (t.approved or today) > t.day - days]
    waiting = [t for t in talks if not t.approved and t.day >= today]
    told = {"have": len(talks) - len([t for t in talks if t in late or not t.approved]), "need": len(talks)}
    if waiting:
        return [_waiting(waiting[0], span, measure, standard, today, told)]
    if late:
        names = "、".join(f"“{t.title}”（{spoken(t.day)}）" for t in late[:3]) + ("等" if len(late) > 3 else "")
        sentence = f"全年 {len(talks)} 场中有 {len(late)} 场没有提前 {standard.minimum} 天审批：{names}"
        last = late[-1].day - days
        return [light(measure, standard, span, LightState.MISSED, sentence=sentence, last=last, is_open=False, **told)]
    if talks:
        sentence = f"全年 {len(talks)} 场都提前 {standard.minimum} 天以上审批通过"
        return [light(measure, standard, span, LightState.MET, sentence=sentence, **told)]
    sentence = f"全年还没有报告会、授课；举办前 {standard.minimum} 天要审批通过"
    return [light(measure, standard, span, LightState.AHEAD, sentence=sentence, said="还没有", **told)]


def _waiting(talk: Talk, span: Span, measure: Measure, standard: Standard, today: date, told: Any) -> Light:
    due = talk.day - timedelta(days=standard.minimum)
    state = state_of(Span("", span.first, due), False, today, WARN_DAYS_OF_A_LECTURE)
    sentence = f"“{talk.title}”{spoken(talk.day)}举办，" + (
        f"最晚应在 {spoken(due)} 审批通过，现在还没有通过"
        if state == LightState.MISSED
        else f"最晚 {spoken(due)} 审批通过"
    )
    step = Step("查看审批", reverse("lecture_detail", args=[talk.pk]))
    return light(measure, standard, span, state, sentence=sentence, last=due, is_open=True, step=step, **told)


def judge_visits(measure: Measure, standard: Standard, facts: Sequence[Any], year: int, today: date) -> list[Light]:
    """Every observation announced so many working days before."""
    span = spans_of("year", year)[0]
    visits: list[Visit] = sorted(facts[0], key=lambda visit: visit.day)
    late = [v for v in visits if v.notified > working_days_before(v.day, standard.minimum)]
    told = {"have": len(visits) - len(late), "need": len(visits)}
    if late:
        days = "、".join(spoken(v.day) for v in late[:5])
        sentence = f"{days} 的列席旁听没有提前 {standard.minimum} 个工作日通知"
        last = working_days_before(late[-1].day, standard.minimum)
        return [light(measure, standard, span, LightState.MISSED, sentence=sentence, last=last, is_open=False, **told)]
    if visits:
        sentence = f"全年 {len(visits)} 次列席旁听都提前 {standard.minimum} 个工作日通知"
        return [light(measure, standard, span, LightState.MET, sentence=sentence, **told)]
    sentence = f"全年还没有安排列席旁听；通知要提前 {standard.minimum} 个工作日"
    return [light(measure, standard, span, LightState.AHEAD, sentence=sentence, said="还没有", **told)]
