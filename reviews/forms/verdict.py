from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from reviews.actions import Point
from studygroup.lib.forms import Form


class SeenForm(Form):
    """A move on what the page showed: `seen_version` is the case's version at that moment."""

    seen_version = forms.IntegerField(
        min_value=0,
        widget=forms.HiddenInput,
        error_messages={"required": "请先打开材料再办理。", "invalid": "请先打开材料再办理。"},
    )


class VerdictForm(SeenForm):
    comment = forms.CharField(
        label="意见",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 1, "placeholder": "意见（可以不填）", "aria-label": "意见"}),
    )


class ReturnForm(SeenForm):
    comment = forms.CharField(
        label="总的意见", required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )


class PointForm(Form):
    """One numbered point. The paragraph is checked loosely: whether the text is still the same, the gate decides."""

    paragraph = forms.IntegerField(label="针对哪一段", required=False, min_value=1, max_value=32_000)
    text = forms.CharField(
        label="具体意见",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2, "placeholder": "哪里要改、怎样改"}),
    )

    def __init__(self, *args: Any, paragraphs: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["paragraph"].widget = forms.Select(choices=paragraphs, attrs={"class": "form-select"})

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("paragraph") and not cleaned.get("text") and "text" not in self.errors:
            self.add_error("text", "已选了段落，请写出这一段的意见。")
        return cleaned


class BasePoints(forms.BaseFormSet):
    def clean(self) -> None:
        if not any(self.errors) and not self.points:
            raise ValidationError("请至少写一条具体意见，让撰稿人知道改哪里。")

    @property
    def points(self) -> list[Point]:
        return [
            Point(text=form.cleaned_data["text"], paragraph=form.cleaned_data.get("paragraph"))
            for form in self.forms
            if form.cleaned_data.get("text", "").strip()
        ]


PointFormSet = forms.formset_factory(PointForm, formset=BasePoints, extra=5, max_num=50, absolute_max=50)
