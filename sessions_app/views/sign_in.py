"""The phone: scan, one screen, one button."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.cache import never_cache

from sessions_app import codes
from sessions_app.actions import attendance as actions
from sessions_app.forms.attendance import SignInForm
from sessions_app.models import Attendance, LeaveRequest, Participant, StudySession
from sessions_app.models.attendance import AttendanceSource
from sessions_app.models.leave import LeaveState
from sessions_app.models.seat import seat_of
from sessions_app.views.session import seen_session
from studygroup.lib.access import PUBLIC, SIGNED_IN, access
from studygroup.lib.errors import Refused
from studygroup.lib.forms import posted

CLAIM = "sign_in_claim"
CLAIM_LASTS = timedelta(minutes=5)
DEVICE_LASTS = timedelta(days=365)


@access(PUBLIC)
@never_cache
def sign_in_scan(request: HttpRequest, pk: int, token: str) -> HttpResponse:
    """The address in the QR code. Never signs anybody in: previews and prefetchers fetch addresses.

    A browser that has seen a current code keeps that claim for five minutes, through a slow login. An address that
    is not current says the same whether the session exists or not.
    """
    now = timezone.now()
    session = StudySession.objects.filter(pk=pk).only("pk", "sign_in_key").first()
    page = reverse("sign_in", args=[pk])
    if session is None or not codes.is_current_token(session, token, now):
        if request.user.is_authenticated:
            _note_old_code(request, pk, now)
        return redirect(f"{page}?expired=1")
    request.session[CLAIM] = {"session": pk, "until": (now + CLAIM_LASTS).timestamp()}
    return redirect(page)


def _note_old_code(request: HttpRequest, pk: int, now: datetime) -> None:
    """A picture of the code that somebody was sent leads here; of no interest once he has signed in."""
    seat = _seat_of(request, pk)
    if seat is None or not seat.session.is_called or actions.attended(seat.session, request.user):
        return
    told = {"reason": actions.OLD_CODE, "source": AttendanceSource.QR, "device": _device_of(request, pk)}
    actions.note_refusal(session=seat.session, person=request.user, at=now, **told)


def _device_of(request: HttpRequest, pk: int) -> str:
    return codes.device_mark(pk, request.COOKIES.get(codes.DEVICE_COOKIE, ""))


def _saw_screen(request: HttpRequest, pk: int, now: datetime) -> bool:
    claim = request.session.get(CLAIM) or {}
    return claim.get("session") == pk and claim.get("until", 0) >= now.timestamp()


@access(SIGNED_IN, "GET POST", form=SignInForm)
def sign_in(request: HttpRequest, pk: int) -> HttpResponse:
    """One screen: who, what, where, and one button. The POST knows nothing it does not need."""
    now = timezone.now()
    saw_screen = _saw_screen(request, pk, now)
    seat, refusal = _seat_of(request, pk), ""
    digits = codes.plain_digits(request.POST.get("code", ""))
    if request.method == "POST" and seat is not None and (saw_screen or digits):
        proof = {"saw_screen": saw_screen, "digits": digits, "device": _device_of(request, pk)}
        try:
            actions.sign_in_by_phone(place=seat, person=request.user, at=now, **proof)
            return HttpResponseRedirect(request.path)
        except Refused as error:
            refusal = error.message
    return _page(request, pk, seat, now, saw_screen=saw_screen, refusal=refusal)


def _page(
    request: HttpRequest, pk: int, seat: Participant | None, now: datetime, *, saw_screen: bool, refusal: str
) -> HttpResponse:
    request.without_navigation = True  # type: ignore[attr-defined]
    form = SignInForm(posted(request), saw_screen=saw_screen)
    if form.is_valid() and refusal:
        form.add_error("code", refusal)
    session = seat.session if seat else seen_session(request, pk)
    place = _place_of(request, session, now, takes_part=seat is not None)
    if seat is None and (saw_screen or request.method == "POST"):
        source, device = AttendanceSource.QR if saw_screen else AttendanceSource.CODE, _device_of(request, pk)
        told = {"reason": actions.NOT_LISTED, "source": source, "device": device}
        actions.note_refusal(session=session, person=request.user, at=now, **told)
    status = 400 if form.errors and place.may_sign else 200
    context = {"place": place, "session": place.session, "form": form, "saw_screen": saw_screen}
    context["expired"] = "expired" in request.GET and not saw_screen
    response = render(request, "sessions_app/sign_in.html", context, status=status)
    _mark_device(request, response)
    return response


def _mark_device(request: HttpRequest, response: HttpResponse) -> None:
    """A random number and nothing about the phone; see `codes.device_mark` for what is kept of it."""
    if not codes.device_mark(0, request.COOKIES.get(codes.DEVICE_COOKIE, "")):
        response.set_cookie(
            codes.DEVICE_COOKIE,
            secrets.token_hex(16),
            max_age=DEVICE_LASTS,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )


def _seat_of(request: HttpRequest, pk: int) -> Participant | None:
    """His place in a session that has been called."""
    seat = seat_of(request.user.pk, pk)
    return None if seat is None or seat.session.is_draft else seat


@dataclass(frozen=True)
class Place:
    """Where this person stands with one session right now: either `row`, or `refusal`, or he may sign in."""

    session: StudySession
    row: Attendance | None = None
    refusal: str = ""
    reload_after: int = 0
    on_leave: bool = False

    @property
    def may_sign(self) -> bool:
        return self.row is None and not self.refusal


def _place_of(request: HttpRequest, session: StudySession, now: datetime, *, takes_part: bool) -> Place:
    row = Attendance.objects.filter(session=session, person=request.user).first()
    if row is not None and row.attended:
        return Place(session, row=row)
    if not takes_part:
        if session.is_draft:
            raise Http404
        return Place(session, refusal="您不在这次学习的名单里。如确应参加，请找会务人员登记。")
    leaves = LeaveRequest.objects.filter(session=session, person=request.user, state=LeaveState.GRANTED)
    try:
        actions.check_window(session, now)
    except Refused as error:
        wait = int((session.sign_in_opens_at - now).total_seconds()) + 1
        early = session.is_called and wait > 0
        soon = early and wait < 2 * 3600
        return Place(
            session,
            refusal=_opening(session, now) if early else error.message,
            reload_after=min(max(wait, 3), 60) if soon else 0,
            on_leave=leaves.exists(),
        )
    return Place(session, on_leave=leaves.exists())


def _opening(session: StudySession, now: datetime) -> str:
    opens = timezone.localtime(session.sign_in_opens_at)
    day = "" if opens.date() == timezone.localtime(now).date() else date_format(opens, "n月j日 ")
    return f"还没有到签到时间，{day}{opens:%H:%M} 开始签到。"
