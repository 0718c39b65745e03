"""内部备注: what reviewers tell one another. Authors never see it."""

from datetime import datetime

from django.db import transaction

from accounts.models import User
from reviews.models import ReviewCase, ReviewNote
from reviews.models.note import may_read_notes
from studygroup.lib import audit
from studygroup.lib.errors import NotAllowed, Refused


@transaction.atomic
def add_note(*, case: ReviewCase, text: str, by: User, at: datetime) -> ReviewNote:
    """Refused for the author, whoever has handed it in, and who does not read the papers of the group that judges."""
    if not may_read_notes(case, by):
        raise NotAllowed("内部备注只在审核人之间使用。")
    if not text.strip():
        raise Refused("备注还是空的，请写几句再保存。")
    note = ReviewNote.objects.create(case=case, round=case.round, by=by, at=at, text=text.strip()[:1000])
    audit.record("review.note", target=case, by=by, at=at, group_id=case.group_id, note=note.pk)
    return note
