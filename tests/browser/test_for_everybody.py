"""Every screen can be read by a screen reader, used without a mouse, and fits on a phone."""

import re

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Locator, Page, expect

from bot.sandbox.launch import Sandbox
from tests.browser import walk
from tests.browser.conftest import OpenWindow
from tests.browser.hands import DESKTOP, PHONE, Hands

SERIOUS = ("serious", "critical")
# Sideways a page may move by nothing; a pixel is rounding.
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
CUT_OFF = """
() => [...document.querySelectorAll("button, a, h1, h2, input, textarea, select, p")].filter((one) => {
  const box = one.getBoundingClientRect();
  const hidden = one.closest(".wide, .table-frame, .visually-hidden, [hidden]") || !one.checkVisibility();
  return !hidden && box.width && (box.right > innerWidth + 1 || box.left < -1);
}).map((one) => one.outerHTML.slice(0, 120))
"""


async def looked_at(page: Page, screen: str) -> list[str]:
    """What axe-core finds serious on this screen, and what a phone would cut off."""
    found = await Axe().run(page)
    wrong = [
        f"{screen}: {one['id']}: {[node['html'][:160] for node in one['nodes']][:3]}"
        for one in found.response["violations"]
        if one["impact"] in SERIOUS
    ]
    if (page.viewport_size or PHONE)["width"] == PHONE["width"]:
        if await page.evaluate(SIDEWAYS) > 1:
            wrong.append(f"{screen}: moves sideways")
        wrong += [f"{screen}: cut off: {one}" for one in await page.evaluate(CUT_OFF)]
    return wrong


@pytest.fixture(params=[DESKTOP, PHONE], ids=["desktop", "phone"])
async def rina(request: pytest.FixtureRequest, sandbox: Sandbox, window: OpenWindow) -> Hands:
    """The requester, at a desk and with a phone; runs take long enough to press *Cancel*."""
    sandbox.town.polytomic.switches.run_seconds = 8
    return await window(size=request.param)


async def test_every_screen_of_the_form(rina: Hands) -> None:
    """axe-core finds no serious violation from the channel to the review, and nothing is cut off at 390 px."""
    wrong = await looked_at(rina.page, "the channel")
    await walk.open_form(rina)
    wrong += await looked_at(rina.page, "the form")
    gong = await walk.gong_page(rina)
    wrong += await looked_at(rina.page, "connect Gong")
    wrong += await looked_at(gong, "Gong's page")
    await gong.get_by_role("button", name="Allow").click()
    wrong += await looked_at(gong, "Gong's page, allowed")
    await gong.close()
    await rina.sees("Gong is connected.")
    await rina.press("Check contacts")
    await rina.sees("Please complete this required field.")
    wrong += await looked_at(rina.page, "words under a field")
    await rina.view.get_by_role("combobox").fill("renew")
    await expect(rina.view.get_by_role("option").first).to_be_visible()
    wrong += await looked_at(rina.page, "a list to choose from")
    await walk.check(rina)
    wrong += await looked_at(rina.page, "the review")
    assert [] == wrong


async def test_every_screen_after_it(rina: Hands) -> None:
    """So it is from the living message to the file in the end, for who one can be and behind the curtain."""
    await walk.review(rina)
    await walk.enroll(rina)
    await rina.sees("Running", rina.room)
    await rina.press("Cancel", rina.room)
    wrong = await looked_at(rina.page, "a confirm dialog")
    await rina.page.get_by_role("button", name="Keep it").click()
    await rina.sees("Partly enrolled", rina.room)
    wrong += await looked_at(rina.page, "the living message")
    await rina.sees("@Rina", await rina.open_thread())
    wrong += await looked_at(rina.page, "the thread")
    for place in ("home", "D0REQUESTER"):
        await rina.go("U0REQUESTER", place)
        await expect(rina.page.get_by_role("heading", level=1)).to_have_text("Enroll Flow")
        wrong += await looked_at(rina.page, place)
    await rina.page.locator("#who summary").click()
    wrong += await looked_at(rina.page, "who one can be")
    async with rina.page.context.expect_page() as opening:
        await rina.room.get_by_role("link", name=re.compile(r"refused\.csv$")).first.click()
    wrong += await looked_at(await opening.value, "a file")
    assert [] == wrong + await looked_behind(rina)


async def looked_behind(rina: Hands) -> list[str]:
    """The curtain with everything unfolded."""
    await rina.go("U0REQUESTER", "C0REVOPS", "?behind=1")
    await rina.page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    return await looked_at(rina.page, "behind the curtain")


async def focused(page: Page) -> str:
    """The words of what has the focus."""
    return str(await page.evaluate("document.activeElement.innerText || document.activeElement.id"))


async def test_without_a_mouse(window: OpenWindow) -> None:
    """The focus stays in the view, Escape goes back one at a time, and then it is where it was before."""
    rina = await window()
    page = rina.page
    await page.keyboard.type("nothing is typed here")  # Nothing has the focus yet.
    await page.get_by_label("Message #revops").focus()
    await page.keyboard.type("/enr")
    await expect(page.get_by_role("option")).to_be_visible()
    await page.keyboard.press("Enter")
    await expect(page.get_by_label("Message #revops")).to_have_value("/enroll-flow ")
    await page.keyboard.press("Enter")
    query = rina.view.get_by_label("Snowflake query")
    await expect(query).to_be_visible()
    await expect(query).to_be_focused()
    for _ in range(12):
        await page.keyboard.press("Tab")
        inside = "document.activeElement === document.body || !!document.activeElement.closest('#view')"
        assert await page.evaluate(inside), await focused(page)
    await page.keyboard.press("Escape")
    await expect(rina.view).to_be_hidden()
    await expect(page.get_by_label("Message #revops")).to_be_focused()


async def chosen_by_keys(rina: Hands, flow: Locator) -> None:
    """The second of what is offered, by arrow keys."""
    await flow.focus()
    await rina.page.keyboard.type("renew")
    await expect(rina.view.get_by_role("option", name="Q4 Renewal", exact=True)).to_be_visible()
    await rina.page.keyboard.press("ArrowDown")
    await rina.page.keyboard.press("ArrowDown")
    await rina.page.keyboard.press("Enter")


async def test_a_list_by_its_keys(window: OpenWindow) -> None:
    """Arrows move, Enter chooses, Escape closes the list and not the view; a search that is left changes nothing."""
    rina = await window()
    await walk.open_form(rina)
    await walk.connect_gong(rina)
    await rina.sees("Gong is connected.")
    flow = rina.view.get_by_role("combobox", name="Gong Engage flow")
    await chosen_by_keys(rina, flow)
    await rina.page.keyboard.press("ArrowDown")
    await expect(rina.view.get_by_role("group", name="42 flows")).to_be_visible()
    await rina.page.keyboard.press("Escape")
    second = await flow.input_value()
    assert "Renewal" in second
    await rina.page.keyboard.type("x")
    await expect(flow).to_have_attribute("aria-expanded", "true")
    await rina.page.keyboard.press("Escape")
    await expect(flow).to_have_attribute("aria-expanded", "false")
    await expect(rina.view).to_be_visible()
    await rina.page.keyboard.press("Tab")
    await expect(flow).to_have_value(second)
    await rina.press("Check contacts")
    await rina.sees("= will be enrolled")


async def test_a_dialog_that_is_not_confirmed(sandbox: Sandbox, window: OpenWindow) -> None:
    """Nothing happens when it is left, by its button or by Escape."""
    sandbox.town.polytomic.switches.run_seconds = 8
    rina = await window()
    await walk.review(rina)
    await walk.enroll(rina)
    await rina.sees("Running", rina.room)
    for leave in ("button", "key"):
        await rina.press("Cancel", rina.room)
        if leave == "button":
            await rina.page.get_by_role("button", name="Keep it").click()
        else:
            await rina.page.keyboard.press("Escape")
        await expect(rina.page.locator("#confirm")).to_be_hidden()
    await rina.sees("Partly enrolled", rina.room)


async def test_news_disturbs_nobody(sandbox: Sandbox, window: OpenWindow) -> None:
    """What is half typed, its box and the commands that are offered stay as they are when others write."""
    rina = await window()
    typed = rina.page.get_by_label("Message #revops")
    await typed.fill("one\ntwo\nthree")
    before = await typed.evaluate("one => one.offsetHeight")
    sandbox.town.slack.world.say("U0BYSTANDER", "C0REVOPS", "Good morning")
    await rina.sees("Good morning", rina.room)
    await expect(typed).to_have_value("one\ntwo\nthree")
    assert before == await typed.evaluate("one => one.offsetHeight")
    await typed.fill("/enr")
    await expect(rina.page.get_by_role("option")).to_be_visible()
    sandbox.town.slack.world.say("U0BYSTANDER", "C0REVOPS", "Good evening")
    await rina.sees("Good evening", rina.room)
    await expect(rina.page.get_by_role("option")).to_be_visible()
    await expect(typed).to_be_focused()


async def test_a_button_that_is_drawn_anew_keeps_the_focus(sandbox: Sandbox, window: OpenWindow) -> None:
    """The living message changes under it, as often as it likes."""
    sandbox.town.polytomic.switches.run_seconds = 12
    rina = await window()
    await walk.review(rina)
    await walk.enroll(rina)
    await rina.sees("Running", rina.room)
    cancel = rina.room.get_by_role("button").filter(has_text="Cancel")
    await cancel.focus()
    block = await cancel.get_attribute("data-block")
    await expect(cancel).not_to_have_attribute("data-block", block or "")
    await expect(cancel).to_be_focused()


async def test_beside_an_open_curtain(sandbox: Sandbox, window: OpenWindow) -> None:
    """A view leaves what is behind the curtain in reach, and Slack not; Escape closes it, and the focus is back."""
    rina = await window(more="?behind=1")
    await walk.open_form(rina)
    await rina.curtain.get_by_text("The bot", exact=True).click()
    await expect(rina.curtain.get_by_text("Kill the bot")).to_be_visible()
    assert await rina.page.evaluate("document.querySelector('.room').inert && document.querySelector('.rail').inert")
    await rina.view.get_by_label("Snowflake query").focus()
    await rina.page.keyboard.press("Escape")
    await expect(rina.view).to_be_hidden()
    assert not await rina.page.evaluate("document.querySelector('.room').inert")
    await expect(rina.page.get_by_label("Message #revops")).to_be_focused()
