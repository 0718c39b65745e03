"""Arithmetic of the regulation: pure functions, no database."""

from datetime import date, timedelta


def quarter_of(day: date) -> int:
    return quarter_of_month(day.month)


def quarter_of_month(month: int) -> int:
    return (month - 1) // 3 + 1


def is_late(minutes_after_start: float, late_after: int) -> bool:
    """迟到: signed in more than `late_after` minutes after the start."""
    return minutes_after_start > late_after


def next_sensible_day(year: int, month: int, today: date) -> date:
    """A weekday to propose for something planned in a month.

    The first one after today inside the month; tomorrow when this month has none left; for a month that is over (its
    record is being completed) the month's first one.
    """
    first = date(year, month, 1)
    tomorrow = today + timedelta(days=1)
    is_over = (year, month) < (today.year, today.month)
    day = first if is_over else max(first, tomorrow)
    while day.weekday() >= 5:
        day += timedelta(days=1)
    return day if day.month == month else tomorrow
