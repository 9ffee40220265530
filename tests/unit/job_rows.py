"""Rows in memory for the tests of the runners, and a way to wait for what they do."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from bot.jobs.chore import Chore


def now() -> datetime:
    """The clock that the runner is given."""
    return datetime.now(UTC)


class Rows:
    """Rows in memory that are due at a time; bringing one on runs `work` and then makes it due no more."""

    def __init__(self, *due: str, work: Callable[[str], Awaitable[object]] | None = None) -> None:
        self.due_at = dict.fromkeys(due, datetime.min.replace(tzinfo=UTC))
        self.begun: list[str] = []
        self.ended: list[str] = []
        self.in_hand: list[str] = []
        self.most_at_once = 0
        self._work = work

    async def due(self, at: datetime, limit: int) -> list[str]:
        """As the store answers."""
        return [row for row, due_at in sorted(self.due_at.items(), key=lambda item: item[1]) if due_at <= at][:limit]

    async def do(self, row: str) -> datetime | None:
        """One row, one step on; when it wants to be looked at next."""
        self.begun.append(row)
        assert row not in self.in_hand
        self.in_hand.append(row)
        self.most_at_once = max(self.most_at_once, len(self.in_hand))
        try:
            await asyncio.sleep(0)
            if self._work is not None:
                await self._work(row)
            self.due_at.pop(row, None)
            self.ended.append(row)
        finally:
            self.in_hand.remove(row)
        return self.due_at.get(row)

    def chore(self, name: str = "enrollment") -> Chore:
        """These rows as a kind of work."""
        return Chore(name, self.due, self.do)


async def until(true: Callable[[], bool]) -> None:
    """Returns once it is true; the test's own timeout ends the wait otherwise."""
    while not true():  # noqa: ASYNC110  # what is waited for is read, not announced
        await asyncio.sleep(0.002)
