from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.formats import date_format

from accounts.models import StudyGroup, User
from accounts.permissions import Permission
from materials.models import Submission
from materials.models.paper_kind import kinds_by_group
from reviews.models import ReturnPoint
from sessions_app.models import StudySession
from studygroup.lib.clock import local_date
from studygroup.lib.files import ACCEPT
from studygroup.lib.forms import ModelForm, Versioned
from studygroup.lib.parse import whole_number
from studygroup.lib.uploads import UploadsField

RECENT = timedelta(days=400)


class SessionField(forms.ModelChoiceField):
    def label_from_instance(self, obj: StudySession) -> str:
        return f"{date_format(timezone.localtime(obj.starts_at), 'Y-m-d')}　{obj.title}"


class SubmissionForm(Versioned, ModelForm):
    """A paper, new or drafted. `points` are the open points of a return: each gets a field for its answer."""

    kind = forms.ChoiceField(
        label="类别",
        widget=forms.RadioSelect,
        error_messages={"required": "请选择这是哪一类材料。"},
    )
    group = forms.ModelChoiceField(label="学习组", queryset=StudyGroup.objects.none(), empty_label=None)
    session = SessionField(
        label="学习活动",
        queryset=StudySession.objects.none(),
        required=False,
        empty_label="不属于某一次学习活动",
        error_messages={"invalid_choice": "这次学习活动不在可选范围内，请重新选择。"},
    )
    uploads = UploadsField(label="附件", required=False)
    remove = forms.ModelMultipleChoiceField(
        label="移除附件", queryset=Submission.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = Submission
        fields = ["kind", "title", "body", "session", "written_on", "topic"]
        error_messages = {
            "title": {"required": "请填写标题。"},
            "written_on": {"required": "请填写成文日期。", "invalid": "请按 2020-3-14 这样填写日期。"},
        }

    def __init__(self, *args: Any, user: User, at: datetime, points: Sequence[ReturnPoint] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = local_date(at)
        self.points = points
        self._choose_groups(user)
        self._offer_kinds()
        if self.instance.pk and self.instance.review.round:
            del self.fields["kind"]  # versions and verdicts name it
        if self.instance.pk:
            self.fields["remove"].queryset = self.instance.files.filter(removed_at=None)
            self.initial["version"] = self.instance.version
        else:
            del self.fields["remove"]
        self.fields["session"].queryset = self._sessions(user, at)
        self._dress_texts()
        for point in points:
            self.fields[f"answer_{point.pk}"] = self._answer_field(point)

    def _choose_groups(self, user: User) -> None:
        """Nobody is asked for the group who writes in only one."""
        self.groups = (
            [self.instance.group] if self.instance.pk else list(StudyGroup.objects.where(user, Permission.WRITE_PAPERS))
        )
        if len(self.groups) == 1:
            del self.fields["group"]
        else:
            self.fields["group"].queryset = StudyGroup.objects.where(user, Permission.WRITE_PAPERS)

    def _offer_kinds(self) -> None:
        """The kinds his groups use; a draft of a kind retired since keeps it."""
        self.kinds = kinds_by_group([group.pk for group in self.groups], retired=bool(self.instance.pk))
        offered = {
            slug: row.label
            for kinds in self.kinds.values()
            for slug, row in kinds.items()
            if row.is_active or slug == self.instance.kind
        }
        self.fields["kind"].choices = list(offered.items())

    def _sessions(self, user: User, at: datetime) -> QuerySet[StudySession]:
        """Sessions of his groups that have been called, of the last year and a bit, and the one already named."""
        named = self.initial.get("session")
        recent = Q(starts_at__gte=at - RECENT) | Q(pk=whole_number(named))
        rows = StudySession.objects.visible_to(user).filter(recent, group__in=self.groups)
        return rows.exclude(state="draft").only("title", "starts_at", "group").order_by("-starts_at", "-pk")

    def _dress_texts(self) -> None:
        self.fields["body"].required = False
        self.fields["topic"].label = "专题（可以不填）"
        self.fields["body"].widget.attrs.update(rows=14, **{"data-count": "word-count"})
        self.fields["uploads"].widget.attrs.update(accept=ACCEPT, multiple=True, **{"data-names": "file-names"})
        for name in ("title", "body", "topic"):
            # A browser would cut what is pasted without a word; the server says what is too long and keeps it.
            self.fields[name].widget.attrs.pop("maxlength", None)

    def _answer_field(self, point: ReturnPoint) -> forms.CharField:
        widget = forms.Textarea(attrs={"rows": 2, "placeholder": "已改：怎样改的；或者说明为什么不改"})
        missing = f"请先说明第 {point.number} 条意见怎样处理，再提交。"
        return forms.CharField(
            label=f"第 {point.number} 条的修改说明",
            max_length=1000,
            required=self.hand_in,
            initial=point.answer,
            widget=widget,
            error_messages={"required": missing},
        )

    @property
    def hand_in(self) -> bool:
        """提交审核 was pressed, not 保存草稿."""
        return "hand_in" in self.data

    @property
    def group_chosen(self) -> StudyGroup:
        return self.cleaned_data["group"] if "group" in self.fields else self.groups[0]

    @property
    def answer_rows(self) -> list[tuple[ReturnPoint, forms.BoundField]]:
        return [(point, self[f"answer_{point.pk}"]) for point in self.points]

    @property
    def answers(self) -> dict[int, str]:
        return {point.pk: self.cleaned_data[f"answer_{point.pk}"] for point in self.points}

    def clean_written_on(self) -> Any:
        if self.cleaned_data["written_on"] > self.today:
            raise ValidationError("成文日期不能晚于今天。")
        return self.cleaned_data["written_on"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        session = cleaned.get("session")
        if session and "group" in self.fields and cleaned.get("group") and session.group_id != cleaned["group"].pk:
            self.add_error("session", "这次学习活动不是所选学习组的，请重新选择。")
        chosen = self.kinds[(cleaned.get("group") or self.groups[0]).pk] if self.groups else {}
        if "kind" in cleaned and cleaned["kind"] not in chosen:
            self.add_error("kind", "这个学习组没有这一类材料，请重新选择。")
        if self.hand_in and not self.errors and not (cleaned.get("body", "").strip() or self._keeps_a_file(cleaned)):
            self.add_error("body", "正文还是空的，请写几句或上传附件后再提交。")
        return cleaned

    def _keeps_a_file(self, cleaned: dict[str, Any]) -> bool:
        if cleaned.get("uploads"):
            return True
        kept = self.fields["remove"].queryset.exclude(pk__in=cleaned["remove"]) if "remove" in self.fields else None
        return kept is not None and kept.exists()

    def take_version(self, version: int) -> None:
        """After a 409: pressing save again now means knowingly replacing what stands there."""
        self.data = self.data.copy()
        self.data["version"] = str(version)
