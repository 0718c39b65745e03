"""请假: asked before, decided by somebody else, entered in the register."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.actions.people import delegate
from accounts.permissions import Role
from sessions_app.actions.leave import ask_leave, change_decision, decide_leave, enter_leave
from sessions_app.actions.session_life import Explained, archive, close, last_reopening
from sessions_app.models import AgendaItem, Attendance, LeaveRequest
from studygroup.lib.errors import NotAllowed, Refused
from studygroup.lib.models import AuditEntry
from tests.factories import make_session, register


@pytest.fixture
def later(cast, now):
    return make_session(cast, starts_at=now + timedelta(days=1))


def ask(session, person, reason="official"):
    return ask_leave(session=session, person=person, reason=reason, explanation="县里开会", at=timezone.now())


def answer(client, leave, decision="grant", text=""):
    return client.post(f"/leave/{leave.pk}/decide/", {"decision": decision, "answer": text})


def test_member_asks_and_the_leader_grants(cast, as_, later):
    page = as_(cast.m1).post(f"/sessions/{later.pk}/leave/", {"reason": "sick", "explanation": "发烧"}, follow=True)
    assert "待审批" in page.content.decode()
    leave = LeaveRequest.objects.get()
    assert "成员一" in as_(cast.secretary).get("/leave/").content.decode()
    answer(as_(cast.secretary), leave)
    leave.refresh_from_db()
    assert (leave.state, leave.decided_by, leave.on_behalf_of) == ("granted", cast.secretary, None)
    row = Attendance.objects.get()
    assert (row.person, row.status, row.leave_reason) == (cast.m1, "leave", "sick")


def test_refusing_needs_a_reason_and_leaves_no_row(cast, as_, later):
    leave, leader = ask(later, cast.m1), as_(cast.secretary)
    response = answer(leader, leave, "refuse")
    assert response.status_code == 400
    assert "不准假时请写明原因。" in response.content.decode()
    answer(leader, leave, "refuse", "这次学习重要，请调整安排。")
    leave.refresh_from_db()
    assert leave.state == "refused"
    assert not Attendance.objects.exists()
    assert "这次学习重要" in as_(cast.m1).get("/leave/").content.decode()
    assert answer(leader, leave).status_code == 409


def change(client, leave, decision, text=""):
    return client.post(f"/leave/{leave.pk}/change/", {"decision": decision, "answer": text})


def test_the_decider_changes_his_mind_until_the_start(cast, as_, later):
    leave, leader = ask(later, cast.m1), as_(cast.secretary)
    assert change(leader, leave, "refuse", "还没有批").status_code == 403
    answer(leader, leave)
    page = leader.get("/leave/").content.decode()
    assert "改为不准假" in page
    assert "改为准假" not in page
    assert f'id="leave-{leave.pk}"' not in page  # the next one waiting stays in view
    refused = change(leader, leave, "refuse", " ")
    assert refused.status_code == 400
    assert "不准假时请写明原因。" in refused.content.decode()
    assert Attendance.objects.get().status == "leave"
    assert change(leader, leave, "refuse", "要表决").status_code == 302
    leave.refresh_from_db()
    assert (leave.state, leave.answer) == ("refused", "要表决")
    assert not Attendance.objects.exists()
    assert change(leader, leave, "refuse", "再来一次").status_code == 409
    assert change(leader, leave, "grant").status_code == 302
    assert Attendance.objects.get().status == "leave"
    assert AuditEntry.objects.filter(action="leave.change").count() == 2


def test_a_decision_is_changed_by_nobody_else_nor_after_the_start_nor_beside_a_new_request(cast, as_, later):
    leave = ask(later, cast.m1)
    decide_leave(request=leave, grant=False, answer="要表决", by=cast.secretary, at=timezone.now())
    leave.refresh_from_db()
    for person in (cast.office, cast.m1, cast.deputy):
        assert change(as_(person), leave, "grant").status_code == 403
    with pytest.raises(Refused, match="已经开始"):
        change_decision(request=leave, grant=True, answer="", by=cast.secretary, at=later.starts_at)
    ask(later, cast.m1)
    with pytest.raises(Refused, match="已经重新请假"):
        change_decision(request=leave, grant=True, answer="", by=cast.secretary, at=timezone.now())
    leave.refresh_from_db()
    assert leave.state == "refused"
    assert not Attendance.objects.exists()


def test_the_soonest_session_waits_first(cast, as_, later, now):
    far = ask(make_session(cast, starts_at=now + timedelta(days=9)), cast.m1)
    near = ask(later, cast.m2)
    page = as_(cast.secretary).get("/leave/").content.decode()
    assert page.index(f'id="leave-{near.pk}"') < page.index(f'id="leave-{far.pk}"')


def test_the_page_offers_the_sessions_he_can_still_ask_for(cast, as_, later, now):
    asked = make_session(cast, title="请过假的", starts_at=now + timedelta(days=2))
    begun = make_session(cast, title="开始了的", starts_at=now - timedelta(minutes=1))
    draft = make_session(cast, title="没通知的", starts_at=now + timedelta(days=2), called=False)
    ask(asked, cast.m1)
    page = as_(cast.m1).get("/leave/").content.decode()
    assert f'href="/sessions/{later.pk}/leave/">请假' in page
    assert [s.title for s in (asked, begun, draft) if f'href="/sessions/{s.pk}/leave/"' in page] == []
    assert f"/sessions/{later.pk}/leave/" not in as_(cast.office).get("/leave/").content.decode()


def test_opinions_on_several_leaves_are_kept_apart(cast, as_, later):
    first, second = ask(later, cast.m1), ask(later, cast.m2)
    page = as_(cast.secretary).get("/leave/").content.decode()
    assert "js/keep.js" in page
    for leave in (first, second):
        assert f'data-keep="{cast.secretary.pk}"' in card_of(page, leave)


def closed_before_the_answer(cast, now):
    """m1 asked, nobody answered, and the office closed the session with him as 缺席."""
    session = make_session(cast, starts_at=now - timedelta(hours=1))
    leave = enter_leave(session=session, person=cast.m1, reason="sick", explanation="发烧", by=cast.office, at=now)
    with pytest.raises(Refused, match="成员一的请假还没有审批"):
        close(session=session, mark_absent=True, by=cast.office, at=now)
    told = {cast.m1.pk: Explained("absent")}
    close(session=session, told=told, mark_absent=True, by=cast.office, at=now)
    return LeaveRequest.objects.select_related("session__group").get(pk=leave.pk)


def test_leave_asked_in_time_is_granted_after_the_close_while_it_may_be_opened_again(cast, now):
    leave = closed_before_the_answer(cast, now)
    decide_leave(request=leave, grant=True, answer="", by=cast.secretary, at=now)
    row = Attendance.objects.get(person=cast.m1)
    assert (row.status, row.leave_reason) == ("leave", "sick")
    assert AuditEntry.objects.get(action="attendance.leave").detail["before"] == "absent"


def test_leave_is_not_granted_into_a_register_that_may_not_change_any_more(cast, now):
    leave = closed_before_the_answer(cast, now)
    with pytest.raises(Refused, match="期限已过"):
        decide_leave(request=leave, grant=True, answer="", by=cast.secretary, at=last_reopening(leave.session))
    archive(session=leave.session, missing=[], by=cast.office, at=now)
    with pytest.raises(Refused, match="已经归档"):
        decide_leave(request=leave, grant=True, answer="", by=cast.secretary, at=now)
    assert Attendance.objects.get(person=cast.m1).status == "absent"


def card_of(page, leave):
    return page.split(f'id="leave-{leave.pk}"')[1].split("</section>")[0]


def test_refused_decision_is_told_at_its_own_card(cast, as_, later):
    first, second = ask(later, cast.m1), ask(later, cast.m2)
    page = answer(as_(cast.secretary), second, "refuse", "  ").content.decode()
    assert "不准假时请写明原因。" in card_of(page, second)
    assert "不准假时请写明原因。" not in card_of(page, first)
    for leave in (first, second):
        assert f'action="/leave/{leave.pk}/decide/#leave-{leave.pk}"' in card_of(page, leave)


def test_a_speakers_leave_is_told_to_him_and_to_who_decides(cast, as_, later):
    for position, (role, person) in enumerate(
        [("keynote", cast.m1), ("lead_reading", cast.m1), ("keynote", cast.m1), ("discussion", cast.m2)]
    ):
        AgendaItem.objects.create(session=later, position=position, role=role, speaker=person)
    AgendaItem.objects.create(session=make_session(cast, title="别的"), position=1, role="keynote", speaker=cast.m2)
    address = f"/sessions/{later.pk}/leave/"
    assert "您是本次重点发言人、领学人。" in as_(cast.m1).get(address).content.decode()
    assert "您是本次" not in as_(cast.m2).get(address).content.decode()
    speaker, other = ask(later, cast.m1), ask(later, cast.m2)
    page = as_(cast.secretary).get("/leave/").content.decode()
    assert "他是本次重点发言人、领学人，准假后请调整议程。" in card_of(page, speaker)
    assert "准假后请调整议程" not in card_of(page, other)


def test_leader_does_not_decide_his_own_and_nobody_else_decides(cast, as_, later):
    own, other = ask(later, cast.secretary), ask(later, cast.m1)
    assert "审批意见" in as_(cast.secretary).get("/leave/").content.decode()
    with pytest.raises(NotAllowed):
        decide_leave(request=own, grant=True, answer="", by=cast.secretary, at=timezone.now())
    assert answer(as_(cast.secretary), own).status_code == 403
    for person in (cast.office, cast.propaganda, cast.m1, cast.m2, cast.supervisor):
        assert answer(as_(person), other).status_code == 403
    assert answer(as_(cast.foreign_secretary), other).status_code == 404
    assert set(LeaveRequest.objects.values_list("state", flat=True)) == {"asked"}


def test_delegate_decides_and_both_names_are_shown(cast, as_, later, now):
    today = timezone.localdate()
    leave = ask(later, cast.m1)
    delegate(
        group=cast.group,
        principal=cast.secretary,
        delegate=cast.deputy,
        role=Role.LEADER,
        kind="",
        starts_on=today,
        ends_on=today + timedelta(days=3),
        reason="出差",
        at=now,
    )
    answer(as_(cast.deputy), leave, "grant", "同意")
    leave.refresh_from_db()
    assert (leave.decided_by, leave.on_behalf_of) == (cast.deputy, cast.secretary)
    assert "副书记乙受书记甲委托" in as_(cast.m1).get("/leave/").content.decode()


def test_leave_is_not_asked_twice_late_or_by_a_stranger(cast, as_, later):
    data = {"reason": "personal", "explanation": "家中有事"}
    phone = as_(cast.m1)
    phone.post(f"/sessions/{later.pk}/leave/", data)
    again = phone.post(f"/sessions/{later.pk}/leave/", data)
    assert again.status_code == 400
    begun = make_session(cast, title="已经开始")
    assert phone.post(f"/sessions/{begun.pk}/leave/", data).status_code == 400
    assert as_(cast.foreign_m1).get(f"/sessions/{later.pk}/leave/").status_code == 404
    assert LeaveRequest.objects.count() == 1


def test_incomplete_leave_is_told_at_the_field(cast, as_, later):
    page = as_(cast.m1).post(f"/sessions/{later.pk}/leave/", {"explanation": "长" * 400}).content.decode()
    assert "请选择事由。" in page
    assert "最多 300 个字，现在有 400 个。" in page
    assert "长长长" in page
    assert not LeaveRequest.objects.exists()


def test_list_shows_others_leave_to_nobody_without_a_need(cast, as_, later):
    ask(later, cast.m1)
    for person in (cast.m2, cast.extended, cast.foreign_secretary):
        assert "成员一" not in as_(person).get("/leave/").content.decode()


def test_list_takes_the_same_statements_for_one_and_thirty(cast, as_, now):
    leader, counted = as_(cast.secretary), []
    leader.get("/leave/")
    for number in (1, 29):
        for day in range(number):
            session = make_session(cast, starts_at=now + timedelta(days=day + 1))
            AgendaItem.objects.create(session=session, position=1, role="keynote", speaker=cast.m1)
            ask(session, cast.m1)
        with CaptureQueriesContext(connection) as queries:
            leader.get("/leave/")
        counted.append(len(queries))
    assert counted[0] == counted[1] <= 12


# -- again, back, and by telephone ---------------------------------------------


def test_asked_again_after_a_refusal_with_new_reasons(cast, as_, later):
    first = ask(later, cast.m1, "personal")
    answer(as_(cast.secretary), first, "refuse", "请调整安排。")
    phone = as_(cast.m1)
    page = phone.get(f"/sessions/{later.pk}/leave/").content.decode()
    assert "请调整安排。" in page
    assert "有新的情况，再次请假" in page
    phone.post(f"/sessions/{later.pk}/leave/", {"reason": "sick", "explanation": "住院"})
    assert [leave.state for leave in LeaveRequest.objects.order_by("pk")] == ["refused", "asked"]
    answer(as_(cast.secretary), LeaveRequest.objects.get(state="asked"))
    assert Attendance.objects.get().leave_reason == "sick"
    assert (
        "您已经请过假了"
        in phone.post(f"/sessions/{later.pk}/leave/", {"reason": "sick", "explanation": "再请"}).content.decode()
    )


def test_withdrawn_before_and_after_it_was_granted(cast, as_, later):
    phone = as_(cast.m1)
    waiting = ask(later, cast.m1)
    assert phone.post(f"/leave/{waiting.pk}/withdraw/").status_code == 302
    assert answer(as_(cast.secretary), waiting).status_code == 409
    granted = ask(later, cast.m1)
    answer(as_(cast.secretary), granted)
    assert Attendance.objects.filter(person=cast.m1, status="leave").exists()
    phone.post(f"/leave/{granted.pk}/withdraw/")
    assert not Attendance.objects.exists()
    assert set(LeaveRequest.objects.values_list("state", flat=True)) == {"withdrawn"}
    assert phone.post(f"/leave/{granted.pk}/withdraw/").status_code == 409


def test_withdrawn_only_by_himself_and_not_after_the_start(cast, as_, later, now):
    leave = ask(later, cast.m1)
    for person in (cast.office, cast.secretary, cast.propaganda):
        assert as_(person).post(f"/leave/{leave.pk}/withdraw/").status_code == 403
    assert as_(cast.m2).post(f"/leave/{leave.pk}/withdraw/").status_code == 404
    answer(as_(cast.secretary), leave)
    type(later).objects.filter(pk=later.pk).update(starts_at=now - timedelta(minutes=1))
    assert as_(cast.m1).post(f"/leave/{leave.pk}/withdraw/").status_code == 400
    assert Attendance.objects.filter(status="leave").exists()


def test_office_enters_what_was_asked_by_telephone(cast, as_, later):
    office = as_(cast.office)
    data = {"person": cast.m1.pk, "reason": "sick", "explanation": "电话：发烧"}
    assert "成员一" in office.get(f"/sessions/{later.pk}/leave/enter/").content.decode()
    office.post(f"/sessions/{later.pk}/leave/enter/", data)
    leave = LeaveRequest.objects.get()
    assert (leave.state, leave.entered_by, leave.person) == ("asked", cast.office, cast.m1)
    assert not Attendance.objects.exists()
    assert "办公室己代为登记" in as_(cast.secretary).get("/leave/").content.decode()
    assert "待审批" in as_(cast.m1).get("/leave/").content.decode()
    assert f'value="{cast.m1.pk}"' not in office.get(f"/sessions/{later.pk}/leave/enter/").content.decode()
    # Somebody else's form with the same person is refused, a stranger and a member are not let in.
    for hostile in (cast.m1.pk, cast.foreign_m1.pk, "x", ""):
        assert (
            office.post(
                f"/sessions/{later.pk}/leave/enter/", data | {"person": hostile, "explanation": "再登记"}
            ).status_code
            == 200
        )
    assert as_(cast.m2).post(f"/sessions/{later.pk}/leave/enter/", data).status_code == 403
    assert LeaveRequest.objects.count() == 1


def test_who_entered_it_does_not_decide_it(cast, as_, later, now):
    today = timezone.localdate()
    delegate(
        group=cast.group, principal=cast.secretary, delegate=cast.propaganda, role=Role.LEADER, kind="",
        starts_on=today, ends_on=today, reason="出差", at=now,
    )  # fmt: skip
    leave = enter_leave(
        session=later, person=cast.m1, reason="sick", explanation="电话", by=cast.propaganda, at=timezone.now()
    )
    assert answer(as_(cast.propaganda), leave).status_code == 403
    assert f'id="leave-{leave.pk}"' not in as_(cast.propaganda).get("/leave/").content.decode()
    assert answer(as_(cast.secretary), leave).status_code == 302


def test_who_has_signed_in_is_not_offered_to_ask(cast, as_, now):
    session = make_session(cast, starts_at=now + timedelta(minutes=10))
    address = reverse("leave_ask", args=[session.pk])
    assert address in as_(cast.m1).get("/leave/").content.decode()
    register(session, cast.m1, "present", by=cast.office, at=now)
    assert address not in as_(cast.m1).get("/leave/").content.decode()
    assert address in as_(cast.m2).get("/leave/").content.decode()
