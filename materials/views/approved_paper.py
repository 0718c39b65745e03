"""定稿: the text of a paper as it was approved, to print or to take away; never what is being written since."""

from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from materials.models import Submission
from materials.statistics.booklet import chapters_of
from reviews.views.opening import note_outcome
from studygroup.lib.access import SIGNED_IN, access
from studygroup.lib.files import send_made
from studygroup.lib.office.characters import file_name
from studygroup.lib.office.word import document_bytes
from studygroup.lib.office.word_book import Chapter


def _approved(request: HttpRequest, pk: int) -> tuple[Submission, Chapter]:
    rows = Submission.objects.visible_to(request.user).filter(review__approved_version__isnull=False)
    rows = rows.select_related("author", "group", "review__approved_version").defer("body")
    submission = get_object_or_404(rows, pk=pk)
    version = submission.review.approved_version
    assert version is not None
    note_outcome(request, submission.review)
    [chapter] = chapters_of([submission], submission.group, in_parts=False)
    if not chapter.blocks:  # handed in as files alone: say at least which
        files = [block for block in version.content if block["type"] == "file"]
        chapter = replace(chapter, blocks=files)
    return submission, chapter


@access(SIGNED_IN)
def submission_print(request: HttpRequest, pk: int) -> HttpResponse:
    submission, chapter = _approved(request, pk)
    context = {"submission": submission, "chapter": chapter, "version": submission.review.approved_version}
    return render(request, "materials/submission_print.html", context)


@access(SIGNED_IN)
def submission_word(request: HttpRequest, pk: int) -> HttpResponse:
    submission, chapter = _approved(request, pk)
    blocks = [{"type": "byline", "text": chapter.byline}, *chapter.blocks]
    name = f"{file_name(f'{submission.author.name} {chapter.title}')}.docx"
    return send_made(document_bytes(chapter.title, blocks, at=timezone.now()), name)
