"""Signing in, and the clerk's register."""

from collections.abc import Iterable
from typing import Any

from django import forms

from sessions_app.codes import plain_digits
from sessions_app.models.attendance import AttendanceStatus, LeaveReason
from studygroup.lib.forms import Form

REMOVE = "remove"
# What a button of the register says: name → (status, reason of leave)
MARKS: dict[str, tuple[str, str]] = {
    "present": (AttendanceStatus.PRESENT, ""),
    "late": (AttendanceStatus.LATE, ""),
    "official": (AttendanceStatus.LEAVE, LeaveReason.OFFICIAL),
    "sick": (AttendanceStatus.LEAVE, LeaveReason.SICK),
    "personal": (AttendanceStatus.LEAVE, LeaveReason.PERSONAL),
    "absent": (AttendanceStatus.ABSENT, ""),
}
MARK_LABELS = {
    "present": "到",
    "late": "迟到",
    "official": "公假",
    "sick": "病假",
    "personal": "事假",
    "absent": "缺席",
}


class SignInForm(Form):
    """Six digits from the screen; not asked for from a phone that has scanned it."""

    code = forms.CharField(
        label="屏幕上的六位数字",
        required=False,
        max_length=20,
        widget=forms.TextInput(
            attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "maxlength": 8, "class": "code-input"}
        ),
    )

    def __init__(self, *args: Any, saw_screen: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.saw_screen = saw_screen

    def clean_code(self) -> str:
        code = plain_digits(self.cleaned_data["code"])
        if not self.saw_screen and not code:
            raise forms.ValidationError("请输入屏幕上的六位数字。")
        return code


class RegisterForm(Form):
    """The register's one form: either one line's own button (`one`), or the ticked lines and a button below (`bulk`).

    A line is "person.status": the status is what the clerk saw when he decided.
    """

    one = forms.CharField(required=False)
    bulk = forms.ChoiceField(required=False, choices=[(mark, mark) for mark in MARKS])
    line = forms.MultipleChoiceField(required=False)

    def __init__(self, data: Any, *, people: Iterable[int]) -> None:
        super().__init__(data)
        statuses = ["", *AttendanceStatus.values]
        self.lines = {f"{person}.{status}": (person, status) for person in people for status in statuses}
        self.fields["line"].choices = [(line, line) for line in self.lines]

    def clean(self) -> dict[str, Any]:
        super().clean()
        mark, _, line = self.cleaned_data.get("one", "").partition(":")
        chosen = [line] if mark else self.cleaned_data.get("line", [])
        mark = mark or self.cleaned_data.get("bulk", "")
        if mark not in (*MARKS, REMOVE) or any(one not in self.lines for one in chosen):
            raise forms.ValidationError("没有登记：请刷新页面后再试。")
        if not chosen:
            raise forms.ValidationError("请先勾选人员，再点下面的按钮。")
        self.cleaned_data |= {"mark": mark, "seen": dict(self.lines[one] for one in chosen)}
        return self.cleaned_data
