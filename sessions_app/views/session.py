"""学习活动: the list and one session's page."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from accounts.actions.people import require
from accounts.models import StudyGroup, User
from accounts.permissions import Permission, holds
from sessions_app.actions.session_life import last_reopening, reopening_told
from sessions_app.forms.session import SessionFilter
from sessions_app.lecture_panel import lecture_waits
from sessions_app.models import LeaveRequest, StudySession
from sessions_app.models.leave import STANDING
from sessions_app.models.session import SessionState
from sessions_app.panels import panels_of
from sessions_app.presentation import (
    STATUS_LABELS,
    STATUS_TONES,
    before_calling,
    gaps_of,
    minutes_told,
    office_next,
    own_next,
    stage_of,
    stages_of,
    state_of,
)
from sessions_app.statistics import count, lines_of
from studygroup.lib.access import SIGNED_IN, access
from studygroup.lib.clock import start_of_day
from studygroup.lib.paging import page_of

MANAGE = holds(Permission.MANAGE_SESSIONS)


def seen_session(request: HttpRequest, pk: int) -> StudySession:
    """The session, if this person may see it at all."""
    sessions = StudySession.objects.visible_to(request.user).select_related(
        "group", "host", "site", "plan_item", "upper_session", "series"
    )
    return get_object_or_404(sessions, pk=pk)


def managed_session(request: HttpRequest, pk: int) -> StudySession:
    """The session, for those who arrange its group's sessions."""
    session = seen_session(request, pk)
    require(request.user, Permission.MANAGE_SESSIONS, session.group_id)
    return session


# -- the list ----------------------------------------------------------------


@access(SIGNED_IN, form=SessionFilter)
def session_list(request: HttpRequest) -> HttpResponse:
    user, now = request.user, timezone.now()
    visible = StudySession.objects.visible_to(user)
    years = [first.year for first in visible.datetimes("starts_at", "year", order="DESC")]
    groups = StudyGroup.objects.visible_to(user) if len(user.authority.roles) > 1 else []
    form = SessionFilter(request.GET, years=years, groups=list(groups), sessions=visible)
    rows = _filtered(visible, form, now).with_counts().with_own_status(user)
    rows = rows.select_related("group").prefetch_related("kinds").defer("content", "question", "record")
    today = start_of_day(timezone.localdate()), start_of_day(timezone.localdate() + timedelta(days=1))
    is_today = Case(When(starts_at__gte=today[0], starts_at__lt=today[1], then=0), default=1)
    page = page_of(request, rows.order_by(is_today, "-starts_at", "-pk"))
    managed = user.authority.groups_with(Permission.MANAGE_SESSIONS)
    for session in page:
        session.shown_state = state_of(session, now)
        session.is_today = today[0] <= session.starts_at < today[1]
        session.may_be_called = session.is_draft and session.group_id in managed
    return render(
        request,
        "sessions_app/session_list.html",
        {
            "form": form,
            "page": page,
            "is_filtered": any(form.cleaned_data.values()),
            "several_groups": "group" in form.fields,
            "reads_group": user.authority.holds(Permission.READ_SESSIONS),
            "may_call": any(session.may_be_called for session in page),
            "may_create": user.authority.holds(Permission.MANAGE_SESSIONS),
            "status_labels": STATUS_LABELS,
        },
    )


def _filtered(sessions: Any, form: SessionFilter, now: datetime) -> Any:
    if year := form.chosen("year"):
        sessions = sessions.in_year(year)
    if kind := form.chosen("kind"):
        sessions = sessions.filter(kinds__slug=kind)
    if state := form.chosen("state"):
        sessions = sessions.shown_as(state, now)
    if series := form.chosen("series"):
        sessions = sessions.filter(series=series)
    if site := form.chosen("site"):
        sessions = sessions.filter(site=site)
    if group := form.chosen("group"):
        sessions = sessions.filter(group=group)
    return sessions


# -- one session -------------------------------------------------------------


@dataclass(frozen=True)
class Tool:
    """One address on the session's page beside the next step."""

    label: str
    address: str
    primary: bool = False


def _tools_of(session: StudySession, user: User) -> list[Tool]:
    """What else can be done with this session, or printed from it; one line per tool."""

    def page(name: str) -> str:
        return reverse(name, args=[session.pk])

    manages = user.authority.allows(Permission.MANAGE_SESSIONS, session.group_id)
    reads_sheet = user.authority.allows(Permission.READ_RECORDS, session.group_id)
    told = not session.is_draft
    tools = [
        (manages and told, Tool("会务台", page("register"))),
        (manages and session.is_called, Tool("投影页", page("screen"))),
        (manages and session.is_called, Tool("登记请假", page("leave_enter"))),
        (manages and not session.is_held, Tool("修改", page("session_edit"))),
        (reads_sheet, Tool("签到表", page("sign_in_sheet"))),
        (True, Tool("文书", page("session_papers"))),
        (session.is_called, Tool("加入日历", page("session_calendar"))),
        (manages and told and not session.is_archived, Tool("学习记录", page("session_record"))),
    ]
    return [tool for offered, tool in tools if offered]


@access(SIGNED_IN)
def session_detail(request: HttpRequest, pk: int) -> HttpResponse:
    session, user, now = seen_session(request, pk), request.user, timezone.now()
    lines, agenda = lines_of(session), list(session.agenda.select_related("speaker"))
    own = next((line for line in lines if line.participant.person_id == user.pk), None)
    leave = LeaveRequest.objects.filter(session=session, person=user).first()
    manages = user.authority.allows(Permission.MANAGE_SESSIONS, session.group_id)
    gaps = gaps_of(session, lines) if manages and session.is_draft else []
    asked = before_calling(session, len(lines), lecture_waits(session)) if manages and session.is_draft else ""
    context = {
        "session": session,
        "state": state_of(session, now),
        "kinds": session.kinds.all(),
        "agenda": agenda,
        **minutes_told(session, (item.minutes for item in agenda)),
        "own_roles": [item for item in agenda if item.speaker_id == user.pk],
        "lines": lines,
        "counts": count(lines),
        "own": own,
        "leave": leave,
        "manages": manages,
        "reads_register": user.authority.allows(Permission.READ_SESSIONS, session.group_id),
        "gaps": gaps,
        "before_calling": "" if gaps else asked,
        "stages": stages_of(stage_of(session, gaps, now)) if manages else [],
        "office_next": office_next(session, gaps, now) if manages else None,
        "own_next": own_next(session, own.attendance, leave, now) if own else None,
        "may_ask_leave": session.is_called
        and now < session.starts_at
        and (leave is None or leave.state not in STANDING),
        "may_reopen": session.state == SessionState.CLOSED and now < last_reopening(session),
        "reopening_until": reopening_told(session),
        "tools": _tools_of(session, user),
        "panels": panels_of(session, user),
        "status_tones": STATUS_TONES,
    }
    return render(request, "sessions_app/session_detail.html", context)
