"""Whatever Polytomic's Idempotency-Keys are worth, calls whose answer was lost are not done a second time."""

from collections.abc import Iterable

import pytest

from bot.sandbox.polytomic.faults import Kind
from tests.fault import crossing
from tests.fault.conftest import OpenOn
from tests.fault.crossing import Base, Trouble

MAKE = ("create_model", "create_sync", "start")
LOST: tuple[Kind, ...] = ("act_then_cut", "act_then_500", "act_then_slow", "odd", "null", "refuse", "busy")
SCOPES = ("key", "ignored")
"""The grid itself runs with keys per path."""

KILLED: tuple[Kind, ...] = ("slow", "act_then_slow")
ON_POSTGRESQL = (
    Trouble("create_model", "act_then_500"),
    Trouble("create_sync", "act_then_cut"),
    Trouble("start", "act_then_slow"),
    Trouble("create_model", "slow", killed="workers"),
    Trouble("start", "act_then_slow", killed="bot"),
)
"""Who works is another matter there, what is asked of Polytomic is the same: a sample tells."""

# Keys that mean nothing are the hardest case, and a lost answer the commonest; the others are slow together.
FAST = "sqlite-start-act_then_cut-ignored"
LOST_ON_SQLITE = [
    *(Trouble(operation, kind) for operation in MAKE for kind in LOST),
    *(Trouble(operation, kind, killed="bot") for operation in (*MAKE, "activate") for kind in KILLED),
]


def cells(base: Base, troubles: Iterable[Trouble]) -> list[object]:
    """These troubles on this database under every scope, as one test each."""
    named = [(f"{base}-{trouble}-{scope}", trouble, scope) for trouble in troubles for scope in SCOPES]
    return [
        pytest.param(base, trouble, scope, id=name, marks=() if name == FAST else pytest.mark.slow)
        for name, trouble, scope in named
    ]


@pytest.mark.parametrize(
    ("base", "trouble", "scope"), cells("sqlite", LOST_ON_SQLITE) + cells("postgresql", ON_POSTGRESQL)
)
async def test_a_call_whose_answer_was_lost(open_on: OpenOn, base: Base, trouble: Trouble, scope: str) -> None:
    """It is looked for before it is asked again, and counts once."""
    async with crossing.opened(open_on(base), trouble, key_scope=scope) as town:
        crossed = await crossing.cross(town, trouble)
        await crossing.holds(crossed)
        assert "9 of 10 enrolled, 1 refused" in crossed.words
