"""The bot over a SQLite file while more and more runs wait, tick after tick, and whoever polls beside it.

A tick is a reading of events, as Polytomic's log shows it. At full size whole ticks are watched; smaller sizes, which
are there to see that it runs, end sooner.
"""

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from bot.sandbox.keeper import environment
from bot.sandbox.polytomic.gate import Requested
from bot.sandbox.town import Town
from bot.store.session import Database
from tests.bench import processes
from tests.bench.bench import Bench
from tests.bench.databases import Under
from tests.bench.processes import Process
from tests.bench.waiting import Waiting

EVERY = 15.0
"""Seconds from one look of the poller at a run to the next, and about from one tick to the next."""
_SETTLED = 5.0
_PATIENCE = 30.0
_LOOK = 0.005
_TICK, _POLLED = "events", "status"


@dataclass(frozen=True, slots=True)
class Watched:
    """A minute's calls to Polytomic, ours by each tick and the poller's by each pass; bytes and share of a core."""

    calls: Sequence[float]
    polled: Sequence[float]
    own: int
    cpu: float


@dataclass(frozen=True, slots=True)
class Restart:
    """Seconds until Polytomic has told what became of all runs: since the start of the process, and since ready."""

    since_start: float
    since_ready: float


class Watching:
    """One database, over which the bot is started again and again."""

    def __init__(self, bench: Bench, town: Town, database: Under, waiting: Waiting) -> None:
        self._folder = bench.folder
        self._size = min(bench.size, 1)
        self._town = town
        self._database = database
        self._waiting = waiting
        self._kept = 0

    async def grow(self, count: int) -> None:
        """So many wait, at Polytomic and in the database; what only a first start reads has been read."""
        await self._waiting.grow(count)
        db = Database(self._database.url)
        try:
            await self._waiting.keep(db, self._kept, count)
        finally:
            await db.close()
        self._kept = count
        await self.restart()

    async def restart(self) -> Restart:
        """The bot was started over those that wait, and stopped once it had asked for them."""
        began, known = datetime.now(UTC), len(self._requests)
        async with self._running() as bot:
            first = await self._seen(_TICK, known)
        told = (first.at - began).total_seconds() + first.milliseconds / 1000
        return Restart(told, max(told - bot.ready_after, 0))

    async def idle(self) -> Watched:
        """The bot with nobody to wait for."""
        async with self._running() as bot:
            await asyncio.sleep(_SETTLED * self._size)
            own, cpu = await self._weighed(bot, EVERY * self._size)
        return Watched((), (), own, cpu)

    async def watched(self, ticks: int, *, beside_poller: bool) -> Watched:
        """The bot over those that wait, for so many ticks; the poller, if there is one, makes as many passes."""
        known, every = len(self._requests), EVERY * self._size
        async with self._running() as bot, self._polling(every) if beside_poller else nullcontext():
            await self._seen(_TICK, known)
            if beside_poller:
                # Its process may start for longer than a small size watches.
                await self._seen(_POLLED, known)
            await asyncio.sleep(_SETTLED * self._size)
            own, cpu = await self._weighed(bot, every * ticks)
        seen = self._requests[known:]
        ours = _a_minute([one for one in seen if one.operation != _POLLED], _ticks(seen, every, ticks))
        polls = [one for one in seen if one.operation == _POLLED]
        return Watched(ours, _a_minute(polls, _passes(polls, every, ticks)), own, cpu)

    @property
    def _requests(self) -> Sequence[Requested]:
        return self._town.polytomic.requests

    @asynccontextmanager
    async def _running(self) -> AsyncIterator[Process]:
        async with processes.running(("run",), self._town.settings(), self._folder) as (bot,):
            yield bot

    @asynccontextmanager
    async def _polling(self, every: float) -> AsyncIterator[None]:
        settings = self._town.settings()
        address = (settings.polytomic_url, settings.polytomic_api_key.get_secret_value(), str(every))
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.bench.polling", *address),
            env=environment(settings),
            stdin=asyncio.subprocess.PIPE,
        )
        assert process.stdin is not None
        try:
            syncs = [sync.id for sync in self._town.polytomic.syncs]
            process.stdin.write(json.dumps(syncs).encode() + b"\n")
            yield
        finally:
            process.stdin.close()
            await process.wait()

    async def _seen(self, operation: str, known: int) -> Requested:
        """The first request of this kind after so many requests."""
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            found = next((one for one in self._requests[known:] if one.operation == operation), None)
            if found is not None:
                return found
            await asyncio.sleep(_LOOK)
        raise TimeoutError(f"nobody has asked Polytomic for {operation}")

    async def _weighed(self, bot: Process, seconds: float) -> tuple[int, float]:
        before, began = processes.weight(bot.pid), time.monotonic()
        await asyncio.sleep(seconds)
        after = processes.weight(bot.pid)
        return after.own, (after.seconds - before.seconds) / (time.monotonic() - began)


Spell = tuple[datetime, datetime]


def _a_minute(requests: Sequence[Requested], spells: Sequence[Spell]) -> list[float]:
    """How many there were in each spell, as if it had lasted for a minute."""
    return [
        sum(began <= one.at < ended for one in requests) * 60 / (ended - began).total_seconds()
        for began, ended in spells
    ]


def _ticks(seen: Sequence[Requested], every: float, count: int) -> list[Spell]:
    """From each tick to the next; a last one that nobody has seen the next of lasted as long as is meant."""
    began = [one.at for one in seen if one.operation == _TICK]
    # A tick may read several pages.
    began = [at for at, before in zip(began, [None, *began], strict=False) if not _is_same(before, at, every)]
    return list(pairwise([*began, began[-1] + timedelta(seconds=every)]))[:count]


def _is_same(before: datetime | None, at: datetime, every: float) -> bool:
    return before is not None and (at - before).total_seconds() < every / 2


def _passes(polls: Sequence[Requested], every: float, count: int) -> list[Spell]:
    """From the beginning of each of the poller's passes to that of the next."""
    if not polls:
        return []
    began = [one.at for one in polls[:: len({one.path for one in polls})]]
    return list(pairwise([*began, began[-1] + timedelta(seconds=every)]))[:count]
