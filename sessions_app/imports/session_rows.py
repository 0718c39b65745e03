"""One row of a ledger made complete: hours, title, kinds, who came, and the session it may mean."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from accounts.models import Membership, StudyGroup, User
from accounts.permissions import Role
from accounts.sheets.description import CHANGED, NEW, SAME, SheetRow, Wrong
from accounts.sheets.parsers import NamedPerson, Names, hours_of, names_in
from sessions_app.actions.session import Speaker
from sessions_app.imports.kinds import KindsFound
from sessions_app.imports.make_ups import make_ups_in
from sessions_app.imports.people import (
    ABSENT,
    LATE,
    LEAVE,
    PRESENT,
    Mark,
    NamesTold,
    Roster,
    by_category,
    reason_in,
)
from sessions_app.models import PlanItem, SessionKind, StudySession
from sessions_app.models.session import AgendaRole
from studygroup.lib.tables import key_of

SKIP, AS_PRESENT, AS_ABSENT = "skip", "present", "absent"
SPEAKING = (
    ("lead_readers", AgendaRole.LEAD_READING),
    ("key_speakers", AgendaRole.KEYNOTE),
    ("discussion", AgendaRole.DISCUSSION),
)
NAMED = (("attended", PRESENT), ("late", LATE), ("leave", LEAVE), ("absent", ABSENT))


@dataclass
class KnownSessions:
    """The group's roster and what has been held or planned already."""

    group: StudyGroup
    options: Mapping[str, Any]
    roster: Roster
    kinds: Names[SessionKind]
    by_day: dict[date, list[StudySession]]
    plan_items: Mapping[tuple[int, int, str], Sequence[PlanItem]] = field(default_factory=dict)
    title_days: set[tuple[date, str]] = field(default_factory=set)

    @property
    def year(self) -> int | None:
        return int(self.options["year"]) if self.options.get("year") else None

    @property
    def today(self) -> date | None:
        """The day the sheet was handed in."""
        asked = self.options.get("asked_on")
        return date.fromisoformat(asked) if asked else None

    @property
    def starts(self) -> time:
        return next(iter(hours_of(self.options.get("starts") or "")), time(9))


class CompleteRow:
    """One row made complete: hours, title, kinds, people, and the session it may mean."""

    def __init__(self, row: SheetRow, known: KnownSessions) -> None:
        self.row, self.known = row, known
        self.day: date = row.value("day")
        self.places = known.roster.on(self.day)

    def complete(self) -> None:
        row, facts = self.row, self.row.facts
        self._times()
        facts["title"] = self._title()
        found = row.value("kinds", None) or KindsFound()
        usual = self.known.kinds.find(self.known.options.get("kind") or "")
        facts["kinds"] = found.kinds or list(usual[:1])
        if not facts["kinds"]:
            self._doubt("kinds", "没有学习形式，导入后请补上。")
        facts["place"] = row.value("place") or self.known.options.get("place") or ""
        facts["host"] = self._host()
        facts["agenda"] = list(self._agenda())
        marks = self._marks()
        facts["marks"] = marks
        facts["members"] = [m for m in self._expected(marks) if m is not None]
        facts["head_count"] = row.value("present", None)
        facts["make_ups"] = make_ups_in(row, self.day, marks, self._find, self.known.today)
        facts["plan_item"] = self._plan_item()
        self._match()
        facts["summary"] = self._summary(marks)

    def _doubt(self, name: str, message: str) -> None:
        self.row.blame(name, "warning", message)

    def _times(self) -> None:
        hours = hours_of(self.row.value("hours")) or hours_of(self.row.cells["day"].text)
        starts = hours[0] if hours else self.known.starts
        starts_at = timezone.make_aware(datetime.combine(self.day, starts))
        ends_at = starts_at + timedelta(hours=2)
        if len(hours) > 1 and hours[1] > starts:
            ends_at = timezone.make_aware(datetime.combine(self.day, hours[1]))
        self.row.facts |= {"starts_at": starts_at, "ends_at": ends_at}
        if self.known.today and self.day > self.known.today:
            self.row.blame("day", "error", "还没有到这一天，台账只导入已经办完的学习。")
        if self.known.year and self.day.year != self.known.year:
            self._doubt("day", f"不是 {self.known.year} 年的，按 {self.day.year} 年导入。")

    def _title(self) -> str:
        if title := self.row.value("title"):
            return title
        first = next((line.strip() for line in self.row.value("content").split("\n") if line.strip()), "")
        if first:
            return first[:200]
        if "title" in self.row.cells and not self._has_register_only():
            self.row.blame("title", "error", "请填写主题。")
        return f"{self.day.month}月{self.day.day}日学习"

    def _has_register_only(self) -> bool:
        return any(name.startswith("person-") for name in self.row.cells)

    def _host(self) -> User | None:
        named = names_in(self.row.value("host"))
        if not named:
            return None
        try:
            return self.known.roster.find(named[0], self.day).user
        except Wrong as wrong:
            self._doubt("host", f"{wrong}主持人先空着。")
            return None

    def _agenda(self) -> Iterator[Speaker]:
        """Readers and speakers; who is not on the roster is a guest by name."""
        for name, role in SPEAKING:
            for told in names_in(self.row.value(name)):
                people = self.known.roster.by_name.find(told.name)
                here = [user for user in people if user.pk in self.places]
                if len(here) > 1:
                    self._doubt(name, f"名单里有 {len(here)} 位“{told.name}”，只记姓名。")
                person = here[0] if len(here) == 1 else None
                yield Speaker(role, person, "" if person else told.name[:60])

    def _marks(self) -> dict[int, Mark]:
        marks = self._from_columns()
        marks |= self._from_names(marks)
        ordered = [person for person in self.places if person in marks]
        return {person: marks[person] for person in ordered}

    def _from_columns(self) -> dict[int, Mark]:
        found: dict[int, Mark] = {}
        cells = {int(n.removeprefix("person-")): c for n, c in self.row.cells.items() if n.startswith("person-")}
        if not any(cell.text for cell in cells.values()):
            return found
        blank = self.known.options.get("blank")
        for person, cell in cells.items():
            if person not in self.places:
                if cell.value is not None:
                    name = self.known.roster.people[person].name
                    self.row.blame(
                        f"person-{person}", "error", f"“{name}”这一天不在名单里，请核对他的起止日期，或清空这一格。"
                    )
            elif cell.value is not None:
                found[person] = cell.value
            elif not cell.text and blank in (AS_PRESENT, AS_ABSENT):
                found[person] = Mark(PRESENT if blank == AS_PRESENT else ABSENT)
        return found

    def _from_names(self, marked: Mapping[int, Mark]) -> dict[int, Mark]:
        found: dict[int, Mark] = {}
        lists: dict[str, NamesTold] = {n: t for n, _ in NAMED if (t := self.row.value(n, None)) is not None}
        for name, status in NAMED:
            for told in lists[name].people if name in lists else ():
                try:
                    person = self._find(told)
                except Wrong as wrong:
                    self.row.blame(name, "error", str(wrong))
                    continue
                before = found[person].status if person in found else status
                if before not in (status, PRESENT) or (before == PRESENT and status in (LEAVE, ABSENT)):
                    self.row.blame(name, "error", f"“{told.name}”在两栏里都有，请核对。")
                found[person] = Mark(status, reason_in(told.note) if status == LEAVE else "")
        if marked:
            return found
        return found | self._unnamed(found, lists)

    def _unnamed(self, found: Mapping[int, Mark], lists: Mapping[str, NamesTold]) -> dict[int, Mark]:
        """Those of the roster nobody names: present when only the missing are named, absent when those present are."""
        attended = lists.get("attended")
        counts = [self.row.value(name, None) for name in ("expected", "present")]
        expected = self._usually_expected(counts[0])
        rest = [m.user_id for m in expected if m.user_id not in found]
        if attended and (attended.people or attended.is_everybody):
            if attended.is_everybody:
                return self._told(rest, PRESENT, found, counts)
            if rest:
                names = "、".join(self.places[person].user.name for person in rest[:5])
                self._doubt("attended", f"没有写到{names}{'等' if len(rest) > 5 else ''} {len(rest)} 人，按缺席登记。")
            return self._told(rest, ABSENT, found, counts)
        says_nobody = [lists[n].count == 0 for n in ("leave", "absent") if n in lists]
        all_came = counts[1] is not None and counts[1] == (counts[0] if counts[0] is not None else len(expected))
        has_lists = any(n in self.row.cells for n in ("leave", "absent", "late"))
        if found or (has_lists and (any(says_nobody) or all_came)):
            return self._told(rest, PRESENT, found, counts)
        where = next((n for n in ("present", "expected", "attended", "leave", "day") if n in self.row.cells), "day")
        if counts[1] is not None or has_lists or attended:
            self._doubt(where, "没有写人名，导入后没有签到登记，算缺资料，不计出勤率。")
        return {}

    def _told(
        self, rest: Sequence[int], status: str, found: Mapping[int, Mark], counts: Sequence[int | None]
    ) -> dict[int, Mark]:
        told = {person: Mark(status) for person in rest}
        came = sum(mark.status in (PRESENT, LATE) for mark in ({**found, **told}).values())
        total = len(found) + len(told)
        for name, said, have in (("expected", counts[0], total), ("present", counts[1], came)):
            if said is not None and said != have:
                self._doubt(name, f"写的是 {said}，按人名算是 {have}。")
        return told

    def _usually_expected(self, count: int | None = None) -> list[Membership]:
        """The members of that day; with the extended circle for an enlarged session or when the count says so."""
        groups = by_category(self.places.values())
        members, wider = groups[Role.MEMBER], groups[Role.MEMBER] + groups[Role.EXTENDED]
        is_enlarged = any(kind.slug == "enlarged_study" for kind in self.row.facts["kinds"])
        if count is not None and len(members) != len(wider):
            is_enlarged = count == len(wider) or (is_enlarged and count != len(members))
        return wider if is_enlarged else members

    def _expected(self, marks: Mapping[int, Mark]) -> list[Membership]:
        if not marks:
            return self._usually_expected(self.row.value("expected", None))
        return [place for person, place in self.places.items() if person in marks]

    def _find(self, told: NamedPerson) -> int:
        return self.known.roster.find(told, self.day).user_id

    def _plan_item(self) -> PlanItem | None:
        """What of the plan it carried out: the one topic of its month with this very title."""
        key = (self.day.year, self.day.month, key_of(self.row.facts["title"]))
        found = self.known.plan_items.get(key, ())
        return found[0] if len(found) == 1 else None

    def _summary(self, marks: Mapping[int, Mark]) -> str:
        """What will be written that no cell shows, and what will not."""
        parts = [self._register_told(marks)]
        owing = sum(mark.status in (LEAVE, ABSENT) for mark in marks.values()) - len(self.row.facts["make_ups"])
        if made_up := len(self.row.facts["make_ups"]):
            parts.append(f"补学：已补 {made_up} 人")
        if owing:
            parts.append(f"{owing} 人没有写补学，不另派补学任务")
        if self.row.state == NEW and (item := self.row.facts["plan_item"]):
            parts.append(f"对应计划：{item.month}月“{item.topic}”")
        return "　".join(parts)

    def _register_told(self, marks: Mapping[int, Mark]) -> str:
        if not marks:
            return "签到：没有登记（缺资料）"
        told = [mark.status for mark in marks.values()]
        words = [(PRESENT, "实到"), (LATE, "迟到"), (LEAVE, "请假"), (ABSENT, "缺席")]
        counts = "　".join(f"{word} {told.count(status)}" for status, word in words if told.count(status))
        return f"签到：应到 {len(told)}　{counts}"

    def _match(self) -> None:
        """The same day and title is the same session; a register alone belongs to the one session of its day."""
        row, there = self.row, self.known.by_day.get(self.day, [])
        title = key_of(row.facts["title"])
        same = [one for one in there if key_of(one.title) == title]
        if not same and not row.value("title") and len(there) == 1:
            same = there
        key = (self.day, title)
        if key in self.known.title_days:
            row.blame("title" if "title" in row.cells else "day", "error", "这一天同样的学习在表里已有一行，请核对。")
        self.known.title_days.add(key)
        if not same:
            return
        row.target, row.state = same[0], SAME
        if not same[0].is_held:
            row.blame("day", "error", f"这一天已有“{same[0].title}”，还没有结束，请在该活动里登记后结束。")
        elif row.facts["marks"] and not same[0].is_registered:  # type: ignore[attr-defined]
            row.state = CHANGED
            row.cells["day"].was = "已有这次学习，没有签到登记"
