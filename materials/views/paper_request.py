"""布置材料: the group's list and one's own, one request with its people, asking and changing."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.db.models.functions import ExtractYear
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from accounts.actions.people import require
from accounts.models import StudyGroup, User
from accounts.permissions import Permission, holds, holds_any
from materials.actions import paper_request as actions
from materials.exports.paper_request import asked_workbook
from materials.forms.paper_request import ExcuseForm, RequestFilter
from materials.models import PaperRequest, PaperRequestPerson
from materials.reminders import address_of, name_of
from materials.statistics.paper_request import AskedLine, Share, lines_of, reminded_of, share_of
from studygroup.lib.access import access
from studygroup.lib.clock import local_date
from studygroup.lib.errors import Refused
from studygroup.lib.files import send_made
from studygroup.lib.office.characters import file_name
from studygroup.lib.paging import page_of

ANYBODY = holds_any(Permission.WRITE_PAPERS, Permission.READ_PAPERS)
READ = holds(Permission.READ_PAPERS)
MANAGE = holds(Permission.MANAGE_SESSIONS)


def find_request(request: HttpRequest, pk: int) -> PaperRequest:
    rows = PaperRequest.objects.visible_to(request.user).select_related("group", "session", "plan_item", "asked_by")
    return get_object_or_404(rows, pk=pk)


def managed_request(request: HttpRequest, pk: int) -> PaperRequest:
    asked = find_request(request, pk)
    require(request.user, Permission.MANAGE_SESSIONS, asked.group_id)
    return asked


# -- lists -------------------------------------------------------------------


@access(ANYBODY, form=RequestFilter)
def paper_request_list(request: HttpRequest) -> HttpResponse:
    """What the group has asked for; with ?tab=mine, and for members always, what he himself was asked for."""
    reads = request.user.authority.holds(Permission.READ_PAPERS)
    return _mine(request, reads) if request.GET.get("tab") == "mine" or not reads else _of_group(request)


def _of_group(request: HttpRequest) -> HttpResponse:
    today, groups = timezone.localdate(), list(StudyGroup.objects.where(request.user, Permission.READ_PAPERS))
    rows = PaperRequest.objects.filter(group__in=groups)
    years = sorted(set(rows.order_by().values_list(ExtractYear("due_on"), flat=True).distinct()), reverse=True)
    form = RequestFilter(request.GET, years=years, groups=groups)
    page = page_of(request, _filtered(rows, form, request).with_counts().select_related("group"))
    context = {
        "form": form,
        "page": page,
        "rows": [
            (
                row,
                Share(row.on_time_count, row.answered_count, row.asked_count, row.excused_count),
                row.days_left(today),
            )
            for row in page
        ],
        "is_filtered": any(form.cleaned_data.values()),
        "several_groups": len(groups) > 1,
        "may_ask": request.user.authority.holds(Permission.MANAGE_SESSIONS),
        "has_own": request.user.authority.holds(Permission.WRITE_PAPERS),
    }
    return render(request, "materials/paper_request_list.html", context)


def _filtered(rows: QuerySet[PaperRequest], form: RequestFilter, request: HttpRequest) -> Any:
    if form.chosen("year"):
        rows = rows.filter(due_on__year=form.chosen("year"))
    if form.chosen("group"):
        rows = rows.filter(group=form.chosen("group"))
    if form.chosen("show") == "overdue":
        return PaperRequest.objects.overdue(timezone.localdate()).filter(pk__in=rows.values("pk"))
    if form.chosen("show"):
        rows = rows.filter(closed_at__isnull=form.chosen("show") == "open")
    return rows


def _mine(request: HttpRequest, reads: bool) -> HttpResponse:
    today = timezone.localdate()
    rows = PaperRequestPerson.objects.filter(person=request.user).with_answer(today)
    page = page_of(request, rows.select_related("request__group", "person").order_by("-request__due_on", "-pk"))
    lines = [(line, *line.state, _may_write(line, request.user)) for line in lines_of(page, request.user, today)]
    return render(request, "materials/paper_request_mine.html", {"page": page, "lines": lines, "reads_group": reads})


def _may_write(line: AskedLine, user: User) -> str:
    """Where he writes it, while it is his to do."""
    asked = line.row.request
    if not line.is_owing or asked.is_closed or not user.authority.allows(Permission.WRITE_PAPERS, asked.group_id):
        return ""
    return address_of(asked.pk)


# -- one request ---------------------------------------------------------------


@access(ANYBODY)
def paper_request_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Whoever reads the group's papers sees everybody; whoever was asked sees how he stands himself."""
    asked, today = find_request(request, pk), timezone.localdate()
    authority = request.user.authority
    reads = authority.allows(Permission.READ_PAPERS, asked.group_id)
    lines = _lines(asked, request.user, reads, timezone.now())
    own = next((line for line in lines if line.row.person_id == request.user.pk), None)
    manages = authority.allows(Permission.MANAGE_SESSIONS, asked.group_id)
    context: dict[str, Any] = {
        "asked": asked,
        "left": asked.days_left(today),
        "own": own,
        "own_state": own.state if own else None,
        "write": _may_write(own, request.user) if own else "",
        "reads": reads,
        "manages": manages,
        "session": _session_shown(asked, request.user),
    }
    if reads:
        reminded = reminded_of([line.row for line in lines])
        owing = [line.row.pk for line in lines if line.is_owing and line.row.is_listed]
        urged = {pk for pk, one in reminded.items() if one.is_urged and one.reminder.day == today}
        context |= {
            "lines": [(line, *line.state, reminded.get(line.row.pk)) for line in lines],
            "share": share_of(lines),
            "owing": len(owing),
            "to_urge": len(set(owing) - urged),
            "may_discard": manages and not any(line.paper for line in lines),
            "is_past": asked.due_on < today,
            "message": f"请还没有交{name_of(asked)}的同志抓紧提交，{asked.due_on.month}月{asked.due_on.day}日截止。",
        }
    return render(request, "materials/paper_request_detail.html", context)


def _session_shown(asked: PaperRequest, user: User) -> bool:
    """Its page can be opened by him."""
    session = asked.session
    return session is not None and type(session).objects.visible_to(user).filter(pk=session.pk).exists()


def _lines(asked: PaperRequest, user: User, reads: bool, at: datetime) -> list[AskedLine]:
    rows = PaperRequestPerson.objects.filter(request=asked).with_answer(local_date(at)).select_related("person")
    rows = rows.select_related("person", "request", "excused_by").order_by("pk")
    return lines_of(rows if reads else rows.filter(person=user), user, local_date(at))


@access(READ)
def paper_request_workbook(request: HttpRequest, pk: int) -> HttpResponse:
    asked = find_request(request, pk)
    require(request.user, Permission.READ_PAPERS, asked.group_id)
    lines = _lines(asked, request.user, True, timezone.now())
    title = f"{asked.kind_name}提交情况：{asked.title}"
    return send_made(asked_workbook(title, lines), f"{file_name(title)}.xlsx")


# -- what the office does with it ------------------------------------------------


@access(MANAGE, "POST")
def paper_request_close(request: HttpRequest, pk: int) -> HttpResponse:
    """End it, or with `reopen` open it again."""
    asked, at = managed_request(request, pk), timezone.now()
    if "reopen" in request.POST:
        actions.reopen_request(request=asked, by=request.user, at=at)
        messages.success(request, "已重新打开，未交的同志继续收到提醒。")
    else:
        actions.close_request(request=asked, by=request.user, at=at)
        messages.success(request, "已结束，不再提醒，按时交的比例计入年度统计。")
    return redirect("paper_request_detail", pk)


@access(MANAGE, "POST")
def paper_request_discard(request: HttpRequest, pk: int) -> HttpResponse:
    asked = managed_request(request, pk)
    actions.discard_request(request=asked, by=request.user, at=timezone.now())
    messages.success(request, f"已删除“{asked.title}”这次布置，并告知有关同志不用再交。")
    return redirect("paper_request_list")


@access(MANAGE, "POST", form=ExcuseForm)
def paper_request_person_excuse(request: HttpRequest, pk: int) -> HttpResponse:
    """免交 for one person with a reason, or with `take_back` not after all."""
    visible = PaperRequestPerson.objects.visible_to(request.user).select_related("request", "person")
    row = get_object_or_404(visible, pk=pk)
    if "take_back" in request.POST:
        actions.take_back_excuse(asked=row, by=request.user, at=timezone.now())
        messages.success(request, f"已取消免交，{row.person.name}仍要交。")
    else:
        form = ExcuseForm(request.POST)
        if not form.is_valid():
            raise Refused(form.errors["reason"][0])
        actions.excuse(asked=row, reason=form.cleaned_data["reason"], by=request.user, at=timezone.now())
        messages.success(request, f"{row.person.name}免交。")
    return redirect("paper_request_detail", row.request_id)
