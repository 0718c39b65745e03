"""A draft nobody has seen can be thrown away by its author; what was handed in once stays."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from materials.models import Submission, SubmissionFile
from reviews.chain import State
from reviews.models import ReviewCase
from tests.factories import make_submission, walk_to


@pytest.mark.django_db(transaction=True)
def test_a_draft_goes_with_its_attachments(cast, as_, now):
    client = as_(cast.m1)
    upload = SimpleUploadedFile("笔记.txt", "学习笔记".encode())
    typed = {
        "kind": "reflection",
        "title": "不要了",
        "body": "写了一半",
        "written_on": "2026-01-05",
        "uploads": [upload],
    }
    client.post("/submissions/new/", typed)
    paper = Submission.objects.get()
    file = paper.files.get().file
    assert "删除草稿" in client.get(f"/submissions/{paper.pk}/").content.decode()
    assert client.post(f"/submissions/{paper.pk}/discard/").status_code == 302
    assert not Submission.objects.exists()
    assert not SubmissionFile.objects.exists()
    assert not ReviewCase.objects.exists()
    assert not file.storage.exists(file.name)


def test_nobody_else_throws_a_draft_away(cast, as_):
    paper = make_submission(cast, author=cast.m1)
    for person in (cast.m2, cast.office, cast.secretary):
        assert as_(person).post(f"/submissions/{paper.pk}/discard/").status_code == 404
    assert Submission.objects.exists()


@pytest.mark.parametrize("state", [State.FIRST_REVIEW, State.RETURNED, State.APPROVED])
def test_what_was_handed_in_stays(cast, as_, state):
    paper = make_submission(cast, author=cast.m1)
    walk_to(paper.review, state, cast)
    assert as_(cast.m1).post(f"/submissions/{paper.pk}/discard/").status_code == 400
    assert Submission.objects.filter(pk=paper.pk).exists()
    assert "删除草稿" not in as_(cast.m1).get(f"/submissions/{paper.pk}/").content.decode()
