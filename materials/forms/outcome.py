from typing import Any

from django import forms
from django.db.models import Min, QuerySet

from accounts.forms.records import RecordForm
from accounts.models import StudyGroup, User
from accounts.permissions import Permission
from materials.models import Outcome, Submission
from materials.models.paper_kind import RESEARCH_REPORT
from reviews.chain import State
from studygroup.lib.parse import whole_number


def approved_reports(user: User) -> QuerySet[Submission]:
    """Research reports that passed, of the groups whose records he keeps."""
    kept = user.authority.groups_with(Permission.MANAGE_LIBRARY)
    rows = Submission.objects.visible_to(user).filter(group__in=kept, kind=RESEARCH_REPORT)
    return rows.filter(review__state=State.APPROVED).select_related("review", "author").defer("body")


class ReportField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Submission) -> str:
        return f"{obj.written_on:%Y-%m}　{obj.review.title}（{obj.author.name}）"


class OwnerField(forms.ModelChoiceField):
    def label_from_instance(self, obj: User) -> str:
        return obj.name


class OutcomeForm(RecordForm):
    """The group is that of the report, which cannot be changed afterwards."""

    submission = ReportField(
        Submission.objects.none(),
        label="调研报告",
        empty_label="请选择",
        error_messages={"invalid_choice": "只能选审核通过的调研报告。", "required": "请选择调研报告。"},
    )
    owner = OwnerField(
        User.objects.none(),
        label="责任人",
        required=False,
        empty_label="（不是本组成员，写在下一格）",
        error_messages={"invalid_choice": "责任人要从报告所在的学习组里选；别的同志请写在下一格。"},
    )

    class Meta:
        model = Outcome
        fields = [
            "submission",
            "suggestion",
            "adopted_in",
            "adopted_on",
            "measure",
            "owner",
            "owner_name",
            "due_on",
            "done_on",
            "result",
        ]
        widgets = {
            "suggestion": forms.Textarea(attrs={"rows": 2}),
            "measure": forms.Textarea(attrs={"rows": 2}),
            "result": forms.Textarea(attrs={"rows": 2}),
        }
        help_texts = {
            "suggestion": "报告里的哪一条建议。",
            "adopted_in": "例如：某次党委会、某个文件。",
            "due_on": "到期没有办结的，首页会提醒责任人和办公室。",
        }

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        if self.instance.pk:
            del self.fields["submission"]
            groups: Any = [self.instance.group_id]
        else:
            reports = approved_reports(user)
            self.fields["submission"].queryset = reports.order_by("-written_on", "-pk")  # type: ignore[attr-defined]
            chosen = reports.filter(pk=whole_number(self["submission"].value())).values("group")
            groups = chosen or StudyGroup.objects.where(user, Permission.MANAGE_LIBRARY)
        members = User.objects.filter(memberships__group__in=groups, memberships__ends_on=None).annotate(
            place=Min("memberships__position")
        )
        self.fields["owner"].queryset = members.order_by("place", "name_key", "pk")  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        adopted, due, done = (cleaned.get(name) for name in ("adopted_on", "due_on", "done_on"))
        if done and not cleaned.get("result"):
            self.add_error("result", "已经办结，请写明结果。")
        if adopted and due and due < adopted:
            self.add_error("due_on", "期限不能早于采纳日期。")
        if adopted and done and done < adopted:
            self.add_error("done_on", "办结日期不能早于采纳日期。")
        return cleaned
