"""一学一档: which year and which sessions; a scan for a part; why a part does not apply."""

from collections.abc import Sequence
from typing import Any

from django import forms

from accounts.models import StudyGroup
from sessions_app.models.dossier import DossierPart
from studygroup.lib.forms import Form
from studygroup.lib.uploads import UploadsField


class DossierFilter(Form):
    year = forms.TypedChoiceField(label="年度", required=False, coerce=int, empty_value=None)
    group = forms.TypedChoiceField(label="学习组", required=False, coerce=int, empty_value=None)
    show = forms.ChoiceField(label="状态", required=False, choices=[("", "全部"), ("missing", "只看待补")])

    def __init__(self, data: Any, *, years: Sequence[int], groups: Sequence[StudyGroup]) -> None:
        super().__init__(data)
        self.fields["year"].choices = [(str(year), f"{year}年") for year in years]
        self.fields["group"].choices = [(str(group.pk), group.name) for group in groups]
        self.full_clean()
        if len(groups) < 2:
            del self.fields["group"]


class PartForm(Form):
    part = forms.ChoiceField(choices=DossierPart.choices, widget=forms.HiddenInput)


class ScanForm(PartForm):
    uploads = UploadsField(label="文件", error_messages={"required": "请选择要存入的文件。"})

    def clean_uploads(self) -> Any:
        if not self.cleaned_data["uploads"]:
            raise forms.ValidationError("请选择要存入的文件。")
        return self.cleaned_data["uploads"]


class WaiveForm(PartForm):
    reason = forms.CharField(label="为什么不适用", max_length=100, error_messages={"required": "请写明为什么不适用。"})


class MakeDossierForm(Form):
    session = forms.IntegerField(min_value=1, widget=forms.HiddenInput)


class NoFields(Form):
    """A button: nothing to fill in."""
