"""`make screenshots`: the pictures of README, taken from a running sandbox at a time that is always the same."""

import asyncio
import re
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from playwright.async_api import ViewportSize, async_playwright

from bot import logs
from bot.sandbox.allowed import POLICY
from bot.sandbox.clock import MovableClock
from bot.sandbox.launch import open_sandbox
from tests.browser import chromium, walk
from tests.browser.hands import Hands, opened

FOLDER = Path(__file__).parents[2] / "bot" / "sandbox" / "page" / "pictures"
MOMENT = datetime(2026, 11, 23, 14, 5, tzinfo=UTC)
SIZE = ViewportSize(width=920, height=660)


async def take(folder: Path) -> list[Path]:
    """The pictures are there; returns where."""
    clock = MovableClock()
    clock.ahead = MOMENT - datetime.now(UTC)
    with tempfile.TemporaryDirectory(prefix="enroll-flow-pictures-") as kept:
        async with async_playwright() as playwright, open_sandbox(Path(kept), clock=clock, policy=POLICY) as sandbox:
            await sandbox.bot.ready()
            browser = await chromium.launched(playwright)
            windows = (
                opened(browser, sandbox.url, person, place, size=SIZE)
                for person, place in (("U0REQUESTER", "C0REVOPS"), ("U0APPROVER", "D0APPROVER"))
            )
            async with next(windows) as rina, next(windows) as ada:
                return await _walked(rina, ada, folder)


async def _walked(rina: Hands, ada: Hands, folder: Path) -> list[Path]:
    taken: list[Path] = []

    async def picture(name: str, seen: Hands = rina) -> None:
        # Nothing blinks in a picture, and no list of choices is half open.
        await seen.page.screenshot(path=folder / f"{name}.png", animations="disabled", caret="hide")
        taken.append(folder / f"{name}.png")

    await walk.open_form(rina)
    await walk.connect_gong(rina)
    await rina.sees("Gong is connected.")
    await rina.pick_found("Gong Engage flow", "renew q4", walk.FLOW)
    await picture("form")
    await rina.press("Check contacts")
    await rina.sees("= will be enrolled")
    await picture("review")
    await rina.fill("Note to the approvers", "They renew in the next four weeks.")
    await walk.enroll(rina)
    await ada.sees("Approval needed", ada.room)
    await picture("card", ada)
    await ada.press("Approve 293 contacts", ada.room)
    await ada.confirm("Approve")
    await rina.sees(re.compile(r"\d+ of \d+ \("), rina.room)
    await picture("running")
    await rina.sees("Partly enrolled", rina.room)
    await rina.sees("Receipt E-", await rina.open_thread())
    await picture("finished")
    await rina.go("U0REQUESTER", "C0REVOPS", "?behind=1")
    await rina.sees("The clock", rina.curtain)
    await picture("curtain")
    return taken


def main() -> int:
    """Takes them all, and says where they are and how large."""
    if chromium.path() is None:
        sys.exit(chromium.MISSING)
    logs.quiet()
    FOLDER.mkdir(exist_ok=True)
    for path in asyncio.run(take(FOLDER)):
        print(f"{path.relative_to(FOLDER.parents[3])}  {path.stat().st_size // 1024} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
