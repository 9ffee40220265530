"""Reading everything that happened after a time, from a list without pages and of unknown order.

Polytomic gives at most a hundred events between two times, both exclusive, and does not say which hundred
(https://docs.polytomic.com, Events). So only a page that is not full proves that nothing else happened between its
times; a full one is asked for again in two parts. What is between the parts' times is never guessed from the events
that were seen: those only tell where a cut is likely to help.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.errors import PolytomicError
from bot.polytomic.wire import Event

Page = Callable[[datetime, datetime | None, str | None], Awaitable[Sequence[Event]]]
"""(after, before, type) -> at most `LIMIT` events between these times, both exclusive; None is no bound."""

LIMIT = 100
RUNNING = "sync.running"
ENDS = ("sync.completed", "sync.completed_with_errors", "sync.failed", "sync.canceled")

_MOMENT = timedelta(microseconds=1)
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read. No event is in it twice.

    `through` is None when everything was read; else only what happened up to then was, because calls ran out or one
    was answered by an error. `missed` is true when more happened in one instant than can be told apart.
    """

    events: tuple[Event, ...]
    calls: int
    through: datetime | None = None
    missed: bool = False
    stopped_by: PolytomicError | None = None

    @property
    def newest(self) -> datetime | None:
        """The time of the latest event that was seen."""
        return max((event.created_at for event in self.events if event.created_at), default=None)


async def read(
    page: Page, after: datetime, before: datetime | None = None, *, calls: int, limit: int = LIMIT
) -> Reading:
    """Everything between the two times, the oldest first, by at most so many calls."""
    return await _Reader(page, calls, limit).read(_Window(after, before))


@dataclass(frozen=True, slots=True)
class _Window:
    after: datetime
    before: datetime | None

    @property
    def empty(self) -> bool:
        """Whether no instant lies between its times."""
        return self.before is not None and self.before - self.after <= _MOMENT


class _Spent(Exception):
    """No call is left."""


class _Reader:
    def __init__(self, page: Page, calls: int, limit: int) -> None:
        self._page = page
        self._calls = calls
        self._limit = limit
        self._used = 0
        self._missed = False
        self._found: dict[str, Event] = {}

    async def read(self, whole: _Window) -> Reading:
        windows = [whole]  # The oldest stands last: whenever this has to stop, everything before it was read.
        stopped_by = None
        try:
            while windows:
                windows[-1:] = reversed(await self._left_of(windows[-1]))
        except _Spent:
            pass
        except PolytomicError as error:
            stopped_by = error
        through = windows[-1].after if windows else None
        return Reading(tuple(self._found.values()), self._used, through, self._missed, stopped_by)

    async def _left_of(self, window: _Window) -> Sequence[_Window]:
        """The parts of the window that still have to be read, after one page of it."""
        seen = await self._ask(window)
        if len(seen) < self._limit:
            return ()
        parts = _parts(window, sorted(event.created_at for event in seen if event.created_at))
        if not parts:
            await self._ask_by_type(window)
        return parts

    async def _ask_by_type(self, window: _Window) -> None:
        # More events than one page in one instant: those of bulk syncs, at least, are of no interest.
        for kind in (*ENDS, RUNNING):
            self._missed |= len(await self._ask(window, kind)) >= self._limit

    async def _ask(self, window: _Window, kind: str | None = None) -> Sequence[Event]:
        if self._used >= self._calls:
            raise _Spent
        self._used += 1
        seen = await self._page(window.after, window.before, kind)
        self._found |= {event.id: event for event in seen}
        return seen


def _parts(window: _Window, times: Sequence[datetime]) -> Sequence[_Window]:
    """The window in smaller ones that leave out nothing, the oldest first; none when it is a single instant."""
    if window.before is not None and window.before - window.after <= 2 * _MOMENT:
        return ()
    crowded = _crowded(times)
    if crowded is not None and window.after < crowded and (window.before is None or crowded < window.before):
        # Halving would come near this instant only after some thirty calls.
        instant = _Window(crowded - _MOMENT, crowded + _MOMENT)
        around = (_Window(window.after, crowded), instant, _Window(crowded, window.before))
        return [part for part in around if not part.empty]
    cut = _cut(window, times)
    # Bounds are exclusive, so the first part reaches beyond the cut. By a second, where there is room for it: should
    # Polytomic read bounds without their fractions, what happened at the cut is still in one of the two.
    edge = _SECOND if cut - window.after >= 2 * _SECOND else _MOMENT
    return (_Window(window.after, cut + edge), _Window(cut, window.before))


def _crowded(times: Sequence[datetime]) -> datetime | None:
    """The instant to which half of these times belong, if there is one. It is the median then."""
    median = times[len(times) // 2] if times else None
    return median if median is not None and 2 * times.count(median) >= len(times) else None


def _cut(window: _Window, times: Sequence[datetime]) -> datetime:
    """Where to cut: half-way to the last event, or at the median of the times seen where that is earlier.

    Half-way makes the older part shorter whatever the order is, and the median leads at once to a burst of events,
    which halving would have to find. A time that is shown in whole seconds may be up to one later than it says.
    """
    after, before = window.after, window.before
    end = max(times[-1] if times else after, after) + _SECOND
    if before is not None:
        end = min(end, before)
    cut = after + (end - after) / 2
    if times and after < times[len(times) // 2]:
        cut = min(cut, times[len(times) // 2])
    if before is not None:
        cut = min(cut, before - 2 * _MOMENT)
    return max(cut, after + _MOMENT)
