"""Laying out a weekly series, and choosing among its sessions."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms

from accounts.models import StudyGroup
from sessions_app.actions.participants import roster_of
from sessions_app.actions.series import AT_MOST, DRAFTS, FOLLOWING, ONE, PRESETS, days_of
from sessions_app.forms.session import PersonField
from sessions_app.models import SessionKind, StudySession
from studygroup.lib.forms import Form, RowsField

WEEKDAYS = [(n, f"星期{name}") for n, name in enumerate("一二三四五六日")]
PRESET_LABELS = [("members", "全体成员"), ("expected", "成员和扩大人员"), ("all", "名单上所有人")]
SCOPES = [(ONE, "只改这一次"), (FOLLOWING, "这一次和以后的"), (DRAFTS, "全部未通知的")]
LONGEST = 366  # days between the first and the last

assert {code for code, _ in PRESET_LABELS} == set(PRESETS)


class SeriesForm(Form):
    """What is the same every week. The days themselves are ticked afterwards."""

    title = forms.CharField(label="主题", max_length=200, error_messages={"required": "请填写主题。"})
    kinds = RowsField(
        SessionKind.objects.none(),
        label="学习形式",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "请至少选一种学习形式。"},
    )
    weekday = forms.TypedChoiceField(label="每周", choices=WEEKDAYS, coerce=int, initial=5)
    starts_at = forms.TimeField(label="开始时间")
    ends_at = forms.TimeField(label="结束时间")
    place = forms.CharField(label="地点", max_length=100)
    host = PersonField(label="主持人")
    first_on = forms.DateField(label="从哪天起")
    last_on = forms.DateField(label="到哪天止")
    preset = forms.ChoiceField(
        label="参加人员", choices=PRESET_LABELS, help_text="按每次当天的名单取；个别调整在各次里再改。"
    )

    def __init__(self, *args: Any, group: StudyGroup, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kinds"].queryset = SessionKind.objects.filter(is_active=True)
        self.fields["host"].offer(roster_of(group, today))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        first_on, last_on = data.get("first_on"), data.get("last_on")
        if data.get("starts_at") and data.get("ends_at") and data["ends_at"] <= data["starts_at"]:
            self.add_error("ends_at", "结束时间应晚于开始时间。")
        if not first_on or not last_on or "weekday" not in data:
            return data
        if last_on < first_on:
            self.add_error("last_on", "最后一天不能早于第一天。")
        elif (last_on - first_on).days > LONGEST:
            self.add_error("last_on", f"起止不能超过一年；一次最多建 {AT_MOST} 次。")
        elif not days_of(first_on, last_on, data["weekday"]):
            self.add_error("last_on", "这段时间里没有这个星期几，请核对起止日期。")
        return data


class ScopeForm(Form):
    """How far an edit of one session reaches in its series."""

    scope = forms.ChoiceField(label="改动用于", choices=SCOPES, initial=ONE, widget=forms.RadioSelect, required=False)
    with_called = forms.BooleanField(label="包括已通知的", required=False)


class DraftsForm(Form):
    """Drafts ticked on the series' page, to be taken back."""

    session = RowsField(
        StudySession.objects.none(), label="草稿", error_messages={"required": "请先勾选要删除的草稿。"}
    )

    def __init__(self, *args: Any, drafts: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if drafts is not None:
            self.fields["session"].queryset = drafts


def chosen_days(ticked: Sequence[str], offered: Sequence[date]) -> set[date]:
    """The offered days whose box was ticked; anything else that was sent is ignored."""
    said = set(ticked)
    return {day for day in offered if day.isoformat() in said}
