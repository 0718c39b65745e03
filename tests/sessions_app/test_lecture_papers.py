"""报告会 in lists and on paper: filters, lateness, the register, the form, the hint on a session's page."""

import io
from datetime import datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from docx import Document
from openpyxl import load_workbook

from accounts.actions.people import appoint, delegate
from accounts.permissions import Role
from reviews.chain import Move, State
from reviews.models import ReviewVersion
from sessions_app.actions.lecture import change_lecture, submit_lecture
from sessions_app.actions.session import Speaker
from sessions_app.models import Lecture, StudyRule
from sessions_app.models.lecture import LeadDays
from sessions_app.rules import lecture_lateness
from studygroup.lib.errors import NotAllowed, Overtaken, Refused
from tests.factories import hand_in, judge, make_lecture, make_session, walk_to


def at(day, hour=9):
    return timezone.make_aware(datetime(2020, 5, day, hour))


def handed_in(cast, **facts):
    lecture = make_lecture(cast, **facts)
    hand_in(lecture.review, by=lecture.review.author)
    return lecture


def from_below(cast, **facts):
    return handed_in(cast, organizer=cast.sub_group, approver=cast.group, by=cast.sub_office, **facts)


def rule(cast, **more):
    StudyRule.objects.filter(group=cast.group, measure="lecture_lead_days").delete()
    plain = {"group": cast.group, "measure": "lecture_lead_days", "period": "year", "from_year": 2017}
    return StudyRule.objects.create(**plain | more)


def lines_of(response):
    page = load_workbook(io.BytesIO(b"".join(response.streaming_content))).active
    rows = [[cell or "" for cell in row] for row in page.iter_rows(values_only=True)]
    return rows[0][0], rows[1], [row for row in rows[2:] if isinstance(row[0], int)]


# -- too late ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("starts", "applied", "word"),
    [
        (at(8), at(5), ""),
        (at(8), at(5, 23), ""),
        (at(8), at(6), "迟报：提前2天，应提前3天"),
        (at(8, 15), at(8), "迟报：举办当天提交，应提前3天"),
        (at(8), at(8), "事后补报"),
        (at(8), at(20), "事后补报"),
    ],
)
def test_lateness_counts_local_days(starts, applied, word):
    assert lecture_lateness(starts, applied, 3) == word


def test_days_before_come_from_the_rule_row_of_the_year(cast):
    StudyRule.objects.filter(group=cast.group).delete()
    assert LeadDays([cast.group.pk]).of(cast.group.pk, 2020) == 3
    rule(cast, minimum=5)
    StudyRule.objects.create(group=cast.group, measure="lecture_lead_days", period="year", from_year=2021, minimum=7)
    assert [LeadDays([cast.group.pk]).of(cast.group.pk, year) for year in (2016, 2020, 2021, 2025)] == [3, 5, 7, 7]
    rule(cast, minimum=5, is_active=False)
    assert LeadDays([cast.group.pk]).of(cast.group.pk, 2020) == 0
    assert LeadDays([]).of(cast.group.pk, 2020) == 3


def test_late_application_is_flagged_everywhere_and_not_refused(cast, as_, now):
    rule(cast, minimum=5)
    lecture = handed_in(cast, starts_at=now + timedelta(days=2))
    flag = "迟报：提前2天，应提前5天"
    office = as_(cast.office)
    assert flag in office.get(reverse("lecture_list")).content.decode()
    assert flag in office.get(reverse("lecture_detail", args=[lecture.pk])).content.decode()
    assert flag in as_(cast.propaganda).get(reverse("review_detail", args=[lecture.review_id])).content.decode()
    assert flag in str(lines_of(office.get(reverse("lecture_register")))[2])
    walk_to(lecture.review, State.APPROVED, cast)
    assert flag in office.get(reverse("lecture_list")).content.decode()


# -- what is needed ----------------------------------------------------------


def test_unfinished_draft_is_kept_and_its_handing_in_refused_with_links(cast, as_, now):
    office = as_(cast.office)
    typed = {"title": "拟办报告会", "category": "报告会", "starts_at": "2020-05-08T14:30", "approved_by": "own"}
    page = office.post(reverse("lecture_new"), typed, follow=True).content.decode()
    lecture = Lecture.objects.get()
    assert "提交前还缺 9 项" in page
    for name in ("topic", "lecturer_name", "own_unit_opinion", "outline"):
        assert f"{reverse('lecture_edit', args=[lecture.pk])}#id_{name}" in page
    seen = {"seen_version": 0, "seen_text": 0}
    page = office.post(reverse("lecture_submit", args=[lecture.pk]), seen).content.decode()
    assert "还没有提交：请先补齐主题、地点" in page
    assert not ReviewVersion.objects.exists()
    with pytest.raises(Refused, match="请先补齐"):
        submit_lecture(lecture=lecture, by=cast.office, at=now, **seen)


# -- nobody judges his own ---------------------------------------------------


def test_office_of_one_in_both_committees_cannot_judge_what_it_sent_up(cast, now):
    appoint(group=cast.group, user=cast.sub_office, role=Role.OFFICE, starts_on=now.date(), by=None, at=now)
    lecture = from_below(cast)
    with pytest.raises(NotAllowed, match="须由他人审核"):
        judge(lecture.review, Move.PASS, by=cast.sub_office)
    judge(lecture.review, Move.PASS, by=cast.office)
    assert lecture.review.state == State.SECOND_REVIEW


def test_lecture_sent_up_keeps_all_three_steps(cast):
    assert from_below(cast).review.steps == ["first_review", "second_review", "final_gate"]


# -- the list ----------------------------------------------------------------


def test_committee_above_filters_by_organiser_state_and_year(cast, as_, now):
    from_below(cast, title="社区报告会")
    own = handed_in(cast, title="本镇报告会")
    walk_to(own.review, State.APPROVED, cast)
    make_lecture(cast, title="旧草稿", starts_at=now.replace(year=2020))

    def titles(person, **query):
        return {row.title for row in as_(person).get(reverse("lecture_list"), query).context["page"]}

    assert titles(cast.office) == {"社区报告会", "本镇报告会", "旧草稿"}
    assert titles(cast.office, organizer=cast.sub_group.pk) == {"社区报告会"}
    assert titles(cast.office, state="approved") == {"本镇报告会"}
    assert titles(cast.office, state="waiting") == {"社区报告会"}
    assert titles(cast.office, year="2020") == {"旧草稿"}
    assert titles(cast.office, state="nonsense", organizer="x", year="y") == {"社区报告会", "本镇报告会", "旧草稿"}
    assert titles(cast.sub_office) == {"社区报告会"}
    assert titles(cast.sub_office, organizer=cast.group.pk) == {"社区报告会"}
    assert titles(cast.foreign_office) == set()


def test_changed_lecture_is_told_in_list_review_form_and_register(cast, as_, now):
    lecture = handed_in(cast)
    walk_to(lecture.review, State.APPROVED, cast)
    stored = Lecture.objects.select_related("review").get()
    with pytest.raises(Refused, match="您改动了：地点"):
        change_lecture(lecture=stored, seen_version=0, facts={"place": "露天"}, by=cast.office, at=now)
    stored = Lecture.objects.select_related("review").get()
    change_lecture(lecture=stored, seen_version=0, facts={"place": "露天"}, by=cast.office, at=now, restart=True)
    office = as_(cast.office)
    assert "变更未批准" in office.get(reverse("lecture_list"), {"state": "changed"}).content.decode()
    assert "原批准停用" in office.get(reverse("lecture_form", args=[lecture.pk])).content.decode()
    hand_in(Lecture.objects.get().review, by=cast.office)
    page = as_(cast.propaganda).get(reverse("review_detail", args=[lecture.review_id])).content.decode()
    assert "地点由“镇礼堂”改为“露天”" in page
    walk_to(Lecture.objects.get().review, State.APPROVED, cast)
    assert "变更后重新批准（第2稿）" in str(lines_of(office.get(reverse("lecture_register")))[2])


def test_two_who_change_an_approved_lecture_start_the_approval_once(cast, now):
    lecture = handed_in(cast)
    walk_to(lecture.review, State.APPROVED, cast)
    both = [Lecture.objects.select_related("review").get() for _ in range(2)]
    change_lecture(lecture=both[0], seen_version=0, facts={"place": "甲"}, by=cast.office, at=now, restart=True)
    with pytest.raises(Overtaken):
        change_lecture(lecture=both[1], seen_version=0, facts={"place": "乙"}, by=cast.propaganda, at=now, restart=True)
    assert Lecture.objects.get().place == "甲"
    assert lecture.review.entries.filter(move=Move.REVISE).count() == 1


# -- on paper ----------------------------------------------------------------


def test_register_has_every_column_and_everything_handed_in(cast, as_, now):
    from_below(cast, title="=1+1", audience=45, involves_foreign=True)
    make_lecture(cast, title="草稿不在册")
    own = handed_in(cast, title="本镇报告会")
    walk_to(own.review, State.APPROVED, cast)
    response = as_(cast.office).get(reverse("lecture_register"))
    title, head, lines = lines_of(response)
    assert "报告会、授课前置审批台账" in title
    for word in ("主办", "规模（人）", "政治面貌", "所在单位意见", "提纲、讲稿", "涉外", "把关意见", "变更"):
        assert word in head
    by_title = {line[2]: line for line in lines}
    assert set(by_title) == {"=1+1", "本镇报告会"}
    assert by_title["=1+1"][1] == cast.sub_group.name
    assert by_title["=1+1"][7] == 45
    assert "审批中" in by_title["=1+1"]
    assert any(str(cell).startswith("同意。　书记甲　") for cell in by_title["本镇报告会"])
    assert "（不经此环节）" in by_title["本镇报告会"]
    below = lines_of(as_(cast.sub_office).get(reverse("lecture_register")))[2]
    assert [line[2] for line in below] == ["=1+1"]


def test_register_asks_the_database_equally_often(cast, as_, django_assert_max_num_queries):
    office = as_(cast.office)
    for number in range(30):
        handed_in(cast, title=f"报告会{number}")
    office.get(reverse("lecture_register"))
    with django_assert_max_num_queries(12):
        office.get(reverse("lecture_register"))


def test_form_names_the_opinions_and_for_whom_they_were_given(cast, as_, now):
    day = timezone.localdate(now)
    told = {"principal": cast.secretary, "delegate": cast.deputy, "role": Role.LEADER, "reason": "外出", "kind": ""}
    delegate(group=cast.group, starts_on=day, ends_on=day, at=now, **told)
    lecture = handed_in(cast)
    judge(lecture.review, Move.PASS, by=cast.propaganda)
    judge(lecture.review, Move.PASS, by=cast.deputy)
    page = as_(cast.m1).get(reverse("lecture_form", args=[lecture.pk])).content.decode()
    assert "副书记乙（受书记甲委托）" in page
    assert "一、为什么" in page
    word = as_(cast.office).get(reverse("lecture_form_word", args=[lecture.pk]))
    table = Document(io.BytesIO(b"".join(word.streaming_content))).tables[0]
    text = "\n".join(cell.text for row in table.rows for cell in row.cells)
    for words in ("形势报告会", "镇礼堂", "副书记乙（受书记甲委托）", "党委书记\n把关意见"):
        assert words in text


def test_draft_has_no_form_yet(cast, as_):
    lecture = make_lecture(cast)
    response = as_(cast.office).get(reverse("lecture_form", args=[lecture.pk]))
    assert response.status_code == 400
    assert "提交后才有审批表" in response.content.decode()


# -- at the session ----------------------------------------------------------


def guided(cast, speaker=None, name="县委党校讲师", **facts):
    return make_session(cast, agenda=[Speaker("guidance", speaker, name, "民法典")], called=False, **facts)


def test_outside_lecturer_without_approval_is_pointed_out_before_the_call(cast, as_, now):
    session = guided(cast, starts_at=now + timedelta(days=5))
    office, page = as_(cast.office), reverse("session_detail", args=[session.pk])
    start = f"{reverse('lecture_new')}?session={session.pk}"
    told = office.get(page).content.decode()
    assert "专题辅导主讲人县委党校讲师不在名单内，还没有批准的授课申请" in told
    assert start in told
    form = office.get(start).content.decode()
    for value in ("县委党校讲师", "民法典", "镇政府三楼会议室"):
        assert f'value="{value}"' in form

    lecture = make_lecture(cast, session=session, title="民法典辅导")
    told = office.get(page).content.decode()
    assert "民法典辅导" in told
    assert "未经批准不得举办" in told
    hand_in(lecture.review, by=cast.office)
    walk_to(lecture.review, State.APPROVED, cast)
    assert "不得举办" not in office.get(page).content.decode()


def test_own_member_may_teach_without_an_approval(cast, as_, now):
    session = guided(cast, speaker=cast.m1, name="", starts_at=now + timedelta(days=5))
    page = as_(cast.office).get(reverse("session_detail", args=[session.pk])).content.decode()
    assert "报告会审批" not in page


def test_session_of_another_group_is_not_linked(cast, as_, now):
    foreign = make_session(cast, group=cast.foreign_group, by=cast.foreign_office, title="外镇学习")
    assert "外镇学习" not in as_(cast.office).get(reverse("lecture_new"), {"session": foreign.pk}).content.decode()
    with pytest.raises(Refused, match="不属于主办单位"):
        make_lecture(cast, session=foreign)
