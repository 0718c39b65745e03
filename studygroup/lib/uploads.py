"""The form field for attachments: several at once, each judged by its content."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from studygroup.lib.files import ACCEPT, Checked, check_upload

MOST_FILES = 20


class SeveralFilesInput(forms.FileInput):
    allow_multiple_selected = True


class UploadsField(forms.FileField):
    """Several attachments, each judged by its content. Cleaned: a list of (upload, Checked)."""

    widget = SeveralFilesInput

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {**super().widget_attrs(widget), "accept": ACCEPT, "multiple": True}

    def clean(self, data: Any, initial: Any = None) -> list[tuple[Any, Checked]]:
        uploads = [upload for upload in data or [] if upload]
        if self.required and not uploads:
            raise ValidationError(self.error_messages["required"])
        if len(uploads) > MOST_FILES:
            raise ValidationError(f"一次最多上传 {MOST_FILES} 个附件，请分几次上传。")
        accepted, errors = [], []
        for upload in uploads:
            try:
                accepted.append((upload, check_upload(upload)))
            except ValidationError as error:
                errors += error.messages  # not the error itself: its traceback keeps what was being read
        if errors:
            raise ValidationError(errors)
        return accepted


def sent(request: HttpRequest) -> tuple[Any, Any]:
    """Text and files of a POST, even of an empty one; nothing for a page that is only opened."""
    return (request.POST, request.FILES) if request.method == "POST" else (None, None)
