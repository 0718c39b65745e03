"""规则灯 as one person sees them on a page: by standard, with the numbers of each colour and what he may do."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from accounts.models import StudyGroup
from accounts.permissions import Permission
from sessions_app.measures.lights import TONES, Light, LightState, lights_of
from studygroup.lib.access import may_open

MOST_TOLD = 4  # the rest is in 逐期说明


@dataclass(frozen=True)
class Line:
    """All periods of one standard."""

    title: str
    standard: str
    page: str
    lights: Sequence[Light]

    @property
    def summary(self) -> str:
        """“全年 3 次，4 期中 3 期达到”."""
        if len(self.lights) == 1:
            return ""
        met = sum(one.state == LightState.MET for one in self.lights)
        counted = all(one.have.isdigit() and one.need.isdigit() for one in self.lights)
        total = f"全年 {sum(int(one.have) for one in self.lights)} 次，" if counted else ""
        return f"{total}{len(self.lights)} 期中 {met} 期达到"

    @property
    def told(self) -> list[Light]:
        """The periods that need a word: falling due, lately missed, and the single one of a year."""
        loud = [one for one in self.lights if one.state in (LightState.DUE, LightState.MISSED)]
        return loud[-MOST_TOLD:] or list(self.lights if len(self.lights) == 1 else ())


@dataclass(frozen=True)
class Board:
    """The lights of a group and year. `names`: this person may read who is short; `may_draft`: he arranges sessions."""

    group: StudyGroup
    year: int
    lights: Sequence[Light]
    now: Sequence[Light]
    names: bool
    may_draft: bool

    @property
    def counts(self) -> list[tuple[str, str, int]]:
        """Word, tone and number of each state that occurs."""
        number = Counter(one.state for one in self.lights if not one.said)
        return [(str(state.label), TONES[state], number[state]) for state in LightState if number[state]]

    @property
    def lines(self) -> list[Line]:
        return [
            Line(lights[0].title, lights[0].standard, lights[0].page if self.names else "", lights)
            for lights in _by_standard(self.lights)
        ]


def _by_standard(lights: Iterable[Light]) -> list[list[Light]]:
    found: dict[tuple[str, str], list[Light]] = {}
    for one in lights:
        found.setdefault((one.measure, one.standard), []).append(one)
    return list(found.values())


def _opened_by(user: Any, light: Light) -> Light:
    """Without the page of what was counted, when he may not open it."""
    return replace(light, page="") if light.page and not may_open(user, light.page) else light


def board_of(user: Any, group: StudyGroup, year: int, today: date) -> Board:
    """What `sessions_app/_lights.html` shows. Members read how far the group is, but not who is short."""
    lights = [_opened_by(user, one) for one in lights_of(group, year, today)]
    return Board(
        group,
        year,
        lights,
        [one for one in lights if one.is_now(today)],
        user.authority.allows(Permission.READ_RECORDS, group.pk),
        user.authority.allows(Permission.MANAGE_SESSIONS, group.pk),
    )
