"""各稿对照: versions handed in, and nothing else, side by side for reviewer and author."""

from django.urls import reverse

from materials.actions.submission import save_submission
from reviews.actions import Point, advance
from reviews.chain import Move, State
from tests import factories
from tests.factories import item_row

BODY = "一、认识\n学习使人进步，要坚持每天读书一小时。\n二、打算\n学以致用，抓好落实。"


def page(response):
    return response.content.decode()


def address(case, **query):
    return reverse("review_compare", args=[case.pk], query=query)


def rewritten(case, body, **changes):
    paper = case.submission
    paper.refresh_from_db()
    save_submission(
        submission=paper,
        seen_version=paper.version,
        changes={"body": body, **changes},
        by=paper.author,
        at=paper.created_at,
    )
    factories.hand_in(case, by=paper.author)


def three_versions(cast):
    paper = factories.make_submission(cast, body=BODY)
    case = factories.walk_to(paper.review, State.RETURNED, cast)
    rewritten(case, BODY.replace("一小时", "两小时"))
    factories.walk_to(case, State.RETURNED, cast)
    rewritten(case, BODY.replace("一小时", "两小时") + "\n佟家庄整治岭地两千亩。")
    return case


def test_default_is_the_last_two_and_the_first_is_a_tab_away(cast, as_):
    case, client = three_versions(cast), as_(cast.office)
    latest = page(client.get(address(case)))
    assert "<ins>＋佟家庄整治岭地两千亩。</ins>" in latest
    assert "两小时</ins>" not in latest
    assert "其余 4 段相同" in latest
    assert 'href="?from=1&amp;to=3"' in latest
    first = page(client.get(address(case, **{"from": "1", "to": "3"})))
    assert "<del>〔一〕</del>" in first
    assert "<ins>＋两</ins>" in first
    assert "修改 1 段、新增 1 段" in first


def test_nonsense_is_the_last_two_and_the_order_is_time(cast, as_):
    case, client = three_versions(cast), as_(cast.office)
    latest = page(client.get(address(case))).split("<main")[1]
    for query in ({"from": "9", "to": "x"}, {"from": "2", "to": "2"}, {"from": "0", "to": "-1"}):
        assert page(client.get(address(case, **query))).split("<main")[1] == latest
    turned = page(client.get(address(case, **{"from": "3", "to": "1"})))
    assert "<strong>第1稿</strong>" in turned.split("<strong>第3稿</strong>")[0]


def test_one_version_says_so(cast, as_):
    case = factories.walk_to(factories.make_submission(cast).review, State.FIRST_REVIEW, cast)
    assert "还只有一稿" in page(as_(cast.office).get(address(case)))
    assert "各稿对照" not in page(as_(cast.m1).get(reverse("submission_detail", args=[case.submission.pk])))


def test_a_draft_under_way_is_in_no_comparison(cast, as_):
    case = three_versions(cast)
    factories.walk_to(case, State.RETURNED, cast)
    paper = case.submission
    paper.refresh_from_db()
    changes = {"title": "正在改的标题", "body": "正在改的句子。"}
    save_submission(submission=paper, seen_version=paper.version, changes=changes, by=cast.m1, at=paper.created_at)
    for person in (cast.office, cast.m1):
        shown = page(as_(person).get(address(case)))
        assert "佟家庄整治岭地两千亩" in shown
        assert "正在改的" not in shown


def test_paper_of_another_or_a_draft_is_not_found(cast, as_):
    case = three_versions(cast)
    for person in (cast.m2, cast.foreign_office, cast.observer, cast.supervisor):
        assert as_(person).get(address(case)).status_code == 404
    draft = factories.make_submission(cast, title="只有草稿").review
    assert as_(cast.office).get(address(draft)).status_code == 404


def test_reviewer_sees_point_answer_and_paragraph_beside_each_other(cast, as_):
    paper = factories.make_submission(cast, body=BODY)
    case = factories.walk_to(paper.review, State.FIRST_REVIEW, cast)
    factories.open_as(case, cast.office)
    advance(
        case=case,
        move=Move.RETURN,
        by=cast.office,
        at=paper.created_at,
        seen_version=case.version,
        points=[
            Point("写明读几小时。", 2),
            Point("打算要具体。", 4),
            Point("总体可以。"),
        ],
    )
    rewritten(case, BODY.replace("一小时", "三小时"))
    shown = page(as_(cast.office).get(reverse("review_detail", args=[case.pk])))
    asked, changed, other = (shown.index(text) for text in ("写明读几小时。", "<ins>＋三</ins>", "打算要具体。"))
    assert asked < shown.index("已按意见修改。") < changed < other
    assert "这一段没有改动" in shown[other:]
    assert shown.count("这一段没有改动") == 1
    assert f"{address(case)}?from=1&amp;to=2" in shown


def test_point_on_a_heading_shows_what_changed_below_it(cast, as_):
    paper = factories.make_submission(cast, body=BODY)
    case = factories.walk_to(paper.review, State.FIRST_REVIEW, cast)
    factories.open_as(case, cast.office)
    advance(
        case=case,
        move=Move.RETURN,
        by=cast.office,
        at=paper.created_at,
        seen_version=case.version,
        points=[Point("打算写实一些。", 3), Point("认识部分不改也行。", 1)],
    )
    rewritten(case, BODY.replace("抓好落实", "每月办一件实事"))
    shown = page(as_(cast.office).get(reverse("review_detail", args=[case.pk])))
    first, second = shown.index("打算写实一些。"), shown.index("认识部分不改也行。")
    assert first < shown.index("每月办一件实事</ins>") < second < shown.index("这一段没有改动")


def test_hostile_text_stays_text(cast, as_):
    paper = factories.make_submission(cast, body="<script>1</script>好")
    case = factories.walk_to(paper.review, State.RETURNED, cast)
    rewritten(case, "<script>2</script>好", title="<b>题</b>")
    shown = page(as_(cast.office).get(address(case)))
    assert "<script>1" not in shown
    assert "<b>题" not in shown
    assert "&lt;script&gt;" in shown


def test_a_plan_is_compared_row_by_row(cast, as_):
    plan = factories.make_annual_plan(cast, rows=[item_row("原来的专题")])
    case = factories.walk_to(plan.review, State.RETURNED, cast)
    plan.items.update(topic="改过的专题")
    factories.hand_in(case, by=cast.office)
    shown = page(as_(cast.office).get(address(case)))
    assert "<del>原来的专题</del>" in shown
    assert "<ins>改过的专题</ins>" in shown


def test_number_of_statements_does_not_grow_with_versions(cast, as_, django_assert_max_num_queries):
    case, client = three_versions(cast), as_(cast.office)
    client.get(address(case))
    with django_assert_max_num_queries(9):
        client.get(address(case))
