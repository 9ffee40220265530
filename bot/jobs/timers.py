"""Rows that want to be looked at again soon: each is rung for on its time, so that a runner need not search often."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.enrollment.model.clock import Clock
from bot.jobs.chore import Key

_SOON = timedelta(seconds=60)
# A row that is due still, or again, is not looked at in a circle.
_AT_ONCE = 0.25


class Timers:
    """At most one timer for each row; what is forgotten with the process is found by the next search."""

    def __init__(self, clock: Clock, ring: Callable[[str, str], None]) -> None:
        self._clock = clock
        self._ring = ring
        self._set: dict[Key, asyncio.TimerHandle] = {}

    def set(self, key: Key, due_at: datetime | None) -> None:
        """The row is rung for on its time if that is soon, and at no other."""
        known = self._set.pop(key, None)
        if known is not None:
            known.cancel()
        left = None if due_at is None else due_at - self._clock()
        if left is None or left > _SOON:
            return
        loop = asyncio.get_running_loop()
        self._set[key] = loop.call_later(max(left.total_seconds(), _AT_ONCE), self._rung, key)

    def cancel(self) -> None:
        """Nobody is rung for any more."""
        for timer in self._set.values():
            timer.cancel()
        self._set.clear()

    def _rung(self, key: Key) -> None:
        self._set.pop(key, None)
        self._ring(*key)
