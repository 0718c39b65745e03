"""列席旁听: visits planned by the level above, their feedback, and what became of the problems found."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from accounts.actions.people import require
from accounts.models import StudyGroup
from accounts.permissions import Permission, holds, holds_any
from accounts.views.records import filters_of
from sessions_app.actions import observation as actions
from sessions_app.forms.observation import CancelForm, FeedbackForm, ObservationForm, ProblemFormSet
from sessions_app.models import Observation, StudySession
from sessions_app.models.observation import CHECKLIST, RESULTS, ObservationState, notice_days
from sessions_app.models.session import SessionState
from sessions_app.rules import working_days_before
from studygroup.lib.access import access
from studygroup.lib.clock import local_date
from studygroup.lib.errors import NotAllowed, Overtaken, Refused
from studygroup.lib.forms import changes_of, posted
from studygroup.lib.once import once
from studygroup.lib.paging import page_of
from studygroup.lib.parse import whole_number

READ = holds_any(Permission.OBSERVE, Permission.READ_DRAFTS)
OBSERVE = holds(Permission.OBSERVE)
TONES = {ObservationState.PLANNED: "wait", ObservationState.FED_BACK: "good", ObservationState.CANCELLED: "off"}
RESULT_TONES = {"good": "good", "partly": "wait", "bad": "bad", "none": "off", "": "off"}


def _seen(request: HttpRequest, pk: int) -> Observation:
    rows = Observation.objects.visible_to(request.user).select_related("group", "session", "planned_by")
    return get_object_or_404(rows, pk=pk)


def _observed(request: HttpRequest, pk: int) -> Observation:
    """A visit, for those who make it."""
    visit = _seen(request, pk)
    require(request.user, Permission.OBSERVE, visit.group_id)
    return visit


@access(READ)
def observation_list(request: HttpRequest) -> HttpResponse:
    """Both sides of it: visits to the groups below, and visits of the level above."""
    user, today = request.user, timezone.localdate()
    visible = Observation.objects.visible_to(user)
    filters = filters_of(request, Permission.READ_RECORDS, (visible, "planned_on"))
    rows: Any = visible.select_related("group").annotate(
        found=Count("problems", filter=Q(state=ObservationState.FED_BACK)),
        unsolved=Count("problems", filter=Q(problems__closed_on=None, state=ObservationState.FED_BACK)),
        overdue=Count(
            "problems",
            filter=Q(problems__closed_on=None, problems__due_on__lt=today, state=ObservationState.FED_BACK),
        ),
    )
    if filters.year:
        rows = rows.in_year(filters.year)
    if filters.group:
        rows = rows.filter(group=filters.group)
    context = {
        "filters": filters,
        # Said again: a query that groups does without the model's order.
        "page": page_of(request, rows.order_by("-planned_on", "-pk")),
        "may_plan": user.authority.holds(Permission.OBSERVE),
        "tones": TONES,
    }
    return render(request, "sessions_app/observation_list.html", context)


# -- planning ------------------------------------------------------------------


@access(OBSERVE, "GET POST", form=ObservationForm)
@once
def observation_new(request: HttpRequest) -> HttpResponse:
    """Whoever oversees several groups chooses one first."""
    user = request.user
    below = StudyGroup.objects.below(user.authority.groups_with(Permission.OBSERVE))
    groups = list(StudyGroup.objects.filter(pk__in=below).select_related("organization"))
    asked = whole_number(request.GET.get("group", ""))
    group = next((g for g in groups if g.pk == asked), groups[0] if len(groups) == 1 else None)
    if group is None:
        return render(request, "sessions_app/observation_group.html", {"groups": groups})

    def save(**facts: Any) -> Observation:
        return actions.plan_observation(group=group, by=user, at=timezone.now(), **facts)

    return _planning_page(request, Observation(group=group), save)


@access(OBSERVE, "GET POST", form=ObservationForm)
def observation_edit(request: HttpRequest, pk: int) -> HttpResponse:
    visit = _observed(request, pk)
    seen = whole_number(request.POST.get("version", ""))

    def save(**facts: Any) -> Observation:
        told = {"seen_version": seen, "by": request.user, "at": timezone.now()}
        actions.change_observation(observation=_seen(request, pk), **told, **facts)
        return visit

    return _planning_page(request, visit, save)


def _planning_page(request: HttpRequest, visit: Observation, save: Callable[..., Observation]) -> HttpResponse:
    today = timezone.localdate()
    sessions = StudySession.objects.visible_to(request.user).filter(group=visit.group_id, state=SessionState.CALLED)
    offered = list(sessions.order_by("starts_at")[:50])
    if visit.session_id and visit.session not in offered:
        offered.append(visit.session)
    group = visit.group
    initial = {} if visit.pk else {"notified_on": today, "session": _chosen(request, offered)}
    form = ObservationForm(posted(request), instance=visit, group=group, sessions=offered, initial=initial)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            done = save(**changes_of(form))
            messages.success(request, "旁听安排已保存，对方办公室和组长可以看到。")
            return redirect("observation_detail", done.pk)
        except NotAllowed:
            raise
        except Refused as error:
            status = error.status
            form.add_error(None, error.message)
    context = {"form": form, "group": group, "visit": visit, "days": notice_days(group.pk, today.year)}
    return render(request, "sessions_app/observation_form.html", context, status=status)


def _chosen(request: HttpRequest, offered: list[StudySession]) -> StudySession | None:
    asked = whole_number(request.GET.get("session", ""))
    return next((session for session in offered if session.pk == asked), None)


@access(OBSERVE, "POST", form=CancelForm)
def observation_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    visit, form = _observed(request, pk), CancelForm(request.POST)
    version = form.cleaned_data["version"] if form.is_valid() else -1
    actions.cancel_observation(observation=visit, seen_version=version, by=request.user, at=timezone.now())
    messages.success(request, "已取消这次旁听。")
    return redirect("observation_detail", pk)


# -- one visit -----------------------------------------------------------------


@access(READ)
def observation_detail(request: HttpRequest, pk: int) -> HttpResponse:
    return show_observation(request, _seen(request, pk))


def show_observation(request: HttpRequest, visit: Observation, *, status: int = 200, **refused: Any) -> HttpResponse:
    """`refused` carries the number of a problem, what was said about it and what had been typed."""
    user, today = request.user, timezone.localdate()
    observes = user.authority.allows(Permission.OBSERVE, visit.group_id)
    needed = notice_days(visit.group_id, visit.planned_on.year)
    told = working_days_before(visit.planned_on, visit.notified_on)
    known = working_days_before(visit.planned_on, local_date(visit.announced_at))
    problems = visit.problems.select_related("closed_by", "reported_by") if visit.is_fed_back else []
    context = refused | {
        "visit": visit,
        "observes": observes,
        "may_change": observes and visit.is_planned,
        "may_feed_back": observes and visit.is_planned and visit.is_over(timezone.now()),
        "may_report": not observes and _answers(user, visit.group_id),
        "checklist": _checklist(visit) if visit.is_fed_back else [],
        "problems": [(problem, problem.is_overdue(today)) for problem in problems],
        "short_notice": min(told, known) < needed,
        "notice_told": told,
        "notice_known": known,
        "notice_needed": needed,
        "tone": TONES[ObservationState(visit.state)],
    }
    return render(request, "sessions_app/observation_detail.html", context, status=status)


def _answers(user: Any, group: int) -> bool:
    return any(user.authority.allows(p, group) for p in (Permission.MANAGE_SESSIONS, Permission.DECIDE_LEAVE))


def _checklist(visit: Observation) -> list[dict[str, str]]:
    return [
        line | {"word": RESULTS.get(line["result"], ""), "tone": RESULT_TONES[line["result"]]}
        for line in visit.checklist
    ]


@access(OBSERVE, "GET POST", form=FeedbackForm)
def observation_feedback(request: HttpRequest, pk: int) -> HttpResponse:
    """Kept as a draft as often as one likes; sent once."""
    visit = _observed(request, pk)
    if not visit.is_planned:
        raise Refused("这次旁听已经反馈或取消，不能再改反馈。")
    send = "send" in request.POST
    form = FeedbackForm(posted(request), instance=visit, sending=send)
    # A bound set must not know the stored lines: a line typed just like one would pass for an empty one.
    kept = [] if request.method == "POST" else list(visit.problems.values("text", "owner", "due_on"))
    problems = ProblemFormSet(posted(request), initial=kept, prefix="problem")
    status = 400 if request.method == "POST" else 200
    if request.method == "POST" and all([form.is_valid(), problems.is_valid()]):  # both told at once
        try:
            actions.write_feedback(
                observation=_seen(request, pk),
                seen_version=form.cleaned_data["version"],
                checklist=form.checklist(),
                problems=problems.problems(),
                send=send,
                by=request.user,
                at=timezone.now(),
                **changes_of(form),
            )
            messages.success(request, "反馈已发出，对方可以看到并报告整改。" if send else "已存着，还没有发出。")
            return redirect("observation_detail", pk)
        except Overtaken as error:
            status = _refuse(form, visit.pk, error)
        except NotAllowed:
            raise
        except Refused as error:
            form.add_error(None, error.message)
    told = [*form.told(), *problems.told()] if request.method == "POST" else []
    is_early = not visit.is_over(timezone.now())
    context = {"visit": visit, "form": form, "problems": problems, "told": told, "is_early": is_early}
    return render(request, "sessions_app/observation_feedback.html", context, status=status)


def _refuse(form: FeedbackForm, pk: int, error: Overtaken) -> int:
    """What he typed stays; pressing again writes it over what his colleague kept, unless it was sent or cancelled."""
    form.add_error(None, error.message)
    form.data = form.data.copy()
    form.data["version"] = Observation.objects.values_list("version", flat=True).get(pk=pk)
    return error.status


@access(READ)
def observation_print(request: HttpRequest, pk: int) -> HttpResponse:
    """列席旁听反馈 on paper; before it is fed back an empty form to take along."""
    visit = _seen(request, pk)
    empty = [{"item": item, "word": "", "remark": ""} for item in CHECKLIST]
    context: dict[str, Any] = {
        "visit": visit,
        "checklist": _checklist(visit) if visit.is_fed_back else empty,
        "problems": visit.problems.select_related("closed_by") if visit.is_fed_back else [],
    }
    return render(request, "sessions_app/observation_print.html", context)
