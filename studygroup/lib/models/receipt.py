from django.conf import settings
from django.db import models


class FormReceipt(models.Model):
    """收讫: a form somebody has sent, so that the same press arriving twice is stored once."""

    digest = models.CharField(max_length=64, primary_key=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    at = models.DateTimeField(db_index=True)
    address = models.CharField("办完以后的页面", max_length=500, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "收讫"

    def __str__(self) -> str:
        return self.digest[:12]
