"""Work that goes on after a listener has answered: held by strong references, with one path for what goes wrong."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import structlog

OnError = Callable[[BaseException], Awaitable[None]]


class Background:
    """The tasks of this process that nobody waits for; they begin in their order, one in each turn of the event loop.

    So whatever is answered at once is answered first: with all of a crowd's work beginning in one turn, the last of
    the crowd would wait for it.
    """

    def __init__(self) -> None:
        self._begins = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self._log = structlog.get_logger()

    def start(self, work: Coroutine[Any, Any, Any], *, on_error: OnError) -> None:
        """The work goes on by itself; what it raises is given to `on_error`."""
        task = asyncio.create_task(self._guarded(work, on_error))
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        # One that is cut off before its first step leaves `work` unawaited; closing what has ended does nothing.
        task.add_done_callback(lambda _: work.close())

    async def settle(self, timeout: float) -> None:
        """Everything started has ended, also what it started in turn, or `timeout` seconds have passed."""
        deadline = asyncio.get_running_loop().time() + timeout
        while self._tasks and (left := deadline - asyncio.get_running_loop().time()) > 0:
            await asyncio.wait(self._tasks, timeout=left)

    async def drain(self, timeout: float) -> None:
        """Everything started has ended; what took longer than `timeout` was cut off."""
        await self.settle(timeout)
        cut = list(self._tasks)
        for task in cut:
            task.cancel()
        await asyncio.gather(*cut, return_exceptions=True)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            # Even telling the person failed; the log is what is left.
            self._log.error("background.failed", exc_info=error)

    async def _guarded(self, work: Coroutine[Any, Any, Any], on_error: OnError) -> None:
        async with self._begins:
            await asyncio.sleep(0)
        try:
            await work
        except Exception as error:  # noqa: BLE001  # the one error listener decides what each error means
            await on_error(error)
