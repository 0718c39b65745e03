"""A town's people doing their year. Every verb is the product's own action, done by the right person on its day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.utils import timezone

from accounts.actions.people import delegate
from accounts.models import Membership, StudyGroup, User
from accounts.permissions import Role, authority_of
from materials.actions.submission import create_submission, save_submission, submit
from materials.models import Submission
from reviews.actions import Point, advance, note_opening, open_points
from reviews.chain import STEP_PERMISSION, Move, State
from reviews.models import ReviewCase
from sessions_app.actions.filing import Receipt, record_filing
from sessions_app.actions.lecture import change_lecture, create_lecture, submit_lecture
from sessions_app.actions.lecture_file import keep_used
from sessions_app.actions.plan import (
    ItemRow,
    create_annual_plan,
    create_monthly_plan,
    save_plan,
    submit_plan,
)
from sessions_app.actions.session import Speaker, create_session
from sessions_app.actions.session_life import call, close, save_record
from sessions_app.actions.supplement import add_supplement, submit_supplement
from sessions_app.models import (
    AnnualPlan,
    Attendance,
    Filing,
    LeaveRequest,
    Lecture,
    MonthlyPlan,
    PlanItem,
    SessionKind,
    Site,
    StudySession,
)
from sessions_app.models.attendance import AttendanceSource, AttendanceStatus, LeaveReason
from sessions_app.models.filing import FilingSubject
from sessions_app.models.leave import LeaveState
from sessions_app.models.session import AgendaRole, SessionState
from studygroup.demo import texts
from studygroup.demo.dossiers import session_of
from studygroup.demo.remarks import better_ending
from studygroup.demo.tables import SAME_SCRIPT, Held, Planned, Supplement, Talk, moment
from studygroup.demo.themes import THEMES, Theme
from studygroup.lib.clock import local_date
from studygroup.lib.files import Checked, check_upload
from studygroup.lib.office.word import document_bytes

REVIEWER = {State.FIRST_REVIEW: "office", State.SECOND_REVIEW: "propaganda", State.FINAL_GATE: "secretary"}
# Who judges when the reviewer wrote or handed it in: a colleague of the office, else by delegation.
STAND_IN = {State.FIRST_REVIEW: "clerk", State.SECOND_REVIEW: "m1", State.FINAL_GATE: "deputy"}
HOURS = {State.FIRST_REVIEW: time(9, 20), State.SECOND_REVIEW: time(10, 40), State.FINAL_GATE: time(15, 10)}
COMMENTS = {
    State.FIRST_REVIEW: (
        "格式规范，要素齐全，同意送复审。",
        "字数符合要求，未见原文照抄，送复审。",
        "已核对篇目和日期，同意。",
    ),
    State.SECOND_REVIEW: (
        "观点正确，能联系分管工作，同意送书记把关。",
        "结合实际较好，同意。",
        "提法准确，措施具体，报书记审定。",
    ),
    State.FINAL_GATE: ("同意。", "同意，请抓好措施落实。", "同意，可在中心组交流。"),
}
POINTS = (
    (Point("认识部分偏空，请补充本单位的具体事例和数据。", 4), Point("最后一段没有措施，请写明责任人和时限。", None)),
    (Point("引用讲话原文请核对出处和日期。", 3),),
    (Point("问题写得不实，请直接写存在的差距。", 6), Point("题目与内容不完全对应，请调整。", None)),
)
MENDED = (
    "以上月入户为例，走访的二十三户中有七户反映办事程序说不清，已列入整改清单，由本人负责，月底前办结。",
    "引文已对照原文逐条核对，并注明讲话时间和场合；有关数据以统计口径为准。",
    "对照检查，自己分管范围内仍有三件事拖延超过一个月，现已逐件明确办结日期并向群众公开。",
)


def _mended(body: str, sentence: str, paragraph: int) -> str:
    """The sentence put into the paragraph a reviewer named (below it, when that is a heading)."""
    lines = [line for line in body.splitlines() if line.strip()]
    place = next((at for at in range(max(paragraph - 1, 0), len(lines)) if lines[at].endswith("。")), len(lines) - 1)
    lines[place] += sentence
    return "\n".join(lines)


def lecture_script(title: str, outline: str, at: datetime) -> tuple[UploadedFile, Checked]:
    """The lecture's outline as the Word file an office would attach."""
    blocks = [{"type": "heading", "text": line} for line in outline.splitlines()]
    upload = SimpleUploadedFile(f"{title}讲稿.docx", document_bytes(title, blocks, at=at))
    return upload, check_upload(upload)


def next_working_day(at: datetime, hour: time) -> datetime:
    day = local_date(at) + timedelta(days=1)
    while day.weekday() >= 5:
        day += timedelta(days=1)
    return timezone.make_aware(datetime.combine(day, hour))


def on_day(day: date, hour: int, minute: int = 0) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(hour, minute)))


@dataclass(frozen=True)
class Paper:
    """A paper to be written: what kind, by whom, when, and how far it came."""

    kind: str
    author: str
    title: str
    written_on: date
    body: str
    topic: str = ""
    end: State = State.APPROVED
    returned_at: State | None = None


class People:
    """Users by username, each with the authority of the day he acts on (`User.authority` is always today's)."""

    def __init__(self, users: dict[str, User]) -> None:
        self.users = users
        self.delegates: set[str] = set()
        self._known: dict[tuple[str, date | None], Any] = {}

    def on(self, username: str, at: datetime) -> User:
        key = (username, local_date(at) if username in self.delegates else None)
        if key not in self._known:
            self._known[key] = authority_of(self.users[username], local_date(at))
        user = self.users[username]
        user.authority = self._known[key]
        return user


class Town:
    """One township: its group, its people, and what they do. People are named without the town's prefix."""

    def __init__(
        self, prefix: str, slug: str, groups: dict[str, StudyGroup], people: People, room: str, now: datetime
    ) -> None:
        self.prefix, self.people, self.room, self.now = prefix, people, room, now
        self.groups, self.group = groups, groups[slug]
        self.kinds = {kind.slug: kind for kind in SessionKind.objects.all()}
        self.roster = list(Membership.objects.filter(group=self.group).select_related("user"))
        self.sites: dict[str, Site] = {}
        self.items: dict[tuple[int, int, str], PlanItem] = {}

    # -- people --

    def user(self, name: str) -> User:
        return self.people.users[f"{self.prefix}-{name}"]

    def on(self, name: str, at: datetime) -> User:
        return self.people.on(f"{self.prefix}-{name}", at)

    def names(self, listed: str) -> str:
        return "、".join(self.user(name).name for name in listed.split())

    def _kinds(self, slugs: str) -> list[SessionKind]:
        return [self.kinds[slug] for slug in slugs.split()]

    def delegate(
        self,
        principal: str,
        to: str,
        role: Role,
        kind: str,
        starts_on: date,
        ends_on: date,
        reason: str,
        *,
        only_overdue: bool = False,
    ) -> None:
        at = on_day(starts_on, 8, 30) - timedelta(days=1)
        delegate(
            group=self.group,
            principal=self.on(principal, at),
            delegate=self.user(to),
            role=role,
            kind=kind,
            only_overdue=only_overdue,
            starts_on=starts_on,
            ends_on=ends_on,
            reason=reason,
            at=at,
        )
        self.people.delegates.add(f"{self.prefix}-{to}")

    # -- two reviews and a gate --

    def review(self, case: ReviewCase, at: datetime, until: State = State.APPROVED) -> datetime:
        """Pass step after step, each on the next working day, until the case stands at `until`."""
        while case.state in STEP_PERMISSION and case.state != until:
            step = State(case.state)
            at = self._next(at, HOURS[step])
            self._judge(case, step, Move.PASS, at)
        return at

    def _next(self, at: datetime, hour: time) -> datetime:
        """The next working day, but never later than the moment of seeding."""
        return min(next_working_day(at, hour), self.now)

    def send_back(self, case: ReviewCase, at: datetime, points: Sequence[Point]) -> datetime:
        step = State(case.state)
        at = self._next(at, HOURS[step])
        self._judge(case, step, Move.RETURN, at, points)
        return at

    def _judge(self, case: ReviewCase, step: State, move: Move, at: datetime, points: Sequence[Point] = ()) -> None:
        name = REVIEWER[step]
        if self.user(name).pk in (case.author_id, case.handed_in_by_id):
            name = STAND_IN[step]
        comment = "请按意见修改后重新提交。" if points else COMMENTS[step][case.pk % 3]
        self.decide(case, move, name, at, comment, points)

    def decide(
        self, case: ReviewCase, move: Move, name: str, at: datetime, comment: str, points: Sequence[Point] = ()
    ) -> None:
        """Open the case as it stands, and make a move."""
        by = self.on(name, at)
        note_opening(case=case, by=by, at=at)
        advance(case=case, move=move, by=by, at=at, seen_version=case.version, comment=comment, points=points)

    # -- papers --

    def write(self, paper: Paper) -> Submission:
        """Draft, hand in, be reviewed; with `returned_at`, be returned there once, mend and hand in again."""
        at = min(on_day(paper.written_on, 16, 10), self.now - timedelta(minutes=30))
        author = self.on(paper.author, at)
        submission = create_submission(
            group=self.group,
            author=author,
            kind=paper.kind,
            title=paper.title,
            by=author,
            at=at,
            body=paper.body,
            topic=paper.topic,
            written_on=paper.written_on,
            session=session_of(self.group, author, paper.kind, paper.topic, at),
        )
        if paper.end == State.DRAFT:
            return submission
        at += timedelta(minutes=25)
        submit(submission=submission, by=author, at=at, seen_version=0)
        step = paper.returned_at or (State.SECOND_REVIEW if paper.end == State.RETURNED else None)
        if step:
            at = self.review(submission.review, at, step)
            offered = [better_ending(submission)] if paper.end == State.RETURNED else []
            at = self.send_back(submission.review, at, [*POINTS[submission.pk % 3], *offered])
        if step and paper.end != State.RETURNED:
            at = self._mend(submission, paper.author, self._next(at, time(17, 0)))
        self.review(submission.review, at, paper.end)
        return submission

    def _mend(self, submission: Submission, name: str, at: datetime) -> datetime:
        author, points = self.on(name, at), open_points(submission.review)
        body = _mended(
            submission.body, MENDED[submission.pk % 3], next((p.paragraph for p in points if p.paragraph), 0)
        )
        save_submission(
            submission=submission, seen_version=submission.version, changes={"body": body}, by=author, at=at
        )
        answers = {point.pk: ("已改，补充了实例和数据。", "已按意见调整。")[point.number % 2] for point in points}
        submit(
            submission=submission,
            by=author,
            at=at,
            seen_version=submission.review.version,
            answers=answers,
            comment="已修改",
        )
        return at

    def compose(self, kind: str, subject: Any, name: str, seed: int) -> str:
        """A text on a theme, or for a research report on an inquiry, in the words of this person's work."""
        place = next(m for m in self.roster if m.user_id == self.user(name).pk)
        compose: Any = {
            "reflection": texts.reflection,
            "reading_note": texts.reading_note,
            "speech": texts.speech,
            "research_report": texts.research_report,
        }[kind]
        return compose(subject, place.title, place.department, f"{self.prefix} {kind} {name} {seed}")

    # -- plans --

    def plan_year(self, year: int, planned: Sequence[Planned], head: dict[str, str], at: datetime) -> AnnualPlan:
        """Draft the year's plan."""
        clerk = self.on("clerk", at)
        plan = create_annual_plan(group=self.group, year=year, by=clerk, at=at, **head)
        rows = [ItemRow(None, self._row(row), self._kinds(row.kinds)) for row in planned]
        save_plan(plan=plan, seen_version=0, head={}, rows=rows, by=clerk, at=at + timedelta(hours=2))
        return plan

    def _row(self, row: Planned) -> dict[str, Any]:
        theme = THEMES[row.theme]
        return {
            "month": row.month,
            "topic": row.topic or theme.topic,
            "content": row.content or theme.readings,
            "question": "" if row.topic else theme.question,
            "lead_readers": self.names(row.leads),
            "key_speakers": self.names(row.speakers),
            "responsible": "党政办公室",
            "scope": row.scope,
            "content_class": theme.content_class,
            "strand": theme.strand,
            "source_level": theme.level,
        }

    def hand_in_plan(self, plan: AnnualPlan | MonthlyPlan, at: datetime, comment: str = "") -> datetime:
        answers = {point.pk: "已补充。" for point in open_points(plan.review)}
        submit_plan(
            plan=plan,
            by=self.on("clerk", at),
            at=at,
            seen_version=plan.review.version,
            comment=comment,
            answers=answers,
        )
        return at

    def plan_month(
        self, year: int, month: int, at: datetime, planned: Sequence[Planned], held: Sequence[Held]
    ) -> MonthlyPlan:
        """Draw the month's plan from the year's and put in when and where each topic will be taken."""
        plan = create_monthly_plan(group=self.group, year=year, month=month, by=self.on("clerk", at), at=at)
        themes = [row.theme for row in planned if row.month == month]
        for theme, item in zip(themes, plan.items.all(), strict=False):
            self.items[year, month, theme] = item
            days = [h for h in held if h.theme == theme and h.on.startswith(f"{year}-{month:02d}")]
            if days:
                text = "、".join(f"{month}月{int(h.on[8:10])}日" for h in days)
                PlanItem.objects.filter(pk=item.pk).update(date_text=text[:60], place=days[0].place or self.room)
        return plan

    def supplement(self, plan: MonthlyPlan, row: Supplement) -> datetime:
        """Add to the month and have it approved on its own short way."""
        at = moment(row.on)
        item = add_supplement(
            plan=plan,
            values={
                "topic": row.topic,
                "content": row.content,
                "basis": row.basis,
                "source_level": row.level,
                "responsible": "党政办公室",
                "scope": "全体成员",
                "content_class": THEMES[row.theme].content_class,
            },
            kinds=self._kinds(row.kinds),
            by=self.on("clerk", at),
            at=at,
        )
        self.items[plan.year, plan.month, row.theme] = item
        case = item.review
        assert case is not None  # a month of the demo year is approved before anything is added to it
        submit_supplement(item=item, by=self.on("clerk", at), at=at, seen_version=case.version)
        at = self.review(ReviewCase.objects.get(pk=case.pk), at)
        item.refresh_from_db()  # sessions are made from it only now
        return at

    def report_plan(self, plan: AnnualPlan, on: date) -> Filing:
        """Report the approved plan upward; the receipt comes back the same day."""
        above = self.group.organization.parent
        office = f"{above.name if above else ''}宣传部"
        text = f"{plan.title}收悉，已备案。\n{office}　{on.year}年{on.month}月{on.day}日\n"
        upload = SimpleUploadedFile("报备回执.txt", text.encode())
        at = min(on_day(on, 16), self.now)
        filing = Filing(
            group=self.group, subject=FilingSubject.ANNUAL_PLAN, year=plan.year, filed_to=office, filed_on=on
        )
        return record_filing(filing, receipt=Receipt(upload, check_upload(upload)), by=self.on("clerk", at), at=at)

    # -- sessions --

    def hold(self, held: Held, by: str = "clerk") -> StudySession:
        """Prepare, call, register, write up and close one session, as far as `held.state` says."""
        starts = moment(held.on)
        prepared = min(starts - timedelta(days=4), self.now - timedelta(hours=3))
        clerk = self.on(by, prepared)
        session = self._prepare(held, starts, prepared, clerk)
        if held.state == SessionState.DRAFT:
            return session
        call(session=session, by=clerk, at=prepared + timedelta(hours=1))
        if held.state == SessionState.CLOSED:
            self._finish(session, held, clerk)
        return session

    def _prepare(self, held: Held, starts: datetime, at: datetime, clerk: User) -> StudySession:
        theme = THEMES[held.theme]
        wanted = {Role.MEMBER, Role.OBSERVER} | ({Role.EXTENDED} if held.everybody else set())
        local = timezone.localtime(starts)
        return create_session(
            group=self.group,
            title=held.title,
            kinds=self._kinds(held.kinds),
            starts_at=starts,
            ends_at=starts + timedelta(hours=held.hours),
            place=held.place or self.room,
            by=clerk,
            at=at,
            plan_item=self.items.get((local.year, local.month, held.theme)),
            members=[m for m in self.roster if m.category in wanted],
            agenda=self._agenda(held, theme),
            site=self.sites.get(held.site),
            host=self.user("deputy" if "weekly_meeting" in held.kinds else "secretary"),
            is_online=held.online,
            content=theme.readings,
            question=theme.question,
        )

    def _agenda(self, held: Held, theme: Theme) -> list[Speaker]:
        lines = [
            Speaker(role, self.user(name), title=theme.readings.split("；")[0][:200])
            for role, names in ((AgendaRole.LEAD_READING, held.leads), (AgendaRole.KEYNOTE, held.speakers))
            for name in names.split()
        ]
        for role, who, title in held.guests:
            person = self.people.users.get(f"{self.prefix}-{who}")
            lines.append(Speaker(role, person, "" if person else who, title))
        return lines

    def _finish(self, session: StudySession, held: Held, clerk: User) -> None:
        after = session.ends_at + timedelta(minutes=20)
        text = texts.minutes(
            held.title,
            session.host.name,
            self.names(held.leads),
            self.names(held.speakers),
            THEMES[held.theme],
            held.on,
        )
        record, _, closing = text.rpartition("\n主持人小结：")
        told = {"record": record, "closing_words": closing, "recorder": clerk.name}
        save_record(session=session, seen_version=0, by=clerk, at=after, **told)
        if held.register:
            self.register(session, clerk)
            close(session=session, mark_absent=False, by=clerk, at=after)
        else:  # An old session taken over without its register: missing data, which `close` would not accept.
            StudySession.objects.filter(pk=session.pk).update(state=SessionState.CLOSED)

    def register(self, session: StudySession, clerk: User, share: float = 1.0) -> None:
        """Nearly everybody comes. `share` < 1 leaves the register half way, as while people are arriving."""
        random = Random(f"{self.prefix} {timezone.localtime(session.starts_at):%Y-%m-%d %H}")
        needed = {session.host_id, self.user("secretary").pk, *session.agenda.values_list("speaker", flat=True)}
        rows, leaves = [], []
        for participant in session.participants.all():
            if random.random() > share and participant.person_id not in needed:
                continue
            row = self._arrival(session, participant, random, clerk, participant.person_id in needed)
            rows.append(row)
            if row.status == AttendanceStatus.LEAVE:
                leaves.append(self._granted(session, row, random))
        Attendance.objects.bulk_create(rows)
        LeaveRequest.objects.bulk_create(leaves)

    def _arrival(self, session: StudySession, participant: Any, random: Random, clerk: User, sure: bool) -> Attendance:
        dice = 0.0 if sure else random.random()
        status, minutes = AttendanceStatus.PRESENT, -random.randint(1, 18)
        if dice > 0.995:
            status, minutes = AttendanceStatus.ABSENT, 0
        elif dice > 0.94:
            status, minutes = AttendanceStatus.LEAVE, 0
        elif dice > 0.9:
            status, minutes = AttendanceStatus.LATE, random.randint(4, 25)
        self_made = minutes != 0 and random.random() < 0.7
        reasons = (LeaveReason.OFFICIAL, LeaveReason.OFFICIAL, LeaveReason.SICK, LeaveReason.PERSONAL)
        return Attendance(
            session=session,
            person_id=participant.person_id,
            status=status,
            leave_reason=random.choice(reasons) if status == AttendanceStatus.LEAVE else "",
            source=AttendanceSource.QR if self_made else AttendanceSource.REGISTER,
            is_counted=participant.category != Role.OBSERVER,
            at=session.starts_at + timedelta(minutes=minutes),
            entered_by_id=participant.person_id if self_made else clerk.pk,
        )

    def _granted(self, session: StudySession, row: Attendance, random: Random) -> LeaveRequest:
        why = {
            LeaveReason.OFFICIAL: ("到县里参加会议。", "陪同上级检查。", "外出参加业务培训。"),
            LeaveReason.SICK: ("身体不适，需就医。",),
            LeaveReason.PERSONAL: ("家中有急事需要处理。",),
        }
        return LeaveRequest(
            session=session,
            person_id=row.person_id,
            reason=row.leave_reason,
            explanation=random.choice(why[LeaveReason(row.leave_reason)]),
            state=LeaveState.GRANTED,
            asked_at=session.starts_at - timedelta(hours=20),
            decided_by=self.user("secretary"),
            decided_at=session.starts_at - timedelta(hours=16),
            answer="同意，会后补学。",
        )

    # -- lectures --

    def invite(self, talk: Talk) -> Lecture:
        """Apply for a lecture and have it judged as far as `talk.end` says; its lecturer is kept as a card."""
        starts = moment(talk.on)
        at = starts - timedelta(days=talk.lead)
        by = self.people.on(talk.by, at)
        end = State(talk.end)
        lecture = create_lecture(
            organizer=self.groups[talk.unit],
            approver=self.group,
            by=by,
            at=at,
            title=talk.title,
            category=talk.category,
            topic=talk.topic,
            starts_at=starts,
            place=talk.place,
            audience=talk.audience,
            lecturer_name=talk.lecturer,
            lecturer_unit=talk.lecturer_unit,
            lecturer_title=talk.lecturer_title,
            lecturer_political_status="中共党员",
            lecturer_qualification=talk.qualification,
            own_unit_opinion="同意" if talk.lecturer_title else "",
            outline=talk.outline,
            files=[("outline", *lecture_script(talk.title, talk.outline, at))],
            keep_card=end == State.APPROVED,
        )
        if end != State.DRAFT:
            submit_lecture(lecture=lecture, by=by, at=at, seen_version=0)
            at = self.review(lecture.review, at, State.FIRST_REVIEW if end == State.RETURNED else end)
        if end == State.RETURNED:
            point = Point("主讲人资质不清，内容与重大主题无关且涉及推销，不同意举办。", None)
            self.send_back(lecture.review, at, (point,))
        self._link(lecture, by)
        if talk.used:
            self.show(lecture, talk)
        return lecture

    def _link(self, lecture: Lecture, by: User) -> None:
        """To the study session held at the same hour, where there is one."""
        session = self.group.sessions.filter(starts_at=lecture.starts_at, group=lecture.organizer).first()
        if session and lecture.review.is_approved:
            stored = Lecture.objects.get(pk=lecture.pk)
            facts = {"session": session}
            at = lecture.starts_at - timedelta(hours=1)
            change_lecture(lecture=stored, seen_version=stored.version, facts=facts, by=by, at=at)

    def show(self, lecture: Lecture, talk: Talk) -> None:
        """The script used on the day: the approved one, or another of which `talk.used` says why."""
        at = moment(talk.on) + timedelta(hours=3)
        same = talk.used == SAME_SCRIPT
        handed_in = moment(talk.on) - timedelta(days=talk.lead)
        text = talk.outline if same else f"{talk.outline}\n（现场补充）"
        keep_used(
            lecture=Lecture.objects.select_related("review__approved_version").get(pk=lecture.pk),
            uploads=[lecture_script(talk.title, text, handed_in)],
            note="" if same else talk.used,
            by=self.people.on(talk.by, at),
            at=at,
        )

    def change_place(self, lecture: Lecture, place: str, at: datetime) -> None:
        """The room of an approved lecture is changed, and nobody has asked again yet."""
        stored = Lecture.objects.select_related("review").get(pk=lecture.pk)
        by = self.people.on(stored.review.author.username, at)
        change_lecture(lecture=stored, seen_version=stored.version, facts={"place": place}, by=by, at=at, restart=True)
