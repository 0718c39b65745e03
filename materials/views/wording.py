"""用语词库: the entries in force and those put aside, editions, one entry, a workbook, and a text to try it on."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from accounts.actions.people import require
from accounts.models import StudyGroup
from accounts.permissions import Permission, holds
from accounts.views.records import Crumbs, entry_page
from materials.actions import wording as actions
from materials.advice import wording_of
from materials.documents import body_blocks
from materials.exports.wording import wording_workbook
from materials.forms.wording import TryForm, WordingForm
from materials.models import Submission, WordingEdition, WordingEntry
from materials.models.wording import edition_of, may_keep_wording
from materials.wording import WordingSort
from reviews.models import ReviewCase
from reviews.panels import may_see_panels
from studygroup.lib.access import SIGNED_IN, access
from studygroup.lib.clock import local_date
from studygroup.lib.errors import NotAllowed
from studygroup.lib.files import send_made
from studygroup.lib.forms import posted
from studygroup.lib.once import once
from studygroup.lib.paging import page_of

READ = holds(Permission.READ_LIBRARY)
KEEP = holds(Permission.KEEP_WORDING)


def _groups(request: HttpRequest) -> tuple[list[StudyGroup], StudyGroup]:
    """The groups whose dictionary he reads, and the one asked for: his own to keep before others."""
    groups = list(StudyGroup.objects.where(request.user, Permission.READ_LIBRARY))
    asked = request.POST.get("group") or request.GET.get("group")
    chosen = next((group for group in groups if str(group.pk) == asked), None)
    kept = next((group for group in groups if may_keep_wording(request.user, group.pk)), None)
    return groups, chosen or kept or groups[0]


def _list_address(group: StudyGroup) -> str:
    return f"{reverse('wording_list')}?group={group.pk}"


def _crumbs(group: StudyGroup) -> Crumbs:
    return [("用语词库", _list_address(group))]


@access(READ)
def wording_list(request: HttpRequest) -> HttpResponse:
    groups, group = _groups(request)
    edition = edition_of(group.pk)
    aside = request.GET.get("show") == "aside"
    rows = WordingEntry.objects.out_of(edition) if aside else WordingEntry.objects.in_edition(edition)
    q = request.GET.get("q", "").replace("\0", "").strip()[:60]
    if q:
        rows = rows.filter(Q(found__icontains=q) | Q(advised__icontains=q) | Q(note__icontains=q))
    counts = dict(rows.order_by().values_list("sort").annotate(n=Count("pk")))
    sort = request.GET.get("sort") if request.GET.get("sort") in WordingSort.values else ""
    rows = rows.filter(sort=sort) if sort else rows
    context = {
        "groups": groups if len(groups) > 1 else [],
        "group": group,
        "edition": edition,
        "aside": aside,
        "q": q,
        "sort": sort,
        "sorts": [(slug, label, counts.get(slug, 0)) for slug, label in WordingSort.choices],
        "total": sum(counts.values()),
        "page": page_of(request, rows.own_first()),
        "may_keep": may_keep_wording(request.user, group.pk),
    }
    return render(request, "materials/wording_list.html", context)


# -- one entry ---------------------------------------------------------------


@access(KEEP, "GET POST", form=WordingForm)
@once
def wording_new(request: HttpRequest) -> HttpResponse:
    form = WordingForm(posted(request), user=request.user, initial={"sort": request.GET.get("sort", "")})
    _, group = _groups(request)
    return entry_page(
        request,
        form,
        save=lambda: actions.add_wording(group=form.chosen_group, by=request.user, at=timezone.now(), **form.facts),
        done=lambda row: _list_address(row.group),
        title="新增词条",
        crumbs=_crumbs(group),
        note="保存后词库另成一版，以后的材料按新的一版提示；材料的文字不会被改动。",
    )


def _kept(request: HttpRequest, pk: int) -> tuple[WordingEntry, StudyGroup]:
    """The entry, and the group in which it is changed: its own, or for a shipped one the group asked for."""
    entry = get_object_or_404(WordingEntry.objects.visible_to(request.user).select_related("group"), pk=pk)
    groups, group = _groups(request)
    asked = request.POST.get("group") or request.GET.get("group")
    if asked and asked not in (str(one.pk) for one in ([entry.group] if entry.group else groups)):
        raise Http404
    group = entry.group or group
    require(request.user, Permission.KEEP_WORDING, group.pk)
    return entry, group


@access(KEEP, "GET POST", form=WordingForm)
def wording_edit(request: HttpRequest, pk: int) -> HttpResponse:
    entry, group = _kept(request, pk)
    form = WordingForm(posted(request), instance=entry, user=request.user)
    note = "这是随系统提供的词条，修改后本组用自己的一条代替它，别的学习组不受影响。" if entry.is_shipped else ""
    return entry_page(
        request,
        form,
        save=lambda: actions.change_wording(
            group=group, entry=entry, by=request.user, at=timezone.now(), **form.change
        ),
        done=lambda _: _list_address(group),
        title="修改词条",
        crumbs=_crumbs(group),
        note=f"{note}原来的一条保留在以前的版次里。",
    )


@access(KEEP, "POST")
def wording_retire(request: HttpRequest, pk: int) -> HttpResponse:
    entry, group = _kept(request, pk)
    actions.retire_wording(group=group, entry=entry, by=request.user, at=timezone.now())
    messages.success(request, f"“{entry.found}”已停用，以后的材料不再提示。可以在“已停用”里恢复。")
    return redirect(_list_address(group))


@access(KEEP, "POST")
def wording_restore(request: HttpRequest, pk: int) -> HttpResponse:
    entry, group = _kept(request, pk)
    actions.restore_wording(group=group, entry=entry, by=request.user, at=timezone.now())
    messages.success(request, f"“{entry.found}”已恢复。")
    return redirect(_list_address(group))


# -- editions ----------------------------------------------------------------


@access(READ)
def wording_edition_list(request: HttpRequest) -> HttpResponse:
    groups, group = _groups(request)
    rows = WordingEdition.objects.visible_to(request.user).filter(group=group).select_related("made_by")
    context = {
        "groups": groups if len(groups) > 1 else [],
        "group": group,
        "edition": edition_of(group.pk),
        "page": page_of(request, rows),
        "crumbs": _crumbs(group),
    }
    return render(request, "materials/wording_editions.html", context)


@access(READ)
def wording_edition(request: HttpRequest, pk: int) -> HttpResponse:
    """What one edition added and put aside."""
    rows = WordingEdition.objects.visible_to(request.user).select_related("group", "made_by")
    edition = get_object_or_404(rows, pk=pk)
    number = edition.number
    own = Q(group=edition.group_id)
    put_in = Q(own, added_in=number) | Q(switches__group=edition.group_id, switches__on_in=number)
    put_out = Q(own, retired_in=number) | Q(switches__group=edition.group_id, switches__off_in=number)
    context = {
        "edition": edition,
        "put_in": page_of(request, WordingEntry.objects.filter(put_in).select_related("replaces").distinct()),
        "put_out": WordingEntry.objects.filter(put_out).distinct(),
        "crumbs": [*_crumbs(edition.group), ("版次", f"{reverse('wording_edition_list')}?group={edition.group_id}")],
    }
    return render(request, "materials/wording_edition.html", context)


@access(READ)
def wording_export(request: HttpRequest) -> HttpResponse:
    """The dictionary as a sheet that can be changed and imported again."""
    _, group = _groups(request)
    edition = edition_of(group.pk)
    rows = list(WordingEntry.objects.in_edition(edition).own_first())
    return send_made(wording_workbook(group.name, edition, rows), f"用语词库第{edition.number}版.xlsx")


# -- texts -------------------------------------------------------------------


@access(READ, "GET POST", form=TryForm)
def wording_try(request: HttpRequest) -> HttpResponse:
    """What the dictionary says about a text that is pasted and not kept."""
    _, group = _groups(request)
    initial = {"day": timezone.localdate(), "group": group, "edition": request.GET.get("edition")}
    form = TryForm(posted(request), user=request.user, initial=initial)
    context: dict[str, Any] = {"form": form, "crumbs": _crumbs(group)}
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        blocks = body_blocks(told["text"])
        context["blocks"] = blocks
        context["wording"] = wording_of(blocks, group_id=form.chosen_group.pk, day=told["day"], edition=told["edition"])
    return render(request, "materials/wording_try.html", context)


@access(SIGNED_IN)
def submission_wording(request: HttpRequest, pk: int) -> HttpResponse:
    """All advice on the version handed in last, for whoever reviews it; its author has 自查."""
    rows = Submission.objects.visible_to(request.user).select_related("review")
    submission = get_object_or_404(rows, pk=pk)
    if not may_see_panels(submission.review, request.user):
        raise NotAllowed("这一页供审核人和可以查看本组材料的同志使用。自己的材料请用“自查”。")
    version = get_object_or_404(submission.review.versions.order_by("-number")[:1])
    context = {
        "submission": submission,
        "version": version,
        "wording": wording_of(
            version.content, title=version.title, group_id=submission.group_id, day=submission.written_on
        ),
        "may_return": ReviewCase.objects.to_judge(request.user).filter(pk=submission.review_id).exists(),
        "handed_in_on": local_date(version.submitted_at),
    }
    return render(request, "materials/submission_wording.html", context)
