"""The runner for many processes: Procrastinate on PostgreSQL says who brings which row on, never two at once.

What is due stands in our own rows. A job is only the turn to look at one, so a lost job costs time and nothing else:
the sweep finds the row. Procrastinate's locks keep two workers off one row; where a lock is lost with its worker, the
version of the row keeps the slower one from writing (`bot.store.enrollments`).
"""

import asyncio
from collections.abc import Sequence
from typing import Any

import psycopg
import structlog
from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued, ProcrastinateException
from procrastinate.jobs import Job, Status

from bot.enrollment.model.clock import Clock
from bot.jobs.chore import Chore
from bot.jobs.pauses import Pauses
from bot.jobs.timers import Timers

HEARTBEAT = 10.0
"""Seconds without a sign of life after which a worker counts as dead and its rows are given to others."""
_SIGN_OF_LIFE = 2.0
_SWEEP = "* * * * * */5"
"""Every five seconds: Procrastinate takes a sixth column for seconds, and it is the last one."""
_MOST_DUE = 500
_RESTART = 1.0
_FIRST = 100


class Distributed:
    """Defers turns from any process, and takes them where it `works`; `grace` is how long a turn may end at a stop."""

    def __init__(
        self, chores: Sequence[Chore], *, conninfo: str, clock: Clock, works: bool, grace: float, at_once: int = 12
    ) -> None:
        self._chores = {chore.name: chore for chore in chores}
        self._clock = clock
        self._works = works
        self._pauses = Pauses()
        self._deferring: set[asyncio.Task[None]] = set()
        self._timers = Timers(clock, self.nudge)
        self._working: asyncio.Task[None] | None = None
        self._stopping = False
        self._log = structlog.get_logger()
        self._options: dict[str, Any] = {
            "concurrency": at_once,
            "fetch_job_polling_interval": 1.0,  # A lock that is released wakes nobody.
            "update_heartbeat_interval": _SIGN_OF_LIFE,
            "stalled_worker_timeout": HEARTBEAT,
            "shutdown_graceful_timeout": grace,
            "delete_jobs": "always",
            "install_signal_handlers": False,
        }
        self._app = _app(conninfo)
        self._task = self._app.task(name="advance")(self._take_turn)
        # No lock: one that died with its worker would block the very task that heals.
        sweep = self._app.task(name="sweep", queueing_lock="sweep", priority=_FIRST)(self._sweep)
        self._app.periodic(cron=_SWEEP)(sweep)

    async def start(self) -> None:
        """Turns can be deferred from now on, and are taken if this process works."""
        await self._app.open_async()
        if self._works:
            self._working = asyncio.create_task(self._work(), name="distributed")

    async def stop(self, grace: float = 8) -> None:
        """No turn is taken up any more; those in hand have ended, or were cut off when their grace was over."""
        self._stopping = True
        self._timers.cancel()
        if self._working is not None:
            self._working.cancel()
            await asyncio.gather(self._working, return_exceptions=True)
        if self._deferring:
            await asyncio.wait(self._deferring, timeout=grace)
        await self._app.close_async()

    def nudge(self, chore: str, row_id: str) -> None:
        """Some worker looks at the row now, or once more as soon as it is out of hand."""
        if self._stopping:
            return  # The sweep of the others finds the row.
        task = asyncio.create_task(self._defer(chore, row_id))
        self._deferring.add(task)
        task.add_done_callback(self._deferring.discard)

    def alive(self) -> bool:
        """True while turns are taken here, where they are to be."""
        return not self._works or (self._working is not None and not self._working.done())

    # -- deferring

    async def _defer(self, chore: str, row_id: str) -> None:
        name = _lock(chore, row_id)
        turn = self._task.configure(lock=name, queueing_lock=name, priority=self._chores[chore].priority)
        try:
            await turn.defer_async(chore=chore, row_id=row_id)
        except AlreadyEnqueued:
            return  # Whoever takes that turn sees the row as it is then.
        except ProcrastinateException as error:
            self._log.warning("nudge.lost", chore=chore, row=row_id, kind=type(error).__name__)

    # -- taking turns

    async def _take_turn(self, chore: str, row_id: str) -> None:
        key = chore, row_id
        known = self._chores.get(chore)
        if known is None or self._pauses.paused(key):
            return
        try:
            due_at = await known.do(row_id)
        except Exception as error:  # noqa: BLE001  # the job runner: the row stays due, and others must go on
            self._pauses.failed(key, error)
            return
        self._pauses.succeeded(key)
        if not self._stopping:
            self._timers.set(key, due_at)

    async def _sweep(self, timestamp: int) -> None:
        """Whatever is due has a turn, and the turns of dead workers are free again."""
        await self._bury_the_dead()
        # What has ended is deleted, so these are the turns that wait or are being taken: a second one would be in vain.
        given = {job.queueing_lock for job in await self._app.job_manager.list_jobs_async()}
        for chore in self._chores.values():
            for row_id in await chore.due(self._clock(), _MOST_DUE):
                if _lock(chore.name, row_id) not in given:
                    await self._defer(chore.name, row_id)

    async def _bury_the_dead(self) -> None:
        for job in await self._app.job_manager.get_stalled_jobs(seconds_since_heartbeat=HEARTBEAT):
            await self._bury(job)

    async def _bury(self, job: Job) -> None:
        # Not `retry_job`: it would collide with a twin that waits in the queue. The row itself is due all the same.
        try:
            await self._app.job_manager.finish_job(job, status=Status.FAILED, delete_job=True)
        except ProcrastinateException:
            return  # Another sweep was faster.
        self._log.warning("job.taken_over", task=job.task_name, row=job.task_kwargs.get("row_id", ""))

    async def _work(self) -> None:
        """Works until canceled; a worker that PostgreSQL threw out is followed by another."""
        while True:
            try:
                await self._app.run_worker_async(**self._options)
            except (ProcrastinateException, psycopg.Error) as error:
                self._log.warning("worker.lost", kind=type(error).__name__)
            await asyncio.sleep(_RESTART)


def _lock(chore: str, row_id: str) -> str:
    return f"{chore}:{row_id}"


def _app(conninfo: str) -> App:
    connector = PsycopgConnector(
        conninfo=conninfo, min_size=1, max_size=4, timeout=5, kwargs={"application_name": "enroll-flow jobs"}
    )
    return App(connector=connector)
