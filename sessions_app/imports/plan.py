"""计划表 from a sheet: the year's plan or a month's, appended to the draft or put in its place."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.urls import reverse

from accounts.models import StudyGroup, User
from accounts.permissions import Permission
from accounts.sheets.description import (
    CHANGED,
    NEW,
    SAME,
    Description,
    Field,
    Option,
    Problem,
    SheetRow,
    Wrong,
    long,
    short,
)
from accounts.sheets.parsers import Names, day_of, flat, hours_of, labelled, month_of, names_in
from accounts.sheets.trace import Trace
from sessions_app.actions.plan import ItemRow, create_annual_plan, create_monthly_plan, save_plan
from sessions_app.imports.kinds import kinds_of
from sessions_app.models import AnnualPlan, MonthlyPlan, PlanItem, SessionKind, StudySession
from sessions_app.models.plan import MONTHS, MOST_ITEMS, YEAR_RANGE, ContentClass, SourceLevel, Strand
from studygroup.lib.errors import Refused
from studygroup.lib.tables import key_of

APPEND, REPLACE = "append", "replace"
# “3月上旬”, “一季度”, “3月5日”: what the number of the month does not say is kept as 时间.
MORE_THAN_A_MONTH = re.compile(r"[旬底初中末季半、,至~—日号]|月.*\d|-\d\d-(?!01)")
BASIS_MISSING = "补充学习请写明依据，例如会议、讲话或文件名称。"


@dataclass
class KnownPlan:
    """The plan as it stands, or the rows a new month's plan would be given from the year's."""

    group: StudyGroup
    year: int
    month: int | None
    replaces: bool
    plan: AnnualPlan | MonthlyPlan | None
    items: list[PlanItem]
    kinds: Names[SessionKind]
    used: set[int]


def _month(text: str, known: KnownPlan) -> Any:
    return month_of(text)


def _people(text: str, known: Any) -> Any:
    """Names in one line; what is a unit or a sentence stays as it is."""
    named = names_in(text)
    joined = "、".join(f"{one.name}（{one.note}）" if one.note else one.name for one in named)
    if len(joined) > 200:
        raise Wrong(f"最多 200 个字，现在有 {len(joined)} 个。")
    return joined


def _in_one_line(text: str, known: Any) -> str:
    joined = "、".join(line.strip(" 、，,") for line in text.split("\n") if line.strip())
    if len(joined) > 200:
        raise Wrong(f"最多 200 个字，现在有 {len(joined)} 个。")
    return joined


def _when(text: str, known: Any) -> str:
    """A spreadsheet's own date becomes “3月5日 14:30”; words stay words."""
    said = flat(text)
    if said[:4].isdigit() and "-" in said:
        day = day_of(said)
        hour = next(iter(hours_of(said)), None)
        return f"{day.month}月{day.day}日" + (f" {hour:%H:%M}" if hour else "")
    return short(60)(text, known)


def _yes(text: str, known: Any) -> bool:
    said = flat(text)
    if said in {"是", "√", "✓", "✔", "补充", "补"}:
        return True
    if said in {"否", "×", "无", "-", "—"}:
        return False
    raise Wrong("补充学习填“是”，其他的留空。")


TOPIC = ("专题", "主题", "学习主题", "学习专题名称", "学习题目", "理论专题", "中心内容", "学习重点", "专题名称", "课题")
CONTENT = ("学习篇目", "内容", "篇目", "具体内容", "主要内容", "学习材料", "学习资料", "学习篇目及内容", "内容安排")
LEADERS = ("领学", "主讲人", "主讲", "领读人", "领学领导", "牵头领导", "辅导人")
SPEAKERS = ("重点发言", "发言人", "中心发言人", "中心发言", "重点发言人员", "研讨发言人", "交流发言人", "发言")
RESPONSIBLE = (
    "责任单位",
    "责任人",
    "牵头",
    "牵头单位",
    "牵头部门",
    "责任部门",
    "负责人",
    "承办单位",
    "责任领导",
    "落实单位",
)
SCOPE = ("参加人员", "参学人员", "参加对象", "参学范围", "范围", "学习对象", "参会人员", "参加单位")
KINDS = ("形式", "学习方式", "方式", "组织形式", "活动形式", "学习类型")
WHEN = ("学习时间", "日期", "具体时间", "时间安排", "完成时间", "学习日期")

MONTH = Field(
    "month",
    "月份",
    ("月", "季度", "月份季度", "时间", "学习时间", "时间安排", "学习月份", "月度", "日期", "完成时间"),
    _month,
    True,
    True,
)
COMMON = (
    Field("topic", "学习专题", TOPIC, short(200), example="学习贯彻党的十九届四中全会精神"),
    Field("content", "学习内容（篇目）", CONTENT, long(4000), joins="\n", example="《中共中央关于坚持和完善……的决定》"),
    Field("kinds", "学习形式", KINDS, lambda text, known: kinds_of(text, known.kinds), example="集中学习、专题研讨"),
    Field("question", "研讨题目", ("研讨主题", "研讨专题", "思考题", "交流题目", "研讨内容"), short(300)),
    Field("lead_readers", "领学人", LEADERS, _people, joins="、", example="张三"),
    Field("key_speakers", "重点发言人", SPEAKERS, _people, joins="、", example="李四、王五"),
    Field("responsible", "责任单位、责任人", RESPONSIBLE, _in_one_line, joins="、", example="党政办"),
    Field("scope", "参加范围", SCOPE, _in_one_line, joins="、"),
)
CLASSES = (
    Field("content_class", "内容类别", ("类别", "内容分类", "学习类别"), labelled(ContentClass.choices)),
    Field("strand", "思想/业务", ("内容属性", "理论类别"), labelled(Strand.choices)),
    Field("source_level", "来源层级", ("来源", "层级", "文件层级"), labelled(SourceLevel.choices)),
)
REMARK = Field("remark", "备注", ("说明", "备注说明"), short(300), joins="；")


class PlanImport(Description):
    slug = "plan"
    label = "学习计划"
    position = 2
    permission = Permission.EDIT_PLANS
    note = "年度学习计划表或某个月的安排。表头、合并的月份、两行表头都能认；没有计划的会先建立草稿，不会直接送审。"
    ignored = {"序号": "序号按表中次序自动编排", "编号": "序号按表中次序自动编排", "次序": "序号按表中次序自动编排"}

    def options(self, today: date) -> Sequence[Option]:
        return (
            Option("year", "年度", initial=str(today.year), required=True, is_number=True),
            Option("month", "月份", (("", "全年的计划"), *((str(number), label) for number, label in MONTHS))),
            Option(
                "mode",
                "已有计划时",
                ((APPEND, "接在后面，同一专题则更新"), (REPLACE, "用这张表替换草稿里的全部专题")),
                APPEND,
            ),
        )

    def fields(self, options: Mapping[str, Any]) -> Sequence[Field]:
        if options.get("month"):
            place = Field("place", "地点", ("学习地点", "会议地点"), short(100))
            supplement = Field("is_supplement", "补充", ("是否补充", "补充学习"), _yes)
            basis = Field("basis", "补充依据", ("依据",), short(300))
            when = Field("date_text", "时间", WHEN, _when, example="3月5日下午")
            month = Field("month", "月份", ("月", "学习月份"), _month, False, True)
            return (month, when, place, *COMMON, supplement, basis, *CLASSES, REMARK)
        return (MONTH, *COMMON, *CLASSES, REMARK)

    def load(self, group: StudyGroup, options: Mapping[str, Any]) -> KnownPlan:
        year, month = _year_and_month(options)
        plan: Any
        if month:
            plan = MonthlyPlan.objects.filter(group=group, year=year, month=month).select_related("review").first()
            drawn = PlanItem.objects.kept().filter(annual_plan__group=group, annual_plan__year=year, month=month)
        else:
            plan = AnnualPlan.objects.filter(group=group, year=year).select_related("review").first()
            drawn = PlanItem.objects.none()
        own = plan.items.kept().filter(review=None) if plan else drawn  # other supplements are not the table's
        items = list(own.prefetch_related("kinds").order_by("position", "pk"))
        ids = [item.pk for item in items] if plan else []
        used: set[Any] = set(StudySession.objects.filter(plan_item__in=ids).values_list("plan_item", flat=True))
        used |= set(PlanItem.objects.filter(drawn_from__in=ids).values_list("drawn_from", flat=True))
        kinds = Names((kind.label, kind) for kind in SessionKind.objects.all())
        return KnownPlan(group, year, month, options.get("mode") == REPLACE, plan, items, kinds, used)

    def missing_columns(self, mapped: set[str]) -> list[str]:
        return [] if mapped & {"topic", "content"} else ["学习专题"]

    def band(self, text: str) -> Mapping[str, str]:
        try:
            month_of(text)
        except Wrong:
            return {}
        return {"month": text}

    def check(self, known: KnownPlan, rows: Sequence[SheetRow], headings: Mapping[str, str]) -> list[Problem]:
        if known.plan and not known.plan.review.is_editable:
            why = "这份计划正在审核或已经审定，不能导入。请先撤回；已审定的，先在计划页上点“修订”。"
            return [Problem("error", why)]
        for row in rows:
            self._complete(row, known)
        _match(known, rows)
        total = len(rows) if known.replaces else len(known.items) + sum(row.state == NEW for row in rows)
        problems = (
            [Problem("error", f"导入后共有 {total} 个专题，一份计划最多 {MOST_ITEMS} 个。")]
            if total > MOST_ITEMS
            else []
        )
        if known.replaces:
            kept = {row.target.pk for row in rows if row.target is not None}
            lost = [item.topic for item in known.items if known.plan and item.pk in known.used - kept]
            if lost:
                told = f"“{lost[0]}”等 {len(lost)} 个专题已有学习活动或月度安排，不能替换掉。请选“接在后面”。"
                problems.append(Problem("error", told))
            elif gone := [item.topic for item in known.items if item.pk not in kept]:
                names = "、".join(f"“{topic}”" for topic in gone[:10]) + ("等" if len(gone) > 10 else "")
                problems.append(Problem("warning", f"草稿里的 {len(gone)} 个专题将去掉：{names}。"))
        return problems

    def _complete(self, row: SheetRow, known: KnownPlan) -> None:
        """The topic may stand in the first line of 学习内容; a month's rows belong to that month."""
        if not row.value("topic"):
            first = next((line.strip() for line in row.value("content").split("\n") if line.strip()), "")
            if not first:
                row.blame("topic" if "topic" in row.cells else "content", "error", "请填写学习专题。")
            row.facts["topic"] = first[:200]
            if first and "topic" in row.cells:
                row.blame("topic", "warning", "没有写专题，用学习内容的第一行作专题。")
        else:
            row.facts["topic"] = row.value("topic")
        month = row.value("month", known.month)
        if known.month and month and month != known.month:
            row.blame("month", "error", f"这一行是 {month} 月的，本次导入 {known.month} 月的安排。")
        if known.month is None and not month and "month" not in row.cells:
            row.blame("topic", "error", "看不出是几月。请在“列的对应”里指明月份一列。")
        row.facts["month"] = known.month or month
        if row.value("is_supplement") and not row.value("basis"):
            row.blame("basis" if "basis" in row.cells else "is_supplement", "error", BASIS_MISSING)

    def write(self, known: KnownPlan, rows: Sequence[SheetRow], *, trace: Trace, by: User, at: datetime) -> None:
        plan: Any = known.plan
        if plan is None:
            plan = _create(known, by, at)
            known.items = list(plan.items.prefetch_related("kinds").order_by("position", "pk"))
            _match(known, rows)
            trace.made(plan.review, plan)
            trace.made(*known.items)
        else:
            trace.before(plan, *plan.items.all())
        before = set(plan.items.values_list("pk", flat=True))
        save_plan(plan=plan, seen_version=plan.version, head={}, rows=_item_rows(known, rows), by=by, at=at)
        trace.made(*(item for item in plan.items.kept() if item.pk not in before))

    def result_address(self, group: StudyGroup, options: Mapping[str, Any]) -> str:
        year, month = _year_and_month(options)
        if month:
            plans = MonthlyPlan.objects.filter(group=group, year=year, month=month)
            if plan := plans.values_list("pk", flat=True).first():
                return reverse("monthly_plan_detail", args=[plan])
        return f"{reverse('plan_list')}?group={group.pk}&year={year}"


def _year_and_month(options: Mapping[str, Any]) -> tuple[int, int | None]:
    year = int(options.get("year") or 0)
    if not YEAR_RANGE[0] <= year <= YEAR_RANGE[1]:
        raise Refused(f"年度应在 {YEAR_RANGE[0]} 到 {YEAR_RANGE[1]} 之间。")
    return year, int(options["month"]) if options.get("month") else None


def _create(known: KnownPlan, by: User, at: datetime) -> AnnualPlan | MonthlyPlan:
    if known.month:
        return create_monthly_plan(group=known.group, year=known.year, month=known.month, by=by, at=at)
    return create_annual_plan(group=known.group, year=known.year, by=by, at=at)


def _match(known: KnownPlan, rows: Sequence[SheetRow]) -> None:
    """The same topic in the same month is the same row of the plan."""
    free = {}
    for item in reversed(known.items):
        free[item.month, key_of(item.topic)] = item
    seen: dict[Any, SheetRow] = {}
    for row in rows:
        key = (row.facts["month"], key_of(row.facts["topic"]))
        if key in seen:
            row.blame("topic" if "topic" in row.cells else "content", "warning", f"与第 {seen[key].name}是同一专题。")
        seen.setdefault(key, row)
        row.target = free.pop(key, None)
        row.state = NEW if row.target is None else CHANGED if _differs(row) else SAME


def _differs(row: SheetRow) -> bool:
    """Only what the sheet says can change a stored row; blank cells leave it alone."""
    found = False
    for name, cell in row.cells.items():
        if cell.value in (None, "", []) or name in ("month", "topic"):
            continue
        if name == "kinds":
            before = list(row.target.kinds.all())
            same = {kind.pk for kind in before} == {kind.pk for kind in cell.value.kinds}
            was = "、".join(kind.label for kind in before)
        else:
            was = getattr(row.target, name)
            same = was == cell.value
        cell.was = "" if same else str(was or "（空）")
        found = found or not same
    return found


def _item_rows(known: KnownPlan, rows: Sequence[SheetRow]) -> list[ItemRow]:
    """The plan's whole table as it shall be, month by month."""
    told = {row.target.pk: row for row in rows if row.target is not None}
    if known.replaces:
        table = [_item_row(row, row.target) for row in rows]
    else:  # updated rows stay where they stand
        table = [_item_row(told[item.pk], item) if item.pk in told else _as_it_is(item) for item in known.items]
        table += [_item_row(row, None) for row in rows if row.target is None]
    return sorted(table, key=lambda row: row.values["month"])


def _as_it_is(item: PlanItem) -> ItemRow:
    return ItemRow(item.pk, {"month": item.month}, list(item.kinds.all()))


def _item_row(row: SheetRow, item: PlanItem | None) -> ItemRow:
    values: dict[str, Any] = {"month": row.facts["month"], "topic": row.facts["topic"]}
    kinds = list(item.kinds.all()) if item else []
    for name, cell in row.cells.items():
        if cell.value in (None, "", []) or name in ("month", "topic"):
            continue
        if name == "kinds":
            kinds = cell.value.kinds or kinds
            if cell.value.unknown:
                values["remark"] = _with_note(row.value("remark"), "、".join(cell.value.unknown))
        elif name not in values:
            values[name] = cell.value
    if MORE_THAN_A_MONTH.search(when := flat(row.cells["month"].text if "month" in row.cells else "")):
        values.setdefault("date_text", _when(when[:60], None))
    return ItemRow(item.pk if item else None, values, kinds)


def _with_note(remark: str, kinds: str) -> str:
    return "；".join(filter(None, [remark, f"学习形式：{kinds}"]))[:300]
