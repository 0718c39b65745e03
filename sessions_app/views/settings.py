"""本组设置: the township's own numbers, and the steps its papers and plans pass."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from accounts.actions.organizations import change_group_settings
from accounts.actions.people import require
from accounts.models import StudyGroup
from accounts.permissions import Permission, holds, holds_any
from reviews.actions.route import (
    change_deadlines,
    change_routes,
    deadline_words,
    deadlines_of,
    routes_of,
    words_of,
)
from reviews.chain import State
from reviews.subjects import labels
from sessions_app.forms.settings import DeadlinesForm, GroupSettingsForm, StepsForm, sentences_of
from sessions_app.models import SessionKind
from sessions_app.panels import settings_for
from studygroup.lib.access import access
from studygroup.lib.errors import NotAllowed, Overtaken, Refused
from studygroup.lib.forms import changes_of, posted

SEE = holds_any(Permission.READ_RECORDS, Permission.MANAGE_SESSIONS)
LEAD = holds(Permission.FINAL_GATE)


def _group(request: HttpRequest, pk: int) -> StudyGroup:
    return get_object_or_404(StudyGroup.objects.where(request.user, Permission.READ_RECORDS), pk=pk)


@access(SEE, "GET POST", form=GroupSettingsForm)
def group_settings(request: HttpRequest, pk: int) -> HttpResponse:
    group, authority = _group(request, pk), request.user.authority
    may_change = authority.allows(Permission.MANAGE_SESSIONS, pk)
    if request.method == "POST":
        require(request.user, Permission.MANAGE_SESSIONS, pk)
    told, steps = sentences_of(group), routes_of(group)
    form = GroupSettingsForm(posted(request), instance=group)
    status = 200
    current: Mapping[str, str] = {}
    if request.method == "POST" and form.is_valid():
        try:
            return _save(request, group, form)
        except Overtaken as overtaken:
            status, current = overtaken.status, overtaken.current
            form.add_error(None, overtaken.message)
            form.data = form.data.copy()
            form.data["version"] = StudyGroup.objects.values_list("version", flat=True).get(pk=pk)
    context = {
        "group": group,
        "form": form if may_change else None,
        "current": current,
        "sentences": told.values(),
        "routes": [(label, words_of(steps[kind])) for kind, label in labels([group.pk])],
        "deadlines": [(State(step).label, deadline_words(days)) for step, days in deadlines_of(group).items()],
        "may_change_steps": authority.allows(Permission.FINAL_GATE, pk),
        "more_settings": settings_for(request.user, pk),
        "kinds": SessionKind.objects.filter(is_active=True),
    }
    return render(request, "sessions_app/group_settings.html", context, status=status)


def _save(request: HttpRequest, group: StudyGroup, form: Any) -> HttpResponse:
    seen, changes = form.cleaned_data["version"], changes_of(form)
    change_group_settings(group=group, seen_version=seen, changes=changes, by=request.user, at=timezone.now())
    messages.success(request, "已保存。还没有开始的学习从现在起按新的设置办理。")
    return redirect("group_settings", group.pk)


@access(LEAD, "GET POST", form=StepsForm)
def group_steps(request: HttpRequest, pk: int) -> HttpResponse:
    """The leader says which reviews come before his gate."""
    group = _group(request, pk)
    require(request.user, Permission.FINAL_GATE, pk)
    form = StepsForm(posted(request), routes=routes_of(group), named=dict(labels([pk])))
    status, current = 200, {}
    if request.method == "POST" and form.is_valid():
        try:
            seen, wanted = form.cleaned_data["seen"], form.wanted
            changed = change_routes(group=group, seen=seen, wanted=wanted, by=request.user, at=timezone.now())
        except NotAllowed:
            raise
        except Refused as refusal:
            status, current = refusal.status, getattr(refusal, "current", {})
            form.add_error(None, refusal.message)
            form.data = form.data.copy()
            form.data["seen"] = form.initial["seen"]
        else:
            messages.success(request, "已保存，以后新提交的按新的环节审核。" if changed else "没有变化。")
            return redirect("group_settings", pk)
    context = {"group": group, "form": form, "current": current}
    return render(request, "sessions_app/group_steps.html", context, status=status)


@access(LEAD, "GET POST", form=DeadlinesForm)
def group_deadlines(request: HttpRequest, pk: int) -> HttpResponse:
    """The leader says in how many days each step is to be handled."""
    group = _group(request, pk)
    require(request.user, Permission.FINAL_GATE, pk)
    form = DeadlinesForm(posted(request), deadlines=deadlines_of(group))
    status = 200
    current: Mapping[str, str] = {}
    if request.method == "POST" and form.is_valid():
        try:
            told = {"seen": form.cleaned_data["seen"], "wanted": form.wanted}
            changed = change_deadlines(group=group, **told, by=request.user, at=timezone.now())
        except Overtaken as overtaken:
            status, current = overtaken.status, overtaken.current
            form.add_error(None, overtaken.message)
            form.data = form.data.copy()
            form.data["seen"] = form.initial["seen"]
        else:
            messages.success(request, "已保存，以后送到的按新的期限办理。" if changed else "没有变化。")
            return redirect("group_settings", pk)
    context = {"group": group, "form": form, "current": current}
    return render(request, "sessions_app/group_deadlines.html", context, status=status)
