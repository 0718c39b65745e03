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


def with_paragraph(body: str, old: str, new: str) -> str | None:
    """The text with one paragraph, or one run of them, said anew; None when it is not there word for word."""
    lines, place = body.splitlines(), _place_of(body, old)
    if place is None:
        return None
    return "\n".join([*lines[:place], *new.splitlines(), *lines[place + len(old.splitlines()) :]])


def stands_in(body: str, words: str) -> bool:
    """Is it one of the paragraphs, or a run of them, word for word?"""
    return _place_of(body, words) is not None


def _place_of(body: str, words: str) -> int | None:
    told = [line.strip() for line in body.splitlines()]
    wanted = [line.strip() for line in words.splitlines()]
    places = range(len(told) - len(wanted) + 1) if wanted else range(0)
    return next((place for place in places if told[place : place + len(wanted)] == wanted), None)
