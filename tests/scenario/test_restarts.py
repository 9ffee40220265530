"""The bot stops and starts again: what was typed, what was being checked and what was under way is all still there."""

import pytest

from bot.sandbox.polytomic.faults import Kind
from bot.sandbox.slack.things import Fault
from bot.sandbox.town import Town
from tests.conftest import OpenTown
from tests.scenario import doing

# Whole conversations with waiting in them: too long for every save, played by `make test-slow`.
pytestmark = pytest.mark.slow


async def killable(town: Town) -> None:
    """The bot of this town stops in the middle of whatever it does."""
    await town.stop_bot()
    town.grace = 0
    await town.start_bot()


async def test_what_was_typed_is_there_again(town: Town) -> None:
    """Typed, picked and never submitted: the draft is back after the restart, as it was left."""
    rina = town.person("U0REQUESTER")
    await rina.command()
    await rina.until_sees("Check contacts")
    await rina.type("Snowflake query", doing.QUERY)
    await rina.pick_found("Gong Engage flow", doing.FLOW, doing.FLOW)
    await rina.close_all()
    await killable(town)
    await rina.command()
    await rina.until_sees("Your draft is back. Nothing has been enrolled.")
    assert doing.QUERY in rina.sees()
    assert doing.FLOW in rina.sees()
    assert {} == await rina.submit()
    await rina.until_sees("will be enrolled")


async def test_an_open_form_goes_on_after_a_restart(town: Town) -> None:
    """A form that was open all the time is picked from, submitted and confirmed as if nothing had been."""
    rina = town.person("U0REQUESTER")
    await doing.open_form(rina)
    await killable(town)
    await rina.pick_found("Gong Engage flow", doing.FLOW, doing.FLOW)
    assert {} == await rina.submit()
    await rina.until_sees("will be enrolled")
    await killable(town)
    await doing.confirm(rina)
    await doing.until_ended(rina)


async def test_confirmed_while_the_flows_cannot_be_read(town: Town) -> None:
    """Without a list nobody can say that the flow is gone, so nobody does: the enrollment itself looks."""
    rina = town.person("U0REQUESTER")
    await doing.review(rina)
    town.polytomic.faults.next("target_objects", "refuse", times=5)
    await town.restart_bot()
    await doing.confirm(rina)
    await doing.until_ended(rina)


@pytest.mark.parametrize(("operation", "kind"), [("query", "slow"), ("query", "act_then_slow"), ("query_page", "slow")])
async def test_a_check_goes_on_after_a_restart(town: Town, operation: str, kind: Kind) -> None:
    """The view that stood there is brought to its end, and the query was read once."""
    rina = town.person("U0REQUESTER")
    await killable(town)
    town.polytomic.faults.next(operation, kind, seconds=1)
    await doing.check(rina)
    await rina.until(lambda: town.polytomic.faults.happened)
    read = town.warehouse.queries
    await town.restart_bot()
    await rina.until_sees("will be enrolled")
    assert town.warehouse.queries <= read + 1
    await doing.confirm(rina)
    await doing.until_ended(rina)


async def test_a_check_ends_as_a_message_when_its_view_was_closed(town: Town) -> None:
    """Closed while the bot was away: the numbers come by message, and from there to the review."""
    rina = town.person("U0REQUESTER")
    town.polytomic.switches.query_seconds = 0.6
    await doing.check(rina)
    await town.stop_bot()
    town.slack.world.screens.close_all(rina.id)  # The person closes it; nobody is there to be told.
    await town.start_bot()
    told = await rina.until_reads(rina.id, "Checked: 312 of 365 would be enrolled in Q4 Renewal. Nothing is sent yet.")
    await rina.press_in(told, "Review 312 contacts")
    await rina.until_sees("will be enrolled")
    await doing.confirm(rina)
    await doing.until_ended(rina)


@pytest.mark.parametrize(
    ("query", "end"),
    [(doing.QUERY, "will be enrolled"), ("SELECT contact_id FROM no_such_table", "Snowflake refused the query.")],
    ids=["review", "refused"],
)
async def test_killed_while_the_end_of_a_check_is_shown(town: Town, query: str, end: str) -> None:
    """The numbers were there and nobody had seen them: the next bot shows them."""
    rina = town.person("U0REQUESTER")
    await killable(town)
    town.polytomic.switches.query_seconds = 0.8
    await doing.check(rina, query)
    await rina.until(lambda: "query_page" in [one.operation for one in town.polytomic.requests])
    town.slack.world.faults.append(Fault("views.update", slow=30))
    await rina.until(lambda: not town.slack.world.faults)
    await town.restart_bot()
    await rina.until_sees(end)


async def test_a_refused_check_ends_as_a_message_too(town: Town) -> None:
    """Snowflake said no while nobody looked: the message leads back to the query."""
    rina = town.person("U0REQUESTER")
    town.polytomic.switches.query_seconds = 0.6
    await doing.check(rina, "SELECT contact_id FROM no_such_table")
    await rina.close_all()
    await town.restart_bot()
    told = await rina.until_reads(rina.id, "Snowflake refused your query. Nothing was enrolled.")
    await rina.press_in(told, "Edit query")
    await rina.until_sees("Check contacts")
    assert "no_such_table" in rina.sees()


async def test_an_enrollment_that_waits_goes_on(open_here: OpenTown) -> None:
    """Polytomic asked to wait, the bot was restarted meanwhile, and the enrollment ends all the same."""
    async with open_here(switches=doing.willing()) as town:
        rina = town.person("U0REQUESTER")
        await doing.review(rina)
        town.polytomic.faults.next("create_sync", "busy", times=2, retry_after=1)
        await doing.confirm(rina)
        await rina.until_reads("C0REVOPS", "Polytomic asks me to wait until")
        await town.restart_bot()
        assert "312 of 312 enrolled" in rina.read(await doing.until_ended(rina))
        assert 1 == len(town.polytomic.syncs)
        assert 1 == len([one for one in rina.messages("C0REVOPS") if not one.thread_ts])


async def test_a_wish_to_cancel_survives(open_here: OpenTown) -> None:
    """Pressed just before the bot went away: the run is ended by the next one."""
    async with open_here(switches=doing.willing(run_seconds=5)) as town:
        rina = town.person("U0REQUESTER")
        await doing.review(rina)
        await doing.confirm(rina)
        await rina.press_in(await rina.until_reads("C0REVOPS", "Running ·"), "Cancel")
        await town.restart_bot()
        assert "Canceled by <@U0REQUESTER>" in rina.read(await doing.until_ended(rina))
        await rina.until(lambda: [False] == [sync.active for sync in town.polytomic.syncs])
        assert [["canceled"]] == [[run.status for run in sync.runs] for sync in town.polytomic.syncs]
