from django.db import models
from django.db.models import Q

from accounts.models import StudyGroup, User
from accounts.permissions import Permission


class CorrectionPart(models.TextChoices):
    """Which part of the personal study file is said to be wrong."""

    ATTENDANCE = "attendance", "参加学习"
    MAKE_UP = "make_up", "请假补学"
    SPEECHES = "speeches", "领学发言"
    PAPERS = "papers", "学习材料"
    STUDIES = "studies", "自学读书"
    VISITS = "visits", "蹲点调研"
    OTHER = "other", "其他"


class CorrectionState(models.TextChoices):
    ASKED = "asked", "待办理"
    CORRECTED = "corrected", "已更正"
    KEPT = "kept", "登记无误，不更正"


class CorrectionRequestQuerySet(models.QuerySet["CorrectionRequest"]):
    def visible_to(self, user) -> "CorrectionRequestQuerySet":
        kept = user.authority.groups_with(Permission.MANAGE_SESSIONS)
        return self.filter(Q(person=user) | Q(group__in=kept))

    def awaiting(self, user) -> "CorrectionRequestQuerySet":
        """What the office has to answer; nobody answers his own."""
        kept = user.authority.groups_with(Permission.MANAGE_SESSIONS)
        return self.filter(state=CorrectionState.ASKED, group__in=kept).exclude(person=user)


class CorrectionRequest(models.Model):
    """更正申请: a person says what is wrong in his study file; the office corrects the rows or says why not."""

    group = models.ForeignKey(StudyGroup, models.PROTECT, related_name="+", verbose_name="学习组")
    person = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="申请人")
    year = models.PositiveSmallIntegerField("年度")
    part = models.CharField("哪一部分", max_length=12, choices=CorrectionPart.choices)
    text = models.TextField("应当怎样", max_length=1000)
    asked_at = models.DateTimeField("申请时间")
    state = models.CharField("状态", max_length=10, choices=CorrectionState.choices, default=CorrectionState.ASKED)
    answer = models.CharField("办理说明", max_length=300, blank=True)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="办理人")
    answered_at = models.DateTimeField("办理时间", null=True)
    version = models.PositiveIntegerField(default=0, editable=False)

    objects = CorrectionRequestQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "更正申请"
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state=CorrectionState.ASKED) | (~Q(answer="") & Q(answered_at__isnull=False)),
                name="correction_answered_with_words",
                violation_error_message="请写明怎样办理的。",
            )
        ]
        indexes = [models.Index(fields=["group", "state"], name="correction_group_state")]

    def __str__(self) -> str:
        return f"{self.person} {self.year}年 {self.get_part_display()}"
