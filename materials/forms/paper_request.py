"""布置材料: what is asked for, of whom, by when."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format

from accounts.models import Membership, StudyGroup, User
from materials.models import PaperRequest
from materials.models.paper_kind import PaperKind
from sessions_app.models import PlanItem, StudySession
from studygroup.lib.clock import local_date
from studygroup.lib.forms import Form, ModelForm, Versioned
from studygroup.lib.parse import whole_number

RECENT = timedelta(days=400)


def suggested_day(kind: PaperKind | None, session: StudySession | None, today: date) -> date | None:
    """What the session itself or the kind says; nothing that has passed."""
    if session is None:
        return None
    day = session.papers_due_on
    if day is None and kind is not None and kind.due_days is not None:
        day = session.day + timedelta(days=kind.due_days)
    return day if day and day >= today else None


class SessionField(forms.ModelChoiceField):
    def label_from_instance(self, obj: StudySession) -> str:
        return f"{date_format(timezone.localtime(obj.starts_at), 'Y-m-d')}　{obj.title}"


class PaperRequestForm(Versioned, ModelForm):
    """New or changed. `roster` is who may be asked; `asked` who is asked already, on the roster or not."""

    kind = forms.ChoiceField(label="类别", error_messages={"required": "请选择要交哪一类材料。"})
    session = SessionField(
        label="学习活动",
        queryset=StudySession.objects.none(),
        required=False,
        empty_label="不为某一次学习活动",
        error_messages={"invalid_choice": "这次学习活动不在可选范围内，请重新选择。"},
    )
    words_wanted = forms.IntegerField(label="字数不少于（可以不填）", required=False, min_value=1, max_value=50_000)
    plan_item = forms.ModelChoiceField(queryset=PlanItem.objects.none(), required=False, widget=forms.HiddenInput)
    person = forms.TypedMultipleChoiceField(
        label="布置给",
        coerce=int,
        error_messages={
            "required": "请至少选一个人。",
            "invalid_choice": "所选人员里有人不在这个学习组现在的名单中，请核对后再保存。",
        },
    )

    class Meta:
        model = PaperRequest
        fields = ["kind", "title", "due_on", "words_wanted", "session", "plan_item", "note"]
        error_messages = {
            "title": {"required": "请填写题目，例如“学习贯彻……的体会”。"},
            "due_on": {"invalid": "请按 2020-3-14 这样填写日期。"},
        }

    def __init__(
        self,
        *args: Any,
        group: StudyGroup,
        user: User,
        kinds: Mapping[str, PaperKind],
        roster: Sequence[Membership],
        asked: Sequence[User] = (),
        at: datetime,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.kinds, self.today = kinds, local_date(at)
        if self.instance.pk:
            self.initial.setdefault("version", self.instance.version)  # people may be ticked before it is saved
            for name in ("kind", "session", "plan_item"):
                del self.fields[name]
        else:
            self._offer(group, user, at)
        people = {place.user_id: place.user.name for place in roster} | {one.pk: one.name for one in asked}
        self.fields["person"].choices = [(str(pk), name) for pk, name in people.items()]
        self.fields["due_on"].required = bool(self.instance.pk)
        self.fields["note"].widget.attrs["rows"] = 3
        self.fields["note"].label = "要求（可以不填）"

    def _offer(self, group: StudyGroup, user: User, at: datetime) -> None:
        self.fields["kind"].choices = [(slug, _with_days(row)) for slug, row in self.kinds.items()]
        sessions = StudySession.objects.visible_to(user).filter(group=group).exclude(state="draft")
        named = Q(pk=whole_number(self.initial.get("session")))
        rows = sessions.filter(Q(starts_at__gte=at - RECENT) | named)
        self.fields["session"].queryset = rows.only("title", "starts_at", "group", "papers_due_on")
        of_group = Q(annual_plan__group=group) | Q(monthly_plan__group=group)
        self.fields["plan_item"].queryset = PlanItem.objects.visible_to(user).kept().filter(of_group)
        self.fields["due_on"].help_text = "选了学习活动的可以不填：按那次学习的材料截止日期，或者类别规定的天数。"

    def clean_due_on(self) -> date | None:
        day = self.cleaned_data["due_on"]
        if day and day != self.instance.due_on and day < self.today:
            raise forms.ValidationError("截止日期已经过了，请改到今天或以后。")
        return day

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        kind = self.kinds.get(cleaned.get("kind", ""))
        if "due_on" in cleaned and not cleaned["due_on"]:
            cleaned["due_on"] = suggested_day(kind, cleaned.get("session"), self.today)
            if cleaned["due_on"] is None:
                self.add_error("due_on", "请填写截止日期。")
        if kind and not self.instance.pk and not cleaned.get("words_wanted"):
            cleaned["words_wanted"] = kind.words_wanted
        return cleaned


def _with_days(kind: PaperKind) -> str:
    if kind.due_days is None:
        return kind.label
    return f"{kind.label}（学习后 {kind.due_days} 天内交）" if kind.due_days else f"{kind.label}（学习当天交）"


class RequestFilter(Form):
    """Which requests of the group: by state and the year of their due date."""

    show = forms.ChoiceField(
        label="状态",
        required=False,
        choices=[("", "全部"), ("open", "进行中"), ("overdue", "逾期未交齐"), ("closed", "已结束")],
    )
    year = forms.TypedChoiceField(label="年度", required=False, coerce=int, empty_value=None)
    group = forms.TypedChoiceField(label="学习组", required=False, coerce=int, empty_value=None)

    def __init__(self, *args: Any, years: Sequence[int], groups: Sequence[StudyGroup], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["year"].choices = [("", "全部年度"), *((str(year), f"{year}年") for year in years)]
        if len(groups) > 1:
            self.fields["group"].choices = [("", "全部学习组"), *((str(g.pk), g.name) for g in groups)]
        else:
            del self.fields["group"]
        self.is_valid()

    def chosen(self, name: str) -> Any:
        """What is not a choice of ours is no filter."""
        return self.cleaned_data.get(name)


class ExcuseForm(Form):
    reason = forms.CharField(
        label="免交原因", max_length=200, error_messages={"required": "免交请写明原因，例如“在县党校脱产学习”。"}
    )
