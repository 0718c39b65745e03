"""办理期限, and who takes over when it is past (逾期接办)."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.actions.people import delegate
from accounts.models import Delegation, User
from accounts.permissions import Role
from accounts.reminders import due_on
from materials.models import Submission
from reviews.actions.route import change_deadlines
from reviews.chain import Move, State
from reviews.models import ReviewCase, StepDeadline
from reviews.presentation import due_words, sentence_of, waiting_words
from studygroup.lib.errors import NotAllowed, Overtaken
from studygroup.lib.models import AuditEntry
from tests import factories
from tests.factories import judge, open_as, walk_to

DAY = timedelta(days=1)


@pytest.fixture
def second_review_takes_two_days(cast):
    StepDeadline.objects.create(group=cast.group, step=State.SECOND_REVIEW, days=2)


def stands_in(cast, to, now, **facts):
    """This person acts for 宣传委员, once it is late."""
    today = timezone.localdate()
    told = {"kind": "", "starts_on": today - 5 * DAY, "ends_on": today + DAY, "only_overdue": True, "reason": "驻村"}
    told |= facts
    return delegate(group=cast.group, principal=cast.propaganda, delegate=to, role=Role.STUDY_SECRETARY, at=now, **told)


def waiting(cast, now, days):
    """At 复审 since so many days."""
    paper = factories.make_submission(cast, at=now - days * DAY)
    return walk_to(paper.review, State.SECOND_REVIEW, cast, at=now - days * DAY)


def sees(user, case):
    user = User.objects.get(pk=user.pk)
    papers = Submission.objects.visible_to(user).filter(review=case).exists()
    assert papers == ReviewCase.objects.visible_to(user).filter(pk=case.pk).exists()
    return papers


@pytest.mark.parametrize(
    ("days", "told"),
    [(0, "今天送到，还剩 2 天"), (1, "已 1 天，还剩 1 天"), (2, "已 2 天，今天到期"), (4, "已 4 天，已超 2 天")],
)
@pytest.mark.usefixtures("second_review_takes_two_days")
def test_words_say_how_much_time_is_left(cast, now, days, told):
    case = waiting(cast, now, days)
    assert waiting_words(case, now) == told
    assert sentence_of(case, now) == f"现在在 宣传委员 处复审，{told}"


def test_without_a_row_there_is_no_term(cast, now):
    case = waiting(cast, now, 30)
    assert (case.due_on, due_words(case, now), waiting_words(case, now)) == (None, "", "已 30 天")


@pytest.mark.usefixtures("second_review_takes_two_days")
def test_a_term_begins_with_every_stay_at_the_step(cast, now):
    case = waiting(cast, now, 4)
    was = case.due_on
    judge(case, Move.PASS, by=cast.propaganda, at=now)
    assert case.due_on is None  # 把关 has no term here
    judge(case, Move.UNDO, by=cast.propaganda, at=now)
    assert case.due_on == was  # taking it back wins no time
    judge(case, Move.RETURN, by=cast.propaganda, at=now)
    assert case.due_on is None
    walk_to(case, State.SECOND_REVIEW, cast, at=now)
    assert case.due_on == timezone.localdate(now) + 2 * DAY


@pytest.mark.parametrize(("days", "late"), [(1, False), (2, False), (3, True)])
@pytest.mark.usefixtures("second_review_takes_two_days")
def test_the_stand_in_begins_on_the_day_after_it_was_due(cast, now, days, late):
    case = waiting(cast, now, days)
    stands_in(cast, cast.m2, now)
    assert sees(cast.m2, case) is late
    assert ReviewCase.objects.awaiting(cast.m2).filter(pk=case.pk).exists() is late
    open_as(case, cast.m2)
    assert case.openings.filter(by=cast.m2).exists() is late
    if not late:
        with pytest.raises(NotAllowed, match="只在逾期后接办"):
            judge(case, Move.PASS, by=cast.m2)
        return
    judge(case, Move.PASS, by=cast.m2)
    entry = case.entries.get(move=Move.PASS, from_state=State.SECOND_REVIEW)
    assert (entry.by, entry.on_behalf_of) == (cast.m2, cast.propaganda)
    assert sees(cast.m2, case)  # what he has judged stays in his sight


@pytest.mark.usefixtures("second_review_takes_two_days")
def test_the_stand_in_does_not_see_what_is_late_elsewhere(cast, now):
    StepDeadline.objects.create(group=cast.group, step=State.FIRST_REVIEW, days=1)
    at_office = walk_to(
        factories.make_submission(cast, at=now - 9 * DAY).review, "first_review", cast, at=now - 9 * DAY
    )
    of_other_kind = waiting(cast, now, 9)
    stands_in(cast, cast.m2, now, kind="speech")
    assert not sees(cast.m2, at_office)
    assert not sees(cast.m2, of_other_kind)


@pytest.mark.usefixtures("second_review_takes_two_days")
def test_the_stand_in_never_judges_his_own(cast, now):
    paper = factories.make_submission(cast, author=cast.m2, at=now - 9 * DAY)
    case = walk_to(paper.review, State.SECOND_REVIEW, cast, at=now - 9 * DAY)
    stands_in(cast, cast.m2, now)
    with pytest.raises(NotAllowed, match="须由他人审核"):
        judge(case, Move.PASS, by=cast.m2)


@pytest.mark.usefixtures("second_review_takes_two_days")
def test_authority_with_a_stand_in_is_one_statement(cast, now, django_assert_num_queries):
    stands_in(cast, cast.m2, now)
    person = User.objects.get(pk=cast.m2.pk)
    with django_assert_num_queries(1):
        (acting,) = person.authority.acting
    assert acting.only_overdue is True


# -- the pages ---------------------------------------------------------------


def form_of(cast, **facts):
    today = timezone.localdate().isoformat()
    told = {"role_in_group": f"study_secretary:{cast.group.pk}", "delegate": cast.m2.pk, "kind": "", "reason": "驻村"}
    return told | {"starts_on": today, "ends_on": today, "only_overdue": "on"} | facts


@pytest.mark.usefixtures("second_review_takes_two_days")
def test_a_stand_in_is_named_on_the_page_of_delegations(cast, as_):
    client = as_(cast.propaganda)
    shown = client.post(reverse("delegation_create"), form_of(cast), follow=True).content.decode()
    assert "只在逾期后接办" in shown
    assert Delegation.objects.get().only_overdue
    assert "只在逾期后接办" in as_(cast.m2).get(reverse("delegation_list")).content.decode()


def test_a_stand_in_needs_a_term(cast, as_):
    refused = as_(cast.propaganda).post(reverse("delegation_create"), form_of(cast)).content.decode()
    assert "还没有规定复审的办理期限" in refused
    refused = as_(cast.propaganda).post(reverse("delegation_create"), form_of(cast, kind="leave")).content.decode()
    assert "请假没有办理期限" in refused
    assert not Delegation.objects.exists()


def days(seen="{}", **steps):
    return {"seen": seen, "first_review": "", "second_review": "", "final_gate": "", **steps}


def test_only_the_leader_says_how_long_a_step_may_take(cast, as_):
    page = reverse("group_deadlines", args=[cast.group.pk])
    client = as_(cast.secretary)
    seen = '{"first_review": null, "second_review": null, "final_gate": null}'
    assert client.post(page, days(seen, second_review="2", final_gate="3")).status_code == 302
    assert dict(StepDeadline.objects.values_list("step", "days")) == {"second_review": 2, "final_gate": 3}
    assert "2 天内办理" in as_(cast.office).get(reverse("group_settings", args=[cast.group.pk])).content.decode()
    assert as_(cast.office).get(page).status_code == 403
    assert as_(cast.foreign_secretary).get(page).status_code == 404
    assert AuditEntry.objects.filter(action="step_deadline.change").count() == 2
    late = client.post(page, days(seen, second_review="9"))
    assert late.status_code == 409
    assert "2 天内办理" in late.content.decode()
    assert client.post(page, days("[[", second_review="9")).status_code == 409
    too_long = client.post(page, days(seen, second_review="900"))
    assert "不能大于 90" in too_long.content.decode()
    now_seen = '{"first_review": null, "second_review": 2, "final_gate": 3}'
    assert client.post(page, days(now_seen, final_gate="3")).status_code == 302
    assert dict(StepDeadline.objects.values_list("step", "days")) == {"final_gate": 3}


def test_a_changed_term_holds_from_the_next_stay(cast, now):
    case = waiting(cast, now, 1)
    there = {"first_review": None, "second_review": None, "final_gate": None}
    wanted = there | {"second_review": 1}
    assert change_deadlines(group=cast.group, seen=there, wanted=wanted, by=cast.secretary, at=now) == ["second_review"]
    case.refresh_from_db()
    assert case.due_on is None
    with pytest.raises(Overtaken):
        change_deadlines(group=cast.group, seen=there, wanted=wanted, by=cast.secretary, at=now)


@pytest.mark.usefixtures("second_review_takes_two_days")
def test_reminder_leads_to_the_page_where_it_is_judged(cast, now):
    case = waiting(cast, now, 2)
    (line,) = [line for line in due_on(timezone.localdate()) if line.person_id == cast.propaganda.pk]
    assert line.address == reverse("review_detail", args=[case.pk])


def test_nobody_who_may_no_longer_sign_in_is_reminded_of_a_return(cast, now):
    at = now - 3 * DAY
    case = walk_to(factories.make_submission(cast, at=at).review, State.RETURNED, cast, at=at)
    assert [line.person_id for line in due_on(timezone.localdate())] == [case.author_id]
    User.objects.filter(pk=case.author_id).update(is_active=False)
    assert due_on(timezone.localdate()) == []
