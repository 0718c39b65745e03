from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.actions.people import require
from accounts.models import Organization, StudyGroup, User
from accounts.permissions import Permission
from studygroup.lib import audit
from studygroup.lib.errors import Overtaken

Furnisher = Callable[[StudyGroup], None]
_furnishers: list[Furnisher] = []


def furnish(function: Furnisher) -> None:
    """What a higher floor gives every new group, its 学习要求 for instance. Floors register when they are ready."""
    if function not in _furnishers:
        _furnishers.append(function)


def furnish_group(group: StudyGroup) -> None:
    for function in _furnishers:
        function(group)


@transaction.atomic
def create_organization(
    *, name: str, short_name: str, level: str, parent: Organization | None, by: User | None, at: datetime
) -> Organization:
    """Add a unit to the tree; its path is fixed here and never changes."""
    organization = Organization(name=name, short_name=short_name, level=level, parent=parent)
    organization.full_clean(exclude=["path"])
    organization.save()
    organization.path = f"{parent.path if parent else '/'}{organization.pk}/"
    organization.save(update_fields=["path"])
    audit.record("organization.create", target=organization, by=by, at=at, name=name)
    return organization


@transaction.atomic
def create_study_group(
    *, organization: Organization, name: str, slug: str, by: User | None, at: datetime
) -> StudyGroup:
    group = StudyGroup(organization=organization, name=name, slug=slug)
    group.full_clean()
    group.save()
    furnish_group(group)
    audit.record("study_group.create", target=group, by=by, at=at, group_id=group.pk, name=name)
    return group


SETTINGS = (
    "sign_in_opens_minutes",
    "late_after_minutes",
    "sign_in_closes_minutes",
    "reopen_within_days",
    "make_up_days",
    "make_up_for_late",
    "reminder_days",
)


@transaction.atomic
def change_group_settings(
    *, group: StudyGroup, seen_version: int, changes: Mapping[str, Any], by: User, at: datetime
) -> None:
    """The group's own numbers of sign-in and make-up study. Raises Overtaken for the second of two writers."""
    require(by, Permission.MANAGE_SESSIONS, group.pk)
    wanted = {name: changes[name] for name in SETTINGS if name in changes}
    changed = StudyGroup.objects.filter(pk=group.pk, version=seen_version).update(**wanted, version=seen_version + 1)
    if not changed:
        now = StudyGroup.objects.get(pk=group.pk)
        raise Overtaken("本组设置刚刚被别人修改过，您的修改还没有保存。请核对后再保存一次。", shown_settings(now))
    told = {name: str(value) for name, value in wanted.items()}
    audit.record("study_group.settings", target=group, by=by, at=at, group_id=group.pk, values=told)


def shown_settings(group: StudyGroup) -> dict[str, str]:
    """Label → value as people read it."""
    found = {}
    for name in SETTINGS:
        value = getattr(group, name)
        text = ("是" if value else "否") if isinstance(value, bool) else str(value)
        found[str(StudyGroup._meta.get_field(name).verbose_name)] = text
    return found
