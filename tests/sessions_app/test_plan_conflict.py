"""Two people save one plan: the second sees cell by cell what the first has stored."""

from sessions_app.actions.plan import ItemRow, save_plan
from tests.factories import item_row, kind, make_annual_plan
from tests.sessions_app.test_plan import table


def saved_meanwhile(cast, now, plan, rows, **head):
    save_plan(plan=plan, seen_version=plan.version, head=head, rows=rows, by=cast.propaganda, at=now)


def two_rows(cast):
    kind("three_in_one")
    plan = make_annual_plan(cast, year=2026, rows=[item_row("甲", month=3), item_row("乙", month=5)])
    return plan, *plan.items.order_by("position")


def typed(item, **changed):
    return {"id": item.pk, "month": f"{item.month}月", "topic": item.topic, "kinds": "集体学习研讨"} | changed


def test_cells_that_differ_show_what_is_stored_and_keep_what_was_typed(cast, as_, now):
    plan, a, b = two_rows(cast)
    stored = ItemRow(a.pk, {"topic": "甲被改", "month": 3, "lead_readers": "李四"}, [kind()])
    saved_meanwhile(cast, now, plan, [stored, ItemRow(b.pk, {"topic": "乙", "month": 5}, [kind()])])
    mine = [typed(a, topic="我改的甲", lead_readers=""), typed(b, month="五月")]
    response = as_(cast.office).post(f"/plans/{plan.pk}/edit/", table(*mine, version=plan.version))
    assert response.status_code == 409
    first, second = response.context["table"].forms
    assert first.stored == {"topic": "甲被改", "lead_readers": "李四"}
    assert second.stored == {}  # “五月” says the same
    page = response.content.decode()
    assert "▲ 已保存的是：甲被改" in page
    assert "我改的甲" in page
    plan.refresh_from_db()
    assert plan.items.get(pk=a.pk).topic == "甲被改"


def test_a_row_somebody_added_is_kept_by_saving_again(cast, as_, now):
    plan, a, b = two_rows(cast)
    kept = [ItemRow(i.pk, {"topic": i.topic, "month": i.month}, [kind()]) for i in (a, b)]
    saved_meanwhile(cast, now, plan, [*kept, item_row("别人加的", month=7, kinds=[kind("three_in_one")])])
    response = as_(cast.office).post(
        f"/plans/{plan.pk}/edit/", table(typed(a, topic="我改的甲"), typed(b), version=plan.version)
    )
    joined = response.context["table"].forms[-1]
    assert (joined["topic"].value(), joined["kinds"].value(), joined.is_joined) == ("别人加的", "三元一体", True)
    assert "别人新加" in response.content.decode()
    again = {field.html_name: field.value() or "" for form in response.context["table"].forms for field in form}
    again |= {"title": plan.title, "version": response.context["form"]["version"].value()}
    again |= {"rows-TOTAL_FORMS": 3, "rows-INITIAL_FORMS": 0}
    assert as_(cast.office).post(f"/plans/{plan.pk}/edit/", again).status_code == 302
    assert [item.topic for item in plan.items.order_by("position")] == ["我改的甲", "乙", "别人加的"]


def test_a_row_somebody_removed_is_marked_and_comes_back_by_saving_again(cast, as_, now):
    plan, a, b = two_rows(cast)
    saved_meanwhile(cast, now, plan, [ItemRow(a.pk, {"topic": "甲", "month": 3}, [kind()])])
    response = as_(cast.office).post(f"/plans/{plan.pk}/edit/", table(typed(a), typed(b), version=plan.version))
    assert [form.is_gone for form in response.context["table"].forms] == [False, True]
    assert "别人已删" in response.content.decode()
    version = response.context["form"]["version"].value()
    as_(cast.office).post(f"/plans/{plan.pk}/edit/", table(typed(a), typed(b), version=version))
    assert [item.topic for item in plan.items.order_by("position")] == ["甲", "乙"]


def test_words_around_the_table_are_compared_too(cast, as_, now):
    plan, a, b = two_rows(cast)
    rows = [ItemRow(i.pk, {"topic": i.topic, "month": i.month}, [kind()]) for i in (a, b)]
    saved_meanwhile(cast, now, plan, rows, aims="别人写的目的")
    data = table(typed(a), typed(b), version=plan.version, aims="我写的目的", title=plan.title)
    page = as_(cast.office).post(f"/plans/{plan.pk}/edit/", data).content.decode()
    assert "学习目的：已保存的是" in page
    assert "别人写的目的" in page
    assert "我写的目的" in page
