"""材料按时交率: what it divides, what it leaves out, and who may follow its rows."""

from dataclasses import asdict
from datetime import date, datetime, timedelta

from materials.actions.paper_request import ask_for_papers, close_request, excuse
from materials.models import PaperRequest
from reports.models import YearReport
from reports.statistics import left_out_rows, rows_of, year_figures
from studygroup.demo.tables import moment
from tests.conftest import Cast
from tests.factories import make_submission, walk_to


def asked(cast: Cast, *people, due: date, at: datetime) -> PaperRequest:
    return ask_for_papers(
        group=cast.group,
        kind="reflection",
        title="体会",
        due_on=due,
        people=[person.pk for person in people],
        by=cast.office,
        at=at,
    )


def handed_in(cast: Cast, person, request: PaperRequest, at: datetime) -> None:
    paper = make_submission(cast, author=person, request=request, at=at)
    walk_to(paper.review, "first_review", cast, at=at)


def figure(cast: Cast, year: int = 2020):
    return next(f for f in year_figures(cast.group, year) if f.code == "on_time_rate")


def test_on_time_is_divided_by_who_was_asked_and_not_excused(cast: Cast) -> None:
    at = moment("2020-12-01 09:00")
    request = asked(cast, cast.m1, cast.m2, cast.m3, cast.deputy, due=date(2020, 12, 31), at=at)
    handed_in(cast, cast.m1, request, moment("2020-12-31 23:59"))
    handed_in(cast, cast.m2, request, moment("2021-01-01 00:00"))
    excuse(asked=request.people.get(person=cast.deputy), reason="住院", by=cast.office, at=at)
    assert (figure(cast).display, figure(cast).denominator) == ("—", 0)
    assert {row.why for row in figure(cast).left_out} == {"免交，不计入", "这次布置还没有结束"}
    close_request(request=request, by=cast.office, at=at + timedelta(days=60))
    found = figure(cast)
    assert (found.numerator, found.denominator, found.display) == (1, 3, "33.3")
    assert [row.why for row in found.left_out] == ["免交，不计入"]
    assert figure(cast, 2021).denominator == 0  # the year of the due date
    told = [(row.people, row.note) for row in rows_of(found.evidence.model, found.evidence.ids)]
    assert told == [(cast.m1.name, "按时"), (cast.m2.name, "逾期"), (cast.m3.name, "未交")]
    (excused,) = left_out_rows(found.left_out)
    assert excused.note == "免交"  # why is the group's own


def test_its_rows_lead_on_only_for_the_group(cast: Cast, as_) -> None:
    at = moment("2020-12-01 09:00")
    request = asked(cast, cast.m1, due=date(2020, 12, 31), at=at)
    close_request(request=request, by=cast.office, at=at)
    report = YearReport.objects.create(group=cast.group, year=2020, figures=[asdict(figure(cast))], made_at=at)
    address = f"/reports/{report.pk}/on_time_rate/"
    for person, leads in ((cast.office, True), (cast.supervisor, False)):
        page = as_(person).get(address).content.decode()
        assert "成员一" in page
        assert (f"/requests/{request.pk}/" in page) is leads


def test_its_page_speaks_of_papers_and_an_empty_year_has_no_percent(cast: Cast, as_) -> None:
    at = moment("2020-12-01 09:00")
    request = asked(cast, cast.m1, cast.m2, due=date(2020, 12, 31), at=at)
    handed_in(cast, cast.m1, request, at)
    close_request(request=request, by=cast.office, at=at)
    for year, said in ((2020, "按时交 1 人次 ÷ 应交 2 人次"), (2019, "没有资料")):
        report = YearReport.objects.create(
            group=cast.group, year=year, figures=[asdict(figure(cast, year))], made_at=at
        )
        page = as_(cast.office).get(f"/reports/{report.pk}/on_time_rate/").content.decode()
        assert said in page
        assert "实到" not in page
    assert ">%<" not in page
