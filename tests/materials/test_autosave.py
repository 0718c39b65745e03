"""What is typed becomes the draft by itself: once, for its author alone, and never over somebody's newer words."""

import re

import pytest
from django.urls import reverse

from accounts.models import Membership
from accounts.permissions import Role
from materials.models import Submission
from reviews.actions import open_points
from reviews.chain import State
from studygroup.lib.models import AuditEntry
from tests import factories
from tests.materials.test_submission import NEW, TEXT, page, typed

BEGIN = reverse("submission_autosave_new")
PEN = "page-number-one"


def said(person, serial=1, pen=PEN, **changes):
    return {**typed(title="", body="刚写的一句。"), "who": person.pk, "pen": pen, "pen_serial": serial, **changes}


def address_of(paper):
    return reverse("submission_autosave", args=[paper.pk])


def hidden(text, name):
    return re.search(rf'name="{name}" value="([^"]*)"', text).group(1)


# -- one draft ---------------------------------------------------------------


def test_first_words_make_the_draft_and_the_answer_says_where(cast, as_):
    answer = as_(cast.m1).post(BEGIN, said(cast.m1)).json()
    paper = Submission.objects.get()
    assert (paper.title, paper.body, paper.author) == ("", "刚写的一句。", cast.m1)
    assert answer["edit"] == reverse("submission_edit", args=[paper.pk])
    assert answer["autosave"] == address_of(paper)
    assert re.fullmatch(r"\d\d:\d\d", answer["saved_at"])
    assert "（还没有标题）" in page(as_(cast.m1).get(reverse("submission_list")))
    home = page(as_(cast.m1).get("/"))
    assert "继续写" in home
    assert reverse("submission_edit", args=[paper.pk]) in home


def test_lost_answer_makes_no_second_draft(cast, as_):
    client = as_(cast.m1)
    client.post(BEGIN, said(cast.m1))
    client.post(BEGIN, said(cast.m1))  # the same once more
    client.post(BEGIN, said(cast.m1, serial=2, body="又写了一句。"))
    assert Submission.objects.get().body == "又写了一句。"


def test_button_of_a_page_whose_answer_was_lost_finds_the_draft(cast, as_):
    client = as_(cast.m1)
    client.post(BEGIN, said(cast.m1))
    client.post(NEW, {**said(cast.m1, serial=2, title="读书有感", body=TEXT), "hand_in": "1"})
    paper = Submission.objects.get()
    assert (paper.title, paper.review.state) == ("读书有感", State.FIRST_REVIEW)
    client.post(BEGIN, said(cast.m1, serial=1))  # the first one arrives at last
    assert Submission.objects.get().title == "读书有感"


def test_two_pages_make_two_drafts_and_two_people_with_one_pen_too(cast, as_):
    as_(cast.m1).post(BEGIN, said(cast.m1))
    as_(cast.m1).post(BEGIN, said(cast.m1, pen="page-number-two"))
    as_(cast.m2).post(BEGIN, said(cast.m2, body="别人的一句。"))
    assert Submission.objects.filter(author=cast.m1).count() == 2
    assert Submission.objects.get(author=cast.m2).body == "别人的一句。"


def test_draft_taken_up_elsewhere_is_still_found_by_the_page_that_began_it(cast, as_):
    client = as_(cast.m1)
    client.post(BEGIN, said(cast.m1))
    paper = Submission.objects.get()
    client.post(address_of(paper), said(cast.m1, pen="the-desktop-page", version=0, body="电脑上写的。"))
    refused = client.post(BEGIN, said(cast.m1, serial=9, body="手机上写的。"))
    assert refused.status_code == 409
    assert Submission.objects.get().body == "电脑上写的。"


# -- over whose words --------------------------------------------------------


def test_same_page_goes_on_whatever_version_it_knew(cast, as_):
    client = as_(cast.m1)
    client.post(BEGIN, said(cast.m1))
    paper = Submission.objects.get()
    for serial in (2, 3, 4):  # no answer came back: it still says version 0
        assert (
            client.post(address_of(paper), said(cast.m1, serial, body=f"第{serial}句。", version=0)).status_code == 200
        )
    paper.refresh_from_db()
    assert (paper.body, paper.pen_serial, paper.version) == ("第4句。", 4, 3)


def test_writing_that_arrives_late_changes_nothing(cast, as_):
    client = as_(cast.m1)
    client.post(BEGIN, said(cast.m1, serial=5, body="新的。"))
    paper = Submission.objects.get()
    assert client.post(address_of(paper), said(cast.m1, serial=4, body="旧的。")).status_code == 200
    paper.refresh_from_db()
    assert paper.body == "新的。"


def test_another_page_with_an_old_version_is_told_and_both_texts_are_shown(cast, as_):
    paper, client = factories.make_submission(cast), as_(cast.m1)
    assert client.post(address_of(paper), said(cast.m1, version=0, body="手机上写的。")).status_code == 200
    desktop = said(cast.m1, pen="the-desktop-page", version=0, body="电脑上写的。")
    refused = client.post(address_of(paper), desktop)
    assert refused.status_code == 409
    assert "别处保存过" in refused.json()["message"]
    both = client.post(reverse("submission_edit", args=[paper.pk]), {**desktop, "title": "题目", "pen_serial": 2})
    assert both.status_code == 409
    assert "<del>〔手机〕</del>上写的。" in page(both)
    assert "电脑上写的。" in page(both)
    assert "data-autosave" not in page(both)  # nothing is stored before he has compared
    paper.refresh_from_db()
    assert paper.body == "手机上写的。"


def test_button_pressed_twice_with_other_words_is_not_taken_for_the_first_press(cast, as_):
    paper, client = factories.make_submission(cast), as_(cast.m1)
    edit = reverse("submission_edit", args=[paper.pk])
    client.post(edit, said(cast.m1, title="题目", body="第一次。", version=0))
    again = client.post(edit, said(cast.m1, title="题目", body="第二次。", version=0))
    assert again.status_code == 409
    assert "第二次。" in page(again)


def test_stale_page_with_a_text_too_long_takes_nothing_over(cast, as_):
    paper, client = factories.make_submission(cast, title="题目", body="原来的。"), as_(cast.m1)
    client.post(address_of(paper), said(cast.m1, pen="the-other-page", title="题目", body="另一页的话。", version=0))
    stale = {"title": "题目", "version": 0}
    assert client.post(address_of(paper), said(cast.m1, 2, body="字" * 50_001, **stale)).status_code == 409
    too_long = said(cast.m1, 3, title="长" * 201, body="字" * 50_001, version=0)
    assert client.post(address_of(paper), too_long).status_code == 409  # nothing of it is in order
    assert client.post(address_of(paper), said(cast.m1, 4, body="短了。", **stale)).status_code == 409
    paper.refresh_from_db()
    assert (paper.body, paper.pen, paper.version) == ("另一页的话。", "the-other-page", 1)


def test_same_text_from_a_stale_page_is_no_conflict_and_leaves_the_pen(cast, as_):
    texts = {"title": "题目", "body": "同一句。", "topic": "", "purpose": ""}
    paper, client = factories.make_submission(cast, title="题目", body="原来的。"), as_(cast.m1)
    client.post(address_of(paper), said(cast.m1, pen="the-other-page", **texts, version=0))
    answer = client.post(address_of(paper), said(cast.m1, **texts, version=0))
    assert (answer.status_code, answer.json()["version"]) == (200, 1)
    paper.refresh_from_db()
    assert (paper.pen, paper.version) == ("the-other-page", 1)


# -- what it never does ------------------------------------------------------


def test_nothing_is_handed_in_and_a_paper_under_review_is_left_alone(cast, as_):
    client = as_(cast.m1)
    client.post(BEGIN, {**said(cast.m1, title="题目"), "hand_in": "1"})
    paper = Submission.objects.select_related("review").get()
    assert paper.review.state == State.DRAFT
    factories.walk_to(paper.review, State.FIRST_REVIEW, cast)
    refused = client.post(address_of(paper), said(cast.m1, serial=8, body="又想到一句。"))
    assert refused.status_code == 400
    assert "不能修改" in refused.json()["message"]
    paper.refresh_from_db()
    assert paper.body == "刚写的一句。"


def test_too_long_is_told_and_not_cut(cast, as_):
    client = as_(cast.m1)
    client.post(BEGIN, said(cast.m1, title="短题"))
    paper = Submission.objects.get()
    told = client.post(
        address_of(paper), said(cast.m1, serial=2, title="长" * 201, body="字" * 50_001, topic="专题")
    ).json()
    assert "标题" in told["complaints"][0]
    assert any("50000" in one for one in told["complaints"])
    paper.refresh_from_db()
    assert (paper.title, paper.body, paper.topic) == ("短题", "刚写的一句。", "专题")


def test_what_was_not_sent_stays(cast, as_):
    paper = factories.make_submission(cast)
    sent = {
        "who": cast.m1.pk,
        "pen": PEN,
        "pen_serial": 1,
        "version": 0,
        "topic": "只有专题",
        "written_on": "",
        "kind": "",
    }
    as_(cast.m1).post(address_of(paper), sent)
    paper.refresh_from_db()
    assert (paper.title, paper.topic, paper.kind) == ("学习心得", "只有专题", "reflection")
    assert "学习使人进步" in paper.body
    assert paper.written_on is not None


def test_unfinished_answers_are_kept(cast, as_):
    case = factories.walk_to(factories.make_submission(cast).review, State.RETURNED, cast)
    paper, (point,) = case.submission, open_points(case)
    sent = said(cast.m1, title="题目", version=paper.version, **{f"answer_{point.pk}": "写了一半"})
    assert as_(cast.m1).post(address_of(paper), sent).status_code == 200
    assert "写了一半" in page(as_(cast.m1).get(reverse("submission_edit", args=[paper.pk])))
    assert "写了一半" not in page(as_(cast.office).get(reverse("review_detail", args=[case.pk])))


def test_beginning_is_recorded_and_the_typing_is_not(cast, as_):
    client = as_(cast.m1)
    client.post(BEGIN, said(cast.m1))
    paper = Submission.objects.get()
    for serial in range(2, 6):
        client.post(address_of(paper), said(cast.m1, serial, body=f"第{serial}句。"))
    found = AuditEntry.objects.filter(target_type="materials.submission").values_list("action", flat=True)
    assert list(found) == ["submission.create"]


@pytest.mark.parametrize(
    "broken", [{"pen": ""}, {"pen": "短"}, {"pen_serial": "x"}, {"kind": "nothing"}, {"group": "9"}]
)
def test_broken_requests_are_answered(cast, as_, broken):
    assert as_(cast.m1).post(BEGIN, said(cast.m1, **broken)).status_code in (200, 400)
    assert Submission.objects.count() <= 1


# -- nobody else, ever -------------------------------------------------------


def test_nobody_else_reaches_the_draft(cast, as_):
    as_(cast.m1).post(BEGIN, said(cast.m1, body="只给自己看的话。"))
    paper = Submission.objects.get()
    for person in (cast.m2, cast.office, cast.secretary, cast.foreign_m1):
        client = as_(person)
        assert client.post(address_of(paper), said(person, 2)).status_code == 404
        for address in (NEW, "/", reverse("submission_list"), reverse("submission_list") + "?tab=group"):
            assert "只给自己看的话" not in page(client.get(address))
    paper.refresh_from_db()
    assert paper.body == "只给自己看的话。"


def test_page_of_one_person_sent_by_another_is_refused_and_shows_nothing(cast, as_):
    """A page stays open, somebody else signs in with the same browser, and the page sends itself."""
    for address in (BEGIN, NEW):
        refused = as_(cast.m2).post(address, said(cast.m1, title="甲的题目", body="甲的心里话。"))
        assert refused.status_code == 403
        assert "另一位同志" in page(refused)
        assert "甲的心里话" not in page(refused)
    assert not Submission.objects.exists()


def test_expired_login_stores_nothing_and_shows_nothing(cast, client):
    answer = client.post(BEGIN, said(cast.m1, body="登录过期时的话。"))
    assert answer.status_code == 302
    assert "登录过期时的话" not in page(client.get(answer.url))
    assert not Submission.objects.exists()


def test_pages_with_a_text_are_not_kept_by_the_browser(cast, as_):
    paper, client = factories.make_submission(cast), as_(cast.m1)
    for address in (NEW, reverse("submission_edit", args=[paper.pk]), reverse("submission_detail", args=[paper.pk])):
        assert "no-store" in client.get(address).headers["Cache-Control"]


def test_open_page_learns_who_is_signed_in_and_gets_a_token(cast, as_):
    told = as_(cast.m1).get(reverse("writing_as")).json()
    assert told["who"] == cast.m1.pk
    assert len(told["token"]) > 30


def test_autosave_asks_the_same_number_of_questions_for_any_number_of_papers(cast, as_, django_assert_max_num_queries):
    client = as_(cast.m1)
    client.post(BEGIN, said(cast.m1))
    paper = Submission.objects.get()

    def questions(serial):
        with django_assert_max_num_queries(20) as asked:
            client.post(address_of(paper), said(cast.m1, serial, body=f"第{serial}句。"))
        return len(asked)

    few = questions(2)
    for number in range(20):
        factories.make_submission(cast, title=f"第{number}篇")
        factories.make_session(cast, title=f"第{number}次")
    assert questions(3) == few


@pytest.mark.parametrize("group", [{}, {"group": ""}, {"group": "999"}, {"group": "x"}])
def test_writer_of_two_groups_who_names_none_is_told(cast, as_, group):
    facts = {"user": cast.m1, "category": Role.MEMBER, "starts_on": "2019-01-01", "position": 9}
    Membership.objects.create(group=cast.sub_group, **facts)
    refused = as_(cast.m1).post(BEGIN, said(cast.m1, **group))
    assert refused.status_code == 400
    assert "请先选择学习组" in refused.json()["message"]
    assert not Submission.objects.exists()


def test_what_was_not_stored_is_not_called_saved_and_hidden_fields_do_not_speak(cast, as_):
    client = as_(cast.m1)
    client.post(BEGIN, said(cast.m1, serial=5))
    paper = Submission.objects.get()
    assert client.post(address_of(paper), said(cast.m1, serial=4, body="旧的。")).json()["saved_at"] == ""
    told = client.post(address_of(paper), said(cast.m1, serial=6, body="新的。", version="99999999999")).json()
    assert told["complaints"] == []
