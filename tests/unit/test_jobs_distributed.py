"""The runner for many processes, on a real PostgreSQL: one turn at a time, and none lost with its worker."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import pytest
from procrastinate import App, PsycopgConnector
from sqlalchemy import text
from structlog.testing import capture_logs

from bot.jobs.chore import Chore
from bot.jobs.distributed import Distributed
from bot.store import address
from bot.store.session import Database
from tests.postgresql import Server
from tests.unit.job_rows import Rows, now, until


@pytest.fixture
def url(postgresql: Server) -> str:
    """A database of this test."""
    return postgresql.url()


@asynccontextmanager
async def running(url: str, *chores: Chore, works: bool = True, grace: float = 5) -> AsyncIterator[Distributed]:
    """One process's runner, stopped at the end."""
    runner = Distributed(chores, conninfo=address.conninfo(url), clock=now, works=works, grace=grace)
    await runner.start()
    try:
        yield runner
    finally:
        await runner.stop(grace)


async def jobs(url: str) -> list[str]:
    """The states of every job there is."""
    db = Database(url, connections=1)
    async with db.begin() as s:
        found = [str(one) for one in (await s.execute(text("SELECT status FROM procrastinate_jobs"))).scalars()]
    await db.close()
    return found


async def test_a_nudge_here_is_a_turn_there(url: str) -> None:
    """The process that answers Slack does not work; one that works hears of the row at once, and no job stays."""
    rows = Rows()
    async with running(url, rows.chore()), running(url, Rows().chore(), works=False) as web:
        web.nudge("enrollment", "E-1")
        await until(lambda: rows.ended == ["E-1"])
    assert [] == await jobs(url)


async def test_many_nudges_are_one_turn_and_one_more(url: str) -> None:
    """While a row is in hand it is never taken a second time; what was nudged meanwhile has one turn afterwards."""
    go_on = asyncio.Event()
    rows = Rows(work=lambda _: go_on.wait())
    async with running(url, rows.chore()), running(url, rows.chore()) as other:
        other.nudge("enrollment", "E-1")
        await until(lambda: rows.in_hand == ["E-1"])
        for _ in range(5):
            other.nudge("enrollment", "E-1")
        await asyncio.sleep(0.3)
        assert ["E-1"] == rows.begun
        go_on.set()
        await until(lambda: rows.ended == ["E-1", "E-1"])


async def test_a_row_has_its_next_turn_on_time(url: str) -> None:
    """Long before the sweep would find it."""
    turns: list[str] = []

    async def do(row: str) -> datetime | None:
        turns.append(row)
        return now() + timedelta(seconds=0.3) if len(turns) == 1 else None

    async with running(url, Chore("enrollment", Rows().due, do)) as runner:
        runner.nudge("enrollment", "E-1")
        await until(lambda: len(turns) == 2)


@pytest.mark.slow
async def test_the_sweep_finds_what_nobody_nudged(url: str) -> None:
    """A row that lost its job, or never had one, has its turn within seconds, whenever it becomes due."""
    rows = Rows("E-1")
    async with running(url, rows.chore()):
        for row in ("E-1", "E-2", "E-3"):
            rows.due_at.setdefault(row, now())
            async with asyncio.timeout(7):
                await until(lambda row=row: row in rows.ended)  # type: ignore[misc]  # bound to this round


async def worker_that_died(url: str, work: Callable[[], Awaitable[None]]) -> None:
    """A worker took the turn at E-1 and has shown no sign of life for a minute; `work` happened after it died."""
    app = App(connector=PsycopgConnector(conninfo=address.conninfo(url)))
    async with app.open_async():
        manager = app.job_manager
        worker_id = await manager.register_worker()
        turn = app.task(name="advance")(_nothing).configure(lock="enrollment:E-1", queueing_lock="enrollment:E-1")
        await turn.defer_async(chore="enrollment", row_id="E-1")
        assert await manager.fetch_job(queues=None, worker_id=worker_id) is not None
        await work()
        db = Database(url, connections=1)
        async with db.begin() as s:
            await s.execute(text("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 minute'"))
        await db.close()


async def _nothing(chore: str, row_id: str) -> None:
    return None


@pytest.mark.slow
@pytest.mark.parametrize("twin", [False, True], ids=["alone", "with a twin in the queue"])
async def test_a_dead_worker_s_turn_is_taken_over(url: str, twin: bool) -> None:
    """Its lock is gone with it, and a twin that waited for that lock is no obstacle."""
    rows = Rows("E-1")

    async def meanwhile() -> None:
        if twin:
            async with running(url, rows.chore(), works=False) as web:
                web.nudge("enrollment", "E-1")

    await worker_that_died(url, meanwhile)
    assert ["doing", "todo"][: 1 + twin] == sorted(await jobs(url))
    with capture_logs() as logged:
        async with running(url, rows.chore()):
            await until(lambda: rows.ended == ["E-1"])
    assert ["job.taken_over"] == [event["event"] for event in logged]
    assert [] == await jobs(url)


@pytest.mark.slow
async def test_a_server_that_restarts_is_worked_with_again(url: str, postgresql: Server) -> None:
    """Every connection was cut, with a row in hand and others due."""
    rows = Rows(work=lambda _: asyncio.sleep(0.5))
    async with running(url, rows.chore()) as runner:
        runner.nudge("enrollment", "E-1")
        await until(lambda: rows.in_hand == ["E-1"])
        await asyncio.to_thread(postgresql.restart)
        rows.due_at["E-2"] = now()
        await until(lambda: "E-2" in rows.ended)
        assert runner.alive()


async def test_what_breaks_is_logged_and_left_alone_for_a_while(url: str) -> None:
    """With a reference; others go on, and no nudge makes it spin."""

    async def work(row: str) -> None:
        if row == "E-1":
            raise ValueError("SELECT secret FROM people")

    rows = Rows(work=work)
    with capture_logs() as logged:
        async with running(url, rows.chore()) as runner:
            runner.nudge("enrollment", "E-1")
            await until(lambda: rows.begun == ["E-1"] and not rows.in_hand)
            runner.nudge("enrollment", "E-1")
            runner.nudge("enrollment", "E-2")
            await until(lambda: rows.ended == ["E-2"])
    assert ["E-1", "E-2"] == rows.begun
    assert [("job.failed", "E-1", 1.0)] == [(event["event"], event["row"], event["again_in"]) for event in logged]


async def test_stopping_finishes_what_is_in_hand(url: str) -> None:
    """A deploy cuts nobody off in the middle of a step, and takes nothing more."""
    rows = Rows(work=lambda _: asyncio.sleep(0.3))
    async with running(url, rows.chore()) as runner:
        runner.nudge("enrollment", "E-1")
        await until(lambda: rows.in_hand == ["E-1"])
        rows.due_at["E-2"] = now()
    assert (["E-1"], ["E-1"]) == (rows.begun, rows.ended)


async def test_stopping_cuts_off_what_takes_too_long(url: str) -> None:
    """The row stays due: another worker takes it up, and no lock is left behind."""
    rows = Rows("E-1", work=lambda _: asyncio.sleep(60))
    async with running(url, rows.chore(), grace=0.05) as runner:
        runner.nudge("enrollment", "E-1")
        await until(lambda: rows.in_hand == ["E-1"])
    assert ([], [], ["E-1"]) == (rows.ended, rows.in_hand, list(rows.due_at))
    assert "doing" not in await jobs(url)
