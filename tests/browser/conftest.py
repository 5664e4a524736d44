"""Pages in a real browser: Debian's chromium, driven by Playwright, on a live server on the loopback.

Without chromium these tests are skipped and counted; with PAIDAN_BROWSER=required (make ci) they fail.
"""

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect, sync_playwright

from paidan.accounts.capabilities import Role
from paidan.accounts.models import User
from paidan.network.scopes import limit_user

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = Path(os.environ.get("PAIDAN_CHROMIUM", "/usr/bin/chromium"))
# A test run leaves the documentation alone; `make pictures` renews its screenshots.
PICTURES = ROOT / "docs" / "screenshots" if os.environ.get("PAIDAN_PICTURES") else ROOT / ".pictures"
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESK = {"width": 1366, "height": 768}
PHONE = {"width": 390, "height": 844}
LOCALES = {"zh-Hans": "zh-CN", "en": "en-GB"}
expect.set_options(timeout=20_000)  # the machine may be busy
SERIOUS = ("serious", "critical")
# What a page asked for and was refused on purpose is not a fault of its script.
HARMLESS = re.compile(r"Failed to load resource: the server responded with a status of (401|403|404|409|422|429)")

# Playwright's loop makes Django think it is inside async code; nothing here is.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip, counted, where there is no browser; unless one is required."""
    if CHROMIUM.exists() or os.environ.get("PAIDAN_BROWSER") == "required":
        return
    here = [item for item in items if Path(item.path).is_relative_to(Path(__file__).parent)]
    for item in here:
        item.add_marker(pytest.mark.skip(reason=f"no chromium at {CHROMIUM}: apt-get install chromium fonts-noto-cjk"))


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    assert CHROMIUM.exists(), "browser tests are required: apt-get install chromium fonts-noto-cjk"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield browser
        browser.close()


@dataclass
class Site:
    """A live server and ways to look at it as somebody."""

    address: str
    browser: Browser
    contexts: list[BrowserContext]
    complaints: list[str]

    def look(
        self,
        user: User | None = None,
        *,
        language: str = "en",
        theme: str = "light",
        phone: bool = False,
        width: int = 0,
    ) -> "Screen":
        """A browser window of its own, signed in as `user`."""
        size: Any = PHONE if phone else {**DESK, "width": width or DESK["width"]}
        context = self.browser.new_context(
            base_url=self.address,
            viewport=size,
            locale=LOCALES[language],
            color_scheme=theme,  # type: ignore[arg-type]
            reduced_motion="reduce",
            timezone_id="Asia/Shanghai",
            has_touch=phone,
        )
        self.contexts.append(context)
        if user is not None:
            client = Client()
            client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
            context.add_cookies(
                [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": self.address}]
            )
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("console", lambda message: self.complain(page, message.type, message.text))
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        return Screen(page, language)

    def complain(self, page: Page, kind: str, text: str) -> None:
        if kind == "error" and not HARMLESS.search(text):
            self.complaints.append(f"{page.url}: {text}")


@dataclass
class Screen:
    """One window: the Playwright page and what our tests ask of every page."""

    page: Page
    language: str

    def open(self, path: str) -> Page:
        self.page.goto(path)
        return self.page

    def follow(self, press: Locator) -> Page:
        """Press what leads to another page, and go on when that page stands."""
        with self.page.expect_navigation():
            press.click()
        return self.page

    def violations(self) -> list[str]:
        """What axe-core finds serious or critical on the page as it is."""
        self.page.wait_for_load_state()
        if not self.page.evaluate("() => !!window.axe"):
            self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found = self.page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
        return [
            f"{one['impact']} {one['id']}: {one['help']}: " + "; ".join(node["html"][:160] for node in one["nodes"][:4])
            for one in found["violations"]
            if one["impact"] in SERIOUS
        ]

    def scrolls_sideways(self) -> bool:
        """Whether the page itself is wider than the window."""
        self.page.wait_for_load_state()
        return bool(self.page.evaluate("() => document.documentElement.scrollWidth > innerWidth"))

    def picture(self, name: str) -> Path:
        """Keep a screenshot for the documentation."""
        file = PICTURES / self.language / f"{name}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        self.page.evaluate("() => document.fonts.ready")
        self.page.screenshot(path=str(file), animations="disabled")
        return file


@pytest.fixture
def site(live_server: Any, chromium: Browser, transactional_db: None) -> Iterator[Site]:  # noqa: ARG001
    """The site, empty; the test fails if any page complained on its console."""
    found = Site(live_server.url, chromium, [], [])
    yield found
    for context in found.contexts:
        context.close()
    assert found.complaints == []


@pytest.fixture
def make_member(transactional_db: None) -> Callable[..., User]:  # noqa: ARG001
    """Somebody with a role and a password, as the administrator would add them."""

    def make(role: Role | str, *, language: str = "en", **limits: Any) -> User:
        user = User(username=f"{role}", role=str(role), language="zh-hans" if language == "zh-Hans" else "en")
        user.last_name, user.first_name = ("林", "晓") if language == "zh-Hans" else ("Lin", "Xiao")
        user.set_password("correct horse")
        user.save()
        limit_user(user, **limits)
        return user

    return make
