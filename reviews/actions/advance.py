"""The one gate every reviewed thing passes."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from accounts.models import StudyGroup, User
from reviews.chain import CHAIN, NEXT, STEP_HOLDER, STEP_PERMISSION, VERDICTS, Actor, Move, State, next_state
from reviews.models import ReturnPoint, ReviewCase, ReviewEntry, ReviewRoute, ReviewVersion
from reviews.models.case import has_verdict_in_round
from reviews.subjects import kind_of
from studygroup.lib import audit
from studygroup.lib.errors import NotAllowed, Overtaken, Refused

ONE_STEP_A_ROUND = "这一轮您已经审核过一个环节，下一环节须由另一位同志办理。"


@dataclass(frozen=True)
class Point:
    """One numbered point of a return; `paragraph` is the number printed beside it, from 1."""

    text: str
    paragraph: int | None = None


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

    Raises Overtaken when the case has moved since `seen_version`, NotAllowed for the wrong person, Refused when the
    move itself is incomplete.
    """
    if case.version != seen_version:
        raise overtaken(case)
    state = State(case.state)
    arrow = CHAIN.get((state, move))
    if arrow is None:
        raise Refused(f"“{case.title}”现在是“{state.label}”，不能{move.label}。")
    principal = _who_may(case, state, arrow.by, move, by)
    if arrow.before_any_verdict and has_verdict_in_round(case):
        raise Refused("已经有人审核过，不能再撤回。如需修改，请联系审核人退回。")
    points = [point for point in points if point.text.strip()]
    if arrow.needs_points and not points:
        raise Refused("退回时请至少写一条具体意见，让撰稿人知道改哪里。")

    target = next_state(state, case.steps) if arrow.to == NEXT else State(arrow.to)
    version = _latest(case)
    if arrow.since_approval and (version is None or version.pk != case.approved_version_id):
        raise Refused("只有通过以后没有再提交过的，才能恢复。请重新提交审核。")
    _swap(case, target, move, by, at, title, version)
    if move == Move.SUBMIT:
        version = _freeze(case, by, at, title, content, after=version)
        _store_answers(case, answers or {})
    entry = _write_entry(case, version, move, state, target, by, principal, comment, points, at)
    audit.record(
        f"review.{move}",
        target=case,
        by=by,
        at=at,
        group_id=case.group_id,
        on_behalf_of=principal,
        state=str(target),
        version=version.number if version else None,
    )
    return entry


def overtaken(case: ReviewCase) -> Overtaken:
    now = ReviewCase.objects.select_related("approved_version").get(pk=case.pk)
    return Overtaken(
        "别人刚刚办理过这份材料，您看到的已不是最新状态，您的操作没有生效。请打开最新页面后再决定。",
        current={"材料": now.title, "现在的状态": str(State(now.state).label)},
    )


def _who_may(case: ReviewCase, state: State, actor: Actor, move: Move, by: User) -> User | None:
    """Refuse the wrong person; return for whom he acts, or None for himself."""
    if actor is Actor.AUTHOR:
        editors = kind_of(case.kind).editors
        shared = editors is not None and by.authority.allows(editors, case.owner_id)
        if by.pk not in (case.author_id, case.handed_in_by_id) and not shared:
            raise NotAllowed("只有撰稿人或经办人可以这样做。")
        return None
    if by.pk in (case.author_id, case.handed_in_by_id):
        raise NotAllowed("这是您自己撰写或提交的材料，须由他人审核。可以请有权的同志办理，或先办理委托。")
    # A second pass in a round is stopped by the constraint on the entry itself.
    if move != Move.PASS and _passed_in_round(case, by):
        raise NotAllowed(ONE_STEP_A_ROUND)
    permission = STEP_PERMISSION[state]
    if by.authority.allows(permission, case.group_id):
        return None
    acting = by.authority.acting_for(permission, case.kind, case.group_id)
    if not acting:
        raise NotAllowed(f"这一步由{STEP_HOLDER[state]}{state.label}，您没有这个权限。")
    return User.objects.get(pk=acting[0].principal_id)


def _passed_in_round(case: ReviewCase, by: User) -> bool:
    return ReviewEntry.objects.filter(case=case, round=case.round, by=by, move=Move.PASS).exists()


def _swap(
    case: ReviewCase, target: State, move: Move, by: User, at: datetime, title: str, version: ReviewVersion | None
) -> None:
    """Compare and swap state and version: of any number of writers exactly one gets through."""
    changes: dict[str, Any] = {"version": case.version + 1, "state_since": at, "state": target}
    if target == State.APPROVED:
        changes["approved_version"] = version
    if move == Move.SUBMIT:
        changes |= {"round": case.round + 1, "handed_in_by": by, "title": title or case.title}
    swapped = ReviewCase.objects.filter(pk=case.pk, state=case.state, version=case.version).update(**changes)
    if not swapped:
        raise overtaken(case)
    for name, value in changes.items():
        setattr(case, name, value)


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
    last = ReviewEntry.objects.filter(case=case, move=Move.RETURN).order_by("-pk").first()
    return list(last.points.all()) if last else []


def _store_answers(case: ReviewCase, answers: Mapping[int, str]) -> None:
    last = ReviewEntry.objects.filter(case=case, move=Move.RETURN).order_by("-pk").first()
    if last is None or last.round != case.round - 1:
        return
    for point in last.points.all():
        answer = answers.get(point.pk, "").strip()
        if not answer:
            raise Refused(f"请先说明第 {point.number} 条意见怎样处理（已改，或为什么不改），再提交。")
        ReturnPoint.objects.filter(pk=point.pk).update(answer=answer[:1000])


def _write_entry(
    case: ReviewCase,
    version: ReviewVersion | None,
    move: Move,
    state: State,
    target: State,
    by: User,
    principal: User | None,
    comment: str,
    points: Sequence[Point],
    at: datetime,
) -> ReviewEntry:
    try:
        entry = ReviewEntry.objects.create(
            case=case,
            round=case.round,
            subject_version=version,
            move=move,
            from_state=state,
            to_state=target,
            by=by,
            on_behalf_of=principal,
            author_id=case.author_id,
            handed_in_by_id=case.handed_in_by_id,
            comment=comment.strip()[:2000],
            point_count=len(points) if move in VERDICTS else 0,
            at=at,
        )
    except IntegrityError as error:
        raise NotAllowed(ONE_STEP_A_ROUND) from error
    ReturnPoint.objects.bulk_create(
        ReturnPoint(entry=entry, number=number, paragraph=point.paragraph, text=point.text.strip()[:1000])
        for number, point in enumerate(points, start=1)
        if move == Move.RETURN
    )
    return entry
