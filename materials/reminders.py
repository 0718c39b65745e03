"""What people are reminded of from this floor: papers they were asked for."""

from collections.abc import Collection, Iterator
from datetime import date, timedelta

from django.urls import reverse

from accounts.reminders import DueLine, Matter, Source, how_long, is_day, key_of, register_source
from materials.models import PaperRequest, PaperRequestPerson
from studygroup.lib.parse import quoted

ASKED = "paper_request"
NO_LONGER = "paper_request_no_longer"  # a plain notice: nothing is left to do
FURTHEST = timedelta(days=60)  # before a due date nobody is reminded earlier


def day_told(day: date) -> str:
    return f"{day.month}月{day.day}日"


def name_of(request: PaperRequest) -> str:
    """“心得体会《学习贯彻……》”."""
    return f"{request.kind_name}{quoted(request.title)}"


def address_of(request_id: int) -> str:
    """Where the paper is written."""
    return f"{reverse('submission_create')}?request={request_id}"


def line_of(request: PaperRequest, person_id: int, text: str) -> DueLine:
    return DueLine(person_id, request.group_id, key_of(ASKED, request.pk), text, address_of(request.pk))


def asked_text(request: PaperRequest) -> str:
    words = f"，不少于 {request.words_wanted} 字" if request.words_wanted else ""
    return f"请于{day_told(request.due_on)}前交{name_of(request)}{words}。"


def due_text(request: PaperRequest, day: date) -> str:
    return f"{name_of(request)}{day_told(request.due_on)}截止，{how_long(request.days_left(day))}，请抓紧提交。"


def papers_due(day: date) -> Iterator[DueLine]:
    """Who owes a paper, on the days his group reminds: two statements."""
    near = PaperRequest.objects.filter(closed_at=None, due_on__lte=day + FURTHEST).select_related("group")
    today = {request.pk: request for request in near if is_day(request.days_left(day), request.group.reminds_before)}
    owing = PaperRequestPerson.objects.owing().on_roster(day).filter(request__in=today).order_by("request__due_on")
    for request_id, person_id in owing.values_list("request", "person"):
        request = today[request_id]
        yield line_of(request, person_id, due_text(request, day))


def papers_open(person_id: int, day: date) -> Iterator[DueLine]:
    """What one person owes, soonest first."""
    owing = PaperRequestPerson.objects.owing().on_roster(day).filter(person=person_id).select_related("request")
    for row in owing.filter(request__due_on__lte=day + FURTHEST).order_by("request__due_on", "pk"):
        yield line_of(row.request, person_id, due_text(row.request, day))


def still_owed(matters: Collection[Matter]) -> set[Matter]:
    rows = PaperRequestPerson.objects.owing().filter(
        person__in={person for person, _ in matters}, request__in={request for _, request in matters}
    )
    return set(rows.values_list("person", "request"))


def register_all() -> None:
    register_source(Source(ASKED, papers_due, still_owed, papers_open, settled="已交"))
