"""docker-compose.yml and Dockerfile held against the settings, the code and one another; no engine is needed."""

import importlib.util
import os
import re
import subprocess
import sys
from functools import cache
from io import StringIO
from pathlib import Path

import pytest
import yaml
from django.conf import settings
from django.core.management import CommandError, call_command, get_commands
from django.utils import timezone

from studygroup.celery import app
from studygroup.lib.models.job import Heartbeat
from studygroup.lib.tasks import WORKER

ROOT = Path(settings.BASE_DIR)
OURS = ("migrate", "web", "worker", "scheduler")
SERVERS = ("postgres", "redis")
LASTING = ("web", "worker", "scheduler", *SERVERS)


@cache
def compose() -> dict:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())


def service(name: str) -> dict:
    return compose()["services"][name]


def text_of(name: str) -> str:
    return (ROOT / name).read_text()


def read_by_settings() -> set[str]:
    return set(re.findall(r'env(?:_bool|_list|_int)?\("([A-Z_]+)"', text_of("studygroup/settings.py")))


def offered() -> set[str]:
    return set(re.findall(r"^# ([A-Z_]+)=", text_of(".env.example"), re.MULTILINE))


def test_the_five_services_are_there():
    assert set(compose()["services"]) == {*OURS, *SERVERS}


@pytest.mark.parametrize("name", OURS)
def test_every_variable_given_to_the_application_is_one_it_reads(name):
    given = set(service(name)["environment"])
    assert given <= read_by_settings()
    assert {"SECRET_KEY", "DATABASE_URL", "REDIS_URL"} <= given


def test_every_variable_asked_of_the_operator_is_offered_in_the_example():
    asked = set(re.findall(r"\$\{([A-Z_]+)", text_of("docker-compose.yml")))
    assert asked <= offered()


def test_the_example_offers_only_what_something_reads():
    elsewhere = text_of("studygroup/lib/management/commands/serve.py") + text_of("docker-compose.yml")
    unread = {name for name in offered() - read_by_settings() if name not in elsewhere}
    assert unread == set()


@pytest.mark.parametrize("name", [*OURS, *SERVERS])
def test_nothing_runs_as_root(name):
    assert service(name)["user"] in {"app", "postgres", "redis"}
    assert "privileged" not in service(name)


def test_the_image_ends_as_its_own_user():
    users = re.findall(r"^USER (\S+)", text_of("Dockerfile"), re.MULTILINE)
    assert users[-1] == service("web")["user"] == "app"
    assert re.search(r"useradd .*--uid [1-9]\d+ .*\bapp\b", text_of("Dockerfile"))


@pytest.mark.parametrize("name", LASTING)
def test_every_lasting_service_tells_its_health(name):
    assert service(name)["healthcheck"]["test"][0] in {"CMD", "CMD-SHELL"}


@pytest.mark.parametrize("name", ["web", "worker", "scheduler"])
def test_the_application_waits_for_healthy_servers_and_done_migrations(name):
    conditions = {other: wait["condition"] for other, wait in service(name)["depends_on"].items()}
    assert conditions == {
        "migrate": "service_completed_successfully",
        "postgres": "service_healthy",
        "redis": "service_healthy",
    }


def test_no_secret_is_written_down():
    for name in ("docker-compose.yml", "Dockerfile", ".env.example"):
        for line in text_of(name).splitlines():
            if found := re.search(r"(?:SECRET_KEY|PASSWORD)(?:: +|=)(\S+)|//\w+:(\S+)@", line):
                assert (found[1] or found[2]).startswith(("${", "$(", "#", "password")), line
    for name in ("SECRET_KEY", "POSTGRES_PASSWORD"):
        assert not re.search(rf"\$\{{{name}(?!:\?)", text_of("docker-compose.yml")), f"{name} must be required"


def test_nothing_private_goes_into_the_image():
    ignored = text_of(".dockerignore").splitlines()
    assert {".env", "data", ".git"} <= set(ignored)
    copied = re.findall(r"^COPY (.+)$", text_of("Dockerfile"), re.MULTILINE)
    assert copied == ["requirements.txt .", ". ."]


def commands() -> list[list[str]]:
    """What the services start and how they are asked for their health."""
    started = [service(name)["command"] for name in OURS]
    checks = [service(name)["healthcheck"]["test"] for name in ("web", "worker", "scheduler")]
    return started + [check[1:] if check[0] == "CMD" else check[1].split() for check in checks]


def test_commands_refer_to_what_exists():
    for command in commands():
        program, first = command[0], command[1]
        if program == "gunicorn":
            module, _, name = first.partition(":")
            assert f"{module}.{name}" == settings.WSGI_APPLICATION
        elif program == "celery":
            assert command[1:3] == ["-A", app.main]
        else:
            assert program == "python"
            assert (ROOT / first).is_file()
            assert first != "manage.py" or command[2] in get_commands()
        assert importlib.util.find_spec(program) or program == "python"


def test_the_image_starts_what_the_composition_starts():
    assert re.search(r'CMD \["gunicorn", "studygroup.wsgi:application"', text_of("Dockerfile"))


def test_data_lives_in_volumes():
    assert set(compose()["volumes"]) == {"data", "postgres"}
    folder = re.search(r"ENV DATA_DIR=(\S+)", text_of("Dockerfile"))
    assert folder
    assert {v for name in OURS for v in service(name)["volumes"]} == {f"data:{folder[1]}"}


def test_nothing_but_the_web_page_is_published_and_only_here_by_default():
    published = {name: s["ports"] for name, s in compose()["services"].items() if "ports" in s}
    assert published == {"web": ["${HOST:-127.0.0.1}:${PORT:-8000}:8000"]}


def test_heartbeat_tells_whether_scheduler_and_worker_live(db, now):
    with pytest.raises(CommandError, match="没有心跳"):
        call_command("heartbeat", stdout=StringIO())
    Heartbeat.objects.create(name=WORKER, at=timezone.now())
    call_command("heartbeat", stdout=StringIO())


# Hides every installed package that requirements.txt does not name, then loads what an installation loads.
ONLY_WHAT_IS_LOCKED = """
import importlib, importlib.metadata, re, sys
plain = lambda name: re.sub("[-_.]+", "-", name).lower()
locked = {plain(name) for name in re.findall(r"^([A-Za-z0-9_.-]+)==", open(sys.argv[1]).read(), re.M)}
owners = importlib.metadata.packages_distributions()
hidden = {module for module, names in owners.items() if not locked & set(map(plain, names))}

class Hide:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in hidden - {"pip", "setuptools", "_distutils_hack", "pkg_resources"}:
            raise ModuleNotFoundError(f"{name} is not in requirements.txt", name=name)

sys.meta_path.insert(0, Hide())
assert "pytest" in hidden
for module in sys.argv[2:]:
    importlib.import_module(module)
"""
LOADED = [
    "studygroup.wsgi",
    "studygroup.urls",
    "studygroup.lib.management.commands.serve",
    "kombu.transport.redis",
    "kombu.transport.filesystem",
    "celery.bin.celery",
    "celery.apps.worker",
    "celery.concurrency.prefork",
    "celery.beat",
    "gunicorn.app.wsgiapp",
    "gunicorn.workers.gthread",
    "django.db.backends.postgresql.base",
    "argon2",
]


def test_the_locked_packages_are_all_an_installation_needs(tmp_path):
    """The tests' own environment has more packages and would not notice."""
    told = {"DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "studygroup.settings"}
    command = [sys.executable, "-c", ONLY_WHAT_IS_LOCKED, "requirements.txt", *LOADED]
    done = subprocess.run(command, cwd=ROOT, env=os.environ | told, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
