"""What members write: the list, the form made for a phone, the page of one paper, its attachments."""

import json
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db.models import F, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache

from accounts.models import User
from accounts.permissions import Permission, holds, holds_any
from materials.actions import submission as actions
from materials.actions.autosave import draft_of_pen
from materials.actions.likeness import check_draft
from materials.documents import both_texts, submission_blocks
from materials.forms.submission import SubmissionForm
from materials.forms.typed_in import TypedInForm
from materials.models import Outcome, Submission, SubmissionFile
from materials.models.paper_kind import RESEARCH_REPORT, kind_names, kinds_of
from materials.presentation import due_of, in_time_words, offers_of, received_words, with_rework
from materials.views.suggestion import settle_pressed
from reviews.actions import open_points
from reviews.chain import EDITABLE, RETURNS, STEP_HOLDER, STEP_PERMISSION, VERDICTS, State
from reviews.forms.verdict import SeenForm
from reviews.models import ReviewEntry
from reviews.presentation import dots_html, history_of, last_return, returned_from, sentence_of
from reviews.views.opening import note_outcome
from studygroup.lib.access import SIGNED_IN, access
from studygroup.lib.clock import local_date
from studygroup.lib.errors import NotAllowed, Overtaken
from studygroup.lib.files import send
from studygroup.lib.forms import changes_of, refuse_stale
from studygroup.lib.paging import PAGE_SIZE, page_of
from studygroup.lib.parse import quoted, whole_number
from studygroup.lib.uploads import sent

WRITERS = holds(Permission.WRITE_PAPERS)
KEEPERS = holds(Permission.MANAGE_SESSIONS)
FIRST_YEAR = 2017  # of the study rules; nobody keeps older papers here
SIZES = {"50": 50, "100": 100}
STATES = {
    "draft": ("草稿", [State.DRAFT]),
    "waiting": ("审核中", list(STEP_PERMISSION)),
    "returned": ("已退回", [State.RETURNED]),
    "approved": ("已通过", [State.APPROVED]),
}
SHOWN = (
    "title",
    "kind",
    "written_on",
    "receipt_year",
    "receipt_number",
    "review__title",
    "review__kind_name",
    "review__state",
    "review__steps",
    "review__round",
    "review__state_since",
    "review__group_id",
    "review__owner_id",
    "review__approved_version_id",
    "review__override_step",
    "review__pending_override_id",
    "review__due_on",
)


def _tabs(user: User) -> dict[str, str]:
    tabs = {"mine": "我的"} if WRITERS.allows(user) else {}
    return {**tabs, "group": "本组"} if user.authority.holds(Permission.READ_APPROVED) else tabs


def years_until(at: datetime) -> range:
    """Years papers are kept of, the latest first."""
    return range(local_date(at).year, FIRST_YEAR - 1, -1)


def _of_tab(tab: str, user: User) -> QuerySet[Submission]:
    rows = Submission.objects.visible_to(user)
    if tab == "mine":
        typed_in = Q(review__handed_in_by=user, review__state__in=EDITABLE)
        return rows.filter(Q(author=user) | typed_in)
    return rows.filter(group__in=user.authority.groups_with(Permission.READ_APPROVED)).exclude(
        review__state=State.DRAFT
    )


def _filtered(
    rows: QuerySet[Submission], query: QueryDict, years: list[str], kinds: list[tuple[str, str]]
) -> QuerySet[Submission]:
    """What is not a choice of ours is no filter."""
    if query.get("kind") in dict(kinds):
        rows = rows.filter(kind=query["kind"])
    if query.get("year") in years:
        rows = rows.in_year(int(query["year"]))
    if query.get("state") in STATES:
        rows = rows.filter(review__state__in=STATES[query["state"]][1])
    return rows


@access(holds_any(Permission.WRITE_PAPERS, Permission.READ_APPROVED))
def submission_list(request: HttpRequest) -> HttpResponse:
    at, tabs = timezone.now(), _tabs(request.user)
    tab = request.GET.get("tab") if request.GET.get("tab") in tabs else next(iter(tabs))
    years = [str(year) for year in years_until(at)]
    kinds = kind_names(request.user.authority.roles.keys())
    rows = _filtered(_of_tab(tab, request.user), request.GET, years, kinds)
    names = {"author_name": F("author__name"), "group_name": F("group__name")}  # lighter than two rows of models
    rows = rows.select_related("review").only(*SHOWN).annotate(**names)
    size = SIZES.get(request.GET.get("size", ""), PAGE_SIZE)
    page = page_of(request, rows.annotate(returned_from=returned_from("review__")), size)
    own = tab == "mine"
    context = {
        "tab": tab,
        "tabs": tabs.items(),
        "page": page,
        "rows": [(row, dots_html(row.review, row.returned_from), sentence_of(row.review, at, own=own)) for row in page],
        "kinds": kinds,
        "years": years,
        "states": [(slug, label) for slug, (label, _) in STATES.items() if own or slug != "draft"],
        "filtered": any(request.GET.get(name) for name in ("kind", "year", "state")),
        "several_groups": len(request.user.authority.roles) > 1,
        "may_write": "mine" in tabs,
        "may_register": not own and request.user.authority.holds(Permission.READ_PAPERS),
        "may_enter": KEEPERS.allows(request.user),
        "me": request.user.name,
    }
    return render(request, "materials/submission_list.html", context)


# -- writing -----------------------------------------------------------------


@access(WRITERS, "GET POST", form=SubmissionForm)
@never_cache
def submission_create(request: HttpRequest) -> HttpResponse:
    at = timezone.now()
    if begun := _begun_before(request):
        return redirect("submission_edit" if begun.review.is_editable else "submission_detail", begun.pk)
    asked = {name: request.GET[name] for name in ("session", "kind", "request") if name in request.GET}
    initial = {"written_on": local_date(at), **asked}
    form = SubmissionForm(*sent(request), user=request.user, at=at, initial=initial)
    if request.method == "POST" and form.is_valid():
        draft = draft_of_pen(author=request.user, pen=form.writing)
        if draft is not None:  # autosave made it, and its answer was lost on the way
            return _edit(request, draft)
        told = {
            **changes_of(form),
            "uploads": form.cleaned_data["uploads"],
            "hand_in": form.hand_in,
            "pen": form.writing,
        }
        submission = actions.write_submission(group=form.group_chosen, author=request.user, at=at, **told)
        return _stored(request, submission, at)
    return _form_page(request, {"form": form, "saves_itself": True})


@access(KEEPERS, "GET POST", form=TypedInForm)
@never_cache
def submission_enter(request: HttpRequest) -> HttpResponse:
    """代录: the office types in what somebody has written by hand; neither of the two reviews it."""
    at = timezone.now()
    asked = {name: request.GET[name] for name in ("session", "kind") if name in request.GET}
    form = TypedInForm(*sent(request), user=request.user, at=at, initial={"written_on": local_date(at), **asked})
    if request.method == "POST" and form.is_valid():
        told = {**changes_of(form), "uploads": form.cleaned_data["uploads"], "hand_in": form.hand_in}
        author = form.cleaned_data["author"]
        submission = actions.write_submission(group=form.group_chosen, author=author, by=request.user, at=at, **told)
        return _stored(request, submission, at)
    return _form_page(request, {"form": form, "typed_in": True})


def _form_page(request: HttpRequest, context: dict[str, Any], status: int = 200) -> HttpResponse:
    told = json.dumps(context["form"].told, ensure_ascii=False)
    return render(request, "materials/submission_form.html", {**context, "told": told}, status=status)


def _begun_before(request: HttpRequest) -> Submission | None:
    """What he has written already of what was asked of him."""
    if request.method != "GET" or whole_number(request.GET.get("request")) < 0:
        return None
    rows = Submission.objects.filter(author=request.user, request=whole_number(request.GET["request"]))
    return rows.select_related("review").first()


def _stored(request: HttpRequest, submission: Submission, at: datetime) -> HttpResponse:
    state = State(submission.review.state)
    if "check" in request.POST and submission.review.is_editable and request.user.pk == submission.author_id:
        check_draft(submission=submission, by=request.user, at=at)
        return redirect("submission_check", submission.pk)
    if state in STEP_HOLDER:
        kind = kinds_of(submission.group_id, retired=True).get(submission.kind)
        told = received_words(submission, due_of(submission, kind))
        messages.success(request, f"已收到，{told}。现在送{STEP_HOLDER[state]}{state.label}。")
    else:
        own = request.user.pk == submission.author_id
        whose = "您自己" if own else f"您和{submission.author.name}"
        messages.success(request, f"已保存。草稿只有{whose}能看到，写好后请提交审核。")
    return redirect("submission_detail", submission.pk)


@access(SIGNED_IN, "GET POST", form=SubmissionForm)
@never_cache
def submission_edit(request: HttpRequest, pk: int) -> HttpResponse:
    return _edit(request, _paper(request, pk))


def _edit(request: HttpRequest, submission: Submission) -> HttpResponse:
    at = timezone.now()
    if not _is_his(submission, request.user):
        raise NotAllowed("只有撰稿人可以修改自己的材料。")
    if not submission.review.is_editable and _says_the_same(request, submission):
        messages.info(request, "材料已经提交，正在审核或已经通过，不能再修改。")
        return redirect("submission_detail", submission.pk)
    note_outcome(request, submission.review)
    points = with_rework(open_points(submission.review), submission.body)
    form = SubmissionForm(*sent(request), instance=submission, user=request.user, at=at, points=points)
    conflict: dict[str, Any] = {}
    if request.method == "POST" and form.is_valid():
        try:
            _rewrite(form, submission, request.user, at)
            if settle_pressed(request, submission, points, at):
                return redirect("submission_edit", submission.pk)
            return _stored(request, submission, at)
        except Overtaken as error:
            typed = {"现在的标题": form["title"].value(), "现在的正文": form["body"].value()}
            conflict = {label: both_texts(now, typed.get(label) or "") for label, now in error.current.items()}
            refuse_stale(form, error)
            form.take_version(Submission.objects.values_list("version", flat=True).get(pk=submission.pk))
    # Beside the other text nothing is stored until he has compared and pressed the button.
    context = {"form": form, "submission": submission, "conflict": conflict, "saves_itself": not conflict}
    context["offers"] = offers_of(points)
    return _form_page(request, context | _return_of(submission), 409 if conflict else 200)


def _is_his(submission: Submission, user: User) -> bool:
    """Its author, and who has typed it in for him."""
    return user.pk in (submission.author_id, submission.review.handed_in_by_id)


def _return_of(submission: Submission) -> dict[str, Any]:
    """Who sent it back where and why, and where it goes next; nothing for a paper that was not."""
    case = submission.review
    if case.state != State.RETURNED:
        return {}
    returns = case.entries.standing().filter(move__in=RETURNS).select_related("by", "on_behalf_of")
    return {"returned": returns.order_by("-pk").first(), "first_step": State(case.steps[0]).label}


def _says_the_same(request: HttpRequest, submission: Submission) -> bool:
    """Opened, or the second press of a button whose first press has done it: nothing would be lost."""
    sent = request.POST.get("body", "").replace("\r\n", "\n").strip()
    return request.method == "GET" or sent == submission.body.replace("\r\n", "\n").strip()


def _rewrite(form: SubmissionForm, submission: Submission, user: User, at: Any) -> None:
    actions.rewrite_submission(
        submission=submission,
        seen_version=form.cleaned_data["version"],
        changes=changes_of(form),
        uploads=form.cleaned_data["uploads"],
        removed=form.cleaned_data["remove"],
        answers=form.answers,
        hand_in=form.hand_in,
        pen=form.writing,
        by=user,
        at=at,
    )


# -- one paper ---------------------------------------------------------------


def _paper(request: HttpRequest, pk: int) -> Submission:
    rows = Submission.objects.visible_to(request.user)
    return get_object_or_404(rows.select_related("author", "group", "review", "session", "request"), pk=pk)


@access(SIGNED_IN)
@never_cache
def submission_detail(request: HttpRequest, pk: int) -> HttpResponse:
    submission, at = _paper(request, pk), timezone.now()
    case, history = submission.review, history_of(submission.review)
    back, is_author = last_return(history), _is_his(submission, request.user)
    title, blocks = _text_for(submission, is_author)
    note_outcome(request, case)
    kind = kinds_of(submission.group_id, retired=True).get(submission.kind)
    context = {
        "submission": submission,
        "case": case,
        "title": title,
        "blocks": blocks,
        "history": history,
        "open_entry": back if case.state == State.RETURNED else None,
        "dots": dots_html(case, back.from_state if back else ""),
        "sentence": sentence_of(case, at, own=is_author),
        "received": received_words(submission, due_of(submission, kind)),
        "is_author": is_author,
        "may_edit": is_author and case.is_editable,
        "route": "、".join(f"{STEP_HOLDER[State(step)]}{State(step).label}" for step in case.steps),
        "may_discard": is_author and case.is_editable and not case.round,
        "may_withdraw": is_author and case.is_waiting and not _judged(history, case.round),
        **_outcomes_of(submission, request.user, at),
    }
    return render(request, "materials/submission_detail.html", context)


def _outcomes_of(submission: Submission, user: User, at: datetime) -> dict[str, Any]:
    """成果转化 of a research report that has passed; nothing for other papers."""
    if submission.kind != RESEARCH_REPORT or not submission.review.is_approved:
        return {}
    rows = Outcome.objects.visible_to(user).filter(submission=submission).select_related("owner")
    return {
        "outcomes": [(row, *row.standing(local_date(at))) for row in rows],
        "may_add_outcome": user.authority.allows(Permission.MANAGE_LIBRARY, submission.group_id),
    }


def _text_for(submission: Submission, is_author: bool) -> tuple[str, list[dict[str, Any]]]:
    """The author sees what he is working on; everybody else the version that was handed in last."""
    working = is_author and submission.review.is_editable
    version = None if working else submission.review.versions.order_by("-number").first()
    if version:
        return version.title, version.content
    return str(submission), submission_blocks(submission, list(submission.files.filter(removed_at=None)))


def _judged(history: list[ReviewEntry], round: int) -> bool:
    return any(entry.round == round and entry.move in VERDICTS and not entry.is_undone for entry in history)


@access(SIGNED_IN)
@never_cache
def submission_receipt(request: HttpRequest, pk: int) -> HttpResponse:
    """回执: what was received when, to print or to keep; never what is being written since."""
    submission = _paper(request, pk)
    first = submission.review.versions.order_by("number").select_related("submitted_by").defer("content").first()
    if first is None or not submission.receipt:
        raise Http404
    kind = kinds_of(submission.group_id, retired=True).get(submission.kind)
    due = due_of(submission, kind)
    context = {"submission": submission, "first": first, "due": due, "in_time": in_time_words(submission, due)}
    return render(request, "materials/submission_receipt.html", context)


@access(SIGNED_IN, "POST", form=SeenForm)
def submission_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    submission, form = _paper(request, pk), SeenForm(request.POST)
    if form.is_valid():
        actions.withdraw(submission=submission, by=request.user, at=timezone.now(), **form.cleaned_data)
        messages.success(request, "已撤回，可以修改后重新提交。")
    return redirect("submission_detail", pk)


@access(SIGNED_IN, "POST")
def submission_discard(request: HttpRequest, pk: int) -> HttpResponse:
    submission = _paper(request, pk)
    actions.discard(submission=submission, by=request.user, at=timezone.now())
    messages.success(request, f"草稿{quoted(str(submission))}已删除。")
    return redirect("submission_list")


@access(SIGNED_IN)
def submission_of_case(request: HttpRequest, case_id: int) -> HttpResponse:
    """Where a review case finds its paper."""
    submission = get_object_or_404(Submission.objects.visible_to(request.user).only("pk"), review=case_id)
    return redirect("submission_detail", submission.pk)


@access(SIGNED_IN)
def submission_file(request: HttpRequest, pk: int) -> HttpResponse:
    file = get_object_or_404(SubmissionFile.objects.visible_to(request.user), pk=pk)
    return send(file.file, file.name)
