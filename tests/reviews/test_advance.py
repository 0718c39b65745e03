"""What the gate promises beyond the table."""

import hashlib
import json
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.actions.people import appoint, delegate
from accounts.models import Appointment, User
from accounts.permissions import Role
from reviews.actions import Point, advance, fingerprint, open_case, open_points
from reviews.chain import Move, State
from reviews.models import ReturnPoint, ReviewCase, ReviewEntry, ReviewRoute, ReviewVersion
from studygroup.lib.errors import NotAllowed, Overtaken, Refused
from studygroup.lib.models import AuditEntry
from tests import factories
from tests.conftest import SINCE
from tests.factories import CONTENT, hand_in, judge, walk_to


@pytest.fixture
def case(cast):
    return factories.make_submission(cast).review


def move(case, name, by, **told):
    """One move of somebody who has opened the case."""
    factories.open_as(case, by)
    told = {"at": timezone.now(), "seen_version": case.version} | told
    return advance(case=case, move=Move(name), by=by, **told)


def again(user):
    """The same person in his next request: authority is read anew."""
    return User.objects.get(pk=user.pk)


# -- whose step it is --------------------------------------------------------


def test_the_author_withdraws_only_before_the_first_verdict(cast, case):
    walk_to(case, State.FIRST_REVIEW, cast)
    move(case, "withdraw", cast.m1)
    assert case.state == State.DRAFT
    walk_to(case, State.SECOND_REVIEW, cast)
    with pytest.raises(Refused, match="已经有人审核过"):
        move(case, "withdraw", cast.m1)


def test_a_new_round_may_be_withdrawn_again(cast, case):
    walk_to(case, State.RETURNED, cast)
    walk_to(case, State.FIRST_REVIEW, cast)
    move(case, "withdraw", cast.m1)
    assert case.state == State.DRAFT


def test_nobody_passes_two_steps_of_one_round(cast, case, now):
    appoint(group=cast.group, user=cast.office, role=Role.STUDY_SECRETARY, starts_on=SINCE, by=None, at=now)
    walk_to(case, State.FIRST_REVIEW, cast)
    judge(case, Move.PASS, by=again(cast.office))
    with pytest.raises(NotAllowed, match="另一位同志"):
        judge(case, Move.PASS, by=again(cast.office))
    with pytest.raises(NotAllowed, match="另一位同志"):
        judge(case, Move.RETURN, by=again(cast.office))
    assert not ReviewCase.objects.awaiting(again(cast.office)).exists()


def test_who_passed_one_step_may_pass_another_in_the_next_round(cast, case, now):
    appoint(group=cast.group, user=cast.office, role=Role.STUDY_SECRETARY, starts_on=SINCE, by=None, at=now)
    office = again(cast.office)
    walk_to(case, State.FIRST_REVIEW, cast)
    judge(case, Move.PASS, by=office)
    judge(case, Move.RETURN, by=cast.propaganda)
    hand_in(case, by=cast.m1)
    delegate_of_office(cast, cast.m2, now)
    judge(case, Move.PASS, by=again(cast.m2))
    judge(case, Move.PASS, by=office)
    assert case.state == State.FINAL_GATE


@pytest.mark.parametrize("author", ["office", "propaganda", "secretary"])
def test_a_reviewer_never_judges_what_he_wrote(cast, now, author):
    writer = getattr(cast, author)
    case = open_case(group=cast.group, kind="reflection", title="自己写的", author=writer, by=writer, at=now)
    move(case, "submit", writer, content=CONTENT)
    step = {"office": State.FIRST_REVIEW, "propaganda": State.SECOND_REVIEW, "secretary": State.FINAL_GATE}[author]
    walk_to(case, step, cast)
    for verdict in (Move.PASS, Move.RETURN):
        with pytest.raises(NotAllowed, match="须由他人审核"):
            judge(case, verdict, by=writer)
    assert not ReviewCase.objects.awaiting(writer).exists()


def test_who_handed_in_for_another_does_not_judge_it(cast):
    case = factories.make_submission(cast, by=cast.office).review
    hand_in(case, by=cast.office)
    with pytest.raises(NotAllowed, match="须由他人审核"):
        judge(case, Move.PASS, by=cast.office)


def test_who_typed_it_does_not_judge_what_the_author_hands_in(cast):
    case = factories.make_submission(cast, by=cast.office).review
    hand_in(case, by=cast.m1)
    with pytest.raises(NotAllowed, match="须由他人审核"):
        judge(case, Move.PASS, by=cast.office)
    assert case not in ReviewCase.objects.awaiting(cast.office)


# -- delegation --------------------------------------------------------------


def delegate_of_office(cast, to, now, **dates):
    today = timezone.localdate()
    told = {"starts_on": today, "ends_on": today, "reason": "下村"} | dates
    return delegate(group=cast.group, principal=cast.office, delegate=to, role=Role.OFFICE, kind="", at=now, **told)


def test_a_delegates_verdict_carries_both_names(cast, case, now):
    delegate_of_office(cast, cast.m2, now)
    walk_to(case, State.FIRST_REVIEW, cast)
    judge(case, Move.PASS, by=cast.m2)
    entry = case.entries.get(move="pass")
    assert (entry.by, entry.on_behalf_of) == (cast.m2, cast.office)
    row = AuditEntry.objects.get(action="review.pass")
    assert (row.actor, row.on_behalf_of, row.target_id) == (cast.m2, cast.office, case.pk)


@pytest.mark.parametrize(("first", "last"), [(-5, -1), (1, 5)])
def test_a_delegation_counts_only_on_its_days(cast, case, now, first, last):
    today = timezone.localdate()
    dates = {"starts_on": today + timedelta(days=first), "ends_on": today + timedelta(days=last)}
    delegate_of_office(cast, cast.m2, now, **dates)
    walk_to(case, State.FIRST_REVIEW, cast)
    with pytest.raises(NotAllowed, match="没有这个权限"):
        judge(case, Move.PASS, by=cast.m2)


def test_a_delegation_ends_with_the_principals_appointment(cast, case, now):
    delegate_of_office(cast, cast.m2, now)
    walk_to(case, State.FIRST_REVIEW, cast)
    Appointment.objects.filter(user=cast.office).update(ends_on=timezone.localdate() - timedelta(days=1))
    with pytest.raises(NotAllowed):
        judge(case, Move.PASS, by=cast.m2)


def test_a_delegate_acts_for_one_step_and_not_for_another(cast, case, now):
    delegate_of_office(cast, cast.m2, now)
    walk_to(case, State.SECOND_REVIEW, cast)
    with pytest.raises(NotAllowed, match="宣传委员"):
        judge(case, Move.PASS, by=cast.m2)


def test_a_delegate_does_not_judge_his_own_paper(cast, now):
    delegate_of_office(cast, cast.m2, now)
    case = factories.make_submission(cast, author=cast.m2).review
    walk_to(case, State.FIRST_REVIEW, cast)
    with pytest.raises(NotAllowed, match="须由他人审核"):
        judge(case, Move.PASS, by=cast.m2)


# -- returns and answers -----------------------------------------------------


@pytest.mark.parametrize("points", [[], [Point("")], [Point(" \n")]])
def test_a_return_needs_a_point(cast, case, points):
    walk_to(case, State.FIRST_REVIEW, cast)
    with pytest.raises(Refused, match="至少写一条"):
        move(case, "return", cast.office, comment="请修改", points=points)
    assert ReviewCase.objects.get(pk=case.pk).state == State.FIRST_REVIEW


def test_points_are_numbered_and_empty_ones_dropped(cast, case):
    walk_to(case, State.FIRST_REVIEW, cast)
    move(case, "return", cast.office, points=[Point("甲", 2), Point(" "), Point("乙")])
    assert [(p.number, p.paragraph, p.text) for p in open_points(case)] == [(1, 2, "甲"), (2, None, "乙")]


def test_every_point_is_answered_before_the_next_submission(cast, case):
    walk_to(case, State.FIRST_REVIEW, cast)
    move(case, "return", cast.office, points=[Point("甲"), Point("乙")])
    first, second = open_points(case)
    with pytest.raises(Refused, match="第 2 条"):
        move(case, "submit", cast.m1, content=CONTENT, answers={first.pk: "已改", second.pk: "  "})
    case = ReviewCase.objects.get(pk=case.pk)
    assert case.state == State.RETURNED
    assert case.versions.count() == 1
    move(case, "submit", cast.m1, content=CONTENT, answers={first.pk: "已改", second.pk: "不改，因为……"})
    assert list(ReturnPoint.objects.values_list("answer", flat=True)) == ["已改", "不改，因为……"]
    assert open_points(case) == []


# -- versions ----------------------------------------------------------------


def test_every_submission_freezes_a_version_with_its_fingerprint(cast, case):
    move(case, "submit", cast.m1, content=CONTENT, title="第一稿")
    judge(case, Move.RETURN, by=cast.office)
    changed = [{"type": "paragraph", "text": "改过的一段。"}]
    answers = {point.pk: "已改" for point in open_points(case)}
    move(case, "submit", cast.m1, content=changed, title="第二稿", answers=answers)
    first, second = case.versions.all()
    assert (first.number, first.title, first.content) == (1, "第一稿", CONTENT)
    assert (second.number, second.title, second.content) == (2, "第二稿", changed)
    canonical = json.dumps(["第二稿", changed], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert second.sha256 == hashlib.sha256(canonical.encode()).hexdigest() != first.sha256
    assert fingerprint("第二稿", second.content) == second.sha256


def test_an_entry_names_the_version_it_judged(cast, case):
    walk_to(case, State.RETURNED, cast)
    walk_to(case, State.APPROVED, cast)
    judged = case.entries.values_list("move", "round", "subject_version__number")
    assert list(judged) == [
        ("submit", 1, 1),
        ("return", 1, 1),
        ("submit", 2, 2),
        ("pass", 2, 2),
        ("pass", 2, 2),
        ("pass", 2, 2),
    ]
    assert case.approved_version.number == 2


@pytest.mark.parametrize("content", [None, []])
def test_nothing_empty_is_handed_in(cast, case, content):
    with pytest.raises(Refused, match="还是空的"):
        move(case, "submit", cast.m1, content=content)
    assert ReviewCase.objects.get(pk=case.pk).state == State.DRAFT
    assert not ReviewVersion.objects.exists()


def test_a_revised_plan_keeps_its_approved_version_until_the_next_is_approved(cast):
    case = walk_to(factories.make_annual_plan(cast).review, State.APPROVED, cast)
    in_force = case.approved_version_id
    move(case, "revise", cast.office)
    for state in (State.DRAFT, State.SECOND_REVIEW, State.RETURNED, State.FINAL_GATE):
        walk_to(case, state, cast)
        assert ReviewCase.objects.get(pk=case.pk).approved_version_id == in_force
    walk_to(case, State.APPROVED, cast)
    assert ReviewCase.objects.get(pk=case.pk).approved_version.number == 3


def test_a_groups_own_route_decides_the_steps_of_new_cases(cast, now):
    before = factories.make_submission(cast).review
    ReviewRoute.objects.create(group=cast.group, kind="reflection", steps=[State.FINAL_GATE])
    short = factories.make_submission(cast).review
    assert walk_to(before, State.FIRST_REVIEW, cast).state == State.FIRST_REVIEW
    hand_in(short, by=cast.m1)
    assert short.state == State.FINAL_GATE
    judge(short, Move.PASS, by=cast.secretary)
    assert short.state == State.APPROVED


# -- two people at once ------------------------------------------------------


def test_a_page_that_is_no_longer_true_is_refused_with_what_is_true_now(cast, case):
    walk_to(case, State.FIRST_REVIEW, cast)
    seen = case.version
    judge(case, Move.PASS, by=cast.office)
    with pytest.raises(Overtaken) as refusal:
        move(ReviewCase.objects.get(pk=case.pk), "return", cast.office, seen_version=seen, points=[Point("晚了")])
    assert refusal.value.current == {"材料": case.title, "现在的状态": "复审"}


def test_of_two_who_read_the_same_row_the_second_changes_nothing(cast, case):
    walk_to(case, State.FIRST_REVIEW, cast)
    stale = ReviewCase.objects.get(pk=case.pk)
    judge(case, Move.RETURN, by=cast.office)
    entries = ReviewEntry.objects.count()
    with pytest.raises(Overtaken):
        judge(stale, Move.PASS, by=cast.office)
    assert ReviewEntry.objects.count() == entries
    assert ReviewCase.objects.get(pk=case.pk).state == State.RETURNED


def test_every_move_leaves_one_entry_and_one_audit_row(cast, case):
    walk_to(case, State.RETURNED, cast)
    walk_to(case, State.APPROVED, cast)
    rows = AuditEntry.objects.filter(action__startswith="review.").order_by("pk")
    assert [r.action for r in rows] == [f"review.{e.move}" for e in case.entries.order_by("pk")]
    assert {r.group_id for r in rows} == {cast.group.pk}


# -- what the database itself refuses ----------------------------------------


@pytest.fixture
def entry_of(cast, case):
    """Write an entry past the gate."""
    walk_to(case, State.FIRST_REVIEW, cast)
    version = case.versions.get()
    factories.open_as(case, cast.office)
    opening = case.openings.get()

    def write(**values):
        plain = {
            "case": case,
            "round": case.round,
            "subject_version": version,
            "move": Move.PASS,
            "from_state": State.FIRST_REVIEW,
            "to_state": State.SECOND_REVIEW,
            "by": cast.office,
            "author": cast.m1,
            "handed_in_by": cast.m1,
            "opening": opening,
            "at": timezone.now(),
        }
        with transaction.atomic():
            return ReviewEntry.objects.create(**(plain | values))

    return write


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("entry_nobody_judges_his_own", {"author": "office"}),
        ("entry_nobody_judges_his_own", {"handed_in_by": "office"}),
        ("entry_nobody_judges_his_own", {"author": "office", "move": Move.RETURN, "point_count": 1}),
        ("entry_return_has_a_point", {"move": Move.RETURN}),
        ("entry_verdict_names_version", {"subject_version": None}),
        ("entry_verdict_was_opened", {"opening": None}),
        ("entry_override_has_a_reason", {"move": Move.OVERRIDE, "comment": "很急很急很急很急。"}),
        ("entry_return_has_a_point", {"move": Move.REFUSE_RATIFICATION, "overridden_by": "deputy"}),
        ("entry_ratified_by_another", {"move": Move.RATIFY}),
        ("entry_ratified_by_another", {"move": Move.RATIFY, "overridden_by": "office"}),
    ],
)
def test_the_database_refuses_a_false_entry(cast, entry_of, constraint, values):
    people = {name: getattr(cast, value) for name, value in values.items() if value in ("office", "deputy")}
    with pytest.raises(IntegrityError, match=constraint):
        entry_of(**(values | people))


def test_the_database_refuses_a_second_pass_of_one_person_in_a_round(entry_of, case):
    entry_of()
    with pytest.raises(IntegrityError, match=r"entry_one_pass_per_person_and_round|UNIQUE"):
        entry_of(from_state=State.SECOND_REVIEW, to_state=State.FINAL_GATE)
    entry_of(round=case.round + 1)


def test_the_database_refuses_an_approval_without_a_version(case):
    with pytest.raises(IntegrityError, match="case_approved_names_version"), transaction.atomic():
        ReviewCase.objects.filter(pk=case.pk).update(state=State.APPROVED)
