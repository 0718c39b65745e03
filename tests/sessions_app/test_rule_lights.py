"""规则灯 over rows: what lights up for whom, in which year, with which sentence, and how many queries it takes."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from materials.actions.personal_study import add_study
from sessions_app.actions.plan import create_monthly_plan
from sessions_app.actions.rule import add_rule, change_rule
from sessions_app.measures import LightState, lights_of
from sessions_app.measures.board import board_of
from sessions_app.models import Filing, Observation, StudyRule, StudySession
from studygroup.desk import desk_of
from studygroup.lib.clock import local_date
from tests.factories import (
    item_row,
    kind,
    make_annual_plan,
    make_closed_session,
    make_lecture,
    make_monthly_plan,
    make_session,
    make_submission,
    walk_to,
)

LOOK_BACK = 8  # standards, kinds, since when, and what is counted by period
SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(*when: int) -> datetime:
    return datetime(*when, tzinfo=SHANGHAI)


def lights(cast, measure: str, today: date, year: int | None = None):
    return [one for one in lights_of(cast.group, year or today.year, today) if one.measure == measure]


def study(cast, *when: int, kinds=("collective_study",), **more):
    return make_closed_session(cast, starts_at=at(*when), kinds=kinds, **more)


def test_a_new_group_has_the_shipped_rules_as_its_own_rows(cast):
    rules = dict(StudyRule.objects.filter(group=cast.group).values_list("measure", "minimum"))
    assert rules == {
        "collective_study": 1,
        "concentrated_study": 1,
        "attendance_rate": 90,
        "research_report": 2,
        "book_read": 1,
        "field_visit": 1,
        "study_hours": 1,
        "plan_filed": 1,
        "year_report_filed": 1,
        "lecture_lead_days": 3,
        "observation_notice_days": 2,
    }


def test_a_group_without_rows_shows_the_shipped_rules_and_writes_nothing(cast):
    study(cast, 2026, 8, 3, 9)
    with_rows = lights_of(cast.group, 2026, date(2026, 9, 10))
    StudyRule.objects.all().delete()
    assert lights_of(cast.group, 2026, date(2026, 9, 10)) == with_rows
    assert not StudyRule.objects.exists()


def test_the_quarters_warning_comes_before_the_quarter_closes(cast):
    study(cast, 2026, 2, 3, 9)
    quarters = lights(cast, "collective_study", date(2026, 9, 10))
    assert [one.state for one in quarters] == [
        LightState.MET,
        LightState.MISSED,
        LightState.DUE,
        LightState.AHEAD,
    ]
    third = quarters[2]
    assert third.sentence == "三季度还差 1 次集体学习研讨，最晚 9月30日"
    assert (third.period, third.have, third.need, third.last) == ("三季度", "0", "1", date(2026, 9, 30))
    assert third.step is not None
    assert quarters[1].sentence == "二季度应有 1 次集体学习研讨，实际 0 次"
    assert quarters[1].step is None


def test_a_session_counts_by_its_local_day_and_only_when_it_is_held(cast):
    make_closed_session(cast, starts_at=datetime(2020, 12, 31, 16, 30, tzinfo=ZoneInfo("UTC")))  # 1 January here
    make_session(cast, starts_at=at(2020, 12, 30, 9), called=False)
    assert [one.have for one in lights(cast, "collective_study", date(2021, 2, 1), 2020)] == ["0", "0", "0", "0"]
    assert [one.have for one in lights(cast, "collective_study", date(2021, 2, 1), 2021)] == ["1", "0", "0", "0"]


def test_a_session_already_called_is_told_instead_of_offering_another(cast):
    session = make_session(cast, starts_at=at(2026, 9, 20, 9))
    third = lights(cast, "collective_study", date(2026, 9, 10))[2]
    assert third.sentence == "三季度还差 1 次集体学习研讨，已安排在 9月20日，最晚 9月30日"
    assert third.step is not None
    assert third.step.address == reverse("session_detail", args=[session.pk])


def test_three_discussions_in_a_year_fall_below_one_a_quarter(cast, now):
    add_rule(group=cast.group, measure="discussion", period="quarter", year=2020, minimum=1, by=cast.office, at=now)
    for month in (3, 9, 12):
        study(cast, 2020, month, 9, 9, kinds=("discussion",))
    quarters = lights(cast, "discussion", date(2021, 1, 5), 2020)
    assert [one.state for one in quarters] == [
        LightState.MET,
        LightState.MISSED,
        LightState.MET,
        LightState.MET,
    ]


def test_changing_this_years_standard_leaves_earlier_years_as_they_were(cast, now):
    study(cast, 2025, 2, 3, 9)
    study(cast, 2026, 2, 3, 9)
    change_rule(
        group=cast.group,
        measure="collective_study",
        period="quarter",
        year=2026,
        seen_version=0,
        changes={"minimum": 2},
        by=cast.office,
        at=now,
    )
    assert lights(cast, "collective_study", date(2027, 1, 5), 2025)[0].state == LightState.MET
    first = lights(cast, "collective_study", date(2027, 1, 5), 2026)[0]
    assert (first.state, first.need) == (LightState.MISSED, "2")
    assert lights(cast, "collective_study", date(2027, 1, 5), 2027)[0].need == "2"
    assert StudyRule.objects.filter(group=cast.group, measure="collective_study").count() == 2


def test_a_switched_off_rule_has_no_light_from_that_year_on(cast, now):
    change_rule(
        group=cast.group,
        measure="field_visit",
        period="month",
        year=2026,
        seen_version=0,
        changes={"is_active": False},
        by=cast.office,
        at=now,
    )
    assert lights(cast, "field_visit", date(2026, 3, 1)) == []
    assert len(lights(cast, "field_visit", date(2025, 3, 1))) == 12


# -- what everybody is asked for -------------------------------------------------


def members(cast) -> list[User]:
    return [cast.secretary, cast.deputy, cast.propaganda, cast.m1, cast.m2, cast.m3]


def report(cast, author, day: date, until: str = "approved"):
    paper = make_submission(cast, author=author, kind="research_report", title="调研", written_on=day)
    # Straight to its end: who may judge whom is tested with the chain.
    type(paper.review).objects.filter(pk=paper.review_id).update(state="draft")
    if until == "approved":
        walk_to(paper.review, "approved", cast)
    return paper


def test_whoever_is_short_of_two_reports_is_named(cast):
    for author in (cast.m1, cast.m1, cast.m2):
        report(cast, author, date(2020, 5, 1))
    report(cast, cast.m2, date(2021, 1, 1))
    report(cast, cast.m3, date(2020, 5, 1), until="draft")
    (one,) = lights(cast, "research_report", date(2020, 12, 1))
    assert one.state == LightState.DUE
    assert one.sentence == (
        "全年调研报告还差：书记甲 2 篇、副书记乙 2 篇、宣委丙 2 篇、成员二 1 篇、成员三 2 篇，最晚 12月31日"
    )
    assert one.plain == "全年调研报告还有 5 人没有达到每人 2 篇，最晚 12月31日"
    assert (one.have, one.need) == ("1", "6 人")


def test_books_and_stays_are_asked_of_each_member_and_hours_are_never_red(cast, now):
    def add(person, kind, day, **more):
        add_study(group=cast.group, person=person, kind=kind, done_on=day, title="一", by=cast.office, at=now, **more)

    for person in members(cast):
        add(person, "book", date(2020, 3, 31))
        add(person, "study_hours", date(2020, 2, 1), amount=29)
    add(cast.extended, "book", date(2020, 4, 1))
    books = lights(cast, "book_read", date(2021, 1, 1), 2020)
    assert [one.state for one in books][:2] == [LightState.MET, LightState.MISSED]
    hours = lights(cast, "study_hours", date(2021, 1, 1), 2020)
    assert [one.state for one in hours][:3] == [LightState.AHEAD, LightState.MET, LightState.AHEAD]  # 29 days in 2020
    assert not any(one.short for one in hours)


# -- days of their own -----------------------------------------------------------


def rate(cast, today=date(2021, 1, 1)):
    return lights(cast, "attendance_rate", today, 2020)[0]


def test_the_attendance_rate_says_its_denominator_and_needs_a_register(cast):
    assert (rate(cast).state, rate(cast).have) == (LightState.AHEAD, "—")
    study(cast, 2020, 3, 3, 9)
    assert (rate(cast).state, rate(cast).have) == (LightState.MET, "100.0%")
    study(cast, 2020, 4, 3, 9, status={cast.m1.pk: "absent", cast.m2.pk: "leave"})
    assert rate(cast, date(2020, 6, 1)).state == LightState.DUE
    missed = rate(cast)
    assert missed.state == LightState.MISSED
    assert missed.sentence == "全年出勤率 83.3%（应到 12 人次，实到 10 人次），低于 90%"


def filing(cast, subject: str, year: int, day: date):
    return Filing.objects.create(group=cast.group, subject=subject, year=year, filed_to="县委", filed_on=day)


def test_a_plan_is_filed_by_the_end_of_january(cast):
    def light(today):
        return lights(cast, "plan_filed", today, 2026)[0]

    assert light(date(2025, 12, 1)).state == LightState.AHEAD
    assert light(date(2026, 1, 20)).sentence == "2026年度学习计划还没有报备，最晚 1月31日"
    late = light(date(2026, 2, 1))
    assert (late.state, late.is_open) == (LightState.MISSED, True)
    filing(cast, "annual_plan", 2026, date(2026, 2, 5))
    late = light(date(2026, 3, 1))
    assert (late.state, late.is_open) == (LightState.MISSED, False)
    assert "2月5日 才报备" in late.sentence
    filing(cast, "annual_plan", 2026, date(2026, 1, 31))
    assert light(date(2026, 3, 1)).state == LightState.MET


def test_the_report_on_last_year_is_filed_this_january(cast):
    filing(cast, "year_report", 2026, date(2026, 1, 10))
    assert lights(cast, "year_report_filed", date(2026, 2, 1))[0].state == LightState.MISSED
    filing(cast, "year_report", 2025, date(2026, 1, 10))
    assert lights(cast, "year_report_filed", date(2026, 2, 1))[0].state == LightState.MET


def test_a_lecture_must_be_approved_three_days_before(cast, now):
    today = local_date(now)
    lecture = make_lecture(cast, starts_at=now + timedelta(days=5))
    assert lights(cast, "lecture_lead_days", today)[0].state == LightState.AHEAD  # only a draft
    walk_to(lecture.review, "second_review", cast)
    waiting = lights(cast, "lecture_lead_days", today, lecture.starts_at.year)[0]
    assert waiting.state == LightState.DUE
    assert waiting.last == local_date(lecture.starts_at) - timedelta(days=3)
    late = lights(cast, "lecture_lead_days", today + timedelta(days=3), lecture.starts_at.year)[0]
    assert late.state == LightState.MISSED
    assert late.is_open
    walk_to(lecture.review, "approved", cast)
    assert lights(cast, "lecture_lead_days", today, lecture.starts_at.year)[0].state == LightState.MET


def test_an_observer_announces_himself_two_working_days_before(cast):
    def visit(planned, notified, put_in=None):
        Observation.objects.create(
            group=cast.group, planned_on=planned, notified_on=notified, observers="县委宣传部",
            planned_by=cast.supervisor, announced_at=put_in or at(notified.year, notified.month, notified.day, 9),
        )  # fmt: skip

    def state(group, day):
        return next(o for o in lights_of(group, 2020, day) if o.measure == "observation_notice_days").state

    visit(date(2020, 5, 20), date(2020, 5, 18))
    assert state(cast.county_group, date(2020, 6, 1)) == LightState.MET
    visit(date(2020, 6, 20), date(2020, 6, 10), put_in=at(2020, 6, 20, 9))  # put in on the day itself
    assert state(cast.county_group, date(2020, 7, 1)) == LightState.MISSED
    Observation.objects.filter(planned_on__month=6).delete()
    visit(date(2020, 10, 9), date(2020, 9, 30))  # the holiday in between does not count
    assert state(cast.county_group, date(2020, 12, 1)) == LightState.MISSED
    assert state(cast.group, date(2020, 12, 1)) == LightState.AHEAD  # those observed did nothing wrong


# -- pages ------------------------------------------------------------------------


def page(client, name: str, **query) -> str:
    return client.get(reverse(name), query).content.decode()


def test_the_year_page_tells_every_period_by_shape_and_word(cast, as_):
    study(cast, 2020, 2, 3, 9)
    text = page(as_(cast.office), "light_list", year=2020)
    assert "二季度应有 1 次集体学习研讨，实际 0 次" in text
    assert "全年 1 次，4 期中 1 期达到" in text
    assert "▲</span> 已错过" in text
    assert "●</span> 已达到" in text


def test_members_read_how_far_the_group_is_but_not_who_is_short(cast, as_):
    office, member = (page(as_(person), "light_list", year=2020) for person in (cast.office, cast.m1))
    assert "副书记乙 2 篇" in office
    assert "副书记乙" not in member
    assert "全年调研报告有 6 人没有达到每人 2 篇" in member
    assert as_(cast.extended).get(reverse("light_list")).status_code == 403


def test_the_plan_page_and_the_home_page_show_what_is_due_now(cast, as_, now):
    text = page(as_(cast.office), "plan_list")
    assert f"{now.astimezone(SHANGHAI).year}年学习要求" in text
    home = page(as_(cast.secretary), "home")
    assert "学习要求" in home
    assert "最晚" in home
    assert "最晚" not in page(as_(cast.m1), "home")


def test_january_still_tells_what_december_missed(cast):
    kind()
    told = [one.sentence for one in desk_of(cast.office, at(2027, 1, 20, 9)).lights]
    assert "2026年四季度应有 1 次集体学习研讨，实际 0 次" in told
    assert not [sentence for sentence in told if sentence.startswith("2026年三季度")]
    later = [one.sentence for one in desk_of(cast.office, at(2027, 2, 20, 9)).lights]
    assert not [sentence for sentence in later if sentence.startswith("2026年四季度")]


def test_the_look_back_of_january_takes_few_queries_more(cast):
    def queries(month: int) -> int:
        with CaptureQueriesContext(connection) as captured:
            desk_of(cast.office, at(2027, month, 20, 9))
        return len(captured)

    queries(2)
    assert queries(1) - queries(2) <= LOOK_BACK


def test_a_supervisor_chooses_among_the_groups_below_him(cast, as_):
    text = page(as_(cast.supervisor), "light_list")
    assert cast.group.name in text
    assert cast.foreign_group.name not in text
    assert "起草一次" not in page(as_(cast.supervisor), "light_list", group=cast.group.pk)


@pytest.mark.parametrize("name", ["light_list", "rule_list", "plan_list"])
def test_pages_ask_the_same_number_of_queries_for_1_and_30_rows(cast, as_, name):
    client = as_(cast.office)

    def fill(number: int) -> None:
        for index in range(number):
            study(cast, 2026, 1 + index % 12, 1 + index % 28, 9)
            Observation.objects.create(
                group=cast.group,
                planned_on=date(2026, 3, 2),
                notified_on=date(2026, 3, 1),
                observers="县",
                announced_at=at(2026, 3, 1, 9),
            )

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(reverse(name), {"year": 2026}).status_code == 200
        return len(captured)

    fill(1)
    queries()
    few = queries()
    fill(29)
    assert queries() == few <= 20


# -- one press --------------------------------------------------------------------


def press(client, group, **fields):
    told = {"kind": "collective_study", "period": "quarter", **fields}
    return client.post(reverse("light_draft", args=[group.pk]), told)


def this_quarter() -> date:
    today = timezone.localdate()
    return date(today.year, (today.month - 1) // 3 * 3 + 1, 1)


def test_one_press_drafts_the_missing_session_and_a_second_opens_the_same(cast, as_):
    make_session(cast)  # gives the kind
    client, first = as_(cast.office), this_quarter().isoformat()
    response = press(client, cast.group, first=first)
    draft = StudySession.objects.get(state="draft")
    assert response.status_code == 303
    assert response.headers["Location"] == reverse("session_edit", args=[draft.pk])
    assert [kind.slug for kind in draft.kinds.all()] == ["collective_study"]
    assert timezone.localdate() <= draft.day
    assert draft.participants.count() == 6
    assert press(client, cast.group, first=first).headers["Location"] == response.headers["Location"]
    assert StudySession.objects.filter(state="draft").count() == 1


def test_one_press_takes_the_plans_own_topic_and_a_day_still_to_come(cast, as_):
    today, first = timezone.localdate(), this_quarter()
    rows = [item_row("已办的专题", month=first.month), item_row("计划里的专题", month=first.month, date_text="1日上午")]
    plan = make_monthly_plan(cast, year=first.year, month=first.month, rows=rows)
    make_session(cast, plan_item=plan.items.get(topic="已办的专题"), starts_at=at(first.year, first.month, 1, 9))
    response = press(as_(cast.office), cast.group, first=first.isoformat())
    draft = StudySession.objects.get(state="draft")
    assert (draft.title, draft.plan_item) == ("计划里的专题", plan.items.get(topic="计划里的专题"))
    assert today <= draft.day <= date(first.year, first.month + 2, 31 if first.month in (1, 10) else 30)
    assert timezone.localtime(draft.starts_at).hour == 9  # the plan's own hour
    for _ in range(2):
        assert press(as_(cast.office), cast.group, first=first.isoformat()).headers["Location"] == response["Location"]
    assert StudySession.objects.filter(state="draft").count() == 1


def test_one_press_prefers_the_months_row_to_the_years_and_leaves_foreign_plans_alone(cast, as_, now):
    first = this_quarter()
    for group, by in ((cast.foreign_group, cast.foreign_office), (cast.group, cast.office)):
        make_annual_plan(cast, year=first.year, rows=[item_row("年度专题", month=first.month)], group=group, by=by)
    month = create_monthly_plan(group=cast.group, year=first.year, month=first.month, by=cast.office, at=now)
    press(as_(cast.office), cast.group, first=first.isoformat())
    assert StudySession.objects.get(state="draft").plan_item == month.items.get()


def test_a_period_that_is_over_gets_no_session_and_a_broken_button_is_refused(cast, as_):
    make_session(cast)
    over = press(as_(cast.office), cast.group, first="2020-01-01")
    assert over.status_code == 400
    assert "不能再安排" in over.content.decode()
    for broken in ({"first": "x"}, {"first": "2020-01-01", "kind": "nothing"}, {"first": "2020-01-01", "period": "w"}):
        assert press(as_(cast.office), cast.group, **broken).status_code == 400
    assert press(as_(cast.m1), cast.group, first="2020-01-01").status_code == 403
    assert not StudySession.objects.filter(state="draft").exists()


def test_a_light_leads_nobody_to_a_page_he_may_not_open(cast, as_):
    pages = [line.page for line in board_of(cast.supervisor, cast.group, 2020, date(2020, 6, 1)).lines if line.page]
    own = [line.page for line in board_of(cast.office, cast.group, 2020, date(2020, 6, 1)).lines if line.page]
    assert [as_(cast.supervisor).get(page).status_code for page in pages] == [200] * len(pages)
    assert any("/study/group/" in page for page in own)
