from django.conf import settings
from django.db import models


class AuditEntry(models.Model):
    """操作记录: who did what for whom, when and from where. Never changed, never deleted."""

    at = models.DateTimeField("时间")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="操作人"
    )
    on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="受谁委托"
    )
    action = models.SlugField("操作", db_index=False)
    target_type = models.CharField("对象类别", max_length=80)
    target_id = models.BigIntegerField("对象编号")
    group_id = models.BigIntegerField("学习组编号", null=True)
    address = models.CharField("来源地址", max_length=45, blank=True)
    detail = models.JSONField("内容", default=dict)

    class Meta:
        verbose_name = verbose_name_plural = "操作记录"
        indexes = [
            models.Index(fields=["target_type", "target_id"], name="audit_target"),
            models.Index(fields=["group_id", "at"], name="audit_group_at"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.action}"


class AuditSeal(models.Model):
    """封存: the entry's place in the hash chain."""

    number = models.BigIntegerField("序号", primary_key=True)
    entry = models.OneToOneField(
        AuditEntry, models.DO_NOTHING, related_name="seal", db_constraint=False, null=True, verbose_name="操作记录"
    )
    digest = models.CharField("SHA-256", max_length=64)

    class Meta:
        verbose_name = verbose_name_plural = "操作记录封存"

    def __str__(self) -> str:
        return f"{self.number} {self.digest[:12]}"
