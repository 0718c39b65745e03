"""Rows for the bench: a township with sixty members and a hall of three hundred, sessions, two thousand papers; a
logged-in cookie each."""

import json
import os
import sys
from datetime import date, timedelta
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studygroup.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.utils import timezone  # noqa: E402

from accounts.actions.organizations import create_organization, create_study_group  # noqa: E402
from accounts.actions.people import appoint, enrol  # noqa: E402
from accounts.models import User  # noqa: E402
from materials.actions.paper_kind import ensure_paper_kinds  # noqa: E402
from materials.models import Submission  # noqa: E402
from reviews.models import ReviewCase, ReviewOpening, ReviewVersion  # noqa: E402
from sessions_app.actions.kinds import ensure_kinds  # noqa: E402
from sessions_app.models import Participant, SessionKind, StudySession  # noqa: E402

PEOPLE, CROWD, SESSIONS, BURSTS, PAPERS = 60, 300, 100, 12, 2000
NOW = timezone.now()


def cookie_of(user: User) -> str:
    store = SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[1]
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store["seen_at"] = NOW.timestamp()
    store.save()
    return store.session_key


def people() -> tuple:
    town = create_organization(name="测速镇党委", short_name="测速", level="township", parent=None, by=None, at=NOW)
    group = create_study_group(organization=town, name="测速镇中心组", slug="bench", by=None, at=NOW)
    office = User.objects.create_user("bench-office", "x", name="办公室")
    appoint(group=group, user=office, role="office", starts_on=date(2020, 1, 1), by=None, at=NOW)
    crowd = User.objects.bulk_create(
        User(username=f"bench-{n}", name=f"成员{n}", password=office.password) for n in range(CROWD)
    )
    for person in crowd:
        category = "member" if person in crowd[:PEOPLE] else "extended"
        enrol(group=group, user=person, category=category, title="委员", starts_on=date(2020, 1, 1), by=None, at=NOW)
    return group, office, crowd


def sessions(group, members, number: int) -> list[StudySession]:
    made = StudySession.objects.bulk_create(
        StudySession(
            group=group,
            title=f"第{n}次学习",
            starts_at=NOW,
            ends_at=NOW + timedelta(hours=2),
            place="会议室",
            state="called",
            sign_in_key=f"key-{n}",
            created_at=NOW,
        )
        for n in range(number)
    )
    kind = SessionKind.objects.first()
    for session in made:
        session.kinds.add(kind)
    Participant.objects.bulk_create(
        Participant(session=session, person=member, number=number, category="member")
        for session in made
        for number, member in enumerate(members, start=1)
    )
    return made


def papers(group, members, reader) -> list[int]:
    cases = ReviewCase.objects.bulk_create(
        ReviewCase(
            group=group,
            owner=group,
            kind="reflection",
            title=f"心得体会{n}",
            author=members[n % PEOPLE],
            handed_in_by=members[n % PEOPLE],
            state="first_review",
            steps=["first_review", "second_review", "final_gate"],
            round=1,
            version=1,
            state_since=NOW,
        )
        for n in range(PAPERS)
    )
    content = [{"type": "paragraph", "text": "学习" * 300}]
    versions = ReviewVersion.objects.bulk_create(
        ReviewVersion(
            case=case,
            number=1,
            title=case.title,
            content=content,
            sha256="0",
            submitted_by=case.author,
            submitted_at=NOW,
        )
        for case in cases
    )
    ReviewOpening.objects.bulk_create(
        ReviewOpening(
            case=version.case,
            seen_version=1,
            subject_version=version,
            round=1,
            step="first_review",
            by=reader,
            at=NOW,
        )
        for version in versions
    )
    Submission.objects.bulk_create(
        Submission(
            group=group,
            author=case.author,
            kind="reflection",
            title=case.title,
            body="学习" * 300,
            written_on=date(2026, 1, 1) + timedelta(days=n % 300),
            review=case,
            created_at=NOW,
        )
        for n, case in enumerate(cases)
    )
    return [case.pk for case in cases]


if __name__ == "__main__":
    ensure_kinds()
    ensure_paper_kinds()
    group, office, crowd = people()
    members = crowd[:PEOPLE]
    plan = {
        "sessions": [[s.pk, s.sign_in_key] for s in sessions(group, members, SESSIONS)],
        "bursts": [[s.pk, s.sign_in_key] for s in sessions(group, crowd, BURSTS)],
        "cases": papers(group, members, office),
        "office": cookie_of(office),
        "crowd": [cookie_of(person) for person in crowd],
    }
    plan["members"] = plan["crowd"][:PEOPLE]
    Path(sys.argv[1]).write_text(json.dumps(plan))
