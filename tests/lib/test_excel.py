"""Excel 工作簿: names stay names, whatever they look like."""

import io

import pytest
from openpyxl import load_workbook

from studygroup.lib.office.excel import Sheet, clean, workbook_bytes


def book_of(*rows, name="统计", **facts):
    sheet = Sheet(name=name, title="年度统计", head=["项目", "数值"], rows=rows, widths=[20, 10], **facts)
    return load_workbook(io.BytesIO(workbook_bytes([sheet])))


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "=HYPERLINK('x')", "012345", "1e5"])
def test_a_text_that_looks_like_something_else_stays_text(text):
    cell = book_of([text, 1]).active["A3"]
    assert (cell.value, cell.data_type, cell.number_format) == (text, "s", "@")


def test_head_and_title_are_text_too():
    sheet = Sheet(name="表", title="=标题", head=["=头"], rows=[], widths=[10])
    page = load_workbook(io.BytesIO(workbook_bytes([sheet]))).active
    assert [(page["A1"].value, page["A1"].data_type), (page["A2"].value, page["A2"].data_type)] == [
        ("=标题", "s"),
        ("=头", "s"),
    ]


@pytest.mark.parametrize("value", [14, 0, 3.5, -2])
def test_numbers_stay_numbers(value):
    cell = book_of(["次", value]).active["B3"]
    assert (cell.value, cell.data_type) == (value, "n")


def test_long_numbers_keep_every_digit():
    assert book_of([371326198001011234, ""]).active["A3"].value == "371326198001011234"


@pytest.mark.parametrize("bad", ["\x00", "\x0b", "\x1f", "\ufffe", "\uffff", "\ud800"])
def test_characters_xml_cannot_hold_are_dropped(bad):
    assert book_of([f"张{bad}三", 1]).active["A3"].value == "张三"


def test_lines_and_rare_characters_are_kept():
    assert book_of(["第一行\n第二行𠮷", 1]).active["A3"].value == "第一行\n第二行𠮷"


@pytest.mark.parametrize(("value", "shown"), [(None, ""), (True, "是"), (False, "否"), ("长" * 40_000, "长" * 32_000)])
def test_other_values_become_readable_text(value, shown):
    assert clean(value) == shown


def test_a_sheet_name_excel_would_refuse_is_mended():
    assert book_of(["a", 1], name="2020[1/2]:出勤*" + "长" * 40).sheetnames[0][:10] == "2020 1 2  "
