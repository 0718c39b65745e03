"""后台任务: the row is the truth, whoever dies."""

import logging
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from studygroup.lib import jobs, tasks
from studygroup.lib.errors import Refused
from studygroup.lib.models import Heartbeat, Job
from studygroup.lib.models.job import JobState


class Killed(BaseException):
    """Stands for SIGKILL: nothing in the product catches it."""


@pytest.fixture
def kind(monkeypatch):
    """Register handlers for one test only."""
    monkeypatch.setattr(jobs, "_handlers", dict(jobs._handlers))

    def register(handler, name="probe"):
        jobs.handler(name)(handler)
        return name

    return register


@pytest.fixture
def start(db, now):
    def begin(kind, key="2020", **params):
        job, _ = jobs.start(kind=kind, key=key, title="试验", params=params, by=None, at=now)
        return job

    return begin


@pytest.fixture
def sent(monkeypatch):
    """The numbers handed to the broker."""
    numbers: list[int] = []
    monkeypatch.setattr(tasks.run_job, "delay", numbers.append)
    return numbers


def expire(job):
    """The worker is dead: nobody renews the lease any more."""
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))


def test_a_job_runs_shows_its_steps_and_keeps_its_result(kind, start):
    seen = []

    def handler(run):
        run.progress(30, "数活动")
        seen.append(Job.objects.values("state", "percent", "steps").get(pk=run.job_id))
        return lambda: {"rows": run.params["rows"]}

    job = start(kind(handler), rows=14)
    jobs.run(job.pk)
    job.refresh_from_db()
    assert seen == [{"state": "running", "percent": 30, "steps": ["数活动"]}]
    assert (job.state, job.percent, job.result, job.attempts) == (JobState.DONE, 100, {"rows": 14}, 1)
    assert job.finished_at is not None


def test_a_finished_job_is_not_done_again(kind, start):
    calls = []
    job = start(kind(lambda run: (calls.append(run.fence), dict)[1]))
    jobs.run(job.pk)
    jobs.run(job.pk)
    assert calls == [1]


def test_a_running_job_is_nobody_elses(kind, start):
    job = start(kind(lambda run: dict))
    assert jobs.claim(job.pk) is not None
    assert jobs.claim(job.pk) is None


def test_asked_twice_there_is_one_active_job(kind, db, now):
    told = {"kind": kind(lambda run: dict), "key": "town:2020", "title": "试验", "params": {}, "by": None, "at": now}
    first, made = jobs.start(**told)
    second, made_again = jobs.start(**told)
    assert (made, made_again, second) == (True, False, first)
    jobs.run(first.pk)
    third, made = jobs.start(**told)
    assert made
    assert third != first


def test_the_database_allows_one_active_job_per_key(kind, start):
    start(kind(lambda run: dict))
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.create(kind="probe", key="2020", title="又一个", created_at=timezone.now())


def test_killed_half_way_and_run_again_a_job_finishes_once(kind, start):
    stored = []

    def handler(run):
        run.progress(50, "一半")
        if run.fence == 1:
            raise Killed
        return lambda: stored.append(run.fence) or {"by": run.fence}

    job = start(kind(handler))
    with pytest.raises(Killed):
        jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.percent, stored) == (JobState.RUNNING, 50, [])
    jobs.run(job.pk)
    assert stored == [], "the lease still holds"
    expire(job)
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.result, job.attempts, stored) == (JobState.DONE, {"by": 2}, 2, [2])


def test_killed_while_storing_leaves_nothing_half_stored(kind, start):
    def handler(run):
        def store():
            Heartbeat.objects.create(name=f"stored-{run.fence}", at=timezone.now())
            if run.fence == 1:
                raise Killed
            return {}

        return store

    job = start(kind(handler))
    with pytest.raises(Killed):
        jobs.run(job.pk)
    assert not Heartbeat.objects.filter(name__startswith="stored").exists()
    assert Job.objects.get(pk=job.pk).state == JobState.RUNNING
    expire(job)
    jobs.run(job.pk)
    assert list(Heartbeat.objects.filter(name__startswith="stored").values_list("name", flat=True)) == ["stored-2"]


def test_whoever_comes_back_late_writes_nothing(kind, start):
    """A worker thought dead wakes up after another has taken over: his fence is old."""
    stored = []

    def handler(run):
        if run.fence == 1:
            expire(run_job)
            jobs.run(run.job_id)  # the other worker, meanwhile
        return lambda: stored.append(run.fence) or {"by": run.fence}

    run_job = start(kind(handler))
    jobs.run(run_job.pk)
    run_job.refresh_from_db()
    assert stored == [2]
    assert run_job.result == {"by": 2}


def test_a_late_worker_learns_it_from_his_progress(kind, start):
    job = start(kind(lambda run: dict))
    late = jobs.claim(job.pk)
    expire(job)
    jobs.run(job.pk)
    with pytest.raises(jobs.ClaimLost):
        late.progress(60, "还在数")
    assert Job.objects.get(pk=job.pk).percent == 100


def test_progress_renews_the_lease(kind, start):
    job = start(kind(lambda run: dict))
    run = jobs.claim(job.pk)
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() + timedelta(seconds=1))
    run.progress(10, "开始")
    assert Job.objects.get(pk=job.pk).lease_until > timezone.now() + settings.JOB_LEASE / 2


def test_a_refusal_is_the_reason_shown(kind, start):
    def handler(run):
        raise Refused("这一年还没有数据。")

    job = start(kind(handler))
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.error) == (JobState.FAILED, "这一年还没有数据。")


def test_a_bug_is_logged_and_not_shown(kind, start, caplog):
    job = start(kind(lambda run: 1 / 0))
    with caplog.at_level(logging.ERROR):
        jobs.run(job.pk)
    job.refresh_from_db()
    assert job.state == JobState.FAILED
    assert "ZeroDivision" not in job.error
    assert "系统管理员" in job.error
    assert "ZeroDivisionError" in caplog.text


def test_the_number_is_sent_after_the_commit(kind, start, sent, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        job = start(kind(lambda run: dict))
        assert sent == []
    assert sent == [job.pk]


def test_without_a_broker_the_row_waits_and_is_sent_later(kind, start, monkeypatch, django_capture_on_commit_callbacks):
    def refuse(number):
        raise OperationalError("connection refused")

    monkeypatch.setattr(tasks.run_job, "delay", refuse)
    with django_capture_on_commit_callbacks(execute=True):
        job = start(kind(lambda run: lambda: {"late": True}))
    assert Job.objects.get(pk=job.pk).state == JobState.QUEUED
    jobs.sweep()
    assert Job.objects.get(pk=job.pk).state == JobState.QUEUED
    monkeypatch.setattr(tasks.run_job, "delay", tasks.run_job)
    assert jobs.sweep() == 1
    assert Job.objects.get(pk=job.pk).result == {"late": True}


def test_the_sweeper_sends_what_waits_and_what_died_and_nothing_else(kind, start, sent):
    name = kind(lambda run: dict)
    waiting, dead, alive, done = (start(name, key=key) for key in "abcd")
    for job in (dead, alive):
        jobs.claim(job.pk)
    expire(dead)
    jobs.run(done.pk)
    sent.clear()
    jobs.sweep()
    assert sorted(sent) == sorted([waiting.pk, dead.pk])


def test_a_job_that_kills_every_worker_is_given_up(kind, start, sent):
    job = start(kind(lambda run: dict))
    for _ in range(jobs.MAX_ATTEMPTS):
        assert jobs.claim(job.pk) is not None
        expire(job)
    sent.clear()
    jobs.sweep()
    job.refresh_from_db()
    assert (job.state, sent) == (JobState.FAILED, [])
    assert "中断" in job.error


def test_a_job_is_seen_by_who_asked_for_it(kind, cast, now):
    jobs.start(kind=kind(lambda run: dict), key="k", title="统计", params={}, by=cast.office, at=now)
    assert Job.objects.visible_to(cast.office).count() == 1
    assert Job.objects.visible_to(cast.secretary).count() == 0
