"""A year's plans laid out by month: each topic with the sessions that carried it out, and how far the year has come.

Readers of drafts see plans as they stand; everybody else sees what was approved, also while a revision is under way.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

from django.db.models import Q, QuerySet

from accounts.models import StudyGroup, User
from accounts.permissions import Permission
from reviews.models import ReviewVersion
from sessions_app.documents import classes_of
from sessions_app.models import AnnualPlan, MonthlyPlan, PlanItem, StudySession
from sessions_app.models.plan import HEAD_TEXTS, IN_FORCE, MONTHS, Plan
from sessions_app.rules import planned_time, quarter_of_month

P = TypeVar("P", AnnualPlan, MonthlyPlan)
QUARTERS = {1: "第一季度", 2: "第二季度", 3: "第三季度", 4: "第四季度"}
# What a frozen table calls the columns of a row: the year's heading, the month's heading.
FROZEN = {
    "date_text": ("时间",),
    "place": ("地点",),
    "topic": ("学习专题", "主题"),
    "content": ("学习内容（篇目）", "内容"),
    "kinds": ("学习形式", "形式"),
    "question": ("研讨题目",),
    "lead_readers": ("领学人",),
    "key_speakers": ("重点发言人",),
    "responsible": ("责任人",),
    "scope": ("参加范围",),
    "classes": ("内容分类",),
    "basis": ("依据",),
    "remark": ("备注",),
}
TEXTS = (
    "month",
    "date_text",
    "place",
    "topic",
    "content",
    "question",
    "lead_readers",
    "key_speakers",
    "responsible",
    "scope",
    "basis",
    "remark",
    "is_supplement",
)


@dataclass
class TopicRow:
    """One planned topic. `item_id` is None when a frozen row is no longer in the plan; `arranged` is the month's row
    drawn from this row of the year, and `is_missing` one that is due and has no session at all."""

    item_id: int | None
    year: int
    month: int
    date_text: str = ""
    place: str = ""
    topic: str = ""
    content: str = ""
    kinds: str = ""
    question: str = ""
    lead_readers: str = ""
    key_speakers: str = ""
    responsible: str = ""
    scope: str = ""
    classes: str = ""
    basis: str = ""
    remark: str = ""
    is_supplement: bool = False
    is_missing: bool = False
    arranged: "TopicRow | None" = None
    sessions: list[StudySession] = field(default_factory=list)

    @property
    def plans_session(self) -> int | None:
        """The item a session is made from: the month's row knows more than the year's."""
        return self.arranged.item_id if self.arranged else self.item_id

    @property
    def is_done(self) -> bool:
        return any(session.is_held for session in self.sessions)

    def is_due(self, today: date) -> bool:
        """应办: already done, of a month that is over, or of a day that is over."""
        if self.is_done or (self.year, self.month) < (today.year, today.month):
            return True
        said = self.arranged.date_text if self.arranged else self.date_text
        day = planned_time(said, self.year, self.month).day
        return day is not None and day < today


@dataclass(frozen=True)
class Tally:
    """落实: how many of the topics due so far were carried out. `until` says how far the denominator reaches."""

    done: int
    due: int
    total: int
    until: str

    @property
    def percent(self) -> int:
        return self.done * 100 // self.due if self.due else 0

    @property
    def sentence(self) -> str:
        return f"已办 {self.done} / 应办 {self.due}（{self.until}）" if self.due else "还没有到期的专题"


@dataclass(frozen=True)
class Month:
    """`loose` are sessions of the month that carry out nothing of the plan."""

    number: int
    label: str
    plan: MonthlyPlan | None
    rows: Sequence[TopicRow]
    loose: Sequence[StudySession]
    state: str
    words: str


@dataclass(frozen=True)
class Quarter:
    label: str
    months: Sequence[Month]
    tally: Tally


@dataclass(frozen=True)
class PlanYear:
    quarters: Sequence[Quarter]
    tally: Tally
    sessions: int
    is_begun: bool

    @property
    def months(self) -> list[Month]:
        return [month for quarter in self.quarters for month in quarter.months]

    @property
    def rows(self) -> list[TopicRow]:
        return [row for month in self.months for row in month.rows]

    @property
    def without_arrangement(self) -> list[Month]:
        """月月有安排: the months that have none."""
        return [month for month in self.months if not month.rows]

    @property
    def arranged_tone(self) -> str:
        """Of 月月有安排; nobody is blamed for a year that has not begun."""
        if not self.without_arrangement:
            return "good"
        return "bad" if self.is_begun else "off"

    @property
    def loose(self) -> list[StudySession]:
        """次次有主题: the sessions without a topic of the plan. A draft is none yet, whoever may see it."""
        return [session for month in self.months for session in month.loose if not session.is_draft]


def year_of(
    group: StudyGroup, year: int, annual: AnnualPlan | None, monthly: Sequence[MonthlyPlan], user: User, today: date
) -> PlanYear:
    """Lay out one year from its plans: three statements, one more for a reader of a plan under revision."""
    tables = _Tables([*([annual] if annual else []), *monthly], user)
    of_year = tables.rows_of(annual) if annual else []
    drawn_from_year = {row.item_id: row for row in of_year if row.item_id}
    by_item = dict(drawn_from_year)
    of_month: dict[int, list[TopicRow]] = {}
    for plan in monthly:
        of_month[plan.month] = []
        for row in tables.rows_of(plan):
            source = drawn_from_year.get(tables.drawn.get(row.item_id or 0) or 0)
            if source is not None and source.arranged is None:
                source.arranged = row
            else:
                of_month[plan.month].append(row)
            if row.item_id:
                by_item[row.item_id] = source if source is not None and source.arranged is row else row
    here = Q(group=group, pk__in=StudySession.objects.in_year(year).values("pk"))
    sessions = list(_sessions(user, here | Q(plan_item__in=by_item)))
    loose = defaultdict(list)
    for session in sessions:
        if (planned := by_item.get(session.plan_item_id or 0)) is not None:
            planned.sessions.append(session)
        else:
            loose[session.day.month].append(session)
    plan_of = {plan.month: plan for plan in monthly}
    _mark_missing([*of_year, *(row for rows in of_month.values() for row in rows)], today)
    months = []
    for number, label in MONTHS:
        found = [row for row in of_year if row.month == number] + of_month.get(number, [])
        standing = _standing(found, year, today)
        months.append(Month(number, label, plan_of.get(number), found, loose[number], *standing))
    quarters = [_quarter(number, months, year, today) for number in QUARTERS]
    tally = _tally([row for month in months for row in month.rows], _until(year, 12, "全年", today), today)
    held_or_called = sum(not session.is_draft for session in sessions)
    return PlanYear(quarters, tally, held_or_called, is_begun=year <= today.year)


def rows_of_month(plan: MonthlyPlan, user: User, today: date) -> list[TopicRow]:
    """The rows of one month's plan, with the sessions made from them or from the year's rows they were drawn from."""
    tables = _Tables([plan], user)
    rows = tables.rows_of(plan)
    by_item = {source: row for row in rows if (source := tables.drawn.get(row.item_id or 0))}
    by_item |= {row.item_id: row for row in rows if row.item_id}
    for session in _sessions(user, Q(plan_item__in=by_item)):
        by_item[session.plan_item_id or 0].sessions.append(session)
    _mark_missing(rows, today)
    return rows


def _mark_missing(rows: Sequence[TopicRow], today: date) -> None:
    for row in rows:
        row.is_missing = not row.sessions and row.is_due(today)


def _sessions(user: User, which: Q) -> QuerySet[StudySession]:
    fields = ("title", "starts_at", "state", "plan_item_id", "group_id")
    return StudySession.objects.visible_to(user).filter(which).only(*fields).order_by("starts_at", "pk")


class _Tables:
    """The rows of several plans at once. `drawn` leads from a month's item to the year's.

    `dropped` are items a revision under way has taken out: whoever reads the version in force still sees their rows.
    """

    def __init__(self, plans: Sequence[Plan], user: User) -> None:
        annual = [plan.pk for plan in plans if isinstance(plan, AnnualPlan)]
        monthly = [plan.pk for plan in plans if isinstance(plan, MonthlyPlan)]
        items = PlanItem.objects.filter(IN_FORCE, Q(annual_plan__in=annual) | Q(monthly_plan__in=monthly))
        self.items: dict[tuple[bool, int], list[PlanItem]] = defaultdict(list)
        self.drawn: dict[int, int | None] = {}
        self.dropped: set[int] = set()
        for item in items.prefetch_related("kinds").order_by("position", "pk"):
            self.drawn[item.pk] = item.drawn_from_id
            if item.dropped_at:
                self.dropped.add(item.pk)
                continue
            self.items[item.annual_plan_id is not None, item.annual_plan_id or item.monthly_plan_id or 0].append(item)
        reads_drafts = user.authority.groups_with(Permission.READ_DRAFTS)
        held_back = [p for p in plans if not p.review.is_approved and p.group_id not in reads_drafts]
        versions = [plan.review.approved_version_id for plan in held_back]
        found = ReviewVersion.objects.filter(pk__in=versions) if held_back else ()
        self.frozen = {version.case_id: version for version in found}

    def rows_of(self, plan: Plan) -> list[TopicRow]:
        items = self.items[isinstance(plan, AnnualPlan), plan.pk]
        version = self.frozen.get(plan.review_id)
        if version is None:
            return [_row(item, plan) for item in items]
        known = {item.pk for item in items} | self.dropped
        rows = frozen_rows(version.content, plan)
        ids = {row.item_id for row in rows}
        for row in rows:
            row.item_id = row.item_id if row.item_id in known else None
        return rows + [_row(item, plan) for item in items if item.review_id and item.pk not in ids]


def _row(item: PlanItem, plan: Plan) -> TopicRow:
    texts = {name: getattr(item, name) for name in TEXTS}
    kinds = "、".join(kind.label for kind in item.kinds.all())
    return TopicRow(item.pk, plan.year, **texts, kinds=kinds, classes=classes_of(item))


def as_in_force(plan: P, user: User) -> P:
    """The plan with title and texts of its approved version for whoever reads no drafts. Never to be saved."""
    version = None if plan.review.is_approved else plan.review.approved_version
    if version is None or user.authority.allows(Permission.READ_DRAFTS, plan.group_id):
        return plan
    plan.title = version.title
    if isinstance(plan, AnnualPlan):
        names = {str(AnnualPlan._meta.get_field(name).verbose_name): name for name in HEAD_TEXTS}
        said: dict[str, list[str]] = {name: [] for name in HEAD_TEXTS}
        heading = ""
        for block in version.content:
            heading = block["text"] if block["type"] == "heading" else heading
            if block["type"] == "paragraph" and heading in names:
                said[names[heading]].append(block["text"])
        for name, lines in said.items():
            setattr(plan, name, "\n".join(lines))
    return plan


def frozen_rows(blocks: Sequence[Mapping[str, Any]], plan: Plan) -> list[TopicRow]:
    """The rows of a version as it was handed in."""
    table = next((block for block in blocks if block["type"] == "table"), None)
    if table is None:
        return []
    ids = table.get("ids") or [None] * len(table["rows"])
    rows = []
    for item_id, cells in zip(ids, table["rows"], strict=True):
        said = dict(zip(table["head"], cells, strict=True))
        texts: dict[str, Any] = {
            name: next((said[h] for h in heads if h in said), "") for name, heads in FROZEN.items()
        }
        month = plan.month if isinstance(plan, MonthlyPlan) else int(said["月份"].removesuffix("月"))
        rows.append(TopicRow(item_id, plan.year, month, **texts, is_supplement=said.get("是否补充") == "是"))
    return rows


def _standing(rows: Sequence[TopicRow], year: int, today: date) -> tuple[str, str]:
    """How a month stands, as tone and words of a badge."""
    done, missing = sum(row.is_done for row in rows), sum(row.is_missing for row in rows)
    if not rows:
        return "off", "没有安排"
    if done == len(rows):
        return "good", f"已办 {done}/{len(rows)}"
    if missing:
        return "bad", f"缺 {missing}"
    if done or any(row.sessions for row in rows) or (year, rows[0].month) <= (today.year, today.month):
        return "wait", f"已办 {done}/{len(rows)}"
    return "plain", f"{len(rows)} 个专题"


def _quarter(number: int, months: Sequence[Month], year: int, today: date) -> Quarter:
    mine = [month for month in months if quarter_of_month(month.number) == number]
    until = _until(year, number * 3, "整个季度", today)
    return Quarter(QUARTERS[number], mine, _tally([row for month in mine for row in month.rows], until, today))


def _tally(rows: Sequence[TopicRow], until: str, today: date) -> Tally:
    return Tally(sum(row.is_done for row in rows), sum(row.is_due(today) for row in rows), len(rows), until)


def _until(year: int, last: int, whole: str, today: date) -> str:
    """Whether the denominator is a whole period or one still running."""
    return whole if (year, last) < (today.year, today.month) else "到今天为止"
