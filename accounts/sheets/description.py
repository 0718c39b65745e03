"""What can be imported. The floors register their descriptions; the importer itself knows only what is said here."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from accounts.models import ImportBatch, StudyGroup, User
from accounts.models.imports import PERMISSIONS
from accounts.permissions import Permission
from accounts.sheets.trace import Trace, take_back
from studygroup.lib.tables import Table


class Wrong(Exception):
    """This cell cannot be imported; the sentence says what it should say."""


@dataclass(frozen=True)
class Doubtful:
    """A value somebody should look at; it is imported as it is."""

    value: Any
    why: str


Parse = Callable[[str, Any], Any]


def as_text(text: str, known: Any) -> str:
    return text


def short(limit: int) -> Parse:
    """One line of at most `limit` characters."""

    def parse(text: str, known: Any) -> str:
        joined = "".join(line.strip() for line in text.split("\n"))
        if len(joined) > limit:
            raise Wrong(f"最多 {limit} 个字，现在有 {len(joined)} 个。")
        return joined

    return parse


def long(limit: int) -> Parse:
    def parse(text: str, known: Any) -> str:
        if len(text) > limit:
            raise Wrong(f"最多 {limit} 个字，现在有 {len(text)} 个。")
        return text

    return parse


@dataclass(frozen=True)
class Field:
    """A column the importer understands.

    `parse` turns text into a value, raises Wrong or returns Doubtful. With `carries` a blank cell says what the one
    above it says. Several columns of a field that `joins` are put together.
    """

    name: str
    label: str
    synonyms: tuple[str, ...] = ()
    parse: Parse = as_text
    required: bool = False
    carries: bool = False
    joins: str = ""
    example: str = ""


@dataclass(frozen=True)
class Option:
    """A question asked before the sheet is read. With `choices` it is a list, otherwise a line of text."""

    name: str
    label: str
    choices: tuple[tuple[str, str], ...] = ()
    initial: str = ""
    required: bool = False
    help: str = ""
    is_number: bool = False
    is_date: bool = False


@dataclass
class SheetCell:
    """One cell as read: `level` is "", "warning" or "error"; `was` what the stored row says when it differs."""

    address: str
    text: str
    value: Any = None
    level: str = ""
    message: str = ""
    was: str = ""
    is_carried: bool = False


NEW, CHANGED, SAME = "new", "changed", "same"


@dataclass
class SheetRow:
    """One row of the sheet: left out with its reason, or read cell by cell.

    `place` counts from 0 in the table read, `name` is what people call it, `target` the stored row it means and
    `state` whether it makes, changes or finds it. `facts` is whatever the description wants to keep until it writes.
    """

    place: int
    name: str
    texts: Sequence[str]
    why_not: str = ""
    cells: dict[str, SheetCell] = field(default_factory=dict)
    state: str = NEW
    target: Any = None
    facts: dict[str, Any] = field(default_factory=dict)

    def value(self, name: str, default: Any = "") -> Any:
        cell = self.cells.get(name)
        return default if cell is None or cell.value in (None, "") else cell.value

    def blame(self, name: str, level: str, message: str) -> None:
        """Mark a cell, an error over a warning; where the column is missing the row's first cell says it."""
        cell = self.cells.get(name) or next(iter(self.cells.values()))
        if cell.level == level:
            cell.message += message if message not in cell.message else ""
        elif cell.level != "error":
            cell.level, cell.message = level, message

    @property
    def level(self) -> str:
        levels = {cell.level for cell in self.cells.values()}
        return "error" if "error" in levels else "warning" if "warning" in levels else ""


@dataclass(frozen=True)
class Problem:
    """Something about the sheet as a whole."""

    level: str
    message: str


class Description:
    """One kind of import. A floor subclasses it, says its fields, and registers one instance."""

    slug = ""
    label = ""
    position = 0  # on the page that lists them
    permission: Permission
    note = ""
    ignored: Mapping[str, str] = {}  # heading → why such a column is left out
    may_turn = False

    def options(self, today: Any) -> Sequence[Option]:
        return ()

    def fields(self, options: Mapping[str, Any]) -> Sequence[Field]:
        raise NotImplementedError

    def load(self, group: StudyGroup, options: Mapping[str, Any]) -> Any:
        """What exists already, in a number of statements that does not grow with the sheet."""
        raise NotImplementedError

    def more_fields(self, known: Any) -> Sequence[Field]:
        """Columns that exist because of what exists: one per person of the roster."""
        return ()

    def turn(self, table: Table) -> Table | None:
        """A table with people down and sessions across as one with sessions down; None when it is none."""
        return None

    def missing_columns(self, mapped: set[str]) -> list[str]:
        """Labels of what the sheet must have but has not."""
        return []

    def band(self, text: str) -> Mapping[str, str]:
        """What a row merged over all columns says for the rows below it, e.g. their month."""
        return {}

    def check(self, known: Any, rows: Sequence[SheetRow], headings: Mapping[str, str]) -> list[Problem]:
        """Find what each row means (new, changed, same) and what does not fit together. `headings` are those of the
        columns left out, by address."""
        return []

    def write(self, known: Any, rows: Sequence[SheetRow], *, trace: Trace, by: User, at: datetime) -> None:
        raise NotImplementedError

    def take_back(self, batch: ImportBatch, *, by: User, at: datetime) -> None:
        """Undo what a batch has written: to the letter, unless its rows keep a history of their own."""
        take_back(batch.written)

    def result_address(self, group: StudyGroup, options: Mapping[str, Any]) -> str:
        """Where the imported rows are looked at."""
        raise NotImplementedError


_descriptions: dict[str, Description] = {}


def register(description: Description) -> None:
    _descriptions[description.slug] = description
    PERMISSIONS[description.slug] = description.permission


def description_of(slug: str) -> Description | None:
    return _descriptions.get(slug)


def descriptions() -> list[Description]:
    return sorted(_descriptions.values(), key=lambda one: one.position)
