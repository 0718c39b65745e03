"""The shapes of a town's year: what happened, as plain rows. Dates are local; people are usernames without prefix."""

from dataclasses import dataclass, field
from datetime import datetime

from django.utils import timezone


def moment(text: str) -> datetime:
    """ "2020-03-06 14:30" as local time."""
    return timezone.make_aware(datetime.strptime(text, "%Y-%m-%d %H:%M"))


@dataclass(frozen=True)
class Planned:
    """A row of the annual plan. `topic` and `content` stand for what could not be known in January."""

    month: int
    theme: str
    kinds: str
    leads: str
    speakers: str = ""
    scope: str = "全体成员"
    topic: str = ""
    content: str = ""


@dataclass(frozen=True)
class Supplement:
    """What was added to a month on a day, and on what basis."""

    on: str
    theme: str
    topic: str
    content: str
    basis: str
    kinds: str
    level: str = "central"


@dataclass(frozen=True)
class Held:
    """One session. `everybody` draws in the 扩大人员; without `register` its register was never handed over."""

    on: str
    title: str
    theme: str
    kinds: str
    leads: str = ""
    speakers: str = ""
    everybody: bool = False
    place: str = ""
    site: str = ""
    guests: tuple[tuple[str, str, str], ...] = ()
    hours: float = 2
    online: bool = False
    register: bool = True
    state: str = "closed"


@dataclass(frozen=True)
class Case:
    """实践案例 of a 三元一体 session, named by the session's day."""

    on: str
    positive: bool
    title: str
    presenter: str
    lesson: str
    measure: str


SAME_SCRIPT = "same"


@dataclass(frozen=True)
class Talk:
    """An application for a lecture: `unit` is the organising group's slug, `end` the state it came to.

    It is made `lead` days before; `used` is what became of the script on the day.
    """

    unit: str
    by: str
    on: str
    title: str
    topic: str
    place: str
    audience: int
    lecturer: str
    lecturer_unit: str
    lecturer_title: str
    qualification: str
    outline: str
    category: str = "报告会"
    end: str = "approved"
    lead: int = 12
    used: str = ""


@dataclass(frozen=True)
class Text:
    """A text of the library."""

    on: str
    title: str
    source: str
    content_class: str
    level: str = "central"
    body: str = ""


@dataclass(frozen=True)
class Handout:
    """A book that came in, and who got how many copies on which day."""

    title: str
    source: str
    received_on: str
    received: int
    given: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True)
class Channel:
    name: str
    columns: tuple[tuple[str, str], ...]
    pushes: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class TownYear:
    year: int
    room: str
    planned: tuple[Planned, ...]
    supplements: tuple[Supplement, ...]
    held: tuple[Held, ...]
    library: tuple[Text, ...]
    handouts: tuple[Handout, ...]
    channel: Channel
    sites: tuple[tuple[str, str], ...] = ()
    cases: tuple[Case, ...] = ()
    talks: tuple[Talk, ...] = ()
    head: dict[str, str] = field(default_factory=dict)
