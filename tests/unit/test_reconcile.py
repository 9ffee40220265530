"""The reconciler over a real database and the sandbox's served Polytomic: whom it wakes, and what that costs."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import insert

from bot.enrollment.model.enrollments import Hold, State, Step
from bot.errors import PolytomicBusy
from bot.jobs import reconcile
from bot.jobs.reconcile import Reconciler
from bot.polytomic.client import PolytomicClient
from bot.sandbox.polytomic.runs import Plan
from bot.sandbox.polytomic.runs import Run as Execution
from bot.sandbox.polytomic.world import PolytomicWorld
from bot.sandbox.warehouse import Warehouse
from bot.store import cursors, enrollments, rows, runs, tables
from bot.store.session import Database
from tests.contract.fake_stage import Stage, Time
from tests.unit import stored
from tests.unit.stored import TEAM

FAR = timedelta(hours=1)
PLAN = Plan((), 0, 600, 1, "completed", "", operation_counts=True, counts_at_end=False)


@dataclass
class Desk:
    """A reconciler, what it is about, and who was nudged."""

    stage: Stage
    db: Database
    reconciler: Reconciler
    nudged: list[str]

    @property
    def now(self) -> datetime:
        return self.stage.time()

    @property
    def asked(self) -> int:
        """How often events were asked for."""
        return [one.operation for one in self.stage.world.requests].count("events")

    async def watch(self, count: int, *, minutes: float = 5, looked: float = 1, **changes: Any) -> list[str]:
        """So many runs go, started and looked at so many minutes ago; the ids of their enrollments."""
        ids = [f"E-{number:06d}" for number in range(count)]
        at = {"state": State.RUNNING, "step": Step.WATCH_RUN, "due_at": self.now + FAR}
        started, looked_at = self.now - timedelta(minutes=minutes), self.now - timedelta(minutes=looked)
        many = [stored.enrollment(one, **(at | changes)) for one in ids]
        going = [
            stored.run(enrollment_id=one, execution_id=f"run of {one}", started_at=started, looked_at=looked_at)
            for one in ids
        ]
        async with self.db.begin() as s:
            await s.execute(insert(tables.enrollments), [rows.values(one) for one in many])
            await s.execute(insert(tables.runs), [rows.values(one) | {"team_id": TEAM} for one in going])
        return ids

    def ends(self, ids: Sequence[str], *, kind: str = "sync.completed", ago: float = 1, apart: float = 0) -> None:
        """Polytomic tells that their runs ended so many seconds ago, one after the other."""
        for number, one in enumerate(ids):
            at = self.now - timedelta(seconds=ago - number * apart)
            run = Execution(f"run of {one}", "sync", PLAN, at, send=lambda *_: None, tell=lambda *_: None)
            self.stage.world.events.of_run(kind, run, "Sync", "gong", at)

    async def due(self) -> list[str]:
        """The enrollments that are due by now."""
        async with self.db.begin() as s:
            return sorted(await enrollments.due(s, self.now, 10_000))

    async def ticks(self, times: int) -> int:
        """So many ticks, 15 seconds apart; the most calls that one of them made."""
        most = 0
        for _ in range(times):
            before = self.asked
            await self.reconciler.tick()
            most = max(most, self.asked - before)
            self.stage.time.passes(15)
        return most


@pytest.fixture(scope="module")
def warehouse() -> Iterator[Warehouse]:
    """Nobody changes what is in it here, so one is enough."""
    made = Warehouse()
    yield made
    made.close()


@pytest.fixture
async def desk(database: Path, warehouse: Warehouse) -> AsyncIterator[Desk]:
    """A desk with nothing on it."""
    db = Database(f"sqlite+aiosqlite:///{database}")
    time, nudged = Time(), list[str]()
    world = PolytomicWorld(warehouse, clock=time)
    async with world.serve() as served, httpx.AsyncClient(trust_env=False) as http:
        stage = Stage(world, time, served.url, http)
        async with _client(stage) as client:
            yield Desk(stage, db, _reconciler(stage, db, client, nudged), nudged)
    await db.close()


@asynccontextmanager
async def _client(stage: Stage) -> AsyncIterator[PolytomicClient]:
    client = PolytomicClient(stage.url, SecretStr("sandbox"), version="2025-09-18", clock=stage.time)
    yield client
    await client.aclose()


def _reconciler(
    stage: Stage,
    db: Database,
    client: PolytomicClient,
    nudged: list[str],
    mend: Callable[[], Awaitable[None]] | None = None,
) -> Reconciler:
    return Reconciler(db, client, clock=stage.time, team_id=TEAM, nudge=lambda _, one: nudged.append(one), mend=mend)


async def test_nothing_is_asked_while_nothing_is_watched(desk: Desk) -> None:
    """No run, or only young ones, which are looked at by themselves."""
    await desk.reconciler.tick()
    await desk.watch(1, minutes=1)
    await desk.reconciler.tick()
    assert 0 == desk.asked


@pytest.mark.parametrize("kind", ["sync.completed", "sync.completed_with_errors", "sync.failed", "sync.canceled"])
async def test_a_run_that_ended_is_looked_at(desk: Desk, kind: str) -> None:
    """One call tells which of them it is; the others sleep on."""
    ids = await desk.watch(3)
    desk.ends(ids[1:2], kind=kind)
    await desk.reconciler.tick()
    assert (ids[1:2], ids[1:2], 1) == (await desk.due(), desk.nudged, desk.asked)


@pytest.mark.parametrize(
    "changes",
    [
        {"failing_since": stored.NOW},
        {"held_for": Hold.KEY},
        {"state": State.ENROLLED, "step": Step.RETIRE},
        {"step": Step.START_RUN},
    ],
    ids=["tried again", "held", "ended", "before the next run"],
)
async def test_only_who_watches_a_run_is_woken(desk: Desk, changes: dict[str, Any]) -> None:
    """Polytomic may have said until when to wait; and who waits for another thing is not to be disturbed."""
    (one,) = await desk.watch(1, looked=60, **changes)
    desk.ends([one])
    await desk.reconciler.tick()
    async with desk.db.begin() as s:
        assert [] == await enrollments.wake(s, [one], desk.now)
    assert ([], []) == (await desk.due(), desk.nudged)


async def test_a_run_that_waits_for_a_person_is_looked_at_while_there_is_news(desk: Desk) -> None:
    """Taken up again or ended: it is looked at, but the same event read again is no news after a while."""
    (one,) = await desk.watch(1, state=State.NEEDS_ATTENTION, due_at=None)
    desk.ends([one], kind="sync.running")
    await desk.reconciler.tick()
    assert [one] == await desk.due()
    desk.stage.time.passes(180)
    async with desk.db.begin() as s:
        await enrollments.move(s, one, list(State), due_at=None)
        (run,) = await runs.all(s, one)
        await runs.save(s, replace(run, looked_at=desk.now))
    await desk.reconciler.tick()
    assert [] == await desk.due()


async def test_the_beginning_of_a_run_is_no_news_while_it_is_watched(desk: Desk) -> None:
    """That it runs is what we believe anyway."""
    (one,) = await desk.watch(1)
    desk.ends([one], kind="sync.running")
    await desk.reconciler.tick()
    assert [] == await desk.due()


@pytest.mark.parametrize(
    ("order", "doubled"),
    [
        ("newest", "no"),
        pytest.param("oldest", "same_id", marks=pytest.mark.slow),
        pytest.param("shuffled", "two_ids", marks=pytest.mark.slow),
        pytest.param("newest", "two_ids", marks=pytest.mark.slow),
    ],
)
async def test_300_runs_end_within_a_second(desk: Desk, order: str, doubled: str) -> None:
    """All are found within a few ticks, none of which asks more often than it may."""
    desk.stage.world.switches.events_order = order  # type: ignore[assignment]  # parametrize knows no literals
    desk.stage.world.switches.events_doubled = doubled  # type: ignore[assignment]
    ids = await desk.watch(300)
    desk.ends(ids, ago=30, apart=1 / 300)
    assert await desk.ticks(4) <= reconcile.CALLS
    assert ids == await desk.due()
    assert ids == sorted(desk.nudged)


async def test_130_runs_end_in_one_instant(desk: Desk) -> None:
    """Where times have no fractions nobody can read more than a hundred of them: the quiet looks find the others."""
    desk.stage.world.switches.events_whole_seconds = True
    ids = await desk.watch(130)
    desk.ends(ids, ago=30)
    assert await desk.ticks(2) <= reconcile.CALLS
    assert 100 == len(await desk.due())
    desk.stage.time.passes(600)
    await desk.ticks(30 // reconcile.QUIET_LOOKS)
    assert ids == await desk.due()


async def test_events_that_come_late_are_read(desk: Desk) -> None:
    """A minute after newer ones were read: windows overlap."""
    late, other = await desk.watch(2)
    desk.stage.world.switches.events_late_seconds = 90
    desk.ends([late])
    desk.stage.world.switches.events_late_seconds = 0
    desk.stage.time.passes(30)
    desk.ends([other])
    await desk.ticks(2)
    assert [other] == await desk.due()
    await desk.ticks(3)
    assert [late, other] == await desk.due()


@pytest.mark.parametrize("skew", [-90, 90])
async def test_clocks_need_not_agree(desk: Desk, skew: int) -> None:
    """Polytomic's clock goes before ours or after it: each end is found by the next tick."""
    first, second = await desk.watch(2)
    desk.ends([first], ago=skew)
    await desk.ticks(1)
    desk.stage.time.passes(120)
    desk.ends([second], ago=skew)
    desk.stage.time.passes(1)
    await desk.ticks(1)
    assert [first, second] == await desk.due()


async def test_runs_whose_events_were_lost_are_looked_at_in_the_end(desk: Desk) -> None:
    """Every second event never comes; those that were quiet longest are looked at, a few at a time."""
    desk.stage.world.switches.events_lost_every = 2
    ids = await desk.watch(20)
    desk.ends(ids)
    await desk.ticks(1)
    assert ids[::2] == await desk.due()
    desk.stage.time.passes(600)
    await desk.ticks(1)
    assert 10 + reconcile.QUIET_LOOKS == len(await desk.due())
    await desk.ticks(1)
    assert ids == await desk.due()


async def test_what_ended_before_events_are_kept_is_found_by_looking(desk: Desk) -> None:
    """After 48 hours away no event tells of the end any more."""
    (one,) = await desk.watch(1)
    desk.ends([one])
    desk.stage.time.passes(49 * 3600)
    async with desk.db.begin() as s:
        await enrollments.move(s, one, list(State), due_at=desk.now + FAR)
    assert 1 == await desk.ticks(1)
    assert [one] == await desk.due()


async def test_nobody_asks_before_polytomic_allows_it(desk: Desk) -> None:
    """After a 429 not one call is made until its time is over, by any process; then reading goes on."""
    (one,) = await desk.watch(1)
    desk.ends([one])
    desk.stage.world.faults.next("events", "busy", retry_after=40)
    mended: list[datetime] = []

    async def mend() -> None:
        mended.append(desk.now)

    await desk.ticks(1)
    async with _client(desk.stage) as client:
        another = _reconciler(desk.stage, desk.db, client, [], mend)
        for _ in range(2):
            await another.tick()
            desk.stage.time.passes(12)
        assert (1, [], []) == (desk.asked, mended, await desk.due())
        desk.stage.time.passes(1)
        await another.tick()
    assert (2, [desk.now], [one]) == (desk.asked, mended, await desk.due())


async def test_a_tick_that_began_slowly_costs_the_next_one_nothing(desk: Desk) -> None:
    """The first one of a process does: whenever it seems to be time for the next one, it is."""
    await desk.watch(1)
    pauses = iter([0.0, 0.1])

    def clock() -> datetime:
        desk.stage.time.passes(next(pauses, 0))
        return desk.now

    async with _client(desk.stage) as client:
        slow = Reconciler(desk.db, client, clock=clock, team_id=TEAM, nudge=lambda *_: None)
        await slow.do("all")
        began = desk.now
        while not await slow.due(desk.now, 1):
            desk.stage.time.passes(0.05)
        await slow.do("all")
    assert 2 == desk.asked
    assert desk.now - began < timedelta(seconds=15)


async def test_what_was_read_before_an_error_is_not_lost(desk: Desk) -> None:
    """Polytomic fails in the middle of a burst: who was named by then is woken, and the next tick goes on."""
    ids = await desk.watch(150)
    desk.ends(ids, ago=30, apart=0.1)
    desk.stage.world.faults.next("events", "slow", seconds=0)
    desk.stage.world.faults.next("events", "refuse")
    await desk.ticks(1)
    assert 100 == len(await desk.due())
    await desk.ticks(1)
    assert ids == await desk.due()


async def test_who_mends_is_asked_first_and_may_be_told_to_wait(desk: Desk) -> None:
    """Its call is Polytomic's as well: what it is told holds for the tick."""
    await desk.watch(1)

    async def mend() -> None:
        raise PolytomicBusy("GET /api/me", "429", retry_after=60)

    async with _client(desk.stage) as client:
        await _reconciler(desk.stage, desk.db, client, [], mend).tick()
    async with desk.db.begin() as s:
        kept = await cursors.get(s, reconcile.CURSOR, TEAM)
    assert (0, desk.now + timedelta(seconds=60)) == (desk.asked, kept.not_before)


async def test_one_process_of_many_reads(desk: Desk) -> None:
    """Of those that find it due at the same time one does it; fifteen seconds later whoever comes first."""
    await desk.watch(1)
    async with _client(desk.stage) as client:
        another = _reconciler(desk.stage, desk.db, client, [])
        await another.do("all")
        await desk.reconciler.do("all")
        for ticks in (3, 4):
            desk.stage.time.passes(15)
            assert ["all"] == await another.due(desk.now, 1) == await desk.reconciler.due(desk.now, 1)
            await desk.reconciler.do("all")
            await another.do("all")
            assert ([], ticks) == (await another.due(desk.now, 1), desk.asked)


async def test_a_process_that_starts_reads_at_once(desk: Desk) -> None:
    """However short a time ago another one did: what ended while nobody was there waits no longer."""
    ended = await desk.watch(1)
    await desk.reconciler.do("all")
    desk.stage.time.passes(1)
    desk.ends(ended)
    async with _client(desk.stage) as client:
        await _reconciler(desk.stage, desk.db, client, []).do("all")
    assert ended == await desk.due()


@pytest.mark.parametrize("count", [10, 1000])
async def test_calls_do_not_grow_with_the_runs(desk: Desk, count: int) -> None:
    """Ten or a thousand that go: each tick asks once."""
    await desk.watch(count)
    await desk.ticks(4)
    assert 4 == desk.asked
