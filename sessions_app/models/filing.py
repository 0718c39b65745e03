from django.db import models

from accounts.models import StudyGroup, User
from accounts.permissions import Permission


class FilingSubject(models.TextChoices):
    ANNUAL_PLAN = "annual_plan", "年度学习计划"
    ROSTER = "roster", "学习组名单"
    YEAR_REPORT = "year_report", "年度学习情况报告"


class FilingQuerySet(models.QuerySet["Filing"]):
    def visible_to(self, user) -> "FilingQuerySet":
        return self.filter(group__in=user.authority.groups_with(Permission.READ_RECORDS))


class Filing(models.Model):
    """报备: what was reported upward, to whom and when, with the receipt (plan, roster and report by 31 January).

    `year` is that of the thing reported: the report on 2025 is filed in January 2026 with year 2025.
    """

    group = models.ForeignKey(StudyGroup, models.PROTECT, related_name="filings", verbose_name="学习组")
    subject = models.CharField("报备内容", max_length=16, choices=FilingSubject.choices)
    year = models.PositiveSmallIntegerField("年度")
    filed_to = models.CharField("报备给", max_length=100)
    filed_on = models.DateField("报备日期")
    filed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="经办人")
    note = models.CharField("备注", max_length=200, blank=True)
    receipt = models.FileField("回执", upload_to="filings", max_length=200, blank=True)
    receipt_name = models.CharField("回执文件名", max_length=150, blank=True)
    receipt_sha256 = models.CharField("回执 SHA-256", max_length=64, blank=True)
    version = models.PositiveIntegerField(default=0, editable=False)

    objects = FilingQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "报备"
        ordering = ["-filed_on", "-pk"]
        indexes = [models.Index(fields=["group", "year", "subject"], name="filing_group_year")]

    def __str__(self) -> str:
        return f"{self.thing}报备"

    @property
    def thing(self) -> str:
        """What was reported, with its year: “2026年度学习计划”, “2026年学习组名单”."""
        label = self.get_subject_display()
        return f"{self.year}{label}" if label.startswith("年") else f"{self.year}年{label}"
