"""个人学习档案: one's own, the group's at a glance for its office and leaders, and what somebody wants corrected."""

from dataclasses import dataclass

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership, StudyGroup, User
from accounts.permissions import Permission, holds
from reports.actions.correction import answer_correction, ask_correction
from reports.exports.study_file import study_file_word
from reports.forms.correction import CorrectionAnswerForm, CorrectionForm
from reports.models import CorrectionRequest
from reports.models.correction import CorrectionState
from reports.statistics.study_file import StudyFile, file_lines, first_year_of, study_file_of
from reports.views.correction_places import places_of
from studygroup.lib.access import SIGNED_IN, access
from studygroup.lib.clock import local_date
from studygroup.lib.errors import Overtaken
from studygroup.lib.files import send_made
from studygroup.lib.forms import posted, refuse_stale
from studygroup.lib.office.characters import file_name
from studygroup.lib.once import once
from studygroup.lib.paging import page_of
from studygroup.lib.parse import whole_number

OVERSEE = holds(Permission.READ_DRAFTS)  # the group's own leaders and office; from above one reads figures
KEEP = holds(Permission.MANAGE_SESSIONS)


@dataclass(frozen=True)
class Asked:
    """Whose file of which group and year is looked at; `query` asks for it again."""

    group: StudyGroup
    groups: list[StudyGroup]
    person: User
    year: int
    years: list[int]

    @property
    def query(self) -> str:
        return f"group={self.group.pk}&year={self.year}"


def _groups(request: HttpRequest, person_id: int) -> list[StudyGroup]:
    """Where this person is or was on the roster, as far as whoever looks may see."""
    groups: QuerySet[StudyGroup] = StudyGroup.objects.filter(memberships__user=person_id).distinct()
    if person_id != request.user.pk:
        groups = groups.filter(pk__in=request.user.authority.groups_with(Permission.READ_DRAFTS))
    return list(groups.order_by("organization__path"))


def _asked(request: HttpRequest, person_id: int) -> Asked:
    """A value that does not exist is the first choice: his first group, this year."""
    groups = _groups(request, person_id)
    if not groups:
        raise Http404
    wanted = whole_number(request.GET.get("group"))
    group = next((g for g in groups if g.pk == wanted), groups[0])
    person, today = get_object_or_404(User, pk=person_id), local_date(timezone.now())
    years = list(range(today.year, first_year_of(group, person, today) - 1, -1)) or [today.year]
    year = whole_number(request.GET.get("year"))
    return Asked(group, groups, person, year if year in years else years[0], years)


def _file(asked: Asked) -> StudyFile:
    return study_file_of(asked.group, asked.person, asked.year)


@access(SIGNED_IN)
def study_file_own(request: HttpRequest) -> HttpResponse:
    if not Membership.objects.filter(user=request.user).exists():
        return render(request, "reports/study_file_none.html")
    return redirect(f"{reverse('study_file', args=[request.user.pk])}?{request.GET.urlencode()}")


@access(SIGNED_IN)
def study_file(request: HttpRequest, pk: int) -> HttpResponse:
    asked = _asked(request, pk)
    own = pk == request.user.pk
    corrections = CorrectionRequest.objects.visible_to(request.user)
    corrections = corrections.filter(group=asked.group, person=asked.person, year=asked.year)
    context = {
        "asked": asked,
        "file": _file(asked),
        "own": own,
        "corrections": corrections.select_related("answered_by"),
        "form": CorrectionForm() if own else None,
        "crumbs": [] if own else [("个人学习档案", f"{reverse('study_file_list')}?{asked.query}")],
    }
    return render(request, "reports/study_file.html", context)


@access(SIGNED_IN)
def study_file_document(request: HttpRequest, pk: int) -> HttpResponse:
    file = _file(_asked(request, pk))
    return send_made(study_file_word(file, timezone.now()), f"{file_name(file.name)}.docx")


@access(OVERSEE)
def study_file_list(request: HttpRequest) -> HttpResponse:
    """The roster of a year, in its own order."""
    groups = list(StudyGroup.objects.where(request.user, Permission.READ_DRAFTS))
    if not groups:
        raise Http404
    wanted, today = whole_number(request.GET.get("group")), local_date(timezone.now())
    group = next((g for g in groups if g.pk == wanted), groups[0])
    first = Membership.objects.filter(group=group).order_by("starts_on").first()
    years = list(range(today.year, (first.starts_on.year if first else today.year) - 1, -1)) or [today.year]
    asked_year = whole_number(request.GET.get("year"))
    year = asked_year if asked_year in years else years[0]
    page = page_of(request, file_lines(group, year))
    waiting = CorrectionRequest.objects.awaiting(request.user).count()
    context = {"group": group, "groups": groups, "year": year, "years": years, "page": page, "waiting": waiting}
    context["may_answer"] = KEEP.allows(request.user)
    context["crumbs"] = [("一学一档", reverse("dossier_list"))]
    return render(request, "reports/study_file_list.html", context)


# -- corrections ---------------------------------------------------------------


@access(SIGNED_IN, "POST", form=CorrectionForm)
@once
def correction_ask(request: HttpRequest, pk: int) -> HttpResponse:
    if pk != request.user.pk:
        raise Http404
    asked, form = _asked(request, pk), CorrectionForm(request.POST)
    if not form.is_valid():
        context = {"asked": asked, "file": _file(asked), "own": True, "form": form, "crumbs": []}
        return render(request, "reports/study_file.html", context, status=400)
    ask_correction(group=asked.group, year=asked.year, by=request.user, at=timezone.now(), **form.cleaned_data)
    messages.success(request, "更正申请已提出，办公室核对后会在这里答复。")
    return redirect(f"{reverse('study_file', args=[pk])}?{asked.query}#corrections")


@access(KEEP)
def correction_list(request: HttpRequest) -> HttpResponse:
    kept = request.user.authority.groups_with(Permission.MANAGE_SESSIONS)
    rows = CorrectionRequest.objects.filter(group__in=kept).select_related("person", "group", "answered_by")
    tab = "done" if request.GET.get("tab") == "done" else "waiting"
    if tab == "done":
        rows = rows.exclude(state=CorrectionState.ASKED).order_by("-answered_at", "-pk")
    else:
        rows = rows.filter(state=CorrectionState.ASKED).order_by("asked_at", "pk")
    context = {"page": page_of(request, rows), "tab": tab, "tabs": [("waiting", "待办理"), ("done", "已办理")]}
    return render(request, "reports/correction_list.html", context)


@access(KEEP, "GET POST", form=CorrectionAnswerForm)
def correction_answer(request: HttpRequest, pk: int) -> HttpResponse:
    rows = CorrectionRequest.objects.visible_to(request.user).select_related("person", "group", "answered_by")
    kept = request.user.authority.groups_with(Permission.MANAGE_SESSIONS)
    asked = get_object_or_404(rows.filter(group__in=kept), pk=pk)
    form = CorrectionAnswerForm(posted(request), initial={"version": asked.version})
    status = 200
    if request.method == "POST" and form.is_valid():
        told = {name: form.cleaned_data[name] for name in ("state", "answer")}
        seen = form.cleaned_data["version"]
        try:
            answer_correction(request=asked, seen_version=seen, by=request.user, at=timezone.now(), **told)
        except Overtaken as error:
            refuse_stale(form, error)
            asked, status = rows.get(pk=pk), error.status
        else:
            messages.success(request, f"已答复{asked.person.name}的更正申请。")
            return redirect("correction_list")
    context = {
        "asked": asked,
        "form": form if asked.person_id != request.user.pk else None,
        "crumbs": [("更正申请", reverse("correction_list"))],
        "places": places_of(asked, request.user),
        "file": f"{reverse('study_file', args=[asked.person_id])}?group={asked.group_id}&year={asked.year}",
    }
    return render(request, "reports/correction_answer.html", context, status=status)
