"""Three people and a return: a member on a phone, the office at its desk, the secretary between two meetings."""

import pytest
from playwright.sync_api import Page, expect

from reviews.chain import Move, State
from reviews.models import ReturnPoint, ReviewCase
from tests import factories
from tests.browser.test_year import check_accessible

pytestmark = pytest.mark.browser

TITLE = "学习乡村全面振兴的体会"
BETTER = "我镇42个村去年都通了自来水，今年要把管护抓起来。"


def hand_in(m1: Page) -> None:
    m1.goto("/submissions/new/")
    m1.get_by_text("心得体会", exact=True).click()
    m1.get_by_label("标题").fill(TITLE)
    m1.get_by_label("正文").fill("一、认识\n乡村全面振兴要抓实。\n二、打算\n到村里去。")
    m1.get_by_role("button", name="提交审核").click()
    expect(m1.locator(".message-success")).to_be_visible()


def open_the_first(page: Page) -> None:
    page.goto("/reviews/")
    check_accessible(page)
    page.get_by_role("link", name="开始").click()
    expect(page.locator("#verdict")).to_be_visible()


def return_with_wording(office: Page) -> None:
    open_the_first(office)
    office.get_by_label("对第2段提意见").click()
    box = office.locator("[data-point-box]")
    box.get_by_placeholder("哪里要改、怎样改").fill("写出本镇的数字。")
    box.get_by_text("建议改为…").click()
    expect(box.locator("[data-name=suggested]")).to_have_value("乡村全面振兴要抓实。")
    box.locator("[data-name=suggested]").fill(BETTER)
    check_accessible(office)
    office.get_by_role("button", name="退回… （1 条意见）").click()
    expect(office.locator("[name=points-0-suggested]")).to_have_value(BETTER)
    check_accessible(office)
    office.get_by_role("button", name="退回给成员一").click()
    expect(office.locator(".message-success")).to_contain_text("会看到您的 1 条意见")
    check_accessible(office)


def take_and_answer(m1: Page) -> None:
    m1.goto("/")
    m1.locator(".todo-list li", has_text=TITLE).get_by_role("link", name="修改").click()
    check_accessible(m1)
    m1.get_by_role("button", name="采纳", exact=True).click()
    expect(m1.locator(".message-success")).to_contain_text("换成了建议的写法")
    expect(m1.get_by_label("正文")).to_have_value(f"一、认识\n{BETTER}\n二、打算\n到村里去。")
    m1.locator(".answers textarea").fill("已采纳，数字来自水利站。")
    m1.get_by_role("button", name="提交审核").click()
    expect(m1.locator(".message-success")).to_be_visible()


def pass_seeing_the_difference(office: Page) -> None:
    open_the_first(office)
    answered = office.locator("section", has_text="上次意见与答复")
    expect(answered).to_contain_text("写出本镇的数字。")
    expect(answered).to_contain_text("已采纳，数字来自水利站。")
    expect(answered.locator("ins").first).to_be_visible()
    check_accessible(office)
    office.get_by_role("button", name="初审通过").click()
    expect(office.get_by_role("heading", name="都办完了")).to_be_visible()
    check_accessible(office)


def pass_undo_and_pass(propaganda: Page) -> None:
    open_the_first(propaganda)
    propaganda.locator("#verdict textarea").fill("数字已核对。")
    propaganda.get_by_role("button", name="复审通过").click()
    propaganda.get_by_role("button", name="撤销").click()
    expect(propaganda.get_by_text("回到复审，请重新办理")).to_be_visible()
    propaganda.get_by_label("内部备注", exact=True).fill("水利站的数字已核对。")
    propaganda.get_by_role("button", name="保存备注").click()
    expect(propaganda.locator(".note-list")).to_contain_text("水利站的数字已核对。")
    check_accessible(propaganda)
    propaganda.get_by_role("button", name="复审通过").click()
    expect(propaganda.get_by_role("heading", name="都办完了")).to_be_visible()


def approve_on_the_phone(secretary: Page) -> None:
    secretary.goto("/")
    secretary.locator(".todo-list li", has_text=TITLE).get_by_role("link").click()
    expect(secretary.locator("#verdict")).to_be_visible()
    check_accessible(secretary)
    secretary.get_by_role("button", name="把关通过").click()
    expect(secretary.locator(".message-success")).to_contain_text("已定稿")


def test_a_paper_is_returned_mended_and_approved_by_three(town, sit_down, watch):
    office, propaganda = sit_down(town.office), sit_down(town.propaganda)
    m1, secretary = (sit_down(person, phone=True) for person in (town.m1, town.secretary))
    hand_in(m1)
    return_with_wording(office)
    take_and_answer(m1)
    pass_seeing_the_difference(office)
    pass_undo_and_pass(propaganda)
    approve_on_the_phone(secretary)
    m1.goto(f"/reviews/{ReviewCase.objects.get().pk}/")
    expect(m1.get_by_text("水利站的数字已核对。")).to_have_count(0)
    check_accessible(m1)
    case = ReviewCase.objects.get()
    assert (case.state, case.round) == (State.APPROVED, 2)
    moves = [entry.move for entry in case.entries.all()]
    assert moves == [
        *(Move.SUBMIT, Move.RETURN, Move.SUBMIT),
        *(Move.PASS, Move.PASS, Move.UNDO, Move.PASS, Move.PASS),
    ]
    assert ReturnPoint.objects.get().taken is True
    assert watch.strangers == []
    assert watch.complaints == []


def test_points_come_back_after_leaving_the_page(town, sit_down, watch):
    case = factories.walk_to(factories.make_submission(town).review, State.FIRST_REVIEW, town)
    office = sit_down(town.office)
    office.goto(f"/reviews/{case.pk}/")
    office.get_by_label("对第4段提意见").click()
    office.locator("[data-name=text]").press_sequentially("写实一些。")
    office.get_by_role("button", name="退回… （1 条意见）").click()
    office.get_by_role("link", name="取消").click()
    office.get_by_role("button", name="恢复刚才的内容").click()
    expect(office.locator("#p4 + [data-point-box] [data-name=text]")).to_have_value("写实一些。")
    assert watch.complaints == []


def test_bulk_and_special_approval_are_accessible(town, sit_down, watch):
    for title in ("甲", "乙"):
        factories.walk_to(factories.make_submission(town, title=title).review, State.FIRST_REVIEW, town)
    office, deputy, secretary = sit_down(town.office), sit_down(town.deputy), sit_down(town.secretary, phone=True)
    special = factories.walk_to(factories.make_submission(town, title="急件").review, State.SECOND_REVIEW, town)
    deputy.goto(f"/reviews/{special.pk}/")
    deputy.get_by_text("其他办理").click()
    deputy.get_by_label("特批的理由").fill("书记在外招商，今天下午要用，内容已逐段看过。")
    check_accessible(deputy)
    deputy.get_by_role("button", name="特批通过").click()
    expect(deputy.get_by_role("heading", name="特批通过，须由另一位同志追认")).to_be_visible()
    secretary.goto("/reviews/?only=ratify")
    check_accessible(secretary)
    secretary.get_by_role("link", name="急件").click()
    check_accessible(secretary)
    secretary.get_by_role("button", name="追认", exact=True).click()
    expect(secretary.locator(".message-success")).to_contain_text("已追认")
    office.goto("/reviews/bulk/")
    office.get_by_role("link", name="打开阅看").first.click()
    expect(office.locator("#verdict")).to_be_visible()
    office.goto("/reviews/bulk/")
    check_accessible(office)
    office.get_by_label("通过：甲").check()
    office.get_by_role("button", name="通过勾选的").click()
    expect(office.get_by_role("heading", name="1 份已通过")).to_be_visible()
    check_accessible(office)
    assert watch.complaints == []


def test_a_note_or_a_put_off_leaves_the_words_on_the_page(town, sit_down, watch):
    first, second = (
        factories.walk_to(factories.make_submission(town, title=title).review, State.FIRST_REVIEW, town)
        for title in ("甲", "乙")
    )
    office = sit_down(town.office)
    words, point = office.locator("#verdict [name=comment]"), office.locator("#p4 + [data-point-box] [data-name=text]")
    office.goto(f"/reviews/{first.pk}/")
    office.get_by_label("对第4段提意见").click()
    office.locator("[data-name=text]").fill("写实一些。")
    words.fill("总的意见写到一半")
    office.get_by_label("内部备注", exact=True).fill("先记一笔。")
    office.get_by_role("button", name="保存备注").click()
    expect(office.locator(".note-list")).to_contain_text("先记一笔。")
    expect(words).to_have_value("总的意见写到一半")
    expect(point).to_have_value("写实一些。")
    expect(office.locator(".keep-offer")).to_have_count(0)
    office.get_by_role("button", name="暂缓").click()
    expect(office.get_by_text("已暂缓")).to_be_visible()
    office.goto(f"/reviews/{second.pk}/")
    expect(words).to_have_value("")
    office.goto(f"/reviews/{first.pk}/")
    expect(words).to_have_value("总的意见写到一半")
    expect(point).to_have_value("写实一些。")
    assert watch.complaints == []


@pytest.mark.parametrize(("width", "height"), [(390, 844), (320, 640)])
def test_on_a_phone_the_foot_leaves_the_screen_to_the_paper(town, sit_down, watch, width, height):
    cases = [
        factories.walk_to(factories.make_submission(town, title=title).review, State.FINAL_GATE, town)
        for title in ("甲", "乙")
    ]
    secretary = sit_down(town.secretary, phone=True)
    secretary.set_viewport_size({"width": width, "height": height})
    secretary.goto(f"/reviews/{cases[0].pk}/")
    foot, words = secretary.locator("#verdict"), secretary.get_by_label("意见", exact=True)
    expect(words).to_be_hidden()
    assert foot.bounding_box()["height"] <= 120
    assert secretary.locator("#p1").bounding_box()["y"] < foot.bounding_box()["y"]  # the text begins on this screen
    assert secretary.evaluate("document.documentElement.scrollWidth") <= width
    secretary.locator("#verdict summary").click()
    expect(words).to_be_focused()
    words.fill("同意。")
    secretary.get_by_role("button", name="把关通过").click()
    expect(secretary.locator(".message-success")).to_contain_text("已定稿")
    assert cases[0].entries.get(by=town.secretary).comment == "同意。"
    assert watch.complaints == []


def test_a_special_approval_is_asked_for_its_reason_before_it_is_confirmed(town, sit_down, watch):
    case = factories.walk_to(factories.make_submission(town).review, State.SECOND_REVIEW, town)
    deputy, asked = sit_down(town.deputy), []
    deputy.on("dialog", lambda dialog: asked.append(dialog.message))
    deputy.goto(f"/reviews/{case.pk}/")
    deputy.get_by_text("其他办理").click()
    deputy.get_by_role("button", name="特批通过").click()
    expect(deputy.get_by_label("特批的理由")).to_be_focused()
    assert asked == []
    deputy.get_by_label("特批的理由").fill("书记在外招商，今天下午要用，内容已逐段看过。")
    deputy.get_by_role("button", name="特批通过").click()
    expect(deputy.get_by_role("heading", name="特批通过，须由另一位同志追认")).to_be_visible()
    assert len(asked) == 1
    expect(deputy.get_by_role("button", name="撤销")).to_have_count(1)
    secretary = sit_down(town.secretary)
    secretary.on("dialog", lambda dialog: asked.append(dialog.message))
    secretary.goto(f"/reviews/{case.pk}/")
    secretary.get_by_role("button", name="追认", exact=True).click()
    expect(secretary.locator(".message-success")).to_contain_text("已追认")
    assert "不能撤销" in asked[1]


def test_on_a_phone_a_return_begins_with_one_point_and_its_wording_grows(town, sit_down, watch):
    case = factories.walk_to(factories.make_submission(town).review, State.FINAL_GATE, town)
    secretary, plain = sit_down(town.secretary, phone=True), sit_down(town.secretary, phone=True, script=False)
    plain.goto(f"/reviews/{case.pk}/return/?paragraph=2")
    expect(plain.locator(".point-rows li")).to_have_count(4)  # no button adds one without script
    secretary.goto(f"/reviews/{case.pk}/return/?paragraph=2")
    expect(secretary.locator(".point-rows li")).to_have_count(1)
    secretary.get_by_text("建议改为…").click()
    wording = secretary.locator("[name=points-0-suggested]")
    wording.fill("我镇四十二个村去年都通了自来水，今年要把管护抓起来。" * 6)
    assert wording.evaluate("field => field.scrollHeight <= field.clientHeight")
    secretary.get_by_role("button", name="再加一条").click()
    expect(secretary.locator("[name=points-1-suggested]")).to_be_hidden()
    secretary.locator("[name=points-1-text]").fill("题目再想想。")
    secretary.get_by_role("button", name="退回给成员一").click()
    expect(secretary.locator(".message-success")).to_contain_text("会看到您的 2 条意见")
    assert watch.complaints == []


def test_a_refused_reason_is_shown_whole_and_a_tick_beside_its_title(town, sit_down):
    case = factories.walk_to(factories.make_submission(town).review, State.FINAL_GATE, town)
    secretary = sit_down(town.secretary, phone=True)
    secretary.goto(f"/reviews/{case.pk}/")
    secretary.goto("/reviews/bulk/")
    tick, title = secretary.get_by_role("checkbox").bounding_box(), secretary.locator(".cell-title").bounding_box()
    assert tick["x"] + tick["width"] <= title["x"]
    secretary.goto(f"/reviews/{case.pk}/")
    secretary.locator("#verdict summary").click()
    secretary.locator("#verdict [name=comment]").fill("意见写得很长，一句接着一句，讲清楚为什么。" * 12)
    factories.walk_to(case, State.APPROVED, town)
    secretary.get_by_role("button", name="把关通过").click()
    shown = secretary.locator("textarea[readonly]")
    expect(shown).to_have_value("意见写得很长，一句接着一句，讲清楚为什么。" * 12)
    assert shown.evaluate("field => field.scrollHeight <= field.clientHeight")
