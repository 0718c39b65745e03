"""首页: the sessions of a member from asking for leave to the end, and the office in the half hour before."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.actions.people import delegate
from accounts.permissions import Role
from reports.actions.correction import answer_correction, ask_correction
from reviews.chain import State
from sessions_app.actions.leave import ask_leave, decide_leave
from sessions_app.models import AgendaItem, Attendance
from studygroup.desk import desk_of
from tests.factories import make_annual_plan, make_session, make_submission, walk_to


def leave_of(cast, session, now, decision=None):
    leave = ask_leave(session=session, person=cast.m1, reason="sick", explanation="看病", at=now)
    if decision is not None:
        decide_leave(request=leave, grant=decision, answer="这次要表决。", by=cast.secretary, at=now)
    return leave


@pytest.mark.parametrize(("decision", "badge"), [(None, "请假待审批"), (True, "已准假")])
def test_a_session_stays_among_the_next_with_what_became_of_his_leave(cast, as_, now, decision, badge):
    session = make_session(cast, title="后天的学习", starts_at=now + timedelta(days=2))
    leave_of(cast, session, now, decision)
    desk = desk_of(cast.m1, now)
    assert [(task.what, task.badge) for task in desk.upcoming] == [("后天的学习", badge)]
    assert badge in as_(cast.m1).get("/").content.decode()


def test_a_refused_leave_is_told_with_its_reason_among_todays_work(cast, as_, now):
    session = make_session(cast, title="后天的学习", starts_at=now + timedelta(days=2))
    leave_of(cast, session, now, decision=False)
    desk = desk_of(cast.m1, now)
    assert [(task.what, task.badge) for task in desk.today] == [("后天的学习", "未准假")]
    assert desk.today[0].note.endswith("未准假：这次要表决，请按时参加")
    assert desk.upcoming == []
    (task,) = desk_of(cast.m1, session.starts_at).today
    assert (task.verb, task.badge) == ("签到", "未准假")


def test_the_next_session_tells_time_place_and_his_part_above_his_papers(cast, as_, now):
    session = make_session(cast, title="后天的学习", starts_at=now + timedelta(days=2))
    for position, role in enumerate(("lead_reading", "keynote", "keynote")):
        AgendaItem.objects.create(session=session, position=position, role=role, speaker=cast.m1)
    make_submission(cast, author=cast.m1, title="在写的心得")
    assert desk_of(cast.m1, now).upcoming[0].note.endswith(f"{session.place}　您领学、重点发言")
    assert "您" not in desk_of(cast.m2, now).upcoming[0].note
    page = as_(cast.m1).get("/").content.decode()
    assert page.index("接下来的学习") < page.index("写材料</a>") < page.index("在写的心得")


def test_who_has_signed_in_keeps_a_line_until_the_end(cast, now):
    session = make_session(cast, title="今天的学习", starts_at=now)
    Attendance.objects.create(session=session, person=cast.m1, status="present", source="qr", at=now)
    (task,) = desk_of(cast.m1, now + timedelta(minutes=5)).upcoming
    assert task.note == f"已签到 {timezone.localtime(now):%H:%M} · {session.place}"
    assert desk_of(cast.m1, now + timedelta(minutes=5)).today == []
    assert desk_of(cast.m1, session.ends_at).upcoming == []


def test_the_office_finds_the_screen_as_soon_as_people_may_sign_in(cast, as_, now):
    session = make_session(cast, title="下午的学习", starts_at=now + timedelta(minutes=31))
    assert "下午的学习" not in [task.what for task in desk_of(cast.office, now).today]
    (task,) = [t for t in desk_of(cast.office, now + timedelta(minutes=1)).today if t.what == "下午的学习"]
    assert (task.verb, task.address) == ("投屏签到", f"/sessions/{session.pk}/screen/")
    assert task.also == (("会务台", f"/sessions/{session.pk}/register/"),)


def test_unfinished_papers_come_first_and_few_finished_ones_below(cast, now):
    unfinished = make_submission(cast, author=cast.m1, title="在办的")
    for n in range(7):
        walk_to(make_submission(cast, author=cast.m1, title=f"通过{n}").review, State.APPROVED, cast)
    desk = desk_of(cast.m1, now)
    assert [paper["title"] for paper in desk.papers] == [unfinished.title]
    assert [paper["title"] for paper in desk.finished] == ["通过6", "通过5"]


def test_a_leave_waiting_for_a_deputy_says_for_whom(cast, now):
    session = make_session(cast, starts_at=now + timedelta(days=2))
    leave_of(cast, session, now)
    today = timezone.localdate()
    delegate(
        group=cast.group, principal=cast.secretary, delegate=cast.deputy, role=Role.LEADER, kind="leave",
        starts_on=today, ends_on=today, reason="出差", at=now,
    )  # fmt: skip
    note = {task.what: task.note for task in desk_of(cast.deputy, now).today}[f"{cast.m1.name}请假"]
    assert note.endswith("受书记甲委托")
    assert "委托" not in desk_of(cast.secretary, now).today[0].note


def test_the_office_is_told_for_a_week_what_got_through(cast, now):
    case = make_annual_plan(cast).review
    walk_to(case, State.APPROVED, cast)
    case.refresh_from_db()
    told = desk_of(cast.office, case.state_since).told
    assert [(task.what, task.verb) for task in told] == [(case.title, "查看")]
    assert desk_of(cast.office, case.state_since + timedelta(days=8)).told == []
    assert desk_of(cast.foreign_office, case.state_since).told == []
    assert desk_of(cast.m1, case.state_since).told == []


def test_a_new_township_is_led_through_its_first_steps(cast, as_):
    def steps(person):
        return [(what, verb) for what, verb, _ in desk_of(person, timezone.now()).first_steps]

    assert steps(cast.office) == [("还没有年度学习计划", "编制")]
    assert steps(cast.sub_office) == [
        ("名单还是空的", "导入或录入名单"),
        ("还没有任命组长和学习秘书，请系统管理员任命", ""),
        ("还没有年度学习计划", "编制"),
    ]
    assert "先办这几件" in as_(cast.sub_office).get("/").content.decode()
    for _, verb, address in desk_of(cast.sub_office, timezone.now()).first_steps:
        assert not verb or as_(cast.sub_office).get(address).status_code == 200
    make_annual_plan(cast)
    assert "先办这几件" not in as_(cast.office).get("/").content.decode()
    assert steps(cast.m1) == []


def test_what_is_his_own_is_under_more_on_a_phone(cast, as_):
    def more(person):
        return as_(person).get("/").content.decode().split("nav-more-list")[1].split("</details>")[0]

    for word in ("请假", "补学", "委托", "我的", "退出"):
        assert f">{word}<" in more(cast.m1)
    assert ">请假<" not in more(cast.supervisor)
    assert ">我的<" in more(cast.supervisor)


def test_each_light_on_the_leaders_home_leads_somewhere(cast, as_):
    page = as_(cast.secretary).get("/").content.decode()
    lights = page.split('class="card lights"')[1].split("</section>")[0] if "card lights" in page else ""
    assert lights.count("<li>") == lights.split("</ul>")[0].count('class="btn btn-small"')


def test_the_statements_stay_the_same_for_1_and_10_sessions(cast, as_, now):
    client, counted = as_(cast.m1), []
    for number in (1, 9):
        for n in range(number):
            session = make_session(cast, title=f"学习{n}", starts_at=now + timedelta(days=1, minutes=n))
            AgendaItem.objects.create(session=session, position=1, role="keynote", speaker=cast.m1)
            leave_of(cast, session, now)
        client.get("/")
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/").status_code == 200
        counted.append(len(queries))
    assert counted[0] == counted[1]


def test_passed_papers_are_told_beside_many_drafts_and_a_return_is_never_crowded_out(cast, now):
    passed = make_submission(cast, author=cast.m1, title="早已写好")
    walk_to(passed.review, State.APPROVED, cast)
    returned = make_submission(cast, author=cast.m1, title="退回的")
    walk_to(returned.review, State.RETURNED, cast)
    for n in range(8):
        make_submission(cast, author=cast.m1, title=f"草稿{n}")
    desk = desk_of(cast.m1, now)
    assert [paper["title"] for paper in desk.finished] == ["早已写好"]
    assert [task.what for task in desk.today] == ["退回的"]
    assert len(desk.papers) == 6


def test_a_session_he_runs_and_attends_stands_once_with_his_own_sign_in_first(cast, now):
    session = make_session(cast, title="上午的学习", starts_at=now + timedelta(minutes=5))
    (task,) = [t for t in desk_of(cast.propaganda, now).today if t.what == "上午的学习"]
    assert task.verb == "签到"
    assert [verb for verb, _ in task.also] == ["投屏签到", "会务台"]
    Attendance.objects.create(session=session, person=cast.propaganda, status="present", source="qr", at=now)
    desk = desk_of(cast.propaganda, now)
    (task,) = [t for t in (*desk.today, *desk.upcoming) if t.what == "上午的学习"]
    assert (task.verb, task.badge) == ("投屏签到", "已签到")


def test_a_refused_correction_is_a_result_and_not_an_approval(cast, as_, now):
    asked = ask_correction(group=cast.group, year=2020, part="papers", text="少一篇", by=cast.m1, at=now)
    told = {"state": "kept", "answer": "登记无误，不更正。"}
    answer_correction(request=asked, seen_version=asked.version, by=cast.office, at=now, **told)
    desk = desk_of(cast.m1, now)
    assert (desk.told, [task.what for task in desk.answered]) == ([], ["2020年学习档案更正申请"])
    shown = as_(cast.m1).get("/").content.decode()
    assert "最近办理结果" in shown
    assert "最近审核通过" not in shown


def test_reviews_stand_above_the_work_of_the_office(cast, as_):
    walk_to(make_submission(cast, author=cast.m1, title="等复审的").review, State.SECOND_REVIEW, cast)
    shown = as_(cast.propaganda).get("/").content.decode()
    assert shown.index("等您审核") < shown.index("办公室待办")
