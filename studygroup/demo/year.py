"""2020 as both towns lived it, in the order it happened."""

from datetime import date, time, timedelta

from django.db.models import Count

from accounts.permissions import Role
from materials.models import Book, Distribution, Material, PublicityColumn, PublicityPush
from materials.models.paper_kind import READING_NOTE, REFLECTION, RESEARCH_REPORT, SPEECH
from reviews.actions import Point
from reviews.chain import State
from sessions_app.models import CaseStudy, PlanItem, Site, StudySession
from studygroup.demo import absence, inquiries
from studygroup.demo.tables import Channel, Handout, TownYear, moment
from studygroup.demo.texts import Inquiry
from studygroup.demo.themes import THEMES
from studygroup.demo.town import Paper, Town, next_working_day, on_day
from studygroup.lib.clock import local_date

TITLES = {
    REFLECTION: ("学习{}心得体会", "学{}，谈体会、见行动", "{}学习体会"),
    READING_NOTE: ("{}读书笔记",),
    SPEECH: ("围绕{}的研讨发言",),
}
# The months in which a theme was studied, so that papers follow sessions.
STUDIED = {
    "system": 1,
    "epidemic": 2,
    "poverty": 3,
    "rural": 3,
    "discipline": 4,
    "congress": 5,
    "code": 6,
    "party_day": 7,
    "governance": 8,
    "commend": 9,
    "village": 10,
    "plenum": 11,
}


def live_2020(town: Town, year: TownYear) -> None:
    town.sites = {
        name: Site.objects.create(group=town.group, name=name, village=village) for name, village in year.sites
    }
    _plan(town, year)
    sessions = {held.on: town.hold(held) for held in sorted(year.held, key=lambda held: held.on)}
    _take_up_what_is_planned(town, year)
    _keep_cases(town, year, sessions)
    absence.make_good(town, date(2021, 2, 28))
    absence.visited(
        town,
        2020,
        9,
        (
            ("学习记录缺主持人小结", "党政办公室", "已补齐今年各次学习记录的主持人小结，并列入学习方案模板。"),
            ("扩大人员研讨发言偏少", "学习秘书", "四季度起每次安排两名工作区、部门负责人交流发言。"),
        ),
    )
    for talk in year.talks:
        town.invite(talk)
    keep_library(town, year)
    hand_out(town, year.handouts)
    publish(town, year.channel)


def _plan(town: Town, year: TownYear) -> None:
    """The annual plan with one return at the gate, then each month's plan and its supplements."""
    at = moment("2020-01-02 09:30")
    plan = town.plan_year(year.year, year.planned, year.head, at)
    at = town.review(plan.review, town.hand_in_plan(plan, at + timedelta(hours=3)), State.FINAL_GATE)
    at = town.send_back(plan.review, at, (Point("请写明每个专题的责任单位，便于年底对照检查。", None),))
    at = town.review(plan.review, town.hand_in_plan(plan, next_working_day(at, time(8, 40))))
    town.report_plan(plan, max(date(year.year, 1, 20), local_date(at)))
    for month in range(1, 13):
        begun = max(on_day(date(2020, month, 1), 9) - timedelta(days=5), moment("2020-01-08 16:30"))
        monthly = town.plan_month(2020, month, begun, year.planned, year.held)
        town.review(monthly.review, town.hand_in_plan(monthly, begun + timedelta(hours=1)))
        for row in year.supplements:
            if moment(row.on).month == month:
                town.supplement(monthly, row)


def _take_up_what_is_planned(town: Town, year: TownYear) -> None:
    """The weekly meetings of a month study its topics: first those nobody has taken up, then one after another."""
    added = {row.topic: moment(row.on) for row in year.supplements}
    loose = StudySession.objects.filter(group=town.group, plan_item=None).in_year(year.year).order_by("starts_at")
    by_month: dict[int, list[StudySession]] = {}
    for session in loose:
        by_month.setdefault(session.day.month, []).append(session)
    items = PlanItem.objects.filter(monthly_plan__group=town.group, monthly_plan__year=year.year)
    for month, sessions in by_month.items():
        topics = list(items.filter(month=month).annotate(taken=Count("sessions")).order_by("taken", "position"))
        for number, session in enumerate(sessions):
            known = [item for item in topics if added.get(item.topic, session.starts_at) <= session.starts_at]
            if known:
                StudySession.objects.filter(pk=session.pk).update(plan_item=known[number % len(known)])


def _keep_cases(town: Town, year: TownYear, sessions: dict[str, StudySession]) -> None:
    rows = []
    for case in year.cases:
        day = date.fromisoformat(case.on)
        rows.append(
            CaseStudy(
                group=town.group,
                session=sessions[f"{case.on} 08:30"],
                held_on=day,
                polarity="positive" if case.positive else "negative",
                title=case.title,
                presenter=case.presenter,
                lesson=case.lesson,
                discussants=town.names("m1 m3 propaganda"),
                measure=case.measure,
                owner=town.names("m4" if case.positive else "m2"),
                due_on=day + timedelta(days=30),
                closed_on=day + timedelta(days=24) if day.month < 11 else None,
            )
        )
    CaseStudy.objects.bulk_create(rows)


def keep_library(town: Town, year: TownYear) -> None:
    Material.objects.bulk_create(
        Material(
            group=town.group,
            title=text.title,
            source=text.source,
            source_level=text.level,
            content_class=text.content_class,
            published_on=date.fromisoformat(text.on) - timedelta(days=2),
            body=text.body or f"内容摘要：供中心组成员学习“{text.title}”时参考，原文请查阅{text.source}。",
            added_by=town.user("clerk"),
            added_on=date.fromisoformat(text.on),
        )
        for text in year.library
    )


def hand_out(town: Town, handouts: tuple[Handout, ...]) -> None:
    for handout in handouts:
        book = Book.objects.create(
            group=town.group,
            title=handout.title,
            category="理论读物",
            source=handout.source,
            received_copies=handout.received,
            received_on=date.fromisoformat(handout.received_on),
        )
        Distribution.objects.bulk_create(
            Distribution(
                group=town.group,
                book=book,
                receiver=receiver,
                copies=copies,
                handed_out_on=date.fromisoformat(day),
            )
            for receiver, day, copies in handout.given
        )


def publish(town: Town, channel: Channel) -> None:
    columns = {
        name: PublicityColumn.objects.create(
            group=town.group, channel=channel.name, name=name, opened_on=date.fromisoformat(day)
        )
        for name, day in channel.columns
    }
    PublicityPush.objects.bulk_create(
        PublicityPush(
            group=town.group,
            column=columns.get(column),
            channel=channel.name,
            title=title,
            pushed_on=date.fromisoformat(day),
        )
        for day, title, column in channel.pushes
    )


# -- Papers --------------------------------------------------------------------


def write_bianqiao(town: Town) -> None:
    """16 research reports, two each by the eight leaders; the secretary's and 宣传委员's own by delegation."""
    town.delegate("secretary", "deputy", Role.LEADER, RESEARCH_REPORT, *_YEAR, "书记本人撰写的调研报告，须由他人把关")
    town.delegate("propaganda", "m1", Role.STUDY_SECRETARY, RESEARCH_REPORT, *_YEAR, "本人撰写的调研报告，须由他人复审")
    authors = [name for name in _LEADERS for _ in range(2)]
    _write_reports(town, authors, inquiries.BIANQIAO)
    _write_many(town, REFLECTION, [f"m{n}" for n in range(1, 6)] + [f"e{n}" for n in range(1, 10)], 14)
    _write_many(town, READING_NOTE, ["deputy", "m1", "m2", "m3", "m4", "m5"], 12)
    _write_many(town, SPEECH, ["deputy", "m1", "m2", "m3", "m4", "m5"], 14)
    _write_uncounted(town, RESEARCH_REPORT, ["m1", "m2", "m3", "m4", "m5"])


def write_jingwu(town: Town) -> None:
    """52 reflections; the secretary and 宣传委员 write too."""
    town.delegate("secretary", "deputy", Role.LEADER, REFLECTION, *_YEAR, "书记本人撰写的心得体会，须由他人把关")
    town.delegate("propaganda", "m1", Role.STUDY_SECRETARY, REFLECTION, *_YEAR, "本人撰写的心得体会，须由他人复审")
    authors = ["secretary", "propaganda", "deputy"] + [f"m{n}" for n in range(1, 8)] + [f"e{n}" for n in range(1, 15)]
    _write_many(town, REFLECTION, authors, 52)
    _write_reports(town, ["m5", "m1", "m6", "m3"], inquiries.JINGWU)
    _write_many(town, READING_NOTE, ["deputy", "m2", "m3", "m4", "m6", "m7"], 6)
    _write_many(town, SPEECH, ["deputy", "m3", "m5", "m6", "m7"], 5)
    _write_uncounted(town, REFLECTION, ["m1", "m2", "m3", "e4", "e5"])


_YEAR = (date(2020, 1, 1), date(2020, 12, 31))
_LEADERS = ("secretary", "deputy", "propaganda", "m1", "m2", "m3", "m4", "m5")


def _write_reports(town: Town, authors: list[str], subjects: tuple[Inquiry, ...]) -> None:
    for number, (author, inquiry) in enumerate(zip(authors, subjects, strict=True)):
        month = 4 + number % 2 * 5 + number // 6 % 3
        town.write(
            Paper(
                RESEARCH_REPORT,
                author,
                inquiry.title,
                date(2020, month, 5 + number),
                town.compose(RESEARCH_REPORT, inquiry, author, number),
                inquiry.where,
                returned_at=State.SECOND_REVIEW if number % 5 == 3 else None,
            )
        )


def _write_many(town: Town, kind: str, authors: list[str], count: int) -> None:
    """Papers passed in 2020. The themes move on by one with every round of the authors: no pair comes twice."""
    themes = list(STUDIED)
    for number in range(count):
        theme = themes[(number + number // len(authors)) % len(themes)]
        day = date(2020, STUDIED[theme], 12 + number * 5 % 16)
        returned_at = State.SECOND_REVIEW if number % 9 == 4 else State.FINAL_GATE if number % 17 == 8 else None
        town.write(_paper(town, kind, authors[number % len(authors)], theme, day, number, returned_at))


def _paper(
    town: Town,
    kind: str,
    author: str,
    theme: str,
    day: date,
    seed: int,
    returned_at: State | None = None,
    end: State = State.APPROVED,
) -> Paper:
    topic = THEMES[theme].topic
    titles = TITLES[kind]
    body = town.compose(kind, THEMES[theme], author, seed)
    return Paper(kind, author, titles[seed % len(titles)].format(topic), day, body, topic, end, returned_at)


def _write_uncounted(town: Town, kind: str, authors: list[str]) -> None:
    """Not to be counted: two returned and one draft of December, and one each of the year before and after."""
    december = ((14, State.RETURNED), (17, State.RETURNED), (21, State.DRAFT))
    days = [(date(2020, 12, day), end) for day, end in december]
    days += [(date(2019, 12, 30), State.APPROVED), (date(2021, 1, 4), State.APPROVED)]
    for number, (author, (day, end)) in enumerate(zip(authors, days, strict=True)):
        town.write(_uncounted(town, kind, author, day, 200 + number, end))


def _uncounted(town: Town, kind: str, author: str, day: date, seed: int, end: State) -> Paper:
    if kind != RESEARCH_REPORT:
        return _paper(town, kind, author, "mission", day, seed, end=end)
    subject = inquiries.BIANQIAO[seed % 16]
    body = town.compose(kind, subject, author, seed)
    return Paper(kind, author, f"{subject.title}（{day.year}年底回访）", day, body, subject.where, end)
