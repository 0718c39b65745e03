"""批量通过: several papers this person has read, with one comment. Each is judged on its own."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from accounts.permissions import holds_any
from reviews.actions import advance, overtaken
from reviews.chain import STEP_PERMISSION, Move
from reviews.forms.verdict import MOST_AT_ONCE, BulkForm
from reviews.models import ReviewCase
from reviews.views import seat as seats
from reviews.views.queue import rows_of, with_notes
from studygroup.lib.access import access
from studygroup.lib.errors import Refused
from studygroup.lib.forms import posted
from studygroup.lib.once import once
from studygroup.lib.paging import page_of

PASSERS = holds_any(*STEP_PERMISSION.values())
RESULT = "review_bulk"
NOTE = f"只能勾选您已经打开看过的。每一份各自记一次通过，意见相同；一份办不成不影响其他。一次最多 {MOST_AT_ONCE} 份。"


@access(PASSERS, "GET POST", form=BulkForm)
@once
def review_bulk(request: HttpRequest) -> HttpResponse:
    user, form = request.user, BulkForm(posted(request))
    if request.method == "POST" and form.is_valid():
        request.session[RESULT] = _pass_each(request, form.cleaned_data["chosen"], form.cleaned_data["comment"])
        return redirect("review_bulk_done")
    waiting = ReviewCase.objects.to_judge(user).most_urgent_first(timezone.localdate())
    page = page_of(request, with_notes(waiting, user), MOST_AT_ONCE)
    shown = ReviewCase.objects.filter(pk__in=[case.pk for case in page])
    opened = set(shown.opened_by(user).values_list("pk", flat=True))
    context = {
        "form": form,
        "page": page,
        "rows": (rows := rows_of(page, user)),
        "has_due": any(row.due for row in rows),
        "opened": opened,
        "note": NOTE,
        "chosen": request.POST.getlist("chosen"),
    }
    return render(request, "reviews/review_bulk.html", context, status=400 if form.errors else 200)


def _pass_each(request: HttpRequest, chosen: dict[int, int], comment: str) -> dict[str, list[Any]]:
    """What passed, as ids, and what did not with its reason. One that is refused leaves the others alone."""
    cases = ReviewCase.objects.visible_to(request.user).in_bulk(list(chosen))
    gone = ReviewCase.objects.withdrawn_from(request.user).filter(pk__in=chosen.keys() - cases.keys())
    told = [overtaken(case) for case in gone]
    # No address for these: what was withdrawn is no longer his to read.
    result: dict[str, list[Any]] = {"passed": [], "refused": [[0, one.current["材料"], one.message] for one in told]}
    for pk, seen in chosen.items():
        if (case := cases.get(pk)) is None:
            continue
        title = case.title
        try:
            advance(case=case, move=Move.PASS, by=request.user, at=timezone.now(), seen_version=seen, comment=comment)
        except Refused as refusal:
            result["refused"].append([pk, title, refusal.message])
        else:
            seats.note(request, case, passed=True)
            result["passed"].append(pk)
    return result


@access(PASSERS)
def review_bulk_done(request: HttpRequest) -> HttpResponse:
    """Which passed and which not, and why."""
    user, result = request.user, request.session.get(RESULT, {"passed": [], "refused": []})
    passed = ReviewCase.objects.visible_to(user).filter(pk__in=result["passed"])
    left = seats.waiting_for(user).count()
    context = {"rows": rows_of(with_notes(passed, user), user), "refused": result["refused"], "left": left}
    return render(request, "reviews/review_bulk_done.html", context)
