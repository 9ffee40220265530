"""Debian's chromium, found on PATH and started without a screen."""

import os
import shutil

from playwright.async_api import Browser, Playwright

MISSING = "No chromium on PATH: nothing was looked at in a browser. Install it with: apt install chromium"


def path() -> str | None:
    """Where it is; None where it is not installed."""
    return shutil.which("chromium")


async def launched(playwright: Playwright) -> Browser:
    """The browser runs; as root it has to do without its own sandbox."""
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    return await playwright.chromium.launch(executable_path=path(), args=arguments)
