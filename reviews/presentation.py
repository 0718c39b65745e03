"""How a case looks wherever it is shown: step dots, one sentence, the history panel, paragraph numbers."""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db.models import Case, CharField, OuterRef, QuerySet, Subquery, Value, When
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from accounts.models import User
from accounts.permissions import Acting
from reviews.chain import RETURNS, STEP_HOLDER, STEP_PERMISSION, State
from reviews.models import ReturnPoint, ReviewCase, ReviewEntry
from studygroup.lib.clock import local_date


@dataclass(frozen=True)
class Dot:
    """One step of a case. `word` says in text what `shape` shows."""

    shape: str
    label: str
    state: str
    word: str
    detail: str


SHAPES = {"done": "●", "now": "◉", "todo": "○", "back": "▲", "over": "◇"}
WORDS = {"done": "已通过", "now": "正在办理", "todo": "还没有到", "back": "已退回", "over": "特批，没有经过这一步"}


def dots_of(case: ReviewCase, returned_from: str = "") -> Sequence[Dot]:
    """The case's own steps, read from the row alone. Pass `returned_from` to mark the step that sent it back."""
    return _dots(case.state, tuple(case.steps), returned_from, case.override_step)


@lru_cache(maxsize=256)
def _dots(state: str, steps: tuple[str, ...], returned_from: str, override_step: str) -> tuple[Dot, ...]:
    if state == State.APPROVED:
        mark, after = "over", "over"  # only where a 特批 has left steps out
        here = steps.index(override_step) if override_step in steps else len(steps)
    else:
        mark, after = "back" if state == State.RETURNED else "now", "todo"
        step = state if state != State.RETURNED else returned_from if returned_from in steps else override_step
        here = -1 if state == State.DRAFT else steps.index(step) if step in steps else 0
    return tuple(
        _dot(State(step), "done" if index < here else mark if index == here else after)
        for index, step in enumerate(steps)
    )


def _dot(step: State, state: str) -> Dot:
    detail = f"在{STEP_HOLDER[step]}处" if state == "now" else WORDS[state]
    return Dot(SHAPES[state], str(step.label), state, WORDS[state], f"{step.label}：{detail}")


def dots_html(case: ReviewCase, returned_from: str = "") -> SafeString:
    """The rendered dots, kept: a long list has only a handful of different ones."""
    return _dots_html(case.state, tuple(case.steps), returned_from, case.override_step)


@lru_cache(maxsize=256)
def _dots_html(state: str, steps: tuple[str, ...], returned_from: str, override_step: str) -> SafeString:
    return render_to_string("components/steps.html", {"dots": _dots(state, steps, returned_from, override_step)})


def returned_from(prefix: str = "") -> Case:
    """Annotation: the step that sent a case back, "" for all others. `prefix` leads to the case (`review__`)."""
    last = ReviewEntry.objects.standing().filter(case=OuterRef(f"{prefix}pk"), move__in=RETURNS).order_by("-pk")
    return Case(
        When(**{f"{prefix}state": State.RETURNED}, then=Subquery(last.values("from_state")[:1])),
        default=Value(""),
        output_field=CharField(),
    )


def days_waiting(case: ReviewCase, at: datetime) -> int:
    return max(0, (local_date(at) - local_date(case.state_since)).days)


def _age(case: ReviewCase, at: datetime) -> str:
    since = "今天特批" if case.awaits_ratification else "今天送到"
    return f"已 {days} 天" if (days := days_waiting(case, at)) else since


def waiting_words(case: ReviewCase, at: datetime) -> str:
    """How long it has waited, and how much of its time is left."""
    age = _age(case, at)
    if case.awaits_ratification:
        return f"特批待追认，{age}"
    return f"{age}，{due_words(case, at)}" if case.due_on else age


def is_overdue(case: ReviewCase, at: datetime) -> bool:
    return case.due_on is not None and case.due_on < local_date(at)


def due_words(case: ReviewCase, at: datetime) -> str:
    """“还剩 2 天”, “今天到期”, “已超 1 天”; "" without a term."""
    if case.due_on is None:
        return ""
    left = (case.due_on - local_date(at)).days
    return f"还剩 {left} 天" if left > 0 else f"已超 {-left} 天" if left else "今天到期"


@dataclass(frozen=True)
class QueueRow:
    """One case in a list of cases. `due` is told by `due_tone` too: a badge has a shape."""

    case: ReviewCase
    dots: SafeString
    age: str
    due: str
    due_tone: str
    acting_for: str = ""
    is_late_stand_in: bool = False
    may_undo: bool = False

    @property
    def pair(self) -> str:
        """The case as this page shows it: a verdict on it names both."""
        return f"{self.case.pk}:{self.case.version}"


def queue_rows(
    cases: Iterable[ReviewCase], *, user: User, at: datetime, undoable: Container[int] = ()
) -> list[QueueRow]:
    """Rows read with `returned_from`; for whom he would act, from his authority alone."""
    return [_queue_row(case, user, at, case.pk in undoable) for case in cases]


def _queue_row(case: Any, user: User, at: datetime, may_undo: bool) -> QueueRow:
    acting = stand_in_of(case, user)
    return QueueRow(
        case,
        dots_html(case, case.returned_from),
        _age(case, at),
        due_words(case, at),
        "bad" if is_overdue(case, at) else "wait" if case.due_on == local_date(at) else "off",
        acting.principal_name if acting else "",
        bool(acting and acting.only_overdue),
        may_undo,
    )


def stand_in_of(case: ReviewCase, user: User) -> Acting | None:
    """The delegation by which this person would judge the case; None when he does so himself or not at all."""
    permission = STEP_PERMISSION.get(State(case.state))
    if permission is None or user.authority.allows(permission, case.group_id):
        return None
    return next(iter(user.authority.acting_for(permission, case.kind, case.group_id, case.due_on)), None)


def sentence_of(case: ReviewCase, at: datetime, *, own: bool = True, with_due: bool = True) -> str:
    """One sentence: to the author, or about his paper to others. `with_due=False` where a badge tells that."""
    state = State(case.state)
    if case.is_waiting:
        whose = "" if case.group_id == case.owner_id else f"{case.group.organization.short_name} "
        age = waiting_words(case, at) if with_due else _age(case, at)
        return f"现在在 {whose}{STEP_HOLDER[state]} 处{state.label}，{age}"
    if state == State.RETURNED:
        return "已退回，请逐条修改后重新提交" if own else "已退回，等撰稿人修改后重新提交"
    if state == State.APPROVED:
        return "特批通过，待追认" if case.awaits_ratification else "已特批通过" if case.override_step else "已通过"
    if case.approved_version_id:
        return "正在修订，提交后重新审核"
    return "已撤回，可以修改后重新提交" if case.round else "草稿，还没有提交"


def history_of(case: ReviewCase) -> list[ReviewEntry]:
    """Every move with its people, version number and points: two statements, without the versions' content."""
    entries: QuerySet[ReviewEntry] = case.entries.select_related("by", "on_behalf_of", "subject_version", "undone_by")
    return list(entries.defer("subject_version__content").prefetch_related("points").order_by("pk"))


def last_return(history: Sequence[ReviewEntry]) -> ReviewEntry | None:
    """The return that stands, also 不予追认 of a 特批."""
    return next((entry for entry in reversed(history) if entry.move in RETURNS and not entry.is_undone), None)


def numbered(blocks: Iterable[dict[str, Any]]) -> list[tuple[int, dict[str, Any]]]:
    """Paragraph numbers as components/document.html prints them: facts in front are not counted."""
    blocks = list(blocks)
    start = 0 if blocks and blocks[0]["type"] == "facts" else 1
    return list(enumerate(blocks, start))


def paragraph_choices(blocks: Iterable[dict[str, Any]]) -> list[tuple[str, str]]:
    """What a point of a return can be tied to, each with its first words."""
    choices = [("", "整篇")]
    for number, block in numbered(blocks):
        if block["type"] in ("heading", "paragraph"):
            text = block["text"]
            choices.append((str(number), f"第{number}段　{text[:16]}{'…' if len(text) > 16 else ''}"))
        elif block["type"] == "table":
            choices.append((str(number), f"第{number}段　表格"))
    return choices


def paragraph_texts(blocks: Iterable[dict[str, Any]]) -> dict[int, str]:
    """The paragraphs a reviewer may word anew, by number."""
    return {number: block["text"] for number, block in numbered(blocks) if block["type"] in ("heading", "paragraph")}


def points_beside(points: Iterable[ReturnPoint]) -> dict[str, SafeString]:
    """Paragraph → its points, drawn to stand below it in components/document.html."""
    found: dict[str, list[ReturnPoint]] = {}
    for point in points:
        if point.paragraph:
            found.setdefault(str(point.paragraph), []).append(point)
    return {number: render_to_string("reviews/_beside.html", {"points": said}) for number, said in found.items()}
