"""成果转化: what became of a suggestion of an approved research report."""

from datetime import datetime

from django.db import transaction

from accounts.actions.records import add_record
from accounts.models import User
from materials.models import Outcome, Submission
from materials.models.paper_kind import RESEARCH_REPORT
from studygroup.lib.errors import Refused


@transaction.atomic
def add_outcome(outcome: Outcome, *, by: User, at: datetime) -> Outcome:
    """Enter one. Refused for a paper that is no research report or has not passed."""
    paper = Submission.objects.select_related("review").select_for_update(of=("self",)).get(pk=outcome.submission_id)
    if paper.kind != RESEARCH_REPORT or not paper.review.is_approved:
        raise Refused("只有审核通过的调研报告才能登记成果转化。")
    outcome.added_by = by
    return add_record(outcome, by=by, at=at)
