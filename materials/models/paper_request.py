from django.db import models
from django.db.models import Q

from accounts.models import StudyGroup, User
from accounts.permissions import Permission
from sessions_app.models import PlanItem, StudySession


class PaperRequestQuerySet(models.QuerySet["PaperRequest"]):
    def visible_to(self, user) -> "PaperRequestQuerySet":
        """Of the groups whose papers he reads, and what was asked of him."""
        readable = user.authority.groups_with(Permission.READ_PAPERS)
        asked = PaperRequestPerson.objects.filter(person=user).values("request")
        return self.filter(Q(group__in=readable) | Q(pk__in=asked))


class PaperRequest(models.Model):
    """布置材料: named people are asked for a kind of paper by a day, for a session, a plan item or on its own."""

    group = models.ForeignKey(StudyGroup, models.PROTECT, related_name="paper_requests", verbose_name="学习组")
    kind = models.SlugField("类别", max_length=50, db_index=False)
    kind_name = models.CharField("类别名称", max_length=30, editable=False)
    title = models.CharField("题目或专题", max_length=200)
    note = models.TextField("要求", max_length=1000, blank=True)
    words_wanted = models.PositiveIntegerField("字数要求（不少于）", null=True, blank=True)
    due_on = models.DateField("截止日期")
    session = models.ForeignKey(
        StudySession,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="paper_requests",
        verbose_name="学习活动",
    )
    plan_item = models.ForeignKey(
        PlanItem, models.SET_NULL, null=True, blank=True, related_name="paper_requests", verbose_name="计划项目"
    )
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="布置人")
    asked_at = models.DateTimeField("布置时间")
    closed_at = models.DateTimeField("结束时间", null=True)
    version = models.PositiveIntegerField(default=0, editable=False)

    objects = PaperRequestQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "布置的材料"
        ordering = ["-due_on", "-pk"]
        indexes = [models.Index(fields=["group", "-due_on"], name="paper_request_group_due")]

    def __str__(self) -> str:
        return self.title


class PaperRequestPerson(models.Model):
    """布置对象: one person asked. He owes the paper until he has handed one in or is excused with a reason."""

    request = models.ForeignKey(PaperRequest, models.CASCADE, related_name="people", verbose_name="布置的材料")
    person = models.ForeignKey(User, models.PROTECT, related_name="paper_requests", verbose_name="人员")
    excused_reason = models.CharField("免交原因", max_length=200, blank=True)
    excused_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="免交人")
    excused_at = models.DateTimeField("免交时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "布置对象"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["request", "person"], name="paper_request_asks_once"),
            models.CheckConstraint(
                condition=Q(excused_at=None) | ~Q(excused_reason=""),
                name="paper_request_excused_with_reason",
                violation_error_message="免交要写明原因。",
            ),
        ]
        indexes = [models.Index(fields=["person", "request"], name="paper_request_person")]

    def __str__(self) -> str:
        return f"{self.person} {self.request}"
