"""Numbers no row can have and characters no text has are answered like any other nonsense, on every route."""

import re

import pytest

from sessions_app.models import MonthlyPlan
from studygroup.routes import all_routes
from tests.factories import item_row, make_monthly_plan, make_session

ROUTES = [route for route in all_routes() if not route.is_admin and "<int:" in route.path]


@pytest.mark.parametrize("number", [2**63, 10**25])
def test_a_number_no_row_can_have_is_not_found(cast, as_, number):
    browsers = [as_(cast.office), as_(cast.secretary), as_(cast.m1)]
    wrong = []
    for route in ROUTES:
        path = re.sub(r"<(?:str:|slug:)?\w+>", "nothing", re.sub(r"<int:\w+>", str(number), route.path))
        method = "get" if "GET" in route.declaration.methods else "post"
        answers = {getattr(browser, method)(f"/{path}").status_code for browser in browsers}
        wrong += [(route.name, answers)] if answers - {403, 404} else []
    assert wrong == []


def test_a_tick_that_is_no_number_is_a_message(cast, as_):
    session = make_session(cast)
    page = f"/sessions/{session.pk}/register/paper/"
    for nonsense in ("9" * 5000, "²", "-1", "\x00"):
        response = as_(cast.office).post(page, {"signed": [nonsense], "version": session.version})
        assert response.status_code == 400
        assert "请刷新页面后再勾选" in response.content.decode()


@pytest.mark.parametrize("path", ["/sessions/{}/materials/", "/lectures/", "/materials/", "/sessions/"])
def test_a_search_for_nothing_printable_finds_what_is_there(cast, as_, path):
    """PostgreSQL refuses a NUL in a text."""
    session = make_session(cast)
    assert as_(cast.office).get(path.format(session.pk), {"q": "\x00"}).status_code == 200


def test_what_comes_along_with_a_plan_is_stored_as_text_can_be(cast, as_):
    plan = make_monthly_plan(cast, rows=[item_row()])
    seen = {"seen_version": plan.review.version, "seen_text": plan.version}
    as_(cast.office).post(f"/plans/months/{plan.pk}/submit/", seen | {"comment": "请\x00审定"})
    assert MonthlyPlan.objects.get().review.entries.get().comment == "请审定"
