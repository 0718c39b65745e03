"""The form follows the kind, the request fills it in, a receipt is given, suggested wording is taken or not."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from materials.actions.submission import save_submission, submit
from materials.models import PaperKind, PaperRequest, PaperRequestPerson, Submission
from reviews.actions import Point, advance, open_points
from reviews.actions.draft import REFUSED
from reviews.actions.opening import note_opening
from reviews.chain import Move, State
from reviews.models import ReturnPoint, ReviewCase
from sessions_app.models import StudySession
from studygroup.lib.errors import Refused
from tests import factories
from tests.materials.test_submission import NEW, TEXT, page, typed

ENTER = reverse("submission_enter")


def keep_kind(cast, slug="reflection", **facts):
    return PaperKind.objects.create(group=cast.group, slug=slug, label=facts.pop("label", "心得体会"), **facts)


def ask(cast, *people, kind="reflection", **facts):
    row = PaperRequest.objects.create(
        group=facts.pop("group", cast.group),
        kind=kind,
        kind_name="心得体会",
        title=facts.pop("title", "学习全会精神"),
        due_on=facts.pop("due_on", timezone.localdate() + timedelta(days=3)),
        asked_by=cast.office,
        asked_at=timezone.now(),
        **facts,
    )
    for person in people:
        PaperRequestPerson.objects.create(request=row, person=person)
    return row


# -- the kind decides --------------------------------------------------------


def test_kind_says_what_must_be_named(cast, as_):
    keep_kind(cast, session_need="required", topic_need="required")
    refused = page(as_(cast.m1).post(NEW, typed(hand_in="1")))
    assert "心得体会要写明学习活动" in refused
    assert "心得体会要写明专题" in refused
    assert not Submission.objects.exists()
    as_(cast.m1).post(NEW, typed())  # a draft may wait
    assert Submission.objects.count() == 1


def test_what_a_kind_does_not_ask_for_is_not_kept(cast, as_):
    session = factories.make_session(cast)
    as_(cast.m1).post(NEW, typed(kind="research_report", session=session.pk))
    assert Submission.objects.get().session is None


def test_purpose_and_outline_come_from_the_kind(cast, as_):
    keep_kind(cast, purpose="县里征文", outline="一、认识\n二、打算")
    shown = page(as_(cast.m1).get(NEW, {"kind": "reflection"}))
    assert 'value="县里征文"' in shown
    assert "一、认识\n二、打算</textarea>" in shown
    only_outline = page(as_(cast.m1).post(NEW, typed(body="一、认识\r\n二、打算", hand_in="1")))
    assert "正文还只有提纲" in only_outline
    as_(cast.m1).post(NEW, typed(hand_in="1", purpose=""))
    assert Submission.objects.get().purpose == "县里征文"


def test_too_few_words_are_told_once_and_may_be_handed_in(cast, as_):
    keep_kind(cast, words_wanted=100)
    told = page(as_(cast.m1).post(NEW, typed(hand_in="1")))
    words = len(TEXT.replace("\n", ""))
    assert f"还差 {100 - words} 字" in told
    assert "就这样提交" in told
    assert 'name="short"' in told
    as_(cast.m1).post(NEW, typed(hand_in="1", short="on"))
    assert Submission.objects.get().review.state == State.FIRST_REVIEW


def test_new_paper_starts_as_the_last_one(cast, as_):
    factories.make_submission(cast, kind="speech")
    shown = page(as_(cast.m1).get(NEW))
    assert shown.index('value="speech"') < shown.index("checked") < shown.index("checked") + 400


# -- asked for ---------------------------------------------------------------


def test_request_fills_in_the_form_and_is_answered(cast, as_):
    session = factories.make_session(cast, title="三月集体学习")
    row = ask(cast, cast.m1, session=session, words_wanted=10, note="结合分管工作。")
    shown = page(as_(cast.m1).get(NEW, {"request": row.pk}))
    assert "学习全会精神" in shown
    assert f'<option value="{session.pk}" selected>' in shown
    assert "结合分管工作。" in shown
    assert f"{row.due_on.month}月{row.due_on.day}日前交" in shown
    as_(cast.m1).post(NEW, typed(request=row.pk, topic="学习全会精神", hand_in="1"))
    paper = Submission.objects.get()
    assert (paper.request, paper.session) == (row, session)
    assert "按时" in page(as_(cast.m1).get(reverse("submission_detail", args=[paper.pk])))
    again = as_(cast.m1).get(NEW, {"request": row.pk})
    assert again.url == reverse("submission_detail", args=[paper.pk])


def test_only_what_is_asked_of_him_can_be_answered(cast, as_):
    others = ask(cast, cast.m2, title="只约了别人")
    foreign = ask(cast, cast.m1, title="外镇的约稿", group=cast.foreign_group)
    closed = ask(cast, cast.m1, title="已经结束的", closed_at=timezone.now())
    excused = ask(cast, cast.m1, title="已经免交的")
    excused.people.update(excused_at=timezone.now(), excused_reason="出差")
    ask(cast, cast.m1, title="可以写的")
    shown = page(as_(cast.m1).get(NEW))
    assert "可以写的" in shown
    for row in (others, foreign, closed, excused):
        assert row.title not in shown
        assert "这次布置已经结束" in page(as_(cast.m1).post(NEW, typed(request=row.pk)))
    assert not Submission.objects.exists()


def test_request_of_another_kind_is_told(cast, as_):
    row = ask(cast, cast.m1)
    assert "这次布置的是心得体会" in page(as_(cast.m1).post(NEW, typed(kind="speech", request=row.pk)))


# -- the receipt -------------------------------------------------------------


def test_receipt_is_given_at_the_first_submission_and_stays(cast, as_):
    client = as_(cast.m1)
    answer = client.post(NEW, typed(hand_in="1"), follow=True)
    paper = Submission.objects.get()
    assert f"收件号 {timezone.localdate().year}-0001" in page(answer)
    receipt = client.get(reverse("submission_receipt", args=[paper.pk]))
    assert paper.receipt in page(receipt)
    assert "收件回执" in page(receipt)
    listed = page(as_(cast.office).get(reverse("submission_list"), {"tab": "group"}))
    assert paper.receipt in listed
    assert paper.receipt in page(as_(cast.office).get(reverse("review_sheet", args=[paper.review_id])))
    factories.walk_to(paper.review, State.RETURNED, cast)
    factories.hand_in(paper.review, by=cast.m1)
    again = Submission.objects.get()
    assert (again.receipt, again.received_at) == (paper.receipt, paper.received_at)
    resent = page(client.get(reverse("submission_receipt", args=[paper.pk])))
    for words in ("首次提交", "最近提交", "（第2稿）", cast.group.organization.name, "打印</p>"):
        assert words in resent


def test_draft_has_no_receipt(cast, as_):
    paper = factories.make_submission(cast)
    assert as_(cast.m1).get(reverse("submission_receipt", args=[paper.pk])).status_code == 404


def test_late_is_told_kindly(cast, as_):
    row = ask(cast, cast.m1, due_on=timezone.localdate() - timedelta(days=2))
    answer = as_(cast.m1).post(NEW, typed(request=row.pk, hand_in="1"), follow=True)
    assert "比截止日期晚 2 天，已照常收下" in page(answer)


def test_numbers_begin_anew_each_year(cast):
    for day in (date(2020, 12, 31), date(2021, 1, 1)):
        at = timezone.now().replace(year=day.year, month=day.month, day=day.day, hour=4)
        paper = factories.make_submission(cast, at=at, title=str(day))
        submit(submission=paper, by=cast.m1, at=at, seen_version=0)
        assert paper.receipt == f"{day.year}-0001"


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_two_at_once_take_two_numbers(cast, now):
    papers = [factories.make_submission(cast, title=f"第{n}篇").pk for n in range(12)]
    ready = threading.Barrier(len(papers))

    def press(pk):
        try:
            paper = Submission.objects.select_related("review").get(pk=pk)
            ready.wait(timeout=60)
            submit(submission=paper, by=paper.author, at=now, seen_version=0)
            return paper.receipt_number
        finally:
            connection.close()

    with ThreadPoolExecutor(len(papers)) as pool:
        assert sorted(pool.map(press, papers)) == list(range(1, len(papers) + 1))


# -- suggested wording -------------------------------------------------------


def test_refused_wording_wants_a_word_why(cast, as_):
    case = factories.walk_to(factories.make_submission(cast).review, State.RETURNED, cast)
    paper, (point,) = case.submission, open_points(case)
    wording = {"original": "学习使人进步。", "suggested": "学习使人成长。", "taken": False, "answer": REFUSED}
    ReturnPoint.objects.filter(pk=point.pk).update(**wording)
    edit = reverse("submission_edit", args=[paper.pk])
    pressed = {**typed(version=paper.version, hand_in="1"), f"answer_{point.pk}": REFUSED}
    assert "请写一句为什么不采纳第 1 条" in page(as_(cast.m1).post(edit, pressed))
    as_(cast.m1).post(edit, {**pressed, f"answer_{point.pk}": REFUSED + "原话是领导讲话。"})
    case.refresh_from_db()
    assert case.state == State.FIRST_REVIEW


# -- typed in by the office --------------------------------------------------


def test_office_types_in_a_paper_and_neither_of_the_two_reviews_it(cast, as_):
    office = as_(cast.office)
    form = page(office.get(ENTER))
    assert cast.m1.name in form
    assert cast.foreign_m1.name not in form
    office.post(ENTER, typed(author=cast.m1.pk, hand_in="1"))
    paper = Submission.objects.select_related("review").get()
    assert (paper.author, paper.review.handed_in_by) == (cast.m1, cast.office)
    assert paper.review.state == State.FIRST_REVIEW
    for person in (cast.office, cast.m1):
        detail = page(as_(person).get(reverse("review_detail", args=[paper.review_id])))
        assert "初审通过" not in detail
    assert paper.title in page(as_(cast.m1).get(reverse("submission_list")))


def test_typed_in_draft_is_found_again_by_who_typed_it(cast, as_):
    office = as_(cast.office)
    office.post(ENTER, typed(author=cast.m1.pk, title="手写的心得"))
    paper = Submission.objects.get()
    listed = page(office.get(reverse("submission_list")))
    assert "手写的心得" in listed
    assert f"代{cast.m1.name}录入" in listed
    edit = reverse("submission_edit", args=[paper.pk])
    office.post(edit, typed(body="补上第二页。", version=paper.version))
    paper.refresh_from_db()
    assert paper.body == "补上第二页。"
    assert as_(cast.propaganda).get(edit).status_code == 404


@pytest.mark.parametrize("wrong", ["foreign_m1", "office", "observer"])
def test_only_people_of_the_roster_can_be_typed_in_for(cast, as_, wrong):
    refused = as_(cast.office).post(ENTER, typed(author=getattr(cast, wrong).pk))
    assert "不在名单上" in page(refused)
    assert not Submission.objects.exists()
    assert as_(cast.m1).get(ENTER).status_code == 403


def test_the_session_a_paper_names_is_not_lost_when_its_author_cannot_see_it(cast, as_, now):
    session = factories.make_session(cast, title="没有参加的学习")
    session.participants.filter(person=cast.extended).delete()
    paper = factories.make_submission(cast, author=cast.extended, session=session)
    assert not StudySession.objects.visible_to(cast.extended).filter(pk=session.pk).exists()
    page = as_(cast.extended).get(f"/submissions/{paper.pk}/edit/").content.decode()
    assert f'<option value="{session.pk}" selected>' in page


def test_what_the_author_changes_after_a_return_is_not_seen_before_he_hands_in_again(cast, as_, now):
    first, other = factories.make_session(cast, title="原来的学习"), factories.make_session(cast, title="别的学习")
    paper = factories.make_submission(cast, author=cast.m1, session=first, title="交上去的题目")
    factories.walk_to(paper.review, State.RETURNED, cast)
    row = ask(cast, cast.m1, title="别的学习的心得")
    PaperRequest.objects.filter(pk=row.pk).update(session=other)
    paper.refresh_from_db()
    typed = {"title": "还没交的题目", "session": other}
    save_submission(submission=paper, seen_version=paper.version, changes=typed, by=cast.m1, at=now)
    office = as_(cast.office)
    assert "交上去的题目" in office.get(f"/sessions/{first.pk}/").content.decode()
    seen = office.get(f"/sessions/{other.pk}/").content.decode()
    assert "交上去的题目" not in seen
    assert "还没交的题目" not in seen
    assert not row.people.answered().exists()
    factories.hand_in(ReviewCase.objects.get(pk=paper.review_id), by=cast.m1)
    assert "还没交的题目" in office.get(f"/sessions/{other.pk}/").content.decode()
    assert row.people.answered().exists()


def test_a_return_is_not_undone_when_its_author_has_begun_to_write(cast, now):
    case = factories.walk_to(factories.make_submission(cast, author=cast.m1).review, State.FIRST_REVIEW, cast)
    note_opening(case=case, by=cast.office, at=now)
    point = [Point("请补充。")]
    advance(case=case, move=Move.RETURN, by=cast.office, at=now, seen_version=case.version, points=point)
    paper = Submission.objects.get(review=case)
    save_submission(submission=paper, seen_version=paper.version, changes={"title": "改了"}, by=cast.m1, at=now)
    with pytest.raises(Refused, match="打开"):
        advance(case=case, move=Move.UNDO, by=cast.office, at=now, seen_version=case.version)
    case.refresh_from_db()
    assert case.state == State.RETURNED
