from datetime import date, datetime, timedelta

from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from accounts.models import StudyGroup, User
from accounts.models.authority import MEMBERSHIP_CATEGORIES
from accounts.permissions import Permission, Role
from sessions_app.models.plan import PlanItem
from studygroup.lib.clock import local_date, year_bounds


class SessionKind(models.Model):
    """学习形式: a row and not a constant; one session may be of several kinds at once."""

    slug = models.SlugField("代号", unique=True)
    label = models.CharField("名称", max_length=30)
    position = models.PositiveSmallIntegerField("排序", default=100)
    is_active = models.BooleanField("在用", default=True)

    class Meta:
        verbose_name = verbose_name_plural = "学习形式"
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.label


class SiteQuerySet(models.QuerySet["Site"]):
    def visible_to(self, user) -> "SiteQuerySet":
        return self.filter(group__in=user.authority.groups_with(Permission.READ_SESSIONS))

    def with_visits(self) -> "SiteQuerySet":
        """How often a held session went there, and when last."""
        held = Q(sessions__state__in=HELD)
        return self.annotate(
            visits=Count("sessions", filter=held), last_visit=models.Max("sessions__starts_at", filter=held)
        )


class Site(models.Model):
    """现场教学点、基地: a place outside that is visited, possibly more than once."""

    group = models.ForeignKey(StudyGroup, models.PROTECT, related_name="sites", verbose_name="学习组")
    name = models.CharField("名称", max_length=100)
    village = models.CharField("所在村、乡镇", max_length=60, blank=True)
    theme = models.CharField("教学内容", max_length=200, blank=True)
    contact = models.CharField("联系人", max_length=60, blank=True)
    is_active = models.BooleanField("在用", default=True)
    version = models.PositiveIntegerField(default=0, editable=False)

    objects = SiteQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "现场教学点"
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["group", "name"], name="site_once")]

    def __str__(self) -> str:
        return self.name


class SessionState(models.TextChoices):
    DRAFT = "draft", "草稿"
    CALLED = "called", "已通知"
    CLOSED = "closed", "已结束"
    ARCHIVED = "archived", "已归档"


# 进行中 is nobody's button and no stored state: called and begun.
RUNNING, RUNNING_LABEL = "running", "进行中"
# The register is final: what the year's figures count.
HELD = (SessionState.CLOSED, SessionState.ARCHIVED)


class SessionSeries(models.Model):
    """定期学习: sessions of the same weekday and hour, e.g. every Saturday (卞桥镇). Each is a session of its own."""

    group = models.ForeignKey(StudyGroup, models.PROTECT, related_name="series", verbose_name="学习组")
    title = models.CharField("名称", max_length=200)
    weekday = models.PositiveSmallIntegerField("星期", help_text="0 是星期一。")
    starts_at = models.TimeField("开始时间")
    ends_at = models.TimeField("结束时间")
    first_on = models.DateField("从哪天起")
    last_on = models.DateField("到哪天止")
    created_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="建立人")
    created_at = models.DateTimeField("建立时间")

    class Meta:
        verbose_name = verbose_name_plural = "定期学习"
        ordering = ["-first_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_on__gte=F("first_on")),
                name="series_dates_in_order",
                violation_error_message="最后一天不能早于第一天。",
            ),
            models.CheckConstraint(condition=Q(weekday__gte=0, weekday__lte=6), name="series_weekday"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def weekday_name(self) -> str:
        return "一二三四五六日"[self.weekday]


class StudySessionQuerySet(models.QuerySet["StudySession"]):
    def visible_to(self, user) -> "StudySessionQuerySet":
        """Drafts for the office and those who oversee; called ones for the group and whoever takes part."""
        authority = user.authority
        called = ~Q(state=SessionState.DRAFT)
        return self.filter(
            Q(group__in=authority.groups_with(Permission.READ_DRAFTS))
            | (called & Q(group__in=authority.groups_with(Permission.READ_SESSIONS)))
            | (called & Q(pk__in=Participant.objects.filter(person=user).values("session")))
        )

    def manageable_by(self, user) -> "StudySessionQuerySet":
        return self.filter(group__in=user.authority.groups_with(Permission.MANAGE_SESSIONS))

    def in_year(self, year: int) -> "StudySessionQuerySet":
        """The local year of the session's own start."""
        first, after = year_bounds(year)
        return self.filter(starts_at__gte=first, starts_at__lt=after)

    def held(self) -> "StudySessionQuerySet":
        """Over, with a final register: 已结束 and 已归档."""
        return self.filter(state__in=HELD)

    def shown_as(self, state: str, at: datetime) -> "StudySessionQuerySet":
        """By state as people say it: RUNNING has begun and is not closed, 已通知 is still to come."""
        called = self.filter(state=SessionState.CALLED)
        if state == RUNNING:
            return called.filter(starts_at__lte=at)
        return called.filter(starts_at__gt=at) if state == SessionState.CALLED else self.filter(state=state)

    def taking_part(self, person: User) -> "StudySessionQuerySet":
        """Called sessions in which he is expected."""
        return self.exclude(state=SessionState.DRAFT).filter(participants__person=person)

    def open_for_leave(self, person: User, at: datetime) -> "StudySessionQuerySet":
        """Still to come, he is expected and has not come yet, and no request of his stands; soonest first."""
        from sessions_app.models.attendance import ATTENDED, Attendance
        from sessions_app.models.leave import STANDING, LeaveRequest

        standing = LeaveRequest.objects.filter(session=OuterRef("pk"), person=person, state__in=STANDING)
        coming = self.filter(state=SessionState.CALLED, participants__person=person, starts_at__gt=at)
        here = Attendance.objects.filter(session=OuterRef("pk"), person=person, status__in=ATTENDED)
        return coming.exclude(Exists(standing)).exclude(Exists(here)).order_by("starts_at")

    def with_counts(self) -> "StudySessionQuerySet":
        """应到 and 实到 without a query per row. 列席 people are in neither."""
        from sessions_app.models.attendance import ATTENDED, Attendance

        # Two subqueries: a join over the register would multiply under filters and group by every column.
        expected = Participant.objects.exclude(category=Role.OBSERVER)
        present = Attendance.objects.filter(is_counted=True, status__in=ATTENDED)
        return self.annotate(expected_count=_count_of(expected), present_count=_count_of(present))

    def with_own_status(self, person: User) -> "StudySessionQuerySet":
        """How this person stands in each session's register; None when he has no row."""
        from sessions_app.models.attendance import Attendance

        rows = Attendance.objects.filter(person=person, session=OuterRef("pk"))
        return self.annotate(own_status=Subquery(rows.values("status")[:1]))


def _count_of(rows: models.QuerySet) -> Coalesce:
    """How many of these rows belong to the session of the outer query."""
    counted = rows.filter(session=OuterRef("pk")).order_by().values("session").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted), 0)


class StudySession(models.Model):
    """学习活动（一次）. Its year is the local year of its start.

    `serial` is 第N次 in `serial_year`, given by date when the session is called; until it begins one called after it
    for an earlier day moves it on. One moved to another year joins that year's; the number it leaves stays empty.
    """

    group = models.ForeignKey(StudyGroup, models.PROTECT, related_name="sessions", verbose_name="学习组")
    plan_item = models.ForeignKey(
        PlanItem, models.SET_NULL, null=True, blank=True, related_name="sessions", verbose_name="计划条目"
    )
    title = models.CharField("主题", max_length=200)
    kinds = models.ManyToManyField(SessionKind, related_name="sessions", verbose_name="学习形式")
    starts_at = models.DateTimeField("开始时间")
    ends_at = models.DateTimeField("结束时间")
    place = models.CharField("地点", max_length=100)
    site = models.ForeignKey(Site, models.PROTECT, null=True, blank=True, related_name="sessions", verbose_name="现场")
    host = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="主持人")
    is_online = models.BooleanField("线上", default=False)
    content = models.TextField("学习内容（篇目）", blank=True, max_length=4000)
    question = models.CharField("研讨题目", max_length=300, blank=True)
    requirements = models.TextField("学习要求", blank=True, max_length=2000)
    papers_due_on = models.DateField("材料截止", null=True, blank=True)
    series = models.ForeignKey(
        SessionSeries, models.SET_NULL, null=True, blank=True, related_name="sessions", verbose_name="定期学习"
    )
    upper_session = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="lower_sessions", verbose_name="上级学习活动"
    )
    upper_text = models.CharField("对应的上级学习", max_length=200, blank=True)
    serial = models.PositiveSmallIntegerField("第几次", null=True, blank=True)
    serial_year = models.PositiveSmallIntegerField("年度", null=True, editable=False)
    record = models.TextField("学习记录", blank=True, max_length=20000)
    recorder = models.CharField("记录人", max_length=60, blank=True)
    closing_words = models.TextField("主持人小结", blank=True, max_length=5000)
    head_count = models.PositiveSmallIntegerField("现场清点人数", null=True, blank=True)
    archived_at = models.DateTimeField("归档时间", null=True, editable=False)
    state = models.CharField("状态", max_length=10, choices=SessionState.choices, default=SessionState.DRAFT)
    sign_in_key = models.CharField("签到密钥", max_length=64, editable=False)
    created_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="建立人")
    created_at = models.DateTimeField("建立时间")
    version = models.PositiveIntegerField(default=0, editable=False)

    objects = StudySessionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "学习活动"
        ordering = ["-starts_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="session_ends_after_start",
                violation_error_message="结束时间应晚于开始时间。",
            ),
            models.UniqueConstraint(
                fields=["group", "serial_year", "serial"],
                condition=Q(serial__isnull=False),
                name="session_serial_once",
                violation_error_message="这一年已经有这个次序的学习，请换一个。",
            ),
            models.CheckConstraint(
                condition=Q(serial=None) | Q(serial_year__isnull=False), name="session_serial_has_year"
            ),
            models.CheckConstraint(
                condition=~Q(state=SessionState.ARCHIVED) | Q(archived_at__isnull=False),
                name="session_archived_has_time",
            ),
        ]
        indexes = [models.Index(fields=["group", "-starts_at", "-id"], name="session_group_start")]

    def __str__(self) -> str:
        return self.title

    @property
    def day(self) -> date:
        return local_date(self.starts_at)

    @property
    def sign_in_opens_at(self) -> datetime:
        return self.starts_at - timedelta(minutes=self.group.sign_in_opens_minutes)

    @property
    def sign_in_closes_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.group.sign_in_closes_minutes)

    @property
    def is_draft(self) -> bool:
        return self.state == SessionState.DRAFT

    @property
    def is_called(self) -> bool:
        return self.state == SessionState.CALLED

    @property
    def is_held(self) -> bool:
        """Over, with a final register."""
        return self.state in HELD

    @property
    def is_archived(self) -> bool:
        return self.state == SessionState.ARCHIVED

    def is_running_at(self, moment: datetime) -> bool:
        """进行中 is called and begun; it needs nobody to press a button."""
        return self.is_called and moment >= self.starts_at

    @property
    def late_after(self) -> datetime:
        """Whoever signs in later than this is 迟到."""
        return self.starts_at + timedelta(minutes=self.group.late_after_minutes)

    def is_late_at(self, moment: datetime) -> bool:
        return moment > self.late_after


class AgendaRole(models.TextChoices):
    LEAD_READING = "lead_reading", "领学"
    KEYNOTE = "keynote", "重点发言"
    DISCUSSION = "discussion", "交流发言"
    PARTY_LECTURE = "party_lecture", "党课"
    GUIDANCE = "guidance", "专题辅导"
    CASE_ANALYSIS = "case_analysis", "实践案例剖析"
    EXPERIENCE_SHARING = "experience_sharing", "典型经验分享"
    READING_REFLECTION = "reading_reflection", "读书学习体悟"
    ONSITE = "onsite", "现场教学"


# What somebody is called whose absence changes the agenda.
SPEAKERS = {AgendaRole.LEAD_READING: "领学人", AgendaRole.KEYNOTE: "重点发言人"}


class AgendaItem(models.Model):
    """议程: who does what in a session. A speaker from outside the roster is named in text."""

    session = models.ForeignKey(StudySession, models.CASCADE, related_name="agenda", verbose_name="学习活动")
    position = models.PositiveSmallIntegerField("序号")
    role = models.CharField("环节", max_length=20, choices=AgendaRole.choices)
    speaker = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="发言人")
    speaker_name = models.CharField("发言人（名单外）", max_length=60, blank=True)
    title = models.CharField("题目、篇目", max_length=200, blank=True)
    minutes = models.PositiveSmallIntegerField("时长（分钟）", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "议程"
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(speaker__isnull=False) | ~Q(speaker_name=""),
                name="agenda_names_speaker",
                violation_error_message="请选择发言人，或填写名单外发言人的姓名。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} {self.speaker or self.speaker_name}"


class Participant(models.Model):
    """参加人员: who is expected, with category and title as they were that day; `number` is the register's."""

    session = models.ForeignKey(StudySession, models.CASCADE, related_name="participants", verbose_name="学习活动")
    person = models.ForeignKey(User, models.PROTECT, related_name="participations", verbose_name="人员")
    number = models.PositiveSmallIntegerField("序号")
    category = models.CharField("类别", max_length=12, choices=MEMBERSHIP_CATEGORIES)
    title = models.CharField("职务", max_length=80, blank=True)
    department = models.CharField("工作区、部门", max_length=60, blank=True)
    signed_on_paper = models.BooleanField("纸质签到表上有签名", null=True)
    codes_stopped_until = models.DateTimeField("六位数字签到暂停到", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "参加人员"
        ordering = ["number", "pk"]
        constraints = [models.UniqueConstraint(fields=["session", "person"], name="participant_once")]

    def __str__(self) -> str:
        return f"{self.number} {self.person}"
