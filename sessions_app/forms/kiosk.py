"""自助签到机: who confirms, with which PIN."""

from collections.abc import Iterable
from typing import Any

from django import forms

from accounts.models import User
from studygroup.lib.forms import Form


class KioskForm(Form):
    """`by` is the person himself or one of the clerks; nobody else's PIN is asked for."""

    by = forms.ChoiceField(label="谁来确认")
    pin = forms.CharField(
        label="签到密码",
        max_length=12,
        widget=forms.PasswordInput(attrs={"inputmode": "numeric", "autocomplete": "off", "class": "pin-input"}),
        error_messages={"required": "请输入签到密码。"},
    )

    def __init__(self, *args: Any, person: User, clerks: Iterable[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(user.pk): user for user in (person, *clerks)}
        self.fields["by"].choices = [(key, user.name) for key, user in self.people.items()]

    def clean_by(self) -> User:
        return self.people[self.cleaned_data["by"]]
