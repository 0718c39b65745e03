"""资料发放登记 from a sheet: who got how many copies of which book; books never entered are made."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.urls import reverse

from accounts.actions.records import add_record
from accounts.models import StudyGroup, User
from accounts.permissions import Permission
from accounts.sheets.description import NEW, SAME, Description, Field, Option, Problem, SheetRow, Wrong, short
from accounts.sheets.parsers import Names, flat, told_day, whole
from accounts.sheets.trace import Trace
from materials.actions.library import hand_out
from materials.models import Book, Distribution
from studygroup.lib.tables import key_of

MOST_COPIES = 100_000


@dataclass
class KnownLibrary:
    """Books with what is left of them, and what was handed out."""

    group: StudyGroup
    options: Mapping[str, Any]
    books: Names[Book]
    given: set[tuple[int, str, int, date]]


def _title(text: str, known: Any) -> str:
    said = "".join(line.strip() for line in text.split("\n"))
    bare = said[1:-1] if said.startswith("《") and said.endswith("》") and said.count("《") == 1 else said
    return short(200)(bare, known)


def _day(text: str, known: KnownLibrary) -> Any:
    return told_day(text, int(known.options["year"]) if known.options.get("year") else None)


def _copies(text: str, known: Any) -> int:
    return whole(text, least=1, most=MOST_COPIES)


def _signed(text: str, known: Any) -> bool:
    """A signature's cell says 是 or the name of who signed."""
    said = flat(text)
    if said in ("否", "×", "未签", "未签字", "无"):
        return False
    if len(said) > 30:
        raise Wrong("签字一格请填“是”或签字人姓名。")
    return True


FIELDS = (
    Field(
        "title",
        "书名",
        ("资料名称", "书名资料名称", "名称", "辅导资料", "学习资料", "书籍名称", "书籍", "资料"),
        _title,
        True,
        True,
        example="习近平谈治国理政 第三卷",
    ),
    Field("category", "类别", ("资料类别", "种类"), short(40), example="辅导读本"),
    Field(
        "received",
        "到书册数",
        ("册数", "到书数量", "领到册数", "总册数", "入库", "入库册数"),
        _copies,
        example="50",
    ),
    Field("source", "来源", ("发放单位", "来源单位", "下发单位"), short(100), example="县委宣传部下发"),
    Field(
        "day", "发放日期", ("日期", "时间", "领取日期", "发放时间", "领取时间"), _day, True, True, example="2020-07-10"
    ),
    Field(
        "receiver",
        "领取人、单位",
        ("领取人", "领取单位", "领取人单位", "领取人及单位", "发放对象", "姓名", "单位"),
        short(100),
        True,
        example="张三",
    ),
    Field("copies", "领取册数", ("领取数量", "发放册数", "发放数量", "数量", "领取本数"), _copies, True, example="2"),
    Field("is_signed", "签字", ("签名", "领取人签字", "领取签字", "是否签字"), _signed, example="是"),
)


class DistributionsImport(Description):
    slug = "distributions"
    label = "资料发放"
    position = 4
    permission = Permission.MANAGE_LIBRARY
    note = "学习辅导资料的发放登记。没有登记过到书的，会一并登记到书；册数不够的会指出来。"
    ignored = {
        "序号": "不需要",
        "编号": "不需要",
        "余数": "由册数自动算出",
        "剩余": "由册数自动算出",
        "备注": "发放登记没有备注一栏",
    }

    def options(self, today: date) -> Sequence[Option]:
        return (
            Option(
                "year", "年度", initial=str(today.year), required=True, is_number=True, help="用于没有写年份的日期。"
            ),
        )

    def fields(self, options: Mapping[str, Any]) -> Sequence[Field]:
        return FIELDS

    def load(self, group: StudyGroup, options: Mapping[str, Any]) -> KnownLibrary:
        books = Names(
            (_bare(book.title), book) for book in Book.objects.filter(group=group).with_balance().order_by("pk")
        )
        rows = Distribution.objects.filter(group=group).values_list("book", "receiver", "copies", "handed_out_on")
        given = {(book, key_of(receiver), copies, day) for book, receiver, copies, day in rows}
        return KnownLibrary(group, options, books, given)

    def missing_columns(self, mapped: set[str]) -> list[str]:
        has_copies = bool(mapped & {"copies", "received"})
        labels = {"title": "书名", "day": "发放日期", "receiver": "领取人、单位"}
        return [label for name, label in labels.items() if name not in mapped] + ([] if has_copies else ["领取册数"])

    def check(self, known: KnownLibrary, rows: Sequence[SheetRow], headings: Mapping[str, str]) -> list[Problem]:
        seen: dict[tuple[str, str, int, date], SheetRow] = {}
        wanted: dict[str, int] = defaultdict(int)
        for row in rows:
            # A sheet with one column of copies means those handed out.
            row.facts["copies"] = row.value("copies", 0) if "copies" in row.cells else row.value("received", 0)
            if not (row.value("title") and row.value("day", None) and row.value("receiver") and row.facts["copies"]):
                if "copies" not in row.cells and not row.facts["copies"]:
                    row.blame("received", "error", "请填写领取册数。")
                continue
            self._match(known, row, wanted)
            key = (key_of(row.value("title")), key_of(row.value("receiver")), row.facts["copies"], row.value("day"))
            if key in seen:
                row.blame("receiver", "warning", f"与第 {seen[key].name}完全相同，请核对是否重复。")
            seen.setdefault(key, row)
        self._receive(rows, wanted)
        return []

    def _match(self, known: KnownLibrary, row: SheetRow, wanted: dict[str, int]) -> None:
        copies, key = row.facts["copies"], key_of(row.value("title"))
        books = known.books.find(row.value("title"))
        book = max(books, key=lambda one: one.balance) if books else None  # type: ignore[attr-defined]
        row.facts["book"] = book
        for one in books:
            if (one.pk, key_of(row.value("receiver")), copies, row.value("day")) in known.given:
                row.target, row.state = one, SAME
                return
        row.state = NEW
        wanted[key] += copies
        left = book.balance if book else None  # type: ignore[attr-defined]
        if left is not None and wanted[key] > left:
            where = "copies" if "copies" in row.cells else "received"
            row.blame(
                where,
                "error",
                f"“{book.title}”只余 {left} 册，发到这一行共要 {wanted[key]} 册。请先登记新到的书，或核对册数。",
            )  # type: ignore[union-attr]
            wanted[key] -= copies

    def _receive(self, rows: Sequence[SheetRow], wanted: Mapping[str, int]) -> None:
        """What is to be entered as received of books never entered: as many as the sheet says, and never too few."""
        told: dict[str, int] = {}
        first: dict[str, SheetRow] = {}
        for row in rows:
            key = key_of(row.value("title"))
            if row.facts.get("book") is None and row.facts["copies"] and row.level != "error":
                first.setdefault(key, row)
                if "copies" in row.cells:
                    told[key] = max(told.get(key, 0), row.value("received", 0))
        for key, row in first.items():
            need = wanted[key]
            row.facts["received"] = max(told.get(key, 0), need)
            if told.get(key, 0) and told[key] < need:
                row.blame("received", "warning", f"到书 {told[key]} 册，发出 {need} 册，到书按 {need} 册登记。")
            elif not told.get(key):
                row.blame("title", "warning", f"没有登记过这本书，按发出的册数登记到书 {need} 册。")

    def write(self, known: KnownLibrary, rows: Sequence[SheetRow], *, trace: Trace, by: User, at: datetime) -> None:
        fresh: dict[str, Book] = {}
        new = [row for row in rows if row.state == NEW]
        needed: dict[str, int] = defaultdict(int)
        for row in new:
            needed[key_of(row.value("title"))] += row.facts["copies"]
        for row in new:
            key = key_of(row.value("title"))
            if row.facts["book"] is None and key not in fresh:
                same = [one for one in new if key_of(one.value("title")) == key]
                fresh[key] = _receive_book(known.group, same, needed[key], by, at)
                trace.made(fresh[key])
        for row in new:
            book = row.facts["book"] or fresh[key_of(row.value("title"))]
            trace.made(
                hand_out(
                    book=book,
                    receiver=row.value("receiver"),
                    copies=row.facts["copies"],
                    handed_out_on=row.value("day"),
                    is_signed=row.value("is_signed", False),
                    by=by,
                    at=at,
                )
            )

    def result_address(self, group: StudyGroup, options: Mapping[str, Any]) -> str:
        return reverse("distribution_list")


def _receive_book(group: StudyGroup, rows: Sequence[SheetRow], needed: int, by: User, at: datetime) -> Book:
    received = max([needed, *(row.facts.get("received", 0) for row in rows)])
    said = {name: next((row.value(name) for row in rows if row.value(name)), "") for name in ("category", "source")}
    first = min(row.value("day") for row in rows)
    title = rows[0].value("title")
    return add_record(Book(group=group, title=title, received_copies=received, received_on=first, **said), by=by, at=at)


def _bare(title: str) -> str:
    return _title(title, None) if len(title) <= 200 else title
