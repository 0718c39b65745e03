from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from reviews.actions import Point
from reviews.chain import REASON_LENGTH
from studygroup.lib.forms import Form
from studygroup.lib.parse import whole_number

SUGGESTS = "建议改为下面的写法。"
MOST_POINTS = 50
MOST_AT_ONCE = 50


class SeenForm(Form):
    """A move on what the page showed: `seen_version` is the case's version at that moment."""

    seen_version = forms.IntegerField(
        min_value=0,
        widget=forms.HiddenInput,
        error_messages={"required": "请先打开材料再办理。", "invalid": "请先打开材料再办理。"},
    )


class VerdictForm(SeenForm):
    comment = forms.CharField(
        label="意见",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 1, "placeholder": "意见（可以不填）", "aria-label": "意见"}),
    )


class ReturnForm(SeenForm):
    comment = forms.CharField(
        label="总的意见", required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )


class OverrideForm(SeenForm):
    """特批: the reason is printed, and read by whoever ratifies it."""

    comment = forms.CharField(
        label="特批的理由",
        min_length=REASON_LENGTH,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3, "placeholder": "为什么不能按环节审核，内容由谁看过"}),
        error_messages={
            "required": "特批须写明理由：为什么不能按环节审核，内容由谁看过。",
            "min_length": f"理由至少写 {REASON_LENGTH} 个字：为什么不能按环节审核，内容由谁看过。",
        },
    )


class NoteForm(Form):
    """内部备注."""

    text = forms.CharField(
        label="内部备注",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2, "placeholder": "只有审核人看得到"}),
        error_messages={"required": "备注还是空的，请写几句再保存。"},
    )


class PairsField(forms.MultipleChoiceField):
    """Whether a pair may be passed, the gate decides."""

    def valid_value(self, value: Any) -> bool:
        return True


class BulkForm(Form):
    """批量通过: `chosen` are pairs “case:seen_version”, as the page showed them."""

    comment = forms.CharField(
        label="共同的意见",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 1, "placeholder": "共同的意见（可以不填）"}),
    )
    chosen = PairsField(label="材料", error_messages={"required": "还没有勾选。请勾选看过、可以通过的材料。"})

    def clean_chosen(self) -> dict[int, int]:
        """Case → the version that was seen."""
        parts = (pair.partition(":") for pair in self.cleaned_data["chosen"])
        pairs = {whole_number(pk): whole_number(seen) for pk, _, seen in parts}
        if len(pairs) > MOST_AT_ONCE:
            raise ValidationError(f"一次最多通过 {MOST_AT_ONCE} 份，请分几次办理。")
        return pairs


# -- the points of a return ----------------------------------------------------


class PointForm(Form):
    """One numbered point. The paragraph is checked loosely: whether the text is still the same, the gate decides.

    `texts` are the paragraphs that can be worded anew, by number.
    """

    paragraph = forms.IntegerField(label="针对哪一段", required=False, min_value=1, max_value=32_000)
    text = forms.CharField(
        label="具体意见",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2, "placeholder": "哪里要改、怎样改"}),
    )
    suggested = forms.CharField(
        label="建议改为", required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 3, "data-grow": ""})
    )

    def __init__(self, *args: Any, paragraphs: list[tuple[str, str]], texts: dict[int, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.texts = texts
        self.fields["paragraph"].widget = forms.Select(choices=paragraphs, attrs={"class": "form-select"})

    @property
    def is_worded(self) -> bool:
        """Stands a suggestion in it already, or a mistake in one?"""
        return bool(self["suggested"].value() or self.errors.get("suggested"))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        number, suggested = cleaned.get("paragraph"), cleaned.get("suggested", "")
        if suggested in {text.strip() for text in self.texts.values()}:
            cleaned["suggested"] = suggested = ""  # a paragraph as it stands, put there to begin with
        if suggested and number not in self.texts:
            self.add_error("suggested", "建议的写法要针对正文的一段，请先选是哪一段。")
        elif suggested and not cleaned.get("text"):
            cleaned["text"] = SUGGESTS
        if number and not cleaned.get("text") and "text" not in self.errors:
            self.add_error("text", "已选了段落，请写出这一段的意见。")
        return cleaned

    @property
    def point(self) -> Point | None:
        told = self.cleaned_data
        if not told.get("text", "").strip():
            return None
        number = told.get("paragraph")
        return Point(told["text"], number, self.texts.get(number or 0, ""), told.get("suggested", ""))


class BasePoints(forms.BaseFormSet):
    def clean(self) -> None:
        if not any(self.errors) and not self.points:
            raise ValidationError("请至少写一条具体意见，让撰稿人知道改哪里。")

    @property
    def points(self) -> list[Point]:
        return [point for form in self.forms if (point := form.point)]


PointFormSet = forms.formset_factory(
    PointForm, formset=BasePoints, extra=3, max_num=MOST_POINTS, absolute_max=MOST_POINTS
)


def begun_points(data: Any) -> list[dict[str, Any]]:
    """Points typed beside the paper, and what a link named (a paragraph, words): the return page begins with them."""
    total = min(whole_number(data.get("points-TOTAL_FORMS", ""), 0), MOST_POINTS)
    names = ("paragraph", "text", "suggested")
    rows = [{name: data.get(f"points-{number}-{name}", "") for name in names} for number in range(total)]
    paragraph = data.get("paragraph", "") if whole_number(data.get("paragraph", "")) > 0 else ""
    named = {"paragraph": paragraph, "text": data.get("text", "")[:1000]}
    begun = [row for row in rows if row["text"].strip() or row["suggested"].strip()]
    return [*begun, named] if any(named.values()) else begun
