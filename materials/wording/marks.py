"""书名号, quotation marks and brackets without their other half or nested, marks typed twice or half as wide."""

import re
from collections import Counter
from collections.abc import Iterator

from materials.wording.entries import PAIRS, Advice, Paragraphs

CLOSING = {"《": "》", "〈": "〉", "“": "”", "‘": "’", "（": "）", "【": "】"}
OPENING = {closing: opening for opening, closing in CLOSING.items()}
NAMES = {"《": "书名号", "〈": "单书名号", "“": "引号", "‘": "单引号", "（": "括号", "【": "方括号"}
_POINT = re.compile(
    r"(?:^|[\s，。；：、])(?:\d{1,3}|[a-zA-Z]|[一二三四五六七八九十]{1,3}|[①-⑳])$"
)  # “1）” counts, it does not close
_TWICE = re.compile(r"[，、；：。]{2,}")
_HALF = re.compile(r"(?<=[\u4e00-\u9fff”》）])[,;:?!](?=[\u4e00-\u9fff“《（]|$)")  # not in 1,500
_ROUND = 12  # characters shown around a mark


def find_marks(paragraphs: Paragraphs) -> list[Advice]:
    texts = [text for _, text in paragraphs]
    found: list[Advice] = []
    for order, (number, text) in enumerate(paragraphs):
        goes_on = texts[order + 1].startswith("“") if order + 1 < len(texts) else False
        found += _first_of_each(_unpaired(number, text, goes_on))
        found += _first_of_each(_twice(number, text))
        found += _first_of_each(_half_wide(number, text))
    return found


def _first_of_each(advices: Iterator[Advice]) -> list[Advice]:
    """One advice a paragraph for the same reason, with how often it holds."""
    kept: dict[str, Advice] = {}
    counts: dict[str, int] = {}
    for advice in advices:
        kept.setdefault(advice.why, advice)
        counts[advice.why] = counts.get(advice.why, 0) + 1
    return [Advice(**{**vars(advice), "count": counts[why]}) for why, advice in kept.items()]


def _unpaired(number: int, text: str, goes_on: bool) -> Iterator[Advice]:
    """`goes_on`: a quotation of several paragraphs opens each of them and is closed at the end of the last."""
    open_: list[tuple[str, int]] = []
    held: Counter[str] = Counter()  # how many of each are open
    for place, one in enumerate(text):
        if one in CLOSING:
            if one == "《" and held[one] and _closes_twice(text, place):
                yield _at(number, text, place, "书名号里面再用书名号时，里面的用单书名号〈〉。", "〈〉")
            open_.append((one, place))
            held[one] += 1
        elif one in OPENING and held[OPENING[one]]:
            while open_:
                mark, before = open_.pop()
                held[mark] -= 1
                if mark == OPENING[one]:
                    break
                yield _missing(number, text, before, mark)
        elif one in OPENING and not _may_stand_alone(text, place):
            yield _at(number, text, place, f"{NAMES[OPENING[one]]}没有配对，缺少前一半 {OPENING[one]}")
    for mark, place in open_:
        if mark != "‘" and not (mark == "“" and (goes_on or place == 0)):
            yield _missing(number, text, place, mark)


def _may_stand_alone(text: str, place: int) -> bool:
    """An apostrophe, or the number of a point."""
    return text[place] == "’" or (text[place] == "）" and bool(_POINT.search(text[max(0, place - 5) : place])))


def _closes_twice(text: str, place: int) -> bool:
    """Both are closed: nested, not simply forgotten."""
    first = text.find("》", place)
    return first >= 0 and text.find("》", first + 1) >= 0


def _missing(number: int, text: str, place: int, mark: str) -> Advice:
    return _at(number, text, place, f"{NAMES[mark]}没有配对，缺少后一半 {CLOSING[mark]}")


def _twice(number: int, text: str) -> Iterator[Advice]:
    for told in _TWICE.finditer(text):
        around = text[max(0, told.start() - _ROUND) : told.end()]
        yield Advice(PAIRS, number, told.start(), told.end(), around, "", f"标点“{told[0]}”连在一起，请核对。")


def _half_wide(number: int, text: str) -> Iterator[Advice]:
    for told in _HALF.finditer(text):
        around = text[max(0, told.start() - _ROUND) : told.end()]
        wide = chr(ord(told[0]) + 0xFEE0)
        yield Advice(PAIRS, number, told.start(), told.end(), around, wide, f"半角标点“{told[0]}”，中文里用全角的。")


def _at(number: int, text: str, place: int, why: str, advised: str = "") -> Advice:
    opens = text[place] in CLOSING
    around = text[max(0, place - 2) : place + _ROUND] if opens else text[max(0, place - _ROUND) : place + 1]
    return Advice(PAIRS, number, place, place + 1, around, advised, why)
