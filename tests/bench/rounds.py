"""Rounds in which everybody has a turn: A B A B, so that whatever the machine does meanwhile meets them all."""

import gc
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

T = TypeVar("T")

Turn = Callable[[], Awaitable[T]]


async def interleaved(turns: Mapping[str, Turn[T]], rounds: int) -> dict[str, list[T]]:
    """What each turn came to in each round, after one of each that does not count."""
    measured: dict[str, list[T]] = {name: [] for name in turns}
    for number in range(rounds + 1):
        for name, turn in turns.items():
            gc.collect()
            came_to = await turn()
            if number:
                measured[name].append(came_to)
    return measured
