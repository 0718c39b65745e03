"""用语词条 from a sheet: one edition for the whole of it, and one more when it is taken back."""

from datetime import date

import pytest
from django.urls import reverse

from accounts.actions import imports as actions
from accounts.sheets.description import description_of
from accounts.sheets.reading import read_batch
from materials.actions.wording import add_wording, ensure_wording, retire_wording
from materials.exports.wording import wording_workbook
from materials.models import WordingEdition, WordingEntry
from materials.models.wording import dictionary_of, edition_of
from studygroup.lib.errors import NotAllowed, Refused
from studygroup.lib.office.sheets import read_workbook
from tests.imports.test_sessions_import import messages
from tests.imports.workbooks import by_openpyxl

HEAD = ["序号", "类别", "错误写法", "正确写法", "例外", "依据", "起用日期"]


@pytest.fixture(autouse=True)
def shipped(db, now):
    ensure_wording(at=now)


def start(cast, content, now, by=None, **options):
    return actions.start_import(
        description=description_of("wordings"),
        group=cast.group,
        grids=read_workbook(content),
        file_name="词条.xlsx",
        options={"sort": "typo", **options},
        by=by or cast.propaganda,
        at=now,
    )


def in_force(cast, edition=None):
    return {one.found: one.advised for one in dictionary_of(edition_of(cast.group.pk, edition))}


def own(cast, now, found, advised):
    return add_wording(group=cast.group, sort="typo", found=found, advised=advised, by=cast.propaganda, at=now)


def test_a_sheet_becomes_one_edition_and_undoing_another(cast, now):
    old = own(cast, now, "佟家庄子", "佟家庄")
    before = in_force(cast)
    rows = [
        HEAD,
        [1, "易错词", "佟家庄子", "佟家庄村", "", "民政登记", ""],
        [2, "旧提法", "旧说法甲", "新说法甲", "", "", "2021年2月26日"],
        [3, "固定提法", "撸起袖子加油干", "", "", "", ""],
        [4, "", "再接再励", "再接再厉", "", "", ""],
        [5, "", "按装", "安装", "", "", ""],
    ]
    batch = start(cast, by_openpyxl(rows), now)
    sheet = read_batch(batch)
    assert messages(sheet, "error") == {}
    assert (sheet.counts()["new"], sheet.counts()["changed"], sheet.counts()["same"]) == (2, 1, 2)
    actions.confirm(batch=batch, by=cast.propaganda, at=now)
    assert in_force(cast) == before | {
        "佟家庄子": "佟家庄村",
        "旧说法甲": "新说法甲",
        "撸起袖子加油干": "撸起袖子加油干",
    }
    assert WordingEntry.objects.get(found="旧说法甲").valid_from == date(2021, 2, 26)
    assert WordingEntry.objects.get(replaces=old).advised == "佟家庄村"
    assert edition_of(cast.group.pk).note == "从表格导入：新增 2 条，修改 1 条"

    batch.refresh_from_db()
    actions.undo(batch=batch, by=cast.propaganda, at=now)
    assert in_force(cast) == before
    assert in_force(cast, 3)["旧说法甲"] == "新说法甲"  # what edition 3 said stays said
    assert list(WordingEdition.objects.order_by("number").values_list("number", flat=True)) == [2, 3, 4]


def test_undo_is_refused_when_somebody_has_gone_on(cast, now):
    batch = start(cast, by_openpyxl([HEAD, [1, "易错词", "错词甲", "对词甲", "", "", ""]]), now)
    actions.confirm(batch=batch, by=cast.propaganda, at=now)
    entry = WordingEntry.objects.get(found="错词甲")
    retire_wording(group=cast.group, entry=entry, by=cast.propaganda, at=now)
    batch.refresh_from_db()
    with pytest.raises(Refused, match="“错词甲”导入以后又改过或停用了"):
        actions.undo(batch=batch, by=cast.propaganda, at=now)
    assert edition_of(cast.group.pk).number == 3


def test_wrong_cells_are_told_one_by_one_and_the_rest_goes_in(cast, now):
    rows = [
        HEAD,
        [1, "易错词", "按", "安", "", "", ""],
        [2, "乱写的类别", "错词甲", "对词甲", "", "", ""],
        [3, "易错词", "错词乙", "", "", "", ""],
        [4, "易错词", "错词丙", "对词丙", "", "", "2021年2月30日"],
        [5, "易错词", "错词丁", "对词丁", "", "", ""],
        [6, "易错词", "错词丁", "对词丁", "", "", ""],
        [7, "固定表述", "短", "", "", "", ""],
        [8, "易错词", "a.*b(", "对的", "", "", ""],
    ]
    batch = start(cast, by_openpyxl(rows), now)
    wrong = messages(read_batch(batch), "error")
    assert "一个字到处都是" in wrong["C2"]
    assert "不在可填的范围" in wrong["B3"]
    assert "建议写法" in wrong["D4"]
    assert "没有" in wrong["G5"]
    assert "同一个词" in wrong["C7"]
    actions.confirm(batch=batch, by=cast.propaganda, at=now, leave_wrong=True)
    made = set(WordingEntry.objects.filter(group=cast.group).values_list("found", flat=True))
    assert made == {"错词丁", "a.*b("}


def test_what_is_exported_comes_back_unchanged(cast, now):
    own(cast, now, "佟家庄子", "佟家庄村")
    edition = edition_of(cast.group.pk)
    rows = list(WordingEntry.objects.in_edition(edition).order_by("sort", "found"))
    batch = start(cast, wording_workbook(cast.group.name, edition, rows), now)
    counts = read_batch(batch).counts()
    assert (counts["same"], counts["new"], counts["changed"], counts["wrong"]) == (len(rows), 0, 0, 0)
    assert description_of("wordings").missing_columns(set()) == ["查找的词"]


def test_the_office_does_not_import_entries(cast, as_, now):
    assert as_(cast.office).get("/imports/wordings/").status_code == 403
    keeper = as_(cast.propaganda)
    assert "用语词条" in keeper.get("/imports/").content.decode()
    assert keeper.get("/imports/wordings/").status_code == 200
    assert keeper.get(reverse("import_template", args=["wordings"])).status_code == 200
    with pytest.raises(NotAllowed):
        start(cast, by_openpyxl([HEAD, [1, "易错词", "错词", "对词", "", "", ""]]), now, by=cast.office)


def test_a_long_sheet_is_written_in_few_statements(cast, now, django_assert_max_num_queries):
    rows = [HEAD, *([n, "易错词", f"错词{n:04d}", "对词", "", "", ""] for n in range(600))]
    batch = start(cast, by_openpyxl(rows), now)
    with django_assert_max_num_queries(60):
        actions.confirm(batch=batch, by=cast.propaganda, at=now)
    assert WordingEntry.objects.filter(group=cast.group, added_in=2).count() == 600


def test_more_than_a_dictionary_holds_is_refused_before_anything_is_written(cast, now, monkeypatch):
    monkeypatch.setattr("materials.imports.wordings.MOST_ENTRIES", 85)
    rows = [HEAD, *([n, "易错词", f"错词{n:04d}", "对词", "", "", ""] for n in range(10))]
    batch = start(cast, by_openpyxl(rows), now)
    assert "词库最多 85 条" in read_batch(batch).blocks[0].message
    with pytest.raises(Refused, match="词库最多"):
        actions.confirm(batch=batch, by=cast.propaganda, at=now)
