"""How fast the sandbox is, on this machine: printed, and judged by whoever reads it."""

import asyncio
import os
import platform
import re
import signal
import statistics
import time
from importlib.metadata import version
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Browser

from bot.sandbox.launch import Sandbox
from bot.sandbox.serve import HOST
from tests.browser.conftest import OpenWindow
from tests.browser.hands import opened
from tests.commanded import commanded, four_free

TIMES = 10
# From the key that is pressed to the first frame in which the view stands there.
EFFECT = """
(press) => new Promise((resolve) => {
  const began = performance.now();
  const seen = new MutationObserver(() => {
    if (!document.getElementById("view").open) return;
    seen.disconnect();
    requestAnimationFrame(() => resolve(performance.now() - began));
  });
  seen.observe(document.getElementById("view"), { attributes: true, subtree: true, childList: true });
  document.getElementById("typed").value = "/enroll-flow";
  document.getElementById("composer").requestSubmit();
})
"""


def told(words: str, browser: Browser) -> None:
    """One line of figures, with what they were taken on."""
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    versions = f"Python {platform.python_version()}, Chromium {browser.version}, Playwright {version('playwright')}"
    print(f"\n{words} ({machine}, {versions})")


async def answers(url: str) -> None:
    """Somebody answers there."""
    async with httpx.AsyncClient(trust_env=False) as client:
        while True:
            try:
                (await client.get(url)).raise_for_status()
            except httpx.HTTPError:
                await asyncio.sleep(0.01)
            else:
                return


async def test_how_soon_the_page_is_up(browser: Browser, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Counted from the command, in a new process, until the page answers; Ctrl-C ends it quietly."""
    port = four_free()
    url = f"http://{HOST}:{port}"
    began = time.monotonic()
    async with commanded(port, tmp_path) as process:
        await answers(f"{url}/as/U0REQUESTER/C0REVOPS")
        up = time.monotonic() - began
        async with opened(browser, url, "U0REQUESTER", "C0REVOPS") as rina:
            await rina.page.get_by_role("heading", name="revops").wait_for()
            assert [] == rina.wrong
        with capsys.disabled():
            told(f"sandbox: the page is up {up:.2f} s after the command", browser)
        process.send_signal(signal.SIGINT)
        assert 0 == await process.wait()


async def test_how_soon_an_action_shows(
    window: OpenWindow, browser: Browser, sandbox: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    """A command, through Slack, the bot's own process and back, until its view stands on the screen."""
    rina = await window()
    await sandbox.bot.ready()
    took = []
    for _ in range(TIMES):
        took.append(float(await rina.page.evaluate(EFFECT, None)))
        await rina.sees(re.compile("Snowflake query"))
        await rina.page.keyboard.press("Escape")
        await rina.view.wait_for(state="hidden")
    with capsys.disabled():
        told(
            f"sandbox: a command shows its view after {statistics.median(took):.0f} ms"
            f" (median of {TIMES}, {min(took):.0f} to {max(took):.0f})",
            browser,
        )
