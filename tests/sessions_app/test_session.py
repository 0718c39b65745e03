"""学习活动: from the plan's row to the closed register."""

import re
from datetime import date, datetime, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.actions.people import appoint, enrol
from accounts.models import User
from accounts.permissions import Role
from sessions_app.actions.participants import roster_of
from sessions_app.actions.session_life import save_record
from sessions_app.models import Attendance, Site, StudySession
from sessions_app.rules import next_sensible_day, planned_time
from studygroup.lib.errors import Overtaken
from tests.factories import fill_register, item_row, kind, make_annual_plan, make_closed_session, make_session, register


def text_of(response):
    return response.content.decode()


def local(moment):
    return timezone.localtime(moment).strftime("%Y-%m-%dT%H:%M")


def form_data(session=None, agenda=(), **changes):
    starts = session.starts_at if session else timezone.now() + timedelta(days=1)
    data = {
        "title": session.title if session else "集体学习研讨",
        "kinds": [kind().pk],
        "starts_at": local(starts),
        "ends_at": local(starts + timedelta(hours=2)),
        "place": "镇政府三楼会议室",
        "version": session.version if session else 0,
        "agenda-TOTAL_FORMS": len(agenda),
        "agenda-INITIAL_FORMS": 0,
    }
    for index, line in enumerate(agenda):
        data |= {f"agenda-{index}-{name}": value for name, value in line.items()}
    return data | changes


# -- the list ----------------------------------------------------------------


def test_list_counts_expected_and_present(cast, as_):
    members = roster_of(cast.group, timezone.localdate())
    make_closed_session(
        cast, members=members, kinds=("collective_study", "three_in_one"), status={cast.m1.pk: "absent"}
    )
    session = StudySession.objects.with_counts().filter(kinds__slug="three_in_one").get()
    assert (session.expected_count, session.present_count) == (7, 6)  # without the one who only sits in
    assert "7 / 6" in text_of(as_(cast.office).get("/sessions/"))


def test_list_filters_by_year_kind_and_state(cast, as_):
    make_closed_session(cast, title="去年末", starts_at=timezone.make_aware(datetime(2020, 12, 31, 23, 30)))
    make_closed_session(cast, title="新年初", starts_at=timezone.make_aware(datetime(2021, 1, 1, 0, 30)))
    make_session(cast, title="现场去看", kinds=("onsite_teaching",), called=False)
    office = as_(cast.office)

    def titles(**query):
        return set(re.findall(r'session-title"><a[^>]*>([^<]+)<', text_of(office.get("/sessions/", query))))

    assert titles() == {"去年末", "新年初", "现场去看"}
    assert titles(year="2020") == {"去年末"}
    assert titles(year="2021") == {"新年初"}
    assert titles(kind="onsite_teaching") == {"现场去看"}
    assert titles(state="closed") == {"去年末", "新年初"}
    assert titles(year="二〇二〇", kind="nothing", page="x") == {"去年末", "新年初", "现场去看"}
    assert titles(year="2020", kind="onsite_teaching") == set()


def test_list_takes_the_same_statements_for_one_and_thirty(cast, as_):
    office, counted = as_(cast.office), []
    office.get("/sessions/")  # the first page of a login notes when it was seen
    for number in (1, 29):
        for _ in range(number):
            make_session(cast, kinds=("collective_study", "three_in_one"))
        with CaptureQueriesContext(connection) as queries:
            assert text_of(office.get("/sessions/")).count('session-title"') == (1 if number == 1 else 30)
        counted.append(len(queries))
    assert counted[0] == counted[1] <= 12


def test_drafts_and_other_groups_stay_out_of_sight(cast, as_):
    draft = make_session(cast, title="还没定的草稿", called=False)
    called = make_session(cast, title="已经通知的")
    mine = text_of(as_(cast.m1).get("/sessions/"))
    assert "已经通知的" in mine
    assert "还没定的草稿" not in mine
    assert "新建学习活动" not in mine
    assert as_(cast.m1).get(f"/sessions/{draft.pk}/").status_code == 404
    foreign = as_(cast.foreign_office)
    assert "已经通知的" not in text_of(foreign.get("/sessions/"))
    for name in ("session_detail", "session_edit", "session_participants", "session_close", "session_record"):
        response = foreign.get(reverse(name, args=[called.pk]))
        assert response.status_code == 404
        assert "已经通知的" not in text_of(response)
    for name in ("session_call", "session_close", "session_reopen", "session_discard"):
        assert foreign.post(reverse(name, args=[called.pk])).status_code == 404


@pytest.mark.parametrize("name", ["session_edit", "session_participants", "session_close", "session_record"])
def test_members_do_not_manage(cast, as_, name):
    address = reverse(name, args=[make_session(cast).pk])
    for person in (cast.m1, cast.secretary, cast.supervisor):
        assert as_(person).get(address).status_code == 403
        assert as_(person).post(address).status_code == 403


def test_office_of_one_group_does_not_manage_another_it_only_sees(cast, as_):
    appoint(
        group=cast.group,
        user=cast.sub_office,
        role=Role.DEPUTY_LEADER,
        starts_on=date(2020, 1, 1),
        by=None,
        at=timezone.now(),
    )
    address = reverse("session_edit", args=[make_session(cast).pk])
    assert as_(cast.sub_office).get(address).status_code == 403


# -- making ------------------------------------------------------------------


def test_new_session_with_agenda_in_the_order_of_its_numbers(cast, as_):
    agenda = [
        {"position": "2", "role": "keynote", "person": cast.m2.pk, "title": "谈体会"},
        {"position": "1", "role": "guidance", "name": "县委党校王教授"},
        {"role": "lead_reading"},
    ]
    response = as_(cast.office).post("/sessions/new/", form_data(agenda=agenda, host=cast.secretary.pk))
    session = StudySession.objects.get()
    assert response.url == f"/sessions/{session.pk}/"
    assert (session.state, session.host, session.created_by) == ("draft", cast.secretary, cast.office)
    lines = [(i.role, i.speaker, i.speaker_name, i.title) for i in session.agenda.all()]
    assert lines == [("guidance", None, "县委党校王教授", ""), ("keynote", cast.m2, "", "谈体会")]
    assert session.participants.count() == 6


def test_double_click_makes_one_session(cast, as_):
    office, data = as_(cast.office), form_data()
    first, second = (office.post("/sessions/new/", data) for _ in range(2))
    assert first.url == second.url
    assert StudySession.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"title": "长" * 10_000}, "主题最多 200 个字，现在有 10000 个。"),
        ({"title": "  "}, "请填写主题。"),
        ({"starts_at": "2020-02-30T09:00"}, "时间不对"),
        ({"starts_at": "0001-01-01T00:00"}, "日期应在 2000 年到 2100 年之间。"),
        ({"ends_at": "9999-12-31T23:59"}, "日期应在 2000 年到 2100 年之间。"),
        ({"ends_at": "2020-01-01T09:00"}, "结束时间应晚于开始时间。"),
        ({"kinds": []}, "请至少选一种学习形式。"),
        ({"place": ""}, "请填写地点。"),
        ({"host": "987654"}, "选择一个有效的选项"),
    ],
)
def test_bad_input_is_told_at_the_field_and_nothing_is_lost(cast, as_, changes, message):
    agenda = [{"role": "keynote", "title": "写了题目没选人"}]
    response = as_(cast.office).post("/sessions/new/", form_data(agenda=agenda, content="已经写好的篇目", **changes))
    page = text_of(response)
    assert response.status_code == 200
    assert message in page
    assert "已经写好的篇目" in page
    assert "写了题目没选人" in page
    assert "请选择发言人，或填写名单外发言人的姓名。" in page or "title" not in changes
    assert not StudySession.objects.exists()


def test_more_lines_without_script_keep_what_was_typed(cast, as_):
    response = as_(cast.office).post("/sessions/new/", form_data(agenda=[{"title": "打了一半"}], more="1"))
    page = text_of(response)
    assert "打了一半" in page
    assert page.count('class="agenda-line"') == 1 + 3 + 1  # typed, added, and the script's empty one
    assert not StudySession.objects.exists()


def test_whoever_works_for_several_groups_chooses_one_of_them(cast, as_):
    appoint(
        group=cast.sub_group, user=cast.office, role=Role.OFFICE, starts_on=date(2020, 1, 1), by=None, at=timezone.now()
    )
    office = as_(cast.office)
    chooser = text_of(office.get("/sessions/new/"))
    assert cast.sub_group.name in chooser
    assert cast.foreign_group.name not in chooser
    office.post("/sessions/new/", form_data(group=cast.foreign_group.pk))
    assert not StudySession.objects.exists()
    office.post("/sessions/new/", form_data(group=cast.sub_group.pk))
    assert StudySession.objects.get().group == cast.sub_group


# -- from the plan -----------------------------------------------------------


def test_one_click_makes_a_draft_of_what_the_plan_says(cast, as_, now):
    year = timezone.localdate().year + 1
    row = item_row(
        "乡村振兴",
        month=9,
        content="《求是》第九期",
        question="怎么办",
        lead_readers="成员一、外请专家",
        key_speakers="成员二",
        place="镇党校",
    )
    item = make_annual_plan(cast, year=year, rows=[row]).items.get()
    office, address = as_(cast.office), f"/plan-items/{item.pk}/session/"
    response = office.post(address)
    session = StudySession.objects.get()
    assert response.status_code == 303
    assert response.url == f"/sessions/{session.pk}/edit/"
    assert (session.title, session.content, session.question, session.place) == (
        "乡村振兴",
        "《求是》第九期",
        "怎么办",
        "镇党校",
    )
    assert [(i.role, i.speaker, i.speaker_name) for i in session.agenda.all()] == [
        ("lead_reading", cast.m1, ""),
        ("lead_reading", None, "外请专家"),
        ("keynote", cast.m2, ""),
    ]
    starts = timezone.localtime(session.starts_at)
    assert (starts.year, starts.month, starts.hour) == (year, 9, 9)
    assert session.ends_at - session.starts_at == timedelta(hours=2)
    assert session.participants.count() == 6
    assert "已按计划生成草稿" in text_of(office.get(response.url))
    assert office.post(address).url == response.url
    assert StudySession.objects.count() == 1


def test_one_click_is_for_those_who_manage_and_see_the_plan(cast, as_):
    item = make_annual_plan(cast).items.get()
    assert as_(cast.m1).post(f"/plan-items/{item.pk}/session/").status_code == 403
    assert as_(cast.foreign_office).post(f"/plan-items/{item.pk}/session/").status_code == 404
    assert as_(cast.foreign_office).get("/sessions/new/", {"item": item.pk}).status_code == 404
    assert as_(cast.office).get(f"/plan-items/{item.pk}/session/").status_code == 405
    assert not StudySession.objects.exists()


@pytest.mark.parametrize(
    ("year", "month", "today", "day"),
    [
        (2026, 9, date(2026, 7, 1), date(2026, 9, 1)),
        (2026, 8, date(2026, 7, 1), date(2026, 8, 3)),  # the 1st is a Saturday
        (2026, 7, date(2026, 7, 3), date(2026, 7, 6)),  # Friday: not tomorrow, Monday
        (2026, 5, date(2026, 5, 29), date(2026, 5, 30)),  # no weekday left: tomorrow
        (2026, 7, date(2026, 7, 31), date(2026, 8, 1)),
        (2020, 3, date(2026, 7, 1), date(2020, 3, 2)),  # over: its first working day
        (2026, 12, date(2026, 12, 31), date(2027, 1, 1)),
    ],
)
def test_next_sensible_day(year, month, today, day):
    assert next_sensible_day(year, month, today) == day


@pytest.mark.parametrize(
    ("text", "day", "hour"),
    [
        ("1月14日下午", 14, time(14, 30)),
        ("14日", 14, None),
        ("１４号上午", 14, time(9)),
        ("1月4日 14:05", 4, time(14, 5)),
        ("1月4日下午3：00", 4, time(15)),
        ("1月4日上午8点半", 4, time(8, 30)),
        ("14日晚", 14, time(19)),
        ("1月1日", 1, None),
        ("14至16日", 14, None),
        ("1月3日、1月20日", 3, None),
        ("2027年1月9日 99:99", 9, None),
        ("第二周", None, None),
        ("1月第二周周五下午", None, time(14, 30)),
        ("1月", None, None),
        ("20日前", None, None),
        ("为期3日", None, None),
        ("", None, None),
    ],
)
def test_planned_time(text, day, hour):
    said = planned_time(text, 2027, 1)
    assert (said.day, said.hour, said.is_impossible) == (day and date(2027, 1, day), hour, False)


@pytest.mark.parametrize("text", ["32日", "2月30日", "0日", "1月5日", "2026年2月5日"])
def test_a_day_that_is_not_of_the_plans_month_is_impossible(text):
    said = planned_time(f"{text}下午", 2027, 2)
    assert (said.day, said.hour, said.is_impossible) == (None, time(14, 30), True)


@pytest.mark.parametrize(
    ("text", "starts", "told"),
    [
        ("1月14日下午", (14, 14, 30), "时间按计划是 1月14日 14:30"),
        ("1日", (1, 9, 0), "日期按计划，时间暂定 1月1日 09:00"),  # New Year's Day, if the plan says so
        ("1月第二周", (3, 9, 0), "；时间暂定 1月3日 09:00"),
        ("32日", (3, 9, 0), "计划里的时间“32日”不是2033年1月的日子，时间暂定 1月3日 09:00"),
    ],
)
def test_one_click_takes_the_time_the_plan_says(cast, as_, text, starts, told):
    item = make_annual_plan(cast, year=2033, rows=[item_row(month=1, date_text=text)]).items.get()
    office = as_(cast.office)
    page = office.post(f"/plan-items/{item.pk}/session/", follow=True)
    assert told in text_of(page)
    begins = timezone.localtime(StudySession.objects.get().starts_at)
    assert (begins.year, begins.month, begins.day, begins.hour, begins.minute) == (2033, 1, *starts)


# -- changing ----------------------------------------------------------------


def test_edit_changes_facts_and_agenda(cast, as_):
    session = make_session(cast)
    data = form_data(session, agenda=[{"role": "keynote", "person": cast.m1.pk}], title="新的主题", is_online="on")
    assert as_(cast.office).post(f"/sessions/{session.pk}/edit/", data).url == f"/sessions/{session.pk}/"
    session.refresh_from_db()
    assert (session.title, session.is_online, session.version) == ("新的主题", True, 1)
    assert session.agenda.get().speaker == cast.m1


def test_second_writer_sees_both_and_loses_nothing(cast, as_):
    session = make_session(cast)
    address = f"/sessions/{session.pk}/edit/"
    as_(cast.propaganda).post(address, form_data(session, place="镇党校"))
    mine = form_data(session, title="我改的主题", content="我写的篇目")
    response = as_(cast.office).post(address, mine)
    page = text_of(response)
    assert response.status_code == 409
    assert "镇党校" in page
    assert "我改的主题" in page
    assert "我写的篇目" in page
    assert StudySession.objects.get().title == session.title
    version = re.search(r'name="version" value="(\d+)"', page).group(1)
    assert as_(cast.office).post(address, mine | {"version": version}).status_code == 302
    assert StudySession.objects.get().title == "我改的主题"


def test_a_closed_session_is_not_edited(cast, as_):
    session = make_closed_session(cast)
    response = as_(cast.office).post(f"/sessions/{session.pk}/edit/", form_data(session, title="事后改名"))
    assert "已经结束" in text_of(response)
    assert StudySession.objects.get().title == session.title


# -- who takes part ----------------------------------------------------------


def test_participants_follow_the_rosters_order(cast, as_):
    session = make_session(cast, called=False)
    office, address = as_(cast.office), f"/sessions/{session.pk}/participants/"
    chosen = [cast.extended.pk, cast.m1.pk, cast.observer.pk]
    office.post(address, {"person": chosen, "version": session.version})
    taken = session.participants.values_list("number", "person", "category")
    assert list(taken) == [
        (1, cast.m1.pk, "member"),
        (2, cast.extended.pk, "extended"),
        (3, cast.observer.pk, "observer"),
    ]
    stale = office.post(address, {"person": [cast.m1.pk], "version": session.version})
    assert stale.status_code == 409
    assert session.participants.count() == 3
    office.post(address, {"person": [cast.foreign_m1.pk], "version": 1})
    assert session.participants.count() == 3


def test_participants_presets_tick_without_saving(cast, as_):
    make_session(cast, title="上一次", starts_at=timezone.now() - timedelta(days=7)).participants.exclude(
        person__in=[cast.m1, cast.m2]
    ).delete()
    session = make_session(cast, called=False)
    address = f"/sessions/{session.pk}/participants/"

    def ticked(preset):
        page = text_of(as_(cast.office).get(address, {"preset": preset}))
        return {int(pk) for pk in re.findall(r'name="person" value="(\d+)" checked', page)}

    assert ticked("last") == {cast.m1.pk, cast.m2.pk}
    assert len(ticked("all")) == 8
    assert len(ticked("members")) == 6
    assert ticked("expected") == ticked("all") - {cast.observer.pk}
    assert cast.extended.pk in ticked("expected")
    assert ticked("none") == set()
    assert session.participants.count() == 6


def test_only_departments_of_several_have_a_heading(cast, as_):
    for number, department in enumerate(["经发办"] * 3 + ["财政所"] * 2 + ["统计站", ""]):
        enrol(
            group=cast.group,
            user=User.objects.create(username=f"more{number}", name=f"扩大{number}", password="!"),
            category=Role.EXTENDED,
            title="统计站站长" if department == "统计站" else "干事",
            department=department,
            starts_on=date(2020, 1, 1),
            position=50 + number,
            by=None,
            at=timezone.now(),
        )
    session = make_session(cast, called=False)
    page = text_of(as_(cast.office).get(f"/sessions/{session.pk}/participants/"))
    headings = [heading.strip() for heading in re.findall(r"<legend>([^<]+)<", page)]
    assert headings == ["成员", "扩大人员 · 经发办", "扩大人员", "列席"]
    assert "扩大3 财政所" in page
    assert "扩大5 <" in page  # his title names it
    assert "扩大0 经发办" not in page


def test_somebody_registered_stays_on_the_list(cast, as_):
    session = make_session(cast)
    register(session, cast.m1, "present", by=cast.office, at=timezone.now())
    response = as_(cast.office).post(
        f"/sessions/{session.pk}/participants/", {"person": [cast.m2.pk], "version": session.version}
    )
    assert response.status_code == 400
    assert "成员一已经登记" in text_of(response)
    assert session.participants.filter(person=cast.m1).exists()


# -- its life ----------------------------------------------------------------


def test_detail_offers_the_office_one_next_step(cast, as_):
    def next_step(session):
        page = text_of(as_(cast.office).get(f"/sessions/{session.pk}/"))
        primary = re.findall(r'class="btn btn-primary"[^>]*>([^<]+)<', page)
        assert len(primary) <= 1
        return primary[0] if primary else ""

    hour = timedelta(hours=1)
    now = timezone.now()
    draft = make_session(cast, called=False)
    assert next_step(draft) == "通知参加人员"
    StudySession.objects.filter(pk=draft.pk).update(place="")
    assert next_step(draft) == "填写地点"
    assert next_step(make_session(cast, starts_at=now + 5 * hour)) == "打印签到表"
    assert next_step(make_session(cast)) == "投屏签到"
    assert next_step(make_session(cast, starts_at=now - 3 * hour)) == "结束学习"
    closed = make_closed_session(cast)
    assert next_step(closed) == "写学习记录"
    save_record(session=closed, record="发言要点", seen_version=closed.version, by=cast.office, at=now)
    assert next_step(closed) == "归档…"


def test_detail_offers_a_member_his_own_step(cast, as_):
    later = make_session(cast, starts_at=timezone.now() + timedelta(days=1))
    assert reverse("leave_ask", args=[later.pk]) in text_of(as_(cast.m1).get(f"/sessions/{later.pk}/"))
    running = make_session(cast)
    page = text_of(as_(cast.m1).get(f"/sessions/{running.pk}/"))
    assert reverse("sign_in", args=[running.pk]) in page
    assert reverse("register", args=[running.pk]) not in page


def test_detail_takes_the_same_statements_for_any_number(cast, as_):
    office, counted = as_(cast.office), []
    office.get("/sessions/")
    for members in ([], None):
        session = make_session(cast, called=False, members=members)
        with CaptureQueriesContext(connection) as queries:
            office.get(f"/sessions/{session.pk}/")
        counted.append(len(queries))
    assert counted[0] == counted[1] <= 20


def test_call_needs_people_and_place(cast, as_):
    empty = make_session(cast, called=False, members=[])
    page = text_of(as_(cast.office).post(f"/sessions/{empty.pk}/call/", follow=True))
    assert "还没有选参加人员" in page
    empty.refresh_from_db()
    assert empty.is_draft
    good = make_session(cast, called=False)
    as_(cast.office).post(f"/sessions/{good.pk}/call/")
    good.refresh_from_db()
    assert good.is_called


def test_close_names_the_unregistered_until_they_are_called_absent(cast, as_):
    session = make_session(cast, starts_at=timezone.now() - timedelta(hours=2))
    fill_register(session, by=cast.office)
    Attendance.objects.filter(person=cast.m1).delete()
    office, address = as_(cast.office), f"/sessions/{session.pk}/close/"
    assert "成员一" in text_of(office.get(address))
    refused = office.post(address)
    assert refused.status_code == 400
    assert "还有 1 人没有登记：成员一" in text_of(refused)
    office.post(address, {"mark_absent": "on"})
    session.refresh_from_db()
    assert session.is_held
    row = Attendance.objects.get(person=cast.m1)
    assert (row.status, row.source, row.entered_by) == ("absent", "register", cast.office)
    assert office.post(address, {"mark_absent": "on"}).status_code == 409
    office.post(f"/sessions/{session.pk}/reopen/")
    session.refresh_from_db()
    assert session.is_called


def test_only_a_draft_is_discarded(cast, as_):
    draft, called = make_session(cast, called=False), make_session(cast, title="已通知")
    office = as_(cast.office)
    office.post(f"/sessions/{draft.pk}/discard/")
    assert office.post(f"/sessions/{called.pk}/discard/").status_code == 400
    assert StudySession.objects.get() == called


def test_second_writer_of_the_record_keeps_his_text(cast, as_, now):
    session = make_closed_session(cast)
    address = f"/sessions/{session.pk}/record/"
    as_(cast.propaganda).post(address, {"record": "宣委写的记录", "version": 0})
    response = as_(cast.office).post(address, {"record": "办公室写的记录", "version": 0})
    page = text_of(response)
    assert response.status_code == 409
    assert "宣委写的记录" in page
    assert "办公室写的记录" in page
    with pytest.raises(Overtaken):
        save_record(session=session, record="又一次", seen_version=0, by=cast.office, at=now)
    assert StudySession.objects.get().record == "宣委写的记录"


# -- more facts --------------------------------------------------------------


def test_agenda_keeps_minutes_and_tells_when_they_are_too_many(cast, as_):
    agenda = [
        {"role": "lead_reading", "person": cast.m1.pk, "minutes": "90", "title": "原文"},
        {"role": "party_lecture", "person": cast.secretary.pk, "minutes": "60"},
    ]
    office = as_(cast.office)
    office.post("/sessions/new/", form_data(agenda=agenda))
    session = StudySession.objects.get()
    assert list(session.agenda.values_list("role", "minutes")) == [("lead_reading", 90), ("party_lecture", 60)]
    assert "比会议时间多 30 分钟" in text_of(office.get(f"/sessions/{session.pk}/"))
    assert "超出 30 分钟" in text_of(office.get(f"/sessions/{session.pk}/edit/"))
    bad = office.post("/sessions/new/", form_data(title="又一次", agenda=[agenda[0] | {"minutes": "-5"}]))
    assert "不能小于 1" in text_of(bad)


def county_session(cast, now, title="县委第三次集体学习", state="closed"):
    return StudySession.objects.create(
        group=cast.county_group,
        title=title,
        starts_at=now - timedelta(days=9),
        ends_at=now - timedelta(days=9) + timedelta(hours=2),
        place="县委常委会议室",
        sign_in_key="k",
        state=state,
        created_at=now,
    )


def test_of_the_level_above_only_title_and_day_are_told(cast, as_, now):
    upper, office = county_session(cast, now), as_(cast.office)
    county_session(cast, now, title="县里还没通知的", state="draft")
    session = make_session(cast, called=False)
    page = text_of(office.get(f"/sessions/{session.pk}/edit/"))
    assert f"县委第三次集体学习（{upper.day:%Y-%m-%d}）" in page
    assert "常委会议室" not in page
    assert "县里还没通知的" not in page
    office.post(f"/sessions/{session.pk}/edit/", form_data(session, upper_session=upper.pk))
    session.refresh_from_db()
    assert session.upper_session == upper
    detail = text_of(office.get(f"/sessions/{session.pk}/"))
    assert "县委第三次集体学习" in detail
    assert f"/sessions/{upper.pk}/" not in detail
    foreign = make_session(cast, title="外镇的学习", group=cast.foreign_group, by=cast.foreign_office)
    refused = office.post(f"/sessions/{session.pk}/edit/", form_data(session, upper_session=foreign.pk))
    assert refused.status_code == 200
    session.refresh_from_db()
    assert session.upper_session == upper


def test_requirements_due_day_and_upper_text_are_shown(cast, as_):
    facts = {"requirements": "带笔记本", "papers_due_on": "2030-05-02", "upper_text": "县委中心组第3次集体学习"}
    times = {"starts_at": "2030-05-01T09:00", "ends_at": "2030-05-01T11:00"}
    office = as_(cast.office)
    office.post("/sessions/new/", form_data(**facts, **times))
    page = text_of(office.get(f"/sessions/{StudySession.objects.get().pk}/"))
    for told in ("带笔记本", "2030年5月2日", "县委中心组第3次集体学习"):
        assert told in page
    late = office.post("/sessions/new/", form_data(**facts | {"papers_due_on": "2031-05-02"}, **times))
    assert "请核对日期" in text_of(late)


def test_a_site_out_of_use_is_not_offered_but_stays_where_it_is(cast, as_):
    site = Site.objects.create(group=cast.group, name="老红军纪念馆", is_active=False)
    session, other = make_session(cast, site=site), make_session(cast)
    office = as_(cast.office)
    assert "老红军纪念馆" in text_of(office.get(f"/sessions/{session.pk}/edit/"))
    assert "老红军纪念馆" not in text_of(office.get(f"/sessions/{other.pk}/edit/"))
