"""Whatever Polytomic's Idempotency-Keys are worth, calls whose answer was lost are not done a second time."""

import pytest

from bot.sandbox.polytomic.faults import Kind
from tests.conftest import OpenTown
from tests.fault import crossing
from tests.fault.crossing import Trouble

MAKE = ("create_model", "create_sync", "start")
LOST: tuple[Kind, ...] = ("act_then_cut", "act_then_500", "act_then_slow", "odd", "null", "refuse", "busy")
SCOPES = ("key", "ignored")
"""The grid itself runs with keys per path."""

# Keys that mean nothing are the hardest case, and a lost answer the commonest; the others are slow together.
CELLS = [
    pytest.param(
        Trouble(operation, kind),
        scope,
        id=f"{operation}-{kind}-{scope}",
        marks=() if (operation, kind, scope) == ("start", "act_then_cut", "ignored") else pytest.mark.slow,
    )
    for operation in MAKE
    for kind in LOST
    for scope in SCOPES
]


@pytest.mark.parametrize(("trouble", "scope"), CELLS)
async def test_a_call_whose_answer_was_lost(open_here: OpenTown, trouble: Trouble, scope: str) -> None:
    """It is looked for before it is asked again, and counts once."""
    async with crossing.opened(open_here, trouble, key_scope=scope) as town:
        crossed = await crossing.cross(town, trouble)
        await crossing.holds(crossed)
        assert "9 of 10 enrolled, 1 refused" in crossed.words
