"""The reviewer's queue, the case with its verdict, and what is printed of it."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import Count, Max, OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from accounts.models import User
from accounts.permissions import Permission, holds_any
from reviews.actions import advance, note_opening
from reviews.chain import STEP_HOLDER, STEP_PERMISSION, VERDICTS, Move, State
from reviews.differences import Difference, difference
from reviews.documents import SHEET_TITLE, sheet_blocks, sheet_of
from reviews.forms.verdict import PointFormSet, ReturnForm, SeenForm, VerdictForm
from reviews.models import ReviewCase, ReviewEntry, ReviewVersion
from reviews.panels import panels_of
from reviews.presentation import (
    dots_html,
    history_of,
    last_return,
    paragraph_choices,
    returned_from,
    sentence_of,
    waiting_words,
)
from reviews.subjects import kind_of
from reviews.views.compare import answered_points
from studygroup.lib.access import SIGNED_IN, access
from studygroup.lib.errors import NotAllowed
from studygroup.lib.files import send_made
from studygroup.lib.office.characters import file_name
from studygroup.lib.office.word import document_bytes
from studygroup.lib.paging import page_of
from studygroup.lib.parse import quoted

JUDGES = holds_any(*STEP_PERMISSION.values())
READERS = holds_any(*STEP_PERMISSION.values(), Permission.READ_PAPERS)
OLDEST_FIRST = ("state_since", "pk")


# -- the queue ---------------------------------------------------------------


def _done_by(user: User) -> QuerySet[ReviewCase]:
    """Cases he gave a verdict on, the latest first."""
    mine = ReviewEntry.objects.filter(case=OuterRef("pk"), by=user, move__in=VERDICTS).order_by("-pk")
    return (
        ReviewCase.objects.visible_to(user)
        .annotate(judged_at=Subquery(mine.values("at")[:1]), judged=Subquery(mine.values("move")[:1]))
        .filter(judged_at__isnull=False)
        .order_by("-judged_at", "-pk")
    )


def _all_waiting(user: User) -> QuerySet[ReviewCase]:
    groups = user.authority.groups_with(Permission.READ_PAPERS)
    return ReviewCase.objects.filter(group__in=groups, state__in=STEP_PERMISSION).order_by(*OLDEST_FIRST)


def _tabs(user: User) -> list[tuple[str, str]]:
    judges = [("waiting", "等我审核"), ("done", "我办过的")] if JUDGES.allows(user) else []
    return [*judges, *([("all", "全部在审")] if user.authority.holds(Permission.READ_PAPERS) else [])]


@access(READERS)
def review_list(request: HttpRequest) -> HttpResponse:
    user, at = request.user, timezone.now()
    tabs = dict(_tabs(user))
    tab = request.GET.get("tab") if request.GET.get("tab") in tabs else next(iter(tabs))
    awaiting = ReviewCase.objects.awaiting(user).order_by(*OLDEST_FIRST)
    cases = {"waiting": awaiting, "done": _done_by(user), "all": _all_waiting(user)}[tab]
    named = cases.order_by().values_list("kind").annotate(name=Max("kind_name"), n=Count("pk"))
    kinds = {slug: (name, count) for slug, name, count in named}
    kind = request.GET.get("kind", "")
    if kind in kinds:
        cases = cases.filter(kind=kind)
    page = page_of(request, cases.with_people().annotate(returned_from=returned_from()))
    context = {
        "tab": tab,
        "tabs": tabs.items(),
        "kind": kind,
        "kinds": [(slug, *told) for slug, told in kinds.items()],
        "total": sum(count for _, count in kinds.values()),
        "page": page,
        "rows": [(case, dots_html(case, case.returned_from), waiting_words(case, at)) for case in page],
        "several_groups": _sees_several_groups(user),
        "last": _done_by(user).first() if tab == "waiting" and not kinds else None,
    }
    return render(request, "reviews/review_list.html", context)


def _sees_several_groups(user: User) -> bool:
    return len({*user.authority.roles, *(acting.group_id for acting in user.authority.acting)}) > 1


# -- one case ----------------------------------------------------------------


@dataclass(frozen=True)
class Standing:
    """What this person may do with the case now, and for whom."""

    may_judge: bool
    acting_for: str
    left: int
    may_withdraw: bool
    is_his: bool


def _standing(case: ReviewCase, user: User, history: list[ReviewEntry]) -> Standing:
    queue = set(ReviewCase.objects.to_judge(user).values_list("pk", flat=True)) if case.is_waiting else set()
    judged = any(e.round == case.round and e.move in VERDICTS and not e.is_undone for e in history)
    editors = kind_of(case.kind).editors
    is_his = user.pk in (case.author_id, case.handed_in_by_id)
    shared = editors is not None and user.authority.allows(editors, case.owner_id)
    return Standing(
        may_judge=case.pk in queue,
        acting_for=_principal(case, user) if case.pk in queue else "",
        left=len(queue - {case.pk}),
        may_withdraw=case.is_waiting and not judged and (is_his or shared),
        is_his=is_his,
    )


def _principal(case: ReviewCase, user: User) -> str:
    """For whom he would act; "" for himself."""
    permission = STEP_PERMISSION[State(case.state)]
    if user.authority.allows(permission, case.group_id):
        return ""
    acting = user.authority.acting_for(permission, case.kind, case.group_id, case.due_on)
    return acting[0].principal_name if acting else ""


def _case(request: HttpRequest, pk: int) -> ReviewCase:
    return get_object_or_404(ReviewCase.objects.visible_to(request.user).with_people(), pk=pk)


def _latest(case: ReviewCase) -> ReviewVersion | None:
    return case.versions.order_by("-number").first()


def _from_approved(case: ReviewCase, version: ReviewVersion | None) -> Difference | None:
    """What a revision changes of the version in force; the reviewer reads that first."""
    approved = case.approved_version
    if approved is None or version is None or approved.pk == version.pk:
        return None
    return difference(approved.content, version.content, (approved.title, version.title))


def _detail(request: HttpRequest, case: ReviewCase, form: VerdictForm) -> HttpResponse:
    version, history, at = _latest(case), history_of(case), timezone.now()
    note_opening(case=case, version=version, by=request.user, at=at)
    back, standing = last_return(history), _standing(case, request.user, history)
    answered = back if case.is_waiting and back and back.round == case.round - 1 else None
    context: dict[str, Any] = {
        "case": case,
        "version": version,
        "wide": version is not None and any(block["type"] == "table" for block in version.content),
        "difference": _from_approved(case, version),
        "history": history,
        "open_entry": back if case.state == State.RETURNED else None,
        "answered": answered,
        "answered_points": answered_points(answered, version),
        "dots": dots_html(case, back.from_state if back else ""),
        "sentence": sentence_of(case, at, own=standing.is_his),
        "standing": standing,
        "panels": panels_of(case, version, request.user),
        "subject": kind_of(case.kind).address(case.pk),
        "form": form,
        "step": State(case.state).label,
    }
    return render(request, "reviews/review_detail.html", context)


@access(SIGNED_IN)
def review_detail(request: HttpRequest, pk: int) -> HttpResponse:
    case = _case(request, pk)
    return _detail(request, case, VerdictForm(initial={"seen_version": case.version}))


@access(SIGNED_IN)
def review_version(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    case = _case(request, pk)
    version = get_object_or_404(case.versions.select_related("submitted_by"), number=number)
    numbers = list(case.versions.values_list("number", flat=True))
    context = {"case": case, "version": version, "numbers": numbers, "latest": numbers[-1]}
    return render(request, "reviews/review_version.html", context)


@access(SIGNED_IN)
def review_sheet(request: HttpRequest, pk: int) -> HttpResponse:
    case = _case(request, pk)
    context = {"case": case, "sheet": sheet_of(case), "title": SHEET_TITLE}
    return render(request, "reviews/review_sheet.html", context)


@access(SIGNED_IN)
def review_sheet_word(request: HttpRequest, pk: int) -> HttpResponse:
    case = _case(request, pk)
    content = document_bytes(f"{case.group.name}\n{SHEET_TITLE}", sheet_blocks(case), at=timezone.now())
    return send_made(content, f"{file_name(f'审核表 {case.title}')}.docx")


# -- the moves ---------------------------------------------------------------


@access(JUDGES, "POST", form=VerdictForm)
def review_pass(request: HttpRequest, pk: int) -> HttpResponse:
    case = get_object_or_404(ReviewCase.objects.visible_to(request.user), pk=pk)
    form = VerdictForm(request.POST)
    if not form.is_valid():
        return _detail(request, case, form)
    entry = advance(case=case, move=Move.PASS, by=request.user, at=timezone.now(), **form.cleaned_data)
    target = State(entry.to_state)
    then = "已定稿" if target == State.APPROVED else f"已送{STEP_HOLDER[target]}{target.label}"
    messages.success(request, f"已通过{quoted(case.title)}，{then}。")
    return _after_verdict(request, to_next="and_next" in request.POST)


def _after_verdict(request: HttpRequest, *, to_next: bool) -> HttpResponse:
    if to_next:
        queue = ReviewCase.objects.awaiting(request.user).order_by(*OLDEST_FIRST)
        if following := queue.values_list("pk", flat=True).first():
            return redirect("review_detail", following)
    return redirect("review_list")


def _begun_point(request: HttpRequest) -> list[dict[str, str]]:
    """A point that another page has begun: its paragraph and first words, still to be changed or thrown away."""
    text = request.GET.get("text", "")[:1000]
    paragraph = request.GET.get("paragraph", "")
    return [{"text": text, "paragraph": paragraph if paragraph.isdecimal() else ""}] if text else []


@access(JUDGES, "GET POST", form=ReturnForm)
def review_return(request: HttpRequest, pk: int) -> HttpResponse:
    """The points of a return. The foot of the case's page posts `open`, so that what was typed there comes along."""
    case = _case(request, pk)
    version = _latest(case)
    sent = request.method == "POST" and "open" not in request.POST
    first = {"seen_version": request.POST.get("seen_version", case.version), "comment": request.POST.get("comment", "")}
    form = ReturnForm(request.POST if sent else None, initial=first)
    paragraphs = paragraph_choices(version.content if version else [])
    begun = {} if sent else {"initial": _begun_point(request)}
    points = PointFormSet(
        request.POST if sent else None, prefix="points", form_kwargs={"paragraphs": paragraphs}, **begun
    )
    if sent and all([form.is_valid(), points.is_valid()]):
        told = {**form.cleaned_data, "points": points.points}
        advance(case=case, move=Move.RETURN, by=request.user, at=timezone.now(), **told)
        messages.success(request, f"已退回{quoted(case.title)}，{case.author}会看到您的 {len(points.points)} 条意见。")
        return _after_verdict(request, to_next="and_next" in request.POST)
    if not sent and not ReviewCase.objects.to_judge(request.user).filter(pk=pk).exists():
        raise NotAllowed("这份材料现在不在您办理的环节，不能退回。")
    note_opening(case=case, version=version, by=request.user, at=timezone.now())
    context = {"case": case, "version": version, "form": form, "points": points, "step": State(case.state).label}
    return render(request, "reviews/review_return.html", context)


@access(SIGNED_IN, "POST", form=SeenForm)
def review_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    case = get_object_or_404(ReviewCase.objects.visible_to(request.user), pk=pk)
    form = SeenForm(request.POST)
    if not form.is_valid():
        return redirect("review_detail", pk)
    advance(case=case, move=Move.WITHDRAW, by=request.user, at=timezone.now(), **form.cleaned_data)
    messages.success(request, f"已撤回{quoted(case.title)}，可以修改后重新提交。")
    return redirect(kind_of(case.kind).address(case.pk))
