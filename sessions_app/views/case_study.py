"""三元一体 实践案例: the list by date, and what became of each lesson."""

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from accounts.actions.records import add_record, change_record
from accounts.forms.records import SeenVersionForm
from accounts.permissions import Permission, holds
from accounts.views.records import KEEP, Crumbs, entry_page, filters_of, kept_record, removal_page
from sessions_app.actions.case_study import close_case_study
from sessions_app.forms.case_study import CaseStudyForm
from sessions_app.models import CaseStudy, StudySession
from sessions_app.models.case_study import CasePolarity
from studygroup.lib.access import access
from studygroup.lib.forms import posted
from studygroup.lib.once import once
from studygroup.lib.paging import page_of

READ = holds(Permission.READ_SESSIONS)


def _crumbs(case: CaseStudy | None = None) -> Crumbs:
    crumbs = [("实践案例", reverse("case_study_list"))]
    return [*crumbs, (case.title, reverse("case_study_detail", args=[case.pk]))] if case else crumbs


@access(READ)
def case_study_list(request: HttpRequest) -> HttpResponse:
    rows = CaseStudy.objects.visible_to(request.user)
    filters = filters_of(request, Permission.READ_SESSIONS, (rows, "held_on"))
    if filters.year:
        rows = rows.filter(held_on__year=filters.year)
    if filters.group:
        rows = rows.filter(group=filters.group)
    if filters.q:
        rows = rows.filter(Q(title__icontains=filters.q) | Q(presenter__icontains=filters.q))
    context = {
        "filters": filters,
        "page": page_of(request, rows.select_related("session", "group")),
        "counts": rows.aggregate(
            positive=Count("pk", filter=Q(polarity=CasePolarity.POSITIVE)),
            negative=Count("pk", filter=Q(polarity=CasePolarity.NEGATIVE)),
            open=Count("pk", filter=~Q(measure="") & Q(closed_on=None)),
        ),
        "today": timezone.localdate(),
        "may_keep": request.user.authority.holds(Permission.MANAGE_LIBRARY),
    }
    return render(request, "sessions_app/case_study_list.html", context)


@access(READ)
def case_study_detail(request: HttpRequest, pk: int) -> HttpResponse:
    rows = CaseStudy.objects.visible_to(request.user).select_related("session", "group")
    case = get_object_or_404(rows, pk=pk)
    context = {
        "case": case,
        "session": StudySession.objects.visible_to(request.user).filter(pk=case.session_id).first(),
        "today": timezone.localdate(),
        "may_keep": request.user.authority.allows(Permission.MANAGE_LIBRARY, case.group_id),
        "crumbs": _crumbs(),
    }
    return render(request, "sessions_app/case_study_detail.html", context)


@access(KEEP, "GET POST", form=CaseStudyForm)
@once
def case_study_new(request: HttpRequest) -> HttpResponse:
    initial = {"session": request.GET.get("session"), "held_on": timezone.localdate()}
    form = CaseStudyForm(posted(request), user=request.user, initial=initial)
    return entry_page(
        request,
        form,
        save=lambda: add_record(CaseStudy(group=form.chosen_group, **form.facts), by=request.user, at=timezone.now()),
        done=lambda case: reverse("case_study_detail", args=[case.pk]),
        title="登记实践案例",
        crumbs=_crumbs(),
    )


@access(KEEP, "GET POST", form=CaseStudyForm)
def case_study_edit(request: HttpRequest, pk: int) -> HttpResponse:
    case = kept_record(request, CaseStudy.objects, pk)
    crumbs = _crumbs(case)
    form = CaseStudyForm(posted(request), instance=case, user=request.user)
    return entry_page(
        request,
        form,
        save=lambda: change_record(case, **form.change, by=request.user, at=timezone.now()),
        done=lambda _: reverse("case_study_detail", args=[pk]),
        title="修改实践案例",
        crumbs=crumbs,
        remove=reverse("case_study_remove", args=[pk]),
    )


@access(KEEP, "POST", form=SeenVersionForm)
def case_study_close(request: HttpRequest, pk: int) -> HttpResponse:
    """办结 today; another date can be typed on the edit page."""
    case = kept_record(request, CaseStudy.objects, pk)
    form = SeenVersionForm(request.POST)
    seen = form.cleaned_data["version"] if form.is_valid() else None
    now = timezone.now()
    close_case_study(case=case, on=timezone.localdate(now), seen_version=seen, by=request.user, at=now)
    messages.success(request, "已办结。")
    return redirect("case_study_detail", pk)


@access(KEEP, "GET POST", form=SeenVersionForm)
def case_study_remove(request: HttpRequest, pk: int) -> HttpResponse:
    case = kept_record(request, CaseStudy.objects, pk)
    return removal_page(request, case, done=reverse("case_study_list"), crumbs=_crumbs(case))
