"""列席旁听: planning a visit, the feedback with its checklist and problems, what was done about them."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils import timezone

from accounts.models import StudyGroup
from sessions_app.actions.observation import Problem
from sessions_app.models import Observation, StudySession
from sessions_app.models.observation import CHECKLIST, CRITERIA, RESULTS
from studygroup.lib.forms import Form, ModelForm, Versioned

MOST_PROBLEMS = 20


class ObservationForm(ModelForm, Versioned):
    """A called session of the group, or a date and a topic where none is called yet."""

    pairs = (("planned_on", "notified_on"),)

    class Meta:
        model = Observation
        fields = ["session", "planned_on", "notified_on", "topic", "observers"]
        help_texts = {
            "session": "选了学习活动，旁听日期和主题就以它为准。",
            "notified_on": "默认今天。早于今天的标为“补录”，提前几天仍从登记这一天算。",
            "observers": "姓名之间用顿号隔开。",
        }

    def __init__(self, *args: Any, group: StudyGroup, sessions: Sequence[StudySession], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["version"] = self.instance.version
        field = self.fields["session"]
        field.queryset = StudySession.objects.filter(pk__in=[session.pk for session in sessions])
        field.empty_label = "还没有通知的学习，只定日期"
        field.label_from_instance = lambda s: f"{timezone.localtime(s.starts_at):%Y-%m-%d %H:%M}　{s.title}"
        self.fields["planned_on"].required = False

    def clean(self) -> dict[str, Any]:
        super().clean()
        session = self.cleaned_data.get("session")
        if session is not None:
            self.cleaned_data["planned_on"] = session.day
            self.cleaned_data["topic"] = session.title
        elif not self.cleaned_data.get("planned_on") and "planned_on" not in self.errors:
            self.add_error("planned_on", "请选学习活动，或填写旁听日期。")
        return self.cleaned_data


class FeedbackForm(ModelForm, Versioned):
    """Ten items of the checklist, each with a result and a remark, and the words around them."""

    class Meta:
        model = Observation
        fields = ["overall", "strengths", "suggestions"]
        widgets = {
            "overall": forms.Textarea(attrs={"rows": 3}),
            "strengths": forms.Textarea(attrs={"rows": 3}),
            "suggestions": forms.Textarea(attrs={"rows": 3}),
        }

    def __init__(self, *args: Any, sending: bool = False, **kwargs: Any) -> None:
        """`sending`: everything has to be there; a draft may lack it."""
        super().__init__(*args, **kwargs)
        self.sending = sending
        self.initial["version"] = self.instance.version
        before = {line["item"]: line for line in self.instance.checklist}
        for number, item in enumerate(CHECKLIST):
            line = before.get(item, {})
            self.fields[f"result-{number}"] = forms.ChoiceField(
                choices=[("", "请选择"), *RESULTS.items()],
                required=False,
                initial=line.get("result", ""),
                widget=forms.Select(attrs={"aria-label": f"{item}：结果"}),
            )
            self.fields[f"remark-{number}"] = forms.CharField(
                max_length=200,
                required=False,
                initial=line.get("remark", ""),
                widget=forms.TextInput(attrs={"aria-label": f"{item}：说明"}),
                error_messages={"max_length": "最多 %(limit_value)d 个字，现在有 %(show_value)d 个。"},
            )

    def clean(self) -> dict[str, Any]:
        super().clean()
        data = self.cleaned_data
        for n in range(len(CHECKLIST)) if self.sending else ():
            if not data.get(f"result-{n}") and f"result-{n}" not in self.errors:
                self.add_error(f"result-{n}", "请选结果，不涉及的选“不适用”。")
            if data.get(f"result-{n}") == "bad" and not data.get(f"remark-{n}") and f"remark-{n}" not in self.errors:
                self.add_error(f"remark-{n}", "不符合的请写说明。")
        if self.sending and not data.get("overall") and "overall" not in self.errors:
            self.add_error("overall", "请写总体评价。")
        return data

    def lines(self) -> list[tuple[str, str, forms.BoundField, forms.BoundField]]:
        return [(item, CRITERIA[item], self[f"result-{n}"], self[f"remark-{n}"]) for n, item in enumerate(CHECKLIST)]

    def told(self) -> list[tuple[str, str, str]]:
        """Every error with the place it belongs to: id of the field, its name, the sentence."""
        names = {f"{part}-{n}": item for part in ("result", "remark") for n, item in enumerate(CHECKLIST)}
        return [
            (self[name].id_for_label, names.get(name, self[name].label), error)
            for name, errors in self.errors.items()
            if name != forms.forms.NON_FIELD_ERRORS
            for error in errors
        ]

    def checklist(self) -> list[dict[str, str]]:
        data = self.cleaned_data
        return [
            {"item": item, "result": data.get(f"result-{n}", ""), "remark": data.get(f"remark-{n}", "")}
            for n, item in enumerate(CHECKLIST)
        ]


class ProblemForm(Form):
    """One problem; an empty line is none."""

    text = forms.CharField(label="问题", max_length=500, required=False)
    owner = forms.CharField(label="整改责任人", max_length=60, required=False)
    due_on = forms.DateField(label="整改期限", required=False)

    def clean(self) -> dict[str, Any]:
        super().clean()
        data = self.cleaned_data
        if any(data.get(name) for name in ("text", "owner", "due_on")):
            for name, told in (("text", "请写明问题。"), ("owner", "请写责任人。"), ("due_on", "请写期限。")):
                if not data.get(name) and name not in self.errors:
                    self.add_error(name, told)
        return data


class BaseProblems(forms.BaseFormSet):
    def told(self) -> list[tuple[str, str, str]]:
        """As of the form above it."""
        return [
            (form[name].id_for_label, f"问题 {number} {form[name].label}", error)
            for number, form in enumerate(self.forms, start=1)
            for name, errors in form.errors.items()
            for error in errors
        ]

    def problems(self) -> list[Problem]:
        filled = [form.cleaned_data for form in self.forms if form.cleaned_data.get("text")]
        return [Problem(data["text"], data["owner"], data["due_on"]) for data in filled]


ProblemFormSet = forms.formset_factory(
    ProblemForm, formset=BaseProblems, extra=3, max_num=MOST_PROBLEMS, absolute_max=MOST_PROBLEMS + 5
)


class MeasureForm(Versioned, Form):
    measure = forms.CharField(
        label="整改情况",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"max_length": "最多 %(limit_value)d 个字，现在有 %(show_value)d 个。"},
    )


class CloseProblemForm(Versioned, Form):
    decision = forms.ChoiceField(choices=[("close", "销号"), ("return", "退回继续整改")])
    answer = forms.CharField(
        label="核查意见",
        max_length=200,
        required=False,
        error_messages={"max_length": "最多 %(limit_value)d 个字，现在有 %(show_value)d 个。"},
    )


class CancelForm(Versioned, Form):
    """The version that is cancelled."""
