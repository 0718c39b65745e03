"""自助签到机: a shared computer, names, and a PIN."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.hashers import check_password
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.actions.people import end_appointment, set_sign_in_pin
from accounts.models import Appointment, User
from sessions_app import codes
from sessions_app.actions import kiosk as actions
from sessions_app.actions.attendance import WRONG_CODES_WITHIN, WRONG_PIN, WRONG_PINS_ALLOWED
from sessions_app.actions.session_life import call, close, reopen
from sessions_app.models import Attendance, SignInAttempt, StudySession
from studygroup.lib.errors import NotAllowed, Refused
from studygroup.lib.models import AuditEntry
from tests.conftest import PASSWORD
from tests.factories import make_session
from tests.sessions_app.test_attendance import add_members

PIN, CLERKS_PIN = "5027", "731904"


@pytest.fixture
def session(cast, now):
    set_sign_in_pin(pin=PIN, by=cast.m1, at=now)
    set_sign_in_pin(pin=CLERKS_PIN, by=cast.office, at=now)
    return make_session(cast)


def address(session):
    return reverse("kiosk", args=[codes.kiosk_token(session)])


def number_of(session, person):
    return session.participants.get(person=person).number


def confirm(client, session, person, pin, by=None):
    page = f"{address(session)}?n={number_of(session, person)}"
    return client.post(page, {"by": (by or person).pk, "pin": pin})


def text(response):
    return response.content.decode()


# -- opening ------------------------------------------------------------------


def test_opening_it_here_signs_the_clerk_out(session, cast, as_):
    office = as_(cast.office)
    response = office.post(reverse("register_kiosk", args=[session.pk]))
    assert (response.status_code, response.url) == (303, address(session))
    page = office.get(response.url)
    assert cast.m1.name in text(page)
    assert cast.office.name not in text(page)
    assert office.get(reverse("register", args=[session.pk])).url.startswith("/login/")
    assert AuditEntry.objects.get(action="session.kiosk_open").actor == cast.office


def test_the_office_reads_the_address_to_type_elsewhere(session, cast, as_, settings):
    settings.PUBLIC_URL = "http://10.1.2.3:8000"
    page = text(as_(cast.office).get(reverse("register_kiosk", args=[session.pk])))
    assert f"http://10.1.2.3:8000{address(session)}" in page
    assert "<svg" in page
    assert as_(cast.m1).get(reverse("register_kiosk", args=[session.pk])).status_code == 403


def test_a_browser_still_signed_in_is_told_to_sign_out(session, cast, as_, client):
    page = text(as_(cast.office).get(address(session)))
    assert "这台电脑上还登录着一个账号" in page
    assert cast.office.name not in page
    assert "还登录着" not in text(client.get(address(session)))


def test_nobody_opens_one_for_a_session_that_is_over(session, cast, as_, now):
    late = session.sign_in_closes_at + timedelta(seconds=1)
    with pytest.raises(Refused, match="不是签到的时候"):
        actions.open_kiosk(session=session, by=cast.office, at=late)
    with pytest.raises(NotAllowed):
        actions.open_kiosk(session=session, by=cast.m1, at=now)


# -- the address --------------------------------------------------------------


def test_the_address_dies_with_the_key_the_time_and_the_session(session, cast, client, as_, now):
    old = address(session)
    assert client.get(old).status_code == 200
    as_(cast.office).post(reverse("register_kiosk_stop", args=[session.pk]))
    response = client.get(old)
    assert response.status_code == 404
    assert "这个签到地址已失效" in text(response)
    assert cast.m1.name not in text(response)
    session.refresh_from_db()
    assert client.get(address(session)).status_code == 200
    moved = address(session)
    StudySession.objects.filter(pk=session.pk).update(starts_at=session.starts_at + timedelta(minutes=5))
    assert client.get(moved).status_code == 404


@pytest.mark.parametrize("change", ["another session", "one letter", "no number", "a huge number", "the phones' token"])
def test_a_foreign_or_changed_address_shows_nothing(session, cast, client, now, change):
    token = codes.kiosk_token(session)
    other = make_session(cast, title="另一次")
    wrong = {
        "another session": f"{other.pk}-{token.partition('-')[2]}",
        "one letter": token[:-1] + ("a" if token[-1] != "a" else "b"),
        "no number": "x" + token,
        "a huge number": "9" * 30 + token[token.index("-") :],
        "the phones' token": codes.token_at(session, now),
    }[change]
    for method in ("get", "post"):
        response = getattr(client, method)(reverse("kiosk", args=[wrong]), {"n": 1, "by": cast.m1.pk, "pin": PIN})
        assert response.status_code == 404
        assert session.title not in text(response)
    assert not Attendance.objects.exists()


def test_outside_the_window_it_names_nobody(cast, client, now):
    early = make_session(cast, starts_at=now + timedelta(hours=3))
    page = text(client.get(address(early)))
    assert "还没有到签到时间" in page
    assert cast.m1.name not in page
    over = make_session(cast, title="结束的", starts_at=now - timedelta(hours=3))
    close(session=over, mark_absent=True, by=cast.office, at=now)
    page = text(client.get(address(over)))
    assert "已经结束签到" in page
    assert cast.m1.name not in page


# -- signing in ---------------------------------------------------------------


def test_name_and_pin_sign_in_and_reading_does_not(session, cast, client):
    page = text(client.get(address(session)))
    assert f'href="?n={number_of(session, cast.m1)}"' in page
    client.get(f"{address(session)}?n={number_of(session, cast.m1)}&by={cast.m1.pk}&pin={PIN}")
    assert not Attendance.objects.exists()
    response = confirm(client, session, cast.m1, PIN)
    assert response.status_code == 302
    row = Attendance.objects.get()
    assert (row.person, row.source, row.entered_by, row.device) == (cast.m1, "kiosk", cast.m1, "")
    page = text(client.get(response.url))
    assert re.search(rf"成员一　已签到 {timezone.localtime(row.at):%H:%M}", page)
    assert f'href="?n={number_of(session, cast.m1)}"' not in page
    assert AuditEntry.objects.get(action="attendance.register").detail["source"] == "kiosk"


def test_a_clerk_confirms_somebody_without_a_pin(session, cast, client):
    page = text(client.get(f"{address(session)}?n={number_of(session, cast.m2)}"))
    assert cast.office.name in page
    assert cast.m3.name not in page
    assert confirm(client, session, cast.m2, CLERKS_PIN, by=cast.office).status_code == 302
    row = Attendance.objects.get()
    assert (row.person, row.source, row.entered_by) == (cast.m2, "kiosk", cast.office)
    assert AuditEntry.objects.get(action="attendance.register").actor == cast.office


def test_a_member_and_a_former_clerk_confirm_nobody_else(session, cast, client, now):
    assert confirm(client, session, cast.m2, PIN, by=cast.m1).status_code == 400
    place = session.participants.select_related("person").get(person=cast.m2)
    with pytest.raises(NotAllowed):
        actions.sign_in_at_kiosk(place=place, pin=PIN, by=cast.m1, at=now)
    yesterday = timezone.localdate() - timedelta(days=1)
    end_appointment(appointment=Appointment.objects.get(user=cast.office), ends_on=yesterday, by=cast.sysadmin, at=now)
    assert confirm(client, session, cast.m2, CLERKS_PIN, by=cast.office).status_code == 400
    assert not Attendance.objects.exists()


def test_wrong_no_and_disabled_pin_get_the_same_answer(session, cast, client):
    User.objects.filter(pk=cast.m3.pk).update(is_active=False, sign_in_pin=cast.m1.sign_in_pin or "x")
    answers = [text(confirm(client, session, person, "9999")) for person in (cast.m1, cast.m2, cast.m3)]
    told = {re.search(r'role="alert">([^<]+)<', answer)[1] for answer in answers}
    assert told == {"签到密码不对。没有设过签到密码的同志，请会务人员确认。"}
    assert SignInAttempt.objects.filter(reason=WRONG_PIN, source="kiosk").count() == 3
    assert "9999" not in "".join(answers)
    assert not Attendance.objects.exists()


def test_guessing_is_stopped_for_that_person_only_and_for_a_while(session, cast, client, now):
    for _ in range(WRONG_PINS_ALLOWED):
        confirm(client, session, cast.m1, "0000")
    response = confirm(client, session, cast.m1, PIN)
    assert "输错次数过多" in text(response)
    assert SignInAttempt.objects.count() == WRONG_PINS_ALLOWED
    assert not Attendance.objects.exists()
    other = make_session(cast, title="同时的另一次")
    assert "输错次数过多" in text(confirm(client, other, cast.m1, PIN))
    assert confirm(client, session, cast.m1, CLERKS_PIN, by=cast.office).status_code == 302
    SignInAttempt.objects.update(at=now - WRONG_CODES_WITHIN)
    assert confirm(client, other, cast.m1, PIN).status_code == 302


def test_a_clerks_wrong_pin_is_kept_under_his_name(session, cast, client):
    confirm(client, session, cast.m2, "0000", by=cast.office)
    attempt = SignInAttempt.objects.get()
    assert (attempt.person, attempt.reason) == (cast.office, f"{WRONG_PIN}（确认成员二签到时）")
    history = Client()
    history.force_login(cast.propaganda, backend="django.contrib.auth.backends.ModelBackend")
    assert attempt.reason in text(history.get(reverse("register_attempts", args=[session.pk])))


def test_asked_again_the_first_row_stays(session, cast, client, now):
    confirm(client, session, cast.m1, PIN)
    first = Attendance.objects.get()
    response = confirm(client, session, cast.m1, "0000")
    assert response.status_code == 200
    assert Attendance.objects.get().at == first.at
    assert not SignInAttempt.objects.exists()


def test_the_kiosk_asks_for_its_own_form(session, cast):
    strict = Client(enforce_csrf_checks=True)
    assert confirm(strict, session, cast.m1, PIN).status_code == 403
    assert not Attendance.objects.exists()


def test_late_begins_at_the_kiosk_too(cast, client, now):
    set_sign_in_pin(pin=PIN, by=cast.m1, at=now)
    session = make_session(cast, starts_at=now - timedelta(minutes=20))
    response = confirm(client, session, cast.m1, PIN)
    assert Attendance.objects.get().status == "late"
    assert "（迟到）" in text(client.get(response.url))


def test_the_page_takes_the_same_statements_for_any_number(cast, client):
    small = make_session(cast)
    add_members(cast, 60)
    large, counted = make_session(cast, title="人多的一次"), []
    for session in (small, large):
        with CaptureQueriesContext(connection) as queries:
            page = text(client.get(address(session)))
        counted.append(len(queries))
    assert counted[0] == counted[1] <= 4
    assert page.count('class="kiosk-name"') == 66
    assert "51 号起" in page


def test_the_jumps_lead_to_numbers_that_are_there(cast, client):
    add_members(cast, 60)
    session = make_session(cast)
    session.participants.filter(number=51).delete()
    page = text(client.get(address(session)))
    jumps = re.findall(r'href="#(n\d+)">', page)
    assert len(jumps) == 2
    assert all(f'<li id="{jump}">' in page for jump in jumps)


def test_reopening_a_session_lets_a_kiosk_be_opened_again(session, cast, client, now):
    close(session=session, mark_absent=True, by=cast.office, at=session.starts_at + timedelta(minutes=1))
    assert "已经结束签到" in text(client.get(address(session)))
    reopen(session=session, by=cast.office, at=now)
    session.refresh_from_db()
    assert client.get(address(session)).status_code == 200


# -- the PIN ------------------------------------------------------------------


def set_pin(client, pin, password=PASSWORD, again=None):
    fields = {"password": password, "pin": pin, "pin_again": again if again is not None else pin}
    return client.post(reverse("pin_change"), fields)


def test_a_person_sets_changes_and_takes_away_his_pin(cast, as_):
    browser = as_(cast.m1)
    assert "还没有设置" in text(browser.get(reverse("me")))
    assert set_pin(browser, PIN).url == reverse("me")
    cast.m1.refresh_from_db()
    assert PIN not in cast.m1.sign_in_pin
    assert check_password(PIN, cast.m1.sign_in_pin)
    assert "已设置" in text(browser.get(reverse("me")))
    browser.post(reverse("pin_change"), {"remove": "1"})
    cast.m1.refresh_from_db()
    assert cast.m1.sign_in_pin == ""
    kept = AuditEntry.objects.filter(action="user.sign_in_pin", actor=cast.m1).order_by("pk")
    assert [entry.detail for entry in kept] == [{"is_set": True}, {"is_set": False}]


@pytest.mark.parametrize(
    ("pin", "password", "again", "told"),
    [
        (PIN, "wrong", None, "登录密码不对"),
        ("123", PASSWORD, None, "4 至 6 位数字"),
        ("12a4", PASSWORD, None, "4 至 6 位数字"),
        ("１２３５", PASSWORD, None, "4 至 6 位数字"),
        ("1234", PASSWORD, None, "太容易被猜到"),
        ("8888", PASSWORD, None, "太容易被猜到"),
        ("6543", PASSWORD, None, "太容易被猜到"),
        (PIN, PASSWORD, "5028", "两次输入的签到密码不一样"),
        ("", PASSWORD, None, "请填写这一项"),
    ],
)
def test_a_weak_or_unproved_pin_is_refused_at_its_field(cast, as_, pin, password, again, told):
    response = set_pin(as_(cast.m1), pin, password, again)
    assert response.status_code == 400
    assert told in text(response)
    cast.m1.refresh_from_db()
    assert cast.m1.sign_in_pin == ""


def test_a_draft_has_no_kiosk(cast, client, now):
    session = make_session(cast, called=False)
    page = text(client.get(address(session)))
    assert "还没有通知" in page
    assert cast.m1.name not in page
    call(session=session, by=cast.office, at=now)
    assert cast.m1.name in text(client.get(address(session)))
