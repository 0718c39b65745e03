"""操作记录: what is sealed cannot be changed unnoticed."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from accounts.actions.people import appoint
from studygroup.lib import audit
from studygroup.lib.models import AuditEntry, AuditSeal


@pytest.fixture
def sealed(cast, now):
    """Some rows of the cast's making, sealed; the ids in their order."""
    for number in range(5):
        audit.record("probe", target=cast.group, by=cast.office, at=now, group_id=cast.group.pk, number=number)
    audit.seal()
    return list(AuditEntry.objects.order_by("pk").values_list("pk", flat=True))


def faults():
    return [fault.message for fault in audit.verify()]


def test_an_untouched_chain_holds(sealed):
    assert AuditSeal.objects.count() == len(sealed)
    assert faults() == []


def test_sealing_goes_on_where_it_stopped(sealed, cast, now):
    assert audit.seal() == 0
    audit.record("probe", target=cast.group, by=cast.m1, at=now)
    assert audit.seal() == 1
    assert AuditSeal.objects.order_by("-number").first().number == len(sealed) + 1
    assert faults() == []


@pytest.mark.parametrize(
    "change",
    [
        {"action": "something.else"},
        {"detail": {"number": 99}},
        {"actor": None},
        {"address": "10.9.9.9"},
        {"target_id": 424242},
        {"group_id": None},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_changed_row_is_found(sealed, change):
    AuditEntry.objects.filter(pk=sealed[-3]).update(**change)
    assert faults() == [f"操作记录 {sealed[-3]} 的内容或顺序与封存时不一致。"]


def test_a_changed_time_is_found_to_the_microsecond(sealed):
    entry = AuditEntry.objects.get(pk=sealed[2])
    AuditEntry.objects.filter(pk=entry.pk).update(at=entry.at + timedelta(microseconds=1))
    assert len(faults()) == 1


def test_a_missing_row_is_found(sealed):
    AuditEntry.objects.filter(pk=sealed[1]).delete()
    assert faults() == ["所指的操作记录已不存在。"]


def test_a_row_missing_with_its_seal_is_found(sealed):
    AuditSeal.objects.filter(entry=sealed[1]).delete()
    AuditEntry.objects.filter(pk=sealed[1]).delete()
    assert "第 2 条封存记录缺失。" in faults()
    assert len(faults()) == 2, "the gap, and the next row hangs on a digest that is gone"


def test_two_swapped_rows_are_found(sealed):
    one, other = AuditEntry.objects.filter(pk__in=sealed[-2:]).values("pk", "detail")
    AuditEntry.objects.filter(pk=one["pk"]).update(detail=other["detail"])
    AuditEntry.objects.filter(pk=other["pk"]).update(detail=one["detail"])
    assert len(faults()) == 2


def test_two_swapped_seals_are_found(sealed):
    first, second = AuditSeal.objects.order_by("number")[:2]
    AuditSeal.objects.filter(pk=first.pk).update(entry=None)
    AuditSeal.objects.filter(pk=second.pk).update(entry=first.entry_id)
    AuditSeal.objects.filter(pk=first.pk).update(entry=second.entry_id)
    assert len(faults()) == 2


def test_of_two_sealers_one_gives_way(sealed, cast, now):
    """The number is the key: the same place cannot be given twice."""
    audit.record("probe", target=cast.group, by=cast.m1, at=now)
    entry = AuditEntry.objects.latest("pk")
    with pytest.raises(IntegrityError), transaction.atomic():
        AuditSeal.objects.bulk_create([AuditSeal(number=len(sealed), entry=entry, digest="x")])
    assert audit.seal() == 1
    assert faults() == []


def test_a_row_is_written_with_its_change_or_not_at_all(cast, now):
    before = AuditEntry.objects.count()
    with transaction.atomic():
        appoint(group=cast.sub_group, user=cast.m1, role="leader", starts_on=now.date(), by=cast.sysadmin, at=now)
        assert AuditEntry.objects.count() == before + 1
        transaction.set_rollback(True)
    assert AuditEntry.objects.count() == before


def test_the_address_a_change_came_from_is_kept(cast, now):
    with audit.origin("10.1.2.3"):
        audit.record("probe", target=cast.group, by=cast.m1, at=now)
    audit.record("probe", target=cast.group, by=cast.m1, at=now)
    assert list(AuditEntry.objects.filter(action="probe").values_list("address", flat=True)) == ["10.1.2.3", ""]
