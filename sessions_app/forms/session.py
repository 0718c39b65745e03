"""Entering a session: facts, agenda, who takes part, what was recorded."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from django import forms
from django.db.models import Q

from accounts.models import Membership, StudyGroup, User
from sessions_app.actions.participants import roster_of
from sessions_app.actions.session import Speaker
from sessions_app.models import PlanItem, SessionKind, SessionSeries, Site, StudySession
from sessions_app.models.session import RUNNING, RUNNING_LABEL, AgendaRole, SessionState
from studygroup.lib.clock import local_date
from studygroup.lib.forms import Form, ModelForm, RowsField, Versioned

LATEST_PAPERS = 62  # days after the session; more is a slip
UPPER_OFFERED = 60  # the latest sessions of the level above
# As the list and its badges say it: 进行中 is called and begun.
SHOWN_STATES = [*SessionState.choices[:2], (RUNNING, RUNNING_LABEL), *SessionState.choices[2:]]


class PersonField(forms.ChoiceField):
    """One of a roster, shown with his title; cleans to the User."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)
        self.people: dict[str, User] = {}

    def offer(self, roster: Iterable[Membership], also: User | None = None) -> None:
        """Offer these people, and `also` whoever stands there now, even if he has left since."""
        labels = {str(m.user_id): f"{m.user.name}（{m.title}）" if m.title else m.user.name for m in roster}
        self.people = {str(m.user_id): m.user for m in roster}
        if also is not None:
            labels.setdefault(str(also.pk), also.name)
            self.people.setdefault(str(also.pk), also)
        self.choices = [("", "请选择"), *labels.items()]

    def clean(self, value: Any) -> User | None:
        return self.people.get(super().clean(value))


def upper_sessions(group: StudyGroup, *, also: int | None = None) -> list[StudySession]:
    """Called and held sessions of the groups above this one's organisation, the latest first; title and time only."""
    above = [int(part) for part in group.organization.path.split("/") if part][:-1]
    told = StudySession.objects.filter(group__organization__in=above).exclude(state=SessionState.DRAFT)
    told = told.only("title", "starts_at")
    latest = list(told[:UPPER_OFFERED])
    if also and also not in {one.pk for one in latest}:
        latest += list(StudySession.objects.filter(pk=also).only("title", "starts_at"))
    return latest


def topics_about(group: StudyGroup, day: date, *, also: Sequence[int] = ()) -> list[PlanItem]:
    """What the group's plans say of this day's month and the months beside it; a month's own row before the year's."""
    months = [day.year * 12 + day.month - 1 + step for step in (-1, 0, 1)]
    near = Q()
    for year, month in (divmod(number, 12) for number in months):
        near |= Q(month=month + 1) & (Q(annual_plan__year=year) | Q(monthly_plan__year=year))
    here = Q(annual_plan__group=group) | Q(monthly_plan__group=group)
    items = PlanItem.objects.select_related("annual_plan", "monthly_plan")
    rows = list(items.in_force().filter(here, near)) + list(items.filter(here, pk__in=also))
    drawn = {row.drawn_from_id for row in rows}
    kept = {row.pk: row for row in rows if row.pk not in drawn or row.pk in also}
    return sorted(kept.values(), key=lambda row: (row.plan.year, row.month, row.position, row.pk))


def offer_topics(field: Any, topics: Sequence[PlanItem]) -> None:
    field.queryset = PlanItem.objects.filter(pk__in=[one.pk for one in topics])
    labels = [(one.pk, f"{one.plan.year}年{one.month}月　{one.topic}") for one in topics]
    field.choices = [("", "没有对应的专题"), *labels]


class SessionForm(ModelForm, Versioned):
    """Facts of one session. `roster` is the group's as of the session's (typed) date, for the agenda to use."""

    host = PersonField(label="主持人")

    class Meta:
        model = StudySession
        fields = [
            "serial",
            "title",
            "plan_item",
            "kinds",
            "starts_at",
            "ends_at",
            "place",
            "site",
            "is_online",
            "host",
            "content",
            "question",
            "requirements",
            "papers_due_on",
            "upper_session",
            "upper_text",
        ]
        widgets = {
            "kinds": forms.CheckboxSelectMultiple,
            "content": forms.Textarea(attrs={"rows": 4}),
            "requirements": forms.Textarea(attrs={"rows": 3}),
        }
        labels = {"is_online": "线上，或线上线下结合", "plan_item": "对应的计划专题"}
        error_messages = {
            "title": {
                "required": "请填写主题。",
                "max_length": "主题最多 %(limit_value)d 个字，现在有 %(show_value)d 个。",
            },
            "kinds": {"required": "请至少选一种学习形式。"},
            "starts_at": {"required": "请填写开始时间。", "invalid": "时间不对，请按“2020-05-01 09:00”填写。"},
            "ends_at": {"required": "请填写结束时间。", "invalid": "时间不对，请按“2020-05-01 11:00”填写。"},
            "place": {
                "required": "请填写地点。",
                "max_length": "地点最多 %(limit_value)d 个字，现在有 %(show_value)d 个。",
            },
        }
        help_texts = {
            "plan_item": "学习当月和前后一个月里已有的计划专题；选上后，计划里就算有了这次学习。",
            "kinds": "可多选：一次学习常常同时是几种形式，各项统计分别计算。",
            "site": "外出现场教学时选择；没有的话先空着，写在地点里。",
            "serial": "通知时按日期自动编排；确需调整时改成没有用过的次序。",
            "requirements": "例如自学篇目、带笔记本、撰写发言提纲；会写进通知。",
            "papers_due_on": "发言材料、心得体会最迟哪天交。",
            "upper_session": "传达、贯彻上级中心组某次学习时选择。",
            "upper_text": "上级没有使用本系统时，写明是哪一次，例如“县委中心组第3次集体学习（5月8日）”。",
        }

    def __init__(self, *args: Any, group: StudyGroup, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["version"] = self.instance.version
        day = self._day(today)
        self.roster = roster_of(group, day)
        self._offer_topics(group, day)
        self.fields["host"].offer(self.roster, also=self.instance.host)
        in_use = Q(is_active=True) | Q(pk=self.instance.site_id)
        self.fields["site"].queryset = Site.objects.filter(in_use, group=group)
        self.fields["site"].empty_label = "不是外出"
        self._offer_upper(group)
        if not self.instance.is_called:
            del self.fields["serial"]
        in_use = Q(is_active=True)
        if self.instance.pk:
            in_use |= Q(sessions=self.instance)
        self.fields["kinds"].queryset = SessionKind.objects.filter(in_use).distinct()

    def _offer_topics(self, group: StudyGroup, day: date) -> None:
        """The plan's topics in force about the session's month, and the one it has now."""
        now = [value for value in (self.instance.plan_item_id, self.initial.get("plan_item")) if value]
        offer_topics(self.fields["plan_item"], topics_about(group, day, also=now))

    def _offer_upper(self, group: StudyGroup) -> None:
        """Of the level above only title and day are told; without any in this installation there is only the text."""
        offered = upper_sessions(group, also=self.instance.upper_session_id)
        if not offered:
            del self.fields["upper_session"]
            return
        self.fields["upper_session"].queryset = StudySession.objects.filter(pk__in=[one.pk for one in offered])
        labels = [(one.pk, f"{one.title}（{one.day:%Y-%m-%d}）") for one in offered]
        self.fields["upper_session"].choices = [("", "没有"), *labels]

    def _day(self, today: date) -> date:
        field = self.fields["starts_at"]
        try:
            typed = field.clean(self["starts_at"].value())
            return local_date(typed)
        except (forms.ValidationError, OverflowError):
            return self.instance.day if self.instance.pk else today

    def clean(self) -> dict[str, Any]:
        super().clean()
        starts_at, ends_at = self.cleaned_data.get("starts_at"), self.cleaned_data.get("ends_at")
        if starts_at and ends_at and ends_at <= starts_at:
            self.add_error("ends_at", "结束时间应晚于开始时间。")
        due = self.cleaned_data.get("papers_due_on")
        if due and ends_at and due > local_date(ends_at) + timedelta(days=LATEST_PAPERS):
            self.add_error("papers_due_on", "材料截止比学习晚了两个月以上，请核对日期。")
        if self.cleaned_data.get("upper_session") and self.cleaned_data.get("upper_text"):
            self.add_error("upper_text", "上面已经选了上级的学习，这里不必再写。")
        if "serial" in self.fields and self["serial"].value() == self.data.get("serial_was"):
            self.cleaned_data["serial"] = None  # untouched: it keeps what it has by now
        return self.cleaned_data


class AgendaLineForm(Form):
    """One line of the agenda; an empty line is no line."""

    position = forms.IntegerField(label="次序", required=False, min_value=1, max_value=999)
    role = forms.ChoiceField(label="环节", choices=AgendaRole.choices, initial=AgendaRole.LEAD_READING, required=False)
    person = PersonField(label="发言人")
    name = forms.CharField(label="名单外的人", max_length=60, required=False)
    title = forms.CharField(label="题目、篇目、材料", max_length=200, required=False)
    minutes = forms.IntegerField(label="分钟", required=False, min_value=1, max_value=600)

    def __init__(self, *args: Any, roster: Sequence[Membership], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].offer(roster, also=self.initial.get("speaker"))

    def clean(self) -> dict[str, Any]:
        super().clean()
        data = self.cleaned_data
        has_speaker = data.get("person") or data.get("name")
        if data.get("title") and not has_speaker and not {"person", "name"} & set(self.errors):
            self.add_error("person", "请选择发言人，或填写名单外发言人的姓名。")
        if data.get("person") and data.get("name"):
            self.add_error("name", "名单内、名单外只填一处。")
        return data


class BaseAgenda(forms.BaseFormSet):
    def speakers(self) -> list[Speaker]:
        """The filled lines in the order of their numbers; lines without one keep their place."""
        lines = [
            (line.cleaned_data.get("position") or index, index, line.cleaned_data)
            for index, line in enumerate(self.forms, start=1)
            if line.cleaned_data.get("person") or line.cleaned_data.get("name")
        ]
        return [
            Speaker(
                data["role"] or AgendaRole.LEAD_READING, data["person"], data["name"], data["title"], data["minutes"]
            )
            for _, _, data in sorted(lines, key=lambda line: line[:2])
        ]


AgendaFormSet = forms.formset_factory(AgendaLineForm, formset=BaseAgenda, extra=3, max_num=60, absolute_max=80)


class NoFields(Form):
    """A button: nothing to fill in."""


class ArchiveForm(Form):
    despite_gaps = forms.BooleanField(label="按现状归档，以上项目不再补", required=False)


class UnarchiveForm(Form):
    reason = forms.CharField(
        label="取消归档的原因",
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "请写明原因，例如“签到登记有误，需更正”。"},
    )


class CallManyForm(Form):
    """Drafts ticked in a list."""

    session = RowsField(StudySession.objects.none(), label="草稿")

    def __init__(self, *args: Any, drafts: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if drafts is not None:
            self.fields["session"].queryset = drafts


class SessionFilter(Form):
    """What the list shows. A value that does not exist shows everything; a filter without two choices is left out."""

    year = forms.TypedChoiceField(label="年份", required=False, coerce=int, empty_value=None)
    kind = forms.ChoiceField(label="学习形式", required=False)
    state = forms.ChoiceField(label="状态", required=False, choices=[("", "全部状态"), *SHOWN_STATES])
    series = forms.TypedChoiceField(label="定期学习", required=False, coerce=int, empty_value=None)
    site = forms.TypedChoiceField(label="现场教学点", required=False, coerce=int, empty_value=None)
    group = forms.TypedChoiceField(label="学习组", required=False, coerce=int, empty_value=None)

    def __init__(self, data: Any, *, years: Sequence[int], groups: Sequence[StudyGroup], sessions: Any) -> None:
        """`sessions` are those the person may see: their series and sites are offered, nobody else's."""
        super().__init__(data)
        seen = sessions.order_by()
        series = SessionSeries.objects.filter(pk__in=seen.filter(series__isnull=False).values("series"))
        sites = Site.objects.filter(pk__in=seen.filter(site__isnull=False).values("site"))
        kinds = SessionKind.objects.values_list("slug", "label")
        self._offer("year", "全部年份", [(str(y), f"{y}年") for y in years])
        self._offer("kind", "全部形式", kinds)
        self._offer("series", "全部系列", [(str(pk), title) for pk, title in series.values_list("pk", "title")])
        self._offer("site", "全部现场", [(str(pk), name) for pk, name in sites.values_list("pk", "name")])
        self._offer("group", "全部学习组", [(str(g.pk), g.name) for g in groups] if len(groups) > 1 else [])
        self.full_clean()

    def _offer(self, name: str, everything: str, choices: Iterable[tuple[str, str]]) -> None:
        self.fields[name].choices = [("", everything), *choices]
        if name in ("series", "site", "group") and len(self.fields[name].choices) == 1:
            del self.fields[name]

    def chosen(self, name: str) -> Any:
        return self.cleaned_data.get(name)
