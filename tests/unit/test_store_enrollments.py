"""Enrollments and their runs: one draft gives one enrollment, and of two who move it one wins."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.exc import CompileError

from bot.enrollment.model.enrollments import Outcome, RunStatus, State, Step, Tally, Trouble
from bot.store import enrollments, runs
from bot.store.session import Database
from tests.unit import stored
from tests.unit.stored import NOW, REQUESTER, TEAM

LATER = NOW + timedelta(minutes=5)


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    """An empty database in a file."""
    async with stored.opened(tmp_path) as opened:
        yield opened


async def test_an_enrollment_comes_back_as_it_was_kept(db: Database) -> None:
    """Counts, trouble and times included."""
    kept = stored.enrollment(
        tally=Tally(9, 5, 3, 1, ((Outcome.OTHER, 3),)), trouble=Trouble("run_failed", since=NOW), asked=True
    )
    async with db.begin() as s:
        assert await enrollments.add(s, kept)
        assert kept == await enrollments.get(s, kept.id)
        assert await enrollments.get(s, "E-0") is None


@pytest.mark.parametrize("second", [stored.enrollment(requester_id="U0OTHER"), stored.enrollment("E-2", check_id="x")])
async def test_the_second_enrollment_of_a_draft_or_of_a_list_is_refused(db: Database, second: object) -> None:
    """Whatever two devices do, the first one stands, and the transaction goes on."""
    async with db.begin() as s:
        assert await enrollments.add(s, stored.enrollment(check_id="x"))
        assert not await enrollments.add(s, second)  # type: ignore[arg-type]  # parametrize knows no types
        assert stored.enrollment(check_id="x") == await enrollments.get(s, "E-7K2M9Q")
        assert await enrollments.get(s, "E-2") is None


async def test_only_an_enrollment_in_the_expected_state_is_moved(db: Database) -> None:
    """Several fields change together or not at all."""
    async with db.begin() as s:
        await enrollments.add(s, stored.enrollment())
        open_states = {State.LAUNCHING, State.RUNNING}
        moved = await enrollments.move(
            s,
            "E-7K2M9Q",
            open_states,
            state=State.FAILED,
            step=Step.RETIRE,
            trouble=Trouble("rights_lost"),
            due_at=None,
        )
        assert moved
        assert not await enrollments.move(s, "E-7K2M9Q", open_states, state=State.CANCELED)
        assert not await enrollments.move(s, "E-0", open_states, state=State.CANCELED)
        expected = stored.enrollment(state=State.FAILED, step=Step.RETIRE, trouble=Trouble("rights_lost"), due_at=None)
        assert expected == await enrollments.get(s, "E-7K2M9Q")


async def test_a_field_that_does_not_exist_is_not_moved(db: Database) -> None:
    """A misspelled change is a mistake, not a change that got lost."""
    with pytest.raises(CompileError):
        async with db.begin() as s:
            await enrollments.move(s, "E-7K2M9Q", {State.LAUNCHING}, stat=State.FAILED)


async def test_of_many_who_move_one_wins(db: Database) -> None:
    """All at once, each in its own transaction."""
    async with db.begin() as s:
        await enrollments.add(s, stored.enrollment())

    async def move(to: State) -> bool:
        async with db.begin() as s:
            return await enrollments.move(s, "E-7K2M9Q", {State.LAUNCHING}, state=to)

    wins = await asyncio.gather(*(move(to) for to in [State.RUNNING, State.CANCELED, State.FAILED] * 5))
    assert sum(wins) == 1


async def test_what_raises_leaves_nothing_behind(db: Database) -> None:
    """A transaction is kept whole or not at all."""

    async def add_and_fail() -> None:
        async with db.begin() as s:
            await enrollments.add(s, stored.enrollment())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await add_and_fail()
    async with db.begin() as s:
        assert await enrollments.get(s, "E-7K2M9Q") is None


async def test_a_person_sees_their_own_open_ones_first(db: Database) -> None:
    """However old: an open one is never pushed off the list by ended ones."""
    ended = {"state": State.ENROLLED, "ended_at": LATER}
    async with db.begin() as s:
        await enrollments.add(s, stored.enrollment("E-OPEN", created_at=NOW - timedelta(days=9)))
        await enrollments.add(s, stored.enrollment("E-OLD", **ended))
        await enrollments.add(s, stored.enrollment("E-NEW", created_at=LATER, **ended))
        await enrollments.add(s, stored.enrollment("E-HERS", requester_id="U0OTHER"))
        await enrollments.add(s, stored.enrollment("E-AWAY", team_id="T0OTHER"))
        found = await enrollments.of_requester(s, TEAM, REQUESTER, 2)
    assert ["E-OPEN", "E-NEW"] == [enrollment.id for enrollment in found]


async def test_the_same_query_into_the_same_flow_is_found_while_open(db: Database) -> None:
    """Another flow, another query, another person or an ended one is not it."""
    mine = stored.enrollment()
    async with db.begin() as s:
        await enrollments.add(s, mine)
        assert mine == await enrollments.open_with(s, TEAM, REQUESTER, mine.flow.id, mine.sql)
        assert await enrollments.open_with(s, TEAM, REQUESTER, "other flow", mine.sql) is None
        assert await enrollments.open_with(s, TEAM, REQUESTER, mine.flow.id, mine.sql.lower()) is None
        assert await enrollments.open_with(s, TEAM, "U0OTHER", mine.flow.id, mine.sql) is None
        await enrollments.move(s, mine.id, {State.LAUNCHING}, state=State.CANCELED, ended_at=LATER)
        assert await enrollments.open_with(s, TEAM, REQUESTER, mine.flow.id, mine.sql) is None


async def test_enrollments_are_due_by_their_time(db: Database) -> None:
    """One that waits for a person is not."""
    async with db.begin() as s:
        await enrollments.add(s, stored.enrollment("E-1", due_at=LATER))
        await enrollments.add(s, stored.enrollment("E-2"))
        await enrollments.add(s, stored.enrollment("E-3", due_at=None))
        assert await enrollments.due(s, NOW, 10) == ["E-2"]
        assert await enrollments.due(s, LATER, 10) == ["E-2", "E-1"]


async def test_attempts_at_a_batch_stand_beside_each_other(db: Database) -> None:
    """Saving is by enrollment, batch and attempt; the latest attempt is the one that counts."""
    first, second, next_batch = stored.run(), stored.run(attempt=2, size=5), stored.run(batch=1)
    async with db.begin() as s:
        await enrollments.add(s, stored.enrollment())
        for one in (first, second, next_batch):
            await runs.save(s, one)
        ended = replace(second, status=RunStatus.COMPLETED, total=5, moved=4, errors=1, ended_at=LATER)
        await runs.save(s, ended)
        assert ended == await runs.get(s, "E-7K2M9Q", 0)
        assert await runs.get(s, "E-7K2M9Q", 2) is None
        assert [first, ended, next_batch] == await runs.all(s, "E-7K2M9Q")
