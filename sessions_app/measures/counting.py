"""Judges of what is counted by period: sessions of a kind, and what everybody is asked for himself."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse

from sessions_app.measures.lights import Light, LightState, Short, Step, light, state_of, warn_days_of
from sessions_app.measures.periods import Span, spans_of, spoken
from sessions_app.measures.registry import Measure
from sessions_app.measures.standards import Standard
from sessions_app.models.rule import RulePeriod

NAMES_SHOWN = 10


@dataclass(frozen=True)
class Met:
    """A session as the lights see it."""

    pk: int
    day: date
    kinds: frozenset[str]
    is_held: bool
    is_called: bool


@dataclass(frozen=True)
class Deed:
    """What one person did on a day: a paper that passed, a book, a stay, hours."""

    person: int
    day: date
    tag: str
    amount: int = 1


@dataclass(frozen=True)
class Place:
    """A member's place in the roster from a day to a day."""

    person: int
    name: str
    first: date
    last: date | None

    def holds_on(self, day: date) -> bool:
        return self.first <= day and (self.last is None or day <= self.last)


def judge_sessions(measure: Measure, standard: Standard, facts: Sequence[Any], year: int, today: date) -> list[Light]:
    """Held sessions of a kind per period; one already called is told with its day."""
    sessions: Sequence[Met] = [s for s in facts[0] if measure.slug == ANY_SESSION or measure.slug in s.kinds]
    return [_sessions_in(span, measure, standard, sessions, today) for span in spans_of(standard.period, year)]


ANY_SESSION = "any_session"


def _sessions_in(span: Span, measure: Measure, standard: Standard, sessions: Iterable[Met], today: date) -> Light:
    inside = [session for session in sessions if session.day in span]
    have, need = sum(session.is_held for session in inside), standard.minimum
    coming = sorted((s for s in inside if s.is_called and not s.is_held), key=lambda s: s.day)
    state = state_of(span, have >= need, today, warn_days_of(standard))
    what, last = f"{need - have} {measure.unit}{measure.label}", spoken(span.last)
    step: Step | None = None
    match state:
        case LightState.MET:
            sentence = f"{span.label}{measure.label}已有 {have} {measure.unit}，达到要求"
        case LightState.MISSED:
            sentence = f"{span.label}应有 {need} {measure.unit}{measure.label}，实际 {have} {measure.unit}"
        case _ if coming:
            sentence = f"{span.label}还差 {what}，已安排在 {spoken(coming[0].day)}，最晚 {last}"
            step = Step("查看安排", reverse("session_detail", args=[coming[0].pk]))
        case _ if today < span.first:
            sentence = f"{span.label}需要 {what}，最晚 {last}"
        case _:
            sentence = f"{span.label}还差 {what}，最晚 {last}"
            step = _draft(measure, standard, span)
    return light(measure, standard, span, state, have=have, need=need, sentence=sentence, step=step)


def _draft(measure: Measure, standard: Standard, span: Span) -> Step:
    fields = (("kind", measure.draft_kind), ("period", standard.period), ("first", span.first.isoformat()))
    return Step("起草一次", reverse("light_draft", args=[standard.group_id]), fields)


def judge_people(measure: Measure, standard: Standard, facts: Sequence[Any], year: int, today: date) -> list[Light]:
    """What every member is asked for: who is short of it, by name. `facts` are the roster and the deeds."""
    roster: Sequence[Place] = facts[0]
    deeds: Sequence[Deed] = [deed for deed in facts[1] if deed.tag == measure.slug]
    return [_people_in(span, measure, standard, roster, deeds, today) for span in spans_of(standard.period, year)]


def _people_in(
    span: Span, measure: Measure, standard: Standard, roster: Iterable[Place], deeds: Iterable[Deed], today: date
) -> Light:
    need = standard.minimum * (span.days if standard.period == RulePeriod.DAY else 1)
    people = {place.person: place.name for place in roster if place.holds_on(min(max(today, span.first), span.last))}
    done = dict.fromkeys(people, 0)
    for deed in deeds:
        if deed.person in done and deed.day in span:
            done[deed.person] += deed.amount
    short = tuple(Short(people[pk], need - have, pk) for pk, have in done.items() if have < need)
    state = state_of(span, bool(people) and not short, today, warn_days_of(standard))
    if measure.voluntary and state != LightState.MET or not people:
        state = LightState.AHEAD
    sentence, plain = _told_of_people(measure, span, need, len(people), short, state, today)
    return light(
        measure,
        standard,
        span,
        state,
        have=len(people) - len(short),
        need=f"{len(people)} 人",
        sentence=sentence,
        plain=plain,
        short=() if measure.voluntary or today < span.first else short,
        said="没有成员" if not people else "自愿" if measure.voluntary and state != LightState.MET else "",
    )


def _told_of_people(
    measure: Measure, span: Span, need: int, people: int, short: Sequence[Short], state: str, today: date
) -> tuple[str, str]:
    """The sentence with names and the one without."""
    each, last = f"每人 {need} {measure.unit}", spoken(span.last)
    if not people:
        return (f"{span.label}名单里还没有成员",) * 2
    if state == LightState.MET:
        return (f"{span.label}{measure.label} {people} 人都达到{each}",) * 2
    if measure.voluntary:
        told = f"{span.label}{measure.label}：{people - len(short)} 人自报满 {need} {measure.unit}；自愿填报，不亮红灯"
        return told, told
    if today < span.first:
        return (f"{span.label}{measure.label}{each}，最晚 {last}",) * 2
    if state == LightState.MISSED:
        plain = f"{span.label}{measure.label}有 {len(short)} 人没有达到{each}"
        return f"{span.label}{measure.label}没有达到要求，还差：{named(short, measure.unit)}", plain
    plain = f"{span.label}{measure.label}还有 {len(short)} 人没有达到{each}，最晚 {last}"
    return f"{span.label}{measure.label}还差：{named(short, measure.unit)}，最晚 {last}", plain


def named(short: Sequence[Short], unit: str) -> str:
    """“张三 1 篇、李四 2 篇”, in the roster's order."""
    names = "、".join(f"{one.name} {one.missing} {unit}" for one in short[:NAMES_SHOWN])
    return names if len(short) <= NAMES_SHOWN else f"{names}等 {len(short)} 人"
