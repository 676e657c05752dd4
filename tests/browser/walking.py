"""People with a browser: each signs in, walks from page to page, and hears of everything the browser objects to."""

from __future__ import annotations

import os
from pathlib import Path

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, Response

from tests.portal.town import Town

DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
PATIENCE_MS = 30_000


class Walker:
    """One person with a browser of their own."""

    def __init__(self, user: str, context: BrowserContext, page: Page, address: str) -> None:
        self.user = user
        self.page = page
        self.objections: list[str] = []
        self._context = context
        self._address = address
        page.set_default_timeout(PATIENCE_MS)
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.objections.append(f"script: {error}"))
        page.on("response", self._see)

    def _hear(self, message: ConsoleMessage) -> None:
        expected = message.text.startswith("Failed to load resource")  # told by its status, below
        if message.type in ("error", "warning") and not expected:
            self.objections.append(f"console: {message.text}")

    def _see(self, response: Response) -> None:
        if response.status >= 500 or not response.url.startswith(self._address):
            self.objections.append(f"{response.status} {response.url}")

    async def sign_in(self) -> Page:
        """Sign in at the development door, as a person does, and return the page behind it."""
        await self.page.goto(f"{self._address}/sign-in")
        await self.page.locator(f'button[name="user"][value="{self.user}"]').click()
        await self.page.wait_for_url("**/tasks")
        return self.page

    async def go(self, path: str) -> Page:
        """Go to *path*."""
        await self.page.goto(f"{self._address}{path}")
        return self.page

    async def speak(self, language: str) -> None:
        """Have the pages in *language* from now on."""
        await self._context.add_cookies([{"name": "language", "value": language, "url": self._address}])

    async def barriers(self) -> list[str]:
        """What on this page bars people who cannot see or point, as axe finds it, and what does not fit its width."""
        options = {"resultTypes": ["violations"], "runOnly": {"type": "tag", "values": list(RULES)}}
        found = (await Axe().run(self.page, options=options)).response["violations"]
        told = [f"{each['id']}: {' | '.join(node['html'][:160] for node in each['nodes'][:3])}" for each in found]
        wide = await self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        return [*told, *([f"{wide} px wider than the window"] if wide > 0 else [])]

    async def photograph(self, name: str) -> None:
        """Keep a picture of the page, where TEST_SCREENSHOTS names a folder for it."""
        folder = os.environ.get("TEST_SCREENSHOTS")
        if folder:
            await self.page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)

    async def close(self) -> None:
        """Leave, with the browser."""
        await self._context.close()


class Street:
    """The street before a portal: people come with their browsers."""

    def __init__(self, browser: Browser, town: Town, address: str) -> None:
        self.town = town
        self.address = address
        self._browser = browser
        self._walkers: list[Walker] = []

    async def walker(self, user: str, size: dict[str, int] | None = None) -> Walker:
        """Return *user* with a new browser, not signed in yet."""
        context = await self._browser.new_context(viewport=size or DESK, locale="zh-CN", timezone_id="Asia/Shanghai")
        made = Walker(user, context, await context.new_page(), self.address)
        self._walkers.append(made)
        return made

    async def close(self) -> None:
        """Send everybody home."""
        for each in self._walkers:
            await each.close()
