"""The queue, the case with its verdict, the return and the sheet."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.actions.people import delegate
from accounts.permissions import Role
from materials.models import Submission
from reviews.chain import State
from reviews.models import ReturnPoint, ReviewCase
from reviews.presentation import dots_of, sentence_of
from tests import factories

LIST = reverse("review_list")


def page(response):
    return response.content.decode()


def waiting(cast, state=State.FIRST_REVIEW, **facts):
    return factories.walk_to(factories.make_submission(cast, **facts).review, state, cast)


def point_rows(*texts, **fields):
    rows = {f"points-{n}-text": text for n, text in enumerate(texts)}
    return {"points-TOTAL_FORMS": "5", "points-INITIAL_FORMS": "0", **rows, **fields}


# -- dots and sentence -------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "returned_from", "shapes"),
    [
        (State.DRAFT, "", "○○○"),
        (State.FIRST_REVIEW, "", "◉○○"),
        (State.FINAL_GATE, "", "●●◉"),
        (State.RETURNED, State.SECOND_REVIEW, "●▲○"),
        (State.APPROVED, "", "●●●"),
    ],
)
def test_dots_tell_the_state_by_shape(state, returned_from, shapes):
    case = ReviewCase(state=state, steps=["first_review", "second_review", "final_gate"])
    dots = dots_of(case, returned_from)
    assert "".join(dot.shape for dot in dots) == shapes
    assert [dot.label for dot in dots] == ["初审", "复审", "把关"]


def test_dots_show_only_the_steps_of_the_case():
    case = ReviewCase(state=State.FINAL_GATE, steps=["second_review", "final_gate"])
    assert [(dot.label, dot.word) for dot in dots_of(case)] == [("复审", "已通过"), ("把关", "正在办理")]


def test_sentence_says_where_it_is_and_how_long():
    now = timezone.now()
    case = ReviewCase(state=State.SECOND_REVIEW, steps=["second_review"], state_since=now - timedelta(days=2))
    assert sentence_of(case, now) == "现在在 宣传委员 处复审，已 2 天"
    case.state = State.RETURNED
    assert sentence_of(case, now) == "已退回，请逐条修改后重新提交"


# -- the queue ---------------------------------------------------------------


def test_queue_shows_what_waits_for_this_person(cast, as_):
    waiting(cast, title="办公室的活")
    waiting(cast, State.SECOND_REVIEW, title="宣传委员的活")
    assert "还有 1 份等您审核" in page(as_(cast.office).get(LIST))
    assert "办公室的活" in page(as_(cast.office).get(LIST))
    assert '<li class="now" title="初审：在办公室处">' in page(as_(cast.office).get(LIST))
    assert "宣传委员的活" not in page(as_(cast.office).get(LIST))
    assert "宣传委员的活" in page(as_(cast.office).get(LIST, {"tab": "all"}))
    assert as_(cast.m1).get(LIST).status_code == 403


def test_empty_queue_says_what_was_done_last(cast, as_):
    waiting(cast, State.SECOND_REVIEW, title="刚办过的")
    shown = page(as_(cast.office).get(LIST))
    assert "没有等您审核的材料" in shown
    assert "刚办过的" in shown
    assert "刚办过的" in page(as_(cast.office).get(LIST, {"tab": "done"}))


def test_pass_and_next_opens_the_oldest_that_waits(cast, as_):
    first, second, third = (waiting(cast, title=title) for title in ("一", "二", "三"))
    address = reverse("review_pass", args=[second.pk])
    factories.open_as(second, cast.office)
    answer = as_(cast.office).post(address, {"seen_version": second.version, "and_next": "1"})
    assert answer.url == reverse("review_detail", args=[first.pk])
    third.refresh_from_db()
    assert third.state == State.FIRST_REVIEW


@pytest.mark.parametrize("tab", ["waiting", "done", "all"])
def test_queue_asks_the_same_number_of_questions_for_any_number_of_rows(cast, as_, django_assert_max_num_queries, tab):
    client = as_(cast.office)

    def questions():
        with django_assert_max_num_queries(12) as asked:
            client.get(LIST, {"tab": tab})
        return len(asked)

    client.get(LIST)
    states = [State.FIRST_REVIEW, State.RETURNED, State.SECOND_REVIEW]
    for state in states:
        waiting(cast, state)
    few = questions()
    for number in range(30):
        waiting(cast, states[number % 3], title=f"第{number}篇")
    assert questions() == few


# -- verdicts ----------------------------------------------------------------


def test_verdict_on_a_withdrawn_version_is_refused_and_the_new_one_waits(cast, as_):
    case = waiting(cast, title="第一稿")
    seen = case.version
    assert f'name="seen_version" value="{seen}"' in page(as_(cast.office).get(reverse("review_detail", args=[case.pk])))
    as_(cast.m1).post(reverse("review_withdraw", args=[case.pk]), {"seen_version": seen})
    case.refresh_from_db()
    factories.hand_in(case, by=cast.m1)

    told = {"seen_version": seen, "comment": "写得好，同意。"}
    answer = as_(cast.office).post(reverse("review_pass", args=[case.pk]), told)
    assert answer.status_code == 409
    assert "写得好，同意。" in page(answer)
    case.refresh_from_db()
    assert case.state == State.FIRST_REVIEW
    assert case.versions.count() == 2


@pytest.mark.parametrize("move", ["pass", "return", "ratify", "skip", "note"])
def test_words_on_a_paper_withdrawn_meanwhile_are_shown_again(cast, as_, move):
    case = waiting(cast, title="交出去的题目")
    reviewer, seen = as_(cast.office), case.version
    reviewer.get(reverse("review_detail", args=[case.pk]))
    as_(cast.m1).post(reverse("review_withdraw", args=[case.pk]), {"seen_version": seen})
    paper = Submission.objects.get(review=case)
    Submission.objects.filter(pk=paper.pk).update(title="草稿的新题目", body="草稿里的新话。")
    told = point_rows("第二段请补充数字。", seen_version=seen, comment="写得好，同意。", text="写得好，同意。")
    answer = reviewer.post(reverse(f"review_{move}", args=[case.pk]), told)
    shown = page(answer)
    assert answer.status_code == 409
    assert "撰稿人已撤回" in shown
    assert "交出去的题目" in shown
    assert "写得好，同意。" in shown
    assert "第二段请补充数字。" in shown
    assert f'class="btn btn-primary" href="{reverse("review_list")}"' in shown
    assert "草稿" not in shown
    assert as_(cast.propaganda).post(reverse(f"review_{move}", args=[case.pk]), told).status_code == 404  # never saw it
    assert reviewer.get(reverse("review_detail", args=[case.pk])).status_code == 404
    case.refresh_from_db()
    assert (case.state, case.version) == (State.DRAFT, seen + 1)


def test_a_special_approval_of_a_paper_withdrawn_meanwhile_keeps_its_reason(cast, as_):
    case = waiting(cast)
    deputy, reason = as_(cast.deputy), "书记在外招商，今天下午要用，内容已逐段看过。"
    deputy.get(reverse("review_detail", args=[case.pk]))
    as_(cast.m1).post(reverse("review_withdraw", args=[case.pk]), {"seen_version": case.version})
    answer = deputy.post(reverse("review_override", args=[case.pk]), {"seen_version": case.version, "comment": reason})
    assert (answer.status_code, "撰稿人已撤回" in page(answer), reason in page(answer)) == (409, True, True)


def test_a_new_version_is_not_passed_by_guessing_its_number(cast, as_):
    case = waiting(cast, title="第一稿")
    client, address = as_(cast.office), reverse("review_pass", args=[case.pk])
    client.get(reverse("review_detail", args=[case.pk]))
    as_(cast.m1).post(reverse("review_withdraw", args=[case.pk]), {"seen_version": case.version})
    case.refresh_from_db()
    factories.hand_in(case, by=cast.m1)
    answer = client.post(address, {"seen_version": case.version, "comment": "写得好，同意。"})
    assert answer.status_code == 400
    assert "请先打开第2稿看过再办理" in page(answer)
    assert "写得好，同意。" in page(answer)
    case.refresh_from_db()
    assert (case.state, case.entries.filter(move="pass").count()) == (State.FIRST_REVIEW, 0)
    client.get(reverse("review_detail", args=[case.pk]))
    assert client.post(address, {"seen_version": case.version}).status_code == 302


def test_return_overtaken_keeps_what_was_typed(cast, as_):
    case = waiting(cast)
    factories.walk_to(case, State.SECOND_REVIEW, cast)
    told = point_rows("第二段请补充数字。", seen_version=case.version - 1)
    answer = as_(cast.propaganda).post(reverse("review_return", args=[case.pk]), told)
    assert answer.status_code == 409
    assert "第二段请补充数字。" in page(answer)
    assert not ReturnPoint.objects.exists()


def test_return_needs_a_point_and_keeps_the_comment(cast, as_):
    case = waiting(cast)
    told = point_rows(seen_version=case.version, comment="总的来说不错。")
    answer = page(as_(cast.office).post(reverse("review_return", args=[case.pk]), told))
    assert "请至少写一条具体意见" in answer
    assert "总的来说不错。" in answer
    told = point_rows(seen_version=case.version, **{"points-3-paragraph": "1"})
    assert "请写出这一段的意见" in page(as_(cast.office).post(reverse("review_return", args=[case.pk]), told))


def test_comment_of_the_foot_comes_along_to_the_return(cast, as_):
    case = waiting(cast)
    told = {"seen_version": case.version, "comment": "先写了一句。", "open": "1"}
    opened = page(as_(cast.office).post(reverse("review_return", args=[case.pk]), told))
    assert "先写了一句。" in opened
    assert "第1段　一、认识" in opened
    assert "第2段　学习使人进步。" in opened


def test_return_page_is_not_for_whom_it_does_not_wait(cast, as_):
    case = waiting(cast)
    assert as_(cast.secretary).get(reverse("review_return", args=[case.pk])).status_code == 403


def test_withdrawal_after_a_verdict_is_not_offered(cast, as_):
    case = waiting(cast)
    detail = reverse("review_detail", args=[case.pk])
    assert "撤回修改" in page(as_(cast.m1).get(detail))
    factories.walk_to(case, State.SECOND_REVIEW, cast)
    assert "撤回修改" not in page(as_(cast.m1).get(detail))
    answer = as_(cast.m1).post(reverse("review_withdraw", args=[case.pk]), {"seen_version": case.version})
    assert answer.status_code == 400


def test_delegate_acts_and_both_names_are_printed(cast, as_):
    today = timezone.localdate()
    delegate(
        group=cast.group,
        principal=cast.secretary,
        delegate=cast.deputy,
        role=Role.LEADER,
        kind="",
        starts_on=today,
        ends_on=today,
        reason="外出学习",
        at=timezone.now(),
    )
    case = waiting(cast, State.FINAL_GATE)
    client = as_(cast.deputy)
    assert "您受书记甲委托办理" in page(client.get(reverse("review_detail", args=[case.pk])))
    client.post(reverse("review_pass", args=[case.pk]), {"seen_version": case.version, "comment": "同意定稿。"})
    assert "受书记甲委托" in page(client.get(reverse("review_detail", args=[case.pk])))
    sheet = page(client.get(reverse("review_sheet", args=[case.pk])))
    assert "签名：副书记乙（受书记甲委托）" in sheet
    assert "组织委员" in sheet  # 职务 of the author


def test_fingerprint_is_short_on_the_sheet_and_nowhere_in_the_history(cast, as_):
    case = waiting(cast, State.FINAL_GATE)
    client, address = as_(cast.secretary), reverse("review_detail", args=[case.pk])
    client.get(address)
    client.post(reverse("review_pass", args=[case.pk]), {"seen_version": case.version, "comment": ""})
    sha256 = case.versions.get().sha256
    sheet = page(client.get(reverse("review_sheet", args=[case.pk])))
    assert f"校验码 {sha256[:16]}<" in sheet
    assert sheet.count("<p>通过</p>") == 1  # no opinion written at the last step
    assert sheet.count("<p>同意。</p>") == 2
    history = page(client.get(address))
    assert "第1稿" in history
    assert sha256[:8] not in history


def test_verdict_is_lean(cast, as_, django_assert_max_num_queries):
    case = waiting(cast)
    client = as_(cast.office)
    client.get(reverse("review_detail", args=[case.pk]))
    with django_assert_max_num_queries(16):
        client.post(reverse("review_pass", args=[case.pk]), {"seen_version": case.version, "and_next": "1"})


def test_old_version_is_kept_and_says_that_it_is_old(cast, as_):
    case = waiting(cast, State.RETURNED)
    factories.hand_in(case, by=cast.m1)
    shown = page(as_(cast.office).get(reverse("review_version", args=[case.pk, 1])))
    assert "这是第1稿。现在是第2稿" in shown
    assert as_(cast.office).get(reverse("review_version", args=[case.pk, 3])).status_code == 404
