"""Closing a session: what the clerk says of everybody who neither signed in nor asked."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

from django import forms

from sessions_app.actions.session_life import Explained
from sessions_app.models import Participant
from sessions_app.models.attendance import AttendanceStatus, LeaveReason
from studygroup.lib.forms import Form

# name → (label, what it means)
EXPLANATIONS: dict[str, tuple[str, tuple[str, str]]] = {
    "absent": ("缺席", (AttendanceStatus.ABSENT, "")),
    "present": ("实到（补登记）", (AttendanceStatus.PRESENT, "")),
    "late": ("迟到（补登记）", (AttendanceStatus.LATE, "")),
    "official": ("事后请假：公假", (AttendanceStatus.LEAVE, LeaveReason.OFFICIAL)),
    "sick": ("事后请假：病假", (AttendanceStatus.LEAVE, LeaveReason.SICK)),
    "personal": ("事后请假：事假", (AttendanceStatus.LEAVE, LeaveReason.PERSONAL)),
}
CHOICES = [("", "请选择"), *((name, label) for name, (label, _) in EXPLANATIONS.items())]


@dataclass(frozen=True)
class MissingLine:
    """One person of the list with his two fields."""

    participant: Participant
    choice: forms.BoundField
    note: forms.BoundField


class CloseForm(Form):
    """A choice and a note for everybody missing; `mark_absent` is said of all who are left without a choice.

    `observers` are ticked when they came. Before its planned end (`ends`, HH:MM) the close is confirmed.
    """

    mark_absent = forms.BooleanField(label="没有选择的都按缺席处理", required=False)
    here = forms.TypedMultipleChoiceField(label="列席人员", coerce=int, required=False)

    def __init__(
        self,
        data: Any = None,
        *,
        missing: Sequence[Participant] = (),
        observers: Sequence[Participant] = (),
        ends: str = "",
    ) -> None:
        super().__init__(data)
        self.missing, self.observers = missing, observers
        cast(forms.ChoiceField, self.fields["here"]).choices = [(p.person_id, p.person.name) for p in observers]
        if ends:
            label = f"还没到结束时间（{ends}），确定现在结束"
            self.fields["early"] = forms.BooleanField(
                label=label, error_messages={"required": f"还没到结束时间（{ends}），确定结束吗？请先勾选确认。"}
            )
        for participant in missing:
            name = participant.person.name
            self.fields[f"how-{participant.person_id}"] = forms.ChoiceField(
                choices=CHOICES, required=False, widget=forms.Select(attrs={"aria-label": f"{name}：情况"})
            )
            self.fields[f"note-{participant.person_id}"] = forms.CharField(
                max_length=100,
                required=False,
                widget=forms.TextInput(attrs={"aria-label": f"{name}：说明", "placeholder": "说明"}),
                error_messages={"max_length": "最多 %(limit_value)d 个字，现在有 %(show_value)d 个。"},
            )

    def lines(self) -> Iterator[MissingLine]:
        for participant in self.missing:
            person = participant.person_id
            yield MissingLine(participant, self[f"how-{person}"], self[f"note-{person}"])

    def clean(self) -> dict[str, Any]:
        super().clean()
        for participant in self.missing:
            note = f"note-{participant.person_id}"
            how = self.cleaned_data.get(f"how-{participant.person_id}")
            if how in ("official", "sick", "personal") and not self.cleaned_data.get(note) and note not in self.errors:
                self.add_error(note, "事后请假请写一句说明。")
        return self.cleaned_data

    def told(self) -> dict[int, Explained]:
        """By person, for those something was said of."""
        found = {}
        for participant in self.missing:
            if how := self.cleaned_data.get(f"how-{participant.person_id}"):
                status, reason = EXPLANATIONS[how][1]
                note = self.cleaned_data.get(f"note-{participant.person_id}", "")
                found[participant.person_id] = Explained(status, reason, note)
        return found
