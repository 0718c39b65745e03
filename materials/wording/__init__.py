"""用语与引文: dictionary, paragraphs and library texts in, advice out. Pure; never changes a text."""

from materials.wording.checking import Checked, check
from materials.wording.entries import LABELS, Advice, Entry, WordingSort, why_not

__all__ = ["LABELS", "Advice", "Checked", "Entry", "WordingSort", "check", "why_not"]
