"""One case: the paper, what was said of it, and what this person may do with it now. And what is printed of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from reviews.actions import may, overtaken
from reviews.alignment import SAME
from reviews.chain import RETURNS, STEP_HOLDER, UNDOABLE, VERDICTS, Move, State
from reviews.differences import Difference, difference
from reviews.documents import SHEET_TITLE, sheet_blocks, sheet_of
from reviews.forms.verdict import NoteForm, OverrideForm, VerdictForm
from reviews.models import ReturnPoint, ReviewCase, ReviewEntry, ReviewNote, ReviewVersion
from reviews.models.note import may_read_notes
from reviews.panels import panels_of
from reviews.presentation import (
    dots_html,
    due_words,
    history_of,
    is_overdue,
    last_return,
    points_beside,
    sentence_of,
    stand_in_of,
)
from reviews.subjects import kind_of
from reviews.views import seat as seats
from reviews.views.compare import AnsweredPoint, answered_points, compared
from reviews.views.opening import note_opening, note_outcome
from studygroup.lib.access import SIGNED_IN, access
from studygroup.lib.files import send_made
from studygroup.lib.office.characters import file_name
from studygroup.lib.office.word import document_bytes

COUNTED = ("字数",)  # follows from the text, no change of its own


@dataclass(frozen=True)
class Standing:
    """What this person may do with the case now, and for whom. `place` is where it stands in his round."""

    is_his: bool
    may_judge: bool
    may_ratify: bool
    may_withdraw: bool
    may_undo: bool
    may_override: bool
    acting_for: str = ""
    is_late_stand_in: bool = False
    place: seats.Place | None = None

    @property
    def decides(self) -> bool:
        return self.may_judge or self.may_ratify


def standing_of(request: HttpRequest, case: ReviewCase, history: list[ReviewEntry], at: datetime) -> Standing:
    user, seat = request.user, seats.seat_of(request)
    queue = seats.queue_of(user, seat)
    if case.pk not in queue and (seat.kind or seat.only):  # opened from elsewhere
        seat = seats.Seat(seat.day)
        queue = seats.queue_of(user, seat)
    waits = case.pk in queue
    judged = any(e.round == case.round and e.move in VERDICTS and not e.is_undone for e in history)
    editors = kind_of(case.kind).editors
    is_his = user.pk in (case.author_id, case.handed_in_by_id)
    shared = editors is not None and user.authority.allows(editors, case.owner_id)
    acting = stand_in_of(case, user) if waits else None
    judges = waits and case.is_waiting
    at_the_end = judges and case.state == case.steps[-1]  # who may pass the last step needs no 特批
    return Standing(
        is_his=is_his,
        may_judge=judges,
        may_ratify=waits and case.awaits_ratification,
        may_withdraw=case.is_waiting and not judged and (is_his or shared),
        may_undo=_is_last_verdict(history, user) and may(case, Move.UNDO, by=user, at=at),
        may_override=case.is_waiting and not at_the_end and may(case, Move.OVERRIDE, by=user, at=at),
        acting_for=acting.principal_name if acting else "",
        is_late_stand_in=bool(acting and acting.only_overdue),
        place=seats.place_of(case, seat, queue) if waits else None,
    )


def _is_last_verdict(history: list[ReviewEntry], user: User) -> bool:
    return bool(history) and history[-1].by_id == user.pk and history[-1].move in UNDOABLE


def case_of(request: HttpRequest, pk: int) -> ReviewCase:
    return get_object_or_404(ReviewCase.objects.visible_to(request.user).with_people(), pk=pk)


def to_move(request: HttpRequest, pk: int) -> ReviewCase:
    """The case this person acts upon. One its author has taken back meanwhile is no longer his to read: he is told so,
    and his words are shown to him again."""
    case = ReviewCase.objects.visible_to(request.user).with_people().filter(pk=pk).first()
    if case is None:
        withdrawn = get_object_or_404(ReviewCase.objects.withdrawn_from(request.user), pk=pk)
        raise overtaken(withdrawn, back=reverse("review_list"))
    return case


def latest(case: ReviewCase) -> ReviewVersion | None:
    return case.versions.order_by("-number").first()


def _from_approved(case: ReviewCase, version: ReviewVersion | None) -> Difference | None:
    """What a revision changes of the version in force; the reviewer reads that first."""
    approved = case.approved_version
    if approved is None or version is None or approved.pk == version.pk:
        return None
    return difference(approved.content, version.content, (approved.title, version.title))


@dataclass(frozen=True)
class Since:
    """What differs from the version handed in before, leaving out what stands with an answered point already."""

    before: int
    told: dict[str, Any]
    rows: list[Any]

    @property
    def is_empty(self) -> bool:
        files = any(not line.is_same for line in self.told.get("files", ()))
        return not (self.rows or files or self.told.get("facts") or self.told.get("difference"))


def _since_last(case: ReviewCase, version: ReviewVersion | None, answered: list[AnsweredPoint]) -> Since | None:
    if version is None or version.number == 1 or not case.is_waiting:
        return None
    before = case.versions.filter(number=version.number - 1).first()
    if before is None or before.pk == case.approved_version_id:  # told as what the revision changes
        return None
    told, pairs = compared(before, version), [row for one in answered for row in one.rows]
    told["facts"] = [entry for entry in told.get("facts", ()) if entry.name not in COUNTED]
    old = {row.before.number for row in pairs if row.before}
    new = {row.after.number for row in pairs if row.after}
    rows = [row for fold in told.get("folds", ()) if not fold.is_same for row in fold.rows if row.mark != SAME]
    others = [r for r in rows if not (r.before and r.before.number in old) and not (r.after and r.after.number in new)]
    return Since(before.number, told, others)


def case_page(
    request: HttpRequest, case: ReviewCase, form: VerdictForm | None = None, override: OverrideForm | None = None
) -> HttpResponse:
    version, history, at = latest(case), history_of(case), timezone.now()
    note_opening(request, case, version)
    back, standing = last_return(history), standing_of(request, case, history, at)
    answered = back if case.is_waiting and back and back.round == case.round - 1 else None
    open_entry, answers = back if case.state == State.RETURNED else None, answered_points(answered, version)
    context: dict[str, Any] = {
        "case": case,
        "version": version,
        "wide": version is not None and any(block["type"] == "table" for block in version.content),
        "difference": _from_approved(case, version),
        "since": _since_last(case, version, answers),
        "history": history,
        "open_entry": open_entry,
        "beside": points_beside(open_entry.points.all() if open_entry else []),
        "answered": answered,
        "answered_points": answers,
        "dots": dots_html(case, back.from_state if back else ""),
        "sentence": sentence_of(case, at, own=standing.is_his, with_due=not is_overdue(case, at)),
        "due": due_words(case, at) if is_overdue(case, at) else "",
        "standing": standing,
        "panels": panels_of(case, version, request.user),
        "subject": kind_of(case.kind).address(case.pk),
        "form": form or VerdictForm(initial={"seen_version": case.version}),
        "step": State(case.state).label,
        **_special(case, history, standing, override),
        **_notes(case, request.user),
    }
    return render(request, "reviews/review_detail.html", context)


def _special(
    case: ReviewCase, history: list[ReviewEntry], standing: Standing, form: OverrideForm | None
) -> dict[str, Any]:
    """A 特批 that waits for its 追认, and the form of one where it may be given."""
    pending = next((entry for entry in history if entry.pk == case.pending_override_id), None)
    here = pending.from_state if pending else case.state
    steps = case.steps[case.steps.index(here) :] if here in case.steps else []
    return {
        "pending": pending,
        "left_out": [f"{State(step).label}（{STEP_HOLDER[State(step)]}）" for step in steps],
        "override_form": form or OverrideForm(initial={"seen_version": case.version}, auto_id="override_%s")
        if standing.may_override
        else None,
    }


def _notes(case: ReviewCase, user: User) -> dict[str, Any]:
    if not case.round or not may_read_notes(case, user):
        return {}
    notes = ReviewNote.objects.visible_to(user).filter(case=case).select_related("by")
    return {"notes": list(notes), "note_form": NoteForm(auto_id="note_%s")}


@access(SIGNED_IN)
def review_detail(request: HttpRequest, pk: int) -> HttpResponse:
    return case_page(request, case_of(request, pk))


def _read(request: HttpRequest, pk: int) -> ReviewCase:
    """Here too somebody learns how it ended."""
    case = case_of(request, pk)
    note_outcome(request, case)
    return case


@access(SIGNED_IN)
def review_version(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    case = _read(request, pk)
    version = get_object_or_404(case.versions.select_related("submitted_by"), number=number)
    numbers = list(case.versions.values_list("number", flat=True))
    points = ReturnPoint.objects.filter(entry__subject_version=version, entry__move__in=RETURNS)
    said = points.filter(entry__undone_by=None).select_related("entry__by").order_by("entry_id", "number")
    context = {
        "case": case,
        "version": version,
        "numbers": numbers,
        "latest": numbers[-1],
        "to_take": kind_of(case.kind).address(case.pk) if version.pk == case.approved_version_id else "",
        "beside": points_beside(said),
        "overall": [point for point in said if not point.paragraph],
    }
    return render(request, "reviews/review_version.html", context)


@access(SIGNED_IN)
def review_sheet(request: HttpRequest, pk: int) -> HttpResponse:
    case = _read(request, pk)
    context = {"case": case, "sheet": sheet_of(case), "title": SHEET_TITLE}
    return render(request, "reviews/review_sheet.html", context)


@access(SIGNED_IN)
def review_sheet_word(request: HttpRequest, pk: int) -> HttpResponse:
    case = _read(request, pk)
    content = document_bytes(f"{case.group.name}\n{SHEET_TITLE}", sheet_blocks(case), at=timezone.now())
    return send_made(content, f"{file_name(f'审核表 {case.title}')}.docx")
