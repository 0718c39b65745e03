from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from accounts.actions import people
from accounts.permissions import Permission, holds
from reviews.forms.delegation import DelegationForm
from reviews.subjects import scopes
from studygroup.lib.access import SIGNED_IN, access
from studygroup.lib.errors import Refused
from studygroup.lib.forms import posted
from studygroup.lib.once import once


@access(SIGNED_IN)
def delegation_list(request: HttpRequest) -> HttpResponse:
    """委托 given and held that are not over. The form lives on this floor because it names kinds of papers."""
    today = timezone.localdate()
    given = request.user.delegations_given.filter(ends_on__gte=today).select_related("delegate", "group")
    held = request.user.delegations_held.filter(ends_on__gte=today).select_related("principal", "group")
    context = {
        "given": given,
        "held": held,
        "kinds": dict(scopes({row.group_id for row in (*given, *held)})),
        "may_delegate": request.user.authority.holds(Permission.DELEGATE),
    }
    return render(request, "reviews/delegation_list.html", context)


@access(holds(Permission.DELEGATE), "GET POST", form=DelegationForm)
@once
def delegation_create(request: HttpRequest) -> HttpResponse:
    today = timezone.localdate()
    form = DelegationForm(posted(request), user=request.user, today=today, initial={"starts_on": today})
    if request.method == "POST" and form.is_valid():
        names = ("group", "delegate", "role", "kind", "only_overdue", "starts_on", "ends_on", "reason")
        facts = {name: form.cleaned_data[name] for name in names}
        try:
            made = people.delegate(principal=request.user, at=timezone.now(), **facts)
        except Refused as refusal:
            form.add_error(None, refusal.message)
        else:
            messages.success(request, f"已委托{facts['delegate'].name}，到期自动失效，也可以随时收回。")
            if made.overlapping().exists():
                told = "这段时间里，同一职责已经另有委托给这位同志，两项都有效。不需要的，请在下面收回。"
                messages.warning(request, told)
            return redirect("delegation_list")
    return render(request, "reviews/delegation_form.html", {"form": form})


@access(SIGNED_IN, "POST")
def delegation_end(request: HttpRequest, pk: int) -> HttpResponse:
    delegation = get_object_or_404(request.user.delegations_given, pk=pk)
    people.end_delegation(delegation=delegation, on=timezone.localdate(), by=request.user, at=timezone.now())
    messages.success(request, f"已收回对{delegation.delegate.name}的委托。")
    return redirect("delegation_list")
