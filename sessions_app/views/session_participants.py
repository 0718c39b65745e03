"""参加人员: who is expected at a session, out of the roster of its day."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from accounts.models import Membership
from accounts.permissions import Role
from sessions_app.actions import participants as actions
from sessions_app.forms.participants import GuestForm, ParticipantsForm
from sessions_app.forms.session import NoFields
from sessions_app.models import StudySession
from sessions_app.views.session import MANAGE, managed_session
from studygroup.lib.access import access
from studygroup.lib.errors import Overtaken, Refused
from studygroup.lib.forms import posted
from studygroup.lib.once import once
from studygroup.lib.parse import whole_number

DEPARTMENT_WITH_HEADING = 3  # people; fewer would make a page of headings


@access(MANAGE, "GET POST", form=ParticipantsForm)
def session_participants(request: HttpRequest, pk: int) -> HttpResponse:
    session = managed_session(request, pk)
    roster = actions.roster_on(session.group, session)
    form = ParticipantsForm(posted(request), roster=roster, initial={"version": session.version})
    status = 200
    if request.method == "POST" and form.is_valid():
        chosen = set(form.cleaned_data["person"])
        try:
            actions.set_participants(
                session=session,
                members=[m for m in roster if m.user_id in chosen],
                seen_version=form.cleaned_data["version"],
                by=request.user,
                at=timezone.now(),
            )
            messages.success(request, f"已保存，共 {len(chosen)} 人。")
            return redirect("session_detail", pk)
        except Refused as error:
            status = error.status
            _refuse_choice(form, session, error)
    ticked = _ticked(request, session, roster)
    listed = {m.user_id for m in roster}
    gone = [p for p in session.participants.select_related("person") if p.person_id not in listed]
    context = {"session": session, "form": form, "parts": parts_of(roster, ticked), "gone": gone, "ticked": len(ticked)}
    return render(request, "sessions_app/session_participants.html", context, status=status)


def _refuse_choice(form: ParticipantsForm, session: StudySession, error: Refused) -> None:
    form.add_error(None, error.message)
    form.data = form.data.copy()
    form.data["version"] = StudySession.objects.values_list("version", flat=True).get(pk=session.pk)


def _ticked(request: HttpRequest, session: StudySession, roster: Sequence[Membership]) -> set[int]:
    """Whose box is ticked: as typed, as one of the presets says, or as it stands."""
    if request.method == "POST":
        return {whole_number(pk) for pk in request.POST.getlist("person")}
    match request.GET.get("preset"):
        case "all":
            return {m.user_id for m in roster}
        case "expected":
            return {m.user_id for m in roster if m.category != Role.OBSERVER}
        case "members":
            return {m.user_id for m in roster if m.category == Role.MEMBER}
        case "none":
            return set()
        case "last":
            last = actions.last_like(session)
            return set(last.participants.values_list("person", flat=True)) if last else set()
    return set(session.participants.values_list("person", flat=True))


@access(MANAGE, "POST", form=NoFields)
def session_participants_same(request: HttpRequest, pk: int) -> HttpResponse:
    """同上次 in one click, telling what it changed."""
    session = managed_session(request, pk)
    try:
        same = actions.same_as_last(session=session, by=request.user, at=timezone.now())
        messages.success(request, _same_told(same))
    except Overtaken:
        raise
    except Refused as error:
        messages.error(request, error.message)
    return redirect("session_detail", pk)


def _same_told(same: actions.SameAgain) -> str:
    day = f"{same.last.day.month}月{same.last.day.day}日"
    changes = [
        f"加入{'、'.join(same.came)}" if same.came else "",
        f"去掉{'、'.join(same.went)}" if same.went else "",
        f"{'、'.join(same.left)}已不在学习当天的名单里，没有带入" if same.left else "",
    ]
    told = "；".join(filter(None, changes)) or "与原来相同"
    return f"已照{day}“{same.last.title}”的参加人员，共 {same.total} 人：{told}。"


@access(MANAGE, "GET POST", form=GuestForm)
@once
def session_guest(request: HttpRequest, pk: int) -> HttpResponse:
    """单次临时参加: somebody known, or a newcomer by name, for this one day."""
    session, status = managed_session(request, pk), 200
    people = actions.possible_guests(session)
    form = GuestForm(posted(request), people=people, initial={"version": session.version})
    if request.method == "POST" and form.is_valid():
        facts = dict(form.cleaned_data)
        try:
            place = actions.add_guest(
                session=session, seen_version=facts.pop("version"), by=request.user, at=timezone.now(), **facts
            )
            messages.success(
                request, f"{place.person.name}已加入这次学习（{place.get_category_display()}），只限当天。"
            )
            return redirect("session_participants", pk)
        except Refused as error:
            status = error.status
            form.add_error(None, error.message)
            form.data = form.data.copy()
            form.data["version"] = StudySession.objects.values_list("version", flat=True).get(pk=pk)
    context = {"session": session, "form": form}
    return render(request, "sessions_app/session_guest.html", context, status=status)


@dataclass(frozen=True)
class Box:
    """One person to tick; his department is told where neither the heading nor his title does."""

    member: Membership
    ticked: bool
    department: str = ""


def parts_of(roster: Sequence[Membership], ticked: set[int]) -> list[tuple[str, list[Box]]]:
    """成员, then 扩大人员, then 列席. A department of several 扩大人员 has its own heading, the rest share one."""
    order = {Role.MEMBER: 0, Role.EXTENDED: 1, Role.OBSERVER: 3}
    sizes = Counter(m.department for m in roster if m.category == Role.EXTENDED and m.department)
    parts: dict[tuple[int, str], list[Box]] = {}
    for member in roster:
        place, label = order[Role(member.category)], str(Role(member.category).label)
        department = member.department if member.category == Role.EXTENDED else ""
        if member.category == Role.EXTENDED:
            if sizes[department] >= DEPARTMENT_WITH_HEADING:
                label, department = f"{label} · {department}", ""
            else:
                place += 1  # after the departments with a heading
                department = "" if department in member.title else department
        parts.setdefault((place, label), []).append(Box(member, member.user_id in ticked, department))
    return [(label, boxes) for (_, label), boxes in sorted(parts.items(), key=lambda part: part[0][0])]
