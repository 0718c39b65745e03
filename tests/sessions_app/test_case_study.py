"""三元一体 实践案例."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.actions.records import add_record
from sessions_app.models import CaseStudy
from tests.factories import make_session


def make_case(cast, now, *, group=None, by=None, **facts):
    plain = {"held_on": date(2020, 5, 9), "polarity": "positive", "title": "佟家庄岭治理", "presenter": "成员一"}
    return add_record(CaseStudy(group=group or cast.group, **(plain | facts)), by=by or cast.office, at=now)


def typed(**more):
    return {"held_on": "2020-05-09", "polarity": "negative", "title": "拆违反弹", "presenter": "成员二"} | more


def test_case_is_added_changed_closed_and_removed(cast, as_):
    office = as_(cast.office)
    session = make_session(cast, title="第三周三元一体")
    office.post(reverse("case_study_new"), typed(title="=1+1", session=session.pk))
    case = CaseStudy.objects.get()
    assert (case.title, case.session, case.group) == ("=1+1", session, cast.group)

    measure = {"measure": "建立巡查台账", "owner": "成员三", "due_on": "2020-06-01"}
    office.post(reverse("case_study_edit", args=[case.pk]), typed(version=0, **measure))
    page = office.get(reverse("case_study_detail", args=[case.pk])).content.decode()
    assert "建立巡查台账" in page
    assert "已逾期" in page

    office.post(reverse("case_study_close", args=[case.pk]), {"version": 1})
    case.refresh_from_db()
    assert case.closed_on == timezone.localdate()
    office.post(reverse("case_study_remove", args=[case.pk]), {"version": 2})
    assert not CaseStudy.objects.exists()


def test_case_without_a_measure_is_not_closed(cast, as_, now):
    case = make_case(cast, now)
    response = as_(cast.office).post(reverse("case_study_close", args=[case.pk]), {"version": 0})
    assert response.status_code == 400
    assert "还没有写转化措施" in response.content.decode()
    assert CaseStudy.objects.get().closed_on is None


@pytest.mark.parametrize("version", ["", "7", "x"])
def test_case_is_closed_only_as_it_was_seen(cast, as_, now, version):
    case = make_case(cast, now, measure="措施")
    response = as_(cast.office).post(reverse("case_study_close", args=[case.pk]), {"version": version})
    assert response.status_code == 409
    assert CaseStudy.objects.get().closed_on is None


def test_deadline_before_the_day_of_the_case_is_refused(cast, as_):
    response = as_(cast.office).post(reverse("case_study_new"), typed(due_on="2020-05-08", lesson="教训"))
    assert "不能早于案例交流的日期" in response.content.decode()
    assert "教训" in response.content.decode()
    assert not CaseStudy.objects.exists()


def test_long_title_is_a_field_error_and_nothing_is_lost(cast, as_):
    title = "案" * 10_000
    page = as_(cast.office).post(reverse("case_study_new"), typed(title=title)).content.decode()
    assert "最多 200 个字，现在有 10000 个" in page
    assert title in page
    assert not CaseStudy.objects.exists()


def test_second_writer_sees_both_texts(cast, as_, now):
    case = make_case(cast, now)
    edit = reverse("case_study_edit", args=[case.pk])
    as_(cast.propaganda).post(edit, typed(lesson="先写的教训", version=0))
    response = as_(cast.office).post(edit, typed(lesson="后写的教训", version=0))
    page = response.content.decode()
    assert response.status_code == 409
    assert "先写的教训" in page
    assert "后写的教训" in page
    assert CaseStudy.objects.get().lesson == "先写的教训"


@pytest.mark.parametrize("route", ["case_study_detail", "case_study_edit", "case_study_close", "case_study_remove"])
def test_case_is_visible_to_its_group_and_kept_by_its_office(cast, as_, now, route):
    case = make_case(cast, now, title="本镇案例", measure="措施")
    address = reverse(route, args=[case.pk])
    send = "get" if route == "case_study_detail" else "post"
    assert getattr(as_(cast.foreign_office), send)(address, {"version": 0}).status_code == 404
    assert "本镇案例" not in as_(cast.foreign_office).get(reverse("case_study_list")).content.decode()
    expected = 200 if route == "case_study_detail" else 403
    assert getattr(as_(cast.m1), send)(address, {"version": 0}).status_code == expected
    case.refresh_from_db()
    assert case.version == 0


def test_extended_people_and_observers_do_not_read_cases(cast, as_):
    for person in (cast.extended, cast.observer):
        assert as_(person).get(reverse("case_study_list")).status_code == 403


def test_foreign_session_cannot_be_chosen_and_a_draft_one_is_not_told(cast, as_, now):
    foreign = make_session(cast, title="外镇学习", group=cast.foreign_group, by=cast.foreign_office)
    office = as_(cast.office)
    assert "外镇学习" not in office.get(reverse("case_study_new")).content.decode()
    assert office.post(reverse("case_study_new"), typed(session=foreign.pk)).context["form"].errors["session"]
    draft = make_session(cast, title="还没有通知的学习", called=False)
    case = make_case(cast, now, session=draft)
    member = as_(cast.m1)
    for address in (reverse("case_study_list"), reverse("case_study_detail", args=[case.pk])):
        assert "还没有通知的学习" not in member.get(address).content.decode()


def test_list_counts_both_kinds_and_what_is_still_open(cast, as_, now):
    make_case(cast, now, measure="措施", due_on=date(2020, 5, 10))
    make_case(cast, now, polarity="negative", title="反面", measure="措施", closed_on=date(2020, 5, 12))
    make_case(cast, now, title="去年的", held_on=date(2019, 5, 9))
    response = as_(cast.m1).get(reverse("case_study_list") + "?year=2020")
    assert response.context["counts"] == {"positive": 1, "negative": 1, "open": 1}
    page = response.content.decode()
    assert "正面案例" in page
    assert "已逾期" in page
    assert "已办结" in page
    assert "去年的" not in page


def test_list_asks_the_database_equally_often_for_one_row_and_thirty(cast, as_, now, django_assert_max_num_queries):
    client = as_(cast.m1)

    def count():
        with django_assert_max_num_queries(12) as captured:
            client.get(reverse("case_study_list"))
        return len(captured)

    make_case(cast, now, session=make_session(cast))
    client.get(reverse("case_study_list"))
    one = count()
    for number in range(29):
        session = make_session(cast, title=f"第{number}周", starts_at=now + timedelta(days=number))
        make_case(cast, now, title=f"案例{number}", session=session)
    assert count() == one
