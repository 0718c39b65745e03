"""Papers that begin with a file somebody brings: a text from Word, photographs of handwritten pages."""

from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import StudyGroup, User
from accounts.permissions import Permission
from materials.forms.first_kind import first_kind
from materials.models import PaperRequest
from materials.models.paper_kind import kinds_by_group
from sessions_app.models import StudySession
from studygroup.lib import photos
from studygroup.lib.clock import local_date
from studygroup.lib.errors import Refused
from studygroup.lib.files import APPLE_PHOTO, Checked, check_upload
from studygroup.lib.forms import Form
from studygroup.lib.office.texts import READABLE, Text, read_text, refuse_other_documents
from studygroup.lib.parse import whole_number
from studygroup.lib.uploads import SeveralFilesInput

PHOTOS = ("jpg", "jpeg", "png")
ROWS = 8  # pages that can be chosen one by one where no script runs
Attachment = tuple[Any, Checked]


class NewPaperForm(Form):
    """What a new draft has to know before its file is read. Session and request come along from where one was."""

    group = forms.ModelChoiceField(label="学习组", queryset=StudyGroup.objects.none(), empty_label=None)
    kind = forms.ChoiceField(
        label="类别", widget=forms.RadioSelect, error_messages={"required": "请选择这是哪一类材料。"}
    )
    session = forms.ModelChoiceField(StudySession.objects.none(), required=False, widget=forms.HiddenInput)
    request = forms.ModelChoiceField(PaperRequest.objects.none(), required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, user: User, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = local_date(at)
        self.groups = list(StudyGroup.objects.where(user, Permission.WRITE_PAPERS))
        self.kinds = kinds_by_group([group.pk for group in self.groups])
        offered = {slug: row.label for kinds in self.kinds.values() for slug, row in kinds.items()}
        self.fields["kind"].choices = list(offered.items())
        if self.initial.get("kind") not in offered:
            self.initial["kind"] = first_kind(user, offered, self.initial.get("session"))
        self.fields["group"].queryset = StudyGroup.objects.where(user, Permission.WRITE_PAPERS)
        if len(self.groups) == 1:
            del self.fields["group"]
        sessions = StudySession.objects.visible_to(user).filter(group__in=self.groups)
        self.fields["session"].queryset = sessions.exclude(state="draft")
        requests = PaperRequest.objects.unanswered_by(user).filter(group__in=self.groups)
        self.fields["request"].queryset = requests
        asked = requests.filter(pk=whole_number(self.initial.get("request"))).values_list("kind", flat=True).first()
        if asked in offered:
            self.initial["kind"] = asked

    @property
    def group_chosen(self) -> StudyGroup:
        return self.cleaned_data["group"] if "group" in self.fields else self.groups[0]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        group = None if self.errors else self.group_chosen
        if group and cleaned["kind"] not in self.kinds[group.pk]:
            self.add_error("kind", "所选学习组没有这一类材料，请重新选择。")
        for name in ("session", "request"):
            if group and cleaned.get(name) and cleaned[name].group_id != group.pk:
                cleaned[name] = None
        asked = cleaned.get("request")
        if group and asked and asked.kind != cleaned["kind"]:
            self.add_error("kind", f"这次布置的是{asked.kind_name}，请改选类别。")
        return cleaned

    @property
    def facts(self) -> dict[str, Any]:
        """What the new draft starts with besides its text."""
        told = {name: self.cleaned_data[name] for name in ("kind", "session", "request")}
        return {"group": self.group_chosen, "written_on": self.today, **told}


class DocumentForm(NewPaperForm):
    """A Word or text file; `text` is what it says."""

    file = forms.FileField(
        label="Word 文档（.docx）或纯文本（.txt）",
        widget=forms.FileInput(attrs={"accept": READABLE, "data-names": "file-names"}),
        error_messages={"required": "请选择文件。", "empty": "这是空文件，请检查后重新选择。"},
    )
    text: Text

    def clean_file(self) -> Attachment:
        upload = self.cleaned_data["file"]
        try:
            refuse_other_documents(upload.name)
            checked = check_upload(upload)
            self.text = read_text(checked.name, upload.read())
        except Refused as refusal:
            raise ValidationError(refusal.message) from None
        upload.seek(0)
        return upload, checked

    @property
    def title_of_draft(self) -> str:
        return self.text.title or self.cleaned_data["file"][1].name.rpartition(".")[0]


class PhotosField(forms.FileField):
    """Several photographs as they were chosen; how each is judged is the form's business."""

    widget = SeveralFilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        return [upload for upload in data or [] if upload]


class PhotosForm(Form):
    """Photographs in page order: several at once, or one by one with the number of the page. `attachment` is the
    PDF they make.
    """

    photos = PhotosField(
        label="照片",
        required=False,
        widget=SeveralFilesInput(attrs={"accept": "image/jpeg,image/png", "multiple": True}),
    )
    attachment: Attachment
    pages = 0

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number in range(1, ROWS + 1):
            told = {"min_value": 1, "max_value": 99, "required": False}
            self.fields[f"page_{number}"] = forms.IntegerField(label="第几页", initial=number, **told)
            widget = forms.FileInput(attrs={"accept": "image/jpeg,image/png"})
            self.fields[f"photo_{number}"] = forms.FileField(label="照片", required=False, widget=widget)

    @property
    def rows(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        return [(self[f"page_{number}"], self[f"photo_{number}"]) for number in range(1, ROWS + 1)]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        try:
            self.attachment = self._joined(self._in_order(cleaned))
        except Refused as refusal:
            self.add_error("photos", refusal.message)
        except ValidationError as error:
            self.add_error("photos", error.messages)
        return cleaned

    def _in_order(self, cleaned: dict[str, Any]) -> list[Any]:
        """Those with a page number by it, then those chosen together as they were chosen."""
        single = [(cleaned.get(f"page_{n}") or n, n, cleaned.get(f"photo_{n}")) for n in range(1, ROWS + 1)]
        numbered = [upload for _, _, upload in sorted(row for row in single if row[2])]
        chosen = numbered + cleaned["photos"]
        if not chosen:
            raise Refused("请选择照片。")
        if len(chosen) > photos.MOST_PHOTOS:
            raise Refused(f"一次最多 {photos.MOST_PHOTOS} 张照片，请分几次上传。")
        return chosen

    def _joined(self, uploads: list[Any]) -> Attachment:
        named, errors = [], []
        for upload in uploads:
            try:
                named.append((upload, _checked_photo(upload).name))
            except ValidationError as error:
                errors += error.messages  # not the error itself: its traceback keeps what was being read
        if errors:
            raise ValidationError(errors)
        self.pages = len(named)
        pdf = SimpleUploadedFile(f"手写笔记（{self.pages}页）.pdf", photos.join(named), "application/pdf")
        return pdf, check_upload(pdf)


def _checked_photo(upload: Any) -> Checked:
    extension = (upload.name or "").rpartition(".")[2].lower()
    if extension in ("heic", "heif"):
        raise ValidationError(f"“{upload.name}”是 HEIC 照片，不能合成。{APPLE_PHOTO}")
    if extension not in PHOTOS:
        raise ValidationError(f"“{upload.name}”不是照片。请选择 jpg 或 png；别的文件在写材料的页面作为附件上传。")
    return check_upload(upload)


class PhotoPaperForm(PhotosForm, NewPaperForm):
    """A new draft that consists of photographs."""

    title = forms.CharField(label="标题", max_length=200, error_messages={"required": "请填写标题。"})
