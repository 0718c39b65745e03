"""My page and the roster."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters

from accounts.actions import people
from accounts.forms.people import MembershipForm, NewcomerForm, SignInPinForm
from accounts.models import Appointment, Delegation, Membership, StudyGroup, User
from accounts.panels import own_pages
from accounts.permissions import Permission, holds
from studygroup.lib.access import SIGNED_IN, access
from studygroup.lib.errors import Overtaken, Refused
from studygroup.lib.forms import changes_of, posted
from studygroup.lib.paging import page_of
from studygroup.lib.parse import whole_number


@access(SIGNED_IN)
def me(request: HttpRequest) -> HttpResponse:
    today = timezone.localdate()
    own = {"user": request.user}
    context = {
        "memberships": Membership.objects.on(today).filter(**own).select_related("group"),
        "appointments": Appointment.objects.on(today).filter(**own).select_related("group"),
        "own_pages": own_pages(),
    }
    return render(request, "accounts/me.html", context)


@sensitive_post_parameters("password", "pin", "pin_again")
@access(SIGNED_IN, "GET POST", form=SignInPinForm)
def pin_change(request: HttpRequest) -> HttpResponse:
    """签到密码 for the shared computer in the hall; `remove` takes it away."""
    user, now = request.user, timezone.now()
    if "remove" in request.POST:
        people.set_sign_in_pin(pin="", by=user, at=now)
        messages.success(request, "签到密码已取消。")
        return redirect("me")
    form = SignInPinForm(posted(request), request=request)
    if request.method == "POST" and form.is_valid():
        people.set_sign_in_pin(pin=form.cleaned_data["pin"], by=user, at=now)
        messages.success(request, "签到密码已设置。在会场的自助签到机上点自己的姓名，输入它就能签到。")
        return redirect("me")
    status = 400 if form.errors else 200
    return render(request, "accounts/pin_form.html", {"form": form, "has_pin": bool(user.sign_in_pin)}, status=status)


@access(holds(Permission.READ_RECORDS))
def roster(request: HttpRequest) -> HttpResponse:
    """名单 of one group as of today, and who holds which role."""
    groups = StudyGroup.objects.where(request.user, Permission.READ_RECORDS)
    wanted = whole_number(request.GET.get("group"), 0)
    group = get_object_or_404(groups, pk=wanted) if wanted else groups.first()
    today = timezone.localdate()
    rows = Membership.objects.on(today).filter(group=group).select_related("user").order_by("position", "pk")
    context = {
        "groups": groups,
        "group": group,
        "page": page_of(request, rows, 100),
        "appointments": Appointment.objects.on(today).filter(group=group).select_related("user"),
        "delegations": Delegation.objects.on(today).filter(group=group).select_related("principal", "delegate"),
        "may_edit": group is not None and request.user.authority.allows(Permission.MANAGE_ROSTER, group.pk),
    }
    return render(request, "accounts/roster.html", context)


@sensitive_post_parameters("password")
@access(holds(Permission.MANAGE_ROSTER), "GET POST", form=NewcomerForm)
def newcomer(request: HttpRequest) -> HttpResponse:
    today = timezone.localdate()
    initial = {"starts_on": today, "category": "member"}
    form = NewcomerForm(posted(request), user=request.user, today=today, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            membership = _enrol(form, request.user)
        except Refused as refusal:
            form.add_error(None, refusal.message)
        else:
            user = membership.user
            messages.success(request, f"{user.name}已加入名单，可以用“{user.username}”登录。")
            return redirect("roster")
    return render(request, "accounts/membership_form.html", {"form": form, "title": "加入名单"})


def _enrol(form: NewcomerForm, by: User) -> Membership:
    data, now = form.cleaned_data, timezone.now()
    if data["known"]:
        return people.enrol(group=data["group"], user=data["known"], by=by, at=now, **changes_of(form))
    account = {name: data[name] for name in ("group", "name", "username", "password")}
    return people.enrol_newcomer(**account, **changes_of(form), by=by, at=now)


@access(holds(Permission.MANAGE_ROSTER), "GET POST", form=MembershipForm)
def membership_edit(request: HttpRequest, pk: int) -> HttpResponse:
    membership = get_object_or_404(Membership.objects.visible_to(request.user).select_related("user"), pk=pk)
    people.require(request.user, Permission.MANAGE_ROSTER, membership.group_id)
    form = MembershipForm(posted(request), instance=membership, initial={"version": membership.version})
    status = 200
    if request.method == "POST" and form.is_valid():
        seen = form.cleaned_data["version"] or 0
        try:
            people.change_membership(
                membership=membership, seen_version=seen, by=request.user, at=timezone.now(), **changes_of(form)
            )
        except Overtaken as overtaken:
            form.add_error(None, overtaken.message)
            form.data = form.data.copy()
            form.data["version"] = Membership.objects.get(pk=pk).version
            status = 409
        except Refused as refusal:
            form.add_error(None, refusal.message)
        else:
            messages.success(request, f"{membership.user.name}的名单信息已保存。")
            return redirect("roster")
    context = {"form": form, "title": f"{membership.user.name}：名单信息"}
    return render(request, "accounts/membership_form.html", context, status=status)
