from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from accounts.models import StudyGroup, User
from accounts.permissions import Authority, Permission
from reviews.chain import EDITABLE, STEP_PERMISSION, VERDICTS, Move, State
from reviews.subjects import kind_of


class ReviewRoute(models.Model):
    """审核环节: which steps a kind of subject passes in this group; without a row the kind's own default holds."""

    group = models.ForeignKey(StudyGroup, models.PROTECT, related_name="review_routes", verbose_name="学习组")
    kind = models.SlugField("类别", db_index=False)
    steps = models.JSONField("环节")

    class Meta:
        verbose_name = verbose_name_plural = "审核环节"
        constraints = [models.UniqueConstraint(fields=["group", "kind"], name="review_route_once")]

    def __str__(self) -> str:
        return f"{self.group} {self.kind}"


class ReviewCaseQuerySet(models.QuerySet["ReviewCase"]):
    def visible_to(self, user) -> "ReviewCaseQuerySet":
        """His own; what was handed in, in the groups whose papers he may read; what waits for him as a delegate."""
        readable = user.authority.groups_with(Permission.READ_PAPERS)
        read = Q(group__in=readable) | Q(owner__in=readable)
        above = user.authority.groups_with(Permission.READ_APPROVED)
        approved = (Q(group__in=above) | Q(owner__in=above)) & Q(state=State.APPROVED)
        handed_in = ~Q(state=State.DRAFT) | Q(approved_version__isnull=False)
        seen = Q(author=user) | Q(handed_in_by=user) | (read & handed_in) | approved
        for acting in user.authority.acting:
            scope = Q(group=acting.group_id) & ~Q(state=State.DRAFT)
            seen |= scope & Q(kind=acting.kind) if acting.kind else scope
        return self.filter(seen)

    def awaiting(self, user) -> "ReviewCaseQuerySet":
        """At a step this person may judge now: not his own, and no other step of this round passed by him."""
        authority = user.authority
        mine = Q(pk__in=[])
        for state, permission in STEP_PERMISSION.items():
            if groups := authority.groups_with(permission):
                mine |= Q(state=state, group__in=groups)
            for acting in authority.acting:
                if acting.covers(permission, acting.kind):
                    scope = Q(state=state, group=acting.group_id)
                    mine |= scope & Q(kind=acting.kind) if acting.kind else scope
        passed = ReviewEntry.objects.filter(case=OuterRef("pk"), round=OuterRef("round"), by=user, move=Move.PASS)
        return self.filter(mine).exclude(author=user).exclude(handed_in_by=user).exclude(Exists(passed))

    def with_people(self) -> "ReviewCaseQuerySet":
        return self.select_related("author", "group__organization", "owner")


class ReviewCase(models.Model):
    """审核件: one subject on its way through two reviews and a gate. It does not know what it reviews.

    `owner` hands in and `group` judges: the same group, or for a lecture the committee above it.
    `version` counts every move and is what a page must have seen; `round` counts submissions.
    """

    group = models.ForeignKey(StudyGroup, models.PROTECT, related_name="review_cases", verbose_name="审核的学习组")
    owner = models.ForeignKey(StudyGroup, models.PROTECT, related_name="own_cases", verbose_name="送审的学习组")
    kind = models.SlugField("类别", db_index=False)
    kind_name = models.CharField("类别名称", max_length=30)  # as it was called when this was written
    title = models.CharField("标题", max_length=200)
    author = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="撰稿人")
    handed_in_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="提交人")
    state = models.CharField("状态", max_length=16, choices=State.choices, default=State.DRAFT)
    steps = models.JSONField("环节")
    round = models.PositiveIntegerField("第几轮", default=0)
    version = models.PositiveIntegerField("变更序号", default=0)
    state_since = models.DateTimeField("进入当前状态的时间")
    approved_version = models.ForeignKey(
        "ReviewVersion", models.PROTECT, null=True, related_name="+", verbose_name="定稿版本"
    )

    objects = ReviewCaseQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "审核件"
        constraints = [
            models.CheckConstraint(
                condition=~Q(state=State.APPROVED) | Q(approved_version__isnull=False),
                name="case_approved_names_version",
            )
        ]
        indexes = [
            models.Index(fields=["group", "state", "-state_since"], name="case_group_state"),
            models.Index(fields=["author", "-state_since"], name="case_author"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def kind_label(self) -> str:
        return self.kind_name

    @property
    def author_label(self) -> str:
        return kind_of(self.kind).author_label

    @property
    def stays_in_force(self) -> bool:
        return kind_of(self.kind).stays_in_force

    @property
    def is_editable(self) -> bool:
        return self.state in EDITABLE

    @property
    def is_waiting(self) -> bool:
        return self.state in STEP_PERMISSION

    @property
    def is_approved(self) -> bool:
        return self.state == State.APPROVED


class ReviewVersion(models.Model):
    """送审版本: exactly what was handed in, never changed. `sha256` covers title, content and attachments."""

    case = models.ForeignKey(ReviewCase, models.PROTECT, related_name="versions", verbose_name="审核件")
    number = models.PositiveIntegerField("版本")
    title = models.CharField("标题", max_length=200)
    content = models.JSONField("内容")
    sha256 = models.CharField("SHA-256", max_length=64)
    submitted_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="提交人")
    submitted_at = models.DateTimeField("提交时间")

    class Meta:
        verbose_name = verbose_name_plural = "送审版本"
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["case", "number"], name="review_version_once")]

    def __str__(self) -> str:
        return f"{self.title} 第{self.number}稿"


class ReviewEntry(models.Model):
    """审核记录: one move, by whom, for whom, on which version. Never changed."""

    case = models.ForeignKey(ReviewCase, models.PROTECT, related_name="entries", verbose_name="审核件")
    round = models.PositiveIntegerField("第几轮")
    # `subject_version` and not `version`: the case has a `version` of another meaning.
    subject_version = models.ForeignKey(
        ReviewVersion, models.PROTECT, null=True, related_name="entries", verbose_name="版本"
    )
    move = models.CharField("动作", max_length=10, choices=Move.choices)
    from_state = models.CharField("原状态", max_length=16, choices=State.choices)
    to_state = models.CharField("新状态", max_length=16, choices=State.choices)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="办理人")
    on_behalf_of = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="受谁委托")
    author = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="撰稿人")
    handed_in_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="提交人")
    comment = models.TextField("意见", blank=True, max_length=2000)
    point_count = models.PositiveSmallIntegerField("退回意见条数", default=0)
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "审核记录"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "round", "by"],
                condition=Q(move=Move.PASS),
                name="entry_one_pass_per_person_and_round",
                violation_error_message="同一轮审核中，一个人只能通过一个环节。",
            ),
            models.CheckConstraint(
                condition=~Q(move__in=VERDICTS) | (~Q(by=F("author")) & ~Q(by=F("handed_in_by"))),
                name="entry_nobody_judges_his_own",
                violation_error_message="不能审核自己撰写或提交的材料。",
            ),
            models.CheckConstraint(
                condition=~Q(move=Move.RETURN) | Q(point_count__gte=1),
                name="entry_return_has_a_point",
                violation_error_message="退回时至少写一条具体意见。",
            ),
            models.CheckConstraint(
                condition=~Q(move__in=[*VERDICTS, Move.SUBMIT]) | Q(subject_version__isnull=False),
                name="entry_verdict_names_version",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_from_state_display()}→{self.get_to_state_display()}"


class ReturnPoint(models.Model):
    """退回意见: one numbered point the author has to answer before he hands in again."""

    entry = models.ForeignKey(ReviewEntry, models.PROTECT, related_name="points", verbose_name="退回记录")
    number = models.PositiveSmallIntegerField("序号")
    paragraph = models.PositiveSmallIntegerField("第几段", null=True)
    text = models.TextField("意见", max_length=1000)
    answer = models.TextField("修改说明", max_length=1000, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "退回意见"
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["entry", "number"], name="return_point_once")]

    def __str__(self) -> str:
        return f"{self.number}. {self.text}"


def is_unsent_revision(case: ReviewCase) -> bool:
    """Approved, opened for a revision, and nothing handed in since: the approval can still be taken up again."""
    if case.state != State.DRAFT or case.approved_version_id is None:
        return False
    return not ReviewVersion.objects.filter(case=case, pk__gt=case.approved_version_id).exists()


def has_verdict_in_round(case: ReviewCase) -> bool:
    return ReviewEntry.objects.filter(case=case, round=case.round, move__in=VERDICTS).exists()


def may_read_case(case: ReviewCase, authority: Authority) -> bool:
    """May the way of a case of the group be read: under way by the group's own, once approved also from above."""
    if authority.allows(Permission.READ_PAPERS, case.group_id):
        return True
    return case.is_approved and authority.allows(Permission.READ_APPROVED, case.group_id)
