"""Login, passwords, roster, delegation pages."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.actions.people import appoint, end_appointment
from accounts.models import Appointment, Delegation, Membership, User
from accounts.permissions import Permission
from studygroup.lib.errors import Refused
from studygroup.lib.models import AuditEntry
from tests.conftest import PASSWORD


def newcomer(cast, **changes):
    return {
        "group": cast.group.pk,
        "name": "新同志",
        "username": "xin",
        "password": "Kaishi-2026",
        "category": "member",
        "title": "组织委员",
        "department": "",
        "position": 9,
        "starts_on": "2026-01-01",
        "ends_on": "",
        **changes,
    }


def test_login_says_the_same_for_unknown_name_and_wrong_password(client, cast):
    wrong = client.post("/login/", {"username": "m1", "password": "wrong"}).context["form"].non_field_errors()
    unknown = client.post("/login/", {"username": "nobody", "password": "wrong"}).context["form"].non_field_errors()
    assert wrong == unknown == ["用户名或密码不对，请检查大小写后再试。"]


def test_login_keeps_to_this_host_and_changes_the_session(client, cast):
    client.get("/plans/")
    response = client.post("/login/?next=https://evil.example/", {"username": "m1", "password": PASSWORD})
    assert response.headers["Location"] == "/"


def test_many_wrong_passwords_stop_only_that_name_at_that_address(client, cast, settings):
    for _ in range(settings.AXES_FAILURE_LIMIT):
        client.post("/login/", {"username": "m1", "password": "wrong"})
    locked = client.post("/login/", {"username": "m1", "password": PASSWORD})
    assert locked.status_code == 429
    assert "暂时不能登录" in locked.content.decode()
    elsewhere = client.post("/login/", {"username": "m1", "password": PASSWORD}, REMOTE_ADDR="10.1.1.9")
    assert elsewhere.status_code == 302
    assert client.post("/login/", {"username": "m2", "password": PASSWORD}).status_code == 302


def test_a_newcomer_changes_the_first_password_before_anything_else(client, cast, as_):
    response = as_(cast.office).post("/people/new/", newcomer(cast))
    assert response.status_code == 302
    assert Membership.objects.get(user__username="xin").title == "组织委员"
    client.post("/login/", {"username": "xin", "password": "Kaishi-2026"})
    assert client.get("/plans/").headers["Location"] == "/me/password/"
    data = {"old_password": "Kaishi-2026", "new_password1": "Xin-mima-88", "new_password2": "Xin-mima-88"}
    assert client.post("/me/password/", data).status_code == 302
    assert client.get("/plans/").status_code == 200


def test_somebody_appointed_here_joins_the_roster_with_the_account_he_has(cast, as_):
    form = as_(cast.propaganda).get("/people/new/").context["form"]
    assert cast.office in form.fields["known"].queryset
    assert cast.m1 not in form.fields["known"].queryset  # is on it already
    assert cast.foreign_office not in form.fields["known"].queryset
    data = newcomer(cast, known=cast.office.pk, name="", username="", password="", title="党政办主任")
    assert as_(cast.propaganda).post("/people/new/", data).status_code == 302
    assert Membership.objects.get(user=cast.office).title == "党政办主任"


def test_the_first_password_cannot_be_kept(client, cast, as_):
    as_(cast.office).post("/people/new/", newcomer(cast))
    client.post("/login/", {"username": "xin", "password": "Kaishi-2026"})
    same = {"old_password": "Kaishi-2026", "new_password1": "Kaishi-2026", "new_password2": "Kaishi-2026"}
    assert "不能与现在的密码相同" in client.post("/me/password/", same).content.decode()
    assert client.get("/plans/").headers["Location"] == "/me/password/"


def test_every_look_of_a_supervisor_is_recorded_and_nobody_elses(cast, as_):
    looks = AuditEntry.objects.filter(action="oversight.look")
    as_(cast.secretary).get("/plans/")
    assert not looks.exists()
    as_(cast.supervisor).get(f"/people/?group={cast.group.pk}")
    entry = looks.get()
    assert (entry.actor, entry.detail["path"]) == (cast.supervisor, f"/people/?group={cast.group.pk}")


@pytest.mark.parametrize("address", ["/people/?group=²", "/plans/?year=²²²²", "/people/?group=" + "9" * 5000])
def test_odd_digits_in_an_address_are_no_server_error(cast, as_, address):
    assert as_(cast.office).get(address).status_code in (200, 404)


def test_a_body_too_large_is_refused_before_it_is_read(client, cast, as_, settings):
    response = client.post("/login/", "x", content_type="text/plain", CONTENT_LENGTH=str(3 * 1024 * 1024))
    assert response.status_code == 413
    assert "太大" in response.content.decode()
    settings.REQUEST_MAX_BYTES = 10
    assert as_(cast.m1).post("/submissions/new/", {"title": "很长的标题" * 9}).status_code == 413


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"username": "m1"}, "username"),
        ({"username": "M1"}, "username"),
        ({"password": "123"}, "password"),
        ({"ends_on": "2025-01-01"}, "ends_on"),
        ({"name": "名" * 51}, "name"),
    ],
)
def test_a_newcomers_mistakes_are_named_at_the_field(cast, as_, changes, field):
    response = as_(cast.office).post("/people/new/", newcomer(cast, **changes))
    assert response.context["form"].errors[field]
    assert not User.objects.filter(name__startswith="新").exists()


def test_nobody_enrols_people_in_a_foreign_group(cast, as_):
    response = as_(cast.office).post("/people/new/", newcomer(cast, group=cast.foreign_group.pk))
    assert response.context["form"].errors["group"]
    foreign = Membership.objects.get(user=cast.foreign_m1)
    assert as_(cast.office).get(f"/people/{foreign.pk}/").status_code == 404
    own = Membership.objects.get(user=cast.m1)
    assert as_(cast.m2).get(f"/people/{own.pk}/").status_code == 403
    assert as_(cast.secretary).get(f"/people/{own.pk}/").status_code == 403
    assert as_(cast.office).get(f"/people/?group={cast.foreign_group.pk}").status_code == 404


def test_second_writer_of_a_roster_row_is_told(cast, as_):
    row = Membership.objects.get(user=cast.m1)
    data = {"category": "member", "title": "一", "position": 4, "starts_on": "2020-01-01", "version": 0}
    assert as_(cast.office).post(f"/people/{row.pk}/", data).status_code == 302
    response = as_(cast.propaganda).post(f"/people/{row.pk}/", {**data, "title": "二"})
    assert response.status_code == 409
    assert "二" in response.content.decode()
    row.refresh_from_db()
    assert row.title == "一"


def test_a_dismissal_counts_from_the_next_request(cast, as_, now):
    client = as_(cast.office)
    assert client.get("/people/new/").status_code == 200
    yesterday = timezone.localdate() - timedelta(days=1)
    end_appointment(appointment=Appointment.objects.get(user=cast.office), ends_on=yesterday, by=cast.sysadmin, at=now)
    assert client.get("/people/new/").status_code == 403


def test_a_disabled_account_is_out_at_once(cast, as_):
    client = as_(cast.office)
    User.objects.filter(pk=cast.office.pk).update(is_active=False)
    assert client.get("/people/").status_code == 302


def test_a_group_has_one_leader(cast, now):
    with pytest.raises(Refused, match="只能有一位组长"):
        appoint(group=cast.group, user=cast.m1, role="leader", starts_on=timezone.localdate(), by=None, at=now)


def delegation(cast, **changes):
    today = timezone.localdate()
    return {
        "role_in_group": f"leader:{cast.group.pk}",
        "delegate": cast.deputy.pk,
        "kind": "",
        "starts_on": today,
        "ends_on": today + timedelta(days=3),
        "reason": "外出学习",
        **changes,
    }


def test_a_delegation_for_leave_alone_says_so_to_both_and_on_the_roster(cast, as_):
    made = as_(cast.secretary).post("/delegations/new/", delegation(cast, kind="leave"), follow=True).content.decode()
    assert "两项都有效" not in made
    for person, address in (
        (cast.secretary, "/delegations/"),
        (cast.deputy, "/delegations/"),
        (cast.office, "/people/"),
    ):
        assert "限于：请假" in as_(person).get(address).content.decode()
    again = as_(cast.secretary).post("/delegations/new/", delegation(cast), follow=True).content.decode()
    assert "两项都有效" in again
    assert again.count("限于：") == 1


def test_the_first_password_of_his_own_leads_home(cast, as_):
    User.objects.filter(pk=cast.m1.pk).update(must_change_password=True)
    facts = {"old_password": PASSWORD, "new_password1": "Xin-mi-ma-2020", "new_password2": "Xin-mi-ma-2020"}
    assert as_(User.objects.get(pk=cast.m1.pk)).post("/me/password/", facts).headers["Location"] == "/"
    facts = {"old_password": "Xin-mi-ma-2020", "new_password1": "Zai-huan-2020", "new_password2": "Zai-huan-2020"}
    assert as_(User.objects.get(pk=cast.m1.pk)).post("/me/password/", facts).headers["Location"] == "/me/"


def test_leader_delegates_and_takes_it_back(cast, as_):
    as_(cast.secretary).post("/delegations/new/", delegation(cast))
    deputy = User.objects.get(pk=cast.deputy.pk)
    (acting,) = deputy.authority.acting_for(Permission.FINAL_GATE, "speech", cast.group.pk)
    assert acting.principal_name == cast.secretary.name
    row = Delegation.objects.get()
    assert as_(cast.m1).post(f"/delegations/{row.pk}/end/").status_code == 404
    as_(cast.secretary).post(f"/delegations/{row.pk}/end/")
    assert not User.objects.get(pk=cast.deputy.pk).authority.acting


@pytest.mark.parametrize("field", ["role_in_group", "delegate", "ends_on"])
def test_a_delegation_stays_inside_ones_own_role_and_group(cast, as_, field):
    wrong = {
        "role_in_group": f"office:{cast.group.pk}",
        "delegate": cast.foreign_m1.pk,
        "ends_on": "2020-01-01",
    }
    response = as_(cast.secretary).post("/delegations/new/", delegation(cast, **{field: wrong[field]}))
    assert response.context["form"].errors[field]
    assert not Delegation.objects.exists()


def test_administrators_pages_are_for_the_administrator(cast, as_):
    assert as_(cast.sysadmin).get("/admin/").status_code == 200
    assert as_(cast.secretary).get("/admin/").status_code == 302
    assert as_(cast.sysadmin).get("/admin/reviews/reviewcase/add/").status_code == 403


def test_administrator_appoints_through_the_action(cast, as_):
    data = {"group": cast.sub_group.pk, "user": cast.m3.pk, "role": "leader", "starts_on": "2026-01-01"}
    as_(cast.sysadmin).post("/admin/accounts/appointment/add/", data)
    made = Appointment.objects.get(group=cast.sub_group, role="leader")
    entry = AuditEntry.objects.get(action="appointment.create", target_id=made.pk)
    assert entry.actor == cast.sysadmin


@pytest.mark.parametrize(
    ("address", "field", "rest"),
    [
        ("/me/pin/", "password", {"pin": "5027", "pin_again": "5027"}),
        ("/me/password/", "old_password", {"new_password1": "Xiugai-2027", "new_password2": "Xiugai-2027"}),
    ],
)
def test_an_open_browser_is_no_place_to_try_passwords_out(cast, as_, settings, address, field, rest):
    browser = as_(cast.m1)
    for _ in range(settings.AXES_FAILURE_LIMIT - 1):
        assert browser.post(address, {field: "wrong", **rest}).status_code in (200, 400)
    assert browser.post(address, {field: "wrong", **rest}).status_code == 429
    assert browser.post(address, {field: PASSWORD, **rest}).status_code == 429
    stored = User.objects.get(pk=cast.m1.pk)
    assert stored.check_password(PASSWORD)
    assert stored.sign_in_pin == ""
    assert as_(cast.m2).post(address, {field: PASSWORD, **rest}).status_code == 302
