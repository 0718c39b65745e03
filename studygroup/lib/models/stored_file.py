from django.db import models


class StoredFile(models.Model):
    """附件: what is known of an accepted upload (`files.check_upload`). Bytes are never changed; a new file is a new
    row, and one taken off keeps its row and its bytes.

    Each kind names its own folder in its own `file`.
    """

    name = models.CharField("文件名", max_length=150)
    size = models.PositiveBigIntegerField("大小（字节）")
    sha256 = models.CharField("SHA-256", max_length=64)
    added_at = models.DateTimeField("上传时间")
    removed_at = models.DateTimeField("移除时间", null=True)

    class Meta:
        abstract = True
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name
