"""主讲人卡片: kept once, chosen when applying, frozen in what was approved."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from reviews.chain import State
from sessions_app.models import Lecture, LectureFile, Lecturer
from studygroup.lib.models import AuditEntry
from tests.factories import make_lecture, walk_to
from tests.sessions_app.test_lecture import typed

PDF = b"%PDF-1.4\n" + b"0" * 40 + b"\n%%EOF"


def paper(name="聘书.pdf", content=PDF):
    return SimpleUploadedFile(name, content)


def card_of(cast, **more):
    plain = {"name": "王教授", "unit": "县委党校", "title": "教授", "qualification": "长期讲党史"}
    return Lecturer.objects.create(group=cast.group, **plain | more)


def test_card_is_kept_with_its_papers(cast, as_):
    about = {"name": "李讲师", "unit": "区司法局", "title": "讲师", "qualification": "普法多年", "uploads": [paper()]}
    response = as_(cast.office).post(reverse("lecturer_new"), about, follow=True)
    card = Lecturer.objects.get()
    file = card.files.get()
    assert (card.group, card.unit, file.name, len(file.sha256)) == (cast.group, "区司法局", "聘书.pdf", 64)
    page = response.content.decode()
    assert "聘书.pdf" in page
    assert file.sha256[:12] in page
    download = as_(cast.propaganda).get(reverse("lecture_file", args=[file.pk]))
    assert b"".join(download.streaming_content) == PDF
    assert as_(cast.m1).get(reverse("lecture_file", args=[file.pk])).status_code == 404


def test_broken_or_active_paper_is_refused_and_the_typing_stays(cast, as_):
    broken = paper("证书.docx", b"not a package")
    response = as_(cast.office).post(reverse("lecturer_new"), {"name": "李讲师", "unit": "局", "uploads": [broken]})
    assert "的内容与扩展名不符" in response.content.decode()
    assert "李讲师" in response.content.decode()
    assert not Lecturer.objects.exists()
    assert not LectureFile.objects.exists()


def test_same_person_of_the_same_unit_is_one_card(cast, as_):
    card_of(cast)
    response = as_(cast.office).post(reverse("lecturer_new"), {"name": "王教授", "unit": "县委党校"})
    assert "已经有同样的主讲人" in response.content.decode()


def test_second_writer_of_a_card_is_told(cast, as_):
    card = card_of(cast)
    edit = reverse("lecturer_edit", args=[card.pk])
    as_(cast.propaganda).post(edit, {"name": "王教授", "unit": "县委党校", "title": "副校长", "version": 0})
    response = as_(cast.office).post(edit, {"name": "王教授", "unit": "县委党校", "title": "校长", "version": 0})
    assert response.status_code == 409
    assert "副校长" in response.content.decode()
    assert AuditEntry.objects.filter(action="lecturer.change").count() == 1


def test_chosen_card_fills_an_application_without_a_script(cast, as_):
    card = card_of(cast, political_status="中共党员")
    form = as_(cast.office).post(reverse("lecture_new"), typed(lecturer=card.pk, lecturer_name="", fill="1"))
    page = form.content.decode()
    assert 'value="王教授"' in page
    assert 'value="镇礼堂"' in page
    assert not Lecture.objects.exists()

    started = as_(cast.office).get(reverse("lecture_new"), {"lecturer": card.pk}).content.decode()
    assert 'value="县委党校"' in started


def test_papers_of_the_card_come_along_and_stay_when_the_card_changes(cast, as_):
    card = card_of(cast)
    office, edit = as_(cast.office), reverse("lecturer_edit", args=[card.pk])
    office.post(edit, {"name": "王教授", "unit": "县委党校", "version": 0, "uploads": [paper()]})
    office.post(reverse("lecture_new"), typed(lecturer=card.pk, approved_by="own"))
    lecture = Lecture.objects.get()
    mine = lecture.files.get()
    assert (lecture.lecturer, mine.purpose, mine.name) == (card, "qualification", "聘书.pdf")

    kept = card.files.get()
    office.post(edit, {"name": "王教授", "unit": "别的单位", "version": 1, "remove": [kept.pk]})
    lecture.refresh_from_db()
    assert lecture.lecturer_unit == "县委党校"
    assert lecture.files.kept().count() == 1
    assert not card.files.kept().exists()
    assert office.get(reverse("lecture_file", args=[mine.pk])).status_code == 200


def test_card_of_somebody_else_than_typed_is_a_slip(cast, as_):
    card = card_of(cast)
    response = as_(cast.office).post(
        reverse("lecture_new"), typed(lecturer=card.pk, lecturer_name="赵老师", approved_by="own")
    )
    assert "卡片是王教授，下面填写的主讲人是赵老师" in response.content.decode()
    assert not Lecture.objects.exists()


def test_new_lecturer_is_kept_as_a_card_in_the_same_step_and_only_once(cast, as_):
    office = as_(cast.office)
    for title in ("甲", "乙"):
        office.post(reverse("lecture_new"), typed(title=title, approved_by="own", keep_card="on"))
    card = Lecturer.objects.get()
    assert (card.name, card.political_status, card.lectures.count()) == ("王教授", "中共党员", 2)


def test_earlier_lectures_are_listed_with_date_topic_and_approval(cast, as_, now):
    card = card_of(cast)
    held = make_lecture(cast, title="旧报告会", topic="旧主题", lecturer=card)
    walk_to(held.review, State.APPROVED, cast)
    Lecture.objects.filter(pk=held.pk).update(starts_at=now.replace(year=2020))
    page = as_(cast.secretary).get(reverse("lecturer_detail", args=[card.pk])).content.decode()
    for words in ("旧报告会", "旧主题", "2020", "已批准", "已举办"):
        assert words in page
    later = make_lecture(cast, title="新报告会")
    page = as_(cast.office).get(reverse("lecture_detail", args=[later.pk])).content.decode()
    assert "主讲人以往讲授" in page
    assert "旧报告会" in page


def test_used_card_is_not_removed(cast, as_):
    card = card_of(cast)
    make_lecture(cast, lecturer=card)
    response = as_(cast.office).post(reverse("lecturer_remove", args=[card.pk]), {"version": 0})
    assert "已被报告会、授课使用，不能删除" in response.content.decode()
    assert Lecturer.objects.filter(pk=card.pk).exists()


def test_cards_of_other_units_are_neither_seen_nor_chosen(cast, as_):
    foreign = Lecturer.objects.create(group=cast.foreign_group, name="外镇讲师", unit="外镇")
    office = as_(cast.office)
    assert "外镇讲师" not in office.get(reverse("lecturer_list")).content.decode()
    assert "外镇讲师" not in office.get(reverse("lecture_new"), {"lecturer": foreign.pk}).content.decode()
    response = office.post(reverse("lecture_new"), typed(lecturer=foreign.pk, approved_by="own", fill=""))
    assert "外镇讲师" not in response.content.decode()
    assert not Lecture.objects.exists()
    assert as_(cast.m1).get(reverse("lecturer_list")).status_code == 403


@pytest.mark.parametrize("many", [1, 30])
def test_list_asks_the_database_equally_often(cast, as_, many, django_assert_max_num_queries):
    for number in range(many):
        make_lecture(cast, lecturer=card_of(cast, name=f"讲师{number}"))
    office = as_(cast.office)
    office.get(reverse("lecturer_list"))
    with django_assert_max_num_queries(8):
        assert "讲师0" in office.get(reverse("lecturer_list")).content.decode()
