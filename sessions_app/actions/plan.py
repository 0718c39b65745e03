"""Making and handing in plans. A plan can be edited while its case is a draft or was returned."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.actions.people import require
from accounts.models import StudyGroup, User
from accounts.permissions import Permission
from reviews.actions import advance, fingerprint, open_case
from reviews.chain import Move
from reviews.models import ReviewVersion
from sessions_app.documents import items_of, plan_blocks
from sessions_app.models import AnnualPlan, MonthlyPlan, PlanItem, SessionKind
from sessions_app.subjects import ANNUAL_PLAN, MONTHLY_PLAN
from studygroup.lib import audit
from studygroup.lib.errors import Overtaken, Refused

Plan = AnnualPlan | MonthlyPlan
P = TypeVar("P", AnnualPlan, MonthlyPlan)
DRAWN_FIELDS = (
    "month",
    "topic",
    "content",
    "question",
    "lead_readers",
    "key_speakers",
    "responsible",
    "scope",
    "content_class",
    "strand",
    "source_level",
)


@dataclass(frozen=True)
class ItemRow:
    """One row of the plan table as the person left it. `id` is None for a new row."""

    id: int | None
    values: Mapping[str, Any]
    kinds: Sequence[SessionKind]


@transaction.atomic
def create_annual_plan(
    *, group: StudyGroup, year: int, by: User, at: datetime, title: str = "", **head: str
) -> AnnualPlan:
    """Start the plan of a year. Refused when the year has one."""
    require(by, Permission.EDIT_PLANS, group.pk)
    plan = AnnualPlan(group=group, year=year, title=title or f"{group.name}{year}年学习计划", created_at=at, **head)
    return _open(plan, ANNUAL_PLAN, by, at)


@transaction.atomic
def create_monthly_plan(*, group: StudyGroup, year: int, month: int, by: User, at: datetime) -> MonthlyPlan:
    """Start a month's plan with the rows the year's plan has for it. Refused when the month has one."""
    require(by, Permission.EDIT_PLANS, group.pk)
    title = f"{group.name}{year}年{month}月学习安排"
    plan = MonthlyPlan(group=group, year=year, month=month, title=title, created_at=at)
    _open(plan, MONTHLY_PLAN, by, at)
    source = PlanItem.objects.kept().filter(annual_plan__group=group, annual_plan__year=year, month=month)
    for position, item in enumerate(source.prefetch_related("kinds"), start=1):
        drawn = PlanItem.objects.create(
            monthly_plan=plan,
            drawn_from=item,
            position=position,
            **{name: getattr(item, name) for name in DRAWN_FIELDS},
        )
        drawn.kinds.set(item.kinds.all())
    return plan


def _open(plan: P, kind: str, by: User, at: datetime) -> P:
    try:
        plan.full_clean(exclude=["review"])
    except ValidationError as error:
        raise Refused("；".join(error.messages)) from error
    plan.review = open_case(group=plan.group, kind=kind, title=plan.title, author=by, by=by, at=at)
    plan.save()
    audit.record(f"{kind}.create", target=plan, by=by, at=at, group_id=plan.group_id, title=plan.title)
    return plan


@transaction.atomic
def save_plan(
    *,
    plan: Plan,
    seen_version: int,
    head: Mapping[str, Any],
    rows: Sequence[ItemRow],
    by: User,
    at: datetime,
) -> None:
    """Store head and rows in the order given; rows no longer named are removed.

    Supplements with a review of their own are not the table's to change: they stay as they are, behind its rows.
    What a version in force still names is kept aside instead of deleted, so that its sessions stay with it.
    Raises Overtaken when somebody saved since `seen_version`; refused while the plan is under review or approved.
    """
    require(by, Permission.EDIT_PLANS, plan.group_id)
    stored = lock(plan)
    if not stored.review.is_editable:
        raise Refused("计划正在审核或已经审定，不能直接修改。请先撤回，或在已审定的计划上点“修订”。")
    changed = type(plan).objects.filter(pk=plan.pk, version=seen_version).update(**head, version=seen_version + 1)
    if not changed:
        raise Overtaken("这份计划刚刚被别人修改过，您的修改还没有保存。")
    own = plan.items.filter(review=None)
    known = {item.pk: item for item in own}  # one set aside before comes back with its sessions when it is named again
    kept = [_store_row(plan, known, row, position) for position, row in enumerate(rows, start=1)]
    gone = own.kept().exclude(pk__in=kept)
    if stored.review.approved_version_id:
        gone.update(dropped_at=at)
    else:
        gone.delete()
    for position, item in enumerate(plan.items.supplements().order_by("position", "pk"), start=len(kept) + 1):
        PlanItem.objects.filter(pk=item.pk).update(position=position)
    audit.record("plan.save", target=plan, by=by, at=at, group_id=plan.group_id, rows=len(rows))


def lock(plan: Plan) -> Plan:
    """The plan as it is stored now; saving and handing in wait for each other here."""
    return type(plan).objects.select_for_update(of=("self",)).select_related("review", "group").get(pk=plan.pk)


def _store_row(plan: Plan, known: Mapping[int, PlanItem], row: ItemRow, position: int) -> int:
    item = known.get(row.id or 0)
    if item is None:
        parent = {"annual_plan": plan} if isinstance(plan, AnnualPlan) else {"monthly_plan": plan}
        item = PlanItem.objects.create(position=position, **parent, **row.values)
    else:
        PlanItem.objects.filter(pk=item.pk).update(position=position, dropped_at=None, **row.values)
    item.kinds.set(row.kinds)
    return item.pk


@transaction.atomic
def submit_plan(
    *,
    plan: Plan,
    by: User,
    at: datetime,
    seen_version: int,
    comment: str = "",
    answers: Mapping[int, str] | None = None,
    seen_text: int | None = None,
) -> None:
    """Hand the plan in. `seen_version` is the case's, `seen_text` the plan's own, so that nobody hands in what a
    colleague has changed since he read it. Refused without a single row."""
    require(by, Permission.EDIT_PLANS, plan.group_id)
    stored = lock(plan)
    if seen_text is not None and stored.version != seen_text:
        raise Overtaken("计划刚刚被别人修改过，还没有提交。请看过最新内容再提交。")
    items = items_of(stored)
    if not items:
        raise Refused("计划里还没有学习专题，请至少填写一行再提交。")
    advance(
        case=plan.review,
        move=Move.SUBMIT,
        by=by,
        at=at,
        seen_version=seen_version,
        comment=comment,
        content=plan_blocks(stored, items),
        title=stored.title,
        answers=answers,
    )
    # A table still open elsewhere was typed before this version was frozen.
    plan.version = stored.version + 1
    type(plan).objects.filter(pk=plan.pk).update(version=plan.version)


def revise_plan(*, plan: Plan, by: User, at: datetime, seen_version: int) -> None:
    """Open an approved plan for a new version; the approved one stays in force until the new one is approved."""
    require(by, Permission.EDIT_PLANS, plan.group_id)
    advance(case=plan.review, move=Move.REVISE, by=by, at=at, seen_version=seen_version)


@transaction.atomic
def restore_plan(*, plan: Plan, by: User, at: datetime, seen_version: int) -> None:
    """取消修订: a revision in which nothing has changed is taken back, and the approved version goes on as it was."""
    require(by, Permission.EDIT_PLANS, plan.group_id)
    stored = lock(plan)
    approved = stored.review.approved_version
    if approved is not None and not _says(stored, approved):
        raise Refused("计划已经有改动，不能取消修订。请先按“各版对照”改回原样，或者提交审定。")
    advance(case=stored.review, move=Move.RESTORE, by=by, at=at, seen_version=seen_version)


def _says(plan: Plan, version: ReviewVersion) -> bool:
    """Is the table what the version froze? Supplements approved since have their own way and do not count."""
    named = {pk for block in version.content for pk in block.get("ids", ())}
    items = [item for item in items_of(plan) if item.review_id is None or item.pk in named]
    return fingerprint(plan.title, plan_blocks(plan, items)) == version.sha256
