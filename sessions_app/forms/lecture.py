from collections.abc import Mapping
from datetime import datetime
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Div, Fieldset, Layout
from django import forms
from django.db.models import QuerySet
from django.forms.widgets import Script

from accounts.forms.records import RecordForm
from accounts.models import StudyGroup, User
from accounts.models.organization import OrganizationLevel
from accounts.permissions import Permission
from reviews.models import ReturnPoint
from sessions_app.actions.lecture import RESTART
from sessions_app.actions.lecture_file import Named
from sessions_app.forms.lecture_session import session_choice, sessions_near
from sessions_app.models import Lecture, LectureFile, Lecturer
from sessions_app.models.lecture import REQUIRED, LectureFilePurpose
from studygroup.lib.forms import Form, RowsField
from studygroup.lib.parse import whole_number
from studygroup.lib.uploads import UploadsField

OWN, ABOVE = "own", "above"
LARGEST_AUDIENCE = 100_000
FROM_CARD = ("name", "unit", "title", "political_status", "qualification")
UPLOADS = {
    "qualification_files": LectureFilePurpose.QUALIFICATION,
    "outline_files": LectureFilePurpose.OUTLINE,
    "slides_files": LectureFilePurpose.SLIDES,
}
FILL = HTML(
    '<p data-fill-lecturer><button class="btn btn-small" name="fill" value="1" formnovalidate>填入卡片资料</button>'
    ' <span class="muted small">选卡片后按此填入，可再修改。</span></p>'
)


class CardSelect(forms.Select):
    """A choice of cards; each carries what it would fill in, for the script that saves a press of the button."""

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        card = getattr(value, "instance", None)
        if card is not None:
            option["attrs"] |= {f"data-{part.replace('_', '-')}": getattr(card, part) for part in FROM_CARD}
        return option


class FileChoice(RowsField):
    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, obj: LectureFile) -> str:
        return f"{obj.get_purpose_display()}：{obj.name}"


class LectureForm(RecordForm):
    """An application. Who approves it is settled when it is made; only title and time are needed for a draft."""

    group_field = "organizer"
    permission = Permission.MANAGE_SESSIONS

    approved_by = forms.ChoiceField(
        label="由谁审批", choices=[(OWN, "本单位党委"), (ABOVE, "上一级党委")], widget=forms.RadioSelect
    )
    audience = forms.IntegerField(label="规模（人）", min_value=1, max_value=LARGEST_AUDIENCE, required=False)
    session = session_choice()
    lecturer = forms.ModelChoiceField(
        Lecturer.objects.none(),
        label="从主讲人卡片选择",
        required=False,
        empty_label="（不用卡片，直接填写）",
        widget=CardSelect,
        error_messages={"invalid_choice": "这张主讲人卡片不在可选范围内，请重新选择。"},
    )
    keep_card = forms.BooleanField(label="把这位主讲人存为卡片，下次直接选用", required=False)
    qualification_files = UploadsField(label="资质材料（证书、聘书、介绍等）", required=False)
    outline_files = UploadsField(label="提纲、讲稿（文件）", required=False)
    slides_files = UploadsField(label="课件", required=False)
    remove = FileChoice(LectureFile.objects.none(), label="移除已有附件", required=False)
    restart = forms.BooleanField(label=RESTART, required=False)

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
            "session",
            "lecturer",
            "lecturer_name",
            "lecturer_unit",
            "lecturer_title",
            "lecturer_political_status",
            "lecturer_qualification",
            "own_unit_opinion",
            "involves_foreign",
            "outline",
        ]
        labels = {"involves_foreign": "涉外（主讲人或内容涉及境外）", "outline": "讲授提纲"}
        help_texts = {
            "category": "例如：报告会、专题辅导、党课、“土专家”授课。",
            "lecturer_qualification": "职称、研究方向、以往讲授情况等；也可以只上传资质材料。",
            "own_unit_opinion": "主讲人所在单位是否同意；本单位人员写“本单位人员”。",
        }
        widgets = {"outline": forms.Textarea(attrs={"rows": 10})}

    @property
    def media(self) -> forms.Media:
        return forms.Media(js=[Script("js/lecturer.js", type="module")])  # type: ignore[list-item]

    def __init__(self, *args: Any, user: User, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        for name in REQUIRED:
            self.fields[name].required = self.fields[name].widget.is_required = False
            or_file = "（文字、文件至少有一样）" if name in ("lecturer_qualification", "outline") else ""
            self.fields[name].label = f"{self.fields[name].label}，提交前必填{or_file}"
        if self.instance.pk:
            del self.fields["approved_by"]
            self.initial["audience"] = self.instance.audience or None
            self.fields["remove"].queryset = self.instance.files.of_application()
        elif self.only_group:
            self._offer_committees(self.only_group)
        self._limit(user, at)

    def _limit(self, user: User, at: datetime) -> None:
        """Cards and sessions of the organiser; of all the groups he keeps while the organiser is still to be chosen."""
        groups: Any = [self.instance.organizer_id] if self.instance.pk else None
        groups = groups or ([self.only_group.pk] if self.only_group else user.authority.groups_with(self.permission))
        self.fields["lecturer"].queryset = Lecturer.objects.visible_to(user).filter(group__in=groups)
        self.fields["session"].queryset = sessions_near(user, self.instance, at).filter(group__in=groups)
        if not self.instance.pk or not self.fields["remove"].queryset:
            del self.fields["remove"]
        if not self.instance.pk or not self.instance.review.is_approved:
            del self.fields["restart"]

    def _offer_committees(self, group: StudyGroup) -> None:
        field = self.fields["approved_by"]
        above = committee_above(group)
        field.choices = [(OWN, f"本单位党委（{group.organization.name}）")]
        if above:
            field.choices += [(ABOVE, f"上一级党委（{above.organization.name}）")]
        below = group.organization.level == OrganizationLevel.SUBORDINATE
        field.initial = field.choices[-1][0] if below else OWN

    def clean_audience(self) -> int:
        return self.cleaned_data["audience"] or 0

    def clean_starts_at(self) -> datetime:
        """A browser's field has no seconds; the same minute is no change."""
        typed, stored = self.cleaned_data["starts_at"], self.instance.starts_at
        return stored if stored and stored.replace(second=0, microsecond=0) == typed else typed

    def clean_outline(self) -> str:
        return self.cleaned_data["outline"].replace("\r\n", "\n")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        organizer = self.instance.organizer if self.instance.pk else self.only_group or cleaned.get("organizer")
        if cleaned.get("approved_by") == ABOVE and organizer and committee_above(organizer) is None:
            self.add_error("approved_by", "上一级党委还没有在本系统建立学习组，请选“本单位党委”。")
        for name in ("lecturer", "session"):
            if organizer and cleaned.get(name) and cleaned[name].group_id != organizer.pk:
                self.add_error(name, "不属于主办单位，请重新选择。")
        self._check_card(cleaned)
        return cleaned

    def _check_card(self, cleaned: dict[str, Any]) -> None:
        """A card whose fields nobody filled in fills them now; the card of somebody else is a slip."""
        card = cleaned.get("lecturer")
        if card is None:
            return
        if not cleaned.get("lecturer_name"):
            for part in FROM_CARD:
                cleaned[f"lecturer_{part}"] = cleaned.get(f"lecturer_{part}") or getattr(card, part)
        elif cleaned["lecturer_name"] != card.name:
            self.add_error(
                "lecturer",
                f"卡片是{card.name}，下面填写的主讲人是{cleaned['lecturer_name']}。"
                "请按“填入卡片资料”，或改选“不用卡片”。",
            )

    @property
    def approver(self) -> StudyGroup:
        above = committee_above(self.chosen_group) if self.cleaned_data["approved_by"] == ABOVE else None
        return above or self.chosen_group

    @property
    def extras(self) -> dict[str, Any]:
        """What an action is told besides the facts: files by purpose, and whether to keep a card."""
        files: list[Named] = [
            (purpose, upload, checked)
            for name, purpose in UPLOADS.items()
            for upload, checked in self.cleaned_data[name]
        ]
        return {"files": files, "keep_card": self.cleaned_data["keep_card"]}

    @property
    def change(self) -> dict[str, Any]:
        """What changing needs: the version seen, the facts, the files, and whether he knows what it means."""
        return {
            "seen_version": self.cleaned_data["version"],
            "facts": self.facts,
            "removed": list(self.cleaned_data.get("remove") or []),
            "restart": self.cleaned_data.get("restart", False),
            **self.extras,
        }

    @property
    def helper(self) -> FormHelper:
        helper = super().helper
        there = self.fields
        helper.layout = Layout(
            "version",
            *(name for name in ("restart", "organizer", "approved_by") if name in there),
            Fieldset(
                "报告会、授课",
                "title",
                "topic",
                Div(_half("category"), _half("audience"), _half("starts_at"), _half("place"), css_class="row"),
                "session",
                css_class="form-part",
            ),
            Fieldset(
                "主讲人",
                "lecturer",
                FILL,
                Div(
                    _half("lecturer_name"),
                    _half("lecturer_political_status"),
                    _half("lecturer_unit"),
                    _half("lecturer_title"),
                    css_class="row",
                ),
                "lecturer_qualification",
                "qualification_files",
                "own_unit_opinion",
                "keep_card",
                "involves_foreign",
                css_class="form-part",
            ),
            Fieldset(
                "讲授内容",
                "outline",
                Div(_half("outline_files"), _half("slides_files"), css_class="row"),
                *(name for name in ("remove",) if name in there),
                css_class="form-part",
            ),
        )
        return helper


def filled_from_card(data: Mapping[str, Any], cards: QuerySet[Lecturer]) -> dict[str, Any]:
    """What was typed so far, with the chosen card's particulars in it: the start of the same form once more."""
    typed = {name: data.get(name) for name in data}
    card = cards.filter(pk=whole_number(data.get("lecturer"))).first()
    return typed | ({f"lecturer_{part}": getattr(card, part) for part in FROM_CARD} if card else {})


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


class UsedForm(Form):
    """What was shown on the day."""

    uploads = UploadsField(label="实际使用的讲稿、课件", error_messages={"required": "请选择文件。"})
    note = forms.CharField(
        label="情况说明",
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="与批准的不一致，或没有批准的文件可比对时填写。",
    )
