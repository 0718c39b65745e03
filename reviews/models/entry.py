from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length
from django.db.models.lookups import GreaterThanOrEqual

from accounts.models import User
from reviews.chain import APPROVALS, RATIFICATIONS, REASON_LENGTH, RETURNS, VERDICTS, Move, State
from reviews.models.case import ReviewCase, ReviewVersion


class ReviewOpening(models.Model):
    """阅看: this person has opened the case as it then stood. Nothing is judged that was not opened.

    `seen_version` is the case's `version`: an opening is of one stay at one step, so that a case which comes back is
    opened anew, and “has anybody else opened it since” is one look-up.
    """

    case = models.ForeignKey(ReviewCase, models.PROTECT, related_name="openings", verbose_name="审核件")
    seen_version = models.PositiveIntegerField("变更序号")
    subject_version = models.ForeignKey(ReviewVersion, models.PROTECT, related_name="openings", verbose_name="版本")
    round = models.PositiveIntegerField("第几轮")
    step = models.CharField("当时状态", max_length=16, choices=State.choices)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="阅看人")
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "阅看"
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["case", "seen_version", "by"], name="review_opening_once")]

    def __str__(self) -> str:
        return f"{self.by} {self.at}"


class ReviewEntryQuerySet(models.QuerySet["ReviewEntry"]):
    def standing(self) -> "ReviewEntryQuerySet":
        """Without what was taken back."""
        return self.filter(undone_by=None)

    def approvals(self) -> "ReviewEntryQuerySet":
        """What approved something and was not taken back: a pass of the last step, or a 特批."""
        return self.standing().filter(move__in=APPROVALS, to_state=State.APPROVED)


class ReviewEntry(models.Model):
    """审核记录: one move, by whom, for whom, on which version. Never changed, but marked when it is taken back."""

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
    overridden_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="特批人")
    opening = models.ForeignKey(ReviewOpening, models.PROTECT, null=True, related_name="+", verbose_name="阅看")
    comment = models.TextField("意见", blank=True, max_length=2000)
    point_count = models.PositiveSmallIntegerField("退回意见条数", default=0)
    at = models.DateTimeField("时间")
    undone_by = models.ForeignKey("self", models.PROTECT, null=True, related_name="undoes", verbose_name="由哪条收回")

    objects = ReviewEntryQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "审核记录"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "round", "by"],
                condition=Q(move=Move.PASS, undone_by=None),
                name="entry_one_pass_per_person_and_round",
                violation_error_message="同一轮审核中，一个人只能通过一个环节。",
            ),
            models.CheckConstraint(
                condition=~Q(move__in=VERDICTS) | (~Q(by=F("author")) & ~Q(by=F("handed_in_by"))),
                name="entry_nobody_judges_his_own",
                violation_error_message="不能审核自己撰写或提交的材料。",
            ),
            models.CheckConstraint(
                condition=~Q(move__in=RETURNS) | Q(point_count__gte=1),
                name="entry_return_has_a_point",
                violation_error_message="退回时至少写一条具体意见。",
            ),
            models.CheckConstraint(
                condition=~Q(move__in=[*VERDICTS, Move.SUBMIT]) | Q(subject_version__isnull=False),
                name="entry_verdict_names_version",
            ),
            models.CheckConstraint(
                condition=~Q(move__in=VERDICTS) | Q(opening__isnull=False),
                name="entry_verdict_was_opened",
                violation_error_message="请先打开看过再办理。",
            ),
            models.CheckConstraint(
                condition=~Q(move=Move.OVERRIDE) | Q(GreaterThanOrEqual(Length("comment"), REASON_LENGTH)),
                name="entry_override_has_a_reason",
                violation_error_message="特批要写明理由。",
            ),
            models.CheckConstraint(
                condition=~Q(move__in=RATIFICATIONS) | (Q(overridden_by__isnull=False) & ~Q(by=F("overridden_by"))),
                name="entry_ratified_by_another",
                violation_error_message="特批须由另一位同志追认。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_from_state_display()}→{self.get_to_state_display()}"

    @property
    def is_undone(self) -> bool:
        """Taken back by whoever gave it, or a 特批 that was not ratified."""
        return self.undone_by_id is not None

    @property
    def words(self) -> str:
        """What was done, as the history and the papers call it."""
        step, to = self.get_from_state_display(), self.get_to_state_display()
        told = {
            Move.PASS: f"{step}通过",
            Move.RETURN: f"{step}退回",
            Move.OVERRIDE: f"特批（在{step}环节）",
            Move.RATIFY: "追认特批",
            Move.REFUSE_RATIFICATION: "不予追认，退回修改",
            Move.UNDO: f"撤销，回到{to}",
        }
        return told.get(Move(self.move), str(self.get_move_display()))

    @property
    def undone_words(self) -> str:
        """How it was taken back; "" while it stands."""
        if self.undone_by is None:
            return ""
        return "未获追认" if self.undone_by.move == Move.REFUSE_RATIFICATION else "已撤销"


class ReturnPoint(models.Model):
    """退回意见: one numbered point the author has to answer before he hands in again.

    It may offer wording: `suggested` in the place of `original`, which the author takes or not (`taken`). `reworked`:
    he took it, and has written something else there before he handed in.
    """

    entry = models.ForeignKey(ReviewEntry, models.PROTECT, related_name="points", verbose_name="退回记录")
    number = models.PositiveSmallIntegerField("序号")
    paragraph = models.PositiveSmallIntegerField("第几段", null=True)
    text = models.TextField("意见", max_length=1000)
    original = models.TextField("原文", max_length=5000, blank=True)
    suggested = models.TextField("建议改为", max_length=5000, blank=True)
    taken = models.BooleanField("是否采纳", null=True)
    reworked = models.BooleanField("采纳后又改", default=False)
    answer = models.TextField("修改说明", max_length=1000, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "退回意见"
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["entry", "number"], name="return_point_once"),
            models.CheckConstraint(
                condition=Q(taken=None) | (~Q(suggested="") & ~Q(original="")), name="return_point_taken_was_suggested"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}. {self.text}"


def has_verdict_in_round(case: ReviewCase) -> bool:
    """Has somebody judged what was handed in last, and not taken it back?"""
    return ReviewEntry.objects.standing().filter(case=case, round=case.round, move__in=VERDICTS).exists()
