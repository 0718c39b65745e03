from django.db import models
from django.db.models import Q

from accounts.models.organization import StudyGroup
from accounts.models.user import User
from accounts.permissions import Permission


class ToldBy(models.TextChoices):
    PHONE = "phone", "电话"
    IN_PERSON = "in_person", "当面"
    MESSAGE = "message", "短信、微信"


class ReminderQuerySet(models.QuerySet["Reminder"]):
    def visible_to(self, user) -> "ReminderQuerySet":
        """His own, and in the outbox those with a line of a group he works for."""
        kept = user.authority.groups_with(Permission.MANAGE_SESSIONS)
        return self.filter(Q(person=user) | Q(pk__in=ReminderLine.objects.filter(group__in=kept).values("reminder")))


class Reminder(models.Model):
    """提醒: everything somebody is reminded of on one day, in one digest. It is shown to him when he comes, and stands
    in the office's outbox to be told or sent by hand.
    """

    person = models.ForeignKey(User, models.PROTECT, related_name="reminders", verbose_name="人员")
    day = models.DateField("日期")
    made_at = models.DateTimeField("生成时间")
    seen_at = models.DateTimeField("本人看到的时间", null=True)

    objects = ReminderQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "提醒"
        ordering = ["-day", "-pk"]
        constraints = [models.UniqueConstraint(fields=["person", "day"], name="reminder_one_a_day")]
        indexes = [models.Index(fields=["-day"], name="reminder_day")]

    def __str__(self) -> str:
        return f"{self.person} {self.day}"


class ReminderLineQuerySet(models.QuerySet["ReminderLine"]):
    def visible_to(self, user) -> "ReminderLineQuerySet":
        """His own that stand, and all of a group he works for: a digest over two groups is told by each for itself."""
        kept = user.authority.groups_with(Permission.MANAGE_SESSIONS)
        return self.filter(Q(reminder__person=user, dropped_at=None) | Q(group__in=kept))

    def standing(self) -> "ReminderLineQuerySet":
        return self.filter(dropped_at=None)


class ReminderLine(models.Model):
    """提醒事项: one thing in a digest. `key` names what it is about, so that it stands there once; the source of the
    key says whether it is still open. A dropped line stays, so that composing again does not bring it back.
    """

    reminder = models.ForeignKey(Reminder, models.CASCADE, related_name="lines", verbose_name="提醒")
    group = models.ForeignKey(StudyGroup, models.PROTECT, related_name="+", verbose_name="学习组")
    key = models.CharField("事项", max_length=60)
    text = models.CharField("内容", max_length=300)
    address = models.CharField("页面", max_length=200)
    is_urged = models.BooleanField("催办", default=False)
    made_at = models.DateTimeField("生成时间")
    told_by = models.CharField("告知方式", max_length=10, choices=ToldBy.choices, blank=True)
    told_at = models.DateTimeField("告知时间", null=True)
    teller = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="告知人")
    dropped_at = models.DateTimeField("不再提醒的时间", null=True)

    objects = ReminderLineQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "提醒事项"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["reminder", "key"], name="reminder_line_once"),
            models.CheckConstraint(
                condition=Q(told_at=None) | (~Q(told_by="") & Q(teller__isnull=False)),
                name="reminder_told_says_how",
                violation_error_message="请选择怎样告知的。",
            ),
        ]
        indexes = [models.Index(fields=["group", "reminder"], name="reminder_line_group")]

    def __str__(self) -> str:
        return self.text

    @property
    def is_seen(self) -> bool:
        """He has looked since it stands there."""
        seen = self.reminder.seen_at
        return seen is not None and self.made_at <= seen
