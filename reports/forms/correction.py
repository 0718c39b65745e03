from django import forms

from reports.models.correction import CorrectionPart, CorrectionState
from studygroup.lib.forms import Form, Versioned


class CorrectionForm(Form):
    """更正申请: which part, and what it should say."""

    part = forms.ChoiceField(label="哪一部分", choices=CorrectionPart.choices)
    text = forms.CharField(
        label="哪里不对，应当怎样",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4, "placeholder": "例如：3月14日的学习我到会了，登记成了缺席。"}),
        error_messages={"required": "请写明哪里不对、应当怎样。"},
    )


class CorrectionAnswerForm(Versioned, Form):
    """The office's answer: the rows were corrected, or they are right."""

    state = forms.ChoiceField(
        label="办理结果",
        choices=[(value, label) for value, label in CorrectionState.choices if value != CorrectionState.ASKED],
        widget=forms.RadioSelect,
        error_messages={"required": "请选择办理结果。"},
    )
    answer = forms.CharField(
        label="办理说明", max_length=300, error_messages={"required": "请写明怎样办理的，本人会看到。"}
    )
