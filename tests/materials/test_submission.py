"""A paper's way from the author's phone to the secretary, through the pages."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from materials.actions.submission import write_submission
from materials.models import Submission, SubmissionFile
from reviews.actions import open_points
from reviews.chain import State
from reviews.models import ReturnPoint, ReviewCase
from tests import factories

TEXT = "一、认识\n学习使人进步。\n二、打算\n学以致用。"
NEW = reverse("submission_create")


def typed(**changes):
    return {"kind": "reflection", "title": "读书有感", "body": TEXT, "written_on": "2020-03-14", **changes}


def pdf(name="附件.pdf", text="一"):
    return SimpleUploadedFile(name, b"%PDF-1.4 " + text.encode() + b"\n%%EOF", "application/pdf")


def page(response):
    return response.content.decode()


def verdict(client, case, **fields):
    """Open the paper and pass it."""
    case.refresh_from_db()
    client.get(reverse("review_detail", args=[case.pk]))
    return client.post(reverse("review_pass", args=[case.pk]), {"seen_version": case.version, **fields})


def points_of(*texts, **fields):
    rows = {f"points-{n}-text": text for n, text in enumerate(texts)}
    return {"points-TOTAL_FORMS": "5", "points-INITIAL_FORMS": "0", **rows, **fields}


# -- the whole way -----------------------------------------------------------


def test_paper_goes_from_draft_through_a_return_to_approval(cast, as_):
    author, office, propaganda, secretary = map(as_, (cast.m1, cast.office, cast.propaganda, cast.secretary))
    author.post(NEW, typed(hand_in="1"))
    paper = Submission.objects.select_related("review").get()
    case = paper.review
    assert case.state == State.FIRST_REVIEW

    assert verdict(office, case, comment="可以").status_code == 302
    case.refresh_from_db()
    assert case.state == State.SECOND_REVIEW

    back = reverse("review_return", args=[case.pk])
    told = points_of("请补充本镇的实例。", "请核对引文。", seen_version=case.version, **{"points-0-paragraph": "2"})
    propaganda.get(back)
    propaganda.post(back, told)
    case.refresh_from_db()
    assert case.state == State.RETURNED
    first, second = open_points(case)
    assert (first.text, first.paragraph, second.paragraph) == ("请补充本镇的实例。", 2, None)

    edit = reverse("submission_edit", args=[paper.pk])
    answers = {f"answer_{first.pk}": "已补充佟家庄的做法。", f"answer_{second.pk}": ""}
    changed = typed(body=TEXT + "\n三、实例\n佟家庄整治岭地。", version=paper.version)
    refused = author.post(edit, {**changed, **answers, "hand_in": "1"})
    assert "请先说明第 2 条意见怎样处理" in page(refused)
    assert "佟家庄整治岭地" in page(refused)

    answers[f"answer_{second.pk}"] = "已核对。"
    author.post(edit, {**changed, **answers, "hand_in": "1"})
    case.refresh_from_db()
    assert case.state == State.FIRST_REVIEW
    assert "已补充佟家庄的做法。" in page(office.get(reverse("review_detail", args=[case.pk])))

    for client in (office, propaganda, secretary):
        verdict(client, case)
    case.refresh_from_db()
    assert case.state == State.APPROVED
    assert "佟家庄整治岭地" in str(case.approved_version.content)
    assert case.approved_version.number == 2
    assert "已通过" in page(author.get(reverse("submission_detail", args=[paper.pk])))


def test_draft_is_saved_without_body_and_seen_by_its_author_alone(cast, as_):
    as_(cast.m1).post(NEW, typed(body="", title="还没想好"))
    paper = Submission.objects.get()
    address = reverse("submission_detail", args=[paper.pk])
    assert "还没想好" in page(as_(cast.m1).get(address))
    for person in (cast.m2, cast.office, cast.secretary, cast.supervisor, cast.foreign_office):
        assert as_(person).get(address).status_code == 404
    assert "还没想好" not in page(as_(cast.office).get(reverse("submission_list"), {"tab": "group"}))


def test_kind_can_be_changed_until_the_first_submission(cast, as_):
    paper = factories.make_submission(cast)
    client, edit = as_(cast.m1), reverse("submission_edit", args=[paper.pk])
    client.post(edit, typed(kind="speech", version=0))
    paper.refresh_from_db()
    case = ReviewCase.objects.get()
    assert (paper.kind, case.kind) == ("speech", "speech")
    client.post(edit, typed(kind="speech", version=1, hand_in="1"))
    case.refresh_from_db()
    client.post(reverse("submission_withdraw", args=[paper.pk]), {"seen_version": case.version})
    assert 'name="kind"' not in page(client.get(edit))
    client.post(edit, typed(kind="reflection", version=2))
    paper.refresh_from_db()
    assert paper.kind == "speech"


def test_empty_post_is_told_what_is_missing(cast, as_):
    assert "请填写标题。" in page(as_(cast.m1).post(NEW))


def test_handing_in_needs_a_text_or_a_file(cast, as_):
    refused = as_(cast.m1).post(NEW, typed(body="  \n", hand_in="1"))
    assert "正文还是空的" in page(refused)
    assert not Submission.objects.exists()
    as_(cast.m1).post(NEW, typed(body="", hand_in="1", uploads=[pdf()]))
    assert Submission.objects.get().review.state == State.FIRST_REVIEW


def test_own_paper_cannot_be_passed(cast, as_):
    as_(cast.propaganda).post(NEW, typed(hand_in="1"))
    case = ReviewCase.objects.get()
    verdict(as_(cast.office), case)
    detail = page(as_(cast.propaganda).get(reverse("review_detail", args=[case.pk])))
    assert "复审通过" not in detail
    assert verdict(as_(cast.propaganda), case).status_code == 403
    case.refresh_from_db()
    assert case.state == State.SECOND_REVIEW


def test_foreign_paper_is_not_found(cast, as_):
    case = factories.walk_to(factories.make_submission(cast, title="本镇的材料").review, State.FIRST_REVIEW, cast)
    paper = case.submission
    stranger = as_(cast.foreign_office)
    for name, args in (
        ("submission_detail", [paper.pk]),
        ("submission_edit", [paper.pk]),
        ("submission_of_case", [case.pk]),
        ("review_detail", [case.pk]),
        ("review_version", [case.pk, 1]),
        ("review_sheet", [case.pk]),
        ("review_return", [case.pk]),
    ):
        response = stranger.get(reverse(name, args=args))
        assert response.status_code == 404, name
        assert "本镇的材料" not in page(response)
    for name in ("review_pass", "review_withdraw"):
        assert stranger.post(reverse(name, args=[case.pk]), {"seen_version": 1}).status_code == 404
    assert "本镇的材料" not in page(stranger.get(reverse("submission_list"), {"tab": "group"}))


# -- what is typed is never lost ---------------------------------------------


def test_wrong_file_is_refused_at_the_field_and_the_text_stays(cast, as_):
    page_file = SimpleUploadedFile("心得.html", b"<script>1</script>")
    refused = page(as_(cast.m1).post(NEW, typed(title="留得住的标题", uploads=[page_file])))
    assert "“心得.html”的类型不能上传" in refused
    assert "留得住的标题" in refused
    assert "学习使人进步。" in refused
    assert 'value="reflection" id="id_kind_0" class="' in refused or "checked" in refused
    assert not Submission.objects.exists()


def test_title_of_ten_thousand_characters_is_an_error_and_everything_stays(cast, as_):
    refused = page(as_(cast.m1).post(NEW, typed(title="长" * 10_000)))
    assert "200" in refused
    assert "长" * 10_000 in refused
    assert "学习使人进步。" in refused


def test_date_in_the_future_and_missing_kind_are_told(cast, as_):
    tomorrow = timezone.localdate() + timedelta(days=1)
    refused = page(as_(cast.m1).post(NEW, typed(kind="", written_on=tomorrow.isoformat())))
    assert "请选择这是哪一类材料。" in refused
    assert "成文日期不能晚于今天。" in refused


def test_second_writer_sees_both_texts(cast, as_):
    paper = factories.make_submission(cast)
    client, edit = as_(cast.m1), reverse("submission_edit", args=[paper.pk])
    client.post(edit, typed(body="手机上写的。", version=0))
    stale = client.post(edit, typed(body="电脑上写的。", version=0))
    assert stale.status_code == 409
    assert "<del>〔手机〕</del>上写的。" in page(stale)
    assert "<ins>＋电脑</ins>上写的。" in page(stale)
    assert "电脑上写的。" in page(stale)
    paper.refresh_from_db()
    assert paper.body == "手机上写的。"
    # Pressing once more, having seen both, replaces knowingly.
    client.post(edit, typed(body="电脑上写的。", version=1))
    paper.refresh_from_db()
    assert paper.body == "电脑上写的。"


def test_answers_of_a_saved_draft_wait_for_the_author_only(cast, as_):
    case = factories.walk_to(factories.make_submission(cast).review, State.RETURNED, cast)
    paper, (point,) = case.submission, open_points(case)
    edit = reverse("submission_edit", args=[paper.pk])
    as_(cast.m1).post(edit, typed(version=paper.version, **{f"answer_{point.pk}": "写了一半"}))
    assert "写了一半" in page(as_(cast.m1).get(edit))
    assert "写了一半" not in page(as_(cast.office).get(reverse("review_detail", args=[case.pk])))
    assert "写了一半" not in page(as_(cast.office).get(reverse("review_sheet", args=[case.pk])))


def test_edit_page_says_who_returned_it_where_and_why(cast, as_):
    case = factories.walk_to(factories.make_submission(cast).review, State.SECOND_REVIEW, cast)
    edit = reverse("submission_edit", args=[case.submission.pk])
    told = points_of("请核对引文。", seen_version=case.version, comment="总体可以。", **{"points-0-paragraph": "1"})
    factories.open_as(case, cast.propaganda)
    as_(cast.propaganda).post(reverse("review_return", args=[case.pk]), told)
    shown = page(as_(cast.m1).get(edit))
    assert f"复审时由{cast.propaganda.name}退回" in shown
    assert "总的意见：总体可以。" in shown
    assert "从初审重新开始" in shown
    assert "第1段：</span> 请核对引文。" in shown


def test_others_see_the_version_handed_in_and_not_the_work_going_on(cast, as_):
    case = factories.walk_to(factories.make_submission(cast).review, State.RETURNED, cast)
    paper = case.submission
    edit = reverse("submission_edit", args=[paper.pk])
    as_(cast.m1).post(edit, typed(title="正在改的标题", body="正在改的句子。", version=paper.version))
    detail = reverse("submission_detail", args=[paper.pk])
    assert "正在改的句子。" in page(as_(cast.m1).get(detail))
    assert "正在改的句子。" not in page(as_(cast.office).get(detail))
    listed = page(as_(cast.office).get(reverse("submission_list"), {"tab": "group"}))
    assert "学习心得" in listed
    assert "正在改的标题" not in listed


def test_double_press_makes_one_paper(cast, as_):
    client = as_(cast.m1)
    for _ in range(2):
        response = client.post(NEW, typed(hand_in="1"))
        assert response.status_code == 302
    assert Submission.objects.count() == 1
    paper = Submission.objects.get()
    again = client.post(reverse("submission_edit", args=[paper.pk]), typed(version=0, hand_in="1"))
    assert again.status_code == 302
    assert paper.review.versions.count() == 1


def test_saving_a_paper_under_review_is_refused_with_the_text_shown(cast, as_):
    paper = factories.walk_to(factories.make_submission(cast).review, State.FIRST_REVIEW, cast).submission
    refused = as_(cast.m1).post(reverse("submission_edit", args=[paper.pk]), typed(body="又想到一句。", version=0))
    assert refused.status_code == 400
    assert "又想到一句。" in page(refused)


def test_same_text_with_another_file_is_another_paper(cast):
    now = timezone.now()
    told = {"group": cast.group, "author": cast.m1, "kind": "speech", "title": "发言", "body": "同样的话"}
    first = write_submission(**told, written_on=now.date(), at=now)
    assert write_submission(**told, written_on=now.date(), at=now).pk == first.pk
    assert write_submission(**told, written_on=now.date(), at=now + timedelta(minutes=3)).pk != first.pk


# -- attachments -------------------------------------------------------------


def test_attachment_goes_out_as_a_harmless_download_to_readers_only(cast, as_):
    as_(cast.m1).post(NEW, typed(hand_in="1", uploads=[pdf("调研照片.pdf")]))
    address = reverse("submission_file", args=[SubmissionFile.objects.get().pk])
    for reader in (cast.m1, cast.office):
        response = as_(reader).get(address)
        assert response.status_code == 200
        assert response["Content-Disposition"].startswith("attachment")
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Content-Security-Policy"].startswith("sandbox")
        assert b"".join(response.streaming_content).startswith(b"%PDF-")
    for stranger in (cast.m2, cast.foreign_office, cast.observer):
        assert as_(stranger).get(address).status_code == 404


def test_removed_attachment_stays_readable_where_the_version_is(cast, as_):
    client = as_(cast.m1)
    client.post(NEW, typed(hand_in="1", uploads=[pdf("旧.pdf", "旧")]))
    paper = Submission.objects.get()
    old = paper.files.get()
    factories.walk_to(ReviewCase.objects.get(), State.RETURNED, cast)
    point = ReturnPoint.objects.get()
    edit = reverse("submission_edit", args=[paper.pk])
    client.post(edit, typed(version=1, remove=[old.pk], uploads=[pdf("新.pdf", "新")]))
    new = paper.files.get(removed_at=None)
    reader = as_(cast.office)
    assert reader.get(reverse("submission_file", args=[old.pk])).status_code == 200
    assert reader.get(reverse("submission_file", args=[new.pk])).status_code == 404  # not handed in yet
    client.post(edit, typed(version=2, hand_in="1", **{f"answer_{point.pk}": "换了附件"}))
    assert reader.get(reverse("submission_file", args=[new.pk])).status_code == 200


# -- the form and the list ---------------------------------------------------


def test_form_offers_the_group_s_sessions_and_takes_the_one_asked_for(cast, as_):
    session = factories.make_session(cast, title="三月集体学习")
    factories.make_session(cast, title="还是草稿的活动", called=False)
    foreign = factories.make_session(cast, title="外镇的活动", group=cast.foreign_group, by=cast.foreign_office)
    shown = page(as_(cast.m1).get(NEW, {"session": session.pk, "kind": "speech"}))
    assert f'<option value="{session.pk}" selected>' in shown
    assert "还是草稿的活动" not in shown
    assert "外镇的活动" not in shown
    refused = page(as_(cast.m1).post(NEW, typed(session=foreign.pk)))
    assert "这次学习活动不在可选范围内" in refused
    assert as_(cast.m1).get(NEW, {"session": "x' or 1"}).status_code == 200


def test_author_withdraws_and_the_case_page_leads_back(cast, as_):
    case = factories.walk_to(factories.make_submission(cast).review, State.FIRST_REVIEW, cast)
    address = reverse("submission_withdraw", args=[case.submission.pk])
    as_(cast.m1).post(address, {"seen_version": case.version})
    case.refresh_from_db()
    assert case.state == State.DRAFT
    of_case = as_(cast.m1).get(reverse("submission_of_case", args=[case.pk]))
    assert of_case.url == reverse("submission_detail", args=[case.submission.pk])


def test_list_filters_by_kind_year_and_state(cast, as_):
    factories.make_submission(cast, title="甲篇", kind="speech", written_on="2020-12-31")
    factories.make_submission(cast, title="乙篇", written_on="2021-01-01")
    factories.walk_to(factories.make_submission(cast, title="丙篇").review, State.RETURNED, cast)
    client = as_(cast.m1)

    def shown(**query):
        text = page(client.get(reverse("submission_list"), query))
        return {title for title in ("甲篇", "乙篇", "丙篇") if title in text}

    assert shown() == {"甲篇", "乙篇", "丙篇"}
    assert shown(kind="speech") == {"甲篇"}
    assert shown(year="2021") == {"乙篇"}
    assert shown(state="returned") == {"丙篇"}
    assert shown(year="0000", kind="nothing", size="9", page="x") == {"甲篇", "乙篇", "丙篇"}


@pytest.mark.parametrize("tab", ["mine", "group"])
def test_list_asks_the_same_number_of_questions_for_any_number_of_rows(cast, as_, django_assert_max_num_queries, tab):
    client = as_(cast.m1 if tab == "mine" else cast.office)

    def questions():
        with django_assert_max_num_queries(12) as asked:
            client.get(reverse("submission_list"), {"tab": tab})
        return len(asked)

    client.get(reverse("submission_list"))
    states = [State.FIRST_REVIEW, State.RETURNED, State.APPROVED]
    factories.walk_to(factories.make_submission(cast).review, states[0], cast)
    few = questions()
    for number in range(29):
        factories.walk_to(factories.make_submission(cast, title=f"第{number}篇").review, states[number % 3], cast)
    assert questions() == few


def test_text_beyond_the_limit_is_told_and_kept(cast, as_):
    refused = page(as_(cast.m1).post(NEW, typed(body="字" * 50_001)))
    assert "50000" in refused
    assert "字" * 50_001 in refused
    # What no form of ours takes at all is still answered in Chinese.
    answer = as_(cast.m1).post(NEW, typed(body="字" * 1_000_000))
    assert answer.status_code == 400
    assert "请求无法处理" in page(answer)
