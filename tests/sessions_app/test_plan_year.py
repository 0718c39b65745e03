"""The year's page: what was planned, what became of it, and what is missing."""

from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from reviews.chain import State
from sessions_app.actions.plan import create_monthly_plan, revise_plan, save_plan
from sessions_app.actions.session import draft_from_item
from sessions_app.measures.board import board_of
from sessions_app.models import AnnualPlan, Filing, MonthlyPlan, PlanItem, StudySession
from sessions_app.plan_year import year_of
from studygroup.lib.errors import Refused
from tests.factories import item_row, make_annual_plan, make_closed_session, make_monthly_plan, make_session, walk_to

MOST_QUERIES = 12


def moment(year, month, day):
    return timezone.make_aware(datetime(year, month, day, 9))


def laid_out(cast, user, *, year=2020, today=date(2020, 5, 20)):
    annual = AnnualPlan.objects.visible_to(user).filter(group=cast.group, year=year).select_related("review").first()
    monthly = MonthlyPlan.objects.visible_to(user).filter(group=cast.group, year=year).select_related("review")
    return year_of(cast.group, year, annual, list(monthly), user, today)


def test_rows_carry_the_sessions_made_from_them_and_from_the_months_rows(cast, now):
    make_annual_plan(cast, rows=[item_row("三月的", month=3), item_row("四月的", month=4), item_row("七月的", month=7)])
    month = make_monthly_plan(cast, month=3)
    make_closed_session(cast, plan_item=month.items.get(), starts_at=moment(2020, 3, 6))
    make_session(cast, plan_item=PlanItem.objects.get(topic="四月的"), starts_at=moment(2020, 4, 6))
    found = laid_out(cast, cast.office)
    march, april, july = found.rows
    assert [(row.topic, len(row.sessions), row.is_done) for row in (march, april, july)] == [
        ("三月的", 1, True),
        ("四月的", 1, False),
        ("七月的", 0, False),
    ]
    assert march.arranged.item_id == march.plans_session == month.items.get().pk
    assert found.loose == []


def test_rate_says_its_denominator_and_counts_only_what_is_due(cast, now):
    rows = [
        item_row("一月的", month=1),
        item_row("四月的", month=4),
        item_row("五月的", month=5),
        item_row("十月的", month=10),
    ]
    make_annual_plan(cast, rows=rows)
    make_closed_session(cast, plan_item=PlanItem.objects.get(topic="一月的"), starts_at=moment(2020, 1, 6))
    found = laid_out(cast, cast.office, today=date(2020, 5, 20))
    assert found.tally.sentence == "已办 1 / 应办 2（到今天为止）"  # May is not over and names no day
    assert found.tally.percent == 50
    assert [quarter.tally.sentence for quarter in found.quarters] == [
        "已办 1 / 应办 1（整个季度）",
        "已办 0 / 应办 1（到今天为止）",
        "还没有到期的专题",
        "还没有到期的专题",
    ]
    after = laid_out(cast, cast.office, today=date(2021, 1, 1))
    assert after.tally.sentence == "已办 1 / 应办 4（全年）"


def test_a_day_of_this_month_that_is_over_is_due(cast, now):
    make_annual_plan(cast, rows=[item_row("五月的", month=5)])
    month = make_monthly_plan(cast, month=5)
    month.items.update(date_text="5月14日下午")
    assert laid_out(cast, cast.office, today=date(2020, 5, 14)).tally.due == 0
    assert laid_out(cast, cast.office, today=date(2020, 5, 15)).tally.due == 1


def test_months_without_arrangement_and_sessions_without_topic_are_pointed_out(cast, as_, now):
    make_annual_plan(cast, year=2020, rows=[item_row(f"{m}月的", month=m) for m in range(1, 13) if m != 8])
    make_session(cast, title="临时召集的学习", starts_at=moment(2020, 6, 3))
    page = as_(cast.office).get(f"/plans/?group={cast.group.pk}&year=2020")
    found = page.context["laid_out"]
    assert [month.label for month in found.without_arrangement] == ["8月"]
    assert [session.title for session in found.loose] == ["临时召集的学习"]
    text = page.content.decode()
    assert '还没有安排：<a href="#month-8">8月</a>' in text
    assert "1 次学习中有 1 次没有对应计划专题" in text
    assert "临时召集的学习" in text


def test_drafts_are_not_counted_as_sessions_whoever_looks(cast, now):
    make_annual_plan(cast, year=2020, rows=[item_row(month=3)])
    make_session(cast, title="没有主题", starts_at=moment(2020, 4, 1))
    make_session(cast, title="草稿", starts_at=moment(2020, 4, 8), called=False)
    for person in (cast.office, cast.m1):
        seen = laid_out(cast, person)
        assert (seen.sessions, [session.title for session in seen.loose]) == (1, ["没有主题"])
    assert len(laid_out(cast, cast.office).months[3].loose) == 2  # still shown in its month


def test_a_session_of_another_year_counts_where_it_was_planned(cast, now):
    make_annual_plan(cast, rows=[item_row("十二月的", month=12)])
    make_closed_session(cast, plan_item=PlanItem.objects.get(), starts_at=moment(2021, 1, 4))
    assert laid_out(cast, cast.office, today=date(2021, 2, 1)).tally.done == 1
    assert laid_out(cast, cast.office, year=2021, today=date(2021, 2, 1)).loose != []


def test_missing_topic_offers_a_draft_session_to_the_office_only(cast, as_, now):
    plan = make_annual_plan(cast, year=2020, rows=[item_row("没有活动的专题")])
    walk_to(plan.review, State.APPROVED, cast)
    address = f"/plans/?group={cast.group.pk}&year=2020"
    link = f"/plan-items/{plan.items.get().pk}/session/"
    assert link in as_(cast.office).get(address).content.decode()
    page = as_(cast.m1).get(address).content.decode()
    assert link not in page
    assert "没有活动的专题" in page
    as_(cast.office).post(link)
    assert StudySession.objects.get(plan_item=plan.items.get()).title == "没有活动的专题"
    assert "待办（草稿）" in as_(cast.office).get(address).content.decode()


def test_members_read_what_was_approved_while_a_revision_is_under_way(cast, as_, now):
    plan = make_annual_plan(cast, year=2020, rows=[item_row("审定的专题", question="怎么学"), item_row("要删的专题")])
    walk_to(plan.review, State.APPROVED, cast)
    make_closed_session(cast, plan_item=plan.items.get(topic="审定的专题"), starts_at=moment(2020, 3, 6))
    revise_plan(plan=plan, by=cast.office, at=now, seen_version=plan.review.version)
    kept = plan.items.get(topic="审定的专题")
    rows = [type(item_row())(kept.pk, {"topic": "改过的专题", "month": 3}, []), item_row("新添的专题")]
    plan.refresh_from_db()
    save_plan(plan=plan, seen_version=plan.version, head={}, rows=rows, by=cast.office, at=now)
    address = f"/plans/?group={cast.group.pk}&year=2020"
    member = as_(cast.m1).get(address)
    text = member.content.decode()
    assert all(word in text for word in ("审定的专题", "要删的专题", "怎么学"))
    assert "改过的专题" not in text
    assert "新添的专题" not in text
    assert [len(row.sessions) for row in member.context["laid_out"].rows] == [1, 0]  # the chip is still there
    assert "改过的专题" in as_(cast.office).get(address).content.decode()


def test_a_topic_in_force_keeps_its_chips_while_a_revision_has_removed_it(cast, as_, now):
    plan = make_annual_plan(cast, year=2020, rows=[item_row("要删的专题", month=3), item_row("别的", month=4)])
    walk_to(plan.review, State.APPROVED, cast)
    month = make_monthly_plan(cast, year=2020, month=3)
    walk_to(month.review, State.APPROVED, cast)
    make_closed_session(cast, plan_item=month.items.get(), starts_at=moment(2020, 3, 6))
    revise_plan(plan=plan, by=cast.office, at=now, seen_version=plan.review.version)
    plan.refresh_from_db()
    save_plan(plan=plan, seen_version=plan.version, head={}, rows=[item_row("别的", month=4)], by=cast.office, at=now)
    rows = as_(cast.m1).get(f"/plans/?group={cast.group.pk}&year=2020").context["laid_out"].rows
    assert [(row.topic, row.is_done) for row in rows] == [("要删的专题", True), ("别的", False)]


def test_a_session_stays_with_its_topic_while_a_revision_has_removed_the_row(cast, as_, now):
    """The version in force still names the row: its chip and its figure stay until the new version is approved."""
    plan = make_annual_plan(cast, year=2020, rows=[item_row("要删的专题", month=3), item_row("别的", month=4)])
    walk_to(plan.review, State.APPROVED, cast)
    session = make_closed_session(cast, plan_item=plan.items.get(topic="要删的专题"), starts_at=moment(2020, 3, 6))
    revise_plan(plan=plan, by=cast.office, at=now, seen_version=plan.review.version)
    plan.refresh_from_db()
    kept = plan.items.get(topic="别的")
    row = type(item_row())(kept.pk, {"topic": "别的", "month": 4}, [])
    save_plan(plan=plan, seen_version=plan.version, head={}, rows=[row], by=cast.office, at=now)
    address = f"/plans/?group={cast.group.pk}&year=2020"

    def seen_by(person):
        laid_out = as_(person).get(address).context["laid_out"]
        return [(row.topic, row.is_done) for row in laid_out.rows], laid_out.loose

    assert seen_by(cast.m1) == ([("要删的专题", True), ("别的", False)], [])
    assert seen_by(cast.office) == ([("别的", False)], [session])
    with pytest.raises(Refused, match="移出"):
        draft_from_item(item=session.plan_item, by=cast.office, at=now)
    create_monthly_plan(group=cast.group, year=2020, month=3, by=cast.office, at=now)
    assert not PlanItem.objects.filter(monthly_plan__month=3).exists()  # what was taken out is not drawn

    walk_to(type(plan).objects.get(pk=plan.pk).review, State.APPROVED, cast)
    assert seen_by(cast.m1) == ([("别的", False)], [session])


def test_a_row_taken_out_and_put_back_is_the_same_row(cast, as_, now):
    """Two people at once: what one has removed, the other's table brings back, with its sessions."""
    plan = make_annual_plan(cast, year=2020, rows=[item_row("删了又要的", month=3), item_row("别的", month=4)])
    walk_to(plan.review, State.APPROVED, cast)
    session = make_closed_session(cast, plan_item=plan.items.get(topic="删了又要的"), starts_at=moment(2020, 3, 6))
    revise_plan(plan=plan, by=cast.office, at=now, seen_version=plan.review.version)
    first, second = plan.items.order_by("position")
    rows = [type(item_row())(item.pk, {"topic": item.topic, "month": item.month}, []) for item in (first, second)]
    plan.refresh_from_db()
    save_plan(plan=plan, seen_version=plan.version, head={}, rows=rows[1:], by=cast.office, at=now)
    assert PlanItem.objects.get(pk=first.pk).dropped_at == now
    save_plan(plan=plan, seen_version=plan.version + 1, head={}, rows=rows, by=cast.propaganda, at=now)
    assert list(plan.items.kept()) == [first, second]
    assert laid_out(cast, cast.office).rows[0].sessions == [session]


def test_only_what_is_due_is_called_missing(cast, as_, now):
    today = timezone.localdate()
    make_annual_plan(cast, year=today.year - 1, rows=[item_row("没有办", month=1)])
    make_annual_plan(cast, year=today.year + 1, rows=[item_row("明年的", month=1)])
    address = f"/plans/?group={cast.group.pk}&year="
    assert "</span> 缺</span>" in as_(cast.office).get(f"{address}{today.year - 1}").content.decode()
    coming = as_(cast.office).get(f"{address}{today.year + 1}").content.decode()
    assert "</span> 待安排</span>" in coming
    assert "</span> 缺</span>" not in coming


def test_members_do_not_see_a_draft_year(cast, as_, now):
    make_annual_plan(cast, year=2020, rows=[item_row("草稿里的专题")])
    page = as_(cast.m1).get(f"/plans/?group={cast.group.pk}&year=2020").content.decode()
    assert "草稿里的专题" not in page
    assert "还没有审定的年度计划" in page


def test_months_are_shown_also_without_an_annual_plan(cast, as_, now):
    make_monthly_plan(cast, year=2020, month=3, rows=[item_row("只有三月")])
    page = as_(cast.office).get(f"/plans/?group={cast.group.pk}&year=2020").content.decode()
    assert "只有三月" in page
    assert "编制2020年计划" in page


def test_the_annual_plan_is_read_on_its_years_page(cast, as_, now):
    plan = make_annual_plan(cast, year=2020)
    response = as_(cast.office).get(f"/plans/{plan.pk}/")
    assert response.headers["Location"] == f"/plans/?group={cast.group.pk}&year=2020"


def test_filing_is_shown_with_the_plan(cast, as_, now):
    plan = make_annual_plan(cast, year=2020)
    address = f"/plans/?group={cast.group.pk}&year=2020"
    assert "审定后才能报备" in as_(cast.office).get(address).content.decode()
    walk_to(plan.review, State.APPROVED, cast)
    assert "登记报备" in as_(cast.office).get(address).content.decode()
    Filing.objects.create(
        group=cast.group, subject="annual_plan", year=2020, filed_to="县委宣传部", filed_on=date(2020, 1, 20)
    )
    page = as_(cast.office).get(address).content.decode()
    assert "县委宣传部　2020-01-20" in page
    assert "</span> 还没有报备" not in page  # the badge


@pytest.mark.parametrize("person", ["office", "m1"])
def test_year_page_asks_no_more_queries_for_120_topics_than_for_12(cast, as_, now, person):
    plan = make_annual_plan(cast, year=2020, rows=[item_row(f"{m}月的", month=m) for m in range(1, 13)])
    for month in range(1, 13):
        create_monthly_plan(group=cast.group, year=2020, month=month, by=cast.office, at=now)
    walk_to(plan.review, State.APPROVED, cast)
    client = as_(getattr(cast, person))
    address = f"/plans/?group={cast.group.pk}&year=2020"

    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        return len(captured)

    queries()
    few = queries()
    item = plan.items.first()
    for number in range(108):
        extra = PlanItem.objects.create(annual_plan=plan, position=99, month=number % 12 + 1, topic=f"专题{number}")
        extra.kinds.set(item.kinds.all())
        if number < 30:
            make_session(cast, plan_item=extra, starts_at=moment(2020, 3, 1) + timedelta(days=number))
    with CaptureQueriesContext(connection) as lights:
        board_of(getattr(cast, person), cast.group, 2020, timezone.localdate())
    assert queries() == few <= MOST_QUERIES + len(lights)


def test_month_page_asks_the_same_number_of_queries_for_1_and_30_rows(cast, as_, now):
    plan = make_monthly_plan(cast, year=2020, month=3, rows=[item_row("唯一")])
    client = as_(cast.office)

    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert client.get(f"/plans/months/{plan.pk}/").status_code == 200
        return len(captured)

    queries()
    few = queries()
    item = plan.items.get()
    for number in range(29):
        extra = PlanItem.objects.create(monthly_plan=plan, position=number + 2, month=3, topic=f"专题{number}")
        extra.kinds.set(item.kinds.all())
        make_session(cast, plan_item=extra, starts_at=moment(2020, 3, 1))
    assert queries() == few <= 20
