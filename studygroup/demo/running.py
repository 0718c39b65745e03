"""The running year: open work for everybody, relative to the moment of seeding."""

from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from accounts.permissions import Role
from materials.models import Material
from reviews.chain import State
from sessions_app.actions.leave import ask_leave
from sessions_app.models import StudySession
from studygroup.demo import inquiries
from studygroup.demo.tables import Held, Planned, Talk
from studygroup.demo.texts import research_report
from studygroup.demo.themes import THEMES
from studygroup.demo.town import Paper, Town, on_day
from studygroup.lib.clock import local_date

_HEAD = {
    "guiding_thought": "以习近平新时代中国特色社会主义思想为指导，坚持读原著、学原文、悟原理，以学铸魂、以学增智、以学正风、以学促干。",
    "aims": "把理论学习同推进乡村全面振兴、加强基层治理结合起来，推动学习成果转化为工作实效。",
    "requirements": "一、每季度至少集体学习研讨一次，每月至少集中学习一次。\n二、研讨材料经两审一把关后交流。\n三、因事请假的按时补学。",
    "reading_list": "《习近平谈治国理政》第一至四卷\n《习近平著作选读》第一、二卷\n《中国共产党章程》",
    "questions": "一、怎样运用“千万工程”经验推进乡村全面振兴？\n二、怎样为基层减负赋能？",
}
_ROUND = (
    ("governance", "习近平新时代中国特色社会主义思想原著研读", "《习近平著作选读》第一卷", "secretary", "m1"),
    ("rural", "中央一号文件精神", "当年中央一号文件", "deputy", "m3"),
    ("congress", "全国两会精神", "当年《政府工作报告》", "deputy", "m5"),
    ("discipline", "党章党规党纪", "《中国共产党纪律处分条例》", "m2", "m1"),
    ("security", "总体国家安全观", "《总体国家安全观学习纲要》", "m4", "m5"),
    ("party_day", "党史学习和沂蒙精神、爱国主义教育", "《中国共产党简史》", "propaganda", "m2"),
)


def _planned(main: str) -> tuple[Planned, ...]:
    """Twelve months, the six topics twice; every third month a discussion as well."""
    rows = []
    for month in range(1, 13):
        theme, topic, content, leads, speakers = _ROUND[(month - 1) % 6]
        kinds = f"{main} discussion" if month % 3 == 0 else main
        rows.append(Planned(month, theme, kinds, leads, speakers, topic=topic, content=content))
    return tuple(rows)


def run_year(town: Town, now: datetime, main: str, subordinate: tuple[str, str] | None) -> dict[str, int]:
    """Fill the running year and return the ids of what waits. `main` is the kind the town's own study is called."""
    today = local_date(now)
    planned = _planned(main)
    ids = _plans(town, today, now, planned)
    _held_so_far(town, today, planned)
    ids |= _sessions(town, now, planned, main)
    ids |= _papers(town, today)
    ids |= _lectures(town, today, subordinate)
    _fresh_texts(town, today)
    return ids


def _plans(town: Town, today: date, now: datetime, planned: tuple[Planned, ...]) -> dict[str, int]:
    year, month = today.year, today.month
    _delegations(town, today)
    begun = min(on_day(date(year, 1, 5), 9), on_day(today - timedelta(days=12), 9))
    plan = town.plan_year(year, planned, _HEAD, begun)
    town.review(plan.review, town.hand_in_plan(plan, begun + timedelta(hours=4)))
    for number in range(1, month + 1):
        begun = on_day(min(date(year, number, 1) - timedelta(days=5), today - timedelta(days=7)), 9)
        monthly = town.plan_month(year, number, begun, planned, ())
        town.review(monthly.review, town.hand_in_plan(monthly, begun + timedelta(hours=2)))
    following = town.plan_year(year + 1, planned[:3], {}, now - timedelta(hours=30))
    next_year, next_month = (year, month + 1) if month < 12 else (year + 1, 1)
    waiting = town.plan_month(next_year, next_month, now - timedelta(hours=26), planned, ())
    town.hand_in_plan(waiting, now - timedelta(hours=25))
    return {
        "annual_plan": plan.pk,
        "annual_plan_draft": following.pk,
        "monthly_plan": monthly.pk,
        "monthly_plan_waiting": waiting.pk,
    }


def _delegations(town: Town, today: date) -> None:
    begins, ends = today - timedelta(days=20), today + timedelta(days=70)
    town.delegate("secretary", "deputy", Role.LEADER, "", begins, ends, "外出学习和本人撰写材料期间")
    town.delegate("propaganda", "m1", Role.STUDY_SECRETARY, "", begins, ends, "本人撰写材料须由他人复审")


def _held_so_far(town: Town, today: date, planned: tuple[Planned, ...]) -> None:
    """One session in every month gone by, and two in the last weeks."""
    days = [date(today.year, month, 14) for month in range(1, today.month)]
    days += [today - timedelta(days=back) for back in (9, 4)]
    for day in sorted({day for day in days if day < today}):
        town.hold(_studied(day, planned[day.month - 1]))


def _studied(day: date, row: Planned, clock: str = "14:30", **more: Any) -> Held:
    return Held(f"{day.isoformat()} {clock}", f"学习{row.topic}", row.theme, row.kinds, row.leads, row.speakers, **more)


def _sessions(town: Town, now: datetime, planned: tuple[Planned, ...], main: str) -> dict[str, int]:
    """One being signed in to right now, one called for tomorrow with a leave request, one still a draft."""
    soon = timezone.localtime(now + timedelta(minutes=15))
    begins = soon.replace(minute=soon.minute // 5 * 5, second=0, microsecond=0)
    row = planned[begins.month - 1]
    opened = town.hold(_studied(begins.date(), row, f"{begins:%H:%M}", everybody=True, state="called"))
    town.register(opened, town.user("clerk"), share=0.35)
    tomorrow, later = local_date(now) + timedelta(days=1), local_date(now) + timedelta(days=8)
    called = town.hold(
        Held(
            f"{tomorrow} 09:00",
            "乡村全面振兴专题研讨",
            "village",
            f"{main} discussion",
            "m1",
            "m3 m4",
            True,
            state="called",
        )
    )
    draft = town.hold(_studied(later, planned[later.month - 1], "09:00", state="draft"))
    return {
        "session_open": opened.pk,
        "session_called": called.pk,
        "session_draft": draft.pk,
        "session_closed": StudySession.objects.filter(group=town.group, state="closed").latest("starts_at").pk,
        "leave_request": _ask(town, called, now),
    }


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
    one = State.FIRST_REVIEW, State.SECOND_REVIEW, State.FINAL_GATE
    first, second, gate = one
    rows = (
        ("approved", "m3", "governance", "reflection", 40, State.APPROVED),
        ("approved", "m4", "rural", "reflection", 33, State.APPROVED),
        ("approved", "m1", "discipline", "speech", 26, State.APPROVED),
        ("approved", "m1", "village", "reflection", 19, State.APPROVED),
        ("first_review", "m2", "discipline", "reflection", 1, first),
        ("first_review", "m3", "village", "speech", 1, first),
        ("first_review", "e1", "governance", "reflection", 2, first),
        ("second_review", "m4", "village", "speech", 5, second),
        ("second_review", "e2", "rural", "reflection", 6, second),
        ("final_gate", "m5", "governance", "reading_note", 8, gate),
        ("final_gate", "deputy", "party_day", "speech", 9, gate),
        ("returned", "m1", "governance", "reflection", 10, State.RETURNED),
        ("draft", "m1", "party_day", "reading_note", 0, State.DRAFT),
        ("own_of_secretary", "secretary", "governance", "speech", 8, gate),
        ("own_of_propaganda", "propaganda", "village", "speech", 5, second),
    )
    ids = {}
    for number, (label, author, theme, kind, back, end) in enumerate(rows):
        title = {"reflection": "学习{}心得体会", "speech": "围绕{}的研讨发言", "reading_note": "{}读书笔记"}[kind]
        topic = next((row[1] for row in _ROUND if row[0] == theme), THEMES[theme].topic)
        body = town.compose(kind, THEMES[theme], author, 500 + number)
        paper = Paper(kind, author, title.format(topic), today - timedelta(days=back), body, topic, end)
        ids.setdefault(f"submission_{label}", town.write(paper).pk)
    ids["submission_report"] = _report(town, today)
    return ids


def _report(town: Town, today: date) -> int:
    subject = inquiries.BIANQIAO[12]
    text = research_report(subject, today.toordinal())
    day = today - timedelta(days=16)
    return town.write(Paper("research_report", "m4", subject.title, day, text, subject.where)).pk


def _lectures(town: Town, today: date, subordinate: tuple[str, str] | None) -> dict[str, int]:
    """One of the town's own at the first review, and one of a committee below at the second."""

    def talk(unit: str, by: str, title: str, end: State) -> Talk:
        day = today + timedelta(days=9)
        return Talk(
            unit,
            by,
            f"{day} 14:30",
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
        )

    own = talk(town.group.slug, f"{town.prefix}-clerk", "推进乡村全面振兴报告会", State.FIRST_REVIEW)
    ids = {"lecture_first_review": town.invite(own).pk}
    if subordinate:
        unit, by = subordinate
        ids["lecture_second_review"] = town.invite(talk(unit, by, "文明乡风报告会", State.SECOND_REVIEW)).pk
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
            body=f"内容摘要：供中心组成员学习参考，原文请查阅{source}。",
            added_by=town.user("clerk"),
            added_on=today - timedelta(days=3 * number + 1),
        )
        for number, (title, source) in enumerate(zip(titles, sources, strict=True))
    )
