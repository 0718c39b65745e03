"""The board a person's home page is drawn from, and how a moment is told on it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils import timezone

from sessions_app.measures import Light
from studygroup.lib.clock import local_date
from studygroup.overseen import Overseen

SHOWN = 6
PASSED_SHOWN = 3


@dataclass(frozen=True)
class Task:
    """One thing to do, with one verb."""

    what: str
    note: str
    verb: str
    address: str
    primary: bool = False
    also: tuple[tuple[str, str], ...] = ()
    badge: str = ""
    tone: str = "plain"


@dataclass
class Desk:
    today: list[Task] = field(default_factory=list)
    reviews: list[Task] = field(default_factory=list)
    reviews_total: int = 0
    office: list[Task] = field(default_factory=list)
    told: list[Task] = field(default_factory=list)
    answered: list[Task] = field(default_factory=list)
    first_steps: list[tuple[str, str, str]] = field(default_factory=list)
    papers: list[dict[str, Any]] = field(default_factory=list)
    finished: list[dict[str, Any]] = field(default_factory=list)
    upcoming: list[Task] = field(default_factory=list)
    supervised: list[Overseen] = field(default_factory=list)
    lights: list[Light] = field(default_factory=list)
    drafts_sessions: bool = False
    own_group: int | None = None
    studies: bool = False
    may_write: bool = False

    @property
    def is_clear(self) -> bool:
        return not (self.today or self.reviews or self.office)


def when(moment: datetime, at: datetime) -> str:
    local, days = timezone.localtime(moment), (local_date(moment) - local_date(at)).days
    year = "" if local.year == local_date(at).year else f"{local.year}年"
    day = {0: "今天", 1: "明天", 2: "后天"}.get(days, f"{year}{local.month}月{local.day}日")
    return f"{day} {local:%H:%M}"
