"""Who takes part: ticked on the roster of the day, or added for this once."""

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms

from accounts.models import Membership, User
from sessions_app.actions.participants import GUEST_CATEGORIES
from studygroup.lib.forms import Form, Versioned


class ParticipantsForm(Versioned, Form):
    """Who is expected, out of the roster of the session's day."""

    person = forms.TypedMultipleChoiceField(
        label="参加人员",
        coerce=int,
        error_messages={
            "required": "请至少勾选一人。",
            "invalid_choice": "名单刚刚有变化，请核对后再保存。",
        },
    )

    def __init__(self, *args: Any, roster: Sequence[Membership], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].choices = [(str(m.user_id), m.user.name) for m in roster]


class GuestForm(Versioned, Form):
    """单次临时参加: one known person, or a name."""

    person = forms.ChoiceField(
        label="本单位的同志", required=False, help_text="曾在名单里、或在本组任职，学习当天不在名单上的。"
    )
    name = forms.CharField(
        label="或者填写姓名", max_length=50, required=False, help_text="不在系统里的同志。只留姓名，不会生成账号。"
    )
    category = forms.ChoiceField(
        label="类别",
        choices=[(role.value, role.label) for role in GUEST_CATEGORIES],
        help_text="扩大人员计入应到，列席人员不计入。",
    )
    title = forms.CharField(label="单位、职务", max_length=80, required=False)
    department = forms.CharField(label="工作区、部门", max_length=60, required=False)
    pairs = (("person", "name"), ("category", "title"))

    def __init__(self, *args: Any, people: Iterable[User] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(user.pk): user for user in people}
        self.fields["person"].choices = [("", "不选"), *((pk, user.name) for pk, user in self.people.items())]

    def clean_person(self) -> User | None:
        return self.people.get(self.cleaned_data["person"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("person") and data.get("name"):
            self.add_error("name", "选了本单位的同志，就不必再填姓名。")
        elif "person" in data and "name" in data and not data["person"] and not data["name"].strip():
            self.add_error("person", "请选择一位同志，或在旁边填写姓名。")
        return data
