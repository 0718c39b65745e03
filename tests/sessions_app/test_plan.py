"""Plans as the office types them: cells, order, versions, supplements, the way to approval."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from reviews.chain import Move, State
from sessions_app.actions.plan import (
    create_annual_plan,
    create_monthly_plan,
    save_plan,
    submit_plan,
)
from sessions_app.forms.plan import AnnualItemForm
from sessions_app.models import AnnualPlan, MonthlyPlan, PlanItem
from sessions_app.models.plan import MOST_ITEMS
from studygroup.lib.errors import NotAllowed, Refused
from tests.factories import item_row, kind, make_annual_plan, make_monthly_plan, make_supplement, walk_to

BLANK = {"id": "", "position": "", "month": "", "topic": "", "content": "", "kinds": ""}


def table(*rows, version=0, title="年度学习计划", **more):
    """POST data of the plan table."""
    data = {"title": title, "version": version, "rows-TOTAL_FORMS": len(rows), "rows-INITIAL_FORMS": 0, **more}
    for index, row in enumerate(rows):
        data |= {f"rows-{index}-{name}": value for name, value in {**BLANK, "position": index + 1, **row}.items()}
    return data


def draft(cast, now, year=2026):
    return create_annual_plan(group=cast.group, year=year, by=cast.office, at=now)


def test_table_stores_rows_in_the_order_of_their_numbers(cast, as_, now):
    kind("collective_study"), kind("three_in_one")
    plan = draft(cast, now)
    first = {"month": "三月", "topic": "乡村振兴", "kinds": "三元一体、集体学习研讨", "position": "2"}
    second = {"month": "1", "topic": "二十大精神", "position": "1"}
    response = as_(cast.office).post(f"/plans/{plan.pk}/edit/", table(first, second, {}))
    assert response.status_code == 302
    items = list(plan.items.order_by("position"))
    assert [(i.topic, i.month) for i in items] == [("二十大精神", 1), ("乡村振兴", 3)]
    assert {k.slug for k in items[1].kinds.all()} == {"three_in_one", "collective_study"}


def test_removing_and_changing_rows_keeps_the_ids_of_the_others(cast, as_, now):
    plan = make_annual_plan(cast, rows=[item_row("甲"), item_row("乙")])
    a, b = plan.items.order_by("position")
    rows = [
        {"id": a.pk, "month": "3", "topic": "甲", "remove": "on"},
        {"id": b.pk, "month": "4月", "topic": "乙改"},
    ]
    as_(cast.office).post(f"/plans/{plan.pk}/edit/", table(*rows, version=plan.version))
    assert [(i.pk, i.topic, i.month) for i in plan.items.all()] == [(b.pk, "乙改", 4)]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"month": "3", "topic": "", "content": "只有篇目"}, "请填写学习专题"),
        ({"month": "13", "topic": "专题"}, "月份“13”不对，应是 1 到 12"),
        ({"month": "", "topic": "专题"}, "月份"),
        ({"month": "3", "topic": "题" * 10_000}, "200"),
        ({"month": "3", "topic": "专题", "kinds": "打卡"}, "没有“打卡”这种学习形式"),
        ({"month": "3", "topic": "专题", "content_class": "乱写"}, "不在可选范围"),
    ],
)
def test_a_wrong_cell_is_named_and_nothing_typed_is_lost(cast, as_, now, row, message):
    plan = draft(cast, now)
    good = {"month": "5", "topic": "没有问题的一行", "remark": "备注也在"}
    response = as_(cast.office).post(f"/plans/{plan.pk}/edit/", table(good, row))
    page = response.content.decode()
    assert message in page
    assert "没有问题的一行" in page
    assert "备注也在" in page
    assert all(value in page for value in row.values())
    assert not plan.items.exists()


def test_a_plan_of_four_hundred_rows_is_typed_as_it_is_imported(cast, as_):
    plan = make_annual_plan(cast, rows=[item_row(f"专题{n}", month=n % 12 + 1) for n in range(MOST_ITEMS)])
    ids = dict(plan.items.values_list("topic", "pk"))
    blank = dict.fromkeys(AnnualItemForm.columns, "")
    rows = [blank | {"id": pk, "month": "5", "topic": topic, "remark": "已核"} for topic, pk in ids.items()]
    response = as_(cast.office).post(f"/plans/{plan.pk}/edit/", table(*rows, {}, {}, {}, version=plan.version))
    assert response.status_code == 302
    assert plan.items.filter(remark="已核", month=5).count() == MOST_ITEMS


def test_pasted_rows_join_the_table_without_script(cast, as_, now):
    plan = draft(cast, now)
    pasted = "6月\t党史学习\t《中国共产党简史》\n7月\t=1+1\t"
    data = table({"month": "5", "topic": "原有一行"}, more="1", paste=pasted)
    page = as_(cast.office).post(f"/plans/{plan.pk}/edit/", data).content.decode()
    assert all(text in page for text in ("原有一行", "党史学习", "《中国共产党简史》", "=1+1"))
    assert not plan.items.exists()


def test_second_writer_sees_both_texts_and_may_then_save(cast, as_, now):
    plan = make_annual_plan(cast, rows=[item_row("先保存的专题")])
    stale = table({"month": "3", "topic": "后到的专题"}, version=0)
    response = as_(cast.propaganda).post(f"/plans/{plan.pk}/edit/", stale)
    page = response.content.decode()
    assert response.status_code == 409
    assert "先保存的专题" in page
    assert "后到的专题" in page
    assert [i.topic for i in plan.items.all()] == ["先保存的专题"]
    again = table({"month": "3", "topic": "后到的专题"}, version=response.context["form"]["version"].value())
    assert as_(cast.propaganda).post(f"/plans/{plan.pk}/edit/", again).status_code == 302
    assert [i.topic for i in plan.items.all()] == ["后到的专题"]


def test_one_annual_plan_per_group_and_year(cast, as_, now):
    draft(cast, now)
    with pytest.raises(Refused, match="已经有了"):
        draft(cast, now)
    response = as_(cast.office).post("/plans/new/", {"group": cast.group.pk, "year": 2026})
    assert "已经有了" in response.content.decode()


def test_month_13_is_refused_at_the_field_and_by_the_database(cast, as_, now):
    response = as_(cast.office).post("/plans/new/", {"group": cast.group.pk, "year": 2026, "month": 13})
    assert "月份应是 1 到 12" in response.content.decode()
    assert not MonthlyPlan.objects.exists()
    plan = draft(cast, now)
    with pytest.raises(IntegrityError), transaction.atomic():
        PlanItem.objects.create(annual_plan=plan, position=1, month=13, topic="专题")


def test_a_month_is_drawn_from_the_year(cast, now):
    make_annual_plan(
        cast, year=2026, rows=[item_row("三月的", month=3, lead_readers="张三"), item_row("五月的", month=5)]
    )
    plan = create_monthly_plan(group=cast.group, year=2026, month=3, by=cast.office, at=now)
    (item,) = plan.items.all()
    assert (item.topic, item.lead_readers, item.drawn_from.annual_plan.year) == ("三月的", "张三", 2026)


def test_plan_goes_through_study_secretary_and_leader(cast, as_, now):
    plan = make_annual_plan(cast, year=2026)
    address = f"/plans/{plan.pk}/"
    assert "提交审定" in as_(cast.office).get(address, follow=True).content.decode()
    as_(cast.office).post(f"{address}submit/", {"seen_version": plan.review.version, "seen_text": plan.version})
    plan.review.refresh_from_db()
    assert plan.review.state == State.SECOND_REVIEW
    assert as_(cast.office).get(f"{address}edit/").status_code == 400  # under review: not editable
    assert as_(cast.m1).get(address).status_code == 404  # not approved yet: members do not see it
    walk_to(plan.review, State.APPROVED, cast)
    assert "学习二十大精神" in as_(cast.m1).get(address, follow=True).content.decode()
    assert [(e.move, e.by) for e in plan.review.entries.all()] == [
        (Move.SUBMIT, cast.office),
        (Move.PASS, cast.propaganda),
        (Move.PASS, cast.secretary),
    ]


def test_an_empty_plan_cannot_be_handed_in(cast, as_, now):
    plan = draft(cast, now)
    response = as_(cast.office).post(f"/plans/{plan.pk}/submit/", {"seen_version": 0, "seen_text": 0})
    assert response.status_code == 400
    assert "至少填写一行" in response.content.decode()


def test_nobody_hands_in_what_a_colleague_changed_since_he_read_it(cast, as_, now):
    plan = make_annual_plan(cast, year=2026, rows=[item_row("读过的专题")])
    seen = {"seen_version": plan.review.version, "seen_text": plan.version}
    as_(cast.propaganda).post(
        f"/plans/{plan.pk}/edit/", table({"month": "3", "topic": "别人改的"}, version=plan.version)
    )
    response = as_(cast.office).post(f"/plans/{plan.pk}/submit/", seen)
    assert response.status_code == 409
    assert "被别人修改过" in response.content.decode()
    plan.review.refresh_from_db()
    assert plan.review.state == State.DRAFT


def test_a_table_opened_before_handing_in_cannot_be_saved_after(cast, now):
    plan = make_annual_plan(cast, year=2026, rows=[item_row("送审的专题")])
    opened_before = AnnualPlan.objects.select_related("review").get(pk=plan.pk)
    submit_plan(plan=plan, by=cast.office, at=now, seen_version=plan.review.version)
    with pytest.raises(Refused, match="正在审核"):
        save_plan(plan=opened_before, seen_version=opened_before.version, head={}, rows=[], by=cast.propaganda, at=now)
    assert [item.topic for item in plan.items.all()] == ["送审的专题"]


def test_the_office_takes_a_plan_back_before_any_verdict(cast, as_, now):
    plan = make_annual_plan(cast, year=2026)
    submit_plan(plan=plan, by=cast.office, at=now, seen_version=plan.review.version)
    page = as_(cast.propaganda).get(f"/plans/{plan.pk}/", follow=True).content.decode()
    assert f"/reviews/{plan.review_id}/withdraw/" in page
    as_(cast.propaganda).post(f"/reviews/{plan.review_id}/withdraw/", {"seen_version": plan.review.version})
    plan.review.refresh_from_db()
    assert plan.review.state == State.DRAFT


def test_a_revision_opened_by_mistake_is_taken_back(cast, as_, now):
    plan = make_monthly_plan(cast, year=2026, month=3, rows=[item_row("原定专题")])
    walk_to(plan.review, State.APPROVED, cast)
    added = make_supplement(cast, plan=plan)
    walk_to(added.review, State.APPROVED, cast)  # in force by itself: no change of the plan
    client, address = as_(cast.office), f"/plans/months/{plan.pk}/"
    client.post(f"{address}revise/", {"seen_version": plan.review.version})
    plan.review.refresh_from_db()
    seen = {"seen_version": plan.review.version}
    assert "取消修订" in client.get(address).content.decode()
    assert as_(cast.m1).post(f"{address}restore/", seen).status_code == 403

    item = plan.items.get(topic="原定专题")
    PlanItem.objects.filter(pk=item.pk).update(topic="改动了")
    refused = client.post(f"{address}restore/", seen)
    assert refused.status_code == 400
    assert "已经有改动" in refused.content.decode()
    PlanItem.objects.filter(pk=item.pk).update(topic="原定专题")
    assert client.post(f"{address}restore/", seen).headers["Location"] == address
    plan.review.refresh_from_db()
    assert plan.review.is_approved
    assert f"{address}restore/" not in client.get(address).content.decode()
    todo = client.get("/").content.decode().split("最近审核通过")[0]
    assert plan.title not in todo  # nothing to do any more
    assert client.post(f"{address}restore/", seen).status_code == 409


def test_strangers_and_members_cannot_edit(cast, as_, now):
    plan = make_annual_plan(cast, year=2026)
    assert as_(cast.foreign_office).get(f"/plans/{plan.pk}/").status_code == 404
    assert as_(cast.foreign_office).get(f"/plans/{plan.pk}/edit/").status_code == 404
    assert as_(cast.m1).get(f"/plans/{plan.pk}/edit/").status_code == 403
    assert as_(cast.foreign_office).get(f"/plans/?group={cast.group.pk}").context["group"] == cast.foreign_group
    response = as_(cast.foreign_office).post("/plans/new/", {"group": cast.group.pk, "year": 2030})
    assert response.context["form"].errors["group"]
    with pytest.raises(NotAllowed):
        create_annual_plan(group=cast.group, year=2030, by=cast.m1, at=now)


@pytest.mark.parametrize("path", ["/plans/{pk}/edit/", "/plans/{pk}/versions/"])
def test_pages_ask_the_same_number_of_queries_for_1_and_30_rows(cast, as_, now, path):
    plan = make_annual_plan(cast, year=2026, rows=[item_row("唯一")])
    client = as_(cast.office)

    def queries():
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert client.get(path.format(pk=plan.pk)).status_code == 200
        return len(captured)

    queries()
    few = queries()
    item = plan.items.get()
    for number in range(29):
        extra = PlanItem.objects.create(
            annual_plan=plan, position=number + 2, month=number % 12 + 1, topic=f"专题{number}"
        )
        extra.kinds.set(item.kinds.all())
    assert queries() == few <= 20


def test_annual_plan_visible_to_counts_only_own_groups(cast, now):
    make_annual_plan(cast, year=2026)
    make_annual_plan(cast, year=2026, group=cast.foreign_group, by=cast.foreign_office)
    assert AnnualPlan.objects.visible_to(cast.office).count() == 1
    assert not AnnualPlan.objects.visible_to(cast.supervisor).exists()  # a draft is the group's own
    assert not AnnualPlan.objects.visible_to(cast.m1).exists()
