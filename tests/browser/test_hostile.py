"""Text that means harm, in every field: shown as text, never run, and nothing falls apart."""

import pytest
from playwright.async_api import FilePayload, expect

from tests.browser import walk
from tests.browser.conftest import OpenWindow
from tests.browser.hands import PHONE
from tests.browser.test_for_everybody import SIDEWAYS

SCRIPT = "<script>document.title='run'</script><img src=x onerror=\"document.title='run'\">"
HOSTILE = {
    "script": SCRIPT,
    "broadcast": "<!channel> <@U0OPERATOR> &lt;!here&gt;",
    "right to left": "\u202e\u0645\u0631\u062d\u0628\u0627 \u05e9\u05dc\u05d5\u05dd\u202c end",
    "long": "W" * 3000,
    "emoji": ":tada: \U0001f469\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466 " * 60,
}


@pytest.mark.parametrize("kind", HOSTILE)
async def test_in_every_field(window: OpenWindow, kind: str) -> None:
    """In the query, the command, a message and its thread, on a phone's width."""
    text = HOSTILE[kind]
    rina = await window(size=PHONE)
    page = rina.page
    await rina.command(text)
    await rina.sees(text[:20].strip() if kind in ("script", "long") else "", rina.room)
    await rina.command(f"/enroll-flow {text}")
    await rina.sees("Only visible to you", rina.room)
    await walk.open_form(rina, f"SELECT '{text}'"[:3000])
    await rina.press("Check contacts")
    await rina.page.wait_for_timeout(500)
    assert await page.evaluate(SIDEWAYS) <= 1
    await page.reload()
    await expect(rina.view.get_by_label("Snowflake query")).to_have_value(f"SELECT '{text}'"[:3000])
    assert "run" != await page.title()
    assert 0 == await page.locator("[data-undrawn], .room script, .room img, #view script, #view img").count()


async def test_a_file_with_a_hostile_name(window: OpenWindow) -> None:
    """Its name and its words are text, in the form and where it is told."""
    rina = await window(size=PHONE)
    await walk.open_form(rina)
    await rina.view.get_by_label("A .sql file").check()
    name = "<img src=x onerror=document.title='run'> <!channel>.sql"
    await rina.view.locator("input[type=file]").set_input_files(
        files=FilePayload(name=name, mimeType="text/plain", buffer=SCRIPT.encode())
    )
    await rina.sees(name)
    assert "run" != await rina.page.title()
    assert await rina.page.evaluate(SIDEWAYS) <= 1
