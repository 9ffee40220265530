"""A reload in the middle of everything loses nothing, and neither does a bot that is killed."""

import re

from playwright.async_api import expect

from bot.sandbox.launch import Sandbox
from tests.browser import walk
from tests.browser.conftest import OpenWindow


async def test_a_reload_at_every_step(sandbox: Sandbox, window: OpenWindow) -> None:
    """The form keeps what was typed, the review its numbers, the message its state, and people are enrolled once."""
    rina = await window()
    await walk.open_form(rina)
    await rina.page.reload()
    await expect(rina.view.get_by_label("Snowflake query")).to_have_value(walk.QUERY)
    await walk.connect_gong(rina)
    await rina.page.reload()
    await walk.check(rina)
    await rina.page.reload()
    await rina.sees("= will be enrolled")
    await walk.enroll(rina)
    await rina.page.reload()
    await rina.sees("Partly enrolled", rina.room)
    walk.enrolled_once(sandbox)


async def test_a_fault_switched_on_and_recovered_from(sandbox: Sandbox, window: OpenWindow) -> None:
    """The line is cut after Polytomic acted: the panel shows it, and the bot finds what was made instead of asking."""
    rina = await window(more="?behind=1")
    await walk.review(rina)
    await rina.curtain.get_by_text("What goes wrong", exact=True).click()
    await rina.press("Next sync: made, then the line is cut", rina.curtain)
    await walk.enroll(rina)
    await rina.sees("Partly enrolled", rina.room)
    walk.enrolled_once(sandbox)
    asked = rina.curtain.get_by_role("row").filter(has_text="create_sync POST")
    await expect(asked).to_have_count(1)
    await expect(asked).to_contain_text("cut off")
    await expect(asked).to_contain_text("Idempotency-Key")
    assert 1 == len(sandbox.town.polytomic.syncs)


async def test_the_bot_is_killed_while_people_are_enrolled(sandbox: Sandbox, window: OpenWindow) -> None:
    """Slack says that the app does not answer; started again, it ends what was confirmed, each once."""
    sandbox.town.polytomic.switches.run_seconds = 8
    rina = await window(more="?behind=1")
    await walk.review(rina)
    await walk.enroll(rina)
    await rina.sees("Running", rina.room)
    await rina.curtain.get_by_text("The bot", exact=True).click()
    await rina.press("Kill the bot", rina.curtain)
    await rina.sees("killed", rina.curtain)
    await rina.command("/enroll-flow status")
    await rina.sees(re.compile("dispatch_failed"), rina.room)
    await rina.press("Start the bot", rina.curtain)
    await rina.sees("running", rina.curtain)
    await rina.sees("Partly enrolled", rina.room)
    walk.enrolled_once(sandbox)


async def test_the_clock_is_moved_on(sandbox: Sandbox, window: OpenWindow) -> None:
    """An hour later for everybody: the review is too old, and says so."""
    rina = await window(more="?behind=1")
    await walk.review(rina)
    before = sandbox.town.slack.world.clock()
    await rina.curtain.get_by_text("The clock", exact=True).click()
    await rina.press("+1 hour", rina.curtain)
    await rina.sees("ahead", rina.curtain)
    await rina.view.locator("[type=submit]").click()
    await rina.sees("Nothing was started.")
    assert (sandbox.town.slack.world.clock() - before).total_seconds() > 3600
    await expect(rina.view.get_by_role("button", name="Check again")).to_be_visible()


async def test_a_bot_that_is_away(sandbox: Sandbox, window: OpenWindow) -> None:
    """What fails is said where one looks, and Home fills by itself once the bot runs again."""
    rina = await window()
    await walk.open_form(rina)
    await sandbox.curtain.do("bot-kill", {})
    await rina.sees("The bot was killed.", rina.page.locator(".notice"))
    await rina.press("Connect Gong")
    await rina.sees(re.compile("We had some trouble connecting"))
    await rina.go("U0REQUESTER", "home")
    await rina.page.keyboard.press("Escape")
    await rina.sees("has not filled its Home tab yet", rina.page.locator("main"))
    await sandbox.curtain.do("bot-start", {})
    await rina.sees("Your enrollments", rina.page.locator("main"))
