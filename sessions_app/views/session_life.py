"""The life of a session: called, opened again, archived, discarded. session_close.py closes it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from sessions_app.actions import session_life as actions
from sessions_app.forms.session import ArchiveForm, CallManyForm, NoFields, UnarchiveForm
from sessions_app.models import StudySession
from sessions_app.models.session import SessionState
from sessions_app.panels import missing_of
from sessions_app.views.session import MANAGE, managed_session
from studygroup.lib.access import access
from studygroup.lib.errors import Overtaken, Refused
from studygroup.lib.forms import posted


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


@access(MANAGE, "POST", form=CallManyForm)
def session_call_many(request: HttpRequest) -> HttpResponse:
    """通知 the ticked drafts of the list; each that lacks something says what."""
    drafts = StudySession.objects.visible_to(request.user).manageable_by(request.user).filter(state=SessionState.DRAFT)
    form = CallManyForm(request.POST, drafts=drafts)
    if not form.is_valid():
        messages.error(request, "请先勾选要通知的草稿。")
        return redirect(_back_to_list(request))
    called, refused = actions.call_many(sessions=form.cleaned_data["session"], by=request.user, at=timezone.now())
    if called:
        messages.success(request, f"已通知 {len(called)} 次学习。参加人员登录后可以看到。")
    for what, why in refused.items():
        messages.warning(request, f"没有通知{what}：{why}")
    return redirect(_back_to_list(request))


def _back_to_list(request: HttpRequest) -> str:
    """The list, or the series' page, from which the button was pressed."""
    back = request.POST.get("back", "")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts=None) and back.startswith("/sessions/")
    return back if safe else reverse("session_list")


@access(MANAGE, "POST", form=NoFields)
def session_reopen(request: HttpRequest, pk: int) -> HttpResponse:
    actions.reopen(session=managed_session(request, pk), by=request.user, at=timezone.now())
    messages.success(request, "已重新打开，可以更正签到登记。更正后请再结束一次。")
    return redirect("register", pk)


@access(MANAGE, "POST", form=NoFields)
def session_notify_again(request: HttpRequest, pk: int) -> HttpResponse:
    actions.notify_again(session=managed_session(request, pk), by=request.user, at=timezone.now())
    messages.success(request, "更正通知已生成，原通知仍保留。请印发或转发给参加人员。")
    return redirect("session_paper", pk, "notice")


@access(MANAGE, "GET POST", form=ArchiveForm)
def session_archive(request: HttpRequest, pk: int) -> HttpResponse:
    """归档: what the dossier lacks is listed; the clerk completes it or says that it stays so."""
    session, form, status = managed_session(request, pk), ArchiveForm(posted(request)), 200
    missing = missing_of(session)
    if request.method == "POST" and form.is_valid():
        despite = form.cleaned_data["despite_gaps"]
        try:
            told = [part.text for part in missing]
            actions.archive(session=session, missing=told, despite_gaps=despite, by=request.user, at=timezone.now())
            messages.success(request, "已归档。这次学习不再改动；如确需更正，可以取消归档并写明原因。")
            return redirect("session_detail", pk)
        except Overtaken:
            raise
        except Refused as error:
            status = error.status
            form.add_error(None, error.message)
    context = {"session": session, "form": form, "missing": missing}
    return render(request, "sessions_app/session_archive.html", context, status=status)


@access(MANAGE, "GET POST", form=UnarchiveForm)
def session_unarchive(request: HttpRequest, pk: int) -> HttpResponse:
    session, form = managed_session(request, pk), UnarchiveForm(posted(request))
    if request.method == "POST" and form.is_valid():
        actions.unarchive(session=session, reason=form.cleaned_data["reason"], by=request.user, at=timezone.now())
        messages.success(request, "已取消归档，可以补充学习记录；更正签到登记请再点“重新打开”。更正后请重新归档。")
        return redirect("session_detail", pk)
    return render(request, "sessions_app/session_unarchive.html", {"session": session, "form": form})


@access(MANAGE, "POST", form=NoFields)
def session_discard(request: HttpRequest, pk: int) -> HttpResponse:
    actions.discard(session=managed_session(request, pk), by=request.user, at=timezone.now())
    messages.success(request, "草稿已删除。")
    return redirect("session_list")
