"""A stop while somebody's word is waited for: it counts, and nothing starts on its strength until all is resumed."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.sandbox.crm_ids import with_suffix
from bot.sandbox.person import Person
from bot.sandbox.slack.things import Message
from bot.sandbox.town import Town
from tests.conftest import OpenTown
from tests.scenario import doing

# Whole conversations with waiting in them: too long for every save, played by `make test-slow`.
pytestmark = pytest.mark.slow

FEW = "SELECT contact_id FROM salesforce_contacts WHERE subscription_plan = 'canary'"
TWENTY = [with_suffix(f"003Can{number:09d}") for number in range(20)]
BANNER = "*Enrolling is stopped* since"
APPROVED = '[canary]\nticked_from = 1000\n[[approvals]]\nname = "large"\nthreshold = 100\napprovers = ["U0APPROVER"]\n'
CANARY = "[canary]\nticked_from = 20\n"


async def test_approved_while_stopped(open_here: OpenTown, tmp_path: Path) -> None:
    """The card has the banner for as long as it is stopped and asks; the yes is kept, and held."""
    rules = doing.policy(tmp_path, APPROVED)
    async with open_here(switches=doing.willing(run_seconds=0.1), policy_file=rules) as town:
        rina, ada = town.person("U0REQUESTER"), town.person("U0APPROVER")
        await doing.review(rina)
        await doing.confirm(rina)
        card = await ada.until_reads("U0APPROVER", "Approval needed · 312 contacts")
        await doing.stop(town)
        await ada.until(lambda: ada.read(card).startswith(f":double_vertical_bar: {BANNER}"))
        await doing.says(rina, "Waiting for approval · 312 contacts", BANNER)
        await ada.press_in(card, "Approve 312 contacts")
        await doing.says(rina, "On hold · 312 contacts", "Stopped by <@U0OPERATOR>")
        assert 0 == doing.runs(town)
        await doing.resume(town)
        assert "312 of 312 enrolled" in rina.read(await doing.until_ended(rina))
        assert 1 == doing.runs(town)
        assert BANNER not in ada.read(card)


@pytest.fixture
async def twenty(open_here: OpenTown, tmp_path: Path) -> AsyncIterator[Town]:
    """A town with a list of twenty that begins with five, as its policy says."""
    rules = doing.policy(tmp_path, CANARY)
    async with open_here(switches=doing.willing(run_seconds=0.1), policy_file=rules) as town:
        rows = [{"CONTACT_ID": one, "SUBSCRIPTION_PLAN": "canary"} for one in TWENTY]
        town.warehouse.insert("SALESFORCE_CONTACTS", rows)
        yield town


async def waiting(town: Town) -> tuple[Person, Message]:
    """Five of rina's twenty are in, the others wait for her word, and everything is stopped."""
    rina = town.person("U0REQUESTER")
    await doing.review(rina, FEW)
    await doing.confirm(rina)
    living = await rina.until_reads("C0REVOPS", "[Release 15 contacts]")
    said = await doing.stop(town)
    assert said.startswith(
        "Stopped. Nothing was about to start or running. What waits for somebody's word is held once it has it."
    )
    await doing.says(rina, "Canary · 20 contacts", BANNER)
    return rina, living


async def test_released_while_stopped(twenty: Town) -> None:
    """The canary's few are in and stay; the rest goes once it is resumed, over a restart, on the word given before."""
    rina, living = await waiting(twenty)
    await rina.press_in(living, "Release 15 contacts")
    held = await doing.says(rina, "On hold · 20 contacts", "Stopped by <@U0OPERATOR>")
    assert "5 have been enrolled so far. It goes on after `/enroll-flow resume`." in held
    await twenty.restart_bot()
    assert TWENTY[:5] == sorted(doing.in_flow(twenty))
    await doing.resume(twenty)
    assert "20 of 20 enrolled" in rina.read(await doing.until_ended(rina))
    assert TWENTY == sorted(doing.in_flow(twenty))


async def test_to_resume_is_nobodys_word_for_the_rest(twenty: Town) -> None:
    """A canary that nobody released waits through a stop, and after it."""
    rina, living = await waiting(twenty)
    assert "Nothing is on hold." in await doing.resume(twenty, "Resume")
    await rina.until(lambda: BANNER not in rina.read(living))
    assert TWENTY[:5] == sorted(doing.in_flow(twenty))
    await rina.press_in(living, "Release 15 contacts")
    assert "20 of 20 enrolled" in rina.read(await doing.until_ended(rina))
    assert TWENTY == sorted(doing.in_flow(twenty))
