"""The cast and the factories themselves: every walk of the house starts from them."""

import pytest

from accounts.permissions import Role
from reviews.chain import State
from tests import factories


def test_cast_holds_the_roles_its_names_say(cast):
    roles = {name: user.authority.roles for name, user in cast.people.items()}
    town = cast.group.pk
    assert roles["secretary"][town] == {Role.LEADER, Role.MEMBER}
    assert roles["propaganda"][town] == {Role.STUDY_SECRETARY, Role.MEMBER}
    assert roles["office"] == {town: {Role.OFFICE}}
    assert roles["supervisor"] == {
        cast.county_group.pk: {Role.SUPERVISOR},
        town: {Role.SUPERVISOR},
        cast.sub_group.pk: {Role.SUPERVISOR},
    }
    assert roles["foreign_m1"] == {cast.foreign_group.pk: {Role.MEMBER}}


@pytest.mark.parametrize("state", [s for s in State if s is not State.DRAFT])
def test_walk_to_reaches_every_state(cast, state):
    assert factories.walk_to(factories.make_submission(cast).review, state, cast).state == state


def test_factories_make_every_subject(cast):
    for case in (
        factories.make_annual_plan(cast).review,
        factories.make_monthly_plan(cast, month=5).review,
        factories.make_supplement(cast).review,
        factories.make_lecture(cast).review,
    ):
        assert case.state == State.DRAFT
    assert factories.make_closed_session(cast).is_held
