"""People at real browsers: a desktop for the office, a phone for members and the secretary."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from tests.conftest import PASSWORD, Cast

# Playwright keeps an event loop in this thread; the ORM is used between its calls, never inside one.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

DESKTOP = {"width": 1366, "height": 768}
PHONE = {"width": 390, "height": 844}


@dataclass
class Watch:
    """What no page may do: ask another machine for something, or complain in the console."""

    host: str
    strangers: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def follow(self, page: Page) -> None:
        page.on("request", self._request)
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        page.on("console", lambda m: self.complaints.append(f"{page.url}: {m.text}") if m.type == "error" else None)

    def _request(self, request) -> None:
        if not request.url.startswith((self.host, "data:", "blob:")):
            self.strangers.append(request.url)


@pytest.fixture
def town(transactional_db: None, cast: Cast) -> Cast:
    return cast


@pytest.fixture
def watch(live_server: LiveServer) -> Watch:
    return Watch(live_server.url)


@pytest.fixture
def sit_down(browser: Browser, live_server: LiveServer, watch: Watch) -> Iterator[Callable[..., Page]]:
    """`sit_down(cast.office)`: a page in which this person has logged in; `phone=True` for a phone."""
    contexts = []

    def open_page(user: User, *, phone: bool = False, script: bool = True) -> Page:
        context = browser.new_context(
            base_url=live_server.url,
            viewport=PHONE if phone else DESKTOP,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            java_script_enabled=script,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        watch.follow(page)
        page.on("dialog", lambda dialog: dialog.accept())
        page.goto("/login/")
        page.get_by_label("用户名").fill(user.username)
        page.get_by_label("密码").fill(PASSWORD)
        page.get_by_role("button", name="登录").click()
        page.wait_for_url(f"{live_server.url}/")
        return page

    yield open_page
    for context in contexts:
        context.close()
