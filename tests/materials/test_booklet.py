"""成果汇编: approved papers only, in their approved text, made by a job, read by who reads the papers."""

import io

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from docx import Document

from materials.models import Submission
from reviews.chain import Move, State
from studygroup.lib.models import AuditEntry, Job
from tests import factories

LIST, NEW = reverse("booklet_list"), reverse("booklet_new")


def page(response):
    return response.content.decode()


def approved(cast, title, **facts):
    paper = factories.make_submission(cast, title=title, **facts)
    factories.walk_to(paper.review, State.APPROVED, cast)
    return paper


def ask(client, papers, **fields):
    told = {"title": "2020年成果汇编", "order": "date", "foreword": "", "papers": [paper.pk for paper in papers]}
    return client.post(NEW, {**told, **fields})


def made(client):
    job = Job.objects.filter(kind="booklet").latest("pk")
    answer = client.get(reverse("booklet_file", args=[job.pk]))
    assert answer["Content-Disposition"].startswith("attachment")
    return [p.text for p in Document(io.BytesIO(b"".join(answer.streaming_content))).paragraphs]


def test_papers_become_a_book_with_frozen_text_and_office_of_the_day(cast, as_, run_jobs):
    first = approved(cast, "乙篇", body="一、认识\n定稿的句子。", written_on="2020-05-02")
    second = approved(cast, "甲篇", author=cast.m2, kind="speech", written_on="2020-05-01")
    Submission.objects.filter(pk=first.pk).update(title="后来改的标题", body="后来改的句子。")
    client = as_(cast.office)
    answer = ask(client, [first, second], foreword="写在前面。")
    job = Job.objects.get(kind="booklet")
    assert answer.url == reverse("job_detail", args=[job.pk])
    run_jobs()
    assert LIST in page(client.get(answer.url))
    told = made(client)
    assert told.index("写在前面。") < told.index("甲篇　成员二\t1") < told.index("乙篇　成员一\t2")
    assert told[-4:] == ["乙篇", "组织委员　成员一", "一、认识", "定稿的句子。"]
    assert not any("后来改的" in text for text in told)
    assert AuditEntry.objects.get(action="booklet.make").detail["papers"] == 2


def test_order_by_kind_has_parts_and_by_roster_follows_it(cast, as_, run_jobs):
    speech = approved(cast, "发言", kind="speech", written_on="2020-01-01")
    second = approved(cast, "体会二", author=cast.m2, written_on="2020-02-01")
    first = approved(cast, "体会一", author=cast.m1, written_on="2020-03-01")
    client = as_(cast.office)
    ask(client, [speech, second, first], order="kind")
    run_jobs()
    contents = [text.partition("\t")[0] for text in made(client)]
    at = contents.index("心得体会")
    assert contents[at : at + 5] == ["心得体会", "体会一　成员一", "体会二　成员二", "研讨（发言）材料", "发言　成员一"]
    ask(client, [speech, second, first], order="roster")
    run_jobs()
    contents = [text.partition("\t")[0] for text in made(client) if "\t" in text]
    assert contents == ["发言　成员一", "体会一　成员一", "体会二　成员二"]


def test_only_approved_papers_are_offered_and_taken(cast, as_):
    good = approved(cast, "通过的一篇")
    waiting = factories.make_submission(cast, title="在审的一篇")
    factories.walk_to(waiting.review, State.FINAL_GATE, cast)
    draft = factories.make_submission(cast, title="谁的草稿")
    special = factories.make_submission(cast, title="特批待追认的一篇")
    factories.walk_to(special.review, State.SECOND_REVIEW, cast)
    factories.judge(special.review, Move.OVERRIDE, by=cast.propaganda)
    client = as_(cast.office)
    shown = page(client.get(NEW))
    assert "通过的一篇" in shown
    for hidden in ("在审的一篇", "谁的草稿", "特批待追认的一篇"):
        assert hidden not in shown
    for paper in (waiting, draft, special):
        assert "已不是“已通过”" in page(ask(client, [good, paper], title="留得住的书名"))
    assert "留得住的书名" in page(ask(client, [], title="留得住的书名"))
    assert not Job.objects.filter(kind="booklet").exists()


def test_a_paper_taken_back_meanwhile_is_left_out_and_told(cast, as_, run_jobs):
    kept, gone = approved(cast, "留下的"), approved(cast, "撤回的", author=cast.m2)
    client = as_(cast.office)
    ask(client, [kept, gone])
    gone.review.refresh_from_db()
    type(gone.review).objects.filter(pk=gone.review_id).update(state=State.RETURNED)
    run_jobs()
    told = made(client)
    assert "留下的　成员一\t1" in told
    assert not any("撤回的" in text for text in told)
    assert "另有 1 篇已不是“已通过”，没有收入" in str(Job.objects.get(kind="booklet").steps)


def test_filters_narrow_what_is_offered_and_nonsense_does_not(cast, as_):
    session = factories.make_session(cast, title="五月研讨")
    approved(cast, "甲篇", written_on="2020-05-01", session=session)
    approved(cast, "乙篇", written_on="2021-05-01", kind="speech", topic="乡村振兴")
    client = as_(cast.office)

    def shown(**query):
        text = page(client.get(NEW, query))
        return {title for title in ("甲篇", "乙篇") if f">{title}<" in text}

    assert shown() == shown(year="9" * 30, kind="x", session="0", group="y") == {"甲篇", "乙篇"}
    assert shown(year="2020") == shown(session=session.pk) == {"甲篇"}
    assert shown(kind="speech") == shown(q="振兴") == {"乙篇"}
    assert "没有符合条件的材料" in page(client.get(NEW, {"q": "没有这个"}))


def test_book_is_read_by_readers_of_the_papers_and_removed_by_the_office(cast, as_, run_jobs):
    ask(as_(cast.office), [approved(cast, "一篇")])
    run_jobs()
    job = Job.objects.get(kind="booklet")
    address, remove = (reverse(name, args=[job.pk]) for name in ("booklet_file", "booklet_remove"))
    assert as_(cast.secretary).get(address).status_code == 200
    assert "2020年成果汇编" in page(as_(cast.secretary).get(LIST))
    assert "删除" not in page(as_(cast.secretary).get(LIST)).split("<main")[1]
    assert as_(cast.foreign_secretary).get(address).status_code == 404
    assert "2020年成果汇编" not in page(as_(cast.foreign_secretary).get(LIST))
    assert as_(cast.m1).get(address).status_code == 403
    assert as_(cast.secretary).post(remove).status_code == 403
    stored = job.result["file"]
    client = as_(cast.office)
    assert client.post(remove).status_code == 302
    assert client.post(remove).status_code == 404
    assert AuditEntry.objects.filter(action="booklet.remove").count() == 1
    assert "2020年成果汇编" not in page(client.get(LIST))
    assert Submission.objects.count() == 1
    assert stored


def test_a_file_that_is_gone_is_told(cast, as_, run_jobs):
    client = as_(cast.office)
    ask(client, [approved(cast, "一篇")])
    run_jobs()
    job = Job.objects.get(kind="booklet")
    default_storage.delete(job.result["file"])
    assert "文件已不在" in page(client.get(reverse("booklet_file", args=[job.pk]), follow=True))


def test_asked_twice_makes_one(cast, as_):
    papers = [approved(cast, "一篇")]
    client = as_(cast.office)
    assert ask(client, papers).url == ask(client, papers).url
    assert Job.objects.filter(kind="booklet").count() == 1


def test_members_choose_no_papers_for_a_book(cast, as_):
    for person in (cast.m1, cast.secretary, cast.supervisor):
        assert as_(person).get(NEW).status_code == 403


def test_number_of_statements_does_not_grow(cast, as_):
    client = as_(cast.office)
    approved(cast, "第0篇")
    counts = []
    for number in (1, 5):
        for n in range(number):
            approved(cast, f"第{n + 1}篇", author=(cast.m1, cast.m2, cast.m3)[n % 3])
            Job.objects.create(
                kind="booklet",
                key=f"{cast.group.pk}:{n}",
                title="书",
                params={"group": cast.group.pk, "title": "书"},
                state="done",
                result={"file": "x", "size": 1, "papers": 1},
                requested_by=cast.office,
                created_at="2020-01-01T00:00:00Z",
            )
        client.get(NEW)
        with CaptureQueriesContext(connection) as seen:
            client.get(NEW)
            client.get(LIST)
        counts.append(len(seen))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("number", ["9" * 30, "-1", "x", "\0"])
def test_number_no_paper_can_have_is_told(cast, as_, number):
    factories.walk_to(factories.make_submission(cast).review, State.APPROVED, cast)
    response = as_(cast.office).post(reverse("booklet_new"), {"papers": [number], "title": "汇编", "order": "kind"})
    assert response.status_code == 200
    assert "请重新勾选" in response.content.decode()
