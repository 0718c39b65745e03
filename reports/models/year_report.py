from django.db import models

from accounts.models import StudyGroup, User
from accounts.permissions import Permission


class YearReportQuerySet(models.QuerySet["YearReport"]):
    def visible_to(self, user) -> "YearReportQuerySet":
        return self.filter(group__in=user.authority.groups_with(Permission.READ_FIGURES))


class YearReport(models.Model):
    """年度统计: the figures of one group and year as they came out of the rows at one moment.

    `figures` is a list of reports.statistics.Figure as plain data, each with the ids it counted; the workbook was
    written from the same list.
    """

    group = models.ForeignKey(StudyGroup, models.PROTECT, related_name="year_reports", verbose_name="学习组")
    year = models.PositiveSmallIntegerField("年度")
    figures = models.JSONField("数字")
    workbook = models.FileField("工作簿", upload_to="reports", max_length=200)
    made_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="生成人")
    made_at = models.DateTimeField("生成时间")

    objects = YearReportQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "年度统计"
        ordering = ["-made_at", "-pk"]
        indexes = [models.Index(fields=["group", "year", "-made_at"], name="year_report_group_year")]

    def __str__(self) -> str:
        return f"{self.group} {self.year}年度统计"
