"""会务台: the page the office works at while people arrive. It is the register, its counts and its history."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.db.models import CharField, F, QuerySet, Value
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache

from accounts.models import User
from sessions_app.actions import attendance as actions
from sessions_app.forms.attendance import MARK_LABELS, MARKS, REMOVE, RegisterForm
from sessions_app.models import Attendance, LeaveRequest, Participant, SignInAttempt, StudySession
from sessions_app.models.attendance import ATTENDED, AttendanceSource, AttendanceStatus
from sessions_app.models.leave import LeaveState
from sessions_app.presentation import STATUS_TONES
from sessions_app.statistics import Counts, Line, count, lines_of, only, speakers_of
from sessions_app.views.screen import is_this_machine
from sessions_app.views.session import MANAGE, managed_session
from studygroup.lib.access import access
from studygroup.lib.errors import Refused
from studygroup.lib.paging import page_of
from studygroup.lib.parse import whole_number

SOURCE_SHAPES = {
    AttendanceSource.QR: "▦",
    AttendanceSource.CODE: "#",
    AttendanceSource.KIOSK: "▣",
    AttendanceSource.REGISTER: "✎",
    AttendanceSource.IMPORT: "⇩",
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
                if names := _contradicted(session, form):
                    messages.warning(request, f"{names}已准假，事由以批准的为准。")
                return redirect(_back_to(request, session, form.cleaned_data["seen"]))
            except Refused as refusal:
                status, error = refusal.status, refusal.message
        else:
            status, error = 400, "；".join(m for found in form.errors.values() for m in found)
    lines = lines_of(session)
    show = request.GET.get("show", "")
    context = {
        **_live_context(session, lines, show, now),
        **_aside_context(session, lines, now),
        "lines": only(lines, show),
        "error": error,
        "tick": "tick" in request.GET,
        "ticked": request.POST.getlist("line"),
        "marks": MARK_LABELS,
        "is_over": now >= session.ends_at,
        "only_here": session.is_called and is_this_machine(request),
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


def _contradicted(session: StudySession, form: RegisterForm) -> str:
    """Names of those whose leave was granted for another reason than the button says."""
    reason = MARKS.get(form.cleaned_data["mark"], ("", ""))[1]
    granted = LeaveRequest.objects.filter(session=session, person__in=form.cleaned_data["seen"])
    granted = granted.filter(state=LeaveState.GRANTED).exclude(reason=reason).select_related("person")
    return "、".join(f"{one.person.name}（{one.get_reason_display()}）" for one in granted) if reason else ""


def _tell(request: HttpRequest, asked: int, left: set[int]) -> None:
    if left:
        names = "、".join(User.objects.filter(pk__in=left).values_list("name", flat=True))
        messages.warning(request, f"{names}的登记刚刚有变化（例如本人已签到），没有改动，请看最新状态。")
    elif asked > 1:
        messages.success(request, f"已登记 {asked} 人。")


def _back_to(request: HttpRequest, session: StudySession, seen: Mapping[int, str]) -> str:
    """Where he came from: 核对, or the same filter; after a single line the place on the page where it was, or the line
    that now stands there."""
    if request.GET.get("from") == "paper":
        return reverse("register_reconcile", args=[session.pk])
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
        ("unregistered", "未到", counts.unregistered),
    ]
    if counts.observers:
        kinds.append(("observers", "列席", counts.observers))
    known = {key for key, _, _ in kinds}
    show = show if show in known else ""
    return [{"key": key, "label": label, "number": n, "current": key == show} for key, label, n in kinds]


def _aside_context(session: StudySession, lines: Sequence[Line], now: datetime) -> dict[str, Any]:
    """What stands beside the register: the clock's word, who speaks, who has asked for leave."""
    asked = LeaveRequest.objects.filter(session=session, state=LeaveState.ASKED).select_related("person")
    here = {line.participant.person_id for line in lines if line.attended}
    return {
        "window": _window(session, now),
        "is_late": session.is_called and session.is_late_at(now),
        "speakers": speakers_of(session, lines),
        "asked": [one for one in asked.order_by("asked_at") if one.person_id not in here] if session.is_called else [],
    }


def _window(session: StudySession, now: datetime) -> str:
    """One sentence: may people sign in now?"""
    if not session.is_called:
        return ""
    opens, closes = timezone.localtime(session.sign_in_opens_at), timezone.localtime(session.sign_in_closes_at)
    if now < opens:
        return f"{opens:%H:%M} 开始签到。"
    return f"正在签到，{closes:%H:%M} 截止。" if now <= closes else f"签到已于 {closes:%H:%M} 截止，可以代录。"


@access(MANAGE)
@never_cache
def register_live(request: HttpRequest, pk: int) -> HttpResponse:
    """The counts, and the lines of those who signed in on their phones since the last time this was asked.

    Only those: a list that rearranges itself under the clerk's finger makes him tap the wrong person.
    """
    session, now = managed_session(request, pk), timezone.now()
    after = whole_number(request.GET.get("since", ""), int(now.timestamp()))
    lines = lines_of(session)
    fresh = [line.attendance for line in lines if line.attendance and line.attendance.at.timestamp() >= after]
    people, phones = {row.person_id for row in fresh}, {row.device for row in fresh} - {""}
    context = {
        **_live_context(session, lines, request.GET.get("show", ""), now),
        **_aside_context(session, lines, now),
        "lines": [
            line
            for line in lines
            if line.attendance and (line.attendance.person_id in people or line.attendance.device in phones)
        ],
        "marks": MARK_LABELS,
    }
    return render(request, "sessions_app/_register_live.html", context)


# -- the history ---------------------------------------------------------------


@access(MANAGE)
def register_attempts(request: HttpRequest, pk: int) -> HttpResponse:
    """签到记录: who came by which way and who was refused why, the latest first."""
    session = managed_session(request, pk)
    context = {
        "session": session,
        "page": page_of(request, _history(session), 50),
        "refused": SignInAttempt.objects.filter(session=session).count(),
        "sources": dict(AttendanceSource.choices),
        "shapes": SOURCE_SHAPES,
        "statuses": dict(AttendanceStatus.choices),
        "status_tones": STATUS_TONES,
    }
    return render(request, "sessions_app/register_attempts.html", context)


def _history(session: StudySession) -> QuerySet:
    """Refused and successful in one list of (at, name, source, status or "", reason or who entered it)."""
    columns = ("at", "who", "how", "result", "told")
    refused = SignInAttempt.objects.filter(session=session).annotate(
        who=F("person__name"), how=F("source"), result=Value("", output_field=CharField()), told=F("reason")
    )
    came = Attendance.objects.filter(session=session, status__in=ATTENDED).annotate(
        who=F("person__name"), how=F("source"), result=F("status"), told=F("entered_by__name")
    )
    return refused.values(*columns).union(came.values(*columns), all=True).order_by("-at", "who")
