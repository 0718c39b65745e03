"""报告会 as it is told: to members, to reviewers of the committee above, on the form of a changed application."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from docx import Document

from reviews.chain import State
from sessions_app.actions.lecture import change_lecture
from sessions_app.models import Lecture, LectureFile
from tests.factories import hand_in, make_lecture, walk_to
from tests.sessions_app.test_lecture import seen, typed


@pytest.fixture
def changed(cast, now):
    """Approved, and its time changed since; not handed in again."""
    lecture = make_lecture(cast)
    walk_to(lecture.review, State.APPROVED, cast)
    stored = Lecture.objects.select_related("review").get()
    change_lecture(lecture=stored, seen_version=0, facts={"place": "露天"}, by=cast.office, at=now, restart=True)
    return Lecture.objects.select_related("review").get()


def page_of(client, name, *ids):
    return client.get(reverse(name, args=ids)).content.decode()


def test_members_see_a_lecture_only_while_it_is_approved(cast, as_, now):
    lecture = make_lecture(cast)
    office, member = as_(cast.office), as_(cast.m1)
    upload = {"outline_files": SimpleUploadedFile("讲稿.txt", "讲稿".encode())}
    office.post(reverse("lecture_edit", args=[lecture.pk]), typed(version=0) | upload)
    file = LectureFile.objects.get()
    addresses = [
        reverse("lecture_detail", args=[lecture.pk]),
        reverse("lecture_form", args=[lecture.pk]),
        reverse("lecture_file", args=[file.pk]),
    ]
    lecture.refresh_from_db()
    hand_in(lecture.review, by=cast.office)
    for person in (cast.office, cast.deputy):
        assert [as_(person).get(address).status_code for address in addresses] == [200, 200, 200]
    assert [member.get(address).status_code for address in addresses] == [404, 404, 404]
    assert lecture.title not in member.get(reverse("lecture_list")).content.decode()
    walk_to(lecture.review, State.APPROVED, cast)
    assert [member.get(address).status_code for address in addresses] == [200, 200, 200]


def test_member_loses_sight_of_a_lecture_that_is_changed(cast, as_, changed):
    assert as_(cast.m1).get(reverse("lecture_detail", args=[changed.pk])).status_code == 404
    assert as_(cast.office).get(reverse("lecture_detail", args=[changed.pk])).status_code == 200


def test_form_of_a_changed_lecture_says_first_that_the_approval_has_stopped(cast, as_, changed):
    told = "变更未批准，原批准已停用"
    page = page_of(as_(cast.office), "lecture_form", changed.pk)
    assert page.index(told) < page.index(changed.title, page.index("<h1>"))
    word = as_(cast.office).get(reverse("lecture_form_word", args=[changed.pk]))
    table = Document(io.BytesIO(b"".join(word.streaming_content))).tables[0]
    assert told in table.rows[0].cells[1].text
    hand_in(changed.review, by=cast.office)
    walk_to(changed.review, State.APPROVED, cast)
    assert told not in page_of(as_(cast.office), "lecture_form", changed.pk)


def test_reviewer_of_a_changed_lecture_reads_that_the_approval_has_stopped(cast, as_, changed):
    hand_in(changed.review, by=cast.office)
    page = page_of(as_(cast.propaganda), "review_detail", changed.review_id)
    assert "原批准已停用，批准前不能举办" in page
    assert "原来的仍然有效" not in page
    compared = page[page.index("与已审定版本的不同") : page.index("</section>", page.index("与已审定版本的不同"))]
    assert "露天" in compared
    assert "▲" not in compared


def test_review_page_names_who_applies_and_whose_office_has_it(cast, as_):
    lecture = make_lecture(cast, organizer=cast.sub_group, approver=cast.group, by=cast.sub_office)
    hand_in(lecture.review, by=cast.sub_office)
    page = page_of(as_(cast.office), "review_detail", lecture.review_id)
    assert f"<dt>送审单位</dt><dd>{cast.sub_group.name}</dd>" in page
    assert f"<dt>审批单位</dt><dd>{cast.group.name}</dd>" in page
    assert "<dt>经办人</dt>" in page
    assert "撰稿人" not in page
    assert f"现在在 {cast.group.organization.short_name} 办公室 处初审" in page


def test_application_form_names_the_committees_and_what_is_needed(cast, as_):
    page = page_of(as_(cast.sub_office), "lecture_new")
    assert "上一级党委（本镇党委）" in page
    assert "资质说明，提交前必填" in page


def test_error_asks_for_the_box_by_its_name(cast, as_):
    lecture = make_lecture(cast)
    walk_to(lecture.review, State.APPROVED, cast)
    edit = reverse("lecture_edit", args=[lecture.pk])
    lecture.refresh_from_db()
    page = as_(cast.office).post(edit, typed(version=lecture.version)).content.decode()
    label = "我知道：改动后原批准停用，须重新审批"
    assert f"请勾选“{label}”" in page
    assert page.count(label) >= 2


def test_note_stays_and_the_file_is_asked_for_again(cast, as_, now):
    lecture = make_lecture(cast, starts_at=now)
    walk_to(lecture.review, State.APPROVED, cast)
    seen(lecture)
    data = {"note": "临时换了讲稿"}
    page = as_(cast.office).post(reverse("lecture_used", args=[lecture.pk]), data).content.decode()
    assert "临时换了讲稿" in page
    assert "请重新选择文件" in page
