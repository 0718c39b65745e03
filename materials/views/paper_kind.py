"""材料类别: which kinds of papers a group uses, and what each asks for."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from accounts.models import StudyGroup
from accounts.permissions import Permission, holds
from accounts.views.records import entry_page
from materials.actions.paper_kind import SHIPPED_KINDS, add_kind, change_kind_row
from materials.forms.paper_kind import KindSwitchForm, PaperKindForm
from materials.models import PaperKind
from materials.models.paper_kind import kinds_of, may_keep_kinds
from reviews.actions.route import routes_of, words_of
from studygroup.lib.access import access
from studygroup.lib.errors import NotAllowed
from studygroup.lib.forms import changes_of, posted
from studygroup.lib.once import once

KEEP = holds(Permission.EDIT_PLANS)
COUNTED = "年度统计、一学一档和“1112工程”都数这一类。停用以后成员不能再新写，已有的照常审核、照常统计。"
PLAIN = "停用以后成员不能再新写，已有的照常审核、照常保留。"


def _group(request: HttpRequest, pk: int) -> StudyGroup:
    group = get_object_or_404(StudyGroup.objects.visible_to(request.user), pk=pk)
    if not may_keep_kinds(request.user, group.pk):
        raise NotAllowed("材料类别由学习秘书和办公室修改。")
    return group


def _kind(group: StudyGroup, code: str) -> PaperKind:
    row = kinds_of(group.pk, retired=True).get(code)
    if row is None:
        raise Http404
    return row


def _list_address(group: StudyGroup) -> str:
    return reverse("group_paper_kinds", args=[group.pk])


@access(KEEP)
def group_paper_kinds(request: HttpRequest, pk: int) -> HttpResponse:
    group = _group(request, pk)
    steps = routes_of(group)
    rows = [(row, _chain(steps, row.slug)) for row in kinds_of(pk, retired=True).values()]
    may_change_steps = request.user.authority.allows(Permission.FINAL_GATE, pk)
    context = {"group": group, "rows": rows, "shipped": list(SHIPPED_KINDS), "may_change_steps": may_change_steps}
    return render(request, "materials/paper_kind_list.html", context)


def _chain(steps: dict[str, list[str]], slug: str) -> str:
    return words_of(steps[slug]) if slug in steps else ""


@access(KEEP, "GET POST", form=PaperKindForm)
@once
def group_paper_kind_new(request: HttpRequest, pk: int) -> HttpResponse:
    group = _group(request, pk)
    form = PaperKindForm(posted(request))
    return entry_page(
        request,
        form,
        save=lambda: add_kind(group=group, facts=changes_of(form), by=request.user, at=timezone.now()),
        done=lambda _: _list_address(group),
        title="新增材料类别",
        crumbs=[("材料类别", _list_address(group))],
        note="新的类别照“初审、复审、把关”审核；要改审核环节，请组长在“本组设置”里改。",
    )


@access(KEEP, "GET POST", form=PaperKindForm)
def group_paper_kind(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """Change one kind; whoever was overtaken sees what stands there now above what he typed."""
    group = _group(request, pk)
    row = _kind(group, code)
    form = PaperKindForm(posted(request), instance=row, initial={"version": row.version})
    told: dict[str, Any] = {"group": group, "slug": code, "by": request.user, "at": timezone.now()}
    return entry_page(
        request,
        form,
        save=lambda: change_kind_row(**told, seen_version=form.cleaned_data["version"], changes=changes_of(form)),
        done=lambda _: _list_address(group),
        title=f"修改类别：{row.label}",
        crumbs=[("材料类别", _list_address(group))],
        note="改了以后新写的按新的要求；已经开始写的，名称不变。",
    )


@access(KEEP, "GET POST", form=KindSwitchForm)
def group_paper_kind_switch(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """停用 or 启用, after a sentence of what follows."""
    group = _group(request, pk)
    row = _kind(group, code)
    form = KindSwitchForm(posted(request), initial={"version": row.version, "on": not row.is_active})
    if request.method == "POST" and form.is_valid():
        change_kind_row(
            group=group,
            slug=code,
            seen_version=form.cleaned_data["version"],
            changes={"is_active": form.cleaned_data["on"]},
            by=request.user,
            at=timezone.now(),
        )
        messages.success(request, f"“{row.label}”已{'启用' if form.cleaned_data['on'] else '停用'}。")
        return redirect(_list_address(group))
    follows = "启用以后成员又可以写这一类。" if not row.is_active else COUNTED if code in SHIPPED_KINDS else PLAIN
    context = {"form": form, "row": row, "follows": follows, "crumbs": [("材料类别", _list_address(group))]}
    return render(request, "materials/paper_kind_switch.html", context)
