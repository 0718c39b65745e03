"""The table a plan is typed in."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from accounts.permissions import Permission, holds
from reviews.views.opening import note_outcome
from sessions_app.actions import plan as actions
from sessions_app.documents import items_of
from sessions_app.forms.plan import (
    AnnualItemForm,
    AnnualPlanForm,
    ItemFormSet,
    MonthlyItemForm,
    MonthlyPlanForm,
    item_formset,
    with_more_rows,
)
from sessions_app.forms.plan_conflict import head_beside, table_beside
from sessions_app.models import AnnualPlan, MonthlyPlan, PlanItem
from sessions_app.views.plan import address_of, find_plan
from studygroup.lib.access import access
from studygroup.lib.errors import Overtaken, Refused
from studygroup.lib.forms import changes_of

EDIT = holds(Permission.EDIT_PLANS)
BLANK_ROWS = 3


@access(EDIT, "GET POST", form=AnnualPlanForm)
def annual_plan_edit(request: HttpRequest, pk: int) -> HttpResponse:
    return _edit(request, find_plan(request, AnnualPlan, pk), AnnualPlanForm, AnnualItemForm)


@access(EDIT, "GET POST", form=MonthlyPlanForm)
def monthly_plan_edit(request: HttpRequest, pk: int) -> HttpResponse:
    plan = find_plan(request, MonthlyPlan, pk)
    return _edit(request, plan, MonthlyPlanForm, MonthlyItemForm, month=plan.month)


def _edit(request: HttpRequest, plan: Any, form_class: Any, item_class: Any, **fixed: Any) -> HttpResponse:
    actions.require(request.user, Permission.EDIT_PLANS, plan.group_id)
    if not plan.review.is_editable:
        raise Refused("计划正在审核或已经审定，不能直接修改。请先撤回，或在计划页上点“修订”。")
    note_outcome(request, plan.review)
    if request.method == "POST" and "more" in request.POST:
        data, pasted = with_more_rows(request.POST, item_class.columns, request.POST.get("paste", ""), BLANK_ROWS)
        if pasted:
            messages.info(request, f"已加入 {pasted} 行，还没有保存。请核对表格后点“保存”。")
        return _show(request, plan, form_class(data, instance=plan), item_formset(item_class, data))
    if request.method == "POST":
        form, table = form_class(request.POST, instance=plan), item_formset(item_class, request.POST)
        if form.is_valid() and table.is_valid():
            try:
                return _save(request, plan, form, table, fixed)
            except Overtaken as overtaken:
                return _show_both(request, plan, form, item_class, overtaken)
        return _show(request, plan, form, table)
    items = _own_rows(plan)
    form = form_class(instance=plan, initial={"version": plan.version})
    return _show(request, plan, form, item_formset(item_class, items=items, extra=BLANK_ROWS if items else 6))


def _own_rows(plan: Any) -> list[PlanItem]:
    return [item for item in items_of(plan) if item.review_id is None]


def _show_both(request: HttpRequest, plan: Any, form: Any, item_class: Any, overtaken: Overtaken) -> HttpResponse:
    """What the second writer typed, with what the first has stored beside it; saving again is then knowing."""
    now = type(plan).objects.get(pk=plan.pk)
    table, head = table_beside(item_class, request.POST, _own_rows(now)), head_beside(form, now)
    form.data = request.POST.copy()
    form.data["version"] = now.version
    form.add_error(None, overtaken.message)
    return _show(request, plan, form, table, status=409, overtaken=True, stored_head=head)


def _show(
    request: HttpRequest, plan: Any, form: Any, table: ItemFormSet, status: int = 200, **more: Any
) -> HttpResponse:
    head = table.empty_form
    context = {
        "plan": plan,
        "form": form,
        "table": table,
        "head": head.cells(),
        "kinds": [label for label, kind in head.fields["kinds"].known.items() if kind.is_active],
        "fixed": plan.items.supplements().select_related("review").order_by("position", "pk"),
        "back": address_of(plan),
        **more,
    }
    return render(request, "sessions_app/plan_edit.html", context, status=status)


def _save(request: HttpRequest, plan: Any, form: Any, table: ItemFormSet, fixed: dict[str, Any]) -> HttpResponse:
    actions.save_plan(
        plan=plan,
        seen_version=form.cleaned_data["version"] or 0,
        head=changes_of(form),
        rows=table.rows(**fixed),
        by=request.user,
        at=timezone.now(),
    )
    messages.success(request, "已保存。")
    return redirect(address_of(plan))
