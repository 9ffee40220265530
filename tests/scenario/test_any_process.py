"""Whichever process a press or a piece of work comes to, it knows what another one did before."""

import pytest

from bot.sandbox.clock import MovableClock
from bot.sandbox.person import Person
from bot.sandbox.town import Town
from tests.conftest import OpenTown
from tests.scenario import doing

# Whole conversations with restarts in them: too long for every save, played by `make test-slow`.
pytestmark = pytest.mark.slow


async def killable(town: Town) -> None:
    """The bot of this town stops in the middle of whatever it does."""
    await town.stop_bot()
    town.grace = 0
    await town.start_bot()


async def alone(town: Town, rina: Person) -> None:
    """The review stands in front with no form beneath it, opened from a direct message."""
    town.polytomic.switches.query_seconds = 0.6
    await doing.check(rina)
    await rina.close_all()
    told = await rina.until_reads(rina.id, "Checked: 312 of 365 would be enrolled in Q4 Renewal.")
    await rina.press_in(told, "Review 312 contacts")
    await rina.until_sees("will be enrolled")


async def test_a_review_that_stands_alone_keeps_its_way_back(town: Town) -> None:
    """Another process shows it anew after a choice, and *Edit query* still leads to the form."""
    rina = town.person("U0REQUESTER")
    await alone(town, rina)
    await town.restart_bot()
    await rina.pick("Post progress in", "Another channel…")
    await rina.until_sees("Channel")
    await rina.press("Edit query")
    await rina.until_sees("Check contacts")
    assert doing.QUERY in rina.sees()


async def test_a_check_that_another_process_ends_stands_alone_as_well(open_here: OpenTown) -> None:
    """Checked again in a view without a form beneath, and ended by a bot that never saw that view."""
    clock = MovableClock()
    async with open_here(clock=clock) as town:
        rina = town.person("U0REQUESTER")
        await alone(town, rina)
        clock.on(minutes=31)
        await rina.submit()
        await rina.until_sees("Check again")
        await killable(town)
        town.polytomic.faults.next("query", "slow", seconds=1)
        await rina.press("Check again")
        await rina.until_sees("Reading the query…")
        await rina.until(lambda: town.polytomic.faults.happened)
        await town.restart_bot()
        await rina.until_sees("will be enrolled")
        await rina.press("Edit query")
        await rina.until_sees("Check contacts")


async def test_a_list_that_was_sent_is_not_offered_again_by_another_process(town: Town) -> None:
    """The place of its button says that it was sent, after a restart too."""
    rina = town.person("U0REQUESTER")
    await doing.review(rina)
    await rina.press("Send me the list")
    await rina.until(lambda: "[Send me the list]" not in rina.sees())
    sees = rina.sees()
    await town.restart_bot()
    await rina.pick("Post progress in", "A direct message to me")
    await rina.until(lambda: "Send me the list" not in rina.sees() and rina.sees() != sees)


async def test_home_follows_whoever_opened_it(open_here: OpenTown) -> None:
    """Opened before a restart, and brought up to date after it."""
    async with open_here(switches=doing.willing()) as town:
        rina = town.person("U0REQUESTER")
        await rina.open_home()
        await doing.review(rina)
        await town.restart_bot()
        await doing.confirm(rina)
        await doing.until_ended(rina)
        await rina.until(lambda: "Enrolled" in rina.home())


async def test_everybody_s_open_form_goes_on_whoever_ends_the_consent(open_here: OpenTown) -> None:
    """The bot that learns of it never saw either form; who sees it in a form has no message beside."""
    async with open_here(with_gong=False) as town:
        rina, cole = town.person("U0REQUESTER"), town.person("U0COLLEAGUE")
        await doing.open_form(rina)
        await doing.open_form(cole)
        await rina.press("Connect Gong")
        await rina.until_sees("Waiting for you in Gong.")
        link = await rina.press("Open Gong")
        await cole.command()
        await cole.until_sees("was asked to connect Gong")
        await town.stop_bot()
        await town.answer_gong(link, "allow")
        await town.start_bot()
        await rina.until_sees("Gong is connected. Choose a flow.")
        await cole.until_sees("Gong is connected. Choose a flow.")
        assert ([], []) == (rina.dms(), cole.dms())


def mended(town: Town) -> None:
    """Gong works again, as after a consent that another process saw through."""
    for connection in town.polytomic.connections:
        connection.status, connection.status_error = "healthy", None


async def test_nobody_is_refused_on_news_from_before_another_process_connected_gong(town: Town) -> None:
    """Submitted, the form finds out by itself and asks for the flow; the query is kept."""
    town.polytomic.revoke_gong()
    await town.restart_bot()
    rina = town.person("U0REQUESTER")
    await doing.open_form(rina)
    assert "Gong needs consent again." in rina.sees()
    mended(town)
    assert {} == await rina.submit()
    await rina.until_sees("Gong is connected. Choose a flow.")
    assert doing.QUERY in rina.sees()
    await rina.pick_found("Gong Engage flow", doing.FLOW, doing.FLOW)
    assert {} == await rina.submit()
    await rina.until_sees("will be enrolled")


async def test_a_form_that_is_opened_knows_what_another_process_connected(town: Town) -> None:
    """At once, not when this process would have looked again."""
    town.polytomic.revoke_gong()
    await town.restart_bot()
    rina = town.person("U0REQUESTER")
    await doing.open_form(rina)
    await rina.close_all()
    mended(town)
    await rina.command()
    await rina.until_sees("Gong: Sandbox Gong")
