"""补充学习内容: a new instruction comes into force on its own short way and leaves the plan as it is."""

import pytest
from django.db import IntegrityError, transaction

from reviews.chain import Move, State
from reviews.models import ReviewCase
from sessions_app.actions.plan import revise_plan, save_plan, submit_plan
from sessions_app.actions.session import draft_from_item
from sessions_app.actions.supplement import (
    add_supplement,
    change_supplement,
    discard_supplement,
    submit_supplement,
)
from sessions_app.models import MonthlyPlan, PlanItem
from studygroup.lib.errors import NotAllowed, Overtaken, Refused
from studygroup.lib.models import AuditEntry
from tests.factories import item_row, judge, make_monthly_plan, make_supplement, walk_to

DATA = {"topic": "新的讲话", "basis": "3月5日在代表团的讲话", "date_text": "3月下旬"}


def fresh(plan):
    return MonthlyPlan.objects.select_related("review", "group").get(pk=plan.pk)


def approved_month(cast, **facts):
    plan = make_monthly_plan(cast, year=2026, month=3, rows=[item_row("原定专题")], **facts)
    walk_to(plan.review, State.APPROVED, cast)
    return fresh(plan)


def test_supplement_to_an_approved_month_goes_its_own_way_and_is_then_in_force(cast, as_, now):
    plan = approved_month(cast)
    address = f"/plans/months/{plan.pk}/"
    response = as_(cast.office).post(f"{address}supplement/", DATA)
    item = plan.items.get(is_supplement=True)
    assert response.headers["Location"] == f"/plans/supplements/{item.pk}/"
    assert fresh(plan).review.state == State.APPROVED  # the plan stays as it is
    assert (item.review.kind, item.review.state, item.basis) == ("plan_supplement", State.DRAFT, DATA["basis"])
    assert "草稿，还没有提交" in as_(cast.office).get(address).content.decode()
    assert "新的讲话" not in as_(cast.m1).get(address).content.decode()
    assert as_(cast.m1).get(f"/plans/supplements/{item.pk}/").status_code == 404
    with pytest.raises(Refused, match="还没有审定"):
        draft_from_item(item=item, by=cast.office, at=now)

    seen = {"seen_version": item.review.version, "seen_text": item.version}
    as_(cast.office).post(f"/plans/supplements/{item.pk}/submit/", seen)
    case = ReviewCase.objects.get(pk=item.review_id)
    assert case.state == State.FINAL_GATE
    assert ReviewCase.objects.awaiting(cast.secretary).get() == case
    assert "等组长审定" in as_(cast.office).get(address).content.decode()
    assert "新的讲话" not in as_(cast.m1).get(f"/plans/?year=2026&group={cast.group.pk}").content.decode()

    judge(case, Move.PASS, by=cast.secretary)
    for page in (address, f"/plans/?year=2026&group={cast.group.pk}", f"/plans/supplements/{item.pk}/"):
        assert "新的讲话" in as_(cast.m1).get(page).content.decode()
    session, is_new = draft_from_item(item=PlanItem.objects.get(pk=item.pk), by=cast.office, at=now)
    assert (session.title, is_new) == ("新的讲话", True)


def test_supplement_to_a_month_still_being_written_is_a_row_of_it(cast, as_, now):
    plan = make_monthly_plan(cast, year=2026, month=3, rows=[item_row("原定专题")])
    response = as_(cast.office).post(f"/plans/months/{plan.pk}/supplement/", DATA)
    assert response.headers["Location"] == f"/plans/months/{plan.pk}/"
    assert plan.items.get(is_supplement=True).review is None
    assert fresh(plan).version == plan.version + 1  # a table open elsewhere does not have the row
    assert not ReviewCase.objects.filter(kind="plan_supplement").exists()


def test_supplement_to_a_month_under_review_does_not_disturb_it(cast, now):
    plan = make_monthly_plan(cast, year=2026, month=3, rows=[item_row("原定专题")])
    submit_plan(plan=plan, by=cast.office, at=now, seen_version=plan.review.version)
    item = make_supplement(cast, plan=fresh(plan))
    assert fresh(plan).review.state == State.SECOND_REVIEW
    assert item.review.state == State.DRAFT


def test_saving_the_table_neither_changes_nor_removes_nor_approves_a_supplement(cast, as_, now):
    plan = approved_month(cast)
    waiting, accepted = (
        make_supplement(cast, plan=plan, topic="等审定的"),
        make_supplement(cast, plan=plan, topic="已审定的"),
    )
    walk_to(waiting.review, State.FINAL_GATE, cast)
    walk_to(accepted.review, State.APPROVED, cast)
    revise_plan(plan=plan, by=cast.office, at=now, seen_version=plan.review.version)
    plan = fresh(plan)
    page = as_(cast.office).get(f"/plans/months/{plan.pk}/edit/")
    assert {form["topic"].value() for form in page.context["table"] if form["id"].value()} == {"原定专题"}
    assert "等审定的" in page.content.decode()

    # Neither an empty table nor one that names their ids gets at them.
    forged = [item_row("改掉", month=3), *(item_row("偷换", month=3) for _ in range(2))]
    rows = [
        forged[0],
        *(type(row)(item.pk, row.values, row.kinds) for row, item in zip(forged[1:], (waiting, accepted), strict=True)),
    ]
    save_plan(plan=plan, seen_version=plan.version, head={}, rows=rows, by=cast.office, at=now)
    assert {i.topic for i in plan.items.supplements()} == {"等审定的", "已审定的"}
    assert plan.items.get(topic="等审定的").review.state == State.FINAL_GATE

    plan = fresh(plan)
    submit_plan(plan=plan, by=cast.office, at=now, seen_version=plan.review.version)
    table = next(b for b in plan.review.versions.order_by("-number").first().content if b["type"] == "table")
    topics = [row[table["head"].index("主题")] for row in table["rows"]]
    assert topics == ["改掉", "偷换", "偷换", "已审定的"]  # what nobody has approved is not in the version
    assert table["ids"][-1] == accepted.pk


def test_returned_supplement_is_mended_and_its_points_answered(cast, as_, now):
    item = make_supplement(cast)
    walk_to(item.review, State.RETURNED, cast)
    page = as_(cast.office).get(f"/plans/supplements/{item.pk}/")
    (point,) = page.context["points"]
    assert point.text in page.content.decode()
    item.refresh_from_db()
    changed = {**DATA, "topic": "改好的讲话", "version": item.version}
    assert as_(cast.propaganda).post(f"/plans/supplements/{item.pk}/edit/", changed).status_code == 302
    item.refresh_from_db()
    assert (item.topic, item.review.title) == ("改好的讲话", "补充学习：改好的讲话")
    seen = {"seen_version": item.review.version, "seen_text": item.version, f"answer-{point.pk}": "已补充"}
    as_(cast.office).post(f"/plans/supplements/{item.pk}/submit/", seen)
    item.refresh_from_db()
    assert item.review.state == State.FINAL_GATE


def test_second_writer_of_a_supplement_is_told_and_loses_nothing(cast, as_, now):
    item = make_supplement(cast)
    values = {"topic": "别人先存的", "basis": item.basis}
    change_supplement(item=item, seen_version=0, values=values, kinds=[], by=cast.propaganda, at=now)
    response = as_(cast.office).post(f"/plans/supplements/{item.pk}/edit/", {**DATA, "topic": "我写的", "version": 0})
    page = response.content.decode()
    assert response.status_code == 409
    assert "别人先存的" in page
    assert "我写的" in page
    with pytest.raises(Overtaken, match="被别人修改过"):
        submit_supplement(item=item, by=cast.office, at=now, seen_version=0, seen_text=0)


@pytest.mark.parametrize("state", [State.FINAL_GATE, State.APPROVED])
def test_what_was_handed_in_is_neither_changed_nor_thrown_away(cast, now, state):
    item = make_supplement(cast)
    walk_to(item.review, state, cast)
    item.refresh_from_db()
    values = {"topic": "偷偷改", "basis": "x"}
    with pytest.raises(Refused, match="不能直接修改"):
        change_supplement(item=item, seen_version=item.version, values=values, kinds=[], by=cast.office, at=now)
    with pytest.raises(Refused, match="不能作废"):
        discard_supplement(item, seen_version=item.version, by=cast.office, at=now)
    item.refresh_from_db()
    assert item.topic == "新的讲话"


def test_a_draft_is_thrown_away_with_its_case(cast, as_):
    item = make_supplement(cast)
    response = as_(cast.office).post(f"/plans/supplements/{item.pk}/discard/", {"version": item.version})
    assert response.status_code == 302
    assert not PlanItem.objects.filter(pk=item.pk).exists()
    assert not ReviewCase.objects.filter(pk=item.review_id).exists()


@pytest.mark.parametrize("state", [State.RETURNED, State.DRAFT])
def test_what_was_handed_in_and_is_no_longer_wanted_is_set_aside_and_leaves_the_to_do(cast, as_, now, state):
    item = make_supplement(cast)
    walk_to(item.review, State.RETURNED if state == State.RETURNED else State.FINAL_GATE, cast)
    if state == State.DRAFT:
        judge(item.review, Move.WITHDRAW, by=cast.office)
    item.refresh_from_db()
    detail = f"/plans/supplements/{item.pk}/"
    client = as_(cast.office)
    assert "补充学习：新的讲话" in client.get("/").content.decode()
    assert "内容和审核记录保留备查" in client.get(f"{detail}discard/").content.decode()
    assert client.post(f"{detail}discard/", {"version": item.version}).status_code == 302
    item.refresh_from_db()
    assert (item.dropped_at is not None, item.review.round) == (True, 1)
    assert AuditEntry.objects.filter(action="plan_supplement.discard").count() == 1
    assert "补充学习：新的讲话" not in client.get("/").content.decode()
    assert "已作废" in client.get(f"/plans/months/{item.monthly_plan_id}/").content.decode()
    page = client.get(detail).content.decode()
    assert "已作废" in page
    assert f"{detail}submit/" not in page
    with pytest.raises(Refused, match="已经作废"):
        submit_supplement(item=item, by=cast.office, at=now, seen_version=item.review.version)
    assert client.post(f"{detail}discard/", {"version": item.version}).status_code == 400
    assert item.topic not in as_(cast.m1).get(f"/plans/months/{item.monthly_plan_id}/").content.decode()


def test_supplement_needs_its_source(cast, as_, now):
    plan = make_monthly_plan(cast, year=2026, month=3, rows=[item_row()])
    response = as_(cast.office).post(f"/plans/months/{plan.pk}/supplement/", {"topic": "新的讲话", "basis": ""})
    assert response.context["form"].errors["basis"]
    with pytest.raises(IntegrityError), transaction.atomic():
        add_supplement(plan=plan, values={"topic": "新的讲话", "basis": ""}, kinds=[], by=cast.office, at=now)


def test_members_and_strangers_add_nothing(cast, as_, now):
    plan = approved_month(cast)
    assert as_(cast.m1).post(f"/plans/months/{plan.pk}/supplement/", DATA).status_code == 403
    assert as_(cast.foreign_office).post(f"/plans/months/{plan.pk}/supplement/", DATA).status_code == 404
    with pytest.raises(NotAllowed):
        add_supplement(plan=plan, values=DATA, kinds=[], by=cast.secretary, at=now)
    assert plan.items.count() == 1


def test_home_tells_the_office_of_a_supplement_not_handed_in(cast, as_):
    make_supplement(cast)
    assert "补充学习：新的讲话" in as_(cast.office).get("/").content.decode()
