"""The running year: open work for everybody, relative to the moment of seeding."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from accounts.permissions import Role
from materials.actions.library import choose_for_session
from materials.models import Material
from reviews.chain import ALL_STEPS, State
from sessions_app.actions.attendance import OLD_CODE, WRONG_CODE, WRONG_PIN
from sessions_app.actions.leave import ask_leave
from sessions_app.actions.series import days_of, lay_out
from sessions_app.actions.supplement import add_supplement, submit_supplement
from sessions_app.models import MonthlyPlan, PlanItem, SessionKind, SignInAttempt, StudySession
from sessions_app.models.attendance import AttendanceSource
from sessions_app.models.session import SessionState
from studygroup.demo import absence, inquiries
from studygroup.demo.own_words import LIBRARY_TEXT, TAKEN_OVER, words_of
from studygroup.demo.remarks import leave_note
from studygroup.demo.reviewing import overridden, set_deadlines
from studygroup.demo.tables import Held, Planned, Talk
from studygroup.demo.themes import THEMES
from studygroup.demo.town import Paper, Town, on_day
from studygroup.lib.clock import local_date

_HEAD = {
    "guiding_thought": "以习近平新时代中国特色社会主义思想为指导，坚持读原著、学原文、悟原理，"
    "以学铸魂、以学增智、以学正风、以学促干。",
    "aims": "把理论学习同推进乡村全面振兴、加强基层治理结合起来，推动学习成果转化为工作实效。",
    "requirements": "一、每季度至少集体学习研讨一次，每月至少集中学习一次。\n二、研讨材料经两审一把关后交流。\n"
    "三、因事请假的按时补学。",
    "reading_list": "《习近平谈治国理政》第一至四卷\n《习近平著作选读》第一、二卷\n《中国共产党章程》",
    "questions": "一、怎样运用“千万工程”经验推进乡村全面振兴？\n二、怎样为基层减负赋能？",
}
_ROUND = (
    ("works", "secretary", "m1"),
    ("agriculture", "deputy", "m3"),
    ("people", "deputy", "m5"),
    ("conduct", "m2", "m1"),
    ("safety", "m4", "m5"),
    ("origin", "propaganda", "m2"),
)


def _planned(main: str) -> tuple[Planned, ...]:
    """Twelve months, the six themes twice; every third month a discussion as well."""
    rows = []
    for month in range(1, 13):
        theme, leads, speakers = _ROUND[(month - 1) % 6]
        rows.append(Planned(month, theme, f"{main} discussion" if month % 3 == 0 else main, leads, speakers))
    return tuple(rows)


def run_year(town: Town, now: datetime, main: str, subordinate: tuple[str, str] | None) -> dict[str, int]:
    """Fill the running year and return the ids of what waits. `main` is the kind the town's own study is called."""
    today = local_date(now)
    planned = _planned(main)
    ids = _plans(town, today, now, planned)
    _held_so_far(town, today, planned)
    absence.make_good(town, today - timedelta(days=10))
    absence.still_owed(town, today)
    ids |= _sessions(town, now, planned, main)
    absence.visits_now(town, now)
    set_deadlines(town, today)
    ids |= _papers(town, today)
    ids |= _lectures(town, today, subordinate)
    _fresh_texts(town, today)
    _weekly(town, now)
    return ids


def _plans(town: Town, today: date, now: datetime, planned: tuple[Planned, ...]) -> dict[str, int]:
    year, month = today.year, today.month
    _delegations(town, today)
    begun = min(on_day(date(year, 1, 5), 9), on_day(today - timedelta(days=12), 9))
    plan = town.plan_year(year, planned, _HEAD, begun)
    at = town.review(plan.review, town.hand_in_plan(plan, begun + timedelta(hours=4)))
    town.report_plan(plan, local_date(at))
    for number in range(1, month + 1):
        begun = on_day(min(date(year, number, 1) - timedelta(days=5), today - timedelta(days=7)), 9)
        monthly = town.plan_month(year, number, begun, planned, ())
        town.review(monthly.review, town.hand_in_plan(monthly, begun + timedelta(hours=2)))
    following = town.plan_year(year + 1, planned[:3], {}, now - timedelta(hours=30))
    next_year, next_month = (year, month + 1) if month < 12 else (year + 1, 1)
    waiting = town.plan_month(next_year, next_month, now - timedelta(hours=26), planned, ())
    town.hand_in_plan(waiting, now - timedelta(hours=25))
    supplement = _supplement(town, monthly, now)
    return {
        "plan_supplement_waiting": supplement.pk,
        "annual_plan": plan.pk,
        "annual_plan_draft": following.pk,
        "monthly_plan": monthly.pk,
        "monthly_plan_waiting": waiting.pk,
    }


def _supplement(town: Town, monthly: MonthlyPlan, now: datetime) -> PlanItem:
    """A new instruction for this month, at the 组长's desk."""
    at = now - timedelta(hours=6)
    clerk = town.on("clerk", at)
    item = add_supplement(
        plan=monthly,
        values={
            "topic": "学习贯彻关于整治形式主义为基层减负的最新部署",
            "basis": f"县委{at.month}月中心组学习安排的通知",
            "content": "有关文件和会议通稿",
            "source_level": "county",
            "responsible": "党政办公室",
        },
        kinds=list(SessionKind.objects.filter(slug="collective_study")),
        by=clerk,
        at=at,
    )
    assert item.review is not None  # the month is approved
    submit_supplement(item=item, by=clerk, at=at + timedelta(minutes=20), seen_version=item.review.version)
    return item


def _weekly(town: Town, now: datetime) -> None:
    """The coming Saturdays as drafts of one series; the latest texts of the library are chosen for what comes next."""
    today, clerk = local_date(now), town.on("office", now)
    first, last = today + timedelta(days=1), today + timedelta(days=21)
    lay_out(
        group=town.group,
        title="扩大学习暨周例会",
        kinds=[town.kinds["enlarged_study"], town.kinds["weekly_meeting"]],
        place=town.room,
        host=town.user("secretary"),
        weekday=5,
        starts_at=time(8, 30),
        ends_at=time(10, 30),
        first_on=first,
        last_on=last,
        days=days_of(first, last, 5),
        preset="expected",
        by=clerk,
        at=now,
    )
    texts = Material.objects.filter(group=town.group)[:2]
    for session in StudySession.objects.filter(group=town.group, state=SessionState.CALLED, starts_at__gt=now):
        choose_for_session(session=session, attach=texts, detach=[], by=clerk, at=now)


def _delegations(town: Town, today: date) -> None:
    begins, ends = today - timedelta(days=20), today + timedelta(days=70)
    town.delegate("secretary", "deputy", Role.LEADER, "", begins, ends, "外出学习和本人撰写材料期间")
    town.delegate("propaganda", "m1", Role.STUDY_SECRETARY, "speech", begins, ends, "本人撰写的发言材料须由他人复审")
    why = "驻村期间，超过期限没有复审的由他人接办"
    town.delegate("propaganda", "m5", Role.STUDY_SECRETARY, "", begins, ends, why, only_overdue=True)


def _held_so_far(town: Town, today: date, planned: tuple[Planned, ...]) -> None:
    """One session in every month gone by, and two in the last weeks."""
    days = [date(today.year, month, 14) for month in range(1, today.month)]
    days += [today - timedelta(days=back) for back in (9, 4)]
    for day in sorted({_working_day(day) for day in days}):
        town.hold(_studied(day, planned[day.month - 1]))


def _working_day(day: date) -> date:
    return day - timedelta(days=max(day.weekday() - 4, 0))


def _studied(day: date, row: Planned, clock: str = "14:30", **more: Any) -> Held:
    title = f"学习{THEMES[row.theme].topic}"
    return Held(f"{day.isoformat()} {clock}", title, row.theme, row.kinds, row.leads, row.speakers, **more)


def _sessions(town: Town, now: datetime, planned: tuple[Planned, ...], main: str) -> dict[str, int]:
    """One being signed in to right now, one called for tomorrow with a leave request, one still a draft."""
    soon = timezone.localtime(now + timedelta(minutes=15))
    begins = soon.replace(minute=soon.minute // 5 * 5, second=0, microsecond=0)
    row = planned[begins.month - 1]
    opened = town.hold(_studied(begins.date(), row, f"{begins:%H:%M}", everybody=True, state="called"))
    town.register(opened, town.user("clerk"), share=0.35)
    _at_the_door(town, opened, now)
    tomorrow, later = local_date(now) + timedelta(days=1), local_date(now) + timedelta(days=8)
    called = town.hold(
        Held(
            f"{tomorrow} 09:00",
            "加强基层治理专题研讨",
            "grassroots",
            f"{main} discussion",
            "m1",
            "m3 m4",
            True,
            state="called",
        )
    )
    guest = ("guidance", "区县委党校讲师", "学习辅导")  # invited, and nobody has asked for the approval yet
    draft = town.hold(_studied(later, planned[later.month - 1], "09:00", state="draft", guests=(guest,)))
    return {
        "session_open": opened.pk,
        "session_called": called.pk,
        "session_draft": draft.pk,
        "session_closed": StudySession.objects.filter(group=town.group, state="closed").latest("starts_at").pk,
        "leave_request": _ask(town, called, now),
    }


def _at_the_door(town: Town, session: StudySession, now: datetime) -> None:
    """What the office sees while people arrive: a leave asked for just now, two from one phone, a few refused first."""
    late = session.participants.exclude(person__in=session.attendances.values("person")).exclude(category="observer")
    ask_leave(
        session=session,
        person=late[0].person,
        reason="official",
        explanation="临时接到通知，到县里参加防汛抗旱调度会。",
        at=min(now, session.starts_at) - timedelta(minutes=12),
    )
    own = session.attendances.filter(source=AttendanceSource.QR).order_by("at", "pk")
    pair = list(own.values_list("pk", "person")[:2])
    session.attendances.filter(pk__in=[pk for pk, _ in pair]).update(device="5f1d0c7a9be24310")
    refused = (
        ("m3", WRONG_CODE, AttendanceSource.CODE, 4),
        ("m3", WRONG_CODE, AttendanceSource.CODE, 3),
        ("e1", OLD_CODE, AttendanceSource.QR, 9),
        ("e2", WRONG_PIN, AttendanceSource.KIOSK, 6),
    )
    SignInAttempt.objects.bulk_create(
        SignInAttempt(
            session=session,
            person=town.user(name),
            reason=reason,
            source=source,
            at=min(now, session.starts_at) - timedelta(minutes=before),
        )
        for name, reason, source, before in refused
    )


def _ask(town: Town, session: StudySession, now: datetime) -> int:
    person = town.user("m2")
    request = ask_leave(
        session=session,
        person=person,
        reason="official",
        explanation="当天上午到县里参加纪检监察工作调度会。",
        at=min(now - timedelta(minutes=40), session.starts_at - timedelta(minutes=1)),
    )
    return request.pk


def _papers(town: Town, today: date) -> dict[str, int]:
    """What waits at each step, what came back, what is being written, and what has passed."""
    first, second, gate = ALL_STEPS
    rows = (
        ("approved", "m3", "works", "reflection", 40, State.APPROVED),
        ("approved", "m4", "agriculture", "reflection", 33, State.APPROVED),
        ("approved", "m1", "conduct", "speech", 26, State.APPROVED),
        ("approved", "m1", "grassroots", "reflection", 19, State.APPROVED),
        ("first_review", "m2", "conduct", "reflection", 1, first),
        ("first_review", "m3", "grassroots", "speech", 1, first),
        ("first_review", "e1", "works", "reflection", 2, first),
        ("second_review", "m4", "grassroots", "speech", 5, second),
        ("second_review", "e2", "agriculture", "reflection", 6, second),
        ("final_gate", "m5", "works", "reading_note", 8, gate),
        ("final_gate", "deputy", "origin", "speech", 9, gate),
        ("returned", "m1", "works", "reflection", 10, State.RETURNED),
        ("draft", "m1", "origin", "reading_note", 0, State.DRAFT),
        ("own_of_secretary", "secretary", "works", "speech", 8, gate),
        ("own_of_propaganda", "propaganda", "agriculture", "speech", 5, second),
        ("resubmitted", "m2", "works", "speech", 15, second),
    )
    ids: dict[str, int] = {}
    for number, (label, author, theme, kind, back, end) in enumerate(rows):
        title = {"reflection": "学习{}心得体会", "speech": "围绕{}的研讨发言", "reading_note": "{}读书笔记"}[kind]
        topic = THEMES[theme].topic
        waits = end not in (State.APPROVED, State.RETURNED, State.DRAFT) and label != "resubmitted"
        body = words_of(author, theme, town.group.organization.short_name) if waits else ""
        body = body or town.compose(kind, THEMES[theme], author, 500 + number)
        if (author, theme, end) == ("m4", "agriculture", State.APPROVED):
            body = f"{body}\n{TAKEN_OVER}"
        returned_at = State.SECOND_REVIEW if label == "resubmitted" else None
        day = today - timedelta(days=back)
        paper = Paper(kind, author, title.format(topic), day, body, topic, end, returned_at)
        ids.setdefault(f"submission_{label}", town.write(paper).pk)
    noted = town.now - timedelta(hours=2)
    leave_note(ids["submission_second_review"], town.on("office", noted), noted)
    ids["submission_report"] = _report(town, today)
    return ids | overridden(town, today)


def _report(town: Town, today: date) -> int:
    subject = inquiries.BIANQIAO[12]
    body = town.compose("research_report", subject, "m4", today.year)
    day = today - timedelta(days=16)
    title = subject.title.replace("调研报告", f"调研报告（{today.year}年）")
    return town.write(Paper("research_report", "m4", title, day, body, subject.where)).pk


def _lectures(town: Town, today: date, subordinate: tuple[str, str] | None) -> dict[str, int]:
    """Of the town's own one in good time, one applied for too late and one changed after its approval; and one that a
    committee below has sent up."""

    def talk(unit: str, by: str, title: str, end: State, days: int, lead: int) -> Talk:
        return Talk(
            unit,
            by,
            f"{today + timedelta(days=days)} 14:30",
            title,
            "推进乡村全面振兴",
            town.room,
            60,
            "党校教师（受邀）",
            "区县委党校",
            "副教授",
            "长期从事基层治理教学，课件经所在单位审核",
            "一、为什么\n二、做什么\n三、怎么做",
            end=end,
            lead=lead,
        )

    slug, clerk = town.group.slug, f"{town.prefix}-clerk"
    own = town.invite(talk(slug, clerk, "推进乡村全面振兴报告会", State.SECOND_REVIEW, 9, 12))
    late = town.invite(talk(slug, clerk, "防汛和安全生产专题辅导", State.FIRST_REVIEW, 1, 2))
    changed = town.invite(talk(slug, clerk, "乡村全面振兴政策报告会", State.APPROVED, 6, 20))
    town.change_place(changed, "镇文化站小礼堂", on_day(today - timedelta(days=1), 15))
    ids = {"lecture_waiting": own.pk, "lecture_late": late.pk, "lecture_changed": changed.pk}
    if subordinate:
        unit, by = subordinate
        below = town.invite(talk(unit, by, "文明乡风报告会", State.FIRST_REVIEW, 9, 12))
        ids["lecture_from_below"] = below.pk
    return ids


def _fresh_texts(town: Town, today: date) -> None:
    sources = ("学习强国", "《求是》", "《人民日报》", "《半月谈》")
    titles = ("把为民造福作为最重要的政绩", "推进乡村全面振兴的根本遵循", "以实干赢得民心", "给基层松绑才能让干部轻装")
    Material.objects.bulk_create(
        Material(
            group=town.group,
            title=title,
            source=source,
            source_level="central",
            content_class="theory",
            body=LIBRARY_TEXT if number == 1 else f"内容摘要：供中心组成员学习参考，原文请查阅{source}。",
            added_by=town.user("clerk"),
            added_on=today - timedelta(days=3 * number + 1),
        )
        for number, (title, source) in enumerate(zip(titles, sources, strict=True))
    )
