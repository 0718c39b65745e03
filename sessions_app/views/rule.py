"""规则灯 and 学习要求: how far the group is, what it asks of itself, and one press to begin what is missing."""

from collections import Counter
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from accounts.actions.people import require
from accounts.models import StudyGroup
from accounts.permissions import Permission, holds
from accounts.views.records import entry_page
from sessions_app.actions import rule as actions
from sessions_app.forms.rule import DraftForm, NewRuleForm, RuleForm, SwitchForm, known_measures
from sessions_app.measures import LightState, Standard, lights_of_groups, measure_of, standards_of
from sessions_app.measures.board import board_of
from sessions_app.measures.lights import TONES
from sessions_app.measures.periods import span_at
from sessions_app.measures.standards import SINCE
from studygroup.lib.access import access
from studygroup.lib.errors import Refused
from studygroup.lib.forms import posted
from studygroup.lib.once import once
from studygroup.lib.paging import page_of
from studygroup.lib.parse import whole_number

READ = holds(Permission.READ_PLANS)
EDIT = holds(Permission.EDIT_PLANS)
MANAGE = holds(Permission.MANAGE_SESSIONS)


def _year_asked(request: HttpRequest, this_year: int) -> int:
    """?year= from the first year of the study rules to the next one; anything else is this year."""
    year = whole_number(request.POST.get("year") or request.GET.get("year"))
    return year if SINCE <= year <= this_year + 1 else this_year


def _years(this_year: int) -> list[int]:
    return list(range(this_year + 1, SINCE - 1, -1))


def _group_asked(request: HttpRequest, groups: list[StudyGroup]) -> StudyGroup | None:
    asked = request.GET.get("group", "")
    return groups[0] if len(groups) == 1 else next((group for group in groups if str(group.pk) == asked), None)


@access(READ)
def light_list(request: HttpRequest) -> HttpResponse:
    """One group's year, period by period; who reads several groups chooses from their numbers first."""
    today = timezone.localdate()
    year, groups = _year_asked(request, today.year), list(StudyGroup.objects.where(request.user, Permission.READ_PLANS))
    context: dict[str, Any] = {"groups": groups, "year": year, "years": _years(today.year)}
    group = _group_asked(request, groups)
    if group is None:
        page = page_of(request, StudyGroup.objects.where(request.user, Permission.READ_PLANS))
        lights = lights_of_groups([one.pk for one in page], year, today)
        context |= {"page": page, "rows": [(one, _counts(lights[one.pk])) for one in page]}
        return render(request, "sessions_app/light_groups.html", context)
    context |= {"group": group, "board": board_of(request.user, group, year, today)}
    context["may_edit"] = request.user.authority.allows(Permission.EDIT_PLANS, group.pk)
    return render(request, "sessions_app/light_list.html", context)


def _counts(lights: Any) -> list[tuple[str, str, int]]:
    number = Counter(one.state for one in lights if not one.said)
    return [(str(state.label), TONES[state], number[state]) for state in LightState]


@access(MANAGE, "POST", form=DraftForm)
def light_draft(request: HttpRequest, pk: int) -> HttpResponse:
    """起草一次 for the group `pk`."""
    group = get_object_or_404(StudyGroup.objects.visible_to(request.user), pk=pk)
    form = DraftForm(request.POST)
    if not form.is_valid():
        raise Refused("这个按钮已经过时，请刷新页面后再点。")
    facts = form.cleaned_data
    span = span_at(facts["period"], facts["first"])
    session, is_new = actions.draft_for_light(
        group=group, kind=facts["kind"], span=span, by=request.user, at=timezone.now()
    )
    if is_new:
        planned = f"，主题和内容来自计划“{session.title}”" if session.plan_item_id else ""
        messages.success(
            request, f"已起草一次{facts['kind'].label}{planned}。时间是建议的，请核对主题、时间和地点后保存。"
        )
    else:
        messages.info(request, f"{span.label}已经有一份{facts['kind'].label}草稿，已为您打开。")
    response = redirect("session_edit", session.pk)
    response.status_code = 303
    return response


@access(READ)
def rule_list(request: HttpRequest) -> HttpResponse:
    """The standards that hold in a year, switched-off ones included."""
    this_year = timezone.localdate().year
    year, groups = _year_asked(request, this_year), list(StudyGroup.objects.where(request.user, Permission.READ_PLANS))
    group = _group_asked(request, groups) or groups[0]
    kinds, _ = known_measures()
    rows = [(one, measure_of(one.measure, kinds)) for one in standards_of([group.pk], year)[group.pk]]
    context = {
        "groups": groups,
        "group": group,
        "year": year,
        "years": _years(this_year),
        "rows": [(standard, measure, measure.asked(standard)) for standard, measure in rows if measure],
        "since": SINCE,
        "may_edit": request.user.authority.allows(Permission.EDIT_PLANS, group.pk),
    }
    return render(request, "sessions_app/rule_list.html", context)


def _edited_group(request: HttpRequest, pk: int) -> StudyGroup:
    group = get_object_or_404(StudyGroup.objects.visible_to(request.user), pk=pk)
    require(request.user, Permission.EDIT_PLANS, group.pk)
    return group


def _list_address(group: StudyGroup, year: int) -> str:
    return f"{reverse('rule_list')}?group={group.pk}&year={year}"


def _standard_asked(request: HttpRequest, group: StudyGroup, year: int) -> Standard | None:
    key = (request.GET.get("measure", ""), request.GET.get("period", ""))
    return next((standard for standard in standards_of([group.pk], year)[group.pk] if standard.key == key), None)


@access(EDIT, "GET POST", form=RuleForm)
def rule_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change what ?measure= and ?period= ask of the group from ?year= on."""
    group, this_year = _edited_group(request, pk), timezone.localdate().year
    year = whole_number(request.GET.get("year"))
    if not SINCE <= year <= this_year + 1:
        return redirect(_list_address(group, this_year))
    standard = _standard_asked(request, group, year)
    measure = measure_of(standard.measure, known_measures()[0]) if standard else None
    if standard is None or measure is None:
        raise Http404
    form = RuleForm(posted(request), measure=measure, standard=standard)
    return entry_page(
        request,
        form,
        save=lambda: actions.change_rule(
            group=group,
            measure=standard.measure,
            period=standard.period,
            year=year,
            **form.change,
            by=request.user,
            at=timezone.now(),
        ),
        done=lambda _: _list_address(group, year),
        title=f"{measure.label}：{measure.asked(standard)}",
        crumbs=[(f"{year}年学习要求", _list_address(group, year))],
        note=_since_note(standard, year),
    )


def _since_note(standard: Standard, year: int) -> str:
    if standard.from_year == year:
        return f"修改的是{year}年起的要求。"
    return f"现在的标准从{standard.from_year}年起。保存后，新标准从{year}年起生效，{year - 1}年及以前的完成情况不变。"


@access(EDIT, "GET POST", form=NewRuleForm)
@once
def rule_new(request: HttpRequest, pk: int) -> HttpResponse:
    group = _edited_group(request, pk)
    year = _year_asked(request, timezone.localdate().year)
    form = NewRuleForm(posted(request))
    return entry_page(
        request,
        form,
        save=lambda: actions.add_rule(group=group, year=year, by=request.user, at=timezone.now(), **form.facts),
        done=lambda _: _list_address(group, year),
        title="新增学习要求",
        crumbs=[(f"{year}年学习要求", _list_address(group, year))],
        note=f"从{year}年起生效，以前年度的完成情况不变。",
    )


@access(EDIT, "POST", form=SwitchForm)
def rule_switch(request: HttpRequest, pk: int) -> HttpResponse:
    """启用 or 停用 from the year on."""
    group = _edited_group(request, pk)
    form = SwitchForm(request.POST)
    if not form.is_valid():
        raise Refused("这个按钮已经过时，请刷新页面后再点。")
    facts = form.cleaned_data
    year = _year_asked(request, timezone.localdate().year)
    actions.change_rule(
        group=group,
        measure=facts["measure"],
        period=facts["period"],
        year=year,
        seen_version=facts["version"],
        changes={"is_active": facts["on"]},
        by=request.user,
        at=timezone.now(),
    )
    messages.success(request, f"已{'启用' if facts['on'] else '停用'}，从{year}年起。")
    return redirect(_list_address(group, year))
