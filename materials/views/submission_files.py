"""Papers that begin with a file: a text from Word becomes a draft, photographs become one PDF."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from accounts.permissions import Permission, holds
from materials.actions import submission as actions
from materials.forms.submission_files import DocumentForm, PhotoPaperForm, PhotosForm
from materials.models import Submission
from studygroup.lib.access import SIGNED_IN, access
from studygroup.lib.errors import NotAllowed
from studygroup.lib.office.texts import Text
from studygroup.lib.once import once
from studygroup.lib.photos import MOST_PHOTOS
from studygroup.lib.uploads import sent

WRITERS = holds(Permission.WRITE_PAPERS)
CARRIED = ("kind", "session", "request")  # what the page it was opened from has already said


def _asked(request: HttpRequest) -> dict[str, str]:
    return {name: request.GET[name] for name in CARRIED if name in request.GET}


@access(WRITERS, "GET POST", form=DocumentForm)
@once
def submission_from_document(request: HttpRequest) -> HttpResponse:
    at = timezone.now()
    form = DocumentForm(*sent(request), user=request.user, at=at, initial=_asked(request))
    if request.method == "POST" and form.is_valid():
        told = {**form.facts, "title": form.title_of_draft, "body": form.text.body}
        uploads = [form.cleaned_data["file"]]
        submission = actions.write_submission(author=request.user, uploads=uploads, at=at, **told)
        _tell_what_was_taken(request, form)
        return redirect("submission_edit", submission.pk)
    return render(request, "materials/submission_from_document.html", {"form": form})


def _tell_what_was_taken(request: HttpRequest, form: DocumentForm) -> None:
    text, words = form.text, len("".join(form.text.body.split()))
    title = f"标题“{text.title}”" if text.title else "没有认出标题，先用了文件名；"
    messages.success(request, f"已取出{title}和正文 {words} 字，原文件留作附件。请核对后保存、提交。")
    if missing := _not_taken(text):
        messages.warning(request, missing)


def _not_taken(text: Text) -> str:
    said = [f"没有带过来：{'、'.join(text.left_out)}，需要的请看原文件。"] if text.left_out else []
    if text.has_tables:
        said.append("表格改成了一行一行的文字。")
    if text.unnumbered:
        said.append(f"有 {text.unnumbered} 个小标题没有“一、”“（一）”这样的序号，提交后按普通段落显示，可以自己加上。")
    return "".join(said)


@access(WRITERS, "GET POST", form=PhotoPaperForm)
@once
def submission_from_photos(request: HttpRequest) -> HttpResponse:
    at = timezone.now()
    form = PhotoPaperForm(*sent(request), user=request.user, at=at, initial=_asked(request))
    if request.method == "POST" and form.is_valid():
        told = {**form.facts, "title": form.cleaned_data["title"], "body": ""}
        submission = actions.write_submission(author=request.user, uploads=[form.attachment], at=at, **told)
        messages.success(request, f"{form.pages} 张照片已合成一个 PDF，作为附件。可以写几句正文，也可以直接提交。")
        return redirect("submission_edit", submission.pk)
    return render(request, "materials/submission_photos.html", {"form": form, "most": MOST_PHOTOS})


@access(SIGNED_IN, "GET POST", form=PhotosForm)
@once
def submission_photos(request: HttpRequest, pk: int) -> HttpResponse:
    rows = Submission.objects.visible_to(request.user).select_related("review")
    submission = get_object_or_404(rows, pk=pk)
    if request.user.pk != submission.author_id:
        raise NotAllowed("只有撰稿人可以修改自己的材料。")
    if request.method == "GET" and not submission.review.is_editable:
        messages.info(request, "材料已经提交，正在审核或已经通过，不能再修改。")
        return redirect("submission_detail", pk)
    form = PhotosForm(*sent(request))
    if request.method == "POST" and form.is_valid():
        upload, checked = form.attachment
        actions.attach(submission=submission, upload=upload, checked=checked, by=request.user, at=timezone.now())
        messages.success(request, f"{form.pages} 张照片已合成“{checked.name}”，作为附件。")
        return redirect("submission_edit", pk)
    context = {"form": form, "submission": submission, "most": MOST_PHOTOS}
    return render(request, "materials/submission_photos.html", context)
