"""第N次 follows the date, and what the office is asked and told before it calls."""

from datetime import timedelta

import pytest

from sessions_app.actions.session import change_session, usual_place
from sessions_app.actions.session_life import call
from sessions_app.models import PlanItem, StudySession
from studygroup.lib.errors import Refused
from studygroup.lib.models import AuditEntry
from tests.factories import item_row, kind, make_annual_plan, make_closed_session, make_session
from tests.sessions_app.test_session import form_data, text_of


def serials(*sessions):
    stored = dict(StudySession.objects.values_list("pk", "serial"))
    return [stored[session.pk] for session in sessions]


def test_called_out_of_order_they_are_numbered_by_date(cast, now):
    late, early, middle = (
        make_session(cast, starts_at=now + timedelta(days=days), called=False) for days in (20, 5, 10)
    )
    for session in (late, early, middle):
        call(session=session, by=cast.office, at=now)
    assert serials(early, middle, late) == [1, 2, 3]
    assert (early.serial, middle.serial) == (1, 2)


def test_what_was_held_keeps_its_number(cast, now):
    held = make_closed_session(cast, starts_at=now - timedelta(days=3))
    late = make_session(cast, starts_at=now + timedelta(days=20))
    early = make_session(cast, starts_at=now + timedelta(days=5))
    assert serials(held, early, late) == [1, 2, 3]
    told = AuditEntry.objects.filter(action="session.call").latest("pk").detail
    assert told["dealt_again"] == {str(late.pk): [2, 3], str(early.pk): [3, 2]}


def test_moved_to_another_day_they_are_numbered_anew(cast, now):
    first = make_session(cast, starts_at=now + timedelta(days=5))
    second = make_session(cast, starts_at=now + timedelta(days=10))
    moved = {"starts_at": now + timedelta(days=20), "ends_at": now + timedelta(days=20, hours=2), "serial": None}
    change_session(
        session=first, seen_version=first.version, facts=moved, kinds=[kind()], agenda=[], by=cast.office, at=now
    )
    assert serials(second, first) == [1, 2]


def test_an_untouched_number_in_an_open_form_does_not_come_back(cast, as_, now):
    late = make_session(cast, starts_at=now + timedelta(days=20))
    typed = form_data(late, serial=1, serial_was="1")
    make_session(cast, starts_at=now + timedelta(days=5))
    assert as_(cast.office).post(f"/sessions/{late.pk}/edit/", typed).status_code == 302
    assert serials(late) == [2]


def test_after_its_end_a_session_is_not_called(cast, now):
    draft = make_session(cast, starts_at=now - timedelta(days=1), called=False)
    with pytest.raises(Refused, match="时间已经过了"):
        call(session=draft, by=cast.office, at=now)


def test_before_calling_the_page_says_what_will_happen(cast, as_, now):
    draft = make_session(cast, starts_at=now + timedelta(days=1), called=False)
    page = text_of(as_(cast.office).get(f"/sessions/{draft.pk}/"))
    assert f'data-confirm="通知 {draft.participants.count()} 人：' in page
    assert "主持人还没有定。" in page


def test_a_session_is_tied_to_a_topic_of_the_months_about(cast, as_, now):
    day = now + timedelta(days=1)
    rows = [item_row("当月专题", month=day.month), item_row("半年外的专题", month=(day.month + 5) % 12 + 1)]
    make_annual_plan(cast, year=day.year, rows=rows)
    item = PlanItem.objects.get(topic="当月专题")
    office = as_(cast.office)
    page = text_of(office.get("/sessions/new/"))
    assert "当月专题" in page
    assert "半年外的专题" not in page
    assert office.post("/sessions/new/", form_data(plan_item=item.pk)).status_code == 302
    assert StudySession.objects.get().plan_item == item


def test_a_held_session_is_tied_from_the_years_page(cast, as_, now):
    make_annual_plan(cast, year=now.year, rows=[item_row("当月专题", month=now.month)])
    item = PlanItem.objects.get()
    held = make_closed_session(cast, starts_at=now - timedelta(hours=3))
    office = as_(cast.office)
    assert f"/sessions/{held.pk}/record/#div_id_plan_item" in text_of(office.get(f"/plans/?year={held.day.year}"))
    office.post(f"/sessions/{held.pk}/record/", {"plan_item": item.pk, "record": "", "version": held.version})
    held.refresh_from_db()
    assert held.plan_item == item


def test_the_usual_place_is_offered(cast, as_, now):
    for days, place in ((9, "党委会议室"), (6, "党委会议室"), (3, "大礼堂")):
        make_closed_session(cast, starts_at=now - timedelta(days=days), place=place)
    assert usual_place(cast.group) == "党委会议室"
    assert 'value="党委会议室"' in text_of(as_(cast.office).get("/sessions/new/"))


def test_todays_session_stands_first(cast, as_, now):
    make_session(cast, title="下个月的", starts_at=now + timedelta(days=30))
    make_session(cast, title="就是今天的", starts_at=now)
    page = text_of(as_(cast.office).get("/sessions/"))
    assert page.index("就是今天的") < page.index("下个月的")
    assert "今天</span>" in page
