"""雷同提示: ask for a comparison, keep what came out, look at a passage. Nothing ever waits for any of it."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Q

from accounts.actions.people import require
from accounts.models import StudyGroup, User
from accounts.permissions import Permission
from materials.comparison import Compared, text_of_blocks, text_of_material
from materials.likeness.findings import Finding
from materials.likeness.prints import print_of
from materials.likeness.text import paragraphs_of_body
from materials.models import Comparison, LikenessRule, LikePassage, Material, Submission, TextPrint
from materials.models.likeness import handed_in_papers
from reviews.models import ReviewCase, ReviewVersion
from reviews.panels import may_see_panels
from studygroup.lib import audit, jobs
from studygroup.lib.errors import NotAllowed, Overtaken, Refused

LIKENESS = "likeness"
TITLE = "雷同比对"
AROUND = 200  # characters kept on either side of the library's words
BATCH = 200


# -- asking ------------------------------------------------------------------


@transaction.atomic
def ask_comparison(*, submission: Submission, version: ReviewVersion, by: User | None, at: datetime) -> Comparison:
    """Queue the comparison of a handed-in version; asked twice, there is still one."""
    comparison, _ = Comparison.objects.get_or_create(
        version=version, defaults={"submission": submission, "asked_at": at}
    )
    _queue(comparison, by, at)
    return comparison


@transaction.atomic
def compare_again(*, case: ReviewCase, by: User, at: datetime) -> None:
    """Reviewers may ask anew: the worker was away, or the group's numbers have changed."""
    if not may_see_panels(case, by):
        raise NotAllowed("只有审核人和可以查看本组材料的同志能重新比对。")
    version = ReviewVersion.objects.filter(case=case).order_by("-number").first()
    submission = Submission.objects.filter(review=case).first()
    if version is None or submission is None:
        raise Refused("材料还没有提交，没有可以比对的版本。")
    comparison = ask_comparison(submission=submission, version=version, by=by, at=at)
    Comparison.objects.filter(pk=comparison.pk).update(asked_at=at, done_at=None)
    audit.record("likeness.again", target=submission, by=by, at=at, group_id=submission.group_id)


@transaction.atomic
def check_draft(*, submission: Submission, by: User, at: datetime) -> Comparison:
    """自查: the author compares his own draft. The result is his alone, and the draft is nobody's source."""
    stored = Submission.objects.select_for_update(of=("self",)).select_related("review").get(pk=submission.pk)
    if by.pk != stored.author_id:
        raise NotAllowed("只有撰稿人可以自查自己的草稿。")
    if not stored.review.is_editable:
        raise Refused("材料正在审核或已经通过，不需要再自查。")
    comparison, made = Comparison.objects.get_or_create(
        submission=stored, version=None, defaults={"asked_at": at, "stamp": stored.version}
    )
    if not made:
        Comparison.objects.filter(pk=comparison.pk).update(asked_at=at, done_at=None)
    _queue(comparison, by, at)
    return comparison


def _queue(comparison: Comparison, by: User | None, at: datetime) -> None:
    """A job's title is read in lists and logs: it does not name the paper."""
    params = {"comparison": comparison.pk}
    jobs.start(kind=LIKENESS, key=str(comparison.pk), title=TITLE, params=params, by=by, at=at)


# -- prints ------------------------------------------------------------------


def refresh_prints(group_id: int | None = None, *, read: Any = None) -> int:
    """Print what has no print yet or has changed, in one group or all; says how many. Done twice it does nothing.

    `read` is told after every batch, so that a job keeps its lease.
    """
    done = 0
    for batch in _batches(_unprinted_papers(group_id), _print_papers):
        done += batch
        if read:
            read(done)
    for batch in _batches(_unprinted_texts(group_id), _print_texts):
        done += batch
        if read:
            read(done)
    return done


def _batches(rows: Any, write: Any) -> Iterable[int]:
    """Each batch asks anew: what was printed is no longer found."""
    while batch := list(rows[:BATCH]):
        write(batch)
        yield len(batch)


def _unprinted_papers(group_id: int | None) -> Any:
    rows = handed_in_papers().filter(Q(text_print=None) | ~Q(text_print__version=F("latest")))
    return (rows if group_id is None else rows.filter(group=group_id)).order_by("pk").only("pk", "group_id")


def _unprinted_texts(group_id: int | None) -> Any:
    rows = Material.objects.filter(Q(text_print=None) | ~Q(text_print__stamp=F("version")))
    return (rows if group_id is None else rows.filter(group=group_id)).order_by("pk")


def _print_papers(papers: list[Any]) -> None:
    versions = ReviewVersion.objects.in_bulk([paper.latest for paper in papers])
    prints = [
        TextPrint(
            group_id=paper.group_id,
            submission=paper,
            version_id=paper.latest,
            hashes=print_of(text_of_blocks(versions[paper.latest].content)),
        )
        for paper in papers
    ]
    fields = ["group", "version", "hashes"]
    TextPrint.objects.bulk_create(prints, update_conflicts=True, unique_fields=["submission"], update_fields=fields)


def _print_texts(materials: list[Material]) -> None:
    prints = [
        TextPrint(group_id=row.group_id, material=row, stamp=row.version, hashes=print_of(text_of_material(row)))
        for row in materials
    ]
    fields = ["group", "stamp", "hashes"]
    TextPrint.objects.bulk_create(prints, update_conflicts=True, unique_fields=["material"], update_fields=fields)


# -- keeping -----------------------------------------------------------------


@transaction.atomic
def store_comparison(
    *, comparison: Comparison, compared: Compared, rule: LikenessRule, stamp: int, at: datetime
) -> dict[str, Any]:
    """Keep what came out in place of what stood there; a mark on the same passage stays."""
    findings = compared.findings
    marks = _marks(comparison)
    LikePassage.objects.filter(comparison=comparison).delete()
    rows = [_passage(comparison, n, f, compared.prints[f.source]) for n, f in enumerate(findings.found, 1)]
    for row in rows:
        row.mark, row.marked_by_id, row.marked_at = marks.get(_place(row), ("", None, None))
    LikePassage.objects.bulk_create(rows)
    Comparison.objects.filter(pk=comparison.pk).update(
        stamp=stamp,
        done_at=at,
        thresholds={name: getattr(rule, name) for name in ("shortest", "share", "repeat_share", "years")},
        papers=compared.papers,
        texts=compared.texts,
        letters={sort.value: letters for sort, letters in findings.letters.items()},
        is_hint=findings.is_hint,
    )
    return {}


def _place(row: LikePassage) -> tuple[int | None, ...]:
    return row.paragraph, row.start, row.end, row.source_version_id, row.material_id


def _marks(comparison: Comparison) -> dict[tuple[int | None, ...], tuple[str, int | None, datetime | None]]:
    marked = comparison.passages.exclude(mark="")
    return {_place(row): (row.mark, row.marked_by_id, row.marked_at) for row in marked}


def _passage(comparison: Comparison, number: int, finding: Finding, source: TextPrint) -> LikePassage:
    start, end, excerpt = finding.theirs.start, finding.theirs.end, ""
    if source.material:
        lines = {line.number: line.text for line in paragraphs_of_body(source.material.body)}
        first = max(0, start - AROUND)
        excerpt = lines[finding.theirs.paragraph][first : end + AROUND]
        start, end = start - first, end - first
    return LikePassage(
        comparison=comparison,
        number=number,
        sort=finding.sort.value,
        paragraph=finding.mine.paragraph,
        start=finding.mine.start,
        end=finding.mine.end,
        source_id=source.submission_id,
        source_version_id=source.version_id,
        material_id=source.material_id,
        source_paragraph=finding.theirs.paragraph,
        source_start=start,
        source_end=end,
        excerpt=excerpt,
    )


# -- looking -----------------------------------------------------------------


@transaction.atomic
def mark_passage(*, passage: LikePassage, seen: str, mark: str, by: User, at: datetime) -> None:
    """已核: a reviewer says the passage is a quotation, or fair; "" takes it back."""
    comparison = passage.comparison
    case = comparison.submission.review
    if comparison.version_id is None or not may_see_panels(case, by):
        raise NotAllowed("只有审核人和可以查看本组材料的同志能核对。")
    changes = {"mark": mark, "marked_by": by if mark else None, "marked_at": at if mark else None}
    if not LikePassage.objects.filter(pk=passage.pk, mark=seen).update(**changes):
        raise Overtaken("这一处刚刚被别人核对过，您的选择没有生效。请看最新的核对结果后再决定。")
    group_id = comparison.submission.group_id
    audit.record(
        "likeness.mark", target=comparison.submission, by=by, at=at, group_id=group_id, number=passage.number, mark=mark
    )


@transaction.atomic
def change_likeness_rule(
    *, group: StudyGroup, seen_version: int, changes: Mapping[str, Any], by: User, at: datetime
) -> None:
    """The group's numbers. Comparisons made before keep the numbers they were made with."""
    require(by, Permission.MANAGE_LIBRARY, group.pk)
    rule, _ = LikenessRule.objects.get_or_create(group=group)
    if not LikenessRule.objects.filter(pk=rule.pk, version=seen_version).update(**changes, version=seen_version + 1):
        rule.refresh_from_db()
        raise Overtaken(
            "这些标准刚刚被别人改过，您的修改还没有保存。请对照后再存一次。",
            {str(rule._meta.get_field(name).verbose_name): str(getattr(rule, name)) for name in changes},
        )
    audit.record("likeness.rule", target=rule, by=by, at=at, group_id=group.pk, **changes)
