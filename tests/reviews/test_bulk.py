"""批量通过: only what was opened, each on its own, and the result told paper by paper."""

import pytest
from django.urls import reverse

from reviews.chain import Move, State
from reviews.models import ReviewCase
from tests import factories
from tests.factories import judge, open_as, walk_to

BULK, DONE = reverse("review_bulk"), reverse("review_bulk_done")


def page(response):
    return response.content.decode()


def waiting(cast, state=State.FIRST_REVIEW, **facts):
    return walk_to(factories.make_submission(cast, **facts).review, state, cast)


def pair(case):
    return f"{case.pk}:{case.version}"


def test_only_opened_papers_can_be_ticked(cast, as_):
    seen, unseen = waiting(cast, title="看过的"), waiting(cast, title="没看过的")
    client = as_(cast.office)
    client.get(reverse("review_detail", args=[seen.pk]))
    shown = page(client.get(BULK))
    assert f'value="{pair(seen)}"' in shown
    assert f'value="{pair(unseen)}"' not in shown
    assert "打开阅看" in shown
    answer = page(client.post(BULK, {"chosen": [pair(seen), pair(unseen)], "comment": "同意。"}, follow=True))
    assert "1 份没有通过" in answer
    assert "请先打开第1稿看过再办理" in answer
    assert "1 份已通过" in answer
    states = dict(ReviewCase.objects.values_list("title", "state"))
    assert states == {"看过的": State.SECOND_REVIEW, "没看过的": State.FIRST_REVIEW}
    assert seen.entries.get(move=Move.PASS).comment == "同意。"


def test_one_that_was_changed_meanwhile_leaves_the_others_alone(cast, as_):
    first, second = waiting(cast, title="第一份"), waiting(cast, title="第二份")
    client = as_(cast.office)
    for case in (first, second):
        client.get(reverse("review_detail", args=[case.pk]))
    chosen = [pair(first), pair(second)]
    as_(cast.m1).post(reverse("review_withdraw", args=[first.pk]), {"seen_version": first.version})
    first.refresh_from_db()
    factories.hand_in(first, by=cast.m1)
    answer = page(client.post(BULK, {"chosen": chosen}, follow=True))
    assert "别人刚刚办理过这份材料" in answer
    states = dict(ReviewCase.objects.values_list("title", "state"))
    assert states == {"第一份": State.FIRST_REVIEW, "第二份": State.SECOND_REVIEW}


def test_one_withdrawn_meanwhile_is_named_and_leads_nowhere(cast, as_):
    first, second = waiting(cast, title="撤回的"), waiting(cast, title="留下的")
    client = as_(cast.office)
    for case in (first, second):
        client.get(reverse("review_detail", args=[case.pk]))
    as_(cast.m1).post(reverse("review_withdraw", args=[first.pk]), {"seen_version": first.version})
    answer = page(client.post(BULK, {"chosen": [pair(first), pair(second)]}, follow=True))
    assert "撰稿人已撤回这份材料" in answer
    assert "撤回的" in answer
    assert reverse("review_detail", args=[first.pk]) not in answer


def test_pressed_twice_it_passes_once(cast, as_):
    case = waiting(cast)
    client = as_(cast.office)
    open_as(case, cast.office)
    for _ in range(2):
        client.post(BULK, {"chosen": [pair(case)], "comment": "同意。"})
    assert case.entries.filter(move=Move.PASS).count() == 1
    assert "1 份已通过" in page(client.get(DONE))


def test_a_special_approval_is_never_ratified_in_bulk(cast, as_):
    case = waiting(cast)
    judge(case, Move.OVERRIDE, by=cast.deputy)
    client = as_(cast.secretary)
    client.get(reverse("review_detail", args=[case.pk]))
    assert "没有可以批量通过的材料" in page(client.get(BULK))
    answer = page(client.post(BULK, {"chosen": [pair(case)]}, follow=True))
    assert "1 份没有通过" in answer
    case.refresh_from_db()
    assert case.awaits_ratification


@pytest.mark.parametrize("chosen", [[], ["x"], ["1:"], ["9999:1"], [f"{n}:1" for n in range(1, 52)]])
def test_nonsense_and_more_than_fifty_change_nothing(cast, as_, chosen):
    case = waiting(cast)
    open_as(case, cast.office)
    answer = as_(cast.office).post(BULK, {"chosen": chosen}, follow=True)
    assert answer.status_code in (200, 400)
    case.refresh_from_db()
    assert case.state == State.FIRST_REVIEW


def test_more_than_fifty_are_refused_in_words_and_stay_ticked(cast, as_):
    case = waiting(cast)
    open_as(case, cast.office)
    answer = as_(cast.office).post(BULK, {"chosen": [pair(case), *(f"{n}:1" for n in range(1000, 1050))]})
    assert answer.status_code == 400
    assert "一次最多通过 50 份" in page(answer)
    assert "checked" in page(answer)


def test_bulk_is_for_reviewers_and_never_reaches_another_group(cast, as_):
    case = waiting(cast)
    assert as_(cast.m1).get(BULK).status_code == 403
    assert as_(cast.supervisor).get(BULK).status_code == 403
    assert case.title not in page(as_(cast.foreign_office).get(BULK))
    as_(cast.foreign_office).post(BULK, {"chosen": [pair(case)]})
    case.refresh_from_db()
    assert case.state == State.FIRST_REVIEW


def test_bulk_asks_the_same_number_of_questions_for_any_number_of_rows(cast, as_, django_assert_max_num_queries):
    client = as_(cast.office)

    def questions():
        with django_assert_max_num_queries(14) as asked:
            client.get(BULK)
        return len(asked)

    open_as(waiting(cast), cast.office)
    client.get(BULK)  # the first request of a day writes its time into the login
    few = questions()
    for number in range(30):
        open_as(waiting(cast, title=f"第{number}篇"), cast.office)
    assert questions() == few
