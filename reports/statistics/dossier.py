"""一学一档: what each session's file holds and what it still lacks, in filing order.

The same number of statements for one session and for thirty: everything is read first, then judged in memory.
"""

from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import QuerySet, TextChoices
from django.urls import reverse

from accounts.models import User
from materials.models import Submission
from materials.models.paper_kind import REFLECTION, SPEECH
from reviews.chain import State
from sessions_app.models import DossierWaiver, Lecture, SessionFile, StudySession
from sessions_app.models.attendance import AttendanceStatus
from sessions_app.models.dossier import DossierPart
from sessions_app.models.leave import LeaveState
from sessions_app.models.make_up import MakeUpState
from sessions_app.models.session import AgendaRole, SessionState
from sessions_app.paperwork import PAPERS, Gap, SessionRows, read, with_facts
from sessions_app.paperwork.pen import fact_gap, register_gap
from studygroup.lib.clock import local_date

WRITTEN = (  # the papers written from the session's rows, by the part they belong to
    (DossierPart.SCHEME, "scheme"),
    (DossierPart.NOTICE, "notice"),
    (DossierPart.NOTICE, "agenda"),
    (DossierPart.SIGN_IN_SHEET, "sign_in_sheet"),
    (DossierPart.LEAVE, "leave_summary"),
    (DossierPart.RECORD, "record"),
    (DossierPart.BULLETIN, "bulletin"),
)


class PartState(TextChoices):
    COMPLETE = "complete", "完整"
    MISSING = "missing", "待补"
    OVERDUE = "overdue", "逾期"
    WAIVED = "waived", "不适用"
    LATER = "later", "学习后归入"


BEFORE = (DossierPart.SCHEME, DossierPart.NOTICE, DossierPart.READING_LIST)  # what is there before the session


@dataclass
class Holdings:
    """All rows the file of one session is judged by."""

    rows: SessionRows
    files: dict[str, list[SessionFile]] = field(default_factory=lambda: defaultdict(list))
    waivers: dict[str, DossierWaiver] = field(default_factory=dict)
    papers: list[Submission] = field(default_factory=list)
    lectures: list[Lecture] = field(default_factory=list)

    @property
    def session(self) -> StudySession:
        return self.rows.session

    def approved(self, *kinds: str) -> list[Submission]:
        return [p for p in self.papers if p.kind in kinds and p.review.state == State.APPROVED]


@dataclass(frozen=True)
class Finding:
    """What a check says of one part. `due` is the part's own day, when it has one."""

    gaps: list[Gap] = field(default_factory=list)
    note: str = ""
    applies: bool = True
    due: date | None = None


@dataclass(frozen=True)
class Part:
    slug: DossierPart
    state: PartState
    gaps: list[Gap]
    note: str
    files: list[SessionFile]
    waiver: DossierWaiver | None

    @property
    def label(self) -> str:
        return str(self.slug.label)

    @property
    def is_missing(self) -> bool:
        return self.state in (PartState.MISSING, PartState.OVERDUE)


@dataclass(frozen=True)
class Dossier:
    holdings: Holdings
    parts: list[Part]

    @property
    def session(self) -> StudySession:
        return self.holdings.session

    @property
    def missing(self) -> list[Part]:
        return [part for part in self.parts if part.is_missing]

    @property
    def is_ahead(self) -> bool:
        """It has not taken place; most of its file comes after it."""
        return any(part.state == PartState.LATER for part in self.parts)

    @property
    def is_overdue(self) -> bool:
        return any(part.state == PartState.OVERDUE for part in self.parts)


def dossiers_of(sessions: Iterable[StudySession], today: date | None = None) -> list[Dossier]:
    """The files of these sessions (fetched through `with_facts`). Without `today` nothing is overdue."""
    found = {rows.session.pk: Holdings(rows) for rows in read(sessions)}
    for file in SessionFile.objects.filter(session__in=found, removed_at=None).select_related("added_by"):
        found[file.session_id].files[file.part].append(file)
    for waiver in DossierWaiver.objects.filter(session__in=found).select_related("by"):
        found[waiver.session_id].waivers[waiver.part] = waiver
    papers = Submission.objects.filter(handed_in_session__in=found).select_related("review", "author").defer("body")
    for paper in papers.order_by("written_on", "pk"):
        found[paper.handed_in_session_id or 0].papers.append(paper)
    for lecture in Lecture.objects.filter(session__in=found).select_related("review").defer("outline"):
        found[lecture.session_id or 0].lectures.append(lecture)
    return [Dossier(holdings, [_judge(slug, holdings, today) for slug in DossierPart]) for holdings in found.values()]


def to_complete(sessions: QuerySet[StudySession], today: date) -> list[Dossier]:
    """Of these sessions the files that lack something and can still be completed: held, not archived as they are."""
    held = with_facts(sessions.filter(state=SessionState.CLOSED))
    return [dossier for dossier in dossiers_of(held, today) if dossier.missing]


def _judge(slug: DossierPart, holdings: Holdings, today: date | None) -> Part:
    files, waiver = holdings.files.get(slug, []), holdings.waivers.get(slug)
    if waiver:
        return Part(slug, PartState.WAIVED, [], waiver.reason, files, waiver)
    finding = CHECKS[slug](holdings)
    if files:
        return Part(slug, PartState.COMPLETE, [], f"已存 {len(files)} 个文件", files, None)
    if not finding.applies:
        return Part(slug, PartState.WAIVED, [], finding.note, files, None)
    if not finding.gaps:
        return Part(slug, PartState.COMPLETE, [], finding.note, files, None)
    due = finding.due or _filing_day(holdings.session)
    late = today is not None and due < today
    if not late and slug not in BEFORE and _is_ahead(holdings.session, today):
        return Part(slug, PartState.LATER, [], "", files, None)
    return Part(slug, PartState.OVERDUE if late else PartState.MISSING, finding.gaps, finding.note, files, None)


def _is_ahead(session: StudySession, today: date | None) -> bool:
    return today is not None and not session.is_held and today <= local_date(session.ends_at)


def _filing_day(session: StudySession) -> date:
    """The file is to be complete while the register may still be corrected."""
    return local_date(session.ends_at) + timedelta(days=session.group.reopen_within_days)


def part_of(paper: Submission) -> DossierPart:
    """Where an approved paper is filed: reflections by themselves, every other kind among the speeches."""
    return DossierPart.REFLECTIONS if paper.kind == REFLECTION else DossierPart.SPEECHES


def there_of(dossier: Dossier, seen: Container[int]) -> dict[str, list[tuple[str, str]]]:
    """What can be opened of each part, (label, page): the written papers, and approved ones among those `seen`."""
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for part, slug in WRITTEN:
        found[part].append((PAPERS[slug].label, reverse("session_paper", args=[dossier.session.pk, slug])))
    for paper in dossier.holdings.papers:
        if paper.review.state == State.APPROVED and paper.pk in seen:
            label = f"{paper.author.name}《{paper.review.title.strip('《》')}》"
            found[part_of(paper)].append((label, reverse("submission_detail", args=[paper.pk])))
    return found


# -- one check per part --------------------------------------------------------


def _paper(slug: str) -> Callable[[Holdings], Finding]:
    return lambda holdings: Finding(PAPERS[slug].write(holdings.rows).gaps)


def _notice(holdings: Holdings) -> Finding:
    called = holdings.rows.called_at
    told = f"{called_on.month}月{called_on.day}日通知" if called and (called_on := local_date(called)) else ""
    return Finding(PAPERS["notice"].write(holdings.rows).gaps, told)


def _reading_list(holdings: Holdings) -> Finding:
    session = holdings.session
    return Finding(
        [] if session.content.strip() else [fact_gap(session, "学习内容（篇目）", "content")], session.content
    )


def _sheet(holdings: Holdings) -> Finding:
    counts, session = holdings.rows.counts, holdings.session
    if not session.is_held:
        return Finding([register_gap(session, "签到登记（学习结束后）")])
    gaps = [register_gap(session, f"{counts.unregistered}人没有登记")] if counts.unregistered else []
    return Finding(gaps, f"应到{counts.expected}，实到{counts.present}")


def _leave(holdings: Holdings) -> Finding:
    rows = holdings.rows
    if not rows.leaves and not rows.counts.leave:
        return Finding(note="没有人请假", applies=False)
    waiting = [leave for leave in rows.leaves if leave.state == LeaveState.ASKED]
    gaps = [Gap(f"{leave.person.name}请假待审批", f"{reverse('leave_list')}#leave-{leave.pk}") for leave in waiting]
    return Finding(gaps, f"请假{rows.counts.leave}人")


def _speeches(holdings: Holdings) -> Finding:
    return _spoken(holdings, AgendaRole.KEYNOTE, "发言材料", (SPEECH,))


def _outlines(holdings: Holdings) -> Finding:
    return _spoken(holdings, AgendaRole.DISCUSSION, "交流提纲", (SPEECH, REFLECTION))


def _spoken(holdings: Holdings, role: AgendaRole, what: str, kinds: Iterable[str]) -> Finding:
    """Whoever speaks and stands on the roster hands in a paper that passes its review; who stayed away did not."""
    away = holdings.rows.standing(AttendanceStatus.LEAVE, AttendanceStatus.ABSENT)
    silent = {line.participant.person_id for line in away}
    spoken = [item for item in holdings.rows.agenda if item.role == role and item.speaker_id not in silent]
    speakers = {item.speaker for item in spoken if item.speaker}
    approved = holdings.approved(*kinds)
    if not speakers and not (role == AgendaRole.KEYNOTE and approved):
        return Finding(note=f"议程里没有{role.label}", applies=False)
    authors = {paper.author_id for paper in approved}
    lacking: list[User] = sorted((s for s in speakers if s.pk not in authors), key=lambda s: s.pk)
    page = reverse("submission_list")
    gaps = [Gap(f"{speaker.name}的{what}（审核通过后自动归入）", page) for speaker in lacking]
    return Finding(gaps, f"{len(approved)} 篇已审核通过" if approved else "", due=holdings.session.papers_due_on)


def _lecture(holdings: Holdings) -> Finding:
    outside = [item for item in holdings.rows.agenda if item.role == AgendaRole.GUIDANCE and item.speaker is None]
    if not holdings.lectures and not outside:
        return Finding(note="没有报告会、授课", applies=False)
    if not holdings.lectures:
        return Finding([Gap("专题辅导的前置审批", reverse("lecture_list"))])
    open_ones = [lecture for lecture in holdings.lectures if lecture.review.state != State.APPROVED]
    return Finding([Gap(f"“{one.title}”的审批", reverse("lecture_detail", args=[one.pk])) for one in open_ones])


def _photos(holdings: Holdings) -> Finding:
    return Finding(note="选填", applies=False)


def _make_up(holdings: Holdings) -> Finding:
    made = holdings.rows.make_ups
    if not made:
        return Finding(note="没有需要补学的", applies=False)
    open_ones = [one for one in made if one.state not in (MakeUpState.CONFIRMED, MakeUpState.EXCUSED)]
    gaps = [Gap(f"{o.person.name}{o.get_state_display()}", reverse("make_up_detail", args=[o.pk])) for o in open_ones]
    return Finding(gaps, f"{len(made)} 人", due=min((one.due_on for one in open_ones), default=None))


def _reflections(holdings: Holdings) -> Finding:
    written = [paper for paper in holdings.papers if paper.kind == REFLECTION]
    waiting = [paper for paper in written if paper.review.is_waiting or paper.review.state == State.RETURNED]
    approved = holdings.approved(REFLECTION)
    if not approved and not waiting:
        return Finding(note="没有提交心得体会", applies=False)
    gaps = [Gap(f"{len(waiting)} 篇还没有审核通过", reverse("submission_list"))] if waiting else []
    return Finding(gaps, f"{len(approved)} 篇已审核通过")


CHECKS: Mapping[DossierPart, Callable[[Holdings], Finding]] = {
    DossierPart.SCHEME: _paper("scheme"),
    DossierPart.NOTICE: _notice,
    DossierPart.READING_LIST: _reading_list,
    DossierPart.SIGN_IN_SHEET: _sheet,
    DossierPart.LEAVE: _leave,
    DossierPart.RECORD: _paper("record"),
    DossierPart.SPEECHES: _speeches,
    DossierPart.OUTLINES: _outlines,
    DossierPart.LECTURE: _lecture,
    DossierPart.PHOTOS: _photos,
    DossierPart.MAKE_UP: _make_up,
    DossierPart.REFLECTIONS: _reflections,
    DossierPart.BULLETIN: _paper("bulletin"),
}
