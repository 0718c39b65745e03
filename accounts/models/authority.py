from datetime import date

from django.db import connection, models
from django.db.models import F, Q

from accounts.models.organization import StudyGroup
from accounts.models.user import User
from accounts.permissions import DELEGABLE, LEAVE, Role

MEMBERSHIP_CATEGORIES = [(r.value, r.label) for r in (Role.MEMBER, Role.EXTENDED, Role.OBSERVER)]
APPOINTED_ROLES = [
    (r.value, r.label) for r in (Role.LEADER, Role.DEPUTY_LEADER, Role.STUDY_SECRETARY, Role.OFFICE, Role.SUPERVISOR)
]
DELEGABLE_ROLES = [(r.value, r.label) for r in DELEGABLE]


def _dates_in_order(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
        name=name,
        violation_error_message="结束日期不能早于开始日期。",
    )


class DatedQuerySet(models.QuerySet):
    def on(self, day: date) -> "DatedQuerySet":
        """Rows valid on a day, both ends included."""
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=day), starts_on__lte=day)

    def visible_to(self, user) -> "DatedQuerySet":
        return self.filter(group__in=StudyGroup.objects.visible_to(user))


class Membership(models.Model):
    """名单: a person's place in a group's roster from a day to a day, with the title he then had."""

    group = models.ForeignKey(StudyGroup, models.PROTECT, related_name="memberships", verbose_name="学习组")
    user = models.ForeignKey(User, models.PROTECT, related_name="memberships", verbose_name="人员")
    category = models.CharField("类别", max_length=12, choices=MEMBERSHIP_CATEGORIES)
    title = models.CharField("职务", max_length=80, blank=True)
    department = models.CharField("工作区、部门", max_length=60, blank=True)
    position = models.PositiveSmallIntegerField("排序", default=100)
    starts_on = models.DateField("开始日期")
    ends_on = models.DateField("结束日期", null=True, blank=True)
    version = models.PositiveIntegerField(default=0, editable=False)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "名单"
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["group", "user"],
                condition=Q(ends_on=None),
                name="membership_one_open",
                violation_error_message="这位同志已经在名单中。",
            ),
            _dates_in_order("membership_dates_in_order"),
        ]
        indexes = [models.Index(fields=["group", "starts_on"], name="membership_group")]

    def __str__(self) -> str:
        return f"{self.user} {self.title}"


class Appointment(models.Model):
    """任职: a role in a group from a day to a day. One person may hold several."""

    group = models.ForeignKey(StudyGroup, models.PROTECT, related_name="appointments", verbose_name="学习组")
    user = models.ForeignKey(User, models.PROTECT, related_name="appointments", verbose_name="人员")
    role = models.CharField("角色", max_length=16, choices=APPOINTED_ROLES)
    starts_on = models.DateField("开始日期")
    ends_on = models.DateField("结束日期", null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "任职"
        ordering = ["group", "role", "starts_on"]
        constraints = [
            models.UniqueConstraint(
                fields=["group", "user", "role"],
                condition=Q(ends_on=None),
                name="appointment_one_open",
                violation_error_message="这位同志已经担任这个角色。",
            ),
            models.UniqueConstraint(
                fields=["group"],
                condition=Q(role=Role.LEADER.value, ends_on=None),
                name="appointment_one_leader",
                violation_error_message="一个学习组同时只能有一位组长，请先填写前任的结束日期。",
            ),
            _dates_in_order("appointment_dates_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.get_role_display()}"


class Delegation(models.Model):
    """委托: while it lasts, `delegate` acts for `principal` in one role; both names are printed."""

    group = models.ForeignKey(StudyGroup, models.PROTECT, related_name="delegations", verbose_name="学习组")
    principal = models.ForeignKey(User, models.PROTECT, related_name="delegations_given", verbose_name="委托人")
    delegate = models.ForeignKey(User, models.PROTECT, related_name="delegations_held", verbose_name="受托人")
    role = models.CharField("代行的角色", max_length=16, choices=DELEGABLE_ROLES)
    kind = models.SlugField("限于哪类材料", blank=True, db_index=False, help_text="空：全部。")
    only_overdue = models.BooleanField("只在逾期后接办", default=False)
    starts_on = models.DateField("开始日期")
    ends_on = models.DateField("结束日期")
    reason = models.CharField("原因", max_length=200)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "委托"
        ordering = ["-starts_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(principal=F("delegate")),
                name="delegation_to_another",
                violation_error_message="不能委托给自己。",
            ),
            models.CheckConstraint(
                condition=Q(only_overdue=False) | ~Q(kind=LEAVE),
                name="delegation_overdue_is_for_papers",
                violation_error_message="请假没有办理期限，不能“只在逾期后接办”。",
            ),
            _dates_in_order("delegation_dates_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.delegate}受{self.principal}委托"

    def overlapping(self) -> models.QuerySet["Delegation"]:
        """Others of the same role to the same person with a day in common."""
        same = Delegation.objects.filter(
            group=self.group, principal=self.principal, delegate=self.delegate, role=self.role
        )
        return same.filter(starts_on__lte=self.ends_on, ends_on__gte=self.starts_on).exclude(pk=self.pk)

    @property
    def is_only_leave(self) -> bool:
        return self.kind == LEAVE


# Written out because every request runs it: building the same union from querysets costs more than running it.
AUTHORITY_SQL = """
SELECT group_id, category, CAST(NULL AS BIGINT), '', '', FALSE FROM accounts_membership
 WHERE user_id = %(user)s AND starts_on <= %(day)s AND (ends_on IS NULL OR ends_on >= %(day)s)
UNION ALL
SELECT group_id, role, CAST(NULL AS BIGINT), '', '', FALSE FROM accounts_appointment
 WHERE user_id = %(user)s AND starts_on <= %(day)s AND (ends_on IS NULL OR ends_on >= %(day)s)
UNION ALL
SELECT d.group_id, d.role, d.principal_id, u.name, d.kind, d.only_overdue
  FROM accounts_delegation d JOIN accounts_user u ON u.id = d.principal_id AND u.is_active
 WHERE d.delegate_id = %(user)s AND d.starts_on <= %(day)s AND d.ends_on >= %(day)s
   AND EXISTS (SELECT 1 FROM accounts_appointment a
                WHERE a.group_id = d.group_id AND a.user_id = d.principal_id AND a.role = d.role
                  AND a.starts_on <= %(day)s AND (a.ends_on IS NULL OR a.ends_on >= %(day)s))
"""


def authority_rows(user: User, on: date) -> list[tuple[int, str, int | None, str, str, bool]]:
    """(group, role, principal, his name, kind, only when overdue) of everything valid on a day, in one statement.

    A delegation counts only while its principal is active and still appointed to the role.
    """
    with connection.cursor() as cursor:
        cursor.execute(AUTHORITY_SQL, {"user": user.pk, "day": on.isoformat()})
        return cursor.fetchall()
