"""学习台账 from a sheet: sessions held and who came; one row per session, or people down and days across."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from accounts.models import Membership, StudyGroup, User
from accounts.permissions import Permission
from accounts.sheets.description import (
    NEW,
    SAME,
    Description,
    Field,
    Option,
    Problem,
    SheetRow,
    Wrong,
    long,
    short,
)
from accounts.sheets.parsers import Names, hours_of, told_day, whole
from accounts.sheets.trace import Trace
from sessions_app.imports.kinds import kinds_of
from sessions_app.imports.make_ups import made_up_told
from sessions_app.imports.people import Roster, mark_of, names_told
from sessions_app.imports.register_table import turned_register
from sessions_app.imports.session_rows import AS_ABSENT, AS_PRESENT, SKIP, CompleteRow, KnownSessions
from sessions_app.imports.session_writing import write_register, write_session
from sessions_app.models import Attendance, PlanItem, SessionKind, StudySession
from studygroup.lib.errors import Refused
from studygroup.lib.tables import SIGNED, SUM, Table, key_of

DAY_TITLES = ("学习日期", "日期", "时间", "学习时间", "活动时间", "召开时间", "会议时间", "举办时间", "开展时间")
NO_PERSON = re.compile(
    r"合计|总计|小计|应到|实到|出勤|请假|缺席|迟到|备注|签字|签名|人数|序号|记录|主持|主题|内容|地点|形式|时间|专题|领学|发言|附件|照片|单位|部门"
)
PERSON_NAME = re.compile(r"[\u4e00-\u9fff·]{2,5}")


def _day(text: str, known: KnownSessions) -> Any:
    return told_day(text, known.year)


def _hours(text: str, known: KnownSessions) -> str:
    if not hours_of(text):
        raise Wrong(f"看不出“{text}”是几点，请改成“14:30”这样的写法。")
    return text


def _kinds(text: str, known: KnownSessions) -> Any:
    return kinds_of(text, known.kinds)


def _count(text: str, known: KnownSessions) -> int:
    return whole(text, most=2000)


FIELDS = (
    Field("day", "日期", DAY_TITLES, _day, True, example="2020年3月5日下午2:30"),
    Field("hours", "起止时间", ("时刻", "具体时间", "开始时间", "时段"), _hours, example="14:30—16:30"),
    Field(
        "title",
        "主题",
        ("学习主题", "学习专题", "专题", "会议主题", "活动主题", "主要议题", "名称", "会议名称", "学习题目"),
        short(200),
        example="学习贯彻党的十九届四中全会精神",
    ),
    Field(
        "kinds",
        "学习形式",
        ("形式", "学习方式", "方式", "类型", "学习类型", "活动形式", "会议类型"),
        _kinds,
        example="集中学习、专题研讨",
    ),
    Field("place", "地点", ("学习地点", "会议地点", "场所"), short(100), example="镇政府三楼会议室"),
    Field("host", "主持人", ("主持", "主持领导"), short(60), example="张三"),
    Field(
        "content",
        "学习内容（篇目）",
        ("学习内容", "内容", "学习篇目", "篇目", "主要内容", "学习资料"),
        long(4000),
        joins="\n",
    ),
    Field("question", "研讨题目", ("研讨主题", "研讨专题", "讨论题目"), short(300)),
    Field(
        "lead_readers",
        "领学人",
        ("领学", "主讲人", "主讲", "领读人", "授课人", "辅导人"),
        short(300),
        joins="、",
        example="李四",
    ),
    Field("key_speakers", "重点发言人", ("重点发言", "中心发言人", "中心发言", "研讨发言人"), short(300), joins="、"),
    Field("discussion", "交流发言人", ("交流发言", "发言人", "发言人员"), short(300), joins="、"),
    Field("expected", "应到", ("应到人数", "应参加人数", "应参学人数", "应参加"), _count, example="12"),
    Field(
        "present",
        "实到",
        ("实到人数", "参加人数", "出席人数", "参学人数", "到会人数", "实际参加人数", "人数"),
        _count,
        example="10",
    ),
    Field(
        "attended",
        "出席人员",
        ("参加人员", "实到人员", "到会人员", "参学人员", "出席", "参会人员", "参加人", "签到人员"),
        names_told,
        joins="、",
    ),
    Field("late", "迟到人员", ("迟到", "迟到人"), names_told, joins="、"),
    Field(
        "leave",
        "请假人员",
        ("请假", "请假人", "请假及原因", "请假情况", "请假人员及事由", "因公请假"),
        names_told,
        joins="、",
        example="王五（公假）",
    ),
    Field(
        "absent",
        "缺席人员",
        ("缺席", "缺席人", "缺席及原因", "缺勤人员", "未到人员", "无故缺席"),
        names_told,
        joins="、",
        example="赵六",
    ),
    Field(
        "made_up",
        "补学人员",
        ("补学", "已补学", "补学人", "补学情况", "补学完成情况", "已补学人员", "补课", "补课情况"),
        made_up_told,
        joins="、",
        example="王五（3月12日自学）",
    ),
    Field("made_up_on", "补学时间", ("补学日期", "补课时间", "补课日期"), short(60), example="2020年3月12日"),
    Field("recorder", "记录人", ("记录", "记录员"), short(60)),
    Field("record", "学习记录", ("会议记录", "记录内容", "发言要点", "学习情况", "研讨情况"), long(20000), joins="\n"),
)


def _plan_items(group: StudyGroup) -> dict[tuple[int, int, str], list[PlanItem]]:
    """Year, month and topic → the rows of the group's plans; a month's row drawn from the year is the year's row."""
    own = Q(annual_plan__group=group) | Q(monthly_plan__group=group, drawn_from=None)
    found: dict[tuple[int, int, str], list[PlanItem]] = {}
    for item in PlanItem.objects.in_force().filter(own).select_related("annual_plan", "monthly_plan"):
        found.setdefault((item.plan.year, item.month, key_of(item.topic)), []).append(item)
    return found


class SessionsImport(Description):
    slug = "sessions"
    label = "学习台账"
    position = 3
    permission = Permission.MANAGE_SESSIONS
    note = (
        "已经办完的学习和签到。可以一行一次（出席、请假、缺席写人名），也可以一行一人、一列一次（√、假、缺）。"
        "写了补学的按已补学导入，没有写的不派补学任务。"
    )
    ignored = {
        "序号": "次数按日期自动编排",
        "次数": "次数按日期自动编排",
        "第几次": "次数按日期自动编排",
        "编号": "次数按日期自动编排",
        "备注": "学习活动没有备注一栏",
        "出勤率": "由签到自动算出",
        "合计": "由签到自动算出",
    }
    may_turn = True

    def options(self, today: date) -> Sequence[Option]:
        return (
            Option(
                "year", "年度", initial=str(today.year), required=True, is_number=True, help="用于没有写年份的日期。"
            ),
            Option("starts", "没有写几点的，按", initial="09:00"),
            Option("place", "没有写地点的，按", initial=""),
            Option("kind", "没有写学习形式的，按", initial="集中学习"),
            Option(
                "blank",
                "签到表里的空白格表示",
                ((SKIP, "没有登记（不算应到）"), (AS_PRESENT, "实到"), (AS_ABSENT, "缺席")),
                SKIP,
            ),
        )

    def fields(self, options: Mapping[str, Any]) -> Sequence[Field]:
        return FIELDS

    def load(self, group: StudyGroup, options: Mapping[str, Any]) -> KnownSessions:
        memberships = Membership.objects.filter(group=group).select_related("user")
        registered = Attendance.objects.filter(session=OuterRef("pk"))
        sessions = StudySession.objects.filter(group=group).annotate(is_registered=Exists(registered)).order_by("pk")
        by_day: dict[date, list[StudySession]] = {}
        for session in sessions.defer("record", "content", "requirements", "closing_words"):
            by_day.setdefault(session.day, []).append(session)
        kinds = Names((kind.label, kind) for kind in SessionKind.objects.all())
        return KnownSessions(group, options, Roster(memberships), kinds, by_day, _plan_items(group))

    def more_fields(self, known: KnownSessions) -> Sequence[Field]:
        people = sorted(known.roster.people.values(), key=lambda user: user.pk)
        return [Field(f"person-{user.pk}", user.name, (), mark_of) for user in people]

    def missing_columns(self, mapped: set[str]) -> list[str]:
        missing = [] if "day" in mapped else ["日期"]
        is_register = any(name.startswith("person-") for name in mapped)
        return missing + ([] if mapped & {"title", "content"} or is_register else ["主题"])

    def turn(self, table: Table) -> Table | None:
        return turned_register(table)

    def check(self, known: KnownSessions, rows: Sequence[SheetRow], headings: Mapping[str, str]) -> list[Problem]:
        problems = self._strangers(rows, headings)
        for row in rows:
            if row.value("day", None):
                CompleteRow(row, known).complete()
        return problems

    def _strangers(self, rows: Sequence[SheetRow], headings: Mapping[str, str]) -> list[Problem]:
        if not any(name.startswith("person-") for row in rows[:1] for name in row.cells):
            return []
        return [
            Problem("error", f"{address}的“{name}”不在名单里。请先在“名单”里加入，或在“列的对应”里选“不导入”。")
            for address, name in headings.items()
            if PERSON_NAME.fullmatch(re.sub(r"\s", "", name))
            and not NO_PERSON.search(name)
            and not SUM.match(key_of(name))
            and not SIGNED.match(name)
        ]

    def write(self, known: KnownSessions, rows: Sequence[SheetRow], *, trace: Trace, by: User, at: datetime) -> None:
        told = sorted((row for row in rows if row.state != SAME), key=lambda row: row.facts["starts_at"])
        for row in told:
            if row.facts["starts_at"] > at:
                raise Refused(f"第 {row.name}的学习还没有到时间，台账只导入已经办完的学习。")
            if row.state == NEW:
                write_session(known, row, trace, by, at)
            else:
                write_register(row.target, row, trace, by, at)

    def result_address(self, group: StudyGroup, options: Mapping[str, Any]) -> str:
        return f"{reverse('session_list')}?year={options.get('year', '')}"
