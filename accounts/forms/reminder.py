from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms

from accounts.models.reminder import ToldBy
from studygroup.lib.forms import Form

SHOWN = {"": "全部", "untold": "未告知", "unseen": "本人未看到"}


class OutboxFilter(Form):
    """Which digests: of which day, still to be told, not seen."""

    day = forms.ChoiceField(label="日期", required=False)
    show = forms.ChoiceField(label="状态", required=False, choices=list(SHOWN.items()))

    def __init__(self, *args: Any, days: Sequence[date], today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        told = [(day.isoformat(), "今天" if day == today else f"{day.month}月{day.day}日") for day in days]
        self.fields["day"].choices = [*told, ("all", "全部日期")]
        self.is_valid()

    def chosen(self, name: str) -> str:
        """What is not a choice of ours is no filter."""
        return self.cleaned_data.get(name, "")


class TellForm(Form):
    """`until` is when the newest line was made that the page showed: what came later was not told."""

    until = forms.DateTimeField(required=False, widget=forms.HiddenInput)
    how = forms.ChoiceField(
        label="怎样告知的",
        choices=ToldBy.choices,
        error_messages={
            "required": "请选择怎样告知的：电话、当面，还是短信、微信。",
            "invalid_choice": "请选择怎样告知的：电话、当面，还是短信、微信。",
        },
    )
