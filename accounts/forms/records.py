from typing import Any

from django import forms
from django.db import models

from accounts.models import StudyGroup, User
from accounts.permissions import Permission
from studygroup.lib.forms import Form, ModelForm, Versioned, changes_of


class GroupChoice:
    """Asks for the group only of somebody who keeps records of several."""

    group_field = "group"
    permission = Permission.MANAGE_LIBRARY
    only_group: StudyGroup | None = None
    fields: dict[str, forms.Field]

    def limit_groups(self, user: User) -> None:
        field = self.fields[self.group_field]
        assert isinstance(field, forms.ModelChoiceField)
        groups = list(StudyGroup.objects.where(user, self.permission).select_related("organization"))
        self.only_group = groups[0] if len(groups) == 1 else None
        if self.only_group:
            del self.fields[self.group_field]
        else:
            field.queryset = StudyGroup.objects.where(user, self.permission)
            field.empty_label = "请选择"

    @property
    def chosen_group(self) -> StudyGroup:
        return self.only_group or self.cleaned_data[self.group_field]  # type: ignore[attr-defined]


class RecordForm(GroupChoice, Versioned, ModelForm):
    """A row of the office's records: with its version when it is changed, with a group to choose when it is new."""

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        instance: models.Model | None = kwargs.get("instance")
        if instance is not None:
            kwargs["initial"] = {"version": instance.version, **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)
        if instance is not None:
            self.fields.pop(self.group_field, None)
        elif self.group_field in self.fields:
            self.limit_groups(user)

    @property
    def facts(self) -> dict[str, Any]:
        """What was typed about the row itself."""
        return {name: value for name, value in changes_of(self).items() if name != self.group_field}

    @property
    def change(self) -> dict[str, Any]:
        """What an action needs to change the row: the version seen and the new values."""
        return {"seen_version": self.cleaned_data["version"], "changes": self.facts}

    def validate_constraints(self) -> None:
        """The action asks the database; the form does not always know the group."""


class SeenVersionForm(Versioned, Form):
    """Nothing but the version of the row somebody looked at when he pressed the button."""
