"""From the button to the workbook, and who may come there."""

import io
from collections.abc import Callable
from datetime import date

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from reports.models import YearReport
from reports.statistics.figures import year_figures
from studygroup.demo.tables import moment
from studygroup.lib.models import AuditEntry, Job
from tests.conftest import Cast
from tests.factories import hand_in, make_closed_session, make_session, make_submission

As = Callable[[User], Client]


@pytest.fixture
def session(cast: Cast):
    return make_closed_session(cast, title="=1+1", starts_at=moment("2020-05-15 09:00"))


@pytest.fixture
def report(cast: Cast, as_: As, run_jobs, session) -> YearReport:
    ask(as_(cast.office), cast)
    run_jobs()
    return YearReport.objects.get()


def ask(client: Client, cast: Cast, year: object = 2020, group: int | None = None):
    return client.post(reverse("report_make"), {"group": group or cast.group.pk, "year": year})


def test_job_runs_from_button_to_result(cast: Cast, as_: As, run_jobs, session) -> None:
    office = as_(cast.office)
    asked = ask(office, cast)
    job = Job.objects.get()
    assert (asked.status_code, asked.url) == (303, reverse("job_detail", args=[job.pk]))
    waiting = office.get(asked.url).content.decode()
    assert "正在等待处理" in waiting
    assert '<noscript><meta http-equiv="refresh"' in waiting
    assert "hx-get" in waiting
    assert run_jobs() == 1
    done = office.get(reverse("job_progress", args=[job.pk])).content.decode()
    report = YearReport.objects.get()
    assert reverse("report_detail", args=[report.pk]) in done
    assert "hx-get" not in done
    assert "写入工作簿" in done
    assert AuditEntry.objects.filter(action="year_report.make", target_id=report.pk, actor=cast.office).exists()


def test_asked_twice_the_running_job_is_shown(cast: Cast, as_: As) -> None:
    first = ask(as_(cast.office), cast)
    assert ask(as_(cast.office), cast).url == first.url
    other = as_(cast.propaganda)
    assert ask(other, cast).url == reverse("report_list")
    assert "正由其他同志生成" in other.get(reverse("report_list")).content.decode()
    assert other.get(first.url).status_code == 404
    assert Job.objects.count() == 1


def test_failed_job_says_why_and_can_be_asked_again(cast: Cast, as_: As) -> None:
    office = as_(cast.office)
    address = ask(office, cast).url
    Job.objects.update(state="failed", error="磁盘空间不足。")
    page = office.get(address).content.decode()
    assert "磁盘空间不足。" in page
    assert f'action="{reverse("report_make")}"' in page
    assert 'name="year" value="2020"' in page
    assert ask(office, cast).url != address


def test_page_shows_figures_and_opens_their_rows(cast: Cast, as_: As, report: YearReport, session) -> None:
    office = as_(cast.office)
    page = office.get(reverse("report_detail", args=[report.pk])).content.decode()
    address = reverse("report_figure", args=[report.pk, "collective_study"])
    assert address in page
    assert "自生成以来的变化" not in page
    opened = office.get(address).content.decode()
    assert reverse("session_detail", args=[session.pk]) in opened
    assert "统计口径" in opened
    assert office.get(reverse("report_figure", args=[report.pk, "nothing"])).status_code == 404


def test_page_tells_what_changed_since(cast: Cast, as_: As, report: YearReport) -> None:
    make_closed_session(cast, title="后来补录的学习", starts_at=moment("2020-08-15 09:00"))
    page = as_(cast.office).get(reverse("report_detail", args=[report.pk])).content.decode()
    assert "自生成以来的变化" in page
    frozen = as_(cast.office).get(reverse("report_figure", args=[report.pk, "collective_study"])).content.decode()
    assert "后来补录的学习" not in frozen


def test_left_out_rows_are_shown_with_their_reason(cast: Cast, as_: As, run_jobs, session) -> None:
    make_session(cast, title="还没有结束的学习", starts_at=moment("2020-09-15 09:00"))
    ask(as_(cast.office), cast)
    run_jobs()
    address = reverse("report_figure", args=[YearReport.objects.get().pk, "collective_study"])
    page = as_(cast.office).get(f"{address}?show=left_out").content.decode()
    assert "还没有结束的学习" in page
    assert "已通知，尚未结束" in page


def test_workbook_holds_the_same_list_and_no_formula(cast: Cast, as_: As, report: YearReport) -> None:
    answer = as_(cast.office).get(reverse("report_workbook", args=[report.pk]))
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "attachment" in answer["Content-Disposition"]
    book = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    rows = [[cell.value for cell in row] for row in book["年度统计"].iter_rows(min_row=3)]
    listed = [(row[1], row[2], row[4]) for row in rows if row[1]]
    assert listed == [(figure["label"], figure["value"], figure["display"]) for figure in report.figures]
    page = as_(cast.office).get(reverse("report_detail", args=[report.pk])).content.decode()
    assert [label for label, *_ in listed if label not in page] == []
    head = [cell.value for cell in book["年度统计"][2]]
    assert head == ["序号", "项目", "数值", "单位", "对外表述", "计入数", "总数", "依据条数", "统计口径"]
    title = book["学习活动"]["C3"]
    assert (title.value, title.data_type) == ("=1+1", "s")


@pytest.mark.parametrize(
    ("person", "looking", "making"),
    [
        ("office", 200, 303),
        ("propaganda", 200, 303),
        ("secretary", 200, 303),
        ("deputy", 200, 403),
        ("supervisor", 200, 403),
        ("m1", 403, 403),
        ("extended", 403, 403),
        ("observer", 403, 403),
        ("foreign_office", 404, 404),
        ("foreign_m1", 403, 403),
        ("sysadmin", 403, 403),
    ],
)
def test_who_may_look_and_who_may_make(
    cast: Cast, as_: As, report: YearReport, person: str, looking: int, making: int
) -> None:
    client = as_(cast.people[person])
    for name, args in (
        ("report_detail", [report.pk]),
        ("report_figure", [report.pk, "collective_study"]),
        ("report_workbook", [report.pk]),
    ):
        answer = client.get(reverse(name, args=args))
        assert answer.status_code == looking, name
        if looking != 200:
            assert "=1+1" not in answer.content.decode()
    assert ask(client, cast, 2020).status_code == making


@pytest.mark.parametrize("year", ["", "abc", "1999", "13", "99999999999"])
def test_impossible_year_is_refused_in_chinese(cast: Cast, as_: As, year: str) -> None:
    answer = ask(as_(cast.office), cast, year)
    assert answer.status_code == 400
    assert "年度" in answer.content.decode()
    assert not Job.objects.exists()


def test_lost_workbook_is_told(cast: Cast, as_: As, report: YearReport) -> None:
    report.workbook.storage.delete(report.workbook.name)
    answer = as_(cast.office).get(reverse("report_workbook", args=[report.pk]), follow=True)
    assert "请重新生成" in answer.content.decode()


def test_list_costs_the_same_with_many_years(cast: Cast, as_: As) -> None:
    def cost() -> int:
        client = as_(cast.supervisor)
        client.get(reverse("report_list"))
        with CaptureQueriesContext(connection) as statements:
            page = client.get(reverse("report_list"))
        assert page.status_code == 200
        return len(statements)

    make_closed_session(cast, starts_at=moment("2020-05-15 09:00"))
    few = cost()
    for year in range(2001, 2031):
        YearReport.objects.create(
            group=cast.group,
            year=year,
            figures=[],
            workbook="x",
            made_by=cast.office,
            made_at=moment("2020-05-15 09:00"),
        )
        make_closed_session(
            cast, starts_at=moment(f"{year}-05-15 09:00"), members=cast.group.memberships.filter(category="member")
        )
    assert cost() == few <= 12


def test_figure_page_costs_the_same_with_many_rows(cast: Cast, as_: As, run_jobs) -> None:
    def cost() -> int:
        ask(as_(cast.office), cast)
        run_jobs()
        client = as_(cast.office)
        address = reverse("report_figure", args=[YearReport.objects.latest("pk").pk, "collective_study"])
        client.get(address)
        with CaptureQueriesContext(connection) as statements:
            client.get(address)
        return len(statements)

    make_closed_session(cast, starts_at=moment("2020-05-15 09:00"))
    few = cost()
    for day in range(1, 29):
        make_closed_session(cast, starts_at=moment(f"2020-06-{day:02d} 09:00"))
    assert cost() == few <= 12


def test_a_draft_makes_no_year_and_no_row(cast: Cast, as_: As) -> None:
    paper = make_submission(cast, kind="reading_note", written_on=date(2018, 5, 5))
    lines = as_(cast.supervisor).get(reverse("report_list")).content.decode()
    assert "2018年" not in lines
    assert not [row for figure in year_figures(cast.group, 2018) for row in figure.left_out]
    hand_in(paper.review, by=cast.m1)
    assert "2018年" in as_(cast.supervisor).get(reverse("report_list")).content.decode()
