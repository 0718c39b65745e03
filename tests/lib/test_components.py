"""Parts of printed papers: which blocks stand on which page, and how wide columns are."""

from django.template.loader import render_to_string

from sessions_app.paperwork import Written
from studygroup.lib.components import shares, sheets
from studygroup.lib.parse import quoted

TEXT, NOTE, TURN = {"type": "paragraph", "text": "要求"}, {"type": "note", "text": "审定"}, {"type": "section"}
LYING = TURN | {"landscape": True}


def test_blocks_are_told_apart_by_the_way_their_page_is_turned():
    assert sheets([TEXT, LYING, NOTE]) == [(False, [TEXT]), (True, [NOTE])]
    assert sheets([LYING, TEXT, NOTE]) == [(True, [TEXT, NOTE])]
    assert sheets([TEXT, LYING, NOTE, TURN, TEXT]) == [(False, [TEXT]), (True, [NOTE]), (False, [TEXT])]
    assert sheets([TEXT]) == [(False, [TEXT])]
    assert sheets([]) == [(False, [])]


def test_shares_are_of_the_whole_width():
    assert shares([1, 3]) == ["25.0%", "75.0%"]


def test_title_and_approval_lie_on_the_page_of_a_turned_table():
    written = Written("三月安排", [LYING])
    written.table(["序号", "主题"], [["1", "<b>"]], [1, 3], size=10.5)
    written.blocks.append(NOTE)
    page = render_to_string("components/paper.html", {"written": written})
    turned = page.partition('<div class="paper-wide">')[2].partition("</article>")[0]
    for shown in ("三月安排", "&lt;b&gt;", "审定", '<col width="25.0%">'):
        assert shown in turned


def test_a_title_is_put_in_marks_once():
    assert quoted("学习笔记") == "《学习笔记》"
    assert quoted("《论党的建设》读后感") == "《论党的建设》读后感"
