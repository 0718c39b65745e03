"""The groups somebody oversees, each below the one above it, with how many of its requirements are red and yellow."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from accounts.models import StudyGroup, User
from accounts.permissions import Permission
from sessions_app.measures import LightState, lights_of_groups

SHOWN = 50  # all of them are on the page of the lights


@dataclass(frozen=True)
class Overseen:
    """`depth`: how far it stands below the first; `missed` and `due`: how many requirements it missed, or soon will."""

    group: StudyGroup
    depth: int
    missed: int
    due: int


def overseen_by(user: User, today: date) -> list[Overseen]:
    """As many statements for one group as for all."""
    rows = StudyGroup.objects.where(user, Permission.READ_FIGURES).select_related("organization")
    groups = list(rows.order_by("organization__path")[:SHOWN])
    lights = lights_of_groups([group.pk for group in groups], today.year, today)
    depths = {group.pk: group.organization.path.count("/") for group in groups}
    found = []
    for group in groups:
        number = Counter(light.state for light in lights[group.pk] if not light.said)
        depth = depths[group.pk] - min(depths.values())
        found.append(Overseen(group, depth, number[LightState.MISSED], number[LightState.DUE]))
    return found
