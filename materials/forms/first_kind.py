"""Which kind a new paper starts as."""

from collections.abc import Collection
from typing import Any

from accounts.models import User
from materials.models import Submission
from materials.models.paper_kind import REFLECTION, SPEECH
from sessions_app.models.session import AgendaItem, AgendaRole
from studygroup.lib.parse import whole_number

SPEAKS = (AgendaRole.KEYNOTE, AgendaRole.DISCUSSION)


def first_kind(author: User | None, offered: Collection[str], session: Any = None) -> str:
    """For a session 研讨发言 of who is named there to speak, else 心得体会; without one the kind of his last paper."""
    if (number := whole_number(session)) > 0:
        speaks = AgendaItem.objects.filter(session=number, speaker=author, role__in=SPEAKS).exists()
        kind = SPEECH if author and speaks else REFLECTION
        if kind in offered:
            return kind
    last = Submission.objects.filter(author=author).order_by("-pk").values_list("kind", flat=True).first()
    return last if last in offered else next(iter(offered), "")
