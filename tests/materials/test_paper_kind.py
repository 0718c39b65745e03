"""材料类别: what a group makes of the kinds shipped, and kinds of its own."""

import pytest
from django.urls import reverse

from materials.models import PaperKind
from materials.models.paper_kind import kinds_of
from studygroup.lib.models import AuditEntry
from tests.materials.test_submission import NEW, page


def address(cast, name="group_paper_kinds", *more):
    return reverse(name, args=[cast.group.pk, *more])


def told(**changes):
    facts = {"label": "心得体会", "purpose": "学习交流", "session_need": "optional", "topic_need": "optional"}
    return {**facts, "position": "1", "version": "0", **changes}


def test_list_shows_every_kind_with_its_steps_and_is_reached_from_the_settings(cast, as_):
    settings = page(as_(cast.office).get(reverse("group_settings", args=[cast.group.pk])))
    assert address(cast) in settings
    shown = page(as_(cast.office).get(address(cast)))
    for label in ("心得体会", "调研报告", "读书笔记", "研讨（发言）材料"):
        assert label in shown
    assert "初审 → 复审 → 把关" in shown
    assert "由组长修改" in shown


def test_changing_a_shipped_kind_makes_the_group_s_own_row(cast, as_):
    changed = told(label="学习体会", words_wanted="800", due_days="5", guidance="联系实际。")
    assert as_(cast.office).post(address(cast, "group_paper_kind", "reflection"), changed).status_code == 302
    own = kinds_of(cast.group.pk)["reflection"]
    assert (own.label, own.words_wanted, own.group) == ("学习体会", 800, cast.group)
    assert kinds_of(cast.foreign_group.pk)["reflection"].label == "心得体会"
    assert AuditEntry.objects.filter(action="paper_kind.change", target_id=own.pk).exists()
    form = page(as_(cast.m1).get(NEW, {"kind": "reflection"}))
    assert "学习体会" in form
    assert "联系实际。" in form
    assert "不少于 800 字" in form


def test_second_of_two_is_told_what_stands_there_now(cast, as_):
    edit = address(cast, "group_paper_kind", "reflection")
    as_(cast.office).post(edit, told(label="学习体会"))
    late = as_(cast.propaganda).post(edit, told(label="心得"))
    assert late.status_code == 409
    assert "学习体会" in page(late)
    assert kinds_of(cast.group.pk)["reflection"].label == "学习体会"
    version = kinds_of(cast.group.pk)["reflection"].version
    assert as_(cast.propaganda).post(edit, told(label="心得", version=version)).status_code == 302
    assert kinds_of(cast.group.pk)["reflection"].label == "心得"


def test_group_adds_a_kind_of_its_own_and_members_write_it(cast, as_):
    new = address(cast, "group_paper_kind_new")
    as_(cast.propaganda).post(new, told(label="党课讲稿", position="50", session_need="none"))
    row = PaperKind.objects.get(label="党课讲稿")
    assert row.group == cast.group
    assert "党课讲稿" in page(as_(cast.m1).get(NEW))
    assert "党课讲稿" not in page(as_(cast.foreign_m1).get(NEW))
    again = as_(cast.office).post(new, told(label="党课讲稿", position="51"))
    assert "已经有一类叫“党课讲稿”" in page(again)
    assert PaperKind.objects.filter(label="党课讲稿").count() == 1


def test_retiring_says_what_follows_and_can_be_taken_back(cast, as_):
    switch, client = address(cast, "group_paper_kind_switch", "reading_note"), as_(cast.office)
    assert "停用以后成员不能再新写" in page(client.get(switch))
    assert "年度统计" in page(client.get(switch))
    client.post(switch, {"version": "0"})
    assert "reading_note" not in kinds_of(cast.group.pk)
    assert "读书笔记" not in page(as_(cast.m1).get(NEW))
    version = kinds_of(cast.group.pk, retired=True)["reading_note"].version
    client.post(switch, {"version": version, "on": "on"})
    assert "读书笔记" in page(as_(cast.m1).get(NEW))


def test_one_kind_stays_in_use(cast, as_):
    client = as_(cast.office)
    for slug in ("reflection", "research_report", "reading_note"):
        client.post(address(cast, "group_paper_kind_switch", slug), {"version": "0"})
    refused = client.post(address(cast, "group_paper_kind_switch", "speech"), {"version": "0"})
    assert "至少要留一类在用" in page(refused)
    assert list(kinds_of(cast.group.pk)) == ["speech"]


@pytest.mark.parametrize("person", ["m1", "deputy", "secretary"])
def test_others_do_not_keep_them(cast, as_, person):
    client = as_(getattr(cast, person))
    assert client.get(address(cast)).status_code == 403
    assert client.post(address(cast, "group_paper_kind", "reflection"), told(label="改名")).status_code == 403
    assert not PaperKind.objects.filter(label="改名").exists()


def test_list_asks_the_same_number_of_questions_for_any_number_of_kinds(cast, as_, django_assert_max_num_queries):
    client = as_(cast.office)

    def questions():
        with django_assert_max_num_queries(12) as asked:
            client.get(address(cast))
        return len(asked)

    client.get(address(cast))
    few = questions()
    for number in range(29):
        PaperKind.objects.create(group=cast.group, slug=f"own-{number}", label=f"第{number}类")
    assert questions() == few


def test_what_a_neighbour_calls_a_kind_is_not_shown(cast, as_):
    PaperKind.objects.create(group=cast.foreign_group, slug="paper-far-1", label="外镇独有类别")
    for person in (cast.m1, cast.office, cast.propaganda):
        for name in ("submission_list", "delegation_create", "delegation_list", "review_list"):
            assert "外镇独有类别" not in as_(person).get(reverse(name)).content.decode()
    assert "外镇独有类别" in as_(cast.foreign_office).get(reverse("delegation_create")).content.decode()
