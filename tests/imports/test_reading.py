"""Workbooks and pasted cells as plain rows; whatever a hostile file does is refused in time."""

import time
import zipfile
from datetime import date, datetime
from io import BytesIO

import pytest

from accounts.sheets.description import Doubtful, Wrong
from accounts.sheets.parsers import day_of, hours_of, month_of, names_in, told_day, whole
from sessions_app.imports.people import mark_of
from studygroup.lib.errors import Refused
from studygroup.lib.office.sheets import read_paste, read_workbook, refuse_other_tables
from studygroup.lib.tables import find_head, headings_of, key_of, propose, why_no_row
from tests.imports.workbooks import MAIN, PACKAGE, REL, TYPES, by_hand, by_openpyxl, worksheet, zipped


def cells(content: bytes) -> list[list[str]]:
    return read_workbook(content)[0].rows


# -- What programs write -----------------------------------------------------------


def test_numbers_are_read_as_people_see_them():
    rows = [
        [3.0, 1.1, 0.5, 44206, 44206.604166, 0.604166, True, 0.1 + 0.2, 7, 12345678901, None, 1234.5],
        [date(2020, 3, 5), datetime(2020, 3, 5, 14, 30), 3, 5, 43891, 43891, 60, 59, "x", "y", "z", "=1+1"],
    ]
    formats = {"C1": "0%", "D1": "yyyy-mm-dd", "E1": "yyyy/m/d h:mm", "F1": "h:mm", "I1": "000", "L1": "#,##0.00"}
    formats |= {"C2": '0"月"', "D2": '"第"0"次"', "E2": '[DBNum1][$-804]yyyy"年"m"月"', "F2": '[$-804]m"月"d"日";@'}
    assert cells(by_openpyxl(rows, **formats)) == [
        ["3", "1.1", "50%", "2021-01-10", "2021-01-10 14:30", "14:30", "是", "0.3", "007", "12345678901", "", "1234.5"],
        [
            "2020-03-05",
            "2020-03-05 14:30",
            "3月",
            "第5次",
            "2020年3月",
            "2020-03-01",
            "60",
            "59",
            "x",
            "y",
            "z",
            "#公式无结果",
        ],
    ]


def test_merged_cells_say_what_their_first_cell_says():
    grid = read_workbook(
        by_openpyxl([["一", None], [None, "乙"], ["二", "丙"], [None, None]], ["A1:A2", "A3:A4", "B3:B4"])
    )[0]
    assert grid.rows == [["一", ""], ["一", "乙"], ["二", "丙"], ["二", "丙"]]
    assert grid.carried == (4,)


def test_dates_of_1904_and_iso_cells():
    book = (
        f'<workbook xmlns="{MAIN}" xmlns:r="{REL}"><workbookPr date1904="1"/>'
        '<sheets><sheet name="s" sheetId="1" r:id="rId1"/>'
        "</sheets></workbook>"
    )
    styles = f'<styleSheet xmlns="{MAIN}"><cellXfs><xf numFmtId="0"/><xf numFmtId="31"/></cellXfs></styleSheet>'
    rows = '<row r="1"><c r="A1" s="1"><v>42429</v></c><c r="C1" t="d"><v>2020-03-05T00:00:00</v></c></row>'
    assert cells(by_hand(worksheet(rows), styles=styles, book=book)) == [["2020-03-01", "", "2020-03-05"]]


def test_pasted_cells_keep_line_breaks_and_quotes_of_titles():
    assert read_paste('a\t"b\nc ""d"""\t"不忘"教育\r\n1\t2\n\n').rows == [
        ["a", 'b\nc "d"', '"不忘"教育'],
        ["1", "2", ""],
    ]
    with pytest.raises(Refused, match="请先选择文件"):
        read_paste(" \n\t\n")
    with pytest.raises(Refused, match="一次最多"):
        read_paste("x\n" * 5001)


@pytest.mark.parametrize("name", ["a.xls", "a.et", "a.csv", "a.ods", "a.xlsm", "a.docx", "a"])
def test_other_files_say_how_to_save_them(name):
    with pytest.raises(Refused, match="另存为"):
        refuse_other_tables(name)


# -- Hostile files -----------------------------------------------------------------


def cell(text: str, where: str = "A1") -> str:
    return f'<row r="1"><c r="{where}" t="inlineStr"><is><t>{text}</t></is></c></row>'


def big(head: str, part: str, times: int, tail: str) -> bytes:
    """A package whose worksheet is one part repeated: small when packed."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        small = zipfile.ZipFile(BytesIO(by_hand(worksheet(""))))
        for name in small.namelist():
            if name != "xl/worksheets/sheet1.xml":
                package.writestr(name, small.read(name))
        with package.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            sheet.write(head.encode())
            for _ in range(times // 1000):
                sheet.write((part * 1000).encode())
            sheet.write(tail.encode())
    return buffer.getvalue()


HEAD = f'<worksheet xmlns="{MAIN}"><sheetData>'
END = "</sheetData></worksheet>"
MERGES = (
    f"{HEAD}{cell('x')}</sheetData><mergeCells>",
    '<mergeCell ref="A1:XFD1048576"/>',
    1_000_000,
    "</mergeCells></worksheet>",
)
HOSTILE = {
    "zip bomb": lambda: big(HEAD, " " * 1000, 400_000, END),
    "a million merged cells": lambda: big(*MERGES),
    "rows without end": lambda: big(HEAD, '<row><c t="n"><v>1</v></c></row>', 2_000_000, END),
    "cells without end": lambda: big(f"{HEAD}<row>", "<c><v>1</v></c>", 2_000_000, f"</row>{END}"),
    "elements without end": lambda: big(HEAD, "<row><c/><c/><c/></row>", 6_000_000, END),
    "one endless text": lambda: big(f'{HEAD}<row r="1"><c t="str"><v>', "字" * 100, 400_000, f"</v></c></row>{END}"),
    "deep": lambda: by_hand(worksheet("<a>" * 100_000 + "</a>" * 100_000)),
    "huge shared strings": lambda: by_hand(
        worksheet(cell("x")), strings=f'<sst xmlns="{MAIN}">' + f"<si><t>{'字' * 5000}</t></si>" * 6000 + "</sst>"
    ),
    "entities": lambda: by_hand(
        '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>' + worksheet(cell("&b;"))
    ),
    "external entity": lambda: by_hand(
        '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + worksheet(cell("&a;"))
    ),
    "no sheet": lambda: zipped({"[Content_Types].xml": TYPES, "xl/workbook.xml": f'<workbook xmlns="{MAIN}"/>'}),
    "broken": lambda: by_openpyxl([["x"]])[:-400],
    "not a package": lambda: b"PK\x03\x04" + b"x" * 1000,
    "nothing": lambda: b"",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_in_time(name):
    content = HOSTILE[name]()
    began = time.monotonic()
    with pytest.raises(Refused) as refused:
        read_workbook(content)
    assert time.monotonic() - began < 12
    assert refused.value.message.endswith(("。", "再试。", "再上传。"))
    assert "passwd" not in refused.value.message


def test_a_sheet_pointing_outside_the_package_is_not_followed():
    rels = (
        f'<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" Type="x" Target="../../../etc/passwd"/>'
        '<Relationship Id="rId2" Type="x" TargetMode="External" Target="http://127.0.0.1/x.xml"/></Relationships>'
    )
    with pytest.raises(Refused):
        read_workbook(by_hand(worksheet(cell("x")), rels=rels))


# -- Cells --------------------------------------------------------------------------


def plain(value):
    return value.value if isinstance(value, Doubtful) else value


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("3", 3),
        ("３月", 3),
        ("三月份", 3),
        ("3月上旬", 3),
        ("十二月", 12),
        ("2020年3月", 3),
        ("2020-04-01", 4),
        ("20200501", 5),
    ]
    + [
        ("一季度", 1),
        ("第四季度", 10),
        ("3、4月", 3),
        ("10-11月", 10),
        ("下半年", 7),
        ("2020.6", 6),
        ("9月15日", 9),
        ("十一月", 11),
    ],
)
def test_months(text, month):
    assert plain(month_of(text)) == month


@pytest.mark.parametrize("text", ["13月", "每月", "待定", "0"])
def test_no_months(text):
    with pytest.raises(Wrong):
        month_of(text)


def test_days_and_hours():
    day = date(2020, 3, 5)
    for text in (
        "2020.3.5",
        "2020/3/5",
        "2020年3月5日",
        "３月５日下午2:30",
        "20200305",
        "2020-03-05 14:30",
        "3.5",
        "20.3.5",
    ):
        assert day_of(text, 2020) == day, text
    assert [str(h) for h in hours_of("3月5日下午2:30-4:30")] == ["14:30:00", "16:30:00"]
    assert [str(h) for h in hours_of("2020.3.5 上午9点半")] == ["09:30:00"]
    assert hours_of("2020-03-05") == []
    assert hours_of("2020年3月5日") == []
    for text in ("2月30日", "下周", "1020.3.5"):
        with pytest.raises(Wrong):
            day_of(text, 2020)
    with pytest.raises(Wrong, match="没有写年份"):
        day_of("3月5日")


def test_a_day_that_lost_its_nought_is_doubtful():
    assert told_day("3.5", 2020) == date(2020, 3, 5)
    assert isinstance(told_day("3.1", 2020), Doubtful)


def test_people_and_counts():
    told = [(one.name, one.note) for one in names_in("张三（镇长）、李四，王 五；赵六\n欧阳修　司马光/无")]
    assert told == [("张三", "镇长"), ("李四", ""), ("王五", ""), ("赵六", ""), ("欧阳修", ""), ("司马光", "")]
    assert [whole(text) for text in ("12", "１２人", "3 册", "1,200")] == [12, 12, 3, 1200]


@pytest.mark.parametrize(
    ("text", "status", "reason"),
    [("✓", "present", ""), ("√", "present", ""), ("到", "present", ""), ("出席", "present", ""), ("迟到", "late", "")]
    + [("请假", "leave", ""), ("公假", "leave", "official"), ("病假", "leave", "sick"), ("事假", "leave", "personal")]
    + [("假（公出）", "leave", "official"), ("缺席", "absent", ""), ("旷", "absent", ""), ("×", "absent", "")],
)
def test_marks(text, status, reason):
    mark = mark_of(text)
    assert (mark.status, mark.reason) == (status, reason)


# -- Heads --------------------------------------------------------------------------


def test_heads_under_titles_and_above_groups():
    rows = [
        ["计划表"] * 3,
        ["单位：某镇", "", ""],
        ["月份", "发言人", "发言人"],
        ["月份", "领学人", "重点发言人"],
        ["3月", "甲", "乙"],
    ]
    head = find_head(rows, {"月份", "领学人", "重点发言人"})
    assert (head.first, head.after) == (2, 4)
    assert headings_of(rows, head) == ["月份", "发言人 领学人", "发言人 重点发言人"]
    names = {"月份": "month", "领学人": "lead", "重点发言人": "key", "发言人": "key"}
    assert propose(headings_of(rows, head), names, {}) == {0: "month", 1: "lead", 2: "key"}
    assert key_of("学 习\n内容（篇 目）") == "学习内容篇目"


def test_a_second_head_row_merged_with_nothing_above():
    names = {"月份", "专题", "领学人", "重点发言人"}
    head_rows = [["月份", "专题", "发言人", "发言人"], ["", "", "领学人", "重点发言人"]]
    for upper in (head_rows[0], ["月份", "专题", "发言人", ""]):
        rows = [upper, head_rows[1], ["3月", "甲", "张三", "李四"]]
        head = find_head(rows, names)
        assert (head.first, head.after) == (0, 2)
        assert headings_of(rows, head)[2:] == ["发言人 领学人", "发言人 重点发言人" if upper[3] else "重点发言人"]
    row_of_names = [head_rows[0], ["", "", "张三", "李四"], ["3月", "甲", "", ""]]
    assert find_head(row_of_names, names).after == 1  # names below a heading are a row, not a heading


def test_rows_that_are_none():
    head = ["序号", "月份", "专题"]
    assert why_no_row(["", "", ""], head) == "空行"
    assert why_no_row(["合 计", "3", ""], head) == "合计、小计"
    assert why_no_row(["备注：以上安排可调整", "", ""], head) == "落款、说明"
    assert why_no_row(["序号", "月份", "专题"], head) == "重复的表头"
    assert why_no_row(["示例：1", "3月", "专题"], head) == "示例"
    assert why_no_row(["1", "3月", "备注制度学习"], head) == ""


def test_half_a_surrogate_pair_is_left_out():
    [grid] = read_workbook(by_openpyxl([["_xD800_专题_x000D_", "月份"]]))
    assert grid.rows == [["专题", "月份"]]
