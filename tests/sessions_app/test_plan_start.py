"""A year's plan begun from last year's or from an outline; a month from the year."""

import pytest

from sessions_app.actions.plan_start import copy_last_year, start_from_outline
from sessions_app.models import AnnualPlan, SessionKind
from sessions_app.models.plan import ContentClass
from sessions_app.outlines import OUTLINES
from sessions_app.rules import with_year
from studygroup.lib.errors import NotAllowed
from tests.factories import item_row, kind, make_annual_plan, make_session


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("本镇2025年学习计划", "本镇2026年学习计划"),
        ("2025年度理论学习", "2026年度理论学习"),
        ("二〇二五年学习计划", "二〇二六年学习计划"),
        ("二○二五年学习计划", "二○二六年学习计划"),
        ("2025 年中央一号文件", "2026 年中央一号文件"),
        ("2025年3月5日的讲话", "2025年3月5日的讲话"),  # a day that was
        ("二〇二五年三月的讲话", "二〇二五年三月的讲话"),
        ("2021—2025年规划", "2021—2025年规划"),
        ("学习《2025年政府工作报告》", "学习《2025年政府工作报告》"),
        ("“2025年先进”称号", "“2025年先进”称号"),
        ("编号12025年", "编号12025年"),
        ("2024年总结", "2024年总结"),
        ("", ""),
    ],
)
def test_the_year_moves_on_only_where_it_is_the_plans_own(before, after):
    assert with_year(before, 2025, 2026) == after


def test_last_years_topics_come_along_without_dates_and_sessions(cast, now):
    row = item_row(
        "2025年重点工作",
        month=4,
        lead_readers="张三",
        remark="备注",
        scope="全体",
        content_class="theory",
        kinds=[kind()],
    )
    source = make_annual_plan(cast, year=2025, rows=[row, item_row("党纪", month=9)])
    AnnualPlan.objects.filter(pk=source.pk).update(aims="做好2025年学习", title="本镇2025年学习计划")
    make_session(cast, plan_item=source.items.first())
    plan = copy_last_year(group=cast.group, year=2026, by=cast.office, at=now)
    first, second = plan.items.order_by("position")
    assert (plan.title, plan.aims, plan.review.state) == ("本镇2026年学习计划", "做好2026年学习", "draft")
    assert (first.topic, first.month, first.lead_readers, first.remark) == ("2026年重点工作", 4, "张三", "备注")
    assert (second.topic, second.month) == ("党纪", 9)
    assert [k.slug for k in first.kinds.all()] == ["collective_study"]
    assert not first.sessions.exists()
    assert first.drawn_from is None
    assert source.items.count() == 2  # the source is as it was


def test_nothing_is_ever_overwritten(cast, as_, now):
    make_annual_plan(cast, year=2025, rows=[item_row("去年的")])
    make_annual_plan(cast, year=2026, rows=[item_row("今年已有的")])
    for start in ("last_year", "months"):
        response = as_(cast.office).post("/plans/new/", {"group": cast.group.pk, "year": 2026, "start": start})
        assert "已经有了" in response.content.decode()
    assert [item.topic for item in AnnualPlan.objects.get(year=2026).items.all()] == ["今年已有的"]


def test_without_last_years_plan_there_is_nothing_to_copy(cast, as_, now):
    make_annual_plan(cast, year=2025, group=cast.foreign_group, by=cast.foreign_office)  # another town's is not ours
    response = as_(cast.office).post("/plans/new/", {"group": cast.group.pk, "year": 2026, "start": "last_year"})
    assert "没有2025年的年度计划" in response.content.decode()
    assert not AnnualPlan.objects.filter(year=2026).exists()


def test_only_editors_begin_plans(cast, now):
    make_annual_plan(cast, year=2025)
    with pytest.raises(NotAllowed):
        copy_last_year(group=cast.group, year=2026, by=cast.m1, at=now)
    with pytest.raises(NotAllowed):
        start_from_outline(group=cast.group, year=2026, outline="months", by=cast.foreign_office, at=now)


@pytest.mark.parametrize("outline", OUTLINES, ids=lambda outline: outline.slug)
def test_an_outline_fills_all_twelve_months_and_every_quarter_discusses(cast, as_, now, outline):
    page = as_(cast.office).get("/plans/new/").content.decode()
    assert outline.label in page
    data = {"group": cast.group.pk, "year": 2026, "start": outline.slug}
    assert as_(cast.office).post("/plans/new/", data).status_code == 302
    items = AnnualPlan.objects.get(year=2026).items.prefetch_related("kinds")
    assert sorted({item.month for item in items}) == list(range(1, 13))
    discussed = {(item.month - 1) // 3 for item in items if any(k.slug == "discussion" for k in item.kinds.all())}
    assert discussed == {0, 1, 2, 3}
    assert all(item.content_class in ContentClass.values for item in items)


def test_an_outline_leaves_out_kinds_the_township_retired(cast, now):
    SessionKind.objects.filter(slug="discussion").update(is_active=False)
    plan = start_from_outline(group=cast.group, year=2026, outline="months", by=cast.office, at=now)
    assert not plan.items.filter(kinds__slug="discussion").exists()
    assert plan.items.count() == 12


def test_an_unknown_start_is_refused_at_the_field(cast, as_):
    response = as_(cast.office).post("/plans/new/", {"group": cast.group.pk, "year": 2026, "start": "nonsense"})
    assert response.context["form"].errors["start"]


def test_an_empty_year_offers_last_years_plan(cast, as_):
    address = f"/plans/?group={cast.group.pk}&year=2026"
    assert "沿用上一年" not in as_(cast.office).get(address).content.decode()
    make_annual_plan(cast, year=2025)
    assert "沿用上一年" in as_(cast.office).get(address).content.decode()
    assert "沿用上一年" not in as_(cast.m1).get(address).content.decode()
