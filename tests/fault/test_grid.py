"""Every call of an enrollment, going wrong in every way: one model, one sync, one run per batch, each contact once."""

from typing import get_args

import pytest

from bot.sandbox.polytomic.faults import Kind
from tests.fault import crossing
from tests.fault.conftest import OpenOn
from tests.fault.crossing import Base, Trouble

OPERATIONS = (
    "create_connection",
    "query",
    "query_page",
    "target_fields",
    "create_model",
    "create_sync",
    "start",
    "execution",
    "log_urls",
    "activate",
)
KINDS: tuple[Kind, ...] = get_args(Kind)

MOMENTS: tuple[Kind, ...] = ("slow", "act_then_slow")
"""A call that is out when the bot is killed: it happens afterwards, or it has happened and nobody hears the answer."""

# The worst ways to go wrong, over the calls where they are worst, in the fast suite; the others are slow together.
FAST = {
    "sqlite-start-act_then_500",
    "sqlite-start-act_then_slow-bot-killed",
}


def cell(base: Base, trouble: Trouble) -> object:
    """The trouble on this database, as one test."""
    name = f"{base}-{trouble}"
    return pytest.param(base, trouble, id=name, marks=() if name in FAST else pytest.mark.slow)


WRONG = [Trouble(operation, kind) for operation in OPERATIONS for kind in KINDS]
KILLED = [Trouble(operation, kind, killed="bot") for operation in OPERATIONS for kind in MOMENTS]
WORKERS_KILLED = [Trouble(operation, kind, killed="workers") for operation in OPERATIONS for kind in MOMENTS]
CELLS = [
    *(cell("sqlite", trouble) for trouble in (*WRONG, *KILLED)),
    *(cell("postgresql", trouble) for trouble in (*WRONG, *KILLED, *WORKERS_KILLED)),
]

# A GET has no key that could be in flight: 409 is a refusal, which ends before a run and is a question after one.
ENDS = {
    "target_fields-locked": "Failed ·",
    "execution-locked": "Needs attention ·",
}


@pytest.mark.parametrize(("base", "trouble"), CELLS)
async def test_one_call_goes_wrong(open_on: OpenOn, base: Base, trouble: Trouble) -> None:
    """It costs time and nothing else: the nine whom Gong takes are in, once, and the tenth is told as refused."""
    async with crossing.opened(open_on(base), trouble) as town:
        crossed = await crossing.cross(town, trouble)
        await crossing.holds(crossed)
        assert [trouble.operation] == [one.operation for one in town.polytomic.faults.happened]
        assert ENDS.get(str(trouble), "Partly enrolled ·") in crossed.words
