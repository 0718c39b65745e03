from typing import Any

from django import forms

from accounts.forms.records import RecordForm
from accounts.models import User
from accounts.permissions import Permission
from sessions_app.forms.lecture_session import SessionChoice
from sessions_app.models import CaseStudy, StudySession
from sessions_app.models.case_study import CasePolarity


class CaseStudyForm(RecordForm):
    polarity = forms.ChoiceField(label="类别", choices=CasePolarity.choices, widget=forms.RadioSelect)
    session = SessionChoice(
        StudySession.objects.none(), label="学习活动", required=False, empty_label="（不属于某次学习活动）"
    )

    pairs = (("held_on", "session"), ("polarity", "presenter"))

    class Meta:
        model = CaseStudy
        fields = [
            "group",
            "held_on",
            "session",
            "polarity",
            "title",
            "presenter",
            "lesson",
            "discussants",
            "measure",
            "owner",
            "due_on",
            "closed_on",
        ]
        widgets = {"lesson": forms.Textarea(attrs={"rows": 5})}
        labels = {"due_on": "办结期限"}
        help_texts = {"closed_on": "转化措施已经落实时填写。"}

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        sessions = StudySession.objects.visible_to(user)
        if self.instance.pk:
            sessions = sessions.filter(group=self.instance.group)
        else:
            sessions = sessions.filter(group__in=user.authority.groups_with(Permission.MANAGE_LIBRARY))
        self.fields["session"].queryset = sessions.only("title", "starts_at")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for name in ("due_on", "closed_on"):
            if cleaned.get(name) and cleaned.get("held_on") and cleaned[name] < cleaned["held_on"]:
                self.add_error(name, "不能早于案例交流的日期。")
        return cleaned
