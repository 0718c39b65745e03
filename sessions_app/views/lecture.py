"""报告会、授课: the application, its way through approval, and the list."""

from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from accounts.actions.people import require
from accounts.models import User
from accounts.permissions import Permission, holds, holds_any
from accounts.views.records import Crumbs, entry_page, filters_of
from reviews.actions import open_points
from reviews.models import ReviewCase
from reviews.models.case import has_verdict_in_round
from reviews.presentation import dots_html, returned_from, sentence_of
from sessions_app.actions.lecture import change_lecture, create_lecture, submit_lecture
from sessions_app.documents import lecture_blocks
from sessions_app.forms.lecture import LectureForm, LectureSubmitForm
from sessions_app.models import Lecture
from studygroup.lib.access import access
from studygroup.lib.errors import NotAllowed, Overtaken, Refused
from studygroup.lib.forms import posted
from studygroup.lib.once import once
from studygroup.lib.paging import page_of

READ = holds_any(Permission.READ_SESSIONS, Permission.READ_DRAFTS)
APPLY = holds(Permission.MANAGE_SESSIONS)


def _crumbs(lecture: Lecture | None = None) -> Crumbs:
    crumbs = [("报告会、授课", reverse("lecture_list"))]
    return [*crumbs, (lecture.title, reverse("lecture_detail", args=[lecture.pk]))] if lecture else crumbs


def _find(request: HttpRequest, **which: Any) -> Lecture:
    rows = Lecture.objects.visible_to(request.user).select_related("organizer", "review__group", "review__author")
    return get_object_or_404(rows.annotate(returned_from=returned_from("review__")), **which)


@access(READ)
def lecture_list(request: HttpRequest) -> HttpResponse:
    """Those of the organiser and those this committee approves."""
    rows = Lecture.objects.visible_to(request.user)
    filters = filters_of(request, Permission.READ_SESSIONS, (rows, "starts_at"))
    if filters.year:
        rows = rows.in_year(filters.year)
    if filters.group:
        rows = rows.filter(Q(organizer=filters.group) | Q(review__group=filters.group))
    if filters.q:
        rows = rows.filter(Q(title__icontains=filters.q) | Q(lecturer_name__icontains=filters.q))
    rows = rows.select_related("organizer", "review").defer("outline")
    page = page_of(request, rows.annotate(returned_from=returned_from("review__")))
    context = {
        "filters": filters,
        "page": page,
        "rows": [(lecture, dots_html(lecture.review, lecture.returned_from)) for lecture in page],
        "may_apply": request.user.authority.holds(Permission.MANAGE_SESSIONS),
    }
    return render(request, "sessions_app/lecture_list.html", context)


def _verbs(lecture: Lecture, user: User) -> dict[str, bool]:
    """What this person may do with the application now."""
    case = lecture.review
    manages = user.authority.allows(Permission.MANAGE_SESSIONS, lecture.organizer_id)
    return {
        "may_submit": manages and case.is_editable,
        "may_edit": manages and not case.is_waiting,
        "may_withdraw": manages and case.is_waiting and not has_verdict_in_round(case),
    }


def _blocks(lecture: Lecture, user: User) -> list[Any]:
    """The working text for the organiser; everybody else reads what was handed in last."""
    if not user.authority.allows(Permission.READ_DRAFTS, lecture.organizer_id):
        version = lecture.review.versions.order_by("-number").first()
        if version is not None:
            return version.content
    return lecture_blocks(lecture, timezone.now())


def _detail(request: HttpRequest, lecture: Lecture, form: LectureSubmitForm | None, status: int = 200) -> HttpResponse:
    case = lecture.review
    verbs = _verbs(lecture, request.user)
    if form is None and verbs["may_submit"]:
        seen = {"seen_version": case.version, "seen_text": lecture.version}
        form = LectureSubmitForm(points=open_points(case), initial=seen)
    context = {
        "lecture": lecture,
        "blocks": _blocks(lecture, request.user),
        "case": case,
        "dots": dots_html(case, lecture.returned_from),
        "sentence": sentence_of(case, timezone.now()),
        "form": form,
        "may_see_review": case.round and ReviewCase.objects.visible_to(request.user).filter(pk=case.pk).exists(),
        "crumbs": _crumbs(),
        **verbs,
    }
    return render(request, "sessions_app/lecture_detail.html", context, status=status)


@access(READ)
def lecture_detail(request: HttpRequest, pk: int) -> HttpResponse:
    return _detail(request, _find(request, pk=pk), None)


@access(READ)
def lecture_of_case(request: HttpRequest, case: int) -> HttpResponse:
    return redirect("lecture_detail", _find(request, review=case).pk)


@access(APPLY, "GET POST", form=LectureForm)
@once
def lecture_new(request: HttpRequest) -> HttpResponse:
    form = LectureForm(posted(request), user=request.user)
    return entry_page(
        request,
        form,
        save=lambda: create_lecture(
            organizer=form.chosen_group, approver=form.approver, by=request.user, at=timezone.now(), **form.facts
        ),
        done=lambda lecture: reverse("lecture_detail", args=[lecture.pk]),
        title="报告会、授课前置审批申请",
        crumbs=_crumbs(),
        note="先存为草稿，看过无误再提交审批。未经批准不得举办。",
    )


@access(APPLY, "GET POST", form=LectureForm)
def lecture_edit(request: HttpRequest, pk: int) -> HttpResponse:
    lecture = _find(request, pk=pk)
    require(request.user, Permission.MANAGE_SESSIONS, lecture.organizer_id)
    crumbs = _crumbs(lecture)
    form = LectureForm(posted(request), instance=lecture, user=request.user)
    return entry_page(
        request,
        form,
        save=lambda: change_lecture(
            lecture=lecture,
            seen_version=form.cleaned_data["version"],
            facts=form.facts,
            by=request.user,
            at=timezone.now(),
        ),
        done=lambda _: reverse("lecture_detail", args=[pk]),
        title="修改申请",
        crumbs=crumbs,
        note="这份申请已经批准。修改并保存后，须重新提交审批。" if lecture.review.is_approved else "",
    )


@access(APPLY, "POST", form=LectureSubmitForm)
def lecture_submit(request: HttpRequest, pk: int) -> HttpResponse:
    lecture = _find(request, pk=pk)
    require(request.user, Permission.MANAGE_SESSIONS, lecture.organizer_id)
    form = LectureSubmitForm(request.POST, points=open_points(lecture.review))
    if not form.is_valid():
        return _detail(request, lecture, form)
    seen = {name: form.cleaned_data[name] for name in ("seen_version", "seen_text")}
    try:
        submit_lecture(lecture=lecture, answers=form.answers, by=request.user, at=timezone.now(), **seen)
    except (NotAllowed, Overtaken):
        raise
    except Refused as refusal:
        form.add_error(None, refusal.message)
        return _detail(request, lecture, form)
    messages.success(request, "已提交审批，进度可以在这里随时查看。")
    return redirect("lecture_detail", pk)
