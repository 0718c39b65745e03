"""What is read of a text somebody has written in Word or saved as plain text."""

import importlib
import io

import pytest
from docx import Document

from studygroup.lib.errors import Refused
from studygroup.lib.office.texts import READER, read_text, refuse_other_documents
from tests.uploads import docx

RELATIONS = (
    '<Relationships><Relationship Id="n" Target="numbering.xml"/><Relationship Id="s" Target="styles.xml"/>'
    '<Relationship Id="f" Target="footnotes.xml"/></Relationships>'
)
NUMBERING = (
    '<w:numbering><w:abstractNum w:abstractNumId="7">'
    '<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:lvlText w:val="%1、"/></w:lvl>'
    '<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:lvlText w:val="（%2）"/></w:lvl>'
    '<w:lvl w:ilvl="2"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:isLgl/><w:lvlText w:val="%1.%3"/></w:lvl>'
    '</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="7"/></w:num>'
    '<w:num w:numId="2"><w:abstractNumId w:val="7"/>'
    '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride></w:num></w:numbering>'
)
STYLES = (
    '<w:styles><w:style w:type="paragraph" w:default="1" w:styleId="a"><w:name w:val="Normal"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="1"><w:name w:val="heading 1"/><w:basedOn w:val="a"/>'
    '<w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
    '<w:style w:type="paragraph" w:styleId="b"><w:name w:val="b"/><w:basedOn w:val="c"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="c"><w:name w:val="c"/><w:basedOn w:val="b"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="t"><w:name w:val="toc 1"/></w:style></w:styles>'
)
NOTES = '<w:footnotes><w:footnote w:id="2"><w:p><w:r><w:t>见第二章。</w:t></w:r></w:p></w:footnote></w:footnotes>'
TITLE = '<w:p><w:pPr><w:jc w:val="center"/></w:pPr><w:r><w:t>题目</w:t></w:r></w:p>'


def p(text, properties="", run=""):
    return f"<w:p><w:pPr>{properties}</w:pPr><w:r>{run}<w:t>{text}</w:t></w:r></w:p>"


def numbered(text, depth=0, number=1):
    return p(text, f'<w:numPr><w:ilvl w:val="{depth}"/><w:numId w:val="{number}"/></w:numPr>')


def body_of(*parts, **more):
    """The body read of a document that begins with a title."""
    document = f"<w:document><w:body>{TITLE}{''.join(parts)}</w:body></w:document>"
    named = {"word/_rels/document.xml.rels": RELATIONS, "word/numbering.xml": NUMBERING, "word/styles.xml": STYLES}
    read = read_text("a.docx", docx(**{"word/document.xml": document, "word/footnotes.xml": NOTES} | named | more))
    assert read.title == "题目"
    return read.body.split("\n")


def test_numbers_that_word_counts_are_written_out():
    parts = [numbered("认识"), numbered("第一点", 1), numbered("第二点", 1), numbered("打算"), numbered("又一点", 1)]
    assert body_of(*parts) == ["一、认识", "（一）第一点", "（二）第二点", "二、打算", "（一）又一点"]
    assert body_of(numbered("甲"), numbered("乙", 2), numbered("丙", 2)) == ["一、甲", "1.1 乙", "1.2 丙"]


def test_a_list_told_to_begin_anew_does_and_others_go_on():
    assert body_of(numbered("甲"), numbered("乙"), numbered("丙", number=2)) == ["一、甲", "二、乙", "一、丙"]


def test_numbers_of_a_heading_style_are_counted_and_empty_ones_too():
    heading = '<w:pStyle w:val="1"/>'
    assert body_of(p("认识", heading), p("", heading), p("打算", heading)) == ["一、认识", "三、打算"]
    assert body_of(p("无号", heading + '<w:numPr><w:numId w:val="0"/></w:numPr>')) == ["无号"]


@pytest.mark.parametrize(
    ("value", "form", "said"),
    [
        (10, "chineseCounting", "十"),
        (12, "chineseCountingThousand", "十二"),
        (20, "japaneseCounting", "二十"),
        (105, "chineseCounting", "一百零五"),
        (3, "chineseLegalSimplified", "叁"),
        (2, "ideographTraditional", "乙"),
        (3, "decimalEnclosedCircleChinese", "③"),
        (4, "upperRoman", "IV"),
        (28, "lowerLetter", "bb"),
        (7, "无人知道", "7"),
        (0, "chineseCounting", "0"),
    ],
)
def test_a_number_is_written_in_its_form(monkeypatch, value, form, said):
    monkeypatch.syspath_prepend(READER.parent)  # its modules are those of a program
    written = importlib.import_module("docx_numbers").written
    assert written(value, form) == said


def test_tracked_changes_are_read_as_accepted():
    changed = (
        "<w:p><w:r><w:t>学习</w:t></w:r><w:ins><w:r><w:t>使人</w:t></w:r></w:ins>"
        "<w:del><w:r><w:delText>让人</w:delText></w:r></w:del><w:r><w:t>进步。</w:t></w:r></w:p>"
    )
    removed = "<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr><w:del><w:r><w:delText>整段</w:delText></w:r></w:del></w:p>"
    merged = "<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr><w:r><w:t>前半</w:t></w:r></w:p>"
    moved = "<w:moveFrom><w:p><w:r><w:t>搬走</w:t></w:r></w:p></w:moveFrom>"
    assert body_of(changed, removed, merged, p("后半"), moved) == ["学习使人进步。", "前半后半"]


def test_text_boxes_footnotes_fields_and_hidden_text():
    box = (
        "<w:p><w:r><w:t>外面</w:t><mc:AlternateContent><mc:Choice><w:txbxContent>" + p("框里") + "</w:txbxContent>"
        "</mc:Choice><mc:Fallback><w:txbxContent>" + p("框里") + "</w:txbxContent></mc:Fallback></mc:AlternateContent>"
        '</w:r><w:r><w:footnoteReference w:id="2"/></w:r></w:p>'
    )
    field = "<w:p><w:r><w:instrText>PAGE</w:instrText></w:r><w:r><w:t>第一</w:t><w:br/><w:t>第二</w:t></w:r></w:p>"
    hidden = p("看不见", run="<w:rPr><w:vanish/></w:rPr>")
    above = "<w:rt><w:r><w:t>pin</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>拼</w:t></w:r></w:rubyBase>"
    ruby = f"<w:p><w:r><w:ruby>{above}</w:ruby></w:r></w:p>"
    assert body_of(box, field, hidden, ruby) == ["外面〔注1〕", "框里", "第一", "第二", "拼", "〔注1〕见第二章。"]


def test_a_contents_list_is_left_out_and_said():
    contents = (
        '<w:sdt><w:sdtPr><w:docPartObj><w:docPartGallery w:val="Table of Contents"/></w:docPartObj></w:sdtPr>'
        "<w:sdtContent>" + p("一、认识……1") + "</w:sdtContent></w:sdt>"
    )
    styled = p("二、打算……2", '<w:pStyle w:val="t"/>')
    document = f"<w:document>{TITLE}{contents}{styled}{p('正文。')}</w:document>"
    named = {"word/_rels/document.xml.rels": RELATIONS, "word/styles.xml": STYLES}
    read = read_text("a.docx", docx(**{"word/document.xml": document} | named))
    assert (read.body, read.left_out) == ("正文。", ("自动目录",))


def test_rows_of_a_table_are_lines_and_a_frame_is_none():
    def table(*rows):
        cells = "".join("<w:tr>" + "".join(f"<w:tc>{cell}</w:tc>" for cell in row) + "</w:tr>" for row in rows)
        return f"<w:tbl>{cells}</w:tbl>"

    inner = table([p("内一"), p("内二")])
    assert body_of(table([p("甲"), p("乙") + p("丙")], [inner, p("丁")])) == ["甲 ｜ 乙 丙", "内一 ｜ 内二 ｜ 丁"]
    assert body_of(table([p("第一段。") + p("第二段。")])) == ["第一段。", "第二段。"]


def test_styles_that_build_on_each_other_in_a_circle_end():
    assert body_of(p("一", '<w:pStyle w:val="b"/>')) == ["一"]


def test_the_title_is_what_stands_out_above_the_text():
    def title(text):
        return read_text("a.txt", text.encode()).title

    assert title("读书有感\n第一段。") == "读书有感"
    assert title("第一段是一句话。\n第二段。") == ""
    assert title("一、认识\n第一段。") == ""
    assert title("长" * 61 + "\n第一段。") == ""


def test_a_title_on_two_lines_is_one_and_the_name_below_is_not():
    document = Document()
    for text, size in (("关于学习贯彻", 22), ("全会精神的体会", 22), ("张三", 16), ("正文。", 16)):
        paragraph = document.add_paragraph()
        paragraph.alignment = 1 if size == 22 or text == "张三" else 0
        paragraph.add_run(text).font.size = size * 12700
    buffer = io.BytesIO()
    document.save(buffer)
    read = read_text("a.docx", buffer.getvalue())
    assert (read.title, read.body) == ("关于学习贯彻全会精神的体会", "张三\n正文。")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_text_file_is_read_as_windows_saves_it(encoding):
    read = read_text("a.txt", "题目\r\n\u3000\u3000一、认识㐀\r\n\r\n正文。".encode(encoding))
    assert (read.title, read.body) == ("题目", "一、认识㐀\n正文。")


@pytest.mark.parametrize(
    "document",
    [
        '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><w:document>&a;</w:document>',
        "<w:document>" + "<w:tbl>" * 200 + "</w:tbl>" * 200 + "</w:document>",
        "<w:document><w:p>",
        "",
    ],
)
def test_a_document_with_a_trap_is_refused(document):
    with pytest.raises(Refused, match="没有读取"):
        read_text("a.docx", docx(**{"word/document.xml": document}))


@pytest.mark.parametrize("most", ["<w:p><w:r><w:t>" + "长" * 1000 + "</w:t></w:r></w:p>", "<w:p/>" * 400, "<w:tbl>"])
def test_a_document_without_end_costs_little(most):
    """Eighty megabytes of one thing in a file of some hundred kilobytes."""
    many = 80_000_000 // len(most.encode())
    bomb = docx(**{"word/document.xml": f"<w:document>{most * many}</w:document>"})
    assert len(bomb) < 1_000_000
    with pytest.raises(Refused):
        read_text("a.docx", bomb)


def test_other_programs_texts_are_refused_with_the_way_out():
    for name, said in (("a.doc", "另存为"), ("a.wps", "另存为"), ("a.pdf", "原稿"), ("a.zip", "请选择")):
        with pytest.raises(Refused, match=said):
            refuse_other_documents(name)
