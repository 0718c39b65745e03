"""个人学习档案: everything the rows know of one person's study in a year, for himself, his office and 述学.

Only what is finished counts: held sessions, papers that passed the gate. A draft is nobody's business.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Exists, OuterRef, Q

from accounts.models import Membership, StudyGroup, User
from accounts.permissions import Role
from materials.models import Outcome, PersonalStudy, Submission
from materials.models.paper_kind import kind_names
from materials.models.personal_study import PersonalStudyKind
from reports.models.correction import CorrectionPart
from reports.statistics.attendance import percent
from reviews.chain import State
from sessions_app.models import AgendaItem, Attendance, MakeUpStudy, StudySession
from sessions_app.models.attendance import ATTENDED, AttendanceStatus
from sessions_app.models.make_up import MakeUpState

OUTSIDE = ("onsite_teaching", "study_visit", "party_education")  # kinds of sessions held away from the hall


@dataclass(frozen=True)
class FileRow:
    """One line of a part; `route` and `pk` name the page that shows more. `of_month`: what was done all month long has
    no day of its own."""

    day: date
    cells: Sequence[str]
    route: str = ""
    pk: int = 0
    of_month: bool = False


@dataclass(frozen=True)
class FilePart:
    """One part of the file with its rows by date; `sentence` sums it up. The head starts with 日期."""

    slug: CorrectionPart
    title: str
    head: Sequence[str]
    rows: Sequence[FileRow]
    sentence: str = ""


@dataclass(frozen=True)
class StudyFile:
    group: StudyGroup
    person: User
    year: int
    titles: Sequence[str]
    parts: Sequence[FilePart] = field(default_factory=list)

    @property
    def name(self) -> str:
        return f"{self.person.name}{self.year}年度学习档案"

    @property
    def is_empty(self) -> bool:
        return not any(part.rows for part in self.parts)


def study_file_of(group: StudyGroup, person: User, year: int) -> StudyFile:
    """Ten statements, whatever the number of rows."""
    places = Membership.objects.filter(group=group, user=person, starts_on__lte=date(year, 12, 31))
    places = places.filter(Q(ends_on=None) | Q(ends_on__gte=date(year, 1, 1))).order_by("starts_on", "pk")
    held = StudySession.objects.filter(group=group).held().in_year(year)
    registered = list(
        Attendance.objects.filter(session__in=held, person=person)
        .select_related("session")
        .prefetch_related("session__kinds")
        .order_by("session__starts_at", "session")
    )
    made_up = MakeUpStudy.objects.filter(session__in=held, person=person).exclude(state=MakeUpState.DUE)
    studied = list(made_up.select_related("session").order_by("session__starts_at", "session"))
    parts = [
        _attended(registered, studied),
        _made_up(studied),
        _spoken(held, person),
        _papers(group, person, year),
        _studies(group, person, year),
        _outside(registered),
        _adopted(group, person, year),
    ]
    return StudyFile(group, person, year, list(dict.fromkeys(p.title for p in places if p.title)), parts)


def _attended(rows: Sequence[Attendance], studied: Sequence[MakeUpStudy]) -> FilePart:
    lines = [
        FileRow(
            row.session.day,
            (row.session.title, "、".join(k.label for k in row.session.kinds.all()), _standing(row)),
            "session_detail",
            row.session_id,
        )
        for row in rows
    ]
    title = "参加集中学习"
    return FilePart(CorrectionPart.ATTENDANCE, title, ("日期", "主题", "形式", "登记"), lines, _rates(rows, studied))


def _standing(row: Attendance) -> str:
    if row.leave_reason:
        return f"{row.get_status_display()}（{row.get_leave_reason_display()}）"
    return f"{row.get_status_display()}{'' if row.is_counted else '（列席）'}"


def _rates(rows: Sequence[Attendance], studied: Sequence[MakeUpStudy]) -> str:
    counted = [row for row in rows if row.is_counted]
    if not counted:
        return ""
    here = {row.session_id for row in counted if row.status in ATTENDED}
    confirmed = {row.session_id for row in studied if row.state == MakeUpState.CONFIRMED} - here
    late, leave, absent = (
        sum(row.status == status for row in counted)
        for status in (AttendanceStatus.LATE, AttendanceStatus.LEAVE, AttendanceStatus.ABSENT)
    )
    words = f"应到 {len(counted)} 次，实到 {len(here)} 次" + (f"（其中迟到 {late} 次）" if late else "")
    words += f"，请假 {leave} 次，缺席 {absent} 次，补学 {len(confirmed)} 次。"
    rate, after = percent(len(here), len(counted)), percent(len(here) + len(confirmed), len(counted))
    return f"{words}出勤率 {rate}，补学后参学率 {after}。"


def _made_up(rows: Sequence[MakeUpStudy]) -> FilePart:
    lines = [
        FileRow(
            row.studied_on or row.session.day,
            (row.session.title, str(row.get_method_display()), row.content, str(row.get_state_display())),
            "make_up_detail",
            row.pk,
        )
        for row in rows
    ]
    head = ("补学日期", "补学的学习", "方式", "内容", "状态")
    return FilePart(CorrectionPart.MAKE_UP, "请假补学", head, lines)


def _spoken(held: Iterable[StudySession], person: User) -> FilePart:
    away = Attendance.objects.filter(session=OuterRef("session"), person=person).exclude(status__in=ATTENDED)
    items = AgendaItem.objects.filter(session__in=held, speaker=person).exclude(Exists(away)).select_related("session")
    items = items.order_by("session__starts_at", "position")
    lines = [
        FileRow(
            item.session.day,
            (str(item.get_role_display()), item.title or item.session.title),
            "session_detail",
            item.session_id,
        )
        for item in items
    ]
    numbers: dict[str, int] = defaultdict(int)
    for line in lines:
        numbers[line.cells[0]] += 1
    sentence = "，".join(f"{role} {number} 次" for role, number in numbers.items())
    return FilePart(
        CorrectionPart.SPEECHES, "领学、发言、授课", ("日期", "环节", "题目"), lines, sentence and f"{sentence}。"
    )


def _papers(group: StudyGroup, person: User, year: int) -> FilePart:
    """Approved papers by the title that was approved; what is under review is only counted."""
    rows = list(
        Submission.objects.filter(group=group, author=person)
        .exclude(review__state=State.DRAFT, review__approved_version=None)
        .in_year(year)
        .select_related("review__approved_version")
        .defer("body", "review__approved_version__content")
        .order_by("written_on", "pk")
    )
    names = dict(kind_names([group.pk]))
    approved = [row for row in rows if row.review.state == State.APPROVED and row.review.approved_version]
    lines = [
        FileRow(
            row.written_on,
            (names.get(row.kind, row.kind_label), row.review.approved_version.title, row.topic),
            "submission_detail",
            row.pk,
        )
        for row in approved
    ]
    numbers: dict[str, int] = defaultdict(int)
    for line in lines:
        numbers[line.cells[0]] += 1
    told = [f"{kind} {number} 篇" for kind, number in numbers.items()]
    waiting = f"另有 {len(rows) - len(approved)} 篇正在审核或修改，通过后计入。" if len(rows) > len(approved) else ""
    sentence = (f"{'，'.join(told)}。" if told else "") + waiting
    return FilePart(CorrectionPart.PAPERS, "撰写的学习材料", ("日期", "类别", "标题", "专题"), lines, sentence)


def _studies(group: StudyGroup, person: User, year: int) -> FilePart:
    rows = list(PersonalStudy.objects.filter(group=group, person=person, done_on__year=year).order_by("done_on", "pk"))
    hours = PersonalStudyKind.STUDY_HOURS
    lines = [
        FileRow(row.done_on, (str(row.get_kind_display()), _study(row), row.note), of_month=row.kind == hours)
        for row in rows
    ]
    sentences: dict[str, Callable[[int], str]] = {
        PersonalStudyKind.BOOK: "读书 {} 本".format,
        PersonalStudyKind.FIELD_VISIT: "蹲点调研 {} 次".format,
        PersonalStudyKind.STUDY_HOURS: "自学 {} 小时".format,
    }
    totals = {kind: sum(row.amount for row in rows if row.kind == kind) for kind in sentences}
    sentence = "，".join(sentences[kind](total) for kind, total in totals.items() if total)
    return FilePart(
        CorrectionPart.STUDIES,
        "自学、读书、蹲点调研",
        ("日期", "类别", "书名、地点或内容", "收获"),
        lines,
        sentence and f"{sentence}。",
    )


def _study(row: PersonalStudy) -> str:
    return f"{row.title}（{row.amount} 小时）" if row.kind == PersonalStudyKind.STUDY_HOURS else row.title


def _outside(rows: Sequence[Attendance]) -> FilePart:
    lines = [
        FileRow(row.session.day, (row.session.title, row.session.place), "session_detail", row.session_id)
        for row in rows
        if row.status in ATTENDED and any(kind.slug in OUTSIDE for kind in row.session.kinds.all())
    ]
    sentence = f"参加 {len(lines)} 次。" if lines else ""
    return FilePart(CorrectionPart.VISITS, "现场教学、对标调研", ("日期", "主题", "地点"), lines, sentence)


def _adopted(group: StudyGroup, person: User, year: int) -> FilePart:
    """By the adoption's own day, which may be years after the report."""
    rows = Outcome.objects.filter(group=group, submission__author=person, adopted_on__year=year)
    ordered = rows.order_by("adopted_on", "pk")
    lines = [FileRow(row.adopted_on, (row.suggestion, row.adopted_in, row.result or "办理中")) for row in ordered]
    return FilePart(CorrectionPart.OTHER, "调研成果转化", ("采纳日期", "建议", "采纳的文件或会议", "结果"), lines)


# -- the group at a glance -----------------------------------------------------


@dataclass(frozen=True)
class FileLine:
    """One person of the roster and what of his year there is, to find the file; never an order of merit."""

    person: int
    name: str
    title: str
    papers: int
    books: int
    visits: int


def file_lines(group: StudyGroup, year: int) -> list[FileLine]:
    """Members and 扩大人员 of that year in the order of the roster: three statements."""
    places = Membership.objects.filter(group=group, starts_on__lte=date(year, 12, 31)).exclude(category=Role.OBSERVER)
    places = places.filter(Q(ends_on=None) | Q(ends_on__gte=date(year, 1, 1))).order_by("position", "pk")
    approved = Submission.objects.filter(group=group, review__state=State.APPROVED).in_year(year)
    papers = _numbers((author, 1) for author in approved.values_list("author", flat=True))
    done = PersonalStudy.objects.filter(group=group, done_on__year=year).values_list("kind", "person", "amount")
    rows = list(done)
    books = _numbers((person, n) for kind, person, n in rows if kind == PersonalStudyKind.BOOK)
    visits = _numbers((person, n) for kind, person, n in rows if kind == PersonalStudyKind.FIELD_VISIT)
    people = {row[0]: row for row in places.values_list("user", "user__name", "title")}  # the latest title stays
    return [FileLine(p, name, title, papers[p], books[p], visits[p]) for p, name, title in people.values()]


def _numbers(pairs: Iterable[tuple[int, int]]) -> dict[int, int]:
    numbers: dict[int, int] = defaultdict(int)
    for person, amount in pairs:
        numbers[person] += amount
    return numbers


def first_year_of(group: StudyGroup, person: User, today: date) -> int:
    """The year of his first place in the roster; this year for somebody without one."""
    first = Membership.objects.filter(group=group, user=person).order_by("starts_on").first()
    return first.starts_on.year if first else today.year
