"""雷同提示: the passages side by side for reviewers, 自查 for the author, and the group's numbers."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from accounts.models import StudyGroup
from accounts.permissions import Permission, holds
from materials.actions import likeness as actions
from materials.advice import wording_of
from materials.documents import submission_blocks
from materials.forms.likeness import LikenessRuleForm, PassageMarkForm
from materials.likeness.findings import Sort
from materials.models import Comparison, LikenessRule, Submission
from materials.models.likeness import PassageMark
from materials.side_by_side import against, merged, parts_of, sentences_of
from reviews.models import ReviewCase
from reviews.panels import may_see_panels
from studygroup.lib.access import SIGNED_IN, access
from studygroup.lib.errors import NotAllowed, Overtaken
from studygroup.lib.forms import changes_of, posted, refuse_stale
from studygroup.lib.parse import quoted

KEEP = holds(Permission.MANAGE_LIBRARY)
RAISING = (Sort.OTHER, Sort.OWN, Sort.LIBRARY)
WAITS = timedelta(minutes=2)  # so long a page asks by itself whether the worker is done


# -- the reviewer ------------------------------------------------------------


def _read(request: HttpRequest, pk: int) -> Submission:
    """A paper this person reads as a reviewer; what is his own he looks at with 自查."""
    rows = Submission.objects.visible_to(request.user).select_related("author", "group", "review", "session")
    submission = get_object_or_404(rows, pk=pk)
    if not may_see_panels(submission.review, request.user):
        raise NotAllowed("对照页供审核人和可以查看本组材料的同志使用。自己的草稿请用“自查”。")
    return submission


def _context(comparison: Comparison, user: Any, at: datetime) -> dict[str, Any]:
    done = comparison.done_at is not None
    return {
        "comparison": comparison,
        "parts": parts_of(comparison, user) if done else [],
        "sentences": sentences_of(comparison) if done else [],
        "against": against(comparison),
        "below": done and not comparison.is_hint and any(getattr(comparison, sort) for sort in RAISING),
        "pending": not done,
        "asks_again": not done and at - comparison.asked_at < WAITS,
    }


def _latest(submission: Submission) -> Comparison:
    """That of the version handed in last."""
    rows = Comparison.objects.with_counts().select_related("version", "submission")
    comparison = rows.filter(submission=submission, version__isnull=False).order_by("-version__number").first()
    if comparison is None:
        raise Http404
    return comparison


@access(SIGNED_IN)
def submission_likeness(request: HttpRequest, pk: int) -> HttpResponse:
    submission, at = _read(request, pk), timezone.now()
    comparison = _latest(submission)
    awaiting = ReviewCase.objects.awaiting(request.user).filter(pk=submission.review_id).exists()
    context = {
        "submission": submission,
        "marks": PassageMark.choices,
        "may_return": awaiting,
        "may_set": request.user.authority.allows(Permission.MANAGE_LIBRARY, submission.group_id),
        **_context(comparison, request.user, at),
    }
    return render(request, "materials/submission_likeness.html", context)


@access(SIGNED_IN, "POST")
def submission_likeness_again(request: HttpRequest, pk: int) -> HttpResponse:
    submission = _read(request, pk)
    actions.compare_again(case=submission.review, by=request.user, at=timezone.now())
    messages.success(request, "已安排重新比对，完成后刷新本页即可看到。")
    return redirect("submission_likeness", pk)


@access(SIGNED_IN, "POST", form=PassageMarkForm)
def submission_likeness_mark(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    submission, form = _read(request, pk), PassageMarkForm(request.POST)
    comparison = _latest(submission)
    rows = comparison.passages.select_related("comparison__submission__review")
    passage = get_object_or_404(rows, number=number)
    if form.is_valid():
        actions.mark_passage(passage=passage, by=request.user, at=timezone.now(), **form.cleaned_data)
    return redirect(f"{reverse('submission_likeness', args=[pk])}#s{number}")


# -- the author --------------------------------------------------------------


def _own(request: HttpRequest, pk: int) -> Submission:
    """Nobody else's, whatever he may read."""
    rows = Submission.objects.visible_to(request.user).filter(author=request.user)
    return get_object_or_404(rows.select_related("author", "group", "review", "session"), pk=pk)


@access(SIGNED_IN, "GET POST")
def submission_check(request: HttpRequest, pk: int) -> HttpResponse:
    """自查: what a reviewer would be shown, before anybody is. Others' papers are not shown to him."""
    submission, at = _own(request, pk), timezone.now()
    if request.method == "POST":
        actions.check_draft(submission=submission, by=request.user, at=at)
        return redirect("submission_check", pk)
    rows = Comparison.objects.with_counts().select_related("version", "submission__review", "submission__author")
    comparison = rows.filter(submission=submission, version=None).first()
    context: dict[str, Any] = {
        "submission": submission,
        "may_check": submission.review.is_editable,
        "wording": wording_of(
            submission_blocks(submission, []),
            title=submission.title,
            group_id=submission.group_id,
            day=submission.written_on,
        ),
    }
    if comparison:
        context |= _context(comparison, request.user, at)
        context["parts"] = [replace(part, pairs=merged(part.pairs)) for part in context["parts"]]
        context["stale"] = not context["pending"] and comparison.stamp != submission.version
    return render(request, "materials/submission_check.html", context)


# -- the group's numbers -----------------------------------------------------


def _groups(request: HttpRequest) -> tuple[list[StudyGroup], StudyGroup]:
    groups = list(StudyGroup.objects.where(request.user, Permission.MANAGE_LIBRARY))
    if not groups:
        raise NotAllowed("提示标准由宣传委员和办公室设置。")
    asked = request.GET.get("group", "")
    return groups, next((group for group in groups if str(group.pk) == asked), groups[0])


@access(KEEP, "GET POST", form=LikenessRuleForm)
def likeness_rule(request: HttpRequest) -> HttpResponse:
    groups, group = _groups(request)
    form = LikenessRuleForm(posted(request), instance=LikenessRule.objects.of(group.pk))
    status, current = 200, {}
    if request.method == "POST" and form.is_valid():
        seen, changes = form.cleaned_data["version"], changes_of(form)
        try:
            actions.change_likeness_rule(
                group=group, seen_version=seen, changes=changes, by=request.user, at=timezone.now()
            )
            messages.success(request, f"已保存{quoted(group.name)}的提示标准，以后的比对按新的标准。")
            return redirect(f"{reverse('likeness_rule')}?group={group.pk}")
        except Overtaken as error:
            status, current = error.status, dict(error.current)
            refuse_stale(form, error)
            form.data = form.data.copy()
            form.data["version"] = LikenessRule.objects.of(group.pk).version
    context = {"groups": groups, "group": group, "form": form, "current": current}
    return render(request, "materials/likeness_rule.html", context, status=status)
