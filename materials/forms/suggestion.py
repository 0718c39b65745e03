from django import forms

from studygroup.lib.forms import Form


class WordingForm(Form):
    """采纳 or 不采纳, said by the button that was pressed."""

    taken = forms.TypedChoiceField(choices=[("1", "采纳"), ("0", "不采纳")], coerce=lambda value: value == "1")
