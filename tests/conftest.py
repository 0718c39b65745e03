"""The cast: people every test can call by name. A test's own rows come from tests/factories.py."""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import date, datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.actions.organizations import create_organization, create_study_group
from accounts.actions.people import appoint, enrol
from accounts.models import Organization, StudyGroup, User
from accounts.models.organization import OrganizationLevel
from accounts.permissions import Role
from materials.actions.paper_kind import ensure_paper_kinds
from sessions_app.actions.kinds import ensure_kinds
from studygroup.lib import jobs
from studygroup.lib.models import Job

PASSWORD = "Lilun-2020"
SINCE = date(2020, 1, 1)
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test that needs a server says so with a marker; without the server it is skipped, and says why."""
    missing = {
        "postgres": "" if os.environ.get("TEST_DATABASE_URL") else "needs PostgreSQL (TEST_DATABASE_URL)",
        "redis": "" if os.environ.get("TEST_REDIS_URL") else "needs Redis (TEST_REDIS_URL)",
        "browser": "" if Path(CHROMIUM).exists() else f"needs a browser at {CHROMIUM}",
    }
    for item in items:
        for marker, reason in missing.items():
            if reason and item.get_closest_marker(marker):
                item.add_marker(pytest.mark.skip(reason=reason))


def pytest_unconfigure() -> None:
    """A process of xdist ends without its exit handlers."""
    shutil.rmtree(settings.DATA_DIR, ignore_errors=True)


@dataclass
class Cast:
    """One township group below its county, a group below the township, and a township elsewhere.

    Every attribute but the groups is a User; all passwords are `PASSWORD`.
    """

    group: StudyGroup
    foreign_group: StudyGroup
    sub_group: StudyGroup
    county_group: StudyGroup
    office: User
    propaganda: User
    secretary: User
    deputy: User
    m1: User
    m2: User
    m3: User
    extended: User
    observer: User
    supervisor: User
    sub_office: User
    foreign_office: User
    foreign_secretary: User
    foreign_m1: User
    sysadmin: User

    @property
    def people(self) -> dict[str, User]:
        return {f.name: value for f in fields(self) if isinstance(value := getattr(self, f.name), User)}


# attribute: (name, group, roster category, title, appointments)
PEOPLE: dict[str, tuple[str, str, Role | None, str, tuple[Role, ...]]] = {
    "secretary": ("书记甲", "town", Role.MEMBER, "党委书记", (Role.LEADER,)),
    "deputy": ("副书记乙", "town", Role.MEMBER, "党委副书记、镇长", (Role.DEPUTY_LEADER,)),
    "propaganda": ("宣委丙", "town", Role.MEMBER, "宣传委员", (Role.STUDY_SECRETARY,)),
    "m1": ("成员一", "town", Role.MEMBER, "组织委员", ()),
    "m2": ("成员二", "town", Role.MEMBER, "纪委书记", ()),
    "m3": ("成员三", "town", Role.MEMBER, "副镇长", ()),
    "extended": ("扩大丁", "town", Role.EXTENDED, "某村党支部书记", ()),
    "observer": ("列席戊", "town", Role.OBSERVER, "县委宣传部干部", ()),
    "office": ("办公室己", "town", None, "", (Role.OFFICE,)),
    "supervisor": ("督导庚", "county", None, "", (Role.SUPERVISOR,)),
    "sub_office": ("社区办辛", "sub", None, "", (Role.OFFICE,)),
    "foreign_secretary": ("外镇书记", "foreign", Role.MEMBER, "党委书记", (Role.LEADER,)),
    "foreign_m1": ("外镇成员", "foreign", Role.MEMBER, "副镇长", ()),
    "foreign_office": ("外镇办公室", "foreign", None, "", (Role.OFFICE,)),
}


def _groups(at: datetime) -> dict[str, StudyGroup]:
    level = OrganizationLevel

    def organization(name: str, kind: str, parent: Organization | None) -> Organization:
        return create_organization(name=name, short_name=name[:2], level=kind, parent=parent, by=None, at=at)

    county = organization("本县委", level.COUNTY, None)
    town = organization("本镇党委", level.TOWNSHIP, county)
    sub = organization("社区党委", level.SUBORDINATE, town)
    foreign = organization("外镇党委", level.TOWNSHIP, organization("外县委", level.COUNTY, None))
    return {
        slug: create_study_group(organization=o, name=f"{o.name}理论学习中心组", slug=slug, by=None, at=at)
        for slug, o in (("county", county), ("town", town), ("sub", sub), ("foreign", foreign))
    }


def _person(username: str, groups: dict[str, StudyGroup], position: int, at: datetime) -> User:
    name, slug, category, title, roles = PEOPLE[username]
    user = User.objects.create_user(username, PASSWORD, name=name)
    group = groups[slug]
    if category:
        enrol(
            group=group, user=user, category=category, title=title, starts_on=SINCE, position=position, by=None, at=at
        )
    for role in roles:
        appoint(group=group, user=user, role=role, starts_on=SINCE, by=None, at=at)
    return user


@pytest.fixture
def now() -> datetime:
    """One moment for a whole test. The real one: views and `User.authority` read the clock."""
    return timezone.now().replace(microsecond=0)


@pytest.fixture
def cast(db: None, now: datetime) -> Cast:
    ensure_kinds()  # the flush after a test with transactions takes the shipped rows away
    ensure_paper_kinds()
    groups = _groups(now)
    people = {username: _person(username, groups, position, now) for position, username in enumerate(PEOPLE, start=1)}
    return Cast(
        group=groups["town"],
        foreign_group=groups["foreign"],
        sub_group=groups["sub"],
        county_group=groups["county"],
        sysadmin=User.objects.create_superuser("sysadmin", PASSWORD),
        **people,
    )


@pytest.fixture
def as_() -> Callable[[User], Client]:
    """`as_(cast.office).get(…)`: a browser in which this person is signed in."""

    def client_of(user: User) -> Client:
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return client_of


@pytest.fixture
def run_jobs() -> Callable[[], int]:
    """Do in this process what a worker would: run every waiting job, and say how many there were."""

    def run() -> int:
        waiting = list(Job.objects.active().order_by("pk").values_list("pk", flat=True))
        for job_id in waiting:
            jobs.run(job_id)
        return len(waiting)

    return run


@pytest.fixture
def on_postgres() -> bool:
    return connection.vendor == "postgresql"


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict) -> dict:
    """Debian's Chromium, asking nobody anything."""
    quiet = [
        "--no-sandbox",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-domain-reliability",
        "--disable-sync",
        "--no-first-run",
        "--no-pings",
    ]
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": quiet}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict) -> dict:
    return {**browser_context_args, "locale": "zh-CN", "timezone_id": "Asia/Shanghai"}
