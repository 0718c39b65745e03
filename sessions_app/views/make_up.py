"""补学: mine, those that wait for the office, and one with what there is to study."""

from typing import Any

from django.contrib import messages
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from accounts.permissions import Permission, holds
from sessions_app.actions import make_up as actions
from sessions_app.forms.make_up import MakeUpDecisionForm, MakeUpForm
from sessions_app.models import MakeUpStudy
from sessions_app.models.make_up import MakeUpState
from sessions_app.panel_sources import to_study
from sessions_app.presentation import days_told
from studygroup.lib.access import SIGNED_IN, access
from studygroup.lib.errors import NotAllowed, Overtaken, Refused
from studygroup.lib.forms import changes_of, posted
from studygroup.lib.paging import page_of

MAKE_UP_TONES = {
    MakeUpState.DUE: "wait",
    MakeUpState.HANDED_IN: "plain",
    MakeUpState.CONFIRMED: "good",
    MakeUpState.EXCUSED: "off",
}
DONE = {
    "confirm": "已核实，这次缺席已补学。",
    "give_back": "已退回本人补充。",
    "excuse": "已免补。",
    "take_back": "已撤销，恢复到原来的状态。",
}


def _seen(request: HttpRequest, pk: int) -> MakeUpStudy:
    rows = MakeUpStudy.objects.visible_to(request.user)
    return get_object_or_404(rows.select_related("session__group", "person", "confirmed_by", "handed_in_by"), pk=pk)


@access(SIGNED_IN)
def make_up_list(request: HttpRequest) -> HttpResponse:
    """What waits for the office first, then his own."""
    user, today = request.user, timezone.localdate()
    waiting = MakeUpStudy.objects.awaiting(user).select_related("session", "person").order_by("handed_in_at")[:50]
    own = MakeUpStudy.objects.filter(person=user).select_related("session")
    page = page_of(request, own.order_by(F("confirmed_at").asc(nulls_first=True), "due_on", "pk"))
    context = {
        "waiting": waiting,
        "page": page,
        "rows": [(row, days_told(row.days_left(today)), row.due_on < today) for row in page],
        "due": own.filter(state=MakeUpState.DUE).count(),
        "reads_register": user.authority.holds(Permission.READ_DRAFTS),
        "tones": MAKE_UP_TONES,
    }
    return render(request, "sessions_app/make_up_list.html", context)


@access(SIGNED_IN, "GET POST", form=MakeUpForm)
def make_up_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """What was studied, and the short note; handed in by the person, or by the office for him."""
    study = _seen(request, pk)
    form = MakeUpForm(posted(request), instance=study, today=timezone.localdate())
    there: dict[str, str] = {}
    status = 400 if request.method == "POST" else 200
    if form.is_valid():
        version, facts = form.cleaned_data["version"], changes_of(form)
        try:
            actions.hand_in(make_up=study, seen_version=version, by=request.user, at=timezone.now(), **facts)
            messages.success(request, "已提交，等办公室核实。")
            return redirect("make_up_detail", pk)
        except NotAllowed:
            raise
        except Refused as error:
            status, there = _refuse(form, study, error)
    return _show(request, study, form=form, there=there, status=status)


def _refuse(form: MakeUpForm, study: MakeUpStudy, error: Refused) -> tuple[int, dict[str, str]]:
    """Keep what was typed. After somebody else's change a second press goes through knowingly."""
    if not isinstance(error, Overtaken):
        form.add_error(None, error.message)
        return error.status, {}
    now = MakeUpStudy.objects.filter(pk=study.pk).values_list("version", flat=True).first()
    if now is None:
        raise error
    form.add_error(None, error.message)
    form.data = form.data.copy()
    form.data["version"] = now
    return error.status, dict(error.current)


def _show(
    request: HttpRequest,
    study: MakeUpStudy,
    *,
    form: MakeUpForm | None = None,
    refusal: str = "",
    status: int = 200,
    **context: Any,
) -> HttpResponse:
    user, today = request.user, timezone.localdate()
    study = _seen(request, study.pk)  # as it stands, not as the form has filled it
    manages = user.authority.allows(Permission.MANAGE_SESSIONS, study.session.group_id)
    own = study.person_id == user.pk
    context |= {
        "study": study,
        "session": study.session,
        "panels": to_study(study.session, user),
        "form": form or MakeUpForm(instance=study, today=today),
        "own": own,
        "may_write": (own or manages) and not study.is_settled,
        "may_judge": manages and not own and not (study.is_handed_in and study.handed_in_by_id == user.pk),
        "refusal": refusal,
        "left": days_told(study.days_left(today)),
        "is_overdue": study.is_due and study.due_on < today,
        "tone": MAKE_UP_TONES[MakeUpState(study.state)],
    }
    return render(request, "sessions_app/make_up_detail.html", context, status=status)


@access(holds(Permission.MANAGE_SESSIONS), "POST", form=MakeUpDecisionForm)
def make_up_judge(request: HttpRequest, pk: int) -> HttpResponse:
    """核实、退回、免补 or taking one of them back."""
    study, form = _seen(request, pk), MakeUpDecisionForm(request.POST)
    if not form.is_valid():
        told = "；".join(message for errors in form.errors.values() for message in errors)
        return _show(request, study, refusal=told, answer=request.POST.get("answer", ""), status=400)
    data = form.cleaned_data
    common = {"make_up": study, "seen_version": data["version"], "by": request.user, "at": timezone.now()}
    try:
        if data["decision"] == "take_back":
            actions.take_back(**common)
        else:
            act = {"confirm": actions.confirm, "give_back": actions.give_back, "excuse": actions.excuse}
            act[data["decision"]](answer=data["answer"], **common)
    except (NotAllowed, Overtaken):
        raise
    except Refused as error:
        return _show(request, study, refusal=error.message, answer=data["answer"], status=error.status)
    messages.success(request, f"{study.person.name}：{DONE[data['decision']]}")
    waits = MakeUpStudy.objects.awaiting(request.user).exists()
    return redirect("make_up_list") if waits else redirect("make_up_detail", pk)
