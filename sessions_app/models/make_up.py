from datetime import date

from django.db import models
from django.db.models import Q

from accounts.models import User
from accounts.permissions import Permission
from sessions_app.models.session import StudySession


class MakeUpState(models.TextChoices):
    DUE = "due", "待补学"
    HANDED_IN = "handed_in", "待核实"
    CONFIRMED = "confirmed", "已补学"
    EXCUSED = "excused", "免补"


class MakeUpMethod(models.TextChoices):
    SELF_STUDY = "self_study", "自学"
    WATCHED = "watched", "观看录像"
    TOLD = "told", "请人传达"
    JOINED = "joined", "参加其他场次"


class MakeUpStudyQuerySet(models.QuerySet["MakeUpStudy"]):
    def visible_to(self, user) -> "MakeUpStudyQuerySet":
        return self.filter(Q(person=user) | Q(session__group__in=user.authority.groups_with(Permission.READ_DRAFTS)))

    def awaiting(self, user) -> "MakeUpStudyQuerySet":
        """Handed in, for those who confirm it; neither his own nor one he handed in for somebody."""
        groups = user.authority.groups_with(Permission.MANAGE_SESSIONS)
        waiting = self.filter(state=MakeUpState.HANDED_IN, session__group__in=groups)
        return waiting.exclude(person=user).exclude(handed_in_by=user)

    def overdue(self, today: date) -> "MakeUpStudyQuerySet":
        return self.filter(state=MakeUpState.DUE, due_on__lt=today)


class MakeUpStudy(models.Model):
    """补学: what somebody who missed a session owes, does and has confirmed. The absence is closed by it."""

    session = models.ForeignKey(StudySession, models.CASCADE, related_name="make_ups", verbose_name="学习活动")
    person = models.ForeignKey(User, models.PROTECT, related_name="make_ups", verbose_name="人员")
    due_on = models.DateField("期限")
    state = models.CharField("状态", max_length=10, choices=MakeUpState.choices, default=MakeUpState.DUE)
    method = models.CharField("补学方式", max_length=12, choices=MakeUpMethod.choices, blank=True)
    studied_on = models.DateField("补学日期", null=True, blank=True)
    content = models.CharField("补学内容", max_length=300, blank=True)
    note = models.TextField("体会", max_length=5000, blank=True)
    handed_in_at = models.DateTimeField("提交时间", null=True)
    handed_in_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="提交人")
    confirmed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="核实人")
    confirmed_at = models.DateTimeField("核实时间", null=True)
    answer = models.CharField("核实意见", max_length=200, blank=True)
    version = models.PositiveIntegerField(default=0, editable=False)

    objects = MakeUpStudyQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "补学"
        ordering = ["due_on", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["session", "person"], name="make_up_once"),
            models.CheckConstraint(
                condition=~Q(state__in=["confirmed", "excused"])
                | Q(confirmed_by__isnull=False, confirmed_at__isnull=False),
                name="make_up_confirmed_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["handed_in", "confirmed"]) | Q(studied_on__isnull=False) & ~Q(method=""),
                name="make_up_says_how_and_when",
            ),
        ]
        indexes = [models.Index(fields=["person", "state", "due_on"], name="make_up_person")]

    def __str__(self) -> str:
        return f"{self.person} {self.get_state_display()}"

    @property
    def is_due(self) -> bool:
        return self.state == MakeUpState.DUE

    @property
    def is_handed_in(self) -> bool:
        return self.state == MakeUpState.HANDED_IN

    @property
    def is_settled(self) -> bool:
        """Confirmed or excused: nothing more is owed."""
        return self.state in (MakeUpState.CONFIRMED, MakeUpState.EXCUSED)

    def days_left(self, today: date) -> int:
        """Until the due date; negative when it has passed."""
        return (self.due_on - today).days
