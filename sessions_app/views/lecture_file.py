"""报告会附件: the files of an application, and what was used on the day."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone

from accounts.actions.people import require
from accounts.permissions import Permission
from sessions_app.actions.lecture_file import drop_used, keep_used
from sessions_app.documents.lecture import SAME
from sessions_app.forms.lecture import UsedForm
from sessions_app.models import LectureFile
from sessions_app.views.lecture import APPLY, find_lecture, lecture_page
from studygroup.lib.access import SIGNED_IN, access
from studygroup.lib.errors import NotAllowed, Refused
from studygroup.lib.files import send
from studygroup.lib.once import once


@access(SIGNED_IN)
def lecture_file(request: HttpRequest, pk: int) -> HttpResponse:
    """SIGNED_IN: whoever judges by delegation opens the files of what he judges."""
    file = get_object_or_404(LectureFile.objects.visible_to(request.user), pk=pk)
    return send(file.file, file.name)


@access(APPLY, "POST", form=UsedForm)
@once
def lecture_used(request: HttpRequest, pk: int) -> HttpResponse:
    lecture = find_lecture(request, pk=pk)
    require(request.user, Permission.MANAGE_SESSIONS, lecture.organizer_id)
    form = UsedForm(request.POST, request.FILES)
    if not form.is_valid():
        return lecture_page(request, lecture, used=form)
    try:
        found = keep_used(lecture=lecture, by=request.user, at=timezone.now(), **form.cleaned_data)
    except NotAllowed:
        raise
    except Refused as refusal:
        form.add_error("note", refusal.message)
        return lecture_page(request, lecture, used=form)
    same = all(result == SAME for result in found)
    messages.success(request, "已核对：与批准的讲稿一致。" if same else "已登记，并记下了不一致的说明。")
    return redirect("lecture_detail", pk)


@access(APPLY, "POST")
def lecture_file_remove(request: HttpRequest, pk: int) -> HttpResponse:
    rows = LectureFile.objects.visible_to(request.user).select_related("lecture").exclude(lecture=None)
    file = get_object_or_404(rows, pk=pk)
    drop_used(file=file, by=request.user, at=timezone.now())
    messages.success(request, f"已移除“{file.name}”。")
    return redirect("lecture_detail", file.lecture_id)
