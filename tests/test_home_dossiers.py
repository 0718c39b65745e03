"""首页: the files of sessions that still lack something."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from sessions_app.models import StudySession
from studygroup.desk import desk_of
from tests.factories import make_closed_session, make_session


@pytest.fixture
def noon(now):
    """A day in the middle of a year: what is held a week before it is of the same year."""
    return timezone.localtime(now).replace(month=6, day=15, hour=12)


def files_of(person, at):
    return [task for task in desk_of(person, at).office if "档案待补" in task.what]


def test_office_is_told_of_incomplete_files_in_one_line(cast, as_, noon):
    for days in (3, 60):
        make_closed_session(cast, starts_at=noon - timedelta(days=days), title=f"{days}天前")
    make_session(cast, starts_at=noon - timedelta(hours=1), title="还在进行")
    archived = make_closed_session(cast, starts_at=noon - timedelta(days=4), title="已归档的")
    StudySession.objects.filter(pk=archived.pk).update(state="archived", archived_at=noon)
    [task] = files_of(cast.office, noon)
    assert (task.what, task.note, task.verb) == ("2 次学习的档案待补", "其中 1 次已过归档期限", "补档案")
    page = as_(cast.office).get(task.address).content.decode()
    assert "3天前" in page
    assert "60天前" in page
    for other in ("还在进行", "已归档的"):
        assert other not in page
    for person in (cast.m1, cast.supervisor, cast.foreign_office, cast.sub_office):
        assert files_of(person, noon) == []


def test_the_statements_stay_the_same_for_1_and_10(cast, noon):
    counted = []
    for number in (1, 9):
        for n in range(number):
            make_closed_session(cast, starts_at=noon - timedelta(days=2, minutes=n), status={cast.m1.pk: "leave"})
        cast.office.__dict__.pop("authority", None)
        with CaptureQueriesContext(connection) as queries:
            desk_of(cast.office, noon)
        counted.append(len(queries))
    assert counted[0] == counted[1]


def test_whoever_only_reads_a_file_is_led_to_no_page_of_the_office(cast, as_, now):
    session = make_closed_session(cast, starts_at=now - timedelta(days=1))
    address, fill = reverse("dossier_detail", args=[session.pk]), reverse("session_record", args=[session.pk])
    assert fill in as_(cast.office).get(address).content.decode()
    shown = as_(cast.supervisor).get(address).content.decode()
    assert "学习记录" in shown
    assert fill not in shown
