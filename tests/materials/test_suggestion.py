"""A reviewer offers wording for a paragraph; the author takes it or leaves it, and the next reviewer sees which."""

import pytest
from django.urls import reverse
from django.utils import timezone

from materials.actions.suggestion import settle_wording
from materials.models import Submission
from materials.rules import with_paragraph
from reviews.actions import Point, advance
from reviews.chain import Move, State
from reviews.models import ReturnPoint
from studygroup.lib.errors import Refused
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


def press(client, paper, wording, **more):
    """The button of a suggestion, with the form it stands in."""
    told = {"title": paper.title, "body": paper.body, "written_on": paper.written_on, "version": paper.version, **more}
    return client.post(reverse("submission_edit", args=[paper.pk]), {**told, "wording": wording}, follow=True)


def settle(client, paper, taken, number=1, **more):
    answer = press(client, paper, f"{number} {taken}", **more)
    paper.refresh_from_db()
    return answer.content.decode()


def test_taken_wording_stands_in_the_text_and_answers_the_point(cast, as_, paper):
    client = as_(cast.m1)
    shown = client.get(reverse("submission_edit", args=[paper.pk])).content.decode()
    assert "建议的写法" in shown
    assert "学习使<ins>＋全镇干部</ins>进步。" in shown
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
    assert ReturnPoint.objects.get(number=1).taken is None
    paper.body = f"一、认识\n{BETTER}"
    settle(as_(cast.m1), paper, "1")
    assert ReturnPoint.objects.get(number=1).taken is True


def test_taking_wording_stores_what_was_typed_a_second_ago(cast, as_, paper):
    second = ReturnPoint.objects.get(number=2)
    typed = f"{paper.body}\n刚刚写的最后一句。"
    told = settle(as_(cast.m1), paper, "1", body=typed, **{f"answer_{second.pk}": "题目改短了。"})
    assert paper.body == f"一、认识\n{BETTER}\n二、打算\n学以致用。\n刚刚写的最后一句。"
    assert "题目改短了。</textarea>" in told
    assert "已保存" in told


def test_wording_is_not_taken_over_what_was_saved_elsewhere(cast, as_, paper):
    seen = paper.version
    paper.version += 1
    paper.save(update_fields=["version"])
    answer = press(as_(cast.m1), paper, "1 1", body="另一处写的。", version=seen)
    assert answer.status_code == 409
    assert "另一处写的。" in answer.content.decode()
    assert ReturnPoint.objects.get(number=1).taken is None


def test_wording_changed_after_it_was_taken_is_never_called_taken(cast, as_, paper):
    client = as_(cast.m1)
    settle(client, paper, "1")
    points = ReturnPoint.objects.order_by("number")
    told = {f"answer_{point.pk}": point.answer or "改了。" for point in points}
    facts = {"title": paper.title, "written_on": paper.written_on, "version": paper.version}
    body = paper.body.replace(BETTER, "学习使我退步。")
    edit = reverse("submission_edit", args=[paper.pk])
    client.post(edit, {**facts, **told, "body": body})
    shown = client.get(edit).content.decode()
    assert "采纳后又改" in shown
    assert ">再采纳<" in shown
    paper.refresh_from_db()
    client.post(edit, {**facts, **told, "body": body, "version": paper.version, "hand_in": "1"})
    point = ReturnPoint.objects.get(number=1)
    assert (point.taken, point.reworked, point.answer) == (True, True, "采纳了建议的写法，又作了修改。")
    seen = as_(cast.office).get(reverse("review_detail", args=[paper.review_id])).content.decode()
    assert "采纳后又改" in seen
    assert "已采纳" not in seen


def test_only_the_author_settles_it_and_only_while_it_is_open(cast, as_, paper):
    assert press(as_(cast.office), paper, "1 1").status_code == 403
    assert press(as_(cast.m2), paper, "1 1").status_code in (403, 404)
    assert press(as_(cast.foreign_office), paper, "1 1").status_code == 404
    for wrong in ("2 1", "9 1", "1 2", "一 1", ""):
        paper.refresh_from_db()
        assert press(as_(cast.m1), paper, wrong).status_code == 404
    hand_in(paper.review, by=cast.m1)
    assert press(as_(cast.m1), paper, "1 1", body=BETTER).status_code == 400
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


def test_wording_that_makes_the_text_too_long_is_not_taken(cast, as_, paper):
    point = ReturnPoint.objects.get(number=1)
    filled = paper.body + "\n" + "字" * (50_000 - len(paper.body) - 1)
    Submission.objects.filter(pk=paper.pk).update(body=filled)
    ReturnPoint.objects.filter(pk=point.pk).update(suggested=point.original + "多" * 100)
    point.refresh_from_db()
    with pytest.raises(Refused, match="会超过 50000 字"):
        settle_wording(submission=paper, point=point, taken=True, by=cast.m1, at=timezone.now())
    paper.refresh_from_db()
    assert paper.body == filled
