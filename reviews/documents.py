"""两审一把关审核表: what is printed and signed of one case."""

from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format

from accounts.models import Membership
from reviews.chain import STEP_HOLDER, Move, State
from reviews.models import ReturnPoint, ReviewCase, ReviewEntry, ReviewVersion
from reviews.presentation import history_of
from studygroup.lib.clock import local_date

SHOWN_ABOVE = ("类别", "撰稿人")


@dataclass(frozen=True)
class SheetStep:
    label: str
    holder: str
    entry: ReviewEntry | None


@dataclass(frozen=True)
class Sheet:
    author_title: str
    version: ReviewVersion | None
    facts: list[list[str]]
    steps: list[SheetStep]
    returns: list[ReviewEntry]
    points: list[tuple[ReturnPoint, str]]


def sheet_of(case: ReviewCase) -> Sheet:
    """The last round's verdicts, every return with its answers, and the version that was or would be approved."""
    history = history_of(case)
    version = case.versions.select_related("submitted_by").order_by("-number").first()
    passes = {e.from_state: e for e in history if e.move == Move.PASS and e.round == case.round}
    returns = [entry for entry in history if entry.move == Move.RETURN]
    return Sheet(
        author_title=_title_of(case, version),
        version=version,
        facts=_facts(version),
        steps=[SheetStep(str(State(s).label), STEP_HOLDER[State(s)], passes.get(s)) for s in case.steps],
        returns=returns,
        points=[(point, _answer(case, point, entry, returns)) for entry in returns for point in entry.points.all()],
    )


def _answer(case: ReviewCase, point: ReturnPoint, entry: ReviewEntry, returns: list[ReviewEntry]) -> str:
    """The author's answer, once it has been handed in."""
    return "" if case.state == State.RETURNED and entry is returns[-1] else point.answer


def _title_of(case: ReviewCase, version: ReviewVersion | None) -> str:
    """职务 on the day it was handed in."""
    day = local_date(version.submitted_at if version else case.state_since)
    place = Membership.objects.on(day).filter(group=case.owner_id, user=case.author_id).first()
    return place.title if place else ""


def _facts(version: ReviewVersion | None) -> list[list[str]]:
    blocks = version.content if version else []
    rows = [row for block in blocks if block["type"] == "facts" for row in block["rows"]]
    return [row for row in rows if row[0] not in SHOWN_ABOVE and row[1]]


def sheet_blocks(case: ReviewCase) -> list[dict[str, Any]]:
    """The sheet as a document's blocks: one table, as it is printed and signed."""
    sheet = sheet_of(case)
    version = sheet.version
    handed_in = date_format(timezone.localtime(version.submitted_at), "DATETIME_FORMAT") if version else "尚未提交"
    final = f"第{version.number}稿　校验码 {version.sha256[:16]}" if case.is_approved and version else ""
    rows = [
        ["标题", version.title if version else case.title],
        [case.author_label, case.author.name, "职务", sheet.author_title or "—"],
        ["用途、类别", case.kind_label, "提交时间", handed_in],
        *([label, value] for label, value in sheet.facts),
        *([f"{step.label}\n{step.holder}", verdict(step.entry)] for step in sheet.steps),
        ["退回次数", str(len(sheet.returns))],
        ["修改说明", "\n".join(f"{n}. {p.text}{_told(a)}" for n, (p, a) in enumerate(sheet.points, 1)) or "无"],
        ["定稿版本", final or f"尚未定稿（{case.get_state_display()}）"],
    ]
    return [{"type": "facts", "rows": rows}]


def verdict(entry: ReviewEntry | None) -> str:
    """What is written in the field of one step: opinion, signature and day, or the room for them."""
    if entry is None:
        return "\n\n签名：　　　　　　　　日期：　　　年　　月　　日"
    behalf = f"（受{entry.on_behalf_of.name}委托）" if entry.on_behalf_of else ""
    day = local_date(entry.at)
    signed = f"签名：{entry.by.name}{behalf}　　日期：{day.year}年{day.month}月{day.day}日"
    return f"{entry.comment or '通过'}\n\n{signed}"


def _told(answer: str) -> str:
    return f"——{answer}" if answer else ""
