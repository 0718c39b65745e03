from typing import Any

from django import forms

from accounts.forms.records import RecordForm
from accounts.permissions import Permission
from sessions_app.models import LectureFile, Lecturer
from studygroup.lib.forms import RowsField
from studygroup.lib.uploads import UploadsField


class CardFiles(RowsField):
    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, obj: LectureFile) -> str:
        return obj.name


class LecturerForm(RecordForm):
    """主讲人卡片, with 资质材料."""

    permission = Permission.MANAGE_SESSIONS

    uploads = UploadsField(label="资质材料（证书、聘书、介绍等）", required=False, help_text="请勿上传涉密材料。")
    remove = CardFiles(LectureFile.objects.none(), label="移除已有资质材料", required=False)

    pairs = (("name", "political_status"), ("unit", "title"))

    class Meta:
        model = Lecturer
        fields = ["group", "name", "political_status", "unit", "title", "qualification"]
        help_texts = {
            "title": "“土专家”等没有职务的可以不填。",
            "qualification": "职称、研究方向、以往讲授情况等。",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and self.instance.files.kept().exists():
            self.fields["remove"].queryset = self.instance.files.kept()
        else:
            del self.fields["remove"]

    @property
    def papers(self) -> dict[str, Any]:
        return {"uploads": self.cleaned_data["uploads"], "removed": list(self.cleaned_data.get("remove") or [])}
