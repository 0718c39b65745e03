"""What an author may still do to a case that is in his own hands."""

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import transaction

from accounts.models import User
from reviews.actions.advance import open_points
from reviews.chain import State
from reviews.models import ReturnPoint, ReviewCase, ReviewRoute
from reviews.subjects import kind_of
from studygroup.lib import audit
from studygroup.lib.errors import NotAllowed, Refused


def _must_be_his(case: ReviewCase, by: User) -> None:
    if by.pk not in (case.author_id, case.handed_in_by_id):
        raise NotAllowed("只有撰稿人或经办人可以这样做。")


@transaction.atomic
def keep_answers(*, case: ReviewCase, answers: Mapping[int, str], by: User) -> None:
    """Store unfinished answers to the open points. Reviewers see them only after the next submission."""
    _must_be_his(case, by)
    for point in open_points(case):
        if point.pk in answers:
            ReturnPoint.objects.filter(pk=point.pk).update(answer=answers[point.pk].strip()[:1000])


TAKEN, REFUSED = "已采纳建议的写法。", "没有采纳建议的写法，保留原文。"
REWORKED = "采纳了建议的写法，又作了修改。"


@transaction.atomic
def settle_suggestion(*, point: ReturnPoint, taken: bool, by: User, at: datetime) -> None:
    """The author takes the wording offered, or not. Only marked, with an answer to begin with: the text is his own."""
    case = ReviewCase.objects.get(entries=point.entry_id)
    _must_be_his(case, by)
    if not point.suggested:
        raise Refused("这条意见没有建议的写法。")
    if point.pk not in {open_one.pk for open_one in open_points(case)}:
        raise Refused("这条意见已经答复过，不能再改。")
    ready = TAKEN if taken else REFUSED
    still_ready = ReturnPoint.objects.filter(pk=point.pk, answer__in=["", TAKEN, REFUSED, REWORKED])
    if not still_ready.update(taken=taken, reworked=False, answer=ready):
        ReturnPoint.objects.filter(pk=point.pk).update(taken=taken, reworked=False)
    point.refresh_from_db(fields=["taken", "answer"])
    audit.record("review.suggestion", target=point, by=by, at=at, group_id=case.group_id, taken=taken)


@transaction.atomic
def note_reworked(*, case: ReviewCase, reworked: Collection[int], by: User) -> None:
    """Which suggestions he took stand no longer in what he is handing in: nobody is told 已采纳 of other words."""
    _must_be_his(case, by)
    for point in open_points(case):
        if point.taken and point.reworked != (point.pk in reworked):
            ReturnPoint.objects.filter(pk=point.pk).update(reworked=point.pk in reworked)


@transaction.atomic
def change_kind(*, case: ReviewCase, kind: str, kind_name: str, by: User) -> None:
    """Another kind has its own steps. Refused once it has been handed in: versions and verdicts name the kind."""
    _must_be_his(case, by)
    route = ReviewRoute.objects.filter(group=case.group_id, kind=kind).first()
    steps = route.steps if route else [str(step) for step in kind_of(kind).steps]
    never_sent = ReviewCase.objects.filter(pk=case.pk, state=State.DRAFT, round=0)
    if not never_sent.update(kind=kind, kind_name=kind_name, steps=steps):
        raise Refused("材料提交过以后，不能再改类别。")
    case.kind, case.kind_name, case.steps = kind, kind_name, steps
