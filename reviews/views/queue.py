"""The reviewer's queue, his round through it, and the page at the end of it."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, IntegerField, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from accounts.models import User
from accounts.permissions import Permission, holds_any
from reviews.chain import RATIFIES, STEP_PERMISSION, VERDICTS, Move
from reviews.forms.verdict import SeenForm
from reviews.models import ReviewCase, ReviewEntry, ReviewNote
from reviews.presentation import QueueRow, queue_rows, returned_from
from reviews.views import seat as seats
from reviews.views.case import to_move
from studygroup.lib.access import access
from studygroup.lib.paging import page_of

JUDGES = holds_any(*STEP_PERMISSION.values(), *RATIFIES)
READERS = holds_any(*STEP_PERMISSION.values(), *RATIFIES, Permission.READ_PAPERS)
ONLY = {seats.OVERDUE: "已超期", seats.TO_RATIFY: "待追认", seats.AGAIN: "改后再交"}
DONE_WORDS = {
    Move.PASS: "通过",
    Move.RETURN: "退回",
    Move.OVERRIDE: "特批",
    Move.RATIFY: "追认",
    Move.REFUSE_RATIFICATION: "不予追认",
}


def done_by(user: User) -> QuerySet[ReviewCase]:
    """Cases he gave a verdict on that stands, the latest first."""
    mine = ReviewEntry.objects.standing().filter(case=OuterRef("pk"), by=user, move__in=VERDICTS).order_by("-pk")
    return (
        ReviewCase.objects.visible_to(user)
        .annotate(judged_at=Subquery(mine.values("at")[:1]), judged=Subquery(mine.values("move")[:1]))
        .filter(judged_at__isnull=False)
        .order_by("-judged_at", "-pk")
    )


def _all_waiting(user: User) -> QuerySet[ReviewCase]:
    groups = user.authority.groups_with(Permission.READ_PAPERS)
    waiting = Q(state__in=STEP_PERMISSION) | Q(pending_override__isnull=False)
    return ReviewCase.objects.filter(waiting, group__in=groups).most_urgent_first(timezone.localdate())


def _tabs(user: User) -> list[tuple[str, str]]:
    judges = [("waiting", "等我审核"), ("done", "我办过的")] if JUDGES.allows(user) else []
    return [*judges, *([("all", "全部在审")] if user.authority.holds(Permission.READ_PAPERS) else [])]


def _of_tab(tab: str, user: User) -> QuerySet[ReviewCase]:
    if tab == "waiting":
        return seats.waiting_for(user)
    return done_by(user) if tab == "done" else _all_waiting(user)


def rows_of(cases: Any, user: User) -> list[QueueRow]:
    """With how many notes each has, as far as he may read them, and which of his verdicts can be taken back."""
    pks = [case.pk for case in cases]
    now = timezone.now()
    undoable = ReviewCase.objects.undoable_by(user, timezone.localdate(now)).filter(pk__in=pks)
    return queue_rows(cases, user=user, at=now, undoable=set(undoable.values_list("pk", flat=True)))


def with_notes(cases: QuerySet[ReviewCase], user: User) -> QuerySet[ReviewCase]:
    notes = ReviewNote.objects.visible_to(user).filter(case=OuterRef("pk")).order_by().values("case")
    counted = Subquery(notes.annotate(n=Count("pk")).values("n"), output_field=IntegerField())
    return cases.with_people().annotate(returned_from=returned_from(), note_count=Coalesce(counted, 0))


@access(READERS)
def review_list(request: HttpRequest) -> HttpResponse:
    user = request.user
    tabs = dict(_tabs(user))
    tab = request.GET.get("tab") if request.GET.get("tab") in tabs else next(iter(tabs))
    cases = _of_tab(tab, user)
    chips, total = _kinds(cases), _counts(cases)
    kind = request.GET["kind"] if request.GET.get("kind") in {slug for slug, _, _ in chips} else ""
    only = request.GET["only"] if tab != "done" and request.GET.get("only") in ONLY else ""
    if tab == "waiting":
        seats.choose(request, kind, only)
    page = page_of(request, with_notes(seats.narrowed(cases, kind, only), user))
    context = {
        "tab": tab,
        "tabs": tabs.items(),
        "kind": kind,
        "kinds": chips,
        "only": only,
        "onlys": [] if tab == "done" else [(o, label, total[o]) for o, label in ONLY.items() if total[o]],
        "total": total["all"],
        "page": page,
        "rows": (rows := rows_of(page, user)),
        "has_due": any(row.due for row in rows),
        "several_groups": _sees_several_groups(user),
        "done_words": DONE_WORDS,
        "last": done_by(user).first() if tab == "waiting" and not total["all"] else None,
    }
    return render(request, "reviews/review_list.html", context)


def _kinds(cases: QuerySet[ReviewCase]) -> list[tuple[str, str, int]]:
    named = cases.order_by().values_list("kind").annotate(name=Max("kind_name"), n=Count("pk"))
    return [(slug, name, count) for slug, name, count in named]


def _counts(cases: QuerySet[ReviewCase]) -> dict[str, int]:
    late = Q(due_on__lt=timezone.localdate())
    ratify, again = Q(pending_override__isnull=False), Q(round__gt=1, pending_override=None)
    names = {seats.OVERDUE: late, seats.TO_RATIFY: ratify, seats.AGAIN: again}
    counted = {name: Count("pk", filter=condition) for name, condition in names.items()}
    return cases.order_by().aggregate(all=Count("pk"), **counted)


def _sees_several_groups(user: User) -> bool:
    return len({*user.authority.roles, *(acting.group_id for acting in user.authority.acting)}) > 1


# -- one after the other -------------------------------------------------------


@access(JUDGES)
def review_start(request: HttpRequest) -> HttpResponse:
    """The first paper of a new round, or with ?go_on=1 of the one that is going on."""
    seat = seats.seat_of(request)
    if "go_on" not in request.GET:
        seat = seats.Seat(seat.day, seat.kind, seat.only)
        seats.keep(request, seat)
    return onward(request, seat)


def onward(request: HttpRequest, seat: seats.Seat, after: int = 0) -> HttpResponse:
    """To the next paper of the round, or to the page that says what was done."""
    pk = seats.following(request.user, seat, after)
    return redirect("review_detail", pk) if pk else redirect("review_round")


@access(JUDGES, "POST", form=SeenForm)
def review_skip(request: HttpRequest, pk: int) -> HttpResponse:
    """暂缓: nothing is judged, the paper comes once more at the end of the round."""
    case = to_move(request, pk)
    seat = seats.put_off(request, case)
    following = seats.following(request.user, seat, after=case.pk)
    told = "这一轮最后再请您看" if following and seat.skipped[str(pk)] < seats.TWICE else "仍在等您审核"
    messages.info(request, f"已暂缓“{case.title}”，{told}。")
    return redirect("review_detail", following) if following else redirect("review_round")


@access(JUDGES)
def review_round(request: HttpRequest) -> HttpResponse:
    """What was done in this round, and what is left."""
    user, seat = request.user, seats.seat_of(request)
    done = with_notes(done_by(user).filter(pk__in=[*seat.passed, *seat.returned]), user)
    left = with_notes(seats.waiting_for(user), user)
    context = {
        "seat": seat,
        "done": rows_of(done[:50], user),
        "done_words": DONE_WORDS,
        "left": rows_of(left[:20], user),
        "left_total": seats.waiting_for(user).count(),
    }
    return render(request, "reviews/review_round.html", context)
