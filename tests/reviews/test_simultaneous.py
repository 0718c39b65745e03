"""Many hands on one case at the same moment, on a real PostgreSQL."""

import itertools
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
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
VERDICTS_SENT = 500
AT_ONCE = 40  # as many as a server answers at the same moment


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


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_five_hundred_simultaneous_verdicts_make_one_transition(cast, as_, now):
    """Through the pages: one verdict counts, 499 people are told that they came late, and nobody sees an error."""
    today = timezone.localdate()
    dates = {"starts_on": today, "ends_on": today, "reason": "出差", "at": now}
    delegate(group=cast.group, principal=cast.secretary, delegate=cast.m3, role=Role.LEADER, kind="", **dates)
    case = factories.walk_to(factories.make_submission(cast).review, State.FINAL_GATE, cast)
    cookies = []
    for user in (cast.secretary, cast.m3):
        browser = as_(user)
        assert browser.get(reverse("review_detail", args=[case.pk])).status_code == 200
        cookies.append(browser.cookies["sessionid"].value)
    points = {"points-TOTAL_FORMS": "1", "points-INITIAL_FORMS": "0", "points-0-text": "请补充实例。"}
    asked = [
        (reverse("review_pass", args=[case.pk]), {"seen_version": case.version, "comment": "同意。"}),
        (reverse("review_return", args=[case.pk]), {"seen_version": case.version, **points}),
    ]
    sent = list(itertools.islice(itertools.cycle(itertools.product(cookies, asked)), VERDICTS_SENT))
    everybody_is_there = threading.Barrier(AT_ONCE)
    first = threading.local()

    def send(one: tuple) -> int:
        cookie, (address, fields) = one
        if not getattr(first, "over", False):
            first.over = True
            everybody_is_there.wait(timeout=60)
        browser = Client(raise_request_exception=False)
        browser.cookies["sessionid"] = cookie
        try:
            return browser.post(address, fields).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = Counter(pool.map(send, sent))

    assert answers == {302: 1, 409: VERDICTS_SENT - 1}
    entry = ReviewCase.objects.get(pk=case.pk).entries.get(from_state=State.FINAL_GATE)
    assert ReviewCase.objects.get(pk=case.pk).state == entry.to_state
    assert ReviewCase.objects.get(pk=case.pk).version == case.version + 1
    assert AuditEntry.objects.filter(action=f"review.{entry.move}", at__gte=entry.at, target_id=case.pk).count() == 1
