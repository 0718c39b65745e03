"""报告会、授课: applied for, approved, changed, approved again."""

from datetime import datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.actions.people import appoint
from accounts.models import User
from accounts.permissions import Role
from reviews.chain import Move, State
from reviews.models import ReviewRoute, ReviewVersion
from sessions_app.actions.lecture import change_lecture, submit_lecture
from sessions_app.measures.sources import talks
from sessions_app.models import Lecture
from studygroup.lib.clock import local_date
from studygroup.lib.errors import Overtaken, Refused
from tests.factories import hand_in, judge, make_lecture, make_session, walk_to


def typed(**more):
    return {
        "title": "乡村振兴形势报告会",
        "category": "报告会",
        "topic": "乡村振兴",
        "starts_at": "2020-05-08T14:30",
        "place": "镇礼堂",
        "audience": "80",
        "lecturer_name": "王教授",
        "lecturer_unit": "县委党校",
        "lecturer_political_status": "中共党员",
        "lecturer_qualification": "教授",
        "own_unit_opinion": "同意",
        "outline": "一、为什么\n二、做什么",
    } | more


def seen(lecture):
    lecture.refresh_from_db()
    lecture.review.refresh_from_db()
    return {"seen_version": lecture.review.version, "seen_text": lecture.version}


def approve(lecture, cast):
    walk_to(lecture.review, State.APPROVED, cast)
    lecture.refresh_from_db()


def test_application_is_drafted_and_handed_in(cast, as_):
    office = as_(cast.office)
    response = office.post(reverse("lecture_new"), typed(title="=1+1", approved_by="own"), follow=True)
    lecture = Lecture.objects.get()
    assert (lecture.title, lecture.organizer, lecture.review.group) == ("=1+1", cast.group, cast.group)
    assert timezone.localtime(lecture.starts_at).hour == 14
    assert "提交审批" in response.content.decode()
    assert "草稿，还没有提交" in response.content.decode()

    response = office.post(reverse("lecture_submit", args=[lecture.pk]), seen(lecture), follow=True)
    page = response.content.decode()
    assert "现在在 宣传委员 处复审" in page
    assert "撤回" in page
    assert reverse("review_detail", args=[lecture.review_id]) in page
    assert reverse("lecture_edit", args=[lecture.pk]) not in page


def test_long_title_is_a_field_error_and_nothing_is_lost(cast, as_):
    title = "报" * 10_000
    page = as_(cast.office).post(reverse("lecture_new"), typed(title=title, approved_by="own")).content.decode()
    assert "最多 200 个字，现在有 10000 个" in page
    assert title in page
    assert "县委党校" in page
    assert not Lecture.objects.exists()


@pytest.mark.parametrize("wrong", [{"starts_at": "0202-05-08T14:30"}, {"audience": "-3"}, {"title": ""}])
def test_wrong_field_is_named(cast, as_, wrong):
    response = as_(cast.office).post(reverse("lecture_new"), typed(approved_by="own", **wrong))
    assert set(response.context["form"].errors) == set(wrong)
    assert not Lecture.objects.exists()


def test_office_of_one_person_cannot_do_its_own_first_review_and_is_spared_it(cast, now):
    assert make_lecture(cast).review.steps == ["second_review", "final_gate"]
    ReviewRoute.objects.create(group=cast.group, kind="lecture", steps=["final_gate"])
    assert make_lecture(cast).review.steps == ["final_gate"]


def test_office_of_two_keeps_all_three_steps(cast, now):
    appoint(group=cast.group, user=cast.m3, role=Role.OFFICE, starts_on=now.date(), by=None, at=now)
    lecture = make_lecture(cast)
    hand_in(lecture.review, by=cast.office)
    for reviewer in (cast.m3, cast.propaganda, cast.secretary):
        judge(lecture.review, Move.PASS, by=reviewer)
    assert lecture.review.is_approved


def test_subordinate_lecture_is_approved_by_the_township_and_not_by_its_own_people(cast, as_):
    sub_office = as_(cast.sub_office)
    sub_office.post(reverse("lecture_new"), typed(title="社区报告会", approved_by="above"))
    lecture = Lecture.objects.get()
    assert (lecture.organizer, lecture.review.group) == (cast.sub_group, cast.group)
    assert as_(cast.office).get(reverse("lecture_detail", args=[lecture.pk])).status_code == 404

    sub_office.post(reverse("lecture_submit", args=[lecture.pk]), seen(lecture))
    case = lecture.review
    case.refresh_from_db()
    own = as_(cast.sub_office).post(
        reverse("review_pass", args=[case.pk]), {"seen_version": case.version, "comment": "同意"}
    )
    assert own.status_code == 403
    case.refresh_from_db()
    assert case.state == State.FIRST_REVIEW

    for reviewer in (cast.office, cast.propaganda, cast.secretary):
        judge(case, Move.PASS, by=reviewer)
    assert case.is_approved
    listed = as_(cast.m1).get(reverse("lecture_list")).content.decode()
    assert "社区报告会" in listed
    assert "已批准" in listed


def test_reviewer_in_the_subordinate_group_still_cannot_judge_its_lecture(cast, now):
    leader = User.objects.create_user("sub-secretary", name="社区书记")
    appoint(group=cast.sub_group, user=leader, role=Role.STUDY_SECRETARY, starts_on=now.date(), by=None, at=now)
    lecture = make_lecture(cast, organizer=cast.sub_group, approver=cast.group, by=cast.sub_office)
    hand_in(lecture.review, by=cast.sub_office)
    with pytest.raises(Refused):
        judge(lecture.review, Move.PASS, by=leader)


def test_only_the_committee_directly_above_may_be_asked(cast):
    with pytest.raises(Refused, match="只能由本单位或上一级党委审批"):
        make_lecture(cast, organizer=cast.sub_group, approver=cast.foreign_group, by=cast.sub_office)
    with pytest.raises(Refused, match="只能由本单位或上一级党委审批"):
        make_lecture(cast, organizer=cast.sub_group, approver=cast.county_group, by=cast.sub_office)


def test_approved_lecture_that_is_changed_needs_approval_again(cast, as_):
    lecture = make_lecture(cast)
    approve(lecture, cast)
    office, edit = as_(cast.office), reverse("lecture_edit", args=[lecture.pk])
    assert "须重新提交审批" in office.get(edit).content.decode()

    asked = office.post(edit, typed(lecturer_name="李教授", version=lecture.version)).content.decode()
    assert "您改动了：名称、时间、主讲人。保存后原批准停用，须重新审批" in asked
    assert Lecture.objects.get().review.is_approved

    office.post(edit, typed(lecturer_name="李教授", version=lecture.version, restart="on"))
    lecture = Lecture.objects.select_related("review").get()
    assert (lecture.lecturer_name, lecture.review.state) == ("李教授", State.DRAFT)

    office.post(reverse("lecture_submit", args=[lecture.pk]), seen(lecture))
    lecture.review.refresh_from_db()
    assert lecture.review.state == State.SECOND_REVIEW
    assert "李教授" in str(ReviewVersion.objects.get(number=2).content)


def test_a_change_put_back_takes_up_the_approval_again(cast, as_, now):
    lecture = make_lecture(cast, starts_at=now + timedelta(days=30))
    walk_to(lecture.review, State.APPROVED, cast, at=now - timedelta(days=5))
    address, client = f"/lectures/{lecture.pk}/", as_(cast.office)

    def change(**facts):
        stored = Lecture.objects.get(pk=lecture.pk)
        told = {"seen_version": stored.version, "facts": facts, "restart": True}
        change_lecture(lecture=stored, by=cast.office, at=now, **told)

    change(place="村文化礼堂", audience=90)
    lecture.review.refresh_from_db()
    seen = {"seen_version": lecture.review.version}
    assert "改回批准时的内容后" in client.get(address).content.decode()
    refused = client.post(f"{address}restore/", seen)
    assert refused.status_code == 400
    assert "地点由“镇礼堂”改为“村文化礼堂”" in refused.content.decode()

    change(place="镇礼堂")
    assert "恢复为已批准的内容</button>" in client.get(address).content.decode()
    assert as_(cast.m1).post(f"{address}restore/", seen).status_code == 403
    assert client.post(f"{address}restore/", seen).status_code == 302
    lecture.review.refresh_from_db()
    assert lecture.review.is_approved
    page = client.get(address)
    assert len(page.context["approvals"]) == 1  # the one there was
    assert "不能举办" not in page.content.decode()
    (talk,) = talks([cast.group.pk], local_date(lecture.starts_at).year)[cast.group.pk]
    assert talk.approved == local_date(now - timedelta(days=5))  # restoring is no later approval


def test_lecture_under_review_is_not_changed(cast, as_):
    lecture = make_lecture(cast)
    hand_in(lecture.review, by=cast.office)
    response = as_(cast.office).post(reverse("lecture_edit", args=[lecture.pk]), typed(title="偷改", version=0))
    assert "正在审核，不能修改" in response.content.decode()
    assert Lecture.objects.get().title == "形势报告会"


@pytest.mark.parametrize("state", [State.SECOND_REVIEW, State.APPROVED])
def test_session_is_chosen_at_any_time_and_the_approval_stays(cast, as_, state):
    lecture = make_lecture(cast)
    walk_to(lecture.review, state, cast)
    lecture.refresh_from_db()
    session = make_session(cast, title="十一月集中学习", starts_at=lecture.starts_at)
    address = f"/lectures/{lecture.pk}/"
    assert "十一月集中学习" in as_(cast.office).get(address).content.decode()
    told = {"version": lecture.version, "session": session.pk}
    assert as_(cast.office).post(f"{address}session/", told).status_code == 302
    assert as_(cast.office).post(f"{address}session/", told | {"session": ""}).status_code == 409  # of two, the second
    lecture.refresh_from_db()
    assert (lecture.session, lecture.review.state) == (session, state)
    assert as_(cast.m1).post(f"{address}session/", told).status_code == 403
    foreign = make_session(cast, group=cast.foreign_group, by=cast.foreign_office, starts_at=lecture.starts_at)
    wrong = {"version": lecture.version, "session": foreign.pk}
    assert as_(cast.office).post(f"{address}session/", wrong).status_code == 400


def test_withdrawn_lecture_can_be_changed_again(cast, as_):
    lecture = make_lecture(cast)
    hand_in(lecture.review, by=cast.office)
    response = as_(cast.office).post(
        reverse("review_withdraw", args=[lecture.review_id]), {"seen_version": lecture.review.version}
    )
    assert response.url == reverse("lecture_of_case", args=[lecture.review_id])
    page = as_(cast.office).get(response.url, follow=True).content.decode()
    assert reverse("lecture_edit", args=[lecture.pk]) in page


def test_returned_lecture_is_handed_in_only_with_an_answer_to_every_point(cast, as_):
    lecture = make_lecture(cast)
    hand_in(lecture.review, by=cast.office)
    judge(lecture.review, Move.RETURN, by=cast.propaganda)
    office, submit = as_(cast.office), reverse("lecture_submit", args=[lecture.pk])
    page = office.get(reverse("lecture_detail", args=[lecture.pk])).content.decode()
    assert "1. 请补充本镇的实例。（第 1 段）" in page

    point = lecture.review.entries.get(move=Move.RETURN).points.get()
    silent = office.post(submit, seen(lecture))
    assert silent.context["form"].errors[f"answer-{point.pk}"]
    assert Lecture.objects.get().review.state == State.RETURNED

    office.post(submit, seen(lecture) | {f"answer-{point.pk}": "已补充佟家庄村的实例。"})
    point.refresh_from_db()
    assert point.answer == "已补充佟家庄村的实例。"
    assert Lecture.objects.get().review.state == State.SECOND_REVIEW


def test_second_writer_sees_both_texts(cast, as_):
    lecture = make_lecture(cast)
    edit = reverse("lecture_edit", args=[lecture.pk])
    as_(cast.propaganda).post(edit, typed(place="先改的会场", version=0))
    response = as_(cast.office).post(edit, typed(place="后改的会场", version=0))
    page = response.content.decode()
    assert response.status_code == 409
    assert "先改的会场" in page
    assert 'value="后改的会场"' in page
    as_(cast.office).post(edit, typed(place="后改的会场", version=response.context["form"]["version"].value()))
    assert Lecture.objects.get().place == "后改的会场"


def test_nobody_hands_in_what_a_colleague_has_changed_since(cast, as_, now):
    lecture = make_lecture(cast)
    stale = seen(lecture)
    as_(cast.propaganda).post(reverse("lecture_edit", args=[lecture.pk]), typed(place="改过的会场", version=0))
    response = as_(cast.office).post(reverse("lecture_submit", args=[lecture.pk]), stale)
    assert response.status_code == 409
    assert Lecture.objects.get().review.state == State.DRAFT
    with pytest.raises(Overtaken):
        submit_lecture(lecture=lecture, by=cast.office, at=now, **stale)


def test_what_is_frozen_is_what_is_stored(cast, now):
    """Whoever submits may hold an older copy of the row in hand."""
    lecture = make_lecture(cast)
    Lecture.objects.update(place="库里的会场")
    submit_lecture(lecture=lecture, by=cast.office, at=now, seen_version=0)
    assert "库里的会场" in str(ReviewVersion.objects.get().content)


def test_drafts_are_for_the_office_and_foreign_lectures_for_nobody(cast, as_):
    lecture = make_lecture(cast, title="本镇报告会")
    detail = reverse("lecture_detail", args=[lecture.pk])
    assert as_(cast.propaganda).get(detail).status_code == 200
    for stranger in (cast.m1, cast.foreign_office, cast.sub_office):
        client = as_(stranger)
        assert client.get(detail).status_code == 404
        assert client.get(reverse("lecture_of_case", args=[lecture.review_id])).status_code == 404
        assert "本镇报告会" not in client.get(reverse("lecture_list")).content.decode()
    for route in ("lecture_edit", "lecture_submit"):
        assert as_(cast.foreign_office).post(reverse(route, args=[lecture.pk]), {}).status_code == 404


def test_member_reads_an_approved_lecture_and_applies_for_none(cast, as_):
    lecture = make_lecture(cast)
    approve(lecture, cast)
    member = as_(cast.m1)
    page = member.get(reverse("lecture_detail", args=[lecture.pk])).content.decode()
    assert "王教授" in page
    assert reverse("lecture_edit", args=[lecture.pk]) not in page
    for route in ("lecture_edit", "lecture_submit"):
        assert member.post(reverse(route, args=[lecture.pk]), {}).status_code == 403
    assert member.get(reverse("lecture_new")).status_code == 403


def test_township_office_cannot_change_the_subordinates_application(cast, as_):
    lecture = make_lecture(cast, organizer=cast.sub_group, approver=cast.group, by=cast.sub_office)
    hand_in(lecture.review, by=cast.sub_office)
    office = as_(cast.office)
    assert office.get(reverse("lecture_detail", args=[lecture.pk])).status_code == 200
    assert office.get(reverse("lecture_edit", args=[lecture.pk])).status_code == 403
    assert office.post(reverse("lecture_submit", args=[lecture.pk]), seen(lecture)).status_code == 403


def test_organizer_is_chosen_only_among_groups_one_manages(cast, as_, now):
    assert "organizer" not in as_(cast.office).get(reverse("lecture_new")).context["form"].fields
    appoint(group=cast.sub_group, user=cast.office, role=Role.OFFICE, starts_on=now.date(), by=None, at=now)
    client = as_(cast.office)
    choices = client.get(reverse("lecture_new")).context["form"].fields["organizer"].queryset
    assert set(choices) == {cast.group, cast.sub_group}
    response = client.post(reverse("lecture_new"), typed(approved_by="own", organizer=cast.foreign_group.pk))
    assert response.context["form"].errors["organizer"]
    client.post(reverse("lecture_new"), typed(approved_by="above", organizer=cast.sub_group.pk))
    assert Lecture.objects.get().review.group == cast.group


def test_year_is_the_local_year_of_the_lecture(cast, as_):
    eve = timezone.make_aware(datetime(2020, 12, 31, 23, 30))
    make_lecture(cast, title="跨年报告会", starts_at=eve)
    office = as_(cast.office)
    make_lecture(cast, title="次日报告会", starts_at=eve + timedelta(hours=1))
    assert [row.title for row in office.get(reverse("lecture_list") + "?year=2020").context["page"]] == ["跨年报告会"]
    assert [row.title for row in office.get(reverse("lecture_list") + "?year=2021").context["page"]] == ["次日报告会"]


def test_list_asks_the_database_equally_often_for_one_row_and_thirty(cast, as_, django_assert_max_num_queries):
    office = as_(cast.office)

    def count():
        with django_assert_max_num_queries(12) as captured:
            office.get(reverse("lecture_list"))
        return len(captured)

    first = make_lecture(cast)
    hand_in(first.review, by=cast.office)
    office.get(reverse("lecture_list"))
    one = count()
    for number in range(29):
        lecture = make_lecture(cast, title=f"报告会{number}")
        if number % 2:
            walk_to(lecture.review, State.RETURNED if number % 4 == 1 else State.APPROVED, cast)
    assert count() == one
