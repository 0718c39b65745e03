"""成果汇编: which papers are offered, and which of them are taken in which order."""

from collections.abc import Sequence
from typing import Any

from django import forms

from materials.models import Submission
from materials.statistics.booklet import BY_KIND, ORDERS
from sessions_app.models import StudySession
from studygroup.lib.forms import Form, RowsField

MOST_PAPERS = 300


class BookletFilter(Form):
    """What is no choice is no filter."""

    year = forms.TypedChoiceField(label="年度", required=False, coerce=int, empty_value=None)
    kind = forms.ChoiceField(label="类别", required=False)
    session = forms.ModelChoiceField(StudySession.objects.none(), label="学习活动", required=False)
    q = forms.CharField(label="专题或题目", required=False, max_length=50)

    def __init__(self, data: Any, *, years: Sequence[int], kinds: Sequence[tuple[str, str]], sessions: Any) -> None:
        super().__init__(data)
        self.fields["year"].choices = [(str(year), f"{year}年") for year in years]  # type: ignore[attr-defined]
        self.fields["kind"].choices = [("", "全部类别"), *kinds]  # type: ignore[attr-defined]
        self.fields["session"].queryset = sessions  # type: ignore[attr-defined]
        self.full_clean()


class BookletForm(Form):
    papers = RowsField(
        Submission.objects.none(),
        label="收入的材料",
        error_messages={
            "required": "还没有选材料，请至少勾选一篇。",
            "invalid_choice": "所选的材料有的已不是“已通过”，请重新勾选。",
        },
    )
    title = forms.CharField(label="书名", max_length=80, error_messages={"required": "请填写书名。"})
    order = forms.ChoiceField(label="次序", choices=ORDERS, widget=forms.RadioSelect, initial=BY_KIND)
    foreword = forms.CharField(
        label="前言（可以不写）",
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="印在目录前，每段一行。",
    )

    def __init__(self, *args: Any, papers: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["papers"].queryset = papers  # type: ignore[attr-defined]

    def clean_papers(self) -> Any:
        papers = list(self.cleaned_data["papers"])
        if len(papers) > MOST_PAPERS:
            raise forms.ValidationError(f"一本最多收入 {MOST_PAPERS} 篇，请分册。")
        return papers
