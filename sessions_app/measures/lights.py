"""规则灯: how far a group has come with each standard, period by period, and what is to be done by when."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from django.db.models import TextChoices

from accounts.models import StudyGroup
from sessions_app.measures.begun import begun_on
from sessions_app.measures.periods import WARN_DAYS, Span, spoken
from sessions_app.measures.registry import Measure, Reader, measure_of
from sessions_app.measures.standards import Standard, standards_of
from sessions_app.models import SessionKind
from sessions_app.models.rule import RulePeriod

LATELY = timedelta(days=31)  # how long a missed period stays on the home page


class LightState(TextChoices):
    MET = "met", "已达到"
    DUE = "due", "快到期"
    MISSED = "missed", "已错过"
    AHEAD = "ahead", "未到期"


TONES = {LightState.MET: "good", LightState.DUE: "wait", LightState.MISSED: "bad", LightState.AHEAD: "off"}


@dataclass(frozen=True)
class Short:
    """Somebody who has not met a standard asked of everybody, and by how much."""

    name: str
    missing: int
    person: int = 0


@dataclass(frozen=True)
class Step:
    """What one press does about it: a link, or with `fields` a button."""

    label: str
    address: str
    fields: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Light:
    """One standard in one period. `sentence` may name people; `plain` says the same without names.

    `last` is the last day on which it can be met; `is_open` while something can still be done about it.
    """

    group_id: int
    measure: str
    title: str
    standard: str
    period: str
    state: LightState
    have: str
    need: str
    last: date
    sentence: str
    plain: str
    is_open: bool
    short: tuple[Short, ...] = ()
    step: Step | None = None
    page: str = ""
    said: str = ""

    @property
    def tone(self) -> str:
        return TONES[self.state]

    @property
    def word(self) -> str:
        """The state in a word; a light that is never due says what it is instead of 未到期."""
        return self.said or str(self.state.label)

    def is_now(self, today: date) -> bool:
        """Is it a matter of these days: falling due, or just missed, or missed and still to be done?"""
        if self.state == LightState.DUE:
            return True
        return self.state == LightState.MISSED and (self.is_open or today - self.last <= LATELY)


def state_of(span: Span, is_met: bool, today: date, warn_days: int) -> LightState:
    """Met counts at once; a warning comes `warn_days` before the last day, and only after it something is missed."""
    if is_met:
        return LightState.MET
    if today > span.last:
        return LightState.MISSED
    return LightState.DUE if (span.last - today).days <= warn_days else LightState.AHEAD


def warn_days_of(standard: Standard) -> int:
    return WARN_DAYS[RulePeriod(standard.period)]


def light(
    measure: Measure,
    standard: Standard,
    span: Span,
    state: LightState,
    *,
    have: object,
    need: object,
    sentence: str,
    **more: Any,
) -> Light:
    """A light of a measure; without `plain` the sentence names nobody."""
    more.setdefault("plain", sentence)
    more.setdefault("is_open", state in (LightState.DUE, LightState.AHEAD))
    return Light(
        group_id=standard.group_id,
        measure=measure.slug,
        title=measure.label,
        standard=measure.asked(standard),
        period=span.label,
        state=state,
        have=str(have),
        need=str(need),
        last=more.pop("last", span.last),
        sentence=sentence,
        page=measure.page(standard.group_id, span.first.year) if measure.page else "",
        **more,
    )


def lights_of(group: StudyGroup, year: int, today: date) -> list[Light]:
    """All lights of one group and year, in the order of its standards and periods."""
    return lights_of_groups([group.pk], year, today)[group.pk]


def lights_of_groups(
    group_ids: Iterable[int], year: int, today: date, *, by_period: bool = False
) -> dict[int, list[Light]]:
    """Lights of several groups: as many statements as there are kinds of rows, whatever their number. `by_period`
    leaves out what has its own day in the year."""
    wanted = list(group_ids)
    standards = {group_id: [s for s in found if s.is_active] for group_id, found in standards_of(wanted, year).items()}
    kinds = dict(SessionKind.objects.values_list("slug", "label"))
    known: dict[str, Measure | None] = {
        standard.measure: measure_of(standard.measure, kinds) for found in standards.values() for standard in found
    }
    if by_period:
        known = {slug: m if m and len(m.periods) > 1 else None for slug, m in known.items()}
    facts: dict[Reader, Mapping[int, Any]] = {}
    for measure in known.values():
        for reader in measure.reads if measure else ():
            if reader not in facts:
                facts[reader] = reader(wanted, year)
    begun = begun_on(wanted)
    return {
        group_id: [_since(begun.get(group_id), known, one) for one in _lights(found, known, facts, year, today)]
        for group_id, found in standards.items()
    }


def _since(begun: date | None, known: Mapping[str, Measure | None], one: Light) -> Light:
    """What was over before the group began is not held against it."""
    measure = known[one.measure]
    of_events = measure is not None and measure.of_events
    if one.state != LightState.MISSED or of_events or (begun and begun <= one.last):
        return one
    told = f"{one.title}：到 {spoken(one.last)} 为止，学习组还没有成立，不考核"
    quiet = replace(one, state=LightState.AHEAD, said="不考核", is_open=False, short=(), step=None)
    return replace(quiet, sentence=told, plain=told)


def missed_last_year(group_ids: Iterable[int], today: date) -> list[Light]:
    """What the last periods of the year before missed lately, each with its year said: a look back for January."""
    year, found = today.year - 1, []
    for lights in lights_of_groups(group_ids, year, today, by_period=True).values():
        missed = [one for one in lights if one.state == LightState.MISSED and today - one.last <= LATELY]
        found += [replace(one, sentence=f"{year}年{one.sentence}", plain=f"{year}年{one.plain}") for one in missed]
    return found


def _lights(
    standards: Sequence[Standard],
    known: Mapping[str, Measure | None],
    facts: Mapping[Reader, Mapping[int, Any]],
    year: int,
    today: date,
) -> list[Light]:
    """A standard without a measure here shows nothing."""
    found: list[Light] = []
    for standard in standards:
        if measure := known[standard.measure]:
            told = [facts[reader].get(standard.group_id, ()) for reader in measure.reads]
            found += measure.judge(measure, standard, told, year, today)
    return found
