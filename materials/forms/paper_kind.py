from django import forms

from materials.models import PaperKind
from studygroup.lib.forms import Form, ModelForm, Versioned


class PaperKindForm(Versioned, ModelForm):
    """Everything a group says of one kind of paper."""

    pairs = (("label", "purpose"), ("words_wanted", "due_days"), ("session_need", "topic_need"))

    class Meta:
        model = PaperKind
        fields = [
            *("label", "purpose", "guidance", "outline", "words_wanted", "due_days"),
            *("session_need", "topic_need", "position"),
        ]
        help_texts = {
            "words_wanted": "不填就不提示字数。",
            "due_days": "0 是学习当天；不填就没有统一的截止日期。",
            "position": "小的排在前面。",
        }

    def validate_unique(self) -> None:
        """The action asks the group's kinds."""

    def validate_constraints(self) -> None:
        """The action asks the group's kinds."""


class KindSwitchForm(Versioned, Form):
    """停用 or 启用, of the row somebody looked at."""

    on = forms.BooleanField(required=False, widget=forms.HiddenInput)
