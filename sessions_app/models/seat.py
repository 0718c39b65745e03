from datetime import UTC, datetime
from typing import Any

from django.db import connection, models

from accounts.models import StudyGroup
from sessions_app.models.session import Participant, StudySession


def _columns(model: type[models.Model], names: str) -> list[str]:
    """In the model's own order, as `from_db` wants them."""
    wanted = names.split()
    return [field.attname for field in model._meta.concrete_fields if field.attname in wanted]


# Written out because three hundred people ask for it within a minute: building the same join from querysets costs more
# than running it. Not a column more than the page and the decision need.
SEAT = _columns(Participant, "id session_id person_id category codes_stopped_until")
SESSION = _columns(StudySession, "id group_id title starts_at place state sign_in_key")
GROUP = _columns(StudyGroup, "id sign_in_opens_minutes late_after_minutes sign_in_closes_minutes")
SEAT_SQL = f"""
SELECT {", ".join([*(f"p.{c}" for c in SEAT), *(f"s.{c}" for c in SESSION), *(f"g.{c}" for c in GROUP)])}
  FROM sessions_app_participant p
  JOIN sessions_app_studysession s ON s.id = p.session_id
  JOIN accounts_studygroup g ON g.id = s.group_id
 WHERE p.session_id = %s AND p.person_id = %s
"""  # noqa: S608 - names of columns, all written above


def seat_of(person_id: int, session_id: int) -> Participant | None:
    """Somebody's place in a session, with the session and its group, in one statement; other columns are deferred."""
    with connection.cursor() as cursor:
        cursor.execute(SEAT_SQL, [session_id, person_id])
        row = cursor.fetchone()
    if row is None:
        return None
    values = [_aware(value) for value in row]
    sessions, groups = len(SEAT), len(SEAT) + len(SESSION)
    seat = Participant.from_db(connection.alias, SEAT, values[:sessions])
    seat.session = StudySession.from_db(connection.alias, SESSION, values[sessions:groups])
    seat.session.group = StudyGroup.from_db(connection.alias, GROUP, values[groups:])
    return seat


def _aware(value: Any) -> Any:
    """SQLite keeps UTC and says no zone."""
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) and value.tzinfo is None else value
