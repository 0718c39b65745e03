"""宣传: columns, and what was published in them."""

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from accounts.actions.records import add_record, change_record
from accounts.forms.records import SeenVersionForm
from accounts.permissions import Permission
from accounts.views.records import KEEP, READ, Crumbs, entry_page, filters_of, kept_record, removal_page
from materials.actions.publicity import add_pushes, known_lines
from materials.forms.publicity import ColumnForm, PushForm, PushPasteForm
from materials.models import PublicityColumn, PublicityPush
from materials.rules import about
from studygroup.lib.access import access
from studygroup.lib.errors import NotAllowed, Refused
from studygroup.lib.forms import posted
from studygroup.lib.once import once
from studygroup.lib.paging import page_of


def _crumbs() -> Crumbs:
    return [("宣传", reverse("publicity_list"))]


@access(READ)
def publicity_list(request: HttpRequest) -> HttpResponse:
    """One year; columns are counted in the year they were opened, as the year's figures count them."""
    columns = PublicityColumn.objects.visible_to(request.user)
    pushes = PublicityPush.objects.visible_to(request.user)
    filters = filters_of(
        request, Permission.READ_LIBRARY, (columns, "opened_on"), (pushes, "pushed_on"), every_year=False
    )
    columns, pushes = columns.filter(opened_on__year__lte=filters.year), pushes.filter(pushed_on__year=filters.year)
    if filters.group:
        columns, pushes = columns.filter(group=filters.group), pushes.filter(group=filters.group)
    opened, pushed = columns.filter(opened_on__year=filters.year).count(), pushes.count()
    if filters.q:
        pushes = pushes.filter(Q(title__icontains=filters.q) | Q(channel__icontains=filters.q))
    in_year = Count("pushes", filter=Q(pushes__pushed_on__year=filters.year))
    context = {
        "filters": filters,
        "columns": columns.annotate(in_year=in_year).select_related("group"),
        "opened": opened,
        "pushed": pushed,
        "about": about(pushed),
        "page": page_of(request, pushes.select_related("column", "group")),
        "kept": request.user.authority.groups_with(Permission.MANAGE_LIBRARY),
    }
    return render(request, "materials/publicity_list.html", context)


@access(KEEP, "GET POST", form=ColumnForm)
def column_new(request: HttpRequest) -> HttpResponse:
    form = ColumnForm(posted(request), user=request.user, initial={"opened_on": timezone.localdate()})
    return entry_page(
        request,
        form,
        save=lambda: add_record(
            PublicityColumn(group=form.chosen_group, **form.facts), by=request.user, at=timezone.now()
        ),
        done=lambda column: _list_of(column.opened_on.year),
        title="登记专栏",
        crumbs=_crumbs(),
    )


@access(KEEP, "GET POST", form=ColumnForm)
def column_edit(request: HttpRequest, pk: int) -> HttpResponse:
    column = kept_record(request, PublicityColumn.objects, pk)
    form = ColumnForm(posted(request), instance=column, user=request.user)
    return entry_page(
        request,
        form,
        save=lambda: change_record(column, **form.change, by=request.user, at=timezone.now()),
        done=lambda _: _list_of(column.opened_on.year),
        title="修改专栏",
        crumbs=_crumbs(),
        remove=reverse("column_remove", args=[pk]),
    )


@access(KEEP, "GET POST", form=SeenVersionForm)
def column_remove(request: HttpRequest, pk: int) -> HttpResponse:
    column = kept_record(request, PublicityColumn.objects, pk)
    return removal_page(request, column, done=reverse("publicity_list"), crumbs=_crumbs())


@access(KEEP, "GET POST", form=PushForm)
@once
def push_new(request: HttpRequest) -> HttpResponse:
    form = PushForm(posted(request), user=request.user, initial={"pushed_on": timezone.localdate()})
    return entry_page(
        request,
        form,
        save=lambda: add_record(
            PublicityPush(group=form.chosen_group, **form.facts), by=request.user, at=timezone.now()
        ),
        done=lambda push: _list_of(push.pushed_on.year),
        title="登记推送",
        crumbs=_crumbs(),
    )


@access(KEEP, "GET POST", form=PushPasteForm)
def push_paste(request: HttpRequest) -> HttpResponse:
    """Paste, look, confirm. Nothing is entered while one line is wrong or before the button 确认录入."""
    form = PushPasteForm(posted(request), user=request.user)
    context = {"form": form, "crumbs": _crumbs()}
    if request.method == "POST" and form.is_valid():
        pasted = form.pasted
        lines = [line.push for line in pasted if line.push]
        target = {"group": form.chosen_group, "channel": form.cleaned_data["channel"], "lines": lines}
        wrong = sum(1 for line in pasted if line.error)
        if "confirm" in request.POST and not wrong:
            try:
                added = add_pushes(**target, column=form.cleaned_data["column"], by=request.user, at=timezone.now())
            except NotAllowed:
                raise
            except Refused as refusal:
                form.add_error(None, refusal.message)
            else:
                messages.success(request, f"已录入 {len(added)} 条推送。")
                return redirect(_list_of(max(line.pushed_on.year for line in lines)))
        context |= {"pasted": pasted, "known": known_lines(**target), "wrong": wrong}
    return render(request, "materials/push_paste.html", context)


@access(KEEP, "GET POST", form=PushForm)
def push_edit(request: HttpRequest, pk: int) -> HttpResponse:
    push = kept_record(request, PublicityPush.objects, pk)
    form = PushForm(posted(request), instance=push, user=request.user)
    return entry_page(
        request,
        form,
        save=lambda: change_record(push, **form.change, by=request.user, at=timezone.now()),
        done=lambda _: _list_of(push.pushed_on.year),
        title="修改推送",
        crumbs=_crumbs(),
        remove=reverse("push_remove", args=[pk]),
    )


@access(KEEP, "GET POST", form=SeenVersionForm)
def push_remove(request: HttpRequest, pk: int) -> HttpResponse:
    push = kept_record(request, PublicityPush.objects, pk)
    return removal_page(request, push, done=_list_of(push.pushed_on.year), crumbs=_crumbs())


def _list_of(year: int) -> str:
    return f"{reverse('publicity_list')}?year={year}"
