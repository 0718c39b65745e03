"""年度统计: which years have been counted, what came out, and the rows behind each number."""

from dataclasses import dataclass

from django.contrib import messages
from django.core.paginator import Page
from django.db.models.functions import ExtractYear
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from accounts.models import StudyGroup, User
from accounts.permissions import Permission, holds
from materials.models import Distribution, PublicityColumn, PublicityPush, Submission
from reports.actions.year_report import YEAR_REPORT, report_title, start_year_report
from reports.forms import MakeReportForm
from reports.models import YearReport
from reports.statistics import EvidenceRow, Figure, left_out_rows, rows_of, year_figures
from reports.statistics.evidence import BOOK, CASE, PAPER_REQUEST
from reports.statistics.sources import LECTURE, OBSERVATION, SESSION, SUBMISSION
from reviews.chain import State
from sessions_app.models import Lecture, StudySession
from studygroup.lib.access import access
from studygroup.lib.errors import Refused
from studygroup.lib.files import send
from studygroup.lib.models import Job
from studygroup.lib.paging import page_of

READ = holds(Permission.READ_FIGURES)
MAKE = holds(Permission.MAKE_FIGURES)
CRUMB = ("年度统计", "report_list")
# Where the row behind a number has a page of its own.
PAGES = {
    SESSION: "session_detail",
    SUBMISSION: "submission_detail",
    LECTURE: "lecture_detail",
    BOOK: "book_detail",
    OBSERVATION: "observation_detail",
    CASE: "review_detail",
    PAPER_REQUEST: "paper_request_detail",
}


# -- 列表、生成 ------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """One group and year of the list, with the last report made and the job on its way."""

    group: StudyGroup
    year: int
    report: YearReport | None
    is_running: bool
    may_make: bool


@access(READ)
def report_list(request: HttpRequest) -> HttpResponse:
    """Every group and year with something to count, newest first."""
    groups = {group.pk: group for group in StudyGroup.objects.where(request.user, Permission.READ_FIGURES)}
    page = page_of(request, _years_of(groups))
    lines = _lines(request.user, groups, page)
    return render(request, "reports/report_list.html", {"page": page, "lines": lines})


def _years_of(groups: dict[int, StudyGroup]) -> list[tuple[int, int]]:
    """(year, group id) of everything that is counted, and this year for everybody: one statement. A draft makes no
    year of its own: nobody is to learn of it."""
    pairs = [
        rows.filter(**{f"{group}__in": groups}).order_by().values_list(ExtractYear(day), group).distinct()
        for rows, day, group in (
            (StudySession.objects.all(), "starts_at", "group"),
            (Submission.objects.exclude(review__state=State.DRAFT), "written_on", "group"),
            (Lecture.objects.exclude(review__state=State.DRAFT), "starts_at", "review__group"),
            (Distribution.objects.all(), "handed_out_on", "group"),
            (PublicityPush.objects.all(), "pushed_on", "group"),
            (PublicityColumn.objects.all(), "opened_on", "group"),
        )
    ]
    found = {(timezone.localdate().year, group_id) for group_id in groups}
    found |= set(pairs[0].union(*pairs[1:]))
    order = {pk: position for position, pk in enumerate(groups)}
    return sorted(found, key=lambda pair: (-pair[0], order[pair[1]]))


def _lines(user: User, groups: dict[int, StudyGroup], page: Page) -> list[Line]:
    pairs = list(page)
    reports = YearReport.objects.visible_to(user).filter(
        year__in={year for year, _ in pairs}, group__in={group for _, group in pairs}
    )
    latest: dict[tuple[int, int], YearReport] = {}
    for report in reports.defer("figures").select_related("made_by"):
        latest.setdefault((report.year, report.group_id), report)
    running = set(Job.objects.active().filter(kind=YEAR_REPORT).values_list("key", flat=True))
    makeable = user.authority.groups_with(Permission.MAKE_FIGURES)
    return [
        Line(groups[pk], year, latest.get((year, pk)), f"{pk}:{year}" in running, pk in makeable) for year, pk in pairs
    ]


@access(MAKE, "POST", form=MakeReportForm)
def report_make(request: HttpRequest) -> HttpResponse:
    """Start the job and go to its page; somebody else's running job is only told."""
    form = MakeReportForm(request.POST)
    if not form.is_valid():
        raise Refused("；".join(message for errors in form.errors.values() for message in errors))
    group = get_object_or_404(StudyGroup.objects.visible_to(request.user), pk=form.cleaned_data["group"])
    job, _started = start_year_report(group=group, year=form.cleaned_data["year"], by=request.user, at=timezone.now())
    if job.requested_by_id == request.user.pk:
        address = reverse("job_detail", args=[job.pk])
    else:
        messages.info(request, f"{job.title}正由其他同志生成，稍后刷新本页即可看到。")
        address = reverse("report_list")
    response = redirect(address)
    response.status_code = 303
    return response


# -- 一份统计 --------------------------------------------------------------------


def _find(request: HttpRequest, pk: int) -> YearReport:
    return get_object_or_404(YearReport.objects.visible_to(request.user).select_related("group", "made_by"), pk=pk)


def _figures(report: YearReport) -> list[Figure]:
    return [Figure.from_plain(data) for data in report.figures]


def _title(report: YearReport) -> str:
    return report_title(report.group, report.year)


@access(READ)
def report_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The figures as they were counted, and what has changed since."""
    report = _find(request, pk)
    figures = _figures(report)
    context = {
        "report": report,
        "title": _title(report),
        "figures": [figure for figure in figures if figure.evidence.ids or figure.left_out],
        "nothing": [figure for figure in figures if not (figure.evidence.ids or figure.left_out)],
        "changes": _changes(figures, year_figures(report.group, report.year)),
        "crumbs": [(CRUMB[0], reverse(CRUMB[1]))],
        "may_make": request.user.authority.allows(Permission.MAKE_FIGURES, report.group_id),
    }
    return render(request, "reports/report_detail.html", context)


def _changes(then: list[Figure], live: list[Figure]) -> list[tuple[Figure, Figure]]:
    """Figures that would come out differently now, by number or by the rows counted."""
    now = {figure.code: figure for figure in live}
    pairs = [(figure, now[figure.code]) for figure in then if figure.code in now]
    return [(a, b) for a, b in pairs if a.value != b.value or set(a.evidence.ids) != set(b.evidence.ids)]


@access(READ)
def report_figure(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """One number: how it is counted, the rows it counted, and with ?show=left_out those it did not."""
    report = _find(request, pk)
    figure = next((figure for figure in _figures(report) if figure.code == code), None)
    if figure is None:
        raise Http404
    left_out = request.GET.get("show") == "left_out"
    page = page_of(request, figure.left_out if left_out else figure.evidence.ids)
    reads_papers = request.user.authority.allows(Permission.READ_PAPERS, report.group_id)
    model, inside = figure.evidence.model, {"inside": reads_papers}
    rows = left_out_rows(page, **inside) if left_out else rows_of(model, list(page), **inside)
    context = {
        "report": report,
        "figure": figure,
        "left_out": left_out,
        "page": page,
        "rows": [(row, _address(row, reads_papers)) for row in rows],
        "crumbs": [(CRUMB[0], reverse(CRUMB[1])), (_title(report), reverse("report_detail", args=[report.pk]))],
    }
    return render(request, "reports/report_figure.html", context)


def _address(row: EvidenceRow, reads_papers: bool) -> str:
    """Who asked whom for what is the group's own; from above only the rows are read."""
    if row.page is None or row.page[0] not in PAGES or (row.page[0] == PAPER_REQUEST and not reads_papers):
        return ""
    return reverse(PAGES[row.page[0]], args=[row.page[1]])


@access(READ)
def report_workbook(request: HttpRequest, pk: int) -> FileResponse | HttpResponse:
    report = _find(request, pk)
    try:
        return send(report.workbook, f"{_title(report)}.xlsx")
    except FileNotFoundError:
        messages.error(request, "工作簿文件已不在，请重新生成。")
        return redirect("report_detail", pk)
