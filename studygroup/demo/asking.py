"""布置材料: what was asked of whom for which session, answered in time and late, excused, and still open."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from accounts.actions.reminder import compose
from accounts.models import Reminder
from materials.actions.paper_request import ask_for_papers, close_request, excuse, may_be_asked
from materials.models import PaperRequest, Submission
from sessions_app.models import StudySession
from sessions_app.models.session import SessionState
from studygroup.demo.town import Town, on_day
from studygroup.lib.clock import local_date

FEWEST, MOST = 3, 4  # papers that make a request worth showing; requests a year
REASON = "在县委党校脱产学习，按组长意见免交。"


def asked_for(town: Town, year: int) -> None:
    """What was handed in for a session had been asked for: the last one to hand in was late, one was excused."""
    papers = Submission.objects.filter(
        group=town.group, session__isnull=False, received_at__isnull=False, written_on__year=year
    ).exclude(review__state="draft")
    rows = papers.select_related("session").defer("body").order_by("session__starts_at", "session", "kind", "pk")
    made = 0
    for (_, kind), found in groupby(rows, key=lambda paper: (paper.session_id, paper.kind)):
        answers = list(found)
        if made < MOST and len(answers) >= FEWEST:
            _asked_and_closed(town, kind, answers)
            made += 1
    if not made:  # reports belong to no session: they name what they answer
        reports = Submission.objects.filter(
            group=town.group, kind="research_report", received_at__isnull=False, written_on__year=year
        )
        firsts = {paper.author_id: paper for paper in reports.defer("body").order_by("-received_at")}
        request = _asked_and_closed(town, "research_report", list(firsts.values()))
        reports.filter(pk__in=[paper.pk for paper in firsts.values()]).update(request=request)


def _asked_and_closed(town: Town, kind: str, papers: Sequence[Any]) -> PaperRequest:
    session = papers[0].session
    days = sorted(local_date(paper.received_at) for paper in papers)
    due_on = days[-2]
    at = (
        on_day(min(session.day, days[0]) - timedelta(days=5), 9) if session else on_day(days[0] - timedelta(days=30), 9)
    )
    listed = [place.user_id for place in may_be_asked(town.group, local_date(at))]
    authors = {paper.author_id for paper in papers}
    others = [person for person in listed if person not in authors][:1]
    people = [person for person in listed if person in authors] + others
    title = (session.question or session.title) if session else "蹲点调研：一个问题、一组数据、三条建议"
    request = _ask(town, kind, title, due_on, people, at, session)
    for row in request.people.filter(person__in=others).select_related("request"):
        excuse(asked=row, reason=REASON, by=town.on("clerk", at), at=at + timedelta(days=1))
    then = on_day(days[-1] + timedelta(days=3), 16)
    close_request(request=request, by=town.on("clerk", then), at=then)
    Reminder.objects.filter(lines__group=town.group, day=local_date(at), seen_at=None).update(
        seen_at=at + timedelta(hours=3)
    )
    return request


def asked_now(town: Town, now: datetime) -> None:
    """One request that runs out in three days, one two days late; and this morning's reminders."""
    today = local_date(now)
    members = [place.user_id for place in may_be_asked(town.group, today) if place.category == "member"]
    held = StudySession.objects.filter(group=town.group, state=SessionState.CLOSED, starts_at__lt=now)
    lately = Submission.objects.filter(session__in=held, kind="reflection", received_at__isnull=False)
    answered = lately.exclude(review__state="draft").order_by("-session__starts_at").values("session")[:1]
    session = held.filter(pk__in=answered).first() or held.order_by("-starts_at").first()
    at = on_day(today - timedelta(days=4), 9)
    if session is not None:
        title = session.question or session.title
        request = _ask(town, "reflection", title, today + timedelta(days=3), members[:8], at, session)
        row = request.people.select_related("request").order_by("-pk").first()
        if row is not None and not request.people.filter(pk=row.pk).answered().exists():
            excuse(asked=row, reason=REASON, by=town.on("clerk", at), at=at + timedelta(hours=2))
    at = on_day(today - timedelta(days=12), 9)
    _ask(town, "reading_note", "读一本书，写一篇笔记", today - timedelta(days=2), members[2:6], at, None)


def reminded_today(now: datetime) -> None:
    compose(day=local_date(now), by=None, at=now)


def _ask(
    town: Town,
    kind: str,
    title: str,
    due_on: date,
    people: Sequence[int],
    at: datetime,
    session: StudySession | None,
) -> PaperRequest:
    return ask_for_papers(
        group=town.group,
        kind=kind,
        title=title,
        due_on=due_on,
        people=people,
        session=session,
        note="联系分管工作，有事例、有打算。",
        by=town.on("clerk", at),
        at=at,
    )
