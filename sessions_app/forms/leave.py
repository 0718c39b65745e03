"""请假: asking and answering."""

from typing import Any

from django import forms

from sessions_app.models import LeaveRequest
from sessions_app.models.attendance import LeaveReason
from studygroup.lib.forms import Form, ModelForm


class LeaveForm(ModelForm):
    class Meta:
        model = LeaveRequest
        fields = ["reason", "explanation"]
        widgets = {"reason": forms.RadioSelect, "explanation": forms.Textarea(attrs={"rows": 3})}
        error_messages = {
            "reason": {"required": "请选择事由。"},
            "explanation": {
                "required": "请简要说明，例如“到县里参加防汛会议”。",
                "max_length": "最多 %(limit_value)d 个字，现在有 %(show_value)d 个。",
            },
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].choices = LeaveReason.choices  # no empty choice among radio buttons


class DecisionForm(Form):
    """准假 or 不准假, the second with a reason."""

    decision = forms.ChoiceField(choices=[("grant", "准假"), ("refuse", "不准假")])
    answer = forms.CharField(
        label="审批意见",
        max_length=200,
        required=False,
        error_messages={"max_length": "最多 %(limit_value)d 个字，现在有 %(show_value)d 个。"},
    )
