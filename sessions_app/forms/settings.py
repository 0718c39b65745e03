"""本组设置: each number with the sentence it means; the steps of two reviews and a gate."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django import forms

from accounts.models import StudyGroup
from reviews.actions.route import deadline_words, words_of
from reviews.chain import ALL_STEPS, State
from studygroup.lib.forms import Form, ModelForm, Versioned

_NINE = datetime(2020, 1, 2, 9)
MOST_DAYS, FURTHEST_DAY = 5, 60
BOUNDS = {
    "sign_in_opens_minutes": (0, 720),
    "late_after_minutes": (0, 240),
    "sign_in_closes_minutes": (1, 1440),
    "reopen_within_days": (0, 366),
    "make_up_days": (1, 366),
}


def _clock(minutes: int) -> str:
    moment = _NINE + timedelta(minutes=minutes)
    return f"{moment.hour}:{moment:%M}"


def _days_told(group: StudyGroup) -> str:
    days = "、".join(str(day) for day in sorted(group.reminds_before, reverse=True))
    return f"到期前 {days} 天和" if days else "到期"


def sentences_of(group: StudyGroup) -> dict[str, str]:
    """What the group's numbers mean, by the example of a study that begins at nine."""
    late = f"{_clock(group.late_after_minutes)} 以后"
    return {
        "sign_in_opens_minutes": f"9:00 的学习，{_clock(-group.sign_in_opens_minutes)} 起可以签到。",
        "late_after_minutes": f"{late}签到的记为迟到；迟到仍算实到。",
        "sign_in_closes_minutes": f"{_clock(group.sign_in_closes_minutes)} 以后本人不能再签到，由会务人员登记。",
        "reopen_within_days": f"结束后 {group.reopen_within_days} 天内可以重新打开更正登记，再晚只能看。",
        "make_up_days": f"请假或缺席的，{group.make_up_days} 天内补学并交体会。",
        "make_up_for_late": "迟到的也要补学。" if group.make_up_for_late else "迟到的不要求补学。",
        "reminder_days": f"布置的材料和补学，{_days_told(group)}当天各提醒一次，逾期后每周一次。",
    }


class GroupSettingsForm(Versioned, ModelForm):
    pairs = (
        ("sign_in_opens_minutes", "late_after_minutes"),
        ("sign_in_closes_minutes", "reopen_within_days"),
        ("make_up_days", "make_up_for_late"),
        ("reminder_days",),
    )

    class Meta:
        model = StudyGroup
        fields = [*BOUNDS, "make_up_for_late", "reminder_days"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["version"] = self.instance.version
        for name, sentence in sentences_of(self.instance).items():
            self.fields[name].help_text = f"现在：{sentence}"
        for name, (least, most) in BOUNDS.items():
            field = self.fields[name]
            self.fields[name] = forms.IntegerField(
                label=field.label, help_text=field.help_text, min_value=least, max_value=most
            )
        self.fields["reminder_days"].required = False
        self.initial["reminder_days"] = self.instance.reminder_days.replace(",", "、")
        self.dress()

    def clean_reminder_days(self) -> str:
        """“7、3、1” as people write it; kept as “7,3,1”."""
        said = self.cleaned_data["reminder_days"]
        days = {int(part) for part in re.findall("[0-9]+", said)}
        if (
            len(days) > MOST_DAYS
            or bool(said.strip()) != bool(days)
            or not all(1 <= day <= FURTHEST_DAY for day in days)
        ):
            raise forms.ValidationError(
                f"请写 1 到 {FURTHEST_DAY} 之间的天数，用顿号隔开，最多 {MOST_DAYS} 个，例如：7、3、1。"
            )
        return ",".join(str(day) for day in sorted(days, reverse=True))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        late, closes = cleaned.get("late_after_minutes"), cleaned.get("sign_in_closes_minutes")
        if late is not None and closes is not None and closes <= late:
            self.add_error("sign_in_closes_minutes", "停止签到应晚于算迟到的时间，否则没有人能记为迟到。")
        return cleaned


class StepsForm(Form):
    """For every kind the steps before the gate; the gate itself is always passed. `seen` is what the page showed."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=4000)

    def __init__(
        self, *args: Any, routes: Mapping[str, Sequence[str]], named: Mapping[str, str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.initial["seen"] = json.dumps(routes)
        self.known = named
        before = [(str(step), step.label) for step in ALL_STEPS if step != State.FINAL_GATE]
        for kind, label in self.known.items():
            self.fields[kind] = forms.MultipleChoiceField(
                label=label,
                choices=before,
                required=False,
                widget=forms.CheckboxSelectMultiple,
                help_text=f"现在：{words_of(routes[kind])}",
            )
            self.initial[kind] = [step for step in routes[kind] if step != State.FINAL_GATE]
        self.dress()

    def clean_seen(self) -> dict[str, list[str]]:
        try:
            seen = json.loads(self.cleaned_data["seen"])
            return {str(kind): [str(step) for step in steps] for kind, steps in seen.items()}
        except (ValueError, AttributeError, TypeError):
            return {}  # nothing seen: the action tells how it stands

    @property
    def wanted(self) -> dict[str, list[str]]:
        return {kind: [*self.cleaned_data[kind], str(State.FINAL_GATE)] for kind in self.known}


class DeadlinesForm(Form):
    """In how many days each step is to be handled; empty for no term. `seen` is what the page showed."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=200)

    def __init__(self, *args: Any, deadlines: Mapping[str, int | None], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["seen"] = json.dumps(deadlines)
        for step, days in deadlines.items():
            self.fields[step] = forms.IntegerField(
                label=f"{State(step).label}（天）",
                required=False,
                min_value=1,
                max_value=90,
                help_text=f"现在：{deadline_words(days)}",
            )
            self.initial[step] = days
        self.steps = list(deadlines)
        self.dress()

    def clean_seen(self) -> dict[str, int | None]:
        try:
            return dict(json.loads(self.cleaned_data["seen"]))
        except (ValueError, TypeError):
            return {"": 0}  # nothing seen: the action tells how it stands

    @property
    def wanted(self) -> dict[str, int | None]:
        return {step: self.cleaned_data[step] for step in self.steps}
