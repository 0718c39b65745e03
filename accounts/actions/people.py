import secrets
from datetime import date, datetime
from typing import Any

from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction

from accounts.models import Appointment, Delegation, Membership, StudyGroup, User
from accounts.permissions import DELEGABLE, Permission, Role
from studygroup.lib import audit
from studygroup.lib.errors import NotAllowed, Overtaken, Refused


def _check(row: models.Model) -> None:
    """The model's own rules, told as a refusal."""
    try:
        row.full_clean()
    except ValidationError as error:
        raise Refused("；".join(error.messages)) from error


@transaction.atomic
def enrol(
    *,
    group: StudyGroup,
    user: User,
    category: str,
    title: str,
    starts_on: date,
    by: User | None,
    at: datetime,
    department: str = "",
    position: int = 100,
    ends_on: date | None = None,
) -> Membership:
    """Put a person on the roster. Refused while he is on it already."""
    membership = Membership(
        group=group,
        user=user,
        category=category,
        title=title,
        department=department,
        position=position,
        starts_on=starts_on,
        ends_on=ends_on,
    )
    _check(membership)
    membership.save()
    audit.record(
        "membership.create", target=membership, by=by, at=at, group_id=group.pk, user=user.pk, category=category
    )
    return membership


@transaction.atomic
def enrol_newcomer(
    *, group: StudyGroup, username: str, name: str, password: str, by: User, at: datetime, **place: Any
) -> Membership:
    """Make an account for somebody new and put him on the roster. He must change the password at first login."""
    try:
        with transaction.atomic():
            user = User.objects.create_user(username, password, name=name, must_change_password=True)
    except IntegrityError as error:
        raise Refused(f"用户名“{username}”已经有人使用，请换一个。") from error
    return enrol(group=group, user=user, by=by, at=at, **place)


@transaction.atomic
def enrol_guest(*, group: StudyGroup, name: str, by: User, at: datetime, **place: Any) -> Membership:
    """Put somebody on the roster who is only a name: a row without password that cannot log in."""
    user = User.objects.create_user(f"guest-{secrets.token_hex(6)}", None, name=name[:50], is_active=False)
    return enrol(group=group, user=user, by=by, at=at, **place)


@transaction.atomic
def change_membership(*, membership: Membership, seen_version: int, by: User, at: datetime, **changes: Any) -> None:
    """Change a roster row. Raises Overtaken when somebody changed it meanwhile."""
    for name, value in changes.items():
        setattr(membership, name, value)
    _check(membership)
    changed = Membership.objects.filter(pk=membership.pk, version=seen_version).update(
        **changes, version=seen_version + 1
    )
    if not changed:
        raise Overtaken("这一行刚刚被别人修改过。请核对后再保存一次。")
    after = {name: str(value) for name, value in changes.items()}
    audit.record("membership.change", target=membership, by=by, at=at, group_id=membership.group_id, after=after)


@transaction.atomic
def appoint(
    *,
    group: StudyGroup,
    user: User,
    role: str,
    starts_on: date,
    by: User | None,
    at: datetime,
    ends_on: date | None = None,
) -> Appointment:
    """Give a person a role in a group. Refused for a second leader and for a role he already holds."""
    appointment = Appointment(group=group, user=user, role=role, starts_on=starts_on, ends_on=ends_on)
    _check(appointment)
    appointment.save()
    audit.record("appointment.create", target=appointment, by=by, at=at, group_id=group.pk, user=user.pk, role=role)
    return appointment


@transaction.atomic
def end_appointment(*, appointment: Appointment, ends_on: date | None, by: User, at: datetime) -> None:
    """Set or take back the last day of an appointment. Refused before its first day, or beside another leader."""
    appointment.ends_on = ends_on
    _check(appointment)
    Appointment.objects.filter(pk=appointment.pk).update(ends_on=ends_on)
    audit.record(
        "appointment.end", target=appointment, by=by, at=at, group_id=appointment.group_id, ends_on=str(ends_on)
    )


@transaction.atomic
def delegate(
    *,
    group: StudyGroup,
    principal: User,
    delegate: User,
    role: str,
    kind: str,
    starts_on: date,
    ends_on: date,
    reason: str,
    at: datetime,
    only_overdue: bool = False,
) -> Delegation:
    """The holder of a role names who acts for him. Refused for a role he does not hold.

    With `only_overdue` the delegate's power over a case begins when its time at that step is past.
    """
    held = principal.authority.roles.get(group.pk, frozenset())
    if role not in held or Role(role) not in DELEGABLE:
        raise NotAllowed("只能委托自己担任的角色。")
    delegation = Delegation(
        group=group,
        principal=principal,
        delegate=delegate,
        role=role,
        kind=kind,
        only_overdue=only_overdue,
        starts_on=starts_on,
        ends_on=ends_on,
        reason=reason,
    )
    _check(delegation)
    delegation.save()
    audit.record(
        "delegation.create",
        target=delegation,
        by=principal,
        at=at,
        group_id=group.pk,
        delegate=delegate.pk,
        role=role,
        only_overdue=only_overdue,
    )
    return delegation


@transaction.atomic
def end_delegation(*, delegation: Delegation, on: date, by: User, at: datetime) -> None:
    """Take a delegation back: its last day becomes the day before `on`; one begun only today is taken away (its entries
    keep both names)."""
    if by.pk != delegation.principal_id:
        raise NotAllowed("只有委托人可以收回委托。")
    if delegation.ends_on < on:
        raise Refused("这项委托已经到期，不需要收回。")
    audit.record("delegation.end", target=delegation, by=by, at=at, group_id=delegation.group_id, on=str(on))
    if delegation.starts_on >= on:
        delegation.delete()
        return
    Delegation.objects.filter(pk=delegation.pk).update(ends_on=date.fromordinal(on.toordinal() - 1))


@transaction.atomic
def set_sign_in_pin(*, pin: str, by: User, at: datetime) -> None:
    """签到密码: what somebody types at the shared computer in the hall. Only a hash is kept; "" takes it away."""
    User.objects.filter(pk=by.pk).update(sign_in_pin=make_password(pin) if pin else "")
    audit.record("user.sign_in_pin", target=by, by=by, at=at, is_set=bool(pin))


def require(user: User, permission: Permission, group_id: int) -> None:
    """Raise NotAllowed unless the person holds the permission in this group."""
    if not user.authority.allows(permission, group_id):
        raise NotAllowed(f"您没有“{permission.label}”的权限。如确需办理，请联系本单位学习秘书。")
