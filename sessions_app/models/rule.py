from django.db import models
from django.db.models import Q

from accounts.models import StudyGroup
from accounts.permissions import Permission


class RulePeriod(models.TextChoices):
    DAY = "day", "每日"
    MONTH = "month", "每月"
    QUARTER = "quarter", "每季度"
    HALF = "half", "每半年"
    YEAR = "year", "每年"


class StudyRuleQuerySet(models.QuerySet["StudyRule"]):
    def visible_to(self, user) -> "StudyRuleQuerySet":
        return self.filter(group__in=user.authority.groups_with(Permission.READ_PLANS))


class StudyRule(models.Model):
    """学习要求: how much of what in which period, or until which day of the year, this township asks for.

    It holds from `from_year` until a later row of the same measure and period; earlier years keep theirs. `measure` is
    the slug of a 学习形式 or of one of the measures the floors register.
    """

    group = models.ForeignKey(StudyGroup, models.PROTECT, related_name="study_rules", verbose_name="学习组")
    measure = models.SlugField("考核内容", db_index=False)
    period = models.CharField("周期", max_length=10, choices=RulePeriod.choices)
    from_year = models.PositiveSmallIntegerField("从哪年起")
    minimum = models.PositiveSmallIntegerField("标准", default=1)
    due_month = models.PositiveSmallIntegerField("截止月", null=True, blank=True)
    due_day = models.PositiveSmallIntegerField("截止日", null=True, blank=True)
    is_active = models.BooleanField("启用", default=True)
    basis = models.CharField("依据", max_length=200, blank=True)
    version = models.PositiveIntegerField(default=0, editable=False)

    objects = StudyRuleQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "学习要求"
        ordering = ["group", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["group", "measure", "period", "from_year"],
                name="study_rule_once",
                violation_error_message="这一年已经有同样内容、同样周期的要求，请直接修改。",
            ),
            models.CheckConstraint(
                condition=Q(due_month=None, due_day=None) | Q(due_month__range=(1, 12), due_day__range=(1, 31)),
                name="study_rule_due_date",
                violation_error_message="截止日期应写明几月几日。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.measure} {self.get_period_display()} {self.minimum}"
