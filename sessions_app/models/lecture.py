from django.db import models
from django.db.models import Q

from accounts.models import StudyGroup, User
from accounts.permissions import Permission
from reviews.chain import State
from reviews.models import ReviewCase
from sessions_app.models.session import StudySession
from studygroup.lib.clock import year_bounds


class LectureQuerySet(models.QuerySet["Lecture"]):
    def visible_to(self, user) -> "LectureQuerySet":
        """The approving group's, and the organiser's own; drafts only for those who keep records there."""
        authority = user.authority
        readable = authority.groups_with(Permission.READ_SESSIONS)
        drafts = authority.groups_with(Permission.READ_DRAFTS)
        asked = ~Q(review__state=State.DRAFT) | Q(review__approved_version__isnull=False)
        return self.filter(
            Q(organizer__in=drafts) | (asked & (Q(review__group__in=readable) | Q(organizer__in=readable)))
        )

    def in_year(self, year: int) -> "LectureQuerySet":
        first, after = year_bounds(year)
        return self.filter(starts_at__gte=first, starts_at__lt=after)


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


class LectureFilePurpose(models.TextChoices):
    QUALIFICATION = "qualification", "资质材料"
    OUTLINE = "outline", "提纲、讲稿"
    SLIDES = "slides", "课件"
    USED = "used", "实际使用的讲稿、课件"


class LectureFileQuerySet(models.QuerySet["LectureFile"]):
    def visible_to(self, user) -> "LectureFileQuerySet":
        of_lectures = Q(lecture__in=Lecture.objects.visible_to(user))
        return self.filter(of_lectures | Q(lecturer__in=Lecturer.objects.visible_to(user)))


class LectureFile(models.Model):
    """报告会附件: of an application or, for 资质材料, of a lecturer's card. Bytes are never changed.

    USED is what was shown on the day; it is compared with what was approved by its SHA-256.
    """

    lecture = models.ForeignKey(Lecture, models.CASCADE, null=True, related_name="files", verbose_name="报告会")
    lecturer = models.ForeignKey(Lecturer, models.CASCADE, null=True, related_name="files", verbose_name="主讲人")
    purpose = models.CharField("用途", max_length=16, choices=LectureFilePurpose.choices)
    file = models.FileField("文件", upload_to="lectures", max_length=200)
    name = models.CharField("文件名", max_length=150)
    size = models.PositiveBigIntegerField("大小（字节）")
    sha256 = models.CharField("SHA-256", max_length=64)
    added_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="上传人")
    added_at = models.DateTimeField("上传时间")
    removed_at = models.DateTimeField("移除时间", null=True)

    objects = LectureFileQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "报告会附件"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(lecture__isnull=True) ^ Q(lecturer__isnull=True), name="lecture_file_of_one"
            )
        ]

    def __str__(self) -> str:
        return self.name
