"""后台任务: one page to wait on, with or without JavaScript. Leaving it is fine."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from materials.actions.booklet import BOOKLET
from reports.actions.dossier import DOSSIER
from reports.actions.year_report import YEAR_REPORT
from studygroup.lib.access import SIGNED_IN, access
from studygroup.lib.models import Job
from studygroup.lib.models.job import JobState

# Where a kind of job is asked for again, with its own parameters.
AGAIN = {YEAR_REPORT: "report_make", DOSSIER: "dossier_make"}
CRUMBS = {
    YEAR_REPORT: [("年度统计", "report_list")],
    DOSSIER: [("一学一档", "dossier_list")],
    BOOKLET: [("成果汇编", "booklet_list")],
}


def _context(request: HttpRequest, pk: int) -> dict[str, Any]:
    job = get_object_or_404(Job.objects.visible_to(request.user), pk=pk)
    again = AGAIN.get(job.kind)
    return {
        "job": job,
        "crumbs": [(label, reverse(name)) for label, name in CRUMBS.get(job.kind, [])],
        "done": job.state == JobState.DONE,
        "failed": job.state == JobState.FAILED,
        "address": job.result.get("address", ""),
        "again": reverse(again) if again else "",
        "params": job.params.items(),
        "step": job.steps[-1] if job.steps else "正在等待处理",
        "earlier": job.steps[:-1] if job.is_active else job.steps,
    }


@access(SIGNED_IN)
def job_detail(request: HttpRequest, pk: int) -> HttpResponse:
    return render(request, "jobs/job_detail.html", _context(request, pk))


@access(SIGNED_IN)
def job_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The part of the page that changes; it asks for itself again only while the job runs."""
    return render(request, "jobs/_progress.html", _context(request, pk))
