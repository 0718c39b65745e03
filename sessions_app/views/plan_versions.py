"""各版对照: any two versions of a plan, or the working text against one of them."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format

from accounts.actions.people import require
from accounts.permissions import Permission, holds
from reviews.differences import difference
from reviews.models import ReviewVersion
from sessions_app.documents import items_of, plan_blocks
from sessions_app.models import AnnualPlan, MonthlyPlan
from sessions_app.views.plan import address_of, find_plan
from studygroup.lib.access import access

READ = holds(Permission.READ_DRAFTS)
WORKING = "now"


@access(READ)
def annual_plan_versions(request: HttpRequest, pk: int) -> HttpResponse:
    return _compare(request, find_plan(request, AnnualPlan, pk))


@access(READ)
def monthly_plan_versions(request: HttpRequest, pk: int) -> HttpResponse:
    return _compare(request, find_plan(request, MonthlyPlan, pk))


def _compare(request: HttpRequest, plan: Any) -> HttpResponse:
    require(request.user, Permission.READ_DRAFTS, plan.group_id)
    case = plan.review
    versions = list(case.versions.defer("content").order_by("number"))
    choices = [(str(v.number), _label(v, v.pk == case.approved_version_id)) for v in versions]
    if case.is_editable:
        choices.append((WORKING, "现在的草稿"))
    named = dict(choices)
    approved = next((str(v.number) for v in versions if v.pk == case.approved_version_id), "")
    after = _chosen(request, "to", named, choices[-1][0])
    before = _chosen(request, "from", named, approved if approved not in ("", after) else _earlier(choices, after))
    (old_title, old), (new_title, new) = (_text_of(plan, which) for which in (before, after))
    context = {
        "plan": plan,
        "choices": choices,
        "before": before,
        "after": after,
        "difference": difference(old, new, (old_title, new_title)),
        "crumbs": [(plan.title, address_of(plan))],
    }
    return render(request, "sessions_app/plan_versions.html", context)


def _chosen(request: HttpRequest, name: str, named: dict[str, str], otherwise: str) -> str:
    asked = request.GET.get(name, "")
    return asked if asked in named else otherwise


def _earlier(choices: list[tuple[str, str]], after: str) -> str:
    names = [name for name, _ in choices]
    return names[max(names.index(after) - 1, 0)]


def _label(version: ReviewVersion, is_approved: bool) -> str:
    day = date_format(timezone.localtime(version.submitted_at), "Y-m-d")
    return f"第{version.number}稿（{day}{'，已审定' if is_approved else ''}）"


def _text_of(plan: Any, which: str) -> tuple[str, list[dict[str, Any]]]:
    if which == WORKING:
        return plan.title, plan_blocks(plan, items_of(plan))
    version = plan.review.versions.get(number=which)
    return version.title, version.content
