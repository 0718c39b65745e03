"""本组设置: numbers with their meaning, and the steps of 两审一把关 only the leader changes."""

import json

import pytest
from django.urls import reverse

from accounts.actions.organizations import change_group_settings
from accounts.models import StudyGroup
from reviews.actions.route import routes_of
from reviews.models import ReviewRoute
from studygroup.lib.models import AuditEntry
from tests.factories import make_submission, walk_to

NUMBERS = {
    "sign_in_opens_minutes": "45",
    "late_after_minutes": "10",
    "sign_in_closes_minutes": "90",
    "reopen_within_days": "7",
    "make_up_days": "21",
    "make_up_for_late": "on",
    "version": "0",
}


def address(cast, name="group_settings") -> str:
    return reverse(name, args=[cast.group.pk])


def stored(cast) -> StudyGroup:
    return StudyGroup.objects.get(pk=cast.group.pk)


def test_the_office_changes_the_numbers_and_reads_what_they_mean(cast, as_):
    client = as_(cast.office)
    assert "9:00 的学习，8:30 起可以签到。" in client.get(address(cast)).content.decode()
    assert client.post(address(cast), NUMBERS).status_code == 302
    group = stored(cast)
    assert (group.sign_in_opens_minutes, group.make_up_days, group.make_up_for_late, group.version) == (45, 21, True, 1)
    text = client.get(address(cast)).content.decode()
    for sentence in ("8:15 起可以签到", "9:10 以后签到的记为迟到", "21 天内补学", "迟到的也要补学"):
        assert sentence in text
    assert AuditEntry.objects.get(action="study_group.settings").detail["values"]["make_up_days"] == "21"


def test_the_second_of_two_writers_is_told_what_stands_there(cast, as_, now):
    change_group_settings(group=cast.group, seen_version=0, changes={"make_up_days": 30}, by=cast.propaganda, at=now)
    response = as_(cast.office).post(address(cast), NUMBERS)
    text = response.content.decode()
    assert response.status_code == 409
    assert "现在的设置" in text
    assert 'value="21"' in text
    assert stored(cast).make_up_days == 30
    assert as_(cast.office).post(address(cast), NUMBERS | {"version": "1"}).status_code == 302


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("sign_in_opens_minutes", "-1", "不能小于 0"),
        ("make_up_days", "0", "不能小于 1"),
        ("reopen_within_days", "9999", "不能大于 366"),
        ("sign_in_closes_minutes", "10", "停止签到应晚于算迟到的时间"),
        ("late_after_minutes", "很久", "invalid-feedback"),
    ],
)
def test_numbers_without_sense_are_told_at_the_field(cast, as_, name, value, told):
    response = as_(cast.office).post(address(cast), NUMBERS | {name: value})
    assert response.status_code == 200
    assert told in response.content.decode()
    assert stored(cast).version == 0


def test_the_leader_reads_the_numbers_and_only_he_changes_the_steps(cast, as_):
    text = as_(cast.secretary).get(address(cast)).content.decode()
    assert "8:30 起可以签到" in text
    assert "修改审核环节" in text
    assert as_(cast.secretary).post(address(cast), NUMBERS).status_code == 403
    assert "修改审核环节" not in as_(cast.office).get(address(cast)).content.decode()
    assert as_(cast.office).get(address(cast, "group_steps")).status_code == 403
    assert as_(cast.m1).get(address(cast)).status_code == 403
    assert stored(cast).version == 0


def steps(cast, **kinds) -> dict:
    """The form as the leader sends it: everything as it stands but for the kinds named."""
    there = routes_of(cast.group)
    told = {kind: [step for step in found if step != "final_gate"] for kind, found in there.items()}
    return {"seen": json.dumps(there), **told, **kinds}


def test_fewer_steps_hold_for_what_is_handed_in_from_now_on(cast, as_):
    before = make_submission(cast, title="早交的")
    walk_to(before.review, "first_review", cast)
    client = as_(cast.secretary)
    assert client.post(address(cast, "group_steps"), steps(cast, reflection=["second_review"])).status_code == 302
    assert ReviewRoute.objects.get(group=cast.group).steps == ["second_review", "final_gate"]
    before.review.refresh_from_db()
    assert before.review.steps == ["first_review", "second_review", "final_gate"]
    assert make_submission(cast, title="晚交的").review.steps == ["second_review", "final_gate"]
    assert "复审 → 把关" in client.get(address(cast)).content.decode()
    assert AuditEntry.objects.filter(action="review_route.change").count() == 1


def test_nobody_takes_the_gate_away_and_the_second_writer_is_told(cast, as_):
    client, stale = as_(cast.secretary), steps(cast, reflection=[])
    for kind in ("speech", "reflection"):
        assert client.post(address(cast, "group_steps"), steps(cast, **{kind: []})).status_code == 302
    assert ReviewRoute.objects.get(kind="speech").steps == ["final_gate"]
    late = client.post(address(cast, "group_steps"), stale)
    assert late.status_code == 409
    assert "现在的环节" in late.content.decode()
    broken = client.post(address(cast, "group_steps"), steps(cast) | {"seen": "[["})
    assert broken.status_code == 409


@pytest.mark.parametrize(
    ("said", "kept"), [("7、3、1", "7,3,1"), ("1 5", "5,1"), ("提前10天", "10"), ("", ""), ("3，3,3", "3")]
)
def test_days_of_reminding_are_read_as_people_write_them(cast, as_, said, kept):
    response = as_(cast.office).post(address(cast), NUMBERS | {"reminder_days": said})
    assert response.status_code == 302, response.content.decode()
    cast.group.refresh_from_db()
    assert cast.group.reminder_days == kept


@pytest.mark.parametrize("said", ["明天", "0", "61", "1,2,3,4,5,6", "-"])
def test_days_that_cannot_be_are_refused(cast, as_, said):
    page = as_(cast.office).post(address(cast), NUMBERS | {"reminder_days": said})
    assert "请写 1 到 60 之间的天数" in page.content.decode()
    cast.group.refresh_from_db()
    assert cast.group.reminder_days == "7,3,1"
