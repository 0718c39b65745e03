"""What goes on paper: the register of lectures in Excel, 前置审批表 to print and in Word."""

from collections import defaultdict
from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from reviews.models import ReviewEntry
from sessions_app.documents.lecture import as_handed_in, lecture_form_blocks, register_cells
from sessions_app.exports.lecture import lecture_register as register_bytes
from sessions_app.models import Lecture, LectureFile
from sessions_app.models.lecture import LeadDays
from sessions_app.views.lecture import READ, find_lecture
from sessions_app.views.lecture_list import asked_for
from studygroup.lib.access import access
from studygroup.lib.clock import local_date
from studygroup.lib.errors import Refused
from studygroup.lib.files import send_made
from studygroup.lib.office.word import document_bytes

FORM_TITLE = "报告会、授课前置审批表"


@access(READ)
def lecture_register(request: HttpRequest) -> HttpResponse:
    """What the list shows, without drafts never handed in."""
    asked, at = asked_for(request), timezone.now()
    rows = asked.found.filter(review__round__gt=0).select_related("organizer", "review").with_applied_at()
    lectures = list(rows.order_by("starts_at", "pk"))
    as_handed_in(lectures, request.user)
    histories, files = _histories(lectures), _files(lectures)
    lead = LeadDays(lecture.review.group_id for lecture in lectures)
    cells = [
        register_cells(row, histories[row.review_id], files[row.pk], lead.lateness(row, row.applied_at))
        for row in lectures
    ]
    which = f"{asked.filters.year}年" if asked.filters.year else ""
    title = f"{which}报告会、授课前置审批台账"
    note = f"共 {len(cells)} 场，导出于 {local_date(at):%Y-%m-%d}。"
    return send_made(register_bytes(title, cells, note), f"{title}.xlsx")


def _handed_in(request: HttpRequest, pk: int) -> Lecture:
    lecture = find_lecture(request, pk=pk)
    if not lecture.review.round:
        raise Refused("这份申请还没有提交，提交后才有审批表。")
    return lecture


def _histories(lectures: Sequence[Lecture]) -> dict[int, list[ReviewEntry]]:
    entries = ReviewEntry.objects.filter(case__in=[lecture.review_id for lecture in lectures])
    found = defaultdict(list)
    people = entries.select_related("by", "on_behalf_of", "subject_version").defer("subject_version__content")
    for entry in people.order_by("pk"):
        found[entry.case_id].append(entry)
    return found


def _files(lectures: Sequence[Lecture]) -> dict[int, list[LectureFile]]:
    found = defaultdict(list)
    for file in LectureFile.objects.of_application().filter(lecture__in=lectures):
        found[file.lecture_id].append(file)
    return found


@access(READ)
def lecture_form(request: HttpRequest, pk: int) -> HttpResponse:
    lecture = _handed_in(request, pk)
    context = {"lecture": lecture, "title": FORM_TITLE, "blocks": lecture_form_blocks(lecture.review)}
    return render(request, "sessions_app/lecture_form.html", context)


@access(READ)
def lecture_form_word(request: HttpRequest, pk: int) -> HttpResponse:
    lecture = _handed_in(request, pk)
    content = document_bytes(FORM_TITLE, lecture_form_blocks(lecture.review), at=timezone.now())
    return send_made(content, f"{FORM_TITLE}（{lecture.title}）.docx")
