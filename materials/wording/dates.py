"""Dates no calendar has, and weekdays that are not those of their date."""

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import date

from materials.wording.entries import DATE, Advice, Paragraphs

WEEKDAYS = "一二三四五六日"
_DIGITS = "〇○零一二三四五六七八九"
_NUMBER = r"\d{1,2}|[一二三四五六七八九十廿卅]{1,4}"
_YEAR = r"(?<!\d)(?:19|20)\d\d|[一二][九〇○零][〇○零一二三四五六七八九]{2}"
# 周 only in brackets: after a date it may as well be somebody's name.
_BEHIND = r"(?:\s*(?:[（(]\s*周|[（(，,]?\s*(?:星期|礼拜))(?P<weekday>[一二三四五六日天])(?!\s*[、至到—\-])[）)]?)?"
_FULL = re.compile(
    rf"(?P<year>{_YEAR})\s*年\s*(?P<month>{_NUMBER})\s*月(?:\s*(?P<day>{_NUMBER}|\d{{1,3}})\s*[日号])?{_BEHIND}"
)
_PLAIN = re.compile(
    r"(?<![\d.\-/])(?P<year>(?:19|20)\d\d)(?P<mark>[-/.])(?P<month>[01]?\d)(?P=mark)(?P<day>[0-3]?\d)(?![\d]|[-/.]\d)"
    + _BEHIND
)
_ALONE = "(?<![\\d年个第.、—\\-一二三四五六七八九十廿卅〇○零])"
_SHORT = re.compile(rf"{_ALONE}(?P<month>{_NUMBER})月(?P<day>{_NUMBER})[日号]")
_LUNAR = re.compile("[农阴旧]历")


def find_dates(paragraphs: Paragraphs) -> list[Advice]:
    found = []
    for number, text in paragraphs:
        seen: dict[str, Advice] = {}
        for advice in (*_full(number, text), *_plain(number, text), *_short(number, text)):
            seen.setdefault(advice.found, advice)
        found += seen.values()
    return found


def _value(text: str | None) -> int | None:
    """28, 二十八, 廿八; None for what is no number at all."""
    if not text:
        return None
    if text.isdigit():
        return int(text)
    text = text.replace("廿", "二十").replace("卅", "三十")
    tens, ten, ones = text.partition("十")
    if not ten:
        return _DIGITS.index(text) - 2 if len(text) == 1 and text in _DIGITS[3:] else None
    if len(tens) > 1 or len(ones) > 1:
        return None
    return (_DIGITS.index(tens) - 2 if tens else 1) * 10 + (_DIGITS.index(ones) - 2 if ones else 0)


def _year(text: str) -> int:
    return int(text) if text.isdigit() else int("".join(str(max(0, _DIGITS.index(one) - 2)) for one in text))


def _full(number: int, text: str) -> Iterator[Advice]:
    for told in _FULL.finditer(text):
        month, day = _value(told["month"]), _value(told["day"])
        if month is not None and (day is not None or not told["day"]):
            yield from _judge(number, told, _year(told["year"]), month, day)


def _plain(number: int, text: str) -> Iterator[Advice]:
    for told in _PLAIN.finditer(text):
        yield from _judge(number, told, int(told["year"]), int(told["month"]), int(told["day"]))


def _short(number: int, text: str) -> Iterator[Advice]:
    """Without a year only what is impossible in every year."""
    for told in _SHORT.finditer(text):
        month, day = _value(told["month"]), _value(told["day"])
        is_lunar = _LUNAR.search(text[max(0, told.start() - 6) : told.start()])
        if month is not None and day is not None and not is_lunar and (why := _impossible(2020, month, day)):
            yield _advice(number, told, why)


def _judge(number: int, told: re.Match[str], year: int, month: int, day: int | None) -> Iterator[Advice]:
    if why := _impossible(year, month, day):
        yield _advice(number, told, why)
    elif day is not None and told["weekday"]:
        right = WEEKDAYS[date(year, month, day).weekday()]
        if told["weekday"].replace("天", "日") != right:
            yield _advice(number, told, f"{year}年{month}月{day}日是星期{right}，请核对日期或星期。")


def _impossible(year: int, month: int, day: int | None) -> str:
    if not 1 <= month <= 12:
        return f"没有{month}月，请核对。"
    last = monthrange(year, month)[1]
    if day is not None and not 1 <= day <= last:
        whose = f"{year}年{month}月" if month == 2 and day == 29 else f"{month}月"
        return f"{whose}最多{last}天，没有{day}日，请核对。"
    return ""


def _advice(number: int, told: re.Match[str], why: str) -> Advice:
    return Advice(DATE, number, told.start(), told.end(), told[0], "", why)
