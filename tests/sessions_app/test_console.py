"""会务台: the register's page, its history, two people with one phone, and the paper afterwards."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from sessions_app import codes
from sessions_app.actions import attendance as actions
from sessions_app.actions.leave import ask_leave, decide_leave
from sessions_app.actions.reconcile import reconcile
from sessions_app.actions.session import Speaker
from sessions_app.actions.session_life import close
from sessions_app.models import Attendance, LeaveRequest, Participant, SignInAttempt, StudySession
from sessions_app.models.session import AgendaRole
from studygroup.lib.errors import NotAllowed, Overtaken, Refused
from studygroup.lib.models import AuditEntry
from tests.factories import fill_register, make_closed_session, make_session, register, sign_in
from tests.sessions_app.test_attendance import add_members, page_of, post_digits, rows, scan


def text(response):
    return response.content.decode()


def console(client, session, **query):
    return text(client.get(reverse("register", args=[session.pk]), query))


# -- one page to work at ------------------------------------------------------


def test_console_tells_late_line_speakers_leave_and_the_way_on(cast, as_, now):
    cast.group.late_after_minutes = 5
    cast.group.save(update_fields=["late_after_minutes"])
    starts = now + timedelta(minutes=10)
    agenda = [
        Speaker(AgendaRole.LEAD_READING, cast.m1),
        Speaker(AgendaRole.KEYNOTE, cast.m2),
        Speaker(AgendaRole.GUIDANCE, None, "王教授"),
    ]
    session = make_session(cast, starts_at=starts, agenda=agenda)
    ask_leave(session=session, person=cast.m3, reason="sick", explanation="在医院输液", at=now)
    sign_in(session, cast.m1, at=now)
    page = console(as_(cast.office), session)
    assert f"{timezone.localtime(starts + timedelta(minutes=5)):%H:%M} 以后记迟到" in page
    spoken = re.search(r"议程上的人.*?</ol>", page, re.DOTALL)[0]
    names = [spoken.index(name) for name in ("成员一", "成员二", "王教授")]
    assert names == sorted(names)
    assert [word for word in re.findall("已到|未到|名单外", spoken)] == ["已到", "未到", "名单外"]
    assert "在医院输液" in page
    for name in ("screen", "sign_in_sheet", "register_kiosk", "register_reconcile", "session_close"):
        assert reverse(name, args=[session.pk]) in page


def test_leave_asked_by_somebody_who_has_come_asks_nobody_any_more(cast, as_, now):
    session = make_session(cast, starts_at=now + timedelta(minutes=10))
    for person in (cast.m1, cast.m3):
        ask_leave(session=session, person=person, reason="sick", explanation=f"{person.name}输液", at=now)
    page = console(as_(cast.office), session)
    assert ("成员一输液" in page, "成员三输液" in page) == (True, True)
    sign_in(session, cast.m1, at=now)
    page = console(as_(cast.office), session)
    assert ("成员一输液" in page, "成员三输液" in page) == (False, True)
    assert [leave.person for leave in LeaveRequest.objects.awaiting(cast.secretary)] == [cast.m3]


def test_live_part_brings_the_speakers_along(cast, as_):
    session = make_session(cast, agenda=[Speaker(AgendaRole.LEAD_READING, cast.m1)])
    live = reverse("register_live", args=[session.pk])
    assert "未到" in text(as_(cast.office).get(live))
    post_digits(as_(cast.m1), session)
    part = text(as_(cast.office).get(live))
    assert 'id="register-aside" hx-swap-oob="true"' in part
    assert "已到" in part


def test_what_is_entered_when_all_is_over_is_called_so(cast, as_, now):
    session = make_session(cast, starts_at=now - timedelta(hours=3))
    register(session, cast.m1, "present", by=cast.office, at=now)
    register(session, cast.m2, "present", by=cast.office, at=session.starts_at)
    register(session, cast.m3, "absent", by=cast.office, at=now)
    found = re.findall(r"(补录|代录) 办公室己", console(as_(cast.office), session))
    assert found == ["补录", "代录", "代录"]


def test_session_page_leads_to_the_console(cast, as_):
    session = make_session(cast)
    page = text(as_(cast.office).get(reverse("session_detail", args=[session.pk])))
    assert "会务台" in page
    assert "会务台" not in text(as_(cast.m1).get(reverse("session_detail", args=[session.pk])))


# -- one phone, two people -----------------------------------------------------


def hand_over(phone, person):
    """The same browser, somebody else logs in."""
    phone.force_login(person, backend="django.contrib.auth.backends.ModelBackend")


def test_two_people_with_one_phone_are_pointed_out_to_the_clerk_only(cast, as_):
    session, phone = make_session(cast), as_(cast.m1)
    phone.get(page_of(session))
    cookie = phone.cookies[codes.DEVICE_COOKIE]
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Lax", 365 * 24 * 3600)
    post_digits(phone, session)
    hand_over(phone, cast.m2)
    post_digits(phone, session)
    other = as_(cast.m3)
    other.get(page_of(session))
    post_digits(other, session)
    assert rows(session).count() == 3
    page = console(as_(cast.office), session)
    assert page.count("用同一部手机，请核实") == 2
    assert "与成员二用同一部手机" in page
    assert "与成员一用同一部手机" in page
    live = reverse("register_live", args=[session.pk])
    assert text(as_(cast.office).get(live, {"since": int(timezone.now().timestamp()) - 5})).count("同一部手机") == 2
    for address in (page_of(session), reverse("session_detail", args=[session.pk])):
        assert "同一部手机" not in text(phone.get(address))


def test_a_phone_has_another_mark_in_every_session(cast, as_):
    one, two, phone = make_session(cast), make_session(cast, title="另一次"), as_(cast.m1)
    for session in (one, two):
        phone.get(page_of(session))
        post_digits(phone, session)
    marks = set(Attendance.objects.values_list("device", flat=True))
    assert len(marks) == 2
    assert all(len(mark) == 16 for mark in marks)
    assert phone.cookies[codes.DEVICE_COOKIE].value[:16] not in marks


@pytest.mark.parametrize("cookie", ["", "x" * 32, "0" * 500, "<script>"])
def test_without_a_good_cookie_there_is_no_mark_and_no_hint(cast, as_, cookie):
    session = make_session(cast)
    for person in (cast.m1, cast.m2):
        phone = as_(person)
        phone.cookies[codes.DEVICE_COOKIE] = cookie
        post_digits(phone, session)
    assert set(rows(session).values_list("device", flat=True)) == {""}
    assert "同一部手机" not in console(as_(cast.office), session)


# -- the history ---------------------------------------------------------------


def attempts(client, session, **query):
    return text(client.get(reverse("register_attempts", args=[session.pk]), query))


def test_history_mixes_refused_and_successful_by_time(cast, as_, now):
    session = make_session(cast, starts_at=now + timedelta(minutes=10))
    post_digits(as_(cast.m1), session, "000001")
    post_digits(as_(cast.m1), session)
    register(session, cast.m2, "late", by=cast.office, at=timezone.now())
    body = re.search("<tbody>.*</tbody>", attempts(as_(cast.office), session), re.DOTALL)[0]
    told = [re.sub(r"<[^>]+>|\s+", " ", row).split()[2:] for row in body.split("<tr>")[1:]]
    assert [row[0] for row in told] == ["成员二", "成员一", "成员一"]
    assert ["迟到" in row for row in told] == [True, False, False]
    assert "由办公室己登记" in told[0]
    assert "未成功" in told[2]
    assert actions.WRONG_CODE in told[2]
    assert "六位数字" in told[2]


def test_history_is_the_offices_and_of_one_session(cast, as_):
    session, other = make_session(cast), make_session(cast, title="另一次")
    post_digits(as_(cast.m1), other, "000001")
    assert "成员一" not in attempts(as_(cast.office), session)
    address = reverse("register_attempts", args=[other.pk])
    for person in (cast.m1, cast.secretary, cast.supervisor):
        assert as_(person).get(address).status_code == 403
    assert as_(cast.foreign_office).get(address).status_code == 404


def test_history_is_paged_in_few_statements(cast, as_, now):
    session, office, counted = make_session(cast), as_(cast.office), []
    attempts(office, session)
    for number in (1, 60):
        SignInAttempt.objects.bulk_create(
            SignInAttempt(session=session, person=cast.m1, reason=f"第{n}次", at=now) for n in range(number)
        )
        with CaptureQueriesContext(connection) as queries:
            page = attempts(office, session)
        counted.append(len(queries))
    assert counted[0] == counted[1]
    assert page.count("<tr>") == 51
    assert "未成功 61 次" in page


def test_somebody_not_on_the_list_is_noted_once(cast, as_):
    session, phone = make_session(cast), as_(cast.m1)
    cast.m1.participations.all().delete()
    for _ in range(5):
        scan(phone, session)
        phone.get(page_of(session))
        phone.post(page_of(session))
    attempt = SignInAttempt.objects.get()
    assert (attempt.person, attempt.reason, attempt.source) == (cast.m1, actions.NOT_LISTED, "qr")
    assert actions.NOT_LISTED in attempts(as_(cast.office), session)


def test_a_stranger_leaves_no_row_anywhere(cast, as_):
    session, phone = make_session(cast), as_(cast.foreign_m1)
    scan(phone, session)
    for method in (phone.get, phone.post):
        assert method(page_of(session)).status_code == 404
    assert not SignInAttempt.objects.exists()


def test_an_old_code_is_noted_once_a_minute_and_not_after_signing_in(cast, as_, now):
    session, phone = make_session(cast), as_(cast.m1)
    old = codes.token_at(session, now - timedelta(minutes=3))
    for _ in range(4):
        scan(phone, session, token=old)
    assert SignInAttempt.objects.get().reason == actions.OLD_CODE
    SignInAttempt.objects.update(at=now - timedelta(minutes=2))
    scan(phone, session, token=old)
    assert SignInAttempt.objects.count() == 2
    post_digits(phone, session)
    SignInAttempt.objects.update(at=now - timedelta(minutes=2))
    scan(phone, session, token=old)
    assert SignInAttempt.objects.count() == 2


# -- the paper afterwards -------------------------------------------------------


def paper(session):
    return reverse("register_reconcile", args=[session.pk])


def save(client, session, signed, head_count="", version=None):
    session.refresh_from_db()
    version = session.version if version is None else version
    fields = {"version": version, "signed": [p.pk for p in signed], "head_count": head_count}
    return client.post(paper(session), fields)


def test_differences_are_listed_and_mended_with_one_tap(cast, as_, now):
    session, office = make_session(cast), as_(cast.office)
    for person in (cast.m1, cast.m2):
        sign_in(session, person, at=now)
    assert save(office, session, [cast.m1, cast.m3], 5).url == paper(session)
    page = text(office.get(paper(session)))
    on_screen, on_paper = page.split("纸上有签名，屏幕上没有登记到会")
    assert f"absent:{cast.m2.pk}.present" in on_screen
    assert f"present:{cast.m3.pk}." in on_paper
    assert "清点多 3 人" in page
    mend = reverse("register", args=[session.pk]) + "?from=paper"
    assert office.post(mend, {"one": f"present:{cast.m3.pk}."}).url == paper(session)
    office.post(mend, {"one": f"absent:{cast.m2.pk}.present"})
    save(office, session, [cast.m1, cast.m3], 2)
    page = text(office.get(paper(session)))
    assert "屏幕、纸面和人数一致" in page
    assert page.count(" checked") == 2
    entry = AuditEntry.objects.filter(action="attendance.reconcile").last()
    assert entry.detail == {"head_count": 2, "signed": sorted([cast.m1.pk, cast.m3.pk])}


def test_heads_in_the_room_include_observers(cast, as_, now):
    members = [cast.m1.memberships.get(), cast.observer.memberships.get()]
    session = make_session(cast, members=members)
    for person in (cast.m1, cast.observer):
        register(session, person, "present", by=cast.office, at=now)
    save(as_(cast.office), session, [cast.m1, cast.observer], 2)
    page = text(as_(cast.office).get(paper(session)))
    assert "实到 1，列席 1" in page
    assert "屏幕、纸面和人数一致" in page


def test_no_tick_at_all_means_there_was_no_paper(cast, as_, now):
    session, office = make_session(cast), as_(cast.office)
    register(session, cast.m1, "present", by=cast.office, at=now)
    save(office, session, [cast.m1], 1)
    save(office, session, [], 1)
    assert set(session.participants.values_list("signed_on_paper", flat=True)) == {None}
    page = text(office.get(paper(session)))
    assert "屏幕上已到，纸上没有签名" not in page
    assert "没有勾选纸质签名" in page


def test_reconciliation_outlives_the_close_and_offers_no_tap_then(cast, as_):
    session, office = make_closed_session(cast), as_(cast.office)
    assert save(office, session, [cast.m1], 6).status_code == 302
    page = text(office.get(paper(session)))
    assert "改记缺席" not in page
    assert "重新打开" in page
    assert session.participants.get(person=cast.m1).signed_on_paper is True
    StudySession.objects.filter(pk=session.pk).update(state="archived", archived_at=timezone.now())
    response = save(office, session, [], 1)
    assert response.status_code == 400
    assert "已经归档" in text(response)
    session.refresh_from_db()
    assert session.head_count == 6


def test_the_second_of_two_who_reconcile_is_told_and_keeps_his_ticks(cast, as_):
    session = make_session(cast)
    seen = session.version
    save(as_(cast.office), session, [cast.m1], 3)
    response = save(as_(cast.propaganda), session, [cast.m2], 4, version=seen)
    assert response.status_code == 409
    page = text(response)
    assert "您的核对还没有保存" in page
    assert re.search(rf'value="{cast.m2.pk}" checked', page)
    assert re.search(r'name="head_count" value="4"', page)
    assert session.participants.get(person=cast.m1).signed_on_paper is True
    with pytest.raises(Overtaken):
        reconcile(session=session, seen_version=seen, signed=[], head_count=None, by=cast.office, at=timezone.now())


@pytest.mark.parametrize("fields", [{"head_count": "-1"}, {"head_count": "很多"}, {"signed": "999999"}])
def test_broken_input_is_refused_and_nothing_kept(cast, as_, fields):
    session = make_session(cast)
    response = as_(cast.office).post(paper(session), {"version": session.version, **fields})
    assert response.status_code == 400
    session.refresh_from_db()
    assert session.head_count is None
    assert not Participant.objects.exclude(signed_on_paper=None).exists()


def test_only_the_office_reconciles_and_a_draft_not_at_all(cast, as_, now):
    session = make_session(cast, called=False)
    with pytest.raises(Refused, match="还没有通知"):
        reconcile(session=session, seen_version=0, signed=[], head_count=1, by=cast.office, at=now)
    with pytest.raises(NotAllowed):
        reconcile(session=session, seen_version=0, signed=[], head_count=1, by=cast.secretary, at=now)


def test_two_hundred_signatures_are_saved_in_the_same_statements(cast, as_):
    office, counted = as_(cast.office), []
    small = make_session(cast)
    people = add_members(cast, 200)
    large = make_session(cast, title="人多的一次")
    office.get(paper(small))
    for session, signed in ((small, [cast.m1]), (large, people)):
        session.refresh_from_db()
        fields = {"version": session.version, "signed": [p.pk for p in signed], "head_count": 200}
        with CaptureQueriesContext(connection) as queries:
            assert office.post(paper(session), fields).status_code == 302
        counted.append(len(queries))
    assert counted[0] == counted[1] <= 16
    assert large.participants.filter(signed_on_paper=True).count() == 200


# -- the printed register -------------------------------------------------------


def test_sheet_prints_leave_known_beforehand_and_spare_lines(cast, as_, now):
    session = make_session(cast, starts_at=now + timedelta(hours=1))
    register(session, cast.m1, "leave", leave_reason="sick", by=cast.office, at=now)
    page = text(as_(cast.office).get(reverse("sign_in_sheet", args=[session.pk])))
    assert "请假（病假）" in page
    assert page.count("<td>&nbsp;</td>") == 5
    fill_register(session, by=cast.office)
    close(session=session, mark_absent=True, by=cast.office, at=session.ends_at)
    assert "<td>&nbsp;</td>" not in text(as_(cast.office).get(reverse("sign_in_sheet", args=[session.pk])))


def test_a_granted_leave_keeps_its_reason_whatever_button_is_pressed(cast, as_, now):
    session = make_session(cast, starts_at=timezone.now() + timedelta(minutes=5))
    leave = ask_leave(session=session, person=cast.m1, reason="sick", explanation="住院", at=timezone.now())
    decide_leave(request=leave, grant=True, answer="", by=cast.secretary, at=timezone.now())
    client, address = as_(cast.office), f"/sessions/{session.pk}/register/"
    page = client.post(address, {"one": f"official:{cast.m1.pk}.leave"}, follow=True).content.decode()
    assert "成员一（病假）已准假，事由以批准的为准" in page
    assert Attendance.objects.get(person=cast.m1).leave_reason == "sick"
    assert "未经组长审批" not in page
    page = client.post(address, {"one": f"official:{cast.m2.pk}."}, follow=True).content.decode()
    assert "办公室登记，未经组长审批" in page
