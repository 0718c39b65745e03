"""A whole year's way in the browser: plan → session → sign-in → paper → three people → figures → workbook."""

import io
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from openpyxl import load_workbook
from playwright.sync_api import Error as PageError
from playwright.sync_api import Page, expect

from reviews.models import ReviewCase
from sessions_app import codes
from sessions_app.models import Attendance, StudySession

pytestmark = pytest.mark.browser


def examine(page: Page, attempts: int = 3) -> list[dict]:
    """What axe finds. A click returns before its page has come, and the document may change under axe: look again."""
    page.wait_for_load_state()
    try:
        return Axe().run(page).response["violations"]
    except PageError:
        if attempts == 1:
            raise
        return examine(page, attempts - 1)


def check_accessible(page: Page, *, but: str = "") -> None:
    """axe finds no serious or critical violation on the page as it stands, except the one named."""
    found = examine(page)
    bad = [
        (v["id"], n["html"][:120])
        for v in found
        if v["impact"] in ("serious", "critical")
        for n in v["nodes"]
        if v["id"] != but
    ]
    assert bad == [], page.url


def judge(page: Page, title: str) -> None:
    """From the home page: open what waits and pass it."""
    page.goto("/")
    page.locator(".todo-list li", has_text=title).get_by_role("link").click()
    expect(page.locator(".sticky-foot")).to_be_visible()
    check_accessible(page)
    page.locator(".sticky-foot").get_by_role("button", name="通过", exact=False).first.click()
    expect(page.locator(".message-success")).to_be_visible()


def plan_the_year(office: Page, secretary: Page, propaganda: Page) -> None:
    year = timezone.localdate().year
    office.goto("/")
    office.get_by_role("link", name="计划", exact=True).click()
    office.get_by_role("link", name=f"编制{year}年计划").click()
    office.get_by_role("button", name="开始编制").click()
    row = office.locator("[data-row]").first
    for column, text in {
        "month": str(timezone.localdate().month),
        "topic": "乡村全面振兴",
        "kinds": "集体学习研讨、扩大学习",
        "lead_readers": "副书记乙",
    }.items():
        row.locator(f"[data-column={column}]").fill(text)
    check_accessible(office)
    office.get_by_role("button", name="保存").click()
    expect(office.get_by_role("heading", name="乡村全面振兴")).to_be_visible()
    office.get_by_role("button", name="提交审定").click()
    check_accessible(office)
    judge(propaganda, f"{year}年学习计划")
    judge(secretary, f"{year}年学习计划")


def hold_a_session(office: Page, town) -> StudySession:
    office.goto("/plans/")
    office.get_by_role("button", name="生成学习活动").click()
    start = timezone.localtime() - timedelta(minutes=5)
    office.locator("[name=starts_at]").fill(start.strftime("%Y-%m-%dT%H:%M"))
    office.locator("[name=ends_at]").fill((start + timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M"))
    office.locator("[name=place]").fill("三楼会议室")
    check_accessible(office)
    office.get_by_role("button", name="保存").click()
    check_accessible(office)
    office.locator("main").get_by_role("button", name="通知").first.click()
    session = StudySession.objects.get(title="乡村全面振兴")
    assert session.is_called
    return session


def sign_in(m1: Page, m2: Page, office: Page, session: StudySession, town) -> None:
    session.group.late_after_minutes = 30
    session.group.save(update_fields=["late_after_minutes"])
    office.goto(f"/sessions/{session.pk}/screen/")
    digits = office.locator(".screen-digits").inner_text().replace(" ", "")
    m1.goto("/")
    m1.locator(".todo-list li", has_text="乡村全面振兴").get_by_role("link", name="签到").click()
    check_accessible(m1)
    m1.get_by_label("六位数字").fill(digits)
    m1.get_by_role("button", name="签到").click()
    expect(m1.get_by_text("已签到")).to_be_visible()
    check_accessible(m1)
    m2.goto(f"/s/{session.pk}/{codes.token_at(session, timezone.now())}/")
    m2.get_by_role("button", name="签到").click()
    expect(m2.get_by_text("已签到")).to_be_visible()
    office.goto(f"/sessions/{session.pk}/register/")
    check_accessible(office)
    office.get_by_role("button", name=f"{town.m3.name}：病假").click()
    expect(office.locator("tr", has_text=town.m3.name).get_by_text("请假")).to_be_visible()
    office.get_by_role("link", name="结束学习").click()
    check_accessible(office)
    for box in office.locator("main input[type=checkbox]").all():
        box.check()
    office.locator("main").get_by_role("button", name="结束").first.click()
    session.refresh_from_db()
    assert session.is_held
    status = dict(Attendance.objects.filter(session=session).values_list("person__username", "status"))
    assert (status["m1"], status["m2"], status["m3"]) == ("present", "present", "leave")
    assert status["secretary"] == "absent"


def write(m1: Page) -> None:
    m1.goto("/")
    m1.get_by_role("link", name="写材料").click()
    m1.get_by_text("心得体会", exact=True).click()
    m1.get_by_label("标题").fill("=1+1")
    m1.get_by_label("正文").fill("一、认识\n乡村全面振兴要抓实。\n二、打算\n到村里去。")
    check_accessible(m1)
    m1.get_by_role("button", name="提交审核").click()
    expect(m1.locator(".message-success")).to_be_visible()
    check_accessible(m1)


def return_and_resubmit(propaganda: Page, m1: Page) -> None:
    propaganda.goto("/")
    propaganda.locator(".todo-list li", has_text="=1+1").get_by_role("link").click()
    propaganda.get_by_role("button", name="退回…").click()
    propaganda.get_by_label("具体意见").first.fill("请补充本镇的数字。")
    check_accessible(propaganda)
    propaganda.get_by_role("button", name="退回给成员一").click()
    m1.goto("/")
    m1.locator(".todo-list li", has_text="=1+1").get_by_role("link", name="修改").click()
    m1.locator(".answers textarea").fill("已补充。")
    m1.get_by_label("正文").fill("一、认识\n全镇42个村都要抓实。\n二、打算\n到村里去。")
    m1.get_by_role("button", name="提交审核").click()
    expect(m1.locator(".message-success")).to_be_visible()


def count_the_year(office: Page, run_jobs) -> None:
    office.goto("/reports/")
    check_accessible(office)
    office.get_by_role("button", name="生成年度统计").first.click()
    assert "/jobs/" in office.url
    run_jobs()
    office.get_by_role("link", name="查看").first.click()
    check_accessible(office)
    office.get_by_role("link", name="集体学习研讨").first.click()
    expect(office.get_by_text("乡村全面振兴").first).to_be_visible()
    check_accessible(office)
    office.go_back()
    with office.expect_download() as download:
        office.get_by_role("link", name="Excel").first.click()
    book = load_workbook(io.BytesIO(download.value.path().read_bytes()))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value == "=1+1"]
    assert cells
    assert {cell.data_type for cell in cells} == {"s"}


def test_a_year_from_plan_to_workbook(town, sit_down, watch, run_jobs):
    office, propaganda = sit_down(town.office), sit_down(town.propaganda)
    secretary, m1, m2 = (sit_down(person, phone=True) for person in (town.secretary, town.m1, town.m2))
    for page in (office, propaganda, secretary, m1):
        check_accessible(page)
    plan_the_year(office, secretary, propaganda)
    session = hold_a_session(office, town)
    sign_in(m1, m2, office, session, town)
    write(m1)
    judge(office, "=1+1")
    return_and_resubmit(propaganda, m1)
    for page in (office, propaganda, secretary):
        judge(page, "=1+1")
    assert ReviewCase.objects.get(kind="reflection").is_approved
    count_the_year(office, run_jobs)
    assert watch.strangers == []
    assert watch.complaints == []


def test_the_phone_signs_in_without_script(town, sit_down, watch, now):
    from tests.factories import make_session

    session = make_session(town, starts_at=now)
    m1 = sit_down(town.m1, phone=True, script=False)
    m1.goto(f"/s/{session.pk}/{codes.token_at(session, timezone.now())}/")
    m1.get_by_role("button", name="签到").click()
    expect(m1.get_by_text("已签到")).to_be_visible()
    assert Attendance.objects.get(session=session).person == town.m1
    assert watch.strangers == []
