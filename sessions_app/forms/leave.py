"""请假: asking, answering, and the register's filter."""

from collections.abc import Sequence
from typing import Any

from django import forms

from accounts.models import StudyGroup
from sessions_app.models import LeaveRequest, Participant
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


class EnterLeaveForm(LeaveForm):
    """What somebody asked by telephone, written down by the office."""

    person = forms.TypedChoiceField(label="请假人", coerce=int, error_messages={"required": "请选择请假人。"})
    field_order = ["person", "reason", "explanation"]

    def __init__(self, *args: Any, people: Sequence[Participant], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = [(str(p.person_id), f"{p.person.name}　{p.title}".rstrip()) for p in people]
        self.fields["person"].choices = [("", "请选择"), *names]


class AbsenceFilter(Form):
    """What the register shows. A value that does not exist shows everything."""

    year = forms.TypedChoiceField(label="年度", required=False, coerce=int, empty_value=None)
    person = forms.TypedChoiceField(label="人员", required=False, coerce=int, empty_value=None)
    state = forms.ChoiceField(label="状态", required=False)
    group = forms.TypedChoiceField(label="学习组", required=False, coerce=int, empty_value=None)

    def __init__(
        self,
        data: Any,
        *,
        years: Sequence[int],
        people: Sequence[tuple[int, str]],
        groups: Sequence[StudyGroup],
        states: Sequence[tuple[str, str]],
    ) -> None:
        super().__init__(data)
        self.fields["year"].choices = [("", "全部年度"), *((str(y), f"{y}年") for y in years)]
        self.fields["person"].choices = [("", "全部人员"), *((str(pk), name) for pk, name in people)]
        self.fields["state"].choices = [("", "全部状态"), *states]
        self.fields["group"].choices = [("", "全部学习组"), *((str(g.pk), g.name) for g in groups)]
        if len(groups) < 2:
            del self.fields["group"]
        self.full_clean()

    def chosen(self, name: str) -> Any:
        return self.cleaned_data.get(name)


class DecisionForm(Form):
    """准假 or 不准假, the second with a reason."""

    decision = forms.ChoiceField(choices=[("grant", "准假"), ("refuse", "不准假")])
    answer = forms.CharField(
        label="审批意见",
        max_length=200,
        required=False,
        error_messages={"max_length": "最多 %(limit_value)d 个字，现在有 %(show_value)d 个。"},
    )
