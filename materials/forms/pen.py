"""Which person a page was made for, and which open page it is."""

import secrets

from django import forms

from accounts.models import User
from materials.actions.submission import Pen

NAME = r"[A-Za-z0-9_-]{8,32}"
# A browser that comes back to a page puts old values into it, hidden ones too.
STAYS = {"autocomplete": "off"}


class PenFields(forms.Form):
    """Hidden fields of a page that is written on. `who` is checked before anything of the text is looked at
    (`studygroup.lib.middleware`), `pen` and `pen_serial` say which page writes for the how-manieth time."""

    who = forms.IntegerField(required=False, widget=forms.HiddenInput(attrs=STAYS))
    pen = forms.RegexField(NAME, required=False, strip=True, widget=forms.HiddenInput(attrs=STAYS))
    pen_serial = forms.IntegerField(
        required=False, min_value=0, max_value=2**31 - 2, widget=forms.HiddenInput(attrs=STAYS)
    )

    def write_as(self, user: User) -> None:
        self.initial.update(who=user.pk, pen=secrets.token_urlsafe(16), pen_serial=1)

    @property
    def writing(self) -> Pen:
        return Pen(self.cleaned_data.get("pen") or "", self.cleaned_data.get("pen_serial") or 0)
