"""签到: the clerk's register, the screen in the hall, and the phone."""

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import segno
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.cache import never_cache

from accounts.actions.people import require
from accounts.models import User
from accounts.permissions import Permission, holds
from sessions_app import codes
from sessions_app.actions import attendance as actions
from sessions_app.forms.attendance import MARKS, REMOVE, RegisterForm, SignInForm
from sessions_app.models import Attendance, LeaveRequest, Participant, StudySession
from sessions_app.models.attendance import AttendanceSource
from sessions_app.models.leave import LeaveState
from sessions_app.presentation import STATUS_TONES
from sessions_app.statistics import Counts, Line, count, lines_of, only
from sessions_app.views.session import MANAGE, managed_session, seen_session
from studygroup.lib.access import PUBLIC, SIGNED_IN, access
from studygroup.lib.errors import Refused
from studygroup.lib.forms import posted
from studygroup.lib.parse import whole_number

READ_SHEET = holds(Permission.READ_DRAFTS)
SOURCE_SHAPES = {
    AttendanceSource.QR: "▦",
    AttendanceSource.CODE: "#",
    AttendanceSource.REGISTER: "✎",
    AttendanceSource.IMPORT: "⇩",
}
MARK_LABELS = {
    "present": "到",
    "late": "迟到",
    "official": "公假",
    "sick": "病假",
    "personal": "事假",
    "absent": "缺席",
}
# A poll asks again for a little more than it missed: a sign-in may commit a moment after its own time.
OVERLAP = timedelta(seconds=10)

# -- the register ------------------------------------------------------------


@access(MANAGE, "GET POST", form=RegisterForm)
@never_cache
def register(request: HttpRequest, pk: int) -> HttpResponse:
    session, now = managed_session(request, pk), timezone.now()
    status, error = 200, ""
    if request.method == "POST":
        people = Participant.objects.filter(session=session).values_list("person", flat=True)
        form = RegisterForm(request.POST, people=people)
        if form.is_valid():
            try:
                _tell(request, *_enter(session, form, request.user, now))
                return redirect(_back_to(request, session, form.cleaned_data["seen"]))
            except Refused as refusal:
                status, error = refusal.status, refusal.message
        else:
            status, error = 400, "；".join(m for found in form.errors.values() for m in found)
    lines = lines_of(session)
    show = request.GET.get("show", "")
    context = {
        **_live_context(session, lines, show, now),
        "lines": only(lines, show),
        "error": error,
        "tick": "tick" in request.GET,
        "ticked": request.POST.getlist("line"),
        "marks": MARK_LABELS,
        "only_here": session.is_called and _is_this_machine(request),
    }
    return render(request, "sessions_app/register.html", context, status=status)


def _enter(session: StudySession, form: RegisterForm, by: User, at: datetime) -> tuple[int, set[int]]:
    """Do what the button says; how many lines it was for, and who was left as he is."""
    mark, seen = form.cleaned_data["mark"], form.cleaned_data["seen"]
    if mark == REMOVE:
        people = User.objects.filter(pk__in=seen)
        removed = {
            person.pk: actions.unregister(session=session, person=person, seen=seen[person.pk], by=by, at=at)
            for person in people
        }
        return len(seen), {pk for pk, done in removed.items() if not done}
    status, reason = MARKS[mark]
    left = actions.register_many(session=session, seen=seen, status=status, leave_reason=reason, by=by, at=at)
    return len(seen), left


def _tell(request: HttpRequest, asked: int, left: set[int]) -> None:
    if left:
        names = "、".join(User.objects.filter(pk__in=left).values_list("name", flat=True))
        messages.warning(request, f"{names}的登记刚刚有变化（例如本人已签到），没有改动，请看最新状态。")
    elif asked > 1:
        messages.success(request, f"已登记 {asked} 人。")


def _back_to(request: HttpRequest, session: StudySession, seen: Mapping[int, str]) -> str:
    """The same filter; after a single line the place on the page where it was, or the line that now stands there."""
    address, show = reverse("register", args=[session.pk]), request.GET.get("show", "")
    if show.isalpha():
        address += f"?show={show}"
    if len(seen) > 1:
        return address
    lines = lines_of(session)
    number = next(line.participant.number for line in lines if line.participant.person_id in seen)
    here = [line.participant.person_id for line in only(lines, show) if line.participant.number >= number]
    return f"{address}#p{here[0]}" if here else address


def _live_context(session: StudySession, lines: Sequence[Line], show: str, now: datetime) -> dict[str, Any]:
    return {
        "session": session,
        "chips": _chips(count(lines), show),
        "show": show if show.isalpha() else "",
        "since": int((now - OVERLAP).timestamp()),
        "status_tones": STATUS_TONES,
        "shapes": SOURCE_SHAPES,
    }


def _chips(counts: Counts, show: str) -> list[dict[str, Any]]:
    kinds = [
        ("", "应到", counts.expected),
        ("present", "实到", counts.present),
        ("late", "其中迟到", counts.late),
        ("leave", "请假", counts.leave),
        ("absent", "缺席", counts.absent),
        ("unregistered", "未登记", counts.unregistered),
    ]
    if counts.observers:
        kinds.append(("observers", "列席", counts.observers))
    known = {key for key, _, _ in kinds}
    show = show if show in known else ""
    return [{"key": key, "label": label, "number": n, "current": key == show} for key, label, n in kinds]


@access(MANAGE)
@never_cache
def register_live(request: HttpRequest, pk: int) -> HttpResponse:
    """The counts, and the lines of those who signed in on their phones since the last time this was asked.

    Only those: a list that rearranges itself under the clerk's finger makes him tap the wrong person.
    """
    session, now = managed_session(request, pk), timezone.now()
    since = request.GET.get("since", "")
    after = whole_number(since, int(now.timestamp()))
    lines = lines_of(session)
    changed = [line for line in lines if line.attendance and line.attendance.at.timestamp() >= after]
    context = {
        **_live_context(session, lines, request.GET.get("show", ""), now),
        "lines": changed,
        "marks": MARK_LABELS,
    }
    return render(request, "sessions_app/_register_live.html", context)


@access(READ_SHEET)
def sign_in_sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """签到表, to be printed before (and signed on paper) or after."""
    session = seen_session(request, pk)
    require(request.user, Permission.READ_DRAFTS, session.group_id)
    lines = lines_of(session)
    context = {
        "session": session,
        "lines": lines,
        "counts": count(lines),
        "spare": range(3),
        "own_hand": (AttendanceSource.QR, AttendanceSource.CODE),
    }
    return render(request, "sessions_app/sheet.html", context)


# -- the screen in the hall --------------------------------------------------


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
    address = _phone_address(request, session, now)
    digits = codes.digits_at(session, now)
    return context | {
        "qr": _qr(address),
        "digits": f"{digits[:3]} {digits[3:]}",
        "is_late": session.is_late_at(now),
    }


def _phone_address(request: HttpRequest, session: StudySession, now: datetime) -> str:
    path = reverse("sign_in_scan", args=[session.pk, codes.token_at(session, now)])
    return settings.PUBLIC_URL + path if settings.PUBLIC_URL else request.build_absolute_uri(path)


def _qr(address: str) -> SafeString:
    return mark_safe(segno.make(address, error="m", micro=False).svg_inline(omitsize=True, border=2))  # noqa: S308


def _is_this_machine(request: HttpRequest) -> bool:
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


# -- the phone ---------------------------------------------------------------

CLAIM = "sign_in_claim"
CLAIM_LASTS = timedelta(minutes=5)
# Three hundred people sign in within a minute: not a column more than the page and the decision need.
SIGN_IN_COLUMNS = (
    "category",
    "codes_stopped_until",
    "session__title",
    "session__place",
    "session__starts_at",
    "session__state",
    "session__sign_in_key",
    "session__group__late_after_minutes",
    "session__group__sign_in_opens_minutes",
    "session__group__sign_in_closes_minutes",
)


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
        return redirect(f"{page}?expired=1")
    request.session[CLAIM] = {"session": pk, "until": (now + CLAIM_LASTS).timestamp()}
    return redirect(page)


def _saw_screen(request: HttpRequest, pk: int, now: datetime) -> bool:
    claim = request.session.get(CLAIM) or {}
    return claim.get("session") == pk and claim.get("until", 0) >= now.timestamp()


@access(SIGNED_IN, "GET POST", form=SignInForm)
@never_cache
def sign_in(request: HttpRequest, pk: int) -> HttpResponse:
    """One screen: who, what, where, and one button. The POST knows nothing it does not need."""
    now = timezone.now()
    saw_screen = _saw_screen(request, pk, now)
    seat, refusal = _seat_of(request, pk), ""
    digits = codes.plain_digits(request.POST.get("code", ""))
    if request.method == "POST" and seat is not None and (saw_screen or digits):
        try:
            actions.sign_in_by_phone(place=seat, person=request.user, at=now, saw_screen=saw_screen, digits=digits)
            return HttpResponseRedirect(request.path)
        except Refused as error:
            refusal = error.message
    form = SignInForm(posted(request), saw_screen=saw_screen)
    if form.is_valid() and refusal:
        form.add_error("code", refusal)
    session = seat.session if seat else seen_session(request, pk)
    place = _place_of(request, session, now, takes_part=seat is not None)
    status = 400 if form.errors and place.may_sign else 200
    context = {"place": place, "session": place.session, "form": form, "saw_screen": saw_screen}
    context["expired"] = "expired" in request.GET and not saw_screen
    return render(request, "sessions_app/sign_in.html", context, status=status)


def _seat_of(request: HttpRequest, pk: int) -> Participant | None:
    """His place in a session that has been called, with the session and its group, in one statement."""
    seats = Participant.objects.filter(session=pk, person=request.user).select_related("session__group")
    seat = next(iter(seats.only(*SIGN_IN_COLUMNS).order_by()), None)
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
