"""A reviewer offers wording for a paragraph; the author takes it or leaves it, and the next reviewer sees which."""

import pytest
from django.urls import reverse
from django.utils import timezone

from materials.actions.suggestion import with_paragraph
from reviews.actions import Point, advance
from reviews.chain import Move, State
from reviews.models import ReturnPoint
from tests import factories
from tests.factories import hand_in, open_as, walk_to

BETTER = "学习使全镇干部进步。"


@pytest.fixture
def paper(cast):
    """Returned with wording for paragraph 2."""
    made = factories.make_submission(cast)
    case = walk_to(made.review, State.FIRST_REVIEW, cast)
    open_as(case, cast.office)
    points = [Point("写具体。", 2, "学习使人进步。", BETTER), Point("题目再想想。")]
    advance(case=case, move=Move.RETURN, by=cast.office, at=timezone.now(), seen_version=case.version, points=points)
    made.refresh_from_db()
    return made


def settle(client, paper, taken, number=1):
    address = reverse("submission_suggestion", args=[paper.pk, number])
    answer = client.post(address, {"taken": taken}, follow=True)
    paper.refresh_from_db()
    return answer.content.decode()


def test_taken_wording_stands_in_the_text_and_answers_the_point(cast, as_, paper):
    client = as_(cast.m1)
    shown = client.get(reverse("submission_edit", args=[paper.pk])).content.decode()
    assert "建议的写法" in shown
    assert BETTER in shown
    told = settle(client, paper, "1")
    assert "第 2 段换成了建议的写法" in told
    assert paper.body == f"一、认识\n{BETTER}\n二、打算\n学以致用。"
    point = ReturnPoint.objects.get(number=1)
    assert (point.taken, point.answer) == (True, "已采纳建议的写法。")
    assert "已采纳建议的写法。</textarea>" in told
    hand_in(paper.review, by=cast.m1)
    seen = as_(cast.office).get(reverse("review_detail", args=[paper.review_id])).content.decode()
    assert "已采纳" in seen
    assert "<ins>＋全镇干部</ins>" in seen


def test_wording_can_be_left_and_what_was_taken_given_back(cast, as_, paper):
    client = as_(cast.m1)
    settle(client, paper, "1")
    settle(client, paper, "0")
    assert paper.body == "一、认识\n学习使人进步。\n二、打算\n学以致用。"
    point = ReturnPoint.objects.get(number=1)
    assert (point.taken, point.answer) == (False, "没有采纳建议的写法，保留原文。")


def test_taken_twice_is_taken_once(cast, as_, paper):
    client = as_(cast.m1)
    settle(client, paper, "1")
    settle(client, paper, "1")
    assert paper.body.count(BETTER) == 1


def test_a_paragraph_he_has_changed_already_is_left_to_him(cast, as_, paper):
    paper.body = "一、认识\n我已经重写。"
    paper.save(update_fields=["body"])
    assert "那一段您已经改过" in settle(as_(cast.m1), paper, "1")
    assert paper.body == "一、认识\n我已经重写。"
    assert ReturnPoint.objects.get(number=1).taken is True


def test_only_the_author_settles_it_and_only_while_it_is_open(cast, as_, paper):
    address = reverse("submission_suggestion", args=[paper.pk, 1])
    assert as_(cast.office).post(address, {"taken": "1"}).status_code == 403
    assert as_(cast.m2).post(address, {"taken": "1"}).status_code in (403, 404)
    assert as_(cast.foreign_office).post(address, {"taken": "1"}).status_code == 404
    assert as_(cast.m1).post(reverse("submission_suggestion", args=[paper.pk, 2]), {"taken": "1"}).status_code == 400
    assert as_(cast.m1).post(reverse("submission_suggestion", args=[paper.pk, 9]), {"taken": "1"}).status_code == 404
    hand_in(paper.review, by=cast.m1)
    assert as_(cast.m1).post(address, {"taken": "1"}).status_code == 400
    paper.refresh_from_db()
    assert BETTER not in paper.body
    assert ReturnPoint.objects.get(number=1).taken is None


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("乙", "丁", "甲\n丁\n丙"),
        ("乙\n丙", "丁", "甲\n丁"),
        ("乙", "丁\n戊", "甲\n丁\n戊\n丙"),
        ("没有", "丁", None),
        ("", "丁", None),
    ],
)
def test_paragraph_is_replaced_word_for_word_or_not_at_all(old, new, told):
    assert with_paragraph("甲\n　乙 \n丙", old, new) == told
