"""A kind of work as a runner knows it: which rows want it, how one is brought on, and when it wants to be next."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

Key = tuple[str, str]
"""(name of the chore, row id)."""


async def _unknown(_: str) -> datetime | None:
    return None


@dataclass(frozen=True, slots=True)
class Chore:
    """A kind of work: which rows want it by now (at most so many, the oldest first), and how one is brought on.

    `due_at` tells when a row wants to be looked at next, so that a runner need not search for it until then; None
    when it does not know. Where turns queue, those of a higher `priority` come first.
    """

    name: str
    due: Callable[[datetime, int], Awaitable[list[str]]]
    do: Callable[[str], Awaitable[None]]
    due_at: Callable[[str], Awaitable[datetime | None]] = _unknown
    priority: int = 0
