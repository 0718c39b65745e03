"""导入: choosing what comes in. What the cells say is checked where they are read."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.models import StudyGroup, User
from accounts.sheets.description import Description, Option
from studygroup.lib.clock import local_date
from studygroup.lib.errors import Refused
from studygroup.lib.files import check_upload
from studygroup.lib.forms import Form
from studygroup.lib.office.sheets import Grid, read_paste, read_workbook, refuse_other_tables


class ImportForm(Form):
    """A file or a pasted table, and what the description asks about it. `grids` is what was read."""

    group = forms.ModelChoiceField(StudyGroup.objects.none(), label="学习组", empty_label="请选择")
    file = forms.FileField(
        label="表格文件（.xlsx）",
        required=False,
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
        help_text="Excel 2007 以后的工作簿。WPS 的 .et 和老的 .xls 请先另存为 .xlsx。",
    )
    paste = forms.CharField(
        label="或者直接粘贴",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
        help_text="在 Excel 或 WPS 里连表头一起选中，复制，粘贴到这里。",
    )

    def __init__(self, *args: Any, user: User, description: Description, at: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.at = at
        self.options = list(description.options(local_date(at)))
        groups = StudyGroup.objects.where(user, description.permission)
        self.fields["group"].queryset = groups
        self.fields["group"].initial = groups.first()
        self.fields = {"group": self.fields["group"]} | {o.name: _asked(o) for o in self.options} | self.fields
        if len(groups) == 1:
            self.fields["group"].widget = forms.HiddenInput()
        self.dress()

    @property
    def pairs(self) -> Sequence[Sequence[str]]:  # type: ignore[override]
        asked = [name for name in self.fields if name not in ("file", "paste")]
        names = [name for name in asked if not self.fields[name].widget.is_hidden]
        return [names[start : start + 2] for start in range(0, len(names), 2)]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        upload = cleaned.get("file")
        try:
            self.grids = self._read_file(upload) if upload else [read_paste(cleaned.get("paste") or "")]
        except Refused as refusal:
            self.add_error("file" if upload else "paste", refusal.message)
        except ValidationError as error:
            self.add_error("file", error)
        return cleaned

    def _read_file(self, upload: Any) -> list[Grid]:
        refuse_other_tables(upload.name)
        check_upload(upload)
        return read_workbook(upload.read())

    @property
    def answers(self) -> dict[str, str]:
        """The options as JSON keeps them, with the day they were given."""
        told = {o.name: self.cleaned_data[o.name] for o in self.options}
        return {name: "" if value is None else str(value) for name, value in told.items()} | {
            "asked_on": str(local_date(self.at))
        }


def _asked(option: Option) -> forms.Field:
    told: dict[str, Any] = {"label": option.label, "required": option.required, "help_text": option.help}
    told["initial"] = option.initial
    if option.choices:
        return forms.ChoiceField(choices=option.choices, **told)
    if option.is_number:
        return forms.IntegerField(min_value=0, max_value=9999, **told)
    if option.is_date:
        return forms.DateField(**told)
    return forms.CharField(max_length=100, **told)


class LayoutForm(Form):
    """Which sheet, where its head stands, and whether people stand in its rows."""

    sheet = forms.ChoiceField(label="工作表")
    head_first = forms.IntegerField(label="表头从第几行", min_value=1, max_value=200, required=False)
    head_last = forms.IntegerField(label="到第几行", min_value=1, max_value=200, required=False)
    turned = forms.ChoiceField(
        label="这张表", choices=[("", "一行是一次"), ("1", "一行是一个人，一列是一次")], required=False
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, *args: Any, sheets: Sequence[str], may_turn: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["sheet"].choices = [(name, name or "粘贴的表格") for name in sheets]
        if not may_turn:
            del self.fields["turned"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        first, last = cleaned.get("head_first"), cleaned.get("head_last")
        if first and last and last < first:
            self.add_error("head_last", "不能在起始行之前。")
        return cleaned
