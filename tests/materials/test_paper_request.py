"""布置材料: who is asked, what answers it, who may see and change it, and how it is urged."""

import io
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import unquote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import load_workbook

from accounts.models import Membership, Reminder, ReminderLine
from accounts.reminders import due_on
from materials.actions.paper_request import (
    ask_for_papers,
    change_request,
    close_request,
    discard_request,
    excuse,
    reopen_request,
    take_back_excuse,
    urge,
)
from materials.actions.submission import submit, withdraw
from materials.models import PaperRequest, PaperRequestPerson, Submission
from materials.statistics.paper_request import lines_of, share_of
from reviews.chain import Move, State
from sessions_app.models import AgendaItem
from studygroup.desk import desk_of
from studygroup.lib.clock import start_of_day
from studygroup.lib.errors import NotAllowed, Overtaken, Refused
from studygroup.lib.models import AuditEntry
from tests.conftest import Cast
from tests.factories import item_row, judge, make_annual_plan, make_session, make_submission, walk_to


def today() -> date:
    return timezone.localdate()


def ask(cast: Cast, *people: Any, at: datetime | None = None, due: date | None = None, **facts: Any) -> PaperRequest:
    at = at or timezone.now()
    return ask_for_papers(
        group=cast.group,
        kind=facts.pop("kind", "reflection"),
        title=facts.pop("title", "学习体会"),
        due_on=due or timezone.localdate(at) + timedelta(days=7),
        people=[person.pk for person in people or (cast.m1, cast.m2)],
        by=facts.pop("by", cast.office),
        at=at,
        **facts,
    )


def asked_line(request: PaperRequest, person: Any, reader: Any, day: date | None = None) -> Any:
    day = day or today()
    rows = PaperRequestPerson.objects.filter(request=request, person=person).with_answer(day)
    (line,) = lines_of(rows.select_related("request", "person"), reader, day)
    return line


def hand_in(cast: Cast, at: datetime, **facts: Any) -> Submission:
    paper = make_submission(cast, at=at, **facts)
    submit(submission=paper, by=paper.author, at=at, seen_version=paper.review.version)
    return paper


def typed(cast: Cast, **changes: Any) -> dict[str, Any]:
    return {
        "kind": "reflection",
        "title": "学习体会",
        "due_on": (today() + timedelta(days=7)).isoformat(),
        "person": [cast.m1.pk, cast.m2.pk],
        **changes,
    }


# -- asking ----------------------------------------------------------------------


def test_being_asked_stands_in_todays_reminders_and_on_the_home_page(cast, now):
    request = ask(cast, cast.m1, title="学习二十大", words_wanted=800)
    due = f"{request.due_on.month}月{request.due_on.day}日"
    line = ReminderLine.objects.get()
    assert (line.reminder.person, line.reminder.day, line.group) == (cast.m1, today(), cast.group)
    assert line.text == f"请于{due}前交心得体会《学习二十大》，不少于 800 字。"
    (task,) = desk_of(cast.m1, now).today
    assert (task.what, task.verb) == (f"请于{due}前交心得体会《学习二十大》", "写")
    assert task.address == f"/submissions/new/?request={request.pk}"
    assert desk_of(cast.m2, now).today == []
    assert AuditEntry.objects.get(action="paper_request.ask").detail["people"] == [cast.m1.pk]


@pytest.mark.parametrize("person", ["m1", "secretary", "deputy", "foreign_office", "supervisor", "extended"])
def test_only_the_groups_office_and_secretary_ask(cast, person):
    with pytest.raises(NotAllowed):
        ask(cast, cast.m1, by=getattr(cast, person))
    assert not PaperRequest.objects.exists()


@pytest.mark.parametrize("stranger", ["foreign_m1", "observer", "office", "supervisor"])
def test_nobody_outside_the_roster_is_asked(cast, as_, stranger):
    """The office itself is appointed and not on the roster; 列席 people write nothing."""
    with pytest.raises(Refused, match="不在这个学习组"):
        ask(cast, cast.m1, getattr(cast, stranger))
    response = as_(cast.office).post("/requests/new/", typed(cast, person=[getattr(cast, stranger).pk]))
    assert "不在这个学习组现在的名单中" in response.content.decode()
    assert not PaperRequest.objects.exists()
    assert not Reminder.objects.exists()


def test_another_groups_session_or_topic_is_not_taken(cast, as_, now):
    foreign = make_session(cast, group=cast.foreign_group, by=cast.foreign_office, title="外镇的学习")
    client = as_(cast.office)
    page = client.post("/requests/new/", typed(cast, session=foreign.pk)).content.decode()
    assert "不在可选范围内" in page
    assert "外镇的学习" not in page
    assert client.get(f"/requests/new/?session={foreign.pk}").status_code == 404
    plan = make_annual_plan(cast, group=cast.foreign_group, by=cast.foreign_office)
    assert client.get(f"/requests/new/?item={plan.items.get().pk}").status_code == 404
    assert (
        "计划专题已经不在了"
        in client.post("/requests/new/", typed(cast, plan_item=plan.items.get().pk)).content.decode()
    )
    assert client.get(f"/requests/new/?group={cast.foreign_group.pk}").status_code == 404
    with pytest.raises(Refused, match="不属于这个学习组"):
        ask(cast, session=foreign)
    assert not PaperRequest.objects.exists()


@pytest.mark.parametrize("number", ["x", "-1", "0", "9" * 30, ""])
def test_broken_addresses_find_nothing(cast, as_, number):
    for name in ("session", "item", "group"):
        assert as_(cast.office).get(f"/requests/new/?{name}={number}").status_code in ((200,) if not number else (404,))


def test_the_form_asks_and_a_second_press_asks_nobody_again(cast, as_):
    client = as_(cast.office)
    for _ in range(2):
        response = client.post("/requests/new/", typed(cast))
        assert response.status_code == 302
    request = PaperRequest.objects.get()
    assert response.headers["Location"] == f"/requests/{request.pk}/"
    assert [row.person for row in request.people.all()] == [cast.m1, cast.m2]
    assert as_(cast.m1).get("/requests/new/").status_code == 403


def test_ticking_people_keeps_what_was_typed(cast, as_):
    page = as_(cast.office).post("/requests/new/", typed(cast, title="打了一半的", person=[], preset="members"))
    text = page.content.decode()
    assert "打了一半的" in text
    assert not PaperRequest.objects.exists()
    assert text.count(" checked>") == 6  # 书记、副书记、宣委 and three members
    text = as_(cast.office).post("/requests/new/", typed(cast, preset="none")).content.decode()
    assert " checked>" not in text


def test_a_session_suggests_its_speakers_its_day_and_its_question(cast, as_, now):
    session = make_session(cast, starts_at=now + timedelta(days=3), question="怎样抓落实", title="某次学习")
    AgendaItem.objects.create(session=session, position=1, role="keynote", speaker=cast.m2)
    AgendaItem.objects.create(session=session, position=2, role="lead_reading", speaker=cast.m3)
    client = as_(cast.office)
    assert f"/requests/new/?session={session.pk}" in client.get(f"/sessions/{session.pk}/").content.decode()
    page = client.get(f"/requests/new/?session={session.pk}").content.decode()
    assert "怎样抓落实" in page
    assert f'value="{cast.m2.pk}" checked' in page
    assert f'value="{cast.m3.pk}" checked' not in page
    assert f'value="{(session.day + timedelta(days=7)).isoformat()}"' in page
    response = client.post(
        f"/requests/new/?session={session.pk}", typed(cast, session=session.pk, due_on="", kind="speech")
    )
    assert response.status_code == 302, response.content.decode()
    assert PaperRequest.objects.get().due_on == session.day  # 发言材料: on the day itself


def test_a_topic_of_the_plan_suggests_who_reads_it(cast, as_):
    plan = make_annual_plan(
        cast, year=today().year, rows=[item_row("学习党章", lead_readers="成员一、某教授", key_speakers="成员三")]
    )
    item = plan.items.get()
    assert f"/requests/new/?item={item.pk}" in as_(cast.office).get("/plans/").content.decode()
    assert "/requests/new/" not in as_(cast.deputy).get("/plans/").content.decode()
    page = as_(cast.office).get(f"/requests/new/?item={item.pk}").content.decode()
    assert "学习党章" in page
    assert [f'value="{p.pk}" checked' in page for p in (cast.m1, cast.m2, cast.m3)] == [True, False, True]
    as_(cast.office).post(f"/requests/new/?item={item.pk}", typed(cast, plan_item=item.pk))
    assert PaperRequest.objects.get().plan_item == item


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"due_on": "2020-01-01"}, "截止日期已经过了"),
        ({"due_on": ""}, "请填写截止日期"),
        ({"due_on": "明天"}, "请按 2020-3-14"),
        ({"person": []}, "请至少选一个人"),
        ({"person": ["x", "99999999999999999999"]}, "不在这个学习组"),
        ({"kind": "novel"}, "选择一个有效的选项"),
        ({"title": ""}, "请填写题目"),
        ({"title": "长" * 201}, "最多 200 个字"),
        ({"words_wanted": "-5"}, "不能小于 1"),
        ({"words_wanted": "9" * 40}, "不能大于 50000"),
    ],
)
def test_broken_input_is_told_and_kept(cast, as_, changes, told):
    page = as_(cast.office).post("/requests/new/", typed(cast, note="打好的要求", **changes)).content.decode()
    assert told in page
    assert "打好的要求" in page
    assert not PaperRequest.objects.exists()


# -- what answers ------------------------------------------------------------------


def test_a_draft_answers_nothing_and_is_nobodys_business(cast, as_, now):
    request = ask(cast, cast.m1)
    paper = make_submission(cast, title="机密的草稿标题", request=request)
    assert asked_line(request, cast.m1, cast.office).state[0] == "未交"
    for person in (cast.office, cast.propaganda, cast.secretary, cast.sysadmin):
        for address in (f"/requests/{request.pk}/", "/requests/", "/requests/owed/", "/", "/outbox/"):
            assert "机密的草稿" not in as_(person).get(address).content.decode()
    (task,) = desk_of(cast.m1, now).today
    assert (task.verb, task.address) == ("继续写", f"/submissions/{paper.pk}/edit/")
    discard_request(request=request, by=cast.office, at=now)  # neither refused nor told because of it
    paper.refresh_from_db()
    assert paper.request is None


def test_states_follow_the_paper(cast, now):
    request = ask(cast, cast.m1)
    paper = hand_in(cast, now, request=request)
    assert asked_line(request, cast.m1, cast.office).state == ("审核中", "wait")
    assert desk_of(cast.m1, now).today == []
    withdraw(submission=paper, by=cast.m1, at=now, seen_version=paper.review.version)
    assert asked_line(request, cast.m1, cast.office).state == ("未交", "off")
    paper.review.refresh_from_db()
    walk_to(paper.review, State.RETURNED, cast)
    assert asked_line(request, cast.m1, cast.office).state == ("已退回", "wait")
    walk_to(paper.review, State.APPROVED, cast)
    line = asked_line(request, cast.m1, cast.office)
    assert (line.state, line.punctual, line.is_readable) == (("已通过", "good"), "按时", True)


def test_a_paper_of_the_same_session_and_kind_answers_without_naming_it(cast, now):
    session = make_session(cast, starts_at=now)
    other = make_session(cast, starts_at=now + timedelta(days=1))
    request = ask(cast, cast.m1, cast.m2, cast.m3, session=session)
    unrelated = ask(cast, cast.m1, title="不属于哪次学习")
    paper = hand_in(cast, now, session=session)
    hand_in(cast, now, author=cast.m2, session=other)
    hand_in(cast, now, author=cast.m3, session=session, kind="speech")
    answered = {row.person: row.answer_id for row in request.people.with_answer(today())}
    assert answered == {cast.m1: paper.pk, cast.m2: None, cast.m3: None}
    assert unrelated.people.with_answer(today()).get().answer_id is None


def test_a_paper_that_names_another_request_answers_only_that(cast, now):
    session = make_session(cast, starts_at=now)
    first, second = ask(cast, cast.m1, session=session), ask(cast, cast.m1, session=session, title="第二份")
    hand_in(cast, now, session=session, request=second)
    assert [r.people.answered().count() for r in (first, second)] == [0, 1]


def test_a_paper_of_a_session_of_the_same_topic_answers(cast, now):
    item = make_annual_plan(cast).items.get()
    request = ask(cast, cast.m1, cast.m2, plan_item=item)
    session = make_session(cast, starts_at=now, plan_item=item)
    hand_in(cast, now, session=session)
    assert [row.person for row in request.people.answered()] == [cast.m1]


@pytest.mark.parametrize(
    ("late", "punctual"),
    [(timedelta(seconds=-1), "按时"), (timedelta(0), "逾期 1 天"), (timedelta(days=2), "逾期 3 天")],
)
def test_on_time_ends_at_local_midnight(cast, late, punctual):
    asked_at = start_of_day(date(2020, 9, 1)) + timedelta(hours=9)
    request = ask(cast, cast.m1, at=asked_at, due=date(2020, 9, 30))
    hand_in(cast, start_of_day(date(2020, 10, 1)) + late, request=request)
    assert asked_line(request, cast.m1, cast.office, date(2020, 10, 20)).punctual == punctual
    counted = PaperRequest.objects.with_counts().get(pk=request.pk)
    assert (counted.asked_count, counted.answered_count) == (1, 1)
    assert counted.on_time_count == (1 if punctual == "按时" else 0)


def test_a_paper_returned_and_mended_late_stays_on_time(cast, now):
    request = ask(cast, cast.m1, due=today())
    paper = hand_in(cast, now, request=request)
    walk_to(paper.review, State.RETURNED, cast)
    walk_to(paper.review, State.FIRST_REVIEW, cast, at=now + timedelta(days=30))
    assert asked_line(request, cast.m1, cast.office, today() + timedelta(days=40)).punctual == "按时"


def test_the_share_leaves_out_who_is_excused(cast, now):
    request = ask(cast, cast.m1, cast.m2, cast.m3)
    hand_in(cast, now, request=request)
    row = request.people.get(person=cast.m3)
    excuse(asked=row, reason="脱产学习", by=cast.office, at=now)
    lines = lines_of(request.people.with_answer(today()).select_related("request"), cast.office, today())
    share = share_of(lines)
    assert (share.on_time, share.asked, share.excused, share.percent) == (1, 2, 1, "50.0%")
    assert share.sentence == "已交 1 / 应交 2，另免交 1 人"


# -- changing ----------------------------------------------------------------------


def test_who_comes_who_goes_and_a_moved_date_are_told(cast, now):
    request = ask(cast, cast.m1, cast.m2, at=now - timedelta(days=1))
    moved = today() + timedelta(days=9)
    change_request(
        request=request,
        seen_version=0,
        changes={"due_on": moved},
        people=[cast.m2.pk, cast.m3.pk],
        by=cast.propaganda,
        at=now,
    )
    told = dict(ReminderLine.objects.filter(reminder__day=today()).values_list("reminder__person__name", "text"))
    day = f"{moved.month}月{moved.day}日"
    assert told == {
        cast.m1.name: "心得体会《学习体会》不用再交了。",
        cast.m2.name: f"心得体会《学习体会》的截止日期改为{day}。",
        cast.m3.name: f"请于{day}前交心得体会《学习体会》。",
    }


def test_the_second_of_two_who_change_it_is_told_and_loses_nothing(cast, as_, now):
    request = ask(cast, cast.m1)
    told = {"title": "先改的", "due_on": request.due_on, "people": [cast.m1.pk]}
    changes = {"title": told["title"]}
    change_request(request=request, seen_version=0, changes=changes, people=[cast.m1.pk], by=cast.propaganda, at=now)
    sent = typed(cast, title="后改的", version=0)
    response = as_(cast.office).post(f"/requests/{request.pk}/edit/", sent)
    page = response.content.decode()
    assert response.status_code == 409
    assert "先改的" in page
    assert "后改的" in page
    assert as_(cast.office).post(f"/requests/{request.pk}/edit/", sent | {"version": 1}).status_code == 302
    request.refresh_from_db()
    assert (request.title, request.people.count()) == ("后改的", 2)


def test_who_has_handed_in_is_not_taken_out(cast, as_, now):
    request = ask(cast, cast.m1, cast.m2)
    hand_in(cast, now, request=request)
    page = as_(cast.office).post(f"/requests/{request.pk}/edit/", typed(cast, person=[cast.m2.pk], version=0))
    assert "成员一已经交了，不能去掉" in page.content.decode()
    with pytest.raises(Refused, match="已经有人交了"):
        discard_request(request=request, by=cast.office, at=now)
    with pytest.raises(Refused, match="已经交了"):
        excuse(asked=request.people.get(person=cast.m1), reason="忙", by=cast.office, at=now)


def test_who_left_the_roster_stays_asked_and_is_not_reminded(cast, as_, now):
    request = ask(cast, cast.m1, cast.m2, due=today() + timedelta(days=1))
    Membership.objects.filter(user=cast.m1).update(ends_on=today() - timedelta(days=1))
    assert [line.person_id for line in due_on(today())] == [cast.m2.pk]
    assert urge(asked=list(request.people.all()), by=cast.office, at=now) == 1
    page = as_(cast.office).get(f"/requests/{request.pk}/").content.decode()
    assert "已不在名单" in page
    assert "还没交的 1 人，今天都催过了" in page
    edit = as_(cast.office).get(f"/requests/{request.pk}/edit/").content.decode()
    assert "已不在名单" in edit
    response = as_(cast.office).post(f"/requests/{request.pk}/edit/", typed(cast, version=0))
    assert response.status_code == 302
    assert request.people.count() == 2


def test_excused_and_after_all_not(cast, as_, now):
    request = ask(cast, cast.m1)
    row = request.people.get()
    address = f"/requests/people/{row.pk}/excuse/"
    client = as_(cast.office)
    assert client.post(address, {"reason": " "}).status_code == 400
    assert client.post(address, {"reason": "在县党校学习"}).status_code == 302
    page = client.get(f"/requests/{request.pk}/").content.decode()
    assert "免交" in page
    assert "在县党校学习" in page
    assert desk_of(cast.m1, now).today == []
    assert client.post(address, {"reason": "再来"}).status_code == 409
    assert client.post(address, {"take_back": "1"}).status_code == 302
    with pytest.raises(Overtaken):
        take_back_excuse(asked=row, by=cast.office, at=now)
    assert as_(cast.m2).post(address, {"reason": "我说了算"}).status_code == 403


def test_closed_is_over_until_it_is_opened_again(cast, as_, now):
    request = ask(cast, cast.m1, due=today())
    close_request(request=request, by=cast.office, at=now)
    with pytest.raises(Overtaken):
        close_request(request=request, by=cast.propaganda, at=now)
    assert desk_of(cast.m1, now).today == []
    assert due_on(today()) == []
    assert as_(cast.office).get(f"/requests/{request.pk}/edit/").status_code == 400
    assert "没有要催的" in as_(cast.office).get("/requests/owed/").content.decode()
    request.refresh_from_db()
    reopen_request(request=request, by=cast.office, at=now)
    assert [line.person_id for line in due_on(today())] == [cast.m1.pk]


def test_a_request_of_a_mistake_is_taken_back_and_told(cast, as_, now):
    request = ask(cast, cast.m1)
    response = as_(cast.office).post(f"/requests/{request.pk}/discard/")
    assert response.headers["Location"] == "/requests/"
    assert not PaperRequest.objects.exists()
    page = as_(cast.m1).get("/me/reminders/").content.decode()
    assert "心得体会《学习体会》不用再交了" in page
    assert AuditEntry.objects.get(action="paper_request.discard").detail["title"] == "学习体会"


# -- reminding and urging ------------------------------------------------------------


def test_reminded_on_the_days_until_it_is_handed_in(cast, now):
    due = today() + timedelta(days=20)
    request = ask(cast, cast.m1, cast.m2, due=due)
    reminded = [left for left in range(20, -16, -1) if due_on(due - timedelta(days=left))]
    assert reminded == [7, 3, 1, 0, -1, -8, -15]
    hand_in(cast, now, request=request)
    (line,) = due_on(due - timedelta(days=3))
    assert (line.person_id, line.address) == (cast.m2.pk, f"/submissions/new/?request={request.pk}")
    assert f"{due.month}月{due.day}日截止，还有 3 天" in line.text


def test_urged_once_a_day_by_whoever_presses(cast, as_, now):
    request = ask(cast, cast.m1, cast.m2, at=now - timedelta(days=1))
    hand_in(cast, now, request=request)
    client = as_(cast.office)
    response = client.post("/requests/urge/", {"request": request.pk})
    assert response.headers["Location"] == f"/requests/{request.pk}/"
    line = ReminderLine.objects.get(is_urged=True)
    assert line.reminder.person == cast.m2
    assert "今天已经催过" in client.post("/requests/urge/", {"request": request.pk}, follow=True).content.decode()
    assert ReminderLine.objects.filter(is_urged=True).count() == 1
    assert AuditEntry.objects.filter(action="paper_request.urge").count() == 1
    assert "催办" in as_(cast.m2).get("/me/reminders/").content.decode()
    assert "催" in client.get("/requests/owed/").content.decode()


@pytest.mark.parametrize("person", ["foreign_office", "supervisor", "m1", "secretary"])
def test_nobody_else_urges(cast, as_, now, person):
    request = ask(cast, cast.m1, at=now - timedelta(days=1))
    rows = request.people.values_list("pk", flat=True)
    for sent in ({"request": request.pk}, {"asked": list(rows)}, {"group": cast.group.pk}, {"asked": ["x"]}, {}):
        assert as_(getattr(cast, person)).post("/requests/urge/", sent).status_code in (403, 404)
    assert not ReminderLine.objects.filter(is_urged=True).exists()
    with pytest.raises(NotAllowed):
        urge(asked=list(request.people.all()), by=getattr(cast, person), at=now)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_two_who_urge_at_once_make_one_line(cast, now):
    request = ask(cast, cast.m1, cast.m2, at=now - timedelta(days=1))
    rows, ready = list(request.people.all()), threading.Barrier(6)
    assert cast.office.authority

    def press(_number: int) -> None:
        try:
            ready.wait(timeout=60)
            urge(asked=rows, by=cast.office, at=now)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(press, range(6)))
    assert ReminderLine.objects.filter(reminder__day=today(), is_urged=True).count() == 2
    assert Reminder.objects.filter(day=today()).count() == 2


# -- pages -------------------------------------------------------------------------


def test_a_member_sees_only_how_he_stands_himself(cast, as_, now):
    request = ask(cast, cast.m1, cast.m2, title="大家的题目")
    hand_in(cast, now, author=cast.m2, request=request, title="成员二写的")
    client = as_(cast.m1)
    for address in (f"/requests/{request.pk}/", "/requests/", "/requests/?tab=group"):
        page = client.get(address).content.decode()
        assert "大家的题目" in page
        assert "成员二" not in page
        assert f"/submissions/new/?request={request.pk}" in page
    assert as_(cast.m3).get(f"/requests/{request.pk}/").status_code == 404
    assert "大家的题目" not in as_(cast.m3).get("/requests/").content.decode()
    for address in ("/requests/owed/", "/requests/owed.xlsx", f"/requests/{request.pk}/people.xlsx"):
        assert client.get(address).status_code == 403


def test_the_group_is_seen_by_who_leads_it_and_by_no_other_town(cast, as_):
    request = ask(cast, cast.m1, title="本镇的题目")
    for person in (cast.office, cast.propaganda, cast.secretary, cast.deputy):
        assert "本镇的题目" in as_(person).get("/requests/").content.decode()
        assert cast.m1.name in as_(person).get(f"/requests/{request.pk}/").content.decode()
        assert "本镇的题目" in as_(person).get("/requests/owed/").content.decode()
    assert "催一次" not in as_(cast.deputy).get("/requests/owed/").content.decode()
    for person in (cast.foreign_office, cast.foreign_secretary, cast.sub_office):
        assert "本镇的题目" not in as_(person).get("/requests/").content.decode()
        assert "本镇的题目" not in as_(person).get("/requests/owed/").content.decode()
        assert as_(person).get(f"/requests/owed/?group={cast.group.pk}").status_code == 200
        assert "本镇的题目" not in as_(person).get(f"/requests/owed/?group={cast.group.pk}").content.decode()
    assert as_(cast.supervisor).get("/requests/").status_code == 403


def test_the_list_of_debts_is_ordered_printed_and_put_into_words_without_names(cast, as_, now):
    late = ask(cast, cast.m2, at=now - timedelta(days=9), due=today() - timedelta(days=2), title="迟了的")
    ask(cast, cast.m1, cast.m2, title="还早的")
    client = as_(cast.office)
    page = client.get("/requests/owed/").content.decode()
    assert page.index("迟了的") < page.index("还早的")
    assert "2 天" in page
    message = page.split('id="message">')[1].split("</pre>")[0]
    assert "1. 心得体会《迟了的》" in message
    assert "成员" not in message
    by_person = client.get("/requests/owed/?sort=person").content.decode()
    assert by_person.index(">成员二") > by_person.index(">成员一") or by_person.index("还早的") > 0
    assert "data-print" in page
    book = load_workbook(io.BytesIO(client.get("/requests/owed.xlsx").getvalue())).active
    rows = [[cell.value for cell in row] for row in book.iter_rows(min_row=2)]
    assert rows[0][1:9] == ["姓名", "职务", "类别", "题目", "截止", "提交时间", "是否按时", "状态"]
    assert rows[1][1:9] == [
        "成员二", "纪委书记", "心得体会", "迟了的", late.due_on.isoformat(), None, "逾期 2 天", "未交",
    ]  # fmt: skip


def test_a_formula_in_a_title_stays_text_in_the_workbook(cast, as_, now):
    request = ask(cast, cast.m1, title="=HYPERLINK(1)")
    content = as_(cast.office).get(f"/requests/{request.pk}/people.xlsx").getvalue()
    cell = load_workbook(io.BytesIO(content)).active["E3"]
    assert (cell.value, cell.data_type) == ("=HYPERLINK(1)", "s")


@pytest.mark.parametrize("show", ["", "open", "overdue", "closed", "nonsense"])
def test_the_list_is_filtered_by_what_it_shows(cast, as_, now, show):
    ask(cast, cast.m1, title="进行中的")
    ask(cast, cast.m1, at=now - timedelta(days=9), due=today() - timedelta(days=1), title="逾期的")
    over = ask(cast, cast.m1, title="结束的")
    close_request(request=over, by=cast.office, at=now)
    page = as_(cast.office).get(f"/requests/?show={show}&year=x").content.decode()
    shown = {title for title in ("进行中的", "逾期的", "结束的") if f">{title}</a>" in page}
    everything = {"进行中的", "逾期的", "结束的"}
    assert shown == {"open": everything - {"结束的"}, "overdue": {"逾期的"}, "closed": {"结束的"}}.get(show, everything)


@pytest.mark.parametrize(
    ("person", "address"),
    [
        ("office", "/requests/"),
        ("office", "/requests/owed/"),
        ("office", "/requests/owed/?sort=person"),
        ("office", "/requests/{pk}/"),
        ("m1", "/requests/"),
        ("m1", "/"),
        ("office", "/"),
    ],
)
def test_pages_ask_the_same_number_of_queries_for_1_and_30(cast, as_, now, person, address):
    first = ask(cast, cast.m1, at=now - timedelta(days=9), due=today() - timedelta(days=1))
    hand_in(cast, now, request=ask(cast, cast.m1))
    client = as_(getattr(cast, person))

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address.format(pk=first.pk)).status_code == 200
        return len(captured)

    queries()
    few = queries()
    everybody = (cast.m1, cast.m2, cast.m3, cast.secretary, cast.deputy, cast.propaganda, cast.extended)
    PaperRequestPerson.objects.bulk_create(PaperRequestPerson(request=first, person=p) for p in everybody[1:])
    for _ in range(10):
        request = ask(cast, *everybody, at=now - timedelta(days=9), due=today() - timedelta(days=1))
        hand_in(cast, now, author=cast.m2, request=request)
    assert queries() == few


def test_ticking_people_does_not_make_a_stale_page_fresh(cast: Cast, as_: Any) -> None:
    request = ask(cast)
    edit, client = f"/requests/{request.pk}/edit/", as_(cast.office)
    typed = {"title": "我的题目", "due_on": request.due_on.isoformat(), "note": "", "version": "0"}
    PaperRequest.objects.filter(pk=request.pk).update(version=1, note="别人刚写的要求")
    page = client.post(edit, {**typed, "preset": "all"})
    saved = client.post(edit, {**typed, "version": page.context["form"]["version"].value(), "person": [cast.m1.pk]})
    assert saved.status_code == 409
    assert "别人刚写的要求" in saved.content.decode()


def test_closing_never_gives_a_version_back(cast: Cast, now: datetime) -> None:
    request = ask(cast)
    PaperRequest.objects.filter(pk=request.pk).update(version=5)
    close_request(request=request, by=cast.office, at=now)  # read before
    assert PaperRequest.objects.get().version == 6


def test_paper_approved_by_an_override_is_told_as_one(cast: Cast) -> None:
    request = ask(cast)
    paper = make_submission(cast, request=request)
    walk_to(paper.review, State.FIRST_REVIEW, cast)
    judge(paper.review, Move.OVERRIDE, by=cast.deputy)
    assert asked_line(request, cast.m1, cast.office).state == ("特批，待追认", "wait")


def test_seen_before_it_stood_there_is_not_seen(cast, as_, now):
    request = ask(cast, cast.m1, at=now)
    Reminder.objects.update(seen_at=now - timedelta(hours=1))
    address = f"/requests/{request.pk}/"
    assert "本人已看到" not in as_(cast.office).get(address).content.decode()
    Reminder.objects.update(seen_at=now + timedelta(hours=1))
    assert "本人已看到" in as_(cast.office).get(address).content.decode()


def test_the_workbooks_name_can_be_stored_anywhere(cast, as_, now):
    request = ask(cast, cast.m1, at=now, title='“党建+”a/b:c?"d"')
    header = as_(cast.office).get(f"/requests/{request.pk}/people.xlsx").headers["Content-Disposition"]
    name = unquote(header)
    assert not set("/:?") & set(name.partition("''")[2])


def test_who_was_urged_today_is_not_offered_again(cast, as_, now):
    request, client = ask(cast, cast.m1, cast.m2, at=now), as_(cast.office)
    address = f"/requests/{request.pk}/"
    assert "催一次（2 人）" in client.get(address).content.decode()
    urge(asked=[request.people.get(person=cast.m1)], by=cast.office, at=now)
    assert "催一次（1 人）" in client.get(address).content.decode()
    urge(asked=list(request.people.all()), by=cast.office, at=now)
    assert "还没交的 2 人，今天都催过了" in client.get(address).content.decode()
