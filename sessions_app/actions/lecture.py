"""报告会、授课: applied for, approved by the committee, changed only by applying again."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction

from accounts.actions.people import require
from accounts.actions.records import swap_version
from accounts.models import Appointment, StudyGroup, User
from accounts.permissions import Permission, Role
from reviews.actions import advance, open_case
from reviews.chain import Move
from reviews.models import ReviewCase, ReviewVersion
from sessions_app.actions.lecture_file import Named, attach_files, detach_files, exchange_card_files
from sessions_app.documents import lecture_blocks
from sessions_app.documents.lecture import changed_since
from sessions_app.models import Lecture, LectureFile, Lecturer, StudySession
from sessions_app.models.lecture import MATERIAL
from sessions_app.subjects import LECTURE, PLAN_STEPS
from studygroup.lib import audit
from studygroup.lib.clock import local_date
from studygroup.lib.errors import Overtaken, Refused

RESTART = "我知道：改动后原批准停用，须重新审批"  # the box that says the person knows
LABELS = {name: str(Lecture._meta.get_field(name).verbose_name) for name in MATERIAL} | {
    "lecturer_political_status": "主讲人政治面貌",
    "lecturer_qualification": "主讲人资质",
}


@transaction.atomic
def create_lecture(
    *,
    organizer: StudyGroup,
    approver: StudyGroup,
    by: User,
    at: datetime,
    files: Sequence[Named] = (),
    keep_card: bool = False,
    **facts: Any,
) -> Lecture:
    """Draft an application. `approver` is the organiser's own group or that of the committee above it.

    `keep_card` makes a card of the lecturer typed in; a chosen card's qualification papers come along.
    """
    require(by, Permission.MANAGE_SESSIONS, organizer.pk)
    if approver != organizer and approver.organization_id != organizer.organization.parent_id:
        raise Refused("只能由本单位或上一级党委审批。")
    steps = PLAN_STEPS if approver == organizer and _is_the_whole_office(by, organizer, at) else ()
    case = open_case(
        group=approver, owner=organizer, kind=LECTURE, title=facts["title"], author=by, by=by, at=at, steps=steps
    )
    facts = {**facts, "lecturer": _card_of(facts, organizer, keep_card, by, at)}
    _must_be_of(organizer.pk, facts)
    lecture = Lecture.objects.create(organizer=organizer, review=case, created_at=at, **facts)
    attach_files(lecture=lecture, files=files, by=by, at=at)
    exchange_card_files(lecture=lecture, before=None, by=by, at=at)
    audit.record("lecture.create", target=lecture, by=by, at=at, group_id=organizer.pk, title=lecture.title)
    return lecture


def _is_the_whole_office(by: User, group: StudyGroup, at: datetime) -> bool:
    """An office of one person applies and so cannot do 初审 itself: as with plans, 复审 is the first step then."""
    office = Appointment.objects.on(local_date(at)).filter(group=group, role=Role.OFFICE, user__is_active=True)
    return not office.exclude(user=by).exists()


def _card_of(
    facts: Mapping[str, Any], organizer: StudyGroup, keep_card: bool, by: User, at: datetime
) -> Lecturer | None:
    """The card chosen, or one made of what was typed; somebody known already is not kept twice."""
    if facts.get("lecturer") or not keep_card or not facts.get("lecturer_name") or not facts.get("lecturer_unit"):
        return facts.get("lecturer")
    about = {name: facts.get(f"lecturer_{name}", "") for name in ("title", "political_status", "qualification")}
    card, is_new = Lecturer.objects.get_or_create(
        group=organizer, name=facts["lecturer_name"], unit=facts["lecturer_unit"], defaults=about
    )
    if is_new:
        audit.record("lecturer.add", target=card, by=by, at=at, group_id=organizer.pk, name=card.name)
    return card


def _must_be_of(group_id: int, facts: Mapping[str, Any]) -> None:
    for name, label in (("lecturer", "主讲人卡片"), ("session", "学习活动")):
        row = facts.get(name)
        if row is not None and row.group_id != group_id:
            raise Refused(f"所选的{label}不属于主办单位。")


@transaction.atomic
def change_lecture(
    *,
    lecture: Lecture,
    seen_version: int | None,
    facts: Mapping[str, Any],
    by: User,
    at: datetime,
    files: Sequence[Named] = (),
    removed: Sequence[LectureFile] = (),
    keep_card: bool = False,
    restart: bool = False,
) -> None:
    """Change an application not under review. What the approval was about has to be approved again: `restart` says
    that the person knows."""
    require(by, Permission.MANAGE_SESSIONS, lecture.organizer_id)
    stored = _lock(lecture)
    if stored.review.is_waiting:
        raise Refused("这份申请正在审核，不能修改。请先撤回。")
    touched = material_changes(stored, facts, files, removed)
    card = _card_of(facts, stored.organizer, keep_card, by, at) if "lecturer_name" in facts else stored.lecturer
    facts = {**facts, "lecturer": card}
    _must_be_of(stored.organizer_id, facts)
    swap_version(lecture, seen_version=seen_version, changes=facts)
    if stored.review.is_approved and touched:
        if not restart:
            names = "、".join(touched)
            raise Refused(f"您改动了：{names}。保存后原批准停用，须重新审批。请勾选“{RESTART}”后再保存。")
        advance(case=stored.review, move=Move.REVISE, by=by, at=at, seen_version=stored.review.version)
    attach_files(lecture=stored, files=files, by=by, at=at)
    detach_files(files=removed, by=by, at=at)
    before, stored.lecturer = stored.lecturer, card
    if not stored.review.is_approved:  # an approval in force keeps the papers it was given for
        exchange_card_files(lecture=stored, before=before, by=by, at=at)
    audit.record("lecture.change", target=lecture, by=by, at=at, group_id=lecture.organizer_id, material=touched)


@transaction.atomic
def choose_session(
    *, lecture: Lecture, session: StudySession | None, seen_version: int | None, by: User, at: datetime
) -> None:
    """Say at which session it is given, also while it is reviewed: the approval is not about that."""
    require(by, Permission.MANAGE_SESSIONS, lecture.organizer_id)
    _must_be_of(lecture.organizer_id, {"session": session})
    swap_version(lecture, seen_version=seen_version, changes={"session": session})
    title = session.title if session else ""
    audit.record("lecture.session", target=lecture, by=by, at=at, group_id=lecture.organizer_id, title=title)


def material_changes(
    lecture: Lecture, facts: Mapping[str, Any], files: Sequence[Named] = (), removed: Sequence[LectureFile] = ()
) -> list[str]:
    """What is changed of that which the approval was about, by its Chinese names."""
    names = [LABELS[name] for name in MATERIAL if name in facts and facts[name] != getattr(lecture, name)]
    return [*names, *(["附件"] if files or removed else [])]


@transaction.atomic
def submit_lecture(
    *,
    lecture: Lecture,
    by: User,
    at: datetime,
    seen_version: int,
    answers: Mapping[int, str] | None = None,
    seen_text: int | None = None,
) -> None:
    """Apply for approval. `seen_version` is the case's; `seen_text` the application's, so that nobody hands in
    what a colleague has changed since he read it. Refused while something is missing."""
    require(by, Permission.MANAGE_SESSIONS, lecture.organizer_id)
    stored = _lock(lecture)
    if seen_text is not None and stored.version != seen_text:
        raise Overtaken("这份申请的内容刚刚被别人修改过，还没有提交。请看过最新内容再提交。")
    files = list(stored.files.of_application())
    if missing := stored.missing(file.purpose for file in files):
        names = "、".join(str(Lecture._meta.get_field(name).verbose_name) for name in missing)
        raise Refused(f"还没有提交：请先补齐{names}。")
    advance(
        case=lecture.review,
        move=Move.SUBMIT,
        by=by,
        at=at,
        seen_version=seen_version,
        content=lecture_blocks(stored, files, at, version_replaced(stored)),
        title=stored.title,
        answers=answers,
    )


@transaction.atomic
def restore_lecture(*, lecture: Lecture, by: User, at: datetime, seen_version: int) -> None:
    """A change begun by mistake and put back as it was: the approval is in force again. Refused while anything the
    approval was about still differs, or once the change was handed in."""
    require(by, Permission.MANAGE_SESSIONS, lecture.organizer_id)
    stored = _lock(lecture)
    approved = stored.review.approved_version
    if approved and (found := changed_since(stored, stored.files.of_application(), approved)):
        raise Refused(f"内容与批准的还不一致：{'；'.join(found)}。请先改回，再恢复。")
    advance(case=stored.review, move=Move.RESTORE, by=by, at=at, seen_version=seen_version)


def version_replaced(lecture: Lecture) -> ReviewVersion | None:
    """What was approved before, while its change waits; None for a first application."""
    return lecture.review.approved_version if lecture.is_change_pending else None


@transaction.atomic
def discard_lecture(*, lecture: Lecture, by: User, at: datetime) -> None:
    """Throw away a draft that was never handed in, with its files. What was handed in once stays for good."""
    require(by, Permission.MANAGE_SESSIONS, lecture.organizer_id)
    stored = _lock(lecture)
    case = ReviewCase.objects.get(pk=stored.review_id)
    if case.round:
        raise Refused("这份申请提交过，审核记录要保留，不能删除。")
    audit.record("lecture.discard", target=stored, by=by, at=at, group_id=stored.organizer_id, title=stored.title)
    kept = set(LectureFile.objects.exclude(lecture=stored).values_list("file", flat=True))
    own = [(file.file.storage, str(file.file)) for file in stored.files.all() if str(file.file) not in kept]
    stored.files.all().delete()
    stored.delete()
    case.delete()
    for storage, name in own:
        transaction.on_commit(partial(storage.delete, name))


def _lock(lecture: Lecture) -> Lecture:
    """The application as it is stored; whoever changes it or hands it in waits for the one before him."""
    rows = Lecture.objects.select_for_update(of=("self",)).select_related("review", "organizer", "lecturer")
    return rows.get(pk=lecture.pk)
