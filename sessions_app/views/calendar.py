"""日历: one session as a file, and a person's own feed behind a secret address."""

from collections.abc import Sequence
from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header

from accounts.models import User
from sessions_app.actions import calendar as actions
from sessions_app.exports.calendar import Entry, calendar_file
from sessions_app.forms.session import NoFields
from sessions_app.models import AgendaItem, CalendarFeed, StudySession
from sessions_app.views.session import seen_session
from studygroup.lib.access import PUBLIC, SIGNED_IN, access
from studygroup.lib.office.characters import file_name

PAST_SHOWN = timedelta(days=60)
FEED_NAME = "理论学习"


@access(SIGNED_IN)
def session_calendar(request: HttpRequest, pk: int) -> HttpResponse:
    session = seen_session(request, pk)
    response = _answer(request, [session], request.user)
    response.headers["Content-Disposition"] = content_disposition_header(
        True, f"{file_name(f'{session.day:%Y%m%d} {session.title}')}.ics"
    )
    return response


@access(PUBLIC)
def calendar_feed(request: HttpRequest, key: str) -> HttpResponse:
    """What this address's owner takes part in. A wrong, stopped or disabled person's key is no page at all.

    The key is looked up by its hash: comparing it takes as long for a near miss as for nonsense.
    """
    feeds = CalendarFeed.objects.filter(revoked_at=None, person__is_active=True).select_related("person")
    person = get_object_or_404(feeds, key_hash=actions.hash_of(key)).person
    since = timezone.now() - PAST_SHOWN
    sessions = StudySession.objects.taking_part(person).filter(starts_at__gte=since).order_by("starts_at", "pk")
    return _answer(request, list(sessions), person, FEED_NAME)


def _answer(request: HttpRequest, sessions: Sequence[StudySession], person: User, name: str = "") -> HttpResponse:
    roles: dict[int, list[str]] = {}
    for item in AgendaItem.objects.filter(session__in=sessions, speaker=person).order_by("position"):
        roles.setdefault(item.session_id, []).append("　".join(filter(None, (item.get_role_display(), item.title))))
    entries = [_entry(request, session, roles.get(session.pk, [])) for session in sessions]
    host = request.get_host().partition(":")[0]
    content = calendar_file(entries, at=timezone.now(), host=host, name=name)
    return HttpResponse(
        content, content_type="text/calendar; charset=utf-8", headers={"Cache-Control": "private, max-age=0"}
    )


def _entry(request: HttpRequest, session: StudySession, roles: Sequence[str]) -> Entry:
    due = f"材料截止：{session.papers_due_on:%Y-%m-%d}" if session.papers_due_on else ""
    return Entry(
        pk=session.pk,
        version=session.version,
        title=session.title,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        place=f"{session.place}（线上）" if session.is_online else session.place,
        notes=[
            *(f"我的任务：{role}" for role in roles),
            f"学习内容：{session.content}" if session.content else "",
            f"研讨题目：{session.question}" if session.question else "",
            f"学习要求：{session.requirements}" if session.requirements else "",
            due,
        ],
        address=request.build_absolute_uri(reverse("session_detail", args=[session.pk])),
        is_draft=session.is_draft,
    )


# -- my feed -----------------------------------------------------------------


@access(SIGNED_IN)
def my_calendar(request: HttpRequest) -> HttpResponse:
    feed = CalendarFeed.objects.filter(person=request.user, revoked_at=None).first()
    return render(request, "sessions_app/my_calendar.html", {"feed": feed})


@access(SIGNED_IN, "POST", form=NoFields)
def my_calendar_renew(request: HttpRequest) -> HttpResponse:
    """The address is shown on this answer and never again."""
    key = actions.issue_feed(by=request.user, at=timezone.now())
    feed = CalendarFeed.objects.get(person=request.user, revoked_at=None)
    address = request.build_absolute_uri(reverse("calendar_feed", args=[key]))
    webcal = "webcal:" + address.partition(":")[2]  # opens the calendar of most phones and desktops
    response = render(request, "sessions_app/my_calendar.html", {"feed": feed, "address": address, "webcal": webcal})
    response.headers["Cache-Control"] = "no-store"
    return response


@access(SIGNED_IN, "POST", form=NoFields)
def my_calendar_revoke(request: HttpRequest) -> HttpResponse:
    if actions.revoke_feed(by=request.user, at=timezone.now()):
        messages.success(request, "订阅已停用，原来的地址不再有效。")
    return redirect("my_calendar")
