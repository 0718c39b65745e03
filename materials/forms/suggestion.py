from django import forms

from studygroup.lib.forms import Form


class WordingForm(Form):
    """采纳 or 不采纳 of one of the points, said by the button that was pressed: “3 1” takes what the third offers."""

    wording = forms.RegexField(r"^\d{1,3} [01]$", required=False)

    @property
    def pressed(self) -> bool:
        return "wording" in self.data

    @property
    def number(self) -> int:
        return int(self.cleaned_data["wording"].split()[0]) if self.cleaned_data.get("wording") else 0

    @property
    def taken(self) -> bool:
        return bool(self.cleaned_data["wording"].endswith("1"))
