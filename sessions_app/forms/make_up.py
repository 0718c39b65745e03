"""补学: what is handed in, and what the office says to it."""

from datetime import date
from typing import Any

from django import forms

from sessions_app.models import MakeUpStudy
from sessions_app.models.make_up import MakeUpMethod
from studygroup.lib.forms import Form, ModelForm, Versioned

DECISIONS = [("confirm", "核实"), ("give_back", "退回补充"), ("excuse", "免补"), ("take_back", "撤销")]


class MakeUpForm(ModelForm, Versioned):
    """方式、日期、内容、体会: short, because it is filled in on a phone."""

    pairs = (("studied_on",),)

    class Meta:
        model = MakeUpStudy
        fields = ["method", "studied_on", "content", "note"]
        widgets = {
            "method": forms.RadioSelect,
            "content": forms.Textarea(attrs={"rows": 2}),
            "note": forms.Textarea(attrs={"rows": 7}),
        }
        labels = {"studied_on": "补学日期", "note": "学习体会"}
        help_texts = {
            "content": "学了哪些篇目，一两句话即可。",
            "note": "结合自己的工作写几句：学到什么，准备怎么做。",
        }
        error_messages = {
            "method": {"required": "请选择补学方式。"},
            "note": {"max_length": "最多 %(limit_value)d 个字，现在有 %(show_value)d 个。"},
        }

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["studied_on"] = self.instance.studied_on or today
        self.initial["method"] = self.instance.method or MakeUpMethod.SELF_STUDY
        self.fields["method"].choices = MakeUpMethod.choices
        self.initial["version"] = self.instance.version
        if not self.instance.content:
            self.initial["content"] = self.instance.session.content[:300]
        for name in ("method", "studied_on", "content", "note"):
            self.fields[name].required = self.fields[name].widget.is_required = True


class MakeUpDecisionForm(Versioned, Form):
    """One button of the office's card, with a sentence where one is needed."""

    decision = forms.ChoiceField(choices=DECISIONS)
    answer = forms.CharField(
        label="意见",
        max_length=200,
        required=False,
        error_messages={"max_length": "最多 %(limit_value)d 个字，现在有 %(show_value)d 个。"},
    )
