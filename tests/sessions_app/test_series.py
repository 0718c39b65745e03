"""定期学习: every Saturday laid out at once, and changed together where the office says so."""

import re
from datetime import date, datetime, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.actions.people import enrol
from accounts.models import Membership
from sessions_app.actions.series import AT_MOST, change_in_series, days_of, lay_out
from sessions_app.actions.session import Speaker
from sessions_app.actions.session_life import call
from sessions_app.models import Participant, SessionSeries, StudySession
from sessions_app.rules import day_hint
from studygroup.lib.errors import NotAllowed, Refused
from studygroup.lib.models import AuditEntry
from tests.factories import kind, make_session
from tests.sessions_app.test_session import form_data

FIRST = date(2026, 9, 26)  # a Saturday


def text_of(response):
    return response.content.decode()


def series_of(cast, now, *, weeks=4, **facts):
    last = FIRST + timedelta(weeks=weeks - 1)
    plain = {
        "group": cast.group,
        "title": "扩大学习暨周例会",
        "kinds": [kind("enlarged_study")],
        "place": "三楼会议室",
        "host": None,
        "weekday": 5,
        "starts_at": time(8, 30),
        "ends_at": time(10, 30),
        "first_on": FIRST,
        "last_on": last,
        "days": days_of(FIRST, last, 5),
        "preset": "expected",
        "by": cast.office,
        "at": now,
    }
    return lay_out(**plain | facts)


def sessions_of(series):
    return list(StudySession.objects.filter(series=series).order_by("starts_at"))


def typed(**changes):
    plain = {
        "title": "扩大学习暨周例会",
        "kinds": [kind("enlarged_study").pk],
        "weekday": "5",
        "starts_at": "08:30",
        "ends_at": "10:30",
        "first_on": "2026-09-26",
        "last_on": "2026-10-17",
        "place": "三楼会议室",
        "preset": "members",
    }
    return plain | changes


# -- laying out --------------------------------------------------------------


def test_days_of_a_weekday_include_both_ends():
    assert days_of(date(2026, 9, 21), date(2026, 10, 3), 5) == [date(2026, 9, 26), date(2026, 10, 3)]
    assert days_of(date(2026, 9, 26), date(2026, 9, 26), 5) == [date(2026, 9, 26)]
    assert days_of(date(2026, 9, 27), date(2026, 9, 30), 5) == []


def test_hints_of_the_calendar_and_none_beyond_it():
    assert day_hint(date(2026, 10, 3)).text == "国庆节放假"
    assert day_hint(date(2026, 10, 10)).text == "国庆节调休，要上班"
    assert day_hint(date(2026, 11, 21)).text == ""
    assert day_hint(date(2099, 10, 1)).text == ""


def test_the_days_are_listed_before_anything_is_made(cast, as_):
    make_session(cast, title="已经排好的", starts_at=timezone.make_aware(datetime(2026, 10, 17, 15)), called=False)
    office = as_(cast.office)
    page = text_of(office.post("/sessions/series/new/", typed(show="1")))
    ticked = re.findall(r'name="day" value="([\d-]+)" checked', page)
    offered = re.findall(r'name="day" value="([\d-]+)"', page)
    assert offered == ["2026-09-26", "2026-10-03", "2026-10-10", "2026-10-17"]
    assert ticked == ["2026-10-10"]  # Mid-autumn, National Day, and a day with a session of its own
    assert "中秋节放假" in page
    assert "当天已有“已经排好的”" in page
    assert not SessionSeries.objects.exists()
    made = typed(make="1", days_shown="1", day=["2026-10-10", "2026-09-26", "2026-09-27", "nonsense"])
    response = office.post("/sessions/series/new/", made)
    series = SessionSeries.objects.get()
    assert response.headers["Location"] == f"/sessions/series/{series.pk}/"
    assert [session.day for session in sessions_of(series)] == [date(2026, 9, 26), date(2026, 10, 10)]
    office.post("/sessions/series/new/", made)  # pressed twice
    assert SessionSeries.objects.count() == 1
    session = sessions_of(series)[0]
    assert session.is_draft
    assert timezone.localtime(session.starts_at).time() == time(8, 30)
    assert session.participants.count() == 6


def test_presets_take_the_roster_of_each_day(cast, now):
    counts = {preset: sessions_of(series_of(cast, now, weeks=1, preset=preset))[0].participants.count() for preset in
              ("members", "expected", "all")}  # fmt: skip
    assert counts == {"members": 6, "expected": 7, "all": 8}


def test_a_year_of_saturdays_is_laid_out_in_a_handful_of_statements(cast, now):
    kind("enlarged_study")
    with CaptureQueriesContext(connection) as queries:
        series = series_of(cast, now, weeks=52, preset="all")
    assert len(queries) <= 14  # a few more than for one: SQLite takes so many values in a statement
    places = Participant.objects.filter(session__series=series)
    assert places.count() == 52 * 8
    last = sessions_of(series)[-1]
    assert [p.number for p in last.participants.all()] == list(range(1, 9))
    assert [kind.slug for kind in last.kinds.all()] == ["enlarged_study"]
    assert len({session.sign_in_key for session in sessions_of(series)}) == 52
    told = AuditEntry.objects.filter(action="series.create").latest("pk").detail
    assert told["sessions"] == [session.pk for session in sessions_of(series)]


def test_whoever_changes_place_that_very_day_comes_in_his_new_one(cast, now):
    place = Membership.objects.get(group=cast.group, user=cast.m1)
    Membership.objects.filter(pk=place.pk).update(ends_on=FIRST)
    enrol(group=cast.group, user=cast.m1, category="observer", title="", starts_on=FIRST, by=None, at=now)
    session = sessions_of(series_of(cast, now, weeks=1, preset="members"))[0]
    assert not session.participants.filter(person=cast.m1).exists()


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"title": ""}, "请填写主题"),
        ({"kinds": []}, "请至少选一种学习形式"),
        ({"ends_at": "08:00"}, "结束时间应晚于开始时间"),
        ({"last_on": "2026-01-01"}, "最后一天不能早于第一天"),
        ({"last_on": "2029-01-01"}, "起止不能超过一年"),
        ({"first_on": "2026-09-27", "last_on": "2026-09-28"}, "没有这个星期几"),
        ({"weekday": "9"}, "9"),
    ],
)
def test_wrong_input_makes_nothing_and_loses_nothing(cast, as_, changes, told):
    page = text_of(as_(cast.office).post("/sessions/series/new/", typed(make="1", **changes)))
    assert told in page
    assert "三楼会议室" in page
    assert not StudySession.objects.exists()


def test_too_many_none_and_strangers_are_refused(cast, as_, now):
    last = FIRST + timedelta(weeks=AT_MOST)
    with pytest.raises(Refused, match=f"最多建 {AT_MOST} 次"):
        series_of(cast, now, last_on=last, days=days_of(FIRST, last, 5))
    with pytest.raises(Refused, match="一天也没有勾选"):
        series_of(cast, now, days=[date(2026, 9, 27)])
    with pytest.raises(NotAllowed):
        series_of(cast, now, by=cast.m1)
    assert as_(cast.m1).get("/sessions/series/new/").status_code == 403
    assert not SessionSeries.objects.exists()


def test_a_whole_series_stands_on_one_page_to_be_ticked(cast, as_, now):
    series = series_of(cast, now, weeks=52)
    page = text_of(as_(cast.office).get(f"/sessions/series/{series.pk}/"))
    assert page.count('name="session"') == 52
    assert 'data-tick-all="session"' in page


# -- editing -----------------------------------------------------------------


def edit(cast, session, scope, *, with_called=False, agenda=(), **changes):
    session = StudySession.objects.get(pk=session.pk)
    names = ("title", "place", "host", "starts_at", "ends_at")
    facts = {name: getattr(session, name) for name in names} | changes
    return change_in_series(
        session=session,
        scope=scope,
        with_called=with_called,
        seen_version=session.version,
        facts=facts,
        kinds=list(session.kinds.all()),
        agenda=agenda,
        by=cast.office,
        at=session.starts_at,
    )


def places(series):
    return [session.place for session in sessions_of(series)]


def test_an_edit_reaches_as_far_as_it_is_told(cast, now):
    series = series_of(cast, now)
    second = sessions_of(series)[1]
    assert edit(cast, second, "one", place="甲") == 0
    assert places(series) == ["三楼会议室", "甲", "三楼会议室", "三楼会议室"]
    assert edit(cast, second, "following", place="乙") == 2
    assert places(series) == ["三楼会议室", "乙", "乙", "乙"]
    assert edit(cast, second, "drafts", place="丙") == 3
    assert places(series) == ["丙", "丙", "丙", "丙"]


def test_called_ones_change_only_when_chosen_and_held_ones_never(cast, now):
    series = series_of(cast, now)
    held, called, draft, this = sessions_of(series)
    StudySession.objects.filter(pk=held.pk).update(state="closed")
    call(session=called, by=cast.office, at=min(now, called.starts_at))
    edit(cast, this, "drafts", place="甲")
    assert places(series) == ["三楼会议室", "三楼会议室", "甲", "甲"]
    edit(cast, this, "drafts", with_called=True, place="乙")
    assert places(series) == ["三楼会议室", "乙", "乙", "乙"]
    assert draft.day == FIRST + timedelta(weeks=2)


def test_hours_move_but_each_keeps_its_day_and_what_was_not_touched(cast, now):
    series = series_of(cast, now, weeks=3)
    first, second, third = sessions_of(series)
    StudySession.objects.filter(pk=third.pk).update(title="国庆专题")
    starts = timezone.make_aware(datetime.combine(second.day, time(14)))
    agenda = [Speaker("keynote", cast.m1, "", "谈体会", 15)]
    edit(cast, second, "drafts", starts_at=starts, ends_at=starts + timedelta(hours=3), agenda=agenda)
    told = [
        (s.day, timezone.localtime(s.starts_at).hour, timezone.localtime(s.ends_at).hour) for s in sessions_of(series)
    ]
    assert told == [(s.day, 14, 17) for s in (first, second, third)]
    third.refresh_from_db()
    assert third.title == "国庆专题"
    assert [item.speaker for item in third.agenda.all()] == [cast.m1]


def test_the_edit_page_asks_how_far_only_in_a_series(cast, as_, now):
    series, office = series_of(cast, now, weeks=2), as_(cast.office)
    first, second = sessions_of(series)
    page = text_of(office.get(f"/sessions/{first.pk}/edit/"))
    for told in ("只改这一次", "这一次和以后的", "全部未通知的", "包括已通知的"):
        assert told in page
    alone = make_session(cast, called=False)
    assert "这一次和以后的" not in text_of(office.get(f"/sessions/{alone.pk}/edit/"))
    data = form_data(first, place="新会议室", scope="following")
    told = text_of(office.post(f"/sessions/{first.pk}/edit/", data, follow=True))
    assert "另有 1 次一起修改" in told
    second.refresh_from_db()
    assert second.place == "新会议室"
    data = form_data(StudySession.objects.get(pk=first.pk), place="旧会议室", scope="everything")
    office.post(f"/sessions/{first.pk}/edit/", data)
    second.refresh_from_db()
    assert second.place == "新会议室"


# -- the series' page --------------------------------------------------------


def test_drafts_are_taken_back_and_called_from_the_series_page(cast, as_, now):
    series, office = series_of(cast, now, weeks=3), as_(cast.office)
    first, second, third = sessions_of(series)
    call(session=first, by=cast.office, at=min(now, first.starts_at))
    address = f"/sessions/series/{series.pk}/"
    assert "请先勾选" in text_of(office.post(address))
    office.post(address, {"session": [first.pk, second.pk]})  # a called one among them: nothing happens
    assert len(sessions_of(series)) == 3
    office.post(address, {"session": [second.pk]})
    assert sessions_of(series) == [first, third]
    # Only what is still to come is called.
    soon = {"starts_at": now + timedelta(days=1), "ends_at": now + timedelta(days=1, hours=2)}
    StudySession.objects.filter(pk=third.pk).update(**soon)
    StudySession.objects.filter(pk=first.pk).update(serial_year=soon["starts_at"].year)
    answer = office.post("/sessions/call/", {"session": [third.pk], "back": address})
    assert answer.headers["Location"] == address
    third.refresh_from_db()
    assert (third.is_called, third.serial) == (True, 2)
    listed = text_of(office.get(f"/sessions/?series={series.pk}"))
    assert listed.count('class="session-title"') == 2


def test_series_page_takes_the_same_statements_for_one_and_thirty(cast, as_, now):
    office, counted = as_(cast.office), []
    office.get("/")
    for weeks in (1, 30):
        address = f"/sessions/series/{series_of(cast, now, weeks=weeks).pk}/"
        with CaptureQueriesContext(connection) as queries:
            assert text_of(office.get(address)).count('class="session-title"') == weeks
        counted.append(len(queries))
    assert counted[0] == counted[1] <= 12
