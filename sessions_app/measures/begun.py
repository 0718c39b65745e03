"""Since when a group is asked anything: nothing is held against it from before it began."""

from collections.abc import Sequence
from datetime import date

from django.db.models import Model, OuterRef, Q, Subquery

from accounts.models import Appointment, Membership, StudyGroup
from accounts.permissions import Role
from sessions_app.models import StudySession
from sessions_app.models.session import HELD
from studygroup.lib.clock import local_date


def begun_on(group_ids: Sequence[int]) -> dict[int, date | None]:
    """The day of its first place in the roster, appointment or held session; None while it has none. One statement.

    A supervisor is appointed to oversee others: a committee with nobody else does not study here itself.
    """
    rows = (
        StudyGroup.objects.filter(pk__in=group_ids)
        .order_by()
        .values_list(
            "pk",
            _first(Membership, name="starts_on"),
            _first(Appointment, ~Q(role=Role.SUPERVISOR), name="starts_on"),
            _first(StudySession, Q(state__in=HELD), name="starts_at"),
        )
    )
    found = {}
    for pk, member, appointed, session in rows:
        days = [member, appointed, local_date(session) if session else None]
        found[pk] = min((day for day in days if day), default=None)
    return found


def _first(model: type[Model], which: Q | None = None, *, name: str) -> Subquery:
    rows = model.objects.filter(which or Q(), group=OuterRef("pk")).order_by(name)  # type: ignore[attr-defined]
    return Subquery(rows.values(name)[:1])
