"""`manage.py serve`: web and worker start together and end together, whoever ends first."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings

from tests.lib.processes import PATIENCE, free_port, until

pytestmark = pytest.mark.xdist_group("worker")


def answers(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def children(pid: int) -> dict[str, int]:
    """What serve has started: "gunicorn" and "celery" by process id."""
    found = {}
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        words = Path(f"/proc/{child}/cmdline").read_text().split("\0")
        if "-m" in words:
            found[words[words.index("-m") + 1]] = int(child)
    return found


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen]]:
    started: list[subprocess.Popen] = []

    def start(port: int, **more: str) -> subprocess.Popen:
        told = {"PORT": str(port), "DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "studygroup.settings"}
        told |= {"DATABASE_URL": "", "REDIS_URL": "", "HOST": "", "PYTHONUNBUFFERED": "1"} | more
        process = subprocess.Popen(
            [sys.executable, "manage.py", "serve"],
            cwd=settings.BASE_DIR,
            env=os.environ | told,
            stdout=(tmp_path / "out").open("wb"),
            stderr=subprocess.STDOUT,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.terminate()
        process.wait(PATIENCE)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_one_signal_ends_everything_it_started(serve, tmp_path, number):
    port = free_port()
    process = serve(port)
    until("an answer", lambda: answers(port))
    until("both children", lambda: set(children(process.pid)) == {"gunicorn", "celery"})
    until("the address", lambda: f"http://127.0.0.1:{port}/" in (tmp_path / "out").read_text())
    below = children(process.pid).values()
    process.send_signal(number)
    assert process.wait(PATIENCE) == 0
    assert not any(alive(pid) for pid in below)
    assert not answers(port)


@pytest.mark.parametrize("victim", ["gunicorn", "celery"])
def test_when_one_dies_the_rest_is_stopped_and_it_is_said(serve, tmp_path, victim):
    port = free_port()
    process = serve(port)
    until("an answer", lambda: answers(port))
    until("both children", lambda: set(children(process.pid)) == {"gunicorn", "celery"})
    below = children(process.pid)
    os.kill(below[victim], signal.SIGKILL)
    assert process.wait(PATIENCE) == 1
    assert not any(alive(pid) for pid in below.values())
    assert "意外退出" in (tmp_path / "out").read_text()


def test_a_port_in_use_is_said_in_one_sentence(serve, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert serve(taken.getsockname()[1]).wait(PATIENCE) == 1
    said = (tmp_path / "out").read_text()
    assert "请换一个端口" in said
    assert "Traceback" not in said
