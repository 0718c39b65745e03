"""我的自学 on the phone, and what the office sees of the group: who told what; no ranking, no points."""

from typing import Any

from django.contrib import messages
from django.db.models.functions import ExtractYear
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from accounts.actions.people import require
from accounts.models import StudyGroup
from accounts.panels import own_pages
from accounts.permissions import Permission, holds
from accounts.views.records import entry_page
from materials.actions import personal_study as actions
from materials.forms.personal_study import RemoveForm, StudyForm, writes_in
from materials.measures import BOOK_READ, FIELD_VISIT, RESEARCH_REPORT, STUDY_HOURS, progress_of, told_of
from materials.models import PersonalStudy
from materials.models.personal_study import PersonalStudyKind
from studygroup.lib.access import access
from studygroup.lib.forms import posted
from studygroup.lib.once import once
from studygroup.lib.paging import page_of
from studygroup.lib.parse import whole_number

OWN = holds(Permission.WRITE_PAPERS)
OVERSEE = holds(Permission.READ_PAPERS)
KEEP = holds(Permission.MANAGE_LIBRARY)
VERBS = {
    PersonalStudyKind.BOOK: "读了一本书",
    PersonalStudyKind.FIELD_VISIT: "蹲点一次",
    PersonalStudyKind.STUDY_HOURS: "填一个月的学时",
}
CRUMBS = (("我的自学", "/study/"),)


def _kind_asked(request: HttpRequest) -> PersonalStudyKind:
    asked = request.GET.get("kind", "")
    return PersonalStudyKind(asked) if asked in PersonalStudyKind.values else PersonalStudyKind.BOOK


def _years_of(rows: Any, this_year: int) -> list[int]:
    years = rows.order_by().annotate(in_year=ExtractYear("done_on")).values_list("in_year", flat=True).distinct()
    return sorted({*years, this_year}, reverse=True)


@access(OWN)
def study_list(request: HttpRequest) -> HttpResponse:
    """His own rows of a year, and where he stands in the periods of today."""
    today, mine = timezone.localdate(), PersonalStudy.objects.filter(person=request.user)
    years = _years_of(mine, today.year)
    asked = whole_number(request.GET.get("year"))
    year = asked if asked in years else today.year
    groups = writes_in(request.user, today)
    context = {
        "year": year,
        "years": years,
        "page": page_of(request, mine.filter(done_on__year=year).select_related("group")),
        "progress": [(group, progress_of(request.user, group, today)) for group in groups[:3]],
        "several_groups": len(groups) > 1,
        "verbs": [(kind.value, verb) for kind, verb in VERBS.items()] if groups else [],
        "beside": own_pages(beside="study_list"),
        "oversees": request.user.authority.holds(Permission.READ_PAPERS),
    }
    return render(request, "materials/study_list.html", context)


@access(OWN, "GET POST", form=StudyForm)
@once
def study_new(request: HttpRequest) -> HttpResponse:
    """?kind= says what he adds; a book unless told otherwise."""
    now = timezone.now()
    kind, groups = _kind_asked(request), writes_in(request.user, timezone.localdate(now))
    if not groups:
        messages.info(request, "您不在学习组的名单中，不需要填写。如有疑问，请联系本单位学习秘书。")
        return redirect("study_list")
    form = StudyForm(posted(request), kind=kind, today=timezone.localdate(now), groups=groups)

    def save() -> PersonalStudy:
        facts = form.facts
        group = form.cleaned_data.get("group") or groups[0]
        return actions.add_study(group=group, person=request.user, kind=kind, by=request.user, at=now, **facts)

    title = VERBS[kind]
    return entry_page(
        request, form, save=save, done=lambda row: f"{CRUMBS[0][1]}?year={row.done_on.year}", title=title, crumbs=CRUMBS
    )


def _seen(request: HttpRequest, pk: int) -> PersonalStudy:
    rows = PersonalStudy.objects.visible_to(request.user).select_related("group", "person")
    return get_object_or_404(rows, pk=pk)


def _back(request: HttpRequest, row: PersonalStudy) -> list[tuple[str, str]]:
    if row.person_id == request.user.pk:
        return [("我的自学", f"{reverse('study_list')}?year={row.done_on.year}")]
    return [("本组自学情况", f"{reverse('study_overview')}?group={row.group_id}&year={row.done_on.year}")]


@access(OWN, "GET POST", form=StudyForm)
def study_edit(request: HttpRequest, pk: int) -> HttpResponse:
    row, now = _seen(request, pk), timezone.now()
    if row.person_id != request.user.pk:
        require(request.user, Permission.MANAGE_LIBRARY, row.group_id)
    crumbs = _back(request, row)
    form = StudyForm(posted(request), instance=row, kind=row.kind, today=timezone.localdate(now))
    return entry_page(
        request,
        form,
        save=lambda: actions.change_study(
            row=row, seen_version=form.cleaned_data["version"], changes=form.facts, by=request.user, at=now
        ),
        done=lambda _: crumbs[0][1],
        title=f"修改{row.get_kind_display()}" + ("" if row.person_id == request.user.pk else f"：{row.person.name}"),
        crumbs=crumbs,
        remove=reverse("study_remove", args=[pk]),
    )


@access(OWN, "GET POST", form=RemoveForm)
def study_remove(request: HttpRequest, pk: int) -> HttpResponse:
    row = _seen(request, pk)
    if row.person_id != request.user.pk:
        require(request.user, Permission.MANAGE_LIBRARY, row.group_id)
    crumbs = _back(request, row)
    form = RemoveForm(posted(request), initial={"version": row.version})
    if request.method == "POST" and form.is_valid():
        seen = form.cleaned_data["version"]
        actions.remove_study(row=row, seen_version=seen, by=request.user, at=timezone.now())
        messages.success(request, f"已删除“{row.title}”。")
        return redirect(crumbs[0][1])
    context = {"form": form, "record": row, "kind": row.get_kind_display(), "crumbs": crumbs}
    return render(request, "records/remove.html", context)


# -- the group ---------------------------------------------------------------


@access(OVERSEE)
def study_overview(request: HttpRequest) -> HttpResponse:
    """Everybody of one group and year in the roster's order, and the rows themselves."""
    groups = list(StudyGroup.objects.where(request.user, Permission.READ_PAPERS))
    group = next((one for one in groups if str(one.pk) == request.GET.get("group")), groups[0])
    rows = PersonalStudy.objects.visible_to(request.user).filter(group=group).select_related("person")
    years = _years_of(rows, timezone.localdate().year)
    asked = whole_number(request.GET.get("year"))
    year = asked if asked in years else timezone.localdate().year
    rows = rows.filter(done_on__year=year)
    person = whole_number(request.GET.get("person"))
    told = told_of(group, year)
    context = {
        "groups": groups,
        "group": group,
        "year": year,
        "years": years,
        "told": [(one, [one.amounts.get(tag, 0) for tag in COLUMNS]) for one in told],
        "person": next((one for one in told if one.person == person), None),
        "page": page_of(request, rows.filter(person=person) if person > 0 else rows),
        "may_keep": request.user.authority.allows(Permission.MANAGE_LIBRARY, group.pk),
        "kinds": PersonalStudyKind.choices,
    }
    return render(request, "materials/study_overview.html", context)


COLUMNS = (BOOK_READ, FIELD_VISIT, STUDY_HOURS, RESEARCH_REPORT)


@access(KEEP, "GET POST", form=StudyForm)
@once
def study_enter(request: HttpRequest) -> HttpResponse:
    """The office enters a paper slip for somebody of ?group=."""
    groups = StudyGroup.objects.where(request.user, Permission.MANAGE_LIBRARY)
    asked = request.GET.get("group")
    group = groups.filter(pk=whole_number(asked)).first() if asked else groups.first()
    if group is None:
        raise Http404
    kind, now = _kind_asked(request), timezone.now()
    form = StudyForm(posted(request), kind=kind, today=timezone.localdate(now), roster_of=group)

    def save() -> PersonalStudy:
        person = form.cleaned_data["person"]
        return actions.add_study(group=group, person=person, kind=kind, by=request.user, at=now, **form.facts)

    back = f"{reverse('study_overview')}?group={group.pk}"
    return entry_page(
        request,
        form,
        save=save,
        done=lambda row: f"{back}&year={row.done_on.year}",
        title=f"代为登记：{kind.label}",
        crumbs=[("本组自学情况", back)],
        note="按本人交来的纸质材料登记。",
    )
