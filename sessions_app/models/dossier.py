from django.db import models
from django.db.models import Q

from accounts.models import User
from accounts.permissions import Permission
from sessions_app.models.session import StudySession
from studygroup.lib.models import StoredFile


class DossierPart(models.TextChoices):
    """The filing order of 一学一档."""

    SCHEME = "scheme", "学习方案"
    NOTICE = "notice", "通知"
    READING_LIST = "reading_list", "资料篇目"
    SIGN_IN_SHEET = "sign_in_sheet", "签到表"
    LEAVE = "leave", "请假"
    RECORD = "record", "学习记录"
    SPEECHES = "speeches", "领学、发言材料及审核表"
    OUTLINES = "outlines", "交流提纲"
    LECTURE = "lecture", "报告会审批"
    PHOTOS = "photos", "照片"
    MAKE_UP = "make_up", "补学"
    REFLECTIONS = "reflections", "心得体会"
    BULLETIN = "bulletin", "简报、上报回执"


class SessionFileQuerySet(models.QuerySet["SessionFile"]):
    def visible_to(self, user) -> "SessionFileQuerySet":
        return self.filter(session__group__in=user.authority.groups_with(Permission.READ_RECORDS))


class SessionFile(StoredFile):
    """归档附件: a scan, photo or receipt filed under one part of a session's 一学一档."""

    session = models.ForeignKey(StudySession, models.PROTECT, related_name="files", verbose_name="学习活动")
    part = models.SlugField("归档项目", db_index=False)
    file = models.FileField("文件", upload_to="sessions", max_length=200)
    added_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="上传人")

    objects = SessionFileQuerySet.as_manager()

    class Meta(StoredFile.Meta):
        verbose_name = verbose_name_plural = "归档附件"


class DossierWaiver(models.Model):
    """不适用: a part of 一学一档 this session does not need, and why."""

    session = models.ForeignKey(StudySession, models.CASCADE, related_name="waivers", verbose_name="学习活动")
    part = models.SlugField("归档项目", db_index=False)
    reason = models.CharField("原因", max_length=100)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="登记人")
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "不适用的归档项目"
        constraints = [
            models.UniqueConstraint(fields=["session", "part"], name="dossier_waiver_once"),
            models.CheckConstraint(
                condition=~Q(reason=""), name="dossier_waiver_reason", violation_error_message="请写明为什么不适用。"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.part} 不适用"
