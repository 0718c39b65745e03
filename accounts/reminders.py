"""What people are reminded of. The floors register a source each; one digest a person a day is made of them all."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class DueLine:
    """One thing one person is to be reminded of today; `key` names it for good, `address` is where he does it."""

    person_id: int
    group_id: int
    key: str
    text: str
    address: str


Source = Callable[[date], Iterable[DueLine]]
_sources: list[Source] = []


def register_source(source: Source) -> None:
    """Add a source: what is due for reminding on a day, for everybody, in a fixed number of statements."""
    if source not in _sources:
        _sources.append(source)


def due_on(day: date) -> list[DueLine]:
    return [line for source in _sources for line in source(day)]
