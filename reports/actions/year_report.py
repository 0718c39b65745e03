"""年度统计: asked for by whoever keeps the figures, made by a worker, stored once."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.actions.people import require
from accounts.models import StudyGroup, User
from accounts.permissions import Permission
from reports.exports import year_workbook
from reports.models import YearReport
from reports.statistics import Figure, evidence_tables, left_out_rows
from studygroup.lib import audit, jobs
from studygroup.lib.models import Job

YEAR_REPORT = "year_report"


def report_title(group: StudyGroup, year: int) -> str:
    return f"{group.name}{year}年度统计"


def start_year_report(*, group: StudyGroup, year: int, by: User, at: datetime) -> tuple[Job, bool]:
    """Queue the job; while one for this group and year is on its way, that one is returned with False."""
    require(by, Permission.MAKE_FIGURES, group.pk)
    return jobs.start(
        kind=YEAR_REPORT,
        key=f"{group.pk}:{year}",
        title=report_title(group, year),
        params={"group": group.pk, "year": year},
        by=by,
        at=at,
    )


def write_workbook(*, group: StudyGroup, year: int, figures: Sequence[Figure], by: User | None, at: datetime) -> bytes:
    """The workbook of these figures; who counted them and when stands at its foot."""
    left_out = [(figure.label, row) for figure in figures if figure.left_out for row in left_out_rows(figure.left_out)]
    made = f"生成时间：{timezone.localtime(at):%Y-%m-%d %H:%M}" + (f"　生成人：{by.name}" if by else "")
    return year_workbook(
        title=report_title(group, year),
        made=made,
        figures=figures,
        tables=evidence_tables(figures),
        left_out=left_out,
    )


@transaction.atomic
def store_year_report(
    *, group: StudyGroup, year: int, figures: Sequence[Figure], workbook: bytes, by: User | None, at: datetime
) -> dict[str, Any]:
    """Keep the figures with the workbook written from them; the answer tells the job's page where they are."""
    report = YearReport.objects.create(
        group=group,
        year=year,
        figures=[asdict(figure) for figure in figures],
        workbook=ContentFile(workbook, name="year.xlsx"),
        made_by=by,
        made_at=at,
    )
    audit.record("year_report.make", target=report, by=by, at=at, group_id=group.pk, year=year)
    return {"address": reverse("report_detail", args=[report.pk])}
