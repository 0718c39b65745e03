"""审核环节: which steps a kind of subject passes in a group. Only the leader changes them, and never his own gate."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from accounts.actions.people import require
from accounts.models import StudyGroup, User
from accounts.permissions import Permission
from reviews.chain import ALL_STEPS, State
from reviews.models import ReviewRoute
from reviews.subjects import kind_of, labels
from studygroup.lib import audit
from studygroup.lib.errors import Overtaken, Refused


def routes_of(group: StudyGroup) -> dict[str, list[str]]:
    """Kind → the steps it passes here, the default where the group has not said otherwise."""
    own = dict(ReviewRoute.objects.filter(group=group).values_list("kind", "steps"))
    return {slug: list(own.get(slug, [str(step) for step in kind_of(slug).steps])) for slug, _ in labels(group.pk)}


def words_of(steps: Sequence[str]) -> str:
    return " → ".join(str(State(step).label) for step in steps)


@transaction.atomic
def change_routes(
    *, group: StudyGroup, seen: Mapping[str, Sequence[str]], wanted: Mapping[str, Sequence[str]], by: User, at: datetime
) -> list[str]:
    """Store what differs and say which kinds did. What is under way keeps the steps it began with."""
    require(by, Permission.FINAL_GATE, group.pk)
    StudyGroup.objects.select_for_update().get(pk=group.pk)
    there, named = routes_of(group), dict(labels(group.pk))
    if any(list(seen.get(kind, ())) != steps for kind, steps in there.items()):
        current = {str(named[kind]): words_of(steps) for kind, steps in there.items()}
        raise Overtaken("审核环节刚刚被别人改过，您的修改还没有保存。请按最新的再选一次。", current)
    changed = []
    for kind, steps in there.items():
        ordered = [str(step) for step in ALL_STEPS if step in wanted.get(kind, ())]
        if ordered == steps:
            continue
        if State.FINAL_GATE not in ordered:
            raise Refused(f"{named[kind]}不能没有“把关”：党委书记把关是必经环节。")
        route, _ = ReviewRoute.objects.update_or_create(group=group, kind=kind, defaults={"steps": ordered})
        audit.record("review_route.change", target=route, by=by, at=at, group_id=group.pk, kind=kind, steps=ordered)
        changed.append(kind)
    return changed
