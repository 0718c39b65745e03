"""A book in Word: cover, foreword, contents, chapters, read back from the file."""

import io
import zipfile
from datetime import UTC, datetime

import pytest
from docx import Document
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from studygroup.lib.office.word_book import Book, Chapter, book_bytes, first_pages

AT = datetime(2020, 12, 31, tzinfo=UTC)


def chapter(title="学习体会", paragraphs=1, length=100, **facts):
    blocks = [{"type": "heading", "text": "一、认识"}]
    blocks += [{"type": "paragraph", "text": "学" * length} for _ in range(paragraphs)]
    return Chapter(title, "组织委员　张三", blocks, **{"name": "张三", **facts})


def book(*chapters, **facts):
    plain = {"title": "某镇中心组\n2020年成果汇编", "publisher": "某镇党委", "day": "2020年12月", "foreword": ""}
    return Book(**{**plain, **facts}, chapters=chapters)


def opened(*chapters, **facts):
    return Document(io.BytesIO(book_bytes(book(*chapters, **facts), at=AT)))


def texts(document):
    return [p.text for p in document.paragraphs]


def test_parts_come_in_order_and_every_chapter_begins_a_page():
    document = opened(chapter("甲"), chapter("乙"), foreword="第一段。\n\n第二段。")
    told = [text for text in texts(document) if text]
    expected = ["某镇中心组\n2020年成果汇编", "某镇党委", "2020年12月", "前　　言", "第一段。", "第二段。", "目　　录"]
    assert told[:7] == expected
    assert told[7:9] == ["甲　张三\t1", "乙　张三\t2"]
    style = document.styles["篇名"].element
    assert style.pPr.find(qn("w:pageBreakBefore")) is not None
    names = {p.text: p for p in document.paragraphs if p.style.name == "篇名"}
    assert list(names) == ["甲", "乙"]
    assert names["甲"]._p.pPr.find(qn("w:pageBreakBefore")).get(qn("w:val")) == "0"  # its section begins the page
    assert names["乙"]._p.pPr.find(qn("w:pageBreakBefore")) is None


def test_margins_pitch_and_fonts_are_those_of_the_standard():
    document = opened(chapter())
    for section in document.sections:
        size = (section.page_width, section.page_height)
        margins = (section.top_margin, section.bottom_margin, section.left_margin, section.right_margin)
        assert [round(value / Mm(1), 1) for value in (*size, *margins)] == [210, 297, 37, 35, 28, 26]
        assert section._sectPr.find(qn("w:docGrid")).get(qn("w:linePitch")) == "579"
    fonts = {"篇名": ("方正小标宋简体", 22), "封面标题": ("方正小标宋简体", 26), "公文正文": ("仿宋_GB2312", 16)}
    fonts |= {"公文1级标题": ("黑体", 16), "署名": ("楷体_GB2312", 16), "目录": ("仿宋_GB2312", 14)}
    for name, (face, size) in fonts.items():
        style = document.styles[name]
        assert style.element.rPr.find(qn("w:rFonts")).get(qn("w:eastAsia")) == face
        assert style.font.size == Pt(size)
    assert document.styles["Normal"].paragraph_format.line_spacing == Pt(28.95)


def test_numbers_begin_with_one_on_a_right_hand_page_and_not_on_the_cover():
    front, body = opened(chapter()).sections
    assert front._sectPr.findall(qn("w:footerReference")) == []
    assert body._sectPr.find(qn("w:pgNumType")).get(qn("w:start")) == "1"
    assert body._sectPr.find(qn("w:type")).get(qn("w:val")) == "oddPage"
    for footer, side in ((body.footer, "right"), (body.even_page_footer, "left")):
        line = footer.paragraphs[0]
        assert line.text == "— 1 —"
        assert line._p.pPr.find(qn("w:jc")).get(qn("w:val")) == side


def test_contents_are_fields_bound_to_the_chapters_and_filled_in():
    chapters = [chapter("甲", 3), chapter("乙", 40), chapter("丙")]
    document = opened(*chapters)
    lines = [p for p in document.paragraphs if p.style.name == "目录"]
    fields = ["".join(e.text for e in p._p.iter(qn("w:instrText"))).split()[:2] for p in lines]
    assert fields == [["PAGEREF", "chapter1"], ["PAGEREF", "chapter2"], ["PAGEREF", "chapter3"]]
    marks = [e.get(qn("w:name")) for e in document.element.body.iter(qn("w:bookmarkStart"))]
    assert marks == ["chapter1", "chapter2", "chapter3"]
    assert [p.text.rpartition("\t")[2] for p in lines] == [str(page) for page in first_pages(chapters)]
    tab = document.styles["目录"].element.pPr.find(qn("w:tabs"))[0]
    assert (tab.get(qn("w:val")), tab.get(qn("w:leader"))) == ("right", "dot")


@pytest.mark.parametrize(
    ("paragraphs", "length", "pages"),
    [
        (1, 26, 1),
        (16, 26, 1),  # title, byline and heading leave room for sixteen lines
        (17, 26, 2),
        (16, 27, 2),  # one character more than fits beside the indent makes two lines of each
        (16 + 22, 26, 2),
        (16 + 23, 26, 3),
    ],
)
def test_pages_are_counted_on_22_lines_of_28_characters(paragraphs, length, pages):
    assert first_pages([chapter(paragraphs=paragraphs, length=length), chapter()]) == [1, 1 + pages]


def test_a_comma_at_the_end_of_a_line_makes_no_new_one():
    plain = [chapter(paragraphs=0), chapter()]
    full = {"type": "paragraph", "text": "学" * 26}
    hung = {"type": "paragraph", "text": "学" * 26 + "。"}
    for block, begins in ((full, 2), (hung, 2)):
        long = Chapter("题", "名", [block] * 17)
        assert first_pages([long, *plain])[1] == begins


def test_kinds_stand_above_their_chapters_in_the_contents():
    document = opened(chapter("甲", part="心得体会"), chapter("乙", part="心得体会"), chapter("丙", part="调研报告"))
    lines = [p.text for p in document.paragraphs if p.style.name == "目录"]
    assert lines == ["心得体会", "甲　张三\t1", "乙　张三\t2", "调研报告", "丙　张三\t3"]


def test_hostile_texts_stay_texts_and_the_same_book_makes_the_same_bytes():
    odd = Chapter("=1+1<w:p>\x00\u202e", "&\x07", [{"type": "paragraph", "text": "</w:p>\ud800"}], "\ufffe", "")
    told = texts(opened(odd, foreword="<b>"))
    assert {"=1+1<w:p>", "&", "</w:p>", "<b>"} <= set(told)
    first = book_bytes(book(odd), at=AT)
    assert first == book_bytes(book(odd), at=AT)
    with zipfile.ZipFile(io.BytesIO(first)) as package:
        assert "updateFields" not in package.read("word/settings.xml").decode()  # nobody is asked anything
