"""Is this process alive, and can it serve? For whoever restarts it, and for whoever sends it work.

The two are kept apart: a host that restarts the bot because its database is away makes nothing better.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

Sign = Callable[[], bool]


class Health:
    """`alive` is asked by `GET /healthz`; the database and the named `signs` make up `GET /readyz`."""

    def __init__(
        self, *, alive: Sign, database: Callable[[], Awaitable[bool]], signs: Mapping[str, Sign], within: float = 2.0
    ) -> None:
        self.alive = alive
        self._database = database
        self._signs = dict(signs)
        self._within = within
        self._asked: asyncio.Task[bool] | None = None

    async def ready(self) -> dict[str, bool]:
        """Each part with whether it works."""
        return {"database": await self._answers(), **{name: sign() for name, sign in self._signs.items()}}

    async def _answers(self) -> bool:
        # A question that the database is long in answering is not asked a second time, however often we are.
        if self._asked is None or self._asked.done():
            self._asked = asyncio.create_task(_asked(self._database), name="health")
        asked = self._asked
        await asyncio.wait({asked}, timeout=self._within)
        return asked.done() and asked.result()


async def _asked(probe: Callable[[], Awaitable[bool]]) -> bool:
    return await probe()
