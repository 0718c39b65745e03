from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from accounts.models import Organization, StudyGroup, User
from studygroup.lib import audit

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
