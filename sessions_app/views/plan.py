"""Plans: the year at a glance, the table to type in, the way to approval."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from accounts.models import StudyGroup
from accounts.permissions import Permission, holds
from reviews.actions import open_points
from reviews.models.case import has_verdict_in_round
from sessions_app.actions import plan as actions
from sessions_app.documents import items_of
from sessions_app.forms.plan import (
    AnnualItemForm,
    AnnualPlanForm,
    ItemFormSet,
    MonthlyItemForm,
    MonthlyPlanForm,
    NewPlanForm,
    SupplementForm,
    item_formset,
    with_more_rows,
)
from sessions_app.measures.board import board_of
from sessions_app.models import AnnualPlan, MonthlyPlan, PlanItem, StudySession
from sessions_app.models.plan import MONTHS, YEAR_RANGE, Plan
from sessions_app.rules import quarter_of_month
from studygroup.lib.access import access
from studygroup.lib.errors import Overtaken, Refused
from studygroup.lib.forms import changes_of, posted
from studygroup.lib.once import once
from studygroup.lib.parse import whole_number

EDIT = holds(Permission.EDIT_PLANS)
READ = holds(Permission.READ_PLANS)
BLANK_ROWS = 3


@access(READ)
def plan_list(request: HttpRequest) -> HttpResponse:
    """One group's year: the annual plan and the twelve months — 月月有安排、次次有主题 at a glance."""
    groups = list(StudyGroup.objects.where(request.user, Permission.READ_PLANS))
    wanted, this_year = request.GET.get("group", ""), timezone.localdate().year
    group = next((g for g in groups if str(g.pk) == wanted), None) or _first_with_plans(request, groups)
    years = AnnualPlan.objects.visible_to(request.user).filter(group=group).values_list("year", flat=True)
    asked = whole_number(request.GET.get("year"))
    year = asked if YEAR_RANGE[0] <= asked <= YEAR_RANGE[1] else this_year
    monthly = MonthlyPlan.objects.visible_to(request.user).filter(group=group).in_year(year)
    by_month = {p.month: p for p in monthly.select_related("review").annotate(item_count=Count("items"))}
    context = {
        "groups": groups,
        "group": group,
        "year": year,
        "years": sorted({*years, this_year, this_year + 1, year}, reverse=True),
        "annual": AnnualPlan.objects.visible_to(request.user)
        .filter(group=group)
        .in_year(year)
        .select_related("review")
        .annotate(item_count=Count("items"))
        .first(),
        "months": [(month, label, by_month.get(month)) for month, label in MONTHS],
        "may_edit": request.user.authority.allows(Permission.EDIT_PLANS, group.pk),
        "board": board_of(request.user, group, year, timezone.localdate()),
    }
    return render(request, "sessions_app/plan_list.html", context)


def _first_with_plans(request: HttpRequest, groups: list[StudyGroup]) -> StudyGroup:
    """A supervisor's own group usually has no plans of its own; those it oversees have."""
    if len(groups) == 1:
        return groups[0]
    planned = set(AnnualPlan.objects.visible_to(request.user).values_list("group", flat=True).distinct())
    return next((g for g in groups if g.pk in planned), groups[0])


@access(EDIT, "GET POST", form=NewPlanForm)
def plan_create(request: HttpRequest) -> HttpResponse:
    initial = {
        "group": request.GET.get("group") or StudyGroup.objects.where(request.user, Permission.EDIT_PLANS).first(),
        "year": request.GET.get("year") or timezone.localdate().year,
        "month": request.GET.get("month", ""),
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


def _create(request: HttpRequest, *, group: StudyGroup, year: int, month: int | None) -> Plan:
    now = timezone.now()
    if month is None:
        return actions.create_annual_plan(group=group, year=year, by=request.user, at=now)
    return actions.create_monthly_plan(group=group, year=year, month=month, by=request.user, at=now)


def _find(request: HttpRequest, model: type[Plan], pk: int) -> Any:
    plans = model.objects.visible_to(request.user).select_related("group", "review", "review__approved_version")
    return get_object_or_404(plans, pk=pk)


def _detail_context(request: HttpRequest, plan: Any) -> dict[str, Any]:
    authority = request.user.authority
    may_edit = authority.allows(Permission.EDIT_PLANS, plan.group_id)
    # Members read what was approved, not a revision under way.
    in_force = None
    if not plan.review.is_approved and not authority.allows(Permission.READ_DRAFTS, plan.group_id):
        in_force = plan.review.approved_version
    return {
        "plan": plan,
        "case": plan.review,
        "in_force": in_force,
        "may_edit": may_edit and plan.review.is_editable,
        "may_revise": may_edit and plan.review.is_approved,
        "may_withdraw": may_edit and plan.review.is_waiting and not has_verdict_in_round(plan.review),
        "may_manage_sessions": authority.allows(Permission.MANAGE_SESSIONS, plan.group_id),
        "points": open_points(plan.review) if may_edit else [],
        "may_see_review": plan.review.round and authority.allows(Permission.READ_PAPERS, plan.group_id),
    }


def _items_with_sessions(request: HttpRequest, plan: Plan) -> list[PlanItem]:
    """Rows with the sessions that carried them out: their own, those of the month rows drawn from them, and for a
    month row those already made from the year's row it was drawn from."""
    sessions = StudySession.objects.visible_to(request.user).only("title", "starts_at", "state", "plan_item_id")
    own = Prefetch("sessions", sessions, to_attr="own_sessions")
    drawn = Prefetch("drawn__sessions", sessions, to_attr="drawn_sessions")
    source = Prefetch("drawn_from__sessions", sessions, to_attr="source_sessions")
    rows = plan.items.select_related("drawn_from").prefetch_related("kinds", own, "drawn", drawn, source)
    items = list(rows.order_by("position", "pk"))
    for item in items:
        found = list(item.own_sessions)
        for month_item in item.drawn.all():
            found += month_item.drawn_sessions
        if item.drawn_from:
            found += item.drawn_from.source_sessions
        item.carried_out_by = sorted(found, key=lambda session: session.starts_at)
    return items


@access(READ)
def annual_plan_detail(request: HttpRequest, pk: int) -> HttpResponse:
    plan = _find(request, AnnualPlan, pk)
    context = _detail_context(request, plan)
    items = [] if context["in_force"] else _items_with_sessions(request, plan)
    quarters = [(q, [item for item in items if quarter_of_month(item.month) == q]) for q in range(1, 5)]
    done = sum(any(s.is_held for s in item.carried_out_by) for item in items)
    context |= {"items": items, "quarters": quarters, "done": done}
    return render(request, "sessions_app/annual_plan_detail.html", context)


@access(READ)
def monthly_plan_detail(request: HttpRequest, pk: int) -> HttpResponse:
    plan = _find(request, MonthlyPlan, pk)
    context = _detail_context(request, plan)
    context["items"] = [] if context["in_force"] else _items_with_sessions(request, plan)
    context["may_supplement"] = context["may_edit"] or context["may_revise"]
    return render(request, "sessions_app/monthly_plan_detail.html", context)


@access(EDIT, "GET POST", form=AnnualPlanForm)
def annual_plan_edit(request: HttpRequest, pk: int) -> HttpResponse:
    return _edit(request, _find(request, AnnualPlan, pk), AnnualPlanForm, AnnualItemForm)


@access(EDIT, "GET POST", form=MonthlyPlanForm)
def monthly_plan_edit(request: HttpRequest, pk: int) -> HttpResponse:
    plan = _find(request, MonthlyPlan, pk)
    return _edit(request, plan, MonthlyPlanForm, MonthlyItemForm, month=plan.month)


def _edit(request: HttpRequest, plan: Any, form_class: Any, item_class: Any, **fixed: Any) -> HttpResponse:
    actions.require(request.user, Permission.EDIT_PLANS, plan.group_id)
    if not plan.review.is_editable:
        raise Refused("计划正在审核或已经审定，不能直接修改。请先撤回，或在计划页上点“修订”。")
    status, current = 200, []
    if request.method == "POST" and "more" in request.POST:
        data, pasted = with_more_rows(request.POST, item_class.columns, request.POST.get("paste", ""), BLANK_ROWS)
        if pasted:
            messages.info(request, f"已加入 {pasted} 行，还没有保存。请核对表格后点“保存”。")
        form, table = form_class(data, instance=plan), item_formset(item_class, data)
    elif request.method == "POST":
        form, table = form_class(request.POST, instance=plan), item_formset(item_class, request.POST)
        if form.is_valid() and table.is_valid():
            try:
                return _save(request, plan, form, table, fixed)
            except Overtaken as overtaken:
                status, current = 409, items_of(plan)
                form.data = request.POST.copy()
                form.data["version"] = type(plan).objects.get(pk=plan.pk).version
                form.add_error(None, overtaken.message)
    else:
        items = items_of(plan)
        form = form_class(instance=plan, initial={"version": plan.version})
        table = item_formset(item_class, items=items, extra=BLANK_ROWS if items else 6)
    head = table.empty_form
    context = {"plan": plan, "form": form, "table": table, "current": current, "head": head.cells()}
    context["kinds"] = [label for label, kind in head.fields["kinds"].known.items() if kind.is_active]
    return render(request, "sessions_app/plan_edit.html", context, status=status)


def _save(request: HttpRequest, plan: Any, form: Any, table: ItemFormSet, fixed: dict[str, Any]) -> HttpResponse:
    now = timezone.now()
    actions.save_plan(
        plan=plan,
        seen_version=form.cleaned_data["version"] or 0,
        head=changes_of(form),
        rows=table.rows(**fixed),
        by=request.user,
        at=now,
    )
    messages.success(request, "已保存。")
    return redirect(_address(plan), plan.pk)


def _address(plan: Plan) -> str:
    return "annual_plan_detail" if isinstance(plan, AnnualPlan) else "monthly_plan_detail"


@access(EDIT, "POST")
def annual_plan_submit(request: HttpRequest, pk: int) -> HttpResponse:
    return _submit(request, _find(request, AnnualPlan, pk))


@access(EDIT, "POST")
def monthly_plan_submit(request: HttpRequest, pk: int) -> HttpResponse:
    return _submit(request, _find(request, MonthlyPlan, pk))


def _submit(request: HttpRequest, plan: Any) -> HttpResponse:
    answers = {
        whole_number(name.removeprefix("answer-")): text
        for name, text in request.POST.items()
        if name.startswith("answer-")
    }
    actions.submit_plan(
        plan=plan,
        by=request.user,
        at=timezone.now(),
        seen_version=_seen(request, plan),
        comment=request.POST.get("comment", ""),
        answers=answers,
        seen_text=whole_number(request.POST.get("seen_text")),
    )
    messages.success(request, "已提交审定。审核进度可以在这里随时查看。")
    return redirect(_address(plan), plan.pk)


def _seen(request: HttpRequest, plan: Any) -> int:
    return whole_number(request.POST.get("seen_version"))


@access(EDIT, "POST")
def annual_plan_revise(request: HttpRequest, pk: int) -> HttpResponse:
    return _revise(request, _find(request, AnnualPlan, pk))


@access(EDIT, "POST")
def monthly_plan_revise(request: HttpRequest, pk: int) -> HttpResponse:
    return _revise(request, _find(request, MonthlyPlan, pk))


def _revise(request: HttpRequest, plan: Any) -> HttpResponse:
    actions.revise_plan(plan=plan, by=request.user, at=timezone.now(), seen_version=_seen(request, plan))
    messages.success(request, "已打开修订。新版本审定前，原计划仍然有效。")
    return redirect(_address(plan).replace("detail", "edit"), plan.pk)


@access(EDIT, "GET POST", form=SupplementForm)
@once
def monthly_plan_supplement(request: HttpRequest, pk: int) -> HttpResponse:
    plan = _find(request, MonthlyPlan, pk)
    actions.require(request.user, Permission.EDIT_PLANS, plan.group_id)
    form = SupplementForm(posted(request))
    if request.method == "POST" and form.is_valid():
        kinds = form.cleaned_data["kinds"]
        try:
            actions.add_supplement(plan=plan, values=changes_of(form), kinds=kinds, by=request.user, at=timezone.now())
        except Refused as refusal:
            form.add_error(None, refusal.message)
        else:
            messages.success(request, "补充内容已加入本月安排，请提交审定。")
            return redirect("monthly_plan_detail", plan.pk)
    return render(request, "sessions_app/plan_supplement.html", {"form": form, "plan": plan})


@access(READ)
def annual_plan_of_case(request: HttpRequest, case: int) -> HttpResponse:
    plan = get_object_or_404(AnnualPlan.objects.visible_to(request.user), review=case)
    return redirect("annual_plan_detail", plan.pk)


@access(READ)
def monthly_plan_of_case(request: HttpRequest, case: int) -> HttpResponse:
    plan = get_object_or_404(MonthlyPlan.objects.visible_to(request.user), review=case)
    return redirect("monthly_plan_detail", plan.pk)
