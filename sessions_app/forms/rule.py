"""学习要求: what, how often, how much, since when."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from sessions_app.measures import Measure, Standard, measure_of, measures
from sessions_app.models import SessionKind, StudyRule
from sessions_app.models.rule import RulePeriod
from studygroup.lib.forms import Form, ModelForm, Versioned, changes_of

MONTHS = [(number, f"{number}月") for number in range(1, 13)]


def known_measures() -> tuple[dict[str, str], dict[str, Measure]]:
    """Labels of all 学习形式, and every measure that may be asked for: theirs and the registered ones."""
    rows = list(SessionKind.objects.values_list("slug", "label", "is_active"))
    kinds = {slug: label for slug, label, _ in rows}
    found = {one.slug: one for one in measures()}
    for slug, _, is_active in rows:
        measure = measure_of(slug, kinds)
        if is_active and measure:
            found.setdefault(slug, measure)
    return kinds, found


class RuleForm(Versioned, ModelForm):
    """The standard of one requirement. `measure` says what its number means; a deadline is a month and a day."""

    is_active = forms.BooleanField(label="启用", required=False)

    pairs: Sequence[Sequence[str]] = (("due_month", "due_day"),)

    class Meta:
        model = StudyRule
        fields = ["minimum", "due_month", "due_day", "basis", "is_active"]
        labels = {"due_month": "截止月", "due_day": "截止日"}
        help_texts = {"basis": "哪份文件或制度这样要求，没有可以不填。"}

    def __init__(self, *args: Any, measure: Measure, standard: Standard, **kwargs: Any) -> None:
        names = ("minimum", "due_month", "due_day", "basis", "is_active", "version")
        super().__init__(*args, initial={name: getattr(standard, name) for name in names}, **kwargs)
        if measure.dated:
            self.initial.setdefault("due_month", 12)
            self.fields["due_month"] = forms.TypedChoiceField(label="截止月", choices=MONTHS, coerce=int)
            self.fields["due_day"] = forms.IntegerField(label="截止日", min_value=1, max_value=31)
            del self.fields["minimum"]
            self.dress()
            return
        del self.fields["due_month"], self.fields["due_day"]
        self.pairs = ()
        self.fields["minimum"] = number_field(measure)
        self.dress()

    def validate_constraints(self) -> None:
        """The action asks the database."""

    @property
    def change(self) -> dict[str, Any]:
        return {"seen_version": self.cleaned_data["version"], "changes": changes_of(self)}


def number_field(measure: Measure) -> forms.IntegerField:
    return forms.IntegerField(
        label=f"标准（{measure.unit}）",
        min_value=1,
        max_value=measure.maximum,
        help_text=f"{measure.label}：{measure.asks.format(period='', n='几', unit=measure.unit)}。",
    )


class NewRuleForm(Form):
    """Something more to ask for. Which period and number make sense is the measure's to say."""

    measure = forms.ChoiceField(label="考核内容")
    period = forms.ChoiceField(label="周期", choices=RulePeriod.choices, initial=RulePeriod.QUARTER)
    minimum = forms.IntegerField(
        label="标准", min_value=1, max_value=366, initial=1, help_text="几次、几篇或百分之几。"
    )
    due_month = forms.TypedChoiceField(
        label="截止月",
        choices=[("", "（不填）"), *MONTHS],
        coerce=int,
        required=False,
        empty_value=None,
        help_text="只有报备这类有固定日期的要求才填。",
    )
    due_day = forms.IntegerField(label="截止日", min_value=1, max_value=31, required=False)
    basis = forms.CharField(label="依据", max_length=200, required=False)

    pairs = (("measure", "period"), ("due_month", "due_day"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _, self.known = known_measures()
        self.fields["measure"].choices = [("", "请选择"), *((slug, one.label) for slug, one in self.known.items())]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        measure = self.known.get(cleaned.get("measure", ""))
        if measure is None:
            return cleaned
        if cleaned.get("period") not in measure.periods:
            allowed = "、".join(str(period.label) for period in measure.periods)
            self.add_error("period", f"“{measure.label}”的周期可以是：{allowed}。")
        if (cleaned.get("minimum") or 0) > measure.maximum:
            self.add_error("minimum", f"“{measure.label}”的标准最多 {measure.maximum}。")
        if measure.dated and not (cleaned.get("due_month") and cleaned.get("due_day")):
            self.add_error("due_month", "请写明截止的月和日。")
        if not measure.dated:
            cleaned["due_month"] = cleaned["due_day"] = None
        return cleaned

    @property
    def facts(self) -> Mapping[str, Any]:
        return self.cleaned_data


class SwitchForm(Versioned, Form):
    """启用、停用: which requirement, and the version seen."""

    measure = forms.SlugField()
    period = forms.ChoiceField(choices=RulePeriod.choices)
    year = forms.IntegerField(min_value=2017, max_value=2100)
    on = forms.BooleanField(required=False)


class DraftForm(Form):
    """A light's button: a session of which kind, in the period that begins on which day."""

    kind = forms.ModelChoiceField(SessionKind.objects.filter(is_active=True), to_field_name="slug")
    period = forms.ChoiceField(choices=RulePeriod.choices)
    first = forms.DateField()
