"""Read the archive of a group and lay one text beside it. Reads only, and only rows of this one group."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from materials.documents import submission_blocks
from materials.likeness.findings import Findings, Sort, Source, find
from materials.likeness.prints import Printed, Search, search, shingles
from materials.likeness.text import Text, paragraphs_of_blocks, paragraphs_of_body, read_text
from materials.models import Comparison, LikenessRule, Material, Submission, TextPrint
from materials.models.likeness import handed_in_papers

MOST_NEAR = 400
MOST_READ = {Sort.OTHER: 24, Sort.OWN: 12, Sort.LIBRARY: 24}  # the nearest of each sort are read in full


@dataclass(frozen=True)
class Compared:
    """What came out: the findings, the print each of their sources has, and against how much was compared."""

    findings: Findings
    prints: dict[int, TextPrint] = field(default_factory=dict)
    papers: int = 0
    texts: int = 0


def text_of_blocks(blocks: list[dict[str, Any]]) -> Text:
    return read_text(paragraphs_of_blocks(blocks))


def text_of_material(material: Material) -> Text:
    return read_text(paragraphs_of_body(material.body))


def compare(comparison: Comparison, rule: LikenessRule) -> Compared:
    """The comparison's text — its frozen version, or the draft as it is stored now — against the group's archive."""
    submission, version = comparison.submission, comparison.version
    blocks = version.content if version else submission_blocks(submission, [])
    return compare_text(text_of_blocks(blocks), submission, rule)


def compare_text(mine: Text, submission: Submission, rule: LikenessRule) -> Compared:
    """Two passes: prints of everything, then the nearest texts word by word."""
    papers = _papers_beside(submission, rule.years)
    library = TextPrint.objects.filter(group=submission.group_id, material__isnull=False)
    found = search(shingles(mine), _archive(papers, library), len(mine))
    prints = _nearest(found, submission)
    sources = (_source(row, submission) for row in prints.values())
    findings = find(mine, sources, found, rule.thresholds)
    texts = library.count()
    return Compared(findings, prints, found.compared - texts, texts)


def _papers_beside(submission: Submission, years: int) -> QuerySet[TextPrint]:
    """Handed-in papers of the group: of the last years, of the same session, and the author's own of any year."""
    since = date(max(submission.written_on.year - years, 1), 1, 1)
    beside = Q(submission__written_on__gte=since) | Q(submission__author=submission.author_id)
    if submission.session_id:
        beside |= Q(submission__session=submission.session_id)
    rows = TextPrint.objects.filter(beside, group=submission.group_id, submission__group=submission.group_id)
    return rows.filter(submission__in=handed_in_papers().order_by().values("pk")).exclude(submission=submission.pk)


def _archive(papers: QuerySet[TextPrint], library: QuerySet[TextPrint]) -> Iterator[Printed]:
    for key, writer, hashes in papers.values_list("pk", "submission__author", "hashes").iterator(chunk_size=500):
        yield Printed(key, writer, hashes)
    for key, hashes in library.values_list("pk", "hashes").iterator(chunk_size=500):
        yield Printed(key, None, hashes)


def _nearest(found: Search, submission: Submission) -> dict[int, TextPrint]:
    """The texts worth reading, not more than so many of each sort."""
    near = found.near[:MOST_NEAR]
    rows = TextPrint.objects.filter(pk__in=near).values_list("pk", "submission__author", "material")
    sorts = {pk: _sort(author, material, submission) for pk, author, material in rows}
    left, chosen = dict(MOST_READ), []
    for key in near:
        if key in sorts and left[sorts[key]]:
            left[sorts[key]] -= 1
            chosen.append(key)
    read = TextPrint.objects.filter(pk__in=chosen).select_related("version", "material", "submission")
    by_key = {row.pk: row for row in read.defer("hashes", "submission__body")}
    return {key: by_key[key] for key in chosen if key in by_key}


def _sort(author_id: int | None, material_id: int | None, submission: Submission) -> Sort:
    if material_id:
        return Sort.LIBRARY
    return Sort.OWN if author_id == submission.author_id else Sort.OTHER


def _source(row: TextPrint, submission: Submission) -> Source:
    if row.material:
        return Source(row.pk, Sort.LIBRARY, text_of_material(row.material))
    assert row.submission is not None
    assert row.version is not None
    return Source(row.pk, _sort(row.submission.author_id, None, submission), text_of_blocks(row.version.content))
