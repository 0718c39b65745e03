"""学习记录 of a session: written after it, completed until it is archived."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from sessions_app.actions import session_life as actions
from sessions_app.forms.session_record import SessionRecordForm, missing_facts
from sessions_app.models import StudySession
from sessions_app.views.session import MANAGE, managed_session
from studygroup.lib.access import access
from studygroup.lib.errors import Overtaken, Refused
from studygroup.lib.forms import changes_of, posted, refuse_stale


@access(MANAGE, "GET POST", form=SessionRecordForm)
def session_record(request: HttpRequest, pk: int) -> HttpResponse:
    session = managed_session(request, pk)
    form = SessionRecordForm(posted(request), instance=session, missing=missing_facts(session))
    status, there = 200, dict[str, str]()
    if request.method == "POST" and form.is_valid():
        version, facts = form.cleaned_data["version"], changes_of(form)
        try:
            actions.save_record(session=session, seen_version=version, by=request.user, at=timezone.now(), **facts)
            messages.success(request, "学习记录已保存。")
            return redirect("session_detail", pk)
        except Overtaken as error:
            status, there = error.status, dict(error.current)
            refuse_stale(form, error)
            form.data = form.data.copy()
            form.data["version"] = StudySession.objects.values_list("version", flat=True).get(pk=pk)
        except Refused as error:
            status = error.status
            form.add_error(None, error.message)
    context = {"session": session, "form": form, "there": there}
    return render(request, "sessions_app/session_record.html", context, status=status)
