"""旁听发现的问题: what was done is told by the observed group, and closed by the observer."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone

from accounts.permissions import Permission, holds, holds_any
from sessions_app.actions import observation as actions
from sessions_app.forms.observation import CloseProblemForm, MeasureForm
from sessions_app.models import Observation, ObservationProblem
from sessions_app.models.observation import ObservationState
from sessions_app.views.observation import show_observation
from studygroup.lib.access import access
from studygroup.lib.errors import NotAllowed, Overtaken, Refused


def _seen(request: HttpRequest, pk: int) -> ObservationProblem:
    visits = Observation.objects.visible_to(request.user).filter(state=ObservationState.FED_BACK)
    rows = ObservationProblem.objects.filter(observation__in=visits)
    return get_object_or_404(rows.select_related("observation__group", "observation__session"), pk=pk)


@access(holds_any(Permission.MANAGE_SESSIONS, Permission.DECIDE_LEAVE), "POST", form=MeasureForm)
def observation_problem_measure(request: HttpRequest, pk: int) -> HttpResponse:
    problem, form = _seen(request, pk), MeasureForm(request.POST)
    try:
        if not form.is_valid():
            raise Refused("；".join(told for errors in form.errors.values() for told in errors))
        measure, version = form.cleaned_data["measure"], form.cleaned_data["version"]
        actions.report_measure(
            problem=problem, measure=measure, seen_version=version, by=request.user, at=timezone.now()
        )
    except (NotAllowed, Overtaken):
        raise
    except Refused as error:
        typed = request.POST.get("measure", "")
        return show_observation(
            request, problem.observation, status=400, refused=pk, refusal=error.message, typed=typed
        )
    messages.success(request, "整改情况已报告，等旁听人核查销号。")
    return redirect("observation_detail", problem.observation_id)


@access(holds(Permission.OBSERVE), "POST", form=CloseProblemForm)
def observation_problem_close(request: HttpRequest, pk: int) -> HttpResponse:
    """销号, or back with a sentence."""
    problem, form = _seen(request, pk), CloseProblemForm(request.POST)
    try:
        if not form.is_valid():
            raise Refused("；".join(told for errors in form.errors.values() for told in errors))
        data = form.cleaned_data
        told = {"problem": problem, "seen_version": data["version"], "by": request.user, "at": timezone.now()}
        if data["decision"] == "close":
            actions.close_problem(**told)
        else:
            actions.return_problem(answer=data["answer"], **told)
    except (NotAllowed, Overtaken):
        raise
    except Refused as error:
        typed = request.POST.get("answer", "")
        return show_observation(
            request, problem.observation, status=400, refused=pk, refusal=error.message, typed=typed
        )
    messages.success(request, "已销号。" if data["decision"] == "close" else "已退回继续整改。")
    return redirect("observation_detail", problem.observation_id)
