"""The rows behind a figure in words: one line per id, whatever table it is from."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef

from materials.models import (
    Distribution,
    Outcome,
    PaperRequest,
    PaperRequestPerson,
    PersonalStudy,
    PublicityColumn,
    PublicityPush,
    Submission,
)
from reports.statistics.figures import Figure, LeftOut
from reports.statistics.reviewing import ENTRY
from reports.statistics.sources import (
    ASKED,
    ATTENDANCE,
    COLUMN,
    DISTRIBUTION,
    LECTURE,
    OBSERVATION,
    OUTCOME,
    PERSONAL_STUDY,
    PUSH,
    SESSION,
    SUBMISSION,
)
from reviews.chain import State
from reviews.models import ReviewCase, ReviewEntry
from sessions_app.models import Attendance, Lecture, Observation, StudySession
from studygroup.lib.clock import local_date

CASE = ReviewCase._meta.label
PAPER_REQUEST = PaperRequest._meta.label
BOOK = Distribution._meta.get_field("book").related_model._meta.label
UNSUBMITTED = "（未提交的草稿）"  # its title is nobody's business before it is handed in
UNFINISHED = "（还没有通过的材料）"  # to whoever reads only what was approved


@dataclass(frozen=True)
class EvidenceRow:
    """One counted or left-out row. `page` names the row whose own page shows more, or is None. `outside` is what is
    told of it to whoever does not read the group's unfinished work, when that is less."""

    day: date | None
    title: str
    kinds: str = ""
    people: str = ""
    note: str = ""
    page: tuple[str, int] | None = None
    why: str = ""
    outside: "EvidenceRow | None" = None


GONE = EvidenceRow(None, "（这条记录已经删除）")
Reader = Callable[[Sequence[int]], dict[int, EvidenceRow]]


def _sessions(ids: Sequence[int]) -> dict[int, EvidenceRow]:
    rows: Any = StudySession.objects.select_related("host").prefetch_related("kinds").with_counts()
    found = rows.annotate(has_register=Exists(Attendance.objects.filter(session=OuterRef("pk")))).in_bulk(ids)
    return {
        pk: EvidenceRow(
            local_date(session.starts_at),
            session.title,
            "、".join(kind.label for kind in session.kinds.all()),
            f"主持：{session.host.name}" if session.host else "",
            _attended(session),
            (SESSION, pk),
        )
        for pk, session in found.items()
    }


def _attended(session: Any) -> str:
    """A session nobody was entered for is missing data, not a session nobody came to."""
    if not session.has_register:
        return "没有签到登记"
    return f"应到 {session.expected_count or 0} 人，实到 {session.present_count} 人"


def _attendances(ids: Sequence[int]) -> dict[int, EvidenceRow]:
    found = Attendance.objects.select_related("session", "person").in_bulk(ids)
    return {
        pk: EvidenceRow(
            local_date(row.session.starts_at),
            row.session.title,
            str(row.get_status_display()),
            row.person.name,
            str(row.get_leave_reason_display()),
            (SESSION, row.session_id),
        )
        for pk, row in found.items()
    }


def _papers(ids: Sequence[int]) -> dict[int, EvidenceRow]:
    found = Submission.objects.select_related("author", "review").defer("body").in_bulk(ids)
    rows = {}
    for pk, paper in found.items():
        kind, day, case = paper.kind_label, paper.written_on, paper.review
        if case.state == State.DRAFT:
            rows[pk] = EvidenceRow(day, UNSUBMITTED, kind)
        else:
            told = (day, case.title, kind, paper.author.name, paper.topic if case.is_approved else "", (SUBMISSION, pk))
            rows[pk] = EvidenceRow(*told, outside=None if case.is_approved else EvidenceRow(day, UNFINISHED, kind))
    return rows


def _verdicts(ids: Sequence[int]) -> dict[int, EvidenceRow]:
    """The title as it was handed in. Only what is approved leads on: unfinished work is not everybody's to read."""
    found = ReviewEntry.objects.select_related("case", "subject_version", "by", "on_behalf_of", "undone_by")
    rows = {}
    for pk, entry in found.defer("subject_version__content").in_bulk(ids).items():
        people = f"{entry.by.name}（受{entry.on_behalf_of.name}委托）" if entry.on_behalf_of else entry.by.name
        title = entry.subject_version.title if entry.subject_version else entry.case.title
        standing = "待追认" if entry.case.pending_override_id == pk else entry.undone_words
        note = "　".join(word for word in (entry.words, standing) if word)
        page = (CASE, entry.case_id) if entry.case.is_approved else None
        row = EvidenceRow(local_date(entry.at), title, entry.case.kind_label, people, note, page)
        rows[pk] = row if page else replace(row, outside=replace(row, title=UNFINISHED))
    return rows


def _lectures(ids: Sequence[int]) -> dict[int, EvidenceRow]:
    found = Lecture.objects.select_related("organizer", "review").defer("outline").in_bulk(ids)
    rows = {}
    for pk, lecture in found.items():
        day = local_date(lecture.starts_at)
        if lecture.review.state == State.DRAFT:
            rows[pk] = EvidenceRow(day, UNSUBMITTED, lecture.category)
        else:
            people = f"{lecture.lecturer_name}　{lecture.lecturer_unit}"
            organizer = f"主办：{lecture.organizer.name}"
            rows[pk] = EvidenceRow(day, lecture.title, lecture.category, people, organizer, (LECTURE, pk))
    return rows


def _distributions(ids: Sequence[int]) -> dict[int, EvidenceRow]:
    found = Distribution.objects.select_related("book").in_bulk(ids)
    return {
        pk: EvidenceRow(
            row.handed_out_on, row.book.title, row.book.category, row.receiver, f"{row.copies} 册", (BOOK, row.book_id)
        )
        for pk, row in found.items()
    }


def _columns(ids: Sequence[int]) -> dict[int, EvidenceRow]:
    found = PublicityColumn.objects.in_bulk(ids)
    return {pk: EvidenceRow(row.opened_on, row.name, row.channel) for pk, row in found.items()}


def _pushes(ids: Sequence[int]) -> dict[int, EvidenceRow]:
    found = PublicityPush.objects.select_related("column").in_bulk(ids)
    return {
        pk: EvidenceRow(row.pushed_on, row.title, row.channel, "", f"专栏：{row.column.name}" if row.column else "")
        for pk, row in found.items()
    }


def _personal_studies(ids: Sequence[int]) -> dict[int, EvidenceRow]:
    found = PersonalStudy.objects.select_related("person").in_bulk(ids)
    return {
        pk: EvidenceRow(row.done_on, row.title, str(row.get_kind_display()), row.person.name)
        for pk, row in found.items()
    }


def _asked(ids: Sequence[int]) -> dict[int, EvidenceRow]:
    found: Any = PaperRequestPerson.objects.select_related("request", "person")
    on_time = set(found.filter(pk__in=ids).on_time().values_list("pk", flat=True))
    answered = set(found.filter(pk__in=ids).answered().values_list("pk", flat=True))
    return {
        pk: EvidenceRow(
            row.request.due_on,
            row.request.title,
            row.request.kind_name,
            row.person.name,
            "免交" if row.excused_at else ("按时" if pk in on_time else "逾期" if pk in answered else "未交"),
            (PAPER_REQUEST, row.request_id),
        )
        for pk, row in found.in_bulk(ids).items()
    }


def _observations(ids: Sequence[int]) -> dict[int, EvidenceRow]:
    found = Observation.objects.in_bulk(ids)
    return {
        pk: EvidenceRow(
            row.planned_on,
            row.topic or "（未写主题）",
            "列席旁听",
            f"旁听人：{row.observers}",
            str(row.get_state_display()),
            (OBSERVATION, pk),
        )
        for pk, row in found.items()
    }


def _outcomes(ids: Sequence[int]) -> dict[int, EvidenceRow]:
    found = Outcome.objects.select_related("submission__review", "owner").defer("submission__body").in_bulk(ids)
    return {
        pk: EvidenceRow(
            row.adopted_on,
            row.suggestion,
            row.adopted_in,
            row.who,
            f"报告：{row.submission.review.title}",
            (SUBMISSION, row.submission_id),
        )
        for pk, row in found.items()
    }


READERS: dict[str, tuple[str, Reader]] = {
    SESSION: ("学习活动", _sessions),
    ATTENDANCE: ("签到登记", _attendances),
    SUBMISSION: ("学习材料", _papers),
    ENTRY: ("审核办理", _verdicts),
    LECTURE: ("报告会、授课", _lectures),
    DISTRIBUTION: ("资料发放", _distributions),
    COLUMN: ("宣传专栏", _columns),
    PUSH: ("宣传推送", _pushes),
    PERSONAL_STUDY: ("个人自学", _personal_studies),
    OBSERVATION: ("列席旁听", _observations),
    OUTCOME: ("成果转化", _outcomes),
    ASKED: ("布置的材料", _asked),
}


def rows_of(model: str, ids: Sequence[int], *, inside: bool = False) -> list[EvidenceRow]:
    """One line per id in the order given; a row that is no longer there says so. `inside`: the reader may know of
    unfinished work."""
    found = READERS[model][1](ids)
    return [_told(found.get(pk, GONE), inside) for pk in ids]


def _told(row: EvidenceRow, inside: bool) -> EvidenceRow:
    return row if inside or row.outside is None else row.outside


def left_out_rows(left_out: Iterable[LeftOut], *, inside: bool = False) -> list[EvidenceRow]:
    """Lines with the reason why each was not counted."""
    left_out = list(left_out)
    by_model: dict[str, list[int]] = {}
    for row in left_out:
        by_model.setdefault(row.model, []).append(row.id)
    found = {model: READERS[model][1](ids) for model, ids in by_model.items()}
    return [replace(_told(found[row.model].get(row.id, GONE), inside), why=row.why) for row in left_out]


@dataclass(frozen=True)
class EvidenceTable:
    """All rows of one table that some figure counted, each with the figures it counts in."""

    name: str
    rows: Sequence[tuple[EvidenceRow, str]]


def evidence_tables(figures: Iterable[Figure]) -> list[EvidenceTable]:
    """Every counted row once, by table, for the workbook."""
    counted: dict[str, dict[int, list[str]]] = {model: {} for model in READERS}
    for figure in figures:
        for pk in figure.evidence.ids:
            counted[figure.evidence.model].setdefault(pk, []).append(figure.label)
    return [_table(model, labels) for model, labels in counted.items()]


def _table(model: str, labels: dict[int, list[str]]) -> EvidenceTable:
    lines = zip(rows_of(model, list(labels)), labels.values(), strict=True)
    ordered = sorted(((row, "、".join(names)) for row, names in lines), key=_by_day)
    return EvidenceTable(READERS[model][0], ordered)


def _by_day(line: tuple[EvidenceRow, Any]) -> date:
    return line[0].day or date.min
