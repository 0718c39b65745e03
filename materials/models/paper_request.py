from datetime import date
from typing import Any

from django.db import models
from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from accounts.models import Membership, StudyGroup, User
from accounts.permissions import Permission, Role
from reviews.chain import State
from sessions_app.models import PlanItem, StudySession


class PaperRequestQuerySet(models.QuerySet["PaperRequest"]):
    def visible_to(self, user) -> "PaperRequestQuerySet":
        """Of the groups whose papers he reads, and what was asked of him."""
        readable = user.authority.groups_with(Permission.READ_PAPERS)
        asked = PaperRequestPerson.objects.filter(person=user).values("request")
        return self.filter(Q(group__in=readable) | Q(pk__in=asked))

    def manageable_by(self, user) -> "PaperRequestQuerySet":
        return self.filter(group__in=user.authority.groups_with(Permission.MANAGE_SESSIONS))

    def asked_of(self, person: User) -> "PaperRequestQuerySet":
        """Not closed, and he is asked and not excused: what a paper of his may name."""
        rows = PaperRequestPerson.objects.filter(request=OuterRef("pk"), person=person, excused_at=None)
        return self.filter(Exists(rows), closed_at=None)

    def unanswered_by(self, person: User, *, besides: int | None = None) -> "PaperRequestQuerySet":
        """Of those the ones no other paper of his names yet."""
        written = person.submissions.filter(request=OuterRef("pk")).exclude(pk=besides)
        return self.asked_of(person).filter(~Exists(written))

    def in_year(self, year: int) -> "PaperRequestQuerySet":
        """The year of the due date."""
        return self.filter(due_on__year=year)

    def overdue(self, today: date) -> "PaperRequestQuerySet":
        """Open, past its day, and somebody still owes."""
        owing = PaperRequestPerson.objects.owing().filter(request=OuterRef("pk"))
        return self.filter(Exists(owing), closed_at=None, due_on__lt=today)

    def with_counts(self) -> "PaperRequestQuerySet":
        """asked_count without who is excused, answered_count and on_time_count of them, excused_count."""
        people = PaperRequestPerson.objects.filter(request=OuterRef("pk"))
        counted = people.filter(excused_at=None)
        return self.annotate(
            asked_count=_number_of(counted),
            answered_count=_number_of(counted.answered()),
            on_time_count=_number_of(counted.on_time()),
            excused_count=_number_of(people.filter(excused_at__isnull=False)),
        )


def _number_of(rows: models.QuerySet) -> Coalesce:
    counted = rows.order_by().values("request").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted), 0)


class PaperRequest(models.Model):
    """布置材料: named people are asked for a kind of paper by a day, for a session, a plan item or on its own."""

    group = models.ForeignKey(StudyGroup, models.PROTECT, related_name="paper_requests", verbose_name="学习组")
    kind = models.SlugField("类别", max_length=50, db_index=False)
    kind_name = models.CharField("类别名称", max_length=30, editable=False)
    title = models.CharField("题目或专题", max_length=200)
    note = models.TextField("要求", max_length=1000, blank=True)
    words_wanted = models.PositiveIntegerField("字数要求（不少于）", null=True, blank=True)
    due_on = models.DateField("截止日期")
    session = models.ForeignKey(
        StudySession,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="paper_requests",
        verbose_name="学习活动",
    )
    plan_item = models.ForeignKey(
        PlanItem, models.SET_NULL, null=True, blank=True, related_name="paper_requests", verbose_name="计划项目"
    )
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="布置人")
    asked_at = models.DateTimeField("布置时间")
    closed_at = models.DateTimeField("结束时间", null=True)
    version = models.PositiveIntegerField(default=0, editable=False)

    objects = PaperRequestQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "布置的材料"
        ordering = ["-due_on", "-pk"]
        indexes = [models.Index(fields=["group", "-due_on"], name="paper_request_group_due")]

    def __str__(self) -> str:
        return self.title

    @property
    def is_closed(self) -> bool:
        return self.closed_at is not None

    def days_left(self, today: date) -> int:
        """Until the due date; negative when it has passed."""
        return (self.due_on - today).days


def answers() -> models.QuerySet:
    """The one rule what answers a request, for a query over `PaperRequestPerson`: a paper of his own, handed in, that
    names the request; or one that names none, of the same kind, for the same session or for a session of the same
    topic of the plan. A draft, or one taken back, answers nothing. The first handed in comes first.
    """
    from materials.models.submission import Submission

    same_session = Q(handed_in_session=OuterRef("request__session"))
    same_session |= Q(handed_in_session__plan_item=OuterRef("request__plan_item"))
    unnamed = Q(request=None, kind=OuterRef("request__kind")) & same_session
    return (
        Submission.objects.filter(
            Q(request=OuterRef("request")) | unnamed,
            author=OuterRef("person"),
            group=OuterRef("request__group"),
            received_at__isnull=False,
        )
        .exclude(review__state=State.DRAFT)
        .order_by("received_at", "pk")
    )


class PaperRequestPersonQuerySet(models.QuerySet["PaperRequestPerson"]):
    def visible_to(self, user) -> "PaperRequestPersonQuerySet":
        """Everybody's to who reads the group's papers, to others only their own."""
        readable = user.authority.groups_with(Permission.READ_PAPERS)
        return self.filter(Q(request__group__in=readable) | Q(person=user))

    def answered(self) -> "PaperRequestPersonQuerySet":
        return self.filter(Exists(answers()))

    def on_time(self) -> "PaperRequestPersonQuerySet":
        """First handed in no later than the due date, a day of Asia/Shanghai."""
        return self.filter(Exists(answers().filter(received_at__date__lte=OuterRef("request__due_on"))))

    def owing(self) -> "PaperRequestPersonQuerySet":
        """Neither handed in nor excused, of requests that are not closed."""
        return self.filter(~Exists(answers()), request__closed_at=None, excused_at=None)

    def on_roster(self, day: date) -> "PaperRequestPersonQuerySet":
        """Who can still write for the group: on its roster as 成员 or 扩大人员 that day."""
        return self.filter(Exists(_places(day)))

    def with_answer(self, today: date) -> "PaperRequestPersonQuerySet":
        """answer_id, his paper if there is one; his title on the roster, and whether he is on it."""
        places = _places(today).order_by("-starts_on")
        return self.annotate(
            answer_id=Subquery(answers().values("pk")[:1]),
            title=Coalesce(Subquery(places.values("title")[:1]), models.Value("")),
            is_listed=Exists(places),
        )


def _places(day: date) -> Any:
    rows: Any = Membership.objects
    return rows.on(day).filter(
        group=OuterRef("request__group"), user=OuterRef("person"), category__in=(Role.MEMBER, Role.EXTENDED)
    )


class PaperRequestPerson(models.Model):
    """布置对象: one person asked. He owes the paper until he has handed one in or is excused with a reason."""

    request = models.ForeignKey(PaperRequest, models.CASCADE, related_name="people", verbose_name="布置的材料")
    person = models.ForeignKey(User, models.PROTECT, related_name="paper_requests", verbose_name="人员")
    excused_reason = models.CharField("免交原因", max_length=200, blank=True)
    excused_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="免交人")
    excused_at = models.DateTimeField("免交时间", null=True)

    objects = PaperRequestPersonQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "布置对象"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["request", "person"], name="paper_request_asks_once"),
            models.CheckConstraint(
                condition=Q(excused_at=None) | ~Q(excused_reason=""),
                name="paper_request_excused_with_reason",
                violation_error_message="免交要写明原因。",
            ),
        ]
        indexes = [models.Index(fields=["person", "request"], name="paper_request_person")]

    def __str__(self) -> str:
        return f"{self.person} {self.request}"
