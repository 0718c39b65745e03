"""学习台账: a past year's sessions and registers, in both layouts."""

import time
from datetime import date, timedelta
from typing import Any

import pytest

from accounts.actions import imports as actions
from accounts.actions.people import enrol
from accounts.models import ImportBatch, User
from accounts.sheets.description import description_of
from accounts.sheets.reading import read_batch
from reports.statistics import year_figures
from sessions_app.models import Attendance, MakeUpStudy, Participant, StudySession
from studygroup.lib.errors import Refused
from studygroup.lib.office.sheets import read_workbook
from tests.factories import item_row, kind, make_annual_plan, make_closed_session, make_session
from tests.imports.dump import dump
from tests.imports.workbooks import by_openpyxl


@pytest.fixture
def kinds(db):
    for slug in ("collective_study", "enlarged_study", "onsite_teaching"):
        kind(slug)


def start(cast, content: bytes, now, **options: Any) -> ImportBatch:
    told = {"year": "2020", "starts": "09:00", "place": "会议室", "kind": "集体学习研讨", "blank": "skip", **options}
    return actions.start_import(
        description=description_of("sessions"),
        group=cast.group,
        grids=read_workbook(content),
        file_name="台账.xlsx",
        options=told,
        by=cast.office,
        at=now,
    )


def messages(sheet, level: str) -> dict[str, str]:
    return {c.address: c.message for row in sheet.rows for c in row.cells.values() if c.level == level}


def marks(session: StudySession) -> dict[str, str]:
    return dict(session.attendances.order_by("person__username").values_list("person__username", "status"))


HEAD = ["序号", "时间", "地点", "学习主题", "形式", "主持人", "领学人", "应到", "实到", "请假人员", "缺席人员", "备注"]


def test_a_row_per_session_with_names(cast, now, kinds):
    rows = [
        ["2020年学习台账"] + [None] * 11,
        HEAD,
        [2, "2020.5.8下午2:30-4:30", "礼堂", "第二次学习", "扩大学习", "书记甲", "宣委丙", "", "", "", "扩大丁", ""],
        [
            1,
            "2020年3月5日",
            "三楼会议室",
            "第一次学习",
            "集体学习研讨",
            "书记甲",
            "成员一、王教授",
            6,
            4,
            "成员二（病假）",
            "成员三",
            "x",
        ],
        [3, 43983, "三楼会议室", "第三次学习", "", "书记甲", "", 6, 6, "无", "无", ""],
        ["合计", "3次"] + [None] * 10,
    ]
    content = by_openpyxl(rows, ["A1:L1"], B5="yyyy/m/d")
    before = dump()
    batch = start(cast, content, now)
    sheet = read_batch(batch)
    assert messages(sheet, "error") == {}
    assert [(a, h) for a, h, _ in sheet.left_columns] == [("A 列", "序号"), ("L 列", "备注")]
    actions.confirm(batch=batch, by=cast.office, at=now)
    first, second, third = StudySession.objects.order_by("starts_at")
    assert [s.serial for s in (first, second, third)] == [1, 2, 3]
    assert {s.state for s in (first, second, third)} == {"closed"}
    assert marks(first) == {
        "deputy": "present",
        "m1": "present",
        "m2": "leave",
        "m3": "absent",
        "propaganda": "present",
        "secretary": "present",
    }
    assert first.attendances.get(person=cast.m2).leave_reason == "sick"
    assert {a.source for a in Attendance.objects.all()} == {"import"}
    assert [str(line) for line in first.agenda.all()] == ["领学 成员一", "领学 王教授"]
    assert first.host == cast.secretary
    assert second.place == "礼堂"
    assert (second.ends_at - second.starts_at) == timedelta(hours=2)
    assert marks(second)["extended"] == "absent"  # an enlarged session counts the wider circle
    assert len(marks(second)) == 7
    assert set(marks(third).values()) == {"present"}
    actions.undo(batch=batch, by=cast.office, at=now)
    assert dump() == before


def test_counts_without_names_are_missing_data_and_say_so(cast, now, kinds):
    rows = [["日期", "主题", "应到", "实到"], ["3月5日", "甲", 6, 5]]
    batch = start(cast, by_openpyxl(rows), now)
    sheet = read_batch(batch)
    assert "缺资料" in messages(sheet, "warning")["D2"]
    actions.confirm(batch=batch, by=cast.office, at=now)
    session = StudySession.objects.get()
    assert session.head_count == 5
    assert not session.attendances.exists()
    rate = next(f for f in year_figures(cast.group, 2020) if f.code == "attendance_rate")
    assert rate.value is None
    assert "没有签到登记" in rate.left_out[0].why


def test_names_that_do_not_fit_are_errors_by_cell(cast, now, kinds):
    twin = User.objects.create_user("twin", None, name="成员一")
    enrol(group=cast.group, user=twin, category="member", title="人大主席", starts_on=date(2020, 1, 1), by=None, at=now)
    late = User.objects.create_user("late", None, name="后来人")
    enrol(group=cast.group, user=late, category="member", title="委员", starts_on=date(2020, 9, 1), by=None, at=now)
    rows = [
        ["日期", "主题", "出席人员", "请假"],
        ["3月5日", "甲", "书记甲、外人", ""],
        ["3月6日", "乙", "成员一", ""],
        ["3月7日", "丙", "后来人", ""],
        ["3月8日", "丁", "书记甲 副书记乙", "书记甲"],
        ["3月9日", "戊", "成员一（人大主席）", ""],
        ["2月30日", "己", "", ""],
        ["2031年1月1日", "庚", "", ""],
    ]
    sheet = read_batch(start(cast, by_openpyxl(rows), now, asked_on="2026-01-01"))
    wrong = messages(sheet, "error")
    assert set(wrong) == {"C2", "C3", "C4", "D5", "A7", "A8"}
    assert "名单里没有“外人”" in wrong["C2"]
    assert "成员一（人大主席）" in wrong["C3"]
    assert "不在名单里" in wrong["C4"]


def made_up(session: StudySession) -> dict[str, tuple[str, str]]:
    rows = session.make_ups.filter(state="confirmed").order_by("person__username")
    return {row.person.username: (str(row.studied_on), row.method) for row in rows}


def test_a_ledger_tells_who_has_made_up_what_he_missed(cast, now, kinds):
    rows = [
        ["日期", "主题", "请假", "缺席", "补学情况"],
        ["3月5日", "甲", "成员一（公假）", "成员二", "成员一（3月9日观看录像）、成员二"],
        ["12月28日", "乙", "成员一", "成员三", "1月5日补学"],
        ["4月2日", "丙", "成员一", "无", ""],
        ["4月9日", "丁", "成员一", "无", "成员二"],
        ["4月16日", "戊", "成员一", "无", "成员一（4月1日）"],
    ]
    before = dump()
    batch = start(cast, by_openpyxl(rows), now, asked_on="2026-01-01")
    sheet = read_batch(batch)
    assert set(messages(sheet, "error")) == {"E6"}
    assert set(messages(sheet, "warning")) == {"E2", "E5"}
    told = [row.facts["summary"] for row in sheet.rows[1:4]]
    assert "补学：已补 2 人" in told[0]
    assert "不另派" not in told[0]
    assert "1 人没有写补学，不另派补学任务" in told[2]
    actions.confirm(batch=batch, by=cast.office, at=now, leave_wrong=True)
    first, third, fourth, second = StudySession.objects.order_by("starts_at")
    assert made_up(first) == {"m1": ("2020-03-09", "watched"), "m2": ("2020-03-05", "self_study")}
    assert made_up(second) == {"m1": ("2021-01-05", "self_study"), "m3": ("2021-01-05", "self_study")}
    assert not third.make_ups.exists()
    assert not fourth.make_ups.exists()
    assert not MakeUpStudy.objects.exclude(state="confirmed").exists()
    actions.undo(batch=batch, by=cast.office, at=now)
    assert dump() == before


def test_a_past_session_carries_out_the_one_topic_of_its_month(cast, now, kinds):
    topics = [item_row("甲专题", month=3), item_row("乙专题", month=3), item_row("乙专题", month=3)]
    plan = make_annual_plan(cast, year=2020, rows=[*topics, item_row("丙专题", month=4)])
    make_annual_plan(
        cast, year=2020, rows=[item_row("丁专题", month=3)], group=cast.foreign_group, by=cast.foreign_office
    )
    rows = [["日期", "主题"], *(["3月5日", f"{name}专题"] for name in "甲乙丙丁")]
    batch = start(cast, by_openpyxl(rows), now)
    told = [row.facts["summary"] for row in read_batch(batch).good]
    assert ["对应计划：3月“甲专题”" in text for text in told] == [True, False, False, False]
    actions.confirm(batch=batch, by=cast.office, at=now)
    linked = StudySession.objects.exclude(plan_item=None).values_list("title", "plan_item")
    assert list(linked) == [("甲专题", plan.items.get(topic="甲专题").pk)]


MATRIX = [
    ["2020年学习签到表", *[None] * 6],
    ["序号", "姓名", "职务", "3月5日", "3月12日", "4月2日", "出勤率"],
    [None, None, None, "甲专题", "乙专题", "丙专题", None],
    [1, "书记甲", "党委书记", "√", "√", "公假", "67%"],
    [2, "副书记乙", "镇长", "✓", "迟到", "", "67%"],
    [3, "成员一", "组织委员", "缺", "病假", "到", "33%"],
    ["合计", None, None, 2, 2, 1, None],
]


def test_people_down_and_days_across(cast, now, kinds):
    before = dump()
    batch = start(cast, by_openpyxl(MATRIX, ["A1:G1"]), now)
    sheet = read_batch(batch)
    assert sheet.table.is_turned
    assert sheet.problems == []
    assert messages(sheet, "error") == {}
    assert [row.name for row in sheet.good] == ["D列", "E列", "F列"]
    actions.confirm(batch=batch, by=cast.office, at=now)
    first, second, third = StudySession.objects.order_by("starts_at")
    assert [s.title for s in (first, second, third)] == ["甲专题", "乙专题", "丙专题"]
    assert marks(first) == {"secretary": "present", "deputy": "present", "m1": "absent"}
    assert marks(second) == {"secretary": "present", "deputy": "late", "m1": "leave"}
    assert marks(third) == {"secretary": "leave", "m1": "present"}  # a blank cell was not registered
    assert third.attendances.get(person=cast.secretary).leave_reason == "official"
    actions.undo(batch=batch, by=cast.office, at=now)
    assert dump() == before


def test_a_ledger_with_a_column_of_people_is_no_register(cast, now, kinds):
    rows = [["序号", "参加人员", "主题", "时间", "补学时间"], [1, "书记甲", "甲", "2020-03-05", "2020-03-09"]]
    sheet = read_batch(start(cast, by_openpyxl(rows), now))
    assert not sheet.table.is_turned
    assert len(sheet.good) == 1


def test_a_wrong_sign_is_addressed_in_the_sheet_somebody_made(cast, now, kinds):
    rows = [list(row) for row in MATRIX]
    rows[5][4] = "？？"
    batch = start(cast, by_openpyxl(rows), now)
    assert set(messages(read_batch(batch), "error")) == {"E6"}
    actions.mend(batch=batch, cells={"E6": "√"}, skipped=[], unskipped=[], seen_version=0, by=cast.office, at=now)
    batch.refresh_from_db()
    assert messages(read_batch(batch), "error") == {}


def test_somebody_who_is_on_no_roster_stops_the_register(cast, now, kinds):
    rows = [*MATRIX[:6], [4, "王五", "委员", "√", "√", "√", ""], MATRIX[6]]
    batch = start(cast, by_openpyxl(rows), now)
    sheet = read_batch(batch)
    assert "“王五”不在名单里" in sheet.problems[0].message
    with pytest.raises(Refused, match="王五"):
        actions.confirm(batch=batch, by=cast.office, at=now, leave_wrong=True)
    mapping = {int(c): n for c, n in batch.mapping.items()}
    unknown = next(c for c, h in enumerate(sheet.headings) if h == "王五")
    actions.map_columns(batch=batch, mapping={**mapping, unknown: ""}, seen_version=0, by=cast.office, at=now)
    batch.refresh_from_db()
    actions.confirm(batch=batch, by=cast.office, at=now)
    assert StudySession.objects.count() == 3


def test_a_session_without_a_register_gets_it_and_a_registered_one_is_left_alone(cast, now, kinds):
    ledger = start(cast, by_openpyxl([["日期", "主题", "实到"], ["3月5日", "甲专题", 5]]), now)
    actions.confirm(batch=ledger, by=cast.office, at=now)
    before = dump()
    batch = start(cast, by_openpyxl(MATRIX), now)
    assert (read_batch(batch).counts()["new"], read_batch(batch).counts()["changed"]) == (2, 1)
    actions.confirm(batch=batch, by=cast.office, at=now)
    assert marks(StudySession.objects.get(title="甲专题"))["m1"] == "absent"
    again = start(cast, by_openpyxl(MATRIX), now)
    assert read_batch(again).counts()["same"] == 3
    actions.undo(batch=batch, by=cast.office, at=now)
    assert dump() == before
    register_by_hand(StudySession.objects.get(), cast)
    with pytest.raises(Refused, match="不能撤销"):
        actions.undo(batch=ledger, by=cast.office, at=now)


def register_by_hand(session: StudySession, cast) -> None:
    Attendance.objects.create(
        session=session, person=cast.m1, status="present", source="register", at=session.starts_at
    )


def test_a_session_still_called_is_not_written_over(cast, now, kinds):
    today = make_session(cast, title="正在办", starts_at=now)
    held = make_closed_session(cast, title="已办", starts_at=now - timedelta(days=40))
    rows = [["日期", "主题", "实到"], [f"{today.day}", "正在办", 5], [f"{held.day}", "已办", 5]]
    sheet = read_batch(start(cast, by_openpyxl(rows), now, year=str(today.day.year)))
    assert "还没有结束" in messages(sheet, "error")["A2"]
    assert sheet.rows[2].state == "same"


@pytest.mark.parametrize("layout", ["ledger", "register"])
def test_sixty_sessions_of_forty_people_in_seconds_with_the_right_figures(cast, now, kinds, layout):
    people = []
    for number in range(34):  # six are on the roster already
        user = User(username=f"p{number}", name=f"学员{number:02}", password="!")
        user.save()
        enrol(group=cast.group, user=user, category="member", title="", starts_on=date(2020, 1, 1), by=None, at=now)
        people.append(user)
    names = ["书记甲", "副书记乙", "宣委丙", "成员一", "成员二", "成员三", *(user.name for user in people)]
    days = [date(2020, 1, 4) + timedelta(days=6 * n) for n in range(60)]
    signs = [[["√", "√", "√", "迟到", "事假", "缺"][(n * 7 + d) % 6] for n in range(40)] for d in range(60)]
    if layout == "register":
        rows: list = [["姓名", *(f"{day.month}月{day.day}日" for day in days)]]
        rows += [[name, *(signs[d][n] for d in range(60))] for n, name in enumerate(names)]
    else:
        rows = [["日期", "主题", "学习形式", "请假", "缺席", "迟到", "应到"]]
        for d, day in enumerate(days):
            by_sign = ["、".join(names[n] for n in range(40) if signs[d][n] == s) for s in ("事假", "缺", "迟到")]
            rows.append([day, f"第{d + 1}讲", "集体学习研讨", *by_sign, 40])
    content = by_openpyxl(rows)
    began = time.monotonic()
    batch = start(cast, content, now)
    sheet = read_batch(batch)
    assert messages(sheet, "error") == {}
    assert messages(sheet, "warning") == {}
    actions.confirm(batch=batch, by=cast.office, at=now)
    assert time.monotonic() - began < 20
    figures = {f.code: f for f in year_figures(cast.group, 2020)}
    assert figures["collective_study"].value == 60
    flat = [sign for row in signs for sign in row]
    came = flat.count("√") + flat.count("迟到")
    assert (figures["attendance_rate"].numerator, figures["attendance_rate"].denominator) == (came, 2400)
    assert Participant.objects.count() == 2400
    assert list(StudySession.objects.order_by("starts_at").values_list("serial", flat=True)) == list(range(1, 61))
    began = time.monotonic()
    actions.undo(batch=batch, by=cast.office, at=now)
    assert time.monotonic() - began < 10
    assert not StudySession.objects.exists()
