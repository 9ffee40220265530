"""Whether what enrollments wait for has been mended: one look at Polytomic's connections answers for all of them.

An answer at all says that the key works; a healthy Gong connection says that its consent was given. Those who wait are
made due and look for themselves, so two processes that look at once do no harm.
"""

from collections.abc import Collection
from datetime import timedelta

import structlog

from bot.enrollment import chores, outages
from bot.enrollment.chores import Nudge
from bot.enrollment.model.clock import Clock
from bot.enrollment.model.messages import Message
from bot.enrollment.model.outages import Outage, OutageKind
from bot.errors import PolytomicError
from bot.polytomic.client import PolytomicClient
from bot.polytomic.wire import Connection
from bot.store import held
from bot.store import outages as going
from bot.store.session import Database

_TRIES = 2
_OF_ITS_OWN = timedelta(minutes=10)


class Mending:
    """`look` is called every few seconds, and at once when a consent was given."""

    def __init__(self, db: Database, polytomic: PolytomicClient, *, clock: Clock, nudge: Nudge) -> None:
        self._db = db
        self._polytomic = polytomic
        self._clock = clock
        self._nudge = nudge
        self._log = structlog.get_logger()

    async def look(self) -> None:
        """Whoever waited for what works again goes on, and those who were asked to mend it read so.

        Makes no call while nobody waits and nothing is out, and one otherwise; without an answer nothing is known.
        """
        async with self._db.begin() as s:
            if not await held.anybody(s) and not await going.all_going(s):
                return
        try:
            connections = await self._polytomic.connections()
        except PolytomicError as error:
            self._log.info("mending.unseen", call=error.call, kind=type(error).__name__)
            return
        await self._wake([one.id for one in connections if one.healthy])
        await self._heal(connections)

    async def _wake(self, healthy: Collection[str]) -> None:
        now = self._clock()
        async with self._db.begin() as s:
            woken = await held.wake_for_gong(s, healthy, now)
            # The key works for this call: who was refused all the same, twice, is refused something of its own.
            woken += await held.wake_for_key(s, now, tried=_TRIES, tried_before=now - _OF_ITS_OWN)
        for enrollment_id in woken:
            self._nudge(chores.ENROLLMENT, enrollment_id)

    async def _heal(self, connections: Collection[Connection]) -> None:
        """An outage is over when it is mended and nobody waits any more: the last who goes on ends it as well."""
        asked: list[Message] = []
        async with self._db.begin() as s:
            for one in await going.all_going(s):
                mended, gone = _mended(one, connections), _gone(one, connections)
                current = await going.going(s, one.team_id, one.kind, one.connection_id) if mended or gone else None
                if current is not None and not await held.anybody_for(s, current):
                    asked += await outages.heal(s, current, self._clock(), told=mended)
        for message in asked:
            self._nudge(chores.MESSAGE, message.id)


def _mended(outage: Outage, connections: Collection[Connection]) -> bool:
    if outage.kind is OutageKind.KEY:
        return True
    return any(one.id == outage.connection_id and one.healthy for one in connections)


def _gone(outage: Outage, connections: Collection[Connection]) -> bool:
    """True when its connection is no more: nobody will give it a consent again."""
    return outage.kind is OutageKind.GONG and all(one.id != outage.connection_id for one in connections)
