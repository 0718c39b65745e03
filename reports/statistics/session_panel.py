"""What this floor adds to the page of a session: its file, and what that lacks."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse

from accounts.permissions import Permission
from reports.statistics.dossier import dossiers_of
from sessions_app.models import StudySession
from sessions_app.panels import Panel, PanelLine, register, register_check


@register
def dossier_panel(session: StudySession, user: Any) -> Panel | None:
    """For those who read drafts, once the session is over: before that everything is missing."""
    if not session.is_held or not user.authority.allows(Permission.READ_RECORDS, session.group_id):
        return None
    page, lines = reverse("dossier_detail", args=[session.pk]), dossier_check(session)
    return Panel("一学一档", lines, "" if lines else "该归档的都已收齐。", ("打开档案", page))


@register_check
def dossier_check(session: StudySession) -> Sequence[PanelLine]:
    [dossier] = dossiers_of([session])
    page = reverse("dossier_detail", args=[session.pk])
    return [PanelLine(part.label, f"{page}#part-{part.slug}", "待补") for part in dossier.missing]
