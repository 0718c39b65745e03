"""审核环节 and 办理期限: which steps a kind of subject passes in a group, and how long each may take. Only the leader
changes them, and never his own gate."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from accounts.actions.people import require
from accounts.models import StudyGroup, User
from accounts.permissions import Permission
from reviews.chain import ALL_STEPS, State
from reviews.models import ReviewRoute, StepDeadline
from reviews.subjects import kind_of, labels
from studygroup.lib import audit
from studygroup.lib.errors import Overtaken, Refused


def routes_of(group: StudyGroup) -> dict[str, list[str]]:
    """Kind → the steps it passes here, the default where the group has not said otherwise."""
    own = dict(ReviewRoute.objects.filter(group=group).values_list("kind", "steps"))
    return {slug: list(own.get(slug, [str(step) for step in kind_of(slug).steps])) for slug, _ in labels([group.pk])}


def words_of(steps: Sequence[str]) -> str:
    return " → ".join(str(State(step).label) for step in steps)


@transaction.atomic
def change_routes(
    *, group: StudyGroup, seen: Mapping[str, Sequence[str]], wanted: Mapping[str, Sequence[str]], by: User, at: datetime
) -> list[str]:
    """Store what differs and say which kinds did. What is under way keeps the steps it began with."""
    require(by, Permission.FINAL_GATE, group.pk)
    StudyGroup.objects.select_for_update().get(pk=group.pk)
    there, named = routes_of(group), dict(labels([group.pk]))
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


def deadlines_of(group: StudyGroup) -> dict[str, int | None]:
    """Step → in how many days it is to be handled here; None without a term."""
    own = dict(StepDeadline.objects.filter(group=group).values_list("step", "days"))
    return {str(step): own.get(str(step)) for step in ALL_STEPS}


def deadline_words(days: int | None) -> str:
    return f"{days} 天内办理" if days else "不限"


@transaction.atomic
def change_deadlines(
    *, group: StudyGroup, seen: Mapping[str, int | None], wanted: Mapping[str, int | None], by: User, at: datetime
) -> list[str]:
    """Store what differs and say which steps did. What stands at a step keeps the term it came there with."""
    require(by, Permission.FINAL_GATE, group.pk)
    StudyGroup.objects.select_for_update().get(pk=group.pk)
    there = deadlines_of(group)
    if any(seen.get(step) != days for step, days in there.items()):
        current = {str(State(step).label): deadline_words(days) for step, days in there.items()}
        raise Overtaken("办理期限刚刚被别人改过，您的修改还没有保存。请按最新的再填一次。", current)
    changed = [step for step, days in there.items() if wanted.get(step) != days]
    for step in changed:
        if days := wanted.get(step):
            StepDeadline.objects.update_or_create(group=group, step=step, defaults={"days": days})
        else:
            StepDeadline.objects.filter(group=group, step=step).delete()
        audit.record("step_deadline.change", target=group, by=by, at=at, group_id=group.pk, step=step, days=days)
    return changed
