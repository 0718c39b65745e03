from datetime import date

from django.db import models
from django.db.models import Case, Exists, OuterRef, Q, Subquery, Value, When

from accounts.models import StudyGroup, User
from accounts.permissions import Acting, Authority, Permission
from reviews.chain import EDITABLE, RATIFIES, STEP_PERMISSION, UNDOABLE, VERDICTS, Move, State
from reviews.subjects import kind_of
from studygroup.lib.clock import start_of_day


def seen_as_delegate(user, prefix: str = "") -> Q:
    """Cases a delegate may read; `prefix` leads to the case (`review__`).

    Who acts only for what is overdue sees that, and what he has judged.
    """
    seen = Q(pk__in=[])
    from reviews.models.entry import ReviewEntry

    for acting in user.authority.acting:
        scope = Q(**{f"{prefix}group": acting.group_id}) & ~Q(**{f"{prefix}state": State.DRAFT})
        if acting.kind:
            scope &= Q(**{f"{prefix}kind": acting.kind})
        if acting.only_overdue:
            judged = ReviewEntry.objects.filter(by=user, on_behalf_of=acting.principal_id, move__in=VERDICTS)
            late = Q(**{f"{prefix}state__in": _steps_of(acting), f"{prefix}due_on__lt": user.authority.day})
            scope &= late | Q(**{f"{prefix}pk__in": judged.values("case")})
        seen |= scope
    return seen


def _steps_of(acting: Acting) -> list[State]:
    return [step for step, permission in STEP_PERMISSION.items() if acting.covers(permission, acting.kind)]


class ReviewCaseQuerySet(models.QuerySet["ReviewCase"]):
    def visible_to(self, user) -> "ReviewCaseQuerySet":
        """His own; what was handed in, in the groups whose papers he may read; what waits for him as a delegate."""
        readable = user.authority.groups_with(Permission.READ_PAPERS)
        read = Q(group__in=readable) | Q(owner__in=readable)
        above = user.authority.groups_with(Permission.READ_APPROVED)
        approved = (Q(group__in=above) | Q(owner__in=above)) & Q(state=State.APPROVED)
        handed_in = ~Q(state=State.DRAFT) | Q(approved_version__isnull=False)
        seen = Q(author=user) | Q(handed_in_by=user) | (read & handed_in) | approved
        return self.filter(seen | seen_as_delegate(user))

    def awaiting(self, user) -> "ReviewCaseQuerySet":
        """What waits for this person's verdict now, whether passing a step or 追认 of a 特批. Never his own."""
        ratifies = self._to_ratify(user)
        judges = self._to_judge(user) & ~self._passed_by(user)
        return self.filter(judges | ratifies).exclude(author=user).exclude(handed_in_by=user)

    def to_judge(self, user) -> "ReviewCaseQuerySet":
        """At a step this person may judge now: not his own, and no other step of this round passed by him."""
        judges = self._to_judge(user) & ~self._passed_by(user)
        return self.filter(judges).exclude(author=user).exclude(handed_in_by=user)

    def to_ratify(self, user) -> "ReviewCaseQuerySet":
        """特批 that wait for a 追认 this person may give or refuse."""
        return self.filter(self._to_ratify(user)).exclude(author=user).exclude(handed_in_by=user)

    def opened_by(self, user) -> "ReviewCaseQuerySet":
        """Those he has opened as they stand now: only these he may judge."""
        from reviews.models.entry import ReviewOpening

        opened = ReviewOpening.objects.filter(case=OuterRef("pk"), seen_version=OuterRef("version"), by=user)
        return self.filter(Exists(opened))

    def withdrawn_from(self, user) -> "ReviewCaseQuerySet":
        """Taken back by the author while this person had them open: drafts again, of which he is told just that."""
        from reviews.models.entry import ReviewOpening

        opened = ReviewOpening.objects.filter(case=OuterRef("pk"), seen_version=OuterRef("version") - 1, by=user)
        return self.filter(Exists(opened), state=State.DRAFT)

    def undoable_by(self, user, today: date) -> "ReviewCaseQuerySet":
        """Those whose last move was his own verdict, which nobody else has opened since; what `UNDO` would ask."""
        from reviews.models.entry import ReviewEntry, ReviewOpening

        last = ReviewEntry.objects.filter(case=OuterRef("pk")).order_by("-pk")
        others = ReviewOpening.objects.filter(case=OuterRef("pk"), seen_version=OuterRef("version")).exclude(by=user)
        rows = self.alias(last_by=Subquery(last.values("by")[:1]), last_move=Subquery(last.values("move")[:1]))
        his = rows.filter(last_by=user.pk, last_move__in=UNDOABLE).exclude(Exists(others))
        return his.exclude(state=State.APPROVED, state_since__lt=start_of_day(today))

    @staticmethod
    def _passed_by(user) -> Exists:
        from reviews.models.entry import ReviewEntry

        passed = ReviewEntry.objects.filter(case=OuterRef("pk"), round=OuterRef("round"), by=user, move=Move.PASS)
        return Exists(passed.filter(undone_by=None))

    @staticmethod
    def _to_judge(user) -> Q:
        authority, mine = user.authority, Q(pk__in=[])
        for state, permission in STEP_PERMISSION.items():
            if groups := authority.groups_with(permission):
                mine |= Q(state=state, group__in=groups)
            for acting in authority.acting:
                if acting.covers(permission, acting.kind):
                    scope = Q(state=state, group=acting.group_id)
                    if acting.only_overdue:
                        scope &= Q(due_on__lt=authority.day)
                    mine |= scope & Q(kind=acting.kind) if acting.kind else scope
        return mine

    @staticmethod
    def _to_ratify(user) -> Q:
        """In person, not as a delegate: a 特批 is not to be ratified in the name of whoever gave it."""
        groups = frozenset().union(*(user.authority.groups_with(permission) for permission in RATIFIES))
        if not groups:
            return Q(pk__in=[])
        return Q(pending_override__isnull=False, group__in=groups) & ~Q(pending_override__by=user)

    def most_urgent_first(self, today: date) -> "ReviewCaseQuerySet":
        """What is overdue, then whatever has waited longest."""
        late = Case(When(due_on__lt=today, then=Value(0)), default=Value(1))
        return self.order_by(late, "state_since", "pk")

    def with_people(self) -> "ReviewCaseQuerySet":
        return self.select_related("author", "group__organization", "owner")


class ReviewCase(models.Model):
    """审核件: one subject on its way through two reviews and a gate. It does not know what it reviews.

    `owner` hands in and `group` judges: the same group, or for a lecture the committee above it.
    `version` counts every move and is what a page must have seen; `round` counts submissions. What was approved by
    特批 says at which step, and points at the 特批 itself until it is ratified.
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
    due_on = models.DateField("办理期限", null=True)
    approved_version = models.ForeignKey(
        "ReviewVersion", models.PROTECT, null=True, related_name="+", verbose_name="定稿版本"
    )
    override_step = models.CharField("特批时所在环节", max_length=16, choices=State.choices, blank=True)
    pending_override = models.ForeignKey(
        "ReviewEntry", models.PROTECT, null=True, related_name="+", verbose_name="待追认的特批"
    )

    objects = ReviewCaseQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "审核件"
        constraints = [
            models.CheckConstraint(
                condition=~Q(state=State.APPROVED) | Q(approved_version__isnull=False),
                name="case_approved_names_version",
            ),
            models.CheckConstraint(
                condition=Q(pending_override=None) | (Q(state=State.APPROVED) & ~Q(override_step="")),
                name="case_pending_override_is_approved",
            ),
            models.CheckConstraint(
                condition=Q(due_on=None) | Q(state__in=list(STEP_PERMISSION)), name="case_due_only_at_a_step"
            ),
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

    @property
    def awaits_ratification(self) -> bool:
        return self.pending_override_id is not None

    @property
    def allows_override(self) -> bool:
        return kind_of(self.kind).allows_override


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


def is_unsent_revision(case: ReviewCase) -> bool:
    """Approved, opened for a revision, and nothing handed in since: the approval can still be taken up again."""
    if case.state != State.DRAFT or case.approved_version_id is None:
        return False
    return not ReviewVersion.objects.filter(case=case, pk__gt=case.approved_version_id).exists()


def may_read_case(case: ReviewCase, authority: Authority) -> bool:
    """May the way of a case of the group be read: under way by the group's own, once approved also from above."""
    if authority.allows(Permission.READ_PAPERS, case.group_id):
        return True
    return case.is_approved and authority.allows(Permission.READ_APPROVED, case.group_id)
