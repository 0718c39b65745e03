from typing import Any

from accounts.forms.records import RecordForm
from accounts.models import User
from sessions_app.models import Site


class SiteForm(RecordForm):
    """现场教学点: where it is, what is taught there, whom to call."""

    pairs = (("name", "village"),)

    class Meta:
        model = Site
        fields = ["group", "name", "village", "theme", "contact", "is_active"]
        help_texts = {
            "theme": "到这里学什么，如“四好农村路建设”。",
            "contact": "姓名和电话，只给安排学习的人看。",
            "is_active": "不再使用时取消勾选：以前去过的记录不变，新的学习不再列出。",
        }

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        if not self.instance.pk:
            del self.fields["is_active"]
