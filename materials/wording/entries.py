"""What a dictionary entry says and what is advised because of it. Pure: no row, no clock."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import TextChoices

SHORTEST_PHRASE = 6
LONGEST_WORD = 60
SEPARATORS = re.compile(r"[、，,；;\s]+")


class WordingSort(TextChoices):
    """What an entry of the dictionary is about."""

    TITLE = "title", "规范全称"
    PHRASE = "phrase", "固定表述"
    OUTDATED = "outdated", "过时表述"
    TYPO = "typo", "易错字词"
    MARKS = "marks", "书名号和引号"


# What is found without any entry.
DATE, PAIRS, STRUCTURE, QUOTATION = "date", "pairs", "structure", "quotation"
LABELS: dict[str, str] = {
    **{str(value): str(label) for value, label in WordingSort.choices},
    DATE: "日期",
    PAIRS: "标点",
    STRUCTURE: "层次",
    QUOTATION: "引文",
}
PAIRS_OF_MARKS = {"《": "》", "“": "”"}


@dataclass(frozen=True)
class Entry:
    """One entry that holds. `spared` are longer words in which `found` is right."""

    number: int
    sort: str
    found: str
    advised: str
    spared: tuple[str, ...] = ()
    note: str = ""
    valid_from: date | None = None
    valid_until: date | None = None

    def holds_on(self, day: date) -> bool:
        """A paper is asked only for what held on its own day."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_until is None or day <= self.valid_until
        )


Pieces = tuple[tuple[str, bool], ...]  # text and whether it differs from the other side


@dataclass(frozen=True)
class Advice:
    """One advice with its place: paragraph as printed (0 is the title), from–to in it, the words, what is better, why.

    `entry` is the number of the dictionary's entry, `source` that of the text in the library; `ours` and `theirs` are
    the two wordings cut where they differ. `count` is how often it occurs in the paragraph.
    """

    sort: str
    paragraph: int
    start: int
    end: int
    found: str
    advised: str
    why: str
    entry: int | None = None
    source: int | None = None
    source_title: str = ""
    count: int = 1
    ours: Pieces = ()
    theirs: Pieces = ()

    @property
    def label(self) -> str:
        return LABELS[self.sort]

    @property
    def place(self) -> str:
        return f"第{self.paragraph}段" if self.paragraph else "标题"

    @property
    def point(self) -> str:
        """As a reviewer would write it."""
        better = f"，建议写作“{self.advised}”" if self.advised and self.source is None else ""
        right = f"，原文是“{self.advised}”" if self.source is not None else ""
        return f"“{self.found}”{better}{right}。{self.why}"


def spared_words(text: str) -> tuple[str, ...]:
    return tuple(filter(None, SEPARATORS.split(text)))


def why_not(sort: str, found: str, advised: str, spared: str = "") -> str:
    """What is wrong with an entry, as a sentence; "" when it can be used."""
    if len(found) < 2:
        return "要查找的词至少写两个字：一个字到处都是，会误报。"
    if len(found) > LONGEST_WORD:
        return f"要查找的词最多 {LONGEST_WORD} 个字。"
    if re.search(r"\s", found):
        return "要查找的词里不要有空格或换行。"
    if not any(one.isalnum() for one in found):
        return "要查找的词不能只有标点。"
    if sort == WordingSort.PHRASE:
        letters = sum(one.isalnum() for one in found)
        return "" if letters >= SHORTEST_PHRASE else f"固定表述至少 {SHORTEST_PHRASE} 个字，短的请用“易错字词”登记。"
    if sort == WordingSort.MARKS:
        if advised and advised not in {f"{left}{found}{right}" for left, right in PAIRS_OF_MARKS.items()}:
            return "建议写法应是加上书名号或引号的同一个词，例如《中国共产党章程》、“两个维护”。"
        return "" if not set(found) & set("《》“”〈〉‘’") else "要查找的词写没有加书名号、引号的样子。"
    if not advised:
        return "请写明建议写法。"
    if advised == found:
        return "建议写法与要查找的词相同。"
    if any(found not in one or found == one for one in spared_words(spared)):
        return f"“不提示的写法”应是含有“{found}”的更长的词，用顿号隔开。"
    return ""


def usual_advice(sort: str, found: str, advised: str) -> str:
    """What an entry advises when that goes without saying: the phrase itself, or the word in 书名号."""
    if sort == WordingSort.PHRASE:
        return found
    return advised or (f"《{found}》" if sort == WordingSort.MARKS else "")


Paragraphs = Sequence[tuple[int, str]]
