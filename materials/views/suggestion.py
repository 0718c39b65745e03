"""The author settles wording a reviewer has offered."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone

from materials.actions.suggestion import settle_wording
from materials.forms.suggestion import WordingForm
from materials.models import Submission
from reviews.actions.advance import last_return_of
from reviews.models import ReturnPoint
from studygroup.lib.access import SIGNED_IN, access


@access(SIGNED_IN, "POST", form=WordingForm)
def submission_suggestion(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Point `number` of the return that is to be answered now."""
    rows = Submission.objects.visible_to(request.user).select_related("review")
    submission, form = get_object_or_404(rows, pk=pk), WordingForm(request.POST)
    point = get_object_or_404(ReturnPoint, entry=last_return_of(submission.review), number=number)
    if form.is_valid():
        taken = form.cleaned_data["taken"]
        settled = {"submission": submission, "point": point, "taken": taken}
        written = settle_wording(**settled, by=request.user, at=timezone.now())
        if not written:
            told = "那一段您已经改过，请自己把它写成想要的样子。"
            messages.warning(request, f"第 {number} 条已记为{'采纳' if taken else '不采纳'}。{told}")
        elif taken:
            messages.success(request, f"已采纳第 {number} 条建议，第 {point.paragraph} 段换成了建议的写法。")
        else:
            messages.success(request, f"第 {number} 条建议没有采纳，正文保留原来的写法。请在答复里说明原因。")
    return redirect("submission_edit", pk)
