"""What the form of a paper says of what was asked, of its attachments, and of what became of it."""

from datetime import timedelta

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from materials.models import Comparison, Submission
from reviews.chain import Move, State
from sessions_app.models.session import AgendaItem
from tests import factories
from tests.factories import hand_in, judge
from tests.materials.test_submission import NEW, page, typed
from tests.materials.test_submission_files import FROM_WORD, LETTER, upload
from tests.materials.test_writing import ask


def test_request_is_told_at_the_head_and_a_title_suggested(cast, as_):
    asked = ask(cast, cast.m1, title="农村公路管护", kind="research_report", words_wanted=1500)
    asked.kind_name = "调研报告"
    asked.save(update_fields=["kind_name"])
    shown = page(as_(cast.m1).get(f"{NEW}?request={asked.pk}"))
    assert "请您写：农村公路管护" in shown
    assert f"调研报告，{asked.due_on.month}月{asked.due_on.day}日前交，不少于 1500 字。{cast.office.name}布置" in shown
    assert 'value="农村公路管护调研报告"' in shown
    assert 'id="paper-more" open' in shown
    assert "请您写：" not in page(as_(cast.m2).get(f"{NEW}?request={asked.pk}"))


def test_session_suggests_the_kind_of_who_speaks_there(cast, as_):
    session = factories.make_session(cast, title="第三次集体学习")
    AgendaItem.objects.create(session=session, position=1, role="keynote", speaker=cast.m1)
    factories.make_submission(cast, author=cast.m2, kind="research_report")
    for person, kind in ((cast.m1, "speech"), (cast.m2, "reflection")):
        for address in (NEW, FROM_WORD):
            shown = page(as_(person).get(f"{address}?session={session.pk}"))
            start = shown.index(f'value="{kind}"')
            assert "checked" in shown[start : shown.index(">", start)], (person, address)
        assert "为“第三次集体学习”" in page(as_(person).get(f"{NEW}?session={session.pk}"))
    assert "为“" not in page(as_(cast.foreign_m1).get(f"{NEW}?session={session.pk}"))


def test_document_page_begins_with_a_kind_and_says_the_file_is_gone(cast, as_):
    factories.make_submission(cast, kind="reading_note")
    shown = page(as_(cast.m1).get(FROM_WORD))
    start = shown.index('value="reading_note"')
    assert "checked" in shown[start : shown.index(">", start)]
    refused = page(as_(cast.m1).post(FROM_WORD, {"kind": "", "file": upload("a.docx", LETTER)}))
    assert "请重新选择 Word 文档" in refused
    assert not Submission.objects.filter(title="深入基层的几点体会").exists()


def test_attachments_of_a_draft_can_be_opened_from_the_form(cast, as_):
    client = as_(cast.m1)
    client.post(NEW, typed(uploads=SimpleUploadedFile("笔记.txt", "走村".encode())))
    paper = Submission.objects.get()
    file = paper.files.get()
    shown = page(client.get(reverse("submission_edit", args=[paper.pk])))
    assert f'href="{reverse("submission_file", args=[file.pk])}">笔记.txt</a>' in shown


def test_second_submission_tells_both_times(cast, as_):
    paper, at = factories.make_submission(cast), timezone.now() - timedelta(days=3)
    hand_in(paper.review, by=cast.m1, at=at)
    paper.refresh_from_db()
    Submission.objects.filter(pk=paper.pk).update(received_at=at, receipt_year=2020, receipt_number=1)
    assert "提交时间 " in page(as_(cast.m1).get(reverse("submission_detail", args=[paper.pk])))
    judge(paper.review, Move.RETURN, by=cast.office)
    hand_in(paper.review, by=cast.m1)
    shown = page(as_(cast.m1).get(reverse("submission_detail", args=[paper.pk])))
    today = timezone.localdate()
    assert "首次提交 " in shown
    assert f"最近提交 {today.year}年{today.month}月{today.day}日" in shown


def test_check_button_stores_the_text_and_begins_the_comparison(cast, as_):
    paper, client = factories.make_submission(cast), as_(cast.m1)
    edit = reverse("submission_edit", args=[paper.pk])
    answer = client.post(edit, typed(body="新写的一段。", version=paper.version, check="1"))
    assert answer["Location"] == reverse("submission_check", args=[paper.pk])
    paper.refresh_from_db()
    assert paper.body == "新写的一段。"
    assert Comparison.objects.filter(submission=paper, version=None).exists()
    assert paper.review.state == State.DRAFT


def test_check_of_a_paper_handed_in_does_not_ask_to_check_again(cast, as_, run_jobs):
    paper, client = factories.make_submission(cast), as_(cast.m1)
    address = reverse("submission_check", args=[paper.pk])
    client.post(address)
    run_jobs()
    client.post(reverse("submission_edit", args=[paper.pk]), typed(version=paper.version, hand_in="1"))
    shown = page(client.get(address))
    assert "材料已经提交，不再自查" in shown
    assert "草稿改过了" not in shown


def test_text_sent_without_any_cookie_is_shown_by_its_names_with_a_way_to_log_in(cast):
    paper = factories.make_submission(cast)
    edit = reverse("submission_edit", args=[paper.pk])
    sent = typed(title="走村", body="没有存上的一段。", kind="reflection", session="124")
    client = Client(enforce_csrf_checks=True)
    answer = client.post(edit, sent, HTTP_REFERER=f"http://testserver{edit}")
    shown = page(answer)
    assert answer.status_code == 403
    assert "<strong>标题</strong>" in shown
    assert "没有存上的一段。</textarea>" in shown
    assert ">reflection<" not in shown
    assert ">124<" not in shown
    assert "重新登录" in shown
    assert f"/login/?next={edit.replace('/', '%2F')}" in shown
