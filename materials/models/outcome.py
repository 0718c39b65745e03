from datetime import date

from django.db import models
from django.db.models import Q

from accounts.models import StudyGroup, User
from accounts.permissions import Permission
from materials.models.submission import Submission


class OutcomeQuerySet(models.QuerySet["Outcome"]):
    def visible_to(self, user) -> "OutcomeQuerySet":
        """Of the groups whose approved papers he reads; his own reports' and his own tasks."""
        readable = user.authority.groups_with(Permission.READ_APPROVED)
        return self.filter(Q(group__in=readable) | Q(submission__author=user) | Q(owner=user))

    def manageable_by(self, user) -> "OutcomeQuerySet":
        return self.filter(group__in=user.authority.groups_with(Permission.MANAGE_LIBRARY))

    def in_year(self, year: int) -> "OutcomeQuerySet":
        """The year of the adoption, never of its entry."""
        return self.filter(adopted_on__year=year)

    def overdue(self, today: date) -> "OutcomeQuerySet":
        return self.filter(done_on=None, due_on__lt=today)


class Outcome(models.Model):
    """成果转化: what became of a suggestion of a research report: document or meeting → measure → owner → result."""

    group = models.ForeignKey(StudyGroup, models.PROTECT, related_name="outcomes", verbose_name="学习组")
    submission = models.ForeignKey(Submission, models.PROTECT, related_name="outcomes", verbose_name="调研报告")
    suggestion = models.CharField("建议", max_length=300)
    adopted_in = models.CharField("采纳的文件或会议", max_length=200)
    adopted_on = models.DateField("采纳日期")
    measure = models.CharField("措施", max_length=500, blank=True)
    owner = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="责任人")
    owner_name = models.CharField("责任单位或责任人", max_length=100, blank=True)
    due_on = models.DateField("期限", null=True, blank=True)
    result = models.CharField("结果", max_length=500, blank=True)
    done_on = models.DateField("办结日期", null=True, blank=True)
    added_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="登记人")
    version = models.PositiveIntegerField(default=0, editable=False)

    objects = OutcomeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "成果转化"
        ordering = ["-adopted_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(done_on=None) | ~Q(result=""),
                name="outcome_done_with_result",
                violation_error_message="办结时请写明结果。",
            )
        ]
        indexes = [models.Index(fields=["group", "-adopted_on"], name="outcome_group_day")]

    def __str__(self) -> str:
        return self.suggestion

    @property
    def who(self) -> str:
        return "　".join(filter(None, [self.owner.name if self.owner else "", self.owner_name]))

    def standing(self, today: date) -> tuple[str, str]:
        """State as a badge says it: text and tone."""
        if self.done_on:
            return "办结", "good"
        return ("逾期", "bad") if self.due_on and self.due_on < today else ("办理中", "wait")
