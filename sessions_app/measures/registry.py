"""What may be measured. This floor registers its own; papers and personal study are registered by theirs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from sessions_app.models.rule import RulePeriod

if TYPE_CHECKING:
    from sessions_app.measures.lights import Light
    from sessions_app.measures.standards import Standard

# Everything of the groups and the year in one statement, by group id. Measures share readers.
Reader = Callable[[Sequence[int], int], Mapping[int, Any]]
# The lights of one standard of one group and year, out of what each of the measure's readers found for the group.
Judge = Callable[["Measure", "Standard", Sequence[Any], int, date], "list[Light]"]


@dataclass(frozen=True)
class Measure:
    """One thing that can be asked of a group.

    `asks` is how a standard reads, with {n} for its number; `periods` are those that make sense for it. A measure
    with `dated` has a day of the year as deadline. `voluntary` is what people tell of themselves: never red.
    One `of_events` judges what took place, never a stretch of time in which nothing did.
    `draft_kind` is the 学习形式 of a session that would meet it; `page` shows what was counted in a group and year.
    """

    slug: str
    label: str
    unit: str
    reads: Sequence[Reader]
    judge: Judge
    periods: Sequence[RulePeriod] = (RulePeriod.MONTH, RulePeriod.QUARTER, RulePeriod.HALF, RulePeriod.YEAR)
    asks: str = "{period}至少 {n} {unit}"
    dated: bool = False
    voluntary: bool = False
    of_events: bool = False
    maximum: int = 366
    draft_kind: str = ""
    page: Callable[[int, int], str] | None = None

    def asked(self, standard: "Standard") -> str:
        """The whole standard in words: “每季度至少 1 次”, “1月31日前”."""
        if self.dated:
            return f"{standard.due_month or 12}月{standard.due_day or 31}日前"
        period = RulePeriod(standard.period).label
        return self.asks.format(period=period, n=standard.minimum, unit=self.unit)


_measures: dict[str, Measure] = {}


def register(measure: Measure) -> Measure:
    _measures[measure.slug] = measure
    return measure


def measures() -> list[Measure]:
    """Everything registered, in the order of the floors; the 学习形式 are rows and come besides."""
    return list(_measures.values())


def measure_of(slug: str, kinds: Mapping[str, str]) -> Measure | None:
    """The measure of a slug: a registered one, or a 学习形式 by its row (`kinds`: slug → label)."""
    from sessions_app.measures.sources import kind_measure

    if slug in _measures:
        return _measures[slug]
    return kind_measure(slug, kinds[slug]) if slug in kinds else None
