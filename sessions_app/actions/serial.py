"""第N次: the number of a session in its group's year."""

from collections.abc import Callable
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max

from sessions_app.models import StudySession
from studygroup.lib.errors import Overtaken

TRIES = 30


def next_serial(group_id: int, year: int) -> int:
    last = StudySession.objects.filter(group=group_id, serial_year=year).aggregate(last=Max("serial"))["last"]
    return (last or 0) + 1


def give_next(group_id: int, year: int, write: Callable[[int], Any]) -> int:
    """Have `write` store the next number of the year. Two who count at once: the slower one counts again."""
    for _ in range(TRIES):
        serial = next_serial(group_id, year)
        try:
            with transaction.atomic():
                write(serial)
            return serial
        except IntegrityError:
            continue
    raise Overtaken("同时有别的学习在编次序，请再按一次。")
