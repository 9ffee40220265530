"""Several calls of one enrollment going wrong, drawn at random from a seed that never changes: still once."""

import random
from typing import get_args

import pytest

from bot.sandbox.polytomic.faults import Kind
from tests.conftest import OpenTown
from tests.fault import crossing
from tests.fault.crossing import CALLS, TIMEOUT, Trouble

KINDS: tuple[Kind, ...] = get_args(Kind)
SCOPES = ("path", "key", "ignored")

# The answer is lost, and then the look for what it made, or the second try, goes wrong as well.
WORST = [
    (Trouble("create_model", "act_then_cut"), Trouble("models", "refuse")),
    (Trouble("create_sync", "act_then_500"), Trouble("syncs", "cut_before")),
    (Trouble("start", "act_then_cut"), Trouble("executions", "odd")),
    (Trouble("start", "refuse"), Trouble("start", "act_then_500")),
    (Trouble("start", "slow"), Trouble("start", "busy")),
]


def drawn(seed: int) -> tuple[Trouble, ...]:
    """Two or three troubles that only this seed gives."""
    dice = random.Random(seed)
    return tuple(Trouble(dice.choice(CALLS), dice.choice(KINDS)) for _ in range(dice.randint(2, 3)))


RANDOM = [(drawn(seed), SCOPES[seed % len(SCOPES)]) for seed in range(15)]


@pytest.mark.slow
@pytest.mark.parametrize("troubles", WORST, ids=lambda troubles: "+".join(map(str, troubles)))
async def test_the_second_trouble_hits_the_mending(open_here: OpenTown, troubles: tuple[Trouble, ...]) -> None:
    """Not knowing for longer is no reason to do it twice."""
    async with crossing.opened(open_here, *troubles, key_scope="ignored") as town:
        await crossing.holds(await crossing.cross(town, *troubles))


@pytest.mark.slow
@pytest.mark.parametrize("operation", ["create_model", "create_sync", "start"])
async def test_a_new_key_waits_for_the_old_call(open_here: OpenTown, operation: str) -> None:
    """A call that was never answered may yet be under way: no answer to its repetition makes it safe to ask anew."""
    troubles = Trouble(operation, "slow", seconds=TIMEOUT * 7), Trouble(operation, "busy")
    async with crossing.opened(open_here, *troubles) as town:
        crossed = await crossing.cross(town, *troubles)
        await crossing.holds(crossed)
        assert "9 of 10 enrolled, 1 refused" in crossed.words


@pytest.mark.slow
async def test_a_connection_that_is_long_in_the_making(open_here: OpenTown) -> None:
    """Asking again while it is made is asking under the same key: Polytomic has one Gong connection in the end."""
    trouble = Trouble("create_connection", "slow", seconds=TIMEOUT * 7)
    async with crossing.opened(open_here, trouble) as town:
        await crossing.holds(await crossing.cross(town, trouble))


@pytest.mark.slow
@pytest.mark.parametrize(("troubles", "scope"), RANDOM, ids=["+".join(map(str, one)) + f"-{at}" for one, at in RANDOM])
async def test_troubles_at_random(open_here: OpenTown, troubles: tuple[Trouble, ...], scope: str) -> None:
    """The enrollment comes to an end or waits for a person, and everything that was done was done once."""
    async with crossing.opened(open_here, *troubles, key_scope=scope) as town:
        await crossing.holds(await crossing.cross(town, *troubles))
