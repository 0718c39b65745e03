from datetime import date, datetime

from django.db import models
from django.db.models import Q

from accounts.models import StudyGroup, User
from accounts.permissions import Permission
from sessions_app.models.rule import StudyRule
from sessions_app.models.session import StudySession
from studygroup.lib.clock import local_date


class ObservationState(models.TextChoices):
    PLANNED = "planned", "已安排"
    FED_BACK = "fed_back", "已反馈"
    CANCELLED = "cancelled", "已取消"


# What an inspector looks at (domain: 列席旁听 by checklist), and how each may be judged.
CHECKLIST = (
    "计划及审定",
    "季度研讨",
    "调研选题",
    "外请授课审批",
    "学习方案",
    "出勤率",
    "领学",
    "发言材料",
    "学习内容",
    "学习档案",
)
# What each is measured by: one line of the regulation.
CRITERIA = {
    "计划及审定": "年初有年度计划，每月有安排，经组长审定并报备",
    "季度研讨": "每季度至少一次集体学习研讨",
    "调研选题": "成员每年围绕主题开展调研，有选题、有报告",
    "外请授课审批": "报告会、外请授课举办前审批，未经批准不举办",
    "学习方案": "每次学习有方案，提前通知主题、篇目和研讨题目",
    "出勤率": "实到人数达到规定的出勤率，请假经批准，缺席补学",
    "领学": "组长带头，有人领学，逐段逐篇学原文",
    "发言材料": "重点发言有准备、经审核，联系思想和工作实际",
    "学习内容": "首先学党的创新理论，跟进学最新讲话和文件",
    "学习档案": "方案、通知、签到、记录、发言材料齐全，一学一档",
}
RESULTS = {"good": "符合", "partly": "基本符合", "bad": "不符合", "none": "不适用"}
NOTICE_MEASURE = "observation_notice_days"
NOTICE_DAYS = 2  # working days, where no rule row says otherwise


def notice_days(group_id: int, year: int) -> int:
    """How many working days before a visit the observed group is to be told; 0 where the rule is switched off."""
    rows = StudyRule.objects.filter(group=group_id, measure=NOTICE_MEASURE, from_year__lte=year)
    row = rows.order_by("-from_year").first()
    if row is None:
        return NOTICE_DAYS
    return row.minimum if row.is_active else 0


class ObservationQuerySet(models.QuerySet["Observation"]):
    def visible_to(self, user) -> "ObservationQuerySet":
        """Those who observe, and in the observed group those who oversee it."""
        observed = user.authority.groups_with(Permission.OBSERVE)
        own = user.authority.groups_with(Permission.READ_DRAFTS)
        return self.filter(Q(group__in=observed) | Q(group__in=own))

    def observable_by(self, user) -> "ObservationQuerySet":
        return self.filter(group__in=user.authority.groups_with(Permission.OBSERVE))

    def observed_at(self, user) -> "ObservationQuerySet":
        """Those of the groups he belongs to himself, not as a supervisor."""
        own = user.authority.groups_with(Permission.READ_DRAFTS) - user.authority.groups_with(Permission.OBSERVE)
        return self.filter(group__in=own)

    def in_year(self, year: int) -> "ObservationQuerySet":
        return self.filter(planned_on__year=year)


class Observation(models.Model):
    """列席旁听: the level above sits in on a group's session and feeds back by a checklist (学习规则 2024 修订).

    `checklist` holds {"item", "result", "remark"} as judged on the day. `announced_at` is when the day was put into
    the system: the observed group could not read of it here any earlier, whatever `notified_on` says.
    """

    group = models.ForeignKey(StudyGroup, models.PROTECT, related_name="observations", verbose_name="被旁听的学习组")
    session = models.ForeignKey(
        StudySession, models.PROTECT, null=True, blank=True, related_name="observations", verbose_name="学习活动"
    )
    planned_on = models.DateField("旁听日期")
    notified_on = models.DateField("通知日期")
    announced_at = models.DateTimeField("登记时间")
    observers = models.CharField("旁听人", max_length=200)
    topic = models.CharField("学习主题", max_length=200, blank=True)
    state = models.CharField("状态", max_length=10, choices=ObservationState.choices, default=ObservationState.PLANNED)
    checklist = models.JSONField("逐项检查", default=list)
    overall = models.CharField("总体评价", max_length=500, blank=True)
    strengths = models.CharField("特色", max_length=500, blank=True)
    suggestions = models.CharField("建议", max_length=1000, blank=True)
    planned_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="安排人")
    fed_back_at = models.DateTimeField("反馈时间", null=True)
    version = models.PositiveIntegerField(default=0, editable=False)

    objects = ObservationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "列席旁听"
        ordering = ["-planned_on", "-pk"]
        indexes = [models.Index(fields=["group", "-planned_on"], name="observation_group_day")]

    def __str__(self) -> str:
        return f"{self.planned_on} 列席旁听"

    @property
    def is_planned(self) -> bool:
        return self.state == ObservationState.PLANNED

    @property
    def is_backdated(self) -> bool:
        """补录: said to have been told before it was put in."""
        return self.notified_on < local_date(self.announced_at)

    def is_over(self, moment: datetime) -> bool:
        """Nothing is fed back about a session that is still going on."""
        if self.session is not None and self.session.day == self.planned_on:
            return self.session.ends_at <= moment
        return self.planned_on <= local_date(moment)

    @property
    def is_fed_back(self) -> bool:
        return self.state == ObservationState.FED_BACK


class ObservationProblem(models.Model):
    """旁听发现的问题: with an owner and a due date, open until what was done is told and it is closed."""

    observation = models.ForeignKey(Observation, models.CASCADE, related_name="problems", verbose_name="列席旁听")
    number = models.PositiveSmallIntegerField("序号")
    text = models.CharField("问题", max_length=500)
    owner = models.CharField("整改责任人", max_length=60)
    due_on = models.DateField("整改期限")
    measure = models.CharField("整改情况", max_length=500, blank=True)
    reported_at = models.DateTimeField("报告时间", null=True)
    reported_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="报告人")
    answer = models.CharField("核查意见", max_length=200, blank=True)
    closed_on = models.DateField("销号日期", null=True, blank=True)
    closed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="销号人")
    version = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "旁听发现的问题"
        ordering = ["number", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["observation", "number"], name="observation_problem_once"),
            models.CheckConstraint(
                condition=Q(closed_on=None) | Q(closed_by__isnull=False) & ~Q(measure=""),
                name="observation_problem_closed_with_measure",
                violation_error_message="销号前请写明整改情况。",
            ),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def is_reported(self) -> bool:
        return self.reported_at is not None and self.closed_on is None

    def is_overdue(self, today: date) -> bool:
        return self.closed_on is None and self.due_on < today
