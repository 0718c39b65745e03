"""参加人员 beyond the roster: 同上次 in one click, and somebody who takes part only this once."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Membership, User
from sessions_app.actions.participants import add_guest, last_like, roster_of, roster_on, set_participants
from sessions_app.actions.session_life import close
from sessions_app.models import StudySession
from studygroup.lib.errors import NotAllowed, Overtaken, Refused
from tests.factories import fill_register, make_session


def text_of(response):
    return response.content.decode()


def names_of(session):
    return [p.person.name for p in session.participants.select_related("person")]


def only(session, *people, by, at):
    members = [m for m in roster_on(session.group, session) if m.user in people]
    set_participants(session=session, members=members, by=by, at=at)


# -- 同上次 -------------------------------------------------------------------


def test_last_like_prefers_the_series_then_the_kind(cast, now):
    week = timedelta(days=7)
    enlarged = make_session(cast, kinds=("enlarged_study",), starts_at=now - 3 * week)
    other = make_session(cast, kinds=("onsite_teaching",), starts_at=now - week)
    make_session(cast, kinds=("enlarged_study",), starts_at=now - timedelta(days=1), called=False)
    session = make_session(cast, kinds=("enlarged_study",), called=False)
    assert last_like(session) == enlarged
    assert last_like(make_session(cast, kinds=("reading_class",), called=False)) == other
    assert last_like(enlarged) is None


def test_same_as_last_tells_what_it_changed(cast, as_, now):
    last = make_session(cast, title="上周那次", starts_at=now - timedelta(days=7), called=False)
    only(last, cast.m1, cast.m3, cast.extended, by=cast.office, at=now)
    StudySession.objects.filter(pk=last.pk).update(state="called")
    Membership.objects.filter(user=cast.m3).update(ends_on=timezone.localdate() - timedelta(days=2))
    session = make_session(cast, starts_at=now + timedelta(days=1), called=False)
    page = text_of(as_(cast.office).post(f"/sessions/{session.pk}/participants/same/", follow=True))
    assert names_of(session) == ["成员一", "扩大丁"]
    assert "“上周那次”的参加人员，共 2 人" in page
    assert "加入扩大丁" in page
    assert "去掉书记甲、副书记乙、宣委丙、成员二" in page
    assert "成员三已不在学习当天的名单里" in page


def test_same_as_last_without_one_before_changes_nothing(cast, as_):
    session = make_session(cast, called=False)
    before = names_of(session)
    page = text_of(as_(cast.office).post(f"/sessions/{session.pk}/participants/same/", follow=True))
    assert "没有可以照用的名单" in page
    assert names_of(session) == before
    assert as_(cast.m1).post(f"/sessions/{make_session(cast).pk}/participants/same/").status_code == 403


# -- 单次临时参加 --------------------------------------------------------------


def typed(session, **changes):
    return {"category": "extended", "title": "县农业农村局", "version": session.version} | changes


def test_a_newcomer_by_name_takes_part_this_once_and_cannot_log_in(cast, as_):
    session = make_session(cast)
    office, address = as_(cast.office), f"/sessions/{session.pk}/participants/guest/"
    people = User.objects.count()
    assert office.post(address, typed(session, name="来客壬")).status_code == 302
    assert office.post(address, typed(session, name="来客壬")).status_code == 302  # pressed twice
    assert User.objects.count() == people + 1
    place = session.participants.get(person__name="来客壬")
    assert (place.category, place.title, place.number) == ("extended", "县农业农村局", 7)
    member = Membership.objects.get(user=place.person)
    assert (member.starts_on, member.ends_on) == (session.day, session.day)
    assert not place.person.is_active
    assert not place.person.has_usable_password()
    for password in ("", "!", place.person.password):
        Client().post("/login/", {"username": place.person.username, "password": password})
    assert User.objects.get(pk=place.person_id).last_login is None
    tomorrow = session.day + timedelta(days=1)
    assert place.person_id not in {m.user_id for m in roster_of(cast.group, tomorrow)}
    assert "来客壬" in text_of(office.get(f"/sessions/{session.pk}/participants/"))


def test_somebody_known_is_chosen_and_foreigners_are_not_offered(cast, as_):
    session = make_session(cast)
    office, address = as_(cast.office), f"/sessions/{session.pk}/participants/guest/"
    page = text_of(office.get(address))
    assert "办公室己" in page
    assert "外镇成员" not in page
    assert "成员一" not in page
    office.post(address, typed(session, person=cast.foreign_m1.pk))
    assert not session.participants.filter(person=cast.foreign_m1).exists()
    office.post(address, typed(session, person=cast.office.pk, category="observer"))
    place = session.participants.get(person=cast.office)
    assert place.category == "observer"
    assert cast.office.is_active


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, "请选择一位同志，或在旁边填写姓名"),
        ({"name": "   "}, "请选择一位同志，或在旁边填写姓名"),
        ({"name": "成员一"}, "已在学习当天的名单里"),
        ({"name": "来" * 51}, "最多 50 个字"),
        ({"name": "来客壬", "category": "member"}, "member"),
        ({"name": "来客壬", "version": "99"}, "别人修改过"),
    ],
)
def test_wrong_guests_are_refused_with_a_reason(cast, as_, changes, told):
    session = make_session(cast)
    response = as_(cast.office).post(f"/sessions/{session.pk}/participants/guest/", typed(session, **changes))
    assert told in text_of(response)
    assert session.participants.count() == 6
    assert not User.objects.filter(name="来客壬").exists()


def test_guests_need_the_right_and_an_open_session(cast, now):
    facts = {"person": None, "name": "来客壬", "category": "observer", "title": "", "department": "", "at": now}
    session = make_session(cast, starts_at=now - timedelta(hours=1))
    with pytest.raises(NotAllowed):
        add_guest(session=session, seen_version=session.version, by=cast.m1, **facts)
    with pytest.raises(Overtaken):
        add_guest(session=session, seen_version=session.version + 1, by=cast.office, **facts)
    fill_register(session, by=cast.office)
    close(session=session, by=cast.office, at=now)
    with pytest.raises(Refused, match="已经结束"):
        add_guest(session=session, seen_version=session.version, by=cast.office, **facts)
    assert not User.objects.filter(name="来客壬").exists()
