"""各稿对照: two versions handed in, side by side."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from reviews.alignment import SAME, AlignedRow, aligned, counts, files, folded, stretches
from reviews.chain import RETURNS
from reviews.differences import ADDED, CHANGED, REMOVED, difference
from reviews.models import ReturnPoint, ReviewCase, ReviewEntry, ReviewVersion
from studygroup.lib.access import SIGNED_IN, access


@access(SIGNED_IN)
def review_compare(request: HttpRequest, pk: int) -> HttpResponse:
    """?from= and ?to= name two versions, the older one first; without them the last two."""
    case = get_object_or_404(ReviewCase.objects.visible_to(request.user).with_people(), pk=pk)
    versions = {one.number: one for one in case.versions.select_related("submitted_by").defer("content")}
    context: dict[str, Any] = {"case": case, "versions": versions.values()}
    if len(versions) > 1:
        before, after = _asked(request, list(versions))
        both = {one.number: one for one in case.versions.filter(number__in=(before, after))}
        context |= {
            "before": versions[before],
            "after": versions[after],
            "tabs": _tabs(max(versions)),
            "points": _points_by_paragraph(case, versions[before]),
            **compared(both[before], both[after]),
        }
    return render(request, "reviews/review_compare.html", context)


def _asked(request: HttpRequest, numbers: list[int]) -> tuple[int, int]:
    """What is no pair of versions is the last two."""
    known = {str(number): number for number in numbers}
    asked = {known.get(request.GET.get(name, "")) for name in ("from", "to")} - {None}
    older, newer = sorted(asked) if len(asked) == 2 else sorted(numbers)[-2:]  # type: ignore[type-var]
    return older, newer  # type: ignore[return-value]


def _tabs(latest: int) -> list[tuple[str, int, int]]:
    """Label, from and to; with two versions the previous one is the first."""
    previous = [("与上一稿", latest - 1, latest)] if latest > 2 else []
    return [*previous, ("与第一稿", 1, latest)]


def compared(before: ReviewVersion, after: ReviewVersion) -> dict[str, Any]:
    """For the template: a text paragraph by paragraph, what has tables row by row."""
    old, new = before.content, after.content
    if any(block["type"] == "table" for block in [*old, *new]):
        return {"difference": difference(old, new, (before.title, after.title))}
    rows = aligned(old, new)
    lists = files(old, new)
    heads = [[block for block in blocks if block["type"] == "facts"] for blocks in (old, new)]
    return {
        "facts": difference(heads[0], heads[1], (before.title, after.title)).entries,
        "folds": folded(rows),
        "counts": counts(rows),
        "files": lists,
        "is_same": before.sha256 == after.sha256,
    }


def _points_by_paragraph(case: ReviewCase, version: ReviewVersion) -> dict[int, list[ReturnPoint]]:
    """What the reviewers said of the older version's paragraphs when they returned it."""
    points = ReturnPoint.objects.filter(
        entry__case=case,
        entry__move__in=RETURNS,
        entry__subject_version=version,
        entry__undone_by=None,
        paragraph__isnull=False,
    )
    found: dict[int, list[ReturnPoint]] = {}
    for point in points.order_by("entry_id", "number"):
        found.setdefault(point.paragraph, []).append(point)  # type: ignore[arg-type]
    return found


# -- beside the points of a return ------------------------------------------------


@dataclass(frozen=True)
class AnsweredPoint:
    """A point and what has changed where it points: in its paragraph, or below it when that is a heading."""

    point: ReturnPoint
    rows: Sequence[AlignedRow]

    @property
    def is_untouched(self) -> bool:
        return bool(self.point.paragraph) and not self.rows


def answered_points(answered: ReviewEntry | None, version: ReviewVersion | None) -> list[AnsweredPoint]:
    """The points of the return before this version, each with its paragraph then and now."""
    if answered is None or version is None or answered.subject_version is None:
        return []
    points = list(answered.points.all())
    told = any(point.paragraph for point in points)
    rows = aligned(answered.subject_version.content, version.content) if told else []
    new = {row.after.text: row for row in rows if row.after and row.mark == ADDED}
    return [AnsweredPoint(point, [_became(row, point, new) for row in _changed_at(point, rows)]) for point in points]


def _changed_at(point: ReturnPoint, rows: Sequence[AlignedRow]) -> list[AlignedRow]:
    found: list[AlignedRow] = []
    is_below = False
    for row in (row for row in rows if not row.moved_to):
        is_heading = any(side and side.is_heading for side in (row.before, row.after))
        is_named = row.before is not None and row.before.number == point.paragraph
        is_below = is_named or (is_below and not is_heading)
        if is_below and row.mark != SAME:
            found.append(row)
        if is_named and not is_heading:
            break
    return found


def _became(row: AlignedRow, point: ReturnPoint, new: dict[str, AlignedRow]) -> AlignedRow:
    """A paragraph said quite anew, as was suggested, is one that is gone and another: here they belong together."""
    came = new.get(point.suggested) if point.taken else None
    if row.before is None or row.mark != REMOVED or came is None or came.after is None:
        return row
    return AlignedRow(CHANGED, row.before, came.after, *stretches(row.before.text, came.after.text))
