"""建议的写法: the author takes what a reviewer offers for a paragraph, or leaves it."""

from datetime import datetime

from django.db import transaction

from accounts.models import User
from materials.actions.submission import save_submission
from materials.models import Submission
from reviews.actions.draft import settle_suggestion
from reviews.models import ReturnPoint


@transaction.atomic
def settle_wording(*, submission: Submission, point: ReturnPoint, taken: bool, by: User, at: datetime) -> bool:
    """Mark it, and write it in the place of the paragraph it is for. False when that paragraph stands there no more."""
    stored = Submission.objects.select_for_update().get(pk=submission.pk)
    was_taken = bool(ReturnPoint.objects.values_list("taken", flat=True).get(pk=point.pk))
    settle_suggestion(point=point, taken=taken, by=by, at=at)
    if taken == was_taken:
        return True
    old, new = (point.original, point.suggested) if taken else (point.suggested, point.original)
    body = with_paragraph(stored.body, old, new)
    if body is None:
        return False
    save_submission(submission=stored, seen_version=stored.version, changes={"body": body}, by=by, at=at)
    return True


def with_paragraph(body: str, old: str, new: str) -> str | None:
    """The text with one paragraph, or one run of them, said anew; None when it is not there word for word."""
    lines, wanted = body.splitlines(), old.splitlines()
    told = [line.strip() for line in lines]
    for place in range(len(lines) - len(wanted) + 1):
        if wanted and told[place : place + len(wanted)] == [line.strip() for line in wanted]:
            return "\n".join([*lines[:place], *new.splitlines(), *lines[place + len(wanted) :]])
    return None
