"""Plans sent out: what is in force, who approved it for whom, and to whom it was reported."""

import io
from datetime import date

import pytest
from django.urls import reverse
from docx import Document

from reviews.chain import Move, State
from sessions_app.models import Filing
from sessions_app.paperwork.plan import UNAPPROVED, plan_paper
from studygroup.demo.tables import moment
from tests.factories import hand_in, item_row, judge, make_annual_plan, make_monthly_plan, walk_to
from tests.sessions_app.test_paperwork import words_of

AT = moment("2020-01-10 09:00")


def approved(cast, make=make_annual_plan, **facts):
    plan = make(cast, rows=[item_row("=1+1", lead_readers="张三、李四")], **facts)
    walk_to(plan.review, State.APPROVED, cast, at=AT)
    plan.refresh_from_db()
    return plan


@pytest.mark.parametrize("make", [make_annual_plan, make_monthly_plan])
def test_approved_plan_names_who_approved_it_and_when(cast, make):
    text = words_of(plan_paper(approved(cast, make)))
    assert "审定：书记甲　2020年1月10日" in text
    assert UNAPPROVED not in text
    assert "=1+1" in text
    assert "张三、李四" in text


@pytest.mark.parametrize("make", [make_annual_plan, make_monthly_plan])
def test_a_draft_says_that_nobody_approved_it(cast, make):
    text = words_of(plan_paper(make(cast, rows=[item_row()])))
    assert UNAPPROVED in text
    assert "书记甲" not in text


def test_a_delegate_is_named_with_his_principal(cast):
    from accounts.models import Delegation

    plan = make_annual_plan(cast, rows=[item_row()])
    Delegation.objects.create(
        group=cast.group,
        principal=cast.secretary,
        delegate=cast.deputy,
        role="leader",
        starts_on=date(2000, 1, 1),
        ends_on=date(2099, 1, 1),
        reason="外出",
    )
    hand_in(plan.review, by=cast.office, at=AT)
    judge(plan.review, Move.PASS, by=cast.propaganda, at=AT)
    judge(plan.review, Move.PASS, by=cast.deputy, at=AT)
    plan.refresh_from_db()
    assert "审定：副书记乙（受书记甲委托）　2020年1月10日" in words_of(plan_paper(plan))


def test_a_plan_being_revised_is_sent_out_as_it_was_approved(cast):
    plan = approved(cast)
    judge_revise(plan, cast)
    plan.items.update(topic="还没有审定的改动")
    plan.refresh_from_db()
    text = words_of(plan_paper(plan))
    assert "还没有审定的改动" not in text
    assert "=1+1" in text
    assert "正在修订" in text


def judge_revise(plan, cast):
    from sessions_app.actions.plan import revise_plan

    revise_plan(plan=plan, seen_version=plan.review.version, by=cast.office, at=AT)


def test_filing_is_told_or_named_as_missing(cast):
    plan = approved(cast)
    assert [gap.label for gap in plan_paper(plan).gaps] == ["报备情况"]
    Filing.objects.create(
        group=cast.group, subject="annual_plan", year=2020, filed_to="县委宣传部", filed_on=date(2020, 1, 20)
    )
    paper = plan_paper(plan)
    assert paper.gaps == []
    assert "报备：2020年1月20日报县委宣传部" in words_of(paper)


@pytest.mark.parametrize(("make", "name"), [(make_annual_plan, "annual_plan"), (make_monthly_plan, "monthly_plan")])
def test_word_has_the_table_on_a_turned_page(cast, as_, make, name):
    plan = approved(cast, make)
    answer = as_(cast.m1).get(reverse(f"{name}_word", args=[plan.pk]))
    document = Document(io.BytesIO(b"".join(answer.streaming_content)))
    assert document.sections[-1].orientation == 1
    assert "=1+1" in [cell.text for cell in document.tables[0]._cells]
    page = as_(cast.m1).get(reverse(f"{name}_paper", args=[plan.pk])).content.decode()
    assert "审定：书记甲" in page
    assert "paper-wide" in page
    assert "待补 1 项" not in page  # a member cannot fill it in


@pytest.mark.parametrize(("make", "name"), [(make_annual_plan, "annual_plan"), (make_monthly_plan, "monthly_plan")])
def test_drafts_are_for_those_who_make_or_oversee_plans(cast, as_, make, name):
    plan = make(cast, rows=[item_row()])
    for suffix in ("paper", "word"):
        address = reverse(f"{name}_{suffix}", args=[plan.pk])
        assert as_(cast.m1).get(address).status_code == 404
        assert as_(cast.office).get(address).status_code == 200
    detail = as_(cast.office).get(reverse(f"{name}_detail", args=[plan.pk]), follow=True).content.decode()
    assert reverse(f"{name}_paper", args=[plan.pk]) in detail


def test_a_plan_of_nothing_but_its_table_lies_on_turned_pages_only(cast):
    paper = plan_paper(make_monthly_plan(cast, rows=[item_row()]))
    assert [block["type"] for block in paper.blocks].count("section") == 1
    assert paper.blocks[0] == {"type": "section", "landscape": True}
