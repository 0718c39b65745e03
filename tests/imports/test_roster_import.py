"""名单 from a sheet."""

from datetime import date
from typing import Any

from accounts.actions import imports as actions
from accounts.models import ImportBatch, ImportHeading, Membership, User
from accounts.sheets.description import description_of
from accounts.sheets.reading import read_batch
from studygroup.lib.office.sheets import read_workbook
from tests.conftest import PASSWORD
from tests.imports.dump import dump
from tests.imports.test_sessions_import import messages
from tests.imports.workbooks import by_openpyxl

ROWS = [
    ["本镇党委理论学习中心组成员名单", None, None, None, None, None],
    ["序号", "姓 名", "单位及职务", "类别", "联系电话", "任职时间"],
    [1, "书记甲", "党委书记、人大主席", "组长", "", ""],
    [2, "成 员一", "组织委员", "成员", "138 0000 0001", ""],
    [3, "张三", "人武部部长", "", 13800000002, "2021年3月"],
    [4, "张三", "财政所所长", "扩大", 13800000003, ""],
    [5, "李四（兼）", "某村党支部书记", "扩大人员", "", "2020.9.1"],
    ["审定人：书记甲", None, None, None, None, None],
]


def start(cast, rows, now, **options: Any) -> ImportBatch:
    told = {"starts_on": "2020-01-01", "category": "member", **options}
    return actions.start_import(
        description=description_of("roster"),
        group=cast.group,
        grids=read_workbook(by_openpyxl(rows)),
        file_name="名单.xlsx",
        options=told,
        by=cast.office,
        at=now,
    )


def test_people_are_updated_enrolled_and_given_accounts(cast, client, now):
    before = dump()
    batch = start(cast, ROWS, now)
    sheet = read_batch(batch)
    assert set(messages(sheet, "error")) == {"F5"}  # a month is no day
    assert set(messages(sheet, "warning")) == {"B7"}
    actions.mend(
        batch=batch, cells={"F5": "2021-03-01"}, skipped=[], unskipped=[], seen_version=0, by=cast.office, at=now
    )
    batch.refresh_from_db()
    sheet = read_batch(batch)
    assert (sheet.counts()["new"], sheet.counts()["changed"]) == (3, 2)
    assert (
        next(row for row in sheet.rows if row.target and row.value("name") == "书记甲").cells["title"].was == "党委书记"
    )
    actions.confirm(batch=batch, by=cast.office, at=now)
    told = Membership.objects.filter(user__name="张三").order_by("position")
    assert [(m.user.username, m.category, m.starts_on) for m in told] == [
        ("zhangsan", "member", date(2021, 3, 1)),
        ("zhangsan2", "extended", date(2020, 1, 1)),
    ]
    newcomer = User.objects.get(username="lisi")
    assert newcomer.must_change_password
    assert not newcomer.has_usable_password()
    assert client.post("/login/", {"username": "lisi", "password": PASSWORD}).status_code == 200
    assert Membership.objects.get(user=cast.secretary).title == "党委书记、人大主席"
    assert User.objects.get(pk=cast.m1.pk).phone == "13800000001"
    batch.refresh_from_db()
    assert cast.m1.password not in str(batch.written)  # the account's secrets are in no batch
    again = start(cast, ROWS, now)
    assert read_batch(again).counts()["new"] == 0
    actions.undo(batch=batch, by=cast.office, at=now)
    assert dump() == before


def test_somebody_appointed_here_joins_with_the_account_he_has(cast, now):
    batch = start(cast, [["姓名", "职务"], ["办公室己", "党政办主任"]], now)
    assert "office" in messages(read_batch(batch), "warning")["A2"]
    actions.confirm(batch=batch, by=cast.office, at=now)
    assert Membership.objects.get(user=cast.office).title == "党政办主任"
    assert User.objects.filter(name="办公室己").count() == 1


def test_a_name_of_another_town_is_somebody_else(cast, now):
    batch = start(cast, [["姓名"], ["外镇成员"]], now)
    assert messages(read_batch(batch), "warning") == {}
    actions.confirm(batch=batch, by=cast.office, at=now)
    assert Membership.objects.get(group=cast.group, user__name="外镇成员").user != cast.foreign_m1


def test_names_that_are_none_and_doubles_are_errors(cast, now):
    rows = [
        ["姓名", "类别", "电话"],
        ["3号", "", ""],
        ["王五", "客人", "1x"],
        ["赵六", "", ""],
        ["赵六", "", ""],
        ["", "成员", ""],
    ]
    assert set(messages(read_batch(start(cast, rows, now)), "error")) == {"A2", "B3", "C3", "A5", "A6"}


def test_the_page_leads_to_the_import(cast, as_):
    assert "/imports/roster/" in as_(cast.office).get("/people/").content.decode()
    assert "/imports/roster/" not in as_(cast.secretary).get("/people/").content.decode()
    assert as_(cast.office).get("/imports/roster/").status_code == 200


def test_a_colleague_sees_a_batch_and_takes_it_back(cast, as_, now):
    batch = start(cast, [["姓名", "职务"], ["新同志", "委员"]], now)
    actions.confirm(batch=batch, by=cast.office, at=now)
    colleague = as_(cast.propaganda)
    page = colleague.get("/imports/").content.decode()
    assert f"/imports/{batch.pk}/" in page
    assert cast.office.name in page
    assert as_(cast.m1).get(f"/imports/{batch.pk}/").status_code == 403
    assert as_(cast.foreign_office).get(f"/imports/{batch.pk}/").status_code == 404
    assert colleague.post(f"/imports/{batch.pk}/undo/").status_code == 302
    batch.refresh_from_db()
    assert batch.state == "undone"
    assert not User.objects.filter(name="新同志").exists()


def test_columns_are_mapped_to_fields_of_the_sheet_and_to_nothing_else(cast, as_, now):
    """What is no field is not remembered either: it would stand in the way of the next sheet."""
    batch = start(cast, ROWS, now)
    names = {"column-1": "is_superuser", "column-2": "x" * 300, "column--3": "title", "column-5": "starts_on"}
    as_(cast.office).post(f"/imports/{batch.pk}/columns/", {"columns": "1", "version": batch.version, **names})
    batch.refresh_from_db()
    assert batch.mapping == {"5": "starts_on"}
    assert list(ImportHeading.objects.values_list("heading", "field")) == [("任职时间", "starts_on")]
