"""What the pages of the office's records share: finding a row, filtering a list, typing one in, removing one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django import forms
from django.contrib import messages
from django.db.models import Model, QuerySet
from django.db.models.functions import ExtractYear
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from accounts.actions.people import require
from accounts.actions.records import REMOVED, ChangedMeanwhile, overtaken, remove_record
from accounts.forms.records import SeenVersionForm
from accounts.models import StudyGroup
from accounts.permissions import Permission, holds
from studygroup.lib.errors import NotAllowed, Refused
from studygroup.lib.forms import posted
from studygroup.lib.models import AuditEntry

READ = holds(Permission.READ_LIBRARY)
KEEP = holds(Permission.MANAGE_LIBRARY)
Crumbs = Sequence[tuple[str, str]]
M = TypeVar("M", bound=Model)


def kept_record(request: HttpRequest, rows: QuerySet[M], pk: int) -> M:
    """A row to be changed: invisible is 404, only visible is 403, removed while somebody was typing is 409."""
    record = rows.visible_to(request.user).filter(pk=pk).first()
    if record is None:
        if request.method == "POST" and _was_removed(request, rows.model, pk):
            raise overtaken(rows.model(pk=pk), {})
        raise Http404
    require(request.user, Permission.MANAGE_LIBRARY, record.group_id)
    return record


def _was_removed(request: HttpRequest, model: type[Model], pk: int) -> bool:
    return AuditEntry.objects.filter(
        target_type=model._meta.label_lower,
        target_id=pk,
        action=f"{model._meta.model_name}.{REMOVED}",
        group_id__in=request.user.authority.groups_with(Permission.MANAGE_LIBRARY),
    ).exists()


@dataclass(frozen=True)
class Filters:
    """What a list was asked for. `year` is None for every year, `group` None for every group he may read."""

    years: Sequence[int]
    year: int | None
    every_year: bool
    groups: Sequence[StudyGroup]
    group: StudyGroup | None
    q: str

    @property
    def is_set(self) -> bool:
        return bool(self.q or self.group or (self.every_year and self.year))


def filters_of(
    request: HttpRequest, permission: Permission, *dated: tuple[QuerySet, str], every_year: bool = True
) -> Filters:
    """Read ?year=, ?group= and ?q=. Years are those in which the rows have something; nonsense is no filter.

    A page that counts one year (not `every_year`) opens with this year, or the last one that has something.
    """
    groups = list(StudyGroup.objects.where(request.user, permission))
    years = sorted({year for rows, name in dated for year in _years_of(rows, name)}, reverse=True)
    asked = request.GET.get("year", "")
    year = next((year for year in years if str(year) == asked), None)
    if year is None and not every_year:
        this_year = timezone.localdate().year
        year = this_year if this_year in years or not years else years[0]
    return Filters(
        years=years,
        year=year,
        every_year=every_year,
        groups=groups if len(groups) > 1 else [],
        group=next((group for group in groups if str(group.pk) == request.GET.get("group")), None),
        q=request.GET.get("q", "").replace("\0", "").strip()[:100],
    )


def _years_of(rows: QuerySet, name: str) -> QuerySet:
    return rows.order_by().annotate(in_year=ExtractYear(name)).values_list("in_year", flat=True).distinct()


def entry_page(
    request: HttpRequest,
    form: forms.BaseForm,
    *,
    save: Callable[[], Any],
    done: Callable[[Any], str],
    title: str,
    crumbs: Crumbs,
    note: str = "",
    remove: str = "",
) -> HttpResponse:
    """Show a form; when it is sent and valid make the one call `save`, and go where `done` says.

    For the second of two writers what stands there now is shown above what he typed, which stays; saving again then
    replaces it knowingly.
    """
    current: Mapping[str, str] = {}
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            saved = save()
        except NotAllowed:
            raise
        except Refused as refusal:
            form.add_error(None, refusal.message)
            if isinstance(refusal, ChangedMeanwhile):
                current, status = refusal.current, refusal.status
                form.data = form.data.copy()
                form.data["version"] = refusal.version
        else:
            messages.success(request, "已保存。")
            return redirect(done(saved))
    context = {"form": form, "title": title, "crumbs": crumbs, "note": note, "remove": remove, "current": current}
    return render(request, "records/form.html", context, status=status)


def removal_page(
    request: HttpRequest,
    record: Any,
    *,
    done: str,
    crumbs: Crumbs,
    remove: Callable[..., None] = remove_record,
    note: str = "",
) -> HttpResponse:
    """Ask before a row is removed; the version agreed to is the one removed. `remove` is the noun's own verb and
    `note` says what becomes of the row when that is not plain removal."""
    form = SeenVersionForm(posted(request), initial={"version": record.version})
    if request.method == "POST" and form.is_valid():
        remove(record, seen_version=form.cleaned_data["version"], by=request.user, at=timezone.now())
        messages.success(request, f"已删除“{record}”。")
        return redirect(done)
    context = {"form": form, "record": record, "kind": record._meta.verbose_name, "crumbs": crumbs, "note": note}
    return render(request, "records/remove.html", context)
