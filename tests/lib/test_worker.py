"""A real worker process, killed in the middle of a job."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
import redis
from django.conf import settings
from django.db import connection
from django.utils import timezone
from kombu import Connection

from studygroup.lib import jobs, tasks
from studygroup.lib.models import Heartbeat, Job
from studygroup.lib.models.job import JobState
from tests.lib import probe
from tests.lib.processes import free_port, until


def own_database_url() -> str:
    """The address of the very database this test writes to."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return urlunsplit(urlsplit(os.environ["TEST_DATABASE_URL"])._replace(path=f"/{name}"))


@dataclass
class Worker:
    """The product's worker with the product's settings, plus the probe."""

    folder: Path
    redis_url: str
    process: subprocess.Popen | None = None
    log: Path = field(init=False)

    def __post_init__(self) -> None:
        self.log = self.folder / "worker.log"

    def start(self) -> None:
        told = {
            "DJANGO_SETTINGS_MODULE": "studygroup.settings",
            "DATABASE_URL": own_database_url(),
            "REDIS_URL": self.redis_url,
            "DATA_DIR": str(self.folder),
            "SECRET_KEY": settings.SECRET_KEY,
            "JOB_LEASE_SECONDS": "2",
        }
        options = ["-c", "1", "-B", "-s", str(self.folder / "beat"), "-I", probe.__name__, "--loglevel", "WARNING"]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "celery", "-A", "studygroup", "worker", *options],
                env=os.environ | told,
                cwd=settings.BASE_DIR,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self) -> None:
        """As a power cut would: the worker, its child and its clock at once."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None


@pytest.fixture
def worker_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Worker]]:
    """`worker_on(redis_url)`; jobs of this test then go through that worker's broker. "" is the folder of files."""
    made: list[Worker] = []

    def prepare(redis_url: str) -> Worker:
        queue = tmp_path / "queue"
        queue.mkdir()
        folders = {
            "data_folder_in": str(queue),
            "data_folder_out": str(queue),
            "control_folder": str(queue / "control"),
        }
        broker = Connection(redis_url or "filesystem://", transport_options={} if redis_url else folders)
        monkeypatch.setattr(tasks.run_job, "delay", lambda n: tasks.run_job.apply_async([n], connection=broker))
        made.append(Worker(tmp_path, redis_url))
        return made[-1]

    yield prepare
    for worker in made:
        worker.kill()


def killed_in_the_middle(worker: Worker, lose_messages: Callable[[], object]) -> None:
    gate = worker.folder / "gate"
    worker.start()
    job, _ = jobs.start(kind=probe.KIND, key="k", title="试验", params={"gate": str(gate)}, by=None, at=timezone.now())
    state = Job.objects.filter(pk=job.pk)
    until("half way", lambda: state.filter(state=JobState.RUNNING, percent=50).exists())
    worker.kill()
    lose_messages()
    assert state.get().state == JobState.RUNNING

    worker.start()
    gate.touch()
    until("done", lambda: not state.get().is_active, worker.log)
    done = state.get()
    assert (done.state, done.error, done.percent) == (JobState.DONE, "", 100), worker.log.read_text()
    assert done.attempts >= 2
    stored = Heartbeat.objects.filter(name__startswith="probe-").values_list("name", flat=True)
    assert list(stored) == [f"probe-{job.pk}-{done.fence}"]
    assert done.result == {"fence": done.fence}


@pytest.mark.xdist_group("worker")
@pytest.mark.django_db(transaction=True)
def test_a_job_survives_its_worker_and_the_loss_of_the_queue_folder(worker_on):
    worker = worker_on("")
    killed_in_the_middle(worker, lambda: [path.unlink() for path in (worker.folder / "queue").glob("*.msg")])


@pytest.mark.redis
@pytest.mark.xdist_group("worker")
@pytest.mark.django_db(transaction=True)
def test_a_job_survives_its_worker_and_an_emptied_redis(worker_on):
    url = os.environ["TEST_REDIS_URL"]
    with redis.Redis.from_url(url) as server:
        server.flushall()
        killed_in_the_middle(worker_on(url), server.flushall)
        server.flushall()


@pytest.mark.xdist_group("worker")
@pytest.mark.django_db(transaction=True)
def test_a_job_asked_for_while_redis_is_away_is_done_when_a_worker_comes(worker_on):
    gate = worker_on(f"redis://127.0.0.1:{free_port()}/0").folder / "gate"
    gate.touch()
    job, _ = jobs.start(kind=probe.KIND, key="k", title="试验", params={"gate": str(gate)}, by=None, at=timezone.now())
    assert Job.objects.get(pk=job.pk).state == JobState.QUEUED
    worker = Worker(gate.parent, "")
    worker.start()
    try:
        until("done", lambda: Job.objects.get(pk=job.pk).state == JobState.DONE)
    finally:
        worker.kill()
