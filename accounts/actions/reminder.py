"""提醒: composed once a day, added to when somebody is asked or urged, told by the office, seen by himself."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from accounts.models import Reminder, ReminderLine, User
from accounts.models.reminder import ToldBy
from accounts.permissions import Permission
from accounts.reminders import DueLine, due_on
from studygroup.lib import audit
from studygroup.lib.errors import NotAllowed, Overtaken, Refused

AGAIN = ["text", "address", "group", "made_at", "told_by", "told_at", "teller", "dropped_at"]


@transaction.atomic
def compose(*, day: date, by: User | None, at: datetime) -> int:
    """Make the day's digests out of everything due; returns how many lines are new. Done again, or by two workers at
    once, it adds only what is missing: a line that stands, was told or was dropped stays as it is."""
    of_day = ReminderLine.objects.filter(reminder__day=day)
    before = of_day.count()
    _store(due_on(day), day, at, ignore_conflicts=True)
    added = of_day.count() - before
    first = Reminder.objects.filter(day=day).order_by("pk").first()
    if added > 0 and first is not None:
        audit.record("reminder.compose", target=first, by=by, at=at, day=day.isoformat(), lines=added)
    return max(added, 0)


def remind(lines: Sequence[DueLine], *, day: date, at: datetime, is_urged: bool = False) -> None:
    """Put lines into the day's digests at once. A line that stands there takes the new words, to be told again.

    For other actions, which ask who may and write the record.
    """
    fields = [*AGAIN, "is_urged"] if is_urged else AGAIN
    again = {"update_conflicts": True, "unique_fields": ["reminder", "key"], "update_fields": fields}
    _store(lines, day, at, is_urged=is_urged, **again)


def _store(lines: Sequence[DueLine], day: date, at: datetime, *, is_urged: bool = False, **conflict: Any) -> None:
    """In one order of people, so that two at once wait for one another and do not block each other."""
    people = sorted({line.person_id for line in lines})
    Reminder.objects.bulk_create(
        (Reminder(person_id=person, day=day, made_at=at) for person in people), ignore_conflicts=True
    )
    digests = dict(Reminder.objects.filter(day=day, person__in=people).values_list("person", "pk"))
    ReminderLine.objects.bulk_create(
        (
            ReminderLine(
                reminder_id=digests[line.person_id],
                group_id=line.group_id,
                key=line.key,
                text=line.text[:300],
                address=line.address,
                is_urged=is_urged,
                made_at=at,
            )
            for line in sorted(lines, key=lambda line: (line.person_id, line.key))
        ),
        **conflict,
    )


def _groups_of(by: User) -> frozenset[int]:
    groups = by.authority.groups_with(Permission.MANAGE_SESSIONS)
    if not groups:
        raise NotAllowed("只有办公室和学习秘书可以办理待发箱。")
    return groups


@transaction.atomic
def tell(*, reminder: Reminder, how: str, by: User, at: datetime, until: datetime | None = None) -> None:
    """已告知: the lines of the teller's groups that were not told yet, with `until` only those his page showed.
    Overtaken when somebody was faster."""
    if how not in ToldBy.values:
        raise Refused("请选择怎样告知的：电话、当面，还是短信、微信。")
    lines = ReminderLine.objects.standing().filter(reminder=reminder, group__in=_groups_of(by), told_at=None)
    lines = lines.filter(made_at__lte=until) if until else lines
    groups = sorted(set(lines.values_list("group", flat=True)))
    if not lines.update(told_by=how, told_at=at, teller=by):
        raise Overtaken("这份提醒刚刚已经有人告知过，不用再告知一次。")
    for group in groups:
        audit.record("reminder.tell", target=reminder, by=by, at=at, group_id=group, how=how)


@transaction.atomic
def take_back_told(*, reminder: Reminder, by: User, at: datetime) -> None:
    """已告知 was pressed by mistake."""
    lines = ReminderLine.objects.standing().filter(reminder=reminder, group__in=_groups_of(by), told_at__isnull=False)
    groups = sorted(set(lines.values_list("group", flat=True)))
    if not lines.update(told_by="", told_at=None, teller=None):
        raise Overtaken("这份提醒现在没有“已告知”的记录。")
    for group in groups:
        audit.record("reminder.take_back_told", target=reminder, by=by, at=at, group_id=group)


@transaction.atomic
def drop_line(*, line: ReminderLine, by: User, at: datetime) -> None:
    """Leave a line out before it is told."""
    _must_keep(line, by)
    rows = ReminderLine.objects.filter(pk=line.pk, dropped_at=None, told_at=None)
    if not rows.update(dropped_at=at):
        raise Overtaken("这一条刚刚已经告知或者去掉了，没有改动。请看最新内容。")
    audit.record("reminder.drop", target=line, by=by, at=at, group_id=line.group_id, text=line.text)


@transaction.atomic
def restore_line(*, line: ReminderLine, by: User, at: datetime) -> None:
    _must_keep(line, by)
    if not ReminderLine.objects.filter(pk=line.pk, dropped_at__isnull=False).update(dropped_at=None):
        raise Overtaken("这一条刚刚已经恢复了。")
    audit.record("reminder.restore", target=line, by=by, at=at, group_id=line.group_id)


def _must_keep(line: ReminderLine, by: User) -> None:
    if line.group_id not in _groups_of(by):
        raise NotAllowed("只有本组办公室和学习秘书可以办理待发箱。")


def see(*, by: User, at: datetime) -> None:
    """He has opened his page of reminders: everything that stood there is seen."""
    newer = ReminderLine.objects.filter(reminder=OuterRef("pk"), made_at__gt=OuterRef("seen_at"))
    unseen = Reminder.objects.filter(Q(seen_at=None) | Exists(newer), person=by)
    unseen.update(seen_at=at)
