from django.db import models
from django.db.models import Q

from accounts.models import User
from sessions_app.models.session import StudySession


class AttendanceStatus(models.TextChoices):
    PRESENT = "present", "实到"
    LATE = "late", "迟到"
    LEAVE = "leave", "请假"
    ABSENT = "absent", "缺席"


class AttendanceSource(models.TextChoices):
    QR = "qr", "扫码"
    CODE = "code", "六位数字"
    KIOSK = "kiosk", "自助"
    REGISTER = "register", "代录"
    IMPORT = "import", "导入"


class LeaveReason(models.TextChoices):
    OFFICIAL = "official", "公假"
    SICK = "sick", "病假"
    PERSONAL = "personal", "事假"


ATTENDED = (AttendanceStatus.PRESENT, AttendanceStatus.LATE)


class Attendance(models.Model):
    """签到登记: one row per person and session; somebody expected without a row is not registered yet.

    `is_counted` is false for 列席 people, who are in no rate. `device` marks the browser that signed in
    (see `codes.device_mark`), kept only so that two people from one phone can be pointed out to the clerk.
    """

    session = models.ForeignKey(StudySession, models.CASCADE, related_name="attendances", verbose_name="学习活动")
    person = models.ForeignKey(User, models.PROTECT, related_name="attendances", verbose_name="人员")
    status = models.CharField("状态", max_length=10, choices=AttendanceStatus.choices)
    leave_reason = models.CharField("请假事由", max_length=10, choices=LeaveReason.choices, blank=True)
    source = models.CharField("来源", max_length=10, choices=AttendanceSource.choices)
    is_counted = models.BooleanField("计入出勤率", default=True)
    at = models.DateTimeField("时间")
    entered_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="登记人")
    note = models.CharField("备注", max_length=100, blank=True)
    device = models.CharField("设备标记", max_length=16, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "签到登记"
        constraints = [
            models.UniqueConstraint(fields=["session", "person"], name="attendance_once"),
            models.CheckConstraint(
                condition=Q(status=AttendanceStatus.LEAVE) | Q(leave_reason=""), name="attendance_reason_only_of_leave"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.get_status_display()}"

    @property
    def attended(self) -> bool:
        return self.status in ATTENDED


class SignInAttempt(models.Model):
    """未成功的签到: why somebody was refused; many wrong codes in a row are stopped."""

    session = models.ForeignKey(StudySession, models.CASCADE, related_name="refused_attempts", verbose_name="学习活动")
    person = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="人员")
    source = models.CharField("方式", max_length=10, choices=AttendanceSource.choices, blank=True)
    reason = models.CharField("原因", max_length=100)
    device = models.CharField("设备标记", max_length=16, blank=True)
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "未成功的签到"
        indexes = [models.Index(fields=["session", "person", "at"], name="attempt_session_person")]

    def __str__(self) -> str:
        return f"{self.person} {self.reason}"
