"""The store on a real PostgreSQL: the same rows come back, and two who write at once do not undo each other."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.enrollment.model.enrollments import State, Step
from bot.store import checks, cursors, enrollments, memory, runs
from bot.store.session import Database
from tests.postgresql import Server
from tests.unit import stored


@pytest.fixture
async def db(postgresql: Server) -> AsyncIterator[Database]:
    """A database of this test on the server."""
    opened = Database(postgresql.url())
    yield opened
    await opened.close()


async def test_an_enrollment_comes_back_as_it_was(db: Database) -> None:
    """Times with their zone, nested values and enums included."""
    async with db.begin() as s:
        await checks.add(s, stored.check())
        await enrollments.add(s, stored.enrollment(check_id="check"))
    async with db.begin() as s:
        assert stored.enrollment(check_id="check") == await enrollments.get(s, stored.enrollment().id)


async def test_only_one_of_two_writers_writes(db: Database) -> None:
    """Both read the same version; the second to write finds a newer one."""
    enrollment = stored.enrollment(check_id="check")
    async with db.begin() as s:
        await checks.add(s, stored.check())
        await enrollments.add(s, enrollment)

    async def write(sync_id: str) -> bool:
        async with db.begin() as s:
            return await enrollments.keep(s, enrollment, sync_id=sync_id) is not None

    assert [False, True] == sorted(await asyncio.gather(write("a"), write("b")))
    async with db.begin() as s:
        with pytest.raises(enrollments.Superseded):
            await enrollments.hold(s, enrollment)
        await enrollments.hold(s, replace(enrollment, version=1))


async def test_a_wish_and_a_step_at_once_are_both_kept(db: Database) -> None:
    """Who cancels does not make the one at work lose its turn."""
    enrollment = stored.enrollment(check_id="check")
    async with db.begin() as s:
        await checks.add(s, stored.check())
        await enrollments.add(s, enrollment)
    async with db.begin() as s:
        assert await enrollments.move(s, enrollment.id, {State.LAUNCHING}, canceled_by="U0OPERATOR")
        assert await enrollments.keep(s, enrollment, sync_id="sync")
        both = await enrollments.get(s, enrollment.id)
    assert both is not None
    assert ("U0OPERATOR", "sync", 1) == (both.canceled_by, both.sync_id, both.version)


async def test_runs_are_found_and_woken(db: Database) -> None:
    """By name, by when they were last looked at, and each once."""
    now, looked = stored.NOW + timedelta(hours=1), stored.NOW + timedelta(minutes=55)
    watching = stored.enrollment(state=State.RUNNING, step=Step.WATCH_RUN, due_at=None)
    async with db.begin() as s:
        await enrollments.add(s, watching)
        # The earlier attempt is overtaken: it is neither watched nor quiet.
        await runs.save(s, stored.run(execution_id="earlier", started_at=stored.NOW - timedelta(hours=1)))
        await runs.save(s, stored.run(attempt=1, execution_id="run", started_at=stored.NOW, looked_at=looked))
        assert stored.NOW == await runs.watched_since(s, stored.TEAM)
        assert ["run"] == [one.execution_id for one in await runs.named(s, stored.TEAM, ["run", "earlier", "other"])]
        assert [watching.id] == await runs.quiet(s, stored.TEAM, now, looked, 5)
        assert [watching.id] == await enrollments.wake(s, [watching.id, "E-0"], now)
        assert [] == await enrollments.wake(s, [watching.id], now)


async def test_one_of_many_processes_claims_a_cursor(db: Database) -> None:
    """The first time as well as any other, and a time that is still to come stops nobody."""

    async def claim(at: datetime) -> bool:
        async with db.begin() as s:
            return await cursors.claim(s, "events", stored.TEAM, at, at - timedelta(seconds=15))

    for at in (stored.NOW, stored.NOW + timedelta(seconds=15), stored.NOW - timedelta(hours=1)):
        assert 1 == sum(await asyncio.gather(*(claim(at) for _ in range(4))))


async def test_a_team_has_one_salt_whoever_makes_it_first(db: Database) -> None:
    """Five at once who find none wait for one of them, and everybody finds those whom the others remember."""
    people = [contact.canonical_id for contact in stored.contacts(5)]

    async def remember(place: int) -> None:
        async with db.begin() as s:
            await memory.remember(s, stored.enrollment(f"E-{place}"), people[place : place + 1], stored.NOW)

    await asyncio.gather(*(remember(place) for place in range(5)))
    async with db.begin() as s:
        since = stored.NOW - timedelta(days=1)
        assert people == sorted(await memory.lately(s, stored.TEAM, stored.FLOW.id, people, since))
        shares = await memory.elsewhere(s, stored.TEAM, "another flow", people, since)
        assert {f"E-{place}": 1 for place in range(5)} == shares
