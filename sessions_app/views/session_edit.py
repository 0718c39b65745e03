"""Making a session, from nothing or from the plan, and changing its facts and agenda."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from accounts.actions.people import require
from accounts.models import Membership, StudyGroup
from accounts.permissions import Permission
from sessions_app.actions import session as actions
from sessions_app.actions.series import ONE, change_in_series
from sessions_app.actions.session import Speaker, usual_place
from sessions_app.forms.series import ScopeForm
from sessions_app.forms.session import AgendaFormSet, NoFields, SessionForm
from sessions_app.models import AgendaItem, PlanItem, StudySession
from sessions_app.models.session import AgendaRole
from sessions_app.presentation import minutes_told
from sessions_app.rules import planned_time
from sessions_app.views.session import MANAGE, managed_session
from studygroup.lib.access import access
from studygroup.lib.clock import local_date
from studygroup.lib.errors import Overtaken, Refused
from studygroup.lib.forms import changes_of, posted, refuse_stale
from studygroup.lib.once import once
from studygroup.lib.parse import whole_number


@access(MANAGE, "GET POST", form=SessionForm)
@once
def session_create(request: HttpRequest) -> HttpResponse:
    """A new session; `?item=` takes over what a plan item says. Whoever works for several groups chooses one first."""
    now = timezone.now()
    groups = list(StudyGroup.objects.where(request.user, Permission.MANAGE_SESSIONS))
    item = _item_asked_for(request)
    group = _group_asked_for(request, groups, item)
    if group is None:
        return render(request, "sessions_app/session_group.html", {"groups": groups})
    today = local_date(now)
    initial = vars(actions.proposal_of(item, today)) | {"plan_item": item.pk} if item else {"place": usual_place(group)}
    form = SessionForm(posted(request), group=group, today=today, initial=initial)
    agenda = _agenda_forms(request, form.roster, [])
    if request.method == "POST" and "more" not in request.POST and form.is_valid() and agenda.is_valid():
        told = {"agenda": agenda.speakers(), **changes_of(form)}
        session = actions.create_session(group=group, by=request.user, at=now, **told)
        messages.success(request, "已存为草稿，默认由全体成员参加。")
        return redirect("session_detail", session.pk)
    return _show_form(request, form, agenda, group=group, item=item)


def _item_asked_for(request: HttpRequest) -> PlanItem | None:
    asked = request.POST.get("item") or request.GET.get("item")
    if not asked:
        return None
    items = PlanItem.objects.visible_to(request.user).select_related("annual_plan__group", "monthly_plan__group")
    return get_object_or_404(items, pk=whole_number(asked))


def _group_asked_for(request: HttpRequest, groups: Sequence[StudyGroup], item: PlanItem | None) -> StudyGroup | None:
    if item is not None:
        require(request.user, Permission.MANAGE_SESSIONS, item.plan.group_id)
        return item.plan.group
    if len(groups) == 1:
        return groups[0]
    asked = request.POST.get("group") or request.GET.get("group")
    return next((group for group in groups if str(group.pk) == asked), None)


@access(MANAGE, "POST", form=NoFields)
def session_from_item(request: HttpRequest, pk: int) -> HttpResponse:
    items = PlanItem.objects.visible_to(request.user).select_related("annual_plan__group", "monthly_plan__group")
    item = get_object_or_404(items, pk=pk)
    session, is_new = actions.draft_from_item(item=item, by=request.user, at=timezone.now())
    if is_new:
        place = session.place or "（计划里没有，请填写）"
        messages.success(
            request,
            f"已按计划生成草稿：主题、形式、内容、领学人和发言人来自计划；{_when(item, session)}，地点 {place}，"
            f"由 {session.participants.count()} 名成员参加。请核对后保存。",
        )
    else:
        messages.info(request, "这一条计划已经有一份草稿，已为您打开。")
    return _see_other(reverse("session_edit", args=[session.pk]))


def _when(item: PlanItem, session: StudySession) -> str:
    """Where a draft's time comes from: the plan, or a guess because the plan does not say or cannot mean it."""
    starts = date_format(timezone.localtime(session.starts_at), "n月j日 H:i")
    said = planned_time(item.date_text, item.plan.year, item.month)
    if said.is_impossible:
        return f"计划里的时间“{item.date_text}”不是{item.plan.year}年{item.month}月的日子，时间暂定 {starts}"
    if said.day is None:
        return f"时间暂定 {starts}"
    return f"时间按计划是 {starts}" if said.hour else f"日期按计划，时间暂定 {starts}"


def _see_other(address: str) -> HttpResponse:
    response = redirect(address)
    response.status_code = 303
    return response


@access(MANAGE, "GET POST", form=SessionForm)
def session_edit(request: HttpRequest, pk: int) -> HttpResponse:
    session, now = managed_session(request, pk), timezone.now()
    form = SessionForm(posted(request), instance=session, group=session.group, today=local_date(now))
    agenda = _agenda_forms(request, form.roster, session.agenda.select_related("speaker"))
    title = StudySession.objects.values_list("title", flat=True).get(pk=pk) if request.method == "POST" else ""
    status, there = 200, {}
    if request.method == "POST" and "more" not in request.POST and form.is_valid() and agenda.is_valid():
        facts, reach = changes_of(form), _reach(request)
        try:
            others = change_in_series(
                session=session,
                **reach,
                seen_version=form.cleaned_data["version"],
                kinds=facts.pop("kinds"),
                facts=facts,
                agenda=agenda.speakers(),
                by=request.user,
                at=now,
            )
            messages.success(request, f"已保存，同一系列另有 {others} 次一起修改。" if others else "已保存。")
            return redirect("session_detail", pk)
        except Overtaken as error:
            status, there = error.status, _overtake(form, agenda, error)
        except Refused as error:
            status = error.status
            form.add_error(None, error.message)
    context = {"session": session, "group": session.group, "there": there, "title": title or session.title}
    context |= minutes_told(session, session.agenda.values_list("minutes", flat=True)) if not form.errors else {}
    if session.series_id:
        context["scope"] = ScopeForm(posted(request))
    return _show_form(request, form, agenda, status=status, **context)


def _reach(request: HttpRequest) -> dict[str, Any]:
    """How far the edit goes in its series; what cannot be read means this session alone."""
    form = ScopeForm(request.POST)
    form.is_valid()
    return {"scope": form.cleaned_data.get("scope") or ONE, "with_called": bool(form.cleaned_data.get("with_called"))}


def _agenda_forms(request: HttpRequest, roster: Sequence[Membership], items: Any) -> Any:
    """The agenda's lines; pressing “再加几行” shows more of them and keeps what was typed."""
    data = None
    if request.method == "POST":
        data = request.POST.copy()
        if "more" in data:
            total = data.get("agenda-TOTAL_FORMS", "")
            data["agenda-TOTAL_FORMS"] = str(min(whole_number(total, 0) + 3, 60))
    initial = [
        {
            "position": number,
            "role": item.role,
            "person": item.speaker_id,
            "speaker": item.speaker,
            "name": item.speaker_name,
            "title": item.title,
            "minutes": item.minutes,
        }
        for number, item in enumerate(items, start=1)
    ]
    return AgendaFormSet(data, initial=initial, prefix="agenda", form_kwargs={"roster": roster})


def _show_form(
    request: HttpRequest, form: SessionForm, agenda: Any, *, status: int = 200, **context: Any
) -> HttpResponse:
    return render(request, "sessions_app/session_form.html", {"form": form, "agenda": agenda, **context}, status=status)


def _overtake(form: SessionForm, agenda: Any, error: Overtaken) -> dict[str, str]:
    """Show what the other person saved where it differs, and let a second press on 保存 go through knowingly."""
    theirs = StudySession.objects.select_related("host", "site", "upper_session", "plan_item").get(pk=form.instance.pk)
    refuse_stale(form, error)
    form.data = form.data.copy()
    form.data["version"] = theirs.version
    facts = {name: getattr(theirs, name) for name in form.fields if hasattr(theirs, name)}
    there = _told(facts | {"kinds": theirs.kinds.all()}, _lines(theirs.agenda.select_related("speaker")))
    mine = _told(form.cleaned_data, agenda.speakers())
    return {label: text or "（空）" for label, text in there.items() if text != mine[label]}


def _lines(agenda: QuerySet[AgendaItem]) -> list[Speaker]:
    return [Speaker(item.role, item.speaker, item.speaker_name, item.title, item.minutes) for item in agenda]


def _told(facts: Mapping[str, Any], agenda: Sequence[Speaker]) -> dict[str, str]:
    """Facts and agenda in words, to compare two versions."""

    def moment(name: str) -> str:
        return date_format(timezone.localtime(facts[name]), "DATETIME_FORMAT")

    def line(one: Speaker) -> str:
        minutes = f"{one.minutes}分钟" if one.minutes else ""
        return "　".join(filter(None, (AgendaRole(one.role).label, str(one.person or one.name), one.title, minutes)))

    upper = facts.get("upper_session")
    return {
        "主题": facts["title"],
        "对应的计划专题": str(facts["plan_item"] or ""),
        "学习形式": "、".join(sorted(kind.label for kind in facts["kinds"])),
        "时间": f"{moment('starts_at')} 至 {moment('ends_at')}",
        "地点": facts["place"],
        "现场": str(facts["site"] or ""),
        "线上": "是" if facts["is_online"] else "否",
        "主持人": str(facts["host"] or ""),
        "学习内容": facts["content"].replace("\r\n", "\n"),
        "研讨题目": facts["question"],
        "学习要求": facts["requirements"].replace("\r\n", "\n"),
        "材料截止": str(facts["papers_due_on"] or ""),
        "上级学习": upper.title if upper else facts["upper_text"],
        "议程": "\n".join(line(one) for one in agenda),
    }
