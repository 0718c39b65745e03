"""What a group's dictionary and library say about a text. Computed anew whenever it is asked for; nothing is stored."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from materials.models import Material
from materials.models.wording import WordingEdition, dictionary_of, edition_of
from materials.wording import Advice, Checked, check
from materials.wording.quotations import Source
from reviews.presentation import numbered

MOST_LIBRARY_LETTERS = 2_000_000  # the latest texts come first


@dataclass(frozen=True)
class WordingCheck:
    """What was found in a text, with the edition of the dictionary it was held against."""

    edition: WordingEdition
    checked: Checked

    @property
    def advices(self) -> Sequence[Advice]:
        return self.checked.advices

    @property
    def sentence(self) -> str:
        agreed, told = len(self.checked.agreed), len(self.advices)
        parts = [f"{told} 条建议" if told else "没有发现需要核对的用语"]
        if agreed:
            parts.append(f"{agreed} 处引文与资料原文一致")
        return f"{'，'.join(parts)}（词库第{self.edition.number}版）。"


def wording_of(
    blocks: Iterable[dict[str, Any]], *, title: str = "", group_id: int, day: date, edition: int | None = None
) -> WordingCheck:
    """Check a text given as blocks; `day` is its own date, `edition` repeats a check with an earlier dictionary.

    Three statements at most, one of them only when the text quotes something.
    """
    used = edition_of(group_id, edition)
    paragraphs = [(0, title)] if title else []
    for number, block in numbered(blocks):
        if block["type"] in ("heading", "paragraph"):
            paragraphs.append((number, block["text"]))
    return WordingCheck(used, check(paragraphs, dictionary_of(used), day, lambda: _library(group_id)))


def _library(group_id: int) -> Iterator[Source]:
    rows = Material.objects.filter(group=group_id).exclude(body="").order_by("-added_on", "-pk")
    left = MOST_LIBRARY_LETTERS
    for number, title, body in rows.values_list("pk", "title", "body").iterator(chunk_size=50):
        yield Source(number, title, body)
        left -= len(body)
        if left <= 0:
            return
