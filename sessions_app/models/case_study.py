from django.db import models

from accounts.models import StudyGroup
from accounts.permissions import Permission
from sessions_app.models.session import StudySession


class CaseStudyQuerySet(models.QuerySet["CaseStudy"]):
    def visible_to(self, user) -> "CaseStudyQuerySet":
        return self.filter(group__in=user.authority.groups_with(Permission.READ_SESSIONS))


class CasePolarity(models.TextChoices):
    POSITIVE = "positive", "正面案例"
    NEGATIVE = "negative", "反面案例"


class CaseStudy(models.Model):
    """实践案例: 三元一体 has one positive and one negative case a week (卞桥镇)."""

    group = models.ForeignKey(StudyGroup, models.PROTECT, related_name="case_studies", verbose_name="学习组")
    session = models.ForeignKey(
        StudySession, models.PROTECT, null=True, blank=True, related_name="case_studies", verbose_name="学习活动"
    )
    held_on = models.DateField("日期")
    polarity = models.CharField("类别", max_length=10, choices=CasePolarity.choices)
    title = models.CharField("案例", max_length=200)
    presenter = models.CharField("介绍人", max_length=60)
    lesson = models.TextField("做法或教训", max_length=3000, blank=True)
    discussants = models.CharField("交流人", max_length=200, blank=True)
    measure = models.CharField("转化措施", max_length=300, blank=True)
    owner = models.CharField("责任人", max_length=60, blank=True)
    due_on = models.DateField("期限", null=True, blank=True)
    closed_on = models.DateField("办结日期", null=True, blank=True)
    version = models.PositiveIntegerField(default=0, editable=False)

    objects = CaseStudyQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "实践案例"
        ordering = ["-held_on", "polarity", "-pk"]
        indexes = [models.Index(fields=["group", "-held_on"], name="case_study_group_day")]

    def __str__(self) -> str:
        return self.title
