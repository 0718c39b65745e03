"""核对: signatures on paper and heads in the room."""

from collections.abc import Iterable

from django import forms

from studygroup.lib.forms import Form, Versioned


class ReconcileForm(Versioned, Form):
    """One box per person, whatever the number one field's name."""

    signed = forms.TypedMultipleChoiceField(label="纸质签到表上有签名", required=False, coerce=int)
    head_count = forms.IntegerField(
        label="现场清点人数",
        required=False,
        min_value=0,
        max_value=9999,
        help_text="在会场里数一遍，含列席；没有清点就空着。",
    )

    def __init__(self, *args: object, people: Iterable[int], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["signed"].choices = [(person, person) for person in people]
        self.fields["signed"].error_messages["invalid_choice"] = "名单刚刚有变化，请刷新页面后再勾选。"
