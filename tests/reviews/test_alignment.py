"""Two texts side by side: which paragraph is which, and what differs inside one."""

import time

import pytest

from reviews.alignment import aligned, counts, files, folded, stretches


def text(*lines):
    return [
        {"type": "facts", "rows": []},
        *({"type": "heading" if line[1] == "、" else "paragraph", "text": line} for line in lines),
    ]


def told(rows):
    return [(row.mark, row.before and row.before.number, row.after and row.after.number) for row in rows]


FIRST = "参加学习以后，结合分管工作谈几点体会。"
SECOND = "学习使人进步，要坚持每天读书一小时。"
THIRD = "全镇发展皂角三千亩，带动群众增收。"


def test_same_text_is_one_fold():
    rows = aligned(text(FIRST, SECOND), text(FIRST, SECOND))
    assert told(rows) == [("same", 1, 1), ("same", 2, 2)]
    assert counts(rows) == ""
    [fold] = folded(rows)
    assert (fold.is_same, len(fold.rows)) == (True, 2)


def test_changed_added_and_removed_stand_where_they_belong():
    rows = aligned(text(FIRST, SECOND, THIRD), text(FIRST, "佟家庄整治岭地两千亩。", THIRD.replace("三千", "四千")))
    assert told(rows) == [("same", 1, 1), ("removed", 2, None), ("added", None, 2), ("changed", 3, 3)]
    assert counts(rows) == "修改 1 段、新增 1 段、删除 1 段"


def test_a_paragraph_moved_is_told_at_both_places_and_counted_once():
    rows = aligned(text(FIRST, SECOND, THIRD), text(SECOND, THIRD, FIRST))
    assert told(rows) == [("moved", 1, None), ("same", 2, 1), ("same", 3, 2), ("moved", 1, 3)]
    assert rows[0].moved_to == 3
    assert counts(rows) == "移动 1 段"


def test_a_moved_paragraph_may_have_changed_a_little():
    rows = aligned(text(FIRST, SECOND, THIRD), text(SECOND, THIRD, FIRST.replace("几点", "三点")))
    last = rows[-1]
    assert (last.mark, last.before.number) == ("moved", 1)
    assert [part.text for part in last.new if part.mark == "added"] == ["三"]


def test_lines_that_stand_twice_stay_in_order():
    rows = aligned(text("同上。", FIRST, "同上。"), text("同上。", FIRST, "同上。", "同上。"))
    assert told(rows) == [("same", 1, 1), ("same", 2, 2), ("same", 3, 3), ("added", None, 4)]


def test_every_paragraph_of_both_versions_appears_once():
    old = [f"第{n}句话说的是第{n * 7 % 5}件事。" for n in range(40)]
    new = [*old[5:20], *(line.replace("事", "大事") for line in old[:5]), *old[25:], "最后一句。"]
    rows = [row for row in aligned(text(*old), text(*new)) if not row.moved_to]
    assert sorted(row.before.number for row in rows if row.before) == list(range(1, 41))
    assert sorted(row.after.number for row in rows if row.after) == list(range(1, len(new) + 1))


def test_heading_above_a_change_is_not_folded_away():
    before = text("一、认识", FIRST, "二、打算", SECOND)
    rows = aligned(before, text("一、认识", FIRST, "二、打算", SECOND + "年底检查。"))
    assert [(fold.is_same, len(fold.rows)) for fold in folded(rows)] == [(True, 2), (False, 2)]


@pytest.mark.parametrize(
    ("old", "new", "removed", "added"),
    [
        ("发展皂角3000亩", "发展皂角3600亩", ["3000"], ["3600"]),  # a number is never cut
        ("这样提。", "这样提。今年学了三次。", [], ["今年学了三次。"]),
        ("要抓落实", "要一项一项抓落实", [], ["一项一项"]),
        ("甲乙丙丁戊己", "一二丙三四五", ["甲乙丙丁戊己"], ["一二丙三四五"]),  # no confetti
        ("学党史，办实事，开新局。", "学党史，悟思想，开新局。", ["办实事"], ["悟思想"]),
    ],
)
def test_what_differs_is_told_in_whole_stretches(old, new, removed, added):
    was, now = stretches(old, new)
    assert ("".join(part.text for part in was), "".join(part.text for part in now)) == (old, new)
    assert [part.text for part in was if part.mark == "removed"] == removed
    assert [part.text for part in now if part.mark == "added"] == added


def test_files_are_told_apart_by_name_and_sum():
    def file(name, sum_):
        return {"type": "file", "name": name, "sha256": sum_, "size": 1}

    old = [file("同.pdf", "1"), file("变.pdf", "2"), file("旧名.pdf", "3"), file("去.pdf", "4")]
    new = [file("同.pdf", "1"), file("变.pdf", "9"), file("新名.pdf", "3"), file("来.pdf", "5")]
    assert [(line.name, line.word) for line in files(old, new)] == [
        ("同.pdf", "同一文件"),
        ("变.pdf", "△ 内容已变"),
        ("新名.pdf", "△ 改名"),
        ("来.pdf", "＋ 新增"),
        ("去.pdf", "－ 移除"),
    ]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (["甲"] * 25_000, ["甲"] * 24_000 + ["乙"] * 900),
        ([f"{n}甲" for n in range(9_000)], [f"{n}乙" for n in range(9_000)]),
        ([f"{n}甲乙丙丁" for n in range(9_000)], [f"{n}甲乙丙丁" for n in range(9_000, 0, -1)]),
        (["甲乙" * 25_000], ["乙丙甲" * 16_000]),
    ],
    ids=["all the same", "all different", "turned round", "one giant"],
)
def test_no_text_takes_long(old, new):
    plain = [[{"type": "paragraph", "text": line} for line in lines] for lines in (old, new)]
    before = time.process_time()
    aligned(*plain)
    assert time.process_time() - before < 5
