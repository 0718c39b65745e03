"""What those who run a group have begun and not finished: sessions, plans, dossiers, lights."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import groupby

from django.db.models import Exists, OuterRef
from django.urls import reverse

from accounts.models import StudyGroup, User
from accounts.permissions import Permission
from reports.statistics.dossier import Dossier, to_complete
from reviews.chain import State
from reviews.models import ReviewCase
from reviews.subjects import kind_of
from sessions_app.measures import lights_of_groups, missed_last_year
from sessions_app.models import (
    MonthlyPlan,
    StudySession,
)
from sessions_app.models.session import SessionState
from sessions_app.subjects import ANNUAL_PLAN, LECTURE, MONTHLY_PLAN, PLAN_SUPPLEMENT
from studygroup.desk.board import PASSED_SHOWN, SHOWN, Desk, Task, when
from studygroup.lib.clock import local_date

OFFICE_KINDS = (ANNUAL_PLAN, MONTHLY_PLAN, PLAN_SUPPLEMENT, LECTURE)  # what the office hands in for its group


def office_of(desk: Desk, user: User, at: datetime) -> None:
    """What the office has begun and not finished: sessions to call or close, plans to hand in, a month without plan."""
    managed = StudySession.objects.manageable_by(user).select_related("group")
    soon = managed.filter(state=SessionState.CALLED, starts_at__lte=at + timedelta(hours=12))
    for session in soon.order_by("starts_at")[:SHOWN]:
        register_page = reverse("register", args=[session.pk])
        if session.starts_at > at:
            if session.sign_in_opens_at <= at:
                note, screen = f"{when(session.starts_at, at)}　可以签到了", reverse("screen", args=[session.pk])
                also = (("会务台", register_page),)
                task = Task(session.title, note, "投屏签到", screen, primary=True, also=also)
                desk.today.append(_with_own_part(desk, session, task))
            continue
        over = session.ends_at < at
        note = f"{when(session.starts_at, at)}　{'进行中，已到结束时间' if over else '进行中'}"
        verb = "核对并结束" if over else "打开会务台"
        task = Task(session.title, note, verb, register_page, primary=True)
        if over:
            desk.office.append(task)
        else:
            desk.today.append(_with_own_part(desk, session, task))
    drafts = managed.filter(state=SessionState.DRAFT, starts_at__gt=at - timedelta(days=30))
    # A series is laid out for months: its drafts are work only when their week comes.
    drafts = drafts.exclude(series__isnull=False, starts_at__gt=at + timedelta(days=10))
    for session in drafts.order_by("starts_at")[:SHOWN]:
        note = f"{when(session.starts_at, at)}　还没有通知"
        desk.office.append(Task(session.title, note, "补全并通知", reverse("session_detail", args=[session.pk])))
    lately = managed.filter(state=SessionState.CLOSED, record="", starts_at__gt=at - timedelta(days=14))
    for session in lately.order_by("starts_at")[:SHOWN]:
        address = reverse("session_record", args=[session.pk])
        note = f"{when(session.starts_at, at)}　已结束，还没有学习记录"
        desk.office.append(Task(session.title, note, "写学习记录", address))
    _dossiers(desk, user, at)
    _plans(desk, user, at)
    _passed(desk, user, at)


def _with_own_part(desk: Desk, session: StudySession, task: Task) -> Task:
    """A session he both runs and attends stands on the page once: his own sign-in first."""
    sign_in = reverse("sign_in", args=[session.pk])
    pages = (sign_in, reverse("session_detail", args=[session.pk]))
    for shown in (desk.today, desk.upcoming):
        for own in [one for one in shown if one.address in pages]:
            shown.remove(own)
            if own.address == sign_in:
                task = replace(own, also=((task.verb, task.address), *task.also))
            else:
                task = replace(task, note=own.note, badge=own.badge, tone=own.tone)
    return task


def _passed(desk: Desk, user: User, at: datetime) -> None:
    """What the office handed in and got through lately: told for a week."""
    groups = user.authority.groups_with(Permission.EDIT_PLANS)
    passed = ReviewCase.objects.filter(
        owner__in=groups,
        kind__in=OFFICE_KINDS,
        state=State.APPROVED,
        state_since__gte=at - timedelta(days=7),
        state_since__lte=at,
    )
    for case in passed.order_by("-state_since")[:PASSED_SHOWN]:
        day, address = local_date(case.state_since), kind_of(case.kind).address(case.pk)
        desk.told.append(Task(case.title, f"{case.kind_label}　{day.month}月{day.day}日审核通过", "查看", address))


def _dossiers(desk: Desk, user: User, at: datetime) -> None:
    """一学一档 of the year that can still be completed: one line per group, leading to them in the ledger."""
    today = local_date(at)
    found = to_complete(StudySession.objects.manageable_by(user).in_year(today.year), today)
    for group, dossiers in groupby(sorted(found, key=_group_of), key=_group_of):
        files = list(dossiers)
        late = sum(dossier.is_overdue for dossier in files)
        note = f"其中 {late} 次已过归档期限" if late else "缺什么、到哪里补，都已列出"
        address = f"{reverse('dossier_list')}?group={group}&year={today.year}&show=missing"
        desk.office.append(Task(f"{len(files)} 次学习的档案待补", note, "补档案", address))


def _group_of(dossier: Dossier) -> int:
    return dossier.session.group_id


def _plans(desk: Desk, user: User, at: datetime) -> None:
    groups = user.authority.groups_with(Permission.EDIT_PLANS)
    unsent = ReviewCase.objects.filter(owner__in=groups, kind__in=OFFICE_KINDS, state__in=(State.DRAFT, State.RETURNED))
    wanted = unsent.exclude(supplement__dropped_at__isnull=False)
    for case in wanted.order_by("-state_since")[:SHOWN]:
        changed = "改动后还没有重新提交" if case.approved_version_id else "还没有提交"
        word = "已退回，请按意见修改" if case.state == State.RETURNED else changed
        desk.office.append(Task(case.title, word, "继续", kind_of(case.kind).address(case.pk)))
    today = local_date(at)
    planned = MonthlyPlan.objects.filter(group=OuterRef("pk"), year=today.year, month=today.month)
    for group in StudyGroup.objects.filter(pk__in=groups).exclude(Exists(planned))[:SHOWN]:
        address = f"{reverse('plan_create')}?group={group.pk}&year={today.year}&month={today.month}"
        desk.office.append(Task(f"{today.month}月学习安排", f"{group.name}　还没有编制", "编制", address))


def lights_of(desk: Desk, user: User, at: datetime) -> None:
    """规则灯 that are falling due or were just missed, for those who run a group: its leader and its office."""
    authority = user.authority
    groups = authority.groups_with(Permission.FINAL_GATE) | authority.groups_with(Permission.MANAGE_SESSIONS)
    if not groups:
        return
    today, desk.own_group = local_date(at), min(groups)
    lights = [light for found in lights_of_groups(sorted(groups), today.year, today).values() for light in found]
    now = [light for light in lights if light.is_now(today)]
    if today.month == 1:  # what December missed is a matter of these days too
        now += missed_last_year(sorted(groups), today)
    desk.lights = sorted(now, key=lambda light: light.last)
    desk.drafts_sessions = authority.holds(Permission.MANAGE_SESSIONS)
