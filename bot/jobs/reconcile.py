"""The reconciler: one look at what happened at Polytomic for all runs together, whatever their number.

Runs that are older than two minutes are no longer asked about one by one. Polytomic's events say which of them ended,
and those are woken: their enrollments are due now. An event may be lost, late, or older than the 48 hours for which
events are kept; so of the runs that nobody has looked at for long a few are woken at each tick, too. What is done with
a run that was woken is not known here.
"""

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from bot.enrollment import chores, events, pacing
from bot.enrollment.chores import Nudge
from bot.enrollment.events import Reading
from bot.enrollment.model.clock import Clock
from bot.enrollment.model.cursors import Cursor
from bot.enrollment.model.enrollments import State
from bot.errors import PolytomicBusy, PolytomicError
from bot.polytomic.client import PolytomicClient
from bot.polytomic.wire import Event
from bot.store import cursors, enrollments, runs
from bot.store.runs import Watched
from bot.store.session import Database

CURSOR = "events"
CALLS = 20
"""The most calls to Polytomic that one tick asks for by itself: pages of events, and looks at quiet runs."""
QUIET_LOOKS = 5
"""How many of them are looks at runs that have been quiet for long."""
QUIET = timedelta(minutes=10)
OVERLAP = timedelta(minutes=2)
"""How late an event may come to the list, and how far Polytomic's clock and ours may be apart, without harm."""
_KEPT = timedelta(hours=48)
_EVERY = timedelta(seconds=14)
"""A second less than is meant: the sweep of many processes comes every five, and a little late."""
_CAUGHT_UP = timedelta(hours=1)
"""A cursor that is no older says by itself where to go on."""
_ALL = "all"


@dataclass(frozen=True, slots=True)
class _Rows:
    """What a tick starts from."""

    cursor: Cursor
    watched: bool
    watched_since: datetime | None
    quiet: Sequence[str]


class Reconciler:
    """A chore with one row that is due every 15 seconds, whichever process of the deployment then takes it."""

    def __init__(
        self,
        db: Database,
        polytomic: PolytomicClient,
        *,
        clock: Clock,
        team_id: str,
        nudge: Nudge,
        mend: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._db = db
        self._polytomic = polytomic
        self._clock = clock
        self._team_id = team_id
        self._nudge = nudge
        self._mend = mend
        self._done_at: datetime | None = None
        self._log = structlog.get_logger()

    async def due(self, now: datetime, _: int) -> list[str]:
        """The one row, when it may be time for the next tick."""
        return [_ALL] if self._done_at is None or now - self._done_at >= _EVERY else []

    async def do(self, _: str) -> None:
        """One tick, unless another process has been faster; a process that has just started does not wait its turn.

        What ended while nobody was there is told now, and not when the tick before the restart is old enough.
        """
        now = self._clock()
        before = now if self._done_at is None else now - _EVERY
        async with self._db.begin() as s:
            mine = await cursors.claim(s, CURSOR, self._team_id, now, before)
        if mine:
            await self.tick()
        # Counted from its end: the row says when it began, which may be a little later than `now`.
        self._done_at = self._clock()

    async def tick(self) -> None:
        """Every run of which there is news, and some that were quiet for long, are looked at now."""
        now = self._clock()
        found = await self._rows(now)
        if found.cursor.not_before is not None and now < found.cursor.not_before:
            return
        try:
            if self._mend is not None:
                await self._mend()
        except PolytomicError as error:
            await self._put_off(found.cursor, error)
            return
        # Young runs are looked at by themselves.
        if found.watched:
            await self._reconcile(found, now)

    async def _reconcile(self, found: _Rows, now: datetime) -> None:
        after = _start(found.cursor, found.watched_since, now)
        reading = await events.read(self._page, after, calls=CALLS - len(found.quiet))
        # The rows are woken before the cursor moves on: killed in between, the same is read again.
        woken = await self._wake(reading, found.quiet, now)
        cursor = replace(found.cursor, at=_read_up_to(reading, after, now), looked_at=now, not_before=None)
        if reading.stopped_by is not None:
            await self._put_off(cursor, reading.stopped_by)
        else:
            await self._save(cursor)
        if woken or reading.missed or reading.through is not None:
            self._log.info(
                "reconciler.ticked",
                calls=reading.calls,
                events=len(reading.events),
                quiet=len(found.quiet),
                woken=woken,
                missed=reading.missed,
                behind=reading.through is not None,
            )

    async def _page(self, after: datetime, before: datetime | None, kind: str | None) -> Sequence[Event]:
        return await self._polytomic.events(starting_after=after, ending_before=before, type=kind, limit=events.LIMIT)

    # -- rows

    async def _rows(self, now: datetime) -> _Rows:
        async with self._db.begin() as s:
            cursor = await cursors.get(s, CURSOR, self._team_id)
            watched = await runs.watched(s, self._team_id, now - pacing.YOUNG)
            behind = cursor.at is None or cursor.at < now - _CAUGHT_UP
            return _Rows(
                cursor=cursor,
                watched=watched,
                watched_since=await runs.watched_since(s, self._team_id) if watched and behind else None,
                quiet=await runs.quiet(s, self._team_id, now, now - QUIET, QUIET_LOOKS),
            )

    async def _wake(self, reading: Reading, quiet: Collection[str], now: datetime) -> int:
        told = _told(reading.events)
        async with self._db.begin() as s:
            named = await runs.named(s, self._team_id, list(told))
            news = [run.enrollment_id for run in named if _is_news(run, told[run.execution_id])]
            woken = await enrollments.wake(s, list(dict.fromkeys([*news, *quiet])), now)
        for enrollment_id in woken:
            self._nudge(chores.ENROLLMENT, enrollment_id)
        return len(woken)

    async def _put_off(self, cursor: Cursor, error: PolytomicError) -> None:
        """What is left waits for the next tick, or until Polytomic may be asked again."""
        self._log.warning("reconciler.refused", call=error.call, cause=str(error))
        if isinstance(error, PolytomicBusy):
            cursor = replace(cursor, not_before=self._clock() + timedelta(seconds=error.retry_after))
        await self._save(cursor)

    async def _save(self, cursor: Cursor) -> None:
        async with self._db.begin() as s:
            await cursors.save(s, cursor)


def _start(cursor: Cursor, watched_since: datetime | None, now: datetime) -> datetime:
    """Where to begin: where the last reading ended, unless that is before anything that can be of interest."""
    # The start of a run is a time of our clock, an event's one of Polytomic's.
    oldest = now - _KEPT if watched_since is None else max(watched_since - OVERLAP, now - _KEPT)
    return oldest if cursor.at is None else max(cursor.at, oldest)


def _read_up_to(reading: Reading, after: datetime, now: datetime) -> datetime:
    """Where the next reading begins.

    After everything was read it goes back by the overlap, for events that come late. It goes back from the newest event
    rather than from now: that is a time of Polytomic's clock, and should ours be ahead, nothing is passed over. Should
    ours be behind, or one event be dated into the future, it goes back from now. For the same reason no window has an
    upper bound of our clock's.

    After a part it goes on from there, without overlap: a burst of more events than one tick can read would else be
    read from its beginning for ever. The overlap follows when the burst has been caught up with. Where a whole tick's
    calls were not enough for the smallest part, it goes on as well, and leaves that to the looks at quiet runs.
    """
    if reading.stopped_by is not None or (reading.through is not None and reading.through > after):
        return reading.through or after
    if reading.newest is None:
        return after
    overlapping = min(reading.newest, now) - OVERLAP
    return overlapping if reading.through is None else max(overlapping, after)


def _told(read: Iterable[Event]) -> Mapping[str, Sequence[Event]]:
    """What is told of each execution that an event names."""
    told: dict[str, list[Event]] = {}
    for event in read:
        if event.event.execution_id and event.type in (*events.ENDS, events.RUNNING):
            told.setdefault(event.event.execution_id, []).append(event)
    return told


def _is_news(run: Watched, told: Iterable[Event]) -> bool:
    """True when one of these events says more than our last look at the run.

    Windows overlap, so the same event is read again and again. Old news is none, or a run that waits for a person
    would be looked at for ever. Its beginning is news of such a run only: somebody may have taken it up again.
    """
    kinds = (*events.ENDS, events.RUNNING) if run.state is State.NEEDS_ATTENTION else events.ENDS
    return any(
        event.created_at is None or run.looked_at is None or event.created_at > run.looked_at - OVERLAP
        for event in told
        if event.type in kinds
    )
