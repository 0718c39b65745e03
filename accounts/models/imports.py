from django.db import models
from django.db.models import Q

from accounts.models.organization import StudyGroup
from accounts.models.user import User
from accounts.permissions import Permission


class ImportState(models.TextChoices):
    PREVIEW = "preview", "待核对"
    CONFIRMED = "confirmed", "已导入"
    UNDONE = "undone", "已撤销"
    ABANDONED = "abandoned", "已放弃"


# Which permission each kind of sheet asks for; the descriptions say so when they register.
PERMISSIONS: dict[str, Permission] = {}


class ImportBatchQuerySet(models.QuerySet["ImportBatch"]):
    def visible_to(self, user) -> "ImportBatchQuerySet":
        """Of the groups in which he may import such a sheet: a batch is the office's, whoever of it uploaded it."""
        may = Q(pk__in=[])
        for kind, permission in PERMISSIONS.items():
            may |= Q(kind=kind, group__in=user.authority.groups_with(permission))
        return self.filter(may)


class ImportBatch(models.Model):
    """导入批次: one sheet on its way from a file to rows. Nothing is written before it is confirmed.

    `cells` is the sheet as read and as mended since, `mapping` says which column is which field, `written` names every
    row made or changed with what it said before, so that the batch can be undone.
    """

    group = models.ForeignKey(StudyGroup, models.PROTECT, related_name="import_batches", verbose_name="学习组")
    kind = models.SlugField("导入内容", db_index=False)
    file_name = models.CharField("文件名", max_length=150)
    sheet_name = models.CharField("工作表", max_length=60, blank=True)
    options = models.JSONField("选项", default=dict)
    cells = models.JSONField("单元格")
    head_rows = models.PositiveSmallIntegerField("表头行数", default=1)
    mapping = models.JSONField("列的对应", default=dict)
    state = models.CharField("状态", max_length=10, choices=ImportState.choices, default=ImportState.PREVIEW)
    written = models.JSONField("写入记录", default=list)
    counts = models.JSONField("结果", default=dict)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="导入人")
    created_at = models.DateTimeField("上传时间")
    confirmed_at = models.DateTimeField("导入时间", null=True)
    undone_at = models.DateTimeField("撤销时间", null=True)
    version = models.PositiveIntegerField(default=0, editable=False)

    objects = ImportBatchQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "导入批次"
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["group", "-created_at"], name="import_batch_group")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state=ImportState.CONFIRMED) | Q(confirmed_at__isnull=False),
                name="import_confirmed_has_time",
            )
        ]

    def __str__(self) -> str:
        return self.file_name


class ImportHeading(models.Model):
    """记住的表头: what a heading of this group's sheets means, learnt from the last import it was mapped in."""

    group = models.ForeignKey(StudyGroup, models.CASCADE, related_name="import_headings", verbose_name="学习组")
    kind = models.SlugField("导入内容", db_index=False)
    heading = models.CharField("表头", max_length=100)
    field = models.SlugField("对应的栏目", db_index=False, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "记住的表头"
        constraints = [models.UniqueConstraint(fields=["group", "kind", "heading"], name="import_heading_once")]

    def __str__(self) -> str:
        return self.heading
