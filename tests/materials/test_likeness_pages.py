"""What reviewers and authors are shown of a comparison."""

import pytest
from django.urls import reverse
from django.utils import timezone

from materials.actions.library import add_material
from materials.models import Comparison, LikenessRule, LikePassage
from reviews.models import ReturnPoint
from tests import factories
from tests.materials.texts import COPIED, HONEST, SPEECH, paper_of


@pytest.fixture
def two_papers(cast, run_jobs):
    """m2's paper, and m1's with one of its paragraphs and a quotation of the library."""
    add_material(group=cast.group, by=cast.office, at=timezone.now(), title="讲话", source="学习强国", body=SPEECH)
    source = factories.make_submission(
        cast, author=cast.m2, title="冬日走访记", body=paper_of(HONEST[0], COPIED, HONEST[4])
    )
    factories.hand_in(source.review, by=cast.m2)
    copy = factories.make_submission(cast, title="走访心得", body=paper_of(HONEST[1], f"“{SPEECH}”", COPIED))
    factories.hand_in(copy.review, by=cast.m1)
    run_jobs()
    return source, copy


def page(as_, user, name, *args):
    return as_(user).get(reverse(name, args=args)).content.decode()


def test_review_page_hints_and_leads_to_the_passages(cast, as_, two_papers):
    source, copy = two_papers
    text = page(as_, cast.office, "review_detail", copy.review_id)
    assert "有 1 处与其他材料相同" in text
    assert "有 1 处引文" in text
    assert reverse("submission_likeness", args=[copy.pk]) in text
    assert "没有相同的段落" not in text
    assert "雷同提示" not in page(as_, cast.m1, "review_detail", copy.review_id)


def test_passages_stand_beside_their_sources(cast, as_, two_papers):
    source, copy = two_papers
    text = page(as_, cast.office, "submission_likeness", copy.pk)
    assert text.count('<mark class="like">') == 4
    assert f'<a href="{reverse("submission_detail", args=[source.pk])}">冬日走访记</a>' in text
    assert "成员二" in text
    assert text.index("与其他材料相同") < text.index("引文 <span")
    assert (
        "相同的一段满 50 字才提示，标点不计" in text
    )  # passages in pieces and short sentences of one source are listed
    assert "短句也一并列出" in text


def test_author_and_supervisor_do_not_see_the_page(cast, as_, two_papers):
    _, copy = two_papers
    address = reverse("submission_likeness", args=[copy.pk])
    response = as_(cast.m1).get(address)
    assert response.status_code == 403
    assert "冬日走访记" not in response.content.decode()
    assert as_(cast.m2).get(address).status_code == 404
    assert as_(cast.supervisor).get(address).status_code == 404
    factories.walk_to(copy.review, "approved", cast)
    assert as_(cast.supervisor).get(address).status_code == 403


def test_own_check_names_no_colleague(cast, as_, two_papers, run_jobs):
    draft = factories.make_submission(cast, author=cast.m3, title="第三篇", body=paper_of(HONEST[2], COPIED))
    address = reverse("submission_check", args=[draft.pk])
    assert "开始比对" in page(as_, cast.m3, "submission_check", draft.pk)
    as_(cast.m3).post(address)
    assert "正在比对" in page(as_, cast.m3, "submission_check", draft.pk)
    run_jobs()
    text = page(as_, cast.m3, "submission_check", draft.pk)
    assert "有 2 处与其他材料相同" in text
    assert text.count("与本组另一份材料相同") == 1  # the same words of two papers are told once
    assert "同样的话另有 1 处" in text
    for leak in ("冬日走访记", "走访心得", "成员一", "成员二", HONEST[0][:8]):
        assert leak not in text
    for other in (cast.m1, cast.office, cast.secretary, cast.supervisor):
        assert as_(other).get(address).status_code == 404
        assert as_(other).post(address).status_code == 404
    assert "第三篇" not in page(as_, cast.office, "submission_likeness", two_papers[1].pk)


def test_check_tells_when_the_draft_has_changed_since(cast, as_, two_papers, run_jobs):
    from materials.actions.submission import save_submission

    draft = factories.make_submission(cast, author=cast.m3, body=paper_of(HONEST[2], COPIED))
    as_(cast.m3).post(reverse("submission_check", args=[draft.pk]))
    run_jobs()
    changes = {"body": paper_of(HONEST[2])}
    save_submission(submission=draft, seen_version=0, changes=changes, by=cast.m3, at=timezone.now())
    text = page(as_, cast.m3, "submission_check", draft.pk)
    assert "草稿改过了" in text
    assert '<mark class="like">' not in text
    as_(cast.m3).post(reverse("submission_check", args=[draft.pk]))
    run_jobs()
    assert "没有相同的段落" in page(as_, cast.m3, "submission_check", draft.pk)


def test_check_of_a_paper_in_review_is_refused(cast, as_, two_papers):
    _, copy = two_papers
    response = as_(cast.m1).post(reverse("submission_check", args=[copy.pk]))
    assert response.status_code == 400
    assert "正在审核或已经通过" in response.content.decode()


def test_reviewer_marks_a_passage_and_the_second_is_told(cast, as_, two_papers):
    _, copy = two_papers
    passage = LikePassage.objects.get(sort="other", comparison__submission=copy)
    address = reverse("submission_likeness_mark", args=[copy.pk, passage.number])
    as_(cast.office).post(address, {"seen": "", "mark": "quoted"})
    assert "已核：是引用" in page(as_, cast.secretary, "submission_likeness", copy.pk)
    assert "已核 1 处" in page(as_, cast.secretary, "review_detail", copy.review_id)
    assert as_(cast.propaganda).post(address, {"seen": "", "mark": "fair"}).status_code == 409
    passage.refresh_from_db()
    assert (passage.mark, passage.marked_by) == ("quoted", cast.office)
    as_(cast.propaganda).post(address, {"seen": "quoted", "mark": ""})
    passage.refresh_from_db()
    assert (passage.mark, passage.marked_by) == ("", None)
    assert as_(cast.m1).post(address, {"seen": "", "mark": "fair"}).status_code == 403
    assert as_(cast.office).post(address, {"seen": "", "mark": "<b>"}).status_code == 302
    passage.refresh_from_db()
    assert passage.mark == ""


def test_a_point_of_a_return_begins_with_the_passage(cast, as_, two_papers):
    _, copy = two_papers
    office = as_(cast.office)
    text = office.get(reverse("submission_likeness", args=[copy.pk])).content.decode()
    link = text.partition(f'href="{reverse("review_return", args=[copy.review_id])}')[2].partition('"')[0]
    form = office.get(reverse("review_return", args=[copy.review_id]) + link.replace("&amp;", "&"))
    point = form.context["points"].forms[0]
    assert point["paragraph"].value() == "3"
    assert "请用自己的认识和实例来写" in point["text"].value()
    assert "成员二" not in form.content.decode()
    sent = {
        "seen_version": "1",
        "points-TOTAL_FORMS": "6",
        "points-INITIAL_FORMS": "1",
        "points-0-paragraph": "3",
        "points-0-text": point["text"].value(),
    }
    office.post(reverse("review_return", args=[copy.review_id]), sent)
    assert ReturnPoint.objects.get().paragraph == 3


def test_worker_away_says_so_and_the_verdict_does_not_wait(cast, as_):
    submission = factories.make_submission(cast)
    factories.hand_in(submission.review, by=cast.m1)
    assert "比对还没有完成" in page(as_, cast.office, "review_detail", submission.review_id)
    assert "比对还没有完成" in page(as_, cast.office, "submission_likeness", submission.pk)
    response = as_(cast.office).post(
        reverse("review_pass", args=[submission.review_id]), {"seen_version": "1", "comment": ""}, follow=True
    )
    assert "已通过" in response.content.decode()


def test_comparing_again_uses_the_new_numbers(cast, as_, two_papers, run_jobs):
    _, copy = two_papers
    shown = as_(cast.propaganda).get(reverse("likeness_rule"))
    assert shown.context["form"]["shortest"].value() == 50
    sent = {"shortest": "300", "share": "5", "repeat_share": "30", "years": "3", "version": "0"}
    as_(cast.propaganda).post(reverse("likeness_rule"), sent)
    as_(cast.office).post(reverse("submission_likeness_again", args=[copy.pk]))
    run_jobs()
    comparison = Comparison.objects.get(submission=copy)
    assert not comparison.is_hint
    assert comparison.thresholds["shortest"] == 300
    assert "有 1 处引文" in page(as_, cast.office, "review_detail", copy.review_id)


def test_second_writer_of_the_numbers_is_told(cast, as_):
    sent = {"shortest": "60", "share": "5", "repeat_share": "30", "years": "3", "version": "0"}
    as_(cast.propaganda).post(reverse("likeness_rule"), sent)
    response = as_(cast.office).post(reverse("likeness_rule"), sent | {"shortest": "80"})
    assert response.status_code == 409
    assert "60" in response.content.decode()
    assert LikenessRule.objects.get().shortest == 60
    assert as_(cast.office).post(reverse("likeness_rule"), sent | {"shortest": "5", "version": "1"}).status_code == 200
    assert as_(cast.m1).get(reverse("likeness_rule")).status_code == 403


def test_page_takes_the_same_number_of_statements_for_many_passages(cast, as_, run_jobs, django_assert_max_num_queries):
    everything = [*HONEST, COPIED, SPEECH]
    for author in (cast.m2, cast.m3, cast.deputy):
        factories.hand_in(factories.make_submission(cast, author=author, body=paper_of(*everything)).review, by=author)
    copy = factories.make_submission(cast, body=paper_of(*reversed(everything)))
    factories.hand_in(copy.review, by=cast.m1)
    run_jobs()
    assert LikePassage.objects.filter(comparison__submission=copy).count() >= 15
    office = as_(cast.office)
    office.get(reverse("submission_likeness", args=[copy.pk]))
    with django_assert_max_num_queries(16):
        office.get(reverse("submission_likeness", args=[copy.pk]))
