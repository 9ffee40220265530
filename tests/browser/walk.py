"""The way through the main job by clicking alone, in pieces that tests put together."""

from playwright.async_api import Page, expect

from bot.sandbox.launch import Sandbox
from tests.browser.hands import Hands

QUERY = "SELECT contact_id FROM salesforce_contacts WHERE subscription_plan = 'gold'"
FLOW = "Q4 Renewal"
COMMAND = "/enroll-flow"


async def open_form(rina: Hands, text: str = QUERY) -> None:
    """The form is open, with the query typed."""
    await rina.command(COMMAND)
    await expect(rina.view.get_by_label("Snowflake query")).to_be_visible()
    await rina.fill("Snowflake query", text)


async def gong_page(rina: Hands) -> Page:
    """Gong's question, in a window of its own."""
    await rina.press("Connect Gong")
    async with rina.page.context.expect_page() as opening:
        await rina.press("Open Gong")
    page = await opening.value
    await page.wait_for_load_state()
    return page


async def connect_gong(rina: Hands, answer: str = "Allow") -> None:
    """Gong was connected in the middle of the form; or was not, if that is the answer."""
    page = await gong_page(rina)
    await page.get_by_role("button", name=answer).click()
    await page.close()


async def check(rina: Hands) -> None:
    """The flow is chosen and the numbers are there."""
    await rina.sees("Gong is connected.")
    await rina.pick_found("Gong Engage flow", "renew q4", FLOW)
    await rina.press("Check contacts")
    await rina.sees("= will be enrolled")


async def review(rina: Hands, text: str = QUERY) -> None:
    """From nothing to the review."""
    await open_form(rina, text)
    await connect_gong(rina)
    await check(rina)


async def enroll(rina: Hands) -> None:
    """What the review says is confirmed, and the view is gone."""
    await rina.view.locator("[type=submit]").click()
    await expect(rina.view).to_be_hidden()


def enrolled_once(sandbox: Sandbox) -> list[str]:
    """The contacts that were put into the flow: there are some, and each is there once."""
    polytomic = sandbox.town.polytomic
    done = polytomic.ledger.contacts_in(polytomic.gong.flow_named(FLOW).id)
    assert done
    assert len(done) == len(set(done))
    return done
