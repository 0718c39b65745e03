"""What this floor adds to 学习要求: research reports, and what members tell of their own study."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse

from accounts.models import StudyGroup, User
from materials.models import PersonalStudy, Submission
from materials.models.personal_study import PersonalStudyKind
from reviews.chain import State
from sessions_app.measures import standards_of
from sessions_app.measures.counting import Deed, judge_people
from sessions_app.measures.periods import Span, span_at
from sessions_app.measures.registry import Measure, measure_of, register
from sessions_app.measures.sources import BY_PERIOD, roster
from sessions_app.models.rule import RulePeriod

RESEARCH_REPORT = "research_report"
BOOK_READ, FIELD_VISIT, STUDY_HOURS = "book_read", "field_visit", "study_hours"
TAGS = {
    PersonalStudyKind.BOOK: BOOK_READ,
    PersonalStudyKind.FIELD_VISIT: FIELD_VISIT,
    PersonalStudyKind.STUDY_HOURS: STUDY_HOURS,
}


def papers(group_ids: Sequence[int], year: int) -> dict[int, list[Deed]]:
    """Papers of the year that passed the gate, each on its own date."""
    rows = Submission.objects.filter(group__in=group_ids, review__state=State.APPROVED).in_year(year)
    found = defaultdict(list)
    for group, author, day, kind in rows.values_list("group_id", "author_id", "written_on", "kind"):
        found[group].append(Deed(author, day, kind))
    return found


def personal_studies(group_ids: Sequence[int], year: int) -> dict[int, list[Deed]]:
    rows = PersonalStudy.objects.filter(group__in=group_ids, done_on__year=year).order_by("pk")
    found = defaultdict(list)
    for group, person, day, kind, amount in rows.values_list("group_id", "person_id", "done_on", "kind", "amount"):
        found[group].append(Deed(person, day, TAGS[PersonalStudyKind(kind)], amount))
    return found


def _papers_page(group: int, year: int) -> str:
    return f"{reverse('submission_list')}?tab=group&kind={RESEARCH_REPORT}&year={year}&state=approved"


def _study_page(group: int, year: int) -> str:
    return f"{reverse('study_overview')}?group={group}&year={year}"


def register_all() -> None:
    def add(slug: str, label: str, unit: str, reader: Any, **more: Any) -> None:
        told: dict[str, Any] = {"periods": BY_PERIOD, "asks": "{period}每人至少 {n} {unit}"} | more
        register(Measure(slug, label, unit, (roster, reader), judge_people, **told))

    add(RESEARCH_REPORT, "调研报告", "篇", papers, page=_papers_page, maximum=24)
    add(BOOK_READ, "读书", "本", personal_studies, page=_study_page, maximum=60)
    add(FIELD_VISIT, "蹲点调研", "次", personal_studies, page=_study_page, maximum=60)
    add(
        STUDY_HOURS,
        "自学学时",
        "小时",
        personal_studies,
        periods=(RulePeriod.DAY, RulePeriod.MONTH),
        voluntary=True,
        maximum=200,
        page=_study_page,
    )


@dataclass(frozen=True)
class Progress:
    """How far one person is in the period of today; `need` is 0 where the group asks for nothing."""

    label: str
    unit: str
    span: Span
    have: int
    need: int
    kind: str = ""

    @property
    def is_met(self) -> bool:
        return bool(self.need) and self.have >= self.need


_SHOWN = (
    (STUDY_HOURS, RulePeriod.MONTH, PersonalStudyKind.STUDY_HOURS),
    (FIELD_VISIT, RulePeriod.MONTH, PersonalStudyKind.FIELD_VISIT),
    (BOOK_READ, RulePeriod.QUARTER, PersonalStudyKind.BOOK),
    (RESEARCH_REPORT, RulePeriod.YEAR, ""),
)


def progress_of(person: User, group: StudyGroup, today: date) -> list[Progress]:
    """“1112”工程 of one person now: hours and stays of the month, books of the quarter, reports of the year."""
    asked = {one.measure: one for one in standards_of([group.pk], today.year)[group.pk] if one.is_active}
    deeds = [
        deed
        for reader in (papers, personal_studies)
        for deed in reader([group.pk], today.year).get(group.pk, ())
        if deed.person == person.pk
    ]
    found = []
    for slug, usual, kind in _SHOWN:
        standard, measure = asked.get(slug), measure_of(slug, {})
        assert measure is not None
        span = span_at(standard.period if standard else usual, today)
        need = standard.minimum * (span.days if standard.period == RulePeriod.DAY else 1) if standard else 0
        have = sum(deed.amount for deed in deeds if deed.tag == slug and deed.day in span)
        found.append(Progress(measure.label, measure.unit, span, have, need, str(kind)))
    return found


@dataclass(frozen=True)
class Told:
    """What one member has of everything in a year, in the roster's order."""

    person: int
    name: str
    amounts: Mapping[str, int]


def told_of(group: StudyGroup, year: int) -> list[Told]:
    """Everybody on the year's roster with what he told and wrote: three statements."""
    deeds = [*papers([group.pk], year).get(group.pk, ()), *personal_studies([group.pk], year).get(group.pk, ())]
    people = {place.person: place.name for place in roster([group.pk], year).get(group.pk, ())}
    amounts: dict[int, dict[str, int]] = {person: defaultdict(int) for person in people}
    for deed in deeds:
        if deed.person in amounts:
            amounts[deed.person][deed.tag] += deed.amount
    return [Told(person, name, dict(amounts[person])) for person, name in people.items()]
