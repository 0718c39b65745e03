"""用语词条 from a sheet: all of it becomes one edition of the group's dictionary."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.urls import reverse

from accounts.models import ImportBatch, StudyGroup, User
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
    short,
)
from accounts.sheets.parsers import day_of, flat, labelled
from accounts.sheets.trace import Trace
from materials.actions.wording import MOST_ENTRIES, import_wording, take_back_import
from materials.models import WordingEntry
from materials.models.wording import edition_of
from materials.wording.entries import LONGEST_WORD, WordingSort, usual_advice, why_not

OTHER_NAMES: dict[str, tuple[str, ...]] = {
    WordingSort.TITLE: ("全称", "规范简称"),
    WordingSort.PHRASE: ("固定提法", "规范表述", "规范提法", "固定用语"),
    WordingSort.OUTDATED: ("过时", "过时说法", "旧提法"),
    WordingSort.TYPO: ("错别字", "易错词", "易错字", "错词", "别字"),
    WordingSort.MARKS: ("书名号", "引号", "标点"),
}
_sort = labelled([(value, name) for value, label in WordingSort.choices for name in (str(label), *OTHER_NAMES[value])])
NAMES = ("sort", "found", "advised", "spared", "note", "valid_from", "valid_until")


@dataclass
class KnownWording:
    """The entries in force, by their word."""

    group: StudyGroup
    options: Mapping[str, Any]
    entries: dict[str, WordingEntry]


def _day(text: str, known: Any) -> date:
    return day_of(text, None)


def _word(limit: int) -> Any:
    parse = short(limit)
    return lambda text, known: flat(parse(text, known)) if text.isascii() else parse(text, known)


class WordingsImport(Description):
    slug = "wordings"
    label = "用语词条"
    position = 5
    permission = Permission.KEEP_WORDING
    note = "用语词库的词条。整张表导入后词库成为新的一版；词库里已有的词按表里的更新，原来的留在旧版里。"
    ignored = {"序号": "不需要", "编号": "不需要", "来源": "导入的都是本组的词条"}

    def options(self, today: date) -> Sequence[Option]:
        choices = tuple((str(value), str(label)) for value, label in WordingSort.choices)
        return (Option("sort", "没有写类别的，按", choices, WordingSort.TYPO.value),)

    def fields(self, options: Mapping[str, Any]) -> Sequence[Field]:
        return (
            Field("sort", "类别", ("种类", "类型", "分类"), _sort, example="过时表述"),
            Field(
                "found",
                "查找的词",
                ("词", "词语", "错误写法", "不规范表述", "原词", "旧说法", "错误表述", "查找"),
                _word(LONGEST_WORD),
                True,
                example="精准扶贫",
            ),
            Field(
                "advised",
                "建议写法",
                ("正确写法", "规范表述", "规范写法", "建议", "改为", "正确表述", "新说法"),
                _word(120),
                example="乡村振兴",
            ),
            Field("spared", "不提示的写法", ("例外", "不提示"), short(200), example="精准扶贫精准脱贫"),
            Field("note", "说明、依据", ("说明", "依据", "备注", "理由", "出处"), short(200), example="2021年起"),
            Field("valid_from", "从哪天起", ("起用日期", "开始日期", "生效日期"), _day, example="2021-02-26"),
            Field("valid_until", "到哪天止", ("停用日期", "结束日期", "失效日期"), _day, example=""),
        )

    def load(self, group: StudyGroup, options: Mapping[str, Any]) -> KnownWording:
        rows = WordingEntry.objects.in_edition(edition_of(group.pk)).order_by("pk")
        own_last = sorted(rows, key=lambda row: not row.is_shipped)
        return KnownWording(group, options, {row.found: row for row in own_last})

    def missing_columns(self, mapped: set[str]) -> list[str]:
        return [] if "found" in mapped else ["查找的词"]

    def check(self, known: KnownWording, rows: Sequence[SheetRow], headings: Mapping[str, str]) -> list[Problem]:
        seen: dict[str, SheetRow] = {}
        for row in rows:
            found = row.value("found")
            if not found:
                continue
            if found in seen:
                row.blame("found", "error", f"与第 {seen[found].name}是同一个词，请去掉一行。")
            seen.setdefault(found, row)
            self._match(known, row)
            self._judge(row)
        more = sum(1 for row in rows if row.state == NEW and row.value("found") and row.level != "error")
        if len(known.entries) + more > MOST_ENTRIES:
            return [Problem("error", f"词库最多 {MOST_ENTRIES} 条，导入后会有 {len(known.entries) + more} 条。")]
        return []

    def _match(self, known: KnownWording, row: SheetRow) -> None:
        """What is in force for the word; an empty cell leaves what stands there."""
        there = known.entries.get(row.value("found"))
        told = {name: row.value(name, None) for name in NAMES}
        given = {name: value for name, value in told.items() if value is not None}
        if there is None:
            row.state = NEW
            given.setdefault("sort", known.options.get("sort") or WordingSort.TYPO.value)
            row.facts["facts"] = given | {
                "advised": usual_advice(given["sort"], given["found"], given.get("advised", ""))
            }
            return
        row.target = there
        changes = {name: value for name, value in given.items() if getattr(there, name) != value}
        row.state, row.facts["changes"] = (CHANGED, changes) if changes else (SAME, {})
        row.facts["facts"] = {name: getattr(there, name) for name in NAMES} | given
        for name in changes:
            was = there.get_sort_display() if name == "sort" else getattr(there, name)
            row.cells[name].was = str(was or "（空）")

    def _judge(self, row: SheetRow) -> None:
        facts = row.facts["facts"]
        first, last = facts.get("valid_from"), facts.get("valid_until")
        why = why_not(facts["sort"], facts["found"], facts.get("advised", ""), facts.get("spared", ""))
        if why:
            where = "advised" if "建议写法" in why else "spared" if "不提示" in why else "found"
            row.blame(where if where in row.cells else "found", "error", why)
        if first and last and last < first:
            row.blame("valid_until", "error", "“到哪天止”不能早于“从哪天起”。")

    def write(self, known: KnownWording, rows: Sequence[SheetRow], *, trace: Trace, by: User, at: datetime) -> None:
        new = [row.facts["facts"] for row in rows if row.state == NEW]
        changed = [(row.target, row.facts["changes"]) for row in rows if row.state == CHANGED]
        if new or changed:
            trace.made(*import_wording(group=known.group, new=new, changed=changed, by=by, at=at))

    def take_back(self, batch: ImportBatch, *, by: User, at: datetime) -> None:
        """An edition is never unmade: undoing makes one more."""
        ids = [entry["id"] for entry in batch.written]
        rows = list(WordingEntry.objects.filter(pk__in=ids, group=batch.group_id).select_related("replaces"))
        if rows:
            take_back_import(group=batch.group, rows=rows, by=by, at=at)

    def result_address(self, group: StudyGroup, options: Mapping[str, Any]) -> str:
        return f"{reverse('wording_list')}?group={group.pk}"
