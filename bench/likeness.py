"""雷同提示 measured: how long one new paper takes against 5,000, and what is found of the copies planted.

Usage: likeness.py [PAPERS]. Makes its data (bench/papers.py), stores it, compares through the product, prints
milliseconds, precision and recall; exits 1 when what is promised is not held.
"""

import os
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studygroup.settings")
django.setup()

from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from accounts.actions.organizations import create_organization, create_study_group  # noqa: E402
from accounts.models import StudyGroup, User  # noqa: E402
from bench.papers import Data, Paper, make  # noqa: E402
from materials.actions.likeness import refresh_prints  # noqa: E402
from materials.comparison import compare_text  # noqa: E402
from materials.documents import body_blocks  # noqa: E402
from materials.likeness.findings import Sort  # noqa: E402
from materials.likeness.text import paragraphs_of_blocks, read_text  # noqa: E402
from materials.models import LikenessRule, Material, Submission  # noqa: E402
from reviews.models import ReviewCase, ReviewVersion  # noqa: E402

PAPERS, WRITERS, EACH, HONEST = 5000, 60, 25, 200
SECONDS, HONEST_HINTS = 5.0, 5
ASKED = ("whole", "shuffled", "reworded 20 %", "two mixed")
DAY = date(2020, 6, 1)


@dataclass
class Outcome:
    """What came of the papers of one sort."""

    papers: int = 0
    hints: int = 0
    found: int = 0  # with a hint, and every source it was made from is named
    sources: int = 0
    true_sources: int = 0


@dataclass
class Measured:
    seconds: list[float] = field(default_factory=list)
    sorts: dict[str, Outcome] = field(default_factory=lambda: defaultdict(Outcome))

    @property
    def precision(self) -> float:
        hints = sum(outcome.hints for outcome in self.sorts.values())
        return 1 - self.sorts["honest"].hints / hints if hints else 1.0


def store(group: StudyGroup, people: Sequence[User], data: Data, at: datetime) -> dict[int, int]:
    """The archive and the library as rows; submission id → the paper's number."""
    cases = ReviewCase.objects.bulk_create(
        [_case(group, people[paper.writer % len(people)], at) for paper in data.archive], batch_size=500
    )
    ReviewVersion.objects.bulk_create(
        (
            ReviewVersion(
                case=case,
                number=1,
                title="材料",
                content=body_blocks(paper.body),
                sha256="0",
                submitted_by=case.author,
                submitted_at=at,
            )
            for case, paper in zip(cases, data.archive, strict=True)
        ),
        batch_size=500,
    )
    rows = Submission.objects.bulk_create(
        [_submission(group, paper, people, case, at) for case, paper in zip(cases, data.archive, strict=True)],
        batch_size=500,
    )
    Material.objects.bulk_create(
        Material(group=group, title="资料", source="资料", body=text, added_on=DAY) for text in data.texts
    )
    return {row.pk: paper.number for row, paper in zip(rows, data.archive, strict=True)}


def _case(group: StudyGroup, author: User, at: datetime) -> ReviewCase:
    people = {"author": author, "handed_in_by": author}
    return ReviewCase(
        group=group,
        owner=group,
        kind="reflection",
        title="材料",
        state="first_review",
        steps=["first_review", "final_gate"],
        round=1,
        version=1,
        state_since=at,
        **people,
    )


def _submission(
    group: StudyGroup, paper: Paper, people: Sequence[User], case: ReviewCase | None, at: datetime
) -> Submission:
    author = people[paper.writer % len(people)]
    return Submission(
        group=group,
        author=author,
        kind="reflection",
        title="材料",
        body=paper.body,
        written_on=DAY,
        review=case,
        created_at=at,
    )


def measure(group: StudyGroup, people: Sequence[User], data: Data, numbers: dict[int, int], at: datetime) -> Measured:
    """Compare every new paper with the archive as a worker does, reading from the database included."""
    measured, rule = Measured(), LikenessRule.objects.of(group.pk)
    alike = {paper.number for paper in data.archive if paper.sort == "passed round"}
    for paper in data.new:
        start = time.perf_counter()
        text = read_text(paragraphs_of_blocks(body_blocks(paper.body)))
        compared = compare_text(text, _submission(group, paper, people, None, at), rule)
        measured.seconds.append(time.perf_counter() - start)
        outcome, findings = measured.sorts[paper.sort], compared.findings
        others = {f.source for f in findings.found if f.sort in (Sort.OTHER, Sort.OWN)}
        named = {numbers[compared.prints[source].submission_id or 0] for source in others}
        wanted = set(paper.copied_from)
        if paper.sort == "passed round":
            wanted = named & (alike | wanted) or wanted
        outcome.papers += 1
        outcome.hints += findings.is_hint
        outcome.found += findings.is_hint and wanted <= named and bool(wanted)
        outcome.sources += len(named)
        outcome.true_sources += len(named & wanted)
    return measured


def people_of(group: StudyGroup, number: int) -> list[User]:
    return User.objects.bulk_create(
        User(username=f"writer-{group.pk}-{n}", name=f"成员{n}", password="!") for n in range(number)
    )


def _group(at: datetime) -> StudyGroup:
    name = f"测速镇{at:%H%M%S%f}"
    town = create_organization(name=name, short_name="测速", level="township", parent=None, by=None, at=at)
    return create_study_group(organization=town, name=f"{name}中心组", slug=f"likeness-{at:%H%M%S%f}", by=None, at=at)


def report(measured: Measured) -> bool:
    """Print the table; True when everything promised holds."""
    seconds, honest = sorted(measured.seconds), measured.sorts["honest"]
    print(
        f"comparing one paper, database included: median {statistics.median(seconds):.2f} s, slowest {seconds[-1]:.2f} s (promised {SECONDS} s)"
    )
    print(f"{'':16}{'papers':>8}{'hints':>8}{'found':>8}{'recall':>8}{'sources named':>15}{'true':>6}")
    for sort, o in measured.sorts.items():
        recall = "" if sort == "honest" else f"{o.found / o.papers:.2f}"
        print(
            f"{sort:16}{o.papers:8}{o.hints:8}{'' if sort == 'honest' else o.found:>8}{recall:>8}{o.sources:15}{o.true_sources:6}"
        )
    print(
        f"precision of the hints {measured.precision:.3f}; hints on honest papers {honest.hints} of {honest.papers} (promised at most {HONEST_HINTS})"
    )
    whole = all(measured.sorts[sort].found == measured.sorts[sort].papers for sort in ASKED)
    return seconds[-1] <= SECONDS and honest.hints <= HONEST_HINTS and whole


def main() -> int:
    papers, at = int(sys.argv[1]) if len(sys.argv) > 1 else PAPERS, timezone.now()
    start = time.perf_counter()
    data = make(papers=papers, writers=WRITERS, each=EACH, honest_new=HONEST)
    length = statistics.mean(len(paper.body) for paper in data.archive)
    print(
        f"{connection.vendor}: {len(data.archive)} papers of {length:.0f} characters, {len(data.texts)} texts, made in {time.perf_counter() - start:.1f} s"
    )
    group = _group(at)
    people = people_of(group, WRITERS + 8)
    data = Data([_known(paper, WRITERS) for paper in data.archive], data.texts, data.new)
    numbers = store(group, people, data, at)
    start = time.perf_counter()
    done = refresh_prints(group.pk)
    print(f"{done} prints made in {time.perf_counter() - start:.1f} s")
    return 0 if report(measure(group, people, data, numbers, at)) else 1


def _known(paper: Paper, writers: int) -> Paper:
    """The eight who passed a text round are the last of the people."""
    number = writers + paper.writer - 1000 if paper.writer >= 1000 else paper.writer
    return Paper(paper.number, number, paper.theme, paper.paragraphs, paper.sort, paper.copied_from)


if __name__ == "__main__":
    sys.exit(main())
