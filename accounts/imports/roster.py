"""名单 from a sheet: people of the group with title and category; newcomers get an account nobody can use yet."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Q
from django.urls import reverse
from pypinyin import lazy_pinyin

from accounts.actions.people import change_membership, enrol
from accounts.models import Membership, StudyGroup, User
from accounts.models.authority import MEMBERSHIP_CATEGORIES
from accounts.permissions import Permission, Role
from accounts.sheets.description import (
    CHANGED,
    NEW,
    SAME,
    Description,
    Doubtful,
    Field,
    Option,
    Problem,
    SheetRow,
    Wrong,
    short,
)
from accounts.sheets.parsers import Names, day_of, flat, labelled, whole
from accounts.sheets.trace import Trace
from studygroup.lib import audit

PERSON = re.compile(r"[\u4e00-\u9fff\u3400-\u4dbf·A-Za-z. ]{2,30}")
CATEGORIES: dict[str, tuple[str, ...]] = {
    Role.MEMBER: ("成员", "正式成员", "班子成员", "党委委员", "中心组成员", "组员", "组长", "副组长", "学习秘书"),
    Role.EXTENDED: ("扩大", "扩大人员", "扩大成员", "扩大参学人员", "参学人员"),
    Role.OBSERVER: ("列席", "列席人员", "旁听", "列席旁听"),
}
_category = labelled([(value, word) for value, words in CATEGORIES.items() for word in words])
FIELDS_CHANGED = ("title", "category", "department", "position")


@dataclass
class KnownRoster:
    """Who is on the roster, who is known to the group, and which user names are taken."""

    group: StudyGroup
    options: Mapping[str, Any]
    listed: Names[Membership]
    people: Names[User]
    usernames: set[str]
    last_position: int


def _name(text: str, known: Any) -> Any:
    said = flat(text)
    bare = re.sub(r"[（(].*?[)）]", "", said).strip("* ")
    name = re.sub(r"(?<=[\u4e00-\u9fff]) +(?=[\u4e00-\u9fff])", "", bare)
    if not PERSON.fullmatch(name):
        raise Wrong(f"“{said}”不像一个姓名。一格只填一位同志的姓名。")
    return Doubtful(name, f"括号里的内容没有导入，按“{name}”导入。") if bare != said else name


def _phone(text: str, known: Any) -> str:
    said = re.sub(r"[\s\-]", "", flat(text))
    if not re.fullmatch(r"\+?\d{5,15}", said):
        raise Wrong(f"“{flat(text)}”不是电话号码，请只填数字。")
    return said


def _since(text: str, known: KnownRoster) -> Any:
    return day_of(text, date.fromisoformat(known.options["starts_on"]).year if known.options.get("starts_on") else None)


def _position(text: str, known: Any) -> int:
    return whole(text, least=0, most=30_000)


class RosterImport(Description):
    slug = "roster"
    label = "名单"
    position = 1
    permission = Permission.MANAGE_ROSTER
    note = "学习组的成员、扩大人员和列席人员。已在名单里的更新职务等；新来的同志会建好账号，设好初始密码以后才能登录。"
    ignored = {
        "性别": "名单不登记",
        "民族": "名单不登记",
        "出生年月": "名单不登记",
        "身份证号": "名单不登记身份证号",
        "学历": "名单不登记",
        "备注": "名单没有备注一栏",
    }

    def options(self, today: date) -> Sequence[Option]:
        return (
            Option("starts_on", "没有写从何时起的，按", initial=str(today), required=True, is_date=True),
            Option(
                "category",
                "没有写类别的，按",
                tuple((str(value), str(label)) for value, label in MEMBERSHIP_CATEGORIES),
                Role.MEMBER.value,
            ),
        )

    def fields(self, options: Mapping[str, Any]) -> Sequence[Field]:
        return (
            Field("position", "排序", ("序号", "次序", "编号", "顺序"), _position, example="1"),
            Field("name", "姓名", ("名字", "人员", "成员姓名", "同志"), _name, True, example="张三"),
            Field(
                "title",
                "职务",
                ("现任职务", "党政职务", "职务职级", "任职", "单位及职务", "工作单位及职务", "现任职务名称"),
                short(80),
                example="党委副书记、镇长",
            ),
            Field(
                "category",
                "类别",
                ("人员类别", "成员类别", "身份", "参学类别", "组内职务", "中心组职务"),
                _category,
                example="成员",
            ),
            Field(
                "department",
                "工作区、部门",
                ("部门", "单位", "工作单位", "所在部门", "工作区", "所在单位", "科室"),
                short(60),
                example="党政办",
            ),
            Field(
                "phone", "手机号", ("手机", "电话", "联系电话", "手机号码", "联系方式"), _phone, example="13800000000"
            ),
            Field(
                "starts_on",
                "从何时起",
                ("开始日期", "任职时间", "起始日期", "加入时间", "任职日期", "到任时间"),
                _since,
                example="2020-01-01",
            ),
        )

    def load(self, group: StudyGroup, options: Mapping[str, Any]) -> KnownRoster:
        rows = list(Membership.objects.filter(group=group).select_related("user").order_by("position", "pk"))
        listed = Names((row.user.name, row) for row in rows if row.ends_on is None)
        here = Q(memberships__group=group) | Q(appointments__group=group)
        people = Names((user.name, user) for user in User.objects.filter(here).distinct())
        taken = {name.lower() for name in User.objects.values_list("username", flat=True)}
        last = max((row.position for row in rows if row.ends_on is None), default=0)
        return KnownRoster(group, options, listed, people, taken, last)

    def missing_columns(self, mapped: set[str]) -> list[str]:
        return [] if "name" in mapped else ["姓名"]

    def check(self, known: KnownRoster, rows: Sequence[SheetRow], headings: Mapping[str, str]) -> list[Problem]:
        seen: dict[tuple[str, str], SheetRow] = {}
        has_positions = any("position" in row.cells for row in rows[:1])
        for number, row in enumerate((row for row in rows if row.value("name")), start=1):
            key = (row.value("name"), row.value("phone"))
            if key in seen:
                row.blame("name", "error", f"与第 {seen[key].name}是同一个人，请去掉一行；如是同名，请填手机号区分。")
            seen.setdefault(key, row)
            self._match(known, row)
            usual = known.last_position + number if not has_positions else known.last_position + 1
            row.facts["position"] = row.value("position", usual)
        return []

    def _match(self, known: KnownRoster, row: SheetRow) -> None:
        """Whoever is on the roster by that name; of two of one name the one with that phone."""
        name, phone = row.value("name"), row.value("phone")
        listed = list(known.listed.find(name))
        if len(listed) > 1:
            listed = [m for m in listed if phone and m.user.phone == phone]
            if len(listed) != 1:
                row.blame("name", "error", f"名单里有几位“{name}”，请填手机号，写明是哪一位。")
                return
        if listed:
            row.target = listed[0]
            row.state = CHANGED if _differs(row) else SAME
            return
        row.state = NEW
        accounts = [user for user in known.people.find(name) if not phone or user.phone in ("", phone)]
        if len(accounts) == 1:
            row.facts["user"] = accounts[0]
            row.blame("name", "warning", f"本组已有“{name}”的账号（{accounts[0].username}），用这个账号加入名单。")
        elif accounts:
            row.blame("name", "error", f"本组有几个“{name}”的账号，请填手机号，或在名单页上逐个加入。")

    def write(self, known: KnownRoster, rows: Sequence[SheetRow], *, trace: Trace, by: User, at: datetime) -> None:
        for row in rows:
            if row.state == NEW:
                self._enrol(known, row, trace, by, at)
            elif row.state == CHANGED:
                _change(row, trace, by, at)

    def _enrol(self, known: KnownRoster, row: SheetRow, trace: Trace, by: User, at: datetime) -> None:
        user = row.facts.get("user")
        if user is None:
            username = _free_username(row.value("name"), known.usernames)
            user = User.objects.create_user(
                username,
                None,
                name=row.value("name"),
                phone=row.value("phone"),
                must_change_password=True,
                date_joined=at,
            )
            trace.made(user)
            audit.record("user.create", target=user, by=by, at=at, group_id=known.group.pk, username=username)
        elif row.value("phone") and not user.phone:
            trace.before(user)
            User.objects.filter(pk=user.pk).update(phone=row.value("phone"))
        trace.made(
            enrol(
                group=known.group,
                user=user,
                category=row.value("category") or known.options["category"],
                title=row.value("title"),
                department=row.value("department"),
                position=row.facts["position"],
                starts_on=row.value("starts_on", None) or date.fromisoformat(known.options["starts_on"]),
                by=by,
                at=at,
            )
        )

    def result_address(self, group: StudyGroup, options: Mapping[str, Any]) -> str:
        return f"{reverse('roster')}?group={group.pk}"


def _differs(row: SheetRow) -> bool:
    found = False
    membership: Membership = row.target
    for name, cell in row.cells.items():
        if cell.value in (None, "") or name in ("name", "starts_on"):
            continue
        was = membership.user.phone if name == "phone" else getattr(membership, name)
        if was != cell.value:
            shown = membership.get_category_display() if name == "category" else was
            cell.was, found = str(shown or "（空）"), True
    starts = row.value("starts_on", None)
    if starts and starts != membership.starts_on:
        row.blame(
            "starts_on", "warning", f"名单里是 {membership.starts_on}，不改。职务变动如需分段登记，请在名单页上办。"
        )
    return found


def _change(row: SheetRow, trace: Trace, by: User, at: datetime) -> None:
    membership: Membership = row.target
    trace.before(membership, membership.user)
    told = {name: row.value(name) for name in FIELDS_CHANGED if row.value(name, None) is not None}
    changes = {name: value for name, value in told.items() if getattr(membership, name) != value}
    if changes:
        change_membership(membership=membership, seen_version=membership.version, by=by, at=at, **changes)
    phone = row.value("phone")
    if phone and phone != membership.user.phone:
        User.objects.filter(pk=membership.user_id).update(phone=phone)
        audit.record("user.change", target=membership.user, by=by, at=at, group_id=membership.group_id, phone=phone)


def _free_username(name: str, taken: set[str]) -> str:
    """张三 is zhangsan, the next one zhangsan2."""
    base = re.sub(r"[^a-z0-9]", "", "".join(lazy_pinyin(name)).lower())[:50] or "user"
    number, username = 1, base
    while username in taken:
        number += 1
        username = f"{base}{number}"
    taken.add(username)
    return username
