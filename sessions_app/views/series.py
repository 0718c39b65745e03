"""定期学习: lay out the days of a weekly meeting, and see what became of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from accounts.actions.people import require
from accounts.models import StudyGroup
from accounts.permissions import Permission
from sessions_app.actions import series as actions
from sessions_app.forms.series import DraftsForm, SeriesForm, chosen_days
from sessions_app.models import SessionSeries, StudySession
from sessions_app.models.session import SessionState
from sessions_app.presentation import state_of
from sessions_app.rules import day_hint
from sessions_app.views.session import MANAGE
from studygroup.lib.access import access
from studygroup.lib.clock import local_date, start_of_day
from studygroup.lib.errors import Refused
from studygroup.lib.forms import posted
from studygroup.lib.once import once
from studygroup.lib.paging import page_of


@dataclass(frozen=True)
class DayBox:
    """One day to tick, with what speaks against it."""

    day: date
    ticked: bool
    hint: str = ""


@access(MANAGE, "GET POST", form=SeriesForm)
@once
def series_new(request: HttpRequest) -> HttpResponse:
    """First what is the same every week, then the days to tick; nothing is made before the second press."""
    groups = list(StudyGroup.objects.where(request.user, Permission.MANAGE_SESSIONS))
    asked = request.POST.get("group") or request.GET.get("group")
    group = groups[0] if len(groups) == 1 else next((g for g in groups if str(g.pk) == asked), None)
    if group is None:
        return render(request, "sessions_app/session_group.html", {"groups": groups})
    now, status = timezone.now(), 200
    form = SeriesForm(posted(request), group=group, today=local_date(now), initial=_as_last(group))
    boxes: list[DayBox] = []
    if request.method == "POST" and form.is_valid():
        boxes = _boxes(request, group, form.cleaned_data)
        if "make" in request.POST:
            try:
                return _make(request, group, form, boxes, now)
            except Refused as error:
                status = error.status
                form.add_error(None, error.message)
    context = {"form": form, "group": group, "boxes": boxes, "ticked": sum(box.ticked for box in boxes)}
    return render(request, "sessions_app/series_form.html", context, status=status)


def _make(
    request: HttpRequest, group: StudyGroup, form: SeriesForm, boxes: Sequence[DayBox], now: datetime
) -> HttpResponse:
    days = [box.day for box in boxes if box.ticked]
    series = actions.lay_out(group=group, days=days, by=request.user, at=now, **form.cleaned_data)
    messages.success(request, f"已建立 {len(days)} 次学习的草稿。核对后勾选通知。")
    return redirect("series_detail", series.pk)


def _as_last(group: StudyGroup) -> dict[str, Any]:
    last = StudySession.objects.filter(group=group).exclude(place="").first()
    return {"place": last.place if last else ""}


def _boxes(request: HttpRequest, group: StudyGroup, data: dict[str, Any]) -> list[DayBox]:
    """The days asked for: holidays and days with a session already are offered without a tick."""
    days = actions.days_of(data["first_on"], data["last_on"], data["weekday"])
    after = start_of_day(days[-1] + timedelta(days=1))
    there = StudySession.objects.filter(group=group, starts_at__gte=start_of_day(days[0]), starts_at__lt=after)
    taken = {session.day: session.title for session in there.only("title", "starts_at")}
    chosen = chosen_days(request.POST.getlist("day"), days) if "days_shown" in request.POST else None
    boxes = []
    for day in days:
        hint = day_hint(day)
        told = "；".join(filter(None, (hint.text, f"当天已有“{taken[day]}”" if day in taken else "")))
        free = not hint.is_holiday and day not in taken
        boxes.append(DayBox(day, free if chosen is None else day in chosen, told))
    return boxes


@access(MANAGE, "GET POST", form=DraftsForm)
def series_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Every session of the series with its state; ticked drafts are called (the list's button) or taken back here."""
    visible = StudySession.objects.visible_to(request.user)
    series = get_object_or_404(
        SessionSeries.objects.filter(pk__in=visible.filter(series=pk).values("series")).select_related("group"), pk=pk
    )
    require(request.user, Permission.MANAGE_SESSIONS, series.group_id)
    rows = visible.filter(series=series).with_counts().order_by("starts_at", "pk")
    drafts = visible.filter(series=series, state=SessionState.DRAFT)
    form, now = DraftsForm(posted(request), drafts=drafts), timezone.now()
    if request.method == "POST" and form.is_valid():
        gone = actions.discard_many(sessions=form.cleaned_data["session"], by=request.user, at=now)
        messages.success(request, f"已删除 {gone} 份草稿。")
        return redirect("series_detail", pk) if rows.exists() else redirect("session_list")
    page = page_of(request, rows, actions.AT_MOST)  # a series is ticked as a whole
    for session in page:
        session.shown_state = state_of(session, now)
    context = {"series": series, "page": page, "form": form, "drafts": drafts.count()}
    return render(request, "sessions_app/series_detail.html", context)
