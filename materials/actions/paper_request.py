"""布置材料: named people are asked for a paper; asked again, excused, urged; the request is closed when it is over."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.urls import reverse

from accounts.actions.people import require
from accounts.actions.reminder import remind
from accounts.models import Membership, ReminderLine, StudyGroup, User
from accounts.permissions import Permission, Role
from accounts.reminders import DueLine, key_of
from materials.models import PaperRequest, PaperRequestPerson, Submission
from materials.models.paper_kind import kinds_of
from materials.reminders import ASKED, NO_LONGER, asked_text, day_told, due_text, line_of, name_of
from sessions_app.actions.participants import roster_of
from studygroup.lib import audit
from studygroup.lib.clock import local_date
from studygroup.lib.errors import Overtaken, Refused

CHANGED = "这次布置刚刚被别人改过，您的修改还没有保存。请对照后再保存一次。"
MOST_PEOPLE = 400


def may_be_asked(group: StudyGroup, day: date) -> list[Membership]:
    """The roster of a day without 列席 people, in its own order."""
    return [place for place in roster_of(group, day) if place.category in (Role.MEMBER, Role.EXTENDED)]


@transaction.atomic
def ask_for_papers(
    *,
    group: StudyGroup,
    kind: str,
    title: str,
    due_on: date,
    people: Sequence[int],
    by: User,
    at: datetime,
    **facts: Any,
) -> PaperRequest:
    """Ask these people of the roster; each finds it in his reminders of today and on his home page."""
    require(by, Permission.MANAGE_SESSIONS, group.pk)
    row = kinds_of(group.pk).get(kind)
    if row is None:
        raise Refused("这个学习组没有这一类材料，请重新选择类别。")
    if due_on < local_date(at):
        raise Refused("截止日期已经过了，请改到今天或以后。")
    _must_be_of(group, facts.get("session"), facts.get("plan_item"))
    chosen = _in_order(group, people, at)
    request = PaperRequest.objects.create(
        group=group, kind=kind, kind_name=row.label, title=title, due_on=due_on, asked_by=by, asked_at=at, **facts
    )
    PaperRequestPerson.objects.bulk_create(PaperRequestPerson(request=request, person_id=pk) for pk in chosen)
    _tell(request, chosen, asked_text(request), at)
    audit.record(
        "paper_request.ask", target=request, by=by, at=at, group_id=group.pk, due_on=str(due_on), people=chosen
    )
    return request


def _must_be_of(group: StudyGroup, session: Any, plan_item: Any) -> None:
    if session is not None and session.group_id != group.pk:
        raise Refused("所选的学习活动不属于这个学习组。")
    if plan_item is not None and plan_item.plan.group_id != group.pk:
        raise Refused("所选的计划专题不属于这个学习组。")


def _in_order(group: StudyGroup, people: Iterable[int], at: datetime, known: Iterable[int] = ()) -> list[int]:
    """The people chosen in the roster's order, then who was asked before and has left it since."""
    listed = [place.user_id for place in may_be_asked(group, local_date(at))]
    wanted = set(people)
    if wanted - set(listed) - set(known):
        raise Refused("所选人员里有人不在这个学习组现在的名单中，请核对后再保存。")
    if not wanted:
        raise Refused("请至少选一个人。")
    if len(wanted) > MOST_PEOPLE:
        raise Refused(f"一次最多布置给 {MOST_PEOPLE} 人。")
    return [pk for pk in listed if pk in wanted] + sorted(wanted - set(listed))


def _tell(request: PaperRequest, people: Iterable[int], text: str, at: datetime) -> None:
    remind([line_of(request, person, text) for person in people], day=local_date(at), at=at)


@transaction.atomic
def change_request(
    *,
    request: PaperRequest,
    seen_version: int,
    changes: Mapping[str, Any],
    people: Sequence[int],
    by: User,
    at: datetime,
) -> None:
    """Change words, date and people. Who comes in, who goes, and a moved date are told to those concerned."""
    require(by, Permission.MANAGE_SESSIONS, request.group_id)
    stored = PaperRequest.objects.select_for_update(of=("self",)).select_related("group").get(pk=request.pk)
    if stored.version != seen_version:
        raise Overtaken(CHANGED, _as_it_stands(stored))
    if stored.is_closed:
        raise Refused("这次布置已经结束，不能再改。确要修改，请先重新打开。")
    due_on = changes.get("due_on", stored.due_on)
    if due_on != stored.due_on and due_on < local_date(at):
        raise Refused("截止日期已经过了，请改到今天或以后。")
    asked = list(stored.people.values_list("person", flat=True))
    chosen = _in_order(stored.group, people, at, known=asked)
    came, went = [pk for pk in chosen if pk not in asked], sorted(set(asked) - set(chosen))
    _let_go(stored, went, at)
    moved = due_on != stored.due_on
    PaperRequest.objects.filter(pk=stored.pk).update(**changes, version=seen_version + 1)
    PaperRequestPerson.objects.bulk_create(PaperRequestPerson(request=stored, person_id=pk) for pk in came)
    stored.refresh_from_db()
    _tell(stored, came, asked_text(stored), at)
    if moved:
        owing = PaperRequestPerson.objects.owing().filter(request=stored).exclude(person__in=came)
        text = f"{name_of(stored)}的截止日期改为{day_told(stored.due_on)}。"
        _tell(stored, owing.values_list("person", flat=True), text, at)
    audit.record(
        "paper_request.change",
        target=stored,
        by=by,
        at=at,
        group_id=stored.group_id,
        values={name: str(value)[:200] for name, value in changes.items()},
        came=came,
        went=went,
    )


def _as_it_stands(request: PaperRequest) -> dict[str, str]:
    names = request.people.order_by("pk").values_list("person__name", flat=True)
    return {
        "现在的题目": request.title,
        "现在的截止日期": str(request.due_on),
        "现在的要求": request.note or "（没有写）",
        "现在的人员": "、".join(names),
    }


def _let_go(request: PaperRequest, people: Sequence[int], at: datetime) -> None:
    """Take people out, and tell those who had not handed in that nothing is left to do."""
    rows = request.people.filter(person__in=people)
    if names := "、".join(rows.answered().values_list("person__name", flat=True)):
        raise Refused(f"{names}已经交了，不能去掉。")
    text, key = f"{name_of(request)}不用再交了。", key_of(NO_LONGER, request.pk)
    page = reverse("my_reminders")
    notices = [DueLine(person, request.group_id, key, text, page) for person in people]
    rows.delete()
    remind(notices, day=local_date(at), at=at)


@transaction.atomic
def excuse(*, asked: PaperRequestPerson, reason: str, by: User, at: datetime) -> None:
    """免交: with a reason; he is in no share any more."""
    request = asked.request
    require(by, Permission.MANAGE_SESSIONS, request.group_id)
    if not reason.strip():
        raise Refused("免交请写明原因，例如“在县党校脱产学习”。")
    if PaperRequestPerson.objects.filter(pk=asked.pk).answered().exists():
        raise Refused("他已经交了，不用免交。")
    rows = PaperRequestPerson.objects.filter(pk=asked.pk, excused_at=None, request__closed_at=None)
    if not rows.update(excused_at=at, excused_by=by, excused_reason=reason.strip()):
        raise Overtaken("这次布置刚刚有变化：已经免交，或者已经结束。请看最新内容。")
    audit.record(
        "paper_request.excuse",
        target=request,
        by=by,
        at=at,
        group_id=request.group_id,
        person=asked.person_id,
        reason=reason.strip(),
    )


@transaction.atomic
def take_back_excuse(*, asked: PaperRequestPerson, by: User, at: datetime) -> None:
    """He is to hand it in after all."""
    request = asked.request
    require(by, Permission.MANAGE_SESSIONS, request.group_id)
    rows = PaperRequestPerson.objects.filter(pk=asked.pk, excused_at__isnull=False, request__closed_at=None)
    if not rows.update(excused_at=None, excused_by=None, excused_reason=""):
        raise Overtaken("这次布置刚刚有变化：已经取消免交，或者已经结束。请看最新内容。")
    audit.record(
        "paper_request.take_back_excuse",
        target=request,
        by=by,
        at=at,
        group_id=request.group_id,
        person=asked.person_id,
    )


@transaction.atomic
def close_request(*, request: PaperRequest, by: User, at: datetime) -> None:
    """结束: nobody is reminded any more, and the year's share counts it."""
    _switch(request, {"closed_at__isnull": True}, at, "close", by, at)


@transaction.atomic
def reopen_request(*, request: PaperRequest, by: User, at: datetime) -> None:
    _switch(request, {"closed_at__isnull": False}, None, "reopen", by, at)


def _switch(
    request: PaperRequest, only: Mapping[str, bool], closed_at: datetime | None, verb: str, by: User, at: datetime
) -> None:
    require(by, Permission.MANAGE_SESSIONS, request.group_id)
    rows = PaperRequest.objects.filter(pk=request.pk, **only)
    if not rows.update(closed_at=closed_at, version=F("version") + 1):
        raise Overtaken("这次布置刚刚已经有人办理过了，请看最新内容。")
    audit.record(f"paper_request.{verb}", target=request, by=by, at=at, group_id=request.group_id)


@transaction.atomic
def discard_request(*, request: PaperRequest, by: User, at: datetime) -> None:
    """Take back what was asked by mistake, while nobody has handed in. Drafts stay their authors' own."""
    require(by, Permission.MANAGE_SESSIONS, request.group_id)
    stored = PaperRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
    if stored.people.answered().exists() or stored.submissions.filter(received_at__isnull=False).exists():
        raise Refused("已经有人交了，不能删除。不再需要时可以结束。")
    people = list(stored.people.filter(excused_at=None).values_list("person", flat=True))
    audit.record(
        "paper_request.discard",
        target=stored,
        by=by,
        at=at,
        group_id=stored.group_id,
        title=stored.title,
        people=people,
    )
    Submission.objects.filter(request=stored).update(request=None)
    _let_go(stored, people, at)
    stored.delete()


@transaction.atomic
def urge(*, asked: Sequence[PaperRequestPerson], by: User, at: datetime) -> int:
    """催一次: a line in today's digest of each who still owes; returns how many. Nobody is urged twice a day."""
    for group in {row.request.group_id for row in asked}:
        require(by, Permission.MANAGE_SESSIONS, group)
    today = local_date(at)
    # The second of two who press at once waits here, and finds everybody urged.
    list(PaperRequest.objects.select_for_update().filter(pk__in={row.request_id for row in asked}).order_by("pk"))
    owing = PaperRequestPerson.objects.owing().on_roster(today).filter(pk__in=[row.pk for row in asked])
    rows = list(owing.select_related("request").order_by("pk"))
    keys = {key_of(ASKED, row.request_id) for row in rows}
    done = set(
        ReminderLine.objects.filter(is_urged=True, reminder__day=today, key__in=keys).values_list(
            "reminder__person", "key"
        )
    )
    rows = [row for row in rows if (row.person_id, key_of(ASKED, row.request_id)) not in done]
    lines = [line_of(row.request, row.person_id, due_text(row.request, today)) for row in rows]
    remind(lines, day=today, at=at, is_urged=True)
    for request in {row.request_id: row.request for row in rows}.values():
        people = [row.person_id for row in rows if row.request_id == request.pk]
        audit.record("paper_request.urge", target=request, by=by, at=at, group_id=request.group_id, people=people)
    return len(rows)
