"""Numbers of a worksheet as people read them. Imported only by `xlsx_reader`, which runs as a program of its own."""

import math
import re
from datetime import datetime, timedelta

# Formats known by number only; 27–36 and 50–58 are those of a Chinese Excel.
KNOWN_FORMATS = {9: "0%", 10: "0.00%", 14: "yyyy-m-d", 15: "d-mmm-yy", 16: "d-mmm", 17: "yyyy-m", 22: "yyyy-m-d h:mm"}
KNOWN_FORMATS |= dict.fromkeys((18, 19, 20, 21, 32, 33, 34, 35, 45, 46, 47, 55, 56), "h:mm")
KNOWN_FORMATS |= dict.fromkeys((27, 36, 50, 52, 57), 'yyyy"年"m"月"')
KNOWN_FORMATS |= dict.fromkeys((28, 29, 30, 31, 51, 53, 54, 58), "yyyy-m-d")

LITERAL = re.compile(r'"([^"]*)"|\\(.)|_.|\*.')
ELAPSED = re.compile(r"\[(h+|m+|s+)\]", re.IGNORECASE)
BRACKETS = re.compile(r"\[[^\]]*\]")


def kind_of(code: str) -> str:
    """What a number format shows: "date", "month" (year and month only), "time", "datetime", or ""."""
    if not code or code.lower() in ("general", "@"):
        return ""
    first = code.split(";")[0]
    if ELAPSED.search(first):
        return "time"
    plain = BRACKETS.sub("", LITERAL.sub("", first)).lower()
    plain = plain.replace("am/pm", "h").replace("上午/下午", "h").replace("general", "")
    has_day, has_year = "d" in plain, "y" in plain or "e" in plain and "0" not in plain
    has_clock = "h" in plain or "s" in plain
    if has_day or has_year:
        if has_clock:
            return "datetime"
        return "date" if has_day or "m" not in plain else "month"
    if has_clock:
        return "time"
    return "date" if "m" in plain and not re.search(r"[0#]", plain) else ""


def plainly(value: float) -> str:
    """A number without .0 and without the noise of binary fractions."""
    if not math.isfinite(value):
        return ""
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    text = f"{value:.15g}"
    return f"{value:f}".rstrip("0").rstrip(".") if "e" in text else text


def shown(raw: str, code: str, is_1904: bool) -> str:
    try:
        value = float(raw)
    except ValueError:
        return raw
    kind = kind_of(code)
    if kind and 0 <= value < 2_958_466:
        return moment(value, kind, is_1904)
    first = code.split(";")[0]
    if "%" in LITERAL.sub("", first):
        return plainly(round(value * 100, 10)) + "%"
    return dressed(value, first)


def moment(value: float, kind: str, is_1904: bool) -> str:
    days = value + 1462 if is_1904 else value
    if kind != "time" and days < 60 and not is_1904:
        days += 1  # the 29th of February 1900 that never was
    point = datetime(1899, 12, 30) + timedelta(seconds=round(days * 86400))
    if kind == "time" or (value < 1 and not is_1904):
        return f"{point:%H:%M}"
    if kind == "month":
        return f"{point.year}年{point.month}月"
    midnight = point.hour == point.minute == 0
    return f"{point:%Y-%m-%d}" if kind == "date" or midnight else f"{point:%Y-%m-%d %H:%M}"


def dressed(value: float, code: str) -> str:
    """The words a format puts around a number (0"月", "第"0"次") and the noughts in front of it (00000)."""
    text = plainly(value)
    if not code or code.lower() == "general":
        return text
    plain = LITERAL.sub(lambda m: m[1] or m[2] or "", BRACKETS.sub("", code))
    pieces = re.split(r"([#0?,.]+)", plain, maxsplit=1)
    if len(pieces) != 3 or re.search(r"[#0?@]", pieces[2]):
        return text
    before, digits, after = pieces
    if value == int(value) and "." not in digits and "," not in digits and value >= 0:
        text = text.rjust(digits.count("0"), "0")
    words = re.compile(r"[\u4e00-\u9fff]")
    return (before if words.search(before) else "") + text + (after if words.search(after) else "")
