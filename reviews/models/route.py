from django.db import models
from django.db.models import Q

from accounts.models import StudyGroup
from reviews.chain import ALL_STEPS


class ReviewRoute(models.Model):
    """审核环节: which steps a kind of subject passes in this group; without a row the kind's own default holds."""

    group = models.ForeignKey(StudyGroup, models.PROTECT, related_name="review_routes", verbose_name="学习组")
    kind = models.SlugField("类别", db_index=False)
    steps = models.JSONField("环节")

    class Meta:
        verbose_name = verbose_name_plural = "审核环节"
        constraints = [models.UniqueConstraint(fields=["group", "kind"], name="review_route_once")]

    def __str__(self) -> str:
        return f"{self.group} {self.kind}"


class StepDeadline(models.Model):
    """办理期限: how many calendar days a step may take in this group; without a row it has no term."""

    group = models.ForeignKey(StudyGroup, models.PROTECT, related_name="step_deadlines", verbose_name="学习组")
    step = models.CharField("环节", max_length=16, choices=[(str(step), step.label) for step in ALL_STEPS])
    days = models.PositiveSmallIntegerField("几天内办理")

    class Meta:
        verbose_name = verbose_name_plural = "办理期限"
        constraints = [
            models.UniqueConstraint(fields=["group", "step"], name="step_deadline_once"),
            models.CheckConstraint(
                condition=Q(days__gte=1, days__lte=90),
                name="step_deadline_days",
                violation_error_message="办理期限应是 1 到 90 天。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_step_display()} {self.days} 天"
