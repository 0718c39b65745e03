"""用语词库: one entry, and a text to try the dictionary on."""

from typing import Any

from django import forms

from accounts.forms.records import GroupChoice, RecordForm
from accounts.models import StudyGroup, User
from accounts.permissions import Permission
from materials.models import WordingEntry
from materials.wording.entries import usual_advice, why_not
from studygroup.lib.forms import Form

LONGEST_TRIED = 20_000


class WordingForm(RecordForm):
    """What is looked for and what is advised; the entry's own sense is checked before anything is stored."""

    permission = Permission.KEEP_WORDING
    pairs = (("sort", "found"), ("advised", "spared"), ("valid_from", "valid_until"))

    class Meta:
        model = WordingEntry
        fields = ["group", "sort", "found", "advised", "spared", "note", "valid_from", "valid_until"]
        help_texts = {
            "found": "文章里可能出现的写法；固定表述写正确的原文，写得相近而不同时会提示。",
            "advised": "固定表述、书名号可以不填。",
            "spared": "含有这个词、但并没有错的更长的词，用顿号隔开。例如“习总书记”不提示“学习总书记”。",
            "note": "会和建议一起显示给撰稿人。",
            "valid_from": "成文日期在这之前的材料不提示。",
        }

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        self.order_fields(self.Meta.fields)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if {"sort", "found"} <= cleaned.keys() and "advised" in cleaned and "spared" in cleaned:
            advised = usual_advice(cleaned["sort"], cleaned["found"], cleaned["advised"])
            if why := why_not(cleaned["sort"], cleaned["found"], advised, cleaned["spared"]):
                self.add_error("advised" if "建议写法" in why else "spared" if "不提示" in why else "found", why)
        return cleaned


class TryForm(GroupChoice, Form):
    """A text that is checked and not kept."""

    permission = Permission.READ_LIBRARY

    group = forms.ModelChoiceField(StudyGroup.objects.none(), label="学习组")
    text = forms.CharField(
        label="文字",
        max_length=LONGEST_TRIED,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text="贴一段文字看看会有哪些建议。这里的文字不保存。",
    )
    day = forms.DateField(label="成文日期")
    edition = forms.IntegerField(
        label="词库第几版", required=False, min_value=1, max_value=1_000_000, help_text="不填用最新的一版。"
    )
    pairs = (("day", "edition"),)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.limit_groups(user)
        self.order_fields(["group", "text", "day", "edition"])
