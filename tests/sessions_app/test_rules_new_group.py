"""A group begun today and a year not begun: nothing of either is red. What a supervisor sees of both at home."""

import re
from datetime import date, timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.actions.organizations import create_organization, create_study_group
from accounts.actions.people import appoint
from accounts.models import Appointment, Membership, User
from accounts.models.organization import OrganizationLevel
from accounts.permissions import Role
from sessions_app.measures import LightState, lights_of
from studygroup.desk import desk_of
from tests.factories import make_session


def red(group, today):
    return [one for one in lights_of(group, today.year, today) if one.state == LightState.MISSED]


def begin(cast, day):
    Membership.objects.filter(group=cast.group).update(starts_on=day)
    Appointment.objects.filter(group=cast.group).update(starts_on=day)


def test_nothing_is_held_against_a_group_from_before_it_began(cast):
    assert red(cast.group, date(2026, 11, 22))
    begin(cast, date(2026, 11, 22))
    assert not red(cast.group, date(2026, 11, 22))
    told = {one.word for one in lights_of(cast.group, 2026, date(2026, 11, 22)) if one.period == "一季度"}
    assert "不考核" in told
    assert {one.period for one in red(cast.group, date(2026, 12, 2))} == {"11月"}


def test_group_without_anybody_is_asked_nothing(cast):
    assert not red(cast.county_group, date(2026, 11, 22))  # a supervisor and nobody else
    Membership.objects.all().delete()
    Appointment.objects.all().delete()
    assert not red(cast.group, date(2026, 11, 22))


def test_year_not_begun_is_not_red_and_this_year_is(cast, as_):
    today = timezone.localdate()

    def tone(year):
        page = as_(cast.m1).get(reverse("plan_list"), {"year": year}).content.decode()
        return re.search(r"badge-(\w+)[^>]*>(?:<[^>]*>[^<]*</[^>]*>)?\s*月月有安排<", page).group(1)

    assert tone(today.year + 1) == "off"
    assert tone(today.year) == "bad"
    page = as_(cast.m1).get(reverse("plan_list")).content.decode()
    assert f'href="#month-{today.month}">跳到本月' in page


def test_supervisor_sees_at_home_how_the_groups_stand(cast, as_, now):
    page = as_(cast.supervisor).get("/").content.decode()
    assert page.index("本县委理论") < page.index("本镇党委理论") < page.index("社区党委理论")
    assert 'class="depth-1"' in page
    assert "各组学习要求完成情况" in page
    rows = {row.group: row for row in desk_of(cast.supervisor, now).supervised}
    today = timezone.localdate(now)
    assert rows[cast.group].missed == len(red(cast.group, today))
    assert rows[cast.sub_group].depth == 2


def test_supervisors_home_takes_as_many_statements_for_many_groups(cast, as_, now):
    client = as_(cast.supervisor)

    def cost():
        with CaptureQueriesContext(connection) as statements:
            assert client.get("/").status_code == 200
        return len(statements)

    cost()
    few, county = cost(), cast.county_group.organization
    office = User.objects.create_user("office-of-many", name="新镇办公室")
    for number in range(12):
        town = create_organization(
            name=f"第{number}镇党委", short_name=f"第{number}镇", level=OrganizationLevel.TOWNSHIP, parent=county,
            by=None, at=now,
        )  # fmt: skip
        group = create_study_group(organization=town, name=f"第{number}镇", slug=f"town-{number}", by=None, at=now)
        appoint(group=group, user=office, role=Role.OFFICE, starts_on=now.date(), by=None, at=now)
    assert cost() == few
    assert "第11镇" in client.get("/").content.decode()


def test_file_of_a_session_to_come_asks_only_for_what_comes_before_it(cast, as_, now):
    session = make_session(cast, starts_at=now + timedelta(days=5))
    page = as_(cast.office).get(reverse("dossier_detail", args=[session.pk])).content.decode()
    head = page[: page.index("dossier-part")]
    assert "签到表" not in head
    assert "学习记录" not in head
    assert "学习后归入" in page
    listed = as_(cast.office).get(reverse("dossier_list")).content.decode()
    assert "#part-sign_in_sheet" not in listed
    assert "#part-record" not in listed
