from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.formats import date_format

from accounts.forms.records import Versioned
from accounts.models import User
from sessions_app.models import Lecture, StudySession
from studygroup.lib.forms import Form


class SessionChoice(forms.ModelChoiceField):
    def label_from_instance(self, obj: StudySession) -> str:
        return f"{date_format(timezone.localtime(obj.starts_at), 'Y-m-d')}　{obj.title}"


def session_choice() -> SessionChoice:
    return SessionChoice(
        StudySession.objects.none(),
        label="在哪次学习活动上",
        required=False,
        empty_label="（不在学习活动中，或还没有安排）",
        error_messages={"invalid_choice": "这次学习活动不在可选范围内，请重新选择。"},
    )


def sessions_near(user: User, lecture: Lecture, at: datetime) -> QuerySet[StudySession]:
    """Within half a year of the lecture, of today for a new one, and the one already linked."""
    around = lecture.starts_at if lecture.pk else at
    span = timedelta(days=183)
    near = Q(starts_at__gte=around - span, starts_at__lte=around + span) | Q(pk=lecture.session_id)
    return StudySession.objects.visible_to(user).filter(near).only("title", "starts_at", "group")


class LectureSessionForm(Versioned, Form):
    """At which session a lecture is given: no matter of the approval, so it may be said at any time."""

    session = session_choice()

    def __init__(self, *args: Any, lecture: Lecture, user: User, at: datetime, **kwargs: Any) -> None:
        start = {"session": lecture.session_id, "version": lecture.version}
        super().__init__(*args, initial=start, **kwargs)
        self.fields["session"].queryset = sessions_near(user, lecture, at).filter(group=lecture.organizer_id)
