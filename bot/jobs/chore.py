"""A kind of work as a runner knows it: which rows want it, how one is brought on, and when it wants to be next."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

Key = tuple[str, str]
"""(name of the chore, row id)."""


@dataclass(frozen=True, slots=True)
class Chore:
    """A kind of work: which rows want it by now (at most so many, the oldest first), and how one is brought on.

    `do` tells when the row wants to be looked at next, so that a runner need not search for it until then; None when
    it waits for nothing, or nobody knows. Where turns queue, those of a higher `priority` come first.
    """

    name: str
    due: Callable[[datetime, int], Awaitable[list[str]]]
    do: Callable[[str], Awaitable[datetime | None]]
    priority: int = 0
