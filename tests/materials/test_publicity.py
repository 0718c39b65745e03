"""宣传: columns and pushes, one by one and pasted."""

from datetime import date

import pytest
from django.urls import reverse

from accounts.actions.records import add_record
from materials.actions.publicity import PushLine, add_pushes
from materials.forms.publicity import read_line
from materials.models import PublicityColumn, PublicityPush
from materials.rules import about

DAY = date(2020, 3, 7)


def make_column(cast, now, *, name="理论微课堂", group=None, by=None):
    column = PublicityColumn(group=group or cast.group, channel="微励精武", name=name, opened_on=DAY)
    return add_record(column, by=by or cast.office, at=now)


def make_push(cast, now, *, title="学习动态", column=None, day=DAY):
    push = PublicityPush(group=cast.group, channel="微励精武", title=title, pushed_on=day, column=column)
    return add_record(push, by=cast.office, at=now)


@pytest.mark.parametrize(("number", "words"), [(0, "0"), (9, "9"), (50, "50"), (53, "50余"), (101, "100余")])
def test_about_is_how_offices_write_a_number(number, words):
    assert about(number) == words


def test_columns_and_pushes_of_a_year_are_counted_exactly(cast, as_, now):
    column = make_column(cast, now)
    for number in range(53):
        make_push(cast, now, title=f"第{number}期", column=column)
    make_push(cast, now, title="去年的", day=date(2019, 12, 31))
    response = as_(cast.m1).get(reverse("publicity_list"))
    assert (response.context["filters"].year, response.context["opened"], response.context["pushed"]) == (2020, 1, 53)
    page = response.content.decode()
    assert "50余条次" in page
    assert "去年的" not in page
    found = as_(cast.m1).get(reverse("publicity_list") + "?year=2020&q=第52期")
    assert (len(found.context["page"]), found.context["pushed"]) == (1, 53)


def test_column_is_added_changed_and_kept_while_pushes_need_it(cast, as_, now):
    office = as_(cast.office)
    typed = {"channel": "微励精武", "name": "=1+1", "opened_on": "2020-01-01"}
    office.post(reverse("column_new"), typed)
    column = PublicityColumn.objects.get()
    assert (column.name, column.group) == ("=1+1", cast.group)
    assert "已经有同样的宣传专栏" in office.post(reverse("column_new"), typed).content.decode()

    office.post(reverse("column_edit", args=[column.pk]), typed | {"name": "微课", "version": 0})
    column.refresh_from_db()
    assert column.name == "微课"
    push = make_push(cast, now, column=column)
    remove = reverse("column_remove", args=[column.pk])
    assert "已被宣传推送使用" in office.post(remove, {"version": 1}).content.decode()
    office.post(reverse("push_remove", args=[push.pk]), {"version": 0})
    office.post(remove, {"version": 1})
    assert not PublicityColumn.objects.exists()


def test_push_takes_the_channel_of_its_column(cast, as_, now):
    column, office = make_column(cast, now), as_(cast.office)
    office.post(reverse("push_new"), {"column": column.pk, "title": "动态", "pushed_on": "2020-03-08"})
    push = PublicityPush.objects.get()
    assert push.channel == "微励精武"
    edit = reverse("push_edit", args=[push.pk])
    wrong = {"column": column.pk, "channel": "另一平台", "title": "动态", "pushed_on": "2020-03-08", "version": 0}
    assert "不一致" in office.post(edit, wrong).content.decode()
    without = {"title": "动态二", "pushed_on": "2020-03-08", "version": 0}
    assert "请填写平台，或选择专栏" in office.post(edit, without).content.decode()
    office.post(edit, without | {"channel": "另一平台"})
    push.refresh_from_db()
    assert (push.channel, push.column, push.title) == ("另一平台", None, "动态二")


def test_second_writer_of_a_push_sees_both_titles(cast, as_, now):
    push = make_push(cast, now)
    edit = reverse("push_edit", args=[push.pk])
    typed = {"channel": "微励精武", "pushed_on": "2020-03-07", "version": 0}
    as_(cast.propaganda).post(edit, typed | {"title": "先存的"})
    response = as_(cast.office).post(edit, typed | {"title": "后存的"})
    assert response.status_code == 409
    assert "先存的" in response.content.decode()
    assert 'value="后存的"' in response.content.decode()


@pytest.mark.parametrize(
    "text", ["2020-03-07 标题", "2020/3/7\t标题", "2020.3.7　标题", "2020年3月7日 标题", "2020-03-07，标题"]
)
def test_pasted_line_is_read_however_the_date_is_written(text):
    assert read_line(1, text).push == PushLine(DAY, "标题")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("没有日期的标题", "应是“日期 标题”"),
        ("3月7日 没有年份", "应是“日期 标题”"),
        ("2020-02-30 二月三十", "没有“2020年2月30日”"),
        ("1020-02-03 千年前", "2000 年到 2100 年"),
        (f"2020-03-07 {'长' * 201}", "最多 200 字，这里有 201 字"),
    ],
)
def test_pasted_line_says_what_is_wrong(text, says):
    line = read_line(1, text)
    assert says in line.error
    assert line.push is None


def test_paste_is_previewed_then_entered_once(cast, as_):
    office, address = as_(cast.office), reverse("push_paste")
    typed = {"channel": "微励精武", "lines": "2020-03-07 第一期\n\n2020-03-14 =1+1\n"}
    preview = office.post(address, typed | {"preview": "1"})
    assert [line.push.title for line in preview.context["pasted"]] == ["第一期", "=1+1"]
    assert "确认录入" in preview.content.decode()
    assert not PublicityPush.objects.exists()

    response = office.post(address, typed | {"confirm": "1"}, follow=True)
    assert "已录入 2 条推送" in response.content.decode()
    again = office.post(address, typed | {"confirm": "1"}, follow=True)
    assert "已录入 0 条推送" in again.content.decode()
    assert set(PublicityPush.objects.values_list("title", flat=True)) == {"第一期", "=1+1"}


def test_paste_with_one_wrong_line_enters_nothing_and_loses_nothing(cast, as_):
    lines = "2020-03-07 对的\n2020-13-01 错的"
    response = as_(cast.office).post(reverse("push_paste"), {"channel": "微励精武", "lines": lines, "confirm": "1"})
    page = response.content.decode()
    assert "没有“2020年13月1日”这一天" in page
    assert lines in page
    assert not PublicityPush.objects.exists()


def test_paste_of_ten_thousand_characters_names_the_line(cast, as_):
    lines = f"2020-03-07 {'长' * 10_000}"
    page = as_(cast.office).post(reverse("push_paste"), {"channel": "甲", "lines": lines}).content.decode()
    assert "标题最多 200 字" in page
    assert lines in page


def test_same_line_twice_in_one_paste_counts_once(cast, now):
    lines = [PushLine(DAY, "同一条")] * 2
    added = add_pushes(group=cast.group, channel="甲", column=None, lines=lines, by=cast.office, at=now)
    assert len(added) == 1


@pytest.mark.parametrize("route", ["column_edit", "column_remove", "push_edit", "push_remove"])
def test_publicity_is_changed_only_by_its_own_office(cast, as_, now, route):
    column = make_column(cast, now, name="本镇专栏")
    row = column if route.startswith("column") else make_push(cast, now, title="本镇推送", column=column)
    address = reverse(route, args=[row.pk])
    assert as_(cast.foreign_office).get(address).status_code == 404
    assert as_(cast.foreign_office).post(address, {"version": 0}).status_code == 404
    assert as_(cast.m1).post(address, {"version": 0}).status_code == 403
    assert "本镇" not in as_(cast.foreign_office).get(reverse("publicity_list")).content.decode()
    row.refresh_from_db()
    assert row.version == 0


@pytest.mark.parametrize("route", ["column_new", "push_new", "push_paste"])
def test_members_do_not_enter_publicity(cast, as_, route):
    assert as_(cast.m1).get(reverse(route)).status_code == 403
    assert as_(cast.office).get(reverse(route)).status_code == 200


def test_columns_of_others_cannot_be_chosen(cast, as_, now):
    foreign = make_column(cast, now, name="外镇专栏", group=cast.foreign_group, by=cast.foreign_office)
    office = as_(cast.office)
    assert "外镇专栏" not in office.get(reverse("push_new")).content.decode()
    for route, typed in (
        ("push_new", {"title": "动态", "pushed_on": "2020-03-08"}),
        ("push_paste", {"lines": "2020-03-08 动态", "confirm": "1"}),
    ):
        response = office.post(reverse(route), typed | {"column": foreign.pk})
        assert response.context["form"].errors["column"]
    assert not PublicityPush.objects.exists()


def test_list_asks_the_database_equally_often_for_one_row_and_thirty(cast, as_, now, django_assert_max_num_queries):
    office = as_(cast.office)

    def count():
        with django_assert_max_num_queries(12) as captured:
            office.get(reverse("publicity_list"))
        return len(captured)

    make_push(cast, now, column=make_column(cast, now))
    office.get(reverse("publicity_list"))
    one = count()
    for number in range(29):
        make_push(cast, now, title=f"推送{number}", column=make_column(cast, now, name=f"专栏{number}"))
    assert count() == one
