"""一学一档 in the demo: papers that belong to a session, and complete files that were archived."""

from datetime import datetime

from accounts.models import StudyGroup, User
from materials.models.paper_kind import REFLECTION, SPEECH
from reports.statistics.dossier import dossiers_of
from sessions_app.actions.session_life import archive
from sessions_app.models import StudySession
from sessions_app.models.session import AgendaRole, SessionState
from sessions_app.paperwork import with_facts


def session_of(group: StudyGroup, author: User, kind: str, topic: str, at: datetime) -> StudySession | None:
    """What was said or felt belongs to the last session on its topic in that year, before all one he spoke at."""
    if kind not in (SPEECH, REFLECTION):
        return None
    held = StudySession.objects.filter(group=group, plan_item__topic=topic, starts_at__lt=at).held().in_year(at.year)
    spoken = held.filter(agenda__speaker=author, agenda__role=AgendaRole.KEYNOTE)
    return spoken.order_by("-starts_at").first() or held.order_by("-starts_at").first()


def archive_complete(group: StudyGroup, year: int, by: User, at: datetime) -> None:
    """归档 what lacks nothing; the rest waits to be completed."""
    held = StudySession.objects.filter(group=group, state=SessionState.CLOSED, ends_at__lt=at).in_year(year)
    for dossier in dossiers_of(with_facts(held)):
        if not dossier.missing:
            archive(session=dossier.session, missing=[], by=by, at=at)
