"""The page of one case: points beside paragraphs, suggested wording, notes among reviewers, 特批 and 追认."""

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.actions.people import appoint
from accounts.permissions import Role
from reviews.actions import Point, advance
from reviews.chain import Move, State
from reviews.models import ReturnPoint, ReviewNote
from tests import factories
from tests.conftest import SINCE
from tests.factories import hand_in, judge, open_as, walk_to

REASON = "书记在外招商，今天下午要用，内容已逐段看过。"


def page(response):
    return response.content.decode()


def address(case, name="review_detail"):
    return reverse(name, args=[case.pk])


def waiting(cast, state=State.FIRST_REVIEW, **facts):
    return walk_to(factories.make_submission(cast, **facts).review, state, cast)


def rows(*points, **fields):
    told = {f"points-{n}-{name}": value for n, point in enumerate(points) for name, value in point.items()}
    return {"points-TOTAL_FORMS": str(len(points)), "points-INITIAL_FORMS": "0", **told, **fields}


# -- points ----------------------------------------------------------------------


def test_paragraph_numbers_lead_to_a_point_only_for_who_may_judge(cast, as_):
    case = waiting(cast)
    link = f'href="{address(case, "review_return")}?paragraph=2"'
    assert link in page(as_(cast.office).get(address(case)))
    assert [link in page(as_(user).get(address(case))) for user in (cast.m1, cast.secretary)] == [False, False]


def test_the_link_of_a_paragraph_opens_the_return_with_it_chosen(cast, as_):
    case = waiting(cast)
    shown = page(as_(cast.office).get(address(case, "review_return"), {"paragraph": "2"}))
    assert '<option value="2" selected>' in shown
    assert as_(cast.office).get(address(case, "review_return"), {"paragraph": "-7x"}).status_code == 200


def test_points_typed_beside_the_paper_come_along_to_the_return(cast, as_):
    case = waiting(cast)
    begun = rows({"paragraph": "2", "text": "", "suggested": "学习使人明理。"}, {"paragraph": "4", "text": "写实。"})
    shown = page(as_(cast.office).post(address(case, "review_return"), begun | {"open": "1", "comment": "总的不错"}))
    assert "学习使人明理。</textarea>" in shown
    assert "写实。</textarea>" in shown
    assert '<option value="4" selected>' in shown
    assert "总的不错" in shown
    assert not ReturnPoint.objects.exists()


def test_suggested_wording_is_stored_with_what_it_replaces(cast, as_):
    case = waiting(cast)
    open_as(case, cast.office)
    told = rows(
        {"paragraph": "2", "text": "", "suggested": "学习使人明理。"},
        {"paragraph": "4", "text": "再具体些。", "suggested": "学以致用。"},
        seen_version=case.version,
    )
    as_(cast.office).post(address(case, "review_return"), told)
    first, second = ReturnPoint.objects.order_by("number")
    assert (first.text, first.original, first.suggested) == ("建议改为下面的写法。", "学习使人进步。", "学习使人明理。")
    assert (second.text, second.suggested, second.original) == (
        "再具体些。",
        "",
        "",
    )  # the same words are no suggestion


@pytest.mark.parametrize("paragraph", ["", "99"])
def test_wording_without_a_paragraph_is_asked_for_it_and_kept(cast, as_, paragraph):
    case = waiting(cast)
    told = rows({"paragraph": paragraph, "text": "改", "suggested": "新的写法"}, seen_version=case.version)
    shown = page(as_(cast.office).post(address(case, "review_return"), told))
    assert "请先选是哪一段" in shown
    assert "新的写法</textarea>" in shown
    assert not ReturnPoint.objects.exists()


def test_points_of_a_return_stand_beside_their_paragraphs(cast, as_):
    case = waiting(cast)
    open_as(case, cast.office)
    points = [Point("请补充数字。", 2, "学习使人进步。", "学习使全镇干部进步。"), Point("题目再想想。")]
    told = {"by": cast.office, "at": timezone.now(), "seen_version": case.version, "points": points}
    advance(case=case, move=Move.RETURN, **told)
    for shown in (
        page(as_(cast.m1).get(address(case))),
        page(as_(cast.propaganda).get(reverse("review_version", args=[case.pk, 1]))),
    ):
        paper = shown[shown.index('id="p2"') : shown.index('id="p3"')]
        assert "请补充数字。" in paper
        assert "学习使全镇干部进步。" in paper
        assert "题目再想想。" not in paper
        assert "题目再想想。" in shown


def test_resubmission_reads_from_points_to_other_changes_to_the_paper(cast, as_):
    paper = factories.make_submission(cast, body="一、认识\n学习使人进步。\n二、打算\n学以致用。")
    case = walk_to(paper.review, State.FIRST_REVIEW, cast)
    open_as(case, cast.office)
    told = {"by": cast.office, "at": timezone.now(), "seen_version": case.version}
    advance(case=case, move=Move.RETURN, points=[Point("请补充数字。", 2)], **told)
    paper.refresh_from_db()
    paper.body = "一、认识\n学习使全镇42名干部进步。\n二、打算\n学以致用，抓好落实。"
    paper.save(update_fields=["body"])
    hand_in(case, by=cast.m1)
    shown = page(as_(cast.office).get(address(case))).split("<main")[1]
    order = [shown.index(text) for text in ("上次意见与答复", "意见以外，与第1稿的不同", '<article class="document')]
    assert order == sorted(order)
    answered, since, _ = (shown[a:b] for a, b in zip(order, [*order[1:], len(shown)], strict=True))
    assert "全镇42名干部" in answered
    assert "抓好落实" not in answered
    assert "抓好落实" in since
    assert "全镇42名干部" not in since


def test_reviewer_opened_v1_and_v2_waits_when_he_presses_pass(cast, as_):
    case = waiting(cast)
    office = as_(cast.office)
    office.get(address(case))
    seen = case.version
    as_(cast.m1).post(address(case, "review_withdraw"), {"seen_version": seen})
    case.refresh_from_db()
    hand_in(case, by=cast.m1)
    typed = rows({"paragraph": "2", "text": "第二段写得好。"}, seen_version=seen, comment="同意上报。")
    answer = office.post(address(case, "review_pass"), typed)
    assert answer.status_code == 409
    assert "同意上报。" in page(answer)
    assert "第二段写得好。" in page(answer)
    case.refresh_from_db()
    assert (case.state, case.versions.count()) == (State.FIRST_REVIEW, 2)


def test_verdict_on_what_was_not_opened_is_refused(cast, as_):
    case = waiting(cast)
    answer = as_(cast.office).post(address(case, "review_pass"), {"seen_version": case.version})
    assert answer.status_code == 400
    assert "请先打开第1稿看过再办理" in page(answer)


def test_pass_pressed_twice_is_one_pass(cast, as_):
    case = waiting(cast)
    client = as_(cast.office)
    client.get(address(case))
    told = {"seen_version": case.version, "comment": "同意。"}
    assert client.post(address(case, "review_pass"), told).status_code == 302
    second = client.post(address(case, "review_pass"), told)
    assert second.status_code == 409
    assert "同意。" in page(second)
    assert case.entries.filter(move=Move.PASS).count() == 1


def test_two_reviewers_at_once_make_one_verdict(cast, as_, now):
    appoint(group=cast.group, user=cast.m3, role=Role.OFFICE, starts_on=SINCE, by=None, at=now)
    case = waiting(cast)
    first, second = as_(cast.office), as_(cast.m3)
    for client in (first, second):
        client.get(address(case))
    told = {"seen_version": case.version}
    assert first.post(address(case, "review_pass"), told).status_code == 302
    late = second.post(address(case, "review_return"), rows({"text": "请补充。"}, **told))
    assert late.status_code == 409
    assert "请补充。" in page(late)


# -- notes among reviewers -----------------------------------------------------------


def test_notes_are_for_reviewers_and_nobody_whose_paper_it_is(cast, as_):
    case = waiting(cast)
    as_(cast.office).post(address(case, "review_note"), {"text": "引文出处请复审时再核。"})
    note = ReviewNote.objects.get()
    assert (note.by, note.text) == (cast.office, "引文出处请复审时再核。")
    assert "引文出处" in page(as_(cast.propaganda).get(address(case)))
    walk_to(case, State.APPROVED, cast)
    for user in (cast.m1, cast.supervisor):
        for name in ("review_detail", "review_sheet", "review_compare"):
            shown = page(as_(user).get(address(case, name)))
            assert "引文出处" not in shown
            assert "内部备注" not in shown
    assert "引文出处" not in page(as_(cast.m1).get(reverse("submission_detail", args=[case.submission.pk])))
    assert "引文出处" not in page(as_(cast.office).get(address(case, "review_sheet")))


def test_author_and_strangers_write_no_notes(cast, as_):
    case = walk_to(factories.make_submission(cast, author=cast.propaganda).review, State.FIRST_REVIEW, cast)
    told = {"text": "我自己的"}
    assert as_(cast.propaganda).post(address(case, "review_note"), told).status_code == 403
    assert as_(cast.foreign_office).post(address(case, "review_note"), told).status_code == 404
    assert as_(cast.m1).post(address(case, "review_note"), told).status_code in (403, 404)
    assert "备注还是空的" in page(as_(cast.office).post(address(case, "review_note"), {"text": " "}, follow=True))
    assert not ReviewNote.objects.exists()


def test_a_note_saved_twice_is_one_note(cast, as_):
    case = waiting(cast)
    client = as_(cast.office)
    for _ in range(2):
        client.post(address(case, "review_note"), {"text": "同一句话"})
    assert ReviewNote.objects.count() == 1


# -- 特批 and 追认 ---------------------------------------------------------------------


def test_override_is_offered_folded_with_what_it_leaves_out(cast, as_):
    case = waiting(cast, State.SECOND_REVIEW)
    shown = page(as_(cast.deputy).get(address(case)))
    assert "其他办理" in shown
    assert "复审（宣传委员）、把关（党委书记）" in shown
    for user in (cast.office, cast.m1, cast.m2):
        assert "其他办理" not in page(as_(user).get(address(case)))
    last = waiting(cast, State.FINAL_GATE)
    assert "其他办理" not in page(as_(cast.secretary).get(address(last)))


def test_override_without_a_reason_says_so_and_keeps_what_was_typed(cast, as_):
    case = waiting(cast, State.SECOND_REVIEW)
    client = as_(cast.deputy)
    client.get(address(case))
    shown = page(client.post(address(case, "review_override"), {"seen_version": case.version, "comment": "急用"}))
    assert "理由至少写 10 个字" in shown
    assert "急用</textarea>" in shown
    case.refresh_from_db()
    assert case.state == State.SECOND_REVIEW


def test_override_is_flagged_everywhere_until_another_ratifies_it(cast, as_):
    case = waiting(cast, State.SECOND_REVIEW)
    deputy, secretary = as_(cast.deputy), as_(cast.secretary)
    deputy.get(address(case))
    told = {"seen_version": case.version, "comment": REASON}
    answer = page(deputy.post(address(case, "review_override"), told, follow=True))
    assert "待追认" in answer
    assert ">追认<" not in answer
    case.refresh_from_db()
    mine = reverse("submission_detail", args=[case.submission.pk])
    pages = [
        page(secretary.get(reverse("review_list"))),
        page(secretary.get(reverse("review_list"), {"tab": "all"})),
        page(as_(cast.m1).get(address(case))),
        page(as_(cast.m1).get(mine)),
        page(as_(cast.m1).get(reverse("submission_list"))),
        page(as_(cast.office).get(reverse("submission_list"), {"tab": "group"})),
        page(secretary.get(reverse("home"))),
    ]
    assert ["待追认" in shown for shown in pages] == [True] * len(pages)
    shown = page(secretary.get(address(case)))
    for text in (REASON, "副书记乙", "复审（宣传委员）、把关（党委书记）", "不予追认…"):
        assert text in shown
    assert as_(cast.office).post(address(case, "review_ratify"), {"seen_version": case.version}).status_code == 403
    assert deputy.post(address(case, "review_ratify"), {"seen_version": case.version}).status_code == 403
    ratified = page(secretary.post(address(case, "review_ratify"), {"seen_version": case.version}, follow=True))
    assert "已追认《学习心得》的特批" in ratified
    case.refresh_from_db()
    assert (case.state, case.awaits_ratification) == (State.APPROVED, False)
    assert "待追认" not in page(as_(cast.m1).get(mine))


def test_refused_ratification_needs_points_and_goes_back_to_the_author(cast, as_):
    case = waiting(cast)
    judge(case, Move.OVERRIDE, by=cast.deputy)
    client = as_(cast.secretary)
    client.get(address(case))
    opened = page(client.post(address(case, "review_return"), {"open": "1", "seen_version": case.version}))
    assert "不予追认，退回修改" in opened
    empty = client.post(address(case, "review_return"), rows({"text": ""}, seen_version=case.version))
    assert "请至少写一条具体意见" in page(empty)
    told = rows({"text": "数字没有核对。", "paragraph": "2"}, seen_version=case.version)
    answer = page(client.post(address(case, "review_return"), told, follow=True))
    assert "没有追认，已退回《学习心得》" in answer
    case.refresh_from_db()
    assert case.state == State.RETURNED
    assert "数字没有核对。" in page(as_(cast.m1).get(address(case)))


def test_a_link_may_bring_words_along_to_the_return(cast, as_):
    case = waiting(cast)
    shown = page(as_(cast.office).get(address(case, "review_return"), {"paragraph": "2", "text": "“座谈会”应写全称。"}))
    assert "“座谈会”应写全称。</textarea>" in shown
    assert '<option value="2" selected>' in shown
    long = page(as_(cast.office).get(address(case, "review_return"), {"text": "字" * 5000}))
    assert "字" * 1000 + "</textarea>" in long
    assert "字" * 1001 not in long


def test_words_a_link_brings_stand_in_the_return_page(cast, as_):
    told = {"paragraph": "2", "text": "“乡村振新”应为“乡村振兴”。"}
    shown = as_(cast.office).get(address(waiting(cast), "review_return"), told)
    assert "乡村振新" in page(shown)
