"""The whole table: every state × every move × every person, against expectations written down here by hand."""

from collections.abc import Mapping
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.actions.people import delegate
from accounts.models import User
from accounts.permissions import Role
from reviews.actions import advance
from reviews.chain import Move
from reviews.models import ReviewCase, ReviewEntry
from studygroup.lib.errors import Refused
from studygroup.lib.models import AuditEntry
from tests import factories
from tests.conftest import Cast

STATES = ["draft", "first_review", "second_review", "final_gate", "returned", "approved"]
MOVES = ["submit", "pass", "return", "withdraw", "revise", "restore", "undo", "override", "ratify", "refuse"]
OVERRIDDEN = {"secretary": "approved", "deputy": "approved", "propaganda": "approved"}

# (state, move) → {person: state afterwards}. Whoever is not named may not; a pair not named is possible for nobody.
# `delegate` acts for the secretary in everything, `other_delegate` for the office in reading notes only.
PAPER_OF_M1: Mapping[tuple[str, str], Mapping[str, str]] = {
    ("draft", "submit"): {"m1": "first_review"},
    ("returned", "submit"): {"m1": "first_review"},
    ("first_review", "pass"): {"office": "second_review"},
    ("first_review", "return"): {"office": "returned"},
    ("first_review", "withdraw"): {"m1": "draft"},
    ("second_review", "pass"): {"propaganda": "final_gate"},
    ("second_review", "return"): {"propaganda": "returned"},
    ("final_gate", "pass"): {"secretary": "approved", "delegate": "approved"},
    ("final_gate", "return"): {"secretary": "returned", "delegate": "returned"},
    ("approved", "revise"): {"m1": "draft"},
    ("second_review", "undo"): {"office": "first_review"},
    ("final_gate", "undo"): {"propaganda": "second_review"},
    ("returned", "undo"): {"office": "first_review"},
    ("approved", "undo"): {"secretary": "final_gate"},
    ("first_review", "override"): OVERRIDDEN,
    ("second_review", "override"): OVERRIDDEN,
    ("final_gate", "override"): OVERRIDDEN,
}
# The office has drafted and handed in; 学习秘书 shares the plan. A plan has no 初审.
PLAN_OF_OFFICE: Mapping[tuple[str, str], Mapping[str, str]] = {
    ("draft", "submit"): {"office": "second_review", "propaganda": "second_review"},
    ("returned", "submit"): {"office": "second_review", "propaganda": "second_review"},
    ("second_review", "pass"): {"propaganda": "final_gate"},
    ("second_review", "return"): {"propaganda": "returned"},
    ("second_review", "withdraw"): {"office": "draft", "propaganda": "draft"},
    ("final_gate", "pass"): {"secretary": "approved", "delegate": "approved"},
    ("final_gate", "return"): {"secretary": "returned", "delegate": "returned"},
    ("approved", "revise"): {"office": "draft", "propaganda": "draft"},
    ("final_gate", "undo"): {"propaganda": "second_review"},
    ("returned", "undo"): {"propaganda": "second_review"},
    ("approved", "undo"): {"secretary": "final_gate"},
    ("second_review", "override"): OVERRIDDEN,
    ("final_gate", "override"): OVERRIDDEN,
}

# A supplement to a month already approved: handed in by the office, 审定 by the 组长 alone.
SUPPLEMENT_OF_OFFICE: Mapping[tuple[str, str], Mapping[str, str]] = {
    ("draft", "submit"): {"office": "final_gate", "propaganda": "final_gate"},
    ("returned", "submit"): {"office": "final_gate", "propaganda": "final_gate"},
    ("final_gate", "pass"): {"secretary": "approved", "delegate": "approved"},
    ("final_gate", "return"): {"secretary": "returned", "delegate": "returned"},
    ("final_gate", "withdraw"): {"office": "draft", "propaganda": "draft"},
    ("approved", "revise"): {"office": "draft", "propaganda": "draft"},
    ("returned", "undo"): {"secretary": "final_gate"},
    ("approved", "undo"): {"secretary": "final_gate"},
    ("final_gate", "override"): OVERRIDDEN,
}
# 特批 by the secretary, still to be ratified.
OVERRIDDEN_BY_SECRETARY: Mapping[str, Mapping[str, str]] = {
    "undo": {"secretary": "second_review"},
    "ratify": {"deputy": "approved", "propaganda": "approved"},
    "refuse": {"deputy": "returned", "propaganda": "returned"},
}


@pytest.fixture
def people(cast: Cast) -> dict[str, User]:
    """Everybody of the cast, m2 and m3 as delegates."""
    today = timezone.localdate()
    dates = {"starts_on": today, "ends_on": today + timedelta(days=7), "reason": "出差", "at": timezone.now()}
    delegate(group=cast.group, principal=cast.secretary, delegate=cast.m3, role=Role.LEADER, kind="", **dates)
    delegate(group=cast.group, principal=cast.office, delegate=cast.m2, role=Role.OFFICE, kind="reading_note", **dates)
    named = cast.people | {"delegate": cast.m3, "other_delegate": cast.m2}
    return {name: user for name, user in named.items() if name not in ("m2", "m3")}


class _Undo(Exception):
    """Take back what one attempt has done."""


def _attempt(case_id: int, move: str, by: User) -> str | None:
    """The state after the move, or None for a refusal that left no trace; everything is rolled back."""
    outcome: str | None = None
    try:
        with transaction.atomic():
            case = ReviewCase.objects.get(pk=case_id)
            factories.open_as(case, by)
            before = _traces(case_id)
            try:
                advance(
                    case=case,
                    move=Move(move),
                    by=by,
                    at=timezone.now(),
                    seen_version=case.version,
                    comment="书记外出，急需使用，已看过。",
                    content=factories.CONTENT,
                    points=[factories.POINT],
                    answers=dict.fromkeys(_open_point_ids(case_id), "已改。"),
                )
                outcome = ReviewCase.objects.get(pk=case_id).state
            except Refused:
                assert _traces(case_id) == before
            raise _Undo
    except _Undo:
        return outcome


def _traces(case_id: int) -> tuple:
    case = ReviewCase.objects.values().get(pk=case_id)
    return case, ReviewEntry.objects.count(), AuditEntry.objects.count()


def _open_point_ids(case_id: int) -> list[int]:
    return list(ReviewEntry.objects.filter(case=case_id, move="return").values_list("points", flat=True))


def _allowed(case: ReviewCase, move: str, people: Mapping[str, User]) -> dict[str, str]:
    outcomes = {name: _attempt(case.pk, move, user) for name, user in people.items()}
    return {name: state for name, state in outcomes.items() if state is not None}


@pytest.mark.parametrize("state", STATES)
def test_a_members_paper_moves_only_as_the_table_says(cast, people, state):
    case = factories.walk_to(factories.make_submission(cast).review, state, cast)
    for move in MOVES:
        assert _allowed(case, move, people) == PAPER_OF_M1.get((state, move), {}), move


@pytest.mark.parametrize("state", [state for state in STATES if state != "first_review"])
def test_a_plan_moves_only_as_the_table_says(cast, people, state):
    case = factories.walk_to(factories.make_annual_plan(cast).review, state, cast)
    for move in MOVES:
        assert _allowed(case, move, people) == PLAN_OF_OFFICE.get((state, move), {}), move


@pytest.mark.parametrize("state", ["draft", "final_gate", "returned", "approved"])
def test_a_supplement_moves_only_as_the_table_says(cast, people, state):
    case = factories.walk_to(factories.make_supplement(cast).review, state, cast)
    for move in MOVES:
        assert _allowed(case, move, people) == SUPPLEMENT_OF_OFFICE.get((state, move), {}), move


def test_a_revision_is_taken_back_until_it_is_handed_in(cast, people):
    case = factories.walk_to(factories.make_annual_plan(cast).review, "approved", cast)
    factories.judge(case, Move.REVISE, by=cast.office)
    assert _allowed(case, "restore", people) == {"office": "approved", "propaganda": "approved"}
    factories.hand_in(case, by=cast.office)
    factories.judge(case, Move.WITHDRAW, by=cast.office)
    assert _allowed(case, "restore", people) == {}


def test_an_override_is_ratified_by_another_or_taken_back(cast, people):
    case = factories.walk_to(factories.make_submission(cast).review, "second_review", cast)
    factories.judge(case, Move.OVERRIDE, by=cast.secretary)
    for move in MOVES:
        assert _allowed(case, move, people) == OVERRIDDEN_BY_SECRETARY.get(move, {}), move
    waiting = {name for name, user in people.items() if ReviewCase.objects.awaiting(user).filter(pk=case.pk).exists()}
    assert waiting == set(OVERRIDDEN_BY_SECRETARY["ratify"])


@pytest.mark.parametrize("state", STATES)
def test_what_waits_for_a_person_is_what_he_may_pass(cast, people, state):
    case = factories.walk_to(factories.make_submission(cast).review, state, cast)
    waiting = {name for name, user in people.items() if ReviewCase.objects.awaiting(user).filter(pk=case.pk).exists()}
    assert waiting == set(PAPER_OF_M1.get((state, "pass"), {}))


@pytest.mark.parametrize("state", STATES)
def test_a_case_is_seen_by_its_author_and_who_reads_papers(cast, people, state):
    case = factories.walk_to(factories.make_submission(cast).review, state, cast)
    seen = {name for name, user in people.items() if ReviewCase.objects.visible_to(user).filter(pk=case.pk).exists()}
    readers = {"office", "propaganda", "secretary", "deputy", "delegate"}
    above = {"supervisor"} if state == "approved" else set()  # unfinished work stays in the group
    assert seen == {"m1"} | above | (readers if state != "draft" else set())
