"""The moves a person makes on the page of a case: each finds it, validates, makes one call, and goes on."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from accounts.permissions import Permission, holds
from reviews.actions import advance
from reviews.chain import STEP_HOLDER, Move, State
from reviews.forms.verdict import OverrideForm, PointFormSet, ReturnForm, SeenForm, VerdictForm, begun_points
from reviews.models import ReviewCase
from reviews.presentation import paragraph_choices, paragraph_texts
from reviews.subjects import kind_of
from reviews.views import seat as seats
from reviews.views.case import case_of, case_page, latest, to_move
from reviews.views.opening import note_opening
from reviews.views.queue import JUDGES, onward
from studygroup.lib.access import SIGNED_IN, access
from studygroup.lib.errors import NotAllowed
from studygroup.lib.parse import quoted


@access(JUDGES, "POST", form=VerdictForm)
def review_pass(request: HttpRequest, pk: int) -> HttpResponse:
    case, form = to_move(request, pk), VerdictForm(request.POST)
    if not form.is_valid():
        return case_page(request, case_of(request, pk), form)
    entry = advance(case=case, move=Move.PASS, by=request.user, at=timezone.now(), **form.cleaned_data)
    target = State(entry.to_state)
    then = "已定稿" if target == State.APPROVED else f"已送{STEP_HOLDER[target]}{target.label}"
    onto = _after(request, case, passed=True)
    tell(request, case, f"已通过{quoted(case.title)}，{then}。", onto)
    return onto


def tell(request: HttpRequest, case: ReviewCase, text: str, onto: HttpResponse) -> None:
    """What was done, with the button that takes it back; at the end of a round that stands in the row of the paper."""
    if onto.headers["Location"] == reverse("review_round"):
        messages.success(request, text)
        return
    undo = render_to_string("reviews/_undo.html", {"case": case}, request)
    messages.success(request, format_html('<span class="told">{}</span>{}', text, undo))


def _after(request: HttpRequest, case: ReviewCase, *, passed: bool) -> HttpResponse:
    """To the next paper when asked for; else back to the queue, or to the page at its end."""
    seat = seats.note(request, case, passed=passed)
    if "and_next" in request.POST or seats.is_empty(request.user, seat):
        return onward(request, seat, after=case.pk)
    chosen = {name: value for name, value in (("kind", seat.kind), ("only", seat.only)) if value}
    return redirect(f"{reverse('review_list')}{'?' if chosen else ''}{urlencode(chosen)}")


@access(JUDGES, "GET POST", form=ReturnForm)
def review_return(request: HttpRequest, pk: int) -> HttpResponse:
    """The points of a return or of 不予追认. The case's page posts `open`, so that what was typed there comes along."""
    case = to_move(request, pk) if request.method == "POST" else case_of(request, pk)
    version, move = latest(case), Move.REFUSE_RATIFICATION if case.awaits_ratification else Move.RETURN
    form, points = _return_forms(request, case, version)
    if form.is_bound and all([form.is_valid(), points.is_valid()]):
        told = {**form.cleaned_data, "points": points.points}
        entry = advance(case=case, move=move, by=request.user, at=timezone.now(), **told)
        text = f"{quoted(case.title)}，{case.author}会看到您的 {len(points.points)} 条意见。"
        onto = _after(request, case, passed=False)
        if entry.move == Move.RETURN:
            tell(request, case, f"已退回{text}", onto)
        else:
            messages.success(request, f"没有追认，已退回{text}")
        return onto
    if not form.is_bound and not ReviewCase.objects.awaiting(request.user).filter(pk=pk).exists():
        raise NotAllowed("这份材料现在不在您办理的环节，不能退回。")
    note_opening(request, case, version)
    context = {"case": case, "version": version, "form": form, "points": points, "refuses": move != Move.RETURN}
    return render(request, "reviews/review_return.html", context)


def _return_forms(request: HttpRequest, case: ReviewCase, version: Any) -> tuple[ReturnForm, Any]:
    sent = request.method == "POST" and "open" not in request.POST
    first = {"seen_version": request.POST.get("seen_version", case.version), "comment": request.POST.get("comment", "")}
    content = version.content if version else []
    kwargs = {"paragraphs": paragraph_choices(content), "texts": paragraph_texts(content)}
    if sent:
        return ReturnForm(request.POST), PointFormSet(request.POST, prefix="points", form_kwargs=kwargs)
    begun = begun_points(request.POST if request.method == "POST" else request.GET)
    return ReturnForm(initial=first), PointFormSet(prefix="points", form_kwargs=kwargs, initial=begun)


@access(SIGNED_IN, "POST", form=SeenForm)
def review_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    case, form = to_move(request, pk), SeenForm(request.POST)
    if not form.is_valid():
        return redirect("review_detail", pk)
    advance(case=case, move=Move.WITHDRAW, by=request.user, at=timezone.now(), **form.cleaned_data)
    messages.success(request, f"已撤回{quoted(case.title)}，可以修改后重新提交。")
    return redirect(kind_of(case.kind).address(case.pk))


@access(JUDGES, "POST", form=SeenForm)
def review_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """撤销 of one's own verdict, until the next person opens it."""
    case, form = to_move(request, pk), SeenForm(request.POST)
    if not form.is_valid():
        return redirect("review_detail", pk)
    entry = advance(case=case, move=Move.UNDO, by=request.user, at=timezone.now(), **form.cleaned_data)
    seats.unnote(request, case)
    messages.info(request, f"已撤销，{quoted(case.title)}回到{entry.get_to_state_display()}，请重新办理。")
    return redirect("review_detail", pk)


# -- 特批 and 追认 --------------------------------------------------------------


@access(holds(Permission.OVERRIDE), "POST", form=OverrideForm)
def review_override(request: HttpRequest, pk: int) -> HttpResponse:
    case, form = to_move(request, pk), OverrideForm(request.POST, auto_id="override_%s")
    if not form.is_valid():
        return case_page(request, case_of(request, pk), override=form)
    advance(case=case, move=Move.OVERRIDE, by=request.user, at=timezone.now(), **form.cleaned_data)
    messages.success(request, f"已特批{quoted(case.title)}，须由另一位同志追认，追认以前标明“待追认”。")
    return redirect("review_detail", pk)


@access(JUDGES, "POST", form=VerdictForm)
def review_ratify(request: HttpRequest, pk: int) -> HttpResponse:
    case, form = to_move(request, pk), VerdictForm(request.POST)
    if not form.is_valid():
        return case_page(request, case_of(request, pk), form)
    advance(case=case, move=Move.RATIFY, by=request.user, at=timezone.now(), **form.cleaned_data)
    messages.success(request, f"已追认{quoted(case.title)}的特批。")
    return _after(request, case, passed=True)
