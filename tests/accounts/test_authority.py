"""Who may what: dated rows in, permissions out."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.actions.people import appoint, delegate, end_delegation, enrol
from accounts.models import Appointment, Delegation, Membership, Organization, StudyGroup, User
from accounts.permissions import DELEGABLE, GRANTS, Permission, Role, authority_of
from studygroup.lib.errors import NotAllowed, Refused
from tests.conftest import SINCE

DAY = timedelta(days=1)
# Written down by hand: who reads figures, who signs the gate, who keeps the register. A slip in the table shows here.
HOLDERS = {
    Permission.READ_PLANS: {"leader", "deputy_leader", "study_secretary", "office", "supervisor", "member"},
    Permission.READ_DRAFTS: {"leader", "deputy_leader", "study_secretary", "office"},
    Permission.READ_RECORDS: {"leader", "deputy_leader", "study_secretary", "office", "supervisor"},
    Permission.EDIT_PLANS: {"study_secretary", "office"},
    Permission.READ_SESSIONS: {"leader", "deputy_leader", "study_secretary", "office", "supervisor", "member"},
    Permission.MANAGE_SESSIONS: {"study_secretary", "office"},
    Permission.DECIDE_LEAVE: {"leader"},
    Permission.WRITE_PAPERS: {"leader", "deputy_leader", "study_secretary", "office", "member", "extended"},
    Permission.READ_PAPERS: {"leader", "deputy_leader", "study_secretary", "office"},
    Permission.READ_APPROVED: {"leader", "deputy_leader", "study_secretary", "office", "supervisor"},
    Permission.FIRST_REVIEW: {"office"},
    Permission.SECOND_REVIEW: {"study_secretary"},
    Permission.FINAL_GATE: {"leader"},
    Permission.OVERRIDE: {"leader", "deputy_leader", "study_secretary"},
    Permission.DELEGATE: {"leader", "study_secretary", "office"},
    Permission.MANAGE_ROSTER: {"study_secretary", "office"},
    Permission.MANAGE_LIBRARY: {"study_secretary", "office"},
    Permission.KEEP_WORDING: {"study_secretary"},
    Permission.READ_FIGURES: {"leader", "deputy_leader", "study_secretary", "office", "supervisor"},
    Permission.OBSERVE: {"supervisor"},
    Permission.MAKE_FIGURES: {"leader", "study_secretary", "office"},
    Permission.READ_LIBRARY: {str(role) for role in Role},
}


def again(user):
    """The same person in his next request."""
    return User.objects.get(pk=user.pk)


def roles(user, on=None):
    return {g: set(held) for g, held in authority_of(user, on or timezone.localdate()).roles.items()}


@pytest.mark.parametrize("permission", Permission)
def test_a_permission_is_held_by_the_roles_meant(permission):
    assert {str(role) for role in Role if permission in GRANTS[role]} == HOLDERS[permission]


def test_every_role_has_its_row():
    assert set(GRANTS) == set(Role)
    assert all(granted <= GRANTS[role] for role, granted in DELEGABLE.items())


def test_nobody_holds_two_steps_of_the_chain_by_one_role():
    steps = {Permission.FIRST_REVIEW, Permission.SECOND_REVIEW, Permission.FINAL_GATE}
    assert [role for role in Role if len(GRANTS[role] & steps) > 1] == []


# -- dates -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "held"), [(-1, False), (0, True), (10, True), (11, False)], ids=["before", "first", "last", "after"]
)
def test_an_appointment_counts_from_its_first_to_its_last_day(cast, now, day, held):
    first = date(2024, 5, 1)
    appoint(
        group=cast.group, user=cast.m1, role=Role.OFFICE, starts_on=first, ends_on=first + 10 * DAY, by=None, at=now
    )
    assert (Role.OFFICE in roles(cast.m1, first + day * DAY)[cast.group.pk]) is held


def test_a_dismissal_counts_from_the_next_request(cast, as_):
    browser = as_(cast.office)
    assert browser.get("/plans/new/").status_code == 200
    Appointment.objects.filter(user=cast.office).update(ends_on=timezone.localdate() - DAY)
    assert browser.get("/plans/new/").status_code == 403


def test_a_disabled_account_has_no_authority_and_no_session(cast, as_):
    browser = as_(cast.secretary)
    User.objects.filter(pk=cast.secretary.pk).update(is_active=False)
    assert again(cast.secretary).authority.roles == {}
    assert browser.get("/").headers["Location"].startswith("/login/")


def test_a_member_who_left_keeps_no_role(cast):
    Membership.objects.filter(user=cast.m1).update(ends_on=timezone.localdate() - DAY)
    assert roles(cast.m1) == {}


def test_one_person_may_hold_several_roles(cast):
    authority = cast.propaganda.authority
    assert authority.allows(Permission.SECOND_REVIEW, cast.group.pk)
    assert authority.allows(Permission.WRITE_PAPERS, cast.group.pk)
    assert not authority.allows(Permission.SECOND_REVIEW, cast.sub_group.pk)


def test_authority_is_read_with_one_statement_and_once(cast, django_assert_num_queries):
    for name in ("office", "propaganda", "m1", "secretary"):
        person = again(getattr(cast, name))
        with django_assert_num_queries(1):
            assert person.authority.roles
            assert person.authority.holds(Permission.READ_LIBRARY)


# -- above and below ---------------------------------------------------------


def test_a_supervisor_reads_his_own_group_and_everything_below_it(cast):
    groups = {cast.county_group.pk, cast.group.pk, cast.sub_group.pk}
    assert roles(cast.supervisor) == {group: {Role.SUPERVISOR} for group in groups}
    assert cast.supervisor.authority.groups_with(Permission.READ_FIGURES) == groups
    assert set(StudyGroup.objects.visible_to(cast.supervisor).values_list("pk", flat=True)) == groups


def test_a_supervisor_reads_and_observes_and_changes_nothing(cast):
    reading = {p for p in Permission if p.startswith("read_")} - {Permission.READ_DRAFTS, Permission.READ_PAPERS}
    assert {p for p in Permission if cast.supervisor.authority.holds(p)} == {*reading, Permission.OBSERVE}


def test_a_supervisor_of_the_township_does_not_look_up_or_aside(cast, now):
    appoint(group=cast.group, user=cast.m1, role=Role.SUPERVISOR, starts_on=SINCE, by=None, at=now)
    assert set(roles(cast.m1)) == {cast.group.pk, cast.sub_group.pk}


def test_a_path_that_only_begins_alike_is_not_below(cast):
    for group, path in ((cast.county_group, "/7/"), (cast.group, "/7/71/"), (cast.foreign_group, "/71/8/")):
        Organization.objects.filter(pk=group.organization_id).update(path=path)
    assert StudyGroup.objects.below([cast.county_group.pk]) == [cast.group.pk]
    assert StudyGroup.objects.below([cast.foreign_group.pk]) == []


def test_office_work_in_the_township_gives_nothing_in_groups_above_below_or_elsewhere(cast):
    assert set(cast.office.authority.roles) == {cast.group.pk}
    assert set(cast.sub_office.authority.roles) == {cast.sub_group.pk}
    assert set(cast.foreign_office.authority.roles) == {cast.foreign_group.pk}


# -- delegation --------------------------------------------------------------


def entrust(cast, now, **changes):
    today = timezone.localdate()
    told = {
        "group": cast.group,
        "principal": cast.secretary,
        "delegate": cast.deputy,
        "role": Role.LEADER,
        "kind": "",
        "starts_on": today,
        "ends_on": today + 3 * DAY,
        "reason": "外出学习",
        "at": now,
    }
    return delegate(**(told | changes))


def test_a_delegate_holds_what_may_be_delegated_and_no_more(cast, now):
    entrust(cast, now)
    authority = again(cast.deputy).authority
    assert [a.principal_name for a in authority.acting_for(Permission.FINAL_GATE, "reflection")] == ["书记甲"]
    assert authority.acting_for(Permission.DECIDE_LEAVE, "leave")
    assert authority.acting_for(Permission.MAKE_FIGURES, "") == []
    assert not authority.allows(Permission.FINAL_GATE, cast.group.pk), "he acts for somebody, he does not hold it"


def test_a_delegation_of_one_kind_covers_no_other(cast, now):
    entrust(cast, now, kind="reflection")
    authority = again(cast.deputy).authority
    assert authority.acting_for(Permission.FINAL_GATE, "reflection")
    assert authority.acting_for(Permission.FINAL_GATE, "speech") == []
    assert authority.acting_for(Permission.FINAL_GATE, "reflection", cast.sub_group.pk) == []


@pytest.mark.parametrize("role", [Role.OFFICE, Role.STUDY_SECRETARY, Role.MEMBER, Role.DEPUTY_LEADER])
def test_nobody_delegates_what_he_does_not_hold_or_may_not_hand_on(cast, now, role):
    with pytest.raises(NotAllowed, match="自己担任的角色"):
        entrust(cast, now, role=role)
    assert not Delegation.objects.exists()


def test_a_delegate_does_not_hand_the_role_on(cast, now):
    entrust(cast, now)
    with pytest.raises(NotAllowed, match="自己担任的角色"):
        entrust(cast, now, principal=again(cast.deputy), delegate=cast.m1)


def test_a_delegation_of_a_disabled_principal_is_void(cast, now):
    entrust(cast, now)
    User.objects.filter(pk=cast.secretary.pk).update(is_active=False)
    assert again(cast.deputy).authority.acting == ()


def test_a_delegation_taken_back_ends_today(cast, now):
    today = timezone.localdate()
    running = entrust(cast, now, starts_on=today - 2 * DAY)
    with pytest.raises(NotAllowed):
        end_delegation(delegation=running, on=today, by=cast.deputy, at=now)
    end_delegation(delegation=running, on=today, by=cast.secretary, at=now)
    assert Delegation.objects.get().ends_on == today - DAY
    assert again(cast.deputy).authority.acting == ()


def test_a_delegation_not_yet_begun_disappears_when_taken_back(cast, now):
    today = timezone.localdate()
    coming = entrust(cast, now, starts_on=today + DAY)
    end_delegation(delegation=coming, on=today, by=cast.secretary, at=now)
    assert not Delegation.objects.exists()


# -- what the database and the actions refuse --------------------------------


def test_a_group_has_one_leader_at_a_time(cast, now):
    with pytest.raises(Refused, match="只能有一位组长"):
        appoint(group=cast.group, user=cast.deputy, role=Role.LEADER, starts_on=SINCE, by=None, at=now)
    Appointment.objects.filter(user=cast.secretary).update(ends_on=timezone.localdate())
    appoint(group=cast.group, user=cast.deputy, role=Role.LEADER, starts_on=timezone.localdate(), by=None, at=now)


def test_nobody_is_on_the_roster_twice(cast, now):
    with pytest.raises(Refused, match="已经在名单中"):
        enrol(
            group=cast.group,
            user=cast.m1,
            category="extended",
            title="",
            starts_on=timezone.localdate(),
            by=None,
            at=now,
        )


@pytest.mark.parametrize("model", [Membership, Appointment, Delegation])
def test_dates_are_in_order_in_the_database(cast, now, model):
    entrust(cast, now)
    row = model.objects.first()
    with pytest.raises(IntegrityError, match="dates_in_order"), transaction.atomic():
        model.objects.filter(pk=row.pk).update(ends_on=row.starts_on - DAY)


def test_nobody_delegates_to_himself_in_the_database(cast, now):
    row = entrust(cast, now)
    with pytest.raises(IntegrityError, match="delegation_to_another"), transaction.atomic():
        Delegation.objects.filter(pk=row.pk).update(delegate=cast.secretary)
