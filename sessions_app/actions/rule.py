"""学习要求: what a group asks of itself, from which year on; and a session drafted because a light asks for it."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts.actions.people import require
from accounts.actions.records import ChangedMeanwhile, shown
from accounts.models import StudyGroup, User
from accounts.permissions import Permission
from sessions_app.actions.session import create_session, draft_from_item, proposal_of
from sessions_app.measures.periods import Span, sensible_day, spoken
from sessions_app.measures.standards import rows_for
from sessions_app.models import PlanItem, SessionKind, StudyRule, StudySession
from sessions_app.models.session import SessionState
from studygroup.lib import audit
from studygroup.lib.clock import local_date, start_of_day
from studygroup.lib.errors import Refused

CHANGEABLE = ("minimum", "due_month", "due_day", "is_active", "basis")


def ensure_rules(group: StudyGroup) -> None:
    """Give a group the shipped rules as rows of its own; a group that has rows already keeps them."""
    if not StudyRule.objects.filter(group=group).exists():
        StudyRule.objects.bulk_create(rows_for(group.pk), ignore_conflicts=True)


def rule_in(group: StudyGroup, measure: str, period: str, year: int) -> StudyRule | None:
    """The row that holds in a year."""
    rows = StudyRule.objects.filter(group=group, measure=measure, period=period, from_year__lte=year)
    return rows.order_by("-from_year").first()


@transaction.atomic
def change_rule(
    *,
    group: StudyGroup,
    measure: str,
    period: str,
    year: int,
    seen_version: int,
    changes: Mapping[str, Any],
    by: User,
    at: datetime,
) -> StudyRule:
    """Change what holds from `year` on; earlier years keep what held in them. Overtaken for the second of two."""
    require(by, Permission.EDIT_PLANS, group.pk)
    StudyGroup.objects.select_for_update().get(pk=group.pk)  # one change of a group's rules at a time
    ensure_rules(group)
    rule = rule_in(group, measure, period, year)
    if rule is None:
        raise Refused("这一年没有这项要求，请先新增。")
    if rule.version != seen_version:
        raise _overtaken(rule, changes)
    for name in CHANGEABLE:
        setattr(rule, name, changes.get(name, getattr(rule, name)))
    if rule.from_year < year:  # a new row beside the old one, which stays for its years
        rule.pk, rule._state.adding, rule.from_year = None, True, year
    rule.version = seen_version + 1
    _check(rule)
    _store(rule, seen_version, changes)
    told = {name: shown(rule, name)[:200] for name in changes}
    detail: dict[str, Any] = {"measure": measure, "period": period, "from_year": year, "values": told}
    audit.record("study_rule.change", target=rule, by=by, at=at, group_id=group.pk, **detail)
    return rule


def _store(rule: StudyRule, seen_version: int, changes: Mapping[str, Any]) -> None:
    if rule.pk is None:
        try:
            with transaction.atomic():
                rule.save(force_insert=True)
        except IntegrityError as error:
            there = rule_in(rule.group, rule.measure, rule.period, rule.from_year)
            raise _overtaken(there, changes) from error
        return
    values = {name: getattr(rule, name) for name in CHANGEABLE}
    rows = StudyRule.objects.filter(pk=rule.pk, version=seen_version)
    if not rows.update(**values, version=seen_version + 1):
        raise _overtaken(StudyRule.objects.get(pk=rule.pk), changes)


def _overtaken(rule: StudyRule | None, changes: Mapping[str, Any]) -> ChangedMeanwhile:
    message = "别人刚刚改过这项要求，您的修改还没有保存。请对照“现在的内容”，需要以您的为准时再点一次“保存”。"
    if rule is None:
        return ChangedMeanwhile(message)
    now = {
        str(StudyRule._meta.get_field(name).verbose_name): shown(rule, name)
        for name, value in changes.items()
        if getattr(rule, name) != value
    }
    return ChangedMeanwhile(message, now, rule.version)


@transaction.atomic
def add_rule(
    *, group: StudyGroup, measure: str, period: str, year: int, by: User, at: datetime, **values: Any
) -> StudyRule:
    """Ask for something more from `year` on. Refused while the same is asked already, even if switched off."""
    require(by, Permission.EDIT_PLANS, group.pk)
    StudyGroup.objects.select_for_update().get(pk=group.pk)
    ensure_rules(group)
    if there := rule_in(group, measure, period, year):
        if there.is_active:
            raise Refused("已经有同样内容、同样周期的要求，请直接修改它的标准。")
        raise Refused("已经有同样内容、同样周期的要求，只是停用了。请在列表里点“启用”。")
    rule = StudyRule(group=group, measure=measure, period=period, from_year=year, **values)
    _check(rule)
    try:
        with transaction.atomic():
            rule.save(force_insert=True)
    except IntegrityError as error:
        raise Refused("别人刚刚新增了同样的要求，请看最新的列表。") from error
    detail: dict[str, Any] = {"measure": measure, "period": period, "from_year": year, "minimum": rule.minimum}
    audit.record("study_rule.add", target=rule, by=by, at=at, group_id=group.pk, **detail)
    return rule


def _check(rule: StudyRule) -> None:
    try:
        rule.full_clean(validate_unique=False, validate_constraints=False)
        rule.validate_constraints(exclude={"group", "measure", "period", "from_year"})
    except ValidationError as error:
        raise Refused("；".join(error.messages)) from error


@transaction.atomic
def draft_for_light(
    *, group: StudyGroup, kind: SessionKind, span: Span, by: User, at: datetime
) -> tuple[StudySession, bool]:
    """起草一次: a draft of the kind on a working day before the period closes, made from the plan's row for it where
    there is one. Pressed twice, the draft already there is returned (False)."""
    require(by, Permission.MANAGE_SESSIONS, group.pk)
    StudyGroup.objects.select_for_update().get(pk=group.pk)
    drafts = StudySession.objects.filter(
        group=group,
        state=SessionState.DRAFT,
        kinds=kind,
        starts_at__gte=start_of_day(span.first),
        starts_at__lt=start_of_day(span.last + timedelta(days=1)),
    )
    if draft := drafts.order_by("starts_at").first():
        return draft, False
    day = sensible_day(span, local_date(at))
    if day is None:
        raise Refused(f"{span.label}已于 {spoken(span.last)} 结束，不能再安排。已经开展过的，请在“学习活动”里补录。")
    if row := _planned_row(group, kind, span):
        planned = local_date(proposal_of(row, local_date(at)).starts_at)
        return draft_from_item(item=row, by=by, at=at, day=planned if local_date(at) <= planned in span else day)
    starts_at = timezone.make_aware(datetime.combine(day, time(9)))
    last = StudySession.objects.filter(group=group).exclude(place="").first()
    session = create_session(
        group=group,
        title=f"{span.label}{kind.label}",
        kinds=[kind],
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=2),
        place=last.place if last else "",
        by=by,
        at=at,
    )
    return session, True


def _planned_row(group: StudyGroup, kind: SessionKind, span: Span) -> PlanItem | None:
    """The first topic planned in the period in this form that no session carries out. A row of the year that a month
    has drawn is the month's to say."""
    year = span.first.year
    of_month = Q(monthly_plan__group=group, monthly_plan__year=year)
    of_year = Q(annual_plan__group=group, annual_plan__year=year)
    drawn = PlanItem.objects.kept().filter(drawn_from=OuterRef("pk"))
    rows = PlanItem.objects.in_force().filter(of_month | of_year, kinds=kind, sessions=None, drawn_from__sessions=None)
    rows = rows.filter(month__gte=span.first.month, month__lte=span.last.month).exclude(Exists(drawn))
    return rows.select_related("annual_plan__group", "monthly_plan__group").order_by("month", "position", "pk").first()
