"""结束学习: the clerk says of everybody missing how it was; what they owe is asked for at once."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.actions.people import enrol
from accounts.models import User
from sessions_app.actions.leave import enter_leave
from sessions_app.actions.make_up import hand_in
from sessions_app.actions.participants import roster_on, set_participants
from sessions_app.actions.session_life import Explained, close, reopen
from sessions_app.models import Attendance, MakeUpStudy
from studygroup.lib.clock import local_date
from studygroup.lib.errors import Refused
from studygroup.lib.models import AuditEntry
from tests.factories import fill_register, make_session, register


@pytest.fixture
def over(cast):
    """A session that is over; m1, m2 and m3 are not registered."""
    session = make_session(cast, starts_at=timezone.now() - timedelta(hours=3))
    fill_register(session, by=cast.office)
    Attendance.objects.filter(person__in=[cast.m1, cast.m2, cast.m3]).delete()
    return session


def how(person, name, note=""):
    return {f"how-{person.pk}": name, f"note-{person.pk}": note}


def rows(session):
    return {
        row.person.name: (row.status, row.leave_reason, row.note)
        for row in Attendance.objects.filter(session=session).select_related("person")
    }


def test_the_clerk_says_of_each_how_it_was_in_one_post(cast, as_, over):
    data = how(cast.m1, "absent") | how(cast.m2, "official", "陪同县里检查") | how(cast.m3, "present", "忘了签到")
    page = as_(cast.office).post(f"/sessions/{over.pk}/close/", data, follow=True).content.decode()
    over.refresh_from_db()
    assert over.is_held
    found = rows(over)
    assert found["成员一"] == ("absent", "", "")
    assert found["成员二"] == ("leave", "official", "陪同县里检查")
    assert found["成员三"] == ("present", "", "忘了签到")
    assert set(MakeUpStudy.objects.values_list("person__name", flat=True)) == {"成员一", "成员二"}
    assert "需要补学的 2 人已列入补学" in page
    assert AuditEntry.objects.get(action="session.close").detail["entered"][str(cast.m2.pk)][1] == "official"


def test_nobody_is_left_unsaid_and_what_was_chosen_stays(cast, as_, over):
    data = how(cast.m1, "sick", "住院") | how(cast.m2, "personal")
    response = as_(cast.office).post(f"/sessions/{over.pk}/close/", data)
    page = response.content.decode()
    assert response.status_code == 400
    assert "事后请假请写一句说明。" in page
    assert 'value="住院"' in page
    response = as_(cast.office).post(f"/sessions/{over.pk}/close/", how(cast.m1, "sick", "住院"))
    assert response.status_code == 400
    assert "还有 2 人没有登记：成员二、成员三" in response.content.decode()
    over.refresh_from_db()
    assert over.is_called
    assert not MakeUpStudy.objects.exists()


@pytest.mark.parametrize("hostile", ["remove", "<script>", "present:1", "缺席"])
def test_a_made_up_choice_is_refused(cast, as_, over, hostile):
    data = how(cast.m1, hostile) | {"mark_absent": "on"}
    assert as_(cast.office).post(f"/sessions/{over.pk}/close/", data).status_code == 400
    assert len(rows(over)) == 3


def test_who_signed_in_meanwhile_keeps_his_row(cast, over):
    register(over, cast.m1, "late", by=cast.office, at=over.starts_at)
    told = {p.pk: Explained("absent") for p in (cast.m1, cast.m2, cast.m3)}
    close(session=over, told=told, by=cast.office, at=over.ends_at)
    assert rows(over)["成员一"][0] == "late"
    assert rows(over)["成员二"][0] == "absent"


def test_closing_again_adds_drops_and_keeps(cast, over):
    close(session=over, mark_absent=True, by=cast.office, at=over.ends_at)
    due = local_date(over.starts_at) + timedelta(days=14)
    assert set(MakeUpStudy.objects.values_list("due_on", flat=True)) == {due}
    done = MakeUpStudy.objects.get(person=cast.m3)
    told = {"method": "self_study", "studied_on": timezone.localdate(), "content": "原文", "note": "已学"}
    hand_in(make_up=done, seen_version=0, by=cast.m3, at=timezone.now(), **told)
    reopen(session=over, by=cast.office, at=over.ends_at)
    for person in (cast.m1, cast.m3):
        register(over, person, "present", by=cast.office, at=over.starts_at)
    register(over, cast.deputy, "leave", leave_reason="sick", by=cast.office, at=over.starts_at)
    close(session=over, by=cast.office, at=over.ends_at)
    assert set(MakeUpStudy.objects.values_list("person__name", "state")) == {
        ("成员二", "due"),
        ("成员三", "handed_in"),
        ("副书记乙", "due"),
    }


def test_being_late_is_made_up_only_where_the_group_says_so(cast, over):
    told = {p.pk: Explained("late") for p in (cast.m1, cast.m2, cast.m3)}
    close(session=over, told=told, by=cast.office, at=over.ends_at)
    assert not MakeUpStudy.objects.exists()
    reopen(session=over, by=cast.office, at=over.ends_at)
    over.group.make_up_for_late, over.group.make_up_days = True, 7
    close(session=over, by=cast.office, at=over.ends_at)
    assert MakeUpStudy.objects.count() == 3
    assert MakeUpStudy.objects.first().due_on == local_date(over.starts_at) + timedelta(days=7)


def test_observers_owe_nothing(cast, now):
    session = make_session(cast, starts_at=now - timedelta(hours=3))
    set_participants(session=session, members=roster_on(cast.group, session), by=cast.office, at=now)
    fill_register(session, {cast.observer.pk: "leave", cast.extended.pk: "absent"}, by=cast.office)
    close(session=session, by=cast.office, at=now)
    assert set(MakeUpStudy.objects.values_list("person__name", flat=True)) == {"扩大丁"}


def test_closing_300_takes_the_statements_of_three(cast, over):
    counted = []
    for number in (3, 297):
        people = User.objects.bulk_create(
            User(username=f"x{number}-{n}", name=f"村书记{n}", password="!") for n in range(number - 3)
        )
        for person in people:
            enrol(
                group=cast.group, user=person, category="extended", title="", starts_on=local_date(over.starts_at),
                by=None, at=over.starts_at,
            )  # fmt: skip
        if people:
            reopen(session=over, by=cast.office, at=over.ends_at)
            set_participants(session=over, members=roster_on(cast.group, over), by=cast.office, at=over.ends_at)
        with CaptureQueriesContext(connection) as queries:
            close(session=over, mark_absent=True, by=cast.office, at=over.ends_at)
        counted.append(len([q for q in queries if not q["sql"].startswith("INSERT")]))
    assert MakeUpStudy.objects.count() == 298
    assert counted[0] == counted[1] <= 12


def test_it_is_not_closed_before_it_begins_nor_by_others(cast, as_, over, now):
    later = make_session(cast, starts_at=now + timedelta(days=1))
    with pytest.raises(Refused, match="还没有开始"):
        close(session=later, mark_absent=True, by=cast.office, at=now)
    assert as_(cast.m1).post(f"/sessions/{over.pk}/close/", {"mark_absent": "on"}).status_code == 403


def test_closing_before_the_planned_end_is_confirmed(cast, as_, now):
    session = make_session(cast, starts_at=timezone.now() - timedelta(hours=1))
    client, address = as_(cast.office), f"/sessions/{session.pk}/close/"
    ends = f"{timezone.localtime(session.ends_at):%H:%M}"
    assert f"还没到结束时间（{ends}），确定现在结束" in client.get(address).content.decode()
    refused = client.post(address, {"mark_absent": "on"})
    assert refused.status_code == 400
    assert f"还没到结束时间（{ends}），确定结束吗" in refused.content.decode()
    assert client.post(address, {"mark_absent": "on", "early": "on"}).status_code == 302
    session.refresh_from_db()
    assert session.is_held


def test_before_it_begins_there_is_no_form(cast, as_, now):
    session = make_session(cast, starts_at=timezone.now() + timedelta(days=1))
    page = as_(cast.office).get(f"/sessions/{session.pk}/close/").content.decode()
    assert "学习还没有开始" in page
    assert 'name="mark_absent"' not in page


def test_a_speaker_who_is_not_here_is_pointed_out(cast, as_, over):
    over.agenda.create(position=1, role="lead_reading", speaker=cast.m1)
    over.agenda.create(position=2, role="keynote", speaker=cast.secretary)
    page = as_(cast.office).get(f"/sessions/{over.pk}/close/").content.decode()
    assert "领学的成员一没有到会登记" in page
    assert "重点发言的书记甲" not in page
    assert f"/sessions/{over.pk}/edit/#agenda" in page


def test_only_the_observers_ticked_were_here_and_nobody_of_them_owes(cast, as_, over):
    set_participants(session=over, members=roster_on(cast.group, over), by=cast.office, at=over.starts_at)
    assert "到会的请勾选" in as_(cast.office).get(f"/sessions/{over.pk}/close/").content.decode()
    data = {"mark_absent": "on", "here": [cast.observer.pk]}
    assert as_(cast.office).post(f"/sessions/{over.pk}/close/", data).status_code == 302
    row = Attendance.objects.get(session=over, person=cast.observer)
    assert (row.status, row.is_counted) == ("present", False)
    assert not MakeUpStudy.objects.filter(person=cast.observer).exists()
    foreign = as_(cast.office).post(f"/sessions/{over.pk}/close/", {"here": [cast.m1.pk]})
    assert foreign.status_code == 400


def test_who_waits_for_an_answer_is_not_swept_up_as_absent(cast, as_, over):
    leave = {"reason": "sick", "explanation": "发烧", "by": cast.office, "at": over.starts_at}
    enter_leave(session=over, person=cast.m1, **leave)
    page = as_(cast.office).get(f"/sessions/{over.pk}/close/").content.decode()
    assert "请假待审批" in page
    refused = as_(cast.office).post(f"/sessions/{over.pk}/close/", {"mark_absent": "on"})
    assert refused.status_code == 409 or refused.status_code == 400
    assert "成员一的请假还没有审批" in refused.content.decode()
    over.refresh_from_db()
    assert over.is_called
