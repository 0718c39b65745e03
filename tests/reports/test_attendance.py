"""考勤统计: by person and part of the year; every number opens its sessions."""

import io
from datetime import datetime

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.actions.people import enrol
from accounts.models import User
from reports.statistics import year_figures
from reports.statistics.attendance import attendance_table
from sessions_app.models import AgendaItem, MakeUpStudy, StudySession
from tests.factories import make_closed_session, make_session


def on(month, day, hour=9):
    return timezone.make_aware(datetime(2020, month, day, hour))


@pytest.fixture
def year(cast):
    """Three sessions with a register in 2020, one without, and one of the next year."""
    first = make_closed_session(cast, starts_at=on(2, 3), title="二月学习", status={cast.m1.pk: "leave"})
    make_closed_session(cast, starts_at=on(5, 6), title="五月学习", status={cast.m1.pk: "late", cast.m2.pk: "absent"})
    make_closed_session(cast, starts_at=on(12, 31, 23), title="年底学习", status={cast.m1.pk: "absent"})
    bare = make_session(cast, starts_at=on(6, 1), title="没有登记的学习")
    StudySession.objects.filter(pk=bare.pk).update(state="closed")
    make_closed_session(cast, starts_at=timezone.make_aware(datetime(2021, 1, 1, 0, 30)), title="来年学习")
    study = MakeUpStudy.objects.get(session=first)
    MakeUpStudy.objects.filter(pk=study.pk).update(
        state="confirmed", method="told", studied_on="2020-02-05", confirmed_by=cast.office, confirmed_at=on(2, 6)
    )
    for position, (role, person) in enumerate([("lead_reading", cast.m1), ("keynote", cast.m2)]):
        AgendaItem.objects.create(session=first, position=position, role=role, speaker=person)
    return first


def line_of(table, person):
    return next(line for line in table.lines if line.person == person.pk)


def test_one_persons_year_half_and_quarter(cast, year):
    table = attendance_table(cast.group, 2020, "year")
    line = line_of(table, cast.m1)
    wanted = {"expected": 3, "present": 1, "official": 1, "absent": 1, "late": 1, "made_up": 1, "lead": 0}
    assert {name: line.counts[name] for name in wanted} == wanted
    assert (line.attendance_rate, line.study_rate) == ("33.3%", "66.7%")
    assert line_of(table, cast.m2).counts["keynote"] == 1
    assert (table.held, len(table.without_register)) == (4, 1)
    assert line_of(attendance_table(cast.group, 2020, "h1"), cast.m1).counts["expected"] == 2
    assert line_of(attendance_table(cast.group, 2020, "q4"), cast.m1).counts["absent"] == 1
    assert line_of(attendance_table(cast.group, 2020, "q3"), cast.m1).attendance_rate == "—"


def test_order_is_the_rosters_and_observers_are_in_no_line(cast, year):
    names = [line.name for line in attendance_table(cast.group, 2020, "year").lines]
    assert names == ["书记甲", "副书记乙", "宣委丙", "成员一", "成员二", "成员三"]


def test_page_tells_both_rates_and_what_is_missing_data(cast, as_, year):
    page = as_(cast.secretary).get("/reports/attendance/?year=2020").content.decode()
    assert '其中 <strong class="num">1</strong> 次没有签到登记，属于缺资料' in page
    assert "没有登记的学习" in page
    assert "补学后参学率＝" in page
    assert "66.7%" in page
    assert "上半年考勤统计" in as_(cast.office).get("/reports/attendance/?year=2020&period=h1").content.decode()
    for nonsense in ("?year=1066&period=q9&group=x", "?group=99999"):
        assert as_(cast.office).get(f"/reports/attendance/{nonsense}").status_code == 200
    assert as_(cast.m1).get("/reports/attendance/").status_code == 403


def test_every_number_opens_its_sessions(cast, as_, year):
    address = f"/reports/attendance/people/{cast.m1.pk}/?year=2020&show="
    office = as_(cast.office)
    for show, title, other in (
        ("official", "二月学习", "五月学习"),
        ("late", "五月学习", "二月学习"),
        ("made_up", "二月学习", "年底学习"),
        ("absent", "年底学习", "来年学习"),
    ):
        page = office.get(address + show).content.decode()
        assert title in page, show
        assert other not in page, show
    assert "五月学习" in office.get(address + "drop table").content.decode()
    assert as_(cast.foreign_office).get(address).status_code == 404
    group = f"{address}&group={cast.group.pk}"
    assert as_(cast.foreign_office).get(group).status_code == 404


def test_workbook_has_the_offices_columns_as_text(cast, as_, year):
    User.objects.filter(pk=cast.m1.pk).update(name="=成员一")
    response = as_(cast.office).get("/reports/attendance/workbook/?year=2020")
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content))).active
    head = [cell.value for cell in sheet[2]]
    assert head[:5] == ["序号", "姓名", "职务", "应到", "实到"]
    rows = [dict(zip(head, row, strict=True)) for row in sheet.iter_rows(min_row=3, max_row=9)]
    mine = next(row for row in rows if row["姓名"].value == "=成员一")
    assert mine["姓名"].data_type == "s"
    assert (mine["缺席"].value, mine["补学后参学率"].value) == (1, "66.7%")
    assert rows[-1]["姓名"].value == "合计"


def test_year_figures_say_both_rates_with_evidence(cast, year):
    figures = {figure.code: figure for figure in year_figures(cast.group, 2020)}
    attended, studied = figures["attendance_rate"], figures["study_rate"]
    assert (attended.numerator, attended.denominator) == (15, 18)
    assert (studied.numerator, studied.denominator) == (16, 18)
    assert len(studied.evidence.ids) == 18
    assert [row.why for row in studied.left_out] == ["没有签到登记，属于缺资料，不按缺席算"]


def test_a_make_up_counts_only_when_confirmed(cast, year):
    MakeUpStudy.objects.update(state="excused", confirmed_by=cast.office, confirmed_at=on(2, 6))
    figures = {figure.code: figure for figure in year_figures(cast.group, 2020)}
    assert figures["study_rate"].numerator == 15


def test_who_came_late_and_made_it_up_counts_once(cast, year):
    late = StudySession.objects.get(title="五月学习")
    done = {"state": "confirmed", "method": "told", "studied_on": "2020-05-08", "confirmed_at": on(5, 9)}
    MakeUpStudy.objects.create(session=late, person=cast.m1, due_on="2020-05-20", confirmed_by=cast.office, **done)
    line = line_of(attendance_table(cast.group, 2020, "q2"), cast.m1)
    assert (line.counts["late"], line.counts["made_up"], line.study_rate) == (1, 0, "100.0%")


def test_same_statements_for_8_and_80_people(cast, as_, now):
    client, counted = as_(cast.office), []
    for number in (2, 72):
        for n in range(number):
            user = User.objects.create(username=f"e{number}-{n}", name=f"村书记{n}")
            enrol(group=cast.group, user=user, category="member", title="", starts_on=now.date(), by=None, at=now)
        make_closed_session(cast, starts_at=now)
        client.get("/reports/attendance/")
        with CaptureQueriesContext(connection) as queries:
            assert "村书记1" in client.get("/reports/attendance/").content.decode()
        counted.append(len(queries))
    assert counted[0] == counted[1] <= 14
