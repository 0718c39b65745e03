"""Each role × each route, the anonymous included, against the matrix the product prints."""

import json
import re
from io import StringIO

import pytest
from django.core.management import call_command
from django.urls import resolve

from studygroup.routes import all_routes, allowed_by

PERSON_OF_ROLE = {
    "leader": "secretary",
    "deputy_leader": "deputy",
    "study_secretary": "propaganda",
    "office": "office",
    "supervisor": "supervisor",
    "member": "m1",
    "extended": "extended",
    "observer": "observer",
    "administrator": "sysadmin",
}
ROUTES = [route for route in all_routes() if not route.is_admin]


def filled(path: str) -> str:
    """The route with ids nobody has."""
    path = re.sub(r"<int:\w+>", "987654", path)
    return "/" + re.sub(r"<(?:str:|slug:)?\w+>", "nothing", path)


def test_every_route_declares_its_rule():
    assert [route.path for route in ROUTES if route.declaration is None] == []


def test_the_matrix_is_printed_as_json_and_as_a_table():
    out = StringIO()
    call_command("access_matrix", "--json", stdout=out)
    rows = {row["name"]: row for row in json.loads(out.getvalue()) if not row["route"].startswith("/admin/")}
    assert rows["plan_create"]["rule"] == "edit_plans"
    assert "anonymous" in rows["login"]["roles"]
    assert rows["plan_create"]["roles"] == ["study_secretary", "office"]
    assert {"group", "year"} <= set(rows["plan_create"]["fields"])
    out = StringIO()
    call_command("access_matrix", stdout=out)
    assert "| `/plans/new/` | GET POST |" in out.getvalue()


@pytest.mark.parametrize("role", [*PERSON_OF_ROLE, "anonymous"])
def test_each_role_comes_exactly_where_the_matrix_says(cast, as_, client, role):
    """GET (or POST without data) on every route: the rule answers 403 or a login, everything else is the page's own."""
    browser = client if role == "anonymous" else as_(getattr(cast, PERSON_OF_ROLE[role]))
    person = None if role == "anonymous" else getattr(cast, PERSON_OF_ROLE[role])
    wrong = []
    for route in ROUTES:
        if route.name == "logout":
            continue
        rule = route.declaration.rule
        allowed = "anonymous" in allowed_by(rule) if person is None else rule.allows(person)
        method = "get" if "GET" in route.declaration.methods else "post"
        response = getattr(browser, method)(filled(route.path))
        if person is None and not allowed:
            right = response.status_code == 302 and response.headers["Location"].startswith("/login/")
        elif allowed:
            right = response.status_code in (200, 302, 303, 400, 404) or (
                response.status_code == 403 and "没有" in response.content.decode()
            )
            right = right and not response.headers.get("Location", "").startswith("/login/?")
        else:
            right = response.status_code == 403
        if not right:
            wrong.append((route.path, rule.code, allowed, response.status_code))
    assert wrong == []


def test_a_role_appears_in_the_matrix_as_its_permissions_say(cast):
    """The matrix is computed from roles alone; real people of one role must agree with it."""
    for route in ROUTES:
        for role in ("leader", "office", "supervisor", "extended", "observer"):
            person = getattr(cast, PERSON_OF_ROLE[role])
            if role in route.roles():
                assert route.declaration.rule.allows(person), (route.path, role)


# The scanned address sends everybody to the sign-in page: it does not tell whether a session exists.
BY_ID = [r for r in ROUTES if "<int:" in r.path and r.name != "sign_in_scan"]


@pytest.mark.parametrize("route", BY_ID, ids=lambda r: r.path)
def test_ids_that_do_not_exist_are_404_for_whoever_may_come(cast, as_, route):
    for person in (cast.office, cast.secretary, cast.m1):
        if not route.declaration.rule.allows(person):
            continue
        for method in route.declaration.methods:
            response = getattr(as_(person), method.lower())(filled(route.path))
            assert response.status_code == 404, (person, method, response.status_code)


def test_other_methods_are_refused(cast, as_):
    for route in ROUTES:
        declared = route.declaration
        if declared.rule.allows(cast.propaganda):
            assert as_(cast.propaganda).delete(filled(route.path)).status_code == 405, route.path


def test_an_address_that_only_takes_forms_answers_a_page_that_leads_on(cast, as_):
    posts = [r for r in ROUTES if r.declaration.methods == ("POST",) and r.declaration.rule.allows(cast.propaganda)]
    assert len(posts) > 20
    for route in posts:
        response = as_(cast.propaganda).get(filled(route.path))
        page = response.content.decode()
        assert (response.status_code, response.headers["Allow"]) == (405, "POST"), route.path
        assert "这个地址不能直接打开" in page, route.path
        back = re.search(r'btn-primary" href="([^"]+)"', page).group(1)
        assert "GET" in resolve(back).func.declaration.methods, route.path


def test_a_restored_decision_leads_back_to_the_leaves(cast, as_):
    assert 'href="/leave/">打开原来的页面' in as_(cast.secretary).get("/leave/103/decide/").content.decode()
    assert 'href="/lectures/5/">打开原来的页面' in as_(cast.office).get("/lectures/5/used/").content.decode()
