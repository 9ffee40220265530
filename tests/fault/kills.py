"""Many people enroll, and processes of the bot are killed at random; what has to hold when the last kill is over.

The world (Slack, Polytomic, the warehouse) lives in the test's own process, behind real sockets; only the bot dies.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from bot.jobs.distributed import HEARTBEAT
from bot.sandbox.town import Town
from tests.fault.book import Book
from tests.fault.crowd import Asker, Wishes, ask_until, people
from tests.fault.figures import Figures, counted
from tests.processes import Processes

IN_TIME = HEARTBEAT + 10
"""Seconds within which everything is meant to have ended after the last kill; the figures print how many it took."""
AT_LAST = 3 * IN_TIME
"""What fails a test: a machine that is busy with other things is no mistake of the bot."""
"""Seconds from the last kill within which everything has ended."""
_PATIENCE = 120.0
_ANOTHER_AT_ONCE = 0.2
_CALLS = 28
"""About so many calls to Slack and Polytomic does one enrollment take."""


@dataclass(frozen=True, slots=True)
class Size:
    """At least so many enrollments and kills; the seed decides whom and when."""

    enrollments: int
    kills: int
    seed: int
    people: int = 8
    most_open: int = 16
    seconds: float = 0
    """It goes on for so long, even when there were enough of both."""

    @property
    def calls_between(self) -> int:
        """About so many calls to Slack and Polytomic lie between two kills, on any machine."""
        return self.enrollments * _CALLS // self.kills


Strike = Callable[[], Awaitable[None]]


class Killer:
    """Strikes one victim after the other; `log` has the moment and the name of each.

    A victim is a process of the bot, which is killed and started again at once, or what `others` names. When it
    strikes is counted in calls to the world, not in seconds: a slow machine has no more kills for the same work.
    """

    def __init__(self, town: Town, processes: Processes, size: Size, others: Mapping[str, Strike]) -> None:
        self.log: list[tuple[float, str]] = []
        self._town = town
        self._processes = processes
        self._size = size
        self._others = others
        self._victims = sorted([*processes.commands, *others])
        self._dice = random.Random(size.seed)
        self._began = time.monotonic()

    async def go_on(self, over: asyncio.Event) -> None:
        """Strikes at random until it is over; some strikes are followed by another at once."""
        while await self._next_moment(over):
            await self.strike()
            if self._dice.random() < _ANOTHER_AT_ONCE:
                await self.strike()

    async def strike(self) -> None:
        """One victim, picked by chance, was killed in the middle of what it did."""
        name = self._dice.choice(self._victims)
        self.log.append((time.monotonic() - self._began, name))
        if name in self._others:
            await self._others[name]()
        else:
            await self._processes.kill(name)
            await self._processes.start(name)

    def told(self) -> str:
        """The seed, and what was struck when."""
        return f"seed {self._size.seed}: " + ", ".join(f"{name} at {at:.1f} s" for at, name in self.log)

    async def _next_moment(self, over: asyncio.Event) -> bool:
        """True once so many calls have been made as chance says; False when it was over before."""
        moment = self._calls() + self._dice.randint(1, 2 * self._size.calls_between)
        while self._calls() < moment:
            if await _set_within(over, 0.01):
                return False
        return not over.is_set()

    def _calls(self) -> int:
        return len(self._town.polytomic.requests) + len(self._town.slack.world.calls)


class Season:
    """One town in which the crowd asks while the killer kills."""

    def __init__(
        self, town: Town, processes: Processes, size: Size, others: Mapping[str, Strike] | None = None
    ) -> None:
        self.book = Book(town.slack.world)
        self.wishes = Wishes(town)
        self.killer = Killer(town, processes, size, others or {})
        self.ended_by_themselves: list[str] = []
        self._town = town
        self._processes = processes
        self._size = size
        self._askers = [Asker(person, channel, self.book) for person, channel in people(town, size.people)]

    async def play(self) -> Figures:
        """Whatever was confirmed has ended after the last kill; the figures of what came of it."""
        over = asyncio.Event()
        began = time.monotonic()
        async with asyncio.TaskGroup() as group:
            keeping = group.create_task(self._keep_up())
            killing = group.create_task(self.killer.go_on(over))
            await ask_until(self._enough(began), self._askers, self.wishes, self.book, most_open=self._size.most_open)
            over.set()
            await killing
            # The last one hits whatever is still open; from it on the time is measured.
            await self.killer.strike()
            asked = time.monotonic() - began
            to_end = await self._until(self._none_open)
            await self._until(lambda: not any(sync.active for sync in self._town.polytomic.syncs))
            keeping.cancel()
        kills = len(self.killer.log)
        return counted(self._town, self.book, self.wishes.made, kills=kills, seconds=asked, seconds_to_end=to_end)

    async def _keep_up(self) -> None:
        """Whatever ends by itself is started again, as a host does, and not forgotten."""
        while True:
            self.ended_by_themselves += await self._processes.restart_ended()
            await asyncio.sleep(0.2)

    def _enough(self, began: float) -> Callable[[], bool]:
        def enough() -> bool:
            confirmed = len(self.wishes.confirmed())
            struck = len(self.killer.log)
            long = time.monotonic() - began
            return confirmed >= self._size.enrollments and struck >= self._size.kills - 1 and long >= self._size.seconds

        return enough

    def _none_open(self) -> bool:
        return not self.book.open_among(self.wishes.confirmed())

    async def _until(self, true: Callable[[], bool]) -> float:
        """The seconds until it was true; what the bot said last when it never was."""
        began = time.monotonic()
        while not true():
            waited = time.monotonic() - began
            still = self.book.open_among(self.wishes.confirmed())
            assert waited < _PATIENCE, f"open: {still}\n{self.killer.told()}\n{self._processes.last_words()}"
            await asyncio.sleep(0.05)
        return time.monotonic() - began


async def _set_within(event: asyncio.Event, seconds: float) -> bool:
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return False
    return True
