"""Put the whole demo into an installation, once."""

from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import transaction

from accounts.actions.organizations import create_organization, create_study_group
from accounts.actions.people import appoint, enrol
from accounts.models import StudyGroup, User
from accounts.models.user import pinyin_key
from materials.actions.paper_kind import ensure_paper_kinds
from materials.actions.wording import ensure_wording
from reports.actions.year_report import start_year_report
from sessions_app.actions.kinds import ensure_kinds
from sessions_app.models import AnnualPlan
from studygroup.demo import bianqiao, jingwu
from studygroup.demo.asking import asked_for, asked_now, reminded_today
from studygroup.demo.dossiers import archive_complete
from studygroup.demo.outcomes import carry_out
from studygroup.demo.people import ADMINISTRATOR, EVERYBODY, PASSWORD, SIGN_IN_PIN, SUPERVISOR, UNITS, Person
from studygroup.demo.running import run_year
from studygroup.demo.studies import ask, describe_sites, report_upward, study
from studygroup.demo.town import People, Town
from studygroup.demo.wordings import keep_words
from studygroup.demo.year import live_2020, write_bianqiao, write_jingwu
from studygroup.lib import audit, jobs
from studygroup.lib.clock import local_date, start_of_day
from studygroup.lib.errors import Refused
from studygroup.lib.models import AuditEntry

ACTION = "demo.seed"
SINCE = date(2019, 1, 1)


def seeded() -> dict[str, Any] | None:
    """The ids made when the demo was made. They are kept in the audit trail, where nobody changes them."""
    entry = AuditEntry.objects.filter(action=ACTION).order_by("pk").first()
    return entry.detail["ids"] if entry else None


@transaction.atomic
def seed(now: datetime) -> dict[str, Any]:
    """Build both towns and say what was built; the second time only say it. Refused beside real data of the names."""
    ids = seeded() or _build(now)
    in_order = {slug: dict(sorted(found.items())) for slug, found in sorted(ids.items())}
    return _tables() | {"ids": in_order}


def _build(now: datetime) -> dict[str, Any]:
    taken = StudyGroup.objects.filter(slug__in=[unit.slug for unit in UNITS]).values_list("slug", flat=True)
    taken_names = User.objects.filter(username__in=[p.username for p in EVERYBODY]).values_list("username", flat=True)
    if names := [*taken, *taken_names]:
        raise Refused(f"已经有不属于演示数据的学习组或账号：{'、'.join(names)}。为免混淆，演示数据没有写入。")
    ensure_kinds()
    ensure_paper_kinds()
    ensure_wording(at=now)
    groups = _units()
    people = People({person.username: _person(person, groups, number) for number, person in enumerate(EVERYBODY)})
    ids = _towns(groups, people, now)
    _count_2020(groups, now)
    audit.record(ACTION, target=groups["bianqiao"], by=None, at=now, ids=ids)
    return ids


def _count_2020(groups: dict[str, StudyGroup], now: datetime) -> None:
    """Whoever only reads finds the figures of 2020 already made."""
    for slug, username in (("bianqiao", "bq-office"), ("jingwu", "jw-office")):
        maker = User.objects.get(username=username)
        job, _ = start_year_report(group=groups[slug], year=2020, by=maker, at=now)
        jobs.run(job.pk)


def _units() -> dict[str, StudyGroup]:
    at = start_of_day(SINCE)
    groups: dict[str, StudyGroup] = {}
    for unit in UNITS:
        organization = create_organization(
            name=unit.name,
            short_name=unit.short_name,
            level=unit.level,
            parent=groups[unit.above].organization if unit.above else None,
            by=None,
            at=at,
        )
        groups[unit.slug] = create_study_group(
            organization=organization, name=unit.group_name, slug=unit.slug, by=None, at=at
        )
    return groups


@cache
def _hashed(secret: str) -> str:
    """One hash for all: hashing seventy times the same documented password would take most of the time."""
    return make_password(secret)


def _person(person: Person, groups: dict[str, StudyGroup], number: int) -> User:
    is_administrator = person is ADMINISTRATOR
    user = User.objects.create(
        username=person.username,
        name=person.name,
        name_key=pinyin_key(person.name),
        password=_hashed(PASSWORD),
        sign_in_pin=_hashed(SIGN_IN_PIN),
        is_staff=is_administrator,
        is_superuser=is_administrator,
    )
    at = start_of_day(SINCE)
    if person.category:
        enrol(
            group=groups[person.unit],
            user=user,
            category=person.category,
            title=person.title,
            department=person.department,
            starts_on=SINCE,
            position=number,
            by=None,
            at=at,
        )
    for slug in _where(person):
        for role in person.roles:
            appoint(group=groups[slug], user=user, role=role, starts_on=SINCE, by=None, at=at)
    return user


def _where(person: Person) -> list[str]:
    """Slugs of the groups a person belongs to; the supervisor is appointed in both counties."""
    if person is SUPERVISOR:
        return ["pingyi", "xiqing"]
    return [person.unit] if person.unit else []


def _towns(groups: dict[str, StudyGroup], people: People, now: datetime) -> dict[str, dict[str, int]]:
    east = Town("bq", "bianqiao", groups, people, bianqiao.YEAR_2020.room, now)
    live_2020(east, bianqiao.YEAR_2020)
    write_bianqiao(east)
    carry_out(east)
    west = Town("jw", "jingwu", groups, people, jingwu.YEAR_2020.room, now)
    live_2020(west, jingwu.YEAR_2020)
    write_jingwu(west)
    for town in (east, west):
        ask(town)
        describe_sites(town)
        study(town, 2020, date(2020, 12, 31))
        study(town, local_date(now).year, local_date(now))
        keep_words(town, now)
    ids = {
        "bianqiao": run_year(east, now, "collective_study", None),
        "jingwu": run_year(west, now, "concentrated_study", ("jingwu-sub1", "jw-s1-office")),
    }
    for town in (east, west):
        report_upward(town, 2020, date(2020, 12, 31))
        report_upward(town, local_date(now).year, local_date(now))
        asked_for(town, 2020)
        asked_now(town, now)
        _archive(town, now)
    reminded_today(now)
    for slug, found in ids.items():
        found["group"] = groups[slug].pk
        found["annual_plan_2020"] = AnnualPlan.objects.get(group=groups[slug], year=2020).pk
    return ids


def _archive(town: Town, now: datetime) -> None:
    """The complete files of 2020, and of this year those a fortnight old."""
    then = start_of_day(date(2021, 1, 20)) + timedelta(hours=10)
    archive_complete(town.group, 2020, town.on("clerk", then), then)
    lately = now - timedelta(days=14)
    archive_complete(town.group, local_date(now).year, town.on("clerk", lately), lately)


def _tables() -> dict[str, Any]:
    """Organisations, groups and accounts as the tables have them; the password is added when printing."""
    by_slug = {unit.slug: unit for unit in UNITS}
    return {
        "organizations": [
            {
                "name": unit.name,
                "level": str(unit.level),
                "parent": by_slug[unit.above].name if unit.above else None,
                "group": unit.slug,
            }
            for unit in UNITS
        ],
        "groups": [{"slug": unit.slug, "name": unit.group_name, "organization": unit.name} for unit in UNITS],
        "accounts": [
            {
                "username": person.username,
                "name": person.name,
                "title": person.title,
                "roles": [str(r.value) for r in (*person.roles, *((person.category,) if person.category else ()))],
                "group": person.unit or None,
                "groups": _where(person),
            }
            for person in EVERYBODY
        ],
    }
