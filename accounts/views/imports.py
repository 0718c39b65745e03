"""导入: upload or paste, name the columns, look it over and mend it, confirm, take back."""

import re
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header

from accounts.actions import imports as actions
from accounts.exports import template_workbook, wrong_rows_workbook
from accounts.forms.imports import ImportForm, LayoutForm
from accounts.models import ImportBatch
from accounts.models.imports import ImportState
from accounts.permissions import Permission, holds_any
from accounts.sheets.description import CHANGED, NEW, SAME, Description, SheetRow, description_of, descriptions
from accounts.sheets.reading import ReadSheet, all_fields, description_for, read_batch, sheets_of
from studygroup.lib.access import access
from studygroup.lib.clock import local_date
from studygroup.lib.errors import NotAllowed, Refused
from studygroup.lib.forms import posted
from studygroup.lib.once import once
from studygroup.lib.paging import page_of
from studygroup.lib.parse import whole_number
from studygroup.lib.tables import Head

KEEPS = holds_any(
    Permission.EDIT_PLANS, Permission.MANAGE_SESSIONS, Permission.MANAGE_ROSTER, Permission.MANAGE_LIBRARY
)
ROWS_PER_PAGE = 50
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ADDRESS = re.compile(r"[A-Z]{1,3}[0-9]{1,5}")
STATE_WORDS = {NEW: ("新增", "good"), CHANGED: ("更新", "wait"), SAME: ("不变", "off")}
LIST = ("导入", "/imports/")


@access(KEEPS)
def import_list(request: HttpRequest) -> HttpResponse:
    """What can be imported, and what this person and his colleagues have imported."""
    kinds = [one for one in descriptions() if request.user.authority.holds(one.permission)]
    rows = ImportBatch.objects.visible_to(request.user).select_related("group", "created_by").defer("cells", "written")
    labels = {one.slug: one.label for one in descriptions()}
    return render(
        request, "accounts/import_list.html", {"kinds": kinds, "page": page_of(request, rows), "labels": labels}
    )


def _kind(request: HttpRequest, kind: str) -> Description:
    description = description_of(kind)
    if description is None:
        raise Http404
    if not request.user.authority.holds(description.permission):
        raise NotAllowed(f"您没有“{description.permission.label}”的权限，不能导入{description.label}。")
    return description


@access(KEEPS, "GET POST", form=ImportForm)
@once
def import_start(request: HttpRequest, kind: str) -> HttpResponse:
    description = _kind(request, kind)
    now = timezone.now()
    initial = {name: request.GET[name] for name in request.GET if name not in ("file", "paste")}
    files = request.FILES if request.method == "POST" else None
    form = ImportForm(posted(request), files, user=request.user, description=description, at=now, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            batch = _start(request, description, form)
        except Refused as refusal:
            form.add_error(None, refusal.message)
        else:
            return redirect(
                "import_detail" if actions.is_plain(read_batch(batch), batch) else "import_columns", batch.pk
            )
    context = {"form": form, "description": description, "crumbs": [LIST]}
    return render(request, "accounts/import_start.html", context)


def _start(request: HttpRequest, description: Description, form: ImportForm) -> ImportBatch:
    upload = form.cleaned_data.get("file")
    return actions.start_import(
        description=description,
        group=form.cleaned_data["group"],
        grids=form.grids,
        file_name=upload.name if upload else "粘贴的表格",
        options=form.answers,
        by=request.user,
        at=form.at,
    )


@access(KEEPS)
def import_template(request: HttpRequest, kind: str) -> HttpResponse:
    description = _kind(request, kind)
    defaults = {o.name: o.initial for o in description.options(timezone.localdate())}
    given = {name: value for name, value in request.GET.items() if name in defaults}
    return _workbook(template_workbook(description, defaults | given), f"{description.label}导入表.xlsx")


def _workbook(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=XLSX)
    response.headers["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _find(request: HttpRequest, pk: int) -> ImportBatch:
    return get_object_or_404(ImportBatch.objects.visible_to(request.user).select_related("group", "created_by"), pk=pk)


@access(KEEPS, "GET POST", form=LayoutForm)
def import_columns(request: HttpRequest, pk: int) -> HttpResponse:
    """Which sheet, which head rows, which column is what."""
    batch = _find(request, pk)
    if batch.state != ImportState.PREVIEW:
        return redirect("import_detail", pk)
    description = description_for(batch)
    form = _layout_form(request, batch, description)
    if request.method == "POST" and "columns" in request.POST:
        return _map(request, batch)
    if request.method == "POST" and form.is_valid():
        _choose(request, batch, form)
        return redirect("import_columns", pk)
    sheet = read_batch(batch)
    context = {
        "batch": batch,
        "description": description,
        "form": form,
        "columns": _columns(batch, sheet, description),
        "sheet": sheet,
        "head_rows": [(row.name, row.texts[:8]) for row in sheet.rows[: sheet.head.after]],
        "crumbs": [LIST, (description.label, f"/imports/{description.slug}/")],
    }
    return render(request, "accounts/import_columns.html", context)


def _layout_form(request: HttpRequest, batch: ImportBatch, description: Description) -> LayoutForm:
    initial = {
        "sheet": batch.sheet_name,
        "head_first": batch.options.get("head_first", 0) + 1,
        "head_last": batch.head_rows,
        "turned": "1" if batch.options.get("turned") else "",
        "version": batch.version,
    }
    names = [one["name"] for one in sheets_of(batch)]
    data = request.POST if request.method == "POST" and "columns" not in request.POST else None
    return LayoutForm(data, sheets=names, may_turn=description.may_turn, initial=initial)


def _choose(request: HttpRequest, batch: ImportBatch, form: LayoutForm) -> None:
    """Head rows are counted in a sheet: with another sheet they are found anew."""
    told = form.cleaned_data
    turned = bool(told.get("turned"))
    is_same = told["sheet"] == batch.sheet_name and turned == bool(batch.options.get("turned"))
    named = is_same and told["head_first"] and told["head_last"]
    actions.choose_layout(
        batch=batch,
        sheet_name=told["sheet"],
        turned=turned,
        head=Head(told["head_first"] - 1, told["head_last"]) if named else None,
        seen_version=told["version"],
        by=request.user,
        at=timezone.now(),
    )


def _columns(batch: ImportBatch, sheet: ReadSheet, description: Description) -> list[dict[str, Any]]:
    """Every column with something in it: its heading, the first things it says, and what it is taken for."""
    fields = all_fields(description, batch.options, sheet.known)
    why = {heading: reason for _, heading, reason in sheet.left_columns}
    below = [row.texts for row in sheet.rows[sheet.head.after :]]
    found = []
    for column, heading in enumerate(sheet.headings):
        said = [texts[column] for texts in below if texts[column]]
        if not said and not heading:
            continue
        one = sheet.columns.get(column)
        found.append(
            {
                "number": column,
                "name": _column_name(sheet, column),
                "heading": heading,
                "samples": list(dict.fromkeys(said))[:3],
                "field": one.name if one else "",
                "fields": fields,
                "why": "" if one else why.get(heading, ""),
            }
        )
    return found


def _column_name(sheet: ReadSheet, column: int) -> str:
    if sheet.table.is_turned:
        return f"第 {sheet.table.column_numbers[column]} 行"
    return sheet.table.address(0, column).rstrip("0123456789")


def _map(request: HttpRequest, batch: ImportBatch) -> HttpResponse:
    chosen = {
        whole_number(name.removeprefix("column-")): value
        for name, value in request.POST.items()
        if name.startswith("column-")
    }
    actions.map_columns(
        batch=batch,
        mapping=chosen,
        seen_version=whole_number(request.POST.get("version")),
        by=request.user,
        at=timezone.now(),
    )
    return redirect("import_detail", batch.pk)


@access(KEEPS)
def import_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Before confirmation the preview, afterwards the result."""
    batch = _find(request, pk)
    description = description_for(batch)
    crumbs = [LIST, (description.label, f"/imports/{description.slug}/")]
    context: dict[str, Any] = {"batch": batch, "description": description, "crumbs": crumbs}
    if batch.state != ImportState.PREVIEW:
        context["address"] = description.result_address(batch.group, batch.options)
        return render(request, "accounts/import_result.html", context)
    sheet = read_batch(batch)
    chosen = {
        "all": sheet.rows,
        "wrong": sheet.wrong,
        "warned": sheet.doubtful,
        NEW: sheet.of_state(NEW),
        CHANGED: sheet.of_state(CHANGED),
        SAME: sheet.of_state(SAME),
        "left_out": sheet.left_out,
    }
    show = request.GET.get("show", "wrong" if sheet.wrong else "all")
    show = show if show in chosen else "all"
    edited = whole_number(request.GET.get("edit"))
    page = Paginator(chosen[show], ROWS_PER_PAGE).get_page(request.GET.get("page"))
    context |= {
        "sheet": sheet,
        "counts": sheet.counts(),
        "chips": [(name, label, len(chosen[name])) for name, label in CHIPS if chosen[name] or name in ("all", show)],
        "show": show,
        "page": page,
        "rows": [_shown(sheet, row, row.place == edited, batch) for row in page],
        "heads": _shown_fields(sheet),
        "digest": sheet.digest(),
        "page_number": page.number,
    }
    return render(request, "accounts/import_preview.html", context)


CHIPS = (
    ("all", "全部"),
    ("wrong", "要改的"),
    ("warned", "请核对"),
    (NEW, "新增"),
    (CHANGED, "更新"),
    (SAME, "不变"),
    ("left_out", "不导入"),
)


def _shown_fields(sheet: ReadSheet) -> list[Any]:
    """A column per person is told in one line, but for cells that want a look."""
    return [one for one in sheet.fields if not one.name.startswith("person-")]


def _shown(sheet: ReadSheet, row: SheetRow, is_edited: bool, batch: ImportBatch) -> dict[str, Any]:
    word, tone = STATE_WORDS[row.state]
    if row.level == "error":
        word, tone = "有错", "bad"
    cells = []
    for one in _shown_fields(sheet):
        cell = row.cells.get(one.name)
        cells.append(cell and {"cell": cell, "field": one, "input": is_edited or bool(cell.level)})
    people = [
        {"cell": cell, "field": sheet_field, "input": is_edited or bool(cell.level)}
        for sheet_field in sheet.fields
        if sheet_field.name.startswith("person-")
        and (cell := row.cells.get(sheet_field.name))
        and (cell.level or is_edited)
    ]
    number = sheet.table.row_numbers[row.place]
    return {
        "row": row,
        "number": number,
        "word": word,
        "tone": tone,
        "cells": cells,
        "people": people,
        "is_skipped": number in batch.options.get("skipped", ()),
        "is_edited": is_edited,
        "text": "　".join(dict.fromkeys(filter(None, row.texts)))[:120],
    }


@access(KEEPS, "POST")
def import_mend(request: HttpRequest, pk: int) -> HttpResponse:
    """Cells come by their address: cell-B7=…"""
    batch = _find(request, pk)
    cells = {
        name.removeprefix("cell-"): value
        for name, value in request.POST.items()
        if name.startswith("cell-") and ADDRESS.fullmatch(name.removeprefix("cell-"))
    }
    changed = actions.mend(
        batch=batch,
        cells=cells,
        skipped=[whole_number(number) for number in request.POST.getlist("skip")],
        unskipped=[whole_number(number) for number in request.POST.getlist("unskip")],
        seen_version=whole_number(request.POST.get("version")),
        by=request.user,
        at=timezone.now(),
    )
    messages.success(request, f"已改 {changed} 格，重新核对过了。" if changed else "已按您的选择重新核对。")
    show, page = request.POST.get("show", "all"), max(1, whole_number(request.POST.get("page"), 1))
    return redirect(f"/imports/{pk}/?show={show if show.isalpha() else 'all'}&page={page}")


@access(KEEPS, "POST")
def import_confirm(request: HttpRequest, pk: int) -> HttpResponse:
    told = {"seen": request.POST.get("seen", ""), "leave_wrong": bool(request.POST.get("leave_wrong"))}
    try:
        batch = actions.confirm(batch=_find(request, pk), by=request.user, at=timezone.now(), **told)
    except Refused as refusal:
        if refusal.status != Refused.status:
            raise
        messages.error(request, refusal.message)
        return redirect("import_detail", pk)
    messages.success(request, f"已导入：新增 {batch.counts.get(NEW, 0)}，更新 {batch.counts.get(CHANGED, 0)}。")
    return redirect("import_detail", pk)


@access(KEEPS, "POST")
def import_undo(request: HttpRequest, pk: int) -> HttpResponse:
    actions.undo(batch=_find(request, pk), by=request.user, at=timezone.now())
    messages.success(request, "已撤销，导入前是什么样，现在就是什么样。")
    return redirect("import_detail", pk)


@access(KEEPS, "POST")
def import_abandon(request: HttpRequest, pk: int) -> HttpResponse:
    actions.abandon(batch=_find(request, pk), by=request.user, at=timezone.now())
    messages.success(request, "已放弃这次导入，什么都没有写入。")
    return redirect("import_list")


@access(KEEPS)
def import_wrong_rows(request: HttpRequest, pk: int) -> HttpResponse:
    batch = _find(request, pk)
    if batch.state != ImportState.PREVIEW:
        raise Http404
    day = local_date(batch.created_at)
    name = f"{description_for(batch).label}要改的行{day:%m%d}.xlsx"
    return _workbook(wrong_rows_workbook(read_batch(batch), f"{batch.file_name} 要改的行"), name)
