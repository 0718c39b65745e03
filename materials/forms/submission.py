from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import cached_property

from accounts.models import StudyGroup, User
from accounts.permissions import Permission
from materials.forms.first_kind import first_kind
from materials.forms.pen import PenFields
from materials.models import PaperKind, PaperRequest, Submission
from materials.models.paper_kind import Need, kinds_by_group
from materials.models.submission import words_in
from materials.rules import due_day
from reviews.actions.draft import REFUSED
from reviews.models import ReturnPoint
from sessions_app.models import StudySession
from studygroup.lib.clock import local_date
from studygroup.lib.files import ACCEPT
from studygroup.lib.forms import ModelForm, RowsField, Versioned
from studygroup.lib.parse import whole_number
from studygroup.lib.uploads import UploadsField

RECENT = timedelta(days=400)
NEEDED = {"session": "session_need", "topic": "topic_need"}


class SessionField(forms.ModelChoiceField):
    def label_from_instance(self, obj: StudySession) -> str:
        return f"{date_format(timezone.localtime(obj.starts_at), 'Y-m-d')}　{obj.title}"


class RequestField(forms.ModelChoiceField):
    def label_from_instance(self, obj: PaperRequest) -> str:
        return f"{obj.kind_name}：{obj.title}（{obj.due_on.month}月{obj.due_on.day}日前）"


class SubmissionForm(PenFields, Versioned, ModelForm):
    """A paper, new or drafted. `points` are the open points of a return: each gets a field for its answer.

    What it asks for follows the kind: the server decides by the kind that is sent, the page shows it at once.
    """

    permission = Permission.WRITE_PAPERS

    kind = forms.ChoiceField(
        label="类别",
        widget=forms.RadioSelect,
        error_messages={"required": "请选择这是哪一类材料。"},
    )
    group = forms.ModelChoiceField(label="学习组", queryset=StudyGroup.objects.none(), empty_label=None)
    request = RequestField(
        label="布置的材料",
        queryset=PaperRequest.objects.none(),
        required=False,
        empty_label="不是布置的，自己写的",
        error_messages={"invalid_choice": "这次布置已经结束，或者没有布置给您，请重新选择。"},
    )
    session = SessionField(
        label="学习活动",
        queryset=StudySession.objects.none(),
        required=False,
        empty_label="不属于某一次学习活动",
        error_messages={"invalid_choice": "这次学习活动不在可选范围内，请重新选择。"},
    )
    uploads = UploadsField(label="附件", required=False)
    remove = RowsField(
        label="移除附件", queryset=Submission.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )
    # 字数 are fewer than wanted, the author has been told and hands in all the same.
    short = forms.BooleanField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Submission
        fields = ["kind", "title", "body", "request", "session", "topic", "purpose", "written_on"]
        error_messages = {
            "title": {"required": "请填写标题。"},
            "written_on": {"required": "请填写成文日期。", "invalid": "请按 2020-3-14 这样填写日期。"},
        }

    def __init__(self, *args: Any, user: User, at: datetime, points: Sequence[ReturnPoint] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = local_date(at)
        self.points = points
        self.is_short = 0
        self.write_as(user)
        self._choose_groups(user)
        self._offer_kinds(self._writes(user))
        self._offer_requests(self._writes(user))
        if self.instance.pk and self.instance.review.round:
            del self.fields["kind"]  # versions and verdicts name it
        if self.instance.pk:
            self.fields["remove"].queryset = self.instance.files.filter(removed_at=None)
            self.initial["version"] = self.instance.version
        else:
            del self.fields["remove"]
        self.fields["session"].queryset = self._sessions(user, at)
        self._start_from_kind()
        self._dress_texts()
        for point in points:
            self.fields[f"answer_{point.pk}"] = self._answer_field(point)

    # -- what is offered --

    def _writes(self, user: User) -> User | None:
        """Whose paper it is; not yet known when the office types one in."""
        return self.instance.author if self.instance.pk else user

    def _choose_groups(self, user: User) -> None:
        """Nobody is asked for the group who writes in only one."""
        self.groups = (
            [self.instance.group] if self.instance.pk else list(StudyGroup.objects.where(user, self.permission))
        )
        if len(self.groups) == 1:
            del self.fields["group"]
        else:
            self.fields["group"].queryset = StudyGroup.objects.where(user, self.permission)

    def _offer_kinds(self, author: User | None) -> None:
        """The kinds his groups use; a draft of a kind retired since keeps it."""
        self.kinds = kinds_by_group([group.pk for group in self.groups], retired=bool(self.instance.pk))
        offered = {
            slug: row.label
            for kinds in self.kinds.values()
            for slug, row in kinds.items()
            if row.is_active or slug == self.instance.kind
        }
        self.fields["kind"].choices = list(offered.items())
        if not self.instance.pk and self.initial.get("kind") not in offered:
            self.initial["kind"] = first_kind(author, offered, self.initial.get("session"))

    def _offer_requests(self, author: User | None) -> None:
        """What is asked of him and not answered yet; `?request=` fills in what it asks for."""
        named = whole_number(self.initial.get("request"))
        kept = PaperRequest.objects.filter(pk=self.instance.request_id or -1)
        asked = PaperRequest.objects.filter(group__in=self.groups)
        open_ones = asked.unanswered_by(author, besides=self.instance.pk) if author else asked.none()
        rows = PaperRequest.objects.filter(Q(pk__in=open_ones.values("pk")) | Q(pk__in=kept.values("pk")))
        self.requests = {row.pk: row for row in rows.select_related("session", "asked_by").order_by("due_on", "pk")}
        if not self.requests or (self.instance.pk and self.instance.review.round):  # it has been answered
            del self.fields["request"]
            self.initial.pop("request", None)
            return
        self.fields["request"].queryset = rows.order_by("due_on", "pk")
        if not self.instance.pk and (row := self.requests.get(named)):
            self.initial.update(kind=row.kind, topic=row.title, session=row.session_id, group=row.group_id)
            self.initial["title"] = row.title if row.title.endswith(row.kind_name) else f"{row.title}{row.kind_name}"

    def _sessions(self, user: User, at: datetime) -> QuerySet[StudySession]:
        """Sessions of his groups that have been called, of the last year and a bit, and the one already named.

        The one the paper names already stays, even when he can no longer see it.
        """
        named = self.initial.get("session")
        recent = Q(starts_at__gte=at - RECENT) | Q(pk=whole_number(named))
        seen = StudySession.objects.visible_to(user).filter(recent, group__in=self.groups).exclude(state="draft")
        rows = StudySession.objects.filter(Q(pk__in=seen.values("pk")) | Q(pk=self.instance.session_id))
        return rows.only("title", "starts_at", "group").order_by("-starts_at", "-pk")

    def _start_from_kind(self) -> None:
        """用途 and outline of a new paper."""
        row = self.kind_row
        if not self.instance.pk and row:
            self.initial.setdefault("purpose", row.purpose)
            self.initial.setdefault("body", row.outline)

    def _dress_texts(self) -> None:
        self.fields["body"].required = False
        self.fields["title"].required = self.hand_in or not self.data.get("body", "").strip()
        self.fields["body"].widget.attrs.update(rows=14, **{"data-count": "word-count"})
        self.fields["uploads"].widget.attrs.update(accept=ACCEPT, multiple=True, **{"data-names": "file-names"})
        for name in ("title", "body", "topic", "purpose"):
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

    # -- what it says --

    @property
    def hand_in(self) -> bool:
        """提交审核 was pressed, not 保存草稿."""
        return "hand_in" in self.data

    @property
    def group_chosen(self) -> StudyGroup:
        return self.cleaned_data["group"] if "group" in self.fields else self.groups[0]

    @property
    def kind_row(self) -> PaperKind | None:
        """The kind chosen so far, as the group keeps it."""
        slug = str(self["kind"].value() or "") if "kind" in self.fields else self.instance.kind
        group = whole_number(self["group"].value()) if "group" in self.fields else -1
        return self.kinds.get(group, self.kinds[self.groups[0].pk] if self.groups else {}).get(slug)

    @property
    def request_row(self) -> PaperRequest | None:
        return self.requests.get(whole_number(self["request"].value())) if "request" in self.fields else None

    @cached_property
    def session_named(self) -> StudySession | None:
        """The session whose page it was opened from."""
        number = -1 if self.instance.pk else whole_number(self.initial.get("session"))
        return self.fields["session"].queryset.filter(pk=number).first() if number > 0 else None

    @property
    def words_wanted(self) -> int:
        row, asked = self.kind_row, self.request_row
        return (asked.words_wanted if asked else None) or (row.words_wanted if row else None) or 0

    @property
    def due_on(self) -> date | None:
        """By when it is due as the form stands, when its session is among those offered."""
        row, asked = self.kind_row, self.request_row
        held_on = self.session_days.get(whole_number(self["session"].value()))
        return due_day(asked.due_on if asked else None, held_on, row.due_days if row else None)

    @cached_property
    def session_days(self) -> dict[int, date]:
        return {pk: local_date(at) for pk, at in self.fields["session"].queryset.values_list("pk", "starts_at")}

    @property
    def told(self) -> dict[str, Any]:
        """What the page needs to follow another choice at once."""
        return {
            "kinds": {
                str(group): {slug: _told_kind(row) for slug, row in kinds.items()}
                for group, kinds in self.kinds.items()
            },
            "requests": {
                str(pk): {"due": row.due_on.isoformat(), "words": row.words_wanted, "note": row.note}
                for pk, row in self.requests.items()
            },
            "days": {str(pk): day.isoformat() for pk, day in self.session_days.items()},
        }

    @property
    def opens_more(self) -> bool:
        """Something below needs to be looked at."""
        row = self.kind_row
        needed = row is not None and Need.REQUIRED in (row.session_need, row.topic_need)
        named = not self.instance.pk and (self.session_named or self.request_row)
        wrong = any(name in self.errors for name in ("session", "topic", "purpose", "written_on", "request"))
        return needed or bool(named) or wrong

    def shows(self, name: str) -> bool:
        row = self.kind_row
        return row is None or getattr(row, NEEDED[name]) != Need.NONE

    @property
    def shows_session(self) -> bool:
        return self.shows("session")

    @property
    def shows_topic(self) -> bool:
        return self.shows("topic")

    @property
    def answer_rows(self) -> list[tuple[ReturnPoint, forms.BoundField]]:
        return [(point, self[f"answer_{point.pk}"]) for point in self.points]

    @property
    def answers(self) -> dict[int, str]:
        told = {point.pk: self.cleaned_data.get(f"answer_{point.pk}") for point in self.points}
        return {pk: answer for pk, answer in told.items() if answer is not None}

    # -- what it takes --

    def clean_written_on(self) -> Any:
        day = self.cleaned_data["written_on"]
        if day and day > self.today:
            raise ValidationError("成文日期不能晚于今天。")
        return day

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        session = cleaned.get("session")
        if session and "group" in self.fields and cleaned.get("group") and session.group_id != cleaned["group"].pk:
            self.add_error("session", "这次学习活动不是所选学习组的，请重新选择。")
        chosen = self.kinds[(cleaned.get("group") or self.groups[0]).pk] if self.groups else {}
        if "kind" in cleaned and cleaned["kind"] not in chosen:
            self.add_error("kind", "这个学习组没有这一类材料，请重新选择。")
        if row := chosen.get(cleaned.get("kind", self.instance.kind)):
            self._follow_kind(cleaned, row)
        for point in self.points if self.hand_in else ():
            if point.taken is False and cleaned.get(f"answer_{point.pk}", "").strip() == REFUSED:
                self.add_error(f"answer_{point.pk}", f"请写一句为什么不采纳第 {point.number} 条的建议，再提交。")
        if self.hand_in and not self.errors:
            self._look_at_body(cleaned)
        return cleaned

    def _follow_kind(self, cleaned: dict[str, Any], row: PaperKind) -> None:
        asked = cleaned.get("request")
        if asked and asked.kind != row.slug:
            self.add_error("request", f"这次布置的是{asked.kind_name}：请改选类别，或者不选这次布置。")
        if asked and asked.session and not cleaned.get("session"):
            cleaned["session"] = asked.session
        for name, need in NEEDED.items():
            if getattr(row, need) == Need.NONE and name in cleaned:
                cleaned[name] = None if name == "session" else ""
            if self.hand_in and getattr(row, need) == Need.REQUIRED and not (cleaned.get(name) or name in self.errors):
                self.add_error(name, f"{row.label}要写明{self.fields[name].label}，请填上再提交。")
        if self.hand_in and not cleaned.get("purpose"):
            cleaned["purpose"] = row.purpose

    def _look_at_body(self, cleaned: dict[str, Any]) -> None:
        body, row = cleaned.get("body", "").strip(), self.kind_row
        if self._keeps_a_file(cleaned):
            return
        if not body:
            self.add_error("body", "正文还是空的，请写几句或上传附件后再提交。")
        elif row and body.split() == row.outline.split():
            self.add_error("body", "正文还只有提纲，请写完再提交。")
        elif (missing := self.words_wanted - words_in(body)) > 0 and not cleaned.get("short"):
            self.is_short = missing
            self.add_error(
                None, f"要求不少于 {self.words_wanted} 字，还差 {missing} 字。可以接着写，也可以就这样提交。"
            )
            self.data = self.data.copy()
            self.data["short"] = "on"

    def _keeps_a_file(self, cleaned: dict[str, Any]) -> bool:
        if cleaned.get("uploads"):
            return True
        kept = self.fields["remove"].queryset.exclude(pk__in=cleaned["remove"]) if "remove" in self.fields else None
        return kept is not None and kept.exists()

    def take_version(self, version: int) -> None:
        """After a 409: pressing save again now means knowingly replacing what stands there."""
        self.data = self.data.copy()
        self.data["version"] = str(version)


def _told_kind(row: PaperKind) -> dict[str, Any]:
    return {
        "purpose": row.purpose,
        "guidance": row.guidance,
        "outline": row.outline,
        "words": row.words_wanted,
        "days": row.due_days,
        "session": row.session_need,
        "topic": row.topic_need,
    }
