from django.db import models

from accounts.models import User


class CalendarFeed(models.Model):
    """日历订阅: a person's own feed address. Only a hash of its key is stored; a revoked address answers nothing."""

    person = models.ForeignKey(User, models.CASCADE, related_name="calendar_feeds", verbose_name="人员")
    key_hash = models.CharField("密钥散列值", max_length=64, unique=True)
    created_at = models.DateTimeField("建立时间")
    revoked_at = models.DateTimeField("停用时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "日历订阅"
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=models.Q(revoked_at=None), name="calendar_feed_one_in_use"
            )
        ]

    def __str__(self) -> str:
        return f"{self.person} 的日历订阅"
