"""投影页: the screen in the hall, with the code that changes and the counts."""

import ipaddress
from typing import Any

import segno
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.cache import never_cache

from sessions_app import codes
from sessions_app.actions import attendance as actions
from sessions_app.models import StudySession
from sessions_app.statistics import count, lines_of
from sessions_app.views.session import MANAGE, managed_session
from studygroup.lib.access import access
from studygroup.lib.errors import Refused


@access(MANAGE)
@never_cache
def screen(request: HttpRequest, pk: int) -> HttpResponse:
    session = managed_session(request, pk)
    request.without_navigation = True  # type: ignore[attr-defined]
    return render(request, "sessions_app/screen.html", _screen_context(request, session))


@access(MANAGE)
@never_cache
def screen_live(request: HttpRequest, pk: int) -> HttpResponse:
    session = managed_session(request, pk)
    return render(request, "sessions_app/_screen_live.html", _screen_context(request, session))


def _screen_context(request: HttpRequest, session: StudySession) -> dict[str, Any]:
    now = timezone.now()
    context: dict[str, Any] = {"session": session, "now": now, "counts": count(lines_of(session))}
    try:
        actions.check_window(session, now)
    except Refused as error:
        return context | {"closed": error.message}
    path = reverse("sign_in_scan", args=[session.pk, codes.token_at(session, now)])
    digits = codes.digits_at(session, now)
    return context | {
        "qr": qr_of(full_address(request, path)),
        "digits": f"{digits[:3]} {digits[3:]}",
        "is_late": session.is_late_at(now),
    }


def full_address(request: HttpRequest, path: str) -> str:
    """As other machines reach it."""
    return settings.PUBLIC_URL + path if settings.PUBLIC_URL else request.build_absolute_uri(path)


def qr_of(address: str) -> SafeString:
    return mark_safe(segno.make(address, error="m", micro=False).svg_inline(omitsize=True, border=2))  # noqa: S308


def is_this_machine(request: HttpRequest) -> bool:
    """Would the code lead phones to themselves?"""
    if settings.PUBLIC_URL:
        return False
    host = request.get_host().rpartition(":")[0] if not request.get_host().endswith("]") else request.get_host()
    host = (host or request.get_host()).strip("[]")
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
