"""What an enrollment that needs attention does when it is looked at: because it was wished for, or judged."""

from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from bot.enrollment import attention
from bot.enrollment.batches import Batches
from bot.enrollment.limits import Limits
from bot.enrollment.model.clock import Clock
from bot.enrollment.model.enrollments import Enrollment, Run, RunStatus, State, Verdict
from bot.enrollment.running import Running

_STILL_CANCELING = timedelta(seconds=2)


class Attending:
    """One more look, and what an operator's word makes of it. Looking alone starts nothing."""

    def __init__(self, running: Running, batches: Batches, *, clock: Clock, limits: Limits) -> None:
        self._running = running
        self._batches = batches
        self._clock = clock
        self._under_way = timedelta(seconds=limits.under_way)
        self._log = structlog.get_logger()

    async def attend(self, enrollment: Enrollment) -> Enrollment:
        """The enrollment after this look: it goes on by itself, on an operator's word, or still waits for one."""
        if enrollment.verdict is not None:
            self._log.info(
                "enrollment.judged", enrollment=enrollment.id, verdict=enrollment.verdict, by=enrollment.verdict_by
            )
        if attention.unseen(enrollment):
            return await self._unseen(enrollment)
        run = await self._running.look(enrollment)
        if enrollment.cancel_asked_at is not None:
            return await self._running.cancel(enrollment, run)
        if enrollment.trouble is not None and enrollment.trouble.kind == attention.TOO_MANY:
            return await self._too_many(enrollment, run)
        return self._open(enrollment, run)

    def _open(self, enrollment: Enrollment, run: Run) -> Enrollment:
        """The enrollment whose run shows life again, was judged, or still is a question."""
        if attention.shows_life(run):
            return self._go_on(_unjudged(enrollment))
        if enrollment.verdict is not None:
            # `watch` acts on it. Whatever it asks of Polytomic, it asks under keys that no earlier word has used.
            return replace(self._go_on(enrollment), attempt=enrollment.attempt + 1)
        if _still(enrollment, run):
            return replace(enrollment, due_at=None)
        return self._go_on(enrollment)

    async def _unseen(self, enrollment: Enrollment) -> Enrollment:
        """A start was never answered: its run is followed if there is one, whatever was said of it."""
        found = await self._running.find(enrollment)
        if found is not None:
            return _unjudged(found)
        if enrollment.cancel_asked_at is None and enrollment.verdict is not Verdict.NEVER_RAN:
            return replace(_unjudged(enrollment), due_at=None)
        until = self._may_arrive_until(enrollment)
        if until is not None:
            return replace(enrollment, due_at=until)
        if enrollment.cancel_asked_at is not None:
            return replace(_unjudged(enrollment), state=State.CANCELED)
        return replace(self._go_on(_unjudged(enrollment)), attempt=enrollment.attempt + 1)

    def _may_arrive_until(self, enrollment: Enrollment) -> datetime | None:
        """Until when the start that was never answered may yet be on its way; None when that is long ago."""
        unanswered = enrollment.trouble.unanswered if enrollment.trouble else None
        if unanswered is None or self._clock() - unanswered >= self._under_way:
            return None
        return unanswered + self._under_way

    async def _too_many(self, enrollment: Enrollment, run: Run) -> Enrollment:
        """The run was canceled when it was seen to be too large: its counts are followed to its end."""
        tally = await self._batches.keep(enrollment, run)
        due = None if run.ended_at is not None else self._clock() + _STILL_CANCELING
        return replace(_unjudged(enrollment), tally=tally, due_at=due)

    def _go_on(self, enrollment: Enrollment) -> Enrollment:
        return replace(enrollment, state=State.RUNNING, trouble=None, due_at=self._clock())


def _unjudged(enrollment: Enrollment) -> Enrollment:
    return replace(enrollment, verdict=None, verdict_by="")


def _still(enrollment: Enrollment, run: Run) -> bool:
    """True while what was asked of the operator is still the question."""
    kind = enrollment.trouble.kind if enrollment.trouble else ""
    if kind == attention.NOBODY_MOVED:
        return run.status is RunStatus.COMPLETED and not run.total
    return kind in {attention.SILENT, attention.INTERRUPTED} and run.ended_at is None
