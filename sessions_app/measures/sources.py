"""What this floor registers: sessions of a kind, 出勤率, 报备, approvals and notices. Each reader is one statement."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Any

from django.db.models import Count, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse

from accounts.models import Membership
from accounts.permissions import Role
from reviews.chain import State
from reviews.models import ReviewEntry
from sessions_app.measures.counting import ANY_SESSION, Met, Place, judge_sessions
from sessions_app.measures.deadlines import (
    Filed,
    Sheet,
    Talk,
    Visit,
    judge_filing,
    judge_lectures,
    judge_rate,
    judge_visits,
)
from sessions_app.measures.registry import Measure, register
from sessions_app.models import Filing, Lecture, Observation, StudySession
from sessions_app.models.attendance import ATTENDED
from sessions_app.models.observation import ObservationState
from sessions_app.models.rule import RulePeriod
from sessions_app.models.session import HELD, SessionState
from studygroup.lib.clock import local_date, year_bounds

BY_PERIOD = (RulePeriod.MONTH, RulePeriod.QUARTER, RulePeriod.HALF, RulePeriod.YEAR)
ONCE_A_YEAR = (RulePeriod.YEAR,)


def sessions(group_ids: Sequence[int], year: int) -> dict[int, list[Met]]:
    """Sessions of the year with their kinds."""
    kinds: dict[int, set[str]] = defaultdict(set)
    rows = {}
    for pk, group, starts_at, state, slug in (
        StudySession.objects.filter(group__in=group_ids)
        .in_year(year)
        .order_by("starts_at", "pk")
        .values_list("pk", "group_id", "starts_at", "state", "kinds__slug")
    ):
        rows[pk] = (group, starts_at, state)
        kinds[pk].update({slug} if slug else ())
    found = defaultdict(list)
    for pk, (group, starts_at, state) in rows.items():
        called = state == SessionState.CALLED
        found[group].append(Met(pk, local_date(starts_at), frozenset(kinds[pk]), state in HELD, called))
    return found


def sheets(group_ids: Sequence[int], year: int) -> dict[int, list[Sheet]]:
    """应到 and 实到 of every held session that has a register; 列席 people are in neither."""
    counted = Q(attendances__is_counted=True)
    rows = (
        StudySession.objects.filter(group__in=group_ids)
        .in_year(year)
        .held()
        .order_by()
        .values("pk", "group_id", "starts_at")
        .annotate(
            expected=Count("attendances", filter=counted),
            present=Count("attendances", filter=counted & Q(attendances__status__in=ATTENDED)),
        )
    )
    found = defaultdict(list)
    for row in rows:
        found[row["group_id"]].append(Sheet(local_date(row["starts_at"]), row["expected"], row["present"]))
    return found


def roster(group_ids: Sequence[int], year: int) -> dict[int, list[Place]]:
    """成员 of any day of the year, in the roster's order."""
    rows = (
        Membership.objects.filter(
            Q(ends_on=None) | Q(ends_on__gte=date(year, 1, 1)),
            group__in=group_ids,
            category=Role.MEMBER,
            starts_on__lte=date(year, 12, 31),
        )
        .order_by("position", "pk")
        .values_list("group_id", "user_id", "user__name", "starts_on", "ends_on")
    )
    found = defaultdict(list)
    for group, person, name, first, last in rows:
        found[group].append(Place(person, name, first, last))
    return found


def filings(group_ids: Sequence[int], year: int) -> dict[int, list[Filed]]:
    rows = Filing.objects.filter(group__in=group_ids, year__in=(year - 1, year)).order_by("filed_on")
    found = defaultdict(list)
    for group, subject, of_year, day in rows.values_list("group_id", "subject", "year", "filed_on"):
        found[group].append(Filed(subject, of_year, day))
    return found


def talks(group_ids: Sequence[int], year: int) -> dict[int, list[Talk]]:
    """Lectures this group organises or approves. A draft nobody handed in before its day is no lecture."""
    first, after = year_bounds(year)
    rows = Lecture.objects.filter(
        Q(organizer__in=group_ids) | Q(review__group__in=group_ids), starts_at__gte=first, starts_at__lt=after
    )
    passed = ReviewEntry.objects.approvals().filter(case=OuterRef("review"))
    since = Coalesce(Subquery(passed.order_by("-pk").values("at")[:1]), "review__state_since")
    found = defaultdict(list)
    for pk, title, starts_at, organizer, approver, state, passed_at in rows.values_list(
        "pk", "title", "starts_at", "organizer_id", "review__group_id", "review__state", since
    ):
        if state == State.DRAFT:
            continue
        approved = local_date(passed_at) if state == State.APPROVED else None
        for group in {organizer, approver} & set(group_ids):
            found[group].append(Talk(pk, title, local_date(starts_at), approved, state == State.RETURNED))
    return found


def visits(group_ids: Sequence[int], year: int) -> dict[int, list[Visit]]:
    """Visits by the group whose supervisor arranged them: the notice is its affair, not that of the group observed.
    What was put in late was told late."""
    rows = Observation.objects.filter(
        planned_on__year=year,
        planned_by__appointments__role=Role.SUPERVISOR,
        planned_by__appointments__group__in=group_ids,
        group__organization__path__startswith=F("planned_by__appointments__group__organization__path"),
    ).exclude(state=ObservationState.CANCELLED)
    facts = ("planned_by__appointments__group", "pk", "planned_on", "notified_on", "announced_at")
    found = defaultdict(list)
    for group, _, day, notified, announced in rows.order_by("planned_on", "pk").values_list(*facts).distinct():
        found[group].append(Visit(day, max(notified, local_date(announced))))
    return found


@cache
def kind_measure(slug: str, label: str) -> Measure:
    """The measure of a 学习形式: how many held sessions of it."""

    def page(group: int, year: int) -> str:
        return f"{reverse('session_list')}?group={group}&year={year}&kind={slug}"

    return Measure(slug, label, "次", (sessions,), judge_sessions, BY_PERIOD, draft_kind=slug, page=page)


def _list_of(route: str) -> Any:
    return lambda group, year: f"{reverse(route)}?group={group}&year={year}"


def register_all() -> None:
    register(
        Measure(
            ANY_SESSION,
            "集中学习（各种形式）",
            "次",
            (sessions,),
            judge_sessions,
            BY_PERIOD,
            draft_kind="concentrated_study",
            page=_list_of("session_list"),
        )
    )
    register(
        Measure(
            "attendance_rate",
            "出勤率",
            "%",
            (sheets,),
            judge_rate,
            BY_PERIOD,
            asks="{period}不低于 {n}%",
            maximum=100,
        )
    )
    for slug, label in (
        ("plan_filed", "年度学习计划报备"),
        ("roster_filed", "学习组名单报备"),
        ("year_report_filed", "年度学习情况报告报备"),
    ):
        register(Measure(slug, label, "次", (filings,), judge_filing, ONCE_A_YEAR, dated=True, maximum=1))
    register(
        Measure(
            "lecture_lead_days",
            "报告会审批",
            "天",
            (talks,),
            judge_lectures,
            ONCE_A_YEAR,
            of_events=True,
            asks="举办前至少 {n} 天审批通过",
            maximum=60,
            page=_list_of("lecture_list"),
        )
    )
    register(
        Measure(
            "observation_notice_days",
            "列席旁听通知",
            "个工作日",
            (visits,),
            judge_visits,
            ONCE_A_YEAR,
            of_events=True,
            asks="提前至少 {n} 个工作日通知",
            maximum=30,
        )
    )
