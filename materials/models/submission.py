import re

from django.db import models
from django.db.models import Exists, OuterRef, Q

from accounts.models import StudyGroup, User
from accounts.permissions import Permission
from materials.models.paper_request import PaperRequest
from reviews.chain import State
from reviews.models import ReviewCase, ReviewVersion
from reviews.models.case import seen_as_delegate
from sessions_app.models import StudySession
from studygroup.lib.models import StoredFile


def words_in(text: str) -> int:
    """字数: characters without white space, as word processors count Chinese."""
    return len(re.sub(r"\s", "", text))


class SubmissionQuerySet(models.QuerySet["Submission"]):
    def visible_to(self, user) -> "SubmissionQuerySet":
        """His own, and what was handed in where he may read papers or may review this kind as a delegate."""
        readable = user.authority.groups_with(Permission.READ_PAPERS)
        approved = Q(group__in=user.authority.groups_with(Permission.READ_APPROVED), review__state=State.APPROVED)
        handed_in = ~Q(review__state=State.DRAFT)
        his = Q(author=user) | Q(review__handed_in_by=user)
        seen = his | (Q(group__in=readable) & handed_in) | approved
        return self.filter(seen | seen_as_delegate(user, "review__"))

    def in_year(self, year: int) -> "SubmissionQuerySet":
        """The year of the paper's own date, never of its upload."""
        return self.filter(written_on__year=year)


class Submission(models.Model):
    """学习材料: what a member writes. Its year is that of `written_on`; its kind is the slug of a `PaperKind`.

    `begun_pen` is the open page that began it, so that a page whose answer was lost on the way finds its draft again;
    `pen` is the one that wrote last and `pen_serial` its last writing, so that this one may go on and an older one may
    not. 收件号 is given at the first submission and stays.
    """

    group = models.ForeignKey(StudyGroup, models.PROTECT, related_name="submissions", verbose_name="学习组")
    author = models.ForeignKey(User, models.PROTECT, related_name="submissions", verbose_name="撰稿人")
    kind = models.SlugField("类别", max_length=50, db_index=False)
    title = models.CharField("标题", max_length=200)
    body = models.TextField("正文", max_length=50000)
    purpose = models.CharField("用途", max_length=100, blank=True)
    topic = models.CharField("专题", max_length=200, blank=True)
    request = models.ForeignKey(
        PaperRequest, models.PROTECT, null=True, blank=True, related_name="submissions", verbose_name="布置的材料"
    )
    session = models.ForeignKey(
        StudySession, models.SET_NULL, null=True, blank=True, related_name="submissions", verbose_name="学习活动"
    )
    handed_in_session = models.ForeignKey(
        StudySession,
        models.SET_NULL,
        null=True,
        editable=False,
        related_name="papers",
        verbose_name="提交时的学习活动",
    )  # what others go by: the author may be writing something else by now
    written_on = models.DateField("成文日期")
    review = models.OneToOneField(ReviewCase, models.PROTECT, verbose_name="审核件", editable=False)
    version = models.PositiveIntegerField(default=0, editable=False)
    begun_pen = models.CharField(max_length=32, blank=True, editable=False)
    pen = models.CharField(max_length=32, blank=True, editable=False)
    pen_serial = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField("建立时间")
    saved_at = models.DateTimeField("最近保存时间", null=True, editable=False)
    received_at = models.DateTimeField("首次提交时间", null=True, editable=False)
    receipt_year = models.PositiveSmallIntegerField("收件年度", null=True, editable=False)
    receipt_number = models.PositiveIntegerField("收件序号", null=True, editable=False)

    objects = SubmissionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "学习材料"
        ordering = ["-written_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["group", "receipt_year", "receipt_number"],
                condition=Q(receipt_number__isnull=False),
                name="submission_receipt_once",
            ),
            models.UniqueConstraint(
                fields=["author", "begun_pen"], condition=~Q(begun_pen=""), name="submission_one_per_pen"
            ),
            models.CheckConstraint(
                condition=Q(receipt_number=None) | (Q(receipt_year__isnull=False) & Q(received_at__isnull=False)),
                name="submission_receipt_is_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["group", "kind", "-written_on"], name="submission_group_kind"),
            models.Index(fields=["author", "-written_on"], name="submission_author"),
        ]

    def __str__(self) -> str:
        return self.title or "（还没有标题）"

    @property
    def kind_label(self) -> str:
        return self.review.kind_name

    @property
    def receipt(self) -> str:
        """收件号, e.g. 2020-0042; "" before the first submission."""
        return f"{self.receipt_year}-{self.receipt_number:04d}" if self.receipt_number else ""

    @property
    def word_count(self) -> int:
        return words_in(self.body)


class SubmissionFileQuerySet(models.QuerySet["SubmissionFile"]):
    def visible_to(self, user) -> "SubmissionFileQuerySet":
        """All of his own; of other people's, what belongs to a version handed in, even when it was taken off later."""
        handed_in = ReviewVersion.objects.filter(
            case=OuterRef("submission__review"), submitted_at__gte=OuterRef("added_at")
        )
        before_removal = handed_in.filter(submitted_at__lt=OuterRef("removed_at"))
        own = Q(submission__author=user)
        seen = own | Q(Exists(handed_in), removed_at=None) | Q(Exists(before_removal))
        return self.filter(seen, submission__in=Submission.objects.visible_to(user))


class SubmissionFile(StoredFile):
    """附件 of a paper."""

    submission = models.ForeignKey(Submission, models.PROTECT, related_name="files", verbose_name="学习材料")
    file = models.FileField("文件", upload_to="submissions", max_length=200)

    objects = SubmissionFileQuerySet.as_manager()

    class Meta(StoredFile.Meta):
        verbose_name = verbose_name_plural = "材料附件"
