"""Arithmetic of the regulation: pure functions, no database."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import chinese_calendar

from studygroup.lib.clock import local_date

# “1月14日”, “14日”, “14至16日” (its first day), “2020年3月5号”; not “20日前”, “3日内”, “为期3日”.
_DAY = re.compile(
    r"(?<![\d共期])(?:(?P<year>\d{4})\s*年\s*)?(?:(?P<month>\d{1,2})\s*月\s*)?"
    r"(?P<day>\d{1,2})(?:\s*[-—–~至到、,和及]\s*\d{1,2})*\s*[日号](?!\s*(?:之前|以前|前|之内|以内|内))"
)
_HOUR = re.compile(
    r"(?<!\d)(?P<hour>\d{1,2})(?::(?P<minute>\d{2})(?!\d)|[点时](?:(?P<minutes>\d{1,2})分?|(?P<half>半))?)"
)
_PARTS_OF_DAY = {"上午": time(9), "下午": time(14, 30), "晚": time(19)}

_QUOTED = re.compile(r"(《[^》]*》|“[^”]*”)")
_NUMERALS = str.maketrans("0123456789", "〇一二三四五六七八九")


def quarter_of_month(month: int) -> int:
    return (month - 1) // 3 + 1


def lecture_lateness(starts_at: datetime, applied_at: datetime, days_before: int) -> str:
    """What to say of an application that came too late; "" for one in good time."""
    if starts_at <= applied_at:
        return "事后补报"
    days = (local_date(starts_at) - local_date(applied_at)).days
    if days >= days_before:
        return ""
    return f"迟报：提前{days}天，应提前{days_before}天" if days else f"迟报：举办当天提交，应提前{days_before}天"


def with_year(text: str, old: int, new: int) -> str:
    """The text of one year's plan for another: “2025年”, “2025年度”, “二〇二五年” where the plan's own year is meant.

    What names a day (“2025年3月5日的讲话”), the end of a span (“2021—2025年”) or stands in a title or quotation stays.
    """
    spelled = {str(old): str(new)}
    for zero in "〇○零":
        spelled[str(old).translate(_NUMERALS).replace("〇", zero)] = str(new).translate(_NUMERALS).replace("〇", zero)
    own = re.compile(
        rf"(?<![\d〇○零一二三四五六七八九—–~～至到-])({'|'.join(spelled)})(?=\s*年(?!\s*[\d一二三四五六七八九十]+\s*月))"
    )
    parts = _QUOTED.split(text)
    return "".join(part if odd % 2 else own.sub(lambda m: spelled[m[1]], part) for odd, part in enumerate(parts))


def next_sensible_day(year: int, month: int, today: date) -> date:
    """A weekday to propose for something planned in a month.

    The first one after today inside the month; tomorrow when this month has none left; for a month that is over (its
    record is being completed) the month's first one.
    """
    first = date(year, month, 1)
    tomorrow = today + timedelta(days=1)
    is_over = (year, month) < (today.year, today.month)
    day = first if is_over else max(first, tomorrow)
    while day.weekday() >= 5:
        day += timedelta(days=1)
    return day if day.month == month else tomorrow


@dataclass(frozen=True)
class PlannedTime:
    """What a plan row's 时间 says: a day of the plan's month, an hour, or that its day cannot be one of them."""

    day: date | None = None
    hour: time | None = None
    is_impossible: bool = False


def planned_time(text: str, year: int, month: int) -> PlannedTime:
    """Read “1月14日下午”, “14日”, “3月5日 14:30”. “11月第二周” names no day; “32日” names an impossible one."""
    text = unicodedata.normalize("NFKC", text)
    hour = _hour_in(text)
    if not (found := _DAY.search(text)):
        return PlannedTime(None, hour)
    elsewhere = int(found["year"] or year) != year or int(found["month"] or month) != month
    try:
        day = date(year, month, int(found["day"]))
    except ValueError:
        elsewhere = True
    return PlannedTime(None, hour, True) if elsewhere else PlannedTime(day, hour)


def _hour_in(text: str) -> time | None:
    part = next((part for part in _PARTS_OF_DAY if part in text), "")
    if found := _HOUR.search(text):
        hour = int(found["hour"])
        minute = 30 if found["half"] else int(found["minute"] or found["minutes"] or 0)
        if part in ("下午", "晚") and 1 <= hour < 12:
            hour += 12
        if hour < 24 and minute < 60:
            return time(hour, minute)
    return _PARTS_OF_DAY.get(part)


HOLIDAYS = {
    "New Year's Day": "元旦",
    "Spring Festival": "春节",
    "Tomb-sweeping Day": "清明节",
    "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午节",
    "National Day": "国庆节",
    "Mid-autumn Festival": "中秋节",
}


@dataclass(frozen=True)
class DayHint:
    """What the published calendar says of a day beyond its weekday."""

    text: str = ""
    is_holiday: bool = False


def day_hint(day: date) -> DayHint:
    """A public holiday, or a weekend day worked in exchange for one; nothing for years not yet published."""
    try:
        is_free, holiday = chinese_calendar.get_holiday_detail(day)
    except NotImplementedError:
        return DayHint()
    if not holiday:
        return DayHint()
    name = HOLIDAYS.get(holiday, "节日")
    return DayHint(f"{name}放假", True) if is_free else DayHint(f"{name}调休，要上班")


def is_working_day(day: date) -> bool:
    """By the published calendar with its exchanged days; Monday to Friday where none is published yet."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() < 5


def working_days_before(day: date, told: date) -> int:
    """Working days from the one after being told up to the day itself."""
    return sum(1 for n in range(1, (day - told).days + 1) if is_working_day(told + timedelta(days=n)))
