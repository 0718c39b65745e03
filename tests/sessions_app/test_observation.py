"""列席旁听: planned by the level above, fed back by checklist, each problem followed until it is closed."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from sessions_app.actions.observation import (
    Problem,
    change_observation,
    close_problem,
    plan_observation,
    report_measure,
    write_feedback,
)
from sessions_app.models import Observation, ObservationProblem, StudyRule
from sessions_app.models.observation import CHECKLIST, notice_days
from sessions_app.rules import working_days_before
from studygroup.lib.errors import NotAllowed, Overtaken, Refused
from tests.factories import make_session


def plan(cast, **facts):
    today = timezone.localdate()
    plain = {"session": None, "planned_on": today, "notified_on": today, "topic": "乡村振兴", "observers": "督导庚"}
    return plan_observation(group=cast.group, by=cast.supervisor, at=timezone.now(), **plain | facts)


def judged(**changes):
    return [{"item": item, "result": "good", "remark": ""} | changes for item in CHECKLIST]


@pytest.fixture
def fed_back(cast):
    visit = plan(cast)
    write_feedback(
        observation=visit, seen_version=visit.version, checklist=judged(), overall="组织规范。",
        strengths="", suggestions="",
        problems=[Problem("记录不全", "办公室", timezone.localdate() + timedelta(days=3))],
        send=True, by=cast.supervisor, at=timezone.now(),
    )  # fmt: skip
    return visit


def feedback_form(visit, **changes):
    data = {"version": visit.version, "overall": "好", "strengths": "结合实际", "suggestions": "多研讨"}
    data |= {f"result-{n}": "good" for n in range(len(CHECKLIST))}
    data |= {"problem-TOTAL_FORMS": 3, "problem-INITIAL_FORMS": 0}
    data |= {"problem-0-text": "发言材料未审核", "problem-0-owner": "办公室", "problem-0-due_on": "2030-01-01"}
    return data | changes


def test_planned_by_the_level_above_and_seen_by_both_sides(cast, as_, now):
    session = make_session(cast, starts_at=now + timedelta(days=9), title="九月研讨")
    above = as_(cast.supervisor)
    page = above.get(f"/observations/new/?group={cast.group.pk}").content.decode()
    assert "九月研讨" in page
    data = {"session": session.pk, "notified_on": timezone.localdate(), "observers": "督导庚、督导辛", "version": 0}
    above.post(f"/observations/new/?group={cast.group.pk}", data)
    visit = Observation.objects.get()
    assert (visit.group, visit.session, visit.planned_on, visit.topic) == (
        cast.group, session, session.day, "九月研讨",
    )  # fmt: skip
    for person in (cast.office, cast.secretary, cast.supervisor):
        assert "督导庚、督导辛" in as_(person).get("/observations/").content.decode()
        assert "旁听人：督导庚、督导辛" in as_(person).get(f"/sessions/{session.pk}/").content.decode()
    for person in (cast.foreign_office, cast.sub_office):
        assert "督导庚" not in as_(person).get("/observations/").content.decode()
        assert as_(person).get(f"/observations/{visit.pk}/").status_code == 404
    assert as_(cast.m1).get("/observations/").status_code == 403
    assert "列席旁听" not in as_(cast.m1).get("/sessions/").content.decode()


def test_supervisor_visits_only_groups_below(cast, as_, now):
    above = as_(cast.supervisor)
    page = above.get("/observations/new/").content.decode()
    assert "本镇党委" in page
    assert "本县委理论" not in page
    assert "外镇" not in page
    data = {"planned_on": "2030-01-01", "notified_on": "2029-12-20", "observers": "甲"}
    above.post(f"/observations/new/?group={cast.foreign_group.pk}", data)
    foreign = make_session(cast, group=cast.foreign_group, by=cast.foreign_office, starts_at=now)
    response = above.post(f"/observations/new/?group={cast.group.pk}", data | {"session": foreign.pk})
    assert response.status_code == 200
    assert not Observation.objects.exists()
    assert as_(cast.office).get("/observations/new/").status_code == 403
    with pytest.raises(NotAllowed):
        plan_observation(
            group=cast.foreign_group, session=None, by=cast.supervisor, at=now, observers="甲",
            planned_on=date(2030, 1, 1), notified_on=date(2029, 1, 1),
        )  # fmt: skip


@pytest.mark.parametrize(
    ("day", "told", "days"),
    [
        (date(2026, 11, 25), date(2026, 11, 23), 2),
        (date(2026, 11, 23), date(2026, 11, 20), 1),  # Friday → Monday
        (date(2026, 11, 23), date(2026, 11, 23), 0),
        (date(2026, 11, 22), date(2026, 11, 23), 0),
        (date(2020, 10, 9), date(2020, 9, 30), 1),  # the eight days of National Day
        (date(2150, 1, 5), date(2150, 1, 2), 1),  # no calendar yet: Friday → Monday
    ],
)
def test_notice_is_counted_in_working_days(day, told, days):
    assert working_days_before(day, told) == days


def test_short_notice_is_flagged_by_the_rule_and_not_refused(cast, as_):
    visit = plan(cast)
    page = as_(cast.office).get(f"/observations/{visit.pk}/").content.decode()
    assert "少于规定的 2 个工作日" in page
    year = visit.planned_on.year
    StudyRule.objects.create(
        group=cast.group, measure="observation_notice_days", period="year", from_year=year, minimum=5
    )
    assert notice_days(cast.group.pk, year) == 5
    assert notice_days(cast.group.pk, year - 1) == 2
    StudyRule.objects.update(is_active=False)
    assert "少于规定" not in as_(cast.office).get(f"/observations/{visit.pk}/").content.decode()


def test_feedback_is_kept_then_sent_and_the_draft_is_seen_by_nobody(cast, as_):
    visit, above = plan(cast), as_(cast.supervisor)
    address = f"/observations/{visit.pk}/feedback/"
    above.post(address, feedback_form(visit, **{"result-3": "", "remark-0": "计划未审定"}))
    visit.refresh_from_db()
    assert (visit.state, visit.checklist[0]["remark"]) == ("planned", "计划未审定")
    assert "计划未审定" in above.get(address).content.decode()
    for path in ("", "print/"):
        seen = as_(cast.office).get(f"/observations/{visit.pk}/{path}").content.decode()
        assert "计划未审定" not in seen
        assert "发言材料未审核" not in seen
    response = above.post(address, feedback_form(visit, **{"result-3": "", "send": "1"}))
    assert response.status_code == 400
    assert "外请授课审批</a>：请选结果" in response.content.decode()
    above.post(address, feedback_form(visit, send="1"))
    visit.refresh_from_db()
    assert visit.is_fed_back
    page = as_(cast.office).get(f"/observations/{visit.pk}/print/").content.decode()
    assert "发言材料未审核（责任人：办公室，期限：2030年1月1日）" in page
    assert above.post(address, feedback_form(visit, overall="改了")).status_code == 400
    assert as_(cast.office).post(address, feedback_form(visit)).status_code == 403


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"problem-1-text": "只有问题"}, "请写责任人。"),
        ({"problem-0-due_on": "明天"}, "invalid-feedback"),
        ({"result-0": "excellent"}, "invalid-feedback"),
        ({"remark-0": "长" * 201}, "最多 200 个字"),
    ],
)
def test_broken_feedback_is_told_and_kept(cast, as_, changes, told):
    visit = plan(cast)
    response = as_(cast.supervisor).post(f"/observations/{visit.pk}/feedback/", feedback_form(visit, **changes))
    assert response.status_code == 400
    assert told in response.content.decode()
    assert "结合实际" in response.content.decode()
    assert not ObservationProblem.objects.exists()


def test_two_observers_at_once(cast, as_):
    visit = plan(cast)
    old = feedback_form(visit, overall="我写的评价")
    as_(cast.supervisor).post(f"/observations/{visit.pk}/feedback/", feedback_form(visit))
    response = as_(cast.supervisor).post(f"/observations/{visit.pk}/feedback/", old)
    assert response.status_code == 409
    assert "我写的评价" in response.content.decode()
    stale = {"session": None, "planned_on": visit.planned_on, "notified_on": visit.notified_on}
    with pytest.raises(Overtaken):
        change_observation(observation=visit, seen_version=0, by=cast.supervisor, at=timezone.now(), **stale)
    assert as_(cast.supervisor).post(f"/observations/{visit.pk}/cancel/", {"version": 0}).status_code == 409


def test_a_problem_is_answered_returned_and_closed(cast, as_, fed_back):
    problem = fed_back.problems.get()
    office, above = as_(cast.office), as_(cast.supervisor)
    measure, close = f"/observations/problems/{problem.pk}/measure/", f"/observations/problems/{problem.pk}/close/"
    assert above.post(close, {"decision": "close", "version": 0}).status_code == 400
    assert office.post(measure, {"measure": " ", "version": 0}).status_code == 400
    office.post(measure, {"measure": "已补记录。", "version": 0})
    assert office.post(measure, {"measure": "别人又写", "version": 0}).status_code == 409
    response = above.post(close, {"decision": "return", "answer": "", "version": 1})
    assert response.status_code == 400
    above.post(close, {"decision": "return", "answer": "请附记录人。", "version": 1})
    assert "退回继续整改：请附记录人。" in office.get(f"/observations/{fed_back.pk}/").content.decode()
    office.post(measure, {"measure": "已补记录和记录人。", "version": 2})
    above.post(close, {"decision": "close", "version": 3})
    problem.refresh_from_db()
    assert (problem.closed_by, problem.measure) == (cast.supervisor, "已补记录和记录人。")
    assert office.post(measure, {"measure": "再改", "version": 4}).status_code == 409
    assert "已全部销号" in above.get("/observations/").content.decode()


def test_each_side_writes_only_its_own(cast, as_, fed_back, now):
    problem = fed_back.problems.get()
    told = {"problem": problem, "seen_version": 0, "at": now}
    for person in (cast.supervisor, cast.m1, cast.deputy):
        with pytest.raises(NotAllowed):
            report_measure(measure="我来写", by=person, **told)
    for person in (cast.office, cast.secretary):
        with pytest.raises(NotAllowed):
            close_problem(by=person, **told)
    assert as_(cast.foreign_office).post(
        f"/observations/problems/{problem.pk}/measure/", {"measure": "x", "version": 0}
    ).status_code == 404  # fmt: skip
    report_measure(measure="组长答复", by=cast.secretary, **told)
    assert ObservationProblem.objects.get().reported_by == cast.secretary


def test_overdue_problems_are_told(cast, as_, fed_back):
    ObservationProblem.objects.update(due_on=timezone.localdate() - timedelta(days=1))
    for person in (cast.office, cast.supervisor):
        assert "有逾期" in as_(person).get("/observations/").content.decode()
        assert "逾期" in as_(person).get(f"/observations/{fed_back.pk}/").content.decode()


def test_not_sent_before_the_day(cast):
    visit = plan(cast, planned_on=timezone.localdate() + timedelta(days=1))
    with pytest.raises(Refused, match="旁听的日子还没有到"):
        write_feedback(
            observation=visit, seen_version=0, checklist=judged(), problems=[], send=True, overall="好",
            by=cast.supervisor, at=timezone.now(),
        )  # fmt: skip


def test_everything_wrong_is_told_at_once_at_the_top_with_links(cast, as_):
    visit = plan(cast)
    wrong = {"result-1": "bad", "result-3": "", "overall": "", "problem-0-owner": "", "send": "1"}
    response = as_(cast.supervisor).post(f"/observations/{visit.pk}/feedback/", feedback_form(visit, **wrong))
    assert response.status_code == 400
    page = response.content.decode()
    top = page[: page.index("feedback-table")]
    for place, name in (
        ("id_remark-1", "季度研讨"), ("id_result-3", "外请授课审批"), ("id_overall", "总体评价"),
        ("id_problem-0-owner", "问题 1 整改责任人"),
    ):  # fmt: skip
        assert f'<a href="#{place}">{name}</a>' in top
        assert f'id="{place}"' in page
    assert "每季度至少一次集体学习研讨" in page
    with pytest.raises(Refused, match="不符合的请写说明"):
        write_feedback(
            observation=visit, seen_version=0, checklist=judged(result="bad"), problems=[], send=True, overall="好",
            by=cast.supervisor, at=timezone.now(),
        )  # fmt: skip


def test_more_problems_than_three_at_once(cast, as_):
    visit = plan(cast)
    lines = {f"problem-{n}-{name}": value for n in range(5) for name, value in (
        ("text", f"问题之{n}"), ("owner", "办公室"), ("due_on", "2030-01-01"))}  # fmt: skip
    data = feedback_form(visit, **lines, **{"problem-TOTAL_FORMS": 5, "send": "1"})
    page = as_(cast.supervisor).get(f"/observations/{visit.pk}/feedback/").content.decode()
    assert 'data-add-row="problem"' in page
    as_(cast.supervisor).post(f"/observations/{visit.pk}/feedback/", data)
    assert visit.problems.count() == 5


def test_feedback_waits_for_the_end_of_the_session(cast, as_, now):
    session = make_session(cast, starts_at=now - timedelta(minutes=5))
    visit = plan(cast, session=session, planned_on=session.day)
    told = as_(cast.supervisor).post(f"/observations/{visit.pk}/feedback/", feedback_form(visit, send="1"))
    assert "学习还没有结束" in told.content.decode()
    assert "发出反馈" not in as_(cast.supervisor).get(f"/observations/{visit.pk}/feedback/").content.decode()
    visit.refresh_from_db()
    assert visit.is_planned


def test_notice_typed_back_is_marked_and_stays_short(cast, as_):
    today = timezone.localdate()
    visit = plan(cast, planned_on=today, notified_on=today - timedelta(days=30))
    for person in (cast.office, cast.supervisor):
        page = as_(person).get(f"/observations/{visit.pk}/").content.decode()
        assert "补录" in page
        assert "按登记提前 0 个工作日，少于规定的 2 个工作日" in page
    later = {"session": None, "planned_on": today + timedelta(days=20), "notified_on": today}
    change_observation(observation=visit, seen_version=0, by=cast.supervisor, at=timezone.now(), **later)
    assert "补录" not in as_(cast.office).get(f"/observations/{visit.pk}/").content.decode()


@pytest.mark.parametrize("person", ["supervisor", "office"])
def test_list_takes_the_same_statements_for_one_and_thirty(cast, as_, person):
    client, counted = as_(getattr(cast, person)), []
    for number in (1, 29):
        for _ in range(number):
            visit = plan(cast)
            visit.problems.create(number=1, text="问题", owner="甲", due_on=visit.planned_on)
        client.get("/observations/")
        with CaptureQueriesContext(connection) as queries:
            client.get("/observations/")
        counted.append(len(queries))
    assert counted[0] == counted[1] <= 14
