"""个人自学: short forms for a phone, one for each kind."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms

from accounts.models import Membership, StudyGroup, User
from accounts.permissions import Permission, Role
from materials.models import PersonalStudy
from materials.models.personal_study import PersonalStudyKind
from studygroup.lib.forms import Form, ModelForm, Versioned, changes_of

MONTHS_BACK = 15
WORDS = {
    PersonalStudyKind.BOOK: ("读了哪本书", "书名", "哪天读完"),
    PersonalStudyKind.FIELD_VISIT: ("在哪里蹲点", "村、社区和调研内容", "哪天"),
    PersonalStudyKind.STUDY_HOURS: ("学了些什么", "可以只写大概，如“学习强国、晚上读书”", "哪个月"),
}


class StudyForm(Versioned, ModelForm):
    """One row of `kind`. `groups` are those he may write in; the office names the person as well."""

    group = forms.ModelChoiceField(StudyGroup.objects.none(), label="学习组", empty_label=None)
    person = forms.ModelChoiceField(User.objects.none(), label="谁", empty_label="请选择")

    class Meta:
        model = PersonalStudy
        fields = ["title", "done_on", "amount", "note"]
        widgets = {"note": forms.Textarea(attrs={"rows": 3})}
        labels = {"note": "收获（可以不填）"}

    field_order = ["person", "group", "amount", "title", "done_on", "note"]

    def __init__(
        self,
        *args: Any,
        kind: str,
        today: date,
        groups: Sequence[StudyGroup] = (),
        roster_of: StudyGroup | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.kind = PersonalStudyKind(kind)
        self.initial.setdefault("version", self.instance.version)
        self._word(today)
        self._people(groups, roster_of)
        self.dress()

    def _word(self, today: date) -> None:
        label, hint, when = WORDS[self.kind]
        title, day = self.fields["title"], self.fields["done_on"]
        title.label, title.help_text, day.label = label, hint, when
        if self.kind != PersonalStudyKind.STUDY_HOURS:
            del self.fields["amount"]
            self.initial.setdefault("done_on", today)
            day.widget.attrs["max"] = today.isoformat()
            return
        title.required = False
        self.fields["amount"] = forms.IntegerField(
            label="一共几小时", min_value=1, max_value=744, help_text="自己估个整数，系统不计时。"
        )
        self.initial["amount"] = self.instance.amount if self.instance.pk else None
        months = _months(today, self.instance.done_on if self.instance.pk else None)
        self.fields["done_on"] = forms.TypedChoiceField(label=when, choices=months, coerce=date.fromisoformat)
        self.initial["done_on"] = (self.instance.done_on if self.instance.pk else today).replace(day=1).isoformat()

    def _people(self, groups: Sequence[StudyGroup], roster_of: StudyGroup | None) -> None:
        if roster_of is None:
            del self.fields["person"]
        else:
            on_roster = Membership.objects.filter(group=roster_of, category=Role.MEMBER)
            self.fields["person"].queryset = User.objects.filter(pk__in=on_roster.values("user")).order_by("name_key")
        if len(groups) > 1 and roster_of is None:
            self.fields["group"].queryset = StudyGroup.objects.filter(pk__in=[group.pk for group in groups])
        else:
            del self.fields["group"]

    def clean_title(self) -> str:
        return self.cleaned_data["title"] or "自学"

    def clean_amount(self) -> int:
        return self.cleaned_data["amount"] or 1

    @property
    def facts(self) -> dict[str, Any]:
        return changes_of(self)


def _months(today: date, also: date | None) -> list[tuple[str, str]]:
    firsts = [date(year, month, 1) for year, month in _back(today)]
    if also and also.replace(day=1) not in firsts:
        firsts.append(also.replace(day=1))
    return [(first.isoformat(), f"{first.year}年{first.month}月") for first in firsts]


def _back(today: date) -> list[tuple[int, int]]:
    count = today.year * 12 + today.month - 1
    return [(number // 12, number % 12 + 1) for number in range(count, count - MONTHS_BACK, -1)]


def writes_in(user: User, today: date) -> list[StudyGroup]:
    """The groups on whose roster somebody studies himself."""
    places = Membership.objects.on(today).filter(user=user).exclude(category=Role.OBSERVER)
    return list(StudyGroup.objects.where(user, Permission.WRITE_PAPERS).filter(pk__in=places.values("group")))


class RemoveForm(Versioned, Form):
    """Only the version of the row he looked at."""
