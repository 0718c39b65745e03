import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms

from accounts.forms.records import GroupChoice, RecordForm
from accounts.models import StudyGroup, User
from materials.actions.publicity import PushLine
from materials.models import PublicityColumn, PublicityPush
from studygroup.lib.forms import DATE_MESSAGE, FIRST_DAY, LAST_DAY, Form

LONGEST_TITLE: int = PublicityPush._meta.get_field("title").max_length or 0
MOST_LINES = 200
LINE = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})日?[\s,，、]+(\S.*)")


class ColumnForm(RecordForm):
    class Meta:
        model = PublicityColumn
        fields = ["group", "channel", "name", "opened_on"]
        help_texts = {"channel": "例如：微信公众号的名称。", "name": "不用写引号。"}


class ChannelOfColumn:
    """The channel may be left out where a column says it."""

    fields: dict[str, forms.Field]
    cleaned_data: dict[str, Any]

    def limit_columns(self, user: User, group: StudyGroup | None = None) -> None:
        columns = PublicityColumn.objects.manageable_by(user)
        field = self.fields["column"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = columns.filter(group=group) if group else columns
        field.empty_label = "（不属于专栏）"
        self.fields["channel"].required = False
        self.fields["channel"].help_text = "选了专栏可以不填。"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}  # type: ignore[misc]
        column, channel = cleaned.get("column"), cleaned.get("channel")
        if column and not channel:
            cleaned["channel"] = column.channel
        elif column and channel != column.channel:
            self.add_error("channel", f"所选专栏在“{column.channel}”，与这里填写的平台不一致。")  # type: ignore[attr-defined]
        elif not channel and "channel" not in self.errors:  # type: ignore[attr-defined]
            self.add_error("channel", "请填写平台，或选择专栏。")  # type: ignore[attr-defined]
        return cleaned


class PushForm(ChannelOfColumn, RecordForm):
    class Meta:
        model = PublicityPush
        fields = ["group", "column", "channel", "title", "pushed_on"]

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        self.limit_columns(user, self.instance.group if self.instance.pk else None)


@dataclass(frozen=True)
class Pasted:
    """One pasted line and what became of it: `push` or a sentence saying what is wrong."""

    number: int
    text: str
    push: PushLine | None = None
    error: str = ""


def read_line(number: int, text: str) -> Pasted:
    """Read “日期 标题”; the date with its year, in any of the ways people write it."""
    found = LINE.fullmatch(text)
    if not found:
        return Pasted(number, text, error="应是“日期 标题”，日期写全年月日，例如：2020-03-07 标题。")
    year, month, day, title = *map(int, found.groups()[:3]), found[4].strip()
    try:
        pushed_on = date(year, month, day)
    except ValueError:
        return Pasted(number, text, error=f"没有“{year}年{month}月{day}日”这一天。")
    if not FIRST_DAY <= pushed_on <= LAST_DAY:
        return Pasted(number, text, error=DATE_MESSAGE)
    if len(title) > LONGEST_TITLE:
        return Pasted(number, text, error=f"标题最多 {LONGEST_TITLE} 字，这里有 {len(title)} 字。")
    return Pasted(number, text, PushLine(pushed_on, title))


class PushPasteForm(ChannelOfColumn, GroupChoice, Form):
    """Several items at once, one a line; lines from a spreadsheet (with tabs) are fine."""

    group = forms.ModelChoiceField(StudyGroup.objects.none(), label="学习组")
    column = forms.ModelChoiceField(PublicityColumn.objects.none(), label="专栏", required=False)
    channel = forms.CharField(label="平台", max_length=60)
    lines = forms.CharField(
        label="推送清单",
        max_length=60_000,
        widget=forms.Textarea(attrs={"rows": 8, "placeholder": "2020-03-07 标题\n2020-03-14 标题"}),
        help_text="每行一条：日期 标题。可以直接从电子表格复制日期和标题两列。",
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.limit_groups(user)
        self.limit_columns(user)

    def clean_lines(self) -> str:
        text = self.cleaned_data["lines"]
        if len(text.splitlines()) > MOST_LINES:
            raise forms.ValidationError(f"一次最多粘贴 {MOST_LINES} 行，请分几次录入。")
        return text

    @property
    def pasted(self) -> list[Pasted]:
        lines = ((number, line.strip()) for number, line in enumerate(self.cleaned_data["lines"].splitlines(), 1))
        return [read_line(number, line) for number, line in lines if line]
