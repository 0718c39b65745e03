"""成果汇编: which approved papers it may hold, and how they follow one another."""

from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import QuerySet

from accounts.models import Membership, StudyGroup
from materials.models import Submission
from materials.models.paper_kind import kinds_of
from reviews.chain import State
from studygroup.lib.clock import local_date
from studygroup.lib.office.word_book import Chapter

BY_KIND, BY_DATE, BY_ROSTER = "kind", "date", "roster"
ORDERS = ((BY_KIND, "按类别，同类按名单次序"), (BY_DATE, "按成文日期"), (BY_ROSTER, "按名单次序"))
LAST = 10**6  # the place of whoever is on no roster


def publishable(user: Any, group: StudyGroup) -> QuerySet[Submission]:
    """Approved papers of the group this person may read; those still waiting for their 追认 are not settled."""
    rows = Submission.objects.visible_to(user).filter(group=group, review__state=State.APPROVED)
    return rows.filter(review__approved_version__isnull=False, review__pending_override=None)


def in_order(papers: QuerySet[Submission], group: StudyGroup, order: str) -> list[Submission]:
    """The papers with the version approved, in the order asked for."""
    rows = papers.select_related("review__approved_version", "author").defer("body").order_by("written_on", "pk")
    places = _positions(group)
    kinds = {slug: number for number, slug in enumerate(kinds_of(group.pk, retired=True))}

    def by_roster(paper: Submission) -> int:
        return places.get(paper.author_id, LAST)

    def by_kind(paper: Submission) -> tuple[int, str, int]:
        return kinds.get(paper.kind, LAST), paper.kind, by_roster(paper)

    keys: dict[str, Callable[[Submission], Any]] = {BY_KIND: by_kind, BY_ROSTER: by_roster}
    return sorted(rows, key=keys[order]) if order in keys else list(rows)


def _positions(group: StudyGroup) -> dict[int, int]:
    """Of each person the place on the roster he had last."""
    rows = Membership.objects.filter(group=group).order_by("starts_on", "pk")
    return dict(rows.values_list("user", "position"))


def chapters_of(papers: Sequence[Submission], group: StudyGroup, *, in_parts: bool) -> list[Chapter]:
    """Each paper as it was approved: its frozen title and text, never the draft, with the 职务 of that day."""
    titles = _titles(papers, group)
    return [_chapter(paper, titles(paper), in_parts) for paper in papers]


def _chapter(paper: Submission, author_title: str, in_parts: bool) -> Chapter:
    version = paper.review.approved_version
    assert version is not None
    blocks = [block for block in version.content if block["type"] in ("heading", "paragraph", "table")]
    byline = "　".join(filter(None, [author_title, paper.author.name]))
    return Chapter(version.title, byline, blocks, paper.author.name, paper.review.kind_name if in_parts else "")


def _titles(papers: Sequence[Submission], group: StudyGroup) -> Any:
    places = list(Membership.objects.filter(group=group, user__in=[paper.author_id for paper in papers]))

    def title_of(paper: Submission) -> str:
        version = paper.review.approved_version
        assert version is not None
        day = local_date(version.submitted_at)
        his = (place for place in places if place.user_id == paper.author_id and place.starts_on <= day)
        return next((place.title for place in his if place.ends_on is None or place.ends_on >= day), "")

    return title_of


def on_two_lines(title: str, name: str) -> str:
    """The title for a cover: what comes after the group's name stands below it."""
    rest = title.removeprefix(name).strip()
    return f"{name}\n{rest}" if rest and rest != title else title
