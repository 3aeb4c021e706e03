"""A page in a real browser, and everything it asked for and complained about."""

from __future__ import annotations

from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext

from tests.waiting import PATIENCE_S


class Watched:
    """One page of a context. `leave` asserts what every page keeps."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        self.origin = url
        self.complaints: list[str] = []
        self.foreign: list[str] = []
        self.expect_failures = False
        context.set_default_timeout(1000 * PATIENCE_S)
        self.page = context.new_page()
        self.page.on("console", lambda message: self.complaints.append(message.text) if message.type in ("error", "warning") else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        context.on("request", self._asked)

    def _asked(self, request) -> None:
        ours = urlsplit(self.origin)
        asked = urlsplit(request.url)
        if (asked.scheme, asked.netloc) != (ours.scheme, ours.netloc):
            self.foreign.append(request.url)

    def open(self, path: str = "/"):
        self.page.goto(self.origin + path)
        return self.page

    def width(self) -> tuple[int, int]:
        """How wide the page is, and the screen."""
        wide, screen = self.page.evaluate("() => [document.documentElement.scrollWidth, innerWidth]")
        return wide, screen

    def leave(self) -> None:
        wide, screen = self.width()
        self.page.context.close()
        assert not self.foreign, self.foreign
        assert self.expect_failures or not self.complaints, self.complaints
        assert wide <= screen
