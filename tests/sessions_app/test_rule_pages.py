"""学习要求: the office changes what is asked; everybody who reads plans may read it."""

import pytest
from django.urls import reverse

from accounts.actions.records import ChangedMeanwhile
from sessions_app.actions.rule import change_rule
from sessions_app.models import StudyRule
from studygroup.lib.models import AuditEntry
from tests.factories import kind


def edit_address(cast, measure="collective_study", period="quarter", year=2026) -> str:
    return f"{reverse('rule_edit', args=[cast.group.pk])}?measure={measure}&period={period}&year={year}"


def rules(cast, measure="collective_study"):
    rows = StudyRule.objects.filter(group=cast.group, measure=measure).order_by("from_year")
    return list(rows.values_list("from_year", "minimum", "is_active"))


def test_the_list_says_each_standard_in_words(cast, as_):
    kind()
    kind("concentrated_study")
    office = as_(cast.office).get(reverse("rule_list"), {"year": 2026}).content.decode()
    for words in ("每季度至少 1 次", "每年不低于 90%", "每年每人至少 2 篇", "1月31日前", "举办前至少 3 天审批通过"):
        assert words in office
    assert "停用" in office
    member = as_(cast.m1).get(reverse("rule_list")).content.decode()
    assert "每季度每人至少 1 本" in member
    assert "停用" not in member
    assert "新增要求" not in member


def test_a_new_standard_holds_from_its_year_and_is_recorded(cast, as_):
    kind()
    client = as_(cast.office)
    assert "2025年及以前的完成情况不变" in client.get(edit_address(cast)).content.decode()
    sent = {"minimum": "2", "basis": "县委通知", "is_active": "on", "version": "0"}
    assert client.post(edit_address(cast), sent).status_code == 302
    assert rules(cast) == [(2017, 1, True), (2026, 2, True)]
    entry = AuditEntry.objects.get(action="study_rule.change")
    assert entry.detail["from_year"] == 2026
    assert entry.detail["values"]["minimum"] == "2"
    assert client.post(edit_address(cast), {**sent, "minimum": "3", "version": "1"}).status_code == 302
    assert rules(cast) == [(2017, 1, True), (2026, 3, True)]


def test_the_second_of_two_writers_is_told_and_loses_nothing(cast, as_, now):
    kind()
    changed = {"group": cast.group, "measure": "collective_study", "period": "quarter", "year": 2026, "at": now}
    change_rule(**changed, seen_version=0, changes={"minimum": 4}, by=cast.propaganda)
    response = as_(cast.office).post(
        edit_address(cast), {"minimum": "2", "basis": "我的依据", "is_active": "on", "version": "0"}
    )
    text = response.content.decode()
    assert response.status_code == 409
    assert "现在的内容" in text
    assert "我的依据" in text
    assert rules(cast)[-1] == (2026, 4, True)
    with pytest.raises(ChangedMeanwhile):
        change_rule(**changed, seen_version=0, changes={"minimum": 3}, by=cast.office)


@pytest.mark.parametrize("minimum", ["0", "-1", "367", "", "x", "99999999999999999999"])
def test_a_number_that_makes_no_sense_is_told_at_the_field(cast, as_, minimum):
    kind()
    sent = {"minimum": minimum, "is_active": "on", "version": "0"}
    response = as_(cast.office).post(edit_address(cast), sent)
    assert response.status_code == 200
    assert "invalid-feedback" in response.content.decode()
    assert rules(cast) == [(2017, 1, True)]


def test_a_rule_is_switched_off_and_on_again(cast, as_):
    client, address = as_(cast.office), reverse("rule_switch", args=[cast.group.pk])
    told = {"measure": "field_visit", "period": "month", "year": "2026", "version": "0"}
    assert client.post(address, told).status_code == 302
    assert rules(cast, "field_visit") == [(2017, 1, True), (2026, 1, False)]
    assert client.post(address, told).status_code == 409
    assert client.post(address, {**told, "version": "1", "on": "on"}).status_code == 302
    assert rules(cast, "field_visit")[-1] == (2026, 1, True)


def test_something_more_can_be_asked_once(cast, as_):
    kind("three_in_one")
    client, address = as_(cast.office), f"{reverse('rule_new', args=[cast.group.pk])}?year=2026"
    sent = {"measure": "three_in_one", "period": "month", "minimum": "1", "basis": "本镇制度"}
    assert client.post(address, sent).status_code == 302
    assert rules(cast, "three_in_one") == [(2026, 1, True)]
    again = client.post(address, {**sent, "basis": "又一次"})
    assert "已经有同样内容、同样周期的要求" in again.content.decode()
    wrong = client.post(address, {"measure": "attendance_rate", "period": "day", "minimum": "101"}).content.decode()
    assert "周期可以是" in wrong
    assert "最多 100" in wrong
    assert (
        "请写明截止的月和日"
        in client.post(address, {"measure": "roster_filed", "period": "year", "minimum": "1"}).content.decode()
    )


def test_who_may_not_change_rules_is_refused(cast, as_):
    kind()
    for person in (cast.secretary, cast.supervisor, cast.m1):
        client = as_(person)
        assert client.get(edit_address(cast)).status_code == 403
        assert client.post(edit_address(cast), {"minimum": "9", "version": "0"}).status_code == 403
    assert rules(cast) == [(2017, 1, True)]


def test_an_unknown_requirement_is_not_found(cast, as_):
    assert as_(cast.office).get(edit_address(cast, measure="nothing")).status_code == 404
