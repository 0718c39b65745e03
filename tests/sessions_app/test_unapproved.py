"""What a revision under way says is nobody's business but of those who write and oversee it."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from reviews.chain import State
from sessions_app.actions.lecture import change_lecture
from sessions_app.actions.plan import revise_plan, save_plan
from sessions_app.models import Lecture
from sessions_app.models.lecture import MATERIAL
from tests.factories import item_row, make_annual_plan, make_lecture, make_monthly_plan, walk_to
from tests.sessions_app.test_lecture_papers import lines_of

SECRET = "还没有审定的字样"


def under_revision(cast, make, at, **head):
    plan = make(cast, rows=[item_row("原定专题")])
    if head:
        save_plan(plan=plan, seen_version=plan.version, head=head, rows=[item_row("原定专题")], by=cast.office, at=at)
    walk_to(plan.review, State.APPROVED, cast)
    plan.refresh_from_db()
    plan.review.refresh_from_db()
    revise_plan(plan=plan, by=cast.office, at=at, seen_version=plan.review.version)
    secret = {"title": SECRET} | {name: f"{SECRET}\n{SECRET}" for name in head}
    save_plan(plan=plan, seen_version=plan.version, head=secret, rows=[item_row(SECRET)], by=cast.office, at=at)
    return plan


def pages(browser, *addresses):
    return [browser.get(address).content.decode() for address in addresses]


def test_a_year_under_revision_keeps_its_title_and_texts_for_members(cast, as_, now):
    plan = under_revision(cast, make_annual_plan, now, guiding_thought="原来的指导思想", aims="第一条\n第二条")
    addresses = (f"/plans/?group={cast.group.pk}&year=2020", reverse("annual_plan_paper", args=[plan.pk]))
    told = pages(as_(cast.m1), *addresses)
    assert not any(SECRET in page for page in told)
    assert all("原来的指导思想" in page and "第二条" in page for page in told)
    assert SECRET in pages(as_(cast.office), addresses[0])[0]


def test_a_month_under_revision_keeps_its_title_for_members(cast, as_, now):
    plan = under_revision(cast, make_monthly_plan, now)
    addresses = (reverse("monthly_plan_detail", args=[plan.pk]), reverse("monthly_plan_paper", args=[plan.pk]))
    told = pages(as_(cast.m1), *addresses)
    assert not any(SECRET in page for page in told)
    assert all("月学习安排" in page for page in told)
    assert SECRET in pages(as_(cast.office), addresses[0])[0]


@pytest.mark.parametrize("route", ["lecture_list", "lecture_detail", "lecture_form", "lecture_register"])
def test_a_changed_lecture_stands_as_it_was_handed_in_for_the_level_above(cast, as_, now, route):
    lecture = make_lecture(cast, organizer=cast.sub_group, approver=cast.group, by=cast.sub_office)
    walk_to(lecture.review, State.APPROVED, cast)
    lecture = Lecture.objects.get(pk=lecture.pk)
    later = lecture.starts_at + timedelta(days=800)
    facts = {name: getattr(lecture, name) for name in MATERIAL} | {"starts_at": later}
    facts |= {name: SECRET for name in ("title", "topic", "place", "lecturer_name", "lecturer_unit", "outline")}
    change_lecture(lecture=lecture, seen_version=lecture.version, facts=facts, by=cast.sub_office, at=now, restart=True)
    address = reverse(route, args=[lecture.pk] if route in ("lecture_detail", "lecture_form") else [])
    response = as_(cast.secretary).get(address)
    told = str(lines_of(response)) if route == "lecture_register" else response.content.decode()
    assert SECRET not in told
    moved = timezone.localtime(later)
    assert not any(date_format(moved, how) in told for how in ("SHORT_DATE_FORMAT", "DATE_FORMAT"))
    assert "王教授" in told
