"""However many try to move one enrollment at once, what happened is one chain of legal moves."""

import asyncio
import tempfile
from collections.abc import Set as AbstractSet
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.enrollment.model.enrollments import State
from bot.store import enrollments
from tests.unit import stored

Move = tuple[AbstractSet[State], State]
MOVES = st.lists(st.tuples(st.frozensets(st.sampled_from(State), max_size=3), st.sampled_from(State)), max_size=12)


@pytest.mark.slow
@settings(max_examples=20, deadline=None)
@given(MOVES)
def test_winners_follow_one_another_and_losers_change_nothing(moves: list[Move]) -> None:
    """Each winner found the state that the one before it left; every loser was told so."""
    with tempfile.TemporaryDirectory() as folder:
        won, kept = asyncio.run(_all_at_once(Path(folder), moves))
    state, revision = State.LAUNCHING, 1
    for expected, to in won:
        assert state in expected
        state, revision = to, revision + 1
    assert (state, revision) == kept


async def _all_at_once(folder: Path, moves: list[Move]) -> tuple[list[Move], tuple[State, int]]:
    won: list[Move] = []
    async with stored.opened(folder) as db:
        async with db.begin() as s:
            await enrollments.add(s, stored.enrollment())

        async def move(expected: AbstractSet[State], to: State) -> None:
            async with db.begin() as s:
                before = await enrollments.get(s, "E-7K2M9Q")
                assert before is not None
                await asyncio.sleep(0)
                changes = {"state": to, "revision": before.revision + 1}
                if await enrollments.move(s, before.id, expected, **changes):
                    won.append((expected, to))

        await asyncio.gather(*(move(*one) for one in moves))
        async with db.begin() as s:
            last = await enrollments.get(s, "E-7K2M9Q")
    assert last is not None
    return won, (last.state, last.revision)
