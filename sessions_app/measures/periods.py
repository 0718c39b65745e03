"""Arithmetic of periods and deadlines: pure functions over days, no database."""

from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from chinese_calendar import is_workday

from sessions_app.models.rule import RulePeriod

QUARTERS = ("一季度", "二季度", "三季度", "四季度")
HALVES = ("上半年", "下半年")
MONTHS_OF = {
    RulePeriod.DAY: 1,  # what is asked of every day is told by month
    RulePeriod.MONTH: 1,
    RulePeriod.QUARTER: 3,
    RulePeriod.HALF: 6,
    RulePeriod.YEAR: 12,
}
# How many days before its end a period that is not met yet becomes a warning.
WARN_DAYS = {
    RulePeriod.DAY: 7,
    RulePeriod.MONTH: 10,
    RulePeriod.QUARTER: 30,
    RulePeriod.HALF: 45,
    RulePeriod.YEAR: 60,
}
WARN_DAYS_OF_A_DATE = 30


@dataclass(frozen=True)
class Span:
    """One period of a year, both days included."""

    label: str
    first: date
    last: date

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


def last_of_month(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])


def spans_of(period: str, year: int) -> list[Span]:
    """The periods of a year without gap or overlap: 12 months, 4 quarters, 2 halves or the whole year."""
    months = MONTHS_OF[RulePeriod(period)]
    return [
        Span(_label(months, first), date(year, first, 1), last_of_month(year, first + months - 1))
        for first in range(1, 13, months)
    ]


def _label(months: int, first: int) -> str:
    number = (first - 1) // months
    return {1: f"{first}月", 3: QUARTERS[number % 4], 6: HALVES[number % 2], 12: "全年"}[months]


def span_at(period: str, day: date) -> Span:
    """The period a day lies in."""
    return next(span for span in spans_of(period, day.year) if day in span)


def due_date(year: int, month: int | None, day: int | None) -> date:
    """The deadline in a year; 30 February is its last day. Without one, 31 December."""
    if not month or not day:
        return date(year, 12, 31)
    return min(date(year, month, 1) + timedelta(days=day - 1), last_of_month(year, month))


def is_working_day(day: date) -> bool:
    """By the State Council's calendar; Monday to Friday in years it does not know yet."""
    try:
        return bool(is_workday(day))
    except NotImplementedError:
        return day.weekday() < 5


def _step(day: date, by: int, fits: Callable[[date], bool]) -> date:
    day += timedelta(days=by)
    while not fits(day):
        day += timedelta(days=by)
    return day


def working_days_before(day: date, number: int) -> date:
    """The last day on which a notice is `number` working days ahead of `day`."""
    for _ in range(number):
        day = _step(day, -1, is_working_day)
    return day


def sensible_day(span: Span, today: date) -> date | None:
    """A working day to propose before a period closes: a week from now, or the last one left; None when it is over."""
    earliest = max(span.first, today)
    if earliest > span.last:
        return None
    day = min(max(span.first, today + timedelta(days=7)), span.last)
    forward = next((d for d in _days(day, span.last) if is_working_day(d)), None)
    backward = next((d for d in reversed(list(_days(earliest, day))) if is_working_day(d)), None)
    return forward or backward or span.last


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def spoken(day: date) -> str:
    """“9月30日”."""
    return f"{day.month}月{day.day}日"
