"""补充学习内容: adding one to a month, and its own short way when the month's plan is already handed in."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from accounts.actions.people import require
from accounts.forms.records import SeenVersionForm
from accounts.permissions import Permission, holds
from accounts.views.records import Crumbs, entry_page, removal_page
from reviews.actions import open_points
from reviews.models.case import may_read_case
from reviews.models.entry import has_verdict_in_round
from reviews.presentation import dots_html, returned_from, sentence_of
from reviews.views.opening import note_outcome
from sessions_app.actions import supplement as actions
from sessions_app.documents import supplement_blocks
from sessions_app.forms.supplement import SupplementForm
from sessions_app.models import MonthlyPlan, PlanItem
from sessions_app.views.plan import answers_of, find_plan
from studygroup.lib.access import access
from studygroup.lib.forms import posted
from studygroup.lib.once import once
from studygroup.lib.parse import whole_number

EDIT = holds(Permission.EDIT_PLANS)
READ = holds(Permission.READ_PLANS)


def _find(request: HttpRequest, **which: Any) -> PlanItem:
    rows = PlanItem.objects.supplements().visible_to(request.user)
    rows = rows.select_related("monthly_plan__group", "monthly_plan__review", "review__author")
    return get_object_or_404(rows.annotate(returned_from=returned_from("review__")), **which)


def _kept(request: HttpRequest, pk: int) -> PlanItem:
    item = _find(request, pk=pk)
    require(request.user, Permission.EDIT_PLANS, item.plan.group_id)
    return item


def _may_discard(item: PlanItem) -> bool:
    """Not what somebody is reviewing, nor what was ever in force."""
    case = item.review
    return case.is_editable and not case.approved_version_id and not item.dropped_at


def _crumbs(plan: Any, item: PlanItem | None = None) -> Crumbs:
    crumbs = [(plan.title, reverse("monthly_plan_detail", args=[plan.pk]))]
    return [*crumbs, (item.topic, reverse("plan_supplement_detail", args=[item.pk]))] if item else crumbs


@access(EDIT, "GET POST", form=SupplementForm)
@once
def monthly_plan_supplement(request: HttpRequest, pk: int) -> HttpResponse:
    plan = find_plan(request, MonthlyPlan, pk)
    require(request.user, Permission.EDIT_PLANS, plan.group_id)
    form = SupplementForm(posted(request))
    return entry_page(
        request,
        form,
        save=lambda: actions.add_supplement(plan=plan, **form.told, by=request.user, at=timezone.now()),
        done=_after_adding,
        title="补充上级新精神",
        crumbs=_crumbs(plan),
        note="保存后直接加入这份还没有提交的安排，随安排一起审定。"
        if plan.review.is_editable
        else "本月安排不用重新审定：这一条单独送组长审定，审定后立即生效，并写入本月安排的下一版。",
    )


def _after_adding(item: PlanItem) -> str:
    if item.review_id is None:
        return reverse("monthly_plan_detail", args=[item.monthly_plan_id])
    return reverse("plan_supplement_detail", args=[item.pk])


@access(READ)
def plan_supplement_detail(request: HttpRequest, pk: int) -> HttpResponse:
    item = _find(request, pk=pk)
    case, authority = item.review, request.user.authority
    edits = authority.allows(Permission.EDIT_PLANS, item.plan.group_id)
    note_outcome(request, case)
    context = {
        "item": item,
        "plan": item.plan,
        "case": case,
        "blocks": supplement_blocks(item),
        "dots": dots_html(case, item.returned_from),
        "sentence": sentence_of(case, timezone.now(), own=edits),
        "points": open_points(case) if edits and not item.dropped_at else [],
        "may_edit": edits and case.is_editable and not item.dropped_at,
        "may_discard": edits and _may_discard(item),
        "may_withdraw": edits and case.is_waiting and not has_verdict_in_round(case),
        "may_see_review": case.round and may_read_case(case, authority),
        "may_manage_sessions": item.is_in_force and authority.allows(Permission.MANAGE_SESSIONS, item.plan.group_id),
        "crumbs": _crumbs(item.plan),
    }
    return render(request, "sessions_app/plan_supplement_detail.html", context)


@access(EDIT, "GET POST", form=SupplementForm)
def plan_supplement_edit(request: HttpRequest, pk: int) -> HttpResponse:
    item = _kept(request, pk)
    note_outcome(request, item.review)
    crumbs, may_discard = _crumbs(item.plan, item), _may_discard(item)
    form = SupplementForm(posted(request), instance=item)
    return entry_page(
        request,
        form,
        save=lambda: actions.change_supplement(item=item, **form.change, by=request.user, at=timezone.now()),
        done=lambda _: reverse("plan_supplement_detail", args=[pk]),
        title="修改补充内容",
        crumbs=crumbs,
        remove=reverse("plan_supplement_discard", args=[pk]) if may_discard else "",
    )


@access(EDIT, "POST")
def plan_supplement_submit(request: HttpRequest, pk: int) -> HttpResponse:
    item = _kept(request, pk)
    actions.submit_supplement(
        item=item,
        by=request.user,
        at=timezone.now(),
        seen_version=whole_number(request.POST.get("seen_version")),
        seen_text=whole_number(request.POST.get("seen_text")),
        answers=answers_of(request),
    )
    messages.success(request, "已送组长审定，审定后立即生效。")
    return redirect("plan_supplement_detail", pk)


@access(EDIT, "GET POST", form=SeenVersionForm)
def plan_supplement_discard(request: HttpRequest, pk: int) -> HttpResponse:
    item = _kept(request, pk)
    done, crumbs = reverse("monthly_plan_detail", args=[item.monthly_plan_id]), _crumbs(item.plan, item)
    note = "这条内容提交过：作废后不再列入待办，不能再提交；内容和审核记录保留备查。" if item.review.round else ""
    return removal_page(request, item, done=done, crumbs=crumbs, remove=actions.discard_supplement, note=note)


@access(READ)
def plan_supplement_of_case(request: HttpRequest, case: int) -> HttpResponse:
    return redirect("plan_supplement_detail", _find(request, review=case).pk)
