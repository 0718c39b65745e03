"""A table as offices make it: titles above, one or two head rows, rows, sums and signatures below. Pure functions."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

LOOK_FOR_HEAD_WITHIN = 25
BRACKETED = re.compile(r"[(（\[【〔《<].*?[)）\]】〕》>]")
NOT_A_WORD = re.compile(r"[\s()（）\[\]【】《》<>:：、,，。.·/／|*※★\-—_+]+")
SUM = re.compile(r"^(合计|总计|小计|共计|累计|平均)")
SIGNED = re.compile(
    r"^(备注|注|说明|填表说明|审定人?|审核人?|审批人?|审批意见|制表人?|填表人?|填报人?|填报单位|填报日期|填报时间|负责人签字?|"
    r"单位盖章|盖章|报备|报送|抄送|联系人|联系电话|日期|单位)\s*(（.{0,8}）)?\s*[:：]"
)
EXAMPLE = re.compile(r"^[（(【\[]?(示例|例如|填写示例|样例)")


def key_of(heading: str) -> str:
    """A heading without spaces, brackets, width and signs: “学 习 内 容（篇目）” is 学习内容篇目."""
    return NOT_A_WORD.sub("", unicodedata.normalize("NFKC", heading)).lower()


def keys_of(heading: str) -> list[str]:
    """What a heading may be called: whole, and without what stands in brackets."""
    whole, bare = key_of(heading), key_of(BRACKETED.sub("", unicodedata.normalize("NFKC", heading)))
    return [key for key in dict.fromkeys((whole, bare)) if key]


def column_letters(number: int) -> str:
    """28 → “AB”."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


@dataclass(frozen=True)
class Table:
    """Rows with where each row and column stands in the sheet somebody made (from 1); `is_turned` when its columns
    are our rows."""

    rows: Sequence[Sequence[str]]
    row_numbers: Sequence[int]
    column_numbers: Sequence[int]
    is_turned: bool = False

    @classmethod
    def plain(cls, rows: Sequence[Sequence[str]]) -> "Table":
        width = len(rows[0]) if rows else 0
        return cls(rows, range(1, len(rows) + 1), range(1, width + 1))

    def turned(self) -> "Table":
        rows = [list(column) for column in zip(*self.rows, strict=True)]
        return Table(rows, self.column_numbers, self.row_numbers, not self.is_turned)

    def address(self, row: int, column: int) -> str:
        """As the cell is called in the spreadsheet, e.g. “B7”. Places count from 0."""
        down, across = self.row_numbers[row], self.column_numbers[column]
        return f"{column_letters(down)}{across}" if self.is_turned else f"{column_letters(across)}{down}"

    def row_name(self, row: int) -> str:
        """“第7行”, or “第 C 列” of a turned table."""
        number = self.row_numbers[row]
        return f"{column_letters(number)}列" if self.is_turned else f"{number}行"


@dataclass(frozen=True)
class Head:
    """Where the head stands: its first row and the first row after it, from 0."""

    first: int
    after: int


def find_head(rows: Sequence[Sequence[str]], known: Iterable[str]) -> Head:
    """The rows with the most known headings near the top; a group heading (发言人) above or below belongs to them."""
    words = set(known)
    scores = [_score(row, words) for row in rows[:LOOK_FOR_HEAD_WITHIN]]
    if not scores or not max(scores):
        return Head(0, min(1, len(rows)))
    best = scores.index(max(scores))
    first, after = best, best + 1
    if best and scores[best - 1] and _is_group_head(rows[best - 1], rows[best], words):
        first = best - 1
    elif after < len(rows) and _is_group_head(rows[best], rows[after], words):
        after += 1
    return Head(first, after)


def _score(row: Sequence[str], words: set[str]) -> int:
    return len({key for cell in row for key in keys_of(cell) if key in words})


def _is_group_head(upper: Sequence[str], lower: Sequence[str], words: set[str]) -> bool:
    """The lower row divides a heading of the upper one: most cells are the same (merged downward) or empty, some stand
    below a repeated one. Where nothing is merged downward, what divides must be headings known, or it is a row."""
    divided = same = known = 0
    for column, text in enumerate(lower):
        above = upper[column]
        beside = {upper[other] for other in (column - 1, column + 1) if 0 <= other < len(upper)}
        if text == above:
            same += bool(text)
        elif text:
            is_known = any(key in words for key in keys_of(text))
            if not is_known and (not above or above not in beside):
                return False
            divided, known = divided + 1, known + is_known
    return divided > 0 and (same > 0 or known == divided)


def headings_of(rows: Sequence[Sequence[str]], head: Head) -> list[str]:
    """The heading of every column; of two head rows “发言人 领学人”."""
    width = len(rows[0]) if rows else 0
    found = []
    for column in range(width):
        parts = [rows[row][column].replace("\n", "") for row in range(head.first, head.after)]
        found.append(" ".join(dict.fromkeys(part for part in parts if part))[:100])
    return found


def propose(
    headings: Sequence[str], synonyms: Mapping[str, str], remembered: Mapping[str, str], several: Iterable[str] = ()
) -> dict[int, str]:
    """Column → field: as mapped last time, by its name, by the lower of two head rows, by a name inside its name."""
    taken: dict[int, str] = {}
    free = set(several)

    def take(column: int, field: str) -> None:
        if column not in taken and field and (field in free or field not in taken.values()):
            taken[column] = field

    for column, heading in enumerate(headings):
        if key_of(heading) in remembered:
            taken[column] = remembered[key_of(heading)]
    for column, heading in enumerate(headings):
        for key in keys_of(heading):
            take(column, synonyms.get(key, ""))
    for column, heading in enumerate(headings):
        for part in reversed(heading.split(" ")):
            for key in keys_of(part):
                take(column, synonyms.get(key, ""))
    for column, heading in enumerate(headings):
        inside = [word for word in synonyms if len(word) > 1 and any(word in key for key in keys_of(heading))]
        for word in sorted(inside, key=len, reverse=True):
            take(column, synonyms[word])
    return {column: field for column, field in taken.items() if field}


def why_no_row(cells: Sequence[str], headings: Sequence[str]) -> str:
    """Why a row below the head is none: empty, a sum, a signature, an example, the head again. "" for a row."""
    filled = [cell for cell in cells if cell]
    if not filled:
        return "空行"
    distinct = list(dict.fromkeys(filled))
    if EXAMPLE.match(distinct[0]):
        return "示例"
    if any(SUM.match(key_of(cell)) and len(cell) <= 12 for cell in distinct[:3]):
        return "合计、小计"
    if len(distinct) <= 4 and SIGNED.match(
        unicodedata.normalize("NFKC", distinct[0]).replace("(", "（").replace(")", "）")
    ):
        return "落款、说明"
    if len(filled) > 1 and sum(bool(c) and key_of(c) in key_of(h) for c, h in zip(cells, headings, strict=True)) == len(
        filled
    ):
        return "重复的表头"
    return ""


def band_of(cells: Sequence[str]) -> str:
    """The text of a row that says one thing only, alone or merged over the columns (“第一季度”), or ""."""
    filled = [cell for cell in cells if cell]
    is_band = len(set(filled)) == 1 and (len(filled) == 1 or len(filled) * 2 > len(cells))
    return filled[0] if is_band else ""
