"""What people are reminded of. The floors register a source each; one digest a person a day is made of them all."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date

from accounts.models.reminder import ReminderLine

Matter = tuple[int, int]  # whom it concerns, and the row it is about
OVERDUE_EVERY = 7


@dataclass(frozen=True)
class DueLine:
    """One thing one person is to be reminded of today; `key` names it for good, `address` is where he does it."""

    person_id: int
    group_id: int
    key: str
    text: str
    address: str


@dataclass(frozen=True)
class Source:
    """`due` says what is to be reminded of on a day, for everybody; `still_open` which matters of lines made earlier
    are not settled yet; `open_of` what one person has before him, reminded of on that day or not. All in a fixed number
    of statements. `settled` is what became of a matter that is no longer open."""

    prefix: str
    due: Callable[[date], Iterable[DueLine]]
    still_open: Callable[[Collection[Matter]], set[Matter]]
    open_of: Callable[[int, date], Iterable[DueLine]] | None = None
    settled: str = "已办"


_sources: dict[str, Source] = {}


def register_source(source: Source) -> None:
    _sources[source.prefix] = source


def key_of(prefix: str, pk: int) -> str:
    return f"{prefix}:{pk}"


def due_on(day: date) -> list[DueLine]:
    """Everything of a day, one line per person and matter."""
    lines = [line for source in _sources.values() for line in source.due(day)]
    return list({(line.person_id, line.key): line for line in lines}.values())


def open_now(person_id: int, day: date) -> list[DueLine]:
    """What one person has to do now, whether it is a day to remind him of it or not."""
    lines = [line for source in _sources.values() if source.open_of for line in source.open_of(person_id, day)]
    return list({line.key: line for line in lines}.values())


def settled_word(key: str) -> str:
    """What to say of a line that is no longer open."""
    source = _sources.get(key.partition(":")[0])
    return source.settled if source else Source.settled


def open_lines(lines: Iterable[ReminderLine]) -> set[int]:
    """Which of these lines (with their reminder) are still to be done. A line without a source is only told."""
    asked: dict[str, dict[Matter, list[int]]] = defaultdict(lambda: defaultdict(list))
    found = set()
    for line in lines:
        prefix, _, number = line.key.partition(":")
        if prefix in _sources:
            asked[prefix][line.reminder.person_id, int(number)].append(line.pk)
        else:
            found.add(line.pk)
    for prefix, matters in asked.items():
        for matter in _sources[prefix].still_open(list(matters)):
            found.update(matters[matter])
    return found


def is_day(left: int, before: Collection[int]) -> bool:
    """Is somebody reminded `left` days before a due date? On the group's days, on the day, and weekly after it."""
    if left < 0:
        return -left % OVERDUE_EVERY == 1
    return left == 0 or left in before


def how_long(left: int) -> str:
    """“还有 3 天”, “今天到期”, “已超期 2 天”."""
    if left < 0:
        return f"已超期 {-left} 天"
    return f"还有 {left} 天" if left else "今天到期"
