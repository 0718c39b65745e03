"""学习资料 and 资料发放. Copies handed out never exceed those that came in, however many people write at once."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Sum

from accounts.actions.people import require
from accounts.actions.records import add_record, change_record
from accounts.models import StudyGroup, User
from accounts.permissions import Permission
from materials.models import Book, Distribution, Material
from sessions_app.models import StudySession
from studygroup.lib import audit
from studygroup.lib.clock import local_date
from studygroup.lib.errors import Refused


def add_material(*, group: StudyGroup, by: User, at: datetime, **facts: Any) -> Material:
    return add_record(Material(group=group, added_by=by, added_on=local_date(at), **facts), by=by, at=at)


@transaction.atomic
def change_book(*, book: Book, seen_version: int | None, changes: Mapping[str, Any], by: User, at: datetime) -> None:
    """Refused when fewer copies would have come in than were handed out."""
    given = _given(_lock(book))
    if changes.get("received_copies", given) < given:
        raise Refused(f"这本书已经发放 {given} 册，到书册数不能少于 {given}。")
    change_record(book, seen_version=seen_version, changes=changes, by=by, at=at)


@transaction.atomic
def hand_out(*, book: Book, by: User, at: datetime, **facts: Any) -> Distribution:
    """发放: refused when more is asked for than is left."""
    _must_suffice(book, facts["copies"])
    return add_record(Distribution(group_id=book.group_id, book=book, **facts), by=by, at=at)


@transaction.atomic
def change_distribution(
    *, distribution: Distribution, seen_version: int | None, changes: Mapping[str, Any], by: User, at: datetime
) -> None:
    """Correct an entry; its own copies count as given back first."""
    _must_suffice(changes["book"], changes["copies"], besides=distribution)
    change_record(distribution, seen_version=seen_version, changes=changes, by=by, at=at)


def _lock(book: Book) -> Book:
    """Whoever wants copies of this book waits for the one before him."""
    return Book.objects.select_for_update().get(pk=book.pk)


def _given(book: Book, besides: Distribution | None = None) -> int:
    entries = Distribution.objects.filter(book=book)
    if besides:
        entries = entries.exclude(pk=besides.pk)
    return entries.aggregate(total=Sum("copies"))["total"] or 0


def _must_suffice(book: Book, copies: int, besides: Distribution | None = None) -> None:
    locked = _lock(book)
    left = locked.received_copies - _given(locked, besides)
    if copies > left:
        raise Refused(f"“{locked.title}”只余 {left} 册，不够发放 {copies} 册。请核对册数，或先登记新到的书。")


@transaction.atomic
def choose_for_session(
    *, session: StudySession, attach: Iterable[Material], detach: Iterable[Material], by: User, at: datetime
) -> None:
    """Put texts of the library on a session's page, or take them off. Done twice it stays the same."""
    require(by, Permission.MANAGE_LIBRARY, session.group_id)
    if StudySession.objects.select_for_update(no_key=True).get(pk=session.pk).is_archived:
        raise Refused("这次学习已经归档，学习资料不能再改。如确需更正，请先取消归档。")
    attach, detach = list(attach), list(detach)
    if any(material.group_id != session.group_id for material in [*attach, *detach]):
        raise Refused("只能选本学习组的资料。")
    session.materials.add(*attach)
    session.materials.remove(*detach)
    audit.record(
        "session.materials",
        target=session,
        by=by,
        at=at,
        group_id=session.group_id,
        attached=[material.pk for material in attach],
        detached=[material.pk for material in detach],
    )
