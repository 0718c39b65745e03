"""Plans as a reviewer reads them."""

from sessions_app.documents.blocks import Block
from sessions_app.models import AnnualPlan, MonthlyPlan, PlanItem
from sessions_app.models.plan import HEAD_TEXTS

ANNUAL_HEAD = ["序号", "月份", "学习专题", "学习内容（篇目）", "学习形式", "研讨题目"]
ANNUAL_HEAD += ["领学人", "重点发言人", "责任人", "参加范围", "内容分类", "备注"]
MONTHLY_HEAD = ["次序", "时间", "地点", "主题", "内容", "形式", "研讨题目"]
MONTHLY_HEAD += ["领学人", "重点发言人", "责任人", "是否补充", "依据", "备注"]


def items_of(plan: AnnualPlan | MonthlyPlan) -> list[PlanItem]:
    """The rows a plan consists of: its own, and supplements that were approved on their own way."""
    return list(plan.items.in_force().prefetch_related("kinds").order_by("position", "pk"))


def plan_blocks(plan: AnnualPlan | MonthlyPlan, items: list[PlanItem]) -> list[Block]:
    return annual_plan_blocks(plan, items) if isinstance(plan, AnnualPlan) else monthly_plan_blocks(plan, items)


def _kinds(item: PlanItem) -> str:
    return "、".join(kind.label for kind in item.kinds.all())


def classes_of(item: PlanItem) -> str:
    """内容类别、思想/业务、来源层级 in one cell; a plan has columns enough."""
    found = (item.get_content_class_display(), item.get_strand_display(), item.get_source_level_display())
    return "、".join(filter(None, found))


def _naming(items: list[PlanItem], column: str) -> Block:
    return {"ids": [item.pk for item in items], "name": column}


def annual_plan_blocks(plan: AnnualPlan, items: list[PlanItem]) -> list[Block]:
    blocks: list[Block] = [{"type": "facts", "rows": [["年度", f"{plan.year}年"], ["学习组", plan.group.name]]}]
    for name in HEAD_TEXTS:
        if text := getattr(plan, name).strip():
            blocks.append({"type": "heading", "text": str(AnnualPlan._meta.get_field(name).verbose_name)})
            blocks += [{"type": "paragraph", "text": line} for line in text.splitlines() if line.strip()]
    rows = [
        [
            str(number),
            f"{item.month}月",
            item.topic,
            item.content,
            _kinds(item),
            item.question,
            item.lead_readers,
            item.key_speakers,
            item.responsible,
            item.scope,
            classes_of(item),
            item.remark,
        ]
        for number, item in enumerate(items, start=1)
    ]
    blocks.append({"type": "heading", "text": "学习安排"})
    blocks.append({"type": "table", "head": ANNUAL_HEAD, "rows": rows, **_naming(items, "学习专题")})
    return blocks


def monthly_plan_blocks(plan: MonthlyPlan, items: list[PlanItem]) -> list[Block]:
    rows = [
        [
            str(number),
            item.date_text,
            item.place,
            item.topic,
            item.content,
            _kinds(item),
            item.question,
            item.lead_readers,
            item.key_speakers,
            item.responsible,
            "是" if item.is_supplement else "",
            item.basis,
            item.remark,
        ]
        for number, item in enumerate(items, start=1)
    ]
    return [
        {"type": "facts", "rows": [["月份", f"{plan.year}年{plan.month}月"], ["学习组", plan.group.name]]},
        {"type": "table", "head": MONTHLY_HEAD, "rows": rows, **_naming(items, "主题")},
    ]


def supplement_blocks(item: PlanItem) -> list[Block]:
    """A supplement to a month already handed in, as the 组长 reads it."""
    plan = item.plan
    names = ("lead_readers", "key_speakers", "question", "responsible", "scope", "remark")
    rows = [
        ["学习组", plan.group.name],
        ["补充到", f"{plan.year}年{item.month}月学习安排"],
        ["学习专题", item.topic],
        ["补充依据", item.basis],
        ["时间", item.date_text],
        ["地点", item.place],
        ["学习形式", _kinds(item)],
        ["内容分类", classes_of(item)],
        *([str(PlanItem._meta.get_field(name).verbose_name), getattr(item, name)] for name in names),
    ]
    blocks: list[Block] = [{"type": "facts", "rows": rows}]
    if item.content.strip():
        blocks.append({"type": "heading", "text": "学习内容（篇目）"})
        blocks += [{"type": "paragraph", "text": line} for line in item.content.splitlines() if line.strip()]
    return blocks
