"""Kills that are aimed: there is one worker, so that it is known who has the work in hand when it dies."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.sandbox.person import Person
from bot.sandbox.polytomic.faults import Kind
from bot.sandbox.polytomic.switches import Switches
from bot.sandbox.slack.things import Message
from bot.sandbox.town import Town, open_town
from tests import processes
from tests.fault.crowd import Wish, Wishes
from tests.fault.figures import duplicates
from tests.fault.kills import AT_LAST
from tests.postgresql import Server
from tests.processes import Processes
from tests.scenario import doing

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

TICK = 15
"""Seconds between two looks of the reconciler."""


@asynccontextmanager
async def one_worker(url: str, folder: Path, port: int, switches: Switches) -> AsyncIterator[tuple[Town, Processes]]:
    """A town with one web process and one worker."""
    commands = {"web": ("web", "--port", str(port)), "worker": ("worker",)}
    async with open_town(url, switches=switches) as town, processes.running(town, commands, folder, port=port) as bot:
        yield town, bot


async def confirmed(town: Town) -> tuple[Person, Message, Wish]:
    """What Rina wished for is confirmed, and its living message stands."""
    rina, wish = town.person("U0REQUESTER"), Wishes(town).next()
    await doing.review(rina, wish.query)
    await doing.confirm(rina)
    return rina, await rina.until_reads("C0REVOPS", "Launching ·"), wish


async def dies_in(town: Town, bot: Processes, operation: str, *, patience: float = 30) -> None:
    """The worker was killed while this call was in its hands, and another one began."""
    happened = town.polytomic.faults.happened
    rina = town.person("U0REQUESTER")
    await rina.until(lambda: operation in [one.operation for one in happened], patience=patience)
    await bot.kill("worker")
    await bot.start("worker")


@pytest.mark.parametrize(
    ("operation", "kind"),
    [("create_sync", "act_then_slow"), ("start", "slow"), ("start", "act_then_slow"), ("execution", "slow")],
)
async def test_killed_while_a_twin_is_queued(
    postgresql: Server, tmp_path: Path, unused_tcp_port: int, operation: str, kind: Kind
) -> None:
    """Cancel came while the row was in hand: its turn waits behind that of a dead worker, and is not lost."""
    async with one_worker(postgresql.url(), tmp_path, unused_tcp_port, doing.willing(run_seconds=5)) as (town, bot):
        town.polytomic.faults.next(operation, kind, seconds=6)
        rina, living, wish = await confirmed(town)
        await rina.until(lambda: town.polytomic.faults.happened, patience=30)
        await rina.press_in(living, "Cancel")
        await asyncio.sleep(0.5)  # What is pressed is acknowledged before it is done.
        await dies_in(town, bot, operation)
        ended = await doing.until_ended(rina, patience=AT_LAST)
        assert "Canceled by <@U0REQUESTER>" in rina.read(ended)
        await rina.until(lambda: not any(sync.active for sync in town.polytomic.syncs), patience=15)
        assert 0 == duplicates(town)
        assert 1 == len(town.polytomic.syncs)
        assert 1 >= len(town.polytomic.syncs[0].runs)
        assert set(doing.in_flow(town)) <= set(wish.contacts)


async def test_killed_while_it_runs_the_reconciler(postgresql: Server, tmp_path: Path, unused_tcp_port: int) -> None:
    """The one look at what happened, for all runs, dies with its worker: the next one has it, and the end is found."""
    # Only of runs that are older than two minutes does the reconciler want to hear.
    async with one_worker(postgresql.url(), tmp_path, unused_tcp_port, doing.willing(run_seconds=150)) as (town, bot):
        town.polytomic.faults.next("events", "slow", seconds=60)
        rina, _, wish = await confirmed(town)
        await dies_in(town, bot, "events", patience=200)
        await rina.until(
            lambda: "events" in [one.operation for one in town.polytomic.requests], patience=AT_LAST + TICK
        )
        await doing.until_ended(rina, patience=AT_LAST + TICK + 20)
        assert 0 == duplicates(town)
        assert 1 == len(town.polytomic.syncs[0].runs)
        assert set(doing.in_flow(town)) == set(wish.contacts[wish.refused :])
