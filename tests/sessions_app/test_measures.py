"""The arithmetic of 规则灯: periods, deadlines, working days, colours. No database."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions_app.measures.lights import LightState, state_of
from sessions_app.measures.periods import (
    Span,
    due_date,
    is_working_day,
    sensible_day,
    span_at,
    spans_of,
    working_days_before,
)
from sessions_app.models.rule import RulePeriod

YEARS = st.integers(2017, 2099)
PERIODS = st.sampled_from(RulePeriod.values)
DAYS = st.dates(date(2017, 1, 1), date(2099, 12, 31))


@given(PERIODS, YEARS)
def test_the_periods_of_a_year_leave_no_day_out_and_count_none_twice(period, year):
    spans = spans_of(period, year)
    assert spans[0].first == date(year, 1, 1)
    assert spans[-1].last == date(year, 12, 31)
    for before, after in zip(spans, spans[1:], strict=False):
        assert after.first - before.last == timedelta(days=1)
    assert sum(span.days for span in spans) == (date(year + 1, 1, 1) - date(year, 1, 1)).days
    assert len({span.label for span in spans}) == len(spans)


@given(PERIODS, DAYS)
def test_every_day_lies_in_exactly_one_period(period, day):
    assert [day in span for span in spans_of(period, day.year)].count(True) == 1
    assert day in span_at(period, day)


def test_periods_are_called_as_offices_call_them():
    assert [span.label for span in spans_of("quarter", 2026)] == ["一季度", "二季度", "三季度", "四季度"]
    assert [span.label for span in spans_of("half", 2026)] == ["上半年", "下半年"]
    assert [span.label for span in spans_of("month", 2026)][::11] == ["1月", "12月"]
    assert [span.label for span in spans_of("year", 2026)] == ["全年"]
    assert spans_of("month", 2024)[1].last == date(2024, 2, 29)
    assert spans_of("month", 2026)[1].last == date(2026, 2, 28)


@given(YEARS, st.integers(1, 12), st.integers(1, 31))
def test_a_deadline_stays_in_its_month(year, month, day):
    due = due_date(year, month, day)
    assert (due.year, due.month) == (year, month)
    assert due.day <= day
    assert due.day == day or (due + timedelta(days=1)).day == 1


def test_a_deadline_on_a_day_the_month_does_not_have_is_its_last_day():
    assert due_date(2026, 2, 30) == date(2026, 2, 28)
    assert due_date(2024, 2, 29) == date(2024, 2, 29)
    assert due_date(2026, None, None) == date(2026, 12, 31)


def test_working_days_follow_the_state_councils_calendar_and_weekdays_beyond_it():
    assert not is_working_day(date(2020, 10, 1))
    assert is_working_day(date(2020, 9, 27))  # a Sunday worked for the National Day
    assert is_working_day(date(2031, 10, 1))  # a Wednesday of a year nobody has published yet
    assert not is_working_day(date(2031, 10, 4))


def test_a_notice_before_a_holiday_must_come_before_the_holiday():
    assert working_days_before(date(2020, 10, 9), 2) == date(2020, 9, 29)
    assert working_days_before(date(2020, 5, 20), 2) == date(2020, 5, 18)
    assert working_days_before(date(2020, 5, 18), 1) == date(2020, 5, 15)


@given(DAYS, st.integers(0, 10))
def test_there_are_that_many_working_days_between_notice_and_day(day, number):
    notice = working_days_before(day, number)
    between = [notice + timedelta(days=n) for n in range((day - notice).days)]
    assert sum(is_working_day(one) for one in between) == number


@given(DAYS, DAYS, st.integers(0, 60))
def test_nothing_is_missed_before_its_last_day_is_over_and_a_warning_comes_in_time(today, last, warn):
    span = Span("", date(last.year, 1, 1), last)
    state = state_of(span, False, today, warn)
    assert (state == LightState.MISSED) == (today > last)
    if today == last:
        assert state == LightState.DUE
    if state == LightState.DUE:
        assert last - timedelta(days=warn) <= today <= last
    assert state_of(span, True, today, warn) == LightState.MET


@pytest.mark.parametrize(
    ("today", "state"),
    [
        (date(2026, 8, 30), LightState.AHEAD),
        (date(2026, 8, 31), LightState.DUE),
        (date(2026, 9, 30), LightState.DUE),
        (date(2026, 10, 1), LightState.MISSED),
    ],
)
def test_the_third_quarter_warns_thirty_days_before_it_closes(today, state):
    assert state_of(spans_of("quarter", 2026)[2], False, today, 30) == state


@given(DAYS, PERIODS)
def test_a_day_is_proposed_inside_the_period_and_not_in_the_past(today, period):
    span = span_at(period, today)
    day = sensible_day(span, today)
    assert day is not None
    assert day in span
    assert day >= today
    left = [today + timedelta(days=n) for n in range((span.last - today).days + 1)]
    assert is_working_day(day) or not any(is_working_day(one) for one in left)


def test_no_day_is_proposed_for_a_period_that_is_over():
    assert sensible_day(spans_of("quarter", 2026)[0], date(2026, 4, 1)) is None
    assert sensible_day(spans_of("quarter", 2026)[3], date(2026, 12, 31)) == date(2026, 12, 31)
