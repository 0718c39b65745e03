"""考勤统计: a group's attendance by person, and the sessions behind every number."""

from django.db.models.functions import ExtractYear
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from accounts.models import StudyGroup
from accounts.permissions import Permission, holds
from reports.exports.year import attendance_workbook as workbook
from reports.forms.attendance import PeriodFilter
from reports.statistics.attendance import COLUMNS, FORMULA, PERIODS, attendance_table
from sessions_app.models import Attendance, StudySession
from studygroup.lib.access import access
from studygroup.lib.files import send_made
from studygroup.lib.paging import page_of

READ = holds(Permission.READ_FIGURES)
CRUMB = ("年度统计", "report_list")


def _asked(request: HttpRequest) -> tuple[PeriodFilter, str, str]:
    """The filter, the title of what it asks for, and its query string."""
    groups = list(StudyGroup.objects.where(request.user, Permission.READ_FIGURES))
    held = StudySession.objects.filter(group__in=groups).held().order_by()
    years = set(held.values_list(ExtractYear("starts_at"), flat=True).distinct()) | {timezone.localdate().year}
    form = PeriodFilter(request.GET, years=sorted(years, reverse=True), groups=groups)
    period = "" if form.chosen_period == "year" else PERIODS[form.chosen_period][0]
    query = f"group={form.chosen_group.pk}&year={form.chosen_year}&period={form.chosen_period}"
    return form, f"{form.chosen_group.name}{form.chosen_year}年{period}考勤统计", query


@access(READ, form=PeriodFilter)
def attendance_list(request: HttpRequest) -> HttpResponse:
    form, title, query = _asked(request)
    table = attendance_table(form.chosen_group, form.chosen_year, form.chosen_period)
    context = {
        "form": form,
        "title": title,
        "query": query,
        "table": table,
        "columns": [(column, COLUMNS[column]) for column in table.columns],
        "formula": FORMULA,
        "without": StudySession.objects.filter(pk__in=table.without_register[:30]).order_by("starts_at"),
        "crumbs": [(CRUMB[0], reverse(CRUMB[1]))],
    }
    return render(request, "reports/attendance_list.html", context)


@access(READ, form=PeriodFilter)
def attendance_workbook(request: HttpRequest) -> HttpResponse:
    form, title, _ = _asked(request)
    table = attendance_table(form.chosen_group, form.chosen_year, form.chosen_period)
    return send_made(workbook(title, table), f"{title}.xlsx")


@access(READ, form=PeriodFilter)
def attendance_person(request: HttpRequest, pk: int) -> HttpResponse:
    """One person: his numbers, and with ?show= the sessions one of them counts."""
    form, title, query = _asked(request)
    table = attendance_table(form.chosen_group, form.chosen_year, form.chosen_period)
    line = next((line for line in table.lines if line.person == pk), None)
    if line is None:
        raise Http404
    show = request.GET.get("show", "")
    show = show if show in table.columns else "expected"
    page = page_of(request, StudySession.objects.filter(pk__in=set(line.sessions[show])).order_by("starts_at", "pk"))
    rows = Attendance.objects.filter(person=pk, session__in=[session.pk for session in page])
    stood = {row.session_id: row for row in rows}
    context = {
        "title": title,
        "line": line,
        "show": show,
        "label": COLUMNS[show],
        "columns": [(column, COLUMNS[column], line.counts[column]) for column in table.columns],
        "page": page,
        "rows": [(session, stood.get(session.pk)) for session in page],
        "query": query,
        "formula": FORMULA,
        "crumbs": [(CRUMB[0], reverse(CRUMB[1])), (title, f"{reverse('attendance_list')}?{query}")],
    }
    return render(request, "reports/attendance_person.html", context)
