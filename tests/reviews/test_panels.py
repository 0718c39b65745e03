"""What higher floors show beside a paper: to reviewers and readers of the group, never to whose paper it is."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.actions.people import delegate
from accounts.permissions import Role
from reviews import panels
from reviews.chain import State
from reviews.panels import CaseLine, CasePanel
from tests import factories


@pytest.fixture
def panel(monkeypatch):
    """One panel of a higher floor, for the length of a test."""
    lines = [CaseLine("第2段", "/somewhere/", "12 字")]
    monkeypatch.setattr(panels, "_sources", [])
    panels.register(lambda case, version, user: CasePanel("相同的文字", lines, f"第{version.number}稿"))


def shown(as_, user, case):
    return "相同的文字" in as_(user).get(reverse("review_detail", args=[case.pk])).content.decode()


@pytest.mark.usefixtures("panel")
def test_panel_stands_beside_the_version_for_reviewers_and_readers(cast, as_):
    case = factories.walk_to(factories.make_submission(cast).review, State.FIRST_REVIEW, cast)
    page = as_(cast.office).get(reverse("review_detail", args=[case.pk])).content.decode()
    assert '<a href="/somewhere/">第2段</a>' in page
    assert "12 字" in page
    assert "第1稿" in page
    assert [shown(as_, person, case) for person in (cast.propaganda, cast.secretary, cast.deputy)] == [True] * 3


@pytest.mark.usefixtures("panel")
def test_panel_is_hidden_from_author_and_supervisor(cast, as_):
    case = factories.walk_to(factories.make_submission(cast).review, State.APPROVED, cast)
    assert not shown(as_, cast.m1, case)
    assert not shown(as_, cast.supervisor, case)
    his = factories.make_submission(cast, author=cast.propaganda).review
    assert not shown(as_, cast.propaganda, factories.walk_to(his, State.FIRST_REVIEW, cast))


@pytest.mark.usefixtures("panel")
def test_delegate_sees_the_panels_of_what_he_judges(cast, as_):
    now = timezone.now()
    case = factories.walk_to(factories.make_submission(cast).review, State.FIRST_REVIEW, cast)
    delegate(
        group=cast.group,
        principal=cast.office,
        role=Role.OFFICE,
        delegate=cast.m2,
        starts_on=now.date() - timedelta(days=1),
        ends_on=now.date() + timedelta(days=1),
        kind="",
        reason="外出",
        at=now,
    )
    assert shown(as_, cast.m2, case)


def test_a_source_registered_twice_is_asked_once(monkeypatch):
    monkeypatch.setattr(panels, "_sources", [])

    def source(case, version, user):
        return None

    panels.register(source)
    panels.register(source)
    assert panels._sources == [source]
