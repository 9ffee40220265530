"""A start was never answered, and nobody could be asked about it until a person had to: what that person can do."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bot.sandbox.person import Person
from bot.sandbox.polytomic.faults import Kind
from bot.sandbox.town import Town
from tests.conftest import OpenTown
from tests.scenario import doing

# Whole conversations with waiting in them: too long for every save, played by `make test-slow`.
pytestmark = pytest.mark.slow

NO_START: Kind = "cut_before"
LOST_ANSWER: Kind = "act_then_cut"


@asynccontextmanager
async def lost(open_here: OpenTown, start: Kind) -> AsyncIterator[tuple[Town, Person]]:
    """The enrollment needs attention before anybody knows of a run."""
    # Nobody says that nobody was enrolled while the start may be under way: three times as long as an answer may take.
    async with open_here(switches=doing.willing(run_seconds=0.2), polytomic_timeout=1) as town:
        rina = town.person("U0REQUESTER")
        await doing.review(rina)
        town.polytomic.faults.next("start", start)
        town.polytomic.faults.next("executions", "odd", 99)
        await doing.confirm(rina)
        await rina.until_reads("C0REVOPS", "Needs attention", patience=20)
        town.polytomic.faults.clear()
        yield town, rina


@pytest.mark.slow
async def test_a_run_that_was_started_is_found(open_here: OpenTown) -> None:
    """*Check again* finds the run, and the enrollment ends as if nothing had been lost."""
    async with lost(open_here, LOST_ANSWER) as (town, rina):
        await rina.press_in(rina.messages("C0REVOPS")[0], "Check again")
        assert "Enrolled" in rina.read(await doing.until_ended(rina))
        assert 1 == len(town.polytomic.syncs[0].runs)


async def test_a_run_that_never_was_can_be_canceled(open_here: OpenTown) -> None:
    """*Cancel* ends it with nobody enrolled and the sync inactive; *Check again* starts nothing before."""
    async with lost(open_here, NO_START) as (town, rina):
        await rina.press_in(rina.messages("C0REVOPS")[0], "Check again")
        await rina.press_in(rina.messages("C0REVOPS")[0], "Cancel")
        assert "Nobody was enrolled." in rina.read(await doing.until_ended(rina))
        await rina.until(lambda: [False] == [sync.active for sync in town.polytomic.syncs])
        assert [] == town.polytomic.syncs[0].runs


async def test_polytomic_stumbles_over_the_wish_to_cancel(open_here: OpenTown) -> None:
    """An answer that is kept under its key for a day does not keep the run going: it is asked for anew."""
    async with open_here(switches=doing.willing(run_seconds=20)) as town:
        rina = town.person("U0REQUESTER")
        await doing.review(rina)
        await doing.confirm(rina)
        living = await rina.until_reads("C0REVOPS", "Running")
        town.polytomic.faults.next("cancel", "refuse")
        await rina.press_in(living, "Cancel")
        assert "Canceled" in rina.read(await doing.until_ended(rina))
        assert [False] == [sync.active for sync in town.polytomic.syncs]
