"""What higher floors know of a version and show a reviewer beside it. They register; this floor asks.

Never shown to who wrote the paper or handed it in, nor to whoever may only read what was approved.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from accounts.permissions import Permission
from reviews.chain import STEP_PERMISSION
from reviews.models import ReviewCase, ReviewVersion


@dataclass(frozen=True)
class CaseLine:
    """One line of a panel: what it is, the page that shows it if there is one, and a note beside it."""

    text: str
    address: str = ""
    note: str = ""


@dataclass(frozen=True)
class CasePanel:
    """A part of the review page. `note` is one sentence below the lines, `action` is (label, address)."""

    title: str
    lines: Sequence[CaseLine] = ()
    note: str = ""
    action: tuple[str, str] | None = None


Source = Callable[[ReviewCase, ReviewVersion, Any], CasePanel | None]
_sources: list[Source] = []


def register(source: Source) -> Source:
    """Add a panel to every case's page. The function gets the case, the version that is read, and who reads it."""
    if source not in _sources:
        _sources.append(source)
    return source


def may_see_panels(case: ReviewCase, user: Any) -> bool:
    """Whoever reads the group's papers or judges this kind for somebody, never on what is his own."""
    if user.pk in (case.author_id, case.handed_in_by_id):
        return False
    if user.authority.allows(Permission.READ_PAPERS, case.group_id):
        return True
    return any(user.authority.acting_for(step, case.kind, case.group_id) for step in STEP_PERMISSION.values())


def panels_of(case: ReviewCase, version: ReviewVersion | None, user: Any) -> list[CasePanel]:
    """All panels this person gets to see, in the order the floors registered them."""
    if version is None or not may_see_panels(case, user):
        return []
    return [panel for source in _sources if (panel := source(case, version, user)) is not None]
