"""What this floor shows on a session's page: its papers and the texts of the library chosen for it."""

from typing import Any

from django.db.models import Q
from django.urls import reverse

from accounts.permissions import Permission
from materials.models import Material, Submission
from materials.models.paper_kind import may_keep_kinds
from reviews.models import ReviewCase
from sessions_app import panels
from sessions_app.models import StudySession
from sessions_app.panels import Panel, PanelLine, SettingPage

SHOWN = 60


def texts_of(session: StudySession, user: Any) -> Panel | None:
    """学习资料 chosen for the session; whoever keeps the library chooses."""
    authority = user.authority
    keeps = authority.allows(Permission.MANAGE_LIBRARY, session.group_id)
    rows = Material.objects.visible_to(user).filter(sessions=session).only("pk", "title", "source")[:SHOWN]
    lines = [PanelLine(row.title, reverse("material_detail", args=[row.pk]), row.source) for row in rows]
    action = (
        ("选择资料", reverse("session_materials", args=[session.pk])) if keeps and not session.is_archived else None
    )
    return Panel("学习资料", lines, "还没有为这次学习选资料。" if keeps else "", action)


def papers_of(session: StudySession, user: Any) -> Panel | None:
    """学习材料 written for the session, as far as this person may read them."""
    rows = (
        Submission.objects.visible_to(user)
        .filter(Q(handed_in_session=session) | Q(session=session, author=user))
        .select_related("author", "review")
        .defer("body")
        .order_by("kind", "pk")[:SHOWN]
    )
    lines = [
        PanelLine(
            str(row) if row.author_id == user.pk else row.review.title,
            reverse("submission_detail", args=[row.pk]),
            f"{row.author.name}　{row.kind_label}　{_standing(row.review)}",
        )
        for row in rows
    ]
    writes = not session.is_draft and user.authority.allows(Permission.WRITE_PAPERS, session.group_id)
    action = ("为这次学习写材料", f"{reverse('submission_create')}?session={session.pk}") if writes else None
    return Panel("发言材料和心得", lines, action=action)


def _standing(case: ReviewCase) -> str:
    return "特批，待追认" if case.awaits_ratification else case.get_state_display()


def register_all() -> None:
    panels.register(texts_of)
    panels.register(papers_of)
    panels.register_setting(SettingPage("材料类别", "group_paper_kinds", may_keep_kinds))
