"""A person's hands and eyes in a browser window: they know labels and words, and nothing of how the page is made."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from playwright.async_api import Browser, ConsoleMessage, Locator, Page, Request, ViewportSize, expect

HOME = {"127.0.0.1", "localhost"}
PATIENCE = 30_000
DESKTOP = ViewportSize(width=1280, height=800)
PHONE = ViewportSize(width=390, height=844)


class Hands:
    """One window. `wrong` is whatever went wrong in it, and in those that it opened: errors in a console, and
    requests to other machines."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self._url = url
        self.wrong: list[str] = []
        page.context.on("console", self._said)
        page.context.on("weberror", lambda found: self.wrong.append(str(found.error)))
        page.context.on("request", self._left)
        page.set_default_timeout(PATIENCE)

    async def go(self, person: str, place: str, more: str = "") -> None:
        """Looks at a place as somebody."""
        await self.page.goto(f"{self._url}/as/{person}/{place}{more}")

    async def command(self, text: str) -> None:
        """Types into the composer and sends it."""
        await self.page.get_by_label(re.compile("^Message #")).fill(text)
        await self.page.keyboard.press("Enter")

    @property
    def view(self) -> Locator:
        """The dialog in front."""
        return self.page.locator("#view")

    @property
    def room(self) -> Locator:
        """The messages of the place one looks at."""
        return self.page.get_by_role("log", name="Messages")

    @property
    def curtain(self) -> Locator:
        """What is behind the curtain, where it is open."""
        return self.page.get_by_role("complementary", name="Behind the curtain")

    async def sees(self, words: str | re.Pattern[str], where: Locator | None = None) -> None:
        """The words are there, now or in a moment."""
        await expect((where or self.view).get_by_text(words).first).to_be_visible()

    async def press(self, label: str, where: Locator | None = None) -> None:
        """Presses the button with these words, the last of several."""
        words = re.compile(rf"^\s*{re.escape(label)}\s*$")
        await (where or self.view).get_by_role("button").filter(has_text=words).last.click()

    async def confirm(self, label: str) -> None:
        """Presses the button with these words in the dialog that asks whether this is meant."""
        await self.page.locator("#confirm").get_by_role("button", name=label, exact=True).click()

    async def open_thread(self) -> Locator:
        """Follows the link to the replies of the only message that has some; returns where they stand."""
        await self.page.get_by_role("link", name=re.compile(r"\d+ repl(y|ies)")).click()
        return self.page.get_by_role("log", name="Replies")

    async def fill(self, label: str, text: str) -> None:
        """Types into the input with this label."""
        await self.view.get_by_label(label).fill(text)

    async def pick_found(self, label: str, words: str, option: str) -> None:
        """Types words into a list that the bot fills, and picks what it offers."""
        await self.view.get_by_role("combobox", name=label).fill(words)
        await self.view.get_by_role("option", name=option, exact=True).click()

    async def undrawn(self) -> list[str]:
        """What the page could not draw."""
        return await self.page.locator("[data-undrawn]").all_inner_texts()

    def _said(self, said: ConsoleMessage) -> None:
        if said.type in {"error", "warning"}:
            self.wrong.append(said.text)

    def _left(self, request: Request) -> None:
        where = urlsplit(request.url)
        if where.scheme in ("http", "https", "ws", "wss") and where.hostname not in HOME:
            self.wrong.append(f"asked {request.url}")


@asynccontextmanager
async def opened(
    browser: Browser, url: str, person: str, place: str, *, size: ViewportSize = DESKTOP, more: str = ""
) -> AsyncIterator[Hands]:
    """A window of its own, as on another machine, in the time zone of Berlin."""
    context = await browser.new_context(viewport=size, timezone_id="Europe/Berlin", locale="en-US")
    # A machine that is busy with other things is no mistake of the page.
    expect.set_options(timeout=PATIENCE)
    try:
        hands = Hands(await context.new_page(), url)
        await hands.go(person, place, more)
        yield hands
    finally:
        await context.close()
