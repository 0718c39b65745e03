"""请假补学登记: who asked, what was said, how it was made up; on the page and as a workbook."""

from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import ExtractYear
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.models import StudyGroup, User
from accounts.permissions import Permission, holds
from sessions_app.exports.leave_register import leave_register as workbook
from sessions_app.forms.leave import AbsenceFilter
from sessions_app.models import StudySession
from sessions_app.statistics.absence import STATES, absences, lines_of_absences
from studygroup.lib.access import access
from studygroup.lib.files import send_made
from studygroup.lib.paging import page_of

READ = holds(Permission.READ_DRAFTS)


def _asked(request: HttpRequest) -> tuple[AbsenceFilter, QuerySet[Any], str]:
    """The filter, the rows it leaves, and what the list is called."""
    groups = list(StudyGroup.objects.where(request.user, Permission.READ_DRAFTS))
    sessions = StudySession.objects.filter(group__in=groups)
    years = sorted(set(sessions.order_by().values_list(ExtractYear("starts_at"), flat=True).distinct()), reverse=True)
    people = User.objects.filter(participations__session__group__in=groups).distinct()
    form = AbsenceFilter(
        request.GET,
        years=years,
        people=list(people.order_by("name_key", "pk").values_list("pk", "name")),
        groups=groups,
        states=STATES,
    )
    group, year = form.chosen("group"), form.chosen("year")
    chosen = [g for g in groups if not group or g.pk == group]
    rows = absences(
        [g.pk for g in chosen], year, form.chosen("person"), form.chosen("state") or "", timezone.localdate()
    )
    whose = chosen[0].name if len(chosen) == 1 else ""
    return form, rows, f"{whose}{f'{year}年' if year else ''}请假补学登记"


@access(READ, form=AbsenceFilter)
def leave_register(request: HttpRequest) -> HttpResponse:
    form, rows, title = _asked(request)
    page, today = page_of(request, rows), timezone.localdate()
    context = {
        "form": form,
        "title": title,
        "page": page,
        "lines": [(line, *line.state(today)) for line in lines_of_absences(list(page))],
        "several_groups": "group" in form.fields,
        "is_filtered": any(form.cleaned_data.values()),
        "query": request.GET.urlencode(),
    }
    return render(request, "sessions_app/leave_register.html", context)


@access(READ, form=AbsenceFilter)
def leave_register_workbook(request: HttpRequest) -> HttpResponse:
    _, rows, title = _asked(request)
    made = workbook(title, lines_of_absences(list(rows[:5000])), timezone.localdate())
    return send_made(made, f"{title}.xlsx")
