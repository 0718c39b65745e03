from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q


class JobState(models.TextChoices):
    QUEUED = "queued", "排队中"
    RUNNING = "running", "进行中"
    DONE = "done", "已完成"
    FAILED = "failed", "未成功"


ACTIVE = (JobState.QUEUED, JobState.RUNNING)


class JobQuerySet(models.QuerySet["Job"]):
    def visible_to(self, user) -> "JobQuerySet":
        """Whoever asked for a job sees it; what it made has its own rules."""
        return self.filter(requested_by=user)

    def active(self) -> "JobQuerySet":
        return self.filter(state__in=ACTIVE)

    def claimable(self, at: datetime) -> "JobQuerySet":
        """Queued, or running under a lease nobody renews any more."""
        return self.filter(Q(state=JobState.QUEUED) | Q(state=JobState.RUNNING, lease_until__lt=at))


class Job(models.Model):
    """后台任务: the row is the truth; the broker only carries its number.

    `key` names what the job is about: at most one active job has a given key.
    `fence` grows with every claim; a runner whose fence is old may write nothing more.
    """

    kind = models.SlugField("类别")
    key = models.CharField("对象", max_length=120)
    title = models.CharField("名称", max_length=120)
    params = models.JSONField("参数", default=dict)
    state = models.CharField("状态", max_length=10, choices=JobState.choices, default=JobState.QUEUED)
    percent = models.PositiveSmallIntegerField("进度", default=0)
    steps = models.JSONField("步骤", default=list)
    result = models.JSONField("结果", default=dict)
    error = models.CharField("未成功的原因", max_length=500, blank=True)
    attempts = models.PositiveSmallIntegerField("执行次数", default=0)
    fence = models.PositiveIntegerField("执行序号", default=0)
    lease_until = models.DateTimeField("占用到", null=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="发起人"
    )
    created_at = models.DateTimeField("发起时间")
    finished_at = models.DateTimeField("结束时间", null=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "后台任务"
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "key"], condition=Q(state__in=ACTIVE), name="job_one_active_per_key"
            ),
        ]
        indexes = [
            models.Index(fields=["state", "lease_until"], condition=Q(state__in=ACTIVE), name="job_active"),
            models.Index(fields=["requested_by", "-created_at"], name="job_requested_by"),
        ]

    def __str__(self) -> str:
        return f"{self.title}（{self.get_state_display()}）"

    @property
    def is_active(self) -> bool:
        return self.state in ACTIVE


class Heartbeat(models.Model):
    """心跳: when a part of the installation last said it is alive."""

    name = models.SlugField(primary_key=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name = verbose_name_plural = "心跳"

    def __str__(self) -> str:
        return self.name
