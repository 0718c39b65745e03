"""Plans as they are sent out: the text in force, who approved it and when, and to whom it was reported."""

from typing import Any

from django.urls import reverse

from reviews.chain import Move, State
from reviews.models import ReviewCase, ReviewEntry, ReviewVersion
from sessions_app.documents import annual_plan_blocks, items_of, monthly_plan_blocks
from sessions_app.models import AnnualPlan, Filing, MonthlyPlan, PlanItem
from sessions_app.models.filing import FilingSubject
from sessions_app.models.plan import Plan
from sessions_app.paperwork.pen import Block, Gap, Written, day
from studygroup.lib.clock import local_date

WIDTHS = {
    "序号": 4.1,
    "次序": 4.1,
    "月份": 4.6,
    "时间": 6.8,
    "学习专题": 9.0,
    "主题": 9.0,
    "学习内容（篇目）": 11.0,
    "内容": 11.0,
    "研讨题目": 10.0,
    "领学人": 5.6,
    "重点发言人": 5.6,
    "是否补充": 4.2,
    "内容分类": 8.0,
    "备注": 4.1,
}
USUAL = 6.6
# Heads over narrow columns.
BROKEN = {"重点发言人": "重点\n发言人", "是否补充": "是否\n补充", "学习内容（篇目）": "学习内容\n（篇目）"}
UNAPPROVED = "尚未审定"


def annual_plan(plan: AnnualPlan) -> Written:
    written = Written(plan.title)
    version = plan.review.approved_version
    blocks = version.content if version else annual_plan_blocks(plan, items_of(plan))
    _lay_out(written, plan, version, blocks)
    if version:
        _filed(written, plan)
    return written


def monthly_plan(plan: MonthlyPlan) -> Written:
    written = Written(plan.title)
    version = plan.review.approved_version
    _lay_out(written, plan, version, version.content if version else monthly_plan_blocks(plan, items_of(plan)))
    return written


def _lay_out(written: Written, plan: Plan, version: ReviewVersion | None, blocks: list[Block]) -> None:
    """The frozen text, its table on a turned page, and below it who approved what."""
    if version:
        written.title = version.title
    else:
        written.blocks.append({"type": "note", "text": f"{UNAPPROVED}（{plan.review.get_state_display()}）"})
    body = blocks[1:] if blocks and blocks[0]["type"] == "facts" else blocks  # year and group stand in the title
    if all(block["type"] in ("table", "heading") for block in body[:2]):  # nothing but the table: all of it turned
        written.blocks.insert(0, {"type": "section", "landscape": True})
    for block in body:
        if block["type"] == "heading":
            written.section(block["text"])
        elif block["type"] == "table":
            _table(written, block["head"], block["rows"])
        else:
            written.blocks.append(block)
    _supplements(written, plan, version)
    _approved(written, plan.review, version)


def _table(written: Written, head: list[str], rows: list[list[str]]) -> None:
    heading = written.blocks.pop() if written.blocks and written.blocks[-1]["type"] == "heading" else None
    if not written.blocks or written.blocks[0] != {"type": "section", "landscape": True}:
        written.blocks.append({"type": "section", "landscape": True})
    if heading:
        written.blocks.append(heading)
    _write(written, head, rows)


def _write(written: Written, head: list[str], rows: list[list[str]]) -> None:
    widths = [WIDTHS.get(name, USUAL) for name in head]
    written.table([BROKEN.get(name, name) for name in head], rows, widths, size=10.5)


def _supplements(written: Written, plan: Plan, version: ReviewVersion | None) -> None:
    """What was added after the plan was handed in and has been approved by itself since."""
    if version is None:
        return
    items = PlanItem.objects.filter(review__state=State.APPROVED, review__approved_version__isnull=False)
    items = items.filter(**{"annual_plan" if isinstance(plan, AnnualPlan) else "monthly_plan": plan})
    added = [
        item
        for item in items.select_related("review").order_by("position", "pk")
        if item.review and item.review.entries.approvals().filter(at__gt=version.submitted_at).exists()
    ]
    if not added:
        return
    written.blocks.append({"type": "heading", "text": "补充学习"})
    head = ["序号", "时间", "主题", "内容", "领学人", "依据", "审定"]
    rows = [
        [
            str(number),
            item.date_text or f"{item.month}月",
            item.topic,
            item.content,
            item.lead_readers,
            item.basis,
            approval_of(item.review) if item.review else "",
        ]
        for number, item in enumerate(added, start=1)
    ]
    _write(written, head, rows)


def approval_of(case: ReviewCase, version: ReviewVersion | None = None) -> str:
    """×××（受×××委托） 2020年1月10日: the last step's pass of the version in force."""
    passed = ReviewEntry.objects.approvals().filter(case=case)
    if version:
        passed = passed.filter(subject_version=version)
    entry = passed.select_related("by", "on_behalf_of").order_by("-pk").first()
    if entry is None:
        return ""
    behalf = f"（受{entry.on_behalf_of.name}委托）" if entry.on_behalf_of else ""
    waits = "（待追认）" if entry.pk == case.pending_override_id else ""
    how = f"特批{waits}" if entry.move == Move.OVERRIDE else ""
    return f"{entry.by.name}{behalf}{how}　{day(local_date(entry.at))}"


def _approved(written: Written, case: ReviewCase, version: ReviewVersion | None) -> None:
    if version is None:
        written.blocks.append({"type": "note", "text": f"审定：{UNAPPROVED}"})
        return
    revised = "" if case.is_approved else "　（正在修订，新版本审定前以本计划为准）"
    said = approval_of(case, version)
    text = f"审定：{said}" if said else f"审定：第{version.number}稿已通过"
    written.blocks.append({"type": "note", "text": f"{text}{revised}"})


def _filed(written: Written, plan: AnnualPlan) -> None:
    filings = Filing.objects.filter(group=plan.group_id, year=plan.year, subject=FilingSubject.ANNUAL_PLAN)
    told = "；".join(f"{day(f.filed_on)}报{f.filed_to}" for f in filings.order_by("filed_on", "pk"))
    asked = f"group={plan.group_id}&subject={FilingSubject.ANNUAL_PLAN}&year={plan.year}"
    told = told or written.need("", Gap("报备情况", f"{reverse('filing_new')}?{asked}"))
    written.blocks.append({"type": "note", "text": f"报备：{told}"})


def plan_paper(plan: Any) -> Written:
    return annual_plan(plan) if isinstance(plan, AnnualPlan) else monthly_plan(plan)
