"""签到: the phone, the screen and the clerk's register."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.actions.people import enrol
from accounts.models import User
from accounts.permissions import Role
from sessions_app import codes
from sessions_app.actions import attendance as actions
from sessions_app.actions.participants import roster_of
from sessions_app.actions.session_life import close
from sessions_app.models import Attendance, SignInAttempt, StudySession
from studygroup.lib.errors import Refused
from studygroup.lib.models import AuditEntry
from tests.conftest import PASSWORD
from tests.factories import fill_register, make_session, register, sign_in


def add_members(cast, number, category=Role.MEMBER):
    people = [User(username=f"more{i}", name=f"后来{i}", password="!") for i in range(number)]
    User.objects.bulk_create(people)
    people = list(User.objects.filter(username__startswith="more").order_by("pk"))
    for position, user in enumerate(people, start=200):
        enrol(
            group=cast.group,
            user=user,
            category=category,
            title="",
            starts_on=date(2020, 1, 1),
            position=position,
            by=None,
            at=timezone.now(),
        )
    return people


def scan(client, session, at=None, token=None):
    token = token or codes.token_at(session, at or timezone.now())
    return client.get(reverse("sign_in_scan", args=[session.pk, token]))


def page_of(session):
    return reverse("sign_in", args=[session.pk])


def post_digits(client, session, digits=None):
    return client.post(page_of(session), {"code": digits or codes.digits_at(session, timezone.now())})


def rows(session):
    return Attendance.objects.filter(session=session)


# -- the phone ---------------------------------------------------------------


def test_scanning_alone_signs_nobody_in_and_the_button_does(cast, as_):
    session, phone = make_session(cast), as_(cast.m1)
    response = scan(phone, session)
    assert response.url == page_of(session)
    page = phone.get(page_of(session))
    assert not rows(session).exists()
    assert "签到" in page.content.decode()
    assert 'name="code"' not in page.content.decode()
    assert phone.post(page_of(session)).status_code == 302
    row = rows(session).get()
    assert (row.person, row.source, row.entered_by) == (cast.m1, "qr", cast.m1)
    shown = phone.get(page_of(session)).content.decode()
    assert f"已签到 {timezone.localtime(row.at):%H:%M}" in shown
    assert AuditEntry.objects.filter(action="attendance.register", target_id=row.pk, actor=cast.m1).count() == 1


def test_claim_survives_a_slow_login(cast, client):
    session = make_session(cast)
    scan(client, session)
    response = client.get(page_of(session))
    assert response.url == f"/login/?next={page_of(session)}"
    client.post(response.url, {"username": "m1", "password": PASSWORD})
    client.post(page_of(session))
    assert rows(session).get().source == "qr"


def test_claim_is_good_for_its_session_and_five_minutes_only(cast, as_):
    session, other, phone = make_session(cast), make_session(cast, title="另一次"), as_(cast.m1)
    scan(phone, session)
    assert phone.post(page_of(other)).status_code == 400
    stored = phone.session
    stored["sign_in_claim"] = {"session": session.pk, "until": timezone.now().timestamp() - 1}
    stored.save()
    assert phone.post(page_of(session)).status_code == 400
    assert not Attendance.objects.exists()


@pytest.mark.parametrize("kind", ["old", "changed", "of another session", "of the future"])
def test_a_token_that_is_not_current_gives_no_claim(cast, as_, kind):
    session, now, phone = make_session(cast), timezone.now(), as_(cast.m1)
    token = {
        "old": codes.token_at(session, now - timedelta(seconds=45)),
        "changed": codes.token_at(session, now)[:-2] + "zz",
        "of another session": codes.token_at(make_session(cast, title="另一次"), now),
        "of the future": codes.token_at(session, now + timedelta(seconds=60)),
    }[kind]
    response = scan(phone, session, token=token)
    assert response.url == f"{page_of(session)}?expired=1"
    page = phone.get(response.url).content.decode()
    assert "请重新扫描屏幕上的新码，或输入屏幕上的六位数字" in page
    assert phone.post(page_of(session)).status_code == 400
    assert not rows(session).exists()


def test_a_token_of_a_session_that_does_not_exist_looks_like_any_old_one(client, db):
    assert client.get("/s/987654/00ff/").url == "/sessions/987654/sign-in/?expired=1"


def test_too_early_says_when_it_opens_and_waits(cast, as_, now):
    session, phone = make_session(cast, starts_at=now + timedelta(minutes=50)), as_(cast.m1)
    scan(phone, session)
    assert phone.post(page_of(session)).status_code == 200
    page = phone.get(page_of(session)).content.decode()
    assert f"{timezone.localtime(session.sign_in_opens_at):%H:%M} 开始签到" in page
    assert 'http-equiv="refresh"' in page
    assert not rows(session).exists()
    assert SignInAttempt.objects.get().reason.startswith("还没有到签到时间")


def test_six_digits_in_any_typing_sign_in(cast, as_):
    session = make_session(cast)
    digits = codes.digits_at(session, timezone.now())
    wide = digits.translate({ord(str(n)): chr(0xFF10 + n) for n in range(10)})
    post_digits(as_(cast.m1), session, f" {wide[:3]} {wide[3:]} ")
    assert rows(session).get().source == "code"


def test_asked_again_the_first_row_is_told_and_stays(cast, as_):
    session, phone = make_session(cast), as_(cast.m1)
    post_digits(phone, session)
    first = rows(session).get()
    response = phone.post(page_of(session), {"code": "000000"})
    assert response.status_code in (200, 302)
    assert "已签到" in phone.get(page_of(session)).content.decode()
    assert rows(session).get().at == first.at
    assert not SignInAttempt.objects.exclude(reason=actions.WRONG_CODE).exists()


def test_two_hundred_requests_by_thirty_people_leave_thirty_rows(cast, as_):
    people = add_members(cast, 24) + [cast.secretary, cast.deputy, cast.propaganda, cast.m1, cast.m2, cast.m3]
    session = make_session(cast)
    phones = [as_(person) for person in people]
    for number in range(200):
        response = post_digits(phones[number % 30], session)
        assert response.status_code == 302
    assert rows(session).count() == 30
    assert rows(session).values("person").distinct().count() == 30


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_hundred_requests_at_once_leave_thirty_rows(cast, as_):
    people = add_members(cast, 24) + [cast.secretary, cast.deputy, cast.propaganda, cast.m1, cast.m2, cast.m3]
    session = make_session(cast)
    cookies = [as_(person).cookies for person in people]

    def press(number):
        phone = Client()
        phone.cookies = cookies[number % 30]
        try:
            return post_digits(phone, session).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(16) as pool:
        assert set(pool.map(press, range(200))) == {302}
    assert rows(session).count() == 30


def test_wrong_digits_are_refused_kept_and_stopped(cast, as_):
    session, phone = make_session(cast), as_(cast.m1)
    good = codes.digits_at(session, timezone.now())
    wrong = "111111" if good != "111111" else "222222"
    for _ in range(actions.WRONG_CODES_ALLOWED):
        response = post_digits(phone, session, wrong)
        assert response.status_code == 400
        assert "六位数字不对或已过期" in response.content.decode()
    response = post_digits(phone, session)
    assert "六位数字输错次数过多" in response.content.decode()
    assert SignInAttempt.objects.filter(person=cast.m1).count() == actions.WRONG_CODES_ALLOWED
    assert not rows(session).exists()
    post_digits(as_(cast.m2), session)  # nobody else is stopped
    assert rows(session).get().person == cast.m2


def test_letters_and_short_codes_are_a_message_at_the_field(cast, as_):
    session = make_session(cast)
    response = post_digits(as_(cast.m1), session, "12345")
    assert "请输入屏幕上的六位数字" in response.content.decode()
    assert not SignInAttempt.objects.exists()


@pytest.mark.parametrize(("minutes", "status"), [(-1, "present"), (5, "present"), (5.1, "late"), (30, "late")])
def test_late_begins_after_the_groups_minutes(cast, now, minutes, status):
    cast.group.late_after_minutes = 5
    cast.group.save(update_fields=["late_after_minutes"])
    session = make_session(cast, starts_at=now)
    row = sign_in(session, cast.m1, at=now + timedelta(minutes=minutes))
    assert row.status == status


def test_after_the_window_and_after_the_close_nobody_signs_in(cast, now):
    session = make_session(cast, starts_at=now - timedelta(hours=3))
    with pytest.raises(Refused, match="签到时间已过"):
        sign_in(session, cast.m1, at=now)
    close(session=session, mark_absent=True, by=cast.office, at=now)
    with pytest.raises(Refused, match="已经结束"):
        sign_in(session, cast.m1, at=now)
    assert not rows(session).filter(status="present").exists()


def test_somebody_not_expected_is_told_kindly_and_a_stranger_nothing(cast, as_):
    session = make_session(cast)
    cast.m1.participations.all().delete()
    page = as_(cast.m1).get(page_of(session))
    assert page.status_code == 200
    assert "您不在这次学习的名单里" in page.content.decode()
    assert as_(cast.m1).post(page_of(session), {"code": "123456"}).status_code == 200
    for method in ("get", "post"):
        response = getattr(as_(cast.foreign_m1), method)(page_of(session))
        assert response.status_code == 404
        assert session.title not in response.content.decode()
    assert not rows(session).exists()


def test_somebody_noted_absent_who_comes_after_all_is_present(cast, as_, now):
    session = make_session(cast)
    register(session, cast.m1, "leave", leave_reason="sick", by=cast.office, at=now)
    post_digits(as_(cast.m1), session)
    row = rows(session).get()
    assert row.attended
    assert (row.leave_reason, row.source) == ("", "code")


def test_sign_in_takes_few_statements_whatever_the_groups_size(cast, as_):
    def statements(phone, session):
        post = {"code": codes.digits_at(session, timezone.now())}
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert phone.post(page_of(session), post).status_code == 302
        return [q["sql"] for q in queries if not q["sql"].startswith(("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE"))]

    phone = as_(cast.m1)
    small, quiet = make_session(cast), make_session(cast, title="先看一眼")
    phone.get(page_of(quiet))
    add_members(cast, 30)
    large = make_session(cast, title="人多的一次")
    counted = [statements(phone, session) for session in (small, large)]
    assert [len(found) for found in counted] == [5, 5], counted


PHONE_BUDGET = 30_000


def first_visit(page):
    """Bytes of a page and of everything it asks for, without compression and with an empty cache."""
    assets = re.findall(rb'(?:href|src)="/static/([^"]+)"', page)
    assert b"css/tokens.css" in assets
    return len(page) + sum(Path(finders.find(name.decode())).stat().st_size for name in assets)


def test_the_phones_page_is_light_and_needs_no_script(cast, as_):
    session, phone = make_session(cast), as_(cast.m1)
    asked = phone.get(page_of(session)).content
    post_digits(phone, session)
    told = phone.get(page_of(session)).content
    for page in (asked, told):
        assert len(page) < 4_000
        assert first_visit(page) < PHONE_BUDGET
        assert b"<script" not in page
    assert b'inputmode="numeric"' in asked
    assert b'autocomplete="one-time-code"' in asked
    assert "已签到" in told.decode()


@pytest.mark.parametrize("step", [timedelta(minutes=-1), timedelta(minutes=1)])
def test_a_step_of_the_servers_clock_makes_no_stale_code_good(cast, now, step):
    """The code of before the step is refused after it; the code of after it works at once."""
    session = make_session(cast)
    place = session.participants.select_related("person").get(person=cast.m1)
    place.session = session
    proof = {"place": place, "person": cast.m1, "saw_screen": False}
    before, after = now, now + step
    assert not codes.is_current_token(session, codes.token_at(session, before), after)
    with pytest.raises(Refused, match="六位数字不对或已过期"):
        actions.sign_in_by_phone(**proof, at=after, digits=codes.digits_at(session, before))
    assert not rows(session).exists()
    actions.sign_in_by_phone(**proof, at=after, digits=codes.digits_at(session, after))
    assert rows(session).count() == 1


def test_a_token_shown_before_the_time_is_worth_nothing_before_it(cast, as_, now):
    session, phone = make_session(cast, starts_at=now + timedelta(hours=2)), as_(cast.m1)
    scan(phone, session)
    phone.post(page_of(session))
    post_digits(phone, session)
    assert not rows(session).exists()


def test_many_refusals_leave_few_rows(cast, as_, now):
    """Whoever presses on and on — too early, off the list — cannot fill the table."""
    session, phone = make_session(cast, starts_at=now + timedelta(hours=2)), as_(cast.m1)
    for _ in range(20):
        post_digits(phone, session, "123456")
    assert SignInAttempt.objects.count() == 1
    assert SignInAttempt.objects.get().source == "code"


# -- the screen --------------------------------------------------------------


def test_only_the_screen_is_red_until_the_session_should_end(cast, as_, now):
    def red(session):
        page = as_(cast.office).get(f"/sessions/{session.pk}/register/").content.decode()
        return re.findall(r'class="btn btn-primary"[^>]*>([^<]+)<', page)

    assert red(make_session(cast, starts_at=now)) == ["投影页"]
    assert red(make_session(cast, starts_at=now - timedelta(days=1))) == ["结束学习…"]


def test_screen_shows_code_digits_and_counts(cast, as_, settings):
    settings.PUBLIC_URL = "http://10.1.2.3:8000"
    session = make_session(cast)
    register(session, cast.m1, "present", by=cast.office, at=timezone.now())
    page = as_(cast.office).get(reverse("screen", args=[session.pk])).content.decode()
    digits = re.search(r"screen-digits\">(\d{3}) (\d{3})<", page)
    assert codes.is_current_digits(session, "".join(digits.groups()), timezone.now())
    assert "<svg" in page
    assert "PUBLIC_URL" not in page
    assert re.findall(r"<dd>(\d+)</dd>", page) == ["6", "1", "0", "5"]
    assert 'aria-label="主导航"' not in page


@pytest.mark.parametrize(
    ("host", "hinted"),
    [("localhost:8000", True), ("127.0.0.1", True), ("[::1]:8000", True), ("10.1.2.3:8000", False)],
)
def test_register_and_not_the_screen_says_that_phones_cannot_reach_it(cast, as_, settings, host, hinted):
    settings.PUBLIC_URL = ""
    settings.ALLOWED_HOSTS = ["*"]
    session, office = make_session(cast), as_(cast.office)

    def page(name):
        return office.get(reverse(name, args=[session.pk]), headers={"host": host}).content.decode()

    assert ("请系统管理员设置手机能打开的地址" in page("register")) is hinted
    for name in ("screen", "screen_live"):
        assert "<svg" in page(name)
        assert "PUBLIC_URL" not in page(name)


def test_screen_gives_no_code_before_the_time(cast, as_, now):
    session = make_session(cast, starts_at=now + timedelta(hours=2))
    page = as_(cast.office).get(reverse("screen", args=[session.pk])).content.decode()
    assert "还没有到签到时间" in page
    assert "screen-digits" not in page


# -- the register ------------------------------------------------------------


def tap(client, session, mark, person, seen=""):
    return client.post(reverse("register", args=[session.pk]), {"one": f"{mark}:{person.pk}.{seen}"})


def test_one_tap_registers_corrects_and_takes_back(cast, as_):
    session, office = make_session(cast), as_(cast.office)
    response = tap(office, session, "official", cast.m1)
    assert response.url == f"{reverse('register', args=[session.pk])}#p{cast.m1.pk}"
    row = rows(session).get()
    assert (row.status, row.leave_reason, row.source, row.entered_by) == ("leave", "official", "register", cast.office)
    tap(office, session, "late", cast.m1, "leave")
    assert rows(session).get().status == "late"
    tap(office, session, "remove", cast.m1, "late")
    assert not rows(session).exists()
    actions_kept = AuditEntry.objects.filter(target_id=session.pk, action__startswith="attendance.")
    assert [e.action.rpartition(".")[2] for e in actions_kept.order_by("pk")] == [
        "register_many",
        "register_many",
        "remove",
    ]


def test_correcting_how_somebody_came_keeps_when_he_came(cast, as_, now):
    session = make_session(cast, starts_at=now - timedelta(minutes=30))
    came, later = now - timedelta(minutes=8), now + timedelta(minutes=5)
    sign_in(session, cast.m1, at=came)

    def correct(seen, status, **reason):
        actions.register_many(
            session=session, seen={cast.m1.pk: seen}, status=status, by=cast.office, at=later, **reason
        )
        row = rows(session).get(person=cast.m1)
        return row.status, row.source, row.at

    assert correct("late", "present") == ("present", "register", came)
    assert correct("present", "late") == ("late", "register", came)
    assert correct("late", "absent") == ("absent", "register", later)
    assert correct("absent", "leave", leave_reason="sick")[2] == later
    assert correct("leave", "present")[2] == later


def test_after_a_tap_the_clerk_stands_at_the_next_of_his_list(cast, as_):
    session = make_session(cast)
    register_page = reverse("register", args=[session.pk]) + "?show=unregistered"
    response = as_(cast.office).post(register_page, {"one": f"present:{cast.m1.pk}."})
    assert response.url == f"{register_page}#p{cast.m2.pk}"


def test_bulk_registers_the_ticked(cast, as_):
    session, office = make_session(cast), as_(cast.office)
    address = reverse("register", args=[session.pk])
    lines = [f"{person.pk}." for person in (cast.m1, cast.m2, cast.m3)]
    office.post(address, {"bulk": "present", "line": lines})
    assert set(rows(session).values_list("person", "status")) == {
        (p.pk, "present") for p in (cast.m1, cast.m2, cast.m3)
    }
    response = office.post(address, {"bulk": "present"})
    assert response.status_code == 400
    assert "请先勾选人员" in response.content.decode()


def test_bulk_fits_two_hundred_people_in_few_statements(cast, as_):
    people = add_members(cast, 200)
    session = make_session(cast)
    office, address = as_(cast.office), reverse("register", args=[session.pk])
    assert office.get(address).content.decode().count('name="line"') == 206
    with CaptureQueriesContext(connection) as queries:
        office.post(address, {"bulk": "present", "line": [f"{p.pk}." for p in people]})
    assert rows(session).count() == 200
    assert len(queries) <= 20


def test_register_does_not_overwrite_who_signed_in_this_moment(cast, as_):
    session, office = make_session(cast), as_(cast.office)
    post_digits(as_(cast.m1), session)
    address = reverse("register", args=[session.pk])
    response = office.post(address, {"bulk": "absent", "line": [f"{cast.m1.pk}.", f"{cast.m2.pk}."]}, follow=True)
    assert dict(rows(session).values_list("person", "status"))[cast.m1.pk] in ("present", "late")
    assert rows(session).get(person=cast.m2).status == "absent"
    assert "成员一的登记刚刚有变化" in response.content.decode()


def test_register_takes_nobody_from_outside_and_nothing_after_the_close(cast, as_, now):
    session, office = make_session(cast), as_(cast.office)
    assert tap(office, session, "present", cast.foreign_m1).status_code == 400
    with pytest.raises(Refused):
        actions.register_many(session=session, seen={cast.foreign_m1.pk: ""}, status="present", by=cast.office, at=now)
    close(session=session, mark_absent=True, by=cast.office, at=session.ends_at)
    assert tap(office, session, "present", cast.m1, "absent").status_code == 400
    assert not rows(session).filter(status="present").exists()


def test_chips_count_and_filter(cast, as_):
    members = roster_of(cast.group, timezone.localdate())
    session = make_session(cast, members=members)
    register(session, cast.m1, "late", by=cast.office, at=timezone.now())
    register(session, cast.observer, "present", by=cast.office, at=timezone.now())
    office, address = as_(cast.office), reverse("register", args=[session.pk])
    page = office.get(address).content.decode()
    chips = dict(re.findall(r">([^<>]+)<strong>(\d+)</strong>", page))
    assert chips == {"应到": "7", "实到": "1", "其中迟到": "1", "请假": "0", "缺席": "0", "未到": "6", "列席": "1"}
    late = office.get(address, {"show": "late"}).content.decode()
    assert "成员一" in late
    assert "成员二" not in late


def test_live_part_tells_counts_and_only_the_fresh_lines(cast, as_):
    session, office = make_session(cast), as_(cast.office)
    fill_register(session, by=cast.office)
    rows(session).filter(person=cast.m1).delete()
    rows(session).update(at=timezone.now() - timedelta(minutes=5))
    post_digits(as_(cast.m1), session)
    since = int(timezone.now().timestamp()) - 5
    part = office.get(reverse("register_live", args=[session.pk]), {"since": since}).content.decode()
    assert "成员一" in part
    assert "成员二" not in part
    assert "应到<strong>6</strong>" in part
    assert "<html" not in part


def test_sheet_has_the_registers_numbers(cast, as_):
    session = make_session(cast)
    page = as_(cast.office).get(reverse("sign_in_sheet", args=[session.pk])).content.decode()
    numbered = dict(re.findall(r"<tr><td>(\d+)</td><td class=\"nowrap\">([^<]+)</td>", page))
    assert numbered == {str(p.number): p.person.name for p in session.participants.select_related("person")}


@pytest.mark.parametrize("name", ["register", "register_live", "screen", "screen_live"])
def test_the_clerks_pages_are_the_clerks(cast, as_, name):
    address = reverse(name, args=[make_session(cast).pk])
    assert as_(cast.office).get(address).status_code == 200
    assert as_(cast.propaganda).get(address).status_code == 200
    for person in (cast.m1, cast.secretary, cast.extended, cast.supervisor):
        assert as_(person).get(address).status_code == 403
    foreign = as_(cast.foreign_office).get(address)
    assert foreign.status_code == 404
    assert "成员一" not in foreign.content.decode()


def test_register_page_takes_the_same_statements_for_any_number(cast, as_):
    small = make_session(cast)
    add_members(cast, 30)
    large = make_session(cast, title="人多的一次")
    office, counted = as_(cast.office), []
    office.get(reverse("register", args=[small.pk]))
    for session in (small, large):
        fill_register(session, by=cast.office)
        with CaptureQueriesContext(connection) as queries:
            office.get(reverse("register", args=[session.pk]))
        counted.append(len(queries))
    assert counted[0] == counted[1] <= 12
    assert StudySession.objects.with_counts().get(pk=large.pk).present_count == 36
