"""Evidence in words, and the workbook made of it."""

import io
from datetime import timedelta

import openpyxl
import pytest
from django.utils import timezone

from reports.exports import year_workbook
from reports.statistics import rows_of, year_figures
from reports.statistics.sources import SESSION
from studygroup.demo.tables import moment
from tests.conftest import Cast
from tests.factories import make_closed_session, make_session


def test_session_without_register_is_missing_data_and_not_absence(cast: Cast) -> None:
    start = moment("2020-05-15 09:00")
    held = make_closed_session(cast, starts_at=start)
    empty = make_session(cast, starts_at=start + timedelta(days=1))
    everybody = held.participants.values_list("person", flat=True)
    nobody_came = make_closed_session(
        cast, starts_at=start + timedelta(days=2), status=dict.fromkeys(everybody, "absent")
    )
    notes = [row.note for row in rows_of(SESSION, [held.pk, empty.pk, nobody_came.pk])]
    assert notes == ["应到 6 人，实到 6 人", "没有签到登记", "应到 6 人，实到 0 人"]


@pytest.mark.parametrize("with_register", [True, False])
def test_workbook_says_present_and_expected_only_of_a_rate_with_data(cast: Cast, with_register: bool) -> None:
    if with_register:
        make_closed_session(cast, starts_at=moment("2020-05-15 09:00"), status={cast.m1.pk: "absent"})
    content = year_workbook(
        title="统计", made=str(timezone.now()), figures=year_figures(cast.group, 2020), tables=[], left_out=[]
    )
    sheet = openpyxl.load_workbook(io.BytesIO(content))["年度统计"]
    head, *rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
    filled = {row[1]: (row[5], row[6]) for row in rows if row[1] and (row[5], row[6]) != (None, None)}
    assert (head[4], head[5], head[6], len(head)) == ("对外表述", "计入数", "总数", 9)
    assert filled == ({"出勤率": (5, 6), "补学后参学率": (5, 6)} if with_register else {})
