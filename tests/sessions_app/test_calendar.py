"""日历: one session as a file, and a personal feed nobody else can read or guess."""

import re
from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from icalendar import Calendar

from sessions_app.actions.calendar import hash_of, issue_feed, revoke_feed
from sessions_app.actions.session import Speaker
from sessions_app.models import CalendarFeed
from studygroup.lib.models import AuditEntry
from tests.factories import make_closed_session, make_session

LONG = "深入学习贯彻党的二十届四中全会精神；" * 8 + "逗号,分号;反斜杠\\ 换行"


def events(response):
    calendar = Calendar.from_ical(response.content)
    return {str(event["summary"]): event for event in calendar.walk("VEVENT")}


def feed(key):
    return Client().get(f"/calendar/{key}.ics")


def test_one_session_as_a_file_that_other_programs_read_back(cast, as_):
    starts = timezone.make_aware(datetime(2026, 12, 31, 23))
    agenda = [Speaker("keynote", cast.m1, "", "谈体会"), Speaker("lead_reading", cast.m2, "", "原文")]
    session = make_session(cast, title=LONG, starts_at=starts, content="第一行\r\n第二行", agenda=agenda,
                           papers_due_on=date(2026, 12, 30))  # fmt: skip
    response = as_(cast.m1).get(f"/sessions/{session.pk}/calendar.ics")
    assert response.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert "private" in response.headers["Cache-Control"]
    assert max(len(line) for line in response.content.split(b"\r\n")) <= 75
    event = events(response)[LONG]
    assert event["dtstart"].dt == starts
    assert event["dtstart"].params["TZID"] == "Asia/Shanghai"
    assert event["dtend"].dt == starts + timedelta(hours=2)
    assert event["status"] == "CONFIRMED"
    assert "我的任务：重点发言　谈体会" in event["description"]
    assert "第二行" in event["description"]
    assert "2026-12-30" in event["description"]
    assert event["url"].endswith(f"/sessions/{session.pk}/")
    told = response.content.decode()
    assert "BEGIN:VTIMEZONE" in told
    for name in ("成员一", "成员二", "领学"):
        assert name not in told


def test_an_invisible_session_has_no_file(cast, as_):
    draft = make_session(cast, called=False)
    assert as_(cast.m1).get(f"/sessions/{draft.pk}/calendar.ics").status_code == 404
    assert as_(cast.foreign_office).get(f"/sessions/{make_session(cast).pk}/calendar.ics").status_code == 404
    assert events(as_(cast.office).get(f"/sessions/{draft.pk}/calendar.ics"))[draft.title]["status"] == "TENTATIVE"


def test_feed_holds_what_its_owner_takes_part_in(cast, now):
    make_session(cast, title="要参加的", starts_at=now + timedelta(days=3))
    make_closed_session(cast, title="参加过的", starts_at=now - timedelta(days=59))
    make_closed_session(cast, title="很久以前", starts_at=now - timedelta(days=61))
    make_session(cast, title="还是草稿", called=False)
    make_session(cast, title="没有我", members=[], called=False)
    make_session(cast, title="外镇的", group=cast.foreign_group, by=cast.foreign_office)
    response = feed(issue_feed(by=cast.m1, at=now))
    assert set(events(response)) == {"要参加的", "参加过的"}
    assert "private" in response.headers["Cache-Control"]
    assert "CANCELLED" not in response.content.decode()
    assert "X-WR-CALNAME:理论学习" in response.content.decode()


def test_only_a_hash_is_stored_and_wrong_or_stopped_keys_find_nothing(cast, now):
    key = issue_feed(by=cast.m1, at=now)
    row = CalendarFeed.objects.get()
    assert row.key_hash == hash_of(key)
    assert key not in str(vars(row))
    assert key not in str(list(AuditEntry.objects.values()))
    assert feed(key).status_code == 200
    for wrong in (key[:-1], key + "x", row.key_hash, "x", "%00", "中文"):
        assert feed(wrong).status_code == 404
    again = issue_feed(by=cast.m1, at=now)
    assert feed(key).status_code == 404
    assert feed(again).status_code == 200
    assert revoke_feed(by=cast.m1, at=now)
    assert feed(again).status_code == 404
    assert not revoke_feed(by=cast.m1, at=now)
    assert set(AuditEntry.objects.filter(action__startswith="calendar").values_list("action", flat=True)) == {
        "calendar.issue",
        "calendar.revoke",
    }


def test_feed_of_a_disabled_person_is_gone(cast, now):
    key = issue_feed(by=cast.m1, at=now)
    cast.m1.is_active = False
    cast.m1.save(update_fields=["is_active"])
    assert feed(key).status_code == 404


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_feed_is_only_read(cast, now, method):
    assert getattr(Client(), method)(f"/calendar/{issue_feed(by=cast.m1, at=now)}.ics").status_code == 405


def test_my_page_makes_renews_and_stops_the_address(cast, as_):
    me = as_(cast.m1)
    assert "/me/calendar/" in me.get("/me/").content.decode()
    assert "生成订阅地址" in me.get("/me/calendar/").content.decode()
    made = me.post("/me/calendar/renew/")
    key = re.search(r"/calendar/([\w-]+)\.ics", made.content.decode())[1]
    assert made.headers["Cache-Control"] == "no-store"
    assert f'href="webcal://testserver/calendar/{key}.ics"' in made.content.decode()
    assert 'data-copy="feed-address"' in made.content.decode()
    assert feed(key).status_code == 200
    later = me.get("/me/calendar/").content.decode()
    assert key not in later
    assert "使用中" in later
    me.post("/me/calendar/revoke/")
    assert feed(key).status_code == 404
    assert Client().post("/me/calendar/renew/").status_code == 302  # to the login


def test_feed_takes_the_same_statements_for_one_and_thirty(cast, now):
    key, counted = issue_feed(by=cast.m1, at=now), []
    for number in (1, 29):
        for n in range(number):
            make_session(cast, title=f"{number}-{n}", starts_at=now + timedelta(days=n))
        with CaptureQueriesContext(connection) as queries:
            assert len(events(feed(key))) == (1 if number == 1 else 30)
        counted.append(len(queries))
    assert counted[0] == counted[1] <= 4
