from django.db import models

from accounts.models import StudyGroup, User
from accounts.permissions import Permission
from sessions_app.models import StudySession
from sessions_app.models.plan import ContentClass, SourceLevel


class LibraryQuerySet(models.QuerySet):
    def visible_to(self, user) -> "LibraryQuerySet":
        return self.filter(group__in=user.authority.groups_with(Permission.READ_LIBRARY))

    def manageable_by(self, user) -> "LibraryQuerySet":
        return self.filter(group__in=user.authority.groups_with(Permission.MANAGE_LIBRARY))


class Material(models.Model):
    """学习资料: a text of the group's library with its source, e.g. 学习强国、《求是》."""

    group = models.ForeignKey(StudyGroup, models.PROTECT, related_name="materials", verbose_name="学习组")
    title = models.CharField("标题", max_length=200)
    source = models.CharField("来源", max_length=60)
    source_level = models.CharField("来源层级", max_length=12, choices=SourceLevel.choices, blank=True)
    content_class = models.CharField("内容类别", max_length=12, choices=ContentClass.choices, blank=True)
    published_on = models.DateField("发表日期", null=True, blank=True)
    body = models.TextField("正文或摘要", blank=True, max_length=50000)
    sessions = models.ManyToManyField(
        StudySession, blank=True, related_name="materials", verbose_name="用于哪些学习活动"
    )
    added_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="录入人")
    added_on = models.DateField("录入日期")
    version = models.PositiveIntegerField(default=0, editable=False)

    objects = LibraryQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "学习资料"
        ordering = ["-added_on", "-pk"]
        indexes = [models.Index(fields=["group", "-added_on", "-id"], name="material_group_day")]

    def __str__(self) -> str:
        return self.title


class BookQuerySet(LibraryQuerySet):
    def with_balance(self) -> "BookQuerySet":
        """已发 and 余数 without a query per row."""
        given = models.functions.Coalesce(models.Sum("distributions__copies"), 0)
        return self.annotate(given=given, balance=models.F("received_copies") - given)


class Book(models.Model):
    """学习辅导资料（书）: what came in to be handed out."""

    group = models.ForeignKey(StudyGroup, models.PROTECT, related_name="books", verbose_name="学习组")
    title = models.CharField("书名", max_length=200)
    category = models.CharField("类别", max_length=40, blank=True)
    source = models.CharField("来源", max_length=100, blank=True)
    received_copies = models.PositiveIntegerField("到书册数")
    received_on = models.DateField("到书日期")
    version = models.PositiveIntegerField(default=0, editable=False)

    objects = BookQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "学习辅导资料"
        ordering = ["-received_on", "-pk"]

    def __str__(self) -> str:
        return self.title


class Distribution(models.Model):
    """资料发放登记: copies of one book handed to one receiver on one day."""

    group = models.ForeignKey(StudyGroup, models.PROTECT, related_name="distributions", verbose_name="学习组")
    book = models.ForeignKey(Book, models.PROTECT, related_name="distributions", verbose_name="书名")
    receiver = models.CharField("领取人、单位", max_length=100)
    copies = models.PositiveIntegerField("领取册数")
    handed_out_on = models.DateField("发放日期")
    is_signed = models.BooleanField("已签字", default=True)
    version = models.PositiveIntegerField(default=0, editable=False)

    objects = LibraryQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "资料发放"
        ordering = ["-handed_out_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(copies__gte=1),
                name="distribution_at_least_one",
                violation_error_message="领取册数至少是 1。",
            )
        ]
        indexes = [models.Index(fields=["group", "-handed_out_on"], name="distribution_group_day")]

    def __str__(self) -> str:
        return f"{self.book}（{self.receiver}，{self.copies} 册）"
