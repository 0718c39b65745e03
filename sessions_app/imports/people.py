"""Who came, as registers and ledgers write it: signs in a cell per person, or names in a cell per session."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from accounts.models import Membership, User
from accounts.permissions import Role
from accounts.sheets.description import Doubtful, Wrong
from accounts.sheets.parsers import NOBODY, NamedPerson, Names, flat, names_in
from sessions_app.actions.participants import roster_out_of
from sessions_app.models.attendance import AttendanceStatus, LeaveReason

PRESENT, LATE, LEAVE, ABSENT = (
    AttendanceStatus.PRESENT,
    AttendanceStatus.LATE,
    AttendanceStatus.LEAVE,
    AttendanceStatus.ABSENT,
)
WORDS: dict[str, str] = {
    **dict.fromkeys(
        (
            "√",
            "✓",
            "✔",
            "☑",
            "v",
            "到",
            "实到",
            "已到",
            "到会",
            "出席",
            "参加",
            "参会",
            "已签到",
            "签到",
            "是",
            "1",
            "〇",
        ),
        PRESENT,
    ),
    **dict.fromkeys(("迟到", "迟", "△", "▲", "晚到"), LATE),
    **dict.fromkeys(("请假", "假", "○", "⊙", "请"), LEAVE),
    **dict.fromkeys(
        (
            "缺席",
            "缺",
            "缺勤",
            "旷",
            "旷会",
            "旷课",
            "旷学",
            "未到",
            "未参加",
            "×",
            "✗",
            "✘",
            "x",
            "否",
            "0",
            "无故缺席",
        ),
        ABSENT,
    ),
}
REASONS = (
    ("公", LeaveReason.OFFICIAL),
    ("差", LeaveReason.OFFICIAL),
    ("会", LeaveReason.OFFICIAL),
    ("下乡", LeaveReason.OFFICIAL),
    ("病", LeaveReason.SICK),
    ("住院", LeaveReason.SICK),
    ("产假", LeaveReason.SICK),
    ("事", LeaveReason.PERSONAL),
    ("年休", LeaveReason.PERSONAL),
    ("年假", LeaveReason.PERSONAL),
)
EVERYBODY = re.compile(r"全体|全部|所有|全员|班子成员")
COUNT = re.compile(r"\d{1,4}\s*人?(?:次)?")


@dataclass(frozen=True)
class Mark:
    """How one person stands in a register."""

    status: str
    reason: str = ""


def reason_in(text: str) -> str:
    return next((reason.value for word, reason in REASONS if word in text), "")


def mark_of(text: str, known: Any = None) -> Any:
    """✓ √ 到 出席 请假 公假 病假 事假 缺席 旷 迟到; “/” and “—” say that he was not expected (None)."""
    said = flat(text).lower().strip("。. ")
    bare = re.sub(r"[\s()（）]+", "", said)
    if bare in ("/", "-", "—", "——", "\\", "不参加", "免"):
        return None
    if bare in WORDS:
        return Mark(WORDS[bare])
    if reason := reason_in(bare):
        return Mark(LEAVE, reason)
    for word in ("迟到", "请假", "缺席", "旷"):
        if word in bare:
            return Mark(WORDS[word])
    if re.fullmatch(r"\d{1,2}:\d{2}(:\d{2})?", bare):
        return Doubtful(Mark(PRESENT), f"写的是时间“{said}”，按实到导入。")
    raise Wrong(f"看不懂“{flat(text)}”。请填：√、迟到、公假、病假、事假、缺席。")


@dataclass(frozen=True)
class NamesTold:
    """A cell that names people, counts them (“12人”), or says everybody."""

    people: tuple[NamedPerson, ...] = ()
    count: int | None = None
    is_everybody: bool = False


def names_told(text: str, known: Any = None) -> NamesTold:
    said = flat(text)
    if said in NOBODY or said in ("全勤",):
        return NamesTold(count=0)
    if COUNT.fullmatch(said):
        return NamesTold(count=int(re.sub(r"\D", "", said)))
    named = [one for one in names_in(text) if not COUNT.fullmatch(one.name)]
    is_everybody = any(EVERYBODY.search(one.name) for one in named)
    return NamesTold(tuple(one for one in named if not EVERYBODY.search(one.name)), None, is_everybody)


class Roster:
    """A group's memberships of all times, asked by day."""

    def __init__(self, memberships: Iterable[Membership]) -> None:
        self.rows = sorted(memberships, key=lambda m: (m.starts_on, m.pk))
        self.people: dict[int, User] = {m.user_id: m.user for m in self.rows}
        self.by_name = Names((user.name, user) for user in self.people.values())
        self._days: dict[date, dict[int, Membership]] = {}

    def on(self, day: date) -> dict[int, Membership]:
        """Person → place of that day in the roster's order."""
        if day not in self._days:
            self._days[day] = {m.user_id: m for m in roster_out_of(self.rows, day)}
        return self._days[day]

    def find(self, told: NamedPerson, day: date) -> Membership:
        """The place of somebody named. Raises Wrong, saying why he cannot be meant."""
        here = self.on(day)
        known = list(self.by_name.find(told.name))
        found = [here[user.pk] for user in known if user.pk in here]
        if len(found) > 1 and told.note:
            found = [m for m in found if m.title and (m.title in told.note or told.note in m.title)] or found
        if len(found) > 1:
            titles = "、".join(f"{told.name}（{m.title}）" for m in found)
            raise Wrong(f"名单里有 {len(found)} 位“{told.name}”，请写明是哪一位：{titles}。")
        if found:
            return found[0]
        if known:
            raise Wrong(f"“{told.name}”{day.year}年{day.month}月{day.day}日不在名单里，请核对他的起止日期。")
        raise Wrong(f"名单里没有“{told.name}”。请核对姓名，或先在“名单”里加入。")


def by_category(places: Iterable[Membership]) -> dict[str, list[Membership]]:
    found: dict[str, list[Membership]] = defaultdict(list)
    for place in places:
        found[Role(place.category)].append(place)
    return found
