"""A sandbox, a browser, and windows of people in it that tell on themselves: errors, and requests that leave home."""

import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from playwright.async_api import Browser, ViewportSize, async_playwright

from bot.sandbox.behind.opened import DATABASE
from bot.sandbox.launch import Sandbox, open_sandbox
from tests.browser import chromium
from tests.browser.hands import DESKTOP, Hands, opened

OpenWindow = Callable[..., Awaitable[Hands]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test here needs a browser and a few seconds."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.slow)
            # A browser, a sandbox and a bot of its own for each, four at a time on two cores.
            item.add_marker(pytest.mark.timeout(240))


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Debian's chromium, without a screen. Where there is none the test is skipped in words; in CI it fails."""
    if chromium.path() is None:
        if os.environ.get("CI"):
            pytest.fail(chromium.MISSING)
        pytest.skip(chromium.MISSING)
    async with async_playwright() as playwright:
        browser = await chromium.launched(playwright)
        yield browser
        await browser.close()


@pytest.fixture
def policy() -> Path | None:
    """What the sandbox's operators allow; as it stands, anything. A module that wants rules has its own."""
    return None


@pytest.fixture
async def sandbox(migrated: Path, tmp_path: Path, policy: Path | None) -> AsyncIterator[Sandbox]:
    """The whole sandbox on free ports, its bot in a process of its own, running."""
    # A bot over a new file takes seconds to bring it up to date; `test_figures` does without this.
    shutil.copy(migrated, tmp_path / DATABASE)
    async with open_sandbox(tmp_path, policy=policy) as sandbox:
        await sandbox.bot.ready()
        # Long enough to be seen running, and no longer.
        sandbox.town.polytomic.switches.run_seconds = 2
        yield sandbox


@pytest.fixture
async def window(browser: Browser, sandbox: Sandbox) -> AsyncIterator[OpenWindow]:
    """Opens a window of its own for a person.

    In the end none had an error, none asked anybody but this machine, and in none was there what cannot be drawn.
    """
    async with AsyncExitStack() as stack:
        hands: list[Hands] = []

        async def open_window(
            person: str = "U0REQUESTER", place: str = "C0REVOPS", *, size: ViewportSize = DESKTOP, more: str = ""
        ) -> Hands:
            window = opened(browser, sandbox.url, person, place, size=size, more=more)
            made = await stack.enter_async_context(window)
            hands.append(made)
            return made

        yield open_window
        assert [] == [wrong for one in hands for wrong in [*one.wrong, *await one.undrawn()]]
