"""自助签到机: opened by the office, used by whoever stands before it."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from accounts.models import User
from accounts.permissions import Permission
from sessions_app import codes
from sessions_app.actions import attendance
from sessions_app.actions import kiosk as actions
from sessions_app.forms.kiosk import KioskForm
from sessions_app.forms.session import NoFields
from sessions_app.models import StudySession
from sessions_app.statistics import Line, count, lines_of
from sessions_app.views.screen import full_address, is_this_machine, qr_of
from sessions_app.views.session import MANAGE, managed_session
from studygroup.lib.access import PUBLIC, access
from studygroup.lib.errors import Refused
from studygroup.lib.forms import posted
from studygroup.lib.parse import whole_number

JUMP = 50  # with more people than this the page offers a jump to every fiftieth

# -- the office ---------------------------------------------------------------


@access(MANAGE, "GET POST", form=NoFields)
@never_cache
def register_kiosk(request: HttpRequest, pk: int) -> HttpResponse:
    """How to open one. Opening it here signs the clerk out: the computer is everybody's from now on."""
    session = managed_session(request, pk)
    if request.method == "POST":
        token = actions.open_kiosk(session=session, by=request.user, at=timezone.now())
        logout(request)
        response = redirect("kiosk", token)
        response.status_code = 303
        return response
    address = full_address(request, reverse("kiosk", args=[codes.kiosk_token(session)]))
    context = {
        "session": session,
        "is_open": session.is_called and timezone.now() <= session.sign_in_closes_at,
        "address": address,
        "qr": qr_of(address),
        "only_here": is_this_machine(request),
    }
    return render(request, "sessions_app/register_kiosk.html", context)


@access(MANAGE, "POST", form=NoFields)
def register_kiosk_stop(request: HttpRequest, pk: int) -> HttpResponse:
    session = managed_session(request, pk)
    actions.stop_kiosks(session=session, by=request.user, at=timezone.now())
    messages.success(request, "此前打开的自助签到机都已停用；投影页会自己换上新的二维码。")
    return redirect("register_kiosk", pk)


# -- the shared computer -------------------------------------------------------


@sensitive_post_parameters("pin")
@access(PUBLIC, "GET POST", form=KioskForm)
@never_cache
def kiosk(request: HttpRequest, token: str) -> HttpResponse:
    """The names; one of them (`?n=`, his number) with the question for a PIN. Reading it signs nobody in."""
    request.without_navigation = True  # type: ignore[attr-defined]
    session = _session_of(token)
    if session is None:
        return render(request, "sessions_app/kiosk.html", {"gone": True}, status=404)
    context: dict[str, Any] = {"session": session, "here": request.path}
    try:
        attendance.check_window(session, timezone.now())
    except Refused as refusal:
        return render(request, "sessions_app/kiosk.html", context | {"closed": refusal.message})
    lines = lines_of(session)
    line = _asked_for(lines, request.GET.get("n"))
    if line is None or line.attended:
        return render(request, "sessions_app/kiosk.html", context | _names(lines, request.GET.get("done")))
    return _confirm(request, context, session, line)


def _session_of(token: str) -> StudySession | None:
    """An address that is not current says the same whether the session exists or not."""
    found = StudySession.objects.filter(pk=codes.kiosk_session_id(token)).select_related("group").first()
    return found if found is not None and codes.is_current_kiosk(found, token) else None


def _asked_for(lines: Sequence[Line], number: str | None) -> Line | None:
    wanted = whole_number(number, 0)
    return next((line for line in lines if line.participant.number == wanted), None)


def _names(lines: Sequence[Line], done: str | None) -> dict[str, Any]:
    line = _asked_for(lines, done)
    return {
        "lines": lines,
        "done": line if line is not None and line.attended else None,
        "waiting": count(lines).missing,
        "jumps": [line.participant.number for line in lines[::JUMP]] if len(lines) > JUMP else (),
    }


def _confirm(request: HttpRequest, context: dict[str, Any], session: StudySession, line: Line) -> HttpResponse:
    now, place = timezone.now(), line.participant
    clerks = [user for user in _clerks_of(session, now) if user.pk != place.person_id]
    form = KioskForm(posted(request), person=place.person, clerks=clerks)
    if request.method == "POST" and form.is_valid():
        place.session = session
        try:
            actions.sign_in_at_kiosk(place=place, pin=form.cleaned_data["pin"], by=form.cleaned_data["by"], at=now)
            return HttpResponseRedirect(f"{request.path}?done={place.number}")
        except Refused as refusal:
            form.add_error("pin", refusal.message)
    asked = request.POST.get("by", "")
    context |= {"line": line, "form": form, "clerks": clerks, "by_clerk": asked not in ("", str(place.person_id))}
    return render(request, "sessions_app/kiosk_confirm.html", context, status=400 if form.errors else 200)


def _clerks_of(session: StudySession, now: Any) -> list[User]:
    return list(User.objects.holding(Permission.MANAGE_SESSIONS, session.group_id, timezone.localdate(now)))
