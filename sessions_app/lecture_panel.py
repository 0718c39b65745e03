"""报告会、授课 on the page of the session at which it is given."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q
from django.urls import reverse

from accounts.models import Membership
from accounts.permissions import Permission
from sessions_app.documents.lecture import NOT_TO_BE_HELD, compared, standing_of
from sessions_app.models import AgendaItem, Lecture, LectureFile, StudySession
from sessions_app.models.session import AgendaRole
from sessions_app.panels import Panel, PanelLine

TAUGHT = (AgendaRole.PARTY_LECTURE, AgendaRole.GUIDANCE)


def outside_speakers(session: StudySession) -> list[AgendaItem]:
    """Who gives a 党课 or 专题辅导 and is not on the group's roster of that day."""
    roster = Membership.objects.on(session.day).filter(group=session.group_id, user=OuterRef("speaker"))
    items = AgendaItem.objects.filter(session=session, role__in=TAUGHT).select_related("speaker")
    return list(items.filter(Q(speaker=None) | ~Exists(roster)))


def lecture_waits(session: StudySession) -> bool:
    """Is a lecture given here that nobody has approved, or a lecturer from outside without an application?"""
    lectures = list(Lecture.objects.filter(session=session).select_related("review"))
    return any(not one.review.is_approved for one in lectures) or not lectures and bool(outside_speakers(session))


def lecture_panel(session: StudySession, user: Any) -> Panel | None:
    """The lectures given at a session. The office is told of a lecturer from outside whom nobody has approved."""
    given = Lecture.objects.visible_to(user).filter(session=session).select_related("review__approved_version")
    lectures = list(given.prefetch_related(Prefetch("files", LectureFile.objects.used(), "used_files")))
    manages = user.authority.allows(Permission.MANAGE_SESSIONS, session.group_id)
    unapproved = outside_speakers(session) if manages and not session.is_held and not lectures else []
    lines = [
        PanelLine(lecture.title, reverse("lecture_detail", args=[lecture.pk]), _note(lecture)) for lecture in lectures
    ]
    if not unapproved:
        return Panel("报告会审批", lines)
    return Panel(
        "报告会审批",
        empty=f"{_names(unapproved)}不在名单内，还没有批准的授课申请。请先申请审批；已经申请的，在申请页上选定这次学习。",
        action=("申请审批", f"{reverse('lecture_new')}?session={session.pk}"),
    )


def _note(lecture: Lecture) -> str:
    if lecture.review.is_approved:
        approved = lecture.review.approved_version.content
        found = [compared(file.sha256, approved) for file in lecture.used_files]  # type: ignore[attr-defined]
        return "；".join(["已批准", *(f"实际使用的{result}" for result in dict.fromkeys(found))])
    return NOT_TO_BE_HELD if lecture.is_change_pending else f"{standing_of(lecture)[0]}，未经批准不得举办"


def _names(items: Iterable[AgendaItem]) -> str:
    return "、".join(f"{item.get_role_display()}主讲人{item.speaker or item.speaker_name}" for item in items)
