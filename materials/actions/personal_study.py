"""个人自学: a member writes down what he read, where he stayed, how long he studied; the office may enter it for him.

It is his own statement. Nothing here measures, and nobody is made to write.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.actions.people import require
from accounts.actions.records import shown, swap_version
from accounts.models import Membership, StudyGroup, User
from accounts.permissions import Permission
from materials.models import PersonalStudy
from materials.models.personal_study import PersonalStudyKind
from studygroup.lib import audit
from studygroup.lib.clock import local_date
from studygroup.lib.errors import NotAllowed, Overtaken, Refused

HOURS_IN_A_DAY = 24


@transaction.atomic
def add_study(
    *, group: StudyGroup, person: User, kind: str, done_on: date, by: User, at: datetime, **facts: Any
) -> PersonalStudy:
    """One book, stay or month of study. Refused for somebody who is not on the roster, and for hours told twice."""
    _may_write(group.pk, person.pk, by)
    on_roster = Membership.objects.select_for_update().filter(group=group, user=person)
    if not list(on_roster):  # also lets only one of two presses through at a time
        raise Refused(f"{person.name}不在{group.name}的名单中。")
    row = PersonalStudy(group=group, person=person, kind=kind, done_on=done_on, **facts)
    _check(row, at)
    row.save(force_insert=True)
    _record(row, "add", by, at)
    return row


@transaction.atomic
def change_study(*, row: PersonalStudy, seen_version: int, changes: Mapping[str, Any], by: User, at: datetime) -> None:
    """Raises ChangedMeanwhile for the second of two writers."""
    _may_write(row.group_id, row.person_id, by)
    for name, value in changes.items():
        setattr(row, name, value)
    _check(row, at)
    swap_version(row, seen_version=seen_version, changes=changes)
    _record(row, "change", by, at)


@transaction.atomic
def remove_study(*, row: PersonalStudy, seen_version: int, by: User, at: datetime) -> None:
    _may_write(row.group_id, row.person_id, by)
    pk = row.pk
    if not PersonalStudy.objects.filter(pk=pk, version=seen_version).delete()[0]:
        raise Overtaken("这一条刚刚被修改或删除，您的删除没有生效。请看最新内容后再决定。")
    row.pk = pk
    _record(row, "remove", by, at)


def _may_write(group_id: int, person_id: int, by: User) -> None:
    """His own, or the office for anybody of its group."""
    if by.pk == person_id and by.authority.allows(Permission.WRITE_PAPERS, group_id):
        return
    if by.pk == person_id:
        raise NotAllowed("您现在不在这个学习组的名单中，不能填写。")
    require(by, Permission.MANAGE_LIBRARY, group_id)


def _check(row: PersonalStudy, at: datetime) -> None:
    if row.done_on > local_date(at):
        raise Refused("日期还没有到，做完以后再填。")
    if row.kind == PersonalStudyKind.STUDY_HOURS:
        _check_hours(row)
    try:
        row.full_clean()
    except ValidationError as error:
        raise Refused("；".join(error.messages)) from error


def _check_hours(row: PersonalStudy) -> None:
    """One row a month, and no more hours than the month has."""
    month = PersonalStudy.objects.filter(
        group=row.group_id,
        person=row.person_id,
        kind=row.kind,
        done_on__year=row.done_on.year,
        done_on__month=row.done_on.month,
    )
    if there := month.exclude(pk=row.pk).first():
        raise Refused(f"{row.done_on.month}月已经填过 {there.amount} 小时，请直接修改那一条。")
    if row.amount > HOURS_IN_A_DAY * 31:
        raise Refused("一个月没有这么多小时，请核对。")


def _record(row: PersonalStudy, verb: str, by: User, at: datetime) -> None:
    names = ("kind", "done_on", "title", "amount")
    values = {name: shown(row, name)[:200] for name in names}
    audit.record(
        f"personal_study.{verb}", target=row, by=by, at=at, group_id=row.group_id, person=row.person_id, values=values
    )
