"""核对: the paper register against the screen's."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from accounts.actions.people import require
from accounts.models import User
from accounts.permissions import Permission
from sessions_app.models import Participant, StudySession
from sessions_app.models.session import SessionState
from studygroup.lib import audit
from studygroup.lib.errors import Overtaken, Refused


@transaction.atomic
def reconcile(
    *,
    session: StudySession,
    seen_version: int,
    signed: Collection[int],
    head_count: int | None,
    by: User,
    at: datetime,
) -> None:
    """Keep whose signature is on paper (ids of people) and how many heads were counted; possible until it is archived.

    Nobody signed means that there was no paper register: then nothing is known of anybody. Statements do not grow
    with the number of people. Raises Overtaken for the second of two who save at once.
    """
    require(by, Permission.MANAGE_SESSIONS, session.group_id)
    if session.is_draft or session.is_archived:
        raise Refused(
            "这次学习已经归档，核对结果不能再改。" if session.is_archived else "这次学习还没有通知，不能核对。"
        )
    rows = StudySession.objects.filter(pk=session.pk, version=seen_version).exclude(state=SessionState.ARCHIVED)
    if not rows.update(head_count=head_count, version=seen_version + 1):
        raise Overtaken("这次学习刚刚被别人修改过，您的核对还没有保存。请看过后再保存一次。")
    people = Participant.objects.filter(session=session)
    people.filter(person__in=signed).update(signed_on_paper=True)
    people.exclude(person__in=signed).update(signed_on_paper=False if signed else None)
    audit.record(
        "attendance.reconcile",
        target=session,
        by=by,
        at=at,
        group_id=session.group_id,
        head_count=head_count,
        signed=sorted(signed),
    )
