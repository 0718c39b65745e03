"""Absence made good, and visits of the county: what the register of leave and the list of visits show."""

from datetime import date, datetime, timedelta

from accounts.models import User
from sessions_app.actions.make_up import ask_make_ups, confirm, excuse, hand_in
from sessions_app.actions.observation import Problem, close_problem, plan_observation, report_measure, write_feedback
from sessions_app.models import Attendance, LeaveRequest, MakeUpStudy, Observation, StudySession
from sessions_app.models.attendance import AttendanceStatus, LeaveReason
from sessions_app.models.leave import LeaveState
from sessions_app.models.make_up import MakeUpMethod, MakeUpState
from sessions_app.models.observation import CHECKLIST
from sessions_app.models.session import HELD, SessionState
from studygroup.demo.town import Town, on_day
from studygroup.lib.clock import local_date

NOTES = (
    "对照材料逐篇看了一遍，感到自己分管的事还停留在布置上。下周起每周到片区走一趟，把群众反映的事列成清单，办一件销一件。",
    "补学后和同志们交流了研讨题目，认识到制度写得再好也要有人盯。准备把值班和走访两本台账合成一本，月底对一次账。",
    "结合本职重新学了原文，抓住“一张蓝图绘到底”这句话。手上三个项目按月排出节点，完不成的当月说明原因。",
    "看了会议录像和学习记录，几位同志讲的入户做法很实在。打算先在自己包的村试一试，年底前拿出结果再交流。",
)
METHODS = (MakeUpMethod.SELF_STUDY, MakeUpMethod.TOLD, MakeUpMethod.WATCHED)
OVERALL = "学习组织规范，主题聚焦，发言能联系分管工作，研讨氛围较好。"
STRENGTHS = "会前把题目发到个人，会上先讲事例再谈认识；“三元一体”和现场教学结合得紧。"
SUGGESTIONS = "研讨发言再压缩铺垫，多讲问题和办法；学习成果要有转化清单。"


def make_good(town: Town, until: date) -> None:
    """Everybody who missed a session that ended long ago has made it up; one in nine was let off."""
    owed = MakeUpStudy.objects.filter(session__group=town.group, state=MakeUpState.DUE, due_on__lt=until)
    for number, study in enumerate(owed.select_related("session__group", "person").order_by("due_on", "pk")):
        day = study.session.day + timedelta(days=3 + number % 8)
        if number % 9 == 8:
            _excuse(town, study, day)
        else:
            _study(town, study, day, number)
            at = on_day(day + timedelta(days=1), 10)
            by = town.on("clerk", at)
            confirm(make_up=study, seen_version=study.version, answer="已核实。", by=by, at=at)


def _excuse(town: Town, study: MakeUpStudy, day: date) -> None:
    at = on_day(day, 11)
    reason = "按组长意见免补：当天在县里参加同一专题的学习。"
    excuse(make_up=study, seen_version=study.version, answer=reason, by=town.on("clerk", at), at=at)


def _study(town: Town, study: MakeUpStudy, day: date, number: int) -> None:
    at = on_day(day, 20, 10)
    name = study.person.username.removeprefix(f"{town.prefix}-")
    hand_in(
        make_up=study,
        seen_version=study.version,
        method=METHODS[number % len(METHODS)],
        studied_on=day,
        content=study.session.content[:300] or study.session.title,
        note=NOTES[number % len(NOTES)],
        by=town.on(name, at),
        at=at,
    )
    study.refresh_from_db()


def still_owed(town: Town, today: date) -> None:
    """Of the last two sessions: one still to do, one handed in, one given time until it ran out."""
    lately = StudySession.objects.filter(group=town.group, state=SessionState.CLOSED).order_by("-starts_at")
    sessions = [session for session in lately[:2] if session.day > today - timedelta(days=30)]
    for session in sessions:
        people = _free(town, session)
        for person, reason in zip(people[:2], (LeaveReason.OFFICIAL, LeaveReason.SICK), strict=False):
            _on_leave(town, session, person, reason)
        ask_make_ups(session=session, by=None, at=session.ends_at + timedelta(minutes=30))
    for number, session in enumerate(sessions[:1]):
        study = session.make_ups.select_related("session__group", "person").order_by("-person__username").first()
        if study is not None:
            _study(town, study, min(session.day + timedelta(days=2), today - timedelta(days=1)), number)
    for session in sessions[1:]:
        first = session.make_ups.order_by("person__username").first()
        if first is not None:  # given a week, and the week is over
            MakeUpStudy.objects.filter(pk=first.pk).update(due_on=session.day + timedelta(days=7))


def _free(town: Town, session: StudySession) -> list[int]:
    """Members who neither host nor speak."""
    busy = {session.host_id, *session.agenda.values_list("speaker", flat=True)}
    members = session.participants.filter(category="member", person__username__contains="-m")
    return [person for person in members.values_list("person", flat=True) if person not in busy]


def _on_leave(town: Town, session: StudySession, person: int, reason: str) -> None:
    row = Attendance.objects.filter(session=session, person=person)
    row.update(status=AttendanceStatus.LEAVE, leave_reason=reason, source="register")
    LeaveRequest.objects.get_or_create(
        session=session,
        person_id=person,
        defaults={
            "reason": reason,
            "explanation": "到县里参加业务会议。" if reason == LeaveReason.OFFICIAL else "身体不适，到县医院检查。",
            "state": LeaveState.GRANTED,
            "asked_at": session.starts_at - timedelta(hours=20),
            "decided_by": town.user("secretary"),
            "decided_at": session.starts_at - timedelta(hours=16),
            "answer": "同意，会后补学。",
        },
    )


# -- visits ----------------------------------------------------------------------


def visited(town: Town, year: int, month: int, problems: tuple[tuple[str, str, str], ...]) -> None:
    """A visit of an earlier month, every problem of it closed. `problems`: what, who, what was done."""
    held = StudySession.objects.filter(group=town.group, state__in=HELD, starts_at__year=year, starts_at__month=month)
    session = held.order_by("starts_at").first()
    if session is None:
        return
    visit = _fed_back(town, session, [(text, owner) for text, owner, _ in problems])
    for problem, (_, _, measure) in zip(visit.problems.all(), problems, strict=True):
        at = on_day(problem.due_on - timedelta(days=3), 9)
        report_measure(problem=problem, measure=measure, seen_version=0, by=town.on("office", at), at=at)
        problem.refresh_from_db()
        at = on_day(problem.due_on, 15)
        close_problem(problem=problem, seen_version=problem.version, by=_supervisor(town, at), at=at)


def visits_now(town: Town, now: datetime) -> None:
    """One fed back lately with one problem answered and one open, and one announced."""
    today = local_date(now)
    lately = StudySession.objects.filter(group=town.group, state=SessionState.CLOSED).order_by("-starts_at").first()
    if lately is not None and lately.day < today:
        found = [("研讨发言材料有两份未见复审意见", "党政办公室"), ("请假人员的补学登记不够及时", "学习秘书")]
        visit = _fed_back(town, lately, found, latest=now)
        problem = visit.problems.first()
        if problem is not None:
            at = max(now - timedelta(hours=2), visit.fed_back_at or now)
            told = "已补齐两份发言材料的复审意见，并把“未经把关不上会”写进学习方案。"
            report_measure(problem=problem, measure=told, seen_version=0, by=town.on("office", at), at=at)
    coming = StudySession.objects.filter(group=town.group, state=SessionState.CALLED, starts_at__gt=now)
    session = coming.order_by("-starts_at").first()
    if session is not None:
        at = now - timedelta(hours=5)
        plan_observation(
            group=town.group,
            session=session,
            by=_supervisor(town, at),
            at=at,
            planned_on=session.day,
            notified_on=min(local_date(at), session.day),
            topic=session.title,
            observers="毕远志、县委宣传部理论科一名同志",
        )


def _supervisor(town: Town, at: datetime) -> User:
    return town.people.on("county-supervisor", at)


def _fed_back(
    town: Town, session: StudySession, found: list[tuple[str, str]], latest: datetime | None = None
) -> Observation:
    planned = on_day(session.day - timedelta(days=4), 9)
    visit = plan_observation(
        group=town.group,
        session=session,
        by=_supervisor(town, planned),
        at=planned,
        planned_on=session.day,
        notified_on=local_date(planned),
        topic=session.title,
        observers="毕远志",
    )
    at = on_day(session.day + timedelta(days=2), 16)
    at = min(at, latest - timedelta(hours=6)) if latest else at
    partly = {"发言材料": "个别材料联系实际不够", "学习档案": "补学材料归档稍慢"}
    write_feedback(
        observation=visit,
        seen_version=0,
        checklist=[
            {"item": item, "result": "partly" if item in partly else "good", "remark": partly.get(item, "")}
            for item in CHECKLIST
        ],
        problems=[
            Problem(text, owner, session.day + timedelta(days=12 + 3 * number))
            for number, (text, owner) in enumerate(found)
        ],
        overall=OVERALL,
        strengths=STRENGTHS,
        suggestions=SUGGESTIONS,
        send=True,
        by=_supervisor(town, at),
        at=at,
    )
    return visit
