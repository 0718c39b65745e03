"""提醒: one digest a person a day, told by the office, seen by himself; run twice it changes nothing."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import reminders, tasks
from accounts.actions.reminder import compose, drop_line, remind, restore_line, take_back_told, tell
from accounts.models import Reminder, ReminderLine
from accounts.reminders import DueLine, Source, due_on, is_day
from materials.models import Submission
from reviews.chain import State
from sessions_app.models import AgendaItem, MakeUpStudy
from studygroup.lib.errors import NotAllowed, Overtaken, Refused
from studygroup.lib.models import AuditEntry, Heartbeat
from tests.factories import make_closed_session, make_session, make_submission, walk_to


@pytest.fixture
def alone(monkeypatch) -> list[DueLine]:
    """One source and no other: what the test puts into the list is due, and stays open while it is in it."""
    due: list[DueLine] = []

    def still_open(matters):
        return {m for m in matters if any((d.person_id, d.key) == (m[0], f"test:{m[1]}") for d in due)}

    monkeypatch.setattr(reminders, "_sources", {"test": Source("test", lambda day: list(due), still_open)})
    return due


def line(person, group, number: int = 1, text: str = "请交材料。") -> DueLine:
    return DueLine(person.pk, group.pk, f"test:{number}", text, "/submissions/new/")


def test_one_digest_a_person_a_day_however_often_it_is_composed(cast, now, alone):
    alone += [line(cast.m1, cast.group), line(cast.m1, cast.group, 2), line(cast.m2, cast.group)]
    today = timezone.localdate()
    assert compose(day=today, by=None, at=now) == 3
    alone.append(line(cast.m1, cast.group, 3))
    assert compose(day=today, by=None, at=now) == 1
    assert compose(day=today, by=None, at=now) == 0
    assert sorted(r.lines.count() for r in Reminder.objects.filter(day=today)) == [1, 3]
    assert AuditEntry.objects.filter(action="reminder.compose").count() == 2
    assert compose(day=today + timedelta(days=1), by=None, at=now) == 4


def test_what_was_dropped_or_told_is_not_brought_back(cast, now, alone):
    alone += [line(cast.m1, cast.group), line(cast.m1, cast.group, 2)]
    today = timezone.localdate()
    compose(day=today, by=None, at=now)
    first, second = ReminderLine.objects.order_by("key")
    drop_line(line=first, by=cast.office, at=now)
    tell(reminder=first.reminder, how="phone", by=cast.office, at=now)
    compose(day=today, by=None, at=now)
    first.refresh_from_db()
    second.refresh_from_db()
    assert first.dropped_at == now
    assert first.told_at is None
    assert (second.told_by, second.teller) == ("phone", cast.office)
    with pytest.raises(Overtaken, match="已经告知或者去掉"):
        drop_line(line=second, by=cast.office, at=now)
    with pytest.raises(Overtaken, match="已经有人告知过"):
        tell(reminder=first.reminder, how="phone", by=cast.propaganda, at=now)
    restore_line(line=first, by=cast.office, at=now)
    tell(reminder=first.reminder, how="message", by=cast.propaganda, at=now)
    first.refresh_from_db()
    assert first.teller == cast.propaganda
    take_back_told(reminder=first.reminder, by=cast.office, at=now)
    assert not ReminderLine.objects.filter(told_at__isnull=False).exists()


def test_a_line_with_new_words_is_to_be_told_again(cast, now, alone):
    today = timezone.localdate()
    remind([line(cast.m1, cast.group)], day=today, at=now)
    tell(reminder=Reminder.objects.get(), how="phone", by=cast.office, at=now)
    remind([line(cast.m1, cast.group, text="截止日期改了。")], day=today, at=now + timedelta(hours=1))
    row = ReminderLine.objects.get()
    assert (row.text, row.told_at) == ("截止日期改了。", None)


@pytest.mark.parametrize("person", ["m1", "secretary", "deputy", "foreign_office", "supervisor"])
def test_only_the_groups_own_office_tells(cast, now, alone, person):
    remind([line(cast.m1, cast.group)], day=timezone.localdate(), at=now)
    row = ReminderLine.objects.get()
    for action in (
        lambda by: tell(reminder=row.reminder, how="phone", by=by, at=now),
        lambda by: drop_line(line=row, by=by, at=now),
    ):
        with pytest.raises((NotAllowed, Overtaken)):
            action(getattr(cast, person))
    row.refresh_from_db()
    assert (row.told_at, row.dropped_at) == (None, None)


def test_a_way_of_telling_nobody_knows_is_refused(cast, now, as_, alone):
    remind([line(cast.m1, cast.group)], day=timezone.localdate(), at=now)
    with pytest.raises(Refused, match="怎样告知"):
        tell(reminder=Reminder.objects.get(), how="pigeon", by=cast.office, at=now)
    response = as_(cast.office).post(f"/outbox/{Reminder.objects.get().pk}/tell/", {"how": "pigeon"})
    assert response.status_code == 400
    assert "怎样告知" in response.content.decode()


# -- what is due -------------------------------------------------------------------


def test_days_before_on_the_day_and_weekly_after():
    assert [left for left in range(10, -20, -1) if is_day(left, {7, 3, 1})] == [7, 3, 1, 0, -1, -8, -15]


def test_make_ups_are_reminded_on_the_groups_days(cast, now):
    make_closed_session(cast, status={cast.m1.pk: "absent"})
    study = MakeUpStudy.objects.get()
    days = {left: due_on(study.due_on - timedelta(days=left)) for left in (8, 7, 3, 2, 1, 0, -1, -2)}
    assert [left for left, lines in days.items() if lines] == [7, 3, 1, 0, -1]
    cast.group.reminder_days = "2"
    cast.group.save()
    days = {left: due_on(study.due_on - timedelta(days=left)) for left in (7, 2)}
    assert [left for left, lines in days.items() if lines] == [2]
    told = days[2][0]
    assert (told.person_id, told.group_id) == (cast.m1.pk, cast.group.pk)
    assert "还有 2 天" in told.text


def test_tomorrows_speakers_are_reminded_of_their_part(cast, now):
    start = timezone.localtime(now).replace(hour=0, minute=10) + timedelta(days=1)
    session = make_session(cast, title="学习二十大", starts_at=start)
    for role in ("lead_reading", "keynote"):
        AgendaItem.objects.create(session=session, position=1, role=role, speaker=cast.m1)
    (told,) = due_on(timezone.localdate(now))
    assert told.person_id == cast.m1.pk
    assert "学习《学习二十大》，您领学、重点发言" in told.text
    assert due_on(timezone.localdate(now) + timedelta(days=1)) == []


def test_reviewers_are_reminded_past_the_due_time_and_authors_of_a_return(cast, now):
    today = timezone.localdate(now)
    paper = make_submission(cast, title="到期的心得")
    walk_to(paper.review, State.FIRST_REVIEW, cast)
    type(paper.review).objects.update(due_on=today - timedelta(days=1))
    assert [(told.person_id, told.text) for told in due_on(today)] == [
        (cast.office.pk, "心得体会《到期的心得》等您初审，已超期 1 天。")
    ]
    assert due_on(today + timedelta(days=1)) == []
    paper.review.refresh_from_db()
    walk_to(paper.review, State.RETURNED, cast)
    assert due_on(today) == []
    (told,) = due_on(today + timedelta(days=3))
    assert (told.person_id, told.text) == (cast.m1.pk, "心得体会《到期的心得》退回 3 天了，请按意见修改后重新提交。")


def test_a_draft_is_in_nobodys_reminders(cast, now):
    make_submission(cast, title="谁也不知道的草稿")
    assert [told for day in range(40) for told in due_on(timezone.localdate(now) + timedelta(days=day))] == []
    assert Submission.objects.count() == 1


# -- by the clock ------------------------------------------------------------------


def moments() -> Iterator[tuple[str, int]]:
    yield "2020-09-27T07:29:59+08:00", 0
    yield "2020-09-27T07:30:00+08:00", 1
    yield "2020-09-27T23:59:00+08:00", 1


@pytest.mark.parametrize(("moment", "made"), list(moments()))
def test_the_day_begins_at_half_past_seven_and_is_caught_up_only_today(cast, alone, monkeypatch, moment, made):
    alone.append(line(cast.m1, cast.group))
    monkeypatch.setattr(timezone, "now", lambda: datetime.fromisoformat(moment))
    tasks.compose_today()
    tasks.compose_today()
    assert Reminder.objects.count() == made
    assert Heartbeat.objects.filter(name=tasks.COMPOSED).count() == made
    if made:
        assert Reminder.objects.get().day == date(2020, 9, 27)
        monkeypatch.setattr(timezone, "now", lambda: datetime.fromisoformat("2020-10-01T08:00:00+08:00"))
        tasks.compose_today()
        assert sorted(Reminder.objects.values_list("day", flat=True)) == [date(2020, 9, 27), date(2020, 10, 1)]


def test_the_command_makes_the_same_digest(cast, alone, capsys):
    alone.append(line(cast.m1, cast.group))
    call_command("compose_reminders", "--day", "2020-09-27")
    call_command("compose_reminders", "--day", "2020-09-27")
    assert "2020-09-27：新增 1 条提醒。\n2020-09-27：新增 0 条提醒。" in capsys.readouterr().out
    assert Reminder.objects.count() == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_workers_at_once_make_one_digest(cast, now, alone):
    people = [cast.m1, cast.m2, cast.m3, cast.secretary]
    alone += [line(person, cast.group, number) for person in people for number in range(5)]
    ready = threading.Barrier(8)

    def work(_number: int) -> None:
        try:
            ready.wait(timeout=60)
            compose(day=date(2020, 9, 27), by=None, at=now)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    assert Reminder.objects.count() == 4
    assert ReminderLine.objects.count() == 20


# -- pages -------------------------------------------------------------------------


def test_the_outbox_has_the_words_ready_and_tells_once(cast, as_, now, alone):
    alone += [line(cast.m1, cast.group, 1, "请交心得。"), line(cast.m1, cast.group, 2, "请补学。")]
    compose(day=timezone.localdate(), by=None, at=now)
    client, reminder = as_(cast.office), Reminder.objects.get()
    page = client.get("/outbox/").content.decode()
    assert "成员一同志：\n1. 请交心得。\n2. 请补学。" in page
    assert "未告知" in page
    response = client.post(f"/outbox/{reminder.pk}/tell/", {"how": "phone", "next": "/outbox/?show=untold"})
    assert response.headers["Location"] == "/outbox/?show=untold"
    page = client.get("/outbox/").content.decode()
    assert f"{cast.office.name}电话告知" in page
    assert client.get("/outbox/?show=untold").content.decode().count("成员一同志") == 0
    assert client.post(f"/outbox/{reminder.pk}/tell/", {"how": "phone"}).status_code == 409
    assert as_(cast.m1).get("/outbox/").status_code == 403


@pytest.mark.parametrize("address", ["https://evil.example/", "//evil.example", "/outbox/../x", ""])
def test_the_way_back_leads_nowhere_else(cast, as_, now, alone, address):
    remind([line(cast.m1, cast.group)], day=timezone.localdate(), at=now)
    response = as_(cast.office).post(f"/outbox/{Reminder.objects.get().pk}/tell/", {"how": "phone", "next": address})
    assert response.headers["Location"].startswith("/outbox/")


def test_a_settled_line_is_shown_as_done(cast, as_, now, alone):
    alone.append(line(cast.m1, cast.group, 1, "请交心得。"))
    compose(day=timezone.localdate(), by=None, at=now)
    alone.clear()
    for client, address in ((as_(cast.office), "/outbox/"), (as_(cast.m1), "/me/reminders/")):
        page = client.get(address).content.decode()
        assert "请交心得。" in page
        assert "已办" in page
        assert "成员一同志：" not in page


def test_each_group_sees_and_tells_only_its_own_lines(cast, as_, now, alone):
    """Somebody in two groups has one digest; either office finds its own part of it."""
    alone += [line(cast.m1, cast.group, 1, "本镇的事。"), line(cast.m1, cast.foreign_group, 2, "外镇的事。")]
    remind(alone, day=timezone.localdate(), at=now)
    ours, theirs = as_(cast.office), as_(cast.foreign_office)
    assert "外镇的事" not in ours.get("/outbox/").content.decode()
    assert "本镇的事" not in theirs.get("/outbox/").content.decode()
    reminder = Reminder.objects.get()
    ours.post(f"/outbox/{reminder.pk}/tell/", {"how": "phone"})
    assert "</span> 未告知</span>" in theirs.get("/outbox/").content.decode()
    assert "</span> 未告知</span>" not in ours.get("/outbox/").content.decode()
    assert cast.office.name not in theirs.get("/outbox/").content.decode()
    foreign = ReminderLine.objects.get(group=cast.foreign_group)
    assert ours.post(f"/outbox/lines/{foreign.pk}/drop/").status_code == 404
    mine = as_(cast.m1).get("/me/reminders/").content.decode()
    assert "本镇的事" in mine
    assert "外镇的事" in mine


def test_opening_his_own_page_is_having_seen_it(cast, as_, now, alone):
    today = timezone.localdate()
    alone += [line(cast.m1, cast.group), line(cast.m1, cast.group, 2)]
    remind(alone[:1], day=today, at=now)
    assert "未看到" in as_(cast.office).get("/outbox/?show=unseen").content.decode()
    page = as_(cast.m1).get("/me/reminders/").content.decode()
    assert "请交材料。" in page
    assert Reminder.objects.get().seen_at is not None
    assert "成员一同志" not in as_(cast.office).get("/outbox/?show=unseen").content.decode()
    remind(alone[1:], day=today, at=timezone.now() + timedelta(hours=1))
    assert "成员一同志" in as_(cast.office).get("/outbox/?show=unseen").content.decode()
    assert "请交材料" not in as_(cast.m2).get("/me/reminders/").content.decode()


def test_a_line_is_left_out_and_put_back(cast, as_, now, alone):
    remind(
        [line(cast.m1, cast.group, 1, "甲事。"), line(cast.m1, cast.group, 2, "乙事。")],
        day=timezone.localdate(),
        at=now,
    )
    alone += [line(cast.m1, cast.group, 1), line(cast.m1, cast.group, 2)]
    client, row = as_(cast.office), ReminderLine.objects.get(text="甲事。")
    assert client.post(f"/outbox/lines/{row.pk}/drop/").status_code == 302
    assert "成员一同志：\n乙事。" in client.get("/outbox/").content.decode()
    assert "甲事" not in as_(cast.m1).get("/me/reminders/").content.decode()
    client.post(f"/outbox/lines/{row.pk}/drop/", {"restore": "1"})
    assert "甲事" in as_(cast.m1).get("/me/reminders/").content.decode()


@pytest.mark.parametrize(("person", "address"), [("office", "/outbox/?day=all"), ("m1", "/me/reminders/")])
def test_pages_ask_the_same_number_of_queries_for_1_and_30(cast, as_, now, alone, person, address):
    client = as_(getattr(cast, person))

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        return len(captured)

    def fill(days: int) -> None:
        for number in range(days):
            remind(
                [line(p, cast.group, n) for p in (cast.m1, cast.m2, cast.m3) for n in range(3)],
                day=timezone.localdate() - timedelta(days=number),
                at=now,
            )

    fill(1)
    queries()
    few = queries()
    fill(10)
    assert queries() == few


def test_a_digest_with_nothing_left_stays_in_the_outbox_to_be_put_back(cast, as_, now, alone):
    alone.append(line(cast.m1, cast.group, 1, "请交心得。"))
    compose(day=timezone.localdate(), by=None, at=now)
    drop_line(line=ReminderLine.objects.get(), by=cast.office, at=now)
    client = as_(cast.office)
    page = client.get("/outbox/").content.decode()
    assert "已去掉，不提醒" in page
    assert "恢复" in page
    for show in ("untold", "unseen"):
        assert "请交心得" not in client.get("/outbox/", {"show": show}).content.decode()


def test_what_came_after_the_page_was_read_is_still_to_be_told(cast, as_, now, alone):
    today, client = timezone.localdate(), as_(cast.office)
    alone += [line(cast.m1, cast.group, 1, "请交心得。"), line(cast.m1, cast.group, 2, "请补学。")]
    remind(alone[:1], day=today, at=now)
    (digest,) = client.get("/outbox/").context["digests"]
    remind(alone[1:], day=today, at=now + timedelta(seconds=20))
    client.post(f"/outbox/{digest.reminder.pk}/tell/", {"how": "phone", "until": digest.newest})
    assert [told.text for told in ReminderLine.objects.filter(told_at=None)] == ["请补学。"]
    assert client.post(f"/outbox/{digest.reminder.pk}/tell/", {"how": "phone", "until": "x"}).status_code == 400


def test_my_page_shows_what_is_open_now_whatever_the_day_of_the_reminder(cast, as_, now):
    """Two days late is no day to be reminded; a return is told at once; what is done is not there."""
    make_closed_session(cast, title="缺了的学习", status={cast.m1.pk: "absent"})
    MakeUpStudy.objects.update(due_on=timezone.localdate() - timedelta(days=2))
    paper = make_submission(cast, title="刚退回的心得")
    walk_to(paper.review, State.RETURNED, cast)
    page = as_(cast.m1).get("/me/reminders/").content.decode()
    assert "现在要办的" in page
    assert "《缺了的学习》" in page
    assert "已超期 2 天" in page
    assert "《刚退回的心得》今天退回" in page
    assert "缺了的学习" not in as_(cast.m2).get("/me/reminders/").content.decode()
    MakeUpStudy.objects.all().delete()
    assert "缺了的学习" not in as_(cast.m1).get("/me/reminders/").content.decode()


def test_my_page_shows_reviews_past_their_day_to_who_judges_them_alone(cast, as_):
    paper = make_submission(cast, title="超期的心得")
    walk_to(paper.review, State.FIRST_REVIEW, cast)
    type(paper.review).objects.update(due_on=timezone.localdate() - timedelta(days=3))
    assert "《超期的心得》等您初审，已超期 3 天" in as_(cast.office).get("/me/reminders/").content.decode()
    for other in (cast.m1, cast.propaganda, cast.foreign_office):
        assert "超期的心得" not in as_(other).get("/me/reminders/").content.decode()


def test_an_old_reminder_tells_its_year(cast, as_, now):
    remind([line(cast.m1, cast.group)], day=date(2019, 3, 4), at=now)
    assert "2019年3月4日" in as_(cast.m1).get("/me/reminders/").content.decode()
