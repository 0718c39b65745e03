"""What higher floors add to the page of a session (papers, materials, the dossier) and to 本组设置.

They register; this floor asks.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from sessions_app.models import StudySession


@dataclass(frozen=True)
class PanelLine:
    """One line of a panel: what it is, a note beside it, and the page that shows it."""

    text: str
    address: str
    note: str = ""


@dataclass(frozen=True)
class Panel:
    """A part of the session's page. Without lines `empty` is told; without both the panel is not shown.

    `action` is (label, address) of what this person may do there.
    """

    title: str
    lines: Sequence[PanelLine] = ()
    empty: str = ""
    action: tuple[str, str] | None = None


Source = Callable[[StudySession, Any], Panel | None]
_sources: list[Source] = []


def register(source: Source) -> Source:
    """Add a panel to every session's page. The function gets the session and the person who looks."""
    if source not in _sources:
        _sources.append(source)
    return source


def panels_of(session: StudySession, user: Any) -> list[Panel]:
    """All panels this person gets to see, in the order the floors registered them."""
    found = [source(session, user) for source in _sources]
    return [panel for panel in found if panel is not None and (panel.lines or panel.empty or panel.action)]


ItemAction = tuple[str, str]  # what can be done with a topic of the plan, and the page to which its number is added
ItemSource = Callable[[int, Any], ItemAction | None]
_item_sources: list[ItemSource] = []


def register_item_action(source: ItemSource) -> ItemSource:
    """Add a verb to every topic on the year's page. The function gets the group and the person who looks."""
    if source not in _item_sources:
        _item_sources.append(source)
    return source


def item_actions_of(group_id: int, user: Any) -> list[ItemAction]:
    return [action for source in _item_sources if (action := source(group_id, user)) is not None]


Check = Callable[[StudySession], Sequence[PanelLine]]
_checks: list[Check] = []


def register_check(check: Check) -> Check:
    """Add to what a session's dossier (一学一档) may lack: the function names the missing parts."""
    if check not in _checks:
        _checks.append(check)
    return check


def missing_of(session: StudySession) -> list[PanelLine]:
    """The parts its dossier still lacks, asked before it is archived."""
    return [part for check in _checks for part in check(session)]


@dataclass(frozen=True)
class SettingPage:
    """A page of 本组设置 that a higher floor keeps: its route takes the group, `may` asks person and group."""

    label: str
    route: str
    may: Callable[[Any, int], bool]


_settings: list[SettingPage] = []


def register_setting(page: SettingPage) -> SettingPage:
    if page not in _settings:
        _settings.append(page)
    return page


def settings_for(user: Any, group_id: int) -> list[tuple[str, str]]:
    """(label, address) of what this person may set for the group on higher floors."""
    return [(page.label, reverse(page.route, args=[group_id])) for page in _settings if page.may(user, group_id)]
