"""列席旁听 on the home page, for both sides."""

from datetime import datetime

from django.db.models import Q
from django.urls import reverse

from accounts.models import User
from accounts.permissions import Permission
from sessions_app.models import (
    Observation,
    ObservationProblem,
)
from sessions_app.models.observation import ObservationState
from sessions_app.presentation import days_told
from studygroup.desk.board import SHOWN, Desk, Task
from studygroup.lib.clock import local_date


def observations_of(desk: Desk, user: User, at: datetime) -> None:
    """列席旁听: visits to come for both sides, feedback to write, problems to answer or to close."""
    today, observes = local_date(at), user.authority.groups_with(Permission.OBSERVE)
    visible = Observation.objects.visible_to(user)
    coming = visible.filter(state=ObservationState.PLANNED).select_related("group").order_by("planned_on")
    for visit in coming.filter(Q(group__in=observes) | Q(planned_on__gte=today))[:SHOWN]:
        day, address = visit.planned_on, reverse("observation_detail", args=[visit.pk])
        note = f"{day.month}月{day.day}日　旁听人：{visit.observers}"
        if visit.group_id not in observes:
            desk.upcoming.append(Task(f"上级列席旁听：{visit.topic or '主题待定'}", note, "查看", address))
        elif day > today:
            desk.upcoming.append(Task(f"列席旁听：{visit.group.name}", note, "查看", address))
        else:
            desk.today.append(Task(f"旁听反馈：{visit.group.name}", note, "写反馈", address, primary=True))
    answering = user.authority.groups_with(Permission.MANAGE_SESSIONS) | user.authority.groups_with(
        Permission.DECIDE_LEAVE
    )
    open_problems = ObservationProblem.objects.filter(
        Q(reported_at=None, observation__group__in=answering - observes)
        | Q(reported_at__isnull=False, observation__group__in=observes),
        observation__state=ObservationState.FED_BACK,
        closed_on=None,
    )
    for problem in open_problems.select_related("observation__group").order_by("due_on", "pk")[:SHOWN]:
        address = f"{reverse('observation_detail', args=[problem.observation_id])}#problem-{problem.pk}"
        left = days_told((problem.due_on - today).days)
        if problem.reported_at:
            who = problem.observation.group.name
            desk.today.append(Task(f"旁听整改待销号：{problem.text}", who, "核查销号", address))
        else:
            desk.today.append(Task(f"旁听整改：{problem.text}", left, "报告整改", address))
