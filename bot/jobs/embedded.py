"""The runner for one process: brings on every row that is due, and those it is nudged about at once.

It knows kinds of work by name and rows by id, nothing else. What is due stands in the database, so whatever is
forgotten here costs only time. A row that was in hand is rung for when it wants to be looked at again; the search once
a second is for the rest, and begins with one question for all kinds of work: it is most of what an idle bot costs. A
nudge is no reason to search: with one for every message, a search after each was a fifth of an enrollment's
transactions.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import datetime

from bot.enrollment.model.clock import Clock
from bot.jobs.chore import Chore, Key
from bot.jobs.pauses import Pauses
from bot.jobs.timers import Timers

_LONGEST_TURN = 30.0

NoneDue = Callable[[datetime], Awaitable[Collection[str]]]
"""The names of the chores that are known to have no row that is due by then; whichever is not named is searched."""


async def nobody_knows(_: datetime) -> Collection[str]:
    """Every chore is searched."""
    return ()


class Embedded:
    """At most `at_once` rows of each chore are in hand, and never the same row twice."""

    def __init__(
        self,
        chores: Sequence[Chore],
        *,
        clock: Clock,
        none_due: NoneDue = nobody_knows,
        poll: float = 1,
        at_once: int = 8,
    ) -> None:
        self._chores = {chore.name: chore for chore in chores}
        self._none_due = none_due
        self._clock = clock
        self._poll = poll
        self._at_once = at_once
        self._wake = asyncio.Event()
        self._nudged: dict[Key, None] = {}  # A set that keeps the order of asking.
        self._in_hand: dict[Key, asyncio.Task[None]] = {}
        self._pauses = Pauses()
        self._timers = Timers(clock, self.nudge)
        self._backlogs: set[str] = set()  # Chores of which more may be due than there was room for.
        self._loop: asyncio.Task[None] | None = None
        self._stopping = False
        self._turned = 0.0
        self._search_at = 0.0

    async def start(self) -> None:
        """Due rows are looked for from now on."""
        self._turned = asyncio.get_running_loop().time()
        self._loop = asyncio.create_task(self._turn(), name="embedded")

    async def stop(self, grace: float = 8) -> None:
        """No row is taken up any more; what was in hand has ended, or was cut off after `grace` seconds."""
        self._stopping = True
        self._timers.cancel()
        self._wake.set()
        if self._loop is not None:
            await self._loop
        if self._in_hand:
            await asyncio.wait(self._in_hand.values(), timeout=grace)
        left = list(self._in_hand.values())
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    def nudge(self, chore: str, row_id: str) -> None:
        """The row is taken up now, or once more as soon as it is out of hand."""
        self._nudged[chore, row_id] = None
        self._wake.set()

    def alive(self) -> bool:
        """Due rows are looked for, and the last look began less than half a minute ago, whatever came of it."""
        if self._loop is None or self._loop.done():
            return False
        return asyncio.get_running_loop().time() - self._turned < _LONGEST_TURN

    async def idle(self) -> None:
        """Nothing is in hand and no nudge is unheard; rows that are due later do not count."""
        while self._in_hand or (self._nudged and self._loop is not None and not self._loop.done()):
            self._wake.set()
            await asyncio.wait(self._in_hand.values(), timeout=0.01) if self._in_hand else await asyncio.sleep(0)

    # -- one turn

    async def _turn(self) -> None:
        while not self._stopping:
            self._wake.clear()
            self._take_nudged()
            for chore in await self._to_search():
                # Each look may wait for a database that is away: only one that never ends may count as stuck.
                self._turned = asyncio.get_running_loop().time()
                await self._take_due(chore)
            await self._sleep()

    async def _sleep(self) -> None:
        left = self._search_at - asyncio.get_running_loop().time()
        try:
            await asyncio.wait_for(self._wake.wait(), max(left, 0))
        except TimeoutError:
            return

    async def _to_search(self) -> list[Chore]:
        """Every chore with a row that may be due when it is time, else those with a backlog and room for it again."""
        now = asyncio.get_running_loop().time()
        if now >= self._search_at:
            self._search_at = now + self._poll
            return await self._those_due()
        freed = {name for name in self._backlogs if self._of(name) < self._at_once}
        self._backlogs -= freed
        return [chore for name, chore in self._chores.items() if name in freed]

    async def _those_due(self) -> list[Chore]:
        self._turned = asyncio.get_running_loop().time()
        try:
            at_rest = await self._none_due(self._clock())
        except Exception:  # noqa: BLE001  # the job runner: each chore says for itself what is wrong
            at_rest = ()
        for name in at_rest:
            self._pauses.forget(name, ())
        return [chore for name, chore in self._chores.items() if name not in at_rest]

    def _take_nudged(self) -> None:
        for key in list(self._nudged):
            if key not in self._in_hand and self._room(key[0]):
                del self._nudged[key]
                self._take(key)

    async def _take_due(self, chore: Chore) -> None:
        if not self._room(chore.name) or self._pauses.paused((chore.name, "")):
            return
        known = self._of(chore.name) + self._pauses.known(chore.name)
        try:
            # One more than there can be room for tells whether any are left waiting.
            found = await chore.due(self._clock(), self._at_once + known + 1)
        except Exception as error:  # noqa: BLE001  # the job runner: whatever it is, the next look may succeed
            self._pauses.failed((chore.name, ""), error)
            return
        self._pauses.forget(chore.name, found)
        for row_id in found:
            key = (chore.name, row_id)
            if (
                not self._stopping
                and key not in self._in_hand
                and not self._pauses.paused(key)
                and self._room(chore.name)
            ):
                self._take(key)

    def _room(self, chore: str) -> bool:
        room = self._of(chore) < self._at_once
        if not room:
            self._backlogs.add(chore)
        return room

    def _of(self, chore: str) -> int:
        return sum(name == chore for name, _ in self._in_hand)

    # -- one row

    def _take(self, key: Key) -> None:
        task = asyncio.create_task(self._do(key), name=":".join(key))
        self._in_hand[key] = task
        task.add_done_callback(lambda _: self._put_down(key))

    async def _do(self, key: Key) -> None:
        name, row_id = key
        try:
            due_at = await self._chores[name].do(row_id)
        except Exception as error:  # noqa: BLE001  # the job runner: the row stays due, and others must go on
            self._pauses.failed(key, error)
        else:
            self._pauses.succeeded(key)
            if not self._stopping:
                self._timers.set(key, due_at)

    def _put_down(self, key: Key) -> None:
        del self._in_hand[key]
        if key[0] in self._backlogs or key in self._nudged:
            self._wake.set()
