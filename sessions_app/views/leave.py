"""请假: ask on the phone, decide in one place."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from accounts.permissions import Permission, holds
from sessions_app.actions import leave as actions
from sessions_app.forms.leave import DecisionForm, EnterLeaveForm, LeaveForm
from sessions_app.forms.session import NoFields
from sessions_app.models import AgendaItem, Attendance, LeaveRequest, StudySession
from sessions_app.models.attendance import ATTENDED
from sessions_app.models.leave import STANDING, LeaveState
from sessions_app.models.session import SPEAKERS
from sessions_app.views.session import managed_session, seen_session
from studygroup.lib.access import SIGNED_IN, access
from studygroup.lib.errors import Overtaken, Refused
from studygroup.lib.forms import posted
from studygroup.lib.once import once
from studygroup.lib.paging import page_of

LEAVE_TONES = {
    LeaveState.ASKED: "wait",
    LeaveState.GRANTED: "good",
    LeaveState.REFUSED: "bad",
    LeaveState.WITHDRAWN: "off",
}


@access(SIGNED_IN, "GET POST", form=LeaveForm)
def leave_ask(request: HttpRequest, pk: int) -> HttpResponse:
    session, now = seen_session(request, pk), timezone.now()
    form = LeaveForm(posted(request))
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            actions.ask_leave(session=session, person=request.user, at=now, **form.cleaned_data)
            messages.success(request, "已提交，请等组长审批。结果会显示在这里。")
            return redirect("leave_list")
        except Refused as error:
            status = error.status
            form.add_error(None, error.message)
    last = LeaveRequest.objects.filter(session=session, person=request.user).order_by("-pk").first()
    context = {
        "session": session,
        "form": form,
        "last": last,
        "stands": last is not None and last.state in STANDING,
        "may_withdraw": last is not None and _may_withdraw(last, request.user, now),
        "too_late": now >= session.starts_at or not session.is_called,
        "takes_part": StudySession.objects.taking_part(request.user).filter(pk=pk).exists(),
        "speaks_as": _speaking([request.user.pk], [pk]).get((pk, request.user.pk), ""),
        "tones": LEAVE_TONES,
    }
    return render(request, "sessions_app/leave_form.html", context, status=status)


def _may_withdraw(leave: LeaveRequest, user: Any, now: datetime) -> bool:
    """Needs `session` read with it."""
    own = leave.person_id == user.pk
    if not leave.session.is_called or not (own or leave.entered_by_id == user.pk):
        return False
    if leave.state == LeaveState.ASKED:
        return True
    return own and leave.state == LeaveState.GRANTED and now < leave.session.starts_at


@access(SIGNED_IN, "POST", form=NoFields)
def leave_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    leave = get_object_or_404(LeaveRequest.objects.visible_to(request.user).select_related("session"), pk=pk)
    actions.withdraw_leave(request=leave, by=request.user, at=timezone.now())
    messages.success(request, "已撤回请假。")
    return redirect("leave_list")


@access(holds(Permission.MANAGE_SESSIONS), "GET POST", form=EnterLeaveForm)
@once
def leave_enter(request: HttpRequest, pk: int) -> HttpResponse:
    """电话请假: the office writes it down, the 组长 decides it."""
    session = managed_session(request, pk)
    asked = LeaveRequest.objects.filter(session=session, state__in=STANDING)
    here = Attendance.objects.filter(session=session, status__in=ATTENDED)
    people = session.participants.exclude(person__in=asked.values("person")).exclude(person__in=here.values("person"))
    people = people.exclude(person=request.user).select_related("person")
    form = EnterLeaveForm(posted(request), people=list(people))
    status = 200
    if request.method == "POST" and form.is_valid():
        facts = dict(form.cleaned_data)
        person = next(p.person for p in people if p.person_id == facts["person"])
        try:
            actions.enter_leave(session=session, by=request.user, at=timezone.now(), **facts | {"person": person})
            messages.success(request, f"已登记{person.name}的请假，等组长审批。")
            return redirect("session_detail", pk)
        except Refused as error:
            status = error.status
            form.add_error(None, error.message)
    context = {"session": session, "form": form, "too_late": not session.is_called}
    return render(request, "sessions_app/leave_enter.html", context, status=status)


def _speaking(people: Iterable[int | None], sessions: Iterable[int]) -> dict[tuple[int, int], str]:
    """Session and person → “领学人、重点发言人”, for those who stand on the agenda: one statement."""
    lines = AgendaItem.objects.filter(session__in=sessions, speaker__in=people, role__in=SPEAKERS)
    found: dict[tuple[int, int], list[str]] = {}
    for session, person, role in lines.order_by("position").values_list("session", "speaker", "role"):
        called, label = found.setdefault((session, person), []), SPEAKERS[role]
        if label not in called:
            called.append(label)
    return {key: "、".join(called) for key, called in found.items()}


@access(SIGNED_IN)
def leave_list(request: HttpRequest) -> HttpResponse:
    """What he has to decide first, then everything he may see."""
    return _show_list(request)


def _show_list(request: HttpRequest, refused: DecisionForm | None = None, refused_id: int = 0) -> HttpResponse:
    requests = LeaveRequest.objects.visible_to(request.user).select_related(
        "session", "person", "decided_by", "on_behalf_of", "entered_by"
    )
    now = timezone.now()
    awaiting = list(requests.awaiting(request.user).order_by("session__starts_at", "asked_at")[:50])
    speaking = _speaking([leave.person_id for leave in awaiting], [leave.session_id for leave in awaiting])
    waiting = [
        (leave, refused if leave.pk == refused_id else None, speaking.get((leave.session_id, leave.person_id), ""))
        for leave in awaiting
    ]
    rest = requests.exclude(pk__in=[leave.pk for leave in awaiting])
    page = page_of(request, rest)
    context = {
        "waiting": waiting,
        "page": page,
        "rows": [
            (
                leave,
                _may_withdraw(leave, request.user, now),
                leave.may_be_changed_by(request.user, now),
                refused if leave.pk == refused_id else None,
            )
            for leave in page
        ],
        "coming": StudySession.objects.open_for_leave(request.user, now)[:10],
        "reads_register": request.user.authority.holds(Permission.READ_DRAFTS),
        "tones": LEAVE_TONES,
    }
    return render(request, "sessions_app/leave_list.html", context, status=400 if refused else 200)


@access(holds(Permission.DECIDE_LEAVE), "POST", form=DecisionForm)
def leave_decide(request: HttpRequest, pk: int) -> HttpResponse:
    return _decide(request, pk, actions.decide_leave)


@access(holds(Permission.DECIDE_LEAVE), "POST", form=DecisionForm)
def leave_change(request: HttpRequest, pk: int) -> HttpResponse:
    """改为准假 or 不准假, by whoever decided it."""
    return _decide(request, pk, actions.change_decision)


def _decide(request: HttpRequest, pk: int, act: Callable[..., None]) -> HttpResponse:
    leave = get_object_or_404(LeaveRequest.objects.visible_to(request.user).select_related("session", "person"), pk=pk)
    form = DecisionForm(request.POST)
    if not form.is_valid():
        return _show_list(request, form, pk)
    grant, answer = form.cleaned_data["decision"] == "grant", form.cleaned_data["answer"]
    try:
        act(request=leave, grant=grant, answer=answer, by=request.user, at=timezone.now())
    except Overtaken:
        raise
    except Refused as error:
        if error.status != 400:
            raise
        form.add_error("answer", error.message)
        return _show_list(request, form, pk)
    messages.success(request, f"已{'准假' if grant else '答复不准假'}：{leave.person.name}。")
    return redirect("leave_list")
