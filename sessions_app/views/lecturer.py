"""主讲人卡片: the list, one card with his earlier lectures, and its keeping."""

from django.db.models import Count, Max, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from accounts.forms.records import SeenVersionForm
from accounts.permissions import Permission, holds
from accounts.views.records import KEEP, Crumbs, entry_page, filters_of, kept_record, removal_page
from reviews.chain import State
from sessions_app.actions.lecturer import add_lecturer, change_lecturer
from sessions_app.documents.lecture import standing_of
from sessions_app.forms.lecturer import LecturerForm
from sessions_app.models import Lecture, Lecturer
from studygroup.lib.access import access
from studygroup.lib.once import once
from studygroup.lib.paging import page_of
from studygroup.lib.uploads import sent

READ = holds(Permission.READ_DRAFTS)


def _crumbs(card: Lecturer | None = None) -> Crumbs:
    crumbs = [("报告会、授课", reverse("lecture_list")), ("主讲人卡片", reverse("lecturer_list"))]
    return [*crumbs, (card.name, reverse("lecturer_detail", args=[card.pk]))] if card else crumbs


@access(READ)
def lecturer_list(request: HttpRequest) -> HttpResponse:
    rows = Lecturer.objects.visible_to(request.user)
    filters = filters_of(request, Permission.READ_DRAFTS)
    if filters.group:
        rows = rows.filter(group=filters.group)
    if filters.q:
        rows = rows.filter(Q(name__icontains=filters.q) | Q(unit__icontains=filters.q))
    held = Q(lectures__review__state=State.APPROVED, lectures__starts_at__lte=timezone.now())
    given = {"given": Count("lectures", filter=held), "last_at": Max("lectures__starts_at", filter=held)}
    context = {
        "filters": filters,
        "page": page_of(request, rows.select_related("group").annotate(**given).order_by("name", "pk")),
        "may_keep": request.user.authority.holds(Permission.MANAGE_SESSIONS),
    }
    return render(request, "sessions_app/lecturer_list.html", context)


@access(READ)
def lecturer_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """What is known of him; his lectures with date, topic and approval."""
    rows = Lecturer.objects.visible_to(request.user).select_related("group")
    card, at = get_object_or_404(rows, pk=pk), timezone.now()
    lectures = Lecture.objects.visible_to(request.user).filter(lecturer=card).select_related("review", "organizer")
    page = page_of(request, lectures.defer("outline"))
    context = {
        "card": card,
        "files": card.files.kept(),
        "page": page,
        "rows": [(lecture, standing_of(lecture), lecture.is_held_at(at)) for lecture in page],
        "may_keep": request.user.authority.allows(Permission.MANAGE_SESSIONS, card.group_id),
        "crumbs": _crumbs(),
    }
    return render(request, "sessions_app/lecturer_detail.html", context)


@access(KEEP, "GET POST", form=LecturerForm)
@once
def lecturer_new(request: HttpRequest) -> HttpResponse:
    form = LecturerForm(*sent(request), user=request.user)
    return entry_page(
        request,
        form,
        save=lambda: add_lecturer(
            group=form.chosen_group,
            by=request.user,
            at=timezone.now(),
            uploads=form.cleaned_data["uploads"],
            **form.facts,
        ),
        done=lambda card: reverse("lecturer_detail", args=[card.pk]),
        title="登记主讲人",
        crumbs=_crumbs(),
        note="登记一次，以后申请时直接选用。",
    )


@access(KEEP, "GET POST", form=LecturerForm)
def lecturer_edit(request: HttpRequest, pk: int) -> HttpResponse:
    card = kept_record(request, Lecturer.objects, pk)
    crumbs = _crumbs(card)
    form = LecturerForm(*sent(request), instance=card, user=request.user)
    return entry_page(
        request,
        form,
        save=lambda: change_lecturer(lecturer=card, by=request.user, at=timezone.now(), **form.change, **form.papers),
        done=lambda _: reverse("lecturer_detail", args=[pk]),
        title="修改主讲人卡片",
        crumbs=crumbs,
        note="已经提交和批准的申请不随卡片改变。",
        remove=reverse("lecturer_remove", args=[pk]),
    )


@access(KEEP, "GET POST", form=SeenVersionForm)
def lecturer_remove(request: HttpRequest, pk: int) -> HttpResponse:
    card = kept_record(request, Lecturer.objects, pk)
    return removal_page(request, card, done=reverse("lecturer_list"), crumbs=_crumbs(card))
