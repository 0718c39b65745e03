"""结束学习: whoever neither signed in nor asked is listed, and the clerk says of each how it was."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from sessions_app.actions import session_life as actions
from sessions_app.forms.session_close import CloseForm
from sessions_app.models import LeaveRequest
from sessions_app.models.leave import LeaveState
from sessions_app.statistics import count, lines_of, speakers_of
from sessions_app.views.session import MANAGE, managed_session
from studygroup.lib.access import access
from studygroup.lib.errors import Overtaken, Refused
from studygroup.lib.forms import posted


@access(MANAGE, "GET POST", form=CloseForm)
def session_close(request: HttpRequest, pk: int) -> HttpResponse:
    session = managed_session(request, pk)
    now = timezone.now()
    form = CloseForm(
        posted(request),
        missing=actions.unregistered(session),
        observers=actions.unregistered_observers(session),
        ends=f"{timezone.localtime(session.ends_at):%H:%M}" if session.starts_at <= now < session.ends_at else "",
    )
    status = 400 if request.method == "POST" else 200
    if form.is_valid():
        said = {"mark_absent": form.cleaned_data["mark_absent"], "observers_here": form.cleaned_data["here"]}
        try:
            actions.close(session=session, told=form.told(), by=request.user, at=now, **said)
            owing = session.make_ups.count()
            note = f"需要补学的 {owing} 人已列入补学，期限 {session.group.make_up_days} 天。" if owing else ""
            messages.success(request, f"学习已结束，签到登记已定。{note}")
            return redirect("session_detail", pk)
        except Overtaken:
            raise
        except Refused as error:
            status = error.status
            form.add_error(None, error.message)
    register = lines_of(session)
    context = {
        "session": session,
        "form": form,
        "counts": count(register),
        "lines": list(form.lines()),
        "waiting": _waiting(session.pk),
        "not_begun": now < session.starts_at,
        "speakers_away": [one.item for one in speakers_of(session, register) if one.line and not one.line.attended],
    }
    return render(request, "sessions_app/session_close.html", context, status=status)


def _waiting(session: int) -> dict[int, LeaveRequest]:
    """Person → what he has asked and nobody has decided, or was refused: the clerk should see it beside his name."""
    rows = LeaveRequest.objects.filter(session=session, state__in=[LeaveState.ASKED, LeaveState.REFUSED])
    return {row.person_id: row for row in rows.order_by("asked_at")}
