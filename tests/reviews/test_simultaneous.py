"""Many hands on one case at the same moment, on a real PostgreSQL."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.utils import timezone

from accounts.actions.people import delegate
from accounts.models import User
from accounts.permissions import Role
from reviews.actions import advance
from reviews.chain import Move, State
from reviews.models import ReviewCase
from studygroup.lib.errors import Overtaken
from studygroup.lib.models import AuditEntry
from tests import factories

HANDS = 50


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_fifty_simultaneous_approvals_make_one_transition(cast, now):
    today = timezone.localdate()
    dates = {"starts_on": today, "ends_on": today, "reason": "出差", "at": now}
    delegate(group=cast.group, principal=cast.secretary, delegate=cast.m3, role=Role.LEADER, kind="", **dates)
    case_id = factories.walk_to(factories.make_submission(cast).review, State.FINAL_GATE, cast).pk
    for user in (cast.secretary, cast.m3):
        factories.open_as(ReviewCase.objects.get(pk=case_id), User.objects.get(pk=user.pk))
    everybody_has_read = threading.Barrier(HANDS)

    def approve(number: int) -> str:
        try:
            user = User.objects.get(pk=(cast.secretary, cast.m3)[number % 2].pk)
            assert user.authority
            case = ReviewCase.objects.get(pk=case_id)
            everybody_has_read.wait(timeout=60)
            advance(case=case, move=Move.PASS, by=user, at=now, seen_version=case.version)
            return "passed"
        except Overtaken as refusal:
            return refusal.current["现在的状态"]
        finally:
            connection.close()

    with ThreadPoolExecutor(HANDS) as pool:
        outcomes = Counter(pool.map(approve, range(HANDS)))

    assert outcomes == {"passed": 1, "已通过": HANDS - 1}
    case = ReviewCase.objects.get(pk=case_id)
    assert case.state == State.APPROVED
    assert case.entries.filter(from_state=State.FINAL_GATE).count() == 1
    assert AuditEntry.objects.filter(action="review.pass", target_id=case_id).count() == 3
