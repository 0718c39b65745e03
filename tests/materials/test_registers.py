"""登记表: the columns offices keep, filled from what was handed in, in one workbook."""

import io
from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from materials.models import Outcome, PaperRequest, PublicityPush, Submission
from reviews.chain import Move, State
from studygroup.lib.clock import local_date
from tests import factories

ADDRESS = reverse("submission_register")


def opened(client, **query):
    answer = client.get(ADDRESS, query)
    assert answer.status_code == 200
    return load_workbook(io.BytesIO(b"".join(answer.streaming_content)))


def rows_of(sheet):
    """Title, then the rows as label → value."""
    rows = [list(row) for row in sheet.iter_rows(values_only=True)]
    head = rows[1]
    body = rows[2 : next(n for n, row in enumerate([*rows[2:], [None]], 2) if row[0] is None)]
    return rows[0][0], [dict(zip(head, row, strict=True)) for row in body]


def approved(cast, **facts):
    paper = factories.make_submission(cast, **facts)
    factories.walk_to(paper.review, State.APPROVED, cast)
    return paper


def asked(cast, paper, due):
    request = PaperRequest.objects.create(
        group=cast.group,
        kind=paper.kind,
        kind_name="心得体会",
        title="乡村振兴专题",
        due_on=due,
        asked_by=cast.propaganda,
        asked_at=timezone.now(),
    )
    Submission.objects.filter(pk=paper.pk).update(request=request)


def test_reflections_have_the_offices_columns(cast, as_):
    today = local_date(timezone.now())
    paper = approved(cast, title="学习乡村振兴战略的体会", topic="乡村振兴", written_on="2020-05-01")
    asked(cast, paper, today)
    late = approved(cast, title="迟交的一篇", author=cast.m2, written_on="2020-05-02")
    asked(cast, late, today - timedelta(days=3))
    PublicityPush.objects.create(
        group=cast.group, channel="微励某镇", title="【体会】学习乡村振兴战略的体会", pushed_on="2020-06-01"
    )
    book = opened(as_(cast.office), kind="reflection", year="2020")
    assert book.sheetnames == ["心得体会登记", "两审一把关台账"]
    title, rows = rows_of(book["心得体会登记"])
    assert title == f"{cast.group.name}2020年心得体会登记"
    assert list(rows[0]) == ["序号", "姓名", "职务", "题目", "专题", "字数", "提交", "是否按时", "审核", "刊发"]
    assert rows[0] == {
        "序号": 1,
        "姓名": "成员一",
        "职务": "组织委员",
        "题目": "学习乡村振兴战略的体会",
        "专题": "乡村振兴",
        "字数": 20,
        "提交": str(today),
        "是否按时": "按时",
        "审核": f"已通过 {today}",
        "刊发": "微励某镇 2020-06-01",
    }
    assert rows[1]["是否按时"] == "迟 3 天"


def test_reports_have_theirs_with_what_became_of_them(cast, as_):
    paper = approved(cast, kind="research_report", title="皂角产业调研")
    Outcome.objects.create(
        group=cast.group,
        submission=paper,
        suggestion="建育苗基地",
        adopted_in="镇党委会议纪要第5期",
        adopted_on="2020-06-03",
    )
    _, rows = rows_of(opened(as_(cast.office), kind="research_report")["调研报告登记"])
    assert list(rows[0]) == [
        *("序号", "课题", "选题审定", "负责人", "参与人", "调研时间地点"),
        *("完成", "字数", "审核", "成果转化", "刊发"),
    ]
    assert rows[0]["成果转化"] == "镇党委会议纪要第5期（2020-06-03）：建育苗基地"


def test_speeches_are_kept_as_the_ledger_of_the_reviews(cast, as_):
    paper = factories.make_submission(cast, kind="speech", title="=1+1", purpose="五月研讨")
    factories.walk_to(paper.review, State.RETURNED, cast)
    factories.hand_in(paper.review, by=cast.m1)
    factories.walk_to(paper.review, State.APPROVED, cast)
    book = opened(as_(cast.office), kind="speech")
    assert book.sheetnames == ["研讨（发言）材料登记"]
    sheet = book["研讨（发言）材料登记"]
    _, [row] = rows_of(sheet)
    assert row["标题"] == "=1+1"
    assert sheet["B3"].data_type == "s"
    assert (row["用途"], row["退回次数"], row["修改说明"]) == (
        "五月研讨",
        1,
        "1. 请补充本镇的实例。——已按意见修改。",
    )
    assert row["把关意见、签名、日期"].startswith("同意。　书记甲　")
    assert row["定稿版本"].startswith("第2稿")
    page = sheet.page_setup
    assert (page.paperSize, page.orientation, page.fitToHeight, sheet.sheet_properties.pageSetUpPr.fitToPage) == (
        9,
        "landscape",
        0,
        True,
    )


def test_all_kinds_come_in_one_workbook_and_drafts_in_none(cast, as_):
    approved(cast, title="一篇体会")
    factories.walk_to(factories.make_submission(cast, kind="speech", title="在审的发言").review, "first_review", cast)
    factories.make_submission(cast, title="谁也看不到的草稿")
    case = factories.walk_to(factories.make_submission(cast, title="退回的材料").review, State.RETURNED, cast)
    Submission.objects.filter(review=case).update(title="正在改的标题", body="正在改的正文")
    book = opened(as_(cast.office))
    assert book.sheetnames == ["心得体会登记", "研讨（发言）材料登记", "两审一把关台账"]
    _, rows = rows_of(book["两审一把关台账"])
    assert {row["标题"] for row in rows} == {"一篇体会", "在审的发言", "退回的材料"}
    everything = str([list(sheet.iter_rows(values_only=True)) for sheet in book])
    assert "正在改" not in everything
    assert "草稿" not in everything
    assert "谁也看不到" not in str(
        [list(sheet.iter_rows(values_only=True)) for sheet in opened(as_(cast.propaganda), kind="reflection")]
    )


def test_register_is_of_his_own_groups_and_of_readers_only(cast, as_):
    approved(cast, title="本镇的材料")
    for person in (cast.m1, cast.extended, cast.supervisor):
        assert as_(person).get(ADDRESS).status_code == 403
    for query in ({}, {"group": cast.group.pk}):
        sheets = opened(as_(cast.foreign_office), **query)
        assert "本镇的材料" not in str([list(sheet.iter_rows(values_only=True)) for sheet in sheets])


def test_nonsense_is_no_filter(cast, as_):
    approved(cast, title="甲篇", written_on="2020-12-31")
    approved(cast, title="乙篇", written_on="2021-01-01")
    assert len(rows_of(opened(as_(cast.office), year="99999", kind="x", group="y")["心得体会登记"])[1]) == 2
    assert len(rows_of(opened(as_(cast.office), year="2021")["心得体会登记"])[1]) == 1


def test_list_offers_the_register_to_its_readers(cast, as_):
    approved(cast)
    listed = reverse("submission_list")
    shown = as_(cast.office).get(listed, {"tab": "group", "kind": "reflection"}).content.decode()
    assert f"{ADDRESS}?kind=reflection&amp;year=" in shown
    assert ADDRESS not in as_(cast.m1).get(listed).content.decode()


def test_one_statement_per_table(cast, as_):
    client = as_(cast.office)
    approved(cast)
    opened(client)
    counts = []
    for number in (1, 8):
        for n in range(number - 1):
            approved(cast, title=f"第{n}篇", author=(cast.m1, cast.m2, cast.m3)[n % 3])
        with CaptureQueriesContext(connection) as seen:
            opened(client)
        counts.append(len(seen))
    assert counts[0] == counts[1]
    assert counts[0] <= 16


def test_a_paper_that_answers_by_its_session_is_told_on_time_too(cast, as_):
    session, today = factories.make_session(cast), local_date(timezone.now())
    paper = approved(cast, session=session, written_on=today)
    named = approved(cast, author=cast.m2, written_on=today)
    asked(cast, named, today)
    request = PaperRequest.objects.get()
    PaperRequest.objects.update(session=session)
    request.people.create(person=cast.m1)
    _, rows = rows_of(opened(as_(cast.office), kind="reflection")["心得体会登记"])
    assert [row["是否按时"] for row in rows] == ["按时", "按时"]
    assert paper.request is None


def test_the_ledger_tells_an_override_and_a_return(cast, as_):
    special = factories.make_submission(cast, kind="speech", title="急用的一篇").review
    factories.walk_to(special, State.SECOND_REVIEW, cast)
    factories.judge(special, Move.OVERRIDE, by=cast.deputy)
    factories.walk_to(factories.make_submission(cast, kind="speech", title="退回的一篇").review, State.RETURNED, cast)
    _, rows = rows_of(opened(as_(cast.office), kind="speech")["研讨（发言）材料登记"])
    told = {row["标题"]: row for row in rows}
    assert told["急用的一篇"]["复审意见、签名、日期"].startswith("特批：书记外出")
    assert told["急用的一篇"]["把关意见、签名、日期"] == "特批通过，没有经过这一环节。"
    assert told["退回的一篇"]["初审意见、签名、日期"].startswith("退回：")
