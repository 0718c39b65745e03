from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Column, Div, Layout, Row
from django import forms

from sessions_app.models import PlanItem, SessionKind
from studygroup.lib.forms import ModelForm, RowsField, Versioned, changes_of

PAIRS = (
    ("source_level", "content_class"),
    ("date_text", "place"),
    ("lead_readers", "key_speakers"),
    ("question", "responsible"),
)


class SupplementForm(Versioned, ModelForm):
    """上级新精神: its title and where it comes from are enough; the rest may be said later."""

    kinds = RowsField(
        SessionKind.objects.filter(is_active=True),
        label="学习形式",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = PlanItem
        fields = ["topic", "basis", "content", *(name for pair in PAIRS for name in pair)]
        labels = {"topic": "学习专题（讲话、文件、会议精神）"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        item = kwargs.get("instance")
        if item is not None:
            kwargs["initial"] = {"version": item.version, "kinds": item.kinds.all(), **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)
        self.fields["basis"].required = True
        self.fields["basis"].help_text = "写明依据，例如：习近平总书记×月×日在×××的讲话；县委×月×日通知。"

    @property
    def helper(self) -> FormHelper:
        helper = super().helper
        pairs = [Row(*(Column(name, css_class="col-md-6") for name in pair)) for pair in PAIRS]
        helper.layout = Layout("version", "topic", "basis", "content", Div("kinds", css_class="check-grid"), *pairs)
        return helper

    @property
    def told(self) -> dict[str, Any]:
        """What an action needs of a supplement."""
        return {"values": changes_of(self), "kinds": self.cleaned_data["kinds"]}

    @property
    def change(self) -> dict[str, Any]:
        return {"seen_version": self.cleaned_data["version"], **self.told}

    def validate_constraints(self) -> None:
        """A supplement belongs to its plan only in the action."""
