from typing import Any

from accounts.models import StudyGroup
from materials.forms.submission import SubmissionForm
from studygroup.lib.errors import Refused
from studygroup.lib.forms import changes_of


class DraftForm(SubmissionForm):
    """What a page says while it is written on: nothing is required, and what is not in order yet is left as it was."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.required = False
            field.widget.is_required = False
            if name in ("uploads", "remove"):
                field.disabled = True

    @property
    def hand_in(self) -> bool:
        return False

    @property
    def group_chosen(self) -> StudyGroup:
        if "group" in self.fields and not self.cleaned_data.get("group"):
            raise Refused("请先选择学习组。")
        return super().group_chosen

    @property
    def changes(self) -> dict[str, Any]:
        """Only what was sent and can be stored; an empty date or kind says nothing."""
        found = {name: value for name, value in changes_of(self).items() if name in self.data}
        return {name: value for name, value in found.items() if value or name not in ("kind", "written_on")}

    @property
    def complaints(self) -> list[str]:
        """What was not stored: what is too long is told, never cut."""
        wrong = [name for name in self.errors if name in self.fields and not self.fields[name].widget.is_hidden]
        return [f"{self.fields[name].label}：{text}" for name in wrong for text in self.errors[name]]
