"""Of which group, year and part of the year."""

from collections.abc import Sequence
from typing import Any

from django import forms

from accounts.models import StudyGroup
from reports.statistics.attendance import PERIODS
from studygroup.lib.forms import Form


class PeriodFilter(Form):
    """A value that does not exist is the first choice: this year, the whole of it, the first group."""

    year = forms.TypedChoiceField(label="年度", required=False, coerce=int, empty_value=None)
    period = forms.ChoiceField(
        label="时段", required=False, choices=[(name, label) for name, (label, _, _) in PERIODS.items()]
    )
    group = forms.TypedChoiceField(label="学习组", required=False, coerce=int, empty_value=None)

    def __init__(self, data: Any, *, years: Sequence[int], groups: Sequence[StudyGroup]) -> None:
        super().__init__(data)
        self.groups = {group.pk: group for group in groups}
        self.years = years
        self.fields["year"].choices = [(str(y), f"{y}年") for y in years]
        self.fields["group"].choices = [(str(g.pk), g.name) for g in groups]
        if len(groups) < 2:
            del self.fields["group"]
        self.full_clean()
        self.data = {"year": self.chosen_year, "period": self.chosen_period, "group": self.chosen_group.pk}

    @property
    def chosen_year(self) -> int:
        return self.cleaned_data.get("year") or self.years[0]

    @property
    def chosen_period(self) -> str:
        return self.cleaned_data.get("period") or "year"

    @property
    def chosen_group(self) -> StudyGroup:
        return self.groups.get(self.cleaned_data.get("group")) or next(iter(self.groups.values()))
