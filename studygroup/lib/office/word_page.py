"""The page of GB/T 9704-2012: paper, type area, styles, fonts and page numbers of every document written here.

Fonts are named, never shipped; a machine without them takes the next of `FALLBACKS`.
"""

from dataclasses import dataclass
from typing import Any

from docx.document import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

TITLE_FONT, BODY_FONT, SECOND_FONT = "方正小标宋简体", "仿宋_GB2312", "楷体_GB2312"
FIRST_FONT, NUMBER_FONT = "黑体", "宋体"
FALLBACKS = {
    TITLE_FONT: "方正小标宋_GBK,小标宋,宋体",
    BODY_FONT: "仿宋,FangSong,华文仿宋",
    SECOND_FONT: "楷体,KaiTi,华文楷体",
    FIRST_FONT: "SimHei,微软雅黑",
    NUMBER_FONT: "SimSun,Noto Serif CJK SC",
}
TITLE_SIZE, BODY_SIZE, NUMBER_SIZE = 22.0, 16.0, 14.0  # 二号、三号、四号
COVER_SIZE, CONTENTS_SIZE = 26.0, 14.0  # 一号、四号
LINE_PITCH = 28.95  # points: 22 lines on 225 mm
TIGHTEN = -5  # twentieths of a point: 28 characters of 三号 on 156 mm
MILLIMETRE = 1440 / 25.4  # twentieths of a point


@dataclass(frozen=True)
class Page:
    """One orientation of A4 in millimetres; landscape is the portrait page turned."""

    width: float
    height: float
    top: float
    bottom: float
    left: float
    right: float
    footer: float

    @property
    def text_width(self) -> float:
        return self.width - self.left - self.right


PORTRAIT = Page(210, 297, top=37, bottom=35, left=28, right=26, footer=23)
LANDSCAPE = Page(297, 210, top=28, bottom=26, left=36, right=36, footer=15)


def twips(millimetres: float) -> int:
    return round(millimetres * MILLIMETRE)


def fonts(name: str) -> str:
    return f'<w:rFonts w:ascii="{name}" w:hAnsi="{name}" w:eastAsia="{name}" w:cs="{name}" w:hint="eastAsia"/>'


def section_xml(
    page: Page, footers: str, line_pitch: float, *, continues: bool = False, opens_book: bool = False
) -> str:
    """`<w:sectPr>`; with `continues` the section starts on a page of its own after another one, with `opens_book` on a
    right-hand one that is page 1."""
    turned = ' w:orient="landscape"' if page.width > page.height else ""
    kind = '<w:type w:val="oddPage"/>' if opens_book else '<w:type w:val="nextPage"/>' if continues else ""
    numbers = '<w:pgNumType w:start="1"/>' if opens_book else ""
    return (
        f"<w:sectPr {nsdecls('w', 'r')}>{footers}{kind}"
        f'<w:pgSz w:w="{twips(page.width)}" w:h="{twips(page.height)}"{turned}/>'
        f'<w:pgMar w:top="{twips(page.top)}" w:right="{twips(page.right)}" w:bottom="{twips(page.bottom)}"'
        f' w:left="{twips(page.left)}" w:header="{twips(15)}" w:footer="{twips(page.footer)}" w:gutter="0"/>{numbers}'
        f'<w:docGrid w:type="lines" w:linePitch="{round(line_pitch * 20)}"/></w:sectPr>'
    )


def set_up(document: Document, line_pitch: float) -> str:
    """Put our styles, fonts, settings and page numbers in place of the library's; the footers' references."""
    part: Any = document.part
    part._styles_part._element = parse_xml(_styles(line_pitch))
    for relation in list(part.rels.values()):
        kind = relation.reltype.rpartition("/")[2]
        if kind == "fontTable":
            relation.target_part._blob = _font_table().encode()
        elif kind in ("stylesWithEffects", "customXml", "numbering", "webSettings", "theme"):
            del part.rels[relation.rId]
    package = part.package
    for relation in list(package.rels.values()):
        kind = relation.reltype.rpartition("/")[2]
        if kind == "thumbnail":
            del package.rels[relation.rId]
        elif kind == "extended-properties":
            relation.target_part._blob = _APP.encode()
    part._settings_part._element = parse_xml(_SETTINGS)
    return _footers(document)


def _footers(document: Document) -> str:
    """“— 1 —”: right on odd pages, left on even ones, one character from the edge of the type area."""
    section = document.sections[0]
    references = ""
    for kind, footer, side in (
        ("default", section.footer, "right"),
        ("even", section.even_page_footer, "left"),
    ):
        footer.is_linked_to_previous = False
        element: Any = footer._element
        for child in list(element):
            element.remove(child)
        element.append(parse_xml(_number_line(side)))
        references += f'<w:footerReference w:type="{kind}" r:id="{_reference_id(section, kind)}"/>'
    return references


def _reference_id(section: Any, kind: str) -> str:
    found = section._sectPr.xpath(f"w:footerReference[@w:type='{kind}']")
    return found[0].get("{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id")


def _number_line(side: str) -> str:
    run = f'<w:rPr>{fonts(NUMBER_FONT)}<w:sz w:val="{round(NUMBER_SIZE * 2)}"/></w:rPr>'
    parts = (
        "<w:t>— </w:t>",
        '<w:fldChar w:fldCharType="begin"/>',
        "<w:instrText>PAGE</w:instrText>",
        '<w:fldChar w:fldCharType="separate"/>',
        "<w:t>1</w:t>",
        '<w:fldChar w:fldCharType="end"/>',
        "<w:t> —</w:t>",
    )
    runs = "".join(f"<w:r>{run}{part}</w:r>" for part in parts).replace("<w:t>", '<w:t xml:space="preserve">')
    return (
        f'<w:p {nsdecls("w")}><w:pPr><w:pStyle w:val="Footer"/><w:ind w:{side}Chars="100" w:{side}="280"/>'
        f'<w:jc w:val="{side}"/></w:pPr>{runs}</w:p>'
    )


def _styles(line_pitch: float) -> str:
    pitch = round(line_pitch * 20)
    line = f'<w:spacing w:before="0" w:after="0" w:line="{pitch}" w:lineRule="exact"/>'
    indent = f'<w:ind w:firstLineChars="200" w:firstLine="{round(BODY_SIZE * 2 * 20 + 2 * TIGHTEN)}"/>'
    body = _style("Normal", "Normal", f'<w:widowControl w:val="0"/>{line}<w:jc w:val="both"/>', BODY_FONT, default=True)
    levels = "".join(
        _style(f"Level{n}", f"公文{n}级标题", f'{keep}{indent}<w:outlineLvl w:val="{n - 1}"/>', font)
        for n, font, keep in (
            (1, FIRST_FONT, "<w:keepNext/>"),
            (2, SECOND_FONT, "<w:keepNext/>"),
            (3, BODY_FONT, ""),
            (4, BODY_FONT, ""),
        )
    )
    free = '<w:snapToGrid w:val="0"/>'  # of the lines of the body: its own pitch holds
    title = (
        f'<w:keepNext/>{free}<w:spacing w:before="0" w:after="{pitch}" w:line="{round(TITLE_SIZE * 1.6 * 20)}"'
        ' w:lineRule="exact"/><w:jc w:val="center"/>'
    )
    sheet_title = title.replace(f'w:after="{pitch}"', f'w:after="{pitch // 3}"')
    chapter = title.replace("<w:keepNext/>", "<w:keepNext/><w:pageBreakBefore/>") + '<w:outlineLvl w:val="0"/>'
    cover = f'{free}<w:jc w:val="center"/>'
    edge = twips(PORTRAIT.text_width)
    contents = f'<w:tabs><w:tab w:val="right" w:leader="dot" w:pos="{edge}"/></w:tabs>{line}<w:jc w:val="left"/>'
    footer = '<w:spacing w:line="240" w:lineRule="auto"/><w:jc w:val="left"/>'
    byline = f'<w:spacing w:before="0" w:after="{pitch}" w:line="{pitch}" w:lineRule="exact"/><w:jc w:val="center"/>'
    note = f'{free}<w:spacing w:line="400" w:lineRule="exact"/><w:jc w:val="left"/>'
    return (
        f"<w:styles {nsdecls('w')}><w:docDefaults><w:rPrDefault><w:rPr>{fonts(BODY_FONT)}"
        f'<w:spacing w:val="{TIGHTEN}"/><w:sz w:val="{round(BODY_SIZE * 2)}"/><w:szCs w:val="{round(BODY_SIZE * 2)}"/>'
        '<w:lang w:val="en-US" w:eastAsia="zh-CN"/></w:rPr></w:rPrDefault><w:pPrDefault/></w:docDefaults>'
        + body
        + _style("Body", "公文正文", indent, BODY_FONT)
        + _style("Title", "公文标题", title, TITLE_FONT, size=TITLE_SIZE)
        + _style("SheetTitle", "表格标题", sheet_title, TITLE_FONT, size=TITLE_SIZE)
        + levels
        + _style("Byline", "署名", byline, SECOND_FONT)
        + _style("Note", "说明", note, SECOND_FONT, size=12)
        + _style("ChapterTitle", "篇名", chapter, TITLE_FONT, size=TITLE_SIZE)
        + _style("CoverTitle", "封面标题", cover, TITLE_FONT, size=COVER_SIZE)
        + _style("Contents", "目录", contents, BODY_FONT, size=CONTENTS_SIZE)
        + _style("Footer", "footer", footer, NUMBER_FONT, size=NUMBER_SIZE)
        + "</w:styles>"
    )


def _style(key: str, name: str, layout: str, font: str, *, size: float = BODY_SIZE, default: bool = False) -> str:
    based = "" if default else '<w:basedOn w:val="Normal"/>'
    # No space of the program's own between Chinese and digits: 28 characters stay 28.
    free = '<w:autoSpaceDE w:val="0"/><w:autoSpaceDN w:val="0"/>'
    layout = _in_order(layout, free)
    return (
        f'<w:style w:type="paragraph"{" w:default=" + chr(34) + "1" + chr(34) if default else ""} w:styleId="{key}">'
        f'<w:name w:val="{name}"/>{based}<w:qFormat/><w:pPr>{layout}</w:pPr>'
        f'<w:rPr>{fonts(font)}<w:sz w:val="{round(size * 2)}"/><w:szCs w:val="{round(size * 2)}"/></w:rPr></w:style>'
    )


def _in_order(layout: str, free: str) -> str:
    """The schema wants autoSpace after the keep and widow rules and before spacing, indents and alignment."""
    places = [layout.find(tag) for tag in ("<w:snapToGrid", "<w:spacing", "<w:ind", "<w:jc", "<w:outlineLvl")]
    first = min((place for place in places if place >= 0), default=len(layout))
    return layout[:first] + free + layout[first:]


def _font_table() -> str:
    rows = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{others}"/><w:charset w:val="86"/></w:font>'
        for name, others in FALLBACKS.items()
    )
    return f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:fonts {nsdecls("w")}>{rows}</w:fonts>'


_SETTINGS = (
    f'<w:settings {nsdecls("w")}><w:defaultTabStop w:val="640"/><w:evenAndOddHeaders/>'
    '<w:characterSpacingControl w:val="doNotCompress"/><w:compat><w:useFELayout/>'
    '<w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" w:val="15"/>'
    '</w:compat><w:themeFontLang w:val="en-US" w:eastAsia="zh-CN"/></w:settings>'
)
_APP = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    '<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"/>'
)
