"""两审一把关审核表: what is printed and signed of one case."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format

from accounts.models import Delegation, Membership
from accounts.permissions import DELEGABLE, Role
from reviews.chain import RETURNS, STEP_HOLDER, STEP_PERMISSION, Move, State
from reviews.models import ReturnPoint, ReviewCase, ReviewEntry, ReviewVersion
from reviews.presentation import history_of
from studygroup.lib.clock import local_date

SHEET_TITLE = "“两审一把关”审核表"
OWN_ROWS = ("类别", "撰稿人", "用途", "专题", "字数")  # facts that have a place of their own on the sheet
LEFT_OUT = "特批通过，没有经过这一环节。"
SHORT = 12  # characters: two facts of this length share a line


@dataclass(frozen=True)
class SheetStep:
    label: str
    holder: str
    entry: ReviewEntry | None
    left_out: str = ""  # the sentence, when a 特批 has left this step out


@dataclass(frozen=True)
class Sheet:
    """`head` and `tail` are rows above and below the steps: label and value, or two of both."""

    version: ReviewVersion | None
    head: list[list[str]]
    steps: list[SheetStep]
    tail: list[list[str]]


def sheet_of(case: ReviewCase) -> Sheet:
    """The last round's verdicts, every return with its answers, and the version that was or would be approved."""
    history = history_of(case)
    version = case.versions.select_related("submitted_by").order_by("-number").first()
    passes, override = passes_of(case, history), override_of(case, history)
    return Sheet(
        version=version,
        head=_head(case, version),
        steps=[
            SheetStep(
                str(State(s).label),
                STEP_HOLDER[State(s)],
                passes.get(s),
                LEFT_OUT if override and s not in passes else "",
            )
            for s in case.steps
        ],
        tail=_tail(case, version, history),
    )


def _head(case: ReviewCase, version: ReviewVersion | None) -> list[list[str]]:
    facts = facts_of(version)
    others = [[label, value] for label, value in facts.items() if label not in OWN_ROWS and value]
    handed_in = ["提交时间", _handed_in(case, version)]
    kind = ["类别", case.kind_name]
    is_paper = "字数" in facts
    return [
        ["标题", version.title if version else case.title],
        [case.author_label, case.author.name, "职务", _title_of(case, version) or "—"],
        [*kind, "用途", facts.get("用途") or "—"] if is_paper else kind,
        *([["主题", facts["专题"]]] if facts.get("专题") else []),
        [*handed_in, "字数", facts["字数"]] if is_paper else handed_in,
        *_paired(others),
    ]


def facts_of(version: ReviewVersion | None) -> dict[str, str]:
    """What a version says of itself: label → value."""
    blocks = version.content if version else []
    return {label: value for block in blocks if block["type"] == "facts" for label, value in block["rows"]}


def _paired(rows: list[list[str]]) -> list[list[str]]:
    made: list[list[str]] = []
    for row in rows:
        if made and len(made[-1]) == 2 and len(made[-1][1]) <= SHORT and len(row[1]) <= SHORT:
            made[-1] = [*made[-1], *row]
        else:
            made.append(row)
    return made


def _handed_in(case: ReviewCase, version: ReviewVersion | None) -> str:
    if version is None:
        return "尚未提交"
    moment = date_format(timezone.localtime(version.submitted_at), "DATETIME_FORMAT")
    return moment if version.submitted_by_id == case.author_id else f"{moment}（{version.submitted_by.name}提交）"


def _tail(case: ReviewCase, version: ReviewVersion | None, history: list[ReviewEntry]) -> list[list[str]]:
    """Returns, answers and the version approved. Whatever else a sheet has to say stands before the last row."""
    returns = [entry for entry in history if entry.move in RETURNS and not entry.is_undone]
    times = "；".join(map(_returned, returns))
    final = f"第{version.number}稿　校验码 {version.sha256[:16]}" if case.is_approved and version else ""
    return [
        ["退回次数", f"{len(returns)}（{times}）" if returns else "0"],
        *special_rows(case, history),
        ["修改说明", "\n".join(told_points(case, returns)) or "无"],
        ["定稿版本", final or f"尚未定稿（{case.get_state_display()}）"],
    ]


def told_points(case: ReviewCase, returns: list[ReviewEntry]) -> list[str]:
    """Every point of the case's returns, numbered through, with the answer that was handed in."""
    points = [(point, _answer(case, point, entry, returns)) for entry in returns for point in entry.points.all()]
    return [f"{number}. {point.text}{_told(answer)}" for number, (point, answer) in enumerate(points, 1)]


def _returned(entry: ReviewEntry) -> str:
    day, behalf = local_date(entry.at), f"受{entry.on_behalf_of.name}委托" if entry.on_behalf_of else ""
    if entry.move == Move.REFUSE_RATIFICATION:
        return f"{day.month}月{day.day}日{entry.by.name}不予追认，退回"
    return f"{day.month}月{day.day}日{entry.get_from_state_display()}由{entry.by.name}{behalf}退回"


def override_of(case: ReviewCase, history: Sequence[ReviewEntry]) -> ReviewEntry | None:
    """The 特批 by which the last round was approved, unless it was taken back."""
    found = (e for e in history if e.move == Move.OVERRIDE and e.round == case.round and not e.is_undone)
    return next(found, None)


def special_rows(case: ReviewCase, history: list[ReviewEntry]) -> list[list[str]]:
    """特批 with its reason and 追认, and by which delegations others have acted; nothing for the plain way."""
    rows, override = [], override_of(case, history)
    if override:
        ratified = next((e for e in history if e.move == Move.RATIFY and e.pk > override.pk), None)
        rows.append(["特批", verdict(override)])
        rows.append(["追认", verdict(ratified) if ratified else f"待追认{verdict(None)}"])
    if lines := _delegations(case, history):
        rows.append(["委托", "\n".join(lines)])
    return rows


def _delegations(case: ReviewCase, history: list[ReviewEntry]) -> list[str]:
    """“李四受张三委托办理复审（外出学习，6月1日至6月9日）” for the verdicts of the last round. One that was taken back
    on its first day is gone: then only the names are told."""
    judged = (e for e in history if e.move in (Move.PASS, Move.RETURN) and e.round == case.round and not e.is_undone)
    acted = [e for e in judged if e.on_behalf_of]
    if not acted:
        return []
    given = list(Delegation.objects.filter(group=case.group_id, delegate__in={e.by_id for e in acted}))
    lines = [f"{e.by.name}受{e.on_behalf_of.name}委托办理{e.get_from_state_display()}{_why(e, given)}" for e in acted]
    return list(dict.fromkeys(lines))


def _why(entry: ReviewEntry, given: Sequence[Delegation]) -> str:
    day, permission = local_date(entry.at), STEP_PERMISSION[State(entry.from_state)]
    for row in given:
        pair = (row.principal_id, row.delegate_id) == (entry.on_behalf_of_id, entry.by_id)
        if pair and permission in DELEGABLE[Role(row.role)] and row.starts_on <= day <= row.ends_on:
            first, last = row.starts_on, row.ends_on
            overdue = "，逾期接办" if row.only_overdue else ""
            return f"（{row.reason}，{first.month}月{first.day}日至{last.month}月{last.day}日{overdue}）"
    return ""


def passes_of(case: ReviewCase, history: Sequence[ReviewEntry]) -> dict[str, ReviewEntry]:
    """Step → the pass of it in the last round that was not taken back."""
    standing = (entry for entry in history if entry.round == case.round and not entry.is_undone)
    return {entry.from_state: entry for entry in standing if entry.move == Move.PASS}


def _answer(case: ReviewCase, point: ReturnPoint, entry: ReviewEntry, returns: list[ReviewEntry]) -> str:
    """The author's answer, once it has been handed in."""
    return "" if case.state == State.RETURNED and entry is returns[-1] else point.answer


def _title_of(case: ReviewCase, version: ReviewVersion | None) -> str:
    """职务 on the day it was handed in."""
    day = local_date(version.submitted_at if version else case.state_since)
    place = Membership.objects.on(day).filter(group=case.owner_id, user=case.author_id).first()
    return place.title if place else ""


def sheet_blocks(case: ReviewCase) -> list[dict[str, Any]]:
    """The sheet as a document's blocks: one table, as it is printed and signed."""
    sheet = sheet_of(case)
    steps = [[f"{step.label}\n{step.holder}", step_words(step)] for step in sheet.steps]
    rows = [*sheet.head, *steps, *sheet.tail]
    return [{"type": "facts", "rows": rows, "signed": [label for label, _ in steps], "height": 8.5}]


def step_words(step: SheetStep) -> str:
    return step.left_out or verdict(step.entry)


def verdict(entry: ReviewEntry | None) -> str:
    """What is written in the field of one step: opinion, signature and day, or the room for them."""
    if entry is None:
        return "\n\n签名：　　　　　　　　日期：　　　年　　月　　日"
    behalf = f"（受{entry.on_behalf_of.name}委托）" if entry.on_behalf_of else ""
    day = local_date(entry.at)
    name = f"签名：{entry.by.name}{behalf}　　日期：{day.year}年{day.month}月{day.day}日"
    return f"{entry.comment or '通过'}\n\n{name}"


def signed(entry: ReviewEntry | None) -> str:
    """“同意。　张三（受李四委托）　2020年6月3日”, or "" for a step still open."""
    if entry is None:
        return ""
    behalf = f"（受{entry.on_behalf_of.name}委托）" if entry.on_behalf_of else ""
    day = date_format(timezone.localtime(entry.at), "Y年n月j日")
    return f"{entry.comment or '通过'}　{entry.by.name}{behalf}　{day}"


def _told(answer: str) -> str:
    return f"——{answer}" if answer else ""
