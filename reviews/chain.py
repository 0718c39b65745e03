"""两审一把关 as data: which move leads from which state to which, and who may make it.

A kind of subject may pass fewer steps; NEXT is then the next of *its* steps, or approval after the last one.
`docs/review-chain.md` is drawn from this table.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from django.db.models import TextChoices

from accounts.permissions import Permission


class State(TextChoices):
    """状态."""

    DRAFT = "draft", "草稿"
    FIRST_REVIEW = "first_review", "初审"
    SECOND_REVIEW = "second_review", "复审"
    FINAL_GATE = "final_gate", "把关"
    RETURNED = "returned", "已退回"
    APPROVED = "approved", "已通过"


class Move(TextChoices):
    """动作."""

    SUBMIT = "submit", "提交"
    PASS = "pass", "通过"
    RETURN = "return", "退回"
    WITHDRAW = "withdraw", "撤回"
    REVISE = "revise", "修订"
    RESTORE = "restore", "恢复"
    UNDO = "undo", "撤销"
    OVERRIDE = "override", "特批"
    RATIFY = "ratify", "追认"
    REFUSE_RATIFICATION = "refuse", "不予追认"


class Actor(Enum):
    """Who makes a move."""

    AUTHOR = "撰稿人或经办人"
    REVIEWER = "这一步的审核人"
    JUDGE = "刚才办理的本人"
    OVERRIDER = "组长、副组长或学习秘书"
    RATIFIER = "特批人以外有权特批或把关的人"


NEXT = "next"
BACK = "back"  # to the step the last verdict was given at
REASON_LENGTH = 10  # of a 特批, in characters


@dataclass(frozen=True)
class Transition:
    to: State | str
    by: Actor
    needs_points: bool = False
    before_any_verdict: bool = False
    since_approval: bool = False  # the subject sees to it that it says what was approved
    needs_reason: bool = False
    needs_ratified: bool = False  # not while a 特批 still waits for its 追认
    same_day: bool = False


CHAIN: Mapping[tuple[State, Move], Transition] = {
    (State.DRAFT, Move.SUBMIT): Transition(NEXT, Actor.AUTHOR),
    (State.RETURNED, Move.SUBMIT): Transition(NEXT, Actor.AUTHOR),
    (State.FIRST_REVIEW, Move.PASS): Transition(NEXT, Actor.REVIEWER),
    (State.FIRST_REVIEW, Move.RETURN): Transition(State.RETURNED, Actor.REVIEWER, needs_points=True),
    (State.FIRST_REVIEW, Move.WITHDRAW): Transition(State.DRAFT, Actor.AUTHOR, before_any_verdict=True),
    (State.SECOND_REVIEW, Move.PASS): Transition(NEXT, Actor.REVIEWER),
    (State.SECOND_REVIEW, Move.RETURN): Transition(State.RETURNED, Actor.REVIEWER, needs_points=True),
    (State.SECOND_REVIEW, Move.WITHDRAW): Transition(State.DRAFT, Actor.AUTHOR, before_any_verdict=True),
    (State.FINAL_GATE, Move.PASS): Transition(NEXT, Actor.REVIEWER),
    (State.FINAL_GATE, Move.RETURN): Transition(State.RETURNED, Actor.REVIEWER, needs_points=True),
    (State.FINAL_GATE, Move.WITHDRAW): Transition(State.DRAFT, Actor.AUTHOR, before_any_verdict=True),
    (State.APPROVED, Move.REVISE): Transition(State.DRAFT, Actor.AUTHOR, needs_ratified=True),
    (State.DRAFT, Move.RESTORE): Transition(State.APPROVED, Actor.AUTHOR, since_approval=True),
    (State.SECOND_REVIEW, Move.UNDO): Transition(BACK, Actor.JUDGE),
    (State.FINAL_GATE, Move.UNDO): Transition(BACK, Actor.JUDGE),
    (State.RETURNED, Move.UNDO): Transition(BACK, Actor.JUDGE),
    (State.APPROVED, Move.UNDO): Transition(BACK, Actor.JUDGE, same_day=True),
    (State.FIRST_REVIEW, Move.OVERRIDE): Transition(State.APPROVED, Actor.OVERRIDER, needs_reason=True),
    (State.SECOND_REVIEW, Move.OVERRIDE): Transition(State.APPROVED, Actor.OVERRIDER, needs_reason=True),
    (State.FINAL_GATE, Move.OVERRIDE): Transition(State.APPROVED, Actor.OVERRIDER, needs_reason=True),
    (State.APPROVED, Move.RATIFY): Transition(State.APPROVED, Actor.RATIFIER),
    (State.APPROVED, Move.REFUSE_RATIFICATION): Transition(State.RETURNED, Actor.RATIFIER, needs_points=True),
}

STEP_PERMISSION: Mapping[State, Permission] = {
    State.FIRST_REVIEW: Permission.FIRST_REVIEW,
    State.SECOND_REVIEW: Permission.SECOND_REVIEW,
    State.FINAL_GATE: Permission.FINAL_GATE,
}
RATIFIES: Sequence[Permission] = (Permission.OVERRIDE, Permission.FINAL_GATE)
STEP_HOLDER: Mapping[State, str] = {
    State.FIRST_REVIEW: "办公室",
    State.SECOND_REVIEW: "宣传委员",
    State.FINAL_GATE: "党委书记",
}
ALL_STEPS: Sequence[State] = (State.FIRST_REVIEW, State.SECOND_REVIEW, State.FINAL_GATE)
EDITABLE = (State.DRAFT, State.RETURNED)
# Asks for having read: nobody judges his own, nor what he has not opened.
VERDICTS = (Move.PASS, Move.RETURN, Move.OVERRIDE, Move.RATIFY, Move.REFUSE_RATIFICATION)
UNDOABLE = (Move.PASS, Move.RETURN, Move.OVERRIDE)
APPROVALS = (Move.PASS, Move.OVERRIDE)  # with APPROVED as the new state
RETURNS = (Move.RETURN, Move.REFUSE_RATIFICATION)
RATIFICATIONS = (Move.RATIFY, Move.REFUSE_RATIFICATION)


def next_state(state: State, steps: Sequence[str]) -> State:
    """The step after `state` among the subject's own steps; APPROVED after the last."""
    if state in (State.DRAFT, State.RETURNED):
        return State(steps[0])
    following = list(steps)[list(steps).index(state) + 1 :]
    return State(following[0]) if following else State.APPROVED
