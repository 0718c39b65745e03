"""布置材料: asking people picked from the roster, and changing what was asked."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from accounts.models import Membership, StudyGroup, User
from accounts.permissions import Permission, Role
from materials.actions import paper_request as actions
from materials.forms.paper_request import PaperRequestForm, suggested_day
from materials.models import PaperRequest
from materials.models.paper_kind import PaperKind, kinds_of
from materials.views.paper_request import MANAGE, managed_request
from sessions_app.models import AgendaItem, PlanItem, StudySession
from sessions_app.models.session import AgendaRole
from sessions_app.views.session_participants import parts_of
from studygroup.lib.access import access
from studygroup.lib.clock import local_date
from studygroup.lib.errors import Overtaken, Refused
from studygroup.lib.forms import changes_of
from studygroup.lib.once import once
from studygroup.lib.parse import whole_number

SPEAKING = (AgendaRole.KEYNOTE, AgendaRole.DISCUSSION)


def _named(request: HttpRequest) -> tuple[StudySession | None, PlanItem | None]:
    """The session or the topic of the plan the address names; one he may not see is not there."""
    session, item = request.GET.get("session"), request.GET.get("item")
    sessions = StudySession.objects.visible_to(request.user).manageable_by(request.user).exclude(state="draft")
    items = PlanItem.objects.visible_to(request.user).kept().select_related("annual_plan", "monthly_plan")
    return (
        get_object_or_404(sessions, pk=whole_number(session)) if session else None,
        get_object_or_404(items, pk=whole_number(item)) if item else None,
    )


def _group(request: HttpRequest, session: StudySession | None, item: PlanItem | None) -> StudyGroup:
    groups = StudyGroup.objects.where(request.user, Permission.MANAGE_SESSIONS)
    if session is not None or item is not None:
        return get_object_or_404(groups, pk=session.group_id if session else item.plan.group_id)
    wanted = request.GET.get("group")
    return get_object_or_404(groups, pk=whole_number(wanted)) if wanted else groups.first()


def _presets(roster: Sequence[Membership], session: StudySession | None, item: PlanItem | None) -> dict[str, Any]:
    """name → (label, whom it ticks). Departments are added to what is ticked, the others replace it."""
    members = {place.user_id for place in roster if place.category == Role.MEMBER}
    found: dict[str, tuple[str, set[int]]] = {
        "members": ("全体成员", members),
        "all": ("成员和扩大人员", {place.user_id for place in roster}),
    }
    if session is not None:
        expected = set(session.participants.exclude(category=Role.OBSERVER).values_list("person", flat=True))
        speakers = AgendaItem.objects.filter(session=session, role__in=SPEAKING, speaker__isnull=False)
        found["session"] = ("这次学习的参加人员", expected)
        found["speakers"] = ("重点发言和交流发言人", set(speakers.values_list("speaker", flat=True)))
    if item is not None:
        names = set(re.split(r"[\s、，,;；/和]+", f"{item.lead_readers}、{item.key_speakers}"))
        found["item"] = ("计划里的领学人和重点发言人", {p.user_id for p in roster if p.user.name in names})
    departments: dict[str, set[int]] = {}
    for place in roster:
        if place.category == Role.EXTENDED and place.department:
            departments.setdefault(place.department, set()).add(place.user_id)
    for name, people in departments.items():
        if len(people) > 1:
            found[f"department:{name}"] = (f"＋ {name}", people)
    return found | {"none": ("全不选", set())}


def _ticked(request: HttpRequest, presets: dict[str, Any], start: set[int]) -> set[int]:
    if request.method != "POST":
        return start
    posted = {whole_number(pk) for pk in request.POST.getlist("person")}
    preset = request.POST.get("preset", "")
    if preset not in presets:
        return posted
    return presets[preset][1] | (posted if preset.startswith("department:") else set())


def _is_saving(request: HttpRequest) -> bool:
    """The button of the form and not one that only ticks people."""
    return request.method == "POST" and "preset" not in request.POST


def _typed(request: HttpRequest, initial: dict[str, Any]) -> dict[str, Any]:
    """What a form shows that is not sent yet: what was typed before people were ticked."""
    return initial | (request.POST.dict() if request.method == "POST" else {})


@access(MANAGE, "GET POST", form=PaperRequestForm)
@once
def paper_request_create(request: HttpRequest) -> HttpResponse:
    at, (session, item) = timezone.now(), _named(request)
    group = _group(request, session, item)
    roster, kinds = actions.may_be_asked(group, local_date(at)), kinds_of(group.pk)
    form = PaperRequestForm(
        request.POST if _is_saving(request) else None,
        initial=_typed(request, _initial(request, kinds, session, item, local_date(at))),
        group=group,
        user=request.user,
        kinds=kinds,
        roster=roster,
        at=at,
    )
    if form.is_bound and form.is_valid():
        people = form.cleaned_data["person"]
        asked = actions.ask_for_papers(group=group, people=people, by=request.user, at=at, **changes_of(form))
        messages.success(request, f"已布置给 {len(set(people))} 人，首页和今天的提醒里都有。")
        return redirect("paper_request_detail", asked.pk)
    presets = _presets(roster, session, item)
    start = next((presets[name][1] for name in ("speakers", "session", "item") if name in presets), set())
    context = {"group": group, "item": item, "groups": _others(request, group, session, item)}
    return _page(request, form, roster, presets, _ticked(request, presets, start), context)


def _initial(
    request: HttpRequest,
    kinds: dict[str, PaperKind],
    session: StudySession | None,
    item: PlanItem | None,
    today: Any,
) -> dict[str, Any]:
    asked = request.GET.get("kind", "")
    kind = asked if asked in kinds else next(iter(kinds), "")
    title = (session.question or session.title) if session else item.topic if item else ""
    return {
        "kind": kind,
        "title": title,
        "session": session and session.pk,
        "plan_item": item and item.pk,
        "due_on": suggested_day(kinds.get(kind), session, today),
        "words_wanted": kinds[kind].words_wanted if kind else None,
    }


def _others(request: HttpRequest, group: StudyGroup, session: Any, item: Any) -> list[StudyGroup]:
    """The groups he can change to; none when the session or the topic has decided."""
    if session is not None or item is not None:
        return []
    groups = list(StudyGroup.objects.where(request.user, Permission.MANAGE_SESSIONS))
    return groups if len(groups) > 1 else []


@access(MANAGE, "GET POST", form=PaperRequestForm)
def paper_request_edit(request: HttpRequest, pk: int) -> HttpResponse:
    asked, at = managed_request(request, pk), timezone.now()
    if asked.is_closed:
        raise Refused("这次布置已经结束，不能再改。确要修改，请先重新打开。")
    roster = actions.may_be_asked(asked.group, local_date(at))
    there = list(User.objects.filter(paper_requests__request=asked).order_by("name_key", "pk"))
    form = PaperRequestForm(
        request.POST if _is_saving(request) else None,
        instance=asked,
        initial=_typed(request, {}),
        group=asked.group,
        user=request.user,
        kinds={},
        roster=roster,
        asked=there,
        at=at,
    )
    status, current = 200, {}
    if form.is_bound and form.is_valid():
        try:
            return _changed(request, form, asked, at)
        except Overtaken as overtaken:
            status, current = overtaken.status, dict(overtaken.current)
            form.add_error(None, overtaken.message)
            form.data = form.data.copy()
            form.data["version"] = PaperRequest.objects.values_list("version", flat=True).get(pk=pk)
        except Refused as refusal:
            form.add_error("person", refusal.message)
    presets = _presets(roster, asked.session, asked.plan_item)
    ticked = _ticked(request, presets, {one.pk for one in there})
    listed = {place.user_id for place in roster}
    context = {"asked": asked, "group": asked.group, "current": current}
    context["gone"] = [(one, one.pk in ticked) for one in there if one.pk not in listed]
    return _page(request, form, roster, presets, ticked, context, status)


def _changed(request: HttpRequest, form: PaperRequestForm, asked: PaperRequest, at: datetime) -> HttpResponse:
    actions.change_request(
        request=PaperRequest.objects.get(pk=asked.pk),
        seen_version=form.cleaned_data["version"],
        changes=changes_of(form),
        people=form.cleaned_data["person"],
        by=request.user,
        at=at,
    )
    messages.success(request, "已保存。新布置的、不用再交的和改了日期的，都已放进今天的提醒。")
    return redirect("paper_request_detail", asked.pk)


def _page(
    request: HttpRequest,
    form: PaperRequestForm,
    roster: Sequence[Membership],
    presets: dict[str, Any],
    ticked: set[int],
    context: dict[str, Any],
    status: int = 200,
) -> HttpResponse:
    context |= {
        "form": form,
        "parts": parts_of(roster, ticked),
        "presets": [(name, label, len(people)) for name, (label, people) in presets.items()],
        "ticked": len(ticked),
    }
    return render(request, "materials/paper_request_form.html", context, status=status)
