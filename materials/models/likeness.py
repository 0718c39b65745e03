from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Count, OuterRef, Q, Subquery

from accounts.models import StudyGroup, User
from materials.likeness.findings import Sort, Thresholds
from materials.models.library import Material
from materials.models.submission import Submission, SubmissionQuerySet
from reviews.chain import State
from reviews.models import ReviewVersion

SORTS = {
    Sort.OTHER: "与其他材料相同",
    Sort.OWN: "与本人此前材料相同",
    Sort.LIBRARY: "与学习资料相同，没有加引号",
    Sort.QUOTED: "引文",
}


class LikenessRuleQuerySet(models.QuerySet["LikenessRule"]):
    def of(self, group_id: int) -> "LikenessRule":
        """The group's own, or what is shipped; reading writes nothing."""
        return self.filter(group=group_id).first() or LikenessRule(group_id=group_id)


class LikenessRule(models.Model):
    """雷同提示的标准: what one group calls worth a hint. A group without a row has the shipped numbers."""

    group = models.OneToOneField(StudyGroup, models.PROTECT, related_name="+", verbose_name="学习组")
    shortest = models.PositiveSmallIntegerField(
        "相同的一段满多少字才提示", default=50, validators=[MinValueValidator(20), MaxValueValidator(500)]
    )
    share = models.PositiveSmallIntegerField("合计占全文百分之几才提示", default=5, validators=[MaxValueValidator(100)])
    repeat_share = models.PositiveSmallIntegerField(
        "本人旧稿、资料原文占百分之几才提示", default=30, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    years = models.PositiveSmallIntegerField(
        "与前几年的材料比对", default=3, validators=[MinValueValidator(1), MaxValueValidator(20)]
    )
    version = models.PositiveIntegerField(default=0, editable=False)

    objects = LikenessRuleQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "雷同提示的标准"

    def __str__(self) -> str:
        return f"{self.group}：{self.shortest} 字、{self.share}%"

    @property
    def thresholds(self) -> Thresholds:
        return Thresholds(self.shortest, self.share, self.repeat_share)


def handed_in_papers() -> SubmissionQuerySet:
    """Papers others may be compared with: in review, returned or approved. What was taken back is a draft again."""
    rows = Submission.objects.filter(~Q(review__state=State.DRAFT) | Q(review__approved_version__isnull=False))
    latest = ReviewVersion.objects.filter(case=OuterRef("review")).order_by("-number").values("pk")[:1]
    return rows.annotate(latest=Subquery(latest)).filter(latest__isnull=False)


class TextPrint(models.Model):
    """文字特征: the fingerprint of a paper's last handed-in version, or of a text of the library."""

    group = models.ForeignKey(StudyGroup, models.PROTECT, related_name="+", verbose_name="学习组")
    submission = models.OneToOneField(
        Submission, models.CASCADE, null=True, related_name="text_print", verbose_name="学习材料"
    )
    version = models.ForeignKey(ReviewVersion, models.PROTECT, null=True, related_name="+", verbose_name="送审版本")
    material = models.OneToOneField(
        Material, models.CASCADE, null=True, related_name="text_print", verbose_name="学习资料"
    )
    # The version of the library text that was read.
    stamp = models.PositiveIntegerField("资料的变更序号", default=0)
    hashes = models.BinaryField("特征")

    class Meta:
        verbose_name = verbose_name_plural = "文字特征"
        constraints = [
            models.CheckConstraint(
                condition=Q(submission__isnull=False, version__isnull=False, material__isnull=True)
                | Q(submission__isnull=True, version__isnull=True, material__isnull=False),
                name="text_print_of_one_text",
            )
        ]

    def __str__(self) -> str:
        return str(self.submission or self.material)


class ComparisonQuerySet(models.QuerySet["Comparison"]):
    def with_counts(self) -> "ComparisonQuerySet":
        """How many passages there are of each sort, and how many of them were looked at."""
        counts: dict[str, Any] = {sort.value: Count("passages", filter=Q(passages__sort=sort)) for sort in Sort}
        return self.annotate(**counts, marked=Count("passages", filter=~Q(passages__mark="")))


class Comparison(models.Model):
    """一次比对: one handed-in version against what the group has, or (without version) its author's own draft.

    A hint for readers of the text, not a measure of a person: nothing adds it up.
    """

    submission = models.ForeignKey(Submission, models.CASCADE, related_name="comparisons", verbose_name="学习材料")
    version = models.OneToOneField(ReviewVersion, models.PROTECT, null=True, related_name="+", verbose_name="送审版本")
    # Which state of the draft was read; its author may have gone on writing since.
    stamp = models.PositiveIntegerField("草稿的变更序号", default=0)
    asked_at = models.DateTimeField("提出时间")
    done_at = models.DateTimeField("完成时间", null=True)
    thresholds = models.JSONField("所用标准", default=dict)
    papers = models.PositiveIntegerField("比对的材料", default=0)
    texts = models.PositiveIntegerField("比对的资料", default=0)
    letters = models.JSONField("各类字数", default=dict)
    is_hint = models.BooleanField("提示", default=False)

    objects = ComparisonQuerySet.as_manager()
    marked: int  # of with_counts()

    class Meta:
        verbose_name = verbose_name_plural = "比对"
        constraints = [
            models.UniqueConstraint(
                fields=["submission"], condition=Q(version__isnull=True), name="comparison_one_of_a_draft"
            )
        ]

    def __str__(self) -> str:
        return f"{self.submission} 比对"


class PassageMark(models.TextChoices):
    QUOTED = "quoted", "已核：是引用"
    FAIR = "fair", "已核：合理"


class LikePassage(models.Model):
    """相同的一处: where it stands in the paper and where in its source, in characters of one paragraph.

    A paper's words are read from its frozen version; those of the library are kept, because the library changes.
    """

    comparison = models.ForeignKey(Comparison, models.CASCADE, related_name="passages", verbose_name="比对")
    number = models.PositiveSmallIntegerField("序号")
    sort = models.CharField("类别", max_length=8, choices=[(s.value, label) for s, label in SORTS.items()])
    paragraph = models.PositiveIntegerField("第几段")
    start = models.PositiveIntegerField("从")
    end = models.PositiveIntegerField("到")
    source = models.ForeignKey(Submission, models.CASCADE, null=True, related_name="+", verbose_name="来源材料")
    source_version = models.ForeignKey(
        ReviewVersion, models.PROTECT, null=True, related_name="+", verbose_name="来源版本"
    )
    material = models.ForeignKey(Material, models.SET_NULL, null=True, related_name="+", verbose_name="来源资料")
    source_paragraph = models.PositiveIntegerField("来源第几段")
    source_start = models.PositiveIntegerField("来源从")
    source_end = models.PositiveIntegerField("来源到")
    excerpt = models.TextField("资料原文", blank=True)
    mark = models.CharField("核对", max_length=8, choices=PassageMark.choices, blank=True)
    marked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="核对人")
    marked_at = models.DateTimeField("核对时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "相同的一处"
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["comparison", "number"], name="like_passage_once")]

    def __str__(self) -> str:
        return f"第{self.paragraph}段 {self.start}–{self.end}"
