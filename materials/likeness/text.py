"""A text as it is compared: letters and digits alone, each knowing where it stands."""

import re
import unicodedata
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

LONGEST = 50_000  # characters read of one text
QUOTED = re.compile(r"“[^“”]+”|‘[^‘’]+’|「[^「」]+」|『[^『』]+』|\"[^\"]+\"")
NAMED = re.compile(r"《[^《》]{1,90}》")
READ = ("heading", "paragraph")


@dataclass(frozen=True)
class Paragraph:
    """One paragraph with the number that is printed beside it."""

    number: int
    text: str


@dataclass(frozen=True)
class Place:
    """A stretch of one paragraph: from `start` up to `end` in its own characters."""

    paragraph: int
    start: int
    end: int


@dataclass(frozen=True)
class Text:
    """`letters` without white space and punctuation; letter n stands in paragraph `line[n]` at `offset[n]`."""

    paragraphs: Sequence[Paragraph]
    letters: str
    line: "array[int]"
    offset: "array[int]"

    def __len__(self) -> int:
        return len(self.letters)

    def quoted(self) -> bytearray:
        """1 for every letter between quotation marks."""
        return self._inside(QUOTED)

    def named(self) -> bytearray:
        """1 for every letter in the name of a document, which everybody has to write in full."""
        return self._inside(NAMED)

    def _inside(self, marks: re.Pattern[str]) -> bytearray:
        inside = [{n for m in marks.finditer(p.text) for n in range(*m.span())} for p in self.paragraphs]
        return bytearray(n in inside[line] for line, n in zip(self.line, self.offset, strict=True))

    def place(self, start: int, end: int) -> Place:
        """Where letters `start` up to `end` stand; they must be of one paragraph."""
        return Place(self.paragraphs[self.line[start]].number, self.offset[start], self.offset[end - 1] + 1)

    def cuts(self, start: int, end: int) -> list[int]:
        """Where a paragraph begins between these letters."""
        return [n for n in range(start + 1, end) if self.line[n] != self.line[n - 1]]


def read_text(paragraphs: Iterable[Paragraph]) -> Text:
    """Fold width and case, drop what is no letter or digit, and keep the way back."""
    kept, letters = [], []
    line, offset = array("H"), array("H")
    left = LONGEST
    for paragraph in paragraphs:
        text = paragraph.text[:left]
        left -= len(text)
        for n, character in enumerate(text):
            for letter in _fold(character):
                letters.append(letter)
                line.append(len(kept))
                offset.append(n)
        kept.append(Paragraph(paragraph.number, text))
        if left <= 0:
            break
    return Text(kept, "".join(letters), line, offset)


@cache
def _fold(character: str) -> str:
    """Most are one letter; a ligature is several, a comma none."""
    folded = unicodedata.normalize("NFKC", character).lower()
    return "".join(letter for letter in folded if unicodedata.category(letter)[0] in "LN")


def paragraphs_of_blocks(blocks: Sequence[dict[str, Any]]) -> list[Paragraph]:
    """Of a frozen version: what its author wrote, numbered as it is printed (facts in front are not counted)."""
    first = 0 if blocks and blocks[0]["type"] == "facts" else 1
    return [Paragraph(n, b["text"]) for n, b in enumerate(blocks, first) if b["type"] in READ and b.get("text")]


def paragraphs_of_body(body: str) -> list[Paragraph]:
    lines = (line.strip() for line in body.splitlines())
    return [Paragraph(n, line) for n, line in enumerate(filter(None, lines), 1)]
