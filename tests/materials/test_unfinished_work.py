"""What an author is working on is his alone: others read the words of the version he handed in, and no draft counts."""

import json

from django.urls import reverse
from django.utils import timezone

from materials.actions.submission import discard, save_submission
from materials.models import Submission
from reports.statistics import year_figures
from reviews.chain import Move
from reviews.models import ReviewCase
from studygroup.lib.models import AuditEntry
from tests import factories
from tests.materials.texts import COPIED, HONEST, paper_of

SECRET = "还没有想好的新标题"


def returned_and_reworked(cast, **facts):
    """Handed in, returned, and being written anew."""
    paper = factories.make_submission(cast, **facts)
    factories.hand_in(paper.review, by=cast.m1)
    factories.judge(paper.review, Move.RETURN, by=cast.office)
    stored = Submission.objects.select_related("review").get(pk=paper.pk)
    at = timezone.now()
    save_submission(submission=stored, seen_version=stored.version, changes={"title": SECRET}, by=cast.m1, at=at)
    return Submission.objects.get(pk=paper.pk)


def read(client, name, *args):
    response = client.get(reverse(name, args=args))
    assert response.status_code == 200
    return response.content.decode()


def test_session_names_a_returned_paper_as_it_was_handed_in(cast, as_):
    session = factories.make_closed_session(cast)
    returned_and_reworked(cast, session=session, title="初稿的标题")
    text = read(as_(cast.office), "session_detail", session.pk)
    assert "初稿的标题" in text
    assert SECRET not in text


def test_likeness_names_neither_paper_nor_source_by_what_is_being_written(cast, as_, run_jobs):
    source = returned_and_reworked(cast, title="冬日走访记", body=paper_of(HONEST[0], COPIED, HONEST[4]))
    copy = factories.make_submission(cast, author=cast.m2, title="走访心得", body=paper_of(HONEST[1], COPIED))
    factories.hand_in(copy.review, by=cast.m2)
    run_jobs()
    text = read(as_(cast.office), "submission_likeness", copy.pk)
    assert "冬日走访记" in text
    assert SECRET not in text
    text = read(as_(cast.office), "submission_likeness", source.pk)
    assert "冬日走访记" in text
    assert SECRET not in text


def test_draft_is_in_no_figure_and_in_no_record(cast):
    draft = factories.make_submission(cast, title=SECRET)
    year = draft.written_on.year
    figures = {figure.code: figure for figure in year_figures(cast.group, year)}
    assert figures["reflection"].left_out == ()
    discard(submission=draft, by=cast.m1, at=timezone.now())
    details = [json.dumps(row.detail, ensure_ascii=False) for row in AuditEntry.objects.all()]
    assert not any(SECRET in detail for detail in details)


def test_draft_names_the_steps_it_will_really_pass(cast, as_):
    draft = factories.make_submission(cast)
    assert "办公室初审、宣传委员复审、党委书记把关。" in read(as_(cast.m1), "submission_detail", draft.pk)
    ReviewCase.objects.filter(pk=draft.review_id).update(steps=["first_review", "final_gate"])
    assert "提交审核：办公室初审、党委书记把关。" in read(as_(cast.m1), "submission_detail", draft.pk)
