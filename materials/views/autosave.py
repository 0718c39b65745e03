"""自动保存: what a page of writing says every few seconds; the answers are for its script, in JSON."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache

from accounts.permissions import Permission, holds
from materials.actions.autosave import autosave, begin_draft, draft_of_pen
from materials.forms.autosave import DraftForm
from materials.models import Submission
from reviews.actions import open_points
from studygroup.lib.access import SIGNED_IN, access
from studygroup.lib.clock import local_date
from studygroup.lib.errors import NotAllowed, Refused

WRITERS = holds(Permission.WRITE_PAPERS)


@access(SIGNED_IN)
@never_cache
def writing_as(request: HttpRequest) -> HttpResponse:
    """Who is signed in now and the token his forms carry: an open page goes on after its own person came back."""
    return JsonResponse({"who": request.user.pk, "token": get_token(request)})


@access(WRITERS, "POST", form=DraftForm)
@never_cache
def submission_autosave_new(request: HttpRequest) -> HttpResponse:
    """The first of a new paper makes the draft; asked again, by the same page, it goes on with it."""
    at = timezone.now()
    initial = {"written_on": local_date(at)}
    form = DraftForm(request.POST, user=request.user, at=at, initial=initial)
    form.is_valid()
    if not form.writing.name:
        return JsonResponse({"message": "这个页面已经过时，请刷新后再写。"}, status=400)
    try:
        found = draft_of_pen(author=request.user, pen=form.writing)
        if found is None:
            facts = {
                "kind": form.initial["kind"],
                "written_on": local_date(at),
                "title": "",
                "body": "",
                **form.changes,
            }
            found, is_new = begin_draft(
                group=form.group_chosen, author=request.user, pen=form.writing, facts=facts, at=at
            )
            if is_new:
                return _stored(found, form)
        return _go_on(request, found)
    except Refused as refusal:
        return _refused(refusal)


@access(SIGNED_IN, "POST", form=DraftForm)
@never_cache
def submission_autosave(request: HttpRequest, pk: int) -> HttpResponse:
    rows = Submission.objects.visible_to(request.user).select_related("author", "group", "review", "session")
    submission = get_object_or_404(rows, pk=pk)
    try:
        if request.user.pk not in (submission.author_id, submission.review.handed_in_by_id):
            raise NotAllowed("只有撰稿人可以修改自己的材料。")
        return _go_on(request, submission)
    except Refused as refusal:
        return _refused(refusal)


def _go_on(request: HttpRequest, submission: Submission) -> HttpResponse:
    at, points = timezone.now(), open_points(submission.review)
    form = DraftForm(request.POST, instance=submission, user=request.user, at=at, points=points)
    form.is_valid()
    if not form.writing.name:
        return JsonResponse({"message": "这个页面已经过时，请刷新后再写。"}, status=400)
    is_stored = autosave(
        submission=submission,
        pen=form.writing,
        seen_version=form.cleaned_data.get("version", -1),
        changes=form.changes,
        answers=form.answers,
        by=request.user,
        at=at,
    )
    return _stored(submission, form, is_stored)


def _stored(submission: Submission, form: DraftForm, is_stored: bool = True) -> HttpResponse:
    told: dict[str, Any] = {
        "autosave": reverse("submission_autosave", args=[submission.pk]),
        "edit": reverse("submission_edit", args=[submission.pk]),
        "version": submission.version,
        "saved_at": f"{timezone.localtime(submission.saved_at):%H:%M}" if is_stored and submission.saved_at else "",
        "complaints": form.complaints,
    }
    return JsonResponse(told)


def _refused(refusal: Refused) -> HttpResponse:
    return JsonResponse({"message": refusal.message}, status=refusal.status)
