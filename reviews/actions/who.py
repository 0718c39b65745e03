"""Who may make a move, and which move: the questions of the gate, asked also by pages that offer a button."""

from datetime import datetime

from accounts.models import User
from accounts.permissions import Permission
from reviews.chain import (
    CHAIN,
    RATIFIES,
    STEP_HOLDER,
    STEP_PERMISSION,
    UNDOABLE,
    VERDICTS,
    Actor,
    Move,
    State,
    Transition,
)
from reviews.models import ReviewCase, ReviewEntry, ReviewOpening
from reviews.models.entry import has_verdict_in_round
from reviews.subjects import kind_of
from studygroup.lib.clock import local_date
from studygroup.lib.errors import NotAllowed, Refused

ONE_STEP_A_ROUND = "这一轮您已经审核过一个环节，下一环节须由另一位同志办理。"
OPENED_SINCE = "已经有人打开看过，不能再撤销。如需更正，请联系办理下一环节的同志。"


def arrow_of(case: ReviewCase, move: Move) -> Transition:
    state = State(case.state)
    arrow = CHAIN.get((state, move))
    if arrow is None:
        raise Refused(f"“{case.title}”现在是“{state.label}”，不能{move.label}。")
    return arrow


def principal_of(case: ReviewCase, move: Move, *, by: User, at: datetime) -> User | None:
    """Refuse the wrong person or moment; return for whom he acts, or None for himself."""
    arrow = arrow_of(case, move)
    if arrow.by is Actor.JUDGE:
        return undoable_entry(case, by=by, at=at).on_behalf_of
    if arrow.by is Actor.AUTHOR:
        _must_be_author(case, arrow, by)
        return None
    if by.pk in (case.author_id, case.handed_in_by_id):
        raise NotAllowed("这是您自己撰写或提交的材料，须由他人审核。可以请有权的同志办理，或先办理委托。")
    if arrow.by is Actor.OVERRIDER:
        _must_override(case, by)
    elif arrow.by is Actor.RATIFIER:
        _must_ratify(case, by)
    else:
        return _as_reviewer(case, move, by)
    return None


def may(case: ReviewCase, move: Move, *, by: User, at: datetime) -> bool:
    """Would the gate let this person make the move, once he has opened the case and said what the move asks for?"""
    try:
        principal_of(case, move, by=by, at=at)
    except Refused:
        return False
    return True


def _must_be_author(case: ReviewCase, arrow: Transition, by: User) -> None:
    editors = kind_of(case.kind).editors
    shared = editors is not None and by.authority.allows(editors, case.owner_id)
    if by.pk not in (case.author_id, case.handed_in_by_id) and not shared:
        raise NotAllowed("只有撰稿人或经办人可以这样做。")
    if arrow.before_any_verdict and has_verdict_in_round(case):
        raise Refused("已经有人审核过，不能再撤回。如需修改，请联系审核人退回。")
    if arrow.needs_ratified and case.awaits_ratification:
        raise Refused("这次特批还在等追认。追认以后才能修订，不予追认的会退回修改。")


def _as_reviewer(case: ReviewCase, move: Move, by: User) -> User | None:
    # A second pass in a round is stopped by the constraint on the entry itself.
    if move != Move.PASS and _passed_in_round(case, by):
        raise NotAllowed(ONE_STEP_A_ROUND)
    state = State(case.state)
    permission = STEP_PERMISSION[state]
    if by.authority.allows(permission, case.group_id):
        return None
    acting = by.authority.acting_for(permission, case.kind, case.group_id, case.due_on)
    if acting:
        return User.objects.get(pk=acting[0].principal_id)
    if any(a.group_id == case.group_id and a.covers(permission, case.kind) for a in by.authority.acting):
        raise NotAllowed("您受托“只在逾期后接办”，这一份还没有超过办理期限。")
    raise NotAllowed(f"这一步由{STEP_HOLDER[state]}{state.label}，您没有这个权限。")


def _must_override(case: ReviewCase, by: User) -> None:
    if not kind_of(case.kind).allows_override:
        raise Refused(f"{case.kind_label}不能特批，须逐步审核。")
    if not by.authority.allows(Permission.OVERRIDE, case.group_id):
        raise NotAllowed("只有组长、副组长或学习秘书可以特批。")


def _must_ratify(case: ReviewCase, by: User) -> None:
    if case.pending_override is None:
        raise Refused(f"“{case.title}”没有等待追认的特批。")
    if not any(by.authority.allows(permission, case.group_id) for permission in RATIFIES):
        raise NotAllowed("追认由组长、副组长或学习秘书办理，您没有这个权限。")
    if case.pending_override.by_id == by.pk:
        raise NotAllowed("这是您自己特批的，须由另一位同志追认。")


def _passed_in_round(case: ReviewCase, by: User) -> bool:
    mine = ReviewEntry.objects.standing().filter(case=case, round=case.round, by=by, move=Move.PASS)
    return mine.exists()


def undoable_entry(case: ReviewCase, *, by: User, at: datetime) -> ReviewEntry:
    """His own verdict, the last thing that happened, which nobody else has opened since."""
    entry = ReviewEntry.objects.filter(case=case).select_related("on_behalf_of").order_by("-pk").first()
    if entry is None or entry.move not in UNDOABLE or entry.by_id != by.pk:
        raise NotAllowed("只能撤销自己刚才的办理，别人已经接着办理的不能撤销。")
    if case.is_approved and local_date(entry.at) != local_date(at):
        raise Refused("已经定稿的，只能在当天撤销。如需更正，请联系撰稿人另行提交。")
    if ReviewOpening.objects.filter(case=case, seen_version=case.version).exclude(by=by).exists():
        raise Refused(OPENED_SINCE)
    return entry


def opening_of(case: ReviewCase, move: Move, *, by: User) -> ReviewOpening | None:
    """What a verdict rests on. Refused for a case this person has not opened as it stands now."""
    if move not in VERDICTS:
        return None
    opening = ReviewOpening.objects.filter(case=case, seen_version=case.version, by=by).first()
    if opening is None:
        number = case.versions.order_by("-number").values_list("number", flat=True).first()
        raise Refused(f"请先打开第{number}稿看过再办理。")
    return opening
