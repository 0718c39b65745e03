"""At which session a lecture is given, said on its page at any time."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from accounts.actions.people import require
from accounts.permissions import Permission
from sessions_app.actions.lecture import choose_session
from sessions_app.forms.lecture_session import LectureSessionForm
from sessions_app.views.lecture import APPLY, find_lecture
from studygroup.lib.access import access
from studygroup.lib.errors import Refused


@access(APPLY, "POST", form=LectureSessionForm)
def lecture_session(request: HttpRequest, pk: int) -> HttpResponse:
    lecture, at = find_lecture(request, pk=pk), timezone.now()
    require(request.user, Permission.MANAGE_SESSIONS, lecture.organizer_id)
    form = LectureSessionForm(request.POST, lecture=lecture, user=request.user, at=at)
    if not form.is_valid():
        raise Refused("这次学习活动不在可选范围内，请回到申请页重新选择。")
    session, seen = form.cleaned_data["session"], form.cleaned_data["version"]
    choose_session(lecture=lecture, session=session, seen_version=seen, by=request.user, at=at)
    messages.success(request, f"已选定学习活动“{session}”。" if session else "已改为不在学习活动中。")
    return redirect("lecture_detail", pk)
