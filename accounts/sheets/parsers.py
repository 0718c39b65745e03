"""What cells of an office's sheet say: days, hours, numbers, names. Pure but for the people handed in."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Any, Generic, TypeVar

from accounts.sheets.description import Doubtful, Wrong
from studygroup.lib.tables import key_of

T = TypeVar("T")

CHINESE = {name: number for number, name in enumerate("一二三四五六七八九", 1)} | {
    "十": 10,
    "十一": 11,
    "十二": 12,
    "腊": 12,
    "正": 1,
}
FIRST_YEAR, LAST_YEAR = 2000, 2100
BETWEEN_NAMES = re.compile(r"[、，,；;/／|\n\t]+|\s+")
NOTE = re.compile(r"[（(\[【](?P<inside>[^）)\]】]*)[）)\]】]")
NOBODY = {"", "无", "没有", "/", "-", "—", "——", "0", "〇", "零"}
PARTS_OF_DAY = {"上午": time(9), "早": time(8), "下午": time(14, 30), "晚": time(19), "中午": time(12)}
_YEAR_MONTH = re.compile(r"(?P<year>20\d\d|19\d\d)\s*[年./\-]\s*(?P<month>\d{1,2})(?:月份?)?(?!\d)")
_MONTHS = re.compile(
    r"(\d{1,2}|十[一二]|[一二三四五六七八九十正腊])\s*(?=月|[、,，~～至到和\-—]\s*(?:\d{1,2}|[一二三四五六七八九十]+)\s*月)"
)
_QUARTER = re.compile(r"(?:第\s*)?([一二三四1-4])\s*季度?")
_HALVES = {"上半年": 1, "下半年": 7}
_DAY = re.compile(
    r"(?:(?P<year>\d{4}|\d{2})\s*[年./\-]\s*)?(?P<month>\d{1,2})\s*[月./\-]\s*(?P<day>\d{1,2})\s*[日号]?(?!\d)"
)
_COMPACT = re.compile(r"(?<!\d)(?P<year>20\d\d)(?P<month>\d\d)(?P<day>\d\d)(?!\d)")
_HOUR = re.compile(
    r"(?<![\d.])(?P<hour>\d{1,2})\s*(?::\s*(?P<minute>\d{2})(?!\d)|[点时](?:(?P<minutes>\d{1,2})分?|(?P<half>半))?)"
)


def flat(text: str) -> str:
    """Half width, no line breaks, trimmed."""
    return unicodedata.normalize("NFKC", text).replace("\n", " ").strip()


def month_of(text: str) -> int | Doubtful:
    """3, 3月, 三月份, 3月上旬, 2020年3月, 2020-03-01. Of a quarter or several months the first, with a doubt."""
    said = flat(text)
    if found := _COMPACT.search(said) or _YEAR_MONTH.search(said):
        return _month(int(found["month"]), text)
    if quarter := _QUARTER.search(said):
        number = CHINESE.get(quarter[1]) or int(quarter[1])
        return Doubtful(number * 3 - 2, f"写的是“{said}”，按 {number * 3 - 2} 月编入。")
    for word, month in _HALVES.items():
        if word in said:
            return Doubtful(month, f"写的是“{said}”，按 {month} 月编入。")
    if said.isdigit():
        return _month(int(said), text)
    if found := _DAY.search(said):
        return _month(int(found["month"]), text)
    if said in CHINESE:
        return CHINESE[said]
    months = [_month(CHINESE.get(one) or int(one), text) for one in _MONTHS.findall(said)]
    if not months:
        raise Wrong(f"看不出“{said}”是几月，请改成“3月”这样的写法。")
    if len(set(months)) > 1:
        return Doubtful(months[0], f"写的是“{said}”，按 {months[0]} 月编入；要分月安排，请另加一行。")
    return months[0]


def _month(number: int, text: str) -> int:
    if not 1 <= number <= 12:
        raise Wrong(f"月份“{flat(text)}”不对，应是 1 到 12。")
    return number


def day_of(text: str, year: int | None = None) -> date:
    """2020.3.5, 2020/3/5, 2020年3月5日, 3月5日 (of `year`), 20200305, also full width."""
    said = flat(text)
    found = _COMPACT.search(said) or _DAY.search(said)
    if not found:
        raise Wrong(f"看不出“{said}”是哪一天，请改成“2020-03-05”这样的写法。")
    told = found["year"]
    in_year = int(told) + (2000 if len(told) == 2 else 0) if told else year
    if in_year is None:
        raise Wrong(f"“{said}”没有写年份，请补上年份。")
    try:
        day = date(in_year, int(found["month"]), int(found["day"]))
    except ValueError:
        raise Wrong(f"没有“{said}”这一天，请核对。") from None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise Wrong(f"日期应在 {FIRST_YEAR} 年到 {LAST_YEAR} 年之间，现在是“{said}”。")
    return day


def told_day(text: str, year: int | None) -> date | Doubtful:
    """A day; of “3.1” nobody can say whether a spreadsheet has eaten the nought of “3.10”."""
    day = day_of(text, year)
    if re.fullmatch(r"\d{1,2}\.[123]", flat(text)):
        return Doubtful(day, f"写的是“{flat(text)}”，按 {day.month} 月 {day.day} 日导入；如是 {day.day}0 日，请改正。")
    return day


def hours_of(text: str) -> list[time]:
    """The hours named, in order: “下午2:30—4:30” is 14:30 and 16:30; “下午” alone is the usual hour of an afternoon."""
    said = flat(text)
    said = _COMPACT.sub("", said)
    part = next((part for part in PARTS_OF_DAY if part in said), "")
    found = []
    for match in _HOUR.finditer(said):
        hour = int(match["hour"])
        minute = 30 if match["half"] else int(match["minute"] or match["minutes"] or 0)
        if part in ("下午", "晚") and 1 <= hour < 12:
            hour += 12
        if hour < 24 and minute < 60:
            found.append(time(hour, minute))
    return found or ([PARTS_OF_DAY[part]] if part else [])


def whole(text: str, known: Any = None, *, least: int = 0, most: int = 100_000) -> int:
    """A count as people write it: 12, 12人, １２ 册, 12.0."""
    said = flat(text).replace(",", "").replace("，", "")
    found = re.fullmatch(r"(\d{1,9})(?:\.0+)?\s*[\u4e00-\u9fff]{0,2}", said)
    if not found:
        raise Wrong(f"“{said}”不是数，请只填数字。")
    number = int(found[1])
    if not least <= number <= most:
        raise Wrong(f"应在 {least} 到 {most} 之间，现在是 {number}。")
    return number


@dataclass(frozen=True)
class NamedPerson:
    """One name of a cell, with what stood behind it in brackets: “张三（病假）”."""

    name: str
    note: str = ""


def names_in(text: str) -> list[NamedPerson]:
    """The people of a cell: 张三、李四（镇长），王五; “张 三” with a space inside is one name."""
    said = unicodedata.normalize("NFKC", text).replace("(", "（").replace(")", "）")
    kept: list[str] = []
    said = NOTE.sub(lambda m: f"\ue000{kept.append(m['inside']) or len(kept) - 1}\ue001", said)  # type: ignore[func-returns-value]
    said = re.sub(r"(?<![\u4e00-\u9fff])([\u4e00-\u9fff])[ \u3000]+([\u4e00-\u9fff])(?![\u4e00-\u9fff])", r"\1\2", said)
    found = []
    for piece in BETWEEN_NAMES.split(said):
        marks = re.findall("\ue000(\\d+)\ue001", piece)
        name, _, behind = re.sub("\ue000\\d+\ue001", "", piece).strip("。.等同志 ").partition(":")
        if name and name not in NOBODY:
            found.append(
                NamedPerson(name.strip(), "，".join([*(kept[int(m)] for m in marks), *filter(None, [behind])]))
            )
    return found


class Names(Generic[T]):
    """Finds by name, spaces and width aside; two of one name are both found."""

    def __init__(self, pairs: Iterable[tuple[str, T]]) -> None:
        self.by_key: dict[str, list[T]] = defaultdict(list)
        for name, one in pairs:
            self.by_key[key_of(name)].append(one)

    def find(self, name: str) -> Sequence[T]:
        return self.by_key.get(key_of(name), ())

    def like(self, name: str) -> list[T]:
        """Those whose name contains this one or the other way round, e.g. 研讨 and 专题研讨."""
        key = key_of(name)
        return [
            one
            for other, ones in self.by_key.items()
            if len(key) > 1 and (key in other or other in key)
            for one in ones
        ]


def labelled(choices: Iterable[tuple[Any, Any]]) -> Any:
    """A cell that names one of a few things by its label; a near match is doubtful."""
    known_labels: Names[tuple[str, str]] = Names(
        (form, (str(value), str(label))) for value, label in choices for form in {str(label), str(label).split(" ")[-1]}
    )
    names = "、".join(str(label).split(" ")[-1] for _, label in choices)

    def parse(text: str, known: Any) -> Any:
        if found := known_labels.find(text):
            return found[0][0]
        near = {value: label for value, label in known_labels.like(text)}
        if len(near) == 1:
            value, label = next(iter(near.items()))
            return Doubtful(value, f"“{flat(text)}”按“{label}”导入。")
        raise Wrong(f"“{flat(text)}”不在可填的范围：{names}。")

    return parse
