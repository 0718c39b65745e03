"""宣传: items published, entered several at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from accounts.actions.records import add_record
from accounts.models import StudyGroup, User
from materials.models import PublicityColumn, PublicityPush


@dataclass(frozen=True)
class PushLine:
    """One item as it was pasted: “日期 标题”."""

    pushed_on: date
    title: str


@transaction.atomic
def add_pushes(
    *,
    group: StudyGroup,
    channel: str,
    column: PublicityColumn | None,
    lines: Sequence[PushLine],
    by: User,
    at: datetime,
) -> list[PublicityPush]:
    """Enter the lines not entered yet: pasting the same list twice must not count it twice."""
    StudyGroup.objects.select_for_update().get(pk=group.pk)
    known = known_lines(group, channel, lines)
    new = [line for line in dict.fromkeys(lines) if line not in known]
    pushes = (
        PublicityPush(group=group, column=column, channel=channel, pushed_on=line.pushed_on, title=line.title)
        for line in new
    )
    return [add_record(push, by=by, at=at) for push in pushes]


def known_lines(group: StudyGroup, channel: str, lines: Sequence[PushLine]) -> set[PushLine]:
    """Which of these the group already has in this channel."""
    days = {line.pushed_on for line in lines}
    rows = PublicityPush.objects.filter(group=group, channel=channel, pushed_on__in=days)
    return {PushLine(*row) for row in rows.values_list("pushed_on", "title")}
