"""What waits for somebody's verdict: papers under review, leaves asked for."""

from datetime import date, datetime

from django.db.models import Count, Window
from django.urls import reverse

from accounts.models import User
from accounts.permissions import Permission
from reviews.chain import STEP_PERMISSION, State
from reviews.models import ReviewCase
from reviews.presentation import days_waiting, due_words
from sessions_app.models import (
    LeaveRequest,
)
from studygroup.desk.board import SHOWN, Desk, Task
from studygroup.lib.clock import local_date


def reviews_of(desk: Desk, user: User, at: datetime) -> None:
    waiting = ReviewCase.objects.awaiting(user).with_people().order_by("state_since")
    for case in waiting.annotate(of_all=Window(Count("pk")))[:SHOWN]:
        desk.reviews_total = case.of_all
        note = f"{case.kind_label}　{case.author.name}　{_age(case, at)}{_on_behalf(user, case)}"
        verb = "追认" if case.awaits_ratification else case.get_state_display()
        desk.reviews.append(Task(case.title, note, verb, reverse("review_detail", args=[case.pk])))
    for leave in LeaveRequest.objects.awaiting(user).select_related("person", "session")[:SHOWN]:
        day = local_date(leave.session.starts_at)
        note = f"{leave.get_reason_display()}　{leave.session.title}（{day.month}月{day.day}日）"
        note += _for_whom(user, Permission.DECIDE_LEAVE, "leave", leave.session.group_id)
        desk.today.append(Task(f"{leave.person.name}请假", note, "审批", f"{reverse('leave_list')}#leave-{leave.pk}"))


def _age(case: ReviewCase, at: datetime) -> str:
    days = days_waiting(case, at)
    age = f"等了 {days} 天" if days else "今天送来"
    if case.awaits_ratification:
        return "特批，待追认"
    return f"{age}，{due_words(case, at)}" if case.due_on else age


def _on_behalf(user: User, case: ReviewCase) -> str:
    if case.awaits_ratification:
        return ""
    return _for_whom(user, STEP_PERMISSION[State(case.state)], case.kind, case.group_id, case.due_on)


def _for_whom(user: User, permission: Permission, kind: str, group_id: int, due_on: date | None = None) -> str:
    """For whom he would decide, when it is not in his own right."""
    if user.authority.allows(permission, group_id):
        return ""
    acting = user.authority.acting_for(permission, kind, group_id, due_on)
    return f"　受{acting[0].principal_name}委托" if acting else ""
