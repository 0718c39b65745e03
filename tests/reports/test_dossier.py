"""一学一档: what is missing with the page that fills it, scans, waivers, and the archive that leaks nothing."""

import hashlib
import io
import os
import re
import zipfile
from collections.abc import Callable
from datetime import date, timedelta
from urllib.parse import unquote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from docx import Document

from accounts.models import Appointment, User
from reports.actions.dossier import start_dossier
from reports.statistics.dossier import PartState, dossiers_of
from reviews.chain import State
from sessions_app.actions.dossier import waive
from sessions_app.actions.session import Speaker
from sessions_app.actions.session_life import archive, reopen, save_record
from sessions_app.models import DossierWaiver, MakeUpStudy, SessionFile, StudySession
from sessions_app.models.dossier import DossierPart
from sessions_app.panels import missing_of
from sessions_app.paperwork import with_facts
from studygroup.demo.tables import moment
from studygroup.lib import jobs
from studygroup.lib.errors import NotAllowed
from studygroup.lib.models import Job
from tests.conftest import Cast
from tests.factories import make_closed_session, make_session, make_submission, walk_to

As = Callable[[User], Client]
START = moment("2020-05-15 09:00")
TODAY = date(2020, 5, 20)


def closed(cast: Cast, **facts) -> StudySession:
    return make_closed_session(cast, **({"starts_at": START} | facts))


def complete(cast: Cast, **facts) -> StudySession:
    """Everything the file asks for: facts, record, and the keynote speaker's approved paper."""
    session = closed(
        cast,
        title="学习=1+1:*?",
        host=cast.secretary,
        content="第一篇",
        agenda=[Speaker("keynote", cast.m1, title="体会")],
        **facts,
    )
    session.refresh_from_db()
    told = {"record": "要点", "recorder": "己", "closing_words": "好"}
    save_record(session=session, seen_version=session.version, by=cast.office, at=START, **told)
    speech = make_submission(
        cast, kind="speech", session=session, title="发言/材料", body="一、认识\n=2+2。", written_on=date(2020, 5, 14)
    )
    walk_to(speech.review, State.APPROVED, cast)
    return StudySession.objects.get(pk=session.pk)


def dossier(session: StudySession, today: date | None = TODAY):
    [found] = dossiers_of(with_facts(StudySession.objects.filter(pk=session.pk)), today)
    return found


def state_of(session: StudySession, part: str, today: date | None = TODAY) -> str:
    return next(p.state for p in dossier(session, today).parts if p.slug == part)


def gaps_of(session: StudySession, part: str) -> dict[str, str]:
    found = next(p for p in dossier(session).parts if p.slug == part)
    return {gap.label: gap.address for gap in found.gaps}


# -- the checklist -------------------------------------------------------------


def test_parts_stand_in_filing_order_and_a_complete_file_lacks_nothing(cast):
    session = complete(cast)
    found = dossier(session)
    assert [part.slug for part in found.parts] == list(DossierPart)
    assert found.missing == []
    assert missing_of(session) == []
    states = {part.slug: part.state for part in found.parts}
    assert states["record"] == states["speeches"] == PartState.COMPLETE
    assert states["photos"] == states["lecture"] == states["make_up"] == states["leave"] == PartState.WAIVED


def test_what_is_missing_leads_to_the_field_that_fills_it(cast, as_):
    session = closed(cast)
    record = reverse("session_record", args=[session.pk])
    assert gaps_of(session, "record")["记录人"] == f"{record}#id_recorder"
    assert gaps_of(session, "reading_list") == {"学习内容（篇目）": f"{record}#id_content"}
    lacking = {part.text: part.address for part in missing_of(session)}
    page = reverse("dossier_detail", args=[session.pk])
    assert lacking["学习记录"] == f"{page}#part-record"
    assert (
        f'<a href="{lacking["学习记录"]}">' in as_(cast.office).get(f"/sessions/{session.pk}/archive/").content.decode()
    )


def test_a_session_not_over_lacks_its_register(cast):
    session = make_session(cast, starts_at=START)
    assert list(gaps_of(session, "sign_in_sheet").values()) == [reverse("register", args=[session.pk])]


def test_a_keynote_speaker_without_an_approved_paper_is_named(cast):
    session = closed(cast, agenda=[Speaker("keynote", cast.m1), Speaker("keynote", None, name="外来专家")])
    assert list(gaps_of(session, "speeches")) == ["成员一的发言材料（审核通过后自动归入）"]
    draft = make_submission(cast, kind="speech", session=session, title="机密草稿", written_on=date(2020, 5, 14))
    assert state_of(session, "speeches") == PartState.MISSING
    walk_to(draft.review, State.APPROVED, cast)
    assert state_of(session, "speeches") == PartState.COMPLETE


def test_who_stayed_away_owes_no_speech(cast):
    facts = {"host": cast.secretary, "agenda": [Speaker("keynote", cast.m1), Speaker("keynote", cast.m2)]}
    session = closed(cast, status={cast.m1.pk: "leave"}, **facts)
    assert list(gaps_of(session, "speeches")) == ["成员二的发言材料（审核通过后自动归入）"]


def test_each_part_opens_what_is_there(cast, as_: As):
    session = complete(cast)
    speech = session.submissions.get()
    page = as_(cast.office).get(reverse("dossier_detail", args=[session.pk])).content.decode()
    for slug in ("scheme", "notice", "agenda", "sign_in_sheet", "leave_summary", "record", "bulletin"):
        assert reverse("session_paper", args=[session.pk, slug]) in page
    assert reverse("submission_detail", args=[speech.pk]) in page
    assert "第一篇" in page
    shown = as_(cast.supervisor).get(reverse("dossier_detail", args=[session.pk])).content.decode()
    assert "学习方案</a>" in shown


def test_what_is_missing_becomes_overdue_with_its_day(cast):
    session = closed(cast, agenda=[Speaker("keynote", cast.m1)], papers_due_on=date(2020, 5, 12))
    assert state_of(session, "speeches", date(2020, 5, 12)) == PartState.MISSING
    assert state_of(session, "speeches", date(2020, 5, 13)) == PartState.OVERDUE
    last = date(2020, 5, 15) + timedelta(days=cast.group.reopen_within_days)
    assert state_of(session, "record", last) == PartState.MISSING
    assert state_of(session, "record", last + timedelta(days=1)) == PartState.OVERDUE
    assert state_of(session, "record", None) == PartState.MISSING


def test_make_up_is_open_until_it_is_confirmed(cast):
    session = closed(cast, status={cast.m2.pk: "absent"})
    owed = MakeUpStudy.objects.get(session=session)
    assert list(gaps_of(session, "make_up").values()) == [reverse("make_up_detail", args=[owed.pk])]
    MakeUpStudy.objects.filter(pk=owed.pk).update(state="excused", confirmed_by=cast.office, confirmed_at=START)
    assert state_of(session, "make_up") == PartState.COMPLETE


# -- the page ------------------------------------------------------------------


def scan(name: str = "签到表扫描件.txt", text: str = "扫描") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode())


def test_a_scan_completes_its_part_and_taken_out_keeps_its_row(cast, as_: As):
    session, office = closed(cast), as_(cast.office)
    address = reverse("dossier_add", args=[session.pk])
    answer = office.post(address, {"part": "record", "uploads": [scan(), scan("二.txt", "二")]}, follow=True)
    assert "签到表扫描件.txt" in answer.content.decode()
    assert state_of(session, "record") == PartState.COMPLETE
    file = SessionFile.objects.first()
    got = office.get(reverse("dossier_file", args=[file.pk]))
    assert b"".join(got.streaming_content).decode() == "扫描"
    assert "attachment" in got["Content-Disposition"]
    for one in SessionFile.objects.all():
        assert office.post(reverse("dossier_file_remove", args=[one.pk])).status_code == 302
    assert state_of(session, "record") == PartState.MISSING
    assert SessionFile.objects.exclude(removed_at=None).count() == 2
    assert office.post(reverse("dossier_file_remove", args=[file.pk])).status_code == 409


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"part": "record", "uploads": [SimpleUploadedFile("a.exe", b"MZ")]}, "类型不能上传"),
        ({"part": "record", "uploads": [SimpleUploadedFile("机密★.txt", b"x")]}, "非涉密"),
        ({"part": "record"}, "请选择要存入的文件"),
        ({"part": "nothing", "uploads": [SimpleUploadedFile("a.txt", b"x")]}, ""),
    ],
)
def test_a_bad_upload_is_refused_in_chinese(cast, as_: As, data, said):
    session = closed(cast)
    answer = as_(cast.office).post(reverse("dossier_add", args=[session.pk]), data)
    assert answer.status_code == 400
    assert said in answer.content.decode()
    assert not SessionFile.objects.exists()


def test_the_same_scan_twice_is_kept_once(cast, as_: As, now):
    session, office = closed(cast), as_(cast.office)
    address = reverse("dossier_add", args=[session.pk])
    office.post(address, {"part": "record", "uploads": [scan()]})
    again = office.post(address, {"part": "record", "uploads": [scan("别名.txt")]})
    assert "没有再存一份" in again.content.decode()
    assert SessionFile.objects.count() == 1


def test_a_part_that_does_not_apply_says_why_and_can_be_needed_again(cast, as_: As):
    session, office = closed(cast), as_(cast.office)
    address = reverse("dossier_waive", args=[session.pk])
    assert office.post(address, {"part": "bulletin", "reason": " "}).status_code == 400
    office.post(address, {"part": "bulletin", "reason": "本次不出简报"})
    assert state_of(session, "bulletin") == PartState.WAIVED
    page = office.get(reverse("dossier_detail", args=[session.pk])).content.decode()
    assert "本次不出简报" in page
    assert office.post(address, {"part": "bulletin", "reason": "又一次"}).status_code == 409
    office.post(reverse("dossier_need_again", args=[session.pk]), {"part": "bulletin"})
    assert not DossierWaiver.objects.exists()


def test_an_archived_file_takes_nothing_in(cast, as_: As, now):
    session, office = complete(cast), as_(cast.office)
    archive(session=session, missing=[], by=cast.office, at=now)
    for name, data in (
        ("dossier_add", {"part": "photos", "uploads": [scan()]}),
        ("dossier_waive", {"part": "photos", "reason": "无"}),
    ):
        answer = office.post(reverse(name, args=[session.pk]), data)
        assert (answer.status_code, "已经归档" in answer.content.decode()) == (400, True)
    assert not SessionFile.objects.exists()


def test_the_page_of_a_session_names_what_its_file_lacks(cast, as_: As):
    session = closed(cast)
    page = as_(cast.office).get(reverse("session_detail", args=[session.pk])).content.decode()
    assert f"{reverse('dossier_detail', args=[session.pk])}#part-record" in page
    assert reverse("dossier_detail", args=[session.pk]) not in (
        as_(cast.m1).get(reverse("session_detail", args=[session.pk])).content.decode()
    )


@pytest.mark.parametrize(
    ("person", "looking", "keeping"),
    [
        ("office", 200, 400),
        ("propaganda", 200, 400),
        ("secretary", 200, 403),
        ("supervisor", 200, 403),
        ("m1", 403, 403),
        ("observer", 403, 403),
        ("foreign_office", 404, 404),
    ],
)
def test_who_may_look_and_who_may_keep(cast, as_: As, person, looking, keeping):
    session, client = closed(cast, title="别处看不到"), as_(cast.people[person])
    answer = client.get(reverse("dossier_detail", args=[session.pk]))
    assert (answer.status_code, "别处看不到" in answer.content.decode()) == (looking, looking == 200)
    assert client.post(reverse("dossier_add", args=[session.pk]), {"part": "record"}).status_code == keeping


# -- the ledger ----------------------------------------------------------------


def test_ledger_lists_gaps_and_filters_what_is_missing(cast, as_: As):
    full, lacking = complete(cast), closed(cast, title="缺记录", starts_at=moment("2020-06-15 09:00"))
    make_session(cast, title="草稿不在册", called=False, starts_at=START)
    page = as_(cast.office).get(reverse("dossier_list")).content.decode()
    assert full.title in page
    assert "缺记录" in page
    assert "草稿不在册" not in page
    assert f"{reverse('dossier_detail', args=[lacking.pk])}#part-record" in page
    only = as_(cast.office).get(reverse("dossier_list") + "?show=missing&year=2020").content.decode()
    assert full.title not in only
    assert "缺记录" in only
    assert as_(cast.m1).get(reverse("dossier_list")).status_code == 403
    assert "缺记录" not in as_(cast.foreign_office).get(reverse("dossier_list")).content.decode()


@pytest.mark.parametrize("query", ["", "?show=missing"])
def test_ledger_costs_the_same_with_thirty_sessions(cast, as_: As, query):
    def cost() -> int:
        client = as_(cast.supervisor)
        with CaptureQueriesContext(connection) as statements:
            assert client.get(reverse("dossier_list") + query).status_code == 200
        return len(statements)

    closed(cast, status={cast.m2.pk: "leave"})
    cost()
    few = cost()
    for day in range(1, 30):
        closed(cast, starts_at=moment(f"2020-06-{day:02d} 09:00"), status={cast.m2.pk: "leave"})
    assert cost() == few <= 24


# -- the archive ---------------------------------------------------------------


def made(cast: Cast, as_: As, session: StudySession, person: User | None = None) -> zipfile.ZipFile:
    client = as_(person or cast.office)
    asked = client.post(reverse("dossier_make"), {"session": session.pk})
    assert asked.status_code == 303
    jobs.run(Job.objects.latest("pk").pk)
    assert Job.objects.latest("pk").state == "done", Job.objects.latest("pk").error
    answer = client.get(reverse("dossier_archive", args=[session.pk]))
    assert "attachment" in answer["Content-Disposition"]
    return zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))


def text_of(package: zipfile.ZipFile) -> str:
    """Every word of every document, and the page."""
    words = [package.read("index.html").decode(), *package.namelist()]
    for name in package.namelist():
        if name.endswith(".docx"):
            document = Document(io.BytesIO(package.read(name)))
            words += [p.text for p in document.paragraphs]
            words += [cell.text for table in document.tables for cell in table._cells]
    return "\n".join(words)


def test_archive_holds_documents_papers_sheets_and_files(cast, as_: As):
    session = complete(cast)
    as_(cast.office).post(
        reverse("dossier_add", args=[session.pk]), {"part": "photos", "uploads": [scan("现场 #1?.txt")]}
    )
    package = made(cast, as_, session)
    names = package.namelist()
    assert names[-2:] == ["index.html", "SHA256SUMS"]
    for name in ("01-学习方案.docx", "02-通知.docx", "02-议程.docx", "04-签到表.docx", "06-学习记录.docx"):
        assert name in names
    assert "07-成员一-发言 材料.docx" in names
    assert "07-成员一-发言 材料-审核表.docx" in names
    assert "10-附件-现场 #1.txt" in names
    words = text_of(package)
    assert "=2+2。" in words
    assert "签名：书记甲" in words


def test_archive_holds_what_was_confirmed_after_an_absence(cast, as_: As):
    session = complete(cast, status={cast.m2.pk: "leave", cast.m3.pk: "absent"})
    done = {"state": "confirmed", "method": "told", "studied_on": TODAY, "note": "补学的体会", "confirmed_at": START}
    MakeUpStudy.objects.filter(person=cast.m2).update(confirmed_by=cast.office, **done)
    MakeUpStudy.objects.filter(person=cast.m3).update(state="handed_in", method="told", studied_on=TODAY, note="没核实")
    package = made(cast, as_, session)
    assert [name for name in package.namelist() if "补学-" in name] == ["11-补学-成员二.docx"]
    assert "补学的体会" in text_of(package)
    assert "没核实" not in text_of(package)


def test_archive_names_are_safe_unique_and_its_sums_are_right(cast, as_: As):
    session = complete(cast)
    long = "长" * 150
    for name in (f"{long}.txt", f"{long[:-4]}.txt", "con.txt", "a:b*c.txt"):
        data = {"part": "photos", "uploads": [scan(name, name)]}
        as_(cast.office).post(reverse("dossier_add", args=[session.pk]), data)
    package = made(cast, as_, session)
    names = package.namelist()
    assert len({name.casefold() for name in names}) == len(names)
    assert all(len(name) <= 80 and not re.search(r'[<>:"/\\|?*\x00-\x1f]', name) for name in names)
    assert all(entry.flag_bits & 0x800 for entry in package.infolist() if not entry.filename.isascii())
    sums = dict(reversed(line.split("  ", 1)) for line in package.read("SHA256SUMS").decode().splitlines())
    assert set(sums) == set(names) - {"SHA256SUMS"}
    assert all(hashlib.sha256(package.read(name)).hexdigest() == told for name, told in sums.items())


def test_index_opens_offline_and_links_to_what_is_there(cast, as_: As):
    package = made(cast, as_, complete(cast))
    page = package.read("index.html").decode()
    links = [unquote(link) for link in re.findall(r'href="([^"]*)"', page)]
    assert sorted(links) == sorted(set(package.namelist()) - {"index.html", "SHA256SUMS"})
    assert not re.search(r"<script|https?:|src=", page)
    assert "学习=1+1:*?" in page


def test_archive_leaks_nothing_that_was_not_approved(cast, as_: As):
    session = complete(cast)
    draft = make_submission(cast, kind="reflection", session=session, title="草稿标题", body="草稿内容。")
    waiting = make_submission(
        cast, author=cast.m2, kind="reflection", session=session, title="待审标题", body="待审内容。"
    )
    walk_to(waiting.review, State.SECOND_REVIEW, cast)
    approved = session.submissions.get(kind="speech")
    approved.body = "审核以后改的内容。"
    approved.save()
    words = text_of(made(cast, as_, session, cast.secretary))
    for secret in (draft.title, "草稿内容", "待审标题", "待审内容", "审核以后改的内容"):
        assert secret not in words
    assert "=2+2。" in words


def test_archive_belongs_to_who_asked_for_it(cast, as_: As):
    session = complete(cast)
    made(cast, as_, session)
    address = reverse("dossier_archive", args=[session.pk])
    assert as_(cast.secretary).get(address).status_code == 404
    assert as_(cast.m1).get(address).status_code == 403
    assert as_(cast.foreign_office).get(address).status_code == 404
    assert as_(cast.m1).post(reverse("dossier_make"), {"session": session.pk}).status_code == 403
    assert as_(cast.foreign_office).post(reverse("dossier_make"), {"session": session.pk}).status_code == 404
    assert as_(cast.office).post(reverse("dossier_make"), {"session": "x"}).status_code == 400


def test_made_again_the_old_archive_goes_and_the_same_job_makes_the_same_bytes(cast, as_: As, now):
    session = complete(cast)
    shas = []
    for _ in range(2):
        job, _new = start_dossier(session=session, by=cast.office, at=now)
        jobs.run(job.pk)
        shas.append(Job.objects.get(pk=job.pk).result["sha256"])
    assert shas[0] == shas[1]
    first = Job.objects.filter(kind="dossier").order_by("pk")[0]
    assert first.result == {}


def test_what_a_dead_worker_left_is_cleared_the_day_after(cast, as_: As, settings):
    settings.MEDIA_ROOT.mkdir(parents=True, exist_ok=True)
    old, fresh = settings.MEDIA_ROOT / "dossier-old", settings.MEDIA_ROOT / "dossier-fresh"
    for path in (old, fresh):
        path.write_bytes(b"half")
    os.utime(old, (0, 0))
    made(cast, as_, complete(cast))
    assert not old.exists()
    assert fresh.exists()
    fresh.unlink()
    assert list(settings.MEDIA_ROOT.glob("dossier-*")) == []


def test_who_lost_sight_of_the_session_gets_no_archive(cast, now):
    session = complete(cast)
    job, _new = start_dossier(session=session, by=cast.office, at=now)
    Appointment.objects.filter(user=cast.office).update(ends_on=date(2020, 1, 2))
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, "看不到" in job.error) == ("failed", True)


def test_waiving_is_for_those_who_keep_the_file(cast, now):
    with pytest.raises(NotAllowed):
        waive(session=closed(cast), part="photos", reason="无", by=cast.secretary, at=now)


def test_an_archive_made_before_a_change_says_so(cast, as_, run_jobs):
    session = make_closed_session(cast, content="《习近平谈治国理政》第三卷")
    page = reverse("dossier_detail", args=[session.pk])
    as_(cast.office).post(reverse("dossier_make"), {"session": session.pk})
    run_jobs()
    assert "请重新生成" not in as_(cast.office).get(page).content.decode()
    reopen(session=session, by=cast.office, at=timezone.now())
    assert "请重新生成" in as_(cast.office).get(page).content.decode()
