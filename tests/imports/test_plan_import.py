"""计划表 of six makes: no row lost or wrongly read, errors named by cell, undo to the letter."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.actions import imports as actions
from accounts.models import ImportBatch, ImportHeading
from accounts.sheets.description import description_of
from accounts.sheets.reading import read_batch
from reviews.chain import State
from sessions_app.actions.plan import revise_plan
from sessions_app.models import AnnualPlan, MonthlyPlan, PlanItem
from studygroup.lib.errors import NotAllowed, Overtaken, Refused
from studygroup.lib.models import AuditEntry
from studygroup.lib.office.sheets import read_paste, read_workbook
from tests.factories import (
    hand_in,
    item_row,
    kind,
    make_annual_plan,
    make_monthly_plan,
    make_session,
    make_supplement,
    walk_to,
)
from tests.imports.dump import dump
from tests.imports.workbooks import MAIN, PACKAGE, REL, by_hand, by_openpyxl, worksheet


def start(cast, content: bytes, now, **options: Any) -> ImportBatch:
    told = {"year": "2020", "month": "", "mode": "append", "asked_on": "2026-01-01", **options}
    return actions.start_import(
        description=description_of("plan"),
        group=cast.group,
        grids=read_workbook(content),
        file_name="计划.xlsx",
        options=told,
        by=cast.office,
        at=now,
    )


def imported(cast, content: bytes, now, **options: Any) -> list[PlanItem]:
    batch = start(cast, content, now, **options)
    sheet = read_batch(batch)
    assert [(c.address, c.message) for row in sheet.wrong for c in row.cells.values() if c.level == "error"] == []
    actions.confirm(batch=batch, by=cast.office, at=now)
    return list(PlanItem.objects.prefetch_related("kinds").order_by("position"))


def table(items) -> list[tuple]:
    return [(i.month, i.topic, i.lead_readers, i.key_speakers, "、".join(str(k) for k in i.kinds.all())) for i in items]


@pytest.fixture
def kinds(db):
    for slug in ("collective_study", "enlarged_study", "onsite_teaching", "reading_class"):
        kind(slug)


# -- Six makes -----------------------------------------------------------------


def test_excel_with_a_title_two_head_rows_and_merged_months(cast, now, kinds):
    rows = [
        ["本镇党委理论学习中心组2020年学习计划表", *[None] * 7],
        ["序号", "月份", "学习专题", "学习内容（篇目）", "学习形式", "发言人", None, "牵头"],
        [None, None, None, None, None, "领学人", "重点发言人", None],
        [1, "3月", "四中全会精神", "《决定》\n《说明》", "集体学习研讨", "张三", "李四、王五", "党政办"],
        [None, None, "疫情防控", "重要讲话", "集体学习研讨、扩大学习", "张三（镇长）", "赵六 钱七", "卫健办"],
        [3, "4月", "脱贫攻坚", "", "现场教学", "李四", "", "扶贫办"],
        ["合计", None, "3个专题", *[None] * 5],
        ["审定人：书记甲          日期：2020年1月5日", *[None] * 7],
    ]
    merges = ["A1:H1", "A2:A3", "B2:B3", "C2:C3", "D2:D3", "E2:E3", "F2:G2", "H2:H3", "B4:B5", "A8:H8"]
    batch = start(cast, by_openpyxl(rows, merges), now)
    sheet = read_batch(batch)
    assert [(row.name, row.why_not) for row in sheet.left_out] == [
        ("1行", "标题"),
        ("2行", "表头"),
        ("3行", "表头"),
        ("7行", "合计、小计"),
        ("8行", "落款、说明"),
    ]
    assert sheet.wrong == []
    actions.confirm(batch=batch, by=cast.office, at=now, seen=sheet.digest())
    items = list(PlanItem.objects.prefetch_related("kinds").order_by("position"))
    assert table(items) == [
        (3, "四中全会精神", "张三", "李四、王五", "集体学习研讨"),
        (3, "疫情防控", "张三（镇长）", "赵六、钱七", "集体学习研讨、扩大学习"),
        (4, "脱贫攻坚", "李四", "", "现场教学"),
    ]
    assert items[0].content == "《决定》\n《说明》"
    assert [item.responsible for item in items] == ["党政办", "卫健办", "扶贫办"]


def test_dates_as_serials_with_a_chinese_format_and_quarters_in_words(cast, now, kinds):
    rows = [
        ["时 间", "专 题", "学习篇目", "形式", "责任单位"],
        [43891, "第一专题", "篇目一", "集体学习研讨", "办公室"],
        [43926, "第二专题", "篇目二", "读书班", "办公室"],
        ["三季度", "第三专题", "篇目三", "研讨学习", "办公室"],
        ["10、11月", "第四专题", "篇目四", "集体学习研讨/扩大学习", "办公室"],
        ["12月中旬", "第五专题", "篇目五", "扩大学习", "办公室"],
    ]
    content = by_openpyxl(rows, A2='yyyy"年"m"月"', A3="yyyy/m/d")
    batch = start(cast, content, now)
    sheet = read_batch(batch)
    warned = {c.address: c.message for row in sheet.doubtful for c in row.cells.values() if c.level == "warning"}
    assert warned["A4"] == "写的是“三季度”，按 7 月编入。"
    assert "按 10 月编入" in warned["A5"]
    assert set(warned) == {"A4", "A5", "D4"}
    items = imported(cast, content, now)
    assert [(i.month, i.topic, i.date_text) for i in items] == [
        (3, "第一专题", ""),
        (4, "第二专题", "4月5日"),
        (7, "第三专题", "三季度"),
        (10, "第四专题", "10、11月"),
        (12, "第五专题", "12月中旬"),
    ]
    assert items[2].remark == "学习形式：研讨学习"  # what names no kind is not lost


WPS_STRINGS = (
    f'<sst xmlns="{MAIN}" count="9" uniqueCount="9"><si><t>月份</t></si><si><r><rPr><b/></rPr><t>学习</t>'
    '</r><r><t>专题</t></r></si><si><t>领学</t><rPh sb="0" eb="1"><t>リョウ</t></rPh></si>'
    '<si><t xml:space="preserve"> 党史 </t></si>'
    "<si><t>张　三</t></si>"
    "<si><t>五月份</t></si><si><t>法治_x000D_教育</t></si></sst>"
)


def test_wps_rich_text_phonetics_prefixes_and_no_references(cast, now, kinds):
    """No dimension, no r= on rows and cells, x: before every name, an absolute target, AlternateContent in the book."""
    sheet = (
        f'<x:worksheet xmlns:x="{MAIN}"><x:sheetData><x:row><x:c t="s"><x:v>0</x:v></x:c><x:c t="s"><x:v>1</x:v></x:c>'
        '<x:c t="s"><x:v>2</x:v></x:c></x:row><x:row><x:c t="s"><x:v>5</x:v></x:c><x:c t="s"><x:v>3</x:v></x:c>'
        '<x:c t="s"><x:v>4</x:v></x:c></x:row><x:row><x:c t="inlineStr">'
        "<x:is><x:r><x:t>6</x:t></x:r><x:r><x:t>月</x:t></x:r></x:is></x:c>"
        '<x:c t="s"><x:v>6</x:v></x:c><x:c t="str">'
        "<x:f>A1</x:f><x:v>李四</x:v></x:c></x:row></x:sheetData></x:worksheet>"
    )
    book = (
        f'<x:workbook xmlns:x="{MAIN}" xmlns:r="{REL}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
        '<mc:AlternateContent><mc:Choice Requires="x15"><x:absPath url="C:\\"/></mc:Choice><mc:Fallback>'
        '<x:sheets><x:sheet name="假" sheetId="7" r:id="rId7"/></x:sheets></mc:Fallback></mc:AlternateContent>'
        '<x:sheets><x:sheet name="2020年" sheetId="1" r:id="rId1"/></x:sheets></x:workbook>'
    )
    rels = (
        f'<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" Type="x" Target="/xl/worksheets/sheet1.xml"/>'
        '<Relationship Id="rId2" Type="x" Target="/xl/sharedStrings.xml"/></Relationships>'
    )
    items = imported(cast, by_hand(sheet, strings=WPS_STRINGS, book=book, rels=rels), now)
    assert table(items) == [(5, "党史", "张三", "", ""), (6, "法治教育", "李四", "", "")]


def test_a_sheet_with_a_million_formatted_empty_rows(cast, now, kinds):
    head = "".join(f'<c r="{a}1" t="inlineStr"><is><t>{t}</t></is></c>' for a, t in (("A", "月份"), ("B", "主题")))
    row = '<c r="A2"><v>9</v></c><c r="B2" t="inlineStr"><is><t>国防教育</t></is></c>'
    empty = "".join(f'<row r="{n}" s="1" customFormat="1"><c r="A{n}" s="1"/></row>' for n in range(3, 300_000))
    items = imported(cast, by_hand(worksheet(f'<row r="1">{head}</row><row r="2">{row}</row>{empty}')), now)
    assert table(items) == [(9, "国防教育", "", "", "")]


def test_months_as_bands_and_three_hundred_rows(cast, now, kinds):
    rows: list[list] = [["2020年学习安排"] + [None] * 3, ["次序", "学习重点", "主讲人", "承办单位"]]
    merges = ["A1:D1"]
    for month in range(1, 13):
        rows.append([f"{month}月份", None, None, None])
        merges.append(f"A{len(rows)}:D{len(rows)}")
        rows += [[n, f"{month}月第{n}讲", f"主讲{n}", "党政办"] for n in range(1, 26)]
    batch = start(cast, by_openpyxl(rows, merges), now)
    sheet = read_batch(batch)
    assert len(sheet.good) == 300
    assert len(sheet.rows) == len(rows)
    assert [row.why_not for row in sheet.left_out].count("小标题") == 12


def test_months_come_from_bands_over_the_rows(cast, now, kinds):
    rows = [
        ["月份", "学习重点", "主讲人"],
        ["3月份"] * 3,
        [None, "甲", "张三"],
        [None, "乙", "李四"],
        ["四月份"] * 3,
        [None, "丙", ""],
    ]
    items = imported(cast, by_openpyxl(rows), now)
    assert [(i.month, i.topic) for i in items] == [(3, "甲"), (3, "乙"), (4, "丙")]


def test_a_title_of_another_year_is_pointed_out(cast, now, kinds):
    content = by_openpyxl([["2019年学习计划", None], ["月份", "学习专题"], ["5月", "甲"]], ["A1:B1"])
    assert [p.message for p in read_batch(start(cast, content, now)).problems] == [
        "表的标题写的是2019年，选的是2020年，请核对。"
    ]


def test_content_without_topics_and_pasted_cells_with_line_breaks(cast, now, kinds):
    text = '月份\t学习内容\t责任人\r\n1月\t"《求是》第1期\n《人民日报》社论"\t办公室\r\n２月\t"初心"教育读本\t\r\n'
    batch = actions.start_import(
        description=description_of("plan"),
        group=cast.group,
        grids=[read_paste(text)],
        file_name="粘贴的表格",
        options={"year": "2020", "month": "", "mode": "append"},
        by=cast.office,
        at=now,
    )
    actions.confirm(batch=batch, by=cast.office, at=now)
    rows = PlanItem.objects.order_by("position").values_list("month", "topic", "content")
    assert list(rows) == [
        (1, "《求是》第1期", "《求是》第1期\n《人民日报》社论"),
        (2, '"初心"教育读本', '"初心"教育读本'),
    ]


# -- Errors by cell, undo, two people --------------------------------------------

WRONG = [
    ["月份", "学习专题", "学习形式", "内容类别"],
    ["3月", "好的一行", "集体学习研讨", "政治理论"],
    ["13月", "月份不对", "集体学习研讨", ""],
    ["4月", "", "", ""],
    ["5月", "题" * 201, "", "没有这类"],
]


def test_errors_are_named_by_cell_and_nothing_is_written(cast, now, kinds):
    batch = start(cast, by_openpyxl(WRONG), now)
    sheet = read_batch(batch)
    wrong = {c.address: c.message for row in sheet.wrong for c in row.cells.values() if c.level == "error"}
    assert set(wrong) == {"A3", "B4", "B5", "D5"}
    assert wrong["A3"] == "月份“13月”不对，应是 1 到 12。"
    assert wrong["B4"] == "请填写学习专题。"
    with pytest.raises(Refused, match="还有 3 行有错"):
        actions.confirm(batch=batch, by=cast.office, at=now)
    assert not AnnualPlan.objects.exists()
    actions.confirm(batch=batch, by=cast.office, at=now, leave_wrong=True)
    assert list(PlanItem.objects.values_list("topic", flat=True)) == ["好的一行"]


def test_undo_leaves_the_database_as_it_was(cast, now, kinds):
    plan = make_annual_plan(cast, rows=[item_row("已有的"), item_row("要更新的", month=5)])
    before = dump()
    rows = [
        ["月份", "学习专题", "领学人", "学习形式"],
        ["5月", "要更新的", "张三", "扩大学习"],
        ["2月", "新的", "李四", ""],
    ]
    batch = start(cast, by_openpyxl(rows), now)
    assert dump() == before  # a preview writes nothing but itself
    sheet = read_batch(batch)
    assert (sheet.counts()["new"], sheet.counts()["changed"]) == (1, 1)
    actions.confirm(batch=batch, by=cast.office, at=now)
    assert [i.topic for i in plan.items.order_by("position")] == ["新的", "已有的", "要更新的"]
    assert plan.items.get(topic="要更新的").lead_readers == "张三"
    actions.undo(batch=batch, by=cast.office, at=now)
    assert dump() == before
    actions.undo(batch=batch, by=cast.office, at=now)  # pressed twice
    assert list(AuditEntry.objects.filter(action__startswith="import.").values_list("action", flat=True)) == [
        "import.start",
        "import.confirm",
        "import.undo",
    ]


def test_undo_of_a_plan_made_and_of_one_replaced(cast, now, kinds):
    before = dump()
    rows = [["月份", "学习专题"], ["5月", "甲"], ["2月", "乙"]]
    batch = start(cast, by_openpyxl(rows), now)
    actions.confirm(batch=batch, by=cast.office, at=now)
    made = dump()
    again = start(cast, by_openpyxl([["月份", "学习专题"], ["6月", "丙"], ["2月", "乙"]]), now, mode="replace")
    told = [problem.message for problem in read_batch(again).problems]
    assert told == ["草稿里的 1 个专题将去掉：“甲”。"]
    actions.confirm(batch=again, by=cast.office, at=now)
    assert list(PlanItem.objects.order_by("position").values_list("topic", flat=True)) == ["乙", "丙"]
    actions.undo(batch=again, by=cast.office, at=now)
    assert dump() == made
    actions.undo(batch=batch, by=cast.office, at=now)
    assert dump() == before


def test_undo_is_refused_after_somebody_went_on(cast, now, kinds):
    batch = start(cast, by_openpyxl([["月份", "学习专题"], ["5月", "甲"]]), now)
    actions.confirm(batch=batch, by=cast.office, at=now)
    item = PlanItem.objects.get()
    make_session(cast, plan_item=item)
    with pytest.raises(Refused, match="已经被学习活动使用"):
        actions.undo(batch=batch, by=cast.office, at=now)
    assert PlanItem.objects.filter(pk=item.pk).exists()


def test_undo_is_refused_once_the_plan_was_handed_in(cast, now, kinds):
    batch = start(cast, by_openpyxl([["月份", "学习专题"], ["5月", "甲"]]), now)
    actions.confirm(batch=batch, by=cast.office, at=now)
    hand_in(AnnualPlan.objects.get().review, by=cast.office)
    with pytest.raises(Refused, match="不能撤销"):
        actions.undo(batch=batch, by=cast.office, at=now)


def test_a_plan_approved_meanwhile_is_not_written_over(cast, now, kinds):
    plan = make_annual_plan(cast)
    batch = start(cast, by_openpyxl([["月份", "学习专题"], ["5月", "甲"]]), now)
    seen = read_batch(batch).digest()
    walk_to(plan.review, State.APPROVED, cast)
    with pytest.raises(Overtaken, match="有了变化"):
        actions.confirm(batch=batch, by=cast.office, at=now, seen=seen)
    with pytest.raises(Refused, match="正在审核或已经审定"):
        actions.confirm(batch=batch, by=cast.office, at=now)
    assert plan.items.count() == 1


def test_confirming_twice_writes_once(cast, now, kinds):
    batch = start(cast, by_openpyxl([["月份", "学习专题"], ["5月", "甲"]]), now)
    stale = ImportBatch.objects.get(pk=batch.pk)
    actions.confirm(batch=batch, by=cast.office, at=now)
    actions.confirm(batch=stale, by=cast.office, at=now)
    assert PlanItem.objects.count() == 1
    again = start(cast, by_openpyxl([["月份", "学习专题"], ["5月", "甲"]]), now)
    assert read_batch(again).counts()["same"] == 1


def test_somebody_without_the_permission_imports_nothing(cast, now, kinds):
    with pytest.raises(NotAllowed):
        actions.start_import(
            description=description_of("plan"),
            group=cast.group,
            grids=[read_paste("月份\t学习专题\n3月\t甲")],
            file_name="x",
            options={"year": "2020"},
            by=cast.foreign_office,
            at=now,
        )
    assert not ImportBatch.objects.exists()


def test_a_month_gets_its_rows_and_refuses_other_months(cast, now, kinds):
    make_annual_plan(cast, rows=[item_row("年度已有", month=3)])
    rows = [
        ["时间", "地点", "主题", "是否补充", "依据"],
        [43895, "三楼会议室", "年度已有", "", ""],
        ["3月12日下午2:30", "礼堂", "重要讲话", "是", "3月10日讲话"],
        ["3月20日", "", "缺依据", "是", ""],
    ]
    batch = start(cast, by_openpyxl(rows, A2="yyyy-mm-dd"), now, month="3")
    sheet = read_batch(batch)
    assert {c.address for row in sheet.wrong for c in row.cells.values() if c.level == "error"} == {"E4"}
    before = dump()
    actions.confirm(batch=batch, by=cast.office, at=now, leave_wrong=True)
    plan = MonthlyPlan.objects.get()
    told = [(i.topic, i.date_text, i.is_supplement, i.drawn_from_id is None) for i in plan.items.order_by("position")]
    assert told == [("年度已有", "3月5日", False, False), ("重要讲话", "3月12日下午2:30", True, True)]
    actions.undo(batch=batch, by=cast.office, at=now)
    assert dump() == before


def test_replacing_keeps_what_was_carried_out(cast, now, kinds):
    plan = make_annual_plan(cast, rows=[item_row("已办的")])
    make_session(cast, plan_item=plan.items.get())
    batch = start(cast, by_openpyxl([["月份", "学习专题"], ["5月", "甲"]]), now, mode="replace")
    with pytest.raises(Refused, match="不能替换掉"):
        actions.confirm(batch=batch, by=cast.office, at=now)
    assert make_monthly_plan(cast).items.count() == 1


# -- Pages -----------------------------------------------------------------------


def upload(content: bytes, name: str = "2020年计划.xlsx") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def test_the_way_from_upload_to_undo_in_a_browser(cast, as_, kinds):
    office = as_(cast.office)
    page = office.get("/imports/").content.decode()
    assert "学习计划" in page
    assert "还没有导入过" in page
    data = {"group": cast.group.pk, "year": 2020, "month": "", "mode": "append", "file": upload(by_openpyxl(WRONG))}
    response = office.post("/imports/plan/", data)
    batch = ImportBatch.objects.get()
    assert response.headers["Location"] == f"/imports/{batch.pk}/"  # every column was understood
    page = office.get(f"/imports/{batch.pk}/").content.decode()
    assert "月份“13月”不对" in page
    assert 'name="cell-A3"' in page
    assert 'name="cell-A2"' not in page  # only wrong cells can be typed into
    assert 'name="cell-A2"' in office.get(f"/imports/{batch.pk}/?show=all&edit=1").content.decode()
    whole = {"seen": office.get(f"/imports/{batch.pk}/").context["digest"]}
    unticked = office.post(f"/imports/{batch.pk}/confirm/", whole, follow=True)
    assert unticked.status_code == 200
    assert "还有 3 行有错，没有导入" in unticked.content.decode()
    mended = {"version": 0, "cell-A3": "6月", "cell-B4": "补上的", "skip": "5", "cell-Z99": "外面"}
    assert office.post(f"/imports/{batch.pk}/mend/", mended).status_code == 302
    assert office.post(f"/imports/{batch.pk}/mend/", {"version": 0, "cell-A2": "1月"}).status_code == 409
    response = office.get(f"/imports/{batch.pk}/?show=left_out")
    assert "您选择不导入" in response.content.decode()
    seen = {"seen": response.context["digest"]}
    assert office.post(f"/imports/{batch.pk}/confirm/", {"seen": "alt"}).status_code == 409
    assert office.post(f"/imports/{batch.pk}/confirm/", seen).status_code == 302
    assert office.post(f"/imports/{batch.pk}/confirm/", seen).status_code == 302
    assert sorted(PlanItem.objects.values_list("topic", flat=True)) == ["好的一行", "月份不对", "补上的"]
    page = office.get(f"/imports/{batch.pk}/").content.decode()
    assert "新增</dt><dd>3 行" in page
    address = office.get(f"/imports/{batch.pk}/").context["address"]
    assert "补上的" in office.get(address).content.decode()
    office.post(f"/imports/{batch.pk}/undo/")
    assert "已撤销" in office.get("/imports/").content.decode()
    assert not AnnualPlan.objects.exists()


def test_the_plan_pages_lead_to_the_import(cast, as_):
    plan = make_monthly_plan(cast)
    office = as_(cast.office)
    assert f"/imports/plan/?group={cast.group.pk}&amp;year=2020" in office.get("/plans/?year=2020").content.decode()
    month = office.get(f"/plans/months/{plan.pk}/").content.decode()
    assert f"/imports/plan/?group={cast.group.pk}&amp;year=2020&amp;month=3" in month
    form = office.get(f"/imports/plan/?group={cast.group.pk}&year=2020&month=3").context["form"]
    assert form["month"].value() == "3"


def test_columns_are_chosen_and_remembered(cast, as_, kinds):
    office = as_(cast.office)
    rows = [["什么时候", "学什么", "谁来讲"], ["3月", "甲", "张三"]]
    data = {"group": cast.group.pk, "year": 2020, "month": "", "mode": "append"}
    response = office.post("/imports/plan/", data | {"file": upload(by_openpyxl(rows))})
    batch = ImportBatch.objects.get()
    assert response.headers["Location"] == f"/imports/{batch.pk}/columns/"
    page = office.get(f"/imports/{batch.pk}/columns/").content.decode()
    assert "还没有对应“学习专题”的列" in page
    layout = {"sheet": batch.sheet_name, "head_first": 1, "head_last": 1, "version": 0}
    assert office.post(f"/imports/{batch.pk}/columns/", layout).status_code == 302
    chosen = {"columns": 1, "version": 1, "column-0": "month", "column-1": "topic", "column-2": ""}
    assert office.post(f"/imports/{batch.pk}/columns/", chosen).status_code == 302
    page = office.get(f"/imports/{batch.pk}/").content.decode()
    assert "您选择不导入" in page
    assert ImportHeading.objects.filter(group=cast.group, heading="学什么", field="topic").exists()
    office.post("/imports/plan/", data | {"file": upload(by_openpyxl(rows), "又一张.xlsx")})
    again = ImportBatch.objects.latest("pk")
    assert again.mapping == {"0": "month", "1": "topic"}


def test_other_files_are_refused_with_the_way_to_save_them(cast, as_):
    office = as_(cast.office)
    for name, content, why in (
        ("计划.xls", b"\xd0\xcf\x11\xe0", "另存为"),
        ("计划.csv", "月份,专题".encode(), "另存为"),
        ("计划.xlsx", b"PK\x03\x04 broken", "内容与扩展名不符"),
        ("秘密★计划.xlsx", by_openpyxl([["月份"]]), "密级"),
    ):
        data = {"group": cast.group.pk, "year": 2020, "mode": "append", "file": upload(content, name)}
        assert why in office.post("/imports/plan/", data).content.decode(), name
    empty = office.post("/imports/plan/", {"group": cast.group.pk, "year": 2020, "mode": "append"})
    assert "请先选择文件" in empty.content.decode()
    assert not ImportBatch.objects.exists()


def test_wrong_rows_can_be_taken_home(cast, as_, now, kinds):
    batch = start(cast, by_openpyxl(WRONG), now)
    response = as_(cast.office).get(f"/imports/{batch.pk}/wrong.xlsx")
    rows = read_workbook(response.content)[0].rows
    assert rows[1][:4] == ["位置", "问题", "月份", "学习专题"]
    assert rows[2][:3] == ["第 3行", "A3　月份“13月”不对，应是 1 到 12。", "13月"]


def test_the_template_is_read_back_without_its_example(cast, as_, now, kinds):
    for month in ("", "3"):
        content = as_(cast.office).get(f"/imports/plan/template.xlsx?month={month}").content
        sheet = read_batch(start(cast, content, now, month=month))
        assert sheet.good == []
        assert "示例" in {row.why_not for row in sheet.rows}
        assert sheet.left_columns == []


def test_a_preview_of_300_rows_asks_the_database_as_often_as_one_of_three(cast, as_, now, kinds):
    counts = []
    for rows in (3, 300):
        lines = [
            ["月份", "学习专题", "学习形式"],
            *([f"{n % 12 + 1}月", f"专题{n}", "集体学习研讨"] for n in range(rows)),
        ]
        batch = start(cast, by_openpyxl(lines), now)
        browser = as_(cast.office)
        browser.get("/imports/")
        with CaptureQueriesContext(connection) as queries:
            page = browser.get(f"/imports/{batch.pk}/").content.decode()
        counts.append(len(queries))
        assert "专题2" in page
    assert counts[0] == counts[1]
    assert "第 1 / 7 页" in page


def test_a_list_of_batches_asks_the_database_equally_often(cast, as_, now, kinds):
    counts = []
    browser = as_(cast.office)
    for _ in range(2):
        while ImportBatch.objects.count() < (1 if not counts else 30):
            start(cast, by_openpyxl([["月份", "学习专题"], ["5月", "甲"]]), now)
        browser.get("/imports/")
        with CaptureQueriesContext(connection) as queries:
            assert "计划.xlsx" in browser.get("/imports/").content.decode()
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_batch_belongs_to_those_who_may_import_such_a_sheet(cast, as_, now, kinds):
    batch = start(cast, by_openpyxl([["月份", "学习专题"], ["5月", "甲"]]), now)
    assert as_(cast.propaganda).get(f"/imports/{batch.pk}/").status_code == 200
    assert as_(cast.foreign_office).get(f"/imports/{batch.pk}/").status_code == 404
    assert as_(cast.secretary).get(f"/imports/{batch.pk}/").status_code == 403
    assert as_(cast.m1).get("/imports/").status_code == 403
    assert as_(cast.office).get("/imports/nonsense/").status_code == 404


# -- The command -------------------------------------------------------------------


def run(path: Path, *args: str) -> dict:
    out = StringIO()
    try:
        call_command("import_ledger", str(path), "--group", "town", "--kind", "plan", "--json", *args, stdout=out)
    finally:
        told = out.getvalue()
    return json.loads(told)


def test_the_command_runs_the_same_code(cast, kinds, tmp_path):
    path = tmp_path / "计划.xlsx"
    path.write_bytes(by_openpyxl([["月份", "学习专题"], ["5月", "甲"], ["6月", "乙"]]))
    assert run(path, "--year", "2020", "--dry-run")["counts"]["new"] == 2
    assert not AnnualPlan.objects.exists()
    assert not ImportBatch.objects.exists()
    told = run(path, "--year", "2020", "--as", "office")
    assert told["state"] == "confirmed"
    assert PlanItem.objects.count() == 2
    path.write_bytes(by_openpyxl(WRONG))
    out = StringIO()
    with pytest.raises(CommandError, match="有错，没有导入"):
        call_command("import_ledger", str(path), "--group", "town", "--kind", "plan", "--year", "2020", stdout=out)
    assert "错误 A3　月份“13月”不对" in out.getvalue()
    assert PlanItem.objects.count() == 2
    assert run(path, "--year", "2020", "--skip-errors")["counts"]["wrong"] == 3
    assert PlanItem.objects.count() == 3
    with pytest.raises(CommandError, match="没有代号为"):
        call_command("import_ledger", str(path), "--group", "nowhere", "--kind", "plan")


def test_a_supplement_with_a_review_of_its_own_is_not_the_sheets_to_change(cast, now, kinds):
    supplement = make_supplement(cast)
    plan = supplement.monthly_plan
    plan.review.refresh_from_db()
    revise_plan(plan=plan, by=cast.office, at=now, seen_version=plan.review.version)
    rows = [["学习专题", "重点发言人"], ["新的讲话", "张三"], ["全新专题", "李四"]]
    for mode, own in (("append", 3), ("replace", 2)):
        before = dump()
        batch = start(cast, by_openpyxl(rows), now, year=str(plan.year), month=str(plan.month), mode=mode)
        actions.confirm(batch=batch, by=cast.office, at=now)
        assert plan.items.kept().filter(review=None).count() == own
        there = plan.items.get(pk=supplement.pk)
        assert (there.review_id, there.key_speakers) == (supplement.review_id, "")
        actions.undo(batch=batch, by=cast.office, at=now)
        assert dump() == before
