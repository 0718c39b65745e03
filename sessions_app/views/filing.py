"""报备: the list, one row typed in, its receipt."""

from dataclasses import replace

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from accounts.forms.records import SeenVersionForm
from accounts.permissions import Permission, holds
from accounts.views.records import KEEP, Crumbs, entry_page, filters_of, kept_record, removal_page
from sessions_app.actions.filing import change_filing, record_filing, remove_filing
from sessions_app.forms.filing import FilingForm
from sessions_app.models import Filing
from sessions_app.models.filing import FilingSubject
from sessions_app.views.plan import year_address
from studygroup.lib.access import access
from studygroup.lib.files import send
from studygroup.lib.forms import posted
from studygroup.lib.once import once
from studygroup.lib.paging import page_of

READ = holds(Permission.READ_RECORDS)


def _crumbs(filing: Filing | None = None) -> Crumbs:
    crumbs = [("学习计划", reverse("plan_list")), ("报备", reverse("filing_list"))]
    return [*crumbs, (str(filing), reverse("filing_edit", args=[filing.pk]))] if filing else crumbs


@access(READ)
def filing_list(request: HttpRequest) -> HttpResponse:
    rows = Filing.objects.visible_to(request.user)
    years = sorted({*rows.order_by().values_list("year", flat=True).distinct()}, reverse=True)
    year = next((year for year in years if str(year) == request.GET.get("year")), None)
    filters = replace(filters_of(request, Permission.READ_RECORDS), years=years, year=year)
    if filters.year:
        rows = rows.filter(year=filters.year)
    if filters.group:
        rows = rows.filter(group=filters.group)
    context = {
        "filters": filters,
        "page": page_of(request, rows.select_related("group", "filed_by")),
        "may_keep": request.user.authority.holds(Permission.MANAGE_LIBRARY),
        "crumbs": _crumbs()[:1],
    }
    return render(request, "sessions_app/filing_list.html", context)


@access(KEEP, "GET POST", form=FilingForm)
@once
def filing_new(request: HttpRequest) -> HttpResponse:
    asked = {name: request.GET[name] for name in ("group", "subject", "year") if name in request.GET}
    initial = {"year": timezone.localdate().year, "filed_on": timezone.localdate(), **asked}
    form = FilingForm(posted(request), request.FILES or None, user=request.user, initial=initial)
    return entry_page(
        request,
        form,
        save=lambda: record_filing(
            Filing(group=form.chosen_group, **form.facts), receipt=form.receipt, by=request.user, at=timezone.now()
        ),
        done=_after,
        title="登记报备",
        crumbs=_crumbs(),
    )


def _after(filing: Filing) -> str:
    """From a plan one came from its year's page."""
    if filing.subject == FilingSubject.ANNUAL_PLAN:
        return year_address(filing.group_id, filing.year)
    return reverse("filing_list")


@access(KEEP, "GET POST", form=FilingForm)
def filing_edit(request: HttpRequest, pk: int) -> HttpResponse:
    filing = kept_record(request, Filing.objects, pk)
    form = FilingForm(posted(request), request.FILES or None, instance=filing, user=request.user)
    return entry_page(
        request,
        form,
        save=lambda: change_filing(filing, **form.change, receipt=form.receipt, by=request.user, at=timezone.now()),
        done=lambda _: _after(filing),
        title="更正报备",
        crumbs=_crumbs(),
        remove=reverse("filing_remove", args=[pk]),
    )


@access(KEEP, "GET POST", form=SeenVersionForm)
def filing_remove(request: HttpRequest, pk: int) -> HttpResponse:
    filing = kept_record(request, Filing.objects, pk)
    return removal_page(request, filing, done=reverse("filing_list"), crumbs=_crumbs(filing), remove=remove_filing)


@access(READ)
def filing_receipt(request: HttpRequest, pk: int) -> HttpResponse:
    filing = get_object_or_404(Filing.objects.visible_to(request.user), pk=pk)
    if not filing.receipt:
        raise Http404
    return send(filing.receipt, filing.receipt_name)
