"""A session's life: its number in the year, 进行中, the days in which it may be opened again, the archive."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from django.db import connections
from django.utils import timezone

from accounts.models import Membership
from sessions_app.actions.attendance import register_many
from sessions_app.actions.participants import roster_on, set_participants
from sessions_app.actions.session import change_session
from sessions_app.actions.session_life import archive, call, close, discard, reopen, save_record, unarchive
from sessions_app.models import Attendance, StudySession
from sessions_app.models.session import SessionState
from studygroup.lib.errors import NotAllowed, Refused
from studygroup.lib.models import AuditEntry
from tests.factories import fill_register, kind, make_closed_session, make_session, register, sign_in


def text_of(response):
    return response.content.decode()


def on(year, month, day, hour=9):
    return timezone.make_aware(datetime(year, month, day, hour))


def move(session, starts_at, by, **facts):
    session = StudySession.objects.get(pk=session.pk)
    facts |= {"starts_at": starts_at, "ends_at": starts_at + timedelta(hours=2)}
    change_session(
        session=session, seen_version=session.version, facts=facts, kinds=[kind()], agenda=[], by=by, at=starts_at
    )
    session.refresh_from_db()
    return session


def number(session):
    return StudySession.objects.values_list("serial_year", "serial").get(pk=session.pk)


# -- 第N次 --------------------------------------------------------------------


def test_serials_count_the_called_ones_of_a_group_and_local_year(cast):
    first = make_session(cast, starts_at=on(2020, 3, 1))
    draft = make_session(cast, starts_at=on(2020, 3, 2), called=False)
    midnight = make_session(cast, starts_at=on(2020, 12, 31, 23))
    new_year = make_session(cast, starts_at=on(2021, 1, 1, 0))
    foreign = make_session(cast, starts_at=on(2020, 5, 1), group=cast.foreign_group, by=cast.foreign_office)
    assert number(first) == (2020, 1)
    assert number(draft) == (None, None)
    assert number(midnight) == (2020, 2)
    assert number(new_year) == (2021, 1)
    assert number(foreign) == (2020, 1)


def test_a_discarded_draft_takes_no_number_and_reopening_keeps_it(cast, now):
    discard(session=make_session(cast, called=False), by=cast.office, at=now)
    session = make_closed_session(cast, starts_at=now - timedelta(days=1))
    before = number(session)
    assert before[1] == 1
    reopen(session=session, by=cast.office, at=now)
    assert number(session) == before


def test_moved_into_another_year_it_gets_that_years_next_number(cast):
    make_session(cast, starts_at=on(2021, 1, 5))
    session = make_session(cast, starts_at=on(2020, 12, 30))
    assert number(move(session, on(2021, 1, 9), cast.office)) == (2021, 2)
    assert number(move(session, on(2021, 2, 9), cast.office)) == (2021, 2)


def test_a_number_that_is_taken_is_refused_by_name(cast):
    make_session(cast, title="先开的那次", starts_at=on(2020, 3, 1))
    second = make_session(cast, starts_at=on(2020, 4, 1))
    with pytest.raises(Refused, match="2020年第1次已经有了（“先开的那次”）"):
        move(second, on(2020, 4, 1), cast.office, serial=1)
    assert number(second) == (2020, 2)
    assert number(move(second, on(2020, 4, 1), cast.office, serial=12)) == (2020, 12)
    assert number(make_session(cast, starts_at=on(2020, 5, 1))) == (2020, 13)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_who_call_at_once_get_two_numbers(cast, now):
    drafts = [make_session(cast, starts_at=now + timedelta(days=n), called=False) for n in range(8)]

    def press(session):
        try:
            call(session=session, by=cast.office, at=now)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(press, drafts))
    numbered = StudySession.objects.values_list("serial_year", "serial")
    assert len(set(numbered)) == 8
    assert None not in {serial for _, serial in numbered}


# -- 进行中 -------------------------------------------------------------------


def test_running_follows_from_the_clock_on_every_page(cast, as_, now):
    running = make_session(cast, title="正开着的", starts_at=now - timedelta(minutes=10))
    later = make_session(cast, title="明天才开", starts_at=now + timedelta(days=1))
    office = as_(cast.office)
    assert "进行中" in text_of(office.get(f"/sessions/{running.pk}/"))
    detail = text_of(office.get(f"/sessions/{later.pk}/"))
    assert "已通知" in detail
    assert "进行中" not in detail
    listed = text_of(office.get("/sessions/?state=running"))
    assert "正开着的" in listed
    assert "明天才开" not in listed
    listed = text_of(office.get("/sessions/?state=called"))
    assert "明天才开" in listed
    assert "正开着的" not in listed
    assert "进行中" in text_of(office.get("/"))


# -- opening again -----------------------------------------------------------


def test_reopening_ends_with_the_groups_days(cast, as_, now):
    cast.group.reopen_within_days = 3
    cast.group.save(update_fields=["reopen_within_days"])
    recent = make_closed_session(cast, starts_at=now - timedelta(days=3))
    old = make_closed_session(cast, title="早就结束", starts_at=now - timedelta(days=5))
    reopen(session=recent, by=cast.office, at=now)
    with pytest.raises(Refused, match="已超过 3 天.*系统管理员"):
        reopen(session=old, by=cast.office, at=now)
    page = text_of(as_(cast.office).get(f"/sessions/{old.pk}/"))
    assert "不再更正" in page
    assert "重新打开</button>" not in page
    assert "已超过 3 天" in text_of(as_(cast.office).post(f"/sessions/{old.pk}/reopen/"))


# -- 归档 ---------------------------------------------------------------------


@pytest.fixture
def archived(cast, now):
    session = make_closed_session(cast)
    archive(session=session, missing=[], by=cast.office, at=now)
    return StudySession.objects.select_related("group").get(pk=session.pk)


def test_archive_lists_what_is_missing_until_told_otherwise(cast, as_, now):
    session, office = make_closed_session(cast), as_(cast.office)
    address = f"/sessions/{session.pk}/archive/"
    assert "学习记录" in text_of(office.get(address))
    refused = office.post(address)
    assert refused.status_code == 400
    assert "档案还缺" in text_of(refused)
    assert office.post(address, {"despite_gaps": "on"}).status_code == 302
    session.refresh_from_db()
    assert session.is_archived
    assert session.archived_at is not None
    assert "学习记录" in AuditEntry.objects.get(action="session.archive").detail["missing"]
    assert "取消归档" in text_of(office.get(f"/sessions/{session.pk}/"))


def test_only_what_is_closed_is_archived(cast, now):
    for session in (make_session(cast), make_session(cast, called=False)):
        with pytest.raises(Refused, match="还没有结束"):
            archive(session=session, missing=[], by=cast.office, at=now)
    with pytest.raises(NotAllowed):
        archive(session=make_closed_session(cast), missing=[], by=cast.m1, at=now)


def refuses(change):
    try:
        change()
    except Refused:
        return True
    return False


def test_an_archived_session_refuses_every_change(cast, archived, now):
    who = {"by": cast.office, "at": now}
    members = roster_on(cast.group, archived)
    changes = {
        "facts": lambda: change_session(
            session=archived, seen_version=archived.version, facts={"title": "改"}, kinds=[kind()], agenda=[], **who
        ),
        "record": lambda: save_record(session=archived, record="改", seen_version=archived.version, **who),
        "participants": lambda: set_participants(session=archived, members=members, **who),
        "register": lambda: register(archived, cast.m1, "absent", **who),
        "bulk": lambda: register_many(session=archived, seen={cast.m1.pk: "present"}, status="late", **who),
        "reopen": lambda: reopen(session=archived, **who),
        "close": lambda: close(session=archived, mark_absent=True, **who),
        "call": lambda: call(session=archived, **who),
        "discard": lambda: discard(session=archived, **who),
        "again": lambda: archive(session=archived, missing=[], **who),
    }
    before = StudySession.objects.filter(pk=archived.pk).values().get()
    assert {name for name, change in changes.items() if not refuses(change)} == set()
    assert StudySession.objects.filter(pk=archived.pk).values().get() == before
    assert Attendance.objects.get(session=archived, person=cast.m1).status == "present"


def test_unarchive_wants_a_reason_and_records_it(cast, as_, archived, now):
    office, address = as_(cast.office), f"/sessions/{archived.pk}/unarchive/"
    assert "请写明原因" in text_of(office.post(address, {"reason": "  "}))
    assert office.post(address, {"reason": "签到登记有误"}).status_code == 302
    archived.refresh_from_db()
    assert archived.state == SessionState.CLOSED
    assert archived.archived_at is None
    assert AuditEntry.objects.get(action="session.unarchive").detail["reason"] == "签到登记有误"
    with pytest.raises(Refused):
        unarchive(session=archived, reason="再来", by=cast.office, at=now)


# -- entries and the close ---------------------------------------------------


def test_who_was_absent_at_the_close_does_not_sign_in_after_it(cast, now):
    session = make_session(cast, starts_at=now - timedelta(minutes=30))
    seen_open = StudySession.objects.select_related("group").get(pk=session.pk)  # read before the close
    close(session=session, mark_absent=True, by=cast.office, at=now)
    with pytest.raises(Refused, match="已经结束签到"):
        sign_in(seen_open, cast.m1, at=now)
    with pytest.raises(Refused, match="未结束"):
        register(seen_open, cast.m1, "present", by=cast.office, at=now)
    assert Attendance.objects.get(session=session, person=cast.m1).status == "absent"


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_entries_and_a_close_at_once_agree(cast, now):
    """Whatever comes first, nobody is present without having been entered before the close, and nobody is missing."""
    session = make_session(cast, starts_at=now - timedelta(minutes=30))
    people = [p.person for p in session.participants.select_related("person")]

    def enter(person):
        try:
            mine = StudySession.objects.select_related("group").get(pk=session.pk)
            if person.pk % 2:
                register(mine, person, "present", by=cast.office, at=now)
            else:
                sign_in(mine, person, at=now)
            return person.pk
        except Refused:
            return None
        finally:
            connections.close_all()

    def end(_):
        try:
            close(session=session, mark_absent=True, by=cast.office, at=now)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        entered = [pool.submit(enter, person) for person in people[:3]]
        ended = pool.submit(end, None)
        entered += [pool.submit(enter, person) for person in people[3:]]
        ended.result()
        accepted = {one.result() for one in entered} - {None}
    status = dict(Attendance.objects.filter(session=session).values_list("person", "status"))
    assert len(status) == len(people)
    assert {pk for pk, said in status.items() if said != "absent"} == accepted


# -- participants ------------------------------------------------------------


def test_a_changed_category_changes_who_counts_and_keeps_the_place(cast, now):
    session = make_session(cast)
    fill_register(session, by=cast.office)
    session.participants.filter(person=cast.m1).update(signed_on_paper=True)
    Membership.objects.filter(user=cast.m1).update(category="observer")
    set_participants(session=session, members=roster_on(cast.group, session), by=cast.office, at=now)
    row = Attendance.objects.get(session=session, person=cast.m1)
    assert row.is_counted is False
    assert Attendance.objects.get(session=session, person=cast.m2).is_counted is True
    assert session.participants.get(person=cast.m1).signed_on_paper is True
    Membership.objects.filter(user=cast.m1).update(category="member")
    session.refresh_from_db()
    set_participants(session=session, members=roster_on(cast.group, session), by=cast.office, at=now)
    row.refresh_from_db()
    assert row.is_counted is True


# -- calling several ---------------------------------------------------------


def test_several_drafts_are_called_and_the_gaps_of_each_are_told(cast, as_, now):
    whole = make_session(cast, title="齐全的", starts_at=now + timedelta(days=2), called=False)
    empty = make_session(cast, title="没有人", starts_at=now + timedelta(days=1), called=False, members=[])
    foreign = make_session(cast, title="外镇的", group=cast.foreign_group, by=cast.foreign_office, called=False)
    office = as_(cast.office)
    assert f'value="{whole.pk}"' in text_of(office.get("/sessions/"))
    told = text_of(office.post("/sessions/call/", {"session": [whole.pk, empty.pk]}, follow=True))
    assert "已通知 1 次" in told
    assert "没有通知没有人" in told
    assert "还没有选参加人员" in told
    states = dict(StudySession.objects.values_list("pk", "state"))
    assert states == {whole.pk: "called", empty.pk: "draft", foreign.pk: "draft"}
    office.post("/sessions/call/", {"session": [foreign.pk]})
    foreign.refresh_from_db()
    assert foreign.is_draft
    assert as_(cast.m1).post("/sessions/call/", {"session": [empty.pk]}).status_code == 403
    away = office.post("/sessions/call/", {"session": [empty.pk], "back": "//elsewhere.example/sessions/"})
    assert away.headers["Location"] == "/sessions/"
