"""第N次: the number of a session in its group's year."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max, Q

from accounts.models import StudyGroup
from sessions_app.models import StudySession
from sessions_app.models.session import SessionState
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


def hold_numbers(group_ids: Iterable[int]) -> None:
    """One at a time numbers a group's sessions: taken before any session's row, so that no two wait for each other."""
    list(StudyGroup.objects.select_for_update(no_key=True).filter(pk__in=set(group_ids)).order_by("pk"))


def number_by_date(session: StudySession, year: int, at: datetime) -> dict[str, list[int]]:
    """Deal the numbers of `session` and of the year's sessions still to come out again by date; what has begun keeps
    its own. Returns session → [before, now] of those that changed. Needs `hold_numbers`."""
    movable = Q(pk=session.pk) | Q(state=SessionState.CALLED, starts_at__gt=at)
    numbered = StudySession.objects.filter(movable, group=session.group_id, serial_year=year, serial__isnull=False)
    rows = sorted(numbered.select_for_update(no_key=True).order_by("pk"), key=lambda one: (one.starts_at, one.pk))
    dealt = zip(rows, sorted(one.serial for one in rows if one.serial), strict=True)
    changed = [(one, serial) for one, serial in dealt if one.serial != serial]
    # Through no number at all: two rows may not bear the same one even for a moment.
    StudySession.objects.filter(pk__in=[one.pk for one, _ in changed]).update(serial=None)
    for one, serial in changed:
        StudySession.objects.filter(pk=one.pk).update(serial=serial)
    return {str(one.pk): [one.serial or 0, serial] for one, serial in changed}
