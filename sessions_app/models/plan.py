from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from accounts.models import StudyGroup
from accounts.permissions import Permission
from reviews.models import ReviewCase

YEAR_RANGE = (2000, 2100)
# The plan's own texts, in the order of the paper.
HEAD_TEXTS = ("guiding_thought", "aims", "requirements", "reading_list", "questions")
MONTHS = [(month, f"{month}月") for month in range(1, 13)]
MOST_ITEMS = 400  # of one plan, typed or imported


class ContentClass(models.TextChoices):
    """内容类别①–⑨ of the regulation (中心组学习规则 第七条)."""

    THEORY = "theory", "① 政治理论"
    PARTY_RULES = "party_rules", "② 党章党规党纪"
    POLICY = "policy", "③ 路线方针政策"
    LAW = "law", "④ 法律法规"
    VALUES = "values", "⑤ 核心价值观"
    HISTORY = "history", "⑥ 党史国史等"
    KNOWLEDGE = "knowledge", "⑦ 各领域知识"
    REFORM = "reform", "⑧ 改革发展重点难点"
    OTHER = "other", "⑨ 上级要求的其他内容"


class Strand(models.TextChoices):
    """内容分类 as 卞桥镇 keeps it."""

    THEORY = "theory", "思想理论"
    PROFESSION = "profession", "业务理论"


class SourceLevel(models.TextChoices):
    CENTRAL = "central", "中央"
    PROVINCE = "province", "省"
    CITY = "city", "市"
    COUNTY = "county", "县（区）"


class PlanQuerySet(models.QuerySet):
    def visible_to(self, user) -> "PlanQuerySet":
        """Drafts for those who make or oversee plans; plans once approved for the whole group."""
        authority = user.authority
        drafts = Q(group__in=authority.groups_with(Permission.READ_DRAFTS))
        approved = Q(group__in=authority.groups_with(Permission.READ_PLANS), review__approved_version__isnull=False)
        return self.filter(drafts | approved)

    def in_year(self, year: int) -> "PlanQuerySet":
        return self.filter(year=year)


class Plan(models.Model):
    """What an annual and a monthly plan have in common."""

    group = models.ForeignKey(StudyGroup, models.PROTECT, verbose_name="学习组")
    year = models.PositiveSmallIntegerField(
        "年度",
        validators=[
            MinValueValidator(YEAR_RANGE[0], f"年度应在 {YEAR_RANGE[0]} 到 {YEAR_RANGE[1]} 之间。"),
            MaxValueValidator(YEAR_RANGE[1], f"年度应在 {YEAR_RANGE[0]} 到 {YEAR_RANGE[1]} 之间。"),
        ],
    )
    title = models.CharField("标题", max_length=200)
    review = models.OneToOneField(ReviewCase, models.PROTECT, verbose_name="审核件", editable=False)
    version = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField("建立时间")

    objects = PlanQuerySet.as_manager()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.title


class AnnualPlan(Plan):
    """年度学习计划."""

    guiding_thought = models.TextField("指导思想", blank=True, max_length=3000)
    aims = models.TextField("学习目的", blank=True, max_length=3000)
    requirements = models.TextField("学习要求", blank=True, max_length=3000)
    reading_list = models.TextField("阅读书目", blank=True, max_length=3000)
    questions = models.TextField("思考题", blank=True, max_length=3000)

    class Meta:
        verbose_name = verbose_name_plural = "年度学习计划"
        ordering = ["-year", "group"]
        constraints = [
            models.UniqueConstraint(
                fields=["group", "year"],
                name="annual_plan_once",
                violation_error_message="这一年的年度计划已经有了，请直接打开修改。",
            )
        ]


class MonthlyPlan(Plan):
    """月度学习安排."""

    month = models.PositiveSmallIntegerField(
        "月份",
        choices=MONTHS,
        error_messages={"invalid_choice": "月份应是 1 到 12。"},
    )

    class Meta:
        verbose_name = verbose_name_plural = "月度学习安排"
        ordering = ["-year", "-month", "group"]
        constraints = [
            models.UniqueConstraint(
                fields=["group", "year", "month"],
                name="monthly_plan_once",
                violation_error_message="这个月的安排已经有了，请直接打开修改。",
            ),
            models.CheckConstraint(
                condition=Q(month__gte=1, month__lte=12),
                name="monthly_plan_month",
                violation_error_message="月份应是 1 到 12。",
            ),
        ]


IN_FORCE = Q(review=None) | Q(review__approved_version__isnull=False)


class PlanItemQuerySet(models.QuerySet["PlanItem"]):
    def visible_to(self, user) -> "PlanItemQuerySet":
        """Rows of the plans he may see; a supplement on its own way only once approved, unless he reads drafts."""
        drafts = user.authority.groups_with(Permission.READ_DRAFTS)
        return self.filter(
            Q(annual_plan__in=AnnualPlan.objects.visible_to(user))
            | Q(monthly_plan__in=MonthlyPlan.objects.visible_to(user))
        ).filter(IN_FORCE | Q(monthly_plan__group__in=drafts))

    def kept(self) -> "PlanItemQuerySet":
        """Not taken out of the plan."""
        return self.filter(dropped_at=None)

    def in_force(self) -> "PlanItemQuerySet":
        """The plan's own rows, and the supplements whose short way has ended in approval."""
        return self.kept().filter(IN_FORCE)

    def supplements(self) -> "PlanItemQuerySet":
        """Those with a way of their own."""
        return self.filter(review__isnull=False)


class PlanItem(models.Model):
    """计划条目: one row of an annual or a monthly plan. A month's row drawn from the year points at it.

    A supplement to a plan already handed in has a short `review` of its own and is in force once that is approved.
    A row taken out of a plan once approved stays, with `dropped_at`: the approved version and its sessions name it.
    """

    annual_plan = models.ForeignKey(
        AnnualPlan, models.CASCADE, null=True, related_name="items", verbose_name="年度计划"
    )
    monthly_plan = models.ForeignKey(
        MonthlyPlan, models.CASCADE, null=True, related_name="items", verbose_name="月度安排"
    )
    drawn_from = models.ForeignKey(
        "self", models.SET_NULL, null=True, related_name="drawn", verbose_name="来自年度计划的条目"
    )
    position = models.PositiveSmallIntegerField("序号")
    month = models.PositiveSmallIntegerField("月份", choices=MONTHS)
    date_text = models.CharField("时间", max_length=60, blank=True)
    place = models.CharField("地点", max_length=100, blank=True)
    topic = models.CharField("学习专题", max_length=200)
    content = models.TextField("学习内容（篇目）", blank=True, max_length=4000)
    kinds = models.ManyToManyField("sessions_app.SessionKind", blank=True, verbose_name="学习形式")
    question = models.CharField("研讨题目", max_length=300, blank=True)
    lead_readers = models.CharField("领学人", max_length=200, blank=True)
    key_speakers = models.CharField("重点发言人", max_length=200, blank=True)
    responsible = models.CharField("责任单位、责任人", max_length=200, blank=True)
    scope = models.CharField("参加范围", max_length=200, blank=True)
    content_class = models.CharField("内容类别", max_length=12, choices=ContentClass.choices, blank=True)
    strand = models.CharField("思想/业务", max_length=12, choices=Strand.choices, blank=True)
    source_level = models.CharField("来源层级", max_length=12, choices=SourceLevel.choices, blank=True)
    is_supplement = models.BooleanField("补充", default=False)
    basis = models.CharField("补充依据", max_length=300, blank=True)
    remark = models.CharField("备注", max_length=300, blank=True)
    review = models.OneToOneField(
        ReviewCase, models.PROTECT, null=True, related_name="supplement", verbose_name="审核件", editable=False
    )
    dropped_at = models.DateTimeField("移出计划时间", null=True, editable=False)
    version = models.PositiveIntegerField(default=0, editable=False)

    objects = PlanItemQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "计划条目"
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(annual_plan__isnull=True) ^ Q(monthly_plan__isnull=True), name="plan_item_of_one_plan"
            ),
            models.CheckConstraint(
                condition=Q(month__gte=1, month__lte=12),
                name="plan_item_month",
                violation_error_message="月份应是 1 到 12。",
            ),
            models.CheckConstraint(
                condition=~Q(topic=""), name="plan_item_topic", violation_error_message="请填写学习专题。"
            ),
            models.CheckConstraint(
                condition=Q(is_supplement=False) | ~Q(basis=""),
                name="plan_item_supplement_names_basis",
                violation_error_message="补充学习请写明依据，例如会议、讲话或文件名称。",
            ),
        ]

    def __str__(self) -> str:
        return self.topic

    @property
    def plan(self) -> Plan:
        plan = self.annual_plan or self.monthly_plan
        assert plan is not None
        return plan

    @property
    def is_in_force(self) -> bool:
        """May sessions be made from it? Not from a supplement still on its way, nor from a row taken out."""
        return self.dropped_at is None and (self.review is None or self.review.approved_version_id is not None)
