from datetime import date
from typing import Any

from django import forms

from accounts.models import Membership, StudyGroup, User
from accounts.models.authority import DELEGABLE_ROLES
from accounts.permissions import DELEGABLE, LEAVE, Role
from reviews.chain import STEP_PERMISSION
from reviews.models import StepDeadline
from reviews.subjects import scopes
from studygroup.lib.forms import Form


class DelegationForm(Form):
    """委托: only of roles the person holds, only to people of that group."""

    role_in_group = forms.ChoiceField(label="委托哪项职责")
    delegate = forms.ModelChoiceField(User.objects.none(), label="受托人")
    kind = forms.ChoiceField(label="限于哪类事项", required=False)
    only_overdue = forms.BooleanField(
        label="只在逾期后接办",
        required=False,
        help_text="平时仍由您办理；某一份超过办理期限还没有办的，受托人才可以办理。",
    )
    starts_on = forms.DateField(label="从")
    ends_on = forms.DateField(label="到（含当日）")
    reason = forms.CharField(label="原因", max_length=200, help_text="例如：外出学习、住院。会印在审核记录里。")

    def __init__(self, *args: Any, user: User, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        held = {g: roles & frozenset(DELEGABLE) for g, roles in user.authority.roles.items()}
        self.groups = {g.pk: g for g in StudyGroup.objects.filter(pk__in=[g for g, roles in held.items() if roles])}
        role_labels = dict(DELEGABLE_ROLES)
        self.fields["role_in_group"].choices = [
            (f"{role}:{pk}", f"{role_labels[role]} — {group.name}")
            for pk, group in self.groups.items()
            for role in sorted(held[pk])
        ]
        self.fields["kind"].choices = [("", "全部"), *scopes(self.groups)]
        colleagues = Membership.objects.on(today).filter(group__in=self.groups, category=Role.MEMBER)
        self.fields["delegate"].queryset = User.objects.filter(
            pk__in=colleagues.values("user"), is_active=True
        ).exclude(pk=user.pk)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        starts, ends = cleaned.get("starts_on"), cleaned.get("ends_on")
        if starts and ends and ends < starts:
            self.add_error("ends_on", "结束日期不能早于开始日期。")
        if "role_in_group" in cleaned and "delegate" in cleaned:
            role, group_id = cleaned["role_in_group"].split(":")
            cleaned["role"], cleaned["group"] = role, self.groups[int(group_id)]
            if not Membership.objects.filter(group=cleaned["group"], user=cleaned["delegate"]).exists():
                self.add_error("delegate", "受托人应是这个学习组的成员。")
        if cleaned.get("only_overdue") and "role" in cleaned:
            self._must_have_a_term(cleaned)
        return cleaned

    def _must_have_a_term(self, cleaned: dict[str, Any]) -> None:
        """逾期接办 means something only where there is a 办理期限."""
        if cleaned.get("kind") == LEAVE:
            self.add_error("only_overdue", "请假没有办理期限，不能“只在逾期后接办”。")
            return
        steps = [step for step, permission in STEP_PERMISSION.items() if permission in DELEGABLE[Role(cleaned["role"])]]
        if not StepDeadline.objects.filter(group=cleaned["group"], step__in=steps).exists():
            names = "、".join(str(step.label) for step in steps)
            told = f"本组还没有规定{names}的办理期限，逾期接办不会生效。请组长先在“本组设置”的“办理期限”里规定。"
            self.add_error("only_overdue", told)
