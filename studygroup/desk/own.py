"""What one person has to do and to know himself: studies, papers, make-ups, corrections, outcomes."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, Exists, OuterRef, Subquery, When, Window
from django.db.models.functions import RowNumber
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.permissions import Permission
from materials.models import Outcome, Submission
from reports.models import CorrectionRequest
from reviews.chain import State
from reviews.presentation import dots_of, returned_from, sentence_of
from sessions_app.models import (
    AgendaItem,
    Attendance,
    LeaveRequest,
    MakeUpStudy,
    StudySession,
)
from sessions_app.models.attendance import ATTENDED, AttendanceStatus
from sessions_app.models.leave import LeaveState
from sessions_app.models.make_up import MakeUpState
from sessions_app.models.session import SessionState
from sessions_app.presentation import days_told
from studygroup.desk.board import PASSED_SHOWN, SHOWN, Desk, Task, when
from studygroup.lib.clock import local_date

FINISHED_SHOWN = 2


def sessions_of(desk: Desk, user: User, at: datetime) -> None:
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
    note = f"{when(session.starts_at, at)}　{session.place}" + (f"　您{role}" if role else "")
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


def papers_of(desk: Desk, user: User, at: datetime) -> None:
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


def corrections_of(desk: Desk, user: User, at: datetime) -> None:
    """更正申请 to answer, and what became of one's own within a week."""
    if waiting := CorrectionRequest.objects.awaiting(user).count():
        what, note = f"{waiting} 份学习档案更正申请", "核对登记后答复本人"
        desk.office.append(Task(what, note, "办理", reverse("correction_list")))
    answered = CorrectionRequest.objects.filter(person=user, answered_at__gte=at - timedelta(days=7))
    for one in answered.order_by("-answered_at")[:PASSED_SHOWN]:
        note = f"{one.get_state_display()}：{one.answer}"
        address = f"{reverse('study_file', args=[user.pk])}?group={one.group_id}&year={one.year}#corrections"
        desk.answered.append(Task(f"{one.year}年学习档案更正申请", note, "查看", address))


def make_ups_of(desk: Desk, user: User, at: datetime) -> None:
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


def outcomes_of(desk: Desk, user: User, at: datetime) -> None:
    """Overdue 成果转化: his own tasks one by one, those of the groups whose records he keeps in one line."""
    kept = user.authority.groups_with(Permission.MANAGE_LIBRARY)
    late = Outcome.objects.overdue(local_date(at))
    address = f"{reverse('outcome_list')}?show=overdue"
    for one in late.filter(owner=user).order_by("due_on", "pk")[:SHOWN]:
        note = f"成果转化　期限 {one.due_on.month}月{one.due_on.day}日，已过"
        desk.today.append(Task(one.suggestion, note, "查看", address))
    if others := late.filter(group__in=kept).exclude(owner=user).count():
        desk.office.append(Task(f"成果转化逾期 {others} 项", "请责任人办理，办结后填写结果", "查看", address))
