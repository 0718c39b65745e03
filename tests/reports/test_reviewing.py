"""审核办理 in the year's figures: delegations, 特批, and what was taken back."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.actions.people import delegate
from accounts.permissions import Role
from reports.actions.year_report import start_year_report
from reports.models import YearReport
from reports.statistics import Figure, left_out_rows, rows_of, year_figures
from reviews.chain import Move, State
from reviews.models import ReviewEntry
from studygroup.lib.clock import local_date
from tests.conftest import Cast
from tests.factories import judge, make_submission, walk_to


def figures(cast: Cast, year: int) -> dict[str, Figure]:
    return {figure.code: figure for figure in year_figures(cast.group, year)}


@pytest.fixture
def year(cast, now) -> int:
    """Passed by a delegate, approved by 特批 twice (one ratified), one 特批 refused, one verdict undone."""
    today = timezone.localdate()
    delegate(
        group=cast.group,
        principal=cast.propaganda,
        delegate=cast.m2,
        role=Role.STUDY_SECRETARY,
        kind="",
        starts_on=today,
        ends_on=today,
        reason="驻村",
        at=now,
    )
    one = walk_to(make_submission(cast, title="受托办的").review, State.SECOND_REVIEW, cast)
    judge(one, Move.PASS, by=cast.m2)
    judge(one, Move.PASS, by=cast.secretary)
    ratified, waiting, refused = (
        walk_to(make_submission(cast, title=title).review, State.FIRST_REVIEW, cast)
        for title in ("追认的", "待追的", "不认的")
    )
    for case in (ratified, waiting, refused):
        judge(case, Move.OVERRIDE, by=cast.deputy)
    judge(ratified, Move.RATIFY, by=cast.secretary)
    judge(refused, Move.REFUSE_RATIFICATION, by=cast.secretary)
    undone = walk_to(make_submission(cast, title="撤销的").review, State.SECOND_REVIEW, cast)
    judge(undone, Move.UNDO, by=cast.office)
    return local_date(now).year


def titles(figure: Figure) -> list[str]:
    return [row.title for row in rows_of(figure.evidence.model, figure.evidence.ids, inside=True)]


def test_every_number_of_the_reviews_opens_its_rows(cast, year):
    found = figures(cast, year)
    values = {code: found[code].value for code in ("verdict", "delegated", "override", "override_pending")}
    assert values == {"verdict": 5, "delegated": 1, "override": 2, "override_pending": 1}
    shares = {code: (found[code].numerator, found[code].denominator) for code in ("delegated_share", "override_share")}
    assert shares == {"delegated_share": (1, 5), "override_share": (2, 3)}
    assert found["delegated_share"].display == "20.0"
    assert titles(found["delegated"]) == ["受托办的"]
    assert titles(found["override"]) == ["追认的", "待追的"]
    assert titles(found["override_pending"]) == ["待追的"]
    (row,) = rows_of(found["delegated"].evidence.model, found["delegated"].evidence.ids)
    assert (row.people, row.note) == ("成员二（受宣委丙委托）", "复审通过")
    (waiting,) = rows_of(found["override_pending"].evidence.model, found["override_pending"].evidence.ids)
    assert waiting.note == "特批（在初审环节）　待追认"
    left = {(row.title, row.why) for row in left_out_rows(found["verdict"].left_out, inside=True)}
    assert left == {("不认的", "未获追认，已退回"), ("撤销的", "本人已撤销")}


def test_verdicts_are_of_the_year_they_were_given_in(cast, year):
    ReviewEntry.objects.update(at=timezone.now() - timedelta(days=800))
    found = figures(cast, year)
    assert (found["verdict"].value, found["delegated_share"].value) == (0, None)


def test_a_neighbours_verdicts_are_not_counted(cast, year):
    assert all(not f.evidence.ids for f in year_figures(cast.foreign_group, year) if f.section == "审核办理")


def test_page_shows_the_reviews_in_a_section_of_their_own(cast, as_, run_jobs, now, year):
    start_year_report(group=cast.group, year=year, by=cast.secretary, at=now)
    run_jobs()
    report = YearReport.objects.get()
    page = as_(cast.secretary).get(f"/reports/{report.pk}/").content.decode()
    section = page[page.index("<h2>审核办理</h2>") :]
    assert "受托办理 1 / 全部办理 5 次" in section
    assert "待追认的特批" in section
    listed = as_(cast.secretary).get(f"/reports/{report.pk}/override_pending/").content.decode()
    assert "待追的" in listed
    assert "副书记乙" in listed


def test_unfinished_work_does_not_lead_on(cast, year):
    rows = rows_of(
        "reviews.ReviewEntry", list(ReviewEntry.objects.filter(move=Move.OVERRIDE).values_list("pk", flat=True))
    )
    assert [(row.title, bool(row.page)) for row in rows] == [
        ("追认的", True),
        ("待追的", True),
        ("（还没有通过的材料）", False),
    ]
