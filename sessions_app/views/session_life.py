"""The life of a session: called, opened again, thrown away as a draft; its record. session_close.py closes it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from sessions_app.actions import session_life as actions
from sessions_app.forms.session import NoFields, RecordForm
from sessions_app.models import StudySession
from sessions_app.views.session import MANAGE, managed_session
from studygroup.lib.access import access
from studygroup.lib.errors import Overtaken, Refused
from studygroup.lib.forms import posted, refuse_stale


@access(MANAGE, "POST", form=NoFields)
def session_call(request: HttpRequest, pk: int) -> HttpResponse:
    session = managed_session(request, pk)
    try:
        actions.call(session=session, by=request.user, at=timezone.now())
        messages.success(request, "已通知。参加人员登录后可以看到这次学习。")
    except Overtaken:
        raise
    except Refused as error:
        messages.error(request, error.message)
    return redirect("session_detail", pk)


@access(MANAGE, "POST", form=NoFields)
def session_reopen(request: HttpRequest, pk: int) -> HttpResponse:
    actions.reopen(session=managed_session(request, pk), by=request.user, at=timezone.now())
    messages.success(request, "已重新打开，可以更正签到登记。更正后请再结束一次。")
    return redirect("register", pk)


@access(MANAGE, "POST", form=NoFields)
def session_discard(request: HttpRequest, pk: int) -> HttpResponse:
    actions.discard(session=managed_session(request, pk), by=request.user, at=timezone.now())
    messages.success(request, "草稿已删除。")
    return redirect("session_list")


@access(MANAGE, "GET POST", form=RecordForm)
def session_record(request: HttpRequest, pk: int) -> HttpResponse:
    session = managed_session(request, pk)
    form = RecordForm(posted(request), instance=session)
    status, there = 200, dict[str, str]()
    if request.method == "POST" and form.is_valid():
        version, record = form.cleaned_data["version"], form.cleaned_data["record"]
        try:
            actions.save_record(
                session=session, record=record, seen_version=version, by=request.user, at=timezone.now()
            )
            messages.success(request, "学习记录已保存。")
            return redirect("session_detail", pk)
        except Overtaken as error:
            status, there = error.status, dict(error.current)
            refuse_stale(form, error)
            form.data = form.data.copy()
            form.data["version"] = StudySession.objects.values_list("version", flat=True).get(pk=pk)
    context = {"session": session, "form": form, "there": there}
    return render(request, "sessions_app/session_record.html", context, status=status)
