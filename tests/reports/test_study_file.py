"""个人学习档案: what the rows know of one person, for himself and his office; and what he wants corrected."""

import io
from datetime import date, timedelta

import pytest
from docx import Document

from accounts.models import Membership
from materials.models import PersonalStudy
from reports.models import CorrectionRequest
from reviews.chain import State
from sessions_app.models import AgendaItem, Attendance
from studygroup.lib.clock import local_date
from tests.factories import make_closed_session, make_submission, walk_to

pytestmark = pytest.mark.django_db


@pytest.fixture
def year(now):
    return local_date(now).year


@pytest.fixture
def studied(cast, now):
    """m1 was at one session and spoke there, missed another, wrote one approved paper, one draft, and read a book."""
    here = make_closed_session(cast, title="到会的学习", starts_at=now - timedelta(hours=5))
    make_closed_session(cast, title="缺席的学习", starts_at=now - timedelta(hours=30), status={cast.m1.pk: "absent"})
    AgendaItem.objects.create(session=here, position=9, role="keynote", speaker=cast.m1, title="我的发言")
    walk_to(make_submission(cast, author=cast.m1, title="通过的心得").review, State.APPROVED, cast)
    walk_to(make_submission(cast, author=cast.m1, title="在审的心得").review, State.FIRST_REVIEW, cast)
    make_submission(cast, author=cast.m1, title="没人知道的草稿")
    PersonalStudy.objects.create(
        group=cast.group, person=cast.m1, kind="book", done_on=local_date(now), title="一本书", amount=1
    )
    return here


def test_the_file_gathers_what_one_did(cast, as_, studied, year):
    page = as_(cast.m1).get(f"/study-files/{cast.m1.pk}/?year={year}").content.decode()
    for told in (
        "到会的学习",
        "缺席的学习",
        "重点发言 1 次",
        "我的发言",
        "通过的心得",
        "心得体会 1 篇",
        "一本书",
        "读书 1 本",
    ):
        assert told in page
    assert "应到 2 次，实到 1 次" in page
    assert "出勤率 50.0%" in page
    assert "另有 1 篇正在审核或修改" in page
    assert "在审的心得" not in page
    assert "没人知道的草稿" not in page


def test_what_one_missed_is_no_speech(cast, as_, studied, year):
    Attendance.objects.filter(session=studied, person=cast.m1).update(status="absent")
    assert "重点发言" not in as_(cast.m1).get(f"/study-files/{cast.m1.pk}/?year={year}").content.decode()


def test_the_word_file_says_the_same(cast, as_, studied, year):
    answer = as_(cast.m1).get(f"/study-files/{cast.m1.pk}/word/?year={year}")
    document = Document(io.BytesIO(b"".join(answer.streaming_content)))
    texts = [p.text for p in document.paragraphs] + [c.text for t in document.tables for r in t.rows for c in r.cells]
    told = "\n".join(texts)
    assert f"{cast.m1.name}{year}年度学习档案" in told
    assert "到会的学习" in told
    assert "通过的心得" in told
    assert "草稿" not in told


def test_who_may_read_a_file(cast, as_, studied, year):
    address = f"/study-files/{cast.m1.pk}/?year={year}"
    for person in (cast.m1, cast.office, cast.propaganda, cast.secretary):
        assert as_(person).get(address).status_code == 200, person.name
    for person in (cast.m2, cast.foreign_office, cast.foreign_secretary, cast.supervisor):
        assert as_(person).get(address).status_code == 404, person.name


def test_the_list_is_the_roster(cast, as_, studied, year):
    page = as_(cast.office).get(f"/study-files/?year={year}").content.decode()
    assert page.index(cast.m1.name) < page.index(cast.m2.name)
    assert cast.foreign_m1.name not in page
    assert as_(cast.m1).get("/study-files/").status_code == 403


def test_the_file_costs_the_same_for_one_and_for_many(cast, as_, studied, now, year, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client, address = as_(cast.m1), f"/study-files/{cast.m1.pk}/?year={year}"
    client.get(address)
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    for number in range(8):
        make_closed_session(cast, title=f"第{number}次", starts_at=now - timedelta(hours=6, minutes=number))
        walk_to(make_submission(cast, author=cast.m1, title=f"第{number}篇").review, State.APPROVED, cast)
    with django_assert_num_queries(len(few)):
        client.get(address)


def test_a_correction_is_asked_and_answered(cast, as_, studied, year):
    client, address = as_(cast.m1), f"/study-files/{cast.m1.pk}/correct/?year={year}"
    sent = client.post(address, {"part": "attendance", "text": "那天我到会了"})
    assert sent.status_code == 302
    asked = CorrectionRequest.objects.get()
    assert "1 份学习档案更正申请" in as_(cast.office).get("/").content.decode()
    answer = {"state": "corrected", "answer": "已改为出席", "version": asked.version}
    assert as_(cast.office).post(f"/corrections/{asked.pk}/", answer).status_code == 302
    assert "已改为出席" in client.get("/").content.decode()
    assert "已改为出席" in client.get(f"/study-files/{cast.m1.pk}/?year={year}").content.decode()
    late = as_(cast.propaganda).post(f"/corrections/{asked.pk}/", answer | {"state": "kept", "answer": "无误"})
    assert late.status_code == 409
    assert "已改为出席" in late.content.decode()
    asked.refresh_from_db()
    assert asked.state == "corrected"


def test_nobody_asks_for_another_or_answers_himself(cast, as_, studied, year):
    text = {"part": "other", "text": "替他改"}
    assert as_(cast.office).post(f"/study-files/{cast.m1.pk}/correct/", text).status_code == 404
    assert not CorrectionRequest.objects.exists()
    Membership.objects.create(
        group=cast.group, user=cast.office, category="member", starts_on=local_date(studied.starts_at)
    )
    as_(cast.office).post(f"/study-files/{cast.office.pk}/correct/", text)
    own = CorrectionRequest.objects.get()
    answer = {"state": "kept", "answer": "无误", "version": 0}
    assert as_(cast.office).post(f"/corrections/{own.pk}/", answer).status_code == 403
    own.refresh_from_db()
    assert own.state == "asked"


def test_an_empty_correction_comes_back(cast, as_, studied, year):
    page = as_(cast.m1).post(f"/study-files/{cast.m1.pk}/correct/?year={year}", {"part": "papers", "text": ""})
    assert page.status_code == 400
    assert "请写明哪里不对" in page.content.decode()


def test_hours_of_a_month_show_no_day(cast, as_, year):
    PersonalStudy.objects.create(
        group=cast.group, person=cast.m1, kind="study_hours", done_on=date(year, 1, 1), title="自学", amount=8
    )
    address = f"/study-files/{cast.m1.pk}/"
    page = as_(cast.m1).get(f"{address}?year={year}").content.decode()
    assert f"{year}年1月</td>" in page
    assert f"{year}-01-01" not in page
    answer = as_(cast.m1).get(f"{address}word/?year={year}")
    document = Document(io.BytesIO(b"".join(answer.streaming_content)))
    assert "1月" in [row.cells[0].text for table in document.tables for row in table.rows]


def test_the_file_is_found_from_home_and_from_ones_own_study(cast, as_):
    for address in ("/", "/study/"):
        page = as_(cast.m1).get(address).content.decode()
        assert 'href="/study-files/mine/">我的学习档案</a>' in page


def test_the_office_is_led_to_where_it_is_put_right(cast, as_, studied, year):
    day = local_date(studied.starts_at)
    wrong = f"{day.month}月{day.day}日我到会了，13月45日也到了"
    as_(cast.m1).post(f"/study-files/{cast.m1.pk}/correct/?year={year}", {"part": "attendance", "text": wrong})
    page = as_(cast.office).get(f"/corrections/{CorrectionRequest.objects.get().pk}/").content.decode()
    assert f'<a href="/sessions/{studied.pk}/">{day.month}月{day.day}日　到会的学习</a>' in page
    assert f'href="/sessions/?group={cast.group.pk}&amp;year={year}"' in page
    as_(cast.m1).post(f"/study-files/{cast.m1.pk}/correct/?year={year}", {"part": "papers", "text": "少一篇"})
    page = as_(cast.office).get(f"/corrections/{CorrectionRequest.objects.latest('pk').pk}/").content.decode()
    assert f'href="/submissions/?tab=group&amp;year={year}"' in page


def test_requests_for_correction_are_offered_to_who_answers_them(cast, as_):
    assert "/corrections/" in as_(cast.office).get("/study-files/").content.decode()
    assert "/corrections/" not in as_(cast.secretary).get("/study-files/").content.decode()
