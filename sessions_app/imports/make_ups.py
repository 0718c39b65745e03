"""补学 in a ledger: who has made up what he missed. A past absence without it asks nobody for anything."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from accounts.sheets.description import SheetRow, Wrong
from accounts.sheets.parsers import NOBODY, NamedPerson, day_of, flat, names_in
from sessions_app.imports.people import ABSENT, LEAVE, Mark
from sessions_app.models.make_up import MakeUpMethod

EVERYBODY = re.compile(r"(均|都|全部|全体|所有人)?(已经?)?(全部)?补(学|课)?(完成?|了|毕)?|是|√|✓|✔|全部|全体|已?完成")
NOBODY_YET = re.compile(r"(未|没有?|尚未)补?(学|课)?|否|×|不需要|未完成")
DATED = re.compile(r"[\d年月日号./-]+")
HOW = (
    (re.compile("录像|视频|回放|直播"), MakeUpMethod.WATCHED),
    (re.compile("传达"), MakeUpMethod.TOLD),
    (re.compile("其他场次|另一场|参加"), MakeUpMethod.JOINED),
)
LONGEST = timedelta(days=183)  # from a session in December to a make-up “1月5日”


@dataclass(frozen=True)
class MadeUpTold:
    """A cell that names people, or says that everybody has; `note` is what it says of all of them."""

    people: tuple[NamedPerson, ...] = ()
    is_everybody: bool = False
    note: str = ""


@dataclass(frozen=True)
class MadeUp:
    studied_on: date
    method: str


def made_up_told(text: str, known: Any = None) -> MadeUpTold:
    """已补学, 3月12日补学, 张三（3月12日观看录像）、李四; 无 and 未补学 name nobody."""
    said = re.sub(r"\s", "", flat(text))
    if said in NOBODY or NOBODY_YET.fullmatch(said):
        return MadeUpTold()
    without_date = DATED.sub("", said)
    if not without_date or EVERYBODY.fullmatch(without_date):
        return MadeUpTold(is_everybody=True, note=said)
    return MadeUpTold(tuple(names_in(text)))


def make_ups_in(
    row: SheetRow, day: date, marks: Mapping[int, Mark], find: Callable[[NamedPerson], int], today: date | None
) -> dict[int, MadeUp]:
    """Who missed the session of this row and has made it up; `find` knows people by name."""
    told: MadeUpTold | None = row.value("made_up", None)
    on = row.value("made_up_on")
    missed = [person for person, mark in marks.items() if mark.status in (LEAVE, ABSENT)]
    if told is None:
        told = MadeUpTold(is_everybody=bool(on))
    where = "made_up" if "made_up" in row.cells else "made_up_on"
    notes = dict.fromkeys(missed, told.note) if told.is_everybody else {}
    for named in told.people:
        try:
            person = find(named)
        except Wrong as wrong:
            row.blame(where, "error", str(wrong))
            continue
        if person in missed:
            notes[person] = named.note
        else:
            row.blame(where, "warning", f"“{named.name}”这一次没有请假、缺席，补学不导入。")
    return {person: found for person, note in notes.items() if (found := _made_up(row, where, day, note, on, today))}


def _made_up(row: SheetRow, where: str, day: date, note: str, on: str, today: date | None) -> MadeUp | None:
    method = next((how for pattern, how in HOW if pattern.search(note + on)), MakeUpMethod.SELF_STUDY)
    dated = next((text for text in (note, on) if re.search(r"\d", text)), "")
    if not dated:
        row.blame(where, "warning", "没有写补学日期，按学习当天记。")
        return MadeUp(day, method)
    try:
        studied_on = day_of(dated, day.year)
    except Wrong as wrong:
        row.blame(where, "error", str(wrong))
        return None
    if studied_on < day and str(studied_on.year) not in dated and (studied_on.month, studied_on.day) != (2, 29):
        later = studied_on.replace(year=day.year + 1)
        studied_on = later if later - day < LONGEST else studied_on
    if (studied_on < day and method != MakeUpMethod.JOINED) or (today and studied_on > today):
        row.blame(where, "error", f"补学日期“{studied_on}”应在学习之后、今天之前，请核对。")
        return None
    return MadeUp(studied_on, method)
