"""Plans to print or to take along as Word documents: what is in force, with its approval line."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from accounts.permissions import Permission, holds
from sessions_app.models import AnnualPlan, MonthlyPlan
from sessions_app.paperwork.plan import plan_paper
from sessions_app.plan_year import as_in_force
from studygroup.lib.access import access
from studygroup.lib.files import send_made
from studygroup.lib.office.characters import file_name
from studygroup.lib.office.word import document_bytes

READ = holds(Permission.READ_PLANS)


def _plan(request: HttpRequest, model: Any, pk: int) -> Any:
    plans = model.objects.visible_to(request.user).select_related("group", "review__approved_version")
    return as_in_force(get_object_or_404(plans, pk=pk), request.user)


def _page(request: HttpRequest, plan: Any, detail: str) -> HttpResponse:
    written = plan_paper(plan)
    context = {
        "written": written,
        "gaps": written.gaps if request.user.authority.allows(Permission.EDIT_PLANS, plan.group_id) else [],
        "title": "打印、导出",
        "crumbs": [("学习计划", reverse("plan_list")), (plan.title, reverse(detail, args=[plan.pk]))],
        "word": reverse(f"{detail.removesuffix('_detail')}_word", args=[plan.pk]),
    }
    return render(request, "sessions_app/paper.html", context)


def _word(plan: Any) -> HttpResponse:
    written = plan_paper(plan)
    return send_made(
        document_bytes(written.title, written.blocks, at=timezone.now()), f"{file_name(written.title)}.docx"
    )


@access(READ)
def annual_plan_paper(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, _plan(request, AnnualPlan, pk), "annual_plan_detail")


@access(READ)
def annual_plan_word(request: HttpRequest, pk: int) -> HttpResponse:
    return _word(_plan(request, AnnualPlan, pk))


@access(READ)
def monthly_plan_paper(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, _plan(request, MonthlyPlan, pk), "monthly_plan_detail")


@access(READ)
def monthly_plan_word(request: HttpRequest, pk: int) -> HttpResponse:
    return _word(_plan(request, MonthlyPlan, pk))
