"""定稿: what was approved can be printed and taken away as a document, by whoever may read it, and nothing else can."""

import io

import pytest
from django.urls import reverse
from docx import Document

from reviews.chain import State
from tests import factories
from tests.materials.test_submission import page

BODY = "一、认识\n学习使人进步。\n（一）打算\n学以致用。"


@pytest.fixture
def paper(cast):
    row = factories.make_submission(cast, author=cast.m1, title="岭上的心得", body=BODY)
    factories.walk_to(row.review, State.APPROVED, cast)
    return row


def texts(answer):
    return [line.text for line in Document(io.BytesIO(b"".join(answer.streaming_content))).paragraphs if line.text]


def addresses(paper):
    return [reverse(name, args=[paper.pk]) for name in ("submission_print", "submission_word")]


def test_author_and_office_take_the_approved_text_away(cast, as_, paper):
    title = cast.m1.memberships.get(group=cast.group).title
    byline = "　".join(filter(None, [title, cast.m1.name]))
    for person in (cast.m1, cast.office, cast.secretary):
        printed, word = addresses(paper)
        detail = page(as_(person).get(reverse("submission_detail", args=[paper.pk])))
        assert printed in detail
        assert word in detail
        shown = page(as_(person).get(printed))
        for words in ("<h1>岭上的心得</h1>", byline, "<p>学以致用。</p>"):
            assert words in shown
        answer = as_(person).get(word)
        assert texts(answer) == ["岭上的心得", byline, "一、认识", "学习使人进步。", "（一）打算", "学以致用。"]
        assert "docx" in answer.headers["Content-Disposition"]


def test_what_is_written_since_stays_out(cast, as_, paper):
    type(paper).objects.filter(pk=paper.pk).update(title="还在改", body="只有自己看得到。")
    printed, word = addresses(paper)
    assert "只有自己看得到" not in page(as_(cast.m1).get(printed))
    assert texts(as_(cast.m1).get(word))[0] == "岭上的心得"


@pytest.mark.parametrize("state", [State.DRAFT, State.FIRST_REVIEW, State.RETURNED])
def test_nothing_is_taken_away_before_it_is_approved(cast, as_, state):
    row = factories.make_submission(cast, author=cast.m1)
    factories.walk_to(row.review, state, cast)
    for address in addresses(row):
        assert as_(cast.m1).get(address).status_code == 404
    assert addresses(row)[0] not in page(as_(cast.m1).get(reverse("submission_detail", args=[row.pk])))


def test_people_of_another_town_find_nothing(cast, as_, paper):
    for address in addresses(paper):
        assert as_(cast.foreign_office).get(address).status_code == 404


def test_paper_of_files_alone_names_them(cast, as_, paper):
    version = paper.review.approved_version
    type(version).objects.filter(pk=version.pk).update(content=[{"type": "file", "name": "手写.pdf", "size": 3}])
    assert "附件：手写.pdf" in page(as_(cast.m1).get(addresses(paper)[0]))
    assert "附件：手写.pdf" in texts(as_(cast.m1).get(addresses(paper)[1]))


def test_the_version_page_leads_from_the_approved_one_to_its_print(cast, as_, paper):
    address = reverse("review_version", args=[paper.review_id, 1])
    assert reverse("submission_of_case", args=[paper.review_id]) in page(as_(cast.office).get(address))
