"""用语词库 and its advice through the pages people use."""

import io
from datetime import date

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from accounts.actions.people import appoint
from accounts.permissions import Role
from materials.actions.wording import add_wording, ensure_wording
from materials.models import Material, WordingEdition, WordingEntry
from materials.models.wording import dictionary_of, edition_of
from reviews.chain import State
from tests.factories import make_submission, walk_to

DAY = date(2020, 7, 1)
TYPED = {"sort": "typo", "found": "佟家庄子", "advised": "佟家庄村", "spared": "", "note": "村名以民政登记为准。"}


@pytest.fixture(autouse=True)
def shipped(db, now):
    ensure_wording(at=now)


def add(cast, now, **facts):
    return add_wording(group=cast.group, by=cast.propaganda, at=now, **(TYPED | facts))


def page(client, route, *args, query=""):
    response = client.get(reverse(route, args=args) + query)
    assert response.status_code == 200
    return response.content.decode()


def test_an_entry_is_added_changed_put_aside_and_taken_back(cast, as_):
    keeper = as_(cast.propaganda)
    keeper.post(reverse("wording_new"), TYPED)
    entry = WordingEntry.objects.get(group=cast.group)
    listed = page(keeper, "wording_list", query="?q=佟家庄")
    assert "村名以民政登记为准" in listed
    assert "第2版" in listed

    edit = reverse("wording_edit", args=[entry.pk])
    keeper.post(edit, TYPED | {"advised": "佟家庄", "version": entry.pk})
    entry = WordingEntry.objects.get(group=cast.group, retired_in=None)
    assert entry.advised == "佟家庄"

    keeper.post(reverse("wording_retire", args=[entry.pk]))
    assert "“佟家庄子”已停用" in page(keeper, "wording_list", query="?q=佟家庄")
    assert "没有符合条件的词条" in page(keeper, "wording_list", query="?q=佟家庄")
    aside = page(keeper, "wording_list", query="?show=aside&q=佟家庄")
    assert aside.count("佟家庄子</td>") == 1  # the row replaced before is not offered again
    keeper.post(reverse("wording_restore", args=[entry.pk]))
    assert "佟家庄子" in page(keeper, "wording_list", query="?q=佟家庄")

    editions = page(keeper, "wording_edition_list")
    for note in ("新增“佟家庄子”", "修改“佟家庄子”", "停用“佟家庄子”", "恢复“佟家庄子”", "第5版", "宣委丙"):
        assert note in editions
    changed = WordingEdition.objects.get(number=3)
    assert "佟家庄子 → 佟家庄村" in page(keeper, "wording_edition", changed.pk)


def test_wrong_entries_come_back_with_a_reason_and_nothing_lost(cast, as_):
    keeper = as_(cast.propaganda)
    response = keeper.post(reverse("wording_new"), TYPED | {"found": "按"})
    text = response.content.decode()
    assert "一个字到处都是" in text
    assert "村名以民政登记为准。" in text
    assert "与要查找的词相同" in keeper.post(reverse("wording_new"), TYPED | {"advised": "佟家庄子"}).content.decode()
    wrong_days = TYPED | {"valid_from": "2021-01-02", "valid_until": "2021-01-01"}
    assert "不能早于" in keeper.post(reverse("wording_new"), wrong_days).content.decode()
    assert not WordingEntry.objects.filter(group=cast.group).exists()


def test_second_writer_sees_both_and_saves_knowingly(cast, as_, now):
    entry = add(cast, now)
    edit, keeper = reverse("wording_edit", args=[entry.pk]), as_(cast.propaganda)
    keeper.post(edit, TYPED | {"advised": "甲", "version": entry.pk})
    response = keeper.post(edit, TYPED | {"advised": "乙", "version": entry.pk})
    assert response.status_code == 409
    text = response.content.decode()
    assert "现在的内容" in text
    assert 'value="乙"' in text
    keeper.post(edit, TYPED | {"advised": "乙", "version": response.context["form"]["version"].value()})
    assert [one.advised for one in dictionary_of(edition_of(cast.group.pk)) if one.found == "佟家庄子"] == ["乙"]


def test_a_shipped_entry_is_changed_for_the_group_alone(cast, as_):
    typo = WordingEntry.objects.get(group=None, found="坐谈会")
    keeper = as_(cast.propaganda)
    assert "随系统提供的词条" in page(keeper, "wording_edit", typo.pk)
    keeper.post(
        reverse("wording_edit", args=[typo.pk]), TYPED | {"found": "坐谈会", "advised": "座谈", "version": typo.pk}
    )
    own = WordingEntry.objects.get(group=cast.group)
    assert (own.advised, own.replaces) == ("座谈", typo)
    assert "座谈会" in page(as_(cast.foreign_office), "wording_list", query="?q=坐谈会")


@pytest.mark.parametrize("who", ["office", "secretary", "m1", "observer", "supervisor"])
def test_others_read_the_dictionary_and_do_not_keep_it(cast, as_, now, who):
    entry = add(cast, now)
    client = as_(getattr(cast, who))
    listed = page(client, "wording_list", query=f"?group={cast.group.pk}&q=佟家庄")
    assert "佟家庄子" in listed
    assert reverse("wording_edit", args=[entry.pk]) not in listed
    for route in ("wording_retire", "wording_restore", "wording_edit"):
        assert client.post(reverse(route, args=[entry.pk]), TYPED).status_code == 403
    assert client.post(reverse("wording_new"), TYPED).status_code == 403
    assert client.get("/imports/wordings/").status_code == 403
    assert edition_of(cast.group.pk).number == 2


def test_another_groups_keeper_finds_nothing_of_it(cast, as_, now):
    entry = add(cast, now)
    appoint(
        group=cast.foreign_group,
        user=cast.foreign_m1,
        role=Role.STUDY_SECRETARY,
        starts_on=date(2020, 1, 1),
        by=None,
        at=now,
    )
    foreign = as_(cast.foreign_m1)
    assert "佟家庄子" not in page(foreign, "wording_list", query=f"?group={cast.group.pk}")
    for route in ("wording_edit", "wording_retire", "wording_restore"):
        assert foreign.post(reverse(route, args=[entry.pk]), TYPED | {"group": cast.group.pk}).status_code == 404
    typo = WordingEntry.objects.get(group=None, found="坐谈会")
    foreign.post(reverse("wording_retire", args=[typo.pk]), {"group": cast.group.pk})  # falls back to his own group
    assert "坐谈会" in {one.found for one in dictionary_of(edition_of(cast.group.pk))}
    assert (
        foreign.get(reverse("wording_edition", args=[WordingEdition.objects.get(group=cast.group).pk])).status_code
        == 404
    )


def test_filters_by_sort_and_nonsense_is_no_filter(cast, as_):
    office = as_(cast.office)
    shown = office.get(reverse("wording_list") + "?sort=title").context["page"]
    assert {row.sort for row in shown} == {"title"}
    for query in ("?sort=x", "?group=abc", "?page=-1", "?q=%00", "?show=1"):
        assert office.get(reverse("wording_list") + query).context["page"].paginator.count > 50


def test_a_pasted_text_is_checked_with_the_edition_asked_for_and_not_kept(cast, as_, now):
    add(cast, now)
    office = as_(cast.office)
    typed = {"text": "佟家庄子<script>alert(1)</script>\n再接再励。", "day": "2020-07-01"}
    text = office.post(reverse("wording_try"), typed).content.decode()
    assert "佟家庄村" in text
    assert "再接再厉" in text
    assert "<script>alert" not in text
    old = office.post(reverse("wording_try"), typed | {"edition": "1"}).content.decode()
    assert "佟家庄村" not in old
    assert "词库第1版" in old
    assert "最多" in office.post(reverse("wording_try"), typed | {"text": "字" * 20_001}).content.decode()


def test_the_workbook_says_what_is_in_force(cast, as_, now):
    add(cast, now, found="=1+1错", advised="对的")
    response = as_(cast.office).get(reverse("wording_export"))
    sheet = load_workbook(io.BytesIO(b"".join(response.streaming_content))).active
    rows = list(sheet.iter_rows(min_row=3, values_only=True))
    assert ("易错字词", "=1+1错", "对的", None, "村名以民政登记为准。", None, None, "本组") in rows
    assert len(rows) == len(dictionary_of(edition_of(cast.group.pk)))


# -- on papers ---------------------------------------------------------------

BODY = "一、认识\n坐谈会上讲“基层是一切工作的落脚点，要抓紧抓好”。"


def library(cast):
    return Material.objects.create(
        group=cast.group, title="镇里的讲话", source="本镇", added_on=DAY, body="基层是一切工作的落脚点，必须抓紧抓好。"
    )


def test_the_author_sees_advice_on_his_draft_and_nobody_else_does(cast, as_):
    library(cast)
    draft = make_submission(cast, author=cast.m1, title="坐谈会体会", body=BODY)
    text = page(as_(cast.m1), "submission_check", draft.pk)
    assert "座谈会" in text
    assert "与资料《镇里的讲话》原文不一致" in text
    assert "<ins>必须</ins>" in text
    for who in (cast.office, cast.propaganda, cast.secretary, cast.m2):
        assert as_(who).get(reverse("submission_wording", args=[draft.pk])).status_code == 404
    draft.refresh_from_db()
    assert draft.body == BODY


def test_a_reviewer_sees_the_panel_and_may_start_a_point_from_an_advice(cast, as_):
    library(cast)
    paper = make_submission(cast, author=cast.m1, body=BODY)
    walk_to(paper.review, State.FIRST_REVIEW, cast)
    office = as_(cast.office)
    beside = page(office, "review_detail", paper.review_id)
    assert "用语与引文：2 条建议" in beside
    assert 'href="#p2"' in beside
    whole = page(office, "submission_wording", paper.pk)
    assert "写入退回意见" in whole
    assert reverse("material_detail", args=[Material.objects.get().pk]) in whole
    begun = office.get(reverse("review_return", args=[paper.review_id]) + "?paragraph=2&text=坐谈会")
    assert "坐谈会" in begun.content.decode()
    assert "写入退回意见" not in page(as_(cast.deputy), "submission_wording", paper.pk)


def test_the_author_does_not_see_the_reviewers_page(cast, as_):
    paper = make_submission(cast, author=cast.m1, body=BODY)
    walk_to(paper.review, State.FIRST_REVIEW, cast)
    assert as_(cast.m1).get(reverse("submission_wording", args=[paper.pk])).status_code == 403
    assert "用语与引文" not in page(as_(cast.m1), "review_detail", paper.review_id)


def test_a_paper_without_anything_to_say_has_no_panel(cast, as_):
    paper = make_submission(cast, author=cast.m1)
    walk_to(paper.review, State.FIRST_REVIEW, cast)
    assert "用语与引文" not in page(as_(cast.office), "review_detail", paper.review_id)


# -- many rows ---------------------------------------------------------------


@pytest.mark.parametrize("route", ["wording_list", "wording_edition_list", "wording_edition"])
@pytest.mark.parametrize("who", ["propaganda", "m1"])
def test_lists_ask_the_database_equally_often_for_one_row_and_thirty(
    cast, as_, now, route, who, django_assert_max_num_queries
):
    add(cast, now)
    edition = WordingEdition.objects.get(group=cast.group)
    address = reverse(route, args=[edition.pk] if route == "wording_edition" else [])
    client = as_(getattr(cast, who))
    client.get(address)

    def count():
        with django_assert_max_num_queries(12) as captured:
            assert client.get(address).status_code == 200
        return len(captured)

    one = count()
    for number in range(29):
        add(cast, now, found=f"错词{number:02d}")
    WordingEntry.objects.filter(group=cast.group).update(added_in=edition.number)
    assert count() == one


@pytest.mark.parametrize("verb", ["retire", "restore"])
def test_a_group_that_is_not_his_is_not_taken_for_his_own(cast, as_, now, verb):
    entry = WordingEntry.objects.filter(group=None, retired_in=None).first()
    before = edition_of(cast.group.pk).number
    address = reverse(f"wording_{verb}", args=[entry.pk])
    for group in (cast.foreign_group.pk, "x"):
        assert as_(cast.propaganda).post(f"{address}?group={group}").status_code == 404
    assert edition_of(cast.group.pk).number == before
