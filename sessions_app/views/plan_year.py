"""The year's page: twelve months in four quarters, what was planned and what became of it."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from accounts.models import StudyGroup
from accounts.permissions import Permission, holds
from sessions_app.measures.board import board_of
from sessions_app.models import AnnualPlan, MonthlyPlan
from sessions_app.models.filing import Filing, FilingSubject
from sessions_app.models.plan import YEAR_RANGE
from sessions_app.panels import item_actions_of
from sessions_app.plan_year import as_in_force, year_of
from sessions_app.views.plan import address_of, find_plan, standing_of
from studygroup.lib.access import access
from studygroup.lib.clock import local_date
from studygroup.lib.parse import whole_number

READ = holds(Permission.READ_PLANS)


@access(READ)
def plan_list(request: HttpRequest) -> HttpResponse:
    """One group's year — 月月有安排、次次有主题 at a glance."""
    groups = list(StudyGroup.objects.where(request.user, Permission.READ_PLANS))
    wanted, today = request.GET.get("group", ""), local_date(timezone.now())
    group = next((g for g in groups if str(g.pk) == wanted), None) or _first_with_plans(request, groups)
    asked = whole_number(request.GET.get("year"))
    year = asked if YEAR_RANGE[0] <= asked <= YEAR_RANGE[1] else today.year
    plans = AnnualPlan.objects.visible_to(request.user).filter(group=group).select_related("review")
    by_year = {plan.year: plan for plan in plans}
    annual = as_in_force(by_year[year], request.user) if year in by_year else None
    monthly = MonthlyPlan.objects.visible_to(request.user).filter(group=group).in_year(year).select_related("review")
    context: dict[str, Any] = {
        "groups": groups,
        "group": group,
        "year": year,
        "years": sorted({*by_year, today.year, today.year + 1, year}, reverse=True),
        "annual": annual,
        "has_last_year": year - 1 in by_year,
        "laid_out": year_of(group, year, annual, list(monthly), request.user, today),
        "board": board_of(request.user, group, year, today),
        "this_month": today.month if year == today.year else 0,
        "may_edit_plans": request.user.authority.allows(Permission.EDIT_PLANS, group.pk),
        "item_actions": item_actions_of(group.pk, request.user),
        "filings": _filings(request, group, year) if annual else [],
        **(standing_of(request, annual) if annual else {}),
    }
    context["may_manage_sessions"] = request.user.authority.allows(Permission.MANAGE_SESSIONS, group.pk)
    return render(request, "sessions_app/plan_list.html", context)


def _filings(request: HttpRequest, group: StudyGroup, year: int) -> QuerySet[Filing]:
    return Filing.objects.visible_to(request.user).filter(group=group, year=year, subject=FilingSubject.ANNUAL_PLAN)


def _first_with_plans(request: HttpRequest, groups: list[StudyGroup]) -> StudyGroup:
    """A supervisor's own group usually has no plans of its own; those it oversees have."""
    if len(groups) == 1:
        return groups[0]
    planned = set(AnnualPlan.objects.visible_to(request.user).values_list("group", flat=True).distinct())
    return next((g for g in groups if g.pk in planned), groups[0])


@access(READ)
def annual_plan_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """An annual plan is read on its year's page."""
    return redirect(address_of(find_plan(request, AnnualPlan, pk)))
