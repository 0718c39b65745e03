"""What a new group's office does first: people, roles, the year's plan. Nothing once it is done."""

from datetime import date

from django.db.models import Exists, OuterRef
from django.urls import reverse

from accounts.models import Appointment, Membership, StudyGroup, User
from accounts.permissions import Permission, Role
from sessions_app.models import AnnualPlan


def first_steps_of(user: User, today: date) -> list[tuple[str, str, str]]:
    """(what, verb, address) of the first group he keeps that is not set up; without a verb it is for somebody else."""
    groups = StudyGroup.objects.filter(pk__in=user.authority.groups_with(Permission.EDIT_PLANS))
    own, on = {"group": OuterRef("pk")}, Appointment.objects.on(today)
    found = groups.annotate(
        has_people=Exists(Membership.objects.filter(**own)),
        has_secretary=Exists(on.filter(role=Role.STUDY_SECRETARY, **own)),
        has_leader=Exists(on.filter(role=Role.LEADER, **own)),
        has_plan=Exists(AnnualPlan.objects.filter(**own)),
    )
    for group in found.order_by("pk"):
        missing = [word for word, done in (("组长", group.has_leader), ("学习秘书", group.has_secretary)) if not done]
        steps = []
        if not group.has_people:
            steps.append(("名单还是空的", "导入或录入名单", f"{reverse('roster')}?group={group.pk}"))
        if missing:
            steps.append((f"还没有任命{'和'.join(missing)}，请系统管理员任命", "", ""))
        if not group.has_plan:
            steps.append(("还没有年度学习计划", "编制", f"{reverse('plan_create')}?group={group.pk}&year={today.year}"))
        if steps:
            return steps
    return []
