from collections.abc import Iterable
from datetime import datetime

from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery

from accounts.models import StudyGroup, User
from accounts.permissions import Permission
from reviews.chain import State
from reviews.models import ReviewCase, ReviewVersion
from sessions_app.models.rule import StudyRule
from sessions_app.models.session import StudySession
from sessions_app.rules import lecture_lateness
from studygroup.lib.clock import local_date, year_bounds
from studygroup.lib.models import StoredFile

# What the approval is about: whoever changes one of these after it has to ask again. The files of the application
# belong to it as well. The rest — 类别, 规模, 所在单位意见, the card and the session it is linked to — does not.
MATERIAL = (
    "title",
    "topic",
    "starts_at",
    "place",
    "lecturer_name",
    "lecturer_unit",
    "lecturer_title",
    "lecturer_political_status",
    "lecturer_qualification",
    "involves_foreign",
    "outline",
)
# What an application cannot do without when it is handed in; a draft may lack it. 资质 and 提纲 may also be files.
REQUIRED = (
    "topic",
    "place",
    "audience",
    "lecturer_name",
    "lecturer_unit",
    "lecturer_political_status",
    "lecturer_qualification",
    "own_unit_opinion",
    "outline",
)
LEAD_MEASURE = "lecture_lead_days"
LEAD_DAYS = 3  # where the group has no rule of its own


class LectureQuerySet(models.QuerySet["Lecture"]):
    def visible_to(self, user) -> "LectureQuerySet":
        """The office sees its own, who reviews or oversees what was handed in, members what is approved."""
        authority = user.authority
        readable = authority.groups_with(Permission.READ_SESSIONS)
        drafts = authority.groups_with(Permission.READ_DRAFTS)
        handed_in = ~Q(review__state=State.DRAFT) | Q(review__approved_version__isnull=False)
        judged = handed_in & Q(review__in=ReviewCase.objects.visible_to(user))
        approved = Q(review__state=State.APPROVED)
        return self.filter(
            Q(organizer__in=drafts) | judged | (approved & (Q(review__group__in=readable) | Q(organizer__in=readable)))
        )

    def in_year(self, year: int) -> "LectureQuerySet":
        first, after = year_bounds(year)
        return self.filter(starts_at__gte=first, starts_at__lt=after)

    def with_applied_at(self) -> "LectureQuerySet":
        """When it was handed in last, None for a draft never handed in."""
        versions = ReviewVersion.objects.filter(case=OuterRef("review")).order_by("-number")
        return self.annotate(applied_at=Subquery(versions.values("submitted_at")[:1]))


class LecturerQuerySet(models.QuerySet["Lecturer"]):
    def visible_to(self, user) -> "LecturerQuerySet":
        return self.filter(group__in=user.authority.groups_with(Permission.READ_DRAFTS))


class Lecturer(models.Model):
    """主讲人卡片: kept once, used for every lecture he gives; what was approved stays frozen in each application."""

    group = models.ForeignKey(StudyGroup, models.PROTECT, related_name="lecturers", verbose_name="学习组")
    name = models.CharField("姓名", max_length=50)
    unit = models.CharField("单位", max_length=100)
    title = models.CharField("职务、职称", max_length=80, blank=True)
    political_status = models.CharField("政治面貌", max_length=20, blank=True)
    qualification = models.CharField("资质说明", max_length=300, blank=True)
    version = models.PositiveIntegerField(default=0, editable=False)

    objects = LecturerQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "主讲人"
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["group", "name", "unit"], name="lecturer_once")]

    def __str__(self) -> str:
        return f"{self.name}（{self.unit}）"


class Lecture(models.Model):
    """报告会、授课: approved beforehand by `review.group` — the organiser's own committee or the one above it.

    A subordinate committee's lecture therefore counts for the committee that approved it (精武镇 授课前置审批).
    """

    organizer = models.ForeignKey(StudyGroup, models.PROTECT, related_name="lectures", verbose_name="主办")
    review = models.OneToOneField(ReviewCase, models.PROTECT, verbose_name="审核件", editable=False)
    session = models.ForeignKey(
        StudySession, models.PROTECT, null=True, blank=True, related_name="lectures", verbose_name="学习活动"
    )
    title = models.CharField("名称", max_length=200)
    category = models.CharField("类别", max_length=40, default="报告会")
    topic = models.CharField("主题", max_length=200)
    starts_at = models.DateTimeField("时间")
    place = models.CharField("地点", max_length=100)
    audience = models.PositiveIntegerField("规模（人）", default=0)
    lecturer = models.ForeignKey(
        Lecturer, models.PROTECT, null=True, blank=True, related_name="lectures", verbose_name="主讲人卡片"
    )
    lecturer_name = models.CharField("主讲人", max_length=50)
    lecturer_unit = models.CharField("主讲人单位", max_length=100)
    lecturer_title = models.CharField("主讲人职务", max_length=80, blank=True)
    lecturer_political_status = models.CharField("政治面貌", max_length=20, blank=True)
    lecturer_qualification = models.CharField("资质说明", max_length=300, blank=True)
    own_unit_opinion = models.CharField("所在单位意见", max_length=300, blank=True)
    involves_foreign = models.BooleanField("涉外", default=False)
    outline = models.TextField("讲授提纲", max_length=8000, blank=True)
    version = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField("建立时间")

    objects = LectureQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "报告会、授课"
        ordering = ["-starts_at", "-pk"]

    def __str__(self) -> str:
        return self.title

    @property
    def is_change_pending(self) -> bool:
        """Approved once, changed since, and not approved again: it must not be held."""
        return bool(self.review.approved_version_id) and not self.review.is_approved

    def is_held_at(self, moment: datetime) -> bool:
        return self.review.is_approved and self.starts_at <= moment

    def missing(self, purposes: Iterable[str]) -> list[str]:
        """Names of the fields still needed before it is handed in; `purposes` are those of its files."""
        instead = {
            "lecturer_qualification": {LectureFilePurpose.QUALIFICATION},
            "outline": {LectureFilePurpose.OUTLINE, LectureFilePurpose.SLIDES},
        }
        there = set(purposes)
        return [
            name
            for name in REQUIRED
            if not str(getattr(self, name) or "").strip() and not instead.get(name, set()) & there
        ]


class LeadDays:
    """How many days before the lecture its application is due, by approving group and year: read at once for all."""

    def __init__(self, group_ids: Iterable[int]) -> None:
        self.rules: dict[int, list[StudyRule]] = {}
        rows = StudyRule.objects.filter(group__in=set(group_ids), measure=LEAD_MEASURE)
        for rule in rows.order_by("-from_year", "-pk"):
            self.rules.setdefault(rule.group_id, []).append(rule)

    def of(self, group_id: int, year: int) -> int:
        """0 where the group has switched the rule off."""
        for rule in self.rules.get(group_id, []):
            if rule.from_year <= year:
                return rule.minimum if rule.is_active else 0
        return LEAD_DAYS

    def lateness(self, lecture: Lecture, applied_at: datetime) -> str:
        """“事后补报” or “迟报…”; "" for an application in good time."""
        days = self.of(lecture.review.group_id, local_date(lecture.starts_at).year)
        return lecture_lateness(lecture.starts_at, applied_at, days)


class LectureFilePurpose(models.TextChoices):
    QUALIFICATION = "qualification", "资质材料"
    OUTLINE = "outline", "提纲、讲稿"
    SLIDES = "slides", "课件"
    USED = "used", "实际使用的讲稿、课件"


class LectureFileQuerySet(models.QuerySet["LectureFile"]):
    def visible_to(self, user) -> "LectureFileQuerySet":
        """All for the organiser's office; for others what was handed in, even when it was taken off later.

        资质材料 is about a person: of the others only those who review or oversee open it.
        """
        lectures = Lecture.objects.visible_to(user)
        drafts = user.authority.groups_with(Permission.READ_DRAFTS)
        versions = ReviewVersion.objects.filter(
            case=OuterRef("lecture__review"), submitted_at__gte=OuterRef("added_at")
        )
        handed_in = Q(Exists(versions), removed_at=None) | Q(
            Exists(versions.filter(submitted_at__lt=OuterRef("removed_at")))
        )
        read = Q(lecture__in=lectures) & ~Q(purpose=LectureFilePurpose.QUALIFICATION)
        judged = Q(lecture__review__in=ReviewCase.objects.visible_to(user))
        return self.filter(
            Q(lecture__organizer__in=drafts)
            | (handed_in & (read | judged))
            | Q(lecture__in=lectures, purpose=LectureFilePurpose.USED, removed_at=None)
            | Q(lecturer__in=Lecturer.objects.visible_to(user))
        )

    def kept(self) -> "LectureFileQuerySet":
        """Not taken off."""
        return self.filter(removed_at=None)

    def of_application(self) -> "LectureFileQuerySet":
        """What is applied with, without what was used in the end."""
        return self.kept().exclude(purpose=LectureFilePurpose.USED)

    def used(self) -> "LectureFileQuerySet":
        return self.kept().filter(purpose=LectureFilePurpose.USED)


class LectureFile(StoredFile):
    """报告会附件: of an application or, for 资质材料, of a lecturer's card.

    USED is what was shown on the day; it is compared with what was approved by its SHA-256, and `note` says why it
    is not the same.
    """

    lecture = models.ForeignKey(Lecture, models.CASCADE, null=True, related_name="files", verbose_name="报告会")
    lecturer = models.ForeignKey(Lecturer, models.CASCADE, null=True, related_name="files", verbose_name="主讲人")
    purpose = models.CharField("用途", max_length=16, choices=LectureFilePurpose.choices)
    file = models.FileField("文件", upload_to="lectures", max_length=200)
    note = models.CharField("与批准的不一致的说明", max_length=300, blank=True)
    added_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="上传人")

    objects = LectureFileQuerySet.as_manager()

    class Meta(StoredFile.Meta):
        verbose_name = verbose_name_plural = "报告会附件"
        constraints = [
            models.CheckConstraint(
                condition=Q(lecture__isnull=True) ^ Q(lecturer__isnull=True), name="lecture_file_of_one"
            )
        ]
