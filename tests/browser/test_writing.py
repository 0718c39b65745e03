"""Writing on a phone: saved by itself, through a lost signal, an expired login and another person at one browser."""

import re

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone
from playwright.sync_api import Page, expect

from materials.models import Submission
from reviews.actions import Point, advance
from reviews.chain import Move, State
from tests.browser.test_year import check_accessible
from tests.conftest import PASSWORD
from tests.factories import make_submission, open_as, walk_to

pytestmark = pytest.mark.browser

SAVED = re.compile(r"\d\d:\d\d 已自动保存")


def write(page: Page, text: str) -> None:
    page.locator("#id_body").click()
    page.keyboard.press("Control+End")
    page.keyboard.insert_text(text)


def status(page: Page):
    return page.locator("#autosave")


def log_in(page: Page, user) -> None:
    page.get_by_label("用户名").fill(user.username)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()


def test_two_minutes_on_a_phone(town, sit_down, watch):
    phone = sit_down(town.m1, phone=True)
    phone.get_by_role("link", name="写材料").click()
    phone.get_by_text("心得体会", exact=True).click()
    phone.get_by_label("标题").fill("读书有感")
    phone.locator("#id_body").click()
    phone.get_by_role("button", name="一、", exact=True).click()
    phone.keyboard.insert_text("认识")
    phone.keyboard.press("Enter")
    phone.get_by_role("button", name="（一）").click()
    phone.keyboard.insert_text("要学")
    phone.keyboard.press("Enter")
    phone.keyboard.insert_text("学习使人进步。")
    phone.keyboard.press("Enter")
    phone.get_by_role("button", name="一、", exact=True).click()
    phone.keyboard.insert_text("打算")
    expect(phone.locator("#id_body")).to_have_value("一、认识\n（一）要学\n学习使人进步。\n二、打算")
    check_accessible(phone)
    expect(status(phone)).to_have_text(SAVED)
    paper = Submission.objects.get()
    assert paper.body.replace("\r\n", "\n").endswith("二、打算")
    expect(phone).to_have_url(re.compile(rf"/submissions/{paper.pk}/edit/$"))

    # The page is closed; the desktop at home has everything, and hands it in.
    phone.close()
    desktop = sit_down(town.m1)
    desktop.locator("li", has_text="读书有感").get_by_role("link", name="继续写").click()
    expect(desktop.locator("#id_body")).to_have_value("一、认识\n（一）要学\n学习使人进步。\n二、打算")
    desktop.get_by_role("button", name="提交审核").click()
    expect(desktop.locator(".message-success")).to_contain_text("收件号")
    check_accessible(desktop)
    assert Submission.objects.count() == 1
    assert watch.strangers == []
    assert watch.complaints == []


def test_signal_is_lost_and_returns(town, sit_down):
    phone = sit_down(town.m1, phone=True)
    phone.goto("/submissions/new/")
    phone.get_by_label("标题").fill("山里写的")
    write(phone, "进山以前。")
    expect(status(phone)).to_have_text(SAVED)
    phone.context.set_offline(True)
    write(phone, "山里没有信号。")
    expect(status(phone)).to_contain_text("没有网络，文字已存在本机")
    assert "山里没有信号" not in Submission.objects.get().body
    phone.context.set_offline(False)
    expect(status(phone)).to_have_text(SAVED)
    assert Submission.objects.get().body == "进山以前。山里没有信号。"


def test_text_survives_an_expired_login_and_no_other_login_ever_shows_it(town, sit_down):
    phone = sit_down(town.m1, phone=True)
    phone.goto("/submissions/new/")
    phone.get_by_label("标题").fill("过期之前")
    write(phone, "存在服务器上的。")
    expect(status(phone)).to_have_text(SAVED)
    paper = Submission.objects.get()
    Session.objects.all().delete()
    write(phone, "只在手机里的。")
    expect(status(phone)).to_contain_text("登录已过期，文字已存在本机")
    phone.get_by_role("link", name="重新登录").click()

    log_in(phone, town.m2)
    for address in ("/", "/submissions/new/", f"/submissions/{paper.pk}/edit/", "/submissions/"):
        phone.goto(address)
        phone.wait_for_load_state("networkidle")
        shown = phone.content()
        assert "只在手机里的" not in shown
        assert "存在服务器上的" not in shown
        assert "恢复刚才的内容" not in shown
    for _ in range(6):
        phone.go_back()
        phone.wait_for_load_state("networkidle")
        assert "只在手机里的" not in phone.content()
        assert "存在服务器上的" not in phone.content()
        assert phone.locator("#id_body").count() == 0 or "的。" not in phone.locator("#id_body").input_value()

    phone.goto("/")
    phone.locator("summary", has_text="更多").click()
    phone.locator(".nav-more-list").get_by_role("button", name="退出").click()
    log_in(phone, town.m1)
    phone.wait_for_url(re.compile("/$"))
    phone.goto(f"/submissions/{paper.pk}/edit/")
    phone.get_by_role("button", name="恢复刚才的内容").click()
    expect(phone.locator("#id_body")).to_have_value("存在服务器上的。只在手机里的。")
    expect(status(phone)).to_have_text(SAVED)
    paper.refresh_from_db()
    assert paper.body == "存在服务器上的。只在手机里的。"
    assert not Submission.objects.filter(author=town.m2).exists()


def test_open_page_gives_way_when_another_person_signs_in_beside_it(town, sit_down):
    first = sit_down(town.m1)
    first.goto("/submissions/new/")
    write(first, "还没有人看过的话。")
    expect(status(first)).to_have_text(SAVED)
    beside = first.context.new_page()
    beside.goto("/")
    beside.get_by_role("button", name="退出").first.click()
    log_in(beside, town.m2)
    beside.wait_for_url(re.compile("/$"))
    first.wait_for_load_state("networkidle")
    expect(first.locator("#id_body")).to_have_count(0)
    assert "还没有人看过的话" not in first.content()


def test_same_person_signs_in_again_in_another_tab_and_the_page_goes_on(town, sit_down):
    first = sit_down(town.m1)
    first.goto("/submissions/new/")
    write(first, "一。")
    expect(status(first)).to_have_text(SAVED)
    Session.objects.all().delete()
    write(first, "二。")
    expect(status(first)).to_contain_text("登录已过期")
    beside = first.context.new_page()
    beside.goto("/login/")
    log_in(beside, town.m1)
    beside.wait_for_url(re.compile("/$"))
    write(first, "三。")
    expect(status(first)).to_have_text(SAVED)
    assert Submission.objects.get().body == "一。二。三。"


def test_two_devices_at_one_draft_lose_nothing(town, sit_down):
    paper = make_submission(town, body="开头。")
    phone, desktop = sit_down(town.m1, phone=True), sit_down(town.m1)
    for page in (phone, desktop):
        page.goto(f"/submissions/{paper.pk}/edit/")
    write(phone, "手机接着写。")
    expect(status(phone)).to_have_text(SAVED)
    write(desktop, "电脑接着写。")
    expect(status(desktop)).to_contain_text("在别处改过")
    desktop.get_by_role("button", name="保存草稿").click()
    expect(desktop.locator(".stored-text", has_text="开头。〔手机〕接着写。")).to_be_visible()
    expect(desktop.locator("#id_body")).to_have_value("开头。电脑接着写。")
    check_accessible(desktop)
    paper.refresh_from_db()
    assert paper.body == "开头。手机接着写。"


def test_wording_is_taken_together_with_what_was_typed_a_moment_ago(town, sit_down):
    paper = make_submission(town)
    case, at = walk_to(paper.review, State.FIRST_REVIEW, town), timezone.now()
    open_as(case, town.office)
    points = [Point("写具体。", 2, "学习使人进步。", "学习使全镇干部进步。")]
    advance(case=case, move=Move.RETURN, by=town.office, at=at, seen_version=case.version, points=points)
    phone = sit_down(town.m1, phone=True)
    phone.goto(f"/submissions/{paper.pk}/edit/")
    write(phone, "\n最后一句。")
    phone.get_by_role("button", name="采纳", exact=True).click()
    expect(phone.locator(".message-success")).to_contain_text("已采纳第 1 条建议")
    expect(phone.locator(".keep-offer")).to_have_count(0)
    body = Submission.objects.get(pk=paper.pk).body
    assert "学习使全镇干部进步。" in body
    assert body.endswith("最后一句。")
