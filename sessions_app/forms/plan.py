"""Plans are typed like a spreadsheet: every cell is text, and what a cell may say is checked here."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.forms.formsets import BaseFormSet

from accounts.models import StudyGroup
from accounts.permissions import Permission
from sessions_app.actions.plan import ItemRow
from sessions_app.models import AnnualPlan, MonthlyPlan, PlanItem, SessionKind
from sessions_app.models.plan import HEAD_TEXTS, MONTHS, MOST_ITEMS, YEAR_RANGE, ContentClass, SourceLevel, Strand
from sessions_app.outlines import OUTLINES
from studygroup.lib.forms import Form, ModelForm, Versioned
from studygroup.lib.parse import whole_number

CHINESE_MONTHS = {
    name: number
    for number, name in enumerate(("一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二"), 1)
}
SEPARATORS = re.compile(r"[、，,；;/\s]+")


class MonthField(forms.CharField):
    """A month as people type it: 3, 3月, 三月, 2026年3月."""

    def clean(self, value: Any) -> int:
        text = super().clean(value)
        match = re.fullmatch(r"(?:\d{4}\s*[年./-])?\s*(\d{1,2}|[一二三四五六七八九十]{1,2})\s*月?", text)
        month = CHINESE_MONTHS.get(match[1]) or whole_number(match[1], 0) if match else 0
        if not 1 <= month <= 12:
            raise forms.ValidationError(f"月份“{text}”不对，应是 1 到 12。")
        return month

    def prepare_value(self, value: Any) -> Any:
        return f"{value}月" if isinstance(value, int) else value


class KindsField(forms.CharField):
    """学习形式 by name, several separated by 、. The known kinds are handed in once for all rows."""

    known: dict[str, SessionKind]

    def clean(self, value: Any) -> list[SessionKind]:
        names = [name for name in SEPARATORS.split(super().clean(value)) if name]
        unknown = [name for name in names if name not in self.known]
        if unknown:
            raise forms.ValidationError(f"没有“{unknown[0]}”这种学习形式，可填的名称见表格下方。")
        return list({self.known[name].pk: self.known[name] for name in names}.values())

    def prepare_value(self, value: Any) -> Any:
        if value is None or isinstance(value, str):
            return value
        return "、".join(kind.label for kind in value)


class YesField(forms.CharField):
    """是 or nothing."""

    def clean(self, value: Any) -> bool:
        text = super().clean(value).strip()
        if text not in {"", "否", "是", "√", "补充"}:
            raise forms.ValidationError("补充学习填“是”，其他的留空。")
        return text not in {"", "否"}

    def prepare_value(self, value: Any) -> Any:
        return {True: "是", False: ""}.get(value, value)


class LabelField(forms.CharField):
    """A choice typed by its label, e.g. 思想理论."""

    def __init__(self, *, choices: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.labels = {str(label): value for value, label in choices}
        # “① 政治理论” may be typed with or without its number
        self.labels |= {label.split(" ")[-1]: value for label, value in list(self.labels.items())}

    def clean(self, value: Any) -> str:
        text = super().clean(value).strip()
        if not text:
            return ""
        if text not in self.labels:
            raise forms.ValidationError(f"“{text}”不在可选范围：{'、'.join(dict.fromkeys(self.labels))}。")
        return self.labels[text]

    def prepare_value(self, value: Any) -> Any:
        by_value = {stored: label for label, stored in reversed(list(self.labels.items()))}
        return by_value.get(value, value)


def _cell(name: str, **kwargs: Any) -> forms.CharField:
    """A cell for a text column of PlanItem, with its label and length."""
    column = PlanItem._meta.get_field(name)
    return forms.CharField(label=column.verbose_name, max_length=column.max_length, required=False, **kwargs)


class ItemForm(forms.Form):
    """One row. `columns` are the cells a person sees, in the order of the table offices keep."""

    columns: tuple[str, ...] = ()
    # What somebody else has done to the row meanwhile; see plan_conflict.
    stored: Mapping[str, str] = {}
    is_joined = is_gone = False

    id = forms.IntegerField(required=False, widget=forms.HiddenInput)
    position = forms.IntegerField(label="序号", required=False, min_value=0, max_value=9999)
    remove = forms.BooleanField(label="删", required=False)
    topic = forms.CharField(label="学习专题", max_length=200, required=False)
    content = _cell("content")
    kinds = KindsField(label="学习形式", required=False)
    question = _cell("question")
    lead_readers = _cell("lead_readers")
    key_speakers = _cell("key_speakers")
    responsible = _cell("responsible")
    remark = _cell("remark")

    def __init__(self, *args: Any, kinds: dict[str, SessionKind], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kinds"].known = kinds
        for name in self.columns:
            label = self.fields[name].label
            self.fields[name].widget = forms.Textarea(attrs={"rows": 2, "aria-label": label, "data-column": name})

    @property
    def is_blank(self) -> bool:
        """Nothing typed in any cell: an unused row."""
        return not any((self[name].value() or "") for name in self.columns)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.is_blank or cleaned.get("remove"):
            self._errors.clear()
        elif "topic" in cleaned and not cleaned["topic"].strip():
            self.add_error("topic", "请填写学习专题。")
        return cleaned

    def cells(self) -> list[forms.BoundField]:
        return [self[name] for name in self.columns]

    def row(self) -> ItemRow:
        values = {name: self.cleaned_data[name] for name in self.columns if name != "kinds"}
        return ItemRow(self.cleaned_data.get("id"), values, self.cleaned_data["kinds"])


class AnnualItemForm(ItemForm):
    columns = (
        "month",
        "topic",
        "content",
        "kinds",
        "question",
        "lead_readers",
        "key_speakers",
        "responsible",
        "scope",
        "content_class",
        "strand",
        "source_level",
        "remark",
    )

    month = MonthField(label="月份", required=False)
    scope = _cell("scope")
    content_class = LabelField(label="内容类别", choices=ContentClass.choices, required=False)
    strand = LabelField(label="思想/业务", choices=Strand.choices, required=False)
    source_level = LabelField(label="来源层级", choices=SourceLevel.choices, required=False)


class MonthlyItemForm(ItemForm):
    columns = (
        "date_text",
        "place",
        "topic",
        "content",
        "kinds",
        "question",
        "lead_readers",
        "key_speakers",
        "responsible",
        "is_supplement",
        "basis",
        "remark",
    )

    date_text = _cell("date_text")
    place = _cell("place")
    is_supplement = YesField(label="补充", required=False)
    basis = _cell("basis")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if (
            cleaned.get("is_supplement")
            and not cleaned.get("basis")
            and not self.is_blank
            and not cleaned.get("remove")
        ):
            self.add_error("basis", "补充学习请写明依据，例如会议、讲话或文件名称。")
        return cleaned


class ItemFormSet(BaseFormSet):
    """The table. Rows come back in the order of their numbers, unused and removed rows left out."""

    def rows(self, **fixed: Any) -> list[ItemRow]:
        kept = [f for f in self.forms if not f.is_blank and not f.cleaned_data.get("remove")]
        kept.sort(key=lambda form: form.cleaned_data.get("position") or 9999)  # stable: equal numbers keep their order
        rows = [ItemRow(row.id, {**row.values, **fixed}, row.kinds) for row in (form.row() for form in kept)]
        return sorted(rows, key=lambda row: row.values["month"])  # a year is read month by month


def known_kinds() -> dict[str, SessionKind]:
    return {kind.label: kind for kind in SessionKind.objects.all()}  # a retired kind may stand in a row of last year


def item_formset(form: type[ItemForm], data: Any = None, items: Iterable[PlanItem] = (), extra: int = 0) -> ItemFormSet:
    """The table over POST data, or over the plan's rows and `extra` blank ones."""
    factory = forms.formset_factory(
        form, formset=ItemFormSet, extra=extra, max_num=MOST_ITEMS, absolute_max=MOST_ITEMS + 50
    )
    initial = [
        {
            "id": item.pk,
            "position": number,
            **{name: getattr(item, name) for name in form.columns if name != "kinds"},
            "kinds": list(item.kinds.all()),
        }
        for number, item in enumerate(items, start=1)
    ]
    return factory(data, initial=initial, prefix="rows", form_kwargs={"kinds": known_kinds()})


def with_more_rows(data: Any, columns: Sequence[str], pasted: str = "", blank: int = 0) -> tuple[Any, int]:
    """POST data with rows pasted from a spreadsheet (tab-separated, in the table's column order), or blank ones.

    Pasted rows fill the unused rows of the table first. Returns the data and how many rows were pasted.
    """
    data = data.copy()
    data["paste"] = ""
    count = min(whole_number(data.get("rows-TOTAL_FORMS"), 0), MOST_ITEMS)
    rows = [line.split("\t") for line in pasted.splitlines() if line.strip()]
    unused = [n for n in range(count) if not any(data.get(f"rows-{n}-{name}", "").strip() for name in columns)]
    places = [*unused, *range(count, MOST_ITEMS)]
    for place, cells in zip(places, rows, strict=False):
        for name, cell in zip(columns, cells, strict=False):
            data[f"rows-{place}-{name}"] = cell.strip()
        data[f"rows-{place}-position"] = str(place + 1)
        count = max(count, place + 1)
    for place in range(count, min(MOST_ITEMS, count + (0 if rows else blank))):
        data[f"rows-{place}-position"] = str(place + 1)
        count = place + 1
    data["rows-TOTAL_FORMS"] = str(count)
    return data, min(len(rows), len(places))


class AnnualPlanForm(Versioned, ModelForm):
    class Meta:
        model = AnnualPlan
        fields = ["title", *HEAD_TEXTS]


class MonthlyPlanForm(Versioned, ModelForm):
    class Meta:
        model = MonthlyPlan
        fields = ["title"]


BLANK, LAST_YEAR = "", "last_year"


class NewPlanForm(Form):
    """Which group, which year, from what; with a month it starts that month's plan, which the year's rows fill."""

    group = forms.ModelChoiceField(StudyGroup.objects.none(), label="学习组")
    year = forms.IntegerField(
        label="年度",
        min_value=YEAR_RANGE[0],
        max_value=YEAR_RANGE[1],
        error_messages={"invalid": "年度应是四位数字，例如 2026。"},
    )
    month = forms.TypedChoiceField(
        label="月份",
        choices=[("", "全年"), *MONTHS],
        coerce=int,
        empty_value=None,
        required=False,
        error_messages={"invalid_choice": "月份应是 1 到 12。"},
    )
    start = forms.ChoiceField(
        label="从什么开始",
        choices=[(BLANK, "空白计划"), (LAST_YEAR, "沿用上一年的计划"), *((o.slug, o.label) for o in OUTLINES)],
        required=False,
        widget=forms.RadioSelect,
        help_text="只用于全年计划；月度安排总是从年度计划带出。带出的内容都可以再改。",
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["group"].queryset = StudyGroup.objects.where(user, Permission.EDIT_PLANS)
        self.fields["month"].choices = [("", "全年"), *MONTHS]
