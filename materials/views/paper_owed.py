"""催交: who owes what across the group's requests, and urging them. For the office and those who lead only."""

from itertools import groupby
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from accounts.models import StudyGroup
from accounts.permissions import Permission
from materials.actions import paper_request as actions
from materials.exports.paper_request import asked_workbook
from materials.models import PaperRequest, PaperRequestPerson
from materials.reminders import day_told, name_of
from materials.statistics.paper_request import lines_of, reminded_of
from materials.views.paper_request import MANAGE, READ
from studygroup.lib.access import access
from studygroup.lib.files import send_made
from studygroup.lib.paging import page_of
from studygroup.lib.parse import whole_number

ORDERS = {
    "due": ("按截止日期", ("request__due_on", "request", "pk")),
    "person": ("按人", ("person__name_key", "person", "request__due_on", "pk")),
}
A_PAGE = 60
MOST_ROWS = 5000


def _owed(request: HttpRequest) -> tuple[QuerySet[Any], str, StudyGroup | None, list[StudyGroup]]:
    """Everybody's debts the reader may see, in the order asked for."""
    groups = list(StudyGroup.objects.where(request.user, Permission.READ_PAPERS))
    wanted = request.GET.get("group", "")
    group = next((g for g in groups if str(g.pk) == wanted), groups[0] if len(groups) == 1 else None)
    order = request.GET.get("sort") if request.GET.get("sort") in ORDERS else "due"
    rows = PaperRequestPerson.objects.owing().filter(request__group__in=[group] if group else groups)
    rows = rows.with_answer(timezone.localdate()).select_related("person", "request__group")
    return rows.order_by(*ORDERS[order][1]), order, group, groups


@access(READ)
def paper_owed_list(request: HttpRequest) -> HttpResponse:
    rows, order, group, groups = _owed(request)
    today, page = timezone.localdate(), page_of(request, rows, A_PAGE)
    reminded = reminded_of(list(page))
    manageable = request.user.authority.groups_with(Permission.MANAGE_SESSIONS)
    lines = [(line, reminded.get(line.row.pk)) for line in lines_of(page, request.user, today)]
    by = _person if order == "person" else _request
    open_requests = PaperRequest.objects.filter(pk__in=rows.order_by().values("request")).order_by("due_on", "pk")
    context = {
        "parts": [(key, list(part)) for key, part in groupby(lines, key=by)],
        "page": page,
        "order": order,
        "orders": [(name, label) for name, (label, _) in ORDERS.items()],
        "group": group,
        "groups": groups if len(groups) > 1 else [],
        "today": today,
        "may_urge": bool(manageable) and (group is None or group.pk in manageable),
        "message": _message(list(open_requests[:20])),
        "several_groups": group is None,
    }
    return render(request, "materials/paper_owed_list.html", context)


def _person(pair: Any) -> Any:
    return pair[0].row.person


def _request(pair: Any) -> Any:
    return pair[0].row.request


def _message(requests: list[PaperRequest]) -> str:
    """For the work group's chat: what is owed, and nobody's name."""
    if not requests:
        return ""
    told = "\n".join(f"{n}. {name_of(r)}，{day_told(r.due_on)}截止" for n, r in enumerate(requests, start=1))
    return f"请还没有交以下材料的同志抓紧提交：\n{told}"


@access(READ)
def paper_owed_workbook(request: HttpRequest) -> HttpResponse:
    rows, _, group, _ = _owed(request)
    today = timezone.localdate()
    title = f"{group.name if group else ''}催交名单（{today.year}年{today.month}月{today.day}日）"
    lines = lines_of(rows[:MOST_ROWS], request.user, today)
    return send_made(asked_workbook(title, lines), f"{title}.xlsx")


@access(MANAGE, "POST")
def paper_owed_urge(request: HttpRequest) -> HttpResponse:
    """催一次: those named by `asked`, everybody of a `request`, or of a `group`."""
    mine = PaperRequest.objects.manageable_by(request.user)
    rows = PaperRequestPerson.objects.filter(request__in=mine, request__closed_at=None).select_related("request")
    asked, one, group = request.POST.getlist("asked"), request.POST.get("request"), request.POST.get("group")
    if asked:
        rows = rows.filter(pk__in=[whole_number(pk) for pk in asked[:MOST_ROWS]])
    elif one:
        rows = rows.filter(request=whole_number(one))
    else:
        rows = rows.filter(request__group=whole_number(group))
    found = list(rows)
    if not found:
        raise Http404
    number = actions.urge(asked=found, by=request.user, at=timezone.now())
    if number:
        messages.success(request, f"已催 {number} 人次：放进了今天的提醒，可以到待发箱里逐个告知。")
    else:
        messages.info(request, "没有要催的：今天已经催过，或者已经交了。")
    return redirect("paper_request_detail", found[0].request_id) if one else redirect("paper_owed_list")
