"""布置材料 on the pages of the floor below: on a session, and as a verb on every topic of the plan."""

from typing import Any

from django.urls import reverse

from accounts.permissions import Permission
from materials.models import PaperRequest
from sessions_app.models import StudySession
from sessions_app.panels import Panel, PanelLine

SHOWN = 60


def requests_of(session: StudySession, user: Any) -> Panel | None:
    """What was asked for on account of the session: all of it to who reads the papers, else what he is asked for."""
    reads = user.authority.allows(Permission.READ_PAPERS, session.group_id)
    rows: Any = PaperRequest.objects.visible_to(user).filter(session=session).with_counts()
    lines = []
    for row in rows.order_by("due_on", "pk")[:SHOWN]:
        note = f"{row.due_on.month}月{row.due_on.day}日前交"
        note += f"　已交 {row.answered_count} / 应交 {row.asked_count}" if reads else ""
        lines.append(PanelLine(f"{row.kind_name}　{row.title}", reverse("paper_request_detail", args=[row.pk]), note))
    asks = user.authority.allows(Permission.MANAGE_SESSIONS, session.group_id)
    may = asks and not (session.is_draft or session.is_archived)
    action = ("布置材料", f"{reverse('paper_request_create')}?session={session.pk}") if may else None
    return Panel("布置的材料", lines, action=action)


def item_action(group_id: int, user: Any) -> tuple[str, str] | None:
    """布置材料 on a topic of the plan."""
    if not user.authority.allows(Permission.MANAGE_SESSIONS, group_id):
        return None
    return "布置材料", f"{reverse('paper_request_create')}?item="
