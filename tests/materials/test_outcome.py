"""成果转化: entered from an approved report, followed until it is carried out, counted in the year of its adoption."""

import io
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from accounts.models import Appointment
from accounts.permissions import Role
from materials.actions.outcome import add_outcome
from materials.models import Outcome
from reports.statistics import year_figures
from reports.statistics.evidence import rows_of
from reviews.chain import State
from studygroup.lib.errors import Refused
from tests import factories
from tests.conftest import SINCE

LIST, NEW = reverse("outcome_list"), reverse("outcome_new")


def page(response):
    return response.content.decode()


def report(cast, title="皂角产业调研", **facts):
    paper = factories.make_submission(cast, kind="research_report", title=title, **facts)
    factories.walk_to(paper.review, State.APPROVED, cast)
    return paper


def outcome(cast, paper=None, **facts):
    plain = {"suggestion": "建育苗基地", "adopted_in": "党委会纪要", "adopted_on": date(2020, 6, 3)}
    facts = {**plain, "added_by": cast.office, **facts}
    return Outcome.objects.create(group=cast.group, submission=paper or report(cast), **facts)


def typed(paper, **changes):
    told = {"submission": paper.pk, "suggestion": "建育苗基地", "adopted_in": "党委会纪要", "adopted_on": "2020-06-03"}
    return {**told, **changes}


def test_outcome_is_entered_from_the_page_of_the_report(cast, as_):
    paper, client = report(cast), as_(cast.office)
    detail = reverse("submission_detail", args=[paper.pk])
    assert f"{NEW}?submission={paper.pk}" in page(client.get(detail))
    form = page(client.get(NEW, {"submission": paper.pk}))
    assert f'<option value="{paper.pk}" selected>' in form
    answer = client.post(NEW, typed(paper, owner=cast.m2.pk, due_on="2020-09-30", measure="选址"))
    assert answer.url == detail
    row = Outcome.objects.get()
    assert (row.group, row.owner, row.added_by, row.due_on) == (cast.group, cast.m2, cast.office, date(2020, 9, 30))
    shown = page(client.get(detail))
    assert "建育苗基地" in shown
    assert "逾期" in shown
    as_author = page(as_(cast.m1).get(detail))
    assert "党委会纪要" in as_author
    assert NEW not in as_author


def test_only_an_approved_research_report_has_outcomes(cast, as_):
    waiting = factories.make_submission(cast, kind="research_report", title="还在审核的报告")
    factories.walk_to(waiting.review, State.FINAL_GATE, cast)
    speech = factories.make_submission(cast, kind="speech", title="一篇发言")
    factories.walk_to(speech.review, State.APPROVED, cast)
    client = as_(cast.office)
    for paper in (waiting, speech):
        assert "只能选审核通过的调研报告" in page(client.post(NEW, typed(paper)))
        assert "成果转化" not in page(client.get(reverse("submission_detail", args=[paper.pk]))).split("<main")[1]
        row = Outcome(group=cast.group, submission=paper, suggestion="甲", adopted_in="乙", adopted_on=date(2020, 1, 1))
        with pytest.raises(Refused, match="审核通过的调研报告"):
            add_outcome(row, by=cast.office, at=timezone.now())
    assert not Outcome.objects.exists()


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"done_on": "2020-07-01"}, "已经办结，请写明结果。"),
        ({"due_on": "2020-06-01"}, "期限不能早于采纳日期。"),
        ({"done_on": "2020-05-01", "result": "成"}, "办结日期不能早于采纳日期。"),
        ({"adopted_on": "31.12.99999"}, "id_adopted_on"),
    ],
)
def test_dates_and_result_must_fit_and_nothing_typed_is_lost(cast, as_, changes, told):
    answer = page(as_(cast.office).post(NEW, typed(report(cast), measure="留得住的措施", **changes)))
    assert told in answer
    assert "留得住的措施" in answer
    assert not Outcome.objects.exists()


def test_second_writer_is_told_and_removal_is_asked(cast, as_):
    row, client = outcome(cast), as_(cast.office)
    edit = reverse("outcome_edit", args=[row.pk])
    told = typed(row.submission, result="已建成", done_on="2020-09-01")
    first = client.post(edit, {**told, "version": 0})
    assert first.status_code == 302, page(first).split("<main")[1]
    assert client.post(edit, {**told, "result": "另一人写的", "version": 0}).status_code == 409
    row.refresh_from_db()
    assert row.result == "已建成"
    remove = reverse("outcome_remove", args=[row.pk])
    assert "建育苗基地" in page(client.get(remove))
    client.post(remove, {"version": row.version})
    assert not Outcome.objects.exists()


def test_list_filters_by_year_and_state(cast, as_):
    paper, today = report(cast), timezone.localdate()
    outcome(cast, paper, suggestion="办结的一项", result="成", done_on=date(2020, 9, 1))
    outcome(cast, paper, suggestion="逾期的一项", due_on=today - timedelta(days=1))
    outcome(cast, paper, suggestion="去年的一项", adopted_on=date(2019, 1, 1), due_on=today)
    client = as_(cast.office)

    def shown(**query):
        text = page(client.get(LIST, query))
        return {name for name in ("办结的一项", "逾期的一项", "去年的一项") if name in text}

    assert shown() == shown(year="x", show="y", group="0") == {"办结的一项", "逾期的一项", "去年的一项"}
    assert shown(show="overdue") == {"逾期的一项"}
    assert shown(show="open") == {"逾期的一项", "去年的一项"}
    assert shown(show="done", year="2020") == {"办结的一项"}
    assert shown(q="去年") == {"去年的一项"}
    sheet = load_workbook(
        io.BytesIO(b"".join(client.get(reverse("outcome_register"), {"show": "overdue"}).streaming_content))
    ).active
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[1][1:6] == ("调研报告", "撰稿人", "建议", "采纳的文件或会议", "采纳日期")
    assert rows[2][:4] == (1, "皂角产业调研", "成员一", "逾期的一项")
    assert rows[2][11] == "逾期"
    assert "办结的一项" not in str(rows)


def test_owner_and_author_see_theirs_and_strangers_none(cast, as_):
    outcome(cast, owner=cast.m2)
    assert "建育苗基地" in page(as_(cast.m1).get(LIST))
    owner = page(as_(cast.m2).get(LIST))
    assert "建育苗基地" in owner
    assert "/submissions/" not in owner.split("<main")[1]  # he may not read the report itself
    for person in (cast.m3, cast.foreign_office, cast.foreign_secretary):
        assert "建育苗基地" not in page(as_(person).get(LIST))
    assert as_(cast.observer).get(LIST).status_code == 403
    for person in (cast.m1, cast.secretary):
        assert as_(person).get(NEW).status_code == 403


def test_overdue_ones_are_on_the_home_of_owner_and_office(cast, as_):
    paper, yesterday = report(cast), timezone.localdate() - timedelta(days=1)
    outcome(cast, paper, owner=cast.m2, due_on=yesterday)
    outcome(cast, paper, suggestion="到期未过", owner=cast.m2, due_on=yesterday + timedelta(days=1))
    home = page(as_(cast.m2).get("/"))
    assert "建育苗基地" in home
    assert f"{LIST}?show=overdue" in home
    assert "到期未过" not in home
    assert "成果转化逾期 1 项" in page(as_(cast.office).get("/"))
    for person in (cast.m1, cast.foreign_office):
        assert "show=overdue" not in page(as_(person).get("/"))


def test_year_counts_those_adopted_in_it_and_opens_them(cast):
    paper = report(cast)
    counted = outcome(cast, paper)
    outcome(cast, paper, adopted_on=date(2021, 1, 1))
    gone = outcome(cast, report(cast, title="又被退回的报告"))
    type(gone.submission.review).objects.filter(pk=gone.submission.review_id).update(state=State.RETURNED)
    figure = next(one for one in year_figures(cast.group, 2020) if one.code == "outcome")
    assert (figure.value, figure.unit, figure.evidence.ids) == (1, "项", (counted.pk,))
    assert [(row.id, row.why) for row in figure.left_out] == [(gone.pk, "已退回，尚未重新通过")]
    [row] = rows_of(figure.evidence.model, figure.evidence.ids)
    assert (row.title, row.kinds, row.page[1]) == ("建育苗基地", "党委会纪要", paper.pk)


def test_number_of_statements_does_not_grow(cast, as_):
    client, paper, counts = as_(cast.office), report(cast), []
    for number in (1, 29):
        for n in range(number):
            outcome(cast, paper, suggestion=f"第{number}-{n}条", owner=cast.m2)
        client.get(LIST)
        with CaptureQueriesContext(connection) as seen:
            client.get(LIST)
            client.get(reverse("outcome_register"))
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_owner_is_of_the_reports_own_group(cast, as_):
    told: dict = {"group": cast.sub_group, "user": cast.office, "starts_on": SINCE}
    Appointment.objects.create(role=Role.OFFICE, **told)
    paper, client = report(cast), as_(cast.office)
    stranger = cast.sub_office
    refused = client.post(NEW, typed(paper, owner=stranger.pk))
    assert "责任人要从报告所在的学习组里选" in page(refused)
    assert not Outcome.objects.exists()
    assert "处需要改一下" in page(refused)  # above the form, not only at the field
