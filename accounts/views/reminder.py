"""待发箱, from which the office tells people; and everybody's own page of reminders."""

from datetime import date, timedelta

from django.contrib import messages
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.actions import reminder as actions
from accounts.forms.reminder import OutboxFilter, TellForm
from accounts.models import Reminder, ReminderLine
from accounts.models.reminder import ToldBy
from accounts.permissions import Permission, holds
from accounts.presentation import digests_of
from accounts.reminders import open_now
from studygroup.lib.access import SIGNED_IN, access
from studygroup.lib.errors import Refused
from studygroup.lib.looking import is_looked_at
from studygroup.lib.paging import page_of

KEEP = holds(Permission.MANAGE_SESSIONS)
PEOPLE_A_PAGE = 20
DAYS_KEPT = 30
DAYS_A_PAGE = 14


@access(KEEP, form=OutboxFilter)
def outbox(request: HttpRequest) -> HttpResponse:
    """Today's and earlier digests of his groups, each ready to copy."""
    today, groups = timezone.localdate(), request.user.authority.groups_with(Permission.MANAGE_SESSIONS)
    lines = ReminderLine.objects.filter(group__in=groups)  # a dropped one can be put back
    form = OutboxFilter(request.GET, days=_days(lines, today), today=today)
    rows = _filtered(lines, form, today).select_related("person").order_by("-day", "person__name_key", "pk")
    page = page_of(request, rows, PEOPLE_A_PAGE)
    kept = ReminderLine.objects.filter(group__in=groups, reminder__in=list(page)).select_related("group", "teller")
    context = {
        "form": form,
        "page": page,
        "digests": digests_of(list(page), list(kept)),
        "is_filtered": bool(form.chosen("show") or form.chosen("day")),
        "ways": ToldBy.choices,
        "today": today,
        "here": request.get_full_path(),
    }
    return render(request, "accounts/outbox.html", context)


def _days(lines: QuerySet[ReminderLine], today: date) -> list[date]:
    """Today, and the days of the last weeks with anything."""
    since = lines.filter(reminder__day__gt=today - timedelta(days=DAYS_KEPT), reminder__day__lte=today)
    found = set(since.order_by().values_list("reminder__day", flat=True).distinct())
    return sorted({today, *found}, reverse=True)


def _filtered(lines: QuerySet[ReminderLine], form: OutboxFilter, today: date) -> QuerySet[Reminder]:
    of_reminder = lines.filter(reminder=OuterRef("pk"))
    rows = Reminder.objects.filter(Exists(of_reminder))
    if form.chosen("day") != "all":
        rows = rows.filter(day=form.chosen("day") or today)
    standing = of_reminder.filter(dropped_at=None)
    if form.chosen("show") == "untold":
        rows = rows.filter(Exists(standing.filter(told_at=None)))
    elif form.chosen("show") == "unseen":
        newer = Exists(standing.filter(made_at__gt=F("reminder__seen_at")))
        rows = rows.filter(Q(Exists(standing), seen_at=None) | newer)
    return rows


def _back(request: HttpRequest) -> HttpResponse:
    """To the page of the outbox he came from."""
    address = request.POST.get("next", "")
    ours = address.startswith("/outbox/") and url_has_allowed_host_and_scheme(address, allowed_hosts=None)
    return redirect(address if ours else "outbox")


@access(KEEP, "POST", form=TellForm)
def reminder_tell(request: HttpRequest, pk: int) -> HttpResponse:
    """已告知, or with `take_back` not after all."""
    reminder = _kept_reminder(request, pk)
    if "take_back" in request.POST:
        actions.take_back_told(reminder=reminder, by=request.user, at=timezone.now())
        messages.success(request, f"已撤销：{reminder.person.name}还没有告知。")
        return _back(request)
    form = TellForm(request.POST)
    if not form.is_valid():
        raise Refused(next(iter(form.errors.values()))[0])
    actions.tell(reminder=reminder, by=request.user, at=timezone.now(), **form.cleaned_data)
    messages.success(request, f"已记下：{reminder.person.name}已告知。")
    return _back(request)


def _kept_reminder(request: HttpRequest, pk: int) -> Reminder:
    """A digest with a line of a group he works for; his own alone is not enough."""
    lines = ReminderLine.objects.filter(group__in=request.user.authority.groups_with(Permission.MANAGE_SESSIONS))
    rows = Reminder.objects.visible_to(request.user).filter(pk__in=lines.values("reminder"))
    return get_object_or_404(rows.select_related("person"), pk=pk)


@access(KEEP, "POST")
def reminder_line_drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Leave one line out before telling, or with `restore` put it back."""
    line = get_object_or_404(ReminderLine.objects.visible_to(request.user), pk=pk)
    if "restore" in request.POST:
        actions.restore_line(line=line, by=request.user, at=timezone.now())
        messages.success(request, "已恢复这一条。")
    else:
        actions.drop_line(line=line, by=request.user, at=timezone.now())
        messages.success(request, "这一条今天不再提醒。")
    return _back(request)


@access(SIGNED_IN)
def my_reminders(request: HttpRequest) -> HttpResponse:
    """What he has to do now and what he was reminded of, newest day first. Opening the page is having seen it."""
    today = timezone.localdate()
    mine = ReminderLine.objects.standing().filter(reminder=OuterRef("pk"))
    rows = Reminder.objects.filter(Exists(mine), person=request.user).select_related("person").order_by("-day")
    page = page_of(request, rows, DAYS_A_PAGE)
    lines = ReminderLine.objects.standing().filter(reminder__in=list(page)).select_related("group", "teller")
    digests = digests_of(list(page), list(lines))
    if request.method == "GET" and is_looked_at(request):
        actions.see(by=request.user, at=timezone.now())
    now = open_now(request.user.pk, today)
    context = {"page": page, "digests": digests, "today": today}
    context |= {"open": now if page.number == 1 else [], "listed": {line.key for line in now}}
    return render(request, "accounts/my_reminders.html", context)
