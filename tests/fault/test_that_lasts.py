"""Trouble that does not go away: the enrollment ends all the same, or waits for a person who can let it go on."""

import pytest

from bot.sandbox.clock import MovableClock
from bot.sandbox.polytomic.faults import Kind
from tests.conftest import OpenTown
from tests.fault import crossing
from tests.fault.crossing import Trouble

# Whole conversations with waiting in them: too long for every save, played by `make test-slow`.
pytestmark = pytest.mark.slow

LONG = 99
LOST = Trouble("start", "act_then_cut")
UNSEEN = {
    "no list of runs": Trouble("executions", "refuse", LONG, status=404),
    "odd list of runs": Trouble("executions", "odd", LONG),
}


@pytest.mark.parametrize("unseen", [pytest.param(UNSEEN[name], id=name) for name in UNSEEN])
async def test_a_run_that_nobody_may_look_for(open_here: OpenTown, unseen: Trouble) -> None:
    """Whether people were enrolled is not known, so nobody says that nobody was; seen again, it goes on."""
    async with crossing.opened(open_here) as town:
        crossed = await crossing.cross(town, LOST, unseen)
        await crossing.holds(crossed)
        assert "Needs attention ·" in crossed.words
        assert "obody was enrolled." not in crossed.words
        assert crossed.rest is not None
        town.polytomic.faults.clear()
        await crossed.rina.press_in(crossed.rest, "Check again")
        await crossed.rina.until(lambda: "Needs attention ·" not in crossed.words)
        await crossing.come_to_rest(crossed)
        await crossing.holds(crossed)
        assert "9 of 10 enrolled, 1 refused" in crossed.words


@pytest.mark.slow
async def test_a_run_that_nobody_has_rights_to_look_for(open_here: OpenTown) -> None:
    """Whether people were enrolled is not known, so nobody says that nobody was; with rights again it goes on."""
    unseen = Trouble("executions", "refuse", LONG, status=403)
    async with crossing.opened(open_here) as town:
        crossed = await crossing.cross(town, LOST, unseen, rested=("Retrying ·",))
        assert "Who has been enrolled cannot be seen now; nobody will be enrolled twice." in crossed.words
        town.polytomic.faults.clear()
        await crossing.come_to_rest(crossed)
        await crossing.holds(crossed)
        assert "9 of 10 enrolled, 1 refused" in crossed.words


@pytest.mark.slow
async def test_a_run_that_nobody_gets_the_rights_to_look_for(open_here: OpenTown) -> None:
    """After a day it is a question to the operator, and it still says nothing of nobody."""
    clock = MovableClock()
    async with crossing.opened(open_here, clock=clock) as town:
        crossed = await crossing.cross(
            town, LOST, Trouble("executions", "refuse", LONG, status=403), rested=("Retrying ·",)
        )
        clock.on(hours=24, minutes=1)
        await crossing.come_to_rest(crossed)
        await crossing.holds(crossed)
        assert "Needs attention ·" in crossed.words
        assert "obody was enrolled." not in crossed.words


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["odd", "refuse", "locked", "cut_before"])
async def test_a_log_that_cannot_be_had(open_here: OpenTown, kind: Kind) -> None:
    """The counts are the truth; who was refused and why is then "other", and no reason to keep everybody waiting."""
    async with crossing.opened(open_here) as town:
        crossed = await crossing.cross(town, Trouble("log_urls", kind, LONG))
        await crossing.holds(crossed)
        assert "9 of 10 enrolled, 1 refused:\n• 1 other" in crossed.words


@pytest.mark.slow
@pytest.mark.parametrize("operation", ["create_model", "create_sync", "start"])
@pytest.mark.parametrize("status", [401, 422])
async def test_a_call_that_is_refused_for_good(open_here: OpenTown, operation: str, status: int) -> None:
    """It ends before anybody is enrolled, in words, and what was made is switched off.

    What the operator might mend is waited for, a day long.
    """
    clock = MovableClock()
    async with crossing.opened(open_here, clock=clock) as town:
        refused = Trouble(operation, "refuse", LONG, status=status)
        crossed = await crossing.cross(town, refused, rested=("Retrying ·",) if status == 401 else ())
        if status == 401:
            assert "Polytomic refuses the bot's key. Nobody has been enrolled." in crossed.words
            clock.on(hours=24, minutes=1)
            await crossing.come_to_rest(crossed)
        await crossing.holds(crossed)
        assert "Failed ·" in crossed.words
        assert "Nobody was enrolled" in crossed.words
