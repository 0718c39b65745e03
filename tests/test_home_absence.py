"""首页: what is owed after an absence, and what a visit of the level above asks of both sides."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from sessions_app.models import MakeUpStudy, Observation, ObservationProblem
from studygroup.desk import desk_of
from tests.factories import make_closed_session


def tasks(desk):
    return {task.what: (task.note, task.verb) for task in (*desk.today, *desk.office, *desk.upcoming)}


def visit(cast, day, state="planned"):
    return Observation.objects.create(
        group=cast.group,
        planned_on=day,
        notified_on=day,
        announced_at=timezone.now(),
        observers="督导庚",
        topic="基层治理",
        state=state,
    )


def test_a_member_is_told_what_he_owes_and_the_office_what_waits(cast, now):
    make_closed_session(cast, title="二月学习", status={cast.m1.pk: "leave", cast.m2.pk: "absent"})
    found = tasks(desk_of(cast.m1, now))
    day = timezone.localdate(timezone.now() - timedelta(days=1))
    assert found["补学：二月学习"] == (f"{day.month}月{day.day}日的学习　还有 13 天", "补学")
    assert not any("待核实" in what for what in tasks(desk_of(cast.office, now)))
    MakeUpStudy.objects.update(due_on=timezone.localdate() - timedelta(days=1))
    assert tasks(desk_of(cast.m1, now))["补学：二月学习"][0].endswith("已超期 1 天")
    MakeUpStudy.objects.update(state="handed_in", method="told", studied_on=timezone.localdate())
    assert tasks(desk_of(cast.office, now))["补学待核实 2 份"][1] == "核实"
    assert "补学：二月学习" not in tasks(desk_of(cast.m1, now))


def test_a_visit_is_told_to_both_sides_and_to_nobody_else(cast, now):
    today = timezone.localdate()
    visit(cast, today + timedelta(days=3))
    for person in (cast.office, cast.secretary):
        assert "上级列席旁听：基层治理" in tasks(desk_of(person, now))
    assert f"列席旁听：{cast.group.name}" in tasks(desk_of(cast.supervisor, now))
    for person in (cast.m1, cast.foreign_office, cast.sub_office):
        assert not any("旁听" in what for what in tasks(desk_of(person, now)))
    Observation.objects.update(planned_on=today)
    assert tasks(desk_of(cast.supervisor, now))[f"旁听反馈：{cast.group.name}"][1] == "写反馈"


def test_a_problem_waits_first_for_the_observed_then_for_the_observer(cast, now):
    today = timezone.localdate()
    visit(cast, today, "fed_back").problems.create(number=1, text="记录不全", owner="办公室", due_on=today)
    assert tasks(desk_of(cast.office, now))["旁听整改：记录不全"] == ("今天到期", "报告整改")
    assert not any("记录不全" in what for what in tasks(desk_of(cast.supervisor, now)))
    ObservationProblem.objects.update(measure="已补。", reported_at=now)
    assert tasks(desk_of(cast.supervisor, now))["旁听整改待销号：记录不全"][1] == "核查销号"
    assert not any("记录不全" in what for what in tasks(desk_of(cast.office, now)))


@pytest.mark.parametrize("person", ["propaganda", "secretary", "supervisor"])
def test_the_statements_stay_the_same_for_1_and_10(cast, as_, now, person):
    client, counted = as_(getattr(cast, person)), []
    for number in (1, 9):
        for n in range(number):
            make_closed_session(
                cast, title=f"学习{n}", starts_at=now - timedelta(days=2, minutes=n),
                status={cast.propaganda.pk: "leave", cast.m1.pk: "absent", cast.secretary.pk: "leave"},
            )  # fmt: skip
            visit(cast, timezone.localdate() + timedelta(days=1))
            done = visit(cast, timezone.localdate(), "fed_back")
            done.problems.create(number=1, text=f"问题{n}", owner="甲", due_on=timezone.localdate())
        client.get("/")
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/").status_code == 200
        counted.append(len(queries))
    assert counted[0] == counted[1]
