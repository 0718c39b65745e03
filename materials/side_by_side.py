"""雷同对照: the passages of a comparison beside their sources, as far as this reader may see the sources."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format

from materials.documents import submission_blocks
from materials.likeness.findings import Sort
from materials.likeness.text import paragraphs_of_blocks
from materials.models import Comparison, LikePassage, Material, Submission

AROUND = 120  # characters shown before and after a passage
TITLES = {
    Sort.OTHER: ("与其他材料相同", "逐处看来源，判断是引用、合写还是照抄。"),
    Sort.OWN: ("与本人此前材料相同", "撰稿人以前写过的话，可以沿用，也可以请他写出新的认识。"),
    Sort.LIBRARY: ("与学习资料相同，没有加引号", "原文照录应当加引号、注明出处。"),
    Sort.QUOTED: ("引文", "加了引号、与学习资料一致的，不算雷同。"),
}


@dataclass(frozen=True)
class Stretch:
    """A passage in its paragraph: the words around it are cut where they are long."""

    paragraph: int
    before: str
    text: str
    after: str


@dataclass(frozen=True)
class Origin:
    """Where the same words stand. Without `stretch` the reader may not see it, and is told only that it exists."""

    title: str
    note: str = ""
    address: str = ""
    stretch: Stretch | None = None


@dataclass(frozen=True)
class Pair:
    passage: LikePassage
    mine: Stretch
    origin: Origin
    also: int = 0  # how often the same words stand in the same place besides, once they are merged

    @property
    def point(self) -> str:
        """How a point of a return could begin. Its reader is the author: it names no source."""
        begins = self.mine.text[:12]
        return f"从“{begins}……”起的一段与已有材料相同，请用自己的认识和实例来写；确是引用的，请加引号、注明出处。"


@dataclass(frozen=True)
class Part:
    """All passages of one sort."""

    title: str
    note: str
    letters: int
    pairs: Sequence[Pair]
    is_quotation: bool


def parts_of(comparison: Comparison, user: Any) -> list[Part]:
    """Every sort that was found, in the order of the paper. Four statements, however many passages."""
    rows = comparison.passages.select_related("source__author", "source_version", "material", "marked_by")
    passages = list(rows.defer("source__body", "material__body"))
    seen = _seen(passages, user)
    mine = _lines(_blocks(comparison))
    texts: dict[int, dict[int, str]] = {}
    for passage in passages:
        if passage.source_version and passage.source_version_id not in texts:
            texts[passage.source_version.pk] = _lines(passage.source_version.content)
    pairs = [
        (passage.sort, Pair(passage, _mine(passage, mine), _origin(passage, seen, texts)))
        for passage in passages
        if passage.paragraph in mine
    ]
    return [
        Part(title, note, comparison.letters.get(sort.value, 0), found, sort is Sort.QUOTED)
        for sort, (title, note) in TITLES.items()
        if (found := [pair for of_sort, pair in pairs if of_sort == sort])
    ]


def merged(pairs: Sequence[Pair]) -> list[Pair]:
    """The same words from the same source are told once, with how often besides."""
    found: dict[tuple[Any, ...], Pair] = {}
    for pair in pairs:
        source = pair.origin.stretch.text if pair.origin.stretch else ""
        key = (pair.mine.text, pair.origin.title, pair.origin.note, source)
        found[key] = replace(found[key], also=found[key].also + 1) if key in found else pair
    return list(found.values())


def _blocks(comparison: Comparison) -> list[dict[str, Any]]:
    if comparison.version:
        return comparison.version.content
    return submission_blocks(comparison.submission, [])


def _lines(blocks: list[dict[str, Any]]) -> dict[int, str]:
    return {line.number: line.text for line in paragraphs_of_blocks(blocks)}


def _seen(passages: Iterable[LikePassage], user: Any) -> set[tuple[type, int]]:
    """Which of the sources this reader may open."""
    papers = Submission.objects.visible_to(user).filter(pk__in={p.source_id for p in passages if p.source_id})
    texts = Material.objects.visible_to(user).filter(pk__in={p.material_id for p in passages if p.material_id})
    found: set[tuple[type, int]] = {(Submission, pk) for pk in papers.values_list("pk", flat=True)}
    return found | {(Material, pk) for pk in texts.values_list("pk", flat=True)}


def _mine(passage: LikePassage, lines: dict[int, str]) -> Stretch:
    return _stretch(passage.paragraph, lines[passage.paragraph], passage.start, passage.end)


def _origin(passage: LikePassage, seen: set[tuple[type, int]], texts: dict[int, dict[int, str]]) -> Origin:
    if source := passage.source:
        if (Submission, source.pk) not in seen:
            return Origin("与本组另一份材料相同")
        day = date_format(source.written_on, "DATE_FORMAT")
        text = texts[passage.source_version_id or 0].get(passage.source_paragraph, "")
        stretch = _stretch(passage.source_paragraph, text, passage.source_start, passage.source_end)
        address = reverse("submission_detail", args=[source.pk])
        title = passage.source_version.title if passage.source_version else source.title
        return Origin(title, f"{source.author.name}　{day}", address, stretch)
    stretch = _stretch(passage.source_paragraph, passage.excerpt, passage.source_start, passage.source_end)
    if (material := passage.material) and (Material, material.pk) in seen:
        return Origin(material.title, material.source, reverse("material_detail", args=[material.pk]), stretch)
    return Origin("与学习资料相同") if material else Origin("学习资料（已从资料库删除）", "", "", stretch)


def _stretch(paragraph: int, text: str, start: int, end: int) -> Stretch:
    before, after = text[:start], text[end:]
    before = f"…{before[-AROUND:]}" if len(before) > AROUND else before
    after = f"{after[:AROUND]}…" if len(after) > AROUND else after
    return Stretch(paragraph, before, text[start:end], after)


# -- sentences ---------------------------------------------------------------

SENTENCES = {
    Sort.OTHER: "有 {n} 处与其他材料相同（共 {letters} 字）",
    Sort.OWN: "有 {n} 处与本人此前材料相同（共 {letters} 字）",
    Sort.LIBRARY: "有 {n} 处与学习资料相同、没有加引号（共 {letters} 字）",
    Sort.QUOTED: "有 {n} 处引文（共 {letters} 字）",
}


def sentences_of(comparison: Comparison) -> list[str]:
    """What was found, one sentence a sort. The comparison comes from `with_counts`."""
    return [
        sentence.format(n=n, letters=comparison.letters.get(sort.value, 0))
        for sort, sentence in SENTENCES.items()
        if (n := getattr(comparison, sort.value))
    ]


def against(comparison: Comparison) -> str:
    """With how much it was compared, and by which numbers of the group."""
    told = comparison.thresholds
    if not told:
        return ""
    return (
        f"已与本组 {comparison.papers} 份材料、{comparison.texts} 份学习资料比对："
        f"同一次学习、本人历年和前 {told['years']} 年以来的。相同的一段满 {told['shortest']} 字才提示，"
        "标点不计，中间改动几个字的也算；跨段的分段列出，同一份材料里有好几处相同的，短句也一并列出。"
    )
