"""The runner of one process: looks at due rows, and at any row it is nudged about, a few at a time.

It knows no kinds of work, only chores: which rows are due, and what to do with one. A lost nudge costs time and
nothing else, because the next sweep finds the row.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from bot.enrollment.model import Clock
from bot.enrollment.names import reference

_LONGEST_PAUSE = 60


@dataclass(frozen=True, slots=True)
class Chore:
    """One kind of work. `due(now, limit)` gives row ids, longest waiting first; `do(id)` brings one row on."""

    name: str
    due: Callable[[datetime, int], Awaitable[list[str]]]
    do: Callable[[str], Awaitable[None]]


Item = tuple[str, str]
"""(chore, row id)."""


class Embedded:
    """An asyncio loop over due rows. The same row is never in hand twice at once."""

    def __init__(self, chores: Sequence[Chore], *, clock: Clock, sweep: float = 0.25, at_once: int = 8) -> None:
        self._chores = {chore.name: chore for chore in chores}
        self._clock = clock
        self._sweep = sweep
        self._at_once = at_once
        self._waiting: deque[Item] = deque()
        self._again: set[Item] = set()
        self._in_hand: dict[Item, asyncio.Task[None]] = {}
        self._failures: dict[Item, tuple[int, datetime]] = {}
        self._wake = asyncio.Event()
        self._loop: asyncio.Task[None] | None = None
        self._log = structlog.get_logger()

    def nudge(self, chore: str, row_id: str) -> None:
        """The row is looked at now, and once more if it is in hand already."""
        item = (chore, row_id)
        if item in self._in_hand:
            self._again.add(item)
        elif item not in self._waiting:
            self._waiting.append(item)
        self._wake.set()

    async def start(self) -> None:
        """The loop runs until `stop`."""
        self._loop = asyncio.create_task(self._run(), name="jobs.embedded")

    async def stop(self, grace: float = 8) -> None:
        """No row is taken up any more; those in hand have `grace` seconds to finish their step."""
        if self._loop is not None:
            self._loop.cancel()
            await asyncio.gather(self._loop, return_exceptions=True)
        tasks = list(self._in_hand.values())
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=grace)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    @property
    def running(self) -> bool:
        """True while the loop takes up rows."""
        return self._loop is not None and not self._loop.done()

    async def _run(self) -> None:
        while True:
            self._wake.clear()
            await self._find_due()
            self._take_up()
            try:
                async with asyncio.timeout(self._sweep):
                    await self._wake.wait()
            except TimeoutError:
                continue

    async def _find_due(self) -> None:
        now = self._clock()
        for chore in self._chores.values():
            room = self._at_once - len(self._in_hand)
            if room <= 0:
                return
            try:
                rows = await chore.due(now, room + len(self._in_hand))
            except Exception:
                self._log.exception("job.sweep_failed", chore=chore.name, reference=reference())
                continue
            for row_id in rows:
                item = (chore.name, row_id)
                if item not in self._in_hand and item not in self._waiting and not self._backing_off(item, now):
                    self._waiting.append(item)

    def _take_up(self) -> None:
        while self._waiting and len(self._in_hand) < self._at_once:
            item = self._waiting.popleft()
            task = asyncio.create_task(self._do(item), name=f"{item[0]}:{item[1]}")
            self._in_hand[item] = task
            task.add_done_callback(lambda _, item=item: self._put_down(item))

    def _put_down(self, item: Item) -> None:
        self._in_hand.pop(item, None)
        if item in self._again:
            self._again.discard(item)
            self._waiting.append(item)
        self._wake.set()

    async def _do(self, item: Item) -> None:
        chore, row_id = item
        try:
            await self._chores[chore].do(row_id)
        except Exception:
            # Whatever it was, the row is still there and still due: it is tried again, later each time.
            failures = self._failures.get(item, (0, self._clock()))[0] + 1
            pause = timedelta(seconds=min(2 ** (failures - 1), _LONGEST_PAUSE))
            self._failures[item] = (failures, self._clock() + pause)
            self._log.exception("job.failed", chore=chore, row=row_id, reference=reference())
        else:
            self._failures.pop(item, None)

    def _backing_off(self, item: Item, now: datetime) -> bool:
        return item in self._failures and now < self._failures[item][1]
