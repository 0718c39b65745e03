"""学习记录: what was said, who wrote it down, and what the host said at the end."""

from typing import Any

from django import forms

from accounts.models import User
from sessions_app.actions.participants import roster_of
from sessions_app.forms.session import PersonField, offer_topics, topics_about
from sessions_app.models import StudySession
from studygroup.lib.forms import ModelForm, Versioned

TOO_LONG = {"max_length": "最多 %(limit_value)d 个字，现在有 %(show_value)d 个。"}


class SessionRecordForm(ModelForm, Versioned):
    """主持人, 学习内容 and the topic of the plan are asked for only while missing, also of a session that is over."""

    host = PersonField(label="主持人（活动里还没有填）")

    class Meta:
        model = StudySession
        fields = ["host", "plan_item", "content", "record", "closing_words", "recorder"]
        widgets = {
            "content": forms.Textarea(attrs={"rows": 3}),
            "record": forms.Textarea(attrs={"rows": 14}),
            "closing_words": forms.Textarea(attrs={"rows": 5}),
        }
        labels = {
            "record": "发言要点",
            "content": "学习内容（篇目）（活动里还没有填）",
            "plan_item": "对应的计划专题（活动里还没有选）",
        }
        help_texts = {"record": "按发言顺序写：谁，讲了什么。"}
        error_messages = {name: TOO_LONG for name in ("content", "record", "closing_words", "recorder")}

    def __init__(self, *args: Any, missing: set[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["version"] = self.instance.version
        self.fields["host"].offer(roster_of(self.instance.group, self.instance.day))
        if "plan_item" in missing:
            offer_topics(self.fields["plan_item"], topics_about(self.instance.group, self.instance.day))
        for name in {"host", "content", "plan_item"} - missing:
            del self.fields[name]


def missing_facts(session: StudySession) -> set[str]:
    """What the session's own page would have asked for and does not have."""
    host: User | None = session.host
    return {
        name
        for name, value in (("host", host), ("content", session.content.strip()), ("plan_item", session.plan_item_id))
        if not value
    }
