"""Rows for tests, made by the product's own actions. Plain functions; every argument has a dull default."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from accounts.models import StudyGroup, User
from materials.actions.submission import create_submission, submit
from materials.models import Submission
from reviews.actions import Point, advance, note_opening, open_points
from reviews.chain import RETURNS, Move, State
from reviews.models import ReviewCase
from sessions_app.actions.attendance import register_many, sign_in_by_phone
from sessions_app.actions.lecture import create_lecture, submit_lecture
from sessions_app.actions.plan import ItemRow, create_annual_plan, create_monthly_plan, save_plan, submit_plan
from sessions_app.actions.session import create_session
from sessions_app.actions.session_life import call, close
from sessions_app.actions.supplement import add_supplement, submit_supplement
from sessions_app.models import (
    AnnualPlan,
    Attendance,
    Lecture,
    MonthlyPlan,
    Participant,
    PlanItem,
    SessionKind,
    StudySession,
)
from sessions_app.models.plan import Plan
from studygroup.lib.clock import local_date
from tests.conftest import Cast

KIND_LABELS = {
    "collective_study": "集体学习研讨",
    "enlarged_study": "扩大学习",
    "reading_class": "读书班",
    "rotation_training": "专题轮训",
    "onsite_teaching": "现场教学",
    "three_in_one": "三元一体",
}


def kind(slug: str = "collective_study") -> SessionKind:
    return SessionKind.objects.get_or_create(slug=slug, defaults={"label": KIND_LABELS.get(slug, slug)})[0]


# -- plans -------------------------------------------------------------------


def item_row(
    topic: str = "学习二十大精神", *, month: int = 3, kinds: Sequence[SessionKind] = (), **values: Any
) -> ItemRow:
    return ItemRow(id=None, values={"topic": topic, "month": month, **values}, kinds=kinds or [kind()])


def make_annual_plan(
    cast: Cast,
    *,
    year: int = 2020,
    rows: Sequence[ItemRow] | None = None,
    group: StudyGroup | None = None,
    by: User | None = None,
    at: datetime | None = None,
) -> AnnualPlan:
    """A draft with one row, or the rows given."""
    at, by = at or timezone.now(), by or cast.office
    plan = create_annual_plan(group=group or cast.group, year=year, by=by, at=at)
    _fill(plan, [item_row()] if rows is None else rows, by, at)
    return plan


def make_monthly_plan(
    cast: Cast,
    *,
    year: int = 2020,
    month: int = 3,
    rows: Sequence[ItemRow] | None = None,
    by: User | None = None,
    at: datetime | None = None,
) -> MonthlyPlan:
    """A draft with what the year's plan has for the month; `rows` replace that."""
    at, by = at or timezone.now(), by or cast.office
    plan = create_monthly_plan(group=cast.group, year=year, month=month, by=by, at=at)
    if rows is not None:
        _fill(plan, rows, by, at)
    return plan


def make_supplement(
    cast: Cast, *, plan: MonthlyPlan | None = None, topic: str = "新的讲话", by: User | None = None
) -> PlanItem:
    """A supplement, still to be handed in, to a month that is approved already."""
    if plan is None:
        plan = make_monthly_plan(cast, rows=[item_row("原定专题")])
        walk_to(plan.review, State.APPROVED, cast)
    values = {"topic": topic, "basis": "3月5日在代表团的讲话"}
    return add_supplement(plan=plan, values=values, kinds=[kind()], by=by or cast.office, at=timezone.now())


def _fill(plan: Plan, rows: Sequence[ItemRow], by: User, at: datetime) -> None:
    save_plan(plan=plan, seen_version=plan.version, head={}, rows=rows, by=by, at=at)
    plan.refresh_from_db()


# -- sessions ----------------------------------------------------------------


def make_session(
    cast: Cast,
    *,
    title: str = "第一次集体学习研讨",
    kinds: Sequence[str] = ("collective_study",),
    starts_at: datetime | None = None,
    group: StudyGroup | None = None,
    by: User | None = None,
    at: datetime | None = None,
    called: bool = True,
    **facts: Any,
) -> StudySession:
    """A session of two hours, called unless told otherwise; it starts now unless told otherwise."""
    at, by = at or timezone.now(), by or cast.office
    starts_at = starts_at or at
    session = create_session(
        group=group or cast.group,
        title=title,
        kinds=[kind(slug) for slug in kinds],
        starts_at=starts_at,
        ends_at=facts.pop("ends_at", starts_at + timedelta(hours=2)),
        place=facts.pop("place", "镇政府三楼会议室"),
        by=by,
        at=at,
        **facts,
    )
    if called:
        call(session=session, by=by, at=min(at, starts_at))
    return session


def register(
    session: StudySession, person: User, status: str, *, by: User, at: datetime, leave_reason: str = ""
) -> None:
    """代录, by a clerk who has seen how the row stands."""
    row = Attendance.objects.filter(session=session, person=person).first()
    seen = {person.pk: row.status if row else ""}
    register_many(session=session, seen=seen, status=status, leave_reason=leave_reason, by=by, at=at)


def sign_in(session: StudySession, person: User, *, at: datetime) -> Attendance:
    """By a phone that has scanned the screen."""
    place = Participant.objects.get(session=session, person=person)
    place.session = session
    return sign_in_by_phone(place=place, person=person, at=at, saw_screen=True, digits="")


def fill_register(session: StudySession, status: Mapping[int, str] | None = None, *, by: User) -> None:
    """Everybody present at the start, or as `status` says by person id."""
    for participant in session.participants.select_related("person"):
        told = (status or {}).get(participant.person_id, "present")
        register(
            session,
            participant.person,
            told,
            leave_reason="official" if told == "leave" else "",
            by=by,
            at=session.starts_at,
        )


def make_closed_session(cast: Cast, *, status: Mapping[int, str] | None = None, **facts: Any) -> StudySession:
    """A session that is over, with a full register."""
    facts.setdefault("starts_at", timezone.now() - timedelta(days=1))
    session = make_session(cast, **facts)
    fill_register(session, status, by=facts.get("by") or cast.office)
    close(session=session, mark_absent=True, by=facts.get("by") or cast.office, at=session.ends_at)
    return session


def make_lecture(
    cast: Cast,
    *,
    organizer: StudyGroup | None = None,
    approver: StudyGroup | None = None,
    by: User | None = None,
    at: datetime | None = None,
    **facts: Any,
) -> Lecture:
    """A draft application of the township for itself, with everything it needs to be handed in."""
    at = at or timezone.now()
    organizer = organizer or cast.group
    plain = {
        "title": "形势报告会",
        "topic": "乡村振兴",
        "starts_at": at + timedelta(days=7),
        "place": "镇礼堂",
        "lecturer_name": "王教授",
        "lecturer_unit": "县委党校",
        "lecturer_political_status": "中共党员",
        "lecturer_qualification": "教授",
        "own_unit_opinion": "同意",
        "outline": "一、为什么\n二、做什么",
        "audience": 80,
    }
    return create_lecture(
        organizer=organizer, approver=approver or organizer, by=by or cast.office, at=at, **(plain | facts)
    )


# -- papers ------------------------------------------------------------------


def make_submission(
    cast: Cast,
    *,
    author: User | None = None,
    kind: str = "reflection",
    title: str = "学习心得",
    group: StudyGroup | None = None,
    by: User | None = None,
    at: datetime | None = None,
    **facts: Any,
) -> Submission:
    """A draft of m1's, or whoever's."""
    at, author = at or timezone.now(), author or cast.m1
    facts.setdefault("written_on", local_date(at))
    facts.setdefault("body", "一、认识\n学习使人进步。\n二、打算\n学以致用。")
    return create_submission(
        group=group or cast.group, author=author, kind=kind, title=title, by=by or author, at=at, **facts
    )


# -- the review chain --------------------------------------------------------

CONTENT = [{"type": "paragraph", "text": "第一段。"}]
POINT = Point("请补充本镇的实例。", paragraph=1)


def hand_in(case: ReviewCase, *, by: User, at: datetime | None = None) -> None:
    """SUBMIT through the action of whatever the case belongs to, answering every open point."""
    at = at or timezone.now()
    answers = {point.pk: "已按意见修改。" for point in open_points(case)}
    told: dict[str, Any] = {"by": by, "at": at, "seen_version": case.version, "answers": answers}
    for model, name, action in (
        (Submission, "submission", submit),
        (AnnualPlan, "plan", submit_plan),
        (MonthlyPlan, "plan", submit_plan),
        (PlanItem, "item", submit_supplement),
        (Lecture, "lecture", submit_lecture),
    ):
        if subject := model.objects.filter(review=case).first():  # type: ignore[attr-defined]
            action(**{name: subject}, **told)  # type: ignore[operator]
            case.refresh_from_db()
            return
    advance(case=case, move=Move.SUBMIT, content=CONTENT, **told)


def judge(case: ReviewCase, move: Move, *, by: User, at: datetime | None = None) -> None:
    """Open the case as it stands, and make a move."""
    at = at or timezone.now()
    points = [POINT] if move in RETURNS else []
    open_as(case, by, at=at)
    comment = "书记外出，急需使用，内容已看过。" if move == Move.OVERRIDE else "同意。"
    advance(case=case, move=move, by=by, at=at, seen_version=case.version, comment=comment, points=points)


def open_as(case: ReviewCase, by: User, *, at: datetime | None = None) -> None:
    """What opening the review page notes."""
    version = case.versions.order_by("-number").first()
    note_opening(case=case, version=version, by=by, at=at or timezone.now())


def walk_to(case: ReviewCase, state: State | str, cast: Cast, *, at: datetime | None = None) -> ReviewCase:
    """Move a case of the township from wherever it is to `state`, each step by the person of the cast it belongs to."""
    reviewers = {
        State.FIRST_REVIEW: cast.office,
        State.SECOND_REVIEW: cast.propaganda,
        State.FINAL_GATE: cast.secretary,
    }
    goal = State(state)
    while (here := State(case.state)) != goal:
        if here in (State.DRAFT, State.RETURNED):
            hand_in(case, by=case.handed_in_by, at=at)
        else:
            judge(case, Move.RETURN if goal == State.RETURNED else Move.PASS, by=reviewers[here], at=at)
        assert case.state != State.APPROVED or goal == State.APPROVED, f"this case never comes to {goal}"
    return case
