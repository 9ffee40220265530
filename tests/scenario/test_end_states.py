"""However an enrollment ends: its sync is off, its message says what became of people, and a mention says so once."""

from collections.abc import Callable

import pytest

from bot.sandbox.person import Person
from bot.sandbox.polytomic.gong import FlowField
from bot.sandbox.polytomic.switches import Switches
from bot.sandbox.slack.things import Message
from bot.sandbox.town import Town
from tests.conftest import OpenTown
from tests.scenario import doing

# Whole conversations with waiting in them: too long for every save, played by `make test-slow`.
pytestmark = pytest.mark.slow

RIGHTS_LOST = "Your rights changed after you confirmed (rule `people`)."


async def started(town: Town, person: Person) -> Message:
    """The query is confirmed; the living message stands in the channel."""
    await doing.review(person)
    await doing.confirm(person)
    return await person.until_reads("C0REVOPS", "312 contacts → Q4 Renewal")


async def until_over(town: Town, person: Person, *said: str) -> Message:
    """The living message ends with all these words, and no sync is active any more."""
    living = await doing.until_ended(person)
    words = person.read(living)
    assert [] == [one for one in said if one not in words], words
    await person.until(lambda: not any(sync.active for sync in town.polytomic.syncs))
    await person.until(lambda: not any(sync.current for sync in town.polytomic.syncs))
    return living


async def until_pinged(person: Person, living: Message, words: str) -> None:
    """One mention with these words stands in the thread."""
    ping = await person.until_reads("C0REVOPS", words)
    assert living.ts == ping.thread_ts
    assert person.read(ping).startswith("<@U0REQUESTER> ")
    assert [ping] == in_thread(person)


def in_thread(person: Person) -> list[Message]:
    """What stands in threads of the channel, beside receipts, which mention nobody."""
    return [one for one in person.messages("C0REVOPS") if one.thread_ts and "Receipt E-" not in person.read(one)]


async def test_enrolled(open_here: OpenTown) -> None:
    """Everybody is in."""
    async with open_here(switches=doing.willing()) as town:
        rina = town.person("U0REQUESTER")
        await started(town, rina)
        living = await until_over(town, rina, "Enrolled · 312 contacts", "312 of 312 enrolled in", "[Enroll more]")
        await until_pinged(rina, living, "Done: 312 contacts are in Q4 Renewal.")


async def test_partly_enrolled(town: Town) -> None:
    """Some were refused: who and why comes as a file to the requester alone."""
    rina = town.person("U0REQUESTER")
    await started(town, rina)
    living = await until_over(town, rina, "Partly enrolled · 312 contacts", "[Send me the refused]")
    enrolled = len(doing.in_flow(town))
    refused = 312 - enrolled
    assert f"{enrolled} of 312 enrolled, {refused} refused:" in rina.read(living)
    await until_pinged(rina, living, f"{enrolled} of 312 contacts are in Q4 Renewal. {refused} were refused")
    await rina.until_reads(rina.id, f"{refused} refused contacts of ")


async def test_everybody_refused(open_here: OpenTown) -> None:
    """Nobody got in: that is a failure, and the file says why."""
    async with open_here(switches=Switches(not_in_crm_percent=100)) as town:
        rina = town.person("U0REQUESTER")
        await started(town, rina)
        said = "Gong refused all 312. Nobody was enrolled. Most: not in the CRM linked to Gong."
        living = await until_over(town, rina, "Failed · 312 contacts", said, "[Edit and try again]")
        await until_pinged(rina, living, "Gong refused all 312. I sent you the list.")
        await rina.until_reads(rina.id, "312 refused contacts of ")


async def test_the_run_fails_half_way(open_here: OpenTown) -> None:
    """Those who were moved before are counted, not forgotten."""
    async with open_here(switches=doing.willing(run_ends="failed")) as town:
        rina = town.person("U0REQUESTER")
        await started(town, rina)
        living = await until_over(town, rina, "Failed ·", "Polytomic ended the run.", "were enrolled before that.")
        enrolled = len(doing.in_flow(town))
        assert 0 < enrolled < 312
        assert f"{enrolled} of 312 were enrolled before that. Reference `R-" in rina.read(living)
        await until_pinged(rina, living, f"This failed: Polytomic ended the run. {enrolled} were enrolled.")


async def test_the_table_is_gone_when_the_run_starts(town: Town) -> None:
    """A run that cannot read the query moves nobody, and the message says nobody."""
    rina = town.person("U0REQUESTER")
    town.polytomic.faults.next("start", "slow", seconds=0.3)
    await started(town, rina)
    await rina.until(lambda: town.polytomic.syncs)
    town.warehouse.execute('DROP TABLE "SALESFORCE_CONTACTS"')
    living = await until_over(town, rina, "Failed ·", "Polytomic ended the run. Nobody was enrolled before that.")
    await until_pinged(rina, living, "This failed: Polytomic ended the run. Nobody was enrolled.")


def flow_goes(town: Town) -> None:
    """Somebody deletes the flow in Gong."""
    town.polytomic.gong.remove_flow(town.polytomic.gong.flow_named(doing.FLOW).id)


def flow_asks_more(town: Town) -> None:
    """Somebody makes the flow require a field."""
    flow = town.polytomic.gong.flow_named(doing.FLOW)
    town.polytomic.gong.require(flow.id, FlowField("region", "Region"))


@pytest.mark.parametrize(
    ("change", "said", "pinged"),
    [
        (
            flow_goes,
            "“Q4 Renewal” is no longer in Gong. Nobody was enrolled. Choose another flow; your query is kept.",
            "This failed: the flow is no longer in Gong. Nobody was enrolled. Your query is kept.",
        ),
        (
            flow_asks_more,
            "Q4 Renewal now also needs Region. Nobody was enrolled. Fill it in and confirm again.",
            "This failed: the flow now also needs another field. Nobody was enrolled. Your query is kept.",
        ),
    ],
    ids=["flow vanished", "field newly required"],
)
async def test_the_flow_changed_since_the_review(
    town: Town, change: Callable[[Town], None], said: str, pinged: str
) -> None:
    """What was confirmed no longer holds in Gong: nothing is made, and the query comes back in a draft."""
    rina = town.person("U0REQUESTER")
    await doing.review(rina)
    change(town)
    await doing.confirm(rina)
    living = await until_over(town, rina, "Failed · 312 contacts", said)
    await until_pinged(rina, living, pinged)
    assert () == town.polytomic.syncs
    await rina.press_in(living, "Edit and try again")
    await rina.until_sees("Check contacts")
    assert doing.QUERY in rina.sees()


async def test_rights_lost_after_the_confirm(town: Town) -> None:
    """Who may no longer enroll when the run is about to start enrolls nobody."""
    rina = town.person("U0REQUESTER")
    await town.stop_bot()
    town.grace = 0
    await town.start_bot()
    town.polytomic.faults.next("create_sync", "slow", seconds=0.5)
    await started(town, rina)
    await rina.until(lambda: town.polytomic.faults.happened)
    town.slack.world.groups["S0REVOPS"].remove(rina.id)
    await town.restart_bot()
    living = await until_over(town, rina, "Failed ·", f"{RIGHTS_LOST} Nobody was enrolled.")
    await until_pinged(rina, living, "your rights changed after you confirmed (rule `people`). Nobody was enrolled.")
    assert [] == doing.in_flow(town)
    assert [[]] == [sync.runs for sync in town.polytomic.syncs]


async def test_canceled_before_the_run(town: Town) -> None:
    """Nobody was asked for yet, so nobody is; who canceled it is not told what they know."""
    rina = town.person("U0REQUESTER")
    town.polytomic.faults.next("create_sync", "slow", seconds=1)
    living = await started(town, rina)
    await rina.press_in(living, "Cancel")
    await until_over(town, rina, "Canceled ·", "Canceled by <@U0REQUESTER>", "Nobody was enrolled.")
    assert [] == doing.in_flow(town)
    assert [] == in_thread(rina)
    assert not [run for sync in town.polytomic.syncs for run in sync.runs]


async def test_canceled_during_the_run(open_here: OpenTown) -> None:
    """Polytomic ends the run; those who are in stay, and the message says how many."""
    async with open_here(switches=doing.willing(run_seconds=5)) as town:
        rina = town.person("U0REQUESTER")
        await started(town, rina)
        await rina.until(lambda: doing.in_flow(town), patience=8)
        await rina.press_in(await rina.until_reads("C0REVOPS", "Running ·"), "Cancel")
        living = await until_over(town, rina, "Canceled by <@U0REQUESTER>")
        enrolled = len(doing.in_flow(town))
        assert 0 < enrolled < 312
        assert f"{enrolled} were already enrolled and stay; {312 - enrolled} were not." in rina.read(living)
        assert [["canceled"]] == [[run.status for run in sync.runs] for sync in town.polytomic.syncs]


async def test_canceled_by_an_operator(town: Town) -> None:
    """The requester is told who did it."""
    rina, olga = town.person("U0REQUESTER"), town.person("U0OPERATOR")
    town.polytomic.faults.next("create_model", "slow", seconds=1)
    await olga.press_in(await started(town, rina), "Cancel")
    living = await until_over(town, rina, "Canceled by <@U0OPERATOR>", "Nobody was enrolled.")
    await until_pinged(rina, living, "Canceled by <@U0OPERATOR>. Nobody enrolled.")


async def test_canceled_by_nobody_else(town: Town) -> None:
    """Somebody else's press changes nothing, and they alone read why."""
    rina, ben = town.person("U0REQUESTER"), town.person("U0BYSTANDER")
    town.polytomic.faults.next("create_model", "slow", seconds=1)
    await ben.press_in(await started(town, rina), "Cancel")
    await ben.until_whispered("belongs to <@U0REQUESTER>. Only they or an operator can cancel it. Nothing changed.")
    await until_over(town, rina, "Partly enrolled")
    await until_over(town, rina, "nrolled ·")


@pytest.mark.parametrize("run_ends", ["interrupted", pytest.param("never", marks=pytest.mark.slow)])
async def test_a_run_that_does_not_end(open_here: OpenTown, run_ends: str) -> None:
    """It is watched on, whatever status nobody has heard of it has, and can be canceled."""
    async with open_here(switches=doing.willing(run_ends=run_ends)) as town:
        rina = town.person("U0REQUESTER")
        await started(town, rina)
        running = await rina.until_reads("C0REVOPS", "156 enrolled, 0 refused so far")
        looks = len(town.polytomic.requests)
        await rina.until(lambda: len(town.polytomic.requests) > looks + 1)
        await rina.press_in(running, "Cancel")
        await until_over(town, rina, "156 were already enrolled and stay; 156 were not.")
        assert 156 == len(doing.in_flow(town))
