from datetime import datetime

from django.db import models
from django.db.models import Exists, OuterRef, Q

from accounts.models import User
from accounts.permissions import Permission
from sessions_app.models.attendance import ATTENDED, Attendance, LeaveReason
from sessions_app.models.session import StudySession


class LeaveState(models.TextChoices):
    ASKED = "asked", "待审批"
    GRANTED = "granted", "已准假"
    REFUSED = "refused", "未准假"
    WITHDRAWN = "withdrawn", "已撤回"


STANDING = (LeaveState.ASKED, LeaveState.GRANTED)  # what stands in the way of asking again


class LeaveRequestQuerySet(models.QuerySet["LeaveRequest"]):
    def visible_to(self, user) -> "LeaveRequestQuerySet":
        groups = user.authority.groups_with(Permission.READ_DRAFTS)
        acting = [a.group_id for a in user.authority.acting_for(Permission.DECIDE_LEAVE, "leave")]
        return self.filter(Q(person=user) | Q(session__group__in=[*groups, *acting]))

    def awaiting(self, user) -> "LeaveRequestQuerySet":
        """Asked in a group whose leave this person decides; neither his own nor one he entered for somebody. Whoever
        has come after all needs no decision."""
        groups = user.authority.groups_with(Permission.DECIDE_LEAVE)
        acting = [a.group_id for a in user.authority.acting_for(Permission.DECIDE_LEAVE, "leave")]
        asked = self.filter(state=LeaveState.ASKED, session__group__in=[*groups, *acting])
        came = Attendance.objects.filter(session=OuterRef("session"), person=OuterRef("person"), status__in=ATTENDED)
        return asked.exclude(person=user).exclude(entered_by=user).exclude(Exists(came))


class LeaveRequest(models.Model):
    """请假: asked before the session, decided by the 组长 or whoever he delegated.

    `entered_by` is the clerk who wrote it down when it was asked by telephone. After a refusal it may be asked again:
    every asking is a row of its own, and at most one of them stands.
    """

    session = models.ForeignKey(StudySession, models.CASCADE, related_name="leave_requests", verbose_name="学习活动")
    person = models.ForeignKey(User, models.PROTECT, related_name="leave_requests", verbose_name="请假人")
    reason = models.CharField("事由", max_length=10, choices=LeaveReason.choices)
    explanation = models.CharField("说明", max_length=300)
    state = models.CharField("状态", max_length=10, choices=LeaveState.choices, default=LeaveState.ASKED)
    asked_at = models.DateTimeField("申请时间")
    entered_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="代为登记人")
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="审批人")
    on_behalf_of = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="受谁委托")
    decided_at = models.DateTimeField("审批时间", null=True)
    answer = models.CharField("审批意见", max_length=200, blank=True)

    objects = LeaveRequestQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "请假"
        ordering = ["-asked_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["session", "person"],
                condition=Q(state__in=STANDING),
                name="leave_once",
                violation_error_message="这次学习您已经请过假了。",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[LeaveState.ASKED, LeaveState.WITHDRAWN])
                | Q(decided_by__isnull=False, decided_at__isnull=False),
                name="leave_decision_has_decider",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.get_reason_display()}"

    def may_be_changed_by(self, user: User, at: datetime) -> bool:
        """Whoever decided it may change his mind until the session starts. Needs `session` read with it."""
        is_decided = self.state in (LeaveState.GRANTED, LeaveState.REFUSED) and self.decided_by_id == user.pk
        return is_decided and self.session.is_called and at < self.session.starts_at
