"""我的自学: the member's own words, two taps each; the office sees and helps; nothing is measured or ranked."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership
from materials.actions.personal_study import add_study, change_study, remove_study
from materials.measures import progress_of, told_of
from materials.models import PersonalStudy
from studygroup.lib.errors import NotAllowed, Overtaken, Refused
from studygroup.lib.models import AuditEntry


def add(cast, person=None, kind="book", day=date(2020, 5, 1), by=None, **facts) -> PersonalStudy:
    person = person or cast.m1
    facts = {"title": "《习近平谈治国理政》第三卷", **facts}
    return add_study(
        group=cast.group, person=person, kind=kind, done_on=day, by=by or person, at=timezone.now(), **facts
    )


def new(kind: str) -> str:
    return f"{reverse('study_new')}?kind={kind}"


def test_a_book_takes_a_title_and_a_press(cast, as_):
    client, today = as_(cast.m1), timezone.localdate().isoformat()
    form = client.get(new("book")).content.decode()
    assert today in form
    assert "一共几小时" not in form
    assert client.post(new("book"), {"title": "《乡土中国》", "done_on": today}).status_code == 302
    row = PersonalStudy.objects.get()
    assert (row.person, row.group, row.kind, row.amount) == (cast.m1, cast.group, "book", 1)
    assert "《乡土中国》" in client.get(reverse("study_list")).content.decode()
    assert AuditEntry.objects.get(action="personal_study.add").detail["values"]["title"] == "《乡土中国》"


def test_a_months_hours_are_told_once_and_changed_afterwards(cast, as_):
    client, month = as_(cast.m1), timezone.localdate().replace(day=1).isoformat()
    sent = {"amount": "22", "done_on": month, "title": ""}
    assert client.post(new("study_hours"), sent).status_code == 302
    assert "已经填过 22 小时" in client.post(new("study_hours"), sent | {"amount": "23"}).content.decode()
    row = PersonalStudy.objects.get()
    assert (row.amount, row.title) == (22, "自学")
    edit = reverse("study_edit", args=[row.pk])
    assert client.post(edit, sent | {"amount": "25", "version": "0"}).status_code == 302
    assert PersonalStudy.objects.get().amount == 25
    stale = client.post(edit, sent | {"amount": "26", "version": "0"})
    assert stale.status_code == 409
    assert "现在的内容" in stale.content.decode()


@pytest.mark.parametrize(
    ("kind", "sent", "told"),
    [
        ("book", {"title": "", "done_on": "2020-01-01"}, "请填写这一项"),
        ("book", {"title": "书", "done_on": "2098-01-01"}, "日期还没有到"),
        ("book", {"title": "书", "done_on": "0202-01-01"}, "2000 年到 2100 年"),
        ("book", {"title": "长" * 201, "done_on": "2020-01-01"}, "最多 200 个字"),
        ("study_hours", {"amount": "0", "done_on": "x"}, "不能小于 1"),
        ("study_hours", {"amount": "745"}, "不能大于 744"),
        ("field_visit", {"title": "某村", "done_on": "昨天"}, "invalid-feedback"),
    ],
)
def test_what_makes_no_sense_is_told_and_not_stored(cast, as_, kind, sent, told):
    response = as_(cast.m1).post(new(kind), sent)
    assert response.status_code == 200
    assert told in response.content.decode()
    assert not PersonalStudy.objects.exists()


def test_his_rows_are_his_own_and_the_offices_to_help_with(cast, as_):
    row = add(cast, note="很受启发")
    edit = reverse("study_edit", args=[row.pk])
    assert as_(cast.m2).get(edit).status_code == 404
    assert as_(cast.secretary).get(edit).status_code == 403
    assert as_(cast.office).get(edit).status_code == 200
    with pytest.raises(NotAllowed):
        add(cast, person=cast.m2, by=cast.m1)
    with pytest.raises(NotAllowed):
        change_study(row=row, seen_version=0, changes={"title": "改"}, by=cast.secretary, at=timezone.now())
    assert as_(cast.m1).post(reverse("study_remove", args=[row.pk]), {"version": "0"}).status_code == 302
    assert not PersonalStudy.objects.exists()
    with pytest.raises(Overtaken):
        remove_study(row=row, seen_version=0, by=cast.m1, at=timezone.now())


def test_the_office_enters_a_paper_slip_for_somebody_on_the_roster(cast, as_):
    client, address = as_(cast.office), f"{reverse('study_enter')}?group={cast.group.pk}&kind=field_visit"
    sent = {"person": cast.m2.pk, "title": "佟家庄村", "done_on": "2020-03-05"}
    assert client.post(address, sent).status_code == 302
    assert PersonalStudy.objects.get().person == cast.m2
    stranger = client.post(address, sent | {"person": cast.foreign_m1.pk, "title": "别处"})
    assert stranger.status_code == 200
    assert cast.foreign_m1.name not in stranger.content.decode()
    elsewhere = f"{reverse('study_enter')}?group={cast.foreign_group.pk}"
    assert client.get(elsewhere).status_code == 404
    with pytest.raises(Refused, match="不在"):
        add(cast, person=cast.foreign_m1, by=cast.office)
    assert PersonalStudy.objects.count() == 1


def test_who_left_the_roster_no_longer_writes(cast, as_):
    Membership.objects.filter(user=cast.m1).update(ends_on=timezone.localdate() - timedelta(days=1))
    response = as_(cast.m1).get(new("book"))
    assert response.status_code == 403
    assert as_(cast.office).get(reverse("study_new"), follow=True).status_code == 200


def test_progress_is_of_the_month_the_quarter_and_the_year(cast):
    today = date(2020, 5, 20)
    add(cast, day=date(2020, 3, 31))
    add(cast, day=date(2020, 4, 1))
    add(cast, kind="study_hours", day=date(2020, 5, 1), amount=31)
    add(cast, kind="field_visit", day=date(2020, 4, 30))
    add(cast, person=cast.m2, day=date(2020, 4, 1))
    found = {one.label: (one.span.label, one.have, one.need) for one in progress_of(cast.m1, cast.group, today)}
    assert found == {
        "自学学时": ("5月", 31, 31),
        "蹲点调研": ("5月", 0, 1),
        "读书": ("二季度", 1, 1),
        "调研报告": ("全年", 0, 2),
    }


def test_the_overview_keeps_the_rosters_order(cast, as_):
    for _ in range(3):
        add(cast, person=cast.m3)
    names = [one.name for one in told_of(cast.group, 2020)]
    assert names == ["书记甲", "副书记乙", "宣委丙", "成员一", "成员二", "成员三"]
    text = as_(cast.office).get(reverse("study_overview"), {"year": 2020}).content.decode()
    assert text.index("书记甲") < text.index("成员三")
    assert "不计分、不排名" in text
    only = as_(cast.office).get(reverse("study_overview"), {"year": 2020, "person": cast.m1.pk}).content.decode()
    assert "这一年还没有人填报" in only
    assert as_(cast.m1).get(reverse("study_overview")).status_code == 403


@pytest.mark.parametrize(("name", "person"), [("study_list", "m1"), ("study_overview", "office")])
def test_pages_ask_the_same_number_of_queries_for_1_and_30_rows(cast, as_, name, person):
    client = as_(getattr(cast, person))

    def queries() -> int:
        client.get(reverse(name), {"year": 2020})
        with CaptureQueriesContext(connection) as captured:
            assert client.get(reverse(name), {"year": 2020}).status_code == 200
        return len(captured)

    add(cast)
    few = queries()
    for _ in range(29):
        add(cast)
    assert queries() == few <= 15
