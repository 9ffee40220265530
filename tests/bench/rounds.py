"""Rounds in which everybody has a turn: A B A B, so that whatever the machine does meanwhile meets them all."""

import gc
import statistics
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")

Turn = Callable[[], Awaitable[T]]


async def interleaved(turns: Mapping[str, Turn[T]], rounds: int) -> dict[str, list[T]]:
    """What each turn came to in each round, after one of each that does not count."""
    measured: dict[str, list[T]] = {name: [] for name in turns}
    for number in range(rounds + 1):
        for name, turn in turns.items():
            with _unburdened():
                came_to = await turn()
            if number:
                measured[name].append(came_to)
    return measured


async def alternately(calls: Mapping[str, Turn[object]], times: int) -> dict[str, float]:
    """The median seconds of each call, so many times one after the other: turns as short as can be."""
    taken: dict[str, list[float]] = {name: [] for name in calls}
    with _unburdened():
        for _ in range(times):
            for name, call in calls.items():
                began = time.perf_counter()
                await call()
                taken[name].append(time.perf_counter() - began)
    return {name: statistics.median(each) for name, each in taken.items()}


@contextmanager
def _unburdened() -> Iterator[None]:
    """What whoever measures holds, a whole sandbox, is not searched for garbage meanwhile; what a turn makes is."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
