"""Lectures as a reviewer reads them, and 前置审批表: the form that is printed, signed and filed."""

import re
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from accounts.models import User
from accounts.permissions import Permission
from reviews.chain import APPROVALS, Move, State
from reviews.documents import passes_of, sheet_of, signed, special_rows, step_words
from reviews.models import ReviewCase, ReviewEntry, ReviewVersion
from reviews.presentation import history_of
from sessions_app.documents.blocks import Block
from sessions_app.models import Lecture, LectureFile
from sessions_app.models.lecture import LeadDays, LectureFilePurpose

WARNING, CHANGE = "▲ 注意", "▲ 变更"
NOT_TO_BE_HELD = "变更未批准，不能举办"
NOT_MATERIAL = ("类别", "规模", "所在单位意见")  # labels of what may be changed after approval
HANDED_IN = {
    "category": "类别",
    "topic": "主题",
    "place": "地点",
    "lecturer_name": "主讲人",
    "lecturer_political_status": "政治面貌",
    "lecturer_qualification": "资质说明",
    "own_unit_opinion": "所在单位意见",
}
SAME, DIFFERENT, NOTHING = "与批准的讲稿一致", "与批准的讲稿不一致", "没有批准的文件可以比对（批准的是文字提纲）"


def standing_of(lecture: Lecture) -> tuple[str, str]:
    """State of an application as a badge says it: text and tone."""
    case = lecture.review
    if case.is_approved:
        return ("特批，待追认", "wait") if case.awaits_ratification else ("已批准", "good")
    if lecture.is_change_pending:
        return "变更未批准", "bad"
    if case.is_waiting:
        return "审批中", "wait"
    return ("已退回", "bad") if case.state == State.RETURNED else ("草稿", "off")


def as_handed_in(lectures: Iterable[Lecture], user: User) -> None:
    """Whoever reads no drafts of the organiser sees an application under change as it was handed in last. The rows are
    never to be saved."""
    drafts = user.authority.groups_with(Permission.READ_DRAFTS)
    held_back = {one.review_id: one for one in lectures if one.review.is_editable and one.organizer_id not in drafts}
    for version in ReviewVersion.objects.filter(case__in=held_back).order_by("number") if held_back else ():
        lecture, known = held_back[version.case_id], _rows(version.content)
        lecture.title, lecture.outline = version.title, "\n".join(_texts(version.content))
        for name, label in HANDED_IN.items():
            setattr(lecture, name, known.get(label, ""))
        lecture.lecturer_unit = lecture.lecturer_title = ""  # behind the name in what was handed in
        lecture.involves_foreign = known.get("涉外") == "是"
        lecture.audience = int(known.get("规模", "").removesuffix("人") or 0)
        year, month, day, hour, minute = (int(number) for number in re.findall(r"\d+", known["时间"])[:5])
        lecture.starts_at = timezone.make_aware(datetime(year, month, day, hour, minute))


# -- what is frozen ----------------------------------------------------------


def lecture_blocks(
    lecture: Lecture, files: Iterable[LectureFile], at: datetime, approved: ReviewVersion | None = None
) -> list[Block]:
    """What the reviewers read. An application too late, or after the event, says so, and one changed since it was
    `approved` says in what."""
    blocks = _body(lecture, files)
    rows = blocks[0]["rows"]
    if approved:
        found = [*_renamed(lecture, approved), *differences(approved.content, blocks)]
        rows.insert(0, [CHANGE, "；".join(found) or "与原批准的内容相同"])
    late = LeadDays([lecture.review.group_id]).lateness(lecture, at)
    if lecture.starts_at <= at:
        rows.insert(0, [WARNING, "举办时间早于提交时间，属事后补报，请说明原因并从严把关。"])
    elif late:
        rows.insert(0, [WARNING, f"{late}。不影响受理，请抓紧审核。"])
    return blocks


def _body(lecture: Lecture, files: Iterable[LectureFile]) -> list[Block]:
    blocks: list[Block] = [{"type": "facts", "rows": _facts(lecture)}]
    if lecture.outline.strip():
        blocks.append({"type": "heading", "text": "讲授提纲"})
        blocks += [{"type": "paragraph", "text": line} for line in lecture.outline.splitlines() if line.strip()]
    return blocks + [_file_block(file) for file in files]


def _renamed(lecture: Lecture, approved: ReviewVersion) -> list[str]:
    return [] if approved.title == lecture.title else [f"名称由“{approved.title}”改为“{lecture.title}”"]


def changed_since(lecture: Lecture, files: Iterable[LectureFile], approved: ReviewVersion) -> list[str]:
    """What of that which the approval was about is no longer as approved."""
    found = differences(approved.content, _body(lecture, files), but=NOT_MATERIAL)
    return [*_renamed(lecture, approved), *found]


def differences(before: Sequence[Block], now: Sequence[Block], but: Collection[str] = ()) -> list[str]:
    """In what an application differs from the version approved: each fact with both values, outline, files."""
    old, new = _rows(before), _rows(now)
    found = [
        f"{label}由“{old.get(label) or '空'}”改为“{value or '空'}”"
        for label, value in new.items()
        if old.get(label) != value and label not in but
    ]
    if _texts(before) != _texts(now):
        found.append("讲授提纲有改动")
    if added := _names(now, but=before):
        found.append(f"增加附件{added}")
    if gone := _names(before, but=now):
        found.append(f"移除附件{gone}")
    return found


def _rows(blocks: Sequence[Block]) -> dict[str, str]:
    rows = [row for block in blocks if block["type"] == "facts" for row in block["rows"]]
    return {label: value for label, value in rows if label not in (WARNING, CHANGE)}


def _texts(blocks: Sequence[Block]) -> list[str]:
    return [block["text"] for block in blocks if block["type"] == "paragraph"]


def _names(blocks: Sequence[Block], but: Sequence[Block]) -> str:
    known = {block["sha256"] for block in but if block["type"] == "file"}
    files = [block for block in blocks if block["type"] == "file" and block["sha256"] not in known]
    return "、".join(f"“{block['name']}”" for block in files)


def _facts(lecture: Lecture) -> list[list[str]]:
    starts = timezone.localtime(lecture.starts_at)
    lecturer = "　".join(filter(None, [lecture.lecturer_name, lecture.lecturer_unit, lecture.lecturer_title]))
    return [
        ["主办", lecture.organizer.name],
        ["类别", lecture.category],
        ["主题", lecture.topic],
        ["时间", date_format(starts, "DATETIME_FORMAT")],
        ["地点", lecture.place],
        ["规模", f"{lecture.audience}人" if lecture.audience else ""],
        ["主讲人", lecturer],
        ["政治面貌", lecture.lecturer_political_status],
        ["资质说明", lecture.lecturer_qualification],
        ["所在单位意见", lecture.own_unit_opinion],
        ["涉外", "是" if lecture.involves_foreign else "否"],
    ]


def _file_block(file: LectureFile) -> Block:
    return {
        "type": "file",
        "name": file.name,
        "size": file.size,
        "sha256": file.sha256,
        "href": reverse("lecture_file", args=[file.pk]),
        "purpose": file.get_purpose_display(),
    }


def without_qualification_links(blocks: Sequence[Block]) -> list[Block]:
    """For those who may read the application and not the papers about the lecturer."""
    label = LectureFilePurpose.QUALIFICATION.label
    return [{**block, "href": ""} if block.get("purpose") == label else block for block in blocks]


def adjusted_since(lecture: Lecture, approved: Sequence[Block]) -> list[list[str]]:
    """What of the facts has been changed after the approval without need of a new one: label, approved, now."""
    before, now = _rows(approved), _rows(_body(lecture, ()))
    return [
        [label, before.get(label) or "（空）", now[label] or "（空）"]
        for label in NOT_MATERIAL
        if label in before and before[label] != now[label]
    ]


def compared(sha256: str, approved: Sequence[Block]) -> str:
    """How a file used on the day stands to the approved ones."""
    label = LectureFilePurpose.QUALIFICATION.label
    files = [block for block in approved if block["type"] == "file" and block.get("purpose") != label]
    if not files:
        return NOTHING
    return SAME if any(block["sha256"] == sha256 for block in files) else DIFFERENT


# -- the form that is printed ------------------------------------------------


def approvals_of(history: Sequence[ReviewEntry]) -> list[ReviewEntry]:
    """Every time it was approved, the first one first."""
    approved = (entry for entry in history if entry.to_state == State.APPROVED and entry.move in APPROVALS)
    return [entry for entry in approved if not entry.is_undone]


def change_lines(history: Sequence[ReviewEntry]) -> list[str]:
    """变更: when the approved application was changed, and when it was approved again."""
    lines = []
    for entry in history:
        day = date_format(timezone.localtime(entry.at), "Y年n月j日")
        if entry.move == Move.REVISE:
            lines.append(f"{day}　{entry.by.name}变更，原批准停用")
        elif entry.move == Move.RESTORE:
            lines.append(f"{day}　{entry.by.name}恢复为已批准的内容，原批准继续有效")
        elif lines and entry.to_state == State.APPROVED and entry.move in APPROVALS and not entry.is_undone:
            lines.append(f"{day}　变更后重新批准（第{entry.subject_version.number}稿）")
    return lines


def lecture_form_blocks(case: ReviewCase) -> list[Block]:
    """前置审批表 of the version handed in last: facts, the opinions of every step, what was changed."""
    sheet, history = sheet_of(case), history_of(case)
    content: list[Block] = sheet.version.content if sheet.version else []
    known = _rows(content)

    def facts(*labels: str) -> list[str]:
        return [text for label in labels for text in (label, known.get(label, ""))]

    stopped = case.approved_version_id and not case.is_approved
    warned = [row for block in content if block["type"] == "facts" for row in block["rows"] if row[0] == WARNING]
    files = [f"{block.get('purpose', '附件')}：{block['name']}" for block in content if block["type"] == "file"]
    opinions = [[f"{step.holder}\n{step.label}意见", step_words(step)] for step in sheet.steps]
    rows = [
        *([[WARNING, "变更未批准，原批准已停用，不能举办。"]] if stopped else []),
        ["名称", sheet.version.title if sheet.version else case.title],
        [*facts("主办"), "审批单位", case.group.name],
        facts("主题"),
        facts("类别", "规模"),
        facts("时间", "地点"),
        facts("主讲人"),
        facts("政治面貌", "涉外"),
        facts("资质说明"),
        facts("所在单位意见"),
        ["提纲、讲稿", "\n".join([*_texts(content), *files])],
        *[["提交情况", text] for _, text in warned],
        *opinions,
        *special_rows(case, history),
        ["变更", "\n".join(change_lines(history)) or "无"],
    ]
    return [{"type": "facts", "rows": rows}]


# -- the register ------------------------------------------------------------


def register_cells(
    lecture: Lecture, history: Sequence[ReviewEntry], files: Sequence[LectureFile], late: str
) -> list[object]:
    """One line of 前置审批台账: facts, what was handed in when, the opinions of the last round, what was changed."""
    local = timezone.localtime
    case = lecture.review
    passes = passes_of(case, history)
    applied = [entry.at for entry in history if entry.move == Move.SUBMIT][-1:]
    outline = "；".join([*(["文字提纲"] if lecture.outline.strip() else []), *(file.name for file in files)])
    return [
        lecture.organizer.name,
        lecture.title,
        lecture.category,
        lecture.topic,
        date_format(local(lecture.starts_at), "Y-m-d H:i"),
        lecture.place,
        lecture.audience,
        lecture.lecturer_name,
        lecture.lecturer_unit,
        lecture.lecturer_title,
        lecture.lecturer_political_status,
        lecture.lecturer_qualification,
        lecture.own_unit_opinion,
        outline,
        lecture.involves_foreign,
        "；".join([*(date_format(local(at), "Y-m-d H:i") for at in applied), *([late] if late else [])]),
        *(_opinion(case, step, passes) for step in (State.FIRST_REVIEW, State.SECOND_REVIEW, State.FINAL_GATE)),
        standing_of(lecture)[0],
        "；".join(change_lines(history)),
    ]


def _opinion(case: ReviewCase, step: State, passes: dict[str, ReviewEntry]) -> str:
    return signed(passes.get(step)) if step in case.steps else "（不经此环节）"
