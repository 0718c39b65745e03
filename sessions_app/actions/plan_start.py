"""Beginning a year's plan from something: last year's, or one of the outlines."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from accounts.actions.people import require
from accounts.models import StudyGroup, User
from accounts.permissions import Permission
from sessions_app.actions.plan import DRAWN_FIELDS, ItemRow, create_annual_plan, save_plan
from sessions_app.models import AnnualPlan, SessionKind
from sessions_app.models.plan import HEAD_TEXTS
from sessions_app.outlines import outline_of
from sessions_app.rules import with_year
from studygroup.lib.errors import Refused

COPIED_FIELDS = (*DRAWN_FIELDS, "remark")


@transaction.atomic
def copy_last_year(*, group: StudyGroup, year: int, by: User, at: datetime) -> AnnualPlan:
    """沿用上一年: a new draft with last year's topics in their months; dates, places and sessions stay behind.

    The year in titles and texts moves on where it plainly is the plan's own. Refused when there is nothing to copy.
    """
    require(by, Permission.EDIT_PLANS, group.pk)
    source = AnnualPlan.objects.filter(group=group, year=year - 1).first()
    if source is None:
        raise Refused(f"没有{year - 1}年的年度计划，不能沿用。请选择别的起点。")

    def moved(text: str) -> str:
        return with_year(text, year - 1, year)

    head = {name: moved(getattr(source, name)) for name in HEAD_TEXTS}
    rows = []
    for item in source.items.kept().prefetch_related("kinds").order_by("position", "pk"):
        values = {name: getattr(item, name) for name in COPIED_FIELDS}
        texts = {name: moved(text) for name, text in values.items() if isinstance(text, str)}
        rows.append(ItemRow(None, values | texts, list(item.kinds.all())))
    title = moved(source.title)
    plan = create_annual_plan(
        group=group, year=year, by=by, at=at, title="" if title == source.title else title, **head
    )
    return _filled(plan, rows, by, at)


@transaction.atomic
def start_from_outline(*, group: StudyGroup, year: int, outline: str, by: User, at: datetime) -> AnnualPlan:
    """A new draft with the topics of an outline; kinds this installation does not use are left out."""
    plan = create_annual_plan(group=group, year=year, by=by, at=at)
    kinds = {kind.slug: kind for kind in SessionKind.objects.filter(is_active=True)}
    names = ("month", "topic", "content", "content_class", "question")
    rows = [
        ItemRow(
            None,
            {name: getattr(row, name) for name in names},
            [kinds[slug] for slug in row.kinds if slug in kinds],
        )
        for row in outline_of(outline).rows
    ]
    return _filled(plan, rows, by, at)


def _filled(plan: AnnualPlan, rows: Sequence[ItemRow], by: User, at: datetime) -> AnnualPlan:
    save_plan(plan=plan, seen_version=plan.version, head={}, rows=rows, by=by, at=at)
    plan.refresh_from_db()
    return plan
