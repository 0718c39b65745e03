"""成果转化: what became of the suggestions of research reports."""

from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from accounts.actions.records import change_record
from accounts.forms.records import SeenVersionForm
from accounts.permissions import Permission, holds_any
from accounts.views.records import KEEP, Crumbs, Filters, entry_page, filters_of, kept_record, removal_page
from materials.actions.outcome import add_outcome
from materials.exports.outcomes import outcome_register as register_bytes
from materials.forms.outcome import OutcomeForm
from materials.models import Outcome
from studygroup.lib.access import access
from studygroup.lib.clock import local_date
from studygroup.lib.files import send_made
from studygroup.lib.forms import posted
from studygroup.lib.once import once
from studygroup.lib.paging import page_of

READ = holds_any(Permission.READ_APPROVED, Permission.WRITE_PAPERS)
SHOWS = {"open": "办理中", "overdue": "逾期", "done": "办结"}


def _crumbs() -> Crumbs:
    return [("成果转化", reverse("outcome_list"))]


def _asked(request: HttpRequest) -> tuple[Filters, QuerySet[Outcome], QuerySet[Outcome], str]:
    """By year, group and word; then by ?show=; what is no choice is no filter."""
    rows = Outcome.objects.visible_to(request.user)
    filters = filters_of(request, Permission.READ_APPROVED, (rows, "adopted_on"))
    if filters.year:
        rows = rows.in_year(filters.year)
    if filters.group:
        rows = rows.filter(group=filters.group)
    if filters.q:
        rows = rows.filter(Q(suggestion__icontains=filters.q) | Q(submission__review__title__icontains=filters.q))
    show = request.GET.get("show", "")
    show = show if show in SHOWS else ""
    today = local_date(timezone.now())
    found = {"open": rows.filter(done_on=None), "overdue": rows.overdue(today), "done": rows.exclude(done_on=None)}
    shown = found.get(show, rows)
    people = shown.select_related("submission__review", "submission__author", "owner", "group")
    return filters, rows, people.defer("submission__body"), show


@access(READ)
def outcome_list(request: HttpRequest) -> HttpResponse:
    filters, rows, found, show = _asked(request)
    today = local_date(timezone.now())
    counts = rows.order_by().aggregate(
        total=Count("pk"),
        open=Count("pk", filter=Q(done_on=None)),
        overdue=Count("pk", filter=Q(done_on=None, due_on__lt=today)),
        done=Count("pk", filter=Q(done_on__isnull=False)),
    )
    page = page_of(request, found)
    query = request.GET.copy()
    for name in ("show", "page"):
        query.pop(name, None)
    context = {
        "filters": filters,
        "page": page,
        "rows": [(row, *row.standing(today)) for row in page],
        "shows": [(slug, label, counts[slug]) for slug, label in SHOWS.items()],
        "show": show,
        "total": counts["total"],
        "query": query.urlencode(),
        "readable": request.user.authority.groups_with(Permission.READ_APPROVED),
        "kept": request.user.authority.groups_with(Permission.MANAGE_LIBRARY),
    }
    return render(request, "materials/outcome_list.html", context)


@access(READ)
def outcome_register(request: HttpRequest) -> HttpResponse:
    """What the list shows, as a workbook."""
    filters, _, found, _ = _asked(request)
    title = f"{f'{filters.year}年' if filters.year else ''}成果转化登记"
    outcomes = list(found.order_by("adopted_on", "pk"))
    return send_made(register_bytes(title, outcomes, local_date(timezone.now())), f"{title}.xlsx")


@access(KEEP, "GET POST", form=OutcomeForm)
@once
def outcome_new(request: HttpRequest) -> HttpResponse:
    """?submission= is the report it is entered from."""
    start = {"submission": request.GET.get("submission"), "adopted_on": timezone.localdate()}
    form = OutcomeForm(posted(request), user=request.user, initial=start)
    return entry_page(
        request,
        form,
        save=lambda: add_outcome(_outcome(form), by=request.user, at=timezone.now()),
        done=_back,
        title="登记成果转化",
        crumbs=_crumbs(),
        note="报告里的建议被哪个文件、哪次会议采纳，定了什么措施，谁负责，什么时候办结。",
    )


def _outcome(form: OutcomeForm) -> Outcome:
    facts = form.facts
    return Outcome(group=facts["submission"].group, **facts)


def _back(outcome: Any) -> str:
    return reverse("submission_detail", args=[outcome.submission_id])


@access(KEEP, "GET POST", form=OutcomeForm)
def outcome_edit(request: HttpRequest, pk: int) -> HttpResponse:
    outcome = kept_record(request, Outcome.objects.select_related("submission__review"), pk)
    form = OutcomeForm(posted(request), instance=outcome, user=request.user)
    return entry_page(
        request,
        form,
        save=lambda: change_record(outcome, **form.change, by=request.user, at=timezone.now()),
        done=lambda _: reverse("outcome_list"),
        title="成果转化",
        crumbs=_crumbs(),
        note=f"调研报告：{outcome.submission.review.title}",
        remove=reverse("outcome_remove", args=[pk]),
    )


@access(KEEP, "GET POST", form=SeenVersionForm)
def outcome_remove(request: HttpRequest, pk: int) -> HttpResponse:
    outcome = kept_record(request, Outcome.objects, pk)
    return removal_page(request, outcome, done=reverse("outcome_list"), crumbs=_crumbs())
