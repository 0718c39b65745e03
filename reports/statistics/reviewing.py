"""审核办理: how the year's verdicts were given, read from the entries of the group that judges."""

from django.db.models import F

from accounts.models import StudyGroup
from reviews.chain import APPROVALS, Move, State
from reviews.models import ReviewEntry
from studygroup.lib.clock import year_bounds

ENTRY = ReviewEntry._meta.label
GIVEN = (Move.PASS, Move.RETURN, Move.OVERRIDE)


def verdicts_of(group: StudyGroup, year: int) -> list[tuple[int, frozenset[str], str, int]]:
    """(id, tags, why not, amount) of every verdict of the year, once for each share it is part of."""
    first, after = year_bounds(year)
    entries = ReviewEntry.objects.filter(case__group=group, move__in=GIVEN, at__gte=first, at__lt=after)
    found = []
    for pk, move, to_state, behalf, undone, waiting in entries.order_by("at", "pk").values_list(
        "pk", "move", "to_state", "on_behalf_of", "undone_by__move", F("case__pending_override")
    ):
        why = {None: "", Move.REFUSE_RATIFICATION: "未获追认，已退回"}.get(undone, "本人已撤销")
        tags = {"verdict", *(["delegated"] if behalf else []), *(["override"] if move == Move.OVERRIDE else [])}
        if waiting == pk:
            tags.add("override_pending")
        found.append((pk, frozenset(tags), why, 1))
        found.append((pk, frozenset({"delegated_share"}), why, int(bool(behalf))))
        if move in APPROVALS and to_state == State.APPROVED:
            found.append((pk, frozenset({"override_share"}), why, int(move == Move.OVERRIDE)))
    return found
