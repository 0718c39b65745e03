"""Plans as a reviewer reads them."""

from sessions_app.documents.blocks import Block
from sessions_app.models import AnnualPlan, MonthlyPlan, PlanItem

ANNUAL_HEAD = ["序号", "月份", "学习专题", "学习内容（篇目）", "学习形式", "研讨题目"]
ANNUAL_HEAD += ["领学人", "重点发言人", "责任人", "参加范围", "备注"]
MONTHLY_HEAD = ["次序", "时间", "地点", "主题", "内容", "形式"]
MONTHLY_HEAD += ["领学人", "重点发言人", "责任人", "是否补充", "依据", "备注"]


def items_of(plan: AnnualPlan | MonthlyPlan) -> list[PlanItem]:
    return list(plan.items.prefetch_related("kinds").order_by("position", "pk"))


def _kinds(item: PlanItem) -> str:
    return "、".join(kind.label for kind in item.kinds.all())


def annual_plan_blocks(plan: AnnualPlan, items: list[PlanItem]) -> list[Block]:
    blocks: list[Block] = [{"type": "facts", "rows": [["年度", f"{plan.year}年"], ["学习组", plan.group.name]]}]
    for name in ("guiding_thought", "aims", "requirements", "reading_list", "questions"):
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
            item.remark,
        ]
        for number, item in enumerate(items, start=1)
    ]
    blocks.append({"type": "heading", "text": "学习安排"})
    blocks.append({"type": "table", "head": ANNUAL_HEAD, "rows": rows})
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
        {"type": "table", "head": MONTHLY_HEAD, "rows": rows},
    ]
