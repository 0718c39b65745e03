"""A digest of reminders as the office tells it and as the person reads it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from accounts.models import Reminder, ReminderLine
from accounts.reminders import open_lines, settled_word


@dataclass(frozen=True)
class Told:
    """How a digest was told: by whom, when, in which way."""

    how: str
    name: str
    at: Any


@dataclass
class Digest:
    """One person's reminders of one day, as far as the reader may see them."""

    reminder: Reminder
    lines: list[ReminderLine] = field(default_factory=list)
    dropped: list[ReminderLine] = field(default_factory=list)
    open: set[int] = field(default_factory=set)

    @property
    def standing(self) -> list[ReminderLine]:
        """Still to be done."""
        return [line for line in self.lines if line.pk in self.open]

    @property
    def done(self) -> list[ReminderLine]:
        return [line for line in self.lines if line.pk not in self.open]

    @property
    def settled(self) -> list[tuple[ReminderLine, str]]:
        """What is done, and the word for it."""
        return [(line, settled_word(line.key)) for line in self.done]

    @property
    def untold(self) -> list[ReminderLine]:
        return [line for line in self.standing if line.told_at is None]

    @property
    def newest(self) -> str:
        """When the last line was made that is to be told now."""
        return max(line.made_at for line in self.untold).isoformat() if self.untold else ""

    @property
    def told(self) -> list[Told]:
        """Each telling once: what was added after a call is told by another one."""
        found = {(line.told_at, line.told_by): line for line in self.lines if line.told_at}
        return [
            Told(str(line.get_told_by_display()), line.teller.name, at)
            for (at, _), line in sorted(found.items(), key=lambda pair: pair[0])
        ]

    @property
    def is_seen(self) -> bool:
        return self.reminder.seen_at is not None and all(line.is_seen for line in self.lines)

    @property
    def text(self) -> str:
        """Ready to be sent or read out."""
        lines = self.untold or self.standing
        if len(lines) == 1:
            said = lines[0].text
        else:
            said = "\n".join(f"{number}. {line.text}" for number, line in enumerate(lines, start=1))
        day = self.reminder.day
        signed = "、".join(dict.fromkeys(line.group.name for line in lines))
        return f"{self.reminder.person.name}同志：\n{said}\n{signed}　{day.month}月{day.day}日"


def digests_of(reminders: Sequence[Reminder], lines: Sequence[ReminderLine]) -> list[Digest]:
    """Reminders with these lines of theirs, and which of them are still open."""
    found = {reminder.pk: Digest(reminder) for reminder in reminders}
    for line in lines:
        line.reminder = found[line.reminder_id].reminder
        digest = found[line.reminder_id]
        (digest.lines if line.dropped_at is None else digest.dropped).append(line)
    still = open_lines([line for digest in found.values() for line in digest.lines])
    for digest in found.values():
        digest.open = still
    return list(found.values())
