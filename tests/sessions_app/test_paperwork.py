"""文书: one entry, all papers; what is missing is listed and marked, never invented."""

import html
import io
import re
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from docx import Document

from accounts.permissions import Role
from sessions_app.actions.leave import ask_leave, decide_leave
from sessions_app.actions.session import Speaker
from sessions_app.actions.session_life import close, reopen, save_record
from sessions_app.models import StudySession
from sessions_app.paperwork import PAPERS, read, with_facts
from sessions_app.paperwork.pen import numeral
from studygroup.demo.tables import moment
from tests.factories import make_closed_session, make_session, register

START = moment("2020-05-15 09:00")


def complete(cast, **facts):
    """A closed session with everything a paper asks for."""
    session = make_closed_session(
        cast,
        title="学习《习近平谈治国理政》第三卷",
        starts_at=START,
        status={cast.m2.pk: "leave", cast.m3.pk: "absent"},
        host=cast.secretary,
        content="《习近平谈治国理政》第三卷第一章",
        requirements="请提前自学。",
        papers_due_on=date(2020, 5, 12),
        agenda=[
            Speaker("lead_reading", cast.m1, title="第一章"),
            Speaker("keynote", None, name="=1+1"),
        ],
        **facts,
    )
    save_record(
        session=session,
        record="成员一：讲了学习体会。",
        closing_words="大家学得好。",
        recorder="办公室己",
        seen_version=StudySession.objects.get(pk=session.pk).version,
        by=cast.office,
        at=START,
    )
    return session


def written(session, slug):
    [rows] = read(with_facts(StudySession.objects.filter(pk=session.pk)))
    return PAPERS[slug].write(rows)


def words_of(paper):
    """Everything the paper says, in one text."""
    found = [paper.title]
    for block in paper.blocks:
        found.append("：".join(filter(None, [block.get("label"), str(block.get("text", ""))])))
        found += block.get("lines", [])
        found += [cell for row in [*block.get("rows", []), block.get("head", [])] for cell in row]
    return "\n".join(found)


@pytest.mark.parametrize("slug", PAPERS)
def test_a_complete_session_leaves_no_gap_in_any_paper(cast, slug):
    paper = written(complete(cast), slug)
    assert paper.gaps == []
    assert "〔待补" not in words_of(paper)


def test_notice_says_when_where_who_and_what(cast):
    text = words_of(written(complete(cast), "notice"))
    assert "2020年5月15日（星期五）9:00至11:00" in text
    for said in ("镇政府三楼会议室", "书记甲", "各位成员：", "1. 领学（成员一）：第一章", "2. 重点发言（=1+1）"):
        assert said in text
    assert "请发言人于2020年5月12日前提交发言材料" in text
    assert "关于开展" in text
    assert f"{cast.group.name}\n2020年第1次学习的通知" in text
    assert cast.group.organization.name in text


def test_record_names_who_was_away_and_why(cast):
    text = words_of(written(complete(cast), "record"))
    assert "成员二（公假，办公室登记，未经组长审批）、成员三（缺席）" in text
    assert "应到6人，实到4人" in text
    for said in ("成员一：讲了学习体会。", "大家学得好。", "办公室己", "五、主持人小结：大家学得好。"):
        assert said in text


def test_sheet_has_everybody_in_the_registers_order_and_signatures_blank(cast):
    session = complete(cast)
    table = written(session, "sign_in_sheet").blocks[1]
    assert [row[0] for row in table["rows"]] == [str(n) for n in range(1, 7)]
    assert {row[4] for row in table["rows"]} == {""}
    notes = {row[1]: row[6] for row in table["rows"]}
    assert notes["成员二"] == "请假（公假）办公室登记，未经组长审批"
    assert notes["成员三"].endswith("缺席")


def test_leave_summary_tells_reason_decision_and_nobody_else(cast, now):
    session = make_session(cast, starts_at=now + timedelta(days=2))
    ask_leave(session=session, person=cast.m1, reason="sick", explanation="住院", at=now)
    paper = written(session, "leave_summary")
    rows = next(block["rows"] for block in paper.blocks if block["type"] == "table")
    assert [row[1] for row in rows] == ["成员一"]
    assert rows[0][3] == "病假：住院"
    assert rows[0][5] == "待审批"


def test_a_bare_draft_lists_its_gaps_with_the_fields_that_fill_them(cast):
    session = make_session(cast, called=False, place="", kinds=(), starts_at=START)
    paper = written(session, "notice")
    edit = reverse("session_edit", args=[session.pk])
    gaps = {gap.label: gap.address for gap in paper.gaps}
    assert gaps["地点"] == f"{edit}#id_place"
    assert gaps["主持人"] == f"{edit}#id_host"
    assert set(gaps) == {"地点", "主持人", "学习形式", "学习内容（篇目）", "议程", "通知日期（通知后自动填写）"}
    for label in gaps:
        assert f"〔待补：{label}〕" in words_of(paper)


def test_after_the_session_gaps_lead_to_the_page_of_the_record(cast, as_):
    session = make_closed_session(cast, starts_at=START)
    gaps = {gap.label: gap.address for gap in written(session, "record").gaps}
    record = reverse("session_record", args=[session.pk])
    assert gaps["主持人"] == f"{record}#id_host"
    assert gaps["记录人"] == f"{record}#id_recorder"
    page = as_(cast.office).get(record).content.decode()
    for address in gaps.values():
        path, _, field = address.partition("#")
        if path == record:
            assert f'id="{field}"' in page


def test_what_was_missing_is_completed_on_the_page_of_the_record(cast, as_):
    session = make_closed_session(cast, starts_at=START)
    version = StudySession.objects.get(pk=session.pk).version
    told = {"host": cast.secretary.pk, "content": "篇目", "record": "要点", "recorder": "己", "closing_words": "好"}
    answer = as_(cast.office).post(reverse("session_record", args=[session.pk]), {**told, "version": version})
    assert answer.status_code == 302
    session.refresh_from_db()
    assert (session.host, session.content, session.record) == (cast.secretary, "篇目", "要点")
    assert (session.recorder, session.closing_words) == ("己", "好")
    page = as_(cast.office).get(reverse("session_record", args=[session.pk])).content.decode()
    assert 'id="id_host"' not in page  # what is there is changed on the session's own page
    late = as_(cast.office).post(reverse("session_record", args=[session.pk]), {**told, "version": version})
    assert late.status_code == 409
    assert "现在的学习记录" in late.content.decode()


def test_page_lists_all_papers_with_what_they_lack(cast, as_):
    session = make_closed_session(cast, starts_at=START)
    page = as_(cast.office).get(reverse("session_papers", args=[session.pk])).content.decode()
    for paper in PAPERS.values():
        assert paper.label in page
        assert reverse("session_paper_word", args=[session.pk, paper.slug]) in page
    assert f"{reverse('session_record', args=[session.pk])}#id_recorder" in page
    assert "待补" in page


@pytest.mark.parametrize("person", ["office", "propaganda", "secretary", "deputy", "supervisor"])
def test_who_oversees_reads_every_paper(cast, as_, person):
    session = complete(cast)
    for slug in PAPERS:
        page = as_(cast.people[person]).get(reverse("session_paper", args=[session.pk, slug]))
        assert (page.status_code, "学习《习近平谈治国理政》第三卷" in page.content.decode()) == (200, True)


@pytest.mark.parametrize("person", ["m1", "m2"])
def test_participants_read_notice_and_agenda_only(cast, as_, person):
    session, client = complete(cast), as_(cast.people[person])
    listed = client.get(reverse("session_papers", args=[session.pk])).content.decode()
    for slug, paper in PAPERS.items():
        allowed = slug in ("notice", "agenda")
        for name in ("session_paper", "session_paper_word"):
            address = reverse(name, args=[session.pk, slug])
            assert client.get(address).status_code == (200 if allowed else 404), slug
            assert (address in listed) is allowed
        assert allowed or f"<strong>{paper.label}</strong>" not in listed


def test_only_who_can_fill_a_gap_is_led_to_it(cast, as_):
    session = make_session(cast, starts_at=START)
    StudySession.objects.filter(pk=session.pk).update(place="")
    page = reverse("session_paper", args=[session.pk, "agenda"])
    edit = reverse("session_edit", args=[session.pk])
    assert edit in as_(cast.office).get(page).content.decode()
    for person in (cast.m1, cast.supervisor):
        shown = as_(person).get(page).content.decode()
        assert "〔待补：地点〕" in shown
        assert edit not in shown
    listed = as_(cast.supervisor).get(reverse("session_papers", args=[session.pk])).content.decode()
    assert "地点" in listed
    assert edit not in listed


def test_agenda_without_minutes_has_no_column_for_them(cast):
    session = complete(cast)
    assert "时长" not in words_of(written(session, "agenda"))
    session.agenda.filter(position=1).update(minutes=20)
    table = written(session, "agenda").blocks[1]
    assert table["head"][-1] == "时长"
    assert "20分钟" in [row[-1] for row in table["rows"]]


def test_sheet_before_the_session_has_lines_to_spare(cast):
    session = make_session(cast, starts_at=START)
    rows = written(session, "sign_in_sheet").blocks[1]["rows"]
    assert [row[0] for row in rows] == ["1", "2", "3", "4", "5", "6", "", "", ""]


def test_host_speaks_of_a_reading_and_of_a_speech(cast):
    text = words_of(written(complete(cast), "host_script"))
    assert "请成员一同志领学《第一章》。" in text
    assert text.count("由主持人作简要点评") == 1


def test_a_draft_and_another_towns_session_do_not_exist(cast, as_):
    draft = make_session(cast, called=False, starts_at=START)
    assert as_(cast.m1).get(reverse("session_paper_word", args=[draft.pk, "notice"])).status_code == 404
    assert as_(cast.foreign_office).get(reverse("session_papers", args=[draft.pk])).status_code == 404
    assert as_(cast.office).get(reverse("session_paper", args=[draft.pk, "nothing"])).status_code == 404


@pytest.mark.parametrize("slug", PAPERS)
def test_word_holds_what_the_page_shows(cast, as_, slug):
    session = complete(cast)
    answer = as_(cast.office).get(reverse("session_paper_word", args=[session.pk, slug]))
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "attachment" in answer["Content-Disposition"]
    assert "20200515" in answer["Content-Disposition"]
    document = Document(io.BytesIO(b"".join(answer.streaming_content)))
    texts = [p.text for p in document.paragraphs] + [c.text for t in document.tables for c in t._cells]
    page = as_(cast.office).get(reverse("session_paper", args=[session.pk, slug])).content.decode()
    shown = html.unescape(re.sub(r"<[^>]*>", "", page))
    assert [text for text in texts if any(line.strip() not in shown for line in text.split("\n"))] == []


def test_extended_and_observers_are_addressed_and_listed(cast):
    everybody = cast.group.memberships.order_by("position")
    text = words_of(written(make_session(cast, members=everybody, starts_at=START), "notice"))
    assert "各位成员、扩大参加人员、列席人员：" in text
    assert f"{Role.EXTENDED.label}（1人）：扩大丁。" in text


def test_thirty_sessions_are_read_with_the_statements_of_one(cast):
    def cost():
        with CaptureQueriesContext(connection) as statements:
            for rows in read(with_facts(StudySession.objects.all())):
                for paper in PAPERS.values():
                    paper.write(rows)
        return len(statements)

    complete(cast)
    one = cost()
    for day in range(1, 30):
        make_closed_session(cast, starts_at=moment(f"2020-06-{day:02d} 09:00"))
    assert cost() == one <= 12


@pytest.mark.parametrize(
    ("number", "word"), [(1, "一"), (10, "十"), (11, "十一"), (20, "二十"), (21, "二十一"), (60, "六十")]
)
def test_numerals(number, word):
    assert numeral(number) == word


@pytest.mark.parametrize("status", ["leave", "absent"])
def test_a_speaker_who_was_not_there_did_not_speak(cast, status):
    agenda = [Speaker("lead_reading", cast.m1, title="第一章"), Speaker("discussion", cast.m2, title="体会")]
    session = make_closed_session(cast, starts_at=START, status={cast.m1.pk: status}, agenda=agenda)
    for slug in ("record", "bulletin"):
        paper = written(session, slug)
        text = words_of(paper)
        assert "〔待补：领学人成员一未到，请改议程〕" in text
        assert "领学（成员一）" not in text
        assert "成员一领学" not in text
        assert "成员二" in text
        assert "领学人成员一未到，请改议程" in [gap.label for gap in paper.gaps]


def test_a_host_who_was_not_there_did_not_preside(cast):
    session = make_closed_session(cast, starts_at=START, status={cast.m1.pk: "absent"}, host=cast.m1)
    for slug in ("record", "bulletin"):
        paper = written(session, slug)
        assert "〔待补：主持人成员一未到，请改主持人〕" in words_of(paper)
        assert "成员一主持" not in words_of(paper)
    present = make_closed_session(cast, starts_at=START + timedelta(days=1), host=cast.m1)
    assert "成员一主持" in words_of(written(present, "bulletin"))


def test_only_observers_who_came_are_in_the_record(cast):
    everybody = cast.group.memberships.order_by("position")
    session = make_session(cast, members=everybody, starts_at=START)
    close(session=session, mark_absent=True, by=cast.office, at=session.ends_at)
    assert "列席人员" not in words_of(written(session, "record"))
    reopen(session=session, by=cast.office, at=session.ends_at)
    close(session=session, observers_here=[cast.observer.pk], by=cast.office, at=session.ends_at)
    assert f"列席人员\n{cast.observer.name}" in words_of(written(session, "record"))


def test_the_notice_stays_as_it_was_sent_and_a_correction_is_sent_beside_it(cast, as_, now):
    session = make_session(cast, starts_at=now + timedelta(days=3), host=cast.secretary)
    client, page = as_(cast.office), reverse("session_paper", args=[session.pk, "notice"])
    again = reverse("session_notify_again", args=[session.pk])
    assert "没有变化" in client.post(again).content.decode()
    StudySession.objects.filter(pk=session.pk).update(place="镇文化站")
    session.refresh_from_db()
    assert "镇政府三楼会议室" in words_of(written(session, "notice"))
    assert "镇文化站" not in words_of(written(session, "notice"))
    shown = client.get(page).content.decode()
    assert "与发出时相比有变化" in shown
    assert "地点：镇政府三楼会议室 → <strong>镇文化站</strong>" in shown
    assert again in shown
    assert again not in as_(cast.m1).get(page).content.decode()
    assert as_(cast.m1).post(again).status_code == 403
    assert client.post(again).status_code == 302
    assert "更正通知" in written(session, "notice").title
    assert "镇文化站" in words_of(written(session, "notice"))
    shown = client.get(page).content.decode()
    assert "与发出时相比" not in shown
    assert "已发出 2 次" in shown
    first = client.get(f"{page}?issue=1").content.decode().split("<article")[1]
    assert "镇政府三楼会议室" in first
    assert "镇文化站" not in first


def test_a_granted_leave_is_not_called_unapproved(cast, now):
    session = make_session(cast, starts_at=now + timedelta(days=2))
    leave = ask_leave(session=session, person=cast.m1, reason="sick", explanation="住院", at=now)
    decide_leave(request=leave, grant=True, answer="", by=cast.secretary, at=now)
    register(session, cast.m1, "leave", leave_reason="official", by=cast.office, at=now)  # sick, as it was granted
    register(session, cast.m2, "leave", leave_reason="personal", by=cast.office, at=now)
    notes = {row[1]: row[6] for row in written(session, "sign_in_sheet").blocks[1]["rows"]}
    assert notes["成员一"] == "请假（病假）"
    assert notes["成员二"] == "请假（事假）办公室登记，未经组长审批"
    table = next(b for b in written(session, "leave_summary").blocks if b["type"] == "table")
    assert [row[5] for row in table["rows"]] == ["已准假　书记甲", "办公室登记，未经组长审批"]
