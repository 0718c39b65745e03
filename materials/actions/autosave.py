"""自动保存: what is being typed becomes the draft, without a button.

A paragraph typed is a dozen writings: they leave no audit row, which would bury everything else that is recorded.
Beginning a draft, saving by a button and handing in are audited; `saved_at` says when it was written last.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import StudyGroup, User
from materials.actions.submission import Pen, create_submission, follow_kind, put_down
from materials.models import Submission
from reviews.actions.draft import keep_answers
from reviews.chain import State


def draft_of_pen(*, author: User, pen: Pen) -> Submission | None:
    """The draft this open page has begun, when it did not hear of it or says so twice."""
    if not pen.name:
        return None
    rows = Submission.objects.select_related("author", "group", "review", "session")
    return rows.filter(author=author, begun_pen=pen.name).first()


@transaction.atomic
def begin_draft(
    *, group: StudyGroup, author: User, pen: Pen, facts: Mapping[str, Any], at: datetime
) -> tuple[Submission, bool]:
    """Start the draft of a page, or find the one it has started already (then it is not new)."""
    User.objects.select_for_update().get(pk=author.pk)  # the same page asking twice waits here
    if found := draft_of_pen(author=author, pen=pen):
        return found, False
    return create_submission(group=group, author=author, by=author, at=at, pen=pen, **facts), True


@transaction.atomic
def autosave(
    *,
    submission: Submission,
    pen: Pen,
    seen_version: int,
    changes: Mapping[str, Any],
    answers: Mapping[int, str],
    by: User,
    at: datetime,
) -> bool:
    """Store what the page says now. False when the page has said something newer already.

    Raises Overtaken when another page has written since `seen_version`, Refused when it is no longer a draft.
    """
    stored = Submission.objects.get(pk=submission.pk)
    if stored.pen == pen.name and pen.serial < stored.pen_serial:
        return False
    follow_kind(submission=submission, changes=changes, by=by)
    put_down(submission=submission, seen_version=seen_version, changes=changes, by=by, at=at, pen=pen)
    if answers and submission.review.state == State.RETURNED:
        keep_answers(case=submission.review, answers=answers, by=by)
    return True
