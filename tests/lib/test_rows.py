"""One plain INSERT: the same row as the ORM writes, and none beside one that stands there."""

from django.utils import timezone

from sessions_app.models import Attendance
from studygroup.lib.models import AuditEntry
from studygroup.lib.rows import insert
from tests.factories import make_session


def entry(cast, at):
    return AuditEntry(
        at=at, actor=cast.office, action="test", target_type="x", target_id=2**40, detail={"名": ["甲", None, 1.5]}
    )


def test_a_row_is_stored_as_the_orm_stores_it(cast):
    at = timezone.now()
    by_hand, by_orm = entry(cast, at), entry(cast, at)
    assert insert(by_hand)
    by_orm.save()
    stored = [
        AuditEntry.objects.filter(pk=row.pk)
        .values_list("at", "actor", "action", "target_id", "group_id", "detail")
        .get()
        for row in (by_hand, by_orm)
    ]
    assert stored[0] == stored[1]
    by_hand.refresh_from_db()
    assert by_hand.at == at


def test_a_taken_place_is_left_alone(cast, now):
    session = make_session(cast)

    def row(status):
        return Attendance(
            session=session, person=cast.m1, status=status, source="qr", at=now, entered_by=cast.m1, is_counted=True
        )

    taken = ("session_id", "person_id")
    first, second = row("present"), row("late")
    assert insert(first, unless_taken=taken)
    assert not insert(second, unless_taken=taken)
    assert second.pk is None
    assert Attendance.objects.get() == first
    assert Attendance.objects.get().status == "present"
