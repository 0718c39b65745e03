"""What counts in which year, and what is left out for which reason."""

import io
import json
from dataclasses import asdict
from datetime import date, timedelta

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from materials.models import Book, Distribution, PersonalStudy, PublicityColumn, PublicityPush
from materials.rules import about
from reports.statistics import Figure, LeftOut, evidence_tables, left_out_rows, rows_of, year_figures
from reviews.chain import State
from sessions_app.models import StudySession
from studygroup.demo.tables import moment
from tests.conftest import Cast
from tests.factories import make_closed_session, make_lecture, make_session, make_submission, walk_to

EVERY_MOVE = moment("2020-03-01 09:00")


def figures(cast: Cast, year: int = 2020) -> dict[str, Figure]:
    return {figure.code: figure for figure in year_figures(cast.group, year)}


def closed_at(cast: Cast, text: str, *kinds: str, **facts) -> StudySession:
    facts.setdefault("members", cast.group.memberships.filter(category="member"))  # the roster begins in 2020
    return make_closed_session(cast, starts_at=moment(text), kinds=kinds or ("collective_study",), **facts)


def test_session_counts_in_each_of_its_kinds(cast: Cast) -> None:
    session = closed_at(cast, "2020-05-15 09:00", "collective_study", "onsite_teaching")
    found = figures(cast)
    assert found["collective_study"].evidence.ids == (session.pk,)
    assert found["onsite_teaching"].value == 1
    assert found["three_in_one"].value == 0


@pytest.mark.parametrize(
    ("start", "year"),
    [
        ("2019-12-31 23:30", 2019),
        ("2020-01-01 00:10", 2020),
        ("2020-12-31 23:59", 2020),
        ("2021-01-01 07:30", 2021),  # still 2020 in UTC
    ],
)
def test_year_of_a_session_is_the_local_year_of_its_start(cast: Cast, start: str, year: int) -> None:
    closed_at(cast, start)
    assert {y: figures(cast, y)["collective_study"].value for y in (2019, 2020, 2021)} == {
        y: int(y == year) for y in (2019, 2020, 2021)
    }


def test_only_closed_sessions_count(cast: Cast) -> None:
    draft = make_session(cast, starts_at=moment("2020-06-01 09:00"), called=False)
    called = make_session(cast, starts_at=moment("2020-06-02 09:00"))
    figure = figures(cast)["collective_study"]
    assert figure.value == 0
    assert [(row.id, row.why) for row in figure.left_out] == [
        (draft.pk, "还是草稿，没有通知"),
        (called.pk, "已通知，尚未结束"),
    ]


@pytest.mark.parametrize("state", [State.FIRST_REVIEW, State.SECOND_REVIEW, State.FINAL_GATE, State.RETURNED])
def test_only_papers_past_the_gate_count(cast: Cast, state: State) -> None:
    passed = make_submission(cast, written_on=date(2020, 12, 31), at=EVERY_MOVE)
    walk_to(passed.review, State.APPROVED, cast, at=EVERY_MOVE)
    waiting = make_submission(cast, author=cast.m2, written_on=date(2020, 4, 1), at=EVERY_MOVE)
    walk_to(waiting.review, state, cast, at=EVERY_MOVE)
    figure = figures(cast)["reflection"]
    assert figure.evidence.ids == (passed.pk,)
    assert [row.id for row in figure.left_out] == [waiting.pk]
    assert figures(cast)["research_report"].left_out == ()


def test_draft_is_not_told_of(cast: Cast) -> None:
    draft = make_submission(cast, title="还不想给人看", written_on=date(2020, 4, 1))
    assert figures(cast)["reflection"].left_out == ()
    kept = LeftOut(draft._meta.label, draft.pk, "还没有提交")  # by a report made when it was handed in
    (row,) = left_out_rows([kept], inside=True)
    assert (row.title, row.people, row.page) == ("（未提交的草稿）", "", None)


def test_unfinished_paper_is_named_to_its_own_group_alone(cast: Cast) -> None:
    paper = make_submission(cast, title="还在审的", written_on=date(2020, 4, 1), at=EVERY_MOVE)
    walk_to(paper.review, State.SECOND_REVIEW, cast, at=EVERY_MOVE)
    left_out = figures(cast)["reflection"].left_out
    (row,) = left_out_rows(left_out)
    assert (row.title, row.people, row.page) == ("（还没有通过的材料）", "", None)
    assert row.why == "正在复审，尚未通过"
    (row,) = left_out_rows(left_out, inside=True)
    assert (row.title, row.people) == ("还在审的", "成员一")
    verdict = figures(cast)["verdict"].evidence
    assert [row.title for row in rows_of(verdict.model, verdict.ids)] == ["（还没有通过的材料）"]
    assert [row.title for row in rows_of(verdict.model, verdict.ids, inside=True)] == ["还在审的"]


def test_lecture_counts_for_the_group_that_approved_it(cast: Cast) -> None:
    held = moment("2020-09-01 09:00")
    lecture = make_lecture(cast, organizer=cast.sub_group, approver=cast.group, by=cast.sub_office, starts_at=held)
    walk_to(lecture.review, State.APPROVED, cast)
    assert figures(cast)["lecture_approved"].evidence.ids == (lecture.pk,)
    below = {figure.code: figure for figure in year_figures(cast.sub_group, 2020)}
    assert below["lecture_approved"].value == 0


def test_attendance_rate_leaves_out_observers_and_sessions_without_register(cast: Cast) -> None:
    members = list(cast.group.memberships.order_by("position"))
    closed_at(cast, "2020-05-15 09:00", status={cast.m1.pk: "late", cast.m2.pk: "leave"}, members=members)
    bare = make_session(cast, starts_at=moment("2020-05-16 09:00"))
    StudySession.objects.filter(pk=bare.pk).update(state="closed")
    rate = figures(cast)["attendance_rate"]
    expected = sum(member.category != "observer" for member in members)
    assert (rate.numerator, rate.denominator) == (expected - 1, expected)
    assert rate.value == round(100 * (expected - 1) / expected, 1)
    assert len(rate.evidence.ids) == expected
    assert {(row.model, row.why) for row in rate.left_out} == {
        ("sessions_app.Attendance", "列席，不计入出勤率"),
        ("sessions_app.StudySession", "没有签到登记，属于缺资料，不按缺席算"),
    }


def test_rate_without_any_register_has_no_value(cast: Cast) -> None:
    rate = figures(cast)["attendance_rate"]
    assert (rate.value, rate.display, rate.denominator) == (None, "—", 0)


def test_copies_are_summed_and_pushes_shown_in_tens(cast: Cast) -> None:
    book = Book.objects.create(group=cast.group, title="书", received_copies=50, received_on=date(2020, 1, 2))
    for day, copies in ((date(2020, 1, 3), 12), (date(2020, 12, 31), 20), (date(2021, 1, 1), 7)):
        Distribution.objects.create(group=cast.group, book=book, receiver="某村", copies=copies, handed_out_on=day)
    column = PublicityColumn.objects.create(group=cast.group, channel="公众号", name="栏", opened_on=date(2020, 1, 1))
    PublicityPush.objects.bulk_create(
        PublicityPush(group=cast.group, column=column, channel="公众号", title=f"第{n}条", pushed_on=date(2020, 3, 1))
        for n in range(23)
    )
    found = figures(cast)
    assert found["copies_distributed"].value == 32
    assert len(found["copies_distributed"].evidence.ids) == 2
    assert (found["push"].value, found["push"].display) == (23, "20余")
    assert found["column"].value == 1


@pytest.mark.parametrize(("value", "shown"), [(0, "0"), (7, "7"), (10, "10"), (50, "50"), (53, "50余"), (101, "100余")])
def test_display_in_tens(value: int, shown: str) -> None:
    assert about(value) == shown


def test_foreign_rows_are_never_counted(cast: Cast) -> None:
    make_closed_session(
        cast, group=cast.foreign_group, by=cast.foreign_office, starts_at=moment("2020-05-15 09:00"), title="外镇学习"
    )
    assert all(not figure.evidence.ids for figure in year_figures(cast.group, 2020))


def test_figures_survive_json(cast: Cast) -> None:
    closed_at(cast, "2020-05-15 09:00")
    make_session(cast, starts_at=moment("2020-06-01 09:00"))
    for figure in year_figures(cast.group, 2020):
        assert Figure.from_plain(json.loads(json.dumps(asdict(figure)))) == figure


def test_a_removed_row_is_named_as_removed(cast: Cast) -> None:
    session = closed_at(cast, "2020-05-15 09:00")
    known, gone = rows_of("sessions_app.StudySession", [session.pk, session.pk + 1000])
    assert known.title == session.title
    assert "已经删除" in gone.title


def test_statements_do_not_grow_with_rows(cast: Cast) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as statements:
            evidence_tables(year_figures(cast.group, 2020))
        return len(statements)

    start = moment("2020-02-03 09:00")
    closed_at(cast, "2020-02-01 09:00")
    walk_to(make_submission(cast, written_on=date(2020, 4, 1)).review, State.APPROVED, cast)
    few = cost()
    for number in range(12):
        make_closed_session(cast, starts_at=start + timedelta(days=number), kinds=("collective_study", "reading_class"))
        walk_to(make_submission(cast, written_on=date(2020, 4, 2)).review, State.APPROVED, cast)
    assert cost() == few


def test_command_prints_json_and_a_table(cast: Cast) -> None:
    session = closed_at(cast, "2020-05-15 09:00")
    out = io.StringIO()
    call_command("year_stats", group="town", year=2020, json=True, stdout=out)
    found = {figure["code"]: figure for figure in json.loads(out.getvalue())}
    assert found["collective_study"] == {
        "code": "collective_study",
        "label": "集体学习研讨",
        "unit": "次",
        "value": 1,
        "display": "1",
        "evidence": {"model": "sessions_app.StudySession", "ids": [session.pk]},
    }
    assert found["attendance_rate"]["denominator"] == len(found["attendance_rate"]["evidence"]["ids"])
    table = io.StringIO()
    call_command("year_stats", group="town", year=2020, stdout=table)
    assert "集体学习研讨\t1次" in table.getvalue()


@pytest.mark.parametrize(("group", "year", "said"), [("nowhere", 2020, "没有代号"), ("town", 13, "年度应在")])
def test_command_refuses_in_chinese(cast: Cast, group: str, year: int, said: str) -> None:
    with pytest.raises(CommandError, match=said):
        call_command("year_stats", group=group, year=year)


def test_books_and_stays_are_told_by_members_and_hours_are_no_figure(cast):
    for kind, day, amount in (
        ("book", date(2020, 1, 1), 1),
        ("book", date(2020, 12, 31), 1),
        ("book", date(2021, 1, 1), 1),
        ("field_visit", date(2020, 5, 1), 1),
        ("study_hours", date(2020, 5, 1), 30),
    ):
        PersonalStudy.objects.create(
            group=cast.group, person=cast.m1, kind=kind, done_on=day, title="《乡土中国》", amount=amount
        )
    found = figures(cast)
    assert (found["book_read"].value, found["field_visit"].value) == (2, 1)
    rows = rows_of(found["book_read"].evidence.model, found["book_read"].evidence.ids)
    assert [(row.day, row.title, row.people) for row in rows] == [
        (date(2020, 1, 1), "《乡土中国》", "成员一"),
        (date(2020, 12, 31), "《乡土中国》", "成员一"),
    ]
