"""登记 of what members wrote: one line per paper as it was handed in last. One statement per table, however many."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F, QuerySet, Subquery

from accounts.models import Membership
from materials.models import Outcome, PaperRequest, PaperRequestPerson, PublicityPush, Submission
from materials.models.paper_request import answers
from reviews.chain import APPROVALS, RETURNS, Move, State
from reviews.documents import LEFT_OUT, override_of, passes_of, signed, told_points
from reviews.models import ReviewEntry, ReviewVersion
from studygroup.lib.clock import local_date

SHORTEST_TITLE = 4  # characters: a shorter one is found in other people's headlines
NOT_PASSED = "（不经此环节）"


@dataclass(frozen=True)
class PaperLine:
    """Everything the offices' tables ask of one paper, in words."""

    kind: str
    kind_name: str
    author: str
    author_title: str
    title: str
    purpose: str
    topic: str
    words: int
    written_on: date
    handed_in: str
    on_time: str
    standing: str
    opinions: Sequence[str]
    returns: int
    answers: str
    final: str
    asked: str
    field: str
    outcomes: str
    published: str


def paper_lines(papers: QuerySet[Submission]) -> list[PaperLine]:
    """Of papers handed in; drafts are nobody's but their author's and must not be among them."""
    rows = list(papers.select_related("review", "author", "request__asked_by", "session").defer("body"))
    told = _Told(papers.order_by(), rows)
    return [told.line(row) for row in rows]


class _Told:
    """What is known of these papers elsewhere, by paper or by case."""

    def __init__(self, papers: QuerySet[Submission], rows: Sequence[Submission]) -> None:
        cases = papers.values("review")
        groups = {row.group_id for row in rows}
        self.versions = {one.case_id: one for one in _versions(cases)}
        self.histories = _histories(cases)
        self.places = _places(groups, papers)
        self.outcomes = _outcomes(papers)
        self.pushes = _pushes(groups)
        self.due = _due(groups, papers)

    def line(self, paper: Submission) -> PaperLine:
        case, history = paper.review, self.histories[paper.review_id]
        version = self.versions.get(case.pk)
        facts: Mapping[str, str] = dict(version.facts or []) if version else {}  # type: ignore[attr-defined]
        handed_in = next((local_date(entry.at) for entry in history if entry.move == Move.SUBMIT), None)
        returns = [entry for entry in history if entry.move in RETURNS]
        return PaperLine(
            kind=paper.kind,
            kind_name=case.kind_name,
            author=paper.author.name,
            author_title=self._title(paper, handed_in or paper.written_on),
            title=version.title if version else case.title,
            purpose=facts.get("用途", ""),
            topic=facts.get("专题", ""),
            words=int(facts.get("字数") or 0),
            written_on=paper.written_on,
            handed_in=str(handed_in or ""),
            on_time=_on_time(self.due.get(paper.pk) or paper.request, handed_in),
            standing=_standing(paper, history),
            opinions=_opinions(paper, history),
            returns=len(returns),
            answers="\n".join(told_points(case, returns)),
            final=f"第{version.number}稿　{version.sha256[:16]}" if version and case.is_approved else "",
            asked=_asked(paper),
            field=_field(paper),
            outcomes="\n".join(self.outcomes.get(paper.pk, ())),
            published="；".join(self._published(paper, version.title if version else case.title)),
        )

    def _title(self, paper: Submission, day: date) -> str:
        places = self.places.get((paper.group_id, paper.author_id), ())
        return next((p.title for p in places if p.starts_on <= day and (p.ends_on is None or day <= p.ends_on)), "")

    def _published(self, paper: Submission, title: str) -> list[str]:
        """What was pushed under a headline with the paper's title in it."""
        if not paper.review.is_approved or len(title) < SHORTEST_TITLE:
            return []
        found = (push for push in self.pushes.get(paper.group_id, ()) if title in push[0])
        return [f"{channel} {day}" for _, channel, day in found]


def _versions(cases: QuerySet) -> QuerySet[ReviewVersion]:
    """The later one of a case comes later. Of what was handed in only the facts are read."""
    rows = ReviewVersion.objects.filter(case__in=cases).defer("content")
    return rows.annotate(facts=F("content__0__rows")).order_by("number")


def _histories(cases: QuerySet) -> dict[int, list[ReviewEntry]]:
    found: dict[int, list[ReviewEntry]] = defaultdict(list)
    rows = ReviewEntry.objects.filter(case__in=cases).select_related("by", "on_behalf_of")
    for entry in rows.prefetch_related("points").order_by("pk"):
        if not entry.is_undone:
            found[entry.case_id].append(entry)
    return found


def _places(groups: Iterable[int], papers: QuerySet[Submission]) -> dict[tuple[int, int], list[Membership]]:
    found: dict[tuple[int, int], list[Membership]] = defaultdict(list)
    for place in Membership.objects.filter(group__in=groups, user__in=papers.values("author")):
        found[place.group_id, place.user_id].append(place)
    return found


def _outcomes(papers: QuerySet[Submission]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    for outcome in Outcome.objects.filter(submission__in=papers.values("pk")).order_by("adopted_on", "pk"):
        found[outcome.submission_id].append(f"{outcome.adopted_in}（{outcome.adopted_on}）：{outcome.suggestion}")
    return found


def _due(groups: Iterable[int], papers: QuerySet[Submission]) -> dict[int, PaperRequest]:
    """Paper → what it answers, named or not."""
    rows: Any = PaperRequestPerson.objects.filter(request__group__in=groups, person__in=papers.values("author"))
    rows = rows.annotate(answer_id=Subquery(answers().values("pk")[:1])).select_related("request")
    return {row.answer_id: row.request for row in rows.order_by("-request__due_on") if row.answer_id}


def _pushes(groups: Iterable[int]) -> dict[int, list[tuple[str, str, date]]]:
    found: dict[int, list[tuple[str, str, date]]] = defaultdict(list)
    rows = PublicityPush.objects.filter(group__in=groups).order_by("pushed_on", "pk")
    for group, title, channel, day in rows.values_list("group", "title", "channel", "pushed_on"):
        found[group].append((title, channel, day))
    return found


# -- one cell ------------------------------------------------------------------


def _on_time(asked: PaperRequest | None, handed_in: date | None) -> str:
    """By the day it was asked for; "" where nobody asked for it."""
    if asked is None or handed_in is None:
        return ""
    due = asked.due_on
    return "按时" if handed_in <= due else f"迟 {(handed_in - due).days} 天"


def _standing(paper: Submission, history: Sequence[ReviewEntry]) -> str:
    case = paper.review
    if not case.is_approved:
        return f"{State(case.state).label}中" if case.is_waiting else str(State(case.state).label)
    approved = [entry for entry in history if entry.to_state == State.APPROVED and entry.move in APPROVALS]
    word = "特批，待追认" if case.awaits_ratification else "已通过"
    return f"{word} {local_date(approved[-1].at)}" if approved else word


def _opinions(paper: Submission, history: Sequence[ReviewEntry]) -> list[str]:
    """Of the three steps in the last round."""
    case = paper.review
    told = {step: signed(entry) for step, entry in passes_of(case, history).items()}
    if override := override_of(case, history):
        told = {step: LEFT_OUT for step in case.steps} | told | {override.from_state: f"特批：{signed(override)}"}
    elif case.state == State.RETURNED and (back := next((e for e in reversed(history) if e.move in RETURNS), None)):
        told[back.from_state] = f"退回：{signed(back)}"
    steps = (State.FIRST_REVIEW, State.SECOND_REVIEW, State.FINAL_GATE)
    return [told.get(step, "") if step in case.steps else NOT_PASSED for step in steps]


def _asked(paper: Submission) -> str:
    """选题审定: who asked for it and when; else the topic it was written on."""
    if paper.request:
        return f"{paper.request.title}（{local_date(paper.request.asked_at)} {paper.request.asked_by.name}布置）"
    return paper.topic if paper.review.is_approved else ""


def _field(paper: Submission) -> str:
    return f"{paper.session.day} {paper.session.place}" if paper.session else ""
