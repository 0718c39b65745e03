"""材料类别: those every installation starts with, and what a group makes of them.

What is shipped is never changed: a group that changes it gets its own row of the same slug.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from accounts.actions.records import ChangedMeanwhile
from accounts.models import StudyGroup, User
from materials.models import PaperKind
from materials.models.paper_kind import (
    READING_NOTE,
    REFLECTION,
    RESEARCH_REPORT,
    SPEECH,
    Need,
    kinds_of,
    may_keep_kinds,
)
from studygroup.lib import audit
from studygroup.lib.errors import NotAllowed, Refused

KEPT = (
    *("label", "purpose", "guidance", "outline", "words_wanted", "due_days"),
    *("session_need", "topic_need", "position", "is_active"),
)

SHIPPED_KINDS: dict[str, dict[str, Any]] = {
    REFLECTION: {"label": "心得体会", "purpose": "学习交流", "due_days": 7},
    RESEARCH_REPORT: {"label": "调研报告", "purpose": "成果转化", "session_need": Need.NONE},
    READING_NOTE: {"label": "读书笔记", "purpose": "读书交流"},
    SPEECH: {"label": "研讨（发言）材料", "purpose": "集体学习研讨", "due_days": 0},
}


def ensure_paper_kinds(model: Any = PaperKind) -> None:
    """Add the shipped kinds that are missing; what was changed since stays. A migration passes its own model."""
    known = set(model.objects.filter(group=None).values_list("slug", flat=True))
    model.objects.bulk_create(
        model(slug=slug, position=position, **facts)
        for position, (slug, facts) in enumerate(SHIPPED_KINDS.items(), start=1)
        if slug not in known
    )


@transaction.atomic
def add_kind(*, group: StudyGroup, facts: Mapping[str, Any], by: User, at: datetime) -> PaperKind:
    """A kind of the group's own. Its slug is made for it and belongs to no other group's kind."""
    _open(group, by)
    known = kinds_of(group.pk, retired=True)
    _name_is_free(known, facts["label"], but="")
    number = next(n for n in range(1, len(known) + 2) if f"paper-{group.pk}-{n}" not in known)
    row = PaperKind.objects.create(group=group, slug=f"paper-{group.pk}-{number}", **facts)
    audit.record("paper_kind.add", target=row, by=by, at=at, group_id=group.pk, slug=row.slug, label=row.label)
    return row


@transaction.atomic
def change_kind_row(
    *, group: StudyGroup, slug: str, seen_version: int, changes: Mapping[str, Any], by: User, at: datetime
) -> PaperKind:
    """Change what holds in this group from now on; papers under way keep the name they were begun with."""
    _open(group, by)
    known = kinds_of(group.pk, retired=True)
    row = known.get(slug)
    if row is None:
        raise Refused("这个学习组没有这一类材料，请刷新页面。")
    _name_is_free(known, changes.get("label", row.label), but=slug)
    if changes.get("is_active") is False and not any(k.is_active for k in known.values() if k.slug != slug):
        raise Refused("至少要留一类在用，否则谁也不能写材料。")
    if row.group_id is None:
        row = _own(group, row, seen_version, changes)
    elif not PaperKind.objects.filter(pk=row.pk, version=seen_version).update(**changes, version=seen_version + 1):
        raise _overtaken(row)
    told = {name: str(value)[:200] for name, value in changes.items()}
    audit.record("paper_kind.change", target=row, by=by, at=at, group_id=group.pk, slug=slug, values=told)
    return row


def _open(group: StudyGroup, by: User) -> None:
    if not may_keep_kinds(by, group.pk):
        raise NotAllowed("材料类别由学习秘书和办公室修改。")
    StudyGroup.objects.select_for_update().get(pk=group.pk)


def _name_is_free(known: Mapping[str, PaperKind], label: str, but: str) -> None:
    if any(row.label == label for slug, row in known.items() if slug != but):
        raise Refused(f"已经有一类叫“{label}”（停用的也算），请换一个名称，或者改那一类。")


def _own(group: StudyGroup, shipped: PaperKind, seen_version: int, changes: Mapping[str, Any]) -> PaperKind:
    """The group's own row in the place of the shipped one; its versions go on from there."""
    if seen_version != shipped.version:
        raise _overtaken(shipped)
    facts = {name: getattr(shipped, name) for name in KEPT} | dict(changes)
    try:
        with transaction.atomic():
            return PaperKind.objects.create(group=group, slug=shipped.slug, version=shipped.version + 1, **facts)
    except IntegrityError as error:
        raise _overtaken(PaperKind.objects.get(group=group, slug=shipped.slug)) from error


def _overtaken(row: PaperKind) -> ChangedMeanwhile:
    now = PaperKind.objects.get(pk=row.pk)
    current = {"名称": now.label, "用途": now.purpose, "写作要求": now.guidance, "提纲": now.outline}
    text = "这一类刚刚被别人改过，您的修改还没有保存。请对照“现在的内容”，需要以您的为准时再点一次“保存”。"
    return ChangedMeanwhile(text, current, now.version)
