from collections.abc import Iterable

from django.db import models
from django.db.models import Exists, ExpressionWrapper, OuterRef


class OrganizationLevel(models.TextChoices):
    COUNTY = "county", "县（区）委"
    TOWNSHIP = "township", "镇（乡、街道）党委"
    SUBORDINATE = "subordinate", "下级党组织"


class Organization(models.Model):
    """单位: a node of the tree county → township committee → subordinate committees.

    `path` holds the ids from the root, e.g. "/1/4/", so that everything below is one prefix search.
    """

    name = models.CharField("名称", max_length=100)
    short_name = models.CharField("简称", max_length=30)
    level = models.CharField("层级", max_length=12, choices=OrganizationLevel.choices)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name="上级单位"
    )
    path = models.CharField("路径", max_length=200, db_index=True, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "单位"
        ordering = ["path"]
        constraints = [
            models.UniqueConstraint(
                fields=["parent", "name"],
                name="organization_name_once_per_parent",
                violation_error_message="同一上级下已经有这个名称的单位。",
            ),
            models.UniqueConstraint(
                fields=["name"],
                condition=models.Q(parent=None),
                name="organization_name_once_at_the_top",
                violation_error_message="已经有这个名称的单位。",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class StudyGroupQuerySet(models.QuerySet["StudyGroup"]):
    def below(self, group_ids: Iterable[int]) -> list[int]:
        """Ids of the groups whose organisation lies below (not at) one of these groups' organisations."""
        above = StudyGroup.objects.filter(pk__in=list(group_ids)).exclude(pk=OuterRef("pk"))
        above = above.alias(here=ExpressionWrapper(OuterRef("organization__path"), models.CharField())).filter(
            here__startswith=models.F("organization__path")
        )
        return list(self.filter(Exists(above)).values_list("pk", flat=True))

    def visible_to(self, user) -> "StudyGroupQuerySet":
        """The groups he belongs to, works for or supervises."""
        return self.filter(pk__in=user.authority.roles.keys())

    def where(self, user, permission) -> "StudyGroupQuerySet":
        """The groups in which he holds the permission."""
        return self.filter(pk__in=user.authority.groups_with(permission))


class StudyGroup(models.Model):
    """党委理论学习中心组: belongs to one party committee. Its columns are the township's own rules."""

    organization = models.OneToOneField(
        Organization, models.PROTECT, related_name="study_group", verbose_name="所属单位"
    )
    name = models.CharField("名称", max_length=100)
    slug = models.SlugField("代号", unique=True, help_text="英文字母和数字，用于命令和文件名。")
    sign_in_opens_minutes = models.PositiveSmallIntegerField("提前几分钟开始签到", default=30)
    late_after_minutes = models.PositiveSmallIntegerField("开始几分钟后算迟到", default=0)
    sign_in_closes_minutes = models.PositiveSmallIntegerField("开始几分钟后停止签到", default=120)
    reopen_within_days = models.PositiveSmallIntegerField("结束后几天内可以重新打开", default=30)
    make_up_days = models.PositiveSmallIntegerField("补学期限（天）", default=14)
    make_up_for_late = models.BooleanField("迟到也要补学", default=False)
    reminder_days = models.CharField("到期前几天提醒", max_length=20, default="7,3,1")
    version = models.PositiveIntegerField(default=0, editable=False)

    objects = StudyGroupQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "学习中心组"
        ordering = ["organization__path"]

    def __str__(self) -> str:
        return self.name

    @property
    def reminds_before(self) -> frozenset[int]:
        """Days before a due date on which people are reminded; the day itself always."""
        return frozenset(int(day) for day in self.reminder_days.split(",") if day)
