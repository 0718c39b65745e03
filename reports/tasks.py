"""What a worker does for this floor."""

from django.utils import timezone

from accounts.models import StudyGroup, User
from reports.actions.year_report import YEAR_REPORT, store_year_report, write_workbook
from reports.statistics import SOURCES, year_figures
from studygroup.lib import jobs

WRITING = 80  # percent done when the counting is over


@jobs.handler(YEAR_REPORT)
def make_year_report(run: jobs.Run) -> jobs.Store:
    """Count, write the workbook, and hand back how to store both."""
    group = StudyGroup.objects.get(pk=run.params["group"])
    year = run.params["year"]
    by = User.objects.filter(pk=run.requested_by_id).first()
    figures = year_figures(
        group, year, reading=lambda number, step: run.progress(WRITING * number // len(SOURCES), step)
    )
    run.progress(WRITING, "写入工作簿")
    at = timezone.now()
    workbook = write_workbook(group=group, year=year, figures=figures, by=by, at=at)
    run.progress(95, "保存结果")
    return lambda: store_year_report(group=group, year=year, figures=figures, workbook=workbook, by=by, at=at)
