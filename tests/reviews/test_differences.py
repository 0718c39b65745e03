"""Two versions side by side: rows paired by what they are, cells compared by their label."""

import time

from reviews.chain import Move, State
from reviews.differences import difference
from sessions_app.actions.plan import ItemRow, revise_plan, save_plan, submit_plan
from sessions_app.models import AnnualPlan
from tests.factories import item_row, judge, kind, make_annual_plan, walk_to

HEAD = ["序号", "月份", "学习专题", "领学人"]


def plan(*rows, ids=None, head=HEAD):
    block = {"type": "table", "head": head, "rows": [list(row) for row in rows], "name": "学习专题"}
    return [{"type": "facts", "rows": [["年度", "2026年"]]}, block | ({"ids": ids} if ids else {})]


def told(found):
    return [(e.word, e.name, [(c.label, c.before, c.after) for c in e.cells]) for e in found.entries]


def test_rows_are_paired_by_their_items_whatever_their_place():
    before = plan(["1", "3月", "甲", "张三"], ["2", "4月", "乙", "李四"], ["3", "5月", "丙", ""], ids=[7, 8, 9])
    after = plan(["1", "2月", "新", ""], ["2", "4月", "乙改", "李四"], ["3", "5月", "丙", ""], ids=[10, 8, 9])
    found = difference(before, after)
    assert told(found) == [
        ("新增", "新", [("月份", "", "2月"), ("学习专题", "", "新")]),
        ("修改", "乙改", [("学习专题", "乙", "乙改")]),
        ("删除", "甲", [("月份", "3月", ""), ("学习专题", "甲", ""), ("领学人", "张三", "")]),
    ]
    assert (found.counts, found.unchanged) == ("新增 1、删除 1、修改 1", 1)


def test_rows_without_ids_are_paired_by_what_they_say():
    before = plan(["1", "3月", "甲", "张三"], ["2", "4月", "乙", "李四"])
    after = plan(["1", "4月", "乙", "王五"], ["2", "9月", "丁", "赵六"])
    assert [(entry.word, entry.name) for entry in difference(before, after).entries] == [
        ("修改", "乙"),
        ("新增", "丁"),
        ("删除", "甲"),
    ]


def test_only_a_changed_number_is_no_change():
    before, after = plan(["1", "3月", "甲", ""], ids=[7]), plan(["5", "3月", "甲", ""], ids=[7])
    assert difference(before, after).entries == []


def test_a_column_more_is_told_and_columns_are_matched_by_label():
    before = plan(["1", "3月", "甲", "张三"], ids=[7])
    after = plan(["1", "张三", "甲", "3月", "会议室"], ids=[7], head=["序号", "领学人", "学习专题", "月份", "地点"])
    assert told(difference(before, after)) == [("修改", "甲", [("地点", "", "会议室")])]


def test_facts_words_and_title_are_compared():
    old = [
        {"type": "facts", "rows": [["地点", "甲"]]},
        {"type": "paragraph", "text": "一"},
        {"type": "paragraph", "text": "二"},
    ]
    new = [
        {"type": "facts", "rows": [["地点", "乙"]]},
        {"type": "paragraph", "text": "一"},
        {"type": "paragraph", "text": "三"},
    ]
    found = difference(old, new, ("旧题", "新题"))
    assert [(e.name, e.cells[0].before, e.cells[0].after) for e in found.entries] == [
        ("标题", "旧题", "新题"),
        ("地点", "甲", "乙"),
        ("正文", "二", "三"),
    ]


def test_nothing_at_all_is_no_difference():
    assert difference([], []).entries == []
    assert difference([], plan(["1", "3月", "甲", ""])).counts == "新增 2"  # the year's fact, and the row


def revised(cast, now):
    """An approved plan of two rows, revised: one changed, one gone, one new."""
    made = make_annual_plan(cast, year=2026, rows=[item_row("甲", month=3), item_row("乙", month=4)])
    walk_to(made.review, State.APPROVED, cast)
    revise_plan(plan=made, by=cast.office, at=now, seen_version=made.review.version)
    made = AnnualPlan.objects.get(pk=made.pk)
    rows = [ItemRow(made.items.get(topic="甲").pk, {"topic": "甲改", "month": 3}, [kind()]), item_row("丙", month=5)]
    save_plan(plan=made, seen_version=made.version, head={}, rows=rows, by=cast.office, at=now)
    return AnnualPlan.objects.get(pk=made.pk)


def test_versions_page_compares_the_draft_with_the_approved_version_and_any_two(cast, as_, now):
    made = revised(cast, now)
    page = as_(cast.office).get(f"/plans/{made.pk}/versions/")
    assert page.context["difference"].counts == "新增 1、删除 1、修改 1"
    text = page.content.decode()
    assert "<del>甲</del>" in text
    assert "<ins>甲改</ins>" in text
    assert "第1稿" in text
    assert "现在的草稿" in text
    submit_plan(plan=made, by=cast.office, at=now, seen_version=made.review.version)
    walk_to(made.review, State.APPROVED, cast)
    page = as_(cast.secretary).get(f"/plans/{made.pk}/versions/?from=1&to=2")
    assert page.context["difference"].counts == "新增 1、删除 1、修改 1"
    assert as_(cast.secretary).get(f"/plans/{made.pk}/versions/?from=2&to=2").context["difference"].entries == []
    assert as_(cast.secretary).get(f"/plans/{made.pk}/versions/?from=99&to=x").status_code == 200
    assert as_(cast.m1).get(f"/plans/{made.pk}/versions/").status_code == 403


def test_a_plan_never_handed_in_has_one_version(cast, as_):
    made = make_annual_plan(cast, year=2026)
    assert "只有一版" in as_(cast.office).get(f"/plans/{made.pk}/versions/").content.decode()


def test_reviewers_of_a_revision_read_the_difference_first(cast, as_, now):
    made = revised(cast, now)
    submit_plan(plan=made, by=cast.office, at=now, seen_version=made.review.version)
    page = as_(cast.propaganda).get(f"/reviews/{made.review_id}/").content.decode()
    assert page.index("与已审定版本的不同") < page.index("<article")
    assert "<ins>甲改</ins>" in page
    made.review.refresh_from_db()
    judge(made.review, Move.PASS, by=cast.propaganda)
    judge(made.review, Move.PASS, by=cast.secretary)
    assert "与已审定版本的不同" not in as_(cast.secretary).get(f"/reviews/{made.review_id}/").content.decode()


def test_thousands_of_equal_lines_and_of_headings_are_compared_in_time():
    lines = [{"type": "paragraph", "text": "同一行。"}] * 5000
    heads = [{"type": block, "text": f"{n}"} for n in range(4000) for block in ("heading", "paragraph")]
    began = time.process_time()
    assert difference(lines, [*lines, {"type": "paragraph", "text": "新的。"}]).entries
    assert len(difference(heads, [*heads[:-1], {"type": "paragraph", "text": "新的。"}]).entries) == 1
    assert time.process_time() - began < 4
