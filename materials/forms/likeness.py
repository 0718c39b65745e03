from typing import Any

from django import forms

from materials.models import LikenessRule
from materials.models.likeness import PassageMark
from studygroup.lib.forms import Form, ModelForm, Versioned


class PassageMarkForm(Form):
    """What a reviewer says of one passage; `seen` is what the page showed."""

    seen = forms.ChoiceField(choices=[("", ""), *PassageMark.choices], required=False, widget=forms.HiddenInput)
    mark = forms.ChoiceField(choices=[("", "取消"), *PassageMark.choices], required=False, widget=forms.HiddenInput)


class LikenessRuleForm(Versioned, ModelForm):
    pairs = (("shortest", "share"), ("repeat_share", "years"))

    class Meta:
        model = LikenessRule
        fields = ["shortest", "share", "repeat_share", "years"]
        help_texts = {
            "shortest": "不计标点，中间改动几个字的也算；同一份材料里有好几处相同的，短句也列出。"
            "许多人都写的固定提法不算，除非连成三倍这么长。20 到 500。",
            "share": "达到这个比例，或满 300 字，才在审核页提示。0 表示有一处就提示。",
            "repeat_share": "沿用本人以前的材料、照录资料而没有加引号的，达到这个比例才提示；引文不提示。",
            "years": "同一次学习的材料和撰稿人本人历年的材料总是比对。",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["version"] = self.instance.version
