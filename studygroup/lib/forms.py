"""Forms of one look. The template owns <form>, csrf and buttons; a form validates and never saves."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Column, Layout, Row
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import HttpRequest

from studygroup.lib.clock import start_of_day
from studygroup.lib.errors import Overtaken
from studygroup.lib.parse import whole_number

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2100, 12, 31)
DATE_MESSAGE = "日期应在 2000 年到 2100 年之间。"


class PlainForm:
    """Mixin: crispy helper, phone keyboards and Chinese-friendly widgets for every form of the house."""

    fields: dict[str, forms.Field]
    pairs: Sequence[Sequence[str]] = ()  # fields side by side on a wide screen; the rest follows one below another

    @property
    def helper(self) -> FormHelper:
        helper = FormHelper()
        helper.form_tag = False
        helper.disable_csrf = True
        if self.pairs:
            rows = [Row(*(Column(name, css_class="col-md-6") for name in pair)) for pair in self.pairs]
            paired = {name for pair in self.pairs for name in pair}
            helper.layout = Layout(*rows, *(name for name in self.fields if name not in paired))
        return helper

    def dress(self) -> None:
        for field in self.fields.values():
            widget = field.widget
            if isinstance(field, forms.DateField):
                field.widget = forms.DateInput(attrs={**widget.attrs, "type": "date"}, format="%Y-%m-%d")
            elif isinstance(field, forms.DateTimeField):
                field.widget = forms.DateTimeInput(
                    attrs={**widget.attrs, "type": "datetime-local"}, format="%Y-%m-%dT%H:%M"
                )
            elif isinstance(field, forms.TimeField):
                field.widget = forms.TimeInput(attrs={**widget.attrs, "type": "time"}, format="%H:%M")
            elif isinstance(widget, forms.Textarea) and widget.attrs.get("rows") == "10":  # Django's own default
                widget.attrs["rows"] = 4
            elif isinstance(field, forms.TypedChoiceField) and field.choices and field.choices[0][0] == "":
                field.choices = [("", "请选择" if field.required else "（不填）"), *field.choices[1:]]
            field.widget.is_required = field.required
            speak_plainly(field)


def speak_plainly(field: forms.Field) -> None:
    """Short Chinese sentences instead of the framework's, unless the form has said its own."""
    if field.error_messages["required"] == forms.Field.default_error_messages["required"]:
        field.error_messages["required"] = "请填写这一项。"
    field.error_messages.setdefault("max_length", "最多 %(limit_value)d 个字，现在有 %(show_value)d 个。")
    if isinstance(field, forms.IntegerField):
        field.error_messages.setdefault("min_value", "不能小于 %(limit_value)s。")
        field.error_messages.setdefault("max_value", "不能大于 %(limit_value)s。")
    first: date
    last: date
    if isinstance(field, forms.DateTimeField):
        first, last = start_of_day(FIRST_DAY), start_of_day(LAST_DAY)
    elif isinstance(field, forms.DateField):
        first, last = FIRST_DAY, LAST_DAY
    else:
        return
    # A slip like 0202 would put the row into a year nobody looks at.
    field.validators += [MinValueValidator(first, DATE_MESSAGE), MaxValueValidator(last, DATE_MESSAGE)]


class RowsField(forms.ModelMultipleChoiceField):
    """Rows that are ticked. A number no row can have is answered like one not offered: a database fails on it."""

    def clean(self, value: Any) -> Any:
        for one in value or ():
            if whole_number(one) < 0:
                raise ValidationError(self.error_messages["invalid_choice"], "invalid_choice", {"value": str(one)[:20]})
        return super().clean(value)


class Form(PlainForm, forms.Form):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.dress()


class ModelForm(PlainForm, forms.ModelForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.dress()

    def save(self, commit: bool = True) -> Any:
        raise NotImplementedError("a form validates; an action in actions/ saves")


def posted(request: HttpRequest) -> Any:
    """What a form is bound to; a POST with nothing in it is still a POST."""
    return request.POST if request.method == "POST" else None


class Versioned(forms.Form):
    """Adds the row's version the person saw: the second of two writers is told instead of overwriting."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 2, required=False)

    def clean_version(self) -> int:
        """A form that names no version has seen none: whoever changes a row with it is told."""
        version = self.cleaned_data["version"]
        return -1 if version is None else version


def changes_of(form: forms.ModelForm) -> dict[str, Any]:
    """Cleaned values of the form's model fields, to hand to an action."""
    return {name: form.cleaned_data[name] for name in form._meta.fields if name in form.cleaned_data}


def refuse_stale(form: forms.BaseForm, error: Overtaken) -> None:
    """Tell the second writer, and let him press save again knowingly."""
    form.add_error(None, error.message)
