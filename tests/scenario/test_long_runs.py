"""Runs that take longer than two minutes: nobody asks about them all the time, and still their end is found."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bot.sandbox.clock import MovableClock
from bot.sandbox.person import Person
from bot.sandbox.polytomic.switches import Switches
from bot.sandbox.town import Town
from tests.conftest import OpenTown
from tests.scenario import doing

# Ticks of the reconciler are waited for: too long for every save, played by `make test-slow`.
pytestmark = pytest.mark.slow


@asynccontextmanager
async def old_run(open_here: OpenTown, switches: Switches) -> AsyncIterator[tuple[Town, Person, MovableClock]]:
    """A run of 10 minutes that is past its first two, and is no longer looked at by itself."""
    clock = MovableClock()
    switches.run_seconds = 600
    async with open_here(switches=switches, clock=clock) as town:
        rina = town.person("U0REQUESTER")
        await doing.review(rina)
        await doing.confirm(rina)
        await rina.until_reads("C0REVOPS", "Running ·")
        looked = asked(town, "execution")
        clock.on(minutes=3)
        await rina.until(lambda: asked(town, "execution") > looked, patience=20)
        yield town, rina, clock


def asked(town: Town, operation: str) -> int:
    """How often Polytomic was asked this."""
    return [one.operation for one in town.polytomic.requests].count(operation)


async def test_an_end_is_found_by_its_event(open_here: OpenTown) -> None:
    """One look after the event, none before it."""
    async with old_run(open_here, doing.willing()) as (town, rina, clock):
        looked, read = asked(town, "execution"), asked(town, "events")
        clock.on(minutes=4)
        await rina.until(lambda: asked(town, "events") > read, patience=20)
        assert looked == asked(town, "execution")
        # Not long enough for a look at a run that is quiet.
        clock.on(minutes=4)
        assert "312 of 312 enrolled" in rina.read(await doing.until_ended(rina, patience=30))
        assert 312 == len(doing.in_flow(town))
        assert looked + 1 == asked(town, "execution")


async def test_an_end_is_found_without_any_event(open_here: OpenTown) -> None:
    """Every event is lost: it is looked at because nothing was heard of it for ten minutes."""
    async with old_run(open_here, doing.willing(events_lost_every=1)) as (town, rina, clock):
        clock.on(minutes=18)
        assert "312 of 312 enrolled" in rina.read(await doing.until_ended(rina, patience=30))
        assert 312 == len(doing.in_flow(town))


async def test_a_run_of_long_standing_is_canceled_at_once(open_here: OpenTown) -> None:
    """A person who cancels does not wait until something is heard of the run."""
    async with old_run(open_here, doing.willing()) as (town, rina, _):
        await rina.press_in(rina.messages("C0REVOPS")[0], "Cancel")
        assert "Canceled" in rina.read(await doing.until_ended(rina, patience=10))
        assert [["canceled"]] == [[run.status for run in sync.runs] for sync in town.polytomic.syncs]
