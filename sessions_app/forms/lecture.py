from collections.abc import Mapping
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Layout
from django import forms

from accounts.forms.records import RecordForm
from accounts.models import StudyGroup, User
from accounts.models.organization import OrganizationLevel
from accounts.permissions import Permission
from reviews.models import ReturnPoint
from sessions_app.models import Lecture
from studygroup.lib.forms import Form

OWN, ABOVE = "own", "above"
LARGEST_AUDIENCE = 100_000


class LectureForm(RecordForm):
    """An application. Who approves it is settled when it is made."""

    group_field = "organizer"
    permission = Permission.MANAGE_SESSIONS

    approved_by = forms.ChoiceField(
        label="由谁审批", choices=[(OWN, "本单位党委"), (ABOVE, "上一级党委")], widget=forms.RadioSelect
    )
    audience = forms.IntegerField(label="规模（人）", min_value=1, max_value=LARGEST_AUDIENCE)

    class Meta:
        model = Lecture
        fields = [
            "organizer",
            "title",
            "category",
            "topic",
            "starts_at",
            "place",
            "audience",
            "lecturer_name",
            "lecturer_unit",
            "lecturer_title",
            "lecturer_political_status",
            "lecturer_qualification",
            "own_unit_opinion",
            "involves_foreign",
            "outline",
        ]
        labels = {"involves_foreign": "涉外（主讲人或内容涉及境外）"}
        help_texts = {
            "category": "例如：报告会、专题辅导、党课、“土专家”授课。",
            "lecturer_qualification": "职称、研究方向、以往讲授情况等。",
            "own_unit_opinion": "主讲人所在单位是否同意。",
        }
        widgets = {"outline": forms.Textarea(attrs={"rows": 10})}

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        if self.instance.pk:
            del self.fields["approved_by"]
        elif self.only_group:
            self._offer_committees(self.only_group)

    def _offer_committees(self, group: StudyGroup) -> None:
        field = self.fields["approved_by"]
        if committee_above(group) is None:
            field.choices = [(OWN, "本单位党委")]
        below = group.organization.level == OrganizationLevel.SUBORDINATE
        field.initial = field.choices[-1][0] if below else OWN

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        organizer = self.only_group or cleaned.get("organizer")
        if cleaned.get("approved_by") == ABOVE and organizer and committee_above(organizer) is None:
            self.add_error("approved_by", "上一级党委还没有在本系统建立学习组，请选“本单位党委”。")
        return cleaned

    @property
    def approver(self) -> StudyGroup:
        above = committee_above(self.chosen_group) if self.cleaned_data["approved_by"] == ABOVE else None
        return above or self.chosen_group

    @property
    def helper(self) -> FormHelper:
        helper = super().helper
        helper.layout = Layout(
            "version",
            *(name for name in ("organizer", "approved_by", "title", "topic") if name in self.fields),
            Div(_half("category"), _half("audience"), _half("starts_at"), _half("place"), css_class="row"),
            Div(
                _half("lecturer_name"),
                _half("lecturer_political_status"),
                _half("lecturer_unit"),
                _half("lecturer_title"),
                css_class="row",
            ),
            "lecturer_qualification",
            "own_unit_opinion",
            "involves_foreign",
            "outline",
        )
        return helper


def _half(name: str) -> Div:
    return Div(name, css_class="col-md-6")


def committee_above(group: StudyGroup) -> StudyGroup | None:
    """The group of the party committee directly above this one's."""
    parent = group.organization.parent_id
    return StudyGroup.objects.filter(organization=parent).first() if parent else None


class LectureSubmitForm(Form):
    """Handing in: the versions of the case and of the text that were read, and an answer to every open point."""

    seen_version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    seen_text = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, *args: Any, points: list[ReturnPoint], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.points = points
        for point in points:
            place = f"（第 {point.paragraph} 段）" if point.paragraph else ""
            self.fields[f"answer-{point.pk}"] = forms.CharField(
                label=f"{point.number}. {point.text}{place}",
                max_length=1000,
                help_text="已改，或说明为什么不改。",
                widget=forms.Textarea(attrs={"rows": 2}),
            )

    @property
    def answers(self) -> Mapping[int, str]:
        return {point.pk: self.cleaned_data[f"answer-{point.pk}"] for point in self.points}
