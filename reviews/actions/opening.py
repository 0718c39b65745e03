"""阅看: who has opened a case as it stands. A verdict rests on it, and it ends the time in which one may be undone."""

from datetime import datetime

from accounts.models import User
from accounts.permissions import Permission
from reviews.chain import STEP_PERMISSION, State
from reviews.models import ReviewCase, ReviewOpening, ReviewVersion
from studygroup.lib.clock import local_date
from studygroup.lib.rows import insert


def note_opening(*, case: ReviewCase, by: User, at: datetime, version: ReviewVersion | None = None) -> None:
    """Note that this person has opened the case as it stands; a second time nothing happens. One statement, when the
    caller knows the `version` handed in last.

    Noted at a step for who may judge or 特批 it; when it was returned, or approved today or by 特批, for everybody.
    Nothing is noted for others: this is no record of readers.
    """
    if not case.round or not _counts(case, by, at):
        return
    version = version or ReviewVersion.objects.filter(case=case).only("pk").order_by("-number").first()
    opening = ReviewOpening(
        case=case,
        seen_version=case.version,
        subject_version=version,
        round=case.round,
        step=case.state,
        by=by,
        at=at,
    )
    insert(opening, unless_taken=("case_id", "seen_version", "by_id"))


def note_outcome(*, case: ReviewCase, by: User, at: datetime) -> None:
    """On the subject's own page somebody learns how it ended. A step is judged from the review page alone."""
    if not case.is_waiting:
        note_opening(case=case, by=by, at=at)


def _counts(case: ReviewCase, by: User, at: datetime) -> bool:
    state, authority = State(case.state), by.authority
    if state == State.RETURNED:
        return True
    if state == State.APPROVED:
        return case.awaits_ratification or local_date(case.state_since) == local_date(at)
    if state not in STEP_PERMISSION or by.pk in (case.author_id, case.handed_in_by_id):
        return False
    permission = STEP_PERMISSION[state]
    return (
        authority.allows(permission, case.group_id)
        or authority.allows(Permission.OVERRIDE, case.group_id)
        or bool(authority.acting_for(permission, case.kind, case.group_id, case.due_on))
    )
