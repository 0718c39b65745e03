"""报告会附件: what is applied with, what the lecturer's card brings along, what was used on the day."""

from collections.abc import Sequence
from datetime import datetime

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from accounts.actions.people import require
from accounts.models import User
from accounts.permissions import Permission
from sessions_app.documents.lecture import DIFFERENT, NOTHING, compared
from sessions_app.models import Lecture, LectureFile, Lecturer
from sessions_app.models.lecture import LectureFilePurpose
from studygroup.lib import audit
from studygroup.lib.clock import local_date
from studygroup.lib.errors import Refused
from studygroup.lib.files import Checked

Upload = tuple[UploadedFile, Checked]
Named = tuple[str, UploadedFile, Checked]  # with its purpose first


def attach_files(*, lecture: Lecture, files: Sequence[Named], by: User, at: datetime) -> None:
    """Keep uploads that `check_upload` has accepted. Part of the action that changes the application."""
    for purpose, upload, checked in files:
        _keep(LectureFile(lecture=lecture, purpose=purpose), upload, checked, by, at)
        audit.record(
            "lecture.attach", target=lecture, by=by, at=at, group_id=lecture.organizer_id, sha256=checked.sha256
        )


def _keep(row: LectureFile, upload: UploadedFile, checked: Checked, by: User, at: datetime) -> None:
    row.name, row.size, row.sha256 = checked.name, checked.size, checked.sha256
    row.file, row.added_by, row.added_at = upload, by, at
    row.save(force_insert=True)


def detach_files(*, files: Sequence[LectureFile], by: User, at: datetime) -> None:
    """Take files off; versions handed in earlier keep them."""
    for file in files:
        if LectureFile.objects.filter(pk=file.pk, removed_at=None).update(removed_at=at):
            group_id = file.lecture.organizer_id if file.lecture else file.lecturer.group_id
            audit.record("lecture.detach", target=file, by=by, at=at, group_id=group_id, sha256=file.sha256)


def exchange_card_files(*, lecture: Lecture, before: Lecturer | None, by: User, at: datetime) -> None:
    """The qualification papers of the card chosen, as they are now, take the place of the former card's.

    The row is copied, the bytes are not: they are never changed.
    """
    card = lecture.lecturer
    if card == before:
        return
    there = lecture.files.kept().filter(purpose=LectureFilePurpose.QUALIFICATION)
    if before is not None:
        former = before.files.values_list("sha256", flat=True)
        there.filter(sha256__in=list(former)).update(removed_at=at)
    if card is None:
        return
    known = set(there.values_list("sha256", flat=True))
    for file in card.files.kept():
        if file.sha256 not in known:
            LectureFile.objects.create(
                lecture=lecture,
                purpose=LectureFilePurpose.QUALIFICATION,
                file=file.file.name,
                name=file.name,
                size=file.size,
                sha256=file.sha256,
                added_by=by,
                added_at=at,
            )


@transaction.atomic
def change_card_files(
    *, lecturer: Lecturer, uploads: Sequence[Upload], removed: Sequence[LectureFile], by: User, at: datetime
) -> None:
    """资质材料 of a card. Applications made with it before keep what they had."""
    require(by, Permission.MANAGE_SESSIONS, lecturer.group_id)
    for upload, checked in uploads:
        row = LectureFile(lecturer=lecturer, purpose=LectureFilePurpose.QUALIFICATION)
        _keep(row, upload, checked, by, at)
        audit.record(
            "lecturer.attach", target=lecturer, by=by, at=at, group_id=lecturer.group_id, sha256=checked.sha256
        )
    detach_files(files=removed, by=by, at=at)


@transaction.atomic
def keep_used(*, lecture: Lecture, uploads: Sequence[Upload], note: str, by: User, at: datetime) -> list[str]:
    """What was shown on the day, compared with what was approved; returns what was found for each file.

    Refused before the day, without an approval, and for a different file without a word about it.
    """
    require(by, Permission.MANAGE_SESSIONS, lecture.organizer_id)
    approved = lecture.review.approved_version
    if approved is None:
        raise Refused("这份申请还没有批准，没有可以核对的讲稿。")
    if local_date(at) < local_date(lecture.starts_at):
        raise Refused("请在举办当天或之后上传实际使用的讲稿；讲稿有改动的，请先申请变更。")
    found = [compared(checked.sha256, approved.content) for _, checked in uploads]
    if not note.strip() and any(result in (DIFFERENT, NOTHING) for result in found):
        raise Refused("有文件与批准的讲稿不一致，或没有批准的文件可以比对。请写明情况，或先申请变更、重新报批。")
    for (upload, checked), result in zip(uploads, found, strict=True):
        told = note.strip() if result in (DIFFERENT, NOTHING) else ""
        row = LectureFile(lecture=lecture, purpose=LectureFilePurpose.USED, note=told)
        _keep(row, upload, checked, by, at)
        audit.record(
            "lecture.used",
            target=lecture,
            by=by,
            at=at,
            group_id=lecture.organizer_id,
            sha256=checked.sha256,
            compared=result,
        )
    return found


@transaction.atomic
def drop_used(*, file: LectureFile, by: User, at: datetime) -> None:
    """Take off a file uploaded by mistake; what the approval was about is changed only with the application."""
    require(by, Permission.MANAGE_SESSIONS, file.lecture.organizer_id)
    if file.purpose != LectureFilePurpose.USED:
        raise Refused("申请的附件请在“修改”里移除。")
    detach_files(files=[file], by=by, at=at)
