"""The author settles wording a reviewer has offered; what he has written so far is stored with the same press."""

from collections.abc import Sequence
from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpRequest

from materials.actions.suggestion import settle_wording
from materials.forms.suggestion import WordingForm
from materials.models import Submission
from reviews.models import ReturnPoint


def settle_pressed(request: HttpRequest, submission: Submission, points: Sequence[ReturnPoint], at: datetime) -> bool:
    """What the buttons 采纳 and 不采纳 of the form say, after its text has been stored. False when none was pressed."""
    form = WordingForm(request.POST)
    if not form.pressed:
        return False
    offered = [point for point in points if point.suggested]
    point = next((point for point in offered if form.is_valid() and point.number == form.number), None)
    if point is None:
        raise Http404
    number, taken = point.number, form.taken
    written = settle_wording(submission=submission, point=point, taken=taken, by=request.user, at=at)
    if taken and written:
        messages.success(request, f"已保存。已采纳第 {number} 条建议，第 {point.paragraph} 段换成了建议的写法。")
    elif taken:
        messages.success(request, "您写的已保存。")
        told = "那一段您已经改过，建议的写法没有写进去。可以自己把它写成想要的样子，在答复里说明。"
        messages.warning(request, f"第 {number} 条没有采纳：{told}")
    elif written:
        messages.success(request, f"已保存。第 {number} 条建议没有采纳，请在答复里说明原因。")
    else:
        messages.success(request, f"已保存。第 {number} 条已记为不采纳。那一段您后来又改过，正文没有动。")
    return True
