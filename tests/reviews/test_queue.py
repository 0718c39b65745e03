"""The reviewer's round through his queue: what comes next, what was put off, what was done, and taking it back."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.actions.people import delegate
from accounts.permissions import Role
from reviews.actions import add_note
from reviews.chain import Move, State
from reviews.models import ReviewCase, StepDeadline
from tests import factories
from tests.factories import hand_in, judge, open_as, walk_to

LIST, START, ROUND = (reverse(name) for name in ("review_list", "review_start", "review_round"))


def page(response):
    return response.content.decode()


def detail(case):
    return reverse("review_detail", args=[case.pk])


def waiting(cast, state=State.FIRST_REVIEW, **facts):
    return walk_to(factories.make_submission(cast, **facts).review, state, cast)


def press(client, name, case, **fields):
    client.get(detail(case))
    return client.post(reverse(name, args=[case.pk]), {"seen_version": case.version, **fields}, follow=True)


# -- what comes first ----------------------------------------------------------


def test_overdue_comes_first_and_says_so_by_shape_and_word(cast, as_, now):
    StepDeadline.objects.create(group=cast.group, step=State.FIRST_REVIEW, days=3)
    waiting(cast, title="等得久的")
    late = waiting(cast, title="刚超期的")
    today = timezone.localdate()
    ReviewCase.objects.filter(title="等得久的").update(state_since=now - timedelta(days=9), due_on=None)
    ReviewCase.objects.filter(pk=late.pk).update(due_on=today - timedelta(days=1))
    soon = waiting(cast, title="还有两天的")
    ReviewCase.objects.filter(pk=soon.pk).update(due_on=today + timedelta(days=2))
    shown = page(as_(cast.office).get(LIST))
    places = [shown.index(title) for title in ("刚超期的", "等得久的", "还有两天的")]
    assert places == sorted(places)
    assert "</span> 已超 1 天" in shown
    assert "</span> 还剩 2 天" in shown
    assert as_(cast.office).get(START).url == detail(late)
    chosen = page(as_(cast.office).get(LIST, {"only": "overdue"}))
    assert "刚超期的" in chosen
    assert "等得久的" not in chosen


def test_queue_marks_delegates_and_notes(cast, as_, now):
    case = waiting(cast, State.FINAL_GATE)
    add_note(case=case, text="数字已与统计站核对。", by=cast.propaganda, at=now)
    today = timezone.localdate()
    terms = {"starts_on": today, "ends_on": today, "reason": "外出", "kind": "", "at": now}
    delegate(group=cast.group, principal=cast.secretary, delegate=cast.m2, role=Role.LEADER, **terms)
    delegate(group=cast.group, principal=cast.secretary, delegate=cast.m3, role=Role.LEADER, **terms, only_overdue=True)
    assert "受委托" in page(as_(cast.m2).get(LIST))
    assert "代书记甲" in page(as_(cast.m2).get(LIST))
    assert "学习心得" not in page(as_(cast.m3).get(LIST))
    ReviewCase.objects.filter(pk=case.pk).update(due_on=today - timedelta(days=1))
    assert "逾期接办" in page(as_(cast.m3).get(LIST))
    assert "备注 1" in page(as_(cast.secretary).get(LIST))


# -- one after the other ---------------------------------------------------------


def test_a_paper_put_off_comes_once_more_at_the_end_of_the_round(cast, as_):
    first, second = waiting(cast, title="第一份"), waiting(cast, title="第二份")
    client = as_(cast.office)
    assert client.get(START).url == detail(first)
    assert "1/2" in page(client.get(detail(first)))
    answer = press(client, "review_skip", first)
    assert answer.redirect_chain[-1][0] == detail(second)
    assert "2/2" in page(answer)
    answer = press(client, "review_pass", second, and_next="1")
    assert answer.redirect_chain[-1][0] == detail(first)
    answer = press(client, "review_skip", first)
    assert answer.redirect_chain[-1][0] == ROUND
    assert "这一轮看完了" in page(answer)
    assert "第一份" in page(answer)
    first.refresh_from_db()
    assert first.state == State.FIRST_REVIEW
    assert client.get(START).url == detail(first)


def test_end_of_the_round_says_what_was_done_and_offers_to_take_it_back(cast, as_):
    passed, returned = waiting(cast, title="好的"), waiting(cast, title="要改的")
    client = as_(cast.office)
    client.get(START)
    press(client, "review_pass", passed, and_next="1")
    rows = {"points-TOTAL_FORMS": "1", "points-INITIAL_FORMS": "0", "points-0-text": "补充数字。", "and_next": "1"}
    answer = press(client, "review_return", returned, **rows)
    shown = page(answer).split("<main")[1]
    assert answer.redirect_chain[-1][0] == ROUND
    assert "1<small>份通过</small>" in shown
    assert "1<small>份退回</small>" in shown
    assert "都办完了" in shown
    assert shown.count(f'action="{reverse("review_undo", args=[passed.pk])}"') == 1
    assert f'action="{reverse("review_undo", args=[returned.pk])}"' in shown
    walk_to(ReviewCase.objects.get(pk=passed.pk), State.SECOND_REVIEW, cast)
    open_as(ReviewCase.objects.get(pk=passed.pk), cast.propaganda)
    assert f'action="{reverse("review_undo", args=[passed.pk])}"' not in page(client.get(ROUND))


def test_the_seat_remembers_the_filter(cast, as_):
    waiting(cast, title="心得一")
    speech, other = (waiting(cast, kind="speech", title=title) for title in ("发言一", "发言二"))
    client = as_(cast.office)
    client.get(LIST, {"kind": "speech"})
    assert client.get(START).url == detail(speech)
    answer = press(client, "review_pass", speech, and_next="1")
    assert answer.redirect_chain[-1][0] == detail(other)
    assert press(client, "review_pass", other, and_next="1").redirect_chain[-1][0] == ROUND


def test_opening_from_elsewhere_shows_no_place_of_another_choice(cast, as_):
    waiting(cast, kind="speech", title="发言")
    case = waiting(cast, title="心得")
    client = as_(cast.office)
    client.get(LIST, {"kind": "speech"})
    assert "/2</span>" in page(client.get(detail(case)))


# -- taking it back ------------------------------------------------------------------


def test_undo_is_offered_with_the_message_until_the_next_person_opens_it(cast, as_):
    case = waiting(cast)
    client = as_(cast.office)
    answer = press(client, "review_pass", case)
    assert "已通过《学习心得》" in page(answer)
    case.refresh_from_db()
    undo = reverse("review_undo", args=[case.pk])
    assert f'action="{undo}"' in page(answer)
    assert f'action="{undo}"' in page(client.get(LIST, {"tab": "done"}))
    back = client.post(undo, {"seen_version": case.version}, follow=True)
    assert back.redirect_chain[-1][0] == detail(case)
    assert "已撤销，《学习心得》回到初审" in page(back)
    case.refresh_from_db()
    assert case.state == State.FIRST_REVIEW
    press(client, "review_pass", case)
    case.refresh_from_db()
    as_(cast.propaganda).get(detail(case))
    assert f'action="{undo}"' not in page(client.get(LIST, {"tab": "done"}))
    refused = client.post(undo, {"seen_version": case.version})
    assert refused.status_code == 400
    assert "已经有人打开看过" in page(refused)


def test_the_author_ends_the_time_for_undoing_a_return_by_reading_it(cast, as_):
    case = waiting(cast)
    judge(case, Move.RETURN, by=cast.office)
    undo = reverse("review_undo", args=[case.pk])
    assert f'action="{undo}"' in page(as_(cast.office).get(detail(case)))
    as_(cast.m1).get(detail(case))
    assert f'action="{undo}"' not in page(as_(cast.office).get(detail(case)))


def test_undo_pressed_twice_does_nothing_more(cast, as_):
    case = waiting(cast)
    client = as_(cast.office)
    press(client, "review_pass", case)
    case.refresh_from_db()
    told, undo = {"seen_version": case.version}, reverse("review_undo", args=[case.pk])
    assert client.post(undo, told).status_code == 302
    assert client.post(undo, told).status_code == 409
    case.refresh_from_db()
    assert [entry.move for entry in case.entries.all()] == [Move.SUBMIT, Move.PASS, Move.UNDO]


def test_nobody_undoes_or_puts_off_what_is_not_his(cast, as_):
    case = waiting(cast, State.SECOND_REVIEW)
    told = {"seen_version": case.version}
    assert as_(cast.secretary).post(reverse("review_undo", args=[case.pk]), told).status_code == 403
    assert as_(cast.m1).post(reverse("review_skip", args=[case.pk]), told).status_code == 403
    assert as_(cast.foreign_office).post(reverse("review_skip", args=[case.pk]), told).status_code == 404
    hidden = factories.make_submission(cast, author=cast.m2).review
    assert as_(cast.office).post(reverse("review_skip", args=[hidden.pk]), told).status_code == 404


@pytest.mark.parametrize("address", [ROUND, LIST])
def test_round_asks_the_same_number_of_questions_for_any_number_of_rows(
    cast, as_, django_assert_max_num_queries, address
):
    client = as_(cast.office)

    def questions():
        with django_assert_max_num_queries(18) as asked:
            client.get(address)
        return len(asked)

    for title in ("一", "二"):
        press(client, "review_pass", waiting(cast, title=title))
    waiting(cast)
    few = questions()
    for number in range(30):
        case = waiting(cast, title=f"第{number}篇")
        if number % 2:
            press(client, "review_pass", case)
    assert questions() == few


def test_a_paper_handed_in_again_is_marked_and_can_be_chosen(cast, as_):
    case = waiting(cast, State.RETURNED, title="改过的")
    hand_in(case, by=cast.m1)
    waiting(cast, title="新来的")
    shown = page(as_(cast.office).get(LIST, {"only": "again"}))
    assert "第2次送审" in shown
    assert "新来的" not in shown
