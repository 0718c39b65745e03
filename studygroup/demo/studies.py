"""What members tell of their own study, and what each town asks of itself beside the shipped rules."""

from datetime import date, datetime, time, timedelta

from django.utils import timezone

from materials.models import PersonalStudy
from materials.models.personal_study import PersonalStudyKind
from sessions_app.actions.filing import record_filing
from sessions_app.actions.rule import add_rule, change_rule
from sessions_app.measures.periods import last_of_month
from sessions_app.measures.standards import SINCE
from sessions_app.models import Filing, Site
from sessions_app.models.filing import FilingSubject
from studygroup.demo.town import Town

KIND = PersonalStudyKind
BOOKS = (
    "《习近平谈治国理政》第三卷",
    "《中国制度面对面》",
    "《摆脱贫困》",
    "《乡土中国》",
    "《论坚持全面深化改革》",
    "《之江新语》",
    "《习近平的七年知青岁月》",
)
VILLAGES = {
    "bianqiao": ("佟家庄村", "南安靖村", "尹家村", "蒋家庄村", "滩汪湖村"),
    "jingwu": ("小南河村", "付村", "牛坨子村", "孙庄子村", "宽河村"),
}
SUBJECTS = ("农田水利", "人居环境整治", "村集体经济", "矛盾调解", "为民服务事项办理", "防返贫监测")
GAINS = ("", "对照本村实际，准备在支部会上讲一讲。", "", "记了笔记，重点是群众工作方法。", "")
# Site → what is taught there, whom to call.
THEMES_OF_SITES = {
    "115师": ("党性教育：革命传统", "纪念馆讲解预约处"),
    "桃峪": ("党性教育：党史", "陈列馆讲解预约处"),
    "岱崮": ("对标先进乡镇", "岱崮镇党政办公室"),
    "朱家林": ("田园综合体建设", "园区管理办公室"),
    "佟家庄": ("违法建设治理和环境提升", "佟家庄村党支部书记"),
    "四好农村路": ("四好农村路建设", "南安靖村党支部书记"),
    "滩汪湖": ("高效农业示范", "农业综合服务中心"),
    "皂角": ("乡风文明和文化广场建设", "蒋家庄村党支部书记"),
}


def ask(town: Town) -> None:
    """卞桥镇 studies together in many forms, 精武镇 calls its discussions 专题研讨: each counts by its own name."""
    at = timezone.make_aware(datetime.combine(date(2019, 1, 7), time(10)))
    by = town.on("office", at)
    bianqiao = town.group.slug == "bianqiao"
    off, on = (
        (("concentrated_study", "month"), ("any_session", "month"))
        if bianqiao
        else (("collective_study", "quarter"), ("discussion", "quarter"))
    )
    basis = "本镇集中学习以（扩大）学习暨周例会等形式开展" if bianqiao else "本镇集体学习研讨以交流（专题）研讨开展"
    changes = {"is_active": False, "basis": basis}
    change_rule(
        group=town.group,
        measure=off[0],
        period=off[1],
        year=SINCE,
        seen_version=0,
        changes=changes,
        by=by,
        at=at,
    )
    add_rule(group=town.group, measure=on[0], period=on[1], year=SINCE, minimum=1, basis=basis, by=by, at=at)


def report_upward(town: Town, year: int, until: date) -> None:
    """The report on last year, filed in January with the committee above; the plan is reported when it is approved."""
    above, filed_on = town.group.organization.parent, date(year, 1, 22)
    if filed_on >= until:
        return
    at = timezone.make_aware(datetime.combine(filed_on, time(15)))
    filing = Filing(
        group=town.group,
        subject=FilingSubject.YEAR_REPORT,
        year=year - 1,
        filed_to=f"{above.name if above else '上级'}宣传部",
        filed_on=filed_on,
    )
    record_filing(filing, receipt=None, by=town.on("clerk", at), at=at)


def describe_sites(town: Town) -> None:
    for site in Site.objects.filter(group=town.group):
        for word, (theme, contact) in THEMES_OF_SITES.items():
            if word in site.name:
                Site.objects.filter(pk=site.pk).update(theme=theme, contact=contact)


def study(town: Town, year: int, until: date) -> None:
    """Books by quarter, stays and hours by month; some are missing, as in life."""
    leaders = [m.user for m in town.roster if m.category == "member"]
    rows: list[PersonalStudy] = []
    for place, person in enumerate(leaders):
        for month in range(1, 13):
            rows += _month(town, person, place, year, month)
    PersonalStudy.objects.bulk_create(row for row in rows if row.done_on <= until)


def _month(town: Town, person: object, place: int, year: int, month: int) -> list[PersonalStudy]:
    turn = place * 5 + month
    fixed = {"group": town.group, "person": person}
    villages = VILLAGES[town.group.slug]
    rows = []
    if month % 3 == place % 3 and not (month > 9 and place in (2, 5)):
        book, gain = BOOKS[turn % len(BOOKS)], GAINS[turn % len(GAINS)]
        rows.append(PersonalStudy(kind=KIND.BOOK, done_on=date(year, month, 5 + place), title=book, note=gain, **fixed))
    if turn % 7 != 3:
        title = f"{villages[(place + month) % len(villages)]}，{SUBJECTS[turn % len(SUBJECTS)]}"
        day = date(year, month, 3) + timedelta(days=turn % 18)
        rows.append(PersonalStudy(kind=KIND.FIELD_VISIT, done_on=day, title=title, **fixed))
    if place % 3 != 1:
        hours = last_of_month(year, month).day + (turn % 9 - 3)
        first = date(year, month, 1)
        rows.append(PersonalStudy(kind=KIND.STUDY_HOURS, done_on=first, title="自学", amount=hours, **fixed))
    return rows
