"""The first few go before the rest: looked at, released by one press, or ended there."""

from collections.abc import AsyncIterator

import pytest

from bot.sandbox.clock import MovableClock
from bot.sandbox.crm_ids import with_suffix
from bot.sandbox.person import Person
from bot.sandbox.slack.things import Message
from bot.sandbox.town import Town
from tests.conftest import OpenTown
from tests.scenario import doing

FEW = "SELECT contact_id FROM salesforce_contacts WHERE subscription_plan = 'canary'"
TWENTY = [with_suffix(f"003Can{number:09d}") for number in range(20)]
TICK = "Start with the first 5 and wait for my word"
GOOD = ":white_check_mark: 5 of 5 enrolled. Look at them in Gong, then release the rest. Expires "


@pytest.fixture
def clock() -> MovableClock:
    """A clock that a test can move."""
    return MovableClock()


@pytest.fixture
async def twenty(open_here: OpenTown, clock: MovableClock) -> AsyncIterator[Town]:
    """A town with a list of twenty: the fewest of whom the review offers to let five go first."""
    async with open_here(clock=clock, switches=doing.willing(run_seconds=0.2), batch_size=10) as town:
        rows = [{"CONTACT_ID": one, "SUBSCRIPTION_PLAN": "canary"} for one in TWENTY]
        town.warehouse.insert("SALESFORCE_CONTACTS", rows)
        yield town


async def five_first(rina: Person) -> None:
    """The review was confirmed with its tick: five go before the others."""
    await doing.review(rina, FEW)
    await rina.tick("How it begins", TICK)
    await rina.until(lambda: doing.button(rina) == "Start with 5 of 20")
    await doing.confirm(rina)


async def waiting(town: Town) -> tuple[Person, Message]:
    """The canary has run, and the requester is asked for a word."""
    rina = town.person("U0REQUESTER")
    await five_first(rina)
    message = await rina.until_reads("C0REVOPS", "[Release 15 contacts]")
    assert TWENTY[:5] == sorted(doing.in_flow(town))
    return rina, message


def sent(town: Town) -> list[str]:
    """Everybody who was ever named in a run."""
    return sorted(record.identity for sync in town.polytomic.syncs for run in sync.runs for record in run.plan.records)


async def test_released_by_one_press(twenty: Town) -> None:
    """Five are in and looked at; then the other fifteen go, and everybody is in once."""
    rina, message = await waiting(twenty)
    assert "Canary · 20 contacts → Q4 Renewal" in rina.read(message)
    assert GOOD in rina.read(message)
    await rina.until_reads("C0REVOPS", "<@U0REQUESTER> 5 of 5 enrolled. 15 wait for your word.")
    await rina.press_in(message, "Release 15 contacts")
    assert "20 of 20 enrolled" in rina.read(await doing.until_ended(rina))
    assert sent(twenty) == sorted(doing.in_flow(twenty)) == TWENTY
    assert [5, 10, 5] == [len(run.plan.records) for run in twenty.polytomic.syncs[0].runs]
    receipt = rina.read(await rina.until_reads("C0REVOPS", "Receipt E-"))
    facts = ("requester   @Rina", "sent        20", "enrolled    20", "canary      5", "released by @Rina")
    assert [] == [fact for fact in facts if fact not in receipt]
    await rina.until(lambda: "Receipt in the thread" in rina.read(message))


@pytest.mark.slow
async def test_while_it_runs_it_is_called_a_canary(twenty: Town) -> None:
    """Who waits is told from the first moment, and canceling then is canceling a run."""
    twenty.polytomic.switches.run_seconds = 3
    rina = twenty.person("U0REQUESTER")
    await five_first(rina)
    running = await rina.until_reads("C0REVOPS", "Enrolling the first 5. The other 15 wait.")
    assert "Canary · 20 contacts → Q4 Renewal" in rina.read(running)
    await rina.press_in(running, "Cancel")
    ended = rina.read(await doing.until_ended(rina))
    assert "Canceled by <@U0REQUESTER>" in ended
    assert set(sent(twenty)) <= set(TWENTY[:5])


@pytest.mark.slow
async def test_a_bad_canary_stops_there(twenty: Town) -> None:
    """What was refused stands in the message, nobody else was touched, and releasing is not the way that is offered."""
    twenty.polytomic.gong.forget(*TWENTY[:2])
    rina = twenty.person("U0REQUESTER")
    await five_first(rina)
    message = await rina.until_reads(
        "C0REVOPS",
        ":warning: 3 of 5 enrolled, 2 refused: not in the CRM linked to Gong. The other 15 were not touched.",
    )
    await rina.until_reads("C0REVOPS", "<@U0REQUESTER> 3 of 5 enrolled, 2 refused. 15 wait for your word.")
    styles = [one.get("style") for block in message.blocks for one in block.get("elements", ()) if "action_id" in one]
    assert [None, None] == styles
    await rina.press_in(message, "Stop here")
    ended = rina.read(await doing.until_ended(rina))
    assert "Canceled by <@U0REQUESTER>" in ended
    assert "3 were already enrolled and stay; 17 were not." in ended
    assert TWENTY[:5] == sent(twenty)


@pytest.mark.slow
async def test_stopped_after_five(twenty: Town) -> None:
    """The five stay, the fifteen are never asked for, and the sync is retired; a late Release changes nothing."""
    rina, message = await waiting(twenty)
    await rina.press_in(message, "Stop here", dismiss=True)
    assert "[Release 15 contacts]" in rina.read(message)
    released = message.blocks
    await rina.press_in(message, "Stop here")
    ended = await doing.until_ended(rina)
    assert "5 were already enrolled and stay; 15 were not." in rina.read(ended)
    await rina.until(lambda: [False] == [sync.active for sync in twenty.polytomic.syncs])
    ended.blocks = released
    await rina.press_in(ended, "Release 15 contacts")
    await rina.until_whispered("This button is from an earlier state; nothing changed. Now: *Canceled*")
    assert TWENTY[:5] == sent(twenty)


@pytest.mark.slow
async def test_nobody_releases_in_time(twenty: Town, clock: MovableClock) -> None:
    """After a day it has expired: the five stay, the requester is told, and a press that comes later starts nothing."""
    rina, message = await waiting(twenty)
    released = message.blocks
    clock.on(hours=23, minutes=59)
    await rina.open_home()
    await rina.until(lambda: "[Release 15 contacts]" in rina.home())
    clock.on(minutes=2)
    words = "The canary was not released within 24 hours; its 5 stay. Your query is kept."
    ended = await rina.until_reads("C0REVOPS", words)
    assert "Expired · 20 contacts" in rina.read(ended)
    await rina.until_reads(
        "C0REVOPS", "<@U0REQUESTER> Expired: the canary was not released. Its 5 stay, 15 were not enrolled."
    )
    ended.blocks = released
    await rina.press_in(ended, "Release 15 contacts")
    await rina.until_whispered("nothing changed. Now: *Expired*")
    assert TWENTY[:5] == sent(twenty)


@pytest.mark.slow
async def test_who_may_release(twenty: Town) -> None:
    """Strangers change nothing; an operator may, after a restart too; whoever presses second reads who was first."""
    rina, message = await waiting(twenty)
    ben, olga = twenty.person("U0BYSTANDER"), twenty.person("U0OPERATOR")
    for label, deed in (("Release 15 contacts", "release"), ("Stop here", "cancel")):
        await ben.press_in(message, label)
        await ben.until_whispered(
            f"belongs to <@U0REQUESTER>. Only they or an operator can {deed} it. Nothing changed."
        )
    await twenty.restart_bot()
    assert TWENTY[:5] == sent(twenty)
    released = message.blocks
    await olga.press_in(message, "Release 15 contacts")
    ended = await doing.until_ended(rina)
    ended.blocks = released
    await rina.press_in(ended, "Release 15 contacts")
    await rina.until_whispered("Already released by <@U0OPERATOR>")
    await rina.press_in(ended, "Stop here")
    assert sent(twenty) == sorted(doing.in_flow(twenty)) == TWENTY


@pytest.mark.slow
async def test_rights_are_asked_again_when_it_is_released(twenty: Town) -> None:
    """Whoever may not enroll any more has five in, and the rest is not asked for, whoever released it."""
    rina, message = await waiting(twenty)
    twenty.slack.world.groups["S0REVOPS"].remove("U0REQUESTER")
    await twenty.restart_bot()
    await twenty.person("U0OPERATOR").press_in(message, "Release 15 contacts")
    ended = rina.read(await doing.until_ended(rina))
    assert "Your rights changed after you confirmed (rule `people`). 5 were enrolled." in ended
    assert TWENTY[:5] == sent(twenty)


@pytest.mark.slow
async def test_ended_from_the_command(twenty: Town) -> None:
    """`cancel` says what ending now means, and counts it among those that wait."""
    rina, _ = await waiting(twenty)
    await rina.command("status")
    await rina.until_whispered("1 waiting, 0 running")
    await rina.command("cancel")
    asked = await rina.until_whispered("The 5 stay in the flow. The other 15 are not enrolled.")
    await rina.press_in(asked, "Cancel enrollment")
    assert "5 were already enrolled and stay; 15 were not." in rina.read(await doing.until_ended(rina))
    assert TWENTY[:5] == sent(twenty)
