"""web 与 worker: start both, end both."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.core.management.base import BaseCommand
from django.db import connections

from studygroup.lib.models import AuditEntry

GRACE_SECONDS = 15
PR_SET_PDEATHSIG = 1
DEMO_LOADED = "demo.seed"  # what `seed_demo` leaves in the audit trail


class Stopped(Exception):
    """Somebody asked this process to end."""


def _stop(*_: Any) -> None:
    raise Stopped


def _die_with_parent() -> None:
    """Linux: a child of a killed supervisor is told to end too, and keeps no port."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Command(BaseCommand):
    help = "Run the web server and the background worker together until Ctrl-C. HOST, PORT and WEB_WORKERS count."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--demo", action="store_true", help="load the demo year into an empty database")

    def handle(self, *, demo: bool, **_: Any) -> None:
        host, port = os.environ.get("HOST") or "127.0.0.1", os.environ.get("PORT") or "8000"
        self._check_free(host, port)
        if demo:
            self._load_demo()
        connections.close_all()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, _stop)
        children: dict[str, subprocess.Popen] = {}
        try:
            for name, command in (("web", self._web(host, port)), ("worker", self._worker())):
                # Own sessions: Ctrl-C reaches this process alone, which then ends each child once and in order.
                children[name] = subprocess.Popen(command, start_new_session=True, preexec_fn=_die_with_parent)  # noqa: S603
            self._announce(host, port, children)
            self._watch(children)
        except Stopped:
            self.stdout.write("正在停止… / stopping …")
        finally:
            self._end(children)

    def _check_free(self, host: str, port: str) -> None:
        if not (port.isdigit() and int(port) < 65536):
            raise CommandError(f"PORT 应当是 65535 以内的数字，现在是“{port}”。/ PORT must be a number up to 65535.")
        try:
            socket.create_server((host, int(port))).close()
        except OSError as error:
            raise CommandError(
                f"{host}:{port} 不能使用（{os.strerror(error.errno or 0)}）。请换一个端口，例如：PORT=8001 make run\n"
                f"Cannot listen on {host}:{port}; choose another PORT."
            ) from error

    def _load_demo(self) -> None:
        """An empty database gets the demo; one that has it tells its accounts again; any other is left alone."""
        if not get_user_model().objects.exists():
            self.stdout.write("数据库是空的，正在装入演示年度… / loading the demo year …")
        elif not AuditEntry.objects.filter(action=DEMO_LOADED).exists():
            return
        call_command("seed_demo", "--yes-demo", stdout=self.stdout)

    def _web(self, host: str, port: str) -> list[str]:
        arguments = ["studygroup.wsgi:application", "--bind", f"{host}:{port}"]
        arguments += ["--workers", os.environ.get("WEB_WORKERS") or "2", "--worker-class", "gthread", "--threads", "4"]
        arguments += ["--graceful-timeout", "10", "--log-level", "warning", "--no-control-socket"]
        return [sys.executable, "-m", "gunicorn", *arguments]

    def _worker(self) -> list[str]:
        """One worker child is enough for an office; the clock (-B) lives in it."""
        arguments = ["-A", "studygroup", "worker", "-c", "1", "-B", "-s", settings.CELERY_BEAT_SCHEDULE_FILENAME]
        arguments += ["--loglevel", "WARNING", "--without-gossip", "--without-mingle"]
        return [sys.executable, "-m", "celery", "--quiet", *arguments]

    def _announce(self, host: str, port: str, children: dict[str, subprocess.Popen]) -> None:
        """Say where to go as soon as somebody answers there."""
        reachable = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104
        while all(child.poll() is None for child in children.values()):
            try:
                socket.create_connection((reachable, int(port)), timeout=1).close()
            except OSError:
                time.sleep(0.1)
                continue
            self.stdout.write(
                f"\n  已启动 / running:  http://{reachable}:{port}/\n  按 Ctrl-C 停止 / Ctrl-C stops it\n"
            )
            self.stdout.flush()
            return

    def _watch(self, children: dict[str, subprocess.Popen]) -> None:
        """Return only by an exception: half an installation is worse than none."""
        while True:
            for name, child in children.items():
                if (code := child.poll()) is not None:
                    raise CommandError(
                        f"{name} 意外退出（{code}），其余部分也已停止。/ {name} ended; the rest was stopped."
                    )
            time.sleep(0.5)

    def _end(self, children: dict[str, subprocess.Popen]) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        for child in children.values():
            if child.poll() is None:
                child.terminate()
        for child in children.values():
            with suppress(subprocess.TimeoutExpired):
                child.wait(GRACE_SECONDS)
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)  # what a killed or stubborn child leaves behind
            child.wait()
