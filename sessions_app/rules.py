"""Arithmetic of the regulation: pure functions, no database."""

from datetime import date


def quarter_of(day: date) -> int:
    return quarter_of_month(day.month)


def quarter_of_month(month: int) -> int:
    return (month - 1) // 3 + 1


def is_late(minutes_after_start: float, late_after: int) -> bool:
    """迟到: signed in more than `late_after` minutes after the start."""
    return minutes_after_start > late_after
