"""Plans: beginning one, a month's page, the way to approval. The year's page is plan_year, the table plan_edit."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from accounts.models import StudyGroup
from accounts.permissions import Permission, holds
from reviews.actions import open_points
from reviews.models.case import is_unsent_revision, may_read_case
from reviews.models.entry import has_verdict_in_round
from reviews.views.opening import note_outcome
from sessions_app.actions import plan as actions
from sessions_app.actions.plan_start import copy_last_year, start_from_outline
from sessions_app.forms.plan import BLANK, LAST_YEAR, NewPlanForm
from sessions_app.models import AnnualPlan, MonthlyPlan
from sessions_app.models.plan import Plan
from sessions_app.plan_year import as_in_force, rows_of_month
from studygroup.lib.access import access
from studygroup.lib.errors import Refused
from studygroup.lib.forms import posted
from studygroup.lib.parse import whole_number

EDIT = holds(Permission.EDIT_PLANS)
READ = holds(Permission.READ_PLANS)


# -- what the pages of plans share -------------------------------------------


def find_plan(request: HttpRequest, model: type[Plan], pk: int) -> Any:
    plans: Any = model.objects.visible_to(request.user).select_related("group", "review")
    return as_in_force(get_object_or_404(plans, pk=pk), request.user)


def year_address(group_id: int, year: int) -> str:
    return f"{reverse('plan_list')}?{urlencode({'group': group_id, 'year': year})}"


def address_of(plan: Plan) -> str:
    """The page a plan is read on."""
    if isinstance(plan, AnnualPlan):
        return year_address(plan.group_id, plan.year)
    return reverse("monthly_plan_detail", args=[plan.pk])


def standing_of(request: HttpRequest, plan: Any) -> dict[str, Any]:
    """What this person may see of the plan's way, and may do about it."""
    authority, case = request.user.authority, plan.review
    reads_drafts = authority.allows(Permission.READ_DRAFTS, plan.group_id)
    may_edit = authority.allows(Permission.EDIT_PLANS, plan.group_id)
    note_outcome(request, case)
    return {
        "plan": plan,
        "case": case,
        "shows_way": reads_drafts or case.is_approved,
        "reads_drafts": reads_drafts,
        "may_edit": may_edit and case.is_editable,
        "may_revise": may_edit and case.is_approved and not case.awaits_ratification,
        "restore_address": reverse(f"{case.kind}_restore", args=[plan.pk])
        if may_edit and is_unsent_revision(case)
        else "",
        "may_withdraw": may_edit and case.is_waiting and not has_verdict_in_round(case),
        "points": open_points(case) if may_edit else [],
        "may_see_review": case.round and may_read_case(case, authority),
    }


# -- beginning one -----------------------------------------------------------


@access(EDIT, "GET POST", form=NewPlanForm)
def plan_create(request: HttpRequest) -> HttpResponse:
    initial = {
        "group": request.GET.get("group") or StudyGroup.objects.where(request.user, Permission.EDIT_PLANS).first(),
        "year": request.GET.get("year") or timezone.localdate().year,
        "month": request.GET.get("month", ""),
        "start": request.GET.get("start", BLANK),
    }
    form = NewPlanForm(posted(request), user=request.user, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            plan = _create(request, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, refusal.message)
        else:
            return redirect("monthly_plan_edit" if form.cleaned_data["month"] else "annual_plan_edit", plan.pk)
    return render(request, "sessions_app/plan_create.html", {"form": form})


def _create(request: HttpRequest, *, group: StudyGroup, year: int, month: int | None, start: str) -> Plan:
    told: dict[str, Any] = {"group": group, "year": year, "by": request.user, "at": timezone.now()}
    if month is not None:
        return actions.create_monthly_plan(month=month, **told)
    if start == LAST_YEAR:
        return copy_last_year(**told)
    return start_from_outline(outline=start, **told) if start else actions.create_annual_plan(**told)


# -- a month's page ----------------------------------------------------------


@access(READ)
def monthly_plan_detail(request: HttpRequest, pk: int) -> HttpResponse:
    plan = find_plan(request, MonthlyPlan, pk)
    context = standing_of(request, plan)
    authority = request.user.authority
    context |= {
        "rows": rows_of_month(plan, request.user, timezone.localdate()),
        "year_address": year_address(plan.group_id, plan.year),
        "may_supplement": authority.allows(Permission.EDIT_PLANS, plan.group_id),
        "may_manage_sessions": authority.allows(Permission.MANAGE_SESSIONS, plan.group_id),
    }
    if context["reads_drafts"]:
        context["supplements"] = plan.items.supplements().select_related("review").order_by("-review__state_since")
    return render(request, "sessions_app/monthly_plan_detail.html", context)


# -- the way to approval -----------------------------------------------------


@access(EDIT, "POST")
def annual_plan_submit(request: HttpRequest, pk: int) -> HttpResponse:
    return _submit(request, find_plan(request, AnnualPlan, pk))


@access(EDIT, "POST")
def monthly_plan_submit(request: HttpRequest, pk: int) -> HttpResponse:
    return _submit(request, find_plan(request, MonthlyPlan, pk))


def _submit(request: HttpRequest, plan: Any) -> HttpResponse:
    actions.submit_plan(
        plan=plan,
        by=request.user,
        at=timezone.now(),
        seen_version=whole_number(request.POST.get("seen_version")),
        comment=request.POST.get("comment", "").replace("\0", ""),
        answers=answers_of(request),
        seen_text=whole_number(request.POST.get("seen_text")),
    )
    messages.success(request, "已提交审定。审核进度可以在这里随时查看。")
    return redirect(address_of(plan))


def answers_of(request: HttpRequest) -> dict[int, str]:
    """What was typed to each point of a return, by the point's id."""
    return {
        whole_number(name.removeprefix("answer-")): text.replace("\0", "")
        for name, text in request.POST.items()
        if name.startswith("answer-")
    }


@access(EDIT, "POST")
def annual_plan_revise(request: HttpRequest, pk: int) -> HttpResponse:
    return _revise(request, find_plan(request, AnnualPlan, pk), "annual_plan_edit")


@access(EDIT, "POST")
def monthly_plan_revise(request: HttpRequest, pk: int) -> HttpResponse:
    return _revise(request, find_plan(request, MonthlyPlan, pk), "monthly_plan_edit")


def _revise(request: HttpRequest, plan: Any, then: str) -> HttpResponse:
    seen = whole_number(request.POST.get("seen_version"))
    actions.revise_plan(plan=plan, by=request.user, at=timezone.now(), seen_version=seen)
    messages.success(request, "已打开修订。新版本审定前，原计划仍然有效。")
    return redirect(then, plan.pk)


@access(EDIT, "POST")
def annual_plan_restore(request: HttpRequest, pk: int) -> HttpResponse:
    return _restore(request, find_plan(request, AnnualPlan, pk))


@access(EDIT, "POST")
def monthly_plan_restore(request: HttpRequest, pk: int) -> HttpResponse:
    return _restore(request, find_plan(request, MonthlyPlan, pk))


def _restore(request: HttpRequest, plan: Any) -> HttpResponse:
    seen = whole_number(request.POST.get("seen_version"))
    actions.restore_plan(plan=plan, by=request.user, at=timezone.now(), seen_version=seen)
    messages.success(request, "已取消修订，原来审定的继续有效。")
    return redirect(address_of(plan))


@access(READ)
def annual_plan_of_case(request: HttpRequest, case: int) -> HttpResponse:
    plan = get_object_or_404(AnnualPlan.objects.visible_to(request.user), review=case)
    return redirect(address_of(plan))


@access(READ)
def monthly_plan_of_case(request: HttpRequest, case: int) -> HttpResponse:
    plan = get_object_or_404(MonthlyPlan.objects.visible_to(request.user), review=case)
    return redirect(address_of(plan))
