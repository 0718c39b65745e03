"""Since when a group is asked anything: nothing is held against it from before it began."""

from collections.abc import Sequence
from datetime import date

from django.db.models import Model, OuterRef, Subquery

from accounts.models import Appointment, Membership, StudyGroup
from sessions_app.models import StudySession
from sessions_app.models.session import HELD
from studygroup.lib.clock import local_date


def begun_on(group_ids: Sequence[int]) -> dict[int, date | None]:
    """The day of its first place in the roster, appointment or held session; None while it has none. One statement."""
    rows = (
        StudyGroup.objects.filter(pk__in=group_ids)
        .order_by()
        .values_list(
            "pk",
            _first(Membership, "starts_on"),
            _first(Appointment, "starts_on"),
            _first(StudySession, "starts_at", state__in=HELD),
        )
    )
    found = {}
    for pk, member, appointed, session in rows:
        days = [member, appointed, local_date(session) if session else None]
        found[pk] = min((day for day in days if day), default=None)
    return found


def _first(model: type[Model], name: str, **which: object) -> Subquery:
    rows = model.objects.filter(group=OuterRef("pk"), **which).order_by(name)  # type: ignore[attr-defined]
    return Subquery(rows.values(name)[:1])
