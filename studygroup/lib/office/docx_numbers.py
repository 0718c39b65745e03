"""The numbers Word writes before paragraphs by itself: they stand nowhere in the text and have to be counted again.

Imported only by `docx_reader`, which runs as a program of its own.
"""

import zipfile
from dataclasses import dataclass, field
from typing import Any

from package_parts import nothing, parse

DIGITS, LEGAL = "〇一二三四五六七八九", "零壹贰叁肆伍陆柒捌玖"
STEMS, BRANCHES = "甲乙丙丁戊己庚辛壬癸", "子丑寅卯辰巳午未申酉戌亥"
ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl")) + (
    (10, "x"),
    (9, "ix"),
    (5, "v"),
    (4, "iv"),
    (1, "i"),
)
MAX_LEVELS, MAX_LISTS = 9, 5000
BULLET = "·"


def chinese(value: int, digits: str = DIGITS, tens: str = "十", hundreds: str = "百") -> str:
    """一 … 九百九十九; larger ones digit by digit."""
    if not 0 < value < 1000:
        return "".join(digits[int(digit)] for digit in str(value))
    hundred, ten, one = value // 100, value // 10 % 10, value % 10
    said = digits[hundred] + hundreds if hundred else ""
    if ten:
        said += ("" if ten == 1 and not hundred and digits is DIGITS else digits[ten]) + tens
    elif hundred and one:
        said += "零"
    return said + (digits[one] if one else "")


def roman(value: int) -> str:
    said = ""
    for worth, letters in ROMAN:
        count, value = divmod(value, worth)
        said += letters * count
    return said


def letters(value: int) -> str:
    """a … z, aa, bb, …, as Word goes on."""
    return chr(ord("a") + (value - 1) % 26) * ((value - 1) // 26 + 1)


def written(value: int, form: str) -> str:
    """A counted number in one of the forms of ST_NumberFormat; one we do not know is written in digits."""
    name = form.lower()
    if not 0 < value < 10_000 or name == "none":
        return "" if name == "none" else str(value)
    if name in ("chinesecounting", "chinesecountingthousand", "japanesecounting", "taiwanesecounting"):
        return chinese(value)
    if name == "taiwanesecountingthousand":
        return chinese(value)
    if name in ("chineselegalsimplified", "ideographlegaltraditional", "japaneselegal"):
        return chinese(value, LEGAL, "拾", "佰")
    if name in ("ideographdigital", "japanesedigitaltenthousand", "taiwanesedigital"):
        return "".join(DIGITS[int(digit)] for digit in str(value))
    if name == "ideographtraditional" and value <= len(STEMS):
        return STEMS[value - 1]
    if name == "ideographzodiac" and value <= len(BRANCHES):
        return BRANCHES[value - 1]
    if name in ("decimalenclosedcircle", "decimalenclosedcirclechinese") and value <= 20:
        return chr(ord("①") + value - 1)
    if name == "ideographenclosedcircle" and value <= 10:
        return chr(ord("㊀") + value - 1)
    if name == "decimalenclosedparen" and value <= 20:
        return chr(ord("⑴") + value - 1)
    if name == "decimalfullwidth":
        return "".join(chr(ord("０") + int(digit)) for digit in str(value))
    if name in ("upperroman", "lowerroman"):
        return roman(value).upper() if name == "upperroman" else roman(value)
    if name in ("upperletter", "lowerletter") and value <= 260:
        return letters(value).upper() if name == "upperletter" else letters(value)
    return str(value)


@dataclass
class Level:
    start: int = 1
    form: str = "decimal"
    text: str = ""
    is_legal: bool = False
    restarts: bool = True
    style: str = ""


@dataclass
class Numbering:
    """Lists and how far each has counted. Lists of one pattern count on together, as in Word."""

    patterns: dict[str, dict[int, Level]] = field(default_factory=dict)
    pattern_of: dict[str, str] = field(default_factory=dict)
    starts: dict[str, dict[int, int]] = field(default_factory=dict)
    counts: dict[str, dict[int, int]] = field(default_factory=dict)
    begun: set[tuple[str, int]] = field(default_factory=set)

    def level_of_style(self, number: str, style: str) -> int:
        levels = self.patterns.get(self.pattern_of.get(number, ""), {})
        return next((depth for depth, level in levels.items() if level.style == style), 0)

    def label(self, number: str, depth: int) -> str:
        """What Word would write before the next paragraph of this list at this depth."""
        pattern = self.pattern_of.get(number, "")
        levels = self.patterns.get(pattern)
        if not levels or depth not in levels:
            return ""
        counts = self.counts.setdefault(pattern, {})
        anew = self.starts.get(number, {}).get(depth)
        if anew is not None and (number, depth) not in self.begun:
            counts[depth] = anew
        else:
            counts[depth] = counts[depth] + 1 if depth in counts else levels[depth].start
        self.begun.add((number, depth))
        for below in [d for d in counts if d > depth and d in levels and levels[d].restarts]:
            del counts[below]
        level = levels[depth]
        return BULLET if level.form == "bullet" else self._filled(level, levels, counts)

    @staticmethod
    def _filled(level: Level, levels: dict[int, Level], counts: dict[int, int]) -> str:
        said = level.text
        for depth in range(MAX_LEVELS):
            mark = f"%{depth + 1}"
            if mark in said and depth in levels:
                form = "decimal" if level.is_legal else levels[depth].form
                said = said.replace(mark, written(counts.get(depth, levels[depth].start), form))
        return said


def small(text: str | None, other: int = 0) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 6 else other


def plain_names(attributes: dict[str, str]) -> dict[str, str]:
    return {name.rpartition(":")[2]: value for name, value in attributes.items()}


def read_numbering(package: zipfile.ZipFile, part: str) -> Numbering:
    found = Numbering()
    levels: dict[int, Level] = {}
    level = Level()
    number = ""
    override: int | None = None

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal levels, level, number, override
        told = plain_names(attributes)
        value = told.get("val", "")
        if tag == "abstractNum" and len(found.patterns) < MAX_LISTS:
            levels = found.patterns[told.get("abstractNumId", "")] = {}
        elif tag == "num":
            number, override, levels = told.get("numId", ""), None, {}
        elif tag == "abstractNumId" and len(found.pattern_of) < MAX_LISTS:
            found.pattern_of[number] = value
        elif tag == "lvlOverride":
            override = small(told.get("ilvl"))
        elif tag == "startOverride" and override is not None:
            found.starts.setdefault(number, {})[override] = small(value, 1)
        elif tag == "lvl" and small(told.get("ilvl")) < MAX_LEVELS:
            level = levels[small(told.get("ilvl"))] = Level()
        else:
            describe(level, tag, value)

    parse(package, part, start, nothing, nothing)
    return found


def describe(level: Level, tag: str, value: Any) -> None:
    if tag == "start":
        level.start = small(value, 1)
    elif tag == "numFmt":
        level.form = value
    elif tag == "lvlText":
        level.text = value[:60]
    elif tag == "isLgl":
        level.is_legal = value not in ("0", "false", "off")
    elif tag == "lvlRestart":
        level.restarts = value != "0"
    elif tag == "pStyle":
        level.style = value
