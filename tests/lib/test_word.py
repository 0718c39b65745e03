"""Word 文档: the page of GB/T 9704 read back from the file, and texts that mean harm."""

import io
import re
import zipfile
from datetime import UTC, datetime

import pytest
from docx import Document
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from studygroup.lib.office.characters import file_name, level_of
from studygroup.lib.office.word import document_bytes

AT = datetime(2020, 5, 1, 1, 2, 3, tzinfo=UTC)
BODY = [
    {"type": "address", "text": "各位成员："},
    {"type": "paragraph", "text": "现将有关事项通知如下。"},
    {"type": "heading", "text": "一、时间"},
    {"type": "heading", "text": "（一）领学"},
    {"type": "heading", "text": "1. 篇目"},
    {"type": "heading", "text": "（1）第一篇"},
    {"type": "sign", "lines": ["中共某某镇委员会", "2020年5月8日"]},
]
TABLE = {"type": "table", "head": ["序号", "姓名"], "rows": [["1", "张三"], ["2", "李四"]], "widths": [1, 3]}


def opened(blocks, title="学习通知", **facts):
    return Document(io.BytesIO(document_bytes(title, blocks, at=AT, **facts)))


def part(name, blocks=BODY, **facts) -> str:
    with zipfile.ZipFile(io.BytesIO(document_bytes("学习通知", blocks, at=AT, **facts))) as package:
        return package.read(name).decode()


def style_of(document, text):
    return next(p.style for p in document.paragraphs if p.text == text)


def test_page_and_type_area():
    section = opened(BODY).sections[0]
    size = (section.page_width, section.page_height)
    margins = (section.top_margin, section.bottom_margin, section.left_margin, section.right_margin)
    assert [round(value / Mm(1), 1) for value in (*size, *margins)] == [210, 297, 37, 35, 28, 26]
    grid = section._sectPr.find(qn("w:docGrid"))
    assert (grid.get(qn("w:type")), grid.get(qn("w:linePitch"))) == ("lines", "579")


@pytest.mark.parametrize(
    ("text", "font", "size"),
    [
        ("学习通知", "方正小标宋简体", 22),
        ("现将有关事项通知如下。", "仿宋_GB2312", 16),
        ("一、时间", "黑体", 16),
        ("（一）领学", "楷体_GB2312", 16),
        ("1. 篇目", "仿宋_GB2312", 16),
        ("（1）第一篇", "仿宋_GB2312", 16),
    ],
)
def test_fonts_name_their_east_asian_face(text, font, size):
    style = style_of(opened(BODY), text)
    faces = style.element.rPr.find(qn("w:rFonts"))
    assert {faces.get(qn(f"w:{kind}")) for kind in ("eastAsia", "ascii", "hAnsi")} == {font}
    assert style.font.size == Pt(size)


def test_every_font_has_others_to_fall_back_on():
    fonts = part("word/fontTable.xml")
    for font, other in (("仿宋_GB2312", "仿宋"), ("楷体_GB2312", "楷体"), ("方正小标宋简体", "宋体")):
        assert re.search(f'w:name="{font}"><w:altName w:val="[^"]*{other}', fonts)


def test_lines_are_exactly_as_far_apart_as_told():
    document = opened(BODY)
    pitch = document.styles["Normal"].paragraph_format
    assert (pitch.line_spacing, pitch.line_spacing_rule) == (Pt(28.95), 4)
    assert opened(BODY, line_pitch=28).styles["Normal"].paragraph_format.line_spacing == Pt(28)
    indent = style_of(document, "现将有关事项通知如下。").element.pPr.find(qn("w:ind"))
    assert indent.get(qn("w:firstLineChars")) == "200"
    title = style_of(document, "学习通知").element.pPr.find(qn("w:jc"))
    assert title.get(qn("w:val")) == "center"


def test_date_stands_four_characters_from_the_right_and_the_name_over_it():
    lines = {p.text: p._p.pPr for p in opened(BODY).paragraphs}
    date, name = lines["2020年5月8日"], lines["中共某某镇委员会"]
    assert [p.find(qn("w:jc")).get(qn("w:val")) for p in (date, name)] == ["right", "right"]
    assert date.find(qn("w:ind")).get(qn("w:rightChars")) == "400"
    assert name.find(qn("w:ind")).get(qn("w:rightChars")) == "300"


def test_page_numbers_are_fields_right_on_odd_pages_and_left_on_even_ones():
    document = opened(BODY)
    assert document.settings.odd_and_even_pages_header_footer
    section = document.sections[0]
    for footer, side in ((section.footer, "right"), (section.even_page_footer, "left")):
        line = footer.paragraphs[0]
        assert line.text == "— 1 —"
        assert "".join(e.text for e in line._p.iter(qn("w:instrText"))) == "PAGE"
        assert line._p.pPr.find(qn("w:jc")).get(qn("w:val")) == side
        face = line.runs[0]._r.rPr
        assert (face.rFonts.get(qn("w:eastAsia")), face.find(qn("w:sz")).get(qn("w:val"))) == ("宋体", "28")


def test_long_table_repeats_its_head_and_keeps_rows_whole():
    rows = opened([TABLE]).tables[0]._tbl.findall(qn("w:tr"))
    assert [row.trPr.find(qn("w:tblHeader")) is not None for row in rows] == [True, False, False]
    assert all(row.trPr.find(qn("w:cantSplit")) is not None for row in rows)
    widths = [int(c.get(qn("w:w"))) for c in opened([TABLE]).tables[0]._tbl.iter(qn("w:gridCol"))]
    assert sum(widths) == round(156 * 1440 / 25.4)
    giant = opened([{**TABLE, "rows": [["1", "长" * 10_000]]}]).tables[0]._tbl.findall(qn("w:tr"))[1]
    assert giant.trPr.find(qn("w:cantSplit")) is None


def test_a_wide_table_turns_the_page_and_what_follows_turns_back():
    turned, back = {"type": "section", "landscape": True}, {"type": "section", "landscape": False}
    document = opened([*BODY, turned, TABLE, back, TABLE])
    assert [(s.orientation, s.page_width > s.page_height) for s in document.sections] == [(0, False), (1, True), (0, 0)]
    assert {len(s._sectPr.findall(qn("w:footerReference"))) for s in document.sections} == {2}
    alone = opened([turned, TABLE])
    assert [s.orientation for s in alone.sections] == [1]


def test_two_tables_do_not_grow_together():
    kinds = [child.tag for child in opened([{"type": "facts", "rows": [["甲", "乙"]]}, TABLE]).element.body]
    assert kinds[1:5] == [qn("w:tbl"), qn("w:p"), qn("w:tbl"), qn("w:p")]


def test_what_is_missing_is_marked_in_lines_and_cells():
    blocks = [{"type": "gap", "text": "〔待补：记录人〕"}, {**TABLE, "rows": [["1", "见〔待补：主持人〕处"]]}]
    marked = [r.text for r in _runs(opened(blocks)) if r._r.rPr.find(qn("w:highlight")) is not None]
    assert marked == ["〔待补：记录人〕", "〔待补：主持人〕"]


def _runs(document):
    paragraphs = [*document.paragraphs, *(p for t in document.tables for c in t._cells for p in c.paragraphs)]
    return [run for paragraph in paragraphs for run in paragraph.runs]


HOSTILE = ["=1+1", "<w:p>&amp;</w:p>", "\x00\x07a\x0b\ufffe\ud800b", "长" * 10_000, "😀𠮷", "甲\u202eexe.cod\u2066乙"]


def test_hostile_texts_stay_texts():
    blocks = [{"type": kind, "text": text} for text in HOSTILE for kind in ("paragraph", "heading", "gap", "note")]
    blocks += [
        {"type": "facts", "rows": [[text, text] for text in HOSTILE]},
        {"type": "table", "head": HOSTILE[:1], "rows": [[text] for text in HOSTILE]},
        {"type": "sign", "lines": HOSTILE},
        {"type": "file", "name": HOSTILE[2]},
    ]
    document = opened(blocks, title="\x00标题\u202e" + HOSTILE[1])
    texts = {p.text for p in document.paragraphs} | {c.text for t in document.tables for c in t._cells}
    assert {"=1+1", "<w:p>&amp;</w:p>", "ab", "长" * 10_000, "😀𠮷", "甲exe.cod乙", "附件：ab"} <= texts
    assert document.paragraphs[0].text == "标题<w:p>&amp;</w:p>"


def test_lines_of_a_text_become_paragraphs():
    texts = [p.text for p in opened([{"type": "paragraph", "text": "甲\r\n乙\t丙"}]).paragraphs]
    assert texts == ["学习通知", "甲", "乙 丙"]


def test_same_blocks_make_the_same_bytes_and_say_nothing_of_their_maker():
    first, second = (document_bytes("学习通知", [*BODY, TABLE], at=AT) for _ in range(2))
    assert first == second
    assert first != document_bytes("学习通知", BODY, at=AT)
    with zipfile.ZipFile(io.BytesIO(first)) as package:
        everything = b"".join(package.read(name) for name in package.namelist())
        assert {entry.date_time for entry in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert not re.search(rb"python-docx|Macintosh|Normal\.dotm", everything)
    properties = opened(BODY).core_properties
    assert (properties.author, properties.last_modified_by, properties.comments) == ("", "", "")
    assert properties.created.isoformat() == "2020-05-01T01:02:03+00:00"


@pytest.mark.parametrize(
    ("text", "level"), [("十一、打算", 1), ("（二）认识", 2), ("3. 做法", 3), ("（4）成效", 4), ("学习安排", None)]
)
def test_level_is_read_from_the_number(text, level):
    assert level_of(text) == level


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("2020:05/*?学习<记录>|", "2020 05 学习 记录"),
        ("通知. ", "通知"),
        ("con", "_con"),
        ("..\\..\\etc", "etc"),
        ("", "_"),
        ("甲\u202e乙\n丙", "甲乙 丙"),
        ("长" * 200, "长" * 60),
    ],
)
def test_file_names_are_such_as_every_system_stores(text, name):
    assert file_name(text) == name


def test_a_note_stays_on_the_page_of_the_tables_last_row_and_of_the_note_after_it():
    notes = [{"type": "note", "text": "审定：甲"}, {"type": "note", "text": "报备：县委"}]
    document = opened([TABLE, *notes])
    kept = [[c.paragraphs[0].paragraph_format.keep_with_next for c in row.cells] for row in document.tables[0].rows]
    assert kept == [[None, None], [None, None], [True, True]]
    found = {p.text: p.paragraph_format.keep_with_next for p in document.paragraphs}
    assert (found["审定：甲"], found["报备：县委"]) == (True, None)


def test_text_below_a_table_keeps_its_distance():
    document = opened([TABLE, {"type": "heading", "text": "一、内容"}])
    space = document.element.body.findall(qn("w:p"))[1]
    assert space.find(f".//{qn('w:spacing')}").get(qn("w:line")) == "160"
    assert space.find(f".//{qn('w:keepNext')}") is not None


def test_two_lines_of_a_title_keep_their_own_pitch():
    style = opened([TABLE], title="本镇党委中心组\n签到表").styles["表格标题"].element
    assert style.find(f".//{qn('w:snapToGrid')}").get(qn("w:val")) == "0"


def test_a_byline_stands_in_the_middle_below_the_title():
    line = opened([{"type": "byline", "text": "成员一"}]).paragraphs[1]
    assert (line.text, line.style.name, line.style.paragraph_format.alignment) == ("成员一", "署名", 1)


def test_a_document_of_its_title_only():
    assert [p.text for p in opened([]).paragraphs] == ["学习通知"]


def test_text_before_a_table_stays_on_its_page():
    blocks = [{"type": "heading", "text": "一、读书"}, {"type": "paragraph", "text": "读书 4 本。"}]
    table = {"type": "table", "head": ["日期"], "rows": [["1月"]]}
    before = opened([*blocks, table]).paragraphs[2]
    assert before.paragraph_format.keep_with_next
    assert not opened(blocks).paragraphs[2].paragraph_format.keep_with_next
