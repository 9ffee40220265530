"""Many people enroll, and processes of the bot are killed at random; what has to hold when the last kill is over.

The world (Slack, Polytomic, the warehouse) lives in the test's own process, behind real sockets; only the bot dies.
"""

import asyncio
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.jobs.distributed import HEARTBEAT
from bot.sandbox.town import Town
from tests.fault.book import Book
from tests.fault.crowd import Asker, Wishes, ask_until, people
from tests.fault.figures import Figures, counted
from tests.processes import Processes

_TO_END = 10.0
_TO_RETIRE = 30.0
_ANOTHER_AT_ONCE = 0.2


@dataclass(frozen=True, slots=True)
class Size:
    """At least so many enrollments and kills; `pause` are the least and the most seconds between two kills."""

    enrollments: int
    kills: int
    seed: int
    pause: tuple[float, float]
    people: int = 8
    most_open: int = 40
    seconds: float = 0
    """It goes on for so long, even when there were enough of both."""


@dataclass(slots=True)
class Killer:
    """Kills one process after the other and starts it again at once; `log` has the moment and the name of each."""

    processes: Processes
    seed: int
    pause: tuple[float, float]
    log: list[tuple[float, str]] = field(default_factory=list)
    _dice: random.Random = field(init=False)
    _began: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self._dice = random.Random(self.seed)

    async def go_on(self, over: asyncio.Event) -> None:
        """Kills at random until it is over; some kills are followed by another at once."""
        while not await _set_within(over, self._dice.uniform(*self.pause)):
            await self.kill()
            if self._dice.random() < _ANOTHER_AT_ONCE:
                await self.kill()

    async def kill(self, name: str = "") -> None:
        """This process, or one that chance picks, was killed and begins anew."""
        name = name or self._dice.choice(sorted(self.processes.commands))
        await self.processes.kill(name)
        self.log.append((time.monotonic() - self._began, name))
        await self.processes.start(name)

    def told(self) -> str:
        """The seed, and what was killed when."""
        return f"seed {self.seed}: " + ", ".join(f"{name} at {at:.1f} s" for at, name in self.log)


class Season:
    """One town in which the crowd asks while the killer kills."""

    def __init__(self, town: Town, processes: Processes, size: Size) -> None:
        self.book = Book(town.slack.world)
        self.wishes = Wishes(town)
        self.killer = Killer(processes, size.seed, size.pause)
        self._town = town
        self._processes = processes
        self._size = size
        self._askers = [Asker(person, channel, self.book) for person, channel in people(town, size.people)]

    async def play(self) -> Figures:
        """Whatever was confirmed has ended in time after the last kill; the figures of what came of it."""
        over = asyncio.Event()
        began = time.monotonic()
        killing = asyncio.create_task(self.killer.go_on(over))
        await ask_until(self._enough(began), self._askers, self.wishes, self.book, most_open=self._size.most_open)
        over.set()
        await killing
        # The last kill hits whatever is still open; from it on the time is measured.
        await self.killer.kill()
        asked = time.monotonic() - began
        to_end = await self._until(self._none_open, HEARTBEAT + _TO_END)
        await self._until(lambda: not any(sync.active for sync in self._town.polytomic.syncs), _TO_RETIRE)
        return counted(
            self._town, self.book, self.wishes.made, kills=len(self.killer.log), seconds=asked, seconds_to_end=to_end
        )

    def _enough(self, began: float) -> Callable[[], bool]:
        def enough() -> bool:
            confirmed = sum(bool(wish.enrollment_id) for wish in self.wishes.made)
            return (
                confirmed >= self._size.enrollments
                and len(self.killer.log) >= self._size.kills - 1
                and time.monotonic() - began >= self._size.seconds
            )

        return enough

    def _none_open(self) -> bool:
        return not self.book.open_among(self.wishes.confirmed())

    async def _until(self, true: Callable[[], bool], patience: float) -> float:
        """The seconds until it was true; what the bot said last when it was not in time."""
        began = time.monotonic()
        while not true():
            waited = time.monotonic() - began
            still = self.book.open_among(self.wishes.confirmed())
            assert waited < patience, f"open: {still}\n{self.killer.told()}\n{self._processes.last_words()}"
            await asyncio.sleep(0.05)
        return time.monotonic() - began


async def _set_within(event: asyncio.Event, seconds: float) -> bool:
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return False
    return True
