"""列席旁听: the level above plans a visit, feeds back by a checklist, and follows each problem until it is closed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from accounts.actions.people import require
from accounts.models import StudyGroup, User
from accounts.permissions import Permission
from sessions_app.models import Observation, ObservationProblem, StudySession
from sessions_app.models.observation import ObservationState
from studygroup.lib import audit
from studygroup.lib.clock import local_date
from studygroup.lib.errors import NotAllowed, Overtaken, Refused


@dataclass(frozen=True)
class Problem:
    """A problem as the observer writes it down."""

    text: str
    owner: str
    due_on: date


@transaction.atomic
def plan_observation(
    *, group: StudyGroup, session: StudySession | None, by: User, at: datetime, **facts: Any
) -> Observation:
    """安排旁听. A short notice is flagged on its page, never refused."""
    require(by, Permission.OBSERVE, group.pk)
    _check_visit(group.pk, session, facts["planned_on"], facts["notified_on"])
    visit = Observation.objects.create(group=group, session=session, planned_by=by, announced_at=at, **facts)
    audit.record("observation.plan", target=visit, by=by, at=at, group_id=group.pk, planned_on=str(visit.planned_on))
    return visit


@transaction.atomic
def change_observation(
    *,
    observation: Observation,
    session: StudySession | None,
    seen_version: int | None,
    by: User,
    at: datetime,
    **facts: Any,
) -> None:
    """Change a visit that has not been fed back."""
    require(by, Permission.OBSERVE, observation.group_id)
    _check_visit(observation.group_id, session, facts["planned_on"], facts["notified_on"])
    if facts["planned_on"] != observation.planned_on:
        facts["announced_at"] = at  # another day is told anew
    _swap(observation, seen_version, session=session, **facts)
    audit.record("observation.change", target=observation, by=by, at=at, group_id=observation.group_id)


def _check_visit(group: int, session: StudySession | None, planned_on: date, notified_on: date) -> None:
    if session is not None and session.group_id != group:
        raise Refused("所选的学习活动不属于这个学习组。")
    if notified_on > planned_on:
        raise Refused("通知日期不能晚于旁听日期。")


@transaction.atomic
def cancel_observation(*, observation: Observation, seen_version: int | None, by: User, at: datetime) -> None:
    require(by, Permission.OBSERVE, observation.group_id)
    _swap(observation, seen_version, state=ObservationState.CANCELLED)
    audit.record("observation.cancel", target=observation, by=by, at=at, group_id=observation.group_id)


@transaction.atomic
def write_feedback(
    *,
    observation: Observation,
    seen_version: int | None,
    checklist: Sequence[Mapping[str, str]],
    problems: Sequence[Problem],
    send: bool,
    by: User,
    at: datetime,
    **words: str,
) -> None:
    """Keep the feedback as a draft, or `send` it: from then on the observed group sees it and nobody changes it."""
    require(by, Permission.OBSERVE, observation.group_id)
    if send:
        _check_complete(observation, checklist, words, at)
    changes: dict[str, Any] = {"checklist": list(checklist), **words}
    if send:
        changes |= {"state": ObservationState.FED_BACK, "fed_back_at": at}
    _swap(observation, seen_version, **changes)
    observation.problems.all().delete()
    ObservationProblem.objects.bulk_create(
        ObservationProblem(
            observation=observation, number=number, text=problem.text, owner=problem.owner, due_on=problem.due_on
        )
        for number, problem in enumerate(problems, start=1)
    )
    if send:
        audit.record(
            "observation.feed_back",
            target=observation,
            by=by,
            at=at,
            group_id=observation.group_id,
            problems=[problem.text[:200] for problem in problems],
        )


def _check_complete(
    observation: Observation, checklist: Sequence[Mapping[str, str]], words: Mapping[str, str], at: datetime
) -> None:
    if observation.planned_on > local_date(at):
        raise Refused("旁听的日子还没有到，可以先存着，旁听后再发出。")
    if not observation.is_over(at):
        raise Refused("学习还没有结束，可以先存着，结束后再发出。")
    if open_items := [line["item"] for line in checklist if not line["result"]]:
        raise Refused(f"逐项检查还有没选的：{'、'.join(open_items)}。不涉及的请选“不适用”。")
    if unsaid := [line["item"] for line in checklist if line["result"] == "bad" and not line["remark"].strip()]:
        raise Refused(f"不符合的请写说明：{'、'.join(unsaid)}。")
    if not words.get("overall", "").strip():
        raise Refused("请写总体评价后再发出。")


@transaction.atomic
def report_measure(
    *, problem: ObservationProblem, measure: str, seen_version: int | None, by: User, at: datetime
) -> None:
    """整改情况: told by the observed group, until the problem is closed. The observer does not write it."""
    group = problem.observation.group_id
    if by.authority.allows(Permission.OBSERVE, group):
        raise NotAllowed("整改情况由被旁听的学习组填写。")
    if not by.authority.allows(Permission.MANAGE_SESSIONS, group):
        require(by, Permission.DECIDE_LEAVE, group)  # the 组长 may answer himself
    if not measure.strip():
        raise Refused("请写明做了什么、办到什么程度。")
    _swap_problem(problem, seen_version, measure=measure, reported_at=at, reported_by=by, answer="")
    audit.record("observation.report", target=problem, by=by, at=at, group_id=group, measure=measure[:200])


@transaction.atomic
def close_problem(*, problem: ObservationProblem, seen_version: int | None, by: User, at: datetime) -> None:
    """销号 by the observer, once it is told what was done."""
    group = problem.observation.group_id
    require(by, Permission.OBSERVE, group)
    if not problem.reported_at:
        raise Refused("被旁听单位还没有报告整改情况，不能销号。")
    _swap_problem(problem, seen_version, closed_on=local_date(at), closed_by=by)
    audit.record("observation.close", target=problem, by=by, at=at, group_id=group)


@transaction.atomic
def return_problem(
    *, problem: ObservationProblem, answer: str, seen_version: int | None, by: User, at: datetime
) -> None:
    """退回继续整改: what was told is not enough yet; the sentence says why."""
    group = problem.observation.group_id
    require(by, Permission.OBSERVE, group)
    if not problem.reported_at:
        raise Refused("被旁听单位还没有报告整改情况。")
    if not answer.strip():
        raise Refused("请写明还差什么，对方才知道怎么改。")
    _swap_problem(problem, seen_version, reported_at=None, answer=answer)
    audit.record("observation.return", target=problem, by=by, at=at, group_id=group, answer=answer)


def _swap(observation: Observation, seen_version: int | None, **changes: Any) -> None:
    """Only while it is planned, and only as it was seen."""
    rows = Observation.objects.filter(pk=observation.pk, state=ObservationState.PLANNED, version=seen_version)
    if not rows.update(**changes, version=F("version") + 1):
        raise Overtaken("这次旁听刚刚被别人修改、取消，或者已经反馈，您的内容没有保存。请看最新内容后再办。")
    observation.refresh_from_db()


def _swap_problem(problem: ObservationProblem, seen_version: int | None, **changes: Any) -> None:
    rows = ObservationProblem.objects.filter(pk=problem.pk, closed_on=None, version=seen_version)
    if not rows.update(**changes, version=F("version") + 1):
        now = ObservationProblem.objects.filter(pk=problem.pk).values_list("measure", flat=True).first() or ""
        raise Overtaken(
            "这个问题刚刚有变化，或者已经销号，您的操作没有生效。请看最新内容后再办。",
            {"现在的整改情况": now} if now else None,
        )
