"""签到表 and 核对: the paper, before and after."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache

from accounts.actions.people import require
from accounts.permissions import Permission, holds
from sessions_app.actions.reconcile import reconcile
from sessions_app.forms.attendance import MARK_LABELS
from sessions_app.forms.reconcile import ReconcileForm
from sessions_app.models import Participant, StudySession
from sessions_app.models.attendance import AttendanceSource
from sessions_app.presentation import STATUS_TONES
from sessions_app.statistics import count, differences_of, lines_of
from sessions_app.views.session import MANAGE, managed_session, seen_session
from studygroup.lib.access import access
from studygroup.lib.errors import Overtaken, Refused
from studygroup.lib.parse import whole_number

READ_SHEET = holds(Permission.READ_RECORDS)
SPARE_LINES = 5


@access(READ_SHEET)
def sign_in_sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """签到表, to be printed before (and signed on paper) or after."""
    session = seen_session(request, pk)
    require(request.user, Permission.READ_RECORDS, session.group_id)
    lines = lines_of(session)
    context = {
        "session": session,
        "lines": lines,
        "counts": count(lines),
        "spare": range(SPARE_LINES),
        "own_hand": (AttendanceSource.QR, AttendanceSource.CODE, AttendanceSource.KIOSK),
    }
    return render(request, "sessions_app/sheet.html", context)


@access(MANAGE, "GET POST", form=ReconcileForm)
@never_cache
def register_reconcile(request: HttpRequest, pk: int) -> HttpResponse:
    """核对: after the meeting (or still in it) whose signature stands on paper, and how many heads were counted."""
    session, status = managed_session(request, pk), 200
    form = _form_of(request, session)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        told: dict[str, Any] = {"signed": set(data["signed"]), "head_count": data["head_count"]}
        try:
            reconcile(session=session, seen_version=data["version"], by=request.user, at=timezone.now(), **told)
            messages.success(request, "核对结果已保存。")
            return redirect("register_reconcile", pk)
        except Overtaken as overtaken:
            form.add_error(None, overtaken.message)
            form.data = form.data.copy()
            form.data["version"] = StudySession.objects.values_list("version", flat=True).get(pk=pk)
            status = overtaken.status
        except Refused as refusal:
            form.add_error(None, refusal.message)
    status = 400 if form.errors and status == 200 else status
    return render(request, "sessions_app/reconcile.html", _context(session, form), status=status)


def _form_of(request: HttpRequest, session: StudySession) -> ReconcileForm:
    people = Participant.objects.filter(session=session).values_list("person", flat=True)
    initial = {"version": session.version, "head_count": session.head_count}
    return ReconcileForm(request.POST if request.method == "POST" else None, people=people, initial=initial)


def _context(session: StudySession, form: ReconcileForm) -> dict[str, Any]:
    lines = lines_of(session)
    kept = {line.participant.person_id for line in lines if line.participant.signed_on_paper}
    typed = {whole_number(key) for key in form.data.getlist("signed")} if form.is_bound else kept
    differences = differences_of(session, lines)
    return {
        "session": session,
        "form": form,
        "lines": lines,
        "ticked": typed,
        "differences": differences,
        "counts": count(lines),
        "status_tones": STATUS_TONES,
        "marks": MARK_LABELS,
        "was_reconciled": differences.has_paper or session.head_count is not None,
    }
