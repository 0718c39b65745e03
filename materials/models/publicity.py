from django.db import models

from accounts.models import StudyGroup
from materials.models.library import LibraryQuerySet


class PublicityColumn(models.Model):
    """专栏: a standing column in a channel such as the 公众号."""

    group = models.ForeignKey(StudyGroup, models.PROTECT, related_name="columns", verbose_name="学习组")
    channel = models.CharField("平台", max_length=60)
    name = models.CharField("专栏名称", max_length=100)
    opened_on = models.DateField("开设日期")
    version = models.PositiveIntegerField(default=0, editable=False)

    objects = LibraryQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "宣传专栏"
        ordering = ["-opened_on", "-pk"]
        constraints = [models.UniqueConstraint(fields=["group", "channel", "name"], name="column_once")]

    def __str__(self) -> str:
        return f"{self.channel}“{self.name}”"


class PublicityPush(models.Model):
    """推送: one item published in a channel. Counted exactly; “余” belongs to the display only."""

    group = models.ForeignKey(StudyGroup, models.PROTECT, related_name="pushes", verbose_name="学习组")
    column = models.ForeignKey(
        PublicityColumn, models.PROTECT, null=True, blank=True, related_name="pushes", verbose_name="专栏"
    )
    channel = models.CharField("平台", max_length=60)
    title = models.CharField("标题", max_length=200)
    pushed_on = models.DateField("推送日期")
    version = models.PositiveIntegerField(default=0, editable=False)

    objects = LibraryQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "宣传推送"
        ordering = ["-pushed_on", "-pk"]
        indexes = [models.Index(fields=["group", "-pushed_on"], name="push_group_day")]

    def __str__(self) -> str:
        return self.title
