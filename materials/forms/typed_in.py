from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Min, Q

from accounts.models import Membership, User
from accounts.permissions import Permission, Role
from materials.forms.submission import SubmissionForm

WRITERS = (Role.MEMBER, Role.EXTENDED)


class AuthorField(forms.ModelChoiceField):
    def label_from_instance(self, obj: User) -> str:
        return obj.name


class TypedInForm(SubmissionForm):
    """代录: a paper the office types in for somebody of its roster, who has written it by hand."""

    permission = Permission.MANAGE_SESSIONS

    author = AuthorField(
        label="撰稿人",
        queryset=User.objects.none(),
        empty_label="请选择",
        error_messages={"required": "请选择是谁写的。", "invalid_choice": "这位同志不在名单上，请重新选择。"},
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        on_roster = Membership.objects.on(self.today).filter(group__in=self.groups, category__in=WRITERS)
        people = User.objects.filter(pk__in=on_roster.values("user"), is_active=True).exclude(pk=user.pk)
        places = Min("memberships__position", filter=Q(memberships__in=on_roster))
        self.fields["author"].queryset = people.annotate(place=places).order_by("place", "name_key", "pk")

    def _writes(self, user: User) -> User | None:
        return None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        author, group = cleaned.get("author"), cleaned.get("group") or (self.groups[0] if self.groups else None)
        here = Membership.objects.on(self.today).filter(group=group, user=author, category__in=WRITERS)
        if author and group and not here.exists():
            self.add_error("author", ValidationError("这位同志不在所选学习组的名单上。"))
        return cleaned
