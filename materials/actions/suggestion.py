"""建议的写法: the author takes what a reviewer offers for a paragraph, or leaves it."""

from datetime import datetime

from django.db import transaction

from accounts.models import User
from materials.actions.submission import save_submission
from materials.models import Submission
from materials.rules import stands_in, with_paragraph
from reviews.actions.draft import settle_suggestion
from reviews.models import ReturnPoint
from studygroup.lib.errors import Refused

BODY_MAX = 50_000  # as the column says


@transaction.atomic
def settle_wording(*, submission: Submission, point: ReturnPoint, taken: bool, by: User, at: datetime) -> bool:
    """Mark it, and write it in the place of the paragraph it is for.

    False when that paragraph stands there no more: the text stays as it is, and what is not in it is not marked taken.
    """
    stored = Submission.objects.select_for_update().get(pk=submission.pk)
    was_taken = bool(ReturnPoint.objects.values_list("taken", flat=True).get(pk=point.pk))
    there = stands_in(stored.body, point.suggested)
    body = None
    if taken and not (was_taken and there):
        body = with_paragraph(stored.body, point.original, point.suggested)
        if body is None and not there:
            return False
    elif was_taken and not taken:
        body = with_paragraph(stored.body, point.suggested, point.original)
    if body is not None and len(body) > BODY_MAX:
        raise Refused(f"换成建议的写法以后，正文会超过 {BODY_MAX} 字。请先删去一些，再采纳。")
    settle_suggestion(point=point, taken=taken, by=by, at=at)
    if body is not None:
        save_submission(submission=stored, seen_version=stored.version, changes={"body": body}, by=by, at=at)
    return body is not None or taken or not was_taken or stands_in(stored.body, point.original)
