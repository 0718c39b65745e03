"""What stands in the wrong order or twice: “一、” followed by “三、”, the same paragraph again."""

import re
from collections.abc import Iterator

from materials.wording.entries import STRUCTURE, Advice, Paragraphs

NUMERALS = "一二三四五六七八九十"
HEADS = (re.compile(rf"([{NUMERALS}]{{1,3}})、"), re.compile(rf"（([{NUMERALS}]{{1,3}})）"))
REPEATED_FROM = 20  # characters: what is shorter may well stand twice
SHOWN = 16


def find_structure(paragraphs: Paragraphs) -> list[Advice]:
    return [*_out_of_order(paragraphs), *_repeated(paragraphs)]


def value_of(numeral: str) -> int:
    """“十二” → 12; 0 for what is no number below one hundred."""
    tens, ten, ones = numeral.rpartition("十")
    if not ten:
        return NUMERALS.index(numeral) + 1 if len(numeral) == 1 else 0
    if len(tens) > 1 or len(ones) > 1:
        return 0
    return (NUMERALS.index(tens) + 1 if tens else 1) * 10 + (NUMERALS.index(ones) + 1 if ones else 0)


def _out_of_order(paragraphs: Paragraphs) -> Iterator[Advice]:
    """A count goes on by one or begins anew; “（一）” begins anew below every “一、”."""
    last = [0, 0]
    for number, text in paragraphs:
        for level, head in enumerate(HEADS):
            if not (told := head.match(text)) or not (value := value_of(told[1])):
                continue
            if last[level] and value not in (last[level] + 1, 1):
                before = f"“{told[0].replace(told[1], _numeral(last[level]))}”"
                yield Advice(STRUCTURE, number, 0, told.end(), told[0], "", f"前一个是{before}，序号不相连，请核对。")
            last[level] = value
            if level == 0:
                last[1] = 0


def _numeral(value: int) -> str:
    tens, ones = divmod(value, 10)
    head = "" if not tens else "十" if tens == 1 else NUMERALS[tens - 1] + "十"
    return head + (NUMERALS[ones - 1] if ones else "")


def _repeated(paragraphs: Paragraphs) -> Iterator[Advice]:
    first: dict[str, int] = {}
    for number, text in paragraphs:
        if len(text) < REPEATED_FROM:
            continue
        if text in first:
            shown = f"{text[:SHOWN]}…"
            yield Advice(STRUCTURE, number, 0, len(text), shown, "", f"与第{first[text]}段完全相同，请核对是否重复。")
        first.setdefault(text, number)
