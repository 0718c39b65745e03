"""Answers to a return, kept while the author is still at work on them."""

from collections.abc import Mapping

from django.db import transaction

from accounts.models import User
from reviews.actions.advance import open_points
from reviews.models import ReturnPoint, ReviewCase
from studygroup.lib.errors import NotAllowed


@transaction.atomic
def keep_answers(*, case: ReviewCase, answers: Mapping[int, str], by: User) -> None:
    """Store unfinished answers to the open points. Reviewers see them only after the next submission."""
    if by.pk not in (case.author_id, case.handed_in_by_id):
        raise NotAllowed("只有撰稿人或经办人可以答复退回意见。")
    for point in open_points(case):
        if point.pk in answers:
            ReturnPoint.objects.filter(pk=point.pk).update(answer=answers[point.pk].strip()[:1000])
