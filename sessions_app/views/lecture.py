"""报告会、授课: the page of one application, its making and handing in. The list is lecture_list."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from accounts.actions.people import require
from accounts.models import User
from accounts.permissions import Permission, holds, holds_any
from accounts.views.records import Crumbs, entry_page
from reviews.actions import open_points
from reviews.chain import State
from reviews.models import ReviewCase
from reviews.models.case import is_unsent_revision
from reviews.models.entry import has_verdict_in_round
from reviews.presentation import dots_html, history_of, returned_from, sentence_of
from reviews.views.opening import note_outcome
from sessions_app.actions.lecture import (
    change_lecture,
    create_lecture,
    discard_lecture,
    restore_lecture,
    submit_lecture,
    version_replaced,
)
from sessions_app.documents.lecture import (
    adjusted_since,
    approvals_of,
    as_handed_in,
    changed_since,
    compared,
    lecture_blocks,
    standing_of,
    without_qualification_links,
)
from sessions_app.forms.lecture import LectureForm, LectureSubmitForm, UsedForm, filled_from_card
from sessions_app.forms.lecture_session import LectureSessionForm
from sessions_app.lecture_panel import outside_speakers
from sessions_app.models import Lecture, LectureFile, Lecturer, StudySession
from sessions_app.models.lecture import LeadDays
from studygroup.lib.access import access
from studygroup.lib.clock import local_date
from studygroup.lib.errors import NotAllowed, Overtaken, Refused
from studygroup.lib.once import once
from studygroup.lib.parse import whole_number
from studygroup.lib.uploads import sent

READ = holds_any(Permission.READ_SESSIONS, Permission.READ_DRAFTS)
APPLY = holds(Permission.MANAGE_SESSIONS)
EARLIER = 5  # lectures of the same lecturer shown beside an application


def crumbs_of(lecture: Lecture | None = None) -> Crumbs:
    crumbs = [("报告会、授课", reverse("lecture_list"))]
    return [*crumbs, (lecture.title, reverse("lecture_detail", args=[lecture.pk]))] if lecture else crumbs


def find_lecture(request: HttpRequest, **which: Any) -> Lecture:
    rows = Lecture.objects.visible_to(request.user).select_related(
        "organizer", "review__group__organization", "review__author", "review__approved_version", "lecturer"
    )
    lecture = get_object_or_404(rows.annotate(returned_from=returned_from("review__")).with_applied_at(), **which)
    as_handed_in([lecture], request.user)
    return lecture


# -- one application ---------------------------------------------------------


def _verbs(lecture: Lecture, user: User, at: datetime) -> dict[str, bool]:
    """What this person may do with the application now."""
    case = lecture.review
    manages = user.authority.allows(Permission.MANAGE_SESSIONS, lecture.organizer_id)
    return {
        "may_submit": manages and case.is_editable,
        "may_edit": manages and not case.is_waiting,
        "may_restore": manages and is_unsent_revision(case),
        "may_withdraw": manages and case.is_waiting and not has_verdict_in_round(case),
        "may_discard": manages and case.is_editable and not case.round,
        "may_choose_session": manages,
        "may_keep_used": bool(manages and case.approved_version_id and local_date(at) >= local_date(lecture.starts_at)),
    }


def _blocks(lecture: Lecture, files: list[LectureFile], user: User, sees_review: bool, at: datetime) -> list[Any]:
    """The working text for the organiser; everybody else reads what was handed in last."""
    if not user.authority.allows(Permission.READ_DRAFTS, lecture.organizer_id):
        version = lecture.review.versions.order_by("-number").first()
        if version is not None:
            return version.content if sees_review else without_qualification_links(version.content)
    moment = at if lecture.review.is_editable else lecture.applied_at or at
    return lecture_blocks(lecture, files, moment, version_replaced(lecture))


def _gaps(lecture: Lecture, files: list[LectureFile]) -> list[tuple[str, str]]:
    """What is still needed before it is handed in, each with the place to fill it in."""
    edit = reverse("lecture_edit", args=[lecture.pk])
    names = lecture.missing(file.purpose for file in files)
    return [(str(Lecture._meta.get_field(name).verbose_name), f"{edit}#id_{name}") for name in names]


def _earlier(lecture: Lecture, user: User) -> QuerySet[Lecture]:
    """Approved lectures the same person gave before, as far as this reader may see them."""
    same = {"lecturer_name": lecture.lecturer_name, "lecturer_unit": lecture.lecturer_unit}
    rows = Lecture.objects.visible_to(user).filter(**same, review__state=State.APPROVED)
    return rows.filter(starts_at__lt=lecture.starts_at).exclude(pk=lecture.pk).select_related("organizer")[:EARLIER]


def lecture_page(
    request: HttpRequest,
    lecture: Lecture,
    form: LectureSubmitForm | None = None,
    used: UsedForm | None = None,
    status: int = 200,
) -> HttpResponse:
    case, user, at = lecture.review, request.user, timezone.now()
    verbs = _verbs(lecture, user, at)
    files = list(lecture.files.of_application())
    gaps = _gaps(lecture, files) if verbs["may_submit"] else []
    if form is None and verbs["may_submit"]:
        seen = {"seen_version": case.version, "seen_text": lecture.version}
        form = LectureSubmitForm(points=open_points(case), initial=seen)
    sees_review = case.round and ReviewCase.objects.visible_to(user).filter(pk=case.pk).exists()
    approved = case.approved_version.content if case.approved_version else []
    history = history_of(case)
    note_outcome(request, case)
    context = {
        "lecture": lecture,
        "blocks": _blocks(lecture, files, user, bool(sees_review), at),
        "case": case,
        "standing": standing_of(lecture),
        "late": LeadDays([case.group_id]).lateness(lecture, lecture.applied_at or at),
        "dots": dots_html(case, lecture.returned_from),
        "sentence": sentence_of(case, at, own=user.authority.allows(Permission.MANAGE_SESSIONS, lecture.organizer_id)),
        "form": form,
        "differs": verbs["may_restore"] and changed_since(lecture, files, case.approved_version),
        "gaps": gaps,
        "history": history if sees_review else [],
        "approvals": approvals_of(history),
        "adjusted": adjusted_since(lecture, approved) if case.is_approved else [],
        "used": [(file, compared(file.sha256, approved)) for file in lecture.files.used()],
        "used_form": used or (UsedForm() if verbs["may_keep_used"] else None),
        "session_form": LectureSessionForm(lecture=lecture, user=user, at=at) if verbs["may_choose_session"] else None,
        "session": StudySession.objects.visible_to(user).filter(pk=lecture.session_id).first(),
        "earlier": _earlier(lecture, user),
        "sees_card": lecture.lecturer and user.authority.allows(Permission.READ_DRAFTS, lecture.organizer_id),
        "may_see_review": sees_review,
        "crumbs": crumbs_of(),
        **verbs,
    }
    return render(request, "sessions_app/lecture_detail.html", context, status=status)


@access(READ)
def lecture_detail(request: HttpRequest, pk: int) -> HttpResponse:
    return lecture_page(request, find_lecture(request, pk=pk))


@access(READ)
def lecture_of_case(request: HttpRequest, case: int) -> HttpResponse:
    return redirect("lecture_detail", find_lecture(request, review=case).pk)


# -- making and changing -----------------------------------------------------


def _form(request: HttpRequest, lecture: Lecture | None, start: dict[str, Any]) -> LectureForm:
    """Bound to what was sent; after “填入卡片资料” the same form once more with the card's particulars in it."""
    about: dict[str, Any] = {"user": request.user, "at": timezone.now(), **({"instance": lecture} if lecture else {})}
    if request.method == "POST" and "fill" in request.POST:
        return LectureForm(initial=filled_from_card(request.POST, Lecturer.objects.visible_to(request.user)), **about)
    return LectureForm(*sent(request), initial=start, **about)


def _start(request: HttpRequest) -> dict[str, Any]:
    """What `?lecturer=` and `?session=` say already."""
    user = request.user
    card = Lecturer.objects.visible_to(user).filter(pk=whole_number(request.GET.get("lecturer"))).first()
    session = StudySession.objects.manageable_by(user).filter(pk=whole_number(request.GET.get("session"))).first()
    start: dict[str, Any] = {"category": "报告会"}
    if card:
        start |= filled_from_card({"lecturer": card.pk}, Lecturer.objects.filter(pk=card.pk))
    if session:
        taught = next(iter(outside_speakers(session)), None)
        start |= {"session": session.pk, "title": session.title, "topic": session.title, "place": session.place}
        start |= {"starts_at": session.starts_at, "audience": session.participants.count() or None}
        if taught:
            start |= {"category": taught.get_role_display(), "topic": taught.title or session.title}
            start |= {"lecturer_name": str(taught.speaker or taught.speaker_name)}
    return start


@access(APPLY, "GET POST", form=LectureForm)
@once
def lecture_new(request: HttpRequest) -> HttpResponse:
    form = _form(request, None, _start(request))
    return entry_page(
        request,
        form,
        save=lambda: create_lecture(
            organizer=form.chosen_group,
            approver=form.approver,
            by=request.user,
            at=timezone.now(),
            **form.facts,
            **form.extras,
        ),
        done=lambda lecture: reverse("lecture_detail", args=[lecture.pk]),
        title="报告会、授课前置审批申请",
        crumbs=crumbs_of(),
        note="先存为草稿，可以不完整；注明“提交前必填”的补齐后再提交审批。未经批准不得举办。请勿上传涉密材料。",
    )


@access(APPLY, "GET POST", form=LectureForm)
def lecture_edit(request: HttpRequest, pk: int) -> HttpResponse:
    lecture = find_lecture(request, pk=pk)
    require(request.user, Permission.MANAGE_SESSIONS, lecture.organizer_id)
    note_outcome(request, lecture.review)
    crumbs = crumbs_of(lecture)
    form = _form(request, lecture, {})
    return entry_page(
        request,
        form,
        save=lambda: change_lecture(lecture=lecture, by=request.user, at=timezone.now(), **form.change),
        done=lambda _: reverse("lecture_detail", args=[pk]),
        title="修改申请",
        crumbs=crumbs,
        note="这份申请已经批准。改动名称、主题、时间、地点、主讲人、涉外、提纲或附件，须重新提交审批，批准前不能举办；"
        "只改类别、规模、所在单位意见、卡片或学习活动的，原批准继续有效。"
        if lecture.review.is_approved
        else "",
    )


# -- handing in --------------------------------------------------------------


@access(APPLY, "POST", form=LectureSubmitForm)
def lecture_submit(request: HttpRequest, pk: int) -> HttpResponse:
    lecture = find_lecture(request, pk=pk)
    require(request.user, Permission.MANAGE_SESSIONS, lecture.organizer_id)
    form = LectureSubmitForm(request.POST, points=open_points(lecture.review))
    if not form.is_valid():
        return lecture_page(request, lecture, form)
    seen = {name: form.cleaned_data[name] for name in ("seen_version", "seen_text")}
    try:
        submit_lecture(lecture=lecture, answers=form.answers, by=request.user, at=timezone.now(), **seen)
    except (NotAllowed, Overtaken):
        raise
    except Refused as refusal:
        form.add_error(None, refusal.message)
        return lecture_page(request, lecture, form)
    messages.success(request, "已提交审批，进度可以在这里随时查看。")
    return redirect("lecture_detail", pk)


@access(APPLY, "POST")
def lecture_discard(request: HttpRequest, pk: int) -> HttpResponse:
    lecture = find_lecture(request, pk=pk)
    discard_lecture(lecture=lecture, by=request.user, at=timezone.now())
    messages.success(request, f"草稿“{lecture.title}”已删除。")
    return redirect("lecture_list")


@access(APPLY, "POST")
def lecture_restore(request: HttpRequest, pk: int) -> HttpResponse:
    seen = whole_number(request.POST.get("seen_version"))
    restore_lecture(lecture=find_lecture(request, pk=pk), by=request.user, at=timezone.now(), seen_version=seen)
    messages.success(request, "已恢复为批准的内容，原批准继续有效。")
    return redirect("lecture_detail", pk)
