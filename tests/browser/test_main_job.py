"""The main job by clicking alone: what a person sees in the browser is what the ledger says."""

import csv
import io
import re
from pathlib import Path

from playwright.async_api import expect

from bot.sandbox.launch import Sandbox
from tests.browser import walk
from tests.browser.conftest import OpenWindow


async def test_from_the_command_to_the_ping(sandbox: Sandbox, window: OpenWindow) -> None:
    """Gong is connected in the middle, the button says how many, and so many are in the flow or refused."""
    rina = await window()
    await walk.open_form(rina)
    await rina.sees("Gong is not connected.")
    await walk.connect_gong(rina)
    await walk.check(rina)
    button = await rina.view.locator("[type=submit]").inner_text()
    asked = int(re.sub(r"\D", "", button))
    await walk.enroll(rina)
    await rina.sees("Partly enrolled", rina.room)
    done = walk.enrolled_once(sandbox)
    await rina.sees(f"{len(done)} of {asked} enrolled, {asked - len(done)} refused", rina.room)
    await rina.sees("@Rina", await rina.open_thread())


async def test_the_refused_are_in_a_file(sandbox: Sandbox, window: OpenWindow, tmp_path: Path) -> None:
    """It is counted in the rail, shown as a table, and taken down with a reason for each."""
    rina = await window()
    await walk.review(rina)
    await walk.enroll(rina)
    inbox = rina.page.get_by_role("link", name=re.compile("Messages"))
    await expect(inbox).to_contain_text("for you")
    await inbox.click()
    row = rina.room.locator(".file").filter(has_text="refused.csv")
    async with rina.page.expect_download() as taking:
        await row.get_by_role("link", name=re.compile("Download")).click()
    await (await taking.value).save_as(tmp_path / "refused.csv")
    rows = list(csv.DictReader(io.StringIO((tmp_path / "refused.csv").read_text(encoding="utf-8-sig"))))
    assert all(one["contact_id"] and one["reason"] and one["what_to_do"] for one in rows)
    assert len(rows) == int(re.findall(r"(\d+) refused contacts", await rina.room.inner_text())[0])
    async with rina.page.context.expect_page() as opening:
        await row.get_by_role("link", name=re.compile(r"refused\.csv$")).first.click()
    await expect((await opening.value).get_by_role("cell", name=rows[0]["contact_id"], exact=True)).to_be_visible()


async def test_a_field_in_the_wrong_and_its_mending(window: OpenWindow) -> None:
    """The words stand under the field, which has the focus; what was typed stays, and the next try goes through."""
    rina = await window()
    await walk.open_form(rina, "DELETE FROM salesforce_contacts")
    await walk.connect_gong(rina)
    await rina.sees("Gong is connected.")
    query = rina.view.get_by_label("Snowflake query")
    await rina.press("Check contacts")
    await rina.sees("Please complete this required field.")
    await rina.pick_found("Gong Engage flow", "renew q4", walk.FLOW)
    await rina.press("Check contacts")
    await expect(query).to_have_attribute("aria-invalid", "true")
    await expect(query).to_be_focused()
    await expect(query).to_have_value("DELETE FROM salesforce_contacts")
    await rina.fill("Snowflake query", walk.QUERY)
    await rina.press("Check contacts")
    await rina.sees("= will be enrolled")


async def test_two_people_in_two_windows(window: OpenWindow) -> None:
    """What one may see the other sees at once; what only the first may see stays with the first."""
    rina, ben = await window(), await window("U0BYSTANDER", "C0RANDOM")
    await rina.command("/enroll-flow help")
    await rina.sees("Only visible to you", rina.room)
    await walk.review(rina)
    await walk.enroll(rina)
    await expect(ben.page.get_by_role("link", name=re.compile("revops"))).to_contain_text("unread")
    await ben.page.get_by_role("link", name=re.compile("revops")).click()
    await ben.sees("Partly enrolled", ben.room)
    await ben.sees(re.compile("^New$"), ben.room)
    assert "Only visible to you" not in await ben.room.inner_text()
    await ben.press("Send me the refused", ben.room)
    await ben.sees("Only visible to you", ben.room)


async def test_gong_says_no(window: OpenWindow) -> None:
    """Denied there, told here: nothing was enrolled, and what was typed is kept."""
    rina = await window()
    await walk.open_form(rina)
    await walk.connect_gong(rina, "Deny")
    await rina.sees("access was not allowed")
    await rina.page.keyboard.press("Escape")
    await expect(rina.view).to_be_hidden()
    await rina.command(walk.COMMAND)
    await expect(rina.view.get_by_label("Snowflake query")).to_have_value(walk.QUERY)
