"""What members write: drafted by the author alone, handed in to 两审一把关."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Max

from accounts.actions.people import require
from accounts.models import StudyGroup, User
from accounts.permissions import Permission
from materials.actions.likeness import ask_comparison
from materials.documents import submission_blocks
from materials.models import Submission, SubmissionFile
from materials.models.paper_kind import kinds_of
from materials.rules import stands_in
from reviews.actions import advance, open_case, open_points
from reviews.actions.draft import REWORKED, TAKEN, change_kind, keep_answers, note_reworked
from reviews.actions.opening import note_outcome
from reviews.chain import Move
from reviews.models import ReturnPoint, ReviewCase
from studygroup.lib import audit
from studygroup.lib.clock import local_date
from studygroup.lib.errors import NotAllowed, Overtaken, Refused
from studygroup.lib.files import Checked

Upload = tuple[UploadedFile, Checked]
DOUBLE_PRESS = timedelta(minutes=2)
TEXTS = ("title", "body", "topic", "purpose")


@dataclass(frozen=True)
class Pen:
    """Which open page writes, and its how-manieth writing this is."""

    name: str = ""
    serial: int = 0


NO_PEN = Pen()


@transaction.atomic
def write_submission(
    *,
    group: StudyGroup,
    author: User,
    at: datetime,
    by: User | None = None,
    uploads: Sequence[Upload] = (),
    hand_in: bool = False,
    pen: Pen = NO_PEN,
    **facts: Any,
) -> Submission:
    """What the buttons of a new paper do: draft, attachments, and on request handing in, all or nothing.

    The same paper sent again within two minutes is a double press and finds the first one. `by` types it in for its
    author, when that is not himself.
    """
    by = by or author
    User.objects.select_for_update().get(pk=author.pk)  # the second press waits here for the first
    begun = Submission.objects.filter(author=author, begun_pen=pen.name).select_related("review", "group", "author")
    if pen.name and (submission := begun.first()):  # autosave began it a moment ago
        seen: dict[str, Any] = {"seen_version": -1, "changes": facts, "pen": pen}  # it has seen only its own words
        rewrite_submission(submission=submission, uploads=uploads, hand_in=hand_in, by=by, at=at, **seen)
        return submission
    submission = _pressed_before(uploads, group=group, author=author, created_at__gt=at - DOUBLE_PRESS, **facts)
    if submission is None:
        submission = create_submission(group=group, author=author, by=by, at=at, pen=pen, **facts)
        _attach_all(submission, uploads, by, at)
    if hand_in and submission.review.is_editable:
        submit(submission=submission, by=by, at=at, seen_version=submission.review.version)
    return submission


def _pressed_before(uploads: Sequence[Upload], **facts: Any) -> Submission | None:
    sent = sorted(checked.sha256 for _, checked in uploads)
    for submission in Submission.objects.filter(**facts).select_related("review", "author", "session"):
        if sorted(submission.files.filter(removed_at=None).values_list("sha256", flat=True)) == sent:
            return submission
    return None


@transaction.atomic
def rewrite_submission(
    *,
    submission: Submission,
    seen_version: int,
    changes: Mapping[str, Any],
    by: User,
    at: datetime,
    uploads: Sequence[Upload] = (),
    removed: Sequence[SubmissionFile] = (),
    answers: Mapping[int, str] | None = None,
    hand_in: bool = False,
    pen: Pen = NO_PEN,
) -> None:
    """What the button of an existing draft does. Answers to open points are kept with the draft, too."""
    case = submission.review
    follow_kind(submission=submission, changes=changes, by=by)
    save_submission(submission=submission, seen_version=seen_version, changes=changes, by=by, at=at, pen=pen)
    for file in removed:
        detach(file=file, by=by, at=at)
    _attach_all(submission, uploads, by, at)
    if hand_in:
        submit(submission=submission, by=by, at=at, seen_version=case.version, answers=answers)
    elif answers:
        keep_answers(case=case, answers=answers, by=by)


def follow_kind(*, submission: Submission, changes: Mapping[str, Any], by: User) -> None:
    """Another kind has its own steps: the case changes with it."""
    kind = changes.get("kind", submission.review.kind)
    if kind != submission.review.kind:
        change_kind(case=submission.review, kind=kind, kind_name=_kind_name(submission.group_id, kind), by=by)


def _attach_all(submission: Submission, uploads: Sequence[Upload], by: User, at: datetime) -> None:
    for upload, checked in uploads:
        attach(submission=submission, upload=upload, checked=checked, by=by, at=at)


@transaction.atomic
def create_submission(
    *,
    group: StudyGroup,
    author: User,
    kind: str,
    title: str,
    by: User,
    at: datetime,
    pen: Pen = NO_PEN,
    **facts: Any,
) -> Submission:
    """Start a draft. The office may type in a paper for its author; then neither of the two can review it."""
    if by.pk == author.pk:
        require(by, Permission.WRITE_PAPERS, group.pk)
    else:
        require(by, Permission.MANAGE_SESSIONS, group.pk)
    kind_name = _kind_name(group.pk, kind)
    case = open_case(group=group, kind=kind, kind_name=kind_name, title=title, author=author, by=by, at=at)
    submission = Submission.objects.create(
        group=group,
        author=author,
        kind=kind,
        title=title,
        review=case,
        created_at=at,
        saved_at=at,
        begun_pen=pen.name,
        pen=pen.name,
        pen_serial=pen.serial,
        **facts,
    )
    audit.record("submission.create", target=submission, by=by, at=at, group_id=group.pk, kind=kind)
    return submission


def _kind_name(group_id: int, kind: str) -> str:
    row = kinds_of(group_id, retired=True).get(kind)
    if row is None:
        raise Refused("这个学习组没有这一类材料，请重新选择类别。")
    return row.label


def _must_be_his(submission: Submission, by: User, at: datetime) -> Submission:
    """The row as it is stored now: changing, handing in and undoing a return wait for each other here.

    Whoever writes on a returned paper has seen the return; from then on it is not undone.
    """
    rows = Submission.objects.select_for_update(of=("self", "review")).select_related("review")
    stored = rows.get(pk=submission.pk)
    if by.pk not in (stored.author_id, stored.review.handed_in_by_id):
        raise NotAllowed("只有撰稿人可以修改自己的材料。")
    if not stored.review.is_editable:
        raise Refused("材料正在审核或已经通过，不能修改。")
    note_outcome(case=stored.review, by=by, at=at)
    return stored


@transaction.atomic
def save_submission(
    *,
    submission: Submission,
    seen_version: int,
    changes: Mapping[str, Any],
    by: User,
    at: datetime,
    pen: Pen = NO_PEN,
) -> None:
    """Store the draft. Raises Overtaken when it was saved elsewhere since `seen_version`."""
    put_down(submission=submission, seen_version=seen_version, changes=changes, by=by, at=at, pen=pen)
    audit.record("submission.save", target=submission, by=by, at=at, group_id=submission.group_id)


@transaction.atomic
def put_down(
    *, submission: Submission, seen_version: int, changes: Mapping[str, Any], by: User, at: datetime, pen: Pen
) -> None:
    """Write over what stands there, if this page may: it has seen it, or its own pen wrote it. No audit row."""
    stored = _must_be_his(submission, by, at)
    goes_on = bool(pen.name) and pen.name == stored.pen and pen.serial > stored.pen_serial
    may_write = goes_on or seen_version == stored.version
    if not may_write and _stands_there(stored, changes):
        submission.version, submission.saved_at = stored.version, stored.saved_at
        return
    marks = {"version": stored.version + 1, "saved_at": at, "pen": pen.name, "pen_serial": pen.serial}
    rows = Submission.objects.filter(pk=stored.pk, version=stored.version)
    if not may_write or not rows.update(**changes, **marks):
        now = Submission.objects.get(pk=stored.pk)
        raise Overtaken(
            "这份材料刚刚在别处保存过，您这次写的还没有保存。请对照后再存一次。",
            {"现在的标题": now.title, "现在的正文": now.body},
        )
    for name, value in {**changes, **marks}.items():
        setattr(submission, name, value)


def _stands_there(stored: Submission, changes: Mapping[str, Any]) -> bool:
    """The answer of an earlier writing was lost: the whole text is sent again. What is not in order is not among the
    changes, so a text that lacks a part says nothing."""
    return all(name in changes for name in TEXTS) and all(
        getattr(stored, name) == value for name, value in changes.items()
    )


@transaction.atomic
def attach(*, submission: Submission, upload: UploadedFile, checked: Checked, by: User, at: datetime) -> SubmissionFile:
    """Keep an upload that `check_upload` has accepted."""
    _must_be_his(submission, by, at)
    file = SubmissionFile.objects.create(
        submission=submission, file=upload, name=checked.name, size=checked.size, sha256=checked.sha256, added_at=at
    )
    audit.record(
        "submission.attach", target=submission, by=by, at=at, group_id=submission.group_id, sha256=checked.sha256
    )
    return file


@transaction.atomic
def detach(*, file: SubmissionFile, by: User, at: datetime) -> None:
    """Take an attachment off the draft; versions handed in earlier keep it."""
    _must_be_his(file.submission, by, at)
    SubmissionFile.objects.filter(pk=file.pk, removed_at=None).update(removed_at=at)
    audit.record(
        "submission.detach", target=file.submission, by=by, at=at, group_id=file.submission.group_id, sha256=file.sha256
    )


@transaction.atomic
def discard(*, submission: Submission, by: User, at: datetime) -> None:
    """Throw away a draft that was never handed in, with its attachments. What was handed in once stays for good."""
    _must_be_his(submission, by, at)
    case = ReviewCase.objects.get(pk=submission.review_id)
    if case.round:
        raise Refused("这份材料提交过，审核记录要保留，不能删除。")
    audit.record("submission.discard", target=submission, by=by, at=at, group_id=submission.group_id)
    stored = [(file.file.storage, str(file.file)) for file in submission.files.all()]
    submission.files.all().delete()
    submission.delete()
    case.delete()
    for storage, name in stored:
        transaction.on_commit(partial(storage.delete, name))


@transaction.atomic
def submit(
    *,
    submission: Submission,
    by: User,
    at: datetime,
    seen_version: int,
    comment: str = "",
    answers: Mapping[int, str] | None = None,
) -> None:
    """Hand in. `seen_version` is the case's. Refused with an empty body and without attachment."""
    _must_be_his(submission, by, at)
    # Frozen is what is stored; a draft still open elsewhere was written before.
    stored = Submission.objects.select_related("author", "session").get(pk=submission.pk)
    submission.version = stored.version + 1
    Submission.objects.filter(pk=stored.pk).update(version=submission.version, handed_in_session=stored.session)
    files = list(stored.files.filter(removed_at=None))
    if not stored.body.strip() and not files:
        raise Refused("正文还是空的，请写几句或上传附件后再提交。")
    if not stored.title.strip():
        raise Refused("还没有标题，请填写标题后再提交。")
    _receive(submission, stored, at)
    reworked = [point for point in open_points(submission.review) if point.taken and not _stands(stored, point)]
    note_reworked(case=submission.review, reworked={point.pk for point in reworked}, by=by)
    told = dict(answers or {})
    for point in reworked:
        told[point.pk] = REWORKED if told.get(point.pk, "").strip() == TAKEN else told.get(point.pk, "")
    entry = advance(
        case=submission.review,
        move=Move.SUBMIT,
        by=by,
        at=at,
        seen_version=seen_version,
        comment=comment,
        content=submission_blocks(stored, files),
        title=stored.title,
        answers=told,
    )
    assert entry.subject_version is not None
    ask_comparison(submission=stored, version=entry.subject_version, by=by, at=at)


def _stands(submission: Submission, point: ReturnPoint) -> bool:
    return stands_in(submission.body, point.suggested)


def _receive(submission: Submission, stored: Submission, at: datetime) -> None:
    """收件号: the next number of the group's year, given at the first submission and kept."""
    if stored.receipt_number:
        return
    StudyGroup.objects.select_for_update().get(pk=stored.group_id)  # two submissions at once take two numbers
    year = local_date(at).year
    last = Submission.objects.filter(group=stored.group_id, receipt_year=year).aggregate(last=Max("receipt_number"))
    given = {"received_at": at, "receipt_year": year, "receipt_number": (last["last"] or 0) + 1}
    Submission.objects.filter(pk=stored.pk).update(**given)
    for name, value in given.items():
        setattr(submission, name, value)
        setattr(stored, name, value)


def withdraw(*, submission: Submission, by: User, at: datetime, seen_version: int) -> None:
    """Take it back before anybody has judged it. `seen_version` is the case's."""
    advance(case=submission.review, move=Move.WITHDRAW, by=by, at=at, seen_version=seen_version)
