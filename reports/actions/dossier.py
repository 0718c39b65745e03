"""一学一档 as an archive: asked for by whoever may read the session's drafts, made by a worker, kept for him alone."""

import hashlib
import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.fields.files import FieldFile
from django.urls import reverse

from accounts.actions.people import require
from accounts.models import User
from accounts.permissions import Permission
from materials.models import Submission, SubmissionFile
from reports.exports.dossier import Entry, write_archive
from reports.statistics.dossier import WRITTEN, Dossier, part_of
from reviews.chain import State
from reviews.documents import sheet_blocks
from sessions_app.documents.lecture import lecture_form_blocks
from sessions_app.models import Lecture, SessionFile, StudySession
from sessions_app.models.dossier import DossierPart
from sessions_app.models.make_up import MakeUpState
from sessions_app.paperwork import PAPERS
from studygroup.lib import audit, jobs
from studygroup.lib.models import AuditEntry, Job
from studygroup.lib.models.job import JobState
from studygroup.lib.office.word import document_bytes

DOSSIER = "dossier"


def key_of(session: StudySession, user_id: int | None) -> str:
    """An archive belongs to the person it was made for: others may see other papers."""
    return f"{session.pk}:{user_id}"


def start_dossier(*, session: StudySession, by: User, at: datetime) -> tuple[Job, bool]:
    require(by, Permission.READ_RECORDS, session.group_id)
    title = f"一学一档 {session.title}"[:120]
    return jobs.start(
        kind=DOSSIER, key=key_of(session, by.pk), title=title, params={"session": session.pk}, by=by, at=at
    )


def archives_of(session: StudySession, user: User) -> QuerySet[Job]:
    """Finished archives of this session for this person, the latest first."""
    done = Job.objects.filter(kind=DOSSIER, key=key_of(session, user.pk), state=JobState.DONE)
    return done.exclude(result={}).order_by("-pk")


def changed_since(session: StudySession, at: datetime) -> bool:
    """Whether anything of the session itself was changed after `at`."""
    entries = AuditEntry.objects.filter(target_type=session._meta.label_lower, target_id=session.pk, at__gt=at)
    return entries.exclude(action="dossier.make").exists()


def entries_of(dossier: Dossier, *, by: User, at: datetime) -> Iterator[Entry]:
    """Everything of the file this person may see, one after the other. Papers only as they were approved."""
    for part, slug in WRITTEN:
        paper = PAPERS[slug].write(dossier.holdings.rows)
        yield _document(part, PAPERS[slug].label, paper.title, paper.blocks, at)
    if content := dossier.session.content.strip():
        titles = [{"type": "paragraph", "text": line.strip()} for line in content.splitlines() if line.strip()]
        yield _document(DossierPart.READING_LIST, "资料篇目", f"{dossier.session.title}\n资料篇目", titles, at)
    yield from _papers(dossier.session, by, at)
    yield from _lectures(dossier.session, by, at)
    yield from _make_ups(dossier, at)
    files = SessionFile.objects.visible_to(by).filter(session=dossier.session, removed_at=None)
    for file in files:
        yield _file(file.part, f"附件-{file.name.rpartition('.')[0] or file.name}", file.name, file.file)


def _document(part: str, label: str, title: str, blocks: list[dict[str, Any]], at: datetime) -> Entry:
    return Entry(part, label, "docx", document_bytes(title, blocks, at=at))


def _file(part: str, label: str, name: str, file: FieldFile) -> Entry:
    return Entry(part, label, name.rpartition(".")[2] or "bin", _opener(file))


def _opener(file: FieldFile) -> Callable[[], IO[bytes]]:
    return lambda: file.storage.open(str(file.name), "rb")


def _papers(session: StudySession, by: User, at: datetime) -> Iterator[Entry]:
    """Approved papers with their review sheets and the attachments of the approved version."""
    papers = Submission.objects.visible_to(by).filter(handed_in_session=session, review__state=State.APPROVED)
    for paper in papers.select_related("review__approved_version", "review__author", "author").order_by("pk"):
        version = paper.review.approved_version
        assert version is not None
        part = part_of(paper)
        label = f"{paper.author.name}-{version.title}"
        body = [block for block in version.content if block["type"] not in ("facts", "file")]
        text = [{"type": "byline", "text": paper.author.name}, *body]
        yield _document(part, label, version.title, text, at)
        yield _document(part, f"{label}-审核表", "“两审一把关”审核表", sheet_blocks(paper.review), at)
        sums = {block["sha256"] for block in version.content if block["type"] == "file"}
        for file in SubmissionFile.objects.visible_to(by).filter(submission=paper, sha256__in=sums):
            yield _file(part, f"{label}-附件-{file.name.rpartition('.')[0]}", file.name, file.file)


def _lectures(session: StudySession, by: User, at: datetime) -> Iterator[Entry]:
    approved = Lecture.objects.visible_to(by).filter(session=session, review__state=State.APPROVED)
    for lecture in approved.select_related("review__author", "review__group").order_by("pk"):
        blocks = lecture_form_blocks(lecture.review)
        yield _document(DossierPart.LECTURE, f"前置审批表-{lecture.title}", "报告会、授课前置审批表", blocks, at)


def _make_ups(dossier: Dossier, at: datetime) -> Iterator[Entry]:
    """What was handed in and confirmed after an absence."""
    for study in dossier.holdings.rows.make_ups:
        if study.state != MakeUpState.CONFIRMED or study.studied_on is None:
            continue
        day = f"{study.studied_on.year}年{study.studied_on.month}月{study.studied_on.day}日"
        rows = [
            ["姓名", study.person.name, "补学方式", study.get_method_display()],
            ["补学日期", day, "核实人", str(study.confirmed_by)],
            ["补学内容", study.content],
            ["体会", study.note],
        ]
        blocks = [{"type": "facts", "rows": rows}]
        yield _document(DossierPart.MAKE_UP, f"补学-{study.person.name}", "补学登记", blocks, at)


def write_dossier(dossier: Dossier, *, by: User, at: datetime, made: str) -> tuple[Path, int]:
    """Write the archive to a private file beside the stored ones; whoever calls takes it away."""
    settings.MEDIA_ROOT.mkdir(mode=0o700, parents=True, exist_ok=True)
    _clear_left_behind(at)
    with tempfile.NamedTemporaryFile(dir=settings.MEDIA_ROOT, prefix="dossier-", delete=False) as target:
        path = Path(target.name)
        try:
            number = write_archive(target, dossier, entries_of(dossier, by=by, at=at), made)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
    return path, number


def _clear_left_behind(at: datetime) -> None:
    """Half-written archives of workers that died more than a day before."""
    for path in settings.MEDIA_ROOT.glob("dossier-*"):
        if path.stat().st_mtime < (at - timedelta(days=1)).timestamp():
            path.unlink(missing_ok=True)


def store_dossier(*, session: StudySession, path: Path, number: int, by: User, at: datetime) -> dict[str, Any]:
    """Keep the archive in the place of the one made before; the answer tells where it is."""
    with path.open("rb") as source:
        digest = hashlib.file_digest(source, "sha256").hexdigest()
        source.seek(0)
        stored = default_storage.save("dossiers/dossier.zip", File(source))
    path.unlink()
    for older in archives_of(session, by):
        if old := older.result.get("file"):
            transaction.on_commit(lambda name=old: default_storage.delete(name))
        Job.objects.filter(pk=older.pk).update(result={})
    audit.record("dossier.make", target=session, by=by, at=at, group_id=session.group_id, sha256=digest)
    return {
        "address": reverse("dossier_detail", args=[session.pk]),
        "file": stored,
        "size": default_storage.size(stored),
        "sha256": digest,
        "documents": number,
    }
