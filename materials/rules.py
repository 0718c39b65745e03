"""Arithmetic of this floor: pure functions, no database."""

from datetime import date, timedelta


def about(number: int) -> str:
    """53 → “50余”, as offices write it. Display only: what is stored and counted is the exact number."""
    tens = number - number % 10
    return f"{tens}余" if tens and number > tens else str(number)


def due_day(asked: date | None, held_on: date | None, due_days: int | None) -> date | None:
    """By when a paper is due: as it was asked for, else so many days after its session; None when nobody said."""
    if asked is not None:
        return asked
    return held_on + timedelta(days=due_days) if held_on is not None and due_days is not None else None
