"""一学一档: scans and receipts filed under a part; parts that do not apply, and why."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction

from accounts.actions.people import require
from accounts.models import User
from accounts.permissions import Permission
from sessions_app.models import DossierWaiver, SessionFile, StudySession
from studygroup.lib import audit
from studygroup.lib.errors import Overtaken, Refused
from studygroup.lib.files import Checked


def _open(session: StudySession, by: User) -> None:
    """Locked until the end of the transaction: an archived file takes nothing in and gives nothing away."""
    require(by, Permission.MANAGE_SESSIONS, session.group_id)
    if StudySession.objects.select_for_update().get(pk=session.pk).is_archived:
        raise Refused("这次学习已经归档，档案不能再改。如确需更正，请先取消归档并写明原因。")


@transaction.atomic
def file_scans(
    *, session: StudySession, part: str, uploads: Sequence[tuple[UploadedFile, Checked]], by: User, at: datetime
) -> list[SessionFile]:
    """Keep checked uploads under a part. The same bytes are kept once in a part."""
    _open(session, by)
    kept = SessionFile.objects.filter(session=session, part=part, removed_at=None)
    there = set(kept.values_list("sha256", flat=True))
    new = {checked.sha256: (upload, checked) for upload, checked in uploads if checked.sha256 not in there}
    if not new:
        raise Refused("选择的文件都已经在这一项里了，没有再存一份。")
    return [_file_one(session, part, upload, checked, by, at) for upload, checked in new.values()]


def _file_one(
    session: StudySession, part: str, upload: UploadedFile, checked: Checked, by: User, at: datetime
) -> SessionFile:
    file = SessionFile.objects.create(
        session=session,
        part=part,
        file=upload,
        name=checked.name,
        size=checked.size,
        sha256=checked.sha256,
        added_by=by,
        added_at=at,
    )
    told: dict[str, Any] = {"part": part, "name": checked.name, "sha256": checked.sha256}
    audit.record("session_file.add", target=file, by=by, at=at, group_id=session.group_id, **told)
    return file


@transaction.atomic
def take_out(*, file: SessionFile, by: User, at: datetime) -> None:
    """Out of the file; the row and its bytes stay."""
    _open(file.session, by)
    if not SessionFile.objects.filter(pk=file.pk, removed_at=None).update(removed_at=at):
        raise Overtaken("这个文件刚刚已被移除。")
    group_id = file.session.group_id
    audit.record("session_file.remove", target=file, by=by, at=at, group_id=group_id, name=file.name)


@transaction.atomic
def waive(*, session: StudySession, part: str, reason: str, by: User, at: datetime) -> None:
    """不适用: this session does not need the part."""
    _open(session, by)
    if not reason.strip():
        raise Refused("请写明为什么不适用。")
    try:
        with transaction.atomic():
            DossierWaiver.objects.create(session=session, part=part, reason=reason.strip(), by=by, at=at)
    except IntegrityError as error:
        raise Overtaken("这一项刚刚已由别人标为不适用。") from error
    told: dict[str, Any] = {"part": part, "reason": reason.strip()}
    audit.record("dossier.waive", target=session, by=by, at=at, group_id=session.group_id, **told)


@transaction.atomic
def need_again(*, session: StudySession, part: str, by: User, at: datetime) -> None:
    _open(session, by)
    if not DossierWaiver.objects.filter(session=session, part=part).delete()[0]:
        raise Overtaken("这一项刚刚已恢复为需要归档。")
    audit.record("dossier.need_again", target=session, by=by, at=at, group_id=session.group_id, part=part)
