"""Who may what: the only table of authority.

A person's roles come from dated rows (memberships, appointments, delegations) and are read once per request.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.db.models import TextChoices

from studygroup.lib.access import Rule

if TYPE_CHECKING:
    from accounts.models import User


class Role(TextChoices):
    """角色: what somebody is in one study group."""

    LEADER = "leader", "组长（党委书记）"
    DEPUTY_LEADER = "deputy_leader", "副组长"
    STUDY_SECRETARY = "study_secretary", "学习秘书（宣传委员）"
    OFFICE = "office", "办公室（党政办）"
    SUPERVISOR = "supervisor", "上级督导"
    MEMBER = "member", "成员"
    EXTENDED = "extended", "扩大人员"
    OBSERVER = "observer", "列席"


class Permission(TextChoices):
    """权限, named by what a person does."""

    READ_PLANS = "read_plans", "查看已审定的计划"
    READ_DRAFTS = "read_drafts", "查看未审定的计划和草稿活动"
    READ_RECORDS = "read_records", "查看本组的登记、名单和档案"
    EDIT_PLANS = "edit_plans", "编制计划"
    READ_SESSIONS = "read_sessions", "查看本组全部学习活动"
    MANAGE_SESSIONS = "manage_sessions", "安排学习活动、登记签到"
    OBSERVE = "observe", "列席旁听下级学习"
    DECIDE_LEAVE = "decide_leave", "审批请假"
    WRITE_PAPERS = "write_papers", "提交学习材料"
    READ_PAPERS = "read_papers", "查看本组已提交的学习材料"
    READ_APPROVED = "read_approved", "查看本组已通过的学习材料"
    FIRST_REVIEW = "first_review", "初审"
    SECOND_REVIEW = "second_review", "复审"
    FINAL_GATE = "final_gate", "把关"
    OVERRIDE = "override", "特批、追认"
    DELEGATE = "delegate", "委托他人代为审核"
    MANAGE_ROSTER = "manage_roster", "管理学习组名单"
    READ_LIBRARY = "read_library", "查看学习资料"
    MANAGE_LIBRARY = "manage_library", "管理资料、发放、宣传和案例"
    KEEP_WORDING = "keep_wording", "管理用语词库"
    READ_FIGURES = "read_figures", "查看年度统计"
    MAKE_FIGURES = "make_figures", "生成年度统计"


_P = Permission
_ATTEND = frozenset({_P.WRITE_PAPERS, _P.READ_LIBRARY})
_BELONG = _ATTEND | {_P.READ_PLANS, _P.READ_SESSIONS}
_OVERSEE = _BELONG | {_P.READ_DRAFTS, _P.READ_RECORDS, _P.READ_PAPERS, _P.READ_APPROVED, _P.READ_FIGURES}
_KEEP = _OVERSEE | {
    _P.EDIT_PLANS,
    _P.MANAGE_SESSIONS,
    _P.MANAGE_ROSTER,
    _P.MANAGE_LIBRARY,
    _P.MAKE_FIGURES,
}

GRANTS: Mapping[Role, frozenset[Permission]] = {
    Role.LEADER: _OVERSEE | {_P.FINAL_GATE, _P.OVERRIDE, _P.DECIDE_LEAVE, _P.DELEGATE, _P.MAKE_FIGURES},
    Role.DEPUTY_LEADER: _OVERSEE | {_P.OVERRIDE},
    Role.STUDY_SECRETARY: _KEEP | {_P.SECOND_REVIEW, _P.OVERRIDE, _P.DELEGATE, _P.KEEP_WORDING},
    Role.OFFICE: _KEEP | {_P.FIRST_REVIEW, _P.DELEGATE},
    # From above one reads what was approved and what was held; unfinished work and private reasons stay in the group.
    Role.SUPERVISOR: frozenset(
        {
            _P.READ_PLANS,
            _P.READ_SESSIONS,
            _P.READ_RECORDS,
            _P.READ_APPROVED,
            _P.READ_LIBRARY,
            _P.READ_FIGURES,
            _P.OBSERVE,
        }
    ),
    Role.MEMBER: _BELONG,
    Role.EXTENDED: _ATTEND,
    Role.OBSERVER: frozenset({_P.READ_LIBRARY}),
}

LEAVE = "leave"  # the kind of a delegation that is for 请假 alone

# What a holder of these roles may hand to somebody else for a time.
DELEGABLE: Mapping[Role, frozenset[Permission]] = {
    Role.LEADER: frozenset({_P.FINAL_GATE, _P.DECIDE_LEAVE}),
    Role.STUDY_SECRETARY: frozenset({_P.SECOND_REVIEW}),
    Role.OFFICE: frozenset({_P.FIRST_REVIEW}),
}


@dataclass(frozen=True)
class Acting:
    """委托: this person acts for `principal_id` in one role of one group; empty `kind` means every kind of paper.

    `only_overdue`: his power over a case begins on the day after it was due at that step.
    """

    group_id: int
    role: Role
    principal_id: int
    principal_name: str
    kind: str
    only_overdue: bool = False

    def covers(self, permission: Permission, kind: str) -> bool:
        """Is it what was delegated? Whether a case is late enough, `Authority.acting_for` asks."""
        if self.only_overdue and permission == Permission.DECIDE_LEAVE:
            return False
        return permission in DELEGABLE.get(self.role, frozenset()) and self.kind in ("", kind)


@dataclass(frozen=True)
class Authority:
    """Everything a person may do on one day."""

    roles: Mapping[int, frozenset[Role]]
    acting: tuple[Acting, ...] = ()
    day: date = date.min

    def groups_with(self, permission: Permission) -> frozenset[int]:
        """Groups in which he holds the permission himself (delegations are asked for by kind, see `acting_for`)."""
        return frozenset(g for g, roles in self.roles.items() if any(permission in GRANTS[r] for r in roles))

    def allows(self, permission: Permission, group_id: int) -> bool:
        return any(permission in GRANTS[role] for role in self.roles.get(group_id, ()))

    @property
    def only_oversees(self) -> bool:
        """A supervisor with no place of his own in any group."""
        return bool(self.roles) and all(roles == {Role.SUPERVISOR} for roles in self.roles.values())

    @property
    def oversees(self) -> bool:
        """Leads, works for or supervises some group, rather than only taking part."""
        return bool(self.groups_with(Permission.READ_RECORDS))

    def acting_for(
        self, permission: Permission, kind: str, group_id: int | None = None, due_on: date | None = None
    ) -> list[Acting]:
        """For whom he may act; 逾期接办 counts only for what was due before this day."""
        late = due_on is not None and due_on < self.day
        return [
            a
            for a in self.acting
            if a.covers(permission, kind)
            and (group_id is None or a.group_id == group_id)
            and (late or not a.only_overdue)
        ]

    def holds(self, permission: Permission) -> bool:
        """Does he hold it anywhere, himself or for somebody?"""
        return bool(self.groups_with(permission)) or any(a.covers(permission, a.kind) for a in self.acting)


NOBODY = Authority(roles={})


def authority_of(user: "User", on: date) -> Authority:
    """Read a person's rows valid on a day: one statement, one more for a supervisor. A disabled account has none."""
    from accounts.models import StudyGroup
    from accounts.models.authority import authority_rows

    if not user.is_active:
        return NOBODY
    roles: dict[int, set[Role]] = defaultdict(set)
    acting = []
    for group_id, role, principal_id, principal_name, kind, only_overdue in authority_rows(user, on):
        if principal_id is None:
            roles[group_id].add(Role(role))
        else:
            acting.append(Acting(group_id, Role(role), principal_id, principal_name, kind, bool(only_overdue)))
    watched = [group_id for group_id, held in roles.items() if Role.SUPERVISOR in held]
    for group_id in StudyGroup.objects.below(watched) if watched else ():
        roles[group_id].add(Role.SUPERVISOR)
    return Authority({g: frozenset(held) for g, held in roles.items()}, tuple(acting), on)


def holds(permission: Permission) -> Rule:
    """The route rule “holds this permission in some group”."""
    return Rule(permission.value, permission.label, lambda user: user.authority.holds(permission))


def holds_any(*permissions: Permission) -> Rule:
    """The route rule “holds one of these permissions in some group”."""
    return Rule(
        "|".join(p.value for p in permissions),
        "或".join(str(p.label) for p in permissions),
        lambda user: any(user.authority.holds(p) for p in permissions),
    )
