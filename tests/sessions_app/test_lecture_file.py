"""报告会附件: frozen with the version, changed only with a new approval, compared with what was used."""

from datetime import timedelta

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from reviews.chain import Move, State
from reviews.models import ReviewVersion
from sessions_app.models import Lecture, LectureFile
from tests.factories import hand_in, judge, make_lecture, make_session, walk_to
from tests.sessions_app.test_lecture import seen, typed
from tests.sessions_app.test_lecturer import PDF, paper

OTHER = PDF + b"1"


def applied(cast, as_, **more):
    """An application with a script of the lecture and a paper about the lecturer."""
    files = {"outline_files": [paper("讲稿.pdf")], "qualification_files": [paper("证书.pdf", OTHER)]}
    as_(cast.office).post(reverse("lecture_new"), typed(approved_by="own", **files) | more)
    return Lecture.objects.get()


def files_of(version):
    return [block for block in version.content if block["type"] == "file"]


def approve(lecture, cast):
    walk_to(lecture.review, State.APPROVED, cast)
    lecture.refresh_from_db()
    return lecture


def fresh(lecture, **more):
    """What the edit page would send back unchanged."""
    lecture.refresh_from_db()
    names = ("title", "category", "topic", "place", "audience", "own_unit_opinion", "outline")
    names += ("lecturer_name", "lecturer_unit", "lecturer_political_status", "lecturer_qualification")
    starts = timezone.localtime(lecture.starts_at).strftime("%Y-%m-%dT%H:%M")
    return {name: getattr(lecture, name) for name in names} | {"starts_at": starts, "version": lecture.version} | more


def test_files_are_frozen_with_name_size_hash_and_address(cast, as_):
    lecture = applied(cast, as_)
    as_(cast.office).post(reverse("lecture_submit", args=[lecture.pk]), seen(lecture))
    frozen = {block["purpose"]: block for block in files_of(ReviewVersion.objects.get())}
    stored = lecture.files.get(purpose="outline")
    assert frozen["提纲、讲稿"] == {
        "type": "file",
        "name": "讲稿.pdf",
        "size": len(PDF),
        "sha256": stored.sha256,
        "href": reverse("lecture_file", args=[stored.pk]),
        "purpose": "提纲、讲稿",
    }
    page = as_(cast.propaganda).get(reverse("review_detail", args=[lecture.review_id])).content.decode()
    assert "讲稿.pdf" in page
    assert "证书.pdf" in page


def test_reviewer_opens_exactly_the_file_of_the_version_even_after_its_removal(cast, as_):
    lecture = applied(cast, as_)
    hand_in(lecture.review, by=cast.office)
    old = lecture.files.get(purpose="outline")
    judge(lecture.review, Move.RETURN, by=cast.propaganda)
    new = {"remove": [old.pk], "outline_files": [paper("讲稿.pdf", OTHER)]}
    as_(cast.office).post(reverse("lecture_edit", args=[lecture.pk]), fresh(lecture, **new))
    added = lecture.files.get(purpose="outline", removed_at=None)
    reviewer = as_(cast.secretary)
    assert b"".join(reviewer.get(reverse("lecture_file", args=[old.pk])).streaming_content) == PDF
    member = as_(cast.m1)
    assert member.get(reverse("lecture_file", args=[added.pk])).status_code == 404
    hand_in(lecture.review, by=cast.office)
    assert [b["sha256"] for b in files_of(ReviewVersion.objects.get(number=2)) if b["name"] == "讲稿.pdf"] == [
        added.sha256
    ]
    assert reviewer.get(reverse("lecture_file", args=[added.pk])).status_code == 200
    assert member.get(reverse("lecture_file", args=[added.pk])).status_code == 404
    approve(lecture, cast)
    assert member.get(reverse("lecture_file", args=[added.pk])).status_code == 200


def test_papers_about_the_lecturer_are_for_those_who_judge(cast, as_):
    lecture = approve(applied(cast, as_), cast)
    certificate = reverse("lecture_file", args=[lecture.files.get(purpose="qualification").pk])
    assert as_(cast.secretary).get(certificate).status_code == 200
    page = as_(cast.m1).get(reverse("lecture_detail", args=[lecture.pk])).content.decode()
    assert "证书.pdf" in page
    assert certificate not in page
    for stranger in (cast.m1, cast.foreign_office, cast.sub_office):
        assert as_(stranger).get(certificate).status_code == 404


def test_changed_file_after_approval_starts_the_approval_again_and_history_stays(cast, as_):
    lecture = approve(applied(cast, as_), cast)
    office, edit = as_(cast.office), reverse("lecture_edit", args=[lecture.pk])
    asked = office.post(edit, fresh(lecture, slides_files=[paper("课件.pdf", OTHER)])).content.decode()
    assert "您改动了：附件。" in asked
    assert not LectureFile.objects.filter(purpose="slides").exists()

    office.post(edit, fresh(lecture, slides_files=[paper("课件.pdf", OTHER)], restart="on"))
    for person in (cast.office, cast.secretary):
        page = as_(person).get(reverse("lecture_detail", args=[lecture.pk])).content.decode()
        assert "变更未批准，不能举办" in page
        assert "批准记录" in page
        assert "书记甲" in page
    hand_in(Lecture.objects.get().review, by=cast.office)
    assert "变更未批准，不能举办" in office.get(reverse("lecture_detail", args=[lecture.pk])).content.decode()
    approve(Lecture.objects.get(), cast)
    page = office.get(reverse("lecture_detail", args=[lecture.pk])).content.decode()
    assert "变更未批准" not in page
    assert page.count("已停用") == 1


def test_audience_opinion_and_session_do_not_need_a_new_approval(cast, as_):
    lecture = approve(applied(cast, as_), cast)
    as_(cast.office).post(reverse("lecture_edit", args=[lecture.pk]), fresh(lecture, audience="120"))
    lecture = Lecture.objects.select_related("review").get()
    assert (lecture.audience, lecture.review.is_approved) == (120, True)
    page = as_(cast.m1).get(reverse("lecture_detail", args=[lecture.pk])).content.decode()
    assert "批准后的调整" in page
    assert "120人" in page
    assert "批准时：80人" in page


def used(client, lecture, content, note=""):
    sent = {"uploads": [paper("现场讲稿.pdf", content)], "note": note}
    return client.post(reverse("lecture_used", args=[lecture.pk]), sent, follow=True).content.decode()


def test_used_file_is_compared_with_the_approved_one(cast, as_, now):
    lecture = approve(applied(cast, as_), cast)
    office = as_(cast.office)
    Lecture.objects.update(starts_at=now + timedelta(days=2))
    assert "请在举办当天或之后上传" in used(office, lecture, PDF)
    Lecture.objects.update(starts_at=now - timedelta(hours=1))
    assert "与批准的讲稿一致" in used(office, lecture, PDF)
    refused = used(office, lecture, OTHER)
    assert "有文件与批准的讲稿不一致" in refused  # the certificate has the same bytes and is no script
    assert lecture.files.used().count() == 1
    told = used(office, lecture, OTHER, "改了两个错字")
    assert "与批准的讲稿不一致" in told
    assert "改了两个错字" in told
    assert [file.note for file in lecture.files.used()] == ["", "改了两个错字"]
    assert Lecture.objects.get().review.is_approved
    session = make_session(cast, starts_at=now - timedelta(hours=1))
    Lecture.objects.update(session=session)
    page = office.get(reverse("session_detail", args=[session.pk])).content.decode()
    assert "已批准；实际使用的与批准的讲稿一致；实际使用的与批准的讲稿不一致" in page


def test_used_file_of_a_lecture_approved_by_its_text_needs_a_word(cast, as_, now):
    lecture = make_lecture(cast, starts_at=now - timedelta(hours=1))
    approve(lecture, cast)
    office = as_(cast.office)
    assert "没有批准的文件可以比对" in used(office, lecture, PDF)
    assert "批准的是文字提纲" in used(office, lecture, PDF, "照提纲讲")


def test_used_file_is_for_the_organiser_and_only_after_an_approval(cast, as_, now):
    lecture = applied(cast, as_)
    Lecture.objects.update(starts_at=now - timedelta(hours=1))
    assert "还没有批准" in used(as_(cast.office), lecture, PDF)
    approve(lecture, cast)
    address = reverse("lecture_used", args=[lecture.pk])
    assert as_(cast.m1).post(address, {"uploads": [paper()]}).status_code == 403
    assert as_(cast.foreign_office).post(address, {"uploads": [paper()]}).status_code == 404
    broken = as_(cast.office).post(address, {"uploads": [paper("讲稿.pptx", b"x")]})
    assert "的内容与扩展名不符" in broken.content.decode()
    used(as_(cast.office), lecture, PDF)
    file = lecture.files.used().get()
    assert as_(cast.office).post(reverse("lecture_file_remove", args=[file.pk])).status_code == 302
    assert not lecture.files.used().exists()
    script = lecture.files.get(purpose="outline")
    assert as_(cast.office).post(reverse("lecture_file_remove", args=[script.pk])).status_code == 400


def test_discarded_draft_takes_its_files_along(cast, as_, django_capture_on_commit_callbacks):
    lecture = applied(cast, as_)
    stored = lecture.files.get(purpose="outline").file
    with django_capture_on_commit_callbacks(execute=True):
        as_(cast.office).post(reverse("lecture_discard", args=[lecture.pk]))
    assert not Lecture.objects.exists()
    assert not stored.storage.exists(stored.name)


def test_too_many_or_dangerous_files_are_refused_and_nothing_is_stored(cast, as_):
    office = as_(cast.office)
    for files in ([paper(f"{n}.pdf") for n in range(21)], [SimpleUploadedFile("讲稿.exe", b"MZ")]):
        response = office.post(reverse("lecture_new"), typed(approved_by="own", outline_files=files))
        assert response.context["form"].errors["outline_files"]
    assert not Lecture.objects.exists()
