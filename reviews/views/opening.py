"""What a page notes when somebody looks at it; nothing when only a program asks for it."""

from django.http import HttpRequest
from django.utils import timezone

from reviews import actions
from reviews.models import ReviewCase, ReviewVersion
from studygroup.lib.looking import is_looked_at


def note_opening(request: HttpRequest, case: ReviewCase, version: ReviewVersion | None) -> None:
    if is_looked_at(request):
        actions.note_opening(case=case, version=version, by=request.user, at=timezone.now())


def note_outcome(request: HttpRequest, case: ReviewCase) -> None:
    if is_looked_at(request):
        actions.note_outcome(case=case, by=request.user, at=timezone.now())
