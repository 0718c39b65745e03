"""特批 and 追认, 撤销, 阅看, 内部备注, and wording offered with a return."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.actions.people import delegate
from accounts.models import User
from accounts.permissions import Role
from reviews.actions import Point, add_note, advance, may, note_opening, open_points
from reviews.actions.draft import settle_suggestion
from reviews.chain import Move, State
from reviews.documents import sheet_blocks
from reviews.models import ReviewCase, ReviewNote, ReviewOpening
from reviews.presentation import dots_of, history_of, sentence_of
from studygroup.lib.errors import NotAllowed, Refused
from studygroup.lib.models import AuditEntry
from tests import factories
from tests.factories import hand_in, judge, open_as, walk_to

REASON = "书记在外招商，今天下午要用，内容已逐段看过。"


@pytest.fixture
def case(cast):
    return walk_to(factories.make_submission(cast).review, State.SECOND_REVIEW, cast)


def override(case, by, reason=REASON):
    open_as(case, by)
    advance(case=case, move=Move.OVERRIDE, by=by, at=timezone.now(), seen_version=case.version, comment=reason)


def text_of(blocks) -> str:
    return "\n".join(cell for block in blocks for row in block["rows"] for cell in row)


# -- nothing unread ----------------------------------------------------------


@pytest.mark.parametrize("move", [Move.PASS, Move.RETURN, Move.OVERRIDE])
def test_a_verdict_needs_the_paper_to_have_been_opened(cast, case, move):
    told = {"at": timezone.now(), "seen_version": case.version, "comment": REASON, "points": [factories.POINT]}
    with pytest.raises(Refused, match="请先打开第1稿看过再办理"):
        advance(case=case, move=move, by=cast.propaganda, **told)
    assert ReviewCase.objects.get(pk=case.pk).state == State.SECOND_REVIEW


def test_an_opening_is_of_one_stay_at_one_step(cast, case):
    open_as(case, cast.propaganda)
    open_as(case, cast.propaganda)
    assert ReviewOpening.objects.filter(case=case, by=cast.propaganda).count() == 1
    judge(case, Move.RETURN, by=cast.propaganda)
    walk_to(hand_in(case, by=cast.m1) or case, State.SECOND_REVIEW, cast)
    with pytest.raises(Refused, match="第2稿"):
        advance(case=case, move=Move.PASS, by=cast.propaganda, at=timezone.now(), seen_version=case.version)


def test_only_who_may_judge_leaves_a_trace_of_reading(cast, case):
    for person in (cast.m1, cast.m2, cast.office, cast.supervisor, cast.foreign_secretary):
        note_opening(case=case, by=person, at=timezone.now())
    assert not case.openings.filter(step=State.SECOND_REVIEW).exists()
    note_opening(case=case, by=cast.deputy, at=timezone.now())  # may 特批
    assert case.openings.filter(step=State.SECOND_REVIEW).get().by == cast.deputy


def test_opening_the_page_is_one_statement_more(cast, case, as_, django_assert_num_queries):
    version = case.versions.get()
    assert cast.propaganda.authority
    with django_assert_num_queries(1):
        note_opening(case=case, version=version, by=cast.propaganda, at=timezone.now())


# -- 撤销 --------------------------------------------------------------------


def test_a_pass_is_undone_until_the_next_opens_it(cast, case, now):
    judge(case, Move.PASS, by=cast.propaganda)
    judge(case, Move.UNDO, by=cast.propaganda)
    assert case.state == State.SECOND_REVIEW
    assert [e.words for e in history_of(case)][-2:] == ["复审通过", "撤销，回到复审"]
    assert [e.undone_words for e in history_of(case)][-2:] == ["已撤销", ""]
    assert AuditEntry.objects.filter(action="review.undo", target_id=case.pk).count() == 1
    judge(case, Move.PASS, by=cast.propaganda)  # the one that was taken back does not count
    open_as(case, cast.secretary)
    with pytest.raises(Refused, match="已经有人打开看过"):
        judge(case, Move.UNDO, by=cast.propaganda)
    assert not may(case, Move.UNDO, by=cast.propaganda, at=now)


def test_another_does_not_undo_it(cast, case):
    judge(case, Move.PASS, by=cast.propaganda)
    for person in (cast.secretary, cast.office, cast.m1, cast.deputy):
        with pytest.raises(NotAllowed, match="只能撤销自己刚才的办理"):
            advance(case=case, move=Move.UNDO, by=person, at=timezone.now(), seen_version=case.version)


def test_a_return_is_undone_until_the_author_has_seen_it(cast, case, as_):
    judge(case, Move.RETURN, by=cast.propaganda)
    judge(case, Move.UNDO, by=cast.propaganda)
    assert (case.state, open_points(case)) == (State.SECOND_REVIEW, [])
    judge(case, Move.RETURN, by=cast.propaganda)
    as_(cast.m1).get(reverse("submission_detail", args=[case.submission.pk]))
    with pytest.raises(Refused, match="已经有人打开看过"):
        judge(case, Move.UNDO, by=cast.propaganda)


@pytest.mark.parametrize("name", ["submission_edit", "review_version", "review_sheet", "review_sheet_word"])
def test_wherever_the_author_learns_of_a_return_it_stands(cast, case, as_, name):
    judge(case, Move.RETURN, by=cast.propaganda)
    args = {"submission_edit": [case.submission.pk], "review_version": [case.pk, 1]}.get(name, [case.pk])
    assert as_(cast.m1).get(reverse(name, args=args)).status_code == 200
    with pytest.raises(Refused, match="已经有人打开看过"):
        judge(case, Move.UNDO, by=cast.propaganda)


@pytest.mark.parametrize("make", [factories.make_annual_plan, factories.make_lecture])
def test_a_return_stands_once_the_office_mends_it(cast, as_, make):
    subject = make(cast)
    case = walk_to(subject.review, State.SECOND_REVIEW, cast)
    judge(case, Move.RETURN, by=cast.propaganda)
    name = "lecture_edit" if make is factories.make_lecture else "annual_plan_edit"
    assert as_(cast.office).get(reverse(name, args=[subject.pk])).status_code == 200
    with pytest.raises(Refused, match="已经有人打开看过"):
        judge(case, Move.UNDO, by=cast.propaganda)


def test_an_approval_is_undone_on_its_day_only(cast):
    yesterday = timezone.now() - timedelta(days=1)
    paper = factories.make_submission(cast, at=yesterday).review
    walk_to(paper, State.APPROVED, cast, at=yesterday)
    with pytest.raises(Refused, match="只能在当天撤销"):
        judge(paper, Move.UNDO, by=cast.secretary)
    today = walk_to(factories.make_submission(cast).review, State.APPROVED, cast)
    judge(today, Move.UNDO, by=cast.secretary)
    assert (today.state, today.approved_version) == (State.FINAL_GATE, None)


def test_an_undone_approval_of_a_revision_leaves_the_earlier_one_in_force(cast):
    case = walk_to(factories.make_annual_plan(cast).review, State.APPROVED, cast)
    first = case.approved_version_id
    judge(case, Move.REVISE, by=cast.office)
    walk_to(case, State.APPROVED, cast)
    assert case.approved_version_id != first
    judge(case, Move.UNDO, by=cast.secretary)
    assert ReviewCase.objects.get(pk=case.pk).approved_version_id == first


def test_a_delegates_undo_is_no_verdict_on_the_sheet(cast, case, now):
    today = timezone.localdate()
    delegate(
        group=cast.group,
        principal=cast.propaganda,
        delegate=cast.m2,
        role=Role.STUDY_SECRETARY,
        kind="",
        starts_on=today,
        ends_on=today,
        reason="驻村",
        at=now,
    )
    judge(case, Move.RETURN, by=cast.m2)
    assert "成员二受宣委丙委托办理复审（驻村，" in text_of(sheet_blocks(case))
    judge(case, Move.UNDO, by=cast.m2)
    assert "委托" not in text_of(sheet_blocks(case))


def test_after_an_undo_the_author_may_withdraw_again(cast):
    case = walk_to(factories.make_submission(cast).review, State.SECOND_REVIEW, cast)
    judge(case, Move.UNDO, by=cast.office)
    judge(case, Move.WITHDRAW, by=cast.m1)
    assert case.state == State.DRAFT


# -- 特批、追认 --------------------------------------------------------------


def test_an_override_is_in_force_and_flagged_until_another_ratifies_it(cast, case, now):
    override(case, cast.deputy)
    assert (case.state, case.approved_version.number, case.awaits_ratification) == (State.APPROVED, 1, True)
    assert sentence_of(case, now) == "特批通过，待追认"
    assert "".join(dot.shape for dot in dots_of(case)) == "●◇◇"
    assert "待追认" in text_of(sheet_blocks(case))
    judge(case, Move.RATIFY, by=cast.secretary)
    stored = ReviewCase.objects.get(pk=case.pk)
    assert (stored.state, stored.awaits_ratification, stored.override_step) == ("approved", False, "second_review")
    assert sentence_of(stored, now) == "已特批通过"
    sheet = text_of(sheet_blocks(stored))
    assert "签名：副书记乙" in sheet.split("特批\n")[1]
    assert REASON in sheet
    assert "待追认" not in sheet
    assert "特批通过，没有经过这一环节。" in sheet


def test_what_waits_for_ratification_is_on_the_home_page_of_who_may(cast, case, as_):
    override(case, cast.deputy)
    home = as_(cast.secretary).get("/").content.decode()
    assert "特批，待追认" in home
    assert ">追认</a>" in home
    for other in (cast.deputy, cast.office, cast.m2):
        assert "特批，待追认" not in as_(other).get("/").content.decode()
    assert "特批通过，待追认" in as_(cast.m1).get("/").content.decode()  # the author is told how it stands


@pytest.mark.parametrize("reason", ["", "急用", " 九个字的理由不够的 "])
def test_an_override_needs_a_reason(cast, case, reason):
    with pytest.raises(Refused, match="至少 10 个字"):
        override(case, cast.deputy, reason)
    assert ReviewCase.objects.get(pk=case.pk).state == State.SECOND_REVIEW


def test_who_passed_a_step_may_override_the_rest(cast, case):
    judge(case, Move.PASS, by=cast.propaganda)
    override(case, User.objects.get(pk=cast.propaganda.pk))
    assert case.is_approved


def test_nobody_overrides_or_ratifies_his_own(cast):
    case = walk_to(factories.make_submission(cast, author=cast.propaganda).review, State.FIRST_REVIEW, cast)
    with pytest.raises(NotAllowed, match="须由他人审核"):
        override(case, cast.propaganda)
    override(case, cast.deputy)
    for person, told in ((cast.propaganda, "须由他人审核"), (cast.deputy, "须由另一位同志追认")):
        with pytest.raises(NotAllowed, match=told):
            judge(case, Move.RATIFY, by=person)
    assert not ReviewCase.objects.awaiting(cast.deputy).exists()
    assert ReviewCase.objects.awaiting(cast.secretary).get() == case


def test_an_override_is_not_ratified_in_the_name_of_who_gave_it(cast, case, now):
    today = timezone.localdate()
    delegate(
        group=cast.group,
        principal=cast.secretary,
        delegate=cast.m3,
        role=Role.LEADER,
        kind="",
        starts_on=today,
        ends_on=today,
        reason="外出",
        at=now,
    )
    override(case, cast.secretary)
    with pytest.raises(NotAllowed, match="没有这个权限"):
        judge(case, Move.RATIFY, by=cast.m3)
    assert not ReviewCase.objects.awaiting(cast.m3).exists()


def test_a_refused_override_is_returned_and_no_longer_approved(cast, case):
    override(case, cast.deputy)
    open_as(case, cast.secretary)
    told = {"by": cast.secretary, "at": timezone.now(), "seen_version": case.version}
    with pytest.raises(Refused, match="至少写一条"):
        advance(case=case, move=Move.REFUSE_RATIFICATION, **told)
    judge(case, Move.REFUSE_RATIFICATION, by=cast.secretary)
    assert (case.state, case.approved_version, case.awaits_ratification) == (State.RETURNED, None, False)
    assert len(open_points(case)) == 1
    assert "不予追认，退回" in text_of(sheet_blocks(case))
    hand_in(case, by=cast.m1)
    walk_to(case, State.APPROVED, cast)
    assert (case.override_step, case.approved_version.number) == ("", 2)


def test_what_waits_for_ratification_is_not_revised(cast):
    case = walk_to(factories.make_annual_plan(cast).review, State.SECOND_REVIEW, cast)
    override(case, cast.deputy)
    with pytest.raises(Refused, match="还在等追认"):
        judge(case, Move.REVISE, by=cast.office)
    judge(case, Move.RATIFY, by=cast.secretary)
    judge(case, Move.REVISE, by=cast.office)
    assert case.state == State.DRAFT


# -- 内部备注 ----------------------------------------------------------------


def test_notes_are_for_reviewers_and_never_for_who_wrote_or_handed_in(cast, case, now):
    add_note(case=case, text="引文我核对过。", by=cast.office, at=now)
    for reader in (cast.office, cast.propaganda, cast.secretary, cast.deputy):
        assert ReviewNote.objects.visible_to(reader).get().text == "引文我核对过。"
    for stranger in (cast.m1, cast.m2, cast.supervisor, cast.foreign_secretary, cast.observer, cast.sysadmin):
        assert not ReviewNote.objects.visible_to(stranger).exists()
        with pytest.raises(NotAllowed):
            add_note(case=case, text="我也说一句", by=stranger, at=now)
    assert "引文我核对过" not in text_of(sheet_blocks(case))


def test_notes_on_his_own_paper_stay_hidden_from_a_reviewer(cast, now):
    case = walk_to(factories.make_submission(cast, author=cast.propaganda).review, State.FIRST_REVIEW, cast)
    add_note(case=case, text="请书记定。", by=cast.office, at=now)
    assert not ReviewNote.objects.visible_to(cast.propaganda).exists()
    with pytest.raises(Refused, match="还是空的"):
        add_note(case=case, text=" \n", by=cast.office, at=now)


def test_who_once_handed_in_reads_no_notes_of_any_round(cast, now):
    plan = walk_to(factories.make_annual_plan(cast).review, State.RETURNED, cast)
    hand_in(plan, by=cast.propaganda)
    add_note(case=plan, text="副组长看过。", by=cast.deputy, at=now)
    assert not ReviewNote.objects.visible_to(cast.office).exists()
    assert ReviewNote.objects.visible_to(cast.deputy).exists()


# -- wording -----------------------------------------------------------------


def test_suggested_wording_is_taken_or_not_and_answers_itself(cast, case, now):
    open_as(case, cast.propaganda)
    points = [Point("语气改一改。", 1, original="一、认识", suggested="一、提高认识"), Point("补例子。")]
    told = {"at": now, "seen_version": case.version, "points": points}
    advance(case=case, move=Move.RETURN, by=cast.propaganda, **told)
    offered, plain = open_points(case)
    with pytest.raises(NotAllowed):
        settle_suggestion(point=offered, taken=True, by=cast.m2, at=now)
    with pytest.raises(Refused, match="没有建议的写法"):
        settle_suggestion(point=plain, taken=True, by=cast.m1, at=now)
    settle_suggestion(point=offered, taken=True, by=cast.m1, at=now)
    assert (offered.taken, offered.answer) == (True, "已采纳建议的写法。")
    settle_suggestion(point=offered, taken=False, by=cast.m1, at=now)
    assert (offered.taken, offered.answer) == (False, "没有采纳建议的写法，保留原文。")
    hand_in(case, by=cast.m1)
    with pytest.raises(Refused, match="已经答复过"):
        settle_suggestion(point=offered, taken=True, by=cast.m1, at=now)


# -- opening -----------------------------------------------------------------


@pytest.mark.parametrize("ahead", [{"Sec-Purpose": "prefetch;prerender"}, {"Purpose": "prefetch"}, None])
def test_only_somebody_looking_has_opened_a_paper(cast, case, as_, ahead):
    client, address = as_(cast.propaganda), reverse("review_detail", args=[case.pk])
    assert (client.get(address, headers=ahead) if ahead else client.head(address)).status_code == 200
    assert not ReviewOpening.objects.filter(by=cast.propaganda).exists()
    client.get(address)
    assert ReviewOpening.objects.filter(by=cast.propaganda).count() == 1
    judge(case, Move.RETURN, by=cast.propaganda)
    author, paper = as_(cast.m1), reverse("submission_of_case", args=[case.pk])
    page = author.get(paper).url
    assert (author.get(page, headers=ahead) if ahead else author.head(page)).status_code == 200
    assert not ReviewOpening.objects.filter(by=cast.m1).exists()
    author.get(page)
    assert ReviewOpening.objects.filter(by=cast.m1).exists()
