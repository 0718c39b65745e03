"""补充计划: what came down from above after a month was planned. It does not open the whole plan again."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from accounts.actions.people import require
from accounts.actions.records import swap_version
from accounts.models import User
from accounts.permissions import Permission
from reviews.actions import advance, open_case
from reviews.chain import Move
from reviews.models import ReviewCase
from sessions_app.actions.plan import lock
from sessions_app.documents import supplement_blocks
from sessions_app.models import MonthlyPlan, PlanItem, SessionKind
from sessions_app.subjects import PLAN_SUPPLEMENT
from studygroup.lib import audit
from studygroup.lib.errors import Overtaken, Refused


def _title(topic: str) -> str:
    return f"补充学习：{topic}"[:200]


@transaction.atomic
def add_supplement(
    *,
    plan: MonthlyPlan,
    values: Mapping[str, Any],
    kinds: Sequence[SessionKind],
    by: User,
    at: datetime,
) -> PlanItem:
    """Add a new speech or instruction to the month. A plan still being written gets a row more; one already handed in
    or approved stays as it is, and the supplement gets a short review of its own."""
    require(by, Permission.EDIT_PLANS, plan.group_id)
    stored = lock(plan)
    case = None
    if not stored.review.is_editable:
        title = _title(values["topic"])
        case = open_case(group=plan.group, kind=PLAN_SUPPLEMENT, title=title, author=by, by=by, at=at)
    last = plan.items.order_by("-position").first()
    item = PlanItem.objects.create(
        monthly_plan=plan,
        month=plan.month,
        position=last.position + 1 if last else 1,
        is_supplement=True,
        review=case,
        **values,
    )
    item.kinds.set(kinds)
    if case is None:  # a table open elsewhere does not have this row
        MonthlyPlan.objects.filter(pk=plan.pk).update(version=F("version") + 1)
    audit.record("plan.supplement", target=plan, by=by, at=at, group_id=plan.group_id, topic=item.topic)
    return item


def _lock(item: PlanItem) -> PlanItem:
    """The supplement as it is stored now; changing, handing in and removing wait for each other here."""
    rows = PlanItem.objects.select_for_update(of=("self",)).select_related("review", "monthly_plan__group")
    stored = rows.filter(pk=item.pk, review__isnull=False).first()
    if stored is None:
        raise Overtaken("这条补充内容刚刚被别人删除，您的操作没有生效。如仍需要，请重新补充。")
    if stored.dropped_at:
        raise Refused("这条补充内容已经作废，不能再办理。如仍需要，请重新补充。")
    return stored


@transaction.atomic
def change_supplement(
    *,
    item: PlanItem,
    seen_version: int,
    values: Mapping[str, Any],
    kinds: Sequence[SessionKind],
    by: User,
    at: datetime,
) -> None:
    """Mend a supplement before it is handed in, or after it was returned."""
    require(by, Permission.EDIT_PLANS, item.plan.group_id)
    stored = _lock(item)
    if not stored.review.is_editable:
        raise Refused("补充内容正在审定或已经审定，不能直接修改。还没有人审核的，可以先撤回。")
    swap_version(stored, seen_version=seen_version, changes=values)
    stored.kinds.set(kinds)
    ReviewCase.objects.filter(pk=stored.review_id).update(title=_title(values["topic"]))
    audit.record("plan_supplement.change", target=stored, by=by, at=at, group_id=item.plan.group_id)


@transaction.atomic
def submit_supplement(
    *,
    item: PlanItem,
    by: User,
    at: datetime,
    seen_version: int,
    seen_text: int | None = None,
    comment: str = "",
    answers: Mapping[int, str] | None = None,
) -> None:
    """Hand the supplement in on its short way. `seen_version` is the case's, `seen_text` the supplement's own."""
    require(by, Permission.EDIT_PLANS, item.plan.group_id)
    stored = _lock(item)
    if seen_text is not None and stored.version != seen_text:
        raise Overtaken("补充内容刚刚被别人修改过，还没有提交。请看过最新内容再提交。")
    case = stored.review
    assert case is not None  # `_lock` finds only those with a way of their own
    advance(
        case=case,
        move=Move.SUBMIT,
        by=by,
        at=at,
        seen_version=seen_version,
        comment=comment,
        content=supplement_blocks(stored),
        title=_title(stored.topic),
        answers=answers,
    )
    PlanItem.objects.filter(pk=stored.pk).update(version=F("version") + 1)


@transaction.atomic
def discard_supplement(item: PlanItem, *, seen_version: int | None, by: User, at: datetime) -> None:
    """Throw away a supplement nobody wants any more. One handed in before is only set aside: its review is kept."""
    require(by, Permission.EDIT_PLANS, item.plan.group_id)
    stored = _lock(item)
    case = stored.review
    if case.approved_version_id or not case.is_editable:
        raise Refused("补充内容正在审定或已经审定，不能作废。还没有人审核的，可以先撤回。")
    if stored.version != seen_version:
        raise Overtaken("这条补充内容刚刚被别人修改过，没有删除。请看过最新内容后再决定。")
    audit.record(
        "plan_supplement.discard", target=stored, by=by, at=at, group_id=item.plan.group_id, topic=stored.topic
    )
    if case.round:
        PlanItem.objects.filter(pk=stored.pk).update(dropped_at=at, version=F("version") + 1)
        return
    stored.delete()
    case.delete()
