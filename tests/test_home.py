"""The roof: what waits for each person, health, error pages, settings for production."""

import os
import subprocess
import sys
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from reviews.chain import State
from sessions_app.actions.leave import ask_leave
from studygroup.desk import desk_of
from studygroup.lib.models import Heartbeat
from tests.factories import item_row, make_monthly_plan, make_session, make_submission, walk_to


def tasks(desk) -> dict[str, str]:
    return {task.what: task.verb for task in (*desk.today, *desk.reviews, *desk.office)}


def test_a_member_is_led_to_sign_in_and_to_what_was_returned(cast, now):
    session = make_session(cast, title="今天的学习", starts_at=now)
    make_session(cast, title="后天的学习", starts_at=now + timedelta(days=2))
    paper = make_submission(cast, author=cast.m1, title="被退回的心得")
    walk_to(paper.review, State.RETURNED, cast)
    desk = desk_of(cast.m1, now)
    assert tasks(desk) == {"今天的学习": "签到", "被退回的心得": "修改"}
    assert [task.what for task in desk.upcoming] == ["后天的学习"]
    assert desk.today[0].address == f"/sessions/{session.pk}/sign-in/"


def test_reviewers_see_only_what_waits_at_their_step(cast, now):
    waiting = {
        State.FIRST_REVIEW: cast.office,
        State.SECOND_REVIEW: cast.propaganda,
        State.FINAL_GATE: cast.secretary,
    }
    for state in waiting:
        walk_to(make_submission(cast, author=cast.m1, title=f"在{state.label}").review, state, cast)
    for state, person in waiting.items():
        assert [task.what for task in desk_of(person, now).reviews] == [f"在{state.label}"]
    assert desk_of(cast.m2, now).reviews == []
    assert desk_of(cast.foreign_office, now).reviews == []


def test_the_leader_decides_leave_from_his_home_page(cast, now):
    session = make_session(cast, starts_at=now + timedelta(days=1))
    ask_leave(session=session, person=cast.m1, reason="sick", explanation="看病", at=now)
    assert tasks(desk_of(cast.secretary, now))[f"{cast.m1.name}请假"] == "审批"
    assert f"{cast.m1.name}请假" not in tasks(desk_of(cast.office, now))


def test_the_office_is_told_what_it_left_unfinished(cast, now):
    make_session(cast, title="开过没结束", starts_at=now - timedelta(days=1))
    make_session(cast, title="还没通知", starts_at=now + timedelta(days=1), called=False)
    found = tasks(desk_of(cast.office, now))
    assert found["开过没结束"] == "核对并结束"
    assert found["还没通知"] == "补全并通知"
    today = timezone.localdate()
    assert found[f"{today.month}月学习安排"] == "编制"
    make_monthly_plan(cast, year=today.year, month=today.month, rows=[item_row()])
    assert f"{today.month}月学习安排" not in tasks(desk_of(cast.office, now))


@pytest.mark.parametrize(
    ("person", "shown", "hidden"),
    [
        ("office", ["办公室待办", "写材料"], ["系统管理"]),
        ("m1", ["写材料"], ["办公室待办", "统计", "名单"]),
        ("supervisor", ["您督导的学习组", "本镇党委理论学习中心组"], ["写材料", "外镇"]),
        ("sysadmin", ["进入系统管理"], ["写材料", "办公室待办"]),
        ("observer", ["今天没有等您办的事"], ["写材料", "办公室待办"]),
    ],
)
def test_each_role_finds_its_own_next_step(cast, as_, person, shown, hidden):
    page = as_(getattr(cast, person)).get("/").content.decode()
    assert [text for text in shown if text not in page] == []
    assert [text for text in hidden if text in page] == []


@pytest.mark.parametrize("person", ["office", "propaganda", "secretary", "m1", "supervisor"])
def test_home_asks_the_same_number_of_queries_for_1_and_30_rows(cast, as_, now, person):
    client = as_(getattr(cast, person))

    def fill(number: int) -> None:
        for index in range(number):
            make_session(cast, title=f"学习{index}", starts_at=now + timedelta(minutes=index))
            make_session(cast, title=f"草稿{index}", starts_at=now + timedelta(days=1), called=False)
            for author in (cast.m1, cast.m2):
                paper = make_submission(cast, author=author, title=f"材料{index}")
                walk_to(paper.review, (State.FIRST_REVIEW, State.SECOND_REVIEW, State.FINAL_GATE)[index % 3], cast)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/").status_code == 200
        return len(captured)

    fill(1)
    queries()
    few = queries()
    fill(10)
    assert queries() == few <= (45 if timezone.localdate().month == 1 else 38)  # January looks back too


# -- health, errors, production ---------------------------------------------------


def test_health_says_the_state_of_each_part(client, db):
    assert client.get("/healthz").json() == {"database": "ok", "broker": "ok", "worker": "silent"}
    Heartbeat.objects.create(name="worker", at=timezone.now())
    response = client.get("/healthz")
    assert response.status_code == 200
    assert response.json()["worker"] == "ok"


def test_health_is_503_only_without_the_database(client, db, monkeypatch):
    def gone(*_args, **_kwargs):
        raise DatabaseError

    with monkeypatch.context() as patched:
        patched.setattr(connection, "cursor", gone)
        response = client.get("/healthz")
    assert response.status_code == 503
    assert response.json()["database"] == "gone"


def test_error_pages_are_ours_and_in_chinese(cast, as_, client):
    missing = as_(cast.m1).get("/nowhere/")
    assert missing.status_code == 404
    assert "没有找到" in missing.content.decode()
    refused = as_(cast.m1).get("/people/new/")
    assert refused.status_code == 403
    assert "不能办理" in refused.content.decode()
    assert client.get("/nowhere/").status_code == 404


def test_a_form_without_its_token_is_explained_and_what_was_typed_is_shown(cast):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.m1, backend="django.contrib.auth.backends.ModelBackend")
    response = client.post("/submissions/new/", {"title": "没有丢的标题", "password": "x-secret"})
    page = response.content.decode()
    assert response.status_code == 403
    assert "没有丢的标题" in page
    assert "x-secret" not in page


def test_every_page_carries_the_policy_that_keeps_strangers_out(cast, as_):
    response = as_(cast.m1).get("/")
    assert "default-src 'self'" in response.headers["Content-Security-Policy"]
    assert "unsafe" not in response.headers["Content-Security-Policy"]
    assert response.headers["X-Frame-Options"] == "DENY"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "same-origin"


def test_the_deployment_check_is_clean_behind_tls(tmp_path):
    environment = {
        **{
            name: value for name, value in os.environ.items() if name not in ("SECRET_KEY", "DJANGO_ALLOW_ASYNC_UNSAFE")
        },
        "DJANGO_SETTINGS_MODULE": "studygroup.settings",
        "DATA_DIR": str(tmp_path),
        "BEHIND_TLS": "1",
        "DEBUG": "0",
        "ALLOWED_HOSTS": "xuexi.example.gov.cn",
    }
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_no_migration_is_missing(db):
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)
