"""资料发放登记 from a sheet."""

from datetime import date
from typing import Any

from accounts.actions import imports as actions
from accounts.models import ImportBatch
from accounts.sheets.description import description_of
from accounts.sheets.reading import read_batch
from materials.models import Book, Distribution
from studygroup.lib.office.sheets import read_workbook
from tests.imports.dump import dump
from tests.imports.test_sessions_import import messages
from tests.imports.workbooks import by_openpyxl


def start(cast, rows, now, merges=(), **options: Any) -> ImportBatch:
    return actions.start_import(
        description=description_of("distributions"),
        group=cast.group,
        grids=read_workbook(by_openpyxl(rows, merges)),
        file_name="发放.xlsx",
        options={"year": "2020", **options},
        by=cast.office,
        at=now,
    )


def test_books_are_made_and_copies_handed_out(cast, now):
    old = Book.objects.create(group=cast.group, title="旧书", received_copies=5, received_on=date(2020, 1, 1))
    before = dump()
    rows = [
        ["书名", "到书册数", "来源", "日期", "领取人", "领取册数", "签字"],
        ["《习近平谈治国理政》第三卷", 100, "宣传部", "7月10日", "张三", 2, "张三"],
        [None, None, None, None, "党政办", "3本", ""],
        ["《旧书》", "", "", "2020.8.1", "李四", 6, ""],
        ["《旧书》", "", "", "2020.8.1", "王五", 5, "是"],
        ["没有登记过的", "", "", "同上", "王五", 4, ""],
        ["合计", 100, "", "", "", 20, ""],
    ]
    batch = start(cast, rows, now, ["A2:A3", "B2:B3", "C2:C3", "D2:D3"])
    sheet = read_batch(batch)
    assert messages(sheet, "error")["F4"].startswith("“旧书”只余 5 册")
    assert set(messages(sheet, "error")) == {"F4"}
    assert "登记到书 4 册" in messages(sheet, "warning")["A6"]
    actions.confirm(batch=batch, by=cast.office, at=now, leave_wrong=True)
    entries = Distribution.objects.order_by("pk").values_list("book__title", "receiver", "copies", "is_signed")
    assert list(entries) == [
        ("《习近平谈治国理政》第三卷", "张三", 2, True),
        ("《习近平谈治国理政》第三卷", "党政办", 3, False),
        ("旧书", "王五", 5, True),
        ("没有登记过的", "王五", 4, False),
    ]
    assert Book.objects.get(title__contains="第三卷").received_copies == 100
    assert Book.objects.get(title="没有登记过的").received_on == date(2020, 8, 1)
    assert old.distributions.get().handed_out_on == date(2020, 8, 1)
    again = start(cast, rows[:3], now, ["A2:A3", "D2:D3"])
    assert read_batch(again).counts()["same"] == 2
    actions.undo(batch=batch, by=cast.office, at=now)
    assert dump() == before


def test_one_column_of_copies_is_what_was_handed_out(cast, now):
    batch = start(cast, [["资料名称", "册数", "发放时间", "单位"], ["制度面对面", 30, "2020年9月1日", "各村"]], now)
    actions.confirm(batch=batch, by=cast.office, at=now)
    assert Distribution.objects.get().copies == 30
    assert Book.objects.get().received_copies == 30


def test_the_page_leads_to_the_import(cast, as_):
    assert "/imports/distributions/" in as_(cast.office).get("/materials/distributions/").content.decode()
    assert as_(cast.office).get("/imports/distributions/").status_code == 200
