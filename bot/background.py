"""Work that goes on after Slack has its answer: tracked, so that it is neither collected nor forgotten at shutdown."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

OnError = Callable[[BaseException], Awaitable[None]]


class Background:
    """Strong references to running tasks, one error path, and a way to wait for all of them."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()
        self._closing = False

    def start(self, work: Coroutine[Any, Any, Any], *, on_error: OnError) -> None:
        """The work runs; if it raises, `on_error` hears of it."""
        task = asyncio.create_task(self._watched(work, on_error))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def drain(self, timeout: float) -> None:
        """Returns when no work is left, or after `timeout` seconds, when the rest is ended."""
        while self._tasks:
            _, late = await asyncio.wait(set(self._tasks), timeout=timeout)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _watched(self, work: Coroutine[Any, Any, Any], on_error: OnError) -> None:
        try:
            await work
        except Exception as error:
            await on_error(error)
