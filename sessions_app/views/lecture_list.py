"""报告会、授课: the list, by year, organiser, word and state."""

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.models import StudyGroup
from accounts.permissions import Permission
from accounts.views.records import Filters, filters_of
from reviews.chain import STEP_PERMISSION, State
from reviews.presentation import dots_html, returned_from
from sessions_app.documents.lecture import as_handed_in, standing_of
from sessions_app.models import Lecture
from sessions_app.models.lecture import LeadDays
from sessions_app.views.lecture import READ
from studygroup.lib.access import access
from studygroup.lib.paging import page_of

CHANGED = Q(review__approved_version__isnull=False) & ~Q(review__state=State.APPROVED)
STATES = {
    "waiting": ("审批中", Q(review__state__in=STEP_PERMISSION)),
    "approved": ("已批准", Q(review__state=State.APPROVED)),
    "changed": ("变更未批准", CHANGED),
    "returned": ("已退回", Q(review__state=State.RETURNED)),
    "draft": ("草稿", Q(review__state=State.DRAFT, review__approved_version=None)),
}


@dataclass(frozen=True)
class Asked:
    """What a list was asked for; nonsense is no filter."""

    filters: Filters
    organizers: list[StudyGroup]
    organizer: StudyGroup | None
    state: str
    rows: QuerySet[Lecture]  # of every state
    found: QuerySet[Lecture]

    @property
    def is_set(self) -> bool:
        return bool(self.filters.is_set or self.organizer or self.state)


def asked_for(request: HttpRequest) -> Asked:
    """Those of the organiser and those this committee approves, by year, organiser, word and state."""
    rows = Lecture.objects.visible_to(request.user)
    organizers = list(StudyGroup.objects.filter(pk__in=rows.order_by().values("organizer")).order_by("pk"))
    filters = filters_of(request, Permission.READ_SESSIONS, (rows, "starts_at"))
    if filters.year:
        rows = rows.in_year(filters.year)
    organizer = next((group for group in organizers if str(group.pk) == request.GET.get("organizer")), None)
    if organizer:
        rows = rows.filter(organizer=organizer)
    if filters.q:
        rows = rows.filter(Q(title__icontains=filters.q) | Q(lecturer_name__icontains=filters.q))
    state = request.GET.get("state", "")
    state = state if state in STATES else ""
    found = rows.filter(STATES[state][1]) if state else rows
    return Asked(filters, organizers, organizer, state, rows, found)


@access(READ)
def lecture_list(request: HttpRequest) -> HttpResponse:
    asked, at = asked_for(request), timezone.now()
    counts = asked.rows.order_by().aggregate(
        total=Count("pk"), **{slug: Count("pk", filter=which) for slug, (_, which) in STATES.items()}
    )
    rows = asked.found.select_related("organizer", "review").defer("outline").with_applied_at()
    page = page_of(request, rows.annotate(returned_from=returned_from("review__")))
    as_handed_in(page, request.user)
    lead = LeadDays(lecture.review.group_id for lecture in page)
    query = request.GET.copy()
    for name in ("state", "page"):
        query.pop(name, None)
    context = {
        "asked": asked,
        "page": page,
        "rows": [
            (
                lecture,
                dots_html(lecture.review, lecture.returned_from) if lecture.review.is_waiting else "",
                standing_of(lecture),
                lead.lateness(lecture, lecture.applied_at or at),
            )
            for lecture in page
        ],
        "total": counts["total"],
        "states": [(slug, label, counts[slug]) for slug, (label, _) in STATES.items() if counts[slug]],
        "query": query.urlencode(),
        "may_apply": request.user.authority.holds(Permission.MANAGE_SESSIONS),
        "sees_cards": request.user.authority.holds(Permission.READ_DRAFTS),
    }
    return render(request, "sessions_app/lecture_list.html", context)
