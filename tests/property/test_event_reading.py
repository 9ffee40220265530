"""Whatever happened, and whichever hundred of it Polytomic chooses to tell, nothing is passed over in silence."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zlib import crc32

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.enrollment import events
from bot.enrollment.events import Reading
from bot.errors import PolytomicBusy
from bot.polytomic.wire import Event

LIMIT = 5
BEGIN = datetime(2026, 11, 23, 12, tzinfo=UTC)
KINDS = (*events.ENDS, events.RUNNING, "bulk_sync.completed")

Order = Callable[[Sequence[Event], int], Sequence[Event]]


@dataclass(frozen=True)
class Happened:
    """An event with the time by which it is found, which need not be the time that it shows."""

    at: datetime
    event: Event


class Model:
    """The list of events as Polytomic describes it: both bounds exclusive, at most a page, in whatever order."""

    def __init__(self, happened: Sequence[Happened], order: Order, *, busy_at: int = 0) -> None:
        self.happened = happened
        self.calls = 0
        self._order = order
        self._busy_at = busy_at

    async def page(self, after: datetime, before: datetime | None, kind: str | None) -> Sequence[Event]:
        self.calls += 1
        if self.calls == self._busy_at:
            raise PolytomicBusy("GET /api/events", "429", retry_after=1)
        found = [
            one.event
            for one in self.happened
            if after < one.at and (before is None or one.at < before) and kind in (None, one.event.type)
        ]
        return self._order(found, self.calls)[:LIMIT]

    def read(self, calls: int, *, after: datetime = BEGIN, before: datetime | None = None) -> Reading:
        return asyncio.run(events.read(self.page, after, before, calls=calls, limit=LIMIT))

    def ids(self, after: datetime, until: datetime | None) -> set[str]:
        """Everything after the one time and not after the other."""
        return {one.event.id for one in self.happened if after < one.at and (until is None or one.at <= until)}


def _newest(found: Sequence[Event], _: int) -> Sequence[Event]:
    return sorted(found, key=lambda event: event.created_at or BEGIN, reverse=True)


def _oldest(found: Sequence[Event], _: int) -> Sequence[Event]:
    return sorted(found, key=lambda event: event.created_at or BEGIN)


def _changing(found: Sequence[Event], call: int) -> Sequence[Event]:
    return sorted(found, key=lambda event: crc32(f"{event.id} {call}".encode()))


def _meaningless(found: Sequence[Event], _: int) -> Sequence[Event]:
    return sorted(found, key=lambda event: crc32(event.id.encode()))


def _happened(microseconds: Sequence[int], kinds: Sequence[str], cut: str) -> list[Happened]:
    made = []
    for number, (offset, kind) in enumerate(zip(microseconds, kinds, strict=False)):
        at = BEGIN + timedelta(microseconds=offset)
        whole = at.replace(microsecond=0)
        shown = at if cut == "nothing" else whole
        event = Event(id=f"event-{number}", type=kind, created_at=shown)
        made.append(Happened(whole if cut == "everything" else at, event))
    return made


# Near each other, of one instant, at the edge of the window, or minutes apart.
OFFSETS = st.one_of(
    st.integers(0, 240_000_000),
    st.integers(0, 12),
    st.integers(59_000_000, 61_000_000),
    st.sampled_from([0, 1, 60_000_000, 60_000_001, 239_999_999]),
)
HAPPENED = st.builds(
    _happened,
    st.lists(OFFSETS, max_size=60),
    st.lists(st.sampled_from(KINDS), min_size=60, max_size=60),
    st.sampled_from(["nothing", "what is shown", "everything"]),
)
ORDERS = st.sampled_from([_newest, _oldest, _changing, _meaningless])
BEFORE = st.one_of(st.none(), st.integers(1, 240_000_000).map(lambda n: BEGIN + timedelta(microseconds=n)))


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(HAPPENED, ORDERS, st.integers(1, 60), BEFORE)
def test_what_is_not_read_is_said(happened: list[Happened], order: Order, calls: int, before: datetime | None) -> None:
    """Everything up to `through` was read, each once, within the calls; what is missing shares its instant and type."""
    model = Model(happened, order)
    reading = model.read(calls, before=before)
    assert model.calls == reading.calls <= calls
    read = [event.id for event in reading.events]
    assert len(set(read)) == len(read)
    last = None if before is None else before - timedelta(microseconds=1)
    until = last if reading.through is None else reading.through
    missing = model.ids(BEGIN, until) - set(read)
    crowd = Counter((one.at, one.event.type) for one in happened)
    instants = Counter(one.at for one in happened)
    told_apart = {
        one.event.id
        for one in happened
        if instants[one.at] < LIMIT
        or (crowd[one.at, one.event.type] < LIMIT and one.event.type in (*events.ENDS, events.RUNNING))
    }
    assert set() == missing & told_apart
    by_kind = {one.event.id for one in happened if not one.event.type.startswith("bulk_sync")}
    assert reading.missed or set() == missing & by_kind


@settings(max_examples=100, deadline=None)
@given(HAPPENED, ORDERS)
def test_reading_on_reads_everything(happened: list[Happened], order: Order) -> None:
    """Tick after tick, each going on where the last one ended, comes to the end and has seen it all.

    Forty calls find a crowd of one microsecond among times that show no fractions, which is as bad as it gets.
    """
    after, read, ticks, missed = BEGIN, set[str](), 0, False
    model = Model(happened, order)
    while True:
        reading = model.read(40, after=after)
        read |= {event.id for event in reading.events}
        missed |= reading.missed
        ticks += 1
        if reading.through is None:
            break
        # Each tick comes further, so that there is an end to it.
        assert after < reading.through
        after = reading.through
    assert ticks <= 1 + len(happened)
    of_ours = {one.event.id for one in happened if one.at > BEGIN and not one.event.type.startswith("bulk_sync")}
    assert missed or of_ours <= read


@settings(max_examples=50, deadline=None)
@given(HAPPENED, ORDERS, st.integers(1, 12))
def test_an_error_costs_only_what_follows(happened: list[Happened], order: Order, busy_at: int) -> None:
    """What was read before Polytomic asked to wait is kept, and it is known how far that was."""
    model = Model(happened, order, busy_at=busy_at)
    reading = model.read(30)
    assert (reading.stopped_by is not None) == (model.calls == busy_at)
    if reading.stopped_by is not None and reading.through is not None and not reading.missed:
        of_ours = {one.event.id for one in happened if not one.event.type.startswith("bulk_sync")}
        assert set() == (model.ids(BEGIN, reading.through) & of_ours) - {event.id for event in reading.events}
