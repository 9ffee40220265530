"""What grows old is let go, once an hour: drafts nobody came back to, lists of checks nobody needs, and memories."""

from datetime import datetime, timedelta

import structlog

from bot.enrollment.limits import Limits
from bot.enrollment.model.clock import Clock
from bot.enrollment.model.policies import Policy
from bot.store import checks, drafts, memory
from bot.store.session import Database

_EVERY = timedelta(hours=1)
_ALL = "all"


class Housekeeping:
    """A chore of the runner with one row that is due every hour."""

    def __init__(self, db: Database, *, clock: Clock, limits: Limits, policy: Policy) -> None:
        self._db = db
        self._remembered = timedelta(days=max(limits.memory_days, policy.cool_off_days))
        self._clock = clock
        self._limits = limits
        self._done_at: datetime | None = None
        self._log = structlog.get_logger()

    async def due(self, now: datetime, _: int) -> list[str]:
        """The one row, when an hour has passed."""
        return [_ALL] if self._done_at is None or now - self._done_at >= _EVERY else []

    async def do(self, _: str) -> None:
        """Old drafts have expired; lists older than the retention are deleted with the ids in them.

        What is left of those is a salted hash per person, until that is too old as well.
        """
        now = self._clock()
        async with self._db.begin() as s:
            expired = await drafts.expire(s, now - timedelta(days=self._limits.draft_days), now)
            purged = await checks.purge(s, now - timedelta(days=max(self._limits.retention_days, 1)))
            forgotten = await memory.purge(s, now - self._remembered)
        self._done_at = now
        if expired or purged or forgotten:
            self._log.info("house.kept", drafts=expired, checks=purged, remembered=forgotten)
