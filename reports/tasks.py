"""What a worker does for this floor."""

from django.utils import timezone

from accounts.models import StudyGroup, User
from accounts.permissions import Permission
from reports.actions.dossier import DOSSIER, store_dossier, write_dossier
from reports.actions.year_report import YEAR_REPORT, store_year_report, write_workbook
from reports.statistics import SOURCES, year_figures
from reports.statistics.dossier import dossiers_of
from sessions_app.models import StudySession
from sessions_app.paperwork import with_facts
from studygroup.lib import jobs
from studygroup.lib.clock import local_date
from studygroup.lib.errors import Refused
from studygroup.lib.models import Job

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


@jobs.handler(DOSSIER)
def make_dossier(run: jobs.Run) -> jobs.Store:
    """Write what the person who asked may see into one archive. The time in it is that of the asking: done again, the
    bytes are the same."""
    job = Job.objects.select_related("requested_by").get(pk=run.job_id)
    by = job.requested_by
    assert by is not None
    seen = StudySession.objects.visible_to(by).filter(pk=run.params["session"])
    session = with_facts(seen.filter(group__in=by.authority.groups_with(Permission.READ_RECORDS))).first()
    if session is None:
        raise Refused("这次学习已看不到，没有生成档案包。")
    run.progress(10, "核对归档项目")
    [dossier] = dossiers_of([session], local_date(job.created_at))
    run.progress(20, "写入文书、材料和附件")
    made = f"{timezone.localtime(job.created_at):%Y-%m-%d %H:%M} 由{by.name}生成"
    path, number = write_dossier(dossier, by=by, at=job.created_at, made=made)
    run.progress(95, "保存结果")
    return lambda: store_dossier(session=session, path=path, number=number, by=by, at=job.created_at)
