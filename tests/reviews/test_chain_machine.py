"""The chain under any order of events: people, roles, delegations, versions and passing days, drawn at random.

`Told` keeps its own ledger of what has happened and says from it whether a move should be let through; the gate must
agree both ways. After every step the stored rows alone are read again and must tell a lawful story.
CHAIN_EXAMPLES=2000 makes the run as deep as one has time for.
"""

import os
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from accounts.actions.people import appoint, delegate, end_appointment, end_delegation
from accounts.models import Delegation, User
from accounts.permissions import Role, authority_of
from reviews.actions import Point, advance, fingerprint, note_opening, open_case, open_points
from reviews.chain import Move
from reviews.models import ReviewCase, ReviewEntry, ReviewOpening, StepDeadline
from studygroup.lib.clock import local_date
from studygroup.lib.errors import Refused
from studygroup.lib.models import AuditEntry
from tests.conftest import Cast

EXAMPLES = int(os.environ.get("CHAIN_EXAMPLES", "0"))
STEPS = {
    "reflection": ["first_review", "second_review", "final_gate"],
    "annual_plan": ["second_review", "final_gate"],
    "plan_supplement": ["final_gate"],
}
SHARED = {"annual_plan", "plan_supplement"}  # handed in by whoever keeps the plans
HOLDER = {"first_review": "office", "second_review": "study_secretary", "final_gate": "leader"}
KEEPERS = {"office", "study_secretary"}
OVERRIDERS = {"leader", "deputy_leader", "study_secretary"}
DAYS = {"second_review": 2, "final_gate": 3}
PEOPLE = ["office", "propaganda", "secretary", "deputy", "m1", "m2", "m3", "foreign_secretary"]
REASON = "书记外出，今天必须使用，已看过全文。"

person = st.sampled_from(PEOPLE)
which = st.integers(0, 2)
JUDGING = st.sampled_from(["pass", "pass", "pass", "return", "override", "ratify", "refuse"])


@dataclass
class Done:
    """One accepted move, as the ledger has it."""

    move: str
    by: str
    before: str
    version: int
    day: int
    since: int
    due: int | None
    undone: bool = False


@dataclass
class Story:
    """What should be true of one case."""

    pk: int
    kind: str
    author: str
    handed_in_by: str
    state: str = "draft"
    round: int = 0
    since: int = 0
    due: int | None = None
    texts: list[str] = field(default_factory=list)
    approved: int = 0
    opened: set[str] = field(default_factory=set)
    done: list[Done] = field(default_factory=list)
    began: int = 0  # where this round begins in `done`
    pending: str = ""

    @property
    def own(self) -> set[str]:
        return {self.author, self.handed_in_by}

    @property
    def at_step(self) -> bool:
        return self.state in HOLDER

    @property
    def verdicts(self) -> list[Done]:
        """Of this round, without what was taken back."""
        judged = ("pass", "return", "override", "ratify", "refuse")
        return [one for one in self.done[self.began :] if one.move in judged and not one.undone]

    @property
    def passers(self) -> set[str]:
        return {one.by for one in self.verdicts if one.move == "pass"}


class Chain(RuleBasedStateMachine):
    cast: Cast

    def __init__(self) -> None:
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.start: datetime = timezone.now()
        self.day = 0
        self.stories: list[Story] = []
        self.roles = {name: set() for name in PEOPLE} | {
            "office": {"office"},
            "propaganda": {"study_secretary"},
            "secretary": {"leader"},
            "deputy": {"deputy_leader"},
        }
        self.given: list[dict] = []
        self.touched: Story | None = None
        for step, days in DAYS.items():
            StepDeadline.objects.create(group=self.cast.group, step=step, days=days)

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)

    # -- the ledger's own answers --

    @property
    def at(self) -> datetime:
        return self.start + timedelta(days=self.day)

    def user(self, name: str) -> User:
        """The person in a request of this day."""
        user = User.objects.get(pk=getattr(self.cast, name).pk)
        user.__dict__["authority"] = authority_of(user, local_date(self.at))
        return user

    def story(self, index: int) -> Story:
        return self.stories[index % len(self.stories)]

    def holds_step(self, name: str, story: Story) -> bool:
        role = HOLDER[story.state]
        return role in self.roles[name] or any(
            row["to"] == name
            and row["role"] == role
            and row["first"] <= self.day <= row["last"]
            and role in self.roles[row["principal"]]
            and row["kind"] in ("", story.kind)
            and (not row["overdue"] or (story.due is not None and story.due < self.day))
            for row in self.given
        )

    def is_author(self, name: str, story: Story) -> bool:
        return name in story.own or (story.kind in SHARED and bool(self.roles[name] & KEEPERS))

    def expected(self, move: str, name: str, story: Story) -> bool:
        judges = story.at_step and name not in story.own and name in story.opened
        if move in ("pass", "return"):
            return judges and self.holds_step(name, story) and name not in story.passers
        if move == "override":
            return judges and bool(self.roles[name] & OVERRIDERS)
        if move in ("ratify", "refuse"):
            may = bool(self.roles[name] & OVERRIDERS) and name not in {*story.own, story.pending}
            return bool(story.pending) and may and name in story.opened
        if move == "undo":
            last = story.done[-1] if story.done else None
            if last is None or last.by != name or last.move not in ("pass", "return", "override"):
                return False
            return not story.opened - {name} and (story.state != "approved" or last.day == self.day)
        if not self.is_author(name, story):
            return False
        return {
            "submit": story.state in ("draft", "returned"),
            "withdraw": story.at_step and not story.verdicts,
            "revise": story.state == "approved" and not story.pending,
            "restore": story.state == "draft" and 0 < story.approved == len(story.texts),
        }[move]

    def note(self, move: str, name: str, story: Story, text: str) -> None:
        """Write into the ledger what an accepted move should have brought about."""
        taken = story.done[-1] if move == "undo" else None
        overridden = next((one for one in reversed(story.done) if one.move == "override"), None)
        before, since, due = story.state, story.since, story.due
        story.opened, story.since, story.due = set(), self.day, None
        if move == "submit":
            story.texts.append(text)
            story.round, story.handed_in_by, story.state = story.round + 1, name, STEPS[story.kind][0]
            story.began = len(story.done)
        elif move == "pass":
            following = STEPS[story.kind][STEPS[story.kind].index(before) + 1 :]
            story.state = following[0] if following else "approved"
        elif move == "override":
            story.state, story.pending = "approved", name
        elif move in ("return", "refuse"):
            story.state = "returned"
        elif move in ("withdraw", "revise"):
            story.state = "draft"
        elif move == "restore":
            story.state = "approved"
        elif taken:
            taken.undone, story.state, story.since = True, taken.before, taken.since
        if move == "refuse" and overridden:
            overridden.undone = True
        if move == "ratify":
            story.since = since
        if move in ("ratify", "refuse", "undo"):
            story.pending = ""
        if story.at_step and story.state in DAYS:
            story.due = story.since + DAYS[story.state]
        story.done.append(Done(move, name, before, len(story.texts), self.day, since, due))
        approvals = [
            one for one in story.done if not one.undone and (one.move == "override" or self._is_last_pass(one, story))
        ]
        story.approved = approvals[-1].version if approvals else 0

    @staticmethod
    def _is_last_pass(one: Done, story: Story) -> bool:
        return one.move == "pass" and one.before == STEPS[story.kind][-1]

    # -- what may happen --

    def attempt(self, move: str, name: str, story: Story, text: str = "学习体会。") -> None:
        case, self.touched = ReviewCase.objects.get(pk=story.pk), story
        should = self.expected(move, name, story)
        told: dict = {"comment": REASON, "points": [Point("请改一处。")] if move in ("return", "refuse") else []}
        if move == "submit":
            told |= {"content": [{"type": "paragraph", "text": text}], "title": f"第{len(story.texts) + 1}次"}
            told["answers"] = {point.pk: "已改。" for point in open_points(case)}
        try:
            with transaction.atomic():
                advance(case=case, move=Move(move), by=self.user(name), at=self.at, seen_version=case.version, **told)
            let = True
        except Refused:
            let = False
        assert let == should, f"{name} {move} in {story.state}: let={let}"
        if let:
            self.note(move, name, story, text)

    def open(self, name: str, story: Story) -> None:
        note_opening(case=ReviewCase.objects.get(pk=story.pk), by=self.user(name), at=self.at)
        if story.at_step:
            counts = name not in story.own and (self.holds_step(name, story) or bool(self.roles[name] & OVERRIDERS))
        else:
            fresh = story.state == "approved" and (bool(story.pending) or story.since == self.day)
            counts = story.state == "returned" or fresh
        if counts:
            story.opened.add(name)

    @initialize(author=person, kind=st.sampled_from(list(STEPS)))
    def three_papers(self, author: str, kind: str) -> None:
        """A member's paper and the office's plan are on their way; a third is somebody's draft."""
        for one, by in (("reflection", "m1"), ("annual_plan", "office"), (kind, author)):
            user = self.user(by)
            case = open_case(group=self.cast.group, kind=one, title="一份材料", author=user, by=user, at=self.at)
            self.stories.append(Story(case.pk, one, by, by))
        for story in self.stories[:2]:
            self.attempt("submit", story.author, story)

    @rule(index=which, name=person, by_author=st.booleans(), text=st.sampled_from(["甲写法。", "乙写法。"]))
    def hand_in(self, index: int, name: str, by_author: bool, text: str) -> None:
        story = self.story(index)
        self.attempt("submit", story.author if by_author else name, story, text)

    @rule(index=which, name=person)
    def look(self, index: int, name: str) -> None:
        self.open(name, self.story(index))

    @rule(index=which, name=person, move=st.sampled_from([str(move) for move in Move if move != Move.SUBMIT]))
    def try_anything(self, index: int, name: str, move: str) -> None:
        self.attempt(move, name, self.story(index))

    @rule(index=which, move=JUDGING, place=st.integers(0, 7))
    def somebody_apt_judges(self, index: int, move: str, place: int) -> None:
        """Of those the ledger would let, had they opened it: so that the walk comes to the end of the way."""
        story = self.story(index)
        before, story.opened = story.opened, set(PEOPLE)
        apt = [name for name in PEOPLE if self.expected(move, name, story)]
        story.opened = before
        for name in [apt[place % len(apt)]] if apt else []:
            self.open(name, story)
            self.attempt(move, name, story)

    @rule(index=which, name=person, move=JUDGING)
    def somebody_judges(self, index: int, name: str, move: str) -> None:
        self.open(name, self.story(index))
        self.attempt(move, name, self.story(index))

    @rule(index=which, move=st.sampled_from(["withdraw", "revise", "restore"]))
    def the_author_thinks_again(self, index: int, move: str) -> None:
        self.attempt(move, self.story(index).author, self.story(index))

    @rule(index=which, name=person, read=st.booleans(), days=st.sampled_from([0, 0, 1]))
    def take_back(self, index: int, name: str, read: bool, days: int) -> None:
        """Whoever judged last would undo it; perhaps somebody has opened the case before, or a day has passed."""
        story = self.story(index)
        if story.done:
            self.day += days
            if read:
                self.open(name, story)
            self.attempt("undo", story.done[-1].by, story)

    @rule(days=st.integers(1, 3))
    def days_pass(self, days: int) -> None:
        self.day += days

    @precondition(lambda self: len(self.given) < 4)
    @rule(
        principal=st.sampled_from(["office", "propaganda", "secretary"]),
        to=st.sampled_from(["m1", "m2", "m3", "deputy", "propaganda"]),
        kind=st.sampled_from(["", "", "reflection", "annual_plan"]),
        overdue=st.booleans(),
        days=st.integers(0, 6),
    )
    def give(self, principal: str, to: str, kind: str, overdue: bool, days: int) -> None:
        role = next(iter(self.roles[principal] & set(HOLDER.values())), None)
        if role is None or principal == to:
            return
        today = local_date(self.at)
        row = delegate(
            group=self.cast.group,
            principal=self.user(principal),
            delegate=self.user(to),
            role=role,
            kind=kind,
            only_overdue=overdue,
            starts_on=today,
            ends_on=today + timedelta(days=days),
            reason="外出",
            at=self.at,
        )
        told = {"principal": principal, "to": to, "role": role, "kind": kind, "overdue": overdue}
        self.given.append({**told, "first": self.day, "last": self.day + days, "pk": row.pk})

    @precondition(lambda self: self.given)
    @rule(index=which)
    def revoke(self, index: int) -> None:
        row = self.given[index % len(self.given)]
        if row["last"] < self.day:
            return
        stored = Delegation.objects.get(pk=row["pk"])
        end_delegation(delegation=stored, on=local_date(self.at), by=self.user(row["principal"]), at=self.at)
        self.given.remove(row)

    @rule(name=st.sampled_from(["office", "propaganda", "m2"]))
    def change_office(self, name: str) -> None:
        """Somebody becomes, or ceases to be, the office or the study secretary."""
        role = "study_secretary" if name == "propaganda" else "office"
        user, today = self.user(name), local_date(self.at)
        if role in self.roles[name]:
            held = user.appointments.filter(role=role, ends_on=None).get()
            if held.starts_on >= today:
                return
            end_appointment(appointment=held, ends_on=today - timedelta(days=1), by=user, at=self.at)
            self.roles[name].discard(role)
        else:
            appoint(group=self.cast.group, user=user, role=Role(role), starts_on=today, by=None, at=self.at)
            self.roles[name].add(role)

    # -- what the stored rows must tell --

    @invariant()
    def the_rows_tell_a_lawful_story(self) -> None:
        """Of the case that somebody has just tried to move."""
        story, self.touched = self.touched, None
        if story is None:
            return
        self._must_agree(story)
        entries = list(ReviewEntry.objects.filter(case=story.pk).select_related("undone_by").order_by("pk"))
        openings = list(ReviewOpening.objects.filter(case=story.pk))
        audited = AuditEntry.objects.filter(target_type="reviews.reviewcase", target_id=story.pk)
        assert list(audited.order_by("pk").values_list("action", "actor")) == [
            (f"review.{entry.move}", entry.by_id) for entry in entries
        ]
        assert all(one.to_state == two.from_state for one, two in pairwise(entries))
        for number, entry in enumerate(entries):
            self._check(entry, number, entries, openings, STEPS[story.kind])

    def _must_agree(self, story: Story) -> None:
        case = ReviewCase.objects.select_related("approved_version", "pending_override").get(pk=story.pk)
        approved = case.approved_version.number if case.approved_version else 0
        assert (case.state, case.round, approved) == (story.state, story.round, story.approved)
        due = None if story.due is None else local_date(self.start) + timedelta(days=story.due)
        assert case.due_on == due
        pending = case.pending_override.by_id if case.pending_override else None
        assert pending == (getattr(self.cast, story.pending).pk if story.pending else None)
        versions = list(case.versions.order_by("number"))
        assert [v.content[0]["text"] for v in versions] == story.texts  # nothing handed in is ever changed
        assert all(v.sha256 == fingerprint(v.title, v.content) for v in versions)

    def _check(
        self,
        entry: ReviewEntry,
        number: int,
        entries: list[ReviewEntry],
        openings: list[ReviewOpening],
        steps: list[str],
    ) -> None:
        if entry.move in ("pass", "return", "override", "ratify", "refuse"):
            assert entry.by_id not in (entry.author_id, entry.handed_in_by_id)
            read = [o for o in openings if o.seen_version == number and o.by_id == entry.by_id]
            assert [(o.subject_version_id, o.step) for o in read] == [(entry.subject_version_id, entry.from_state)]
        if entry.move == "pass":
            assert entry.to_state == [*steps, "approved"][steps.index(entry.from_state) + 1]
        if entry.to_state == "approved" and entry.move == "pass" and not entry.undone_by:
            before = [e for e in entries[: number + 1] if e.round == entry.round and e.move == "pass"]
            passed = [e for e in before if not e.undone_by or e.undone_by.pk > entry.pk]
            assert [e.from_state for e in passed] == steps
            assert len({e.by_id for e in passed}) == len(steps)
            assert {e.subject_version_id for e in passed} == {entry.subject_version_id}
        if entry.move == "undo":
            taken = entries[number - 1]
            assert (taken.by_id, taken.undone_by_id, taken.from_state) == (entry.by_id, entry.pk, entry.to_state)
            assert not [o for o in openings if o.seen_version == number and o.by_id != entry.by_id]
        if entry.move == "override" and not entry.undone_by:
            ratified = [e for e in entries[number + 1 :] if e.move == "ratify"]
            assert entry.by_id != (ratified[0].by_id if ratified else None)
            flagged = ReviewCase.objects.filter(pending_override=entry).exists()
            assert flagged == (not ratified)


@pytest.mark.django_db
def test_the_chain_holds_whatever_happens_in_whatever_order(cast):
    class OfThisCast(Chain):
        pass

    OfThisCast.cast = cast
    run_state_machine_as_test(
        OfThisCast,
        settings=settings(
            max_examples=EXAMPLES or 45,
            stateful_step_count=60,
            derandomize=not EXAMPLES,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
