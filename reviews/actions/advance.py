"""The one gate every reviewed thing passes."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from accounts.models import StudyGroup, User
from reviews.actions.who import ONE_STEP_A_ROUND, arrow_of, opening_of, principal_of, undoable_entry
from reviews.chain import (
    APPROVALS,
    BACK,
    NEXT,
    RATIFICATIONS,
    REASON_LENGTH,
    RETURNS,
    STEP_PERMISSION,
    Move,
    State,
    Transition,
    next_state,
)
from reviews.models import (
    ReturnPoint,
    ReviewCase,
    ReviewEntry,
    ReviewOpening,
    ReviewRoute,
    ReviewVersion,
    StepDeadline,
)
from reviews.subjects import kind_of
from studygroup.lib import audit
from studygroup.lib.clock import local_date
from studygroup.lib.errors import NotAllowed, Overtaken, Refused


@dataclass(frozen=True)
class Point:
    """One numbered point of a return; `paragraph` is the number printed beside it, from 1.

    With `suggested` the reviewer offers wording for the paragraph whose text is `original`.
    """

    text: str
    paragraph: int | None = None
    original: str = ""
    suggested: str = ""


def open_case(
    *,
    group: StudyGroup,
    kind: str,
    title: str,
    author: User,
    by: User,
    at: datetime,
    kind_name: str = "",
    owner: StudyGroup | None = None,
    steps: Sequence[State] = (),
) -> ReviewCase:
    """Start a case in draft; its steps are fixed now: the group's own route, else `steps`, else the kind's default.

    `owner` is the group that hands in when it is not the one that judges. `kind_name` names a kind that is a row.
    """
    route = ReviewRoute.objects.filter(group=group, kind=kind).first()
    fixed = route.steps if route else [str(step) for step in steps or kind_of(kind).steps]
    return ReviewCase.objects.create(
        group=group,
        owner=owner or group,
        kind=kind,
        kind_name=kind_name or kind_of(kind).label,
        title=title,
        author=author,
        handed_in_by=by,
        steps=fixed,
        state_since=at,
    )


def fingerprint(title: str, content: Any) -> str:
    """SHA-256 of what a version holds, in canonical JSON."""
    text = json.dumps([title, content], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


@transaction.atomic
def advance(
    *,
    case: ReviewCase,
    move: Move,
    by: User,
    at: datetime,
    seen_version: int,
    comment: str = "",
    points: Sequence[Point] = (),
    content: Any = None,
    title: str = "",
    answers: Mapping[int, str] | None = None,
) -> ReviewEntry:
    """Make one move. SUBMIT takes the `content` (and `title`) to freeze and the `answers` to open points by their id.

    A verdict needs `note_opening` first. Raises Overtaken when the case has moved since `seen_version`, NotAllowed for
    the wrong person, Refused when the move itself is incomplete.
    """
    if case.version != seen_version:
        raise overtaken(case)
    if move == Move.UNDO:  # whoever begins to write on it meanwhile waits, or is waited for
        ReviewCase.objects.select_for_update().get(pk=case.pk)
    arrow, state = arrow_of(case, move), State(case.state)
    try:
        principal = principal_of(case, move, by=by, at=at)
        opening = opening_of(case, move, by=by)
    except Refused:
        # Somebody was quicker between the reading of the case and these questions: that is what has to be told.
        if ReviewCase.objects.filter(pk=case.pk, version__gt=seen_version).exists():
            raise overtaken(case) from None
        raise
    comment, points = comment.strip()[:2000], [point for point in points if point.text.strip()]
    _must_be_complete(move, arrow, comment, points)
    version = _latest(case)
    if arrow.since_approval and (version is None or version.pk != case.approved_version_id):
        raise Refused("只有通过以后没有再提交过的，才能恢复。请重新提交审核。")

    back = undoable_entry(case, by=by, at=at) if move == Move.UNDO else case.pending_override
    told = Told(move, state, _target(case, arrow, back), by, principal, opening, comment, points, at)
    _swap(case, told, title, version, back)
    if move == Move.SUBMIT:
        version = _freeze(case, by, at, title, content, after=version)
        _store_answers(case, answers or {})
    entry = _write_entry(case, version, told, back)
    _settle(case, entry, back)
    audit.record(
        f"review.{move}",
        target=case,
        by=by,
        at=at,
        group_id=case.group_id,
        on_behalf_of=principal,
        state=str(told.target),
        version=version.number if version else None,
    )
    return entry


@dataclass(frozen=True)
class Told:
    """One move, once it is known that it may be made."""

    move: Move
    state: State
    target: State
    by: User
    principal: User | None
    opening: ReviewOpening | None
    comment: str
    points: Sequence[Point]
    at: datetime


def _must_be_complete(move: Move, arrow: Transition, comment: str, points: Sequence[Point]) -> None:
    if arrow.needs_points and not points:
        raise Refused(f"{move.label}时请至少写一条具体意见，让撰稿人知道改哪里。")
    if arrow.needs_reason and len(comment) < REASON_LENGTH:
        raise Refused(f"特批须写明理由，至少 {REASON_LENGTH} 个字：为什么不能按环节审核，内容由谁看过。")


def _target(case: ReviewCase, arrow: Transition, back: ReviewEntry | None) -> State:
    if arrow.to == NEXT:
        return next_state(State(case.state), case.steps)
    if arrow.to == BACK:
        assert back is not None  # `undoable_entry` has found it
        return State(back.from_state)
    return State(arrow.to)


def overtaken(case: ReviewCase, back: str = "") -> Overtaken:
    """What to tell whoever acts on a case that has moved on. Of a draft only the title it was handed in with."""
    now = ReviewCase.objects.get(pk=case.pk)
    last = now.entries.order_by("-pk").first()
    if last is not None and last.move == Move.WITHDRAW:
        version = _latest(now)
        current = {"材料": version.title if version else "", "现在的状态": "撰稿人已撤回"}
        return Overtaken("撰稿人已撤回这份材料，您的操作没有生效。重新提交以后，会回到审核列表。", current, back)
    return Overtaken(
        "别人刚刚办理过这份材料，您看到的已不是最新状态，您的操作没有生效。请打开最新页面后再决定。",
        current={"材料": now.title, "现在的状态": str(State(now.state).label)},
        back=back,
    )


def _swap(case: ReviewCase, told: Told, title: str, version: ReviewVersion | None, back: ReviewEntry | None) -> None:
    """Compare and swap state and version: of any number of writers exactly one gets through."""
    move, target, at = told.move, told.target, told.at
    changes: dict[str, Any] = {"version": case.version + 1, "state_since": at, "state": target, "due_on": None}
    if target in STEP_PERMISSION:
        changes["state_since"] = since = _came_there(case, back) if move == Move.UNDO and back else at
        changes["due_on"] = due_on(case.group_id, target, since)
    if move in (*APPROVALS, Move.RESTORE) and target == State.APPROVED:
        changes["approved_version"] = version
    if move == Move.SUBMIT:
        changes |= {"round": case.round + 1, "title": title or case.title, "override_step": ""}
        changes["handed_in_by"] = _hander_in(case, told.by)
    elif move == Move.OVERRIDE:
        changes["override_step"] = told.state
    elif move == Move.UNDO and case.is_approved:
        changes |= {"approved_version": _approved_before(case, back), "pending_override": None, "override_step": ""}
    elif move == Move.RATIFY:
        changes |= {"pending_override": None, "state_since": case.state_since}
    elif move == Move.REFUSE_RATIFICATION:
        changes |= {"approved_version": _approved_before(case, back), "pending_override": None}
    swapped = ReviewCase.objects.filter(pk=case.pk, state=case.state, version=case.version).update(**changes)
    if not swapped:
        raise overtaken(case)
    for name, value in changes.items():
        setattr(case, name, value)


def _hander_in(case: ReviewCase, by: User) -> User:
    """Who typed in a paper for its author stays named when the author hands it in himself: he may not judge it."""
    typed_for_him = kind_of(case.kind).editors is None and by.pk == case.author_id
    return case.handed_in_by if typed_for_him else by


def due_on(group_id: int, step: State, since: datetime) -> date | None:
    """The last day on which a step is in time: so many calendar days after the one on which it began."""
    days = StepDeadline.objects.filter(group=group_id, step=step).values_list("days", flat=True).first()
    return local_date(since) + timedelta(days=days) if days else None


def _came_there(case: ReviewCase, undone: ReviewEntry) -> datetime:
    """Since when the case had been at the step to which an undone verdict gives it back."""
    before = ReviewEntry.objects.filter(case=case, pk__lt=undone.pk, to_state=undone.from_state).order_by("-pk")
    return before.values_list("at", flat=True)[0]


def _approved_before(case: ReviewCase, taken_back: ReviewEntry | None) -> ReviewVersion | None:
    """What was in force before an approval that is taken back."""
    assert taken_back is not None
    earlier = ReviewEntry.objects.approvals().filter(case=case, pk__lt=taken_back.pk)
    entry = earlier.select_related("subject_version").order_by("-pk").first()
    return entry.subject_version if entry else None


def _settle(case: ReviewCase, entry: ReviewEntry, back: ReviewEntry | None) -> None:
    """Mark what this move takes back, and flag a 特批 until another has ratified it."""
    if entry.move in (Move.UNDO, Move.REFUSE_RATIFICATION) and back is not None:
        ReviewEntry.objects.filter(pk=back.pk).update(undone_by=entry)
    elif entry.move == Move.OVERRIDE:
        ReviewCase.objects.filter(pk=case.pk).update(pending_override=entry)
        case.pending_override = entry


def _freeze(
    case: ReviewCase, by: User, at: datetime, title: str, content: Any, after: ReviewVersion | None
) -> ReviewVersion:
    if not content:
        raise Refused("内容还是空的，请填写后再提交。")
    return ReviewVersion.objects.create(
        case=case,
        number=after.number + 1 if after else 1,
        title=title or case.title,
        content=content,
        sha256=fingerprint(title or case.title, content),
        submitted_by=by,
        submitted_at=at,
    )


def _latest(case: ReviewCase) -> ReviewVersion | None:
    return ReviewVersion.objects.filter(case=case).defer("content").order_by("-number").first()


def open_points(case: ReviewCase) -> list[ReturnPoint]:
    """The points of the last return, still to be answered before the next submission."""
    if case.state != State.RETURNED:
        return []
    last = last_return_of(case)
    return list(last.points.all()) if last else []


def last_return_of(case: ReviewCase) -> ReviewEntry | None:
    """The last return or 不予追认 that was not taken back."""
    return ReviewEntry.objects.standing().filter(case=case, move__in=RETURNS).order_by("-pk").first()


def _store_answers(case: ReviewCase, answers: Mapping[int, str]) -> None:
    last = last_return_of(case)
    if last is None or last.round != case.round - 1:
        return
    for point in last.points.all():
        answer = answers.get(point.pk, "").strip()
        if not answer:
            raise Refused(f"请先说明第 {point.number} 条意见怎样处理（已改，或为什么不改），再提交。")
        ReturnPoint.objects.filter(pk=point.pk).update(answer=answer[:1000])


def _write_entry(case: ReviewCase, version: ReviewVersion | None, told: Told, back: ReviewEntry | None) -> ReviewEntry:
    try:
        entry = ReviewEntry.objects.create(
            case=case,
            round=case.round,
            subject_version=version,
            move=told.move,
            from_state=told.state,
            to_state=told.target,
            by=told.by,
            on_behalf_of=told.principal,
            author_id=case.author_id,
            handed_in_by_id=case.handed_in_by_id,
            overridden_by=back.by if back and told.move in RATIFICATIONS else None,
            opening=told.opening,
            comment=told.comment,
            point_count=len(told.points) if told.move in RETURNS else 0,
            at=told.at,
        )
    except IntegrityError as error:
        raise NotAllowed(ONE_STEP_A_ROUND) from error
    ReturnPoint.objects.bulk_create(
        ReturnPoint(
            entry=entry,
            number=number,
            paragraph=point.paragraph,
            text=point.text.strip()[:1000],
            original=point.original[:5000] if point.suggested.strip() else "",
            suggested=point.suggested.strip()[:5000],
        )
        for number, point in enumerate(told.points, start=1)
        if told.move in RETURNS
    )
    return entry
