"""`scripts/screenshots`: what the README shows, taken from a running demo.

Usage: screenshots.py ADDRESS FOLDER
"""

import os
import sys
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

PASSWORD = "Xuexi@2020"  # noqa: S105 -- the demo's, printed by `make run`
DESKTOP, PHONE = {"width": 1366, "height": 768}, {"width": 390, "height": 844}


def wait_for(address: str, seconds: int = 120) -> None:
    for _ in range(seconds):
        try:
            urllib.request.urlopen(f"{address}/healthz", timeout=2)  # noqa: S310 -- our own server
        except OSError:
            time.sleep(1)
        else:
            return
    raise SystemExit(f"{address} does not answer")


class Camera:
    def __init__(self, browser: Browser, address: str, folder: Path) -> None:
        self.browser, self.address, self.folder = browser, address, folder

    def sit_down(self, username: str, size: dict) -> Page:
        page = self.browser.new_context(base_url=self.address, viewport=size, locale="zh-CN").new_page()
        page.goto("/login/")
        page.get_by_label("用户名").fill(username)
        page.get_by_label("密码").fill(PASSWORD)
        page.get_by_role("button", name="登录").click()
        return page

    def take(self, page: Page, name: str) -> None:
        page.screenshot(path=str(self.folder / f"{name}.png"))


def main(address: str, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    wait_for(address)
    with sync_playwright() as playwright:
        executable = os.environ.get("CHROMIUM", "/usr/bin/chromium")
        browser = playwright.chromium.launch(
            executable_path=executable, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        camera = Camera(browser, address, folder)
        office_pages(camera)
        phone_pages(camera)
        browser.close()


def office_pages(camera: Camera) -> None:
    office = camera.sit_down("bq-office", DESKTOP)
    office.goto("/plans/?year=2020")
    camera.take(office, "plan")
    office.goto("/sessions/?state=called")
    office.locator("tbody a").last.click()
    office.get_by_role("link", name="会务台").first.click()
    camera.take(office, "register")
    office.goto("/reports/")
    office.locator("tr", has_text="2020年").get_by_role("button", name="生成").click()
    office.get_by_role("link", name="查看").first.click(timeout=60_000)
    camera.take(office, "figures")
    office.get_by_role("link", name="集体学习研讨").first.click()
    camera.take(office, "which-fourteen")


def phone_pages(camera: Camera) -> None:
    secretary = camera.sit_down("bq-secretary", PHONE)
    camera.take(secretary, "home")
    secretary.goto("/reviews/")
    secretary.locator("main tbody a, main .todo-list a").first.click()
    camera.take(secretary, "review")
    for number in range(1, 6):  # who of them has signed in already depends on the hour
        member = camera.sit_down(f"bq-m{number}", PHONE)
        sign_in = member.get_by_role("link", name="签到", exact=True)
        if sign_in.count():
            sign_in.first.click()
            camera.take(member, "sign-in")
            break
    member.goto("/submissions/new/")
    camera.take(member, "write")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
