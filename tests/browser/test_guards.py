"""What stands between a query and somebody's inbox, by clicking alone: approval, canary and stop, on a phone too."""

import re
from pathlib import Path

import pytest
from playwright.async_api import expect

from bot.sandbox.allowed import POLICY
from bot.sandbox.launch import Sandbox
from tests.browser import walk
from tests.browser.conftest import OpenWindow
from tests.browser.hands import PHONE, Hands
from tests.browser.test_for_everybody import looked_at

SILVER = walk.QUERY.replace("gold", "silver")
ADA = ("U0APPROVER", "D0APPROVER")
NOTE = "They renew in Q4. <!channel>"


@pytest.fixture
def policy() -> Path | None:
    """The one that `make sandbox` has."""
    return POLICY


async def ask(rina: Hands, text: str = walk.QUERY) -> None:
    """Another person's word was asked for."""
    await walk.review(rina, text)
    await expect(rina.view.locator("[type=submit]")).to_have_text(re.compile("Ask to enroll"))
    await walk.enroll(rina)
    await rina.sees("Waiting for approval", rina.room)


async def approve(ada: Hands, contacts: int, starts: str = "It starts at once") -> None:
    """A card was pressed and confirmed, as one that says when it starts, and has no buttons any more."""
    await ada.press(f"Approve {contacts} contacts", ada.room)
    await ada.sees(re.compile(f"{starts},? and cannot be recalled"), ada.page.locator("#confirm"))
    await ada.confirm("Approve")
    await ada.sees("Approved", ada.room)
    await expect(ada.room.get_by_role("button").filter(has_text="Approve")).to_have_count(0)


async def test_another_persons_word_by_phone(sandbox: Sandbox, window: OpenWindow) -> None:
    """She reads the numbers and the note, thinks about a no, and says yes: both windows follow, to the receipt."""
    rina, ada = await window(), await window(*ADA, size=PHONE)
    await walk.review(rina)
    await rina.fill("Note to the approvers", NOTE)
    await expect(rina.view.locator("[type=submit]")).to_have_text(re.compile("Ask to enroll 293"))
    wrong = await looked_at(rina.page, "the review")
    await walk.enroll(rina)
    await rina.sees("Asked @Ada or @Olga", rina.room)
    await ada.sees(NOTE, ada.room)
    await ada.sees("= will be enrolled", ada.room)
    wrong += await looked_at(ada.page, "the card")
    await ada.press("Deny", ada.room)
    await expect(ada.view.get_by_label("Reason")).to_be_focused()
    wrong += await looked_at(ada.page, "a no")
    await ada.press("Back")
    await expect(ada.view).to_be_hidden()
    await approve(ada, 293)
    await rina.sees("Partly enrolled", rina.room)
    await ada.sees("now Partly enrolled", ada.room)
    wrong += await looked_at(ada.page, "the decided card")
    done = walk.enrolled_once(sandbox)
    await rina.sees(re.compile(rf"^enrolled +{len(done)}$", re.MULTILINE), await rina.open_thread())
    assert [] == wrong + await looked_at(rina.page, "the receipt")


async def test_everything_stops(window: OpenWindow) -> None:
    """What is approved meanwhile waits, everybody reads why, and a press lets it go on."""
    rina, ada, olga = await window(size=PHONE), await window(*ADA, size=PHONE), await window("U0OPERATOR")
    await ask(rina)
    await ada.sees("Approval needed", ada.room)
    await olga.command("/enroll-flow stop too many complaints")
    await olga.sees("New enrollments are blocked.", olga.room)
    for one in (rina, ada, olga):
        await one.sees("Enrolling is stopped", one.room)
    wrong = await looked_at(ada.page, "the card while stopped")
    await approve(ada, 293, "It starts once enrolling is resumed")
    await rina.sees("On hold", rina.room)
    await ada.sees("now On hold", ada.room)
    wrong += await looked_at(rina.page, "on hold")
    await ada.go("U0APPROVER", "home")
    await ada.sees("“too many complaints”", ada.page.locator("main"))
    wrong += await looked_at(ada.page, "Home while stopped")
    await olga.command("/enroll-flow resume")
    await olga.press("Resume 1 enrollment", olga.room)
    await rina.sees("Partly enrolled", rina.room)
    assert [] == wrong


async def test_the_first_five_by_phone(sandbox: Sandbox, window: OpenWindow) -> None:
    """A long list begins with five of its own accord; they are all that is enrolled until she lets the rest go."""
    rina, ada = await window(size=PHONE), await window(*ADA)
    await walk.review(rina, SILVER)
    await expect(rina.view.get_by_label("Start with the first 5")).to_be_checked()
    wrong = await looked_at(rina.page, "the review with the first five")
    await walk.enroll(rina)
    await ada.sees("Approval needed", ada.room)
    await approve(ada, 848)
    await rina.sees("Release 843 contacts", rina.room)
    assert len(walk.enrolled_once(sandbox)) <= 5
    wrong += await looked_at(rina.page, "the first five")
    await rina.press("Release 843 contacts", rina.room)
    wrong += await looked_at(rina.page, "may the rest go")
    await rina.confirm("Release")
    await rina.sees("Partly enrolled", rina.room)
    assert len(walk.enrolled_once(sandbox)) > 5
    assert [] == wrong
