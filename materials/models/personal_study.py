from django.db import models

from accounts.models import StudyGroup, User
from accounts.permissions import Permission


class PersonalStudyQuerySet(models.QuerySet["PersonalStudy"]):
    def visible_to(self, user) -> "PersonalStudyQuerySet":
        return self.filter(
            models.Q(person=user) | models.Q(group__in=user.authority.groups_with(Permission.READ_PAPERS))
        )


class PersonalStudyKind(models.TextChoices):
    BOOK = "book", "读书"
    FIELD_VISIT = "field_visit", "蹲点调研"
    STUDY_HOURS = "study_hours", "自学学时"


class PersonalStudy(models.Model):
    """个人自学: a book read, a stay in a village, or a month's study hours — the member's own summary (1112 工程).

    Never measured by the machine: whoever writes it says it. `amount` is 1 for a book or a visit, hours otherwise.
    """

    group = models.ForeignKey(StudyGroup, models.PROTECT, related_name="personal_studies", verbose_name="学习组")
    person = models.ForeignKey(User, models.PROTECT, related_name="personal_studies", verbose_name="人员")
    kind = models.CharField("类别", max_length=12, choices=PersonalStudyKind.choices)
    done_on = models.DateField("日期")
    title = models.CharField("书名、地点或内容", max_length=200)
    amount = models.PositiveSmallIntegerField("数量", default=1)
    note = models.TextField("收获", max_length=2000, blank=True)
    version = models.PositiveIntegerField(default=0, editable=False)

    objects = PersonalStudyQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "个人自学"
        ordering = ["-done_on", "-pk"]
        indexes = [models.Index(fields=["group", "kind", "-done_on"], name="personal_study_group")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(amount__gte=1),
                name="personal_study_amount",
                violation_error_message="数量至少是 1。",
            )
        ]

    def __str__(self) -> str:
        return self.title
