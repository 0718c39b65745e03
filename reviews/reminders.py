"""What people are reminded of from this floor: a case past its due time, a return not mended."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import date
from functools import partial

from django.urls import reverse

from accounts.models import Appointment, Delegation
from accounts.permissions import DELEGABLE, GRANTS, Role
from accounts.reminders import DueLine, Matter, Source, how_long, is_day, key_of, register_source
from reviews.chain import STEP_PERMISSION, Move, State
from reviews.models import ReviewCase, ReviewEntry
from reviews.subjects import kind_of
from studygroup.lib.clock import local_date
from studygroup.lib.parse import quoted

RETURNED = "review_returned"
LONG_AGO = 60  # days after which a date says more than their number
FIRST_REMINDED = 3  # days after a return, then weekly


def cases_due(step: State, day: date, of: int | None = None) -> Iterator[DueLine]:
    """Cases that fall due at a step today, or are overdue (weekly), for everybody who may judge them; for one person
    alone all of them."""
    waiting = ReviewCase.objects.filter(state=step, due_on__lte=day).order_by("due_on", "pk")
    lefts = {case: (case.due_on - day).days for case in waiting if case.due_on}
    cases = [case for case, left in lefts.items() if of is not None or is_day(left, ())]
    holders, delegates = _holders(step, cases, day), _delegates(step, cases, day)
    passed = _passed(cases)
    for case in cases:
        left = lefts[case]
        there = holders[case.group_id]
        acting = [
            d.delegate_id
            for d in delegates[case.group_id]
            if d.principal_id in there and d.kind in ("", case.kind) and (not d.only_overdue or left < 0)
        ]
        for person in sorted({*there, *acting} - {case.author_id, case.handed_in_by_id} - passed[case.pk]):
            if of not in (None, person):
                continue
            text = f"{case.kind_label}{quoted(case.title)}等您{step.label}，{how_long(left)}。"
            address = reverse("review_detail", args=[case.pk])
            yield DueLine(person, case.group_id, key_of(_prefix(step), case.pk), text, address)


def _prefix(step: State) -> str:
    return f"review_{step.value}"


def _holders(step: State, cases: Collection[ReviewCase], day: date) -> dict[int, set[int]]:
    """Who judges at the step by appointment, by group."""
    roles = [role for role, granted in GRANTS.items() if STEP_PERMISSION[step] in granted]
    rows = Appointment.objects.on(day).filter(
        group__in={case.group_id for case in cases}, role__in=roles, user__is_active=True
    )
    found: dict[int, set[int]] = defaultdict(set)
    for group, user in rows.values_list("group", "user"):
        found[group].add(user)
    return found


def _delegates(step: State, cases: Collection[ReviewCase], day: date) -> dict[int, list[Delegation]]:
    roles = [role for role in DELEGABLE if STEP_PERMISSION[step] in DELEGABLE[Role(role)]]
    rows = Delegation.objects.on(day).filter(
        group__in={case.group_id for case in cases}, role__in=roles, delegate__is_active=True
    )
    found: dict[int, list[Delegation]] = defaultdict(list)
    for row in rows:
        found[row.group_id].append(row)
    return found


def _passed(cases: Collection[ReviewCase]) -> dict[int, set[int]]:
    """Who has passed a step of the round already and judges no other."""
    rounds = {case.pk: case.round for case in cases}
    rows = ReviewEntry.objects.filter(case__in=rounds, move=Move.PASS, undone_by=None)
    found: dict[int, set[int]] = defaultdict(set)
    for case, number, person in rows.values_list("case", "round", "by"):
        if rounds[case] == number:
            found[case].add(person)
    return found


def still_waiting(step: State, matters: Collection[Matter]) -> set[Matter]:
    at_step = set(ReviewCase.objects.filter(pk__in={pk for _, pk in matters}, state=step).values_list("pk", flat=True))
    return {matter for matter in matters if matter[1] in at_step}


def cases_of(step: State, person_id: int, day: date) -> Iterator[DueLine]:
    return cases_due(step, day, of=person_id)


def returns_waiting(day: date, of: int | None = None) -> Iterator[DueLine]:
    """Returned and not handed in again: after three days, then weekly, to whoever handed it in; all of one person's."""
    returned = ReviewCase.objects.filter(state=State.RETURNED, handed_in_by__is_active=True)
    if of is not None:
        returned = returned.filter(handed_in_by=of)
    for case in returned.order_by("state_since", "pk"):
        days = (day - local_date(case.state_since)).days
        if of is not None or days == FIRST_REMINDED or (days > FIRST_REMINDED and days % 7 == 0):
            since = _since(local_date(case.state_since), days)
            text = f"{case.kind_label}{quoted(case.title)}{since}，请按意见修改后重新提交。"
            address = kind_of(case.kind).address(case.pk)
            yield DueLine(case.handed_in_by_id, case.owner_id, key_of(RETURNED, case.pk), text, address)


def _since(returned_on: date, days: int) -> str:
    if days > LONG_AGO:
        return f"{returned_on.year}年{returned_on.month}月{returned_on.day}日退回"
    return f"退回 {days} 天了" if days else "今天退回"


def returns_of(person_id: int, day: date) -> Iterator[DueLine]:
    return returns_waiting(day, of=person_id)


def register_all() -> None:
    for step in STEP_PERMISSION:
        register_source(
            Source(_prefix(step), partial(cases_due, step), partial(still_waiting, step), partial(cases_of, step))
        )
    register_source(Source(RETURNED, returns_waiting, partial(still_waiting, State.RETURNED), returns_of))
