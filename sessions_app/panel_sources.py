"""What this floor itself adds to a session's page: how complete its attendance is, and who sits in on it."""

from datetime import date
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse

from accounts.permissions import Permission
from sessions_app.models import MakeUpStudy, Observation, StudySession
from sessions_app.models.make_up import MakeUpState
from sessions_app.models.observation import ObservationState
from sessions_app.panels import Panel, PanelLine, panels_of, register

MAKE_UPS, OBSERVATIONS, OWN = "出勤和补学", "列席旁听", "我的补学"


def to_study(session: StudySession, user: Any) -> list[Panel]:
    """What higher floors show of a session, for whoever makes it up: papers and materials, not its administration."""
    return [panel for panel in panels_of(session, user) if panel.title not in (MAKE_UPS, OBSERVATIONS, OWN)]


def make_ups(session: StudySession, user: Any) -> Panel | None:
    """Both rates with their denominator, and the make-ups by state, for those who oversee the group."""
    if not session.is_held or not user.authority.allows(Permission.READ_RECORDS, session.group_id):
        return None
    numbers = _numbers(session)
    if not numbers["expected"]:
        return Panel(MAKE_UPS, empty="没有签到登记，属于缺资料，不计算出勤率。")
    studied = numbers["present"] + numbers["made_up"]
    register_page = f"{reverse('leave_register')}?year={session.day.year}"
    lines = [
        PanelLine(
            f"出勤率 {_percent(numbers['present'], numbers['expected'])}",
            reverse("register", args=[session.pk]) if _manages(session, user) else register_page,
            f"实到 {numbers['present']} / 应到 {numbers['expected']}",
        ),
        PanelLine(
            f"补学后参学率 {_percent(studied, numbers['expected'])}",
            register_page,
            f"实到和已补学 {studied} / 应到 {numbers['expected']}",
        ),
    ]
    states = MakeUpStudy.objects.filter(session=session).values_list("state").annotate(n=Count("pk")).order_by("state")
    for state, number in states:
        label = MakeUpState(state).label
        lines.append(PanelLine(f"{label} {number} 人", f"{register_page}&state=study-{state}"))
    return Panel(MAKE_UPS, lines)


def _numbers(session: StudySession) -> dict[str, int]:
    counted = Q(is_counted=True)
    here = Q(status__in=["present", "late"])
    return session.attendances.aggregate(
        expected=Count("pk", filter=counted, distinct=True),
        present=Count("pk", filter=counted & here, distinct=True),
        made_up=Count(
            "pk",
            filter=counted
            & ~here
            & Q(person__in=MakeUpStudy.objects.filter(session=session, state=MakeUpState.CONFIRMED).values("person")),
            distinct=True,
        ),
    )


def _manages(session: StudySession, user: Any) -> bool:
    return user.authority.allows(Permission.MANAGE_SESSIONS, session.group_id)


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}%"


def observations(session: StudySession, user: Any) -> Panel | None:
    """A visit of the level above to this session, for both sides."""
    if session.is_draft or not user.authority.allows(Permission.READ_RECORDS, session.group_id):
        return None
    visits = Observation.objects.filter(session=session).exclude(state=ObservationState.CANCELLED)
    lines = [
        PanelLine(f"旁听人：{v.observers}", reverse("observation_detail", args=[v.pk]), str(v.get_state_display()))
        for v in visits
    ]
    action = None
    if not lines and session.is_called and user.authority.allows(Permission.OBSERVE, session.group_id):
        address = f"{reverse('observation_new')}?group={session.group_id}&session={session.pk}"
        action = ("安排列席旁听", address)
    return Panel(OBSERVATIONS, lines, action=action)


def own_make_up(session: StudySession, user: Any) -> Panel | None:
    """What whoever looks owes of this session himself."""
    if not session.is_held:
        return None
    study = MakeUpStudy.objects.filter(session=session, person=user).first()
    if study is None:
        return None
    note = f"期限 {_day(study.due_on)}" if study.is_due else ""
    line = PanelLine(str(study.get_state_display()), reverse("make_up_detail", args=[study.pk]), note)
    return Panel(OWN, [line])


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def register_all() -> None:
    for source in (own_make_up, make_ups, observations):
        register(source)
