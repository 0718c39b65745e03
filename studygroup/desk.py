"""工作台: what waits for one person, gathered from all floors with a fixed number of queries."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from django.db.models import Case, Count, Exists, OuterRef, Q, Subquery, When, Window
from django.db.models.functions import RowNumber
from django.urls import reverse
from django.utils import timezone

from accounts.models import StudyGroup, User
from accounts.permissions import Permission, Role
from materials.models import Outcome, Submission
from reports.models import CorrectionRequest
from reports.statistics.dossier import Dossier, to_complete
from reviews.chain import STEP_PERMISSION, State
from reviews.models import ReviewCase
from reviews.presentation import days_waiting, dots_of, due_words, returned_from, sentence_of
from reviews.subjects import kind_of
from sessions_app.measures import Light, lights_of_groups, missed_last_year
from sessions_app.models import (
    AgendaItem,
    Attendance,
    LeaveRequest,
    MakeUpStudy,
    MonthlyPlan,
    Observation,
    ObservationProblem,
    StudySession,
)
from sessions_app.models.attendance import ATTENDED, AttendanceStatus
from sessions_app.models.leave import LeaveState
from sessions_app.models.make_up import MakeUpState
from sessions_app.models.observation import ObservationState
from sessions_app.models.session import SessionState
from sessions_app.presentation import days_told
from sessions_app.subjects import ANNUAL_PLAN, LECTURE, MONTHLY_PLAN, PLAN_SUPPLEMENT
from studygroup.asked import to_urge, to_write
from studygroup.first_steps import first_steps_of
from studygroup.lib.clock import local_date
from studygroup.overseen import Overseen, overseen_by

SHOWN = 6
FINISHED_SHOWN = 2
PASSED_SHOWN = 3
OFFICE_KINDS = (ANNUAL_PLAN, MONTHLY_PLAN, PLAN_SUPPLEMENT, LECTURE)  # what the office hands in for its group


@dataclass(frozen=True)
class Task:
    """One thing to do, with one verb."""

    what: str
    note: str
    verb: str
    address: str
    primary: bool = False
    also: tuple[tuple[str, str], ...] = ()
    badge: str = ""
    tone: str = "plain"


@dataclass
class Desk:
    today: list[Task] = field(default_factory=list)
    reviews: list[Task] = field(default_factory=list)
    reviews_total: int = 0
    office: list[Task] = field(default_factory=list)
    told: list[Task] = field(default_factory=list)
    answered: list[Task] = field(default_factory=list)
    first_steps: list[tuple[str, str, str]] = field(default_factory=list)
    papers: list[dict[str, Any]] = field(default_factory=list)
    finished: list[dict[str, Any]] = field(default_factory=list)
    upcoming: list[Task] = field(default_factory=list)
    supervised: list[Overseen] = field(default_factory=list)
    lights: list[Light] = field(default_factory=list)
    drafts_sessions: bool = False
    own_group: int | None = None
    studies: bool = False
    may_write: bool = False

    @property
    def is_clear(self) -> bool:
        return not (self.today or self.reviews or self.office)


def desk_of(user: User, at: datetime) -> Desk:
    authority = user.authority
    desk = Desk(may_write=authority.holds(Permission.WRITE_PAPERS))
    desk.studies = any(roles & {Role.MEMBER, Role.EXTENDED} for roles in authority.roles.values())
    _sessions(desk, user, at)
    _reviews(desk, user, at)
    _papers(desk, user, at)
    if authority.holds(Permission.MANAGE_SESSIONS):
        _office(desk, user, at)
        desk.office += [Task(*line) for line in to_urge(user, local_date(at))]
        desk.first_steps = first_steps_of(user, local_date(at))
    desk.today += [Task(*line) for line in to_write(user, local_date(at))]
    _make_ups(desk, user, at)
    _corrections(desk, user, at)
    _outcomes(desk, user, at)
    if authority.oversees:
        _observations(desk, user, at)
    _lights(desk, user, at)
    if not authority.holds(Permission.WRITE_PAPERS):
        desk.supervised = overseen_by(user, local_date(at))
    return desk


def _when(moment: datetime, at: datetime) -> str:
    local, days = timezone.localtime(moment), (local_date(moment) - local_date(at)).days
    year = "" if local.year == local_date(at).year else f"{local.year}年"
    day = {0: "今天", 1: "明天", 2: "后天"}.get(days, f"{year}{local.month}月{local.day}日")
    return f"{day} {local:%H:%M}"


def _sessions(desk: Desk, user: User, at: datetime) -> None:
    """Sessions he is expected at: sign in while the window is open, a refused leave, and what comes next with how he
    stands; one he has signed in to stays until it ends."""
    own = Attendance.objects.filter(session=OuterRef("pk"), person=user)
    asked = LeaveRequest.objects.filter(session=OuterRef("pk"), person=user).order_by("-pk")
    expected = StudySession.objects.filter(
        state=SessionState.CALLED, participants__person=user, ends_at__gt=at - timedelta(hours=1)
    )
    coming = list(
        expected.exclude(Exists(own.filter(status=AttendanceStatus.ABSENT)))
        .exclude(Exists(own.exclude(status=AttendanceStatus.ABSENT)), ends_at__lte=at)
        .annotate(
            own_status=Subquery(own.values("status")[:1]),
            signed_at=Subquery(own.values("at")[:1]),
            leave_state=Subquery(asked.values("state")[:1]),
            leave_answer=Subquery(asked.values("answer")[:1]),
        )
        .select_related("group")
        .order_by("starts_at")[:SHOWN]
    )
    roles: dict[int, list[str]] = {}
    for line in AgendaItem.objects.filter(session__in=coming, speaker=user).order_by("position"):
        roles.setdefault(line.session_id, []).append(line.get_role_display())
    for session in coming:
        _one_session(desk, session, "、".join(dict.fromkeys(roles.get(session.pk, ()))), at)


def _one_session(desk: Desk, session: Any, role: str, at: datetime) -> None:
    note = f"{_when(session.starts_at, at)}　{session.place}" + (f"　您{role}" if role else "")
    page = reverse("session_detail", args=[session.pk])
    if session.own_status in ATTENDED:
        signed = f"已签到 {timezone.localtime(session.signed_at):%H:%M} · {session.place}"
        desk.upcoming.append(Task(session.title, signed, "查看", page, badge="已签到", tone="good"))
    elif session.own_status == AttendanceStatus.LEAVE:
        desk.upcoming.append(Task(session.title, note, "查看", page, badge="已准假", tone="off"))
    else:
        waits, refused = session.leave_state == LeaveState.ASKED, session.leave_state == LeaveState.REFUSED
        badge, tone = ("请假待审批", "wait") if waits else ("未准假", "bad") if refused else ("", "plain")
        if refused:
            note += f"　未准假：{session.leave_answer.rstrip('。')}，请按时参加"
        if session.sign_in_opens_at <= at <= session.sign_in_closes_at:
            address = reverse("sign_in", args=[session.pk])
            desk.today.append(Task(session.title, note, "签到", address, primary=True, badge=badge, tone=tone))
        elif session.starts_at > at:
            shown = desk.today if refused else desk.upcoming
            shown.append(Task(session.title, note, "查看", page, badge=badge, tone=tone))


def _reviews(desk: Desk, user: User, at: datetime) -> None:
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


def _papers(desk: Desk, user: User, at: datetime) -> None:
    """What he has under way, what passed lately, neither at the other's cost; a returned paper is work for today."""
    part = Case(When(review__state=State.RETURNED, then=0), When(review__state=State.APPROVED, then=2), default=1)
    lately = ("-review__state_since", "-pk")
    mine: Iterable[Any] = (
        Submission.objects.filter(author=user)
        .select_related("review")
        .annotate(returned_from=returned_from("review__"), part=part)
        .annotate(place=Window(RowNumber(), partition_by="part", order_by=lately))
        .filter(place__lte=SHOWN)
        .defer("body")
        .order_by("part", "place")
    )
    for paper in mine:
        address = reverse("submission_detail", args=[paper.pk])
        if paper.review.state == State.RETURNED:
            edit = reverse("submission_edit", args=[paper.pk])
            desk.today.append(Task(str(paper), "已退回，请按意见修改", "修改", edit, primary=True))
        shown = desk.finished if paper.review.state == State.APPROVED else desk.papers
        shown.append(
            {
                "title": str(paper),
                "edit": reverse("submission_edit", args=[paper.pk]) if paper.review.state == State.DRAFT else "",
                "kind": paper.kind_label,
                "address": address,
                "dots": dots_of(paper.review, paper.returned_from),
                "sentence": sentence_of(paper.review, at),
            }
        )
    del desk.papers[SHOWN:], desk.finished[FINISHED_SHOWN:]


def _office(desk: Desk, user: User, at: datetime) -> None:
    """What the office has begun and not finished: sessions to call or close, plans to hand in, a month without plan."""
    managed = StudySession.objects.manageable_by(user).select_related("group")
    soon = managed.filter(state=SessionState.CALLED, starts_at__lte=at + timedelta(hours=12))
    for session in soon.order_by("starts_at")[:SHOWN]:
        register_page = reverse("register", args=[session.pk])
        if session.starts_at > at:
            if session.sign_in_opens_at <= at:
                note, screen = f"{_when(session.starts_at, at)}　可以签到了", reverse("screen", args=[session.pk])
                also = (("会务台", register_page),)
                task = Task(session.title, note, "投屏签到", screen, primary=True, also=also)
                desk.today.append(_with_own_part(desk, session, task))
            continue
        over = session.ends_at < at
        note = f"{_when(session.starts_at, at)}　{'进行中，已到结束时间' if over else '进行中'}"
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
        note = f"{_when(session.starts_at, at)}　还没有通知"
        desk.office.append(Task(session.title, note, "补全并通知", reverse("session_detail", args=[session.pk])))
    lately = managed.filter(state=SessionState.CLOSED, record="", starts_at__gt=at - timedelta(days=14))
    for session in lately.order_by("starts_at")[:SHOWN]:
        address = reverse("session_record", args=[session.pk])
        note = f"{_when(session.starts_at, at)}　已结束，还没有学习记录"
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


def _corrections(desk: Desk, user: User, at: datetime) -> None:
    """更正申请 to answer, and what became of one's own within a week."""
    if waiting := CorrectionRequest.objects.awaiting(user).count():
        what, note = f"{waiting} 份学习档案更正申请", "核对登记后答复本人"
        desk.office.append(Task(what, note, "办理", reverse("correction_list")))
    answered = CorrectionRequest.objects.filter(person=user, answered_at__gte=at - timedelta(days=7))
    for one in answered.order_by("-answered_at")[:PASSED_SHOWN]:
        note = f"{one.get_state_display()}：{one.answer}"
        address = f"{reverse('study_file', args=[user.pk])}?group={one.group_id}&year={one.year}#corrections"
        desk.answered.append(Task(f"{one.year}年学习档案更正申请", note, "查看", address))


def _group_of(dossier: Dossier) -> int:
    return dossier.session.group_id


def _lights(desk: Desk, user: User, at: datetime) -> None:
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


def _make_ups(desk: Desk, user: User, at: datetime) -> None:
    """What he still owes, soonest first; and how many wait for his confirmation."""
    today = local_date(at)
    owed = MakeUpStudy.objects.filter(person=user, state=MakeUpState.DUE).select_related("session").order_by("due_on")
    for study in owed[:SHOWN]:
        left, address = study.days_left(today), reverse("make_up_detail", args=[study.pk])
        day = local_date(study.session.starts_at)
        note = f"{day.month}月{day.day}日的学习　{days_told(left)}"
        desk.today.append(Task(f"补学：{study.session.title}", note, "补学", address, primary=left <= 3))
    if user.authority.holds(Permission.MANAGE_SESSIONS):
        waiting = MakeUpStudy.objects.awaiting(user).count()
        if waiting:
            task = Task(f"补学待核实 {waiting} 份", "核实后缺席闭合", "核实", reverse("make_up_list"))
            desk.office.append(task)


def _outcomes(desk: Desk, user: User, at: datetime) -> None:
    """Overdue 成果转化: his own tasks one by one, those of the groups whose records he keeps in one line."""
    kept = user.authority.groups_with(Permission.MANAGE_LIBRARY)
    late = Outcome.objects.overdue(local_date(at))
    address = f"{reverse('outcome_list')}?show=overdue"
    for one in late.filter(owner=user).order_by("due_on", "pk")[:SHOWN]:
        note = f"成果转化　期限 {one.due_on.month}月{one.due_on.day}日，已过"
        desk.today.append(Task(one.suggestion, note, "查看", address))
    if others := late.filter(group__in=kept).exclude(owner=user).count():
        desk.office.append(Task(f"成果转化逾期 {others} 项", "请责任人办理，办结后填写结果", "查看", address))


def _observations(desk: Desk, user: User, at: datetime) -> None:
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
