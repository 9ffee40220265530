"""Starting and watching the runs of one enrollment, a batch at a time, and counting what came of them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from bot.enrollment import names, outcomes, pacing, steps
from bot.enrollment.limits import Limits
from bot.enrollment.model.clock import Clock
from bot.enrollment.model.enrollments import Enrollment, Outcome, Run, RunStatus, State, Step, Tally, Trouble
from bot.errors import PolytomicAway, PolytomicError
from bot.polytomic import retry
from bot.polytomic.client import PolytomicClient
from bot.polytomic.requests import LogKind
from bot.polytomic.wire import Execution
from bot.store import contacts, enrollments, runs
from bot.store.session import Database

Refused = Mapping[str, tuple[Outcome, str]]

_ENDS = {"completed": RunStatus.COMPLETED, "failed": RunStatus.FAILED, "canceled": RunStatus.CANCELED}
_LOG_TRIES = 4


class Running:
    """Steps 7 and 8 over the store: which identities go, and what became of them."""

    def __init__(self, db: Database, polytomic: PolytomicClient, *, clock: Clock, limits: Limits) -> None:
        self._db = db
        self._polytomic = polytomic
        self._clock = clock
        self._silent = timedelta(seconds=limits.run_silent)

    async def start(self, enrollment: Enrollment) -> Enrollment:
        """The batch's execution is going and kept; raises what `steps.start_run` raises."""
        values, known = await self._named(enrollment)
        execution = await steps.start_run(self._polytomic, enrollment, values, known)
        return await self._keep_started(enrollment, execution, len(values))

    async def find(self, enrollment: Enrollment) -> Enrollment:
        """A run that was asked for and never answered is watched to its end, if there is one; none is started."""
        values, known = await self._named(enrollment)
        execution = await steps.find_run(self._polytomic, enrollment, known)
        if execution is not None:
            return await self._keep_started(replace(enrollment, trouble=None), execution, len(values))
        if enrollment.cancel_asked_at is not None:
            return replace(enrollment, state=State.CANCELED)
        return replace(enrollment, due_at=None)

    async def _named(self, enrollment: Enrollment) -> tuple[list[str], frozenset[str]]:
        async with self._db.begin() as s:
            values = await contacts.batch_values(s, enrollment.check_id, enrollment.batch, enrollment.batch_size)
            past = await runs.all(s, enrollment.id)
        # A run of this very batch was kept just before a kill: it is the one to go on with, not one to pass over.
        return values, frozenset(run.execution_id for run in past if run.batch != enrollment.batch)

    async def _keep_started(self, enrollment: Enrollment, execution: Execution, size: int) -> Enrollment:
        now = self._clock()
        run = Run(
            enrollment_id=enrollment.id,
            batch=enrollment.batch,
            attempt=enrollment.attempt,
            status=RunStatus.GOING,
            size=size,
            execution_id=execution.id,
            started_at=now,
            looked_at=now,
            changed_at=now,
        )
        batch = (enrollment.check_id, enrollment.batch, enrollment.batch_size)
        async with self._db.begin() as s:
            await enrollments.hold(s, enrollment)
            await runs.save(s, run)
            await contacts.mark_batch(s, *batch, only=Outcome.PENDING, to=Outcome.SENT)
        return replace(
            enrollment,
            state=State.RUNNING,
            step=Step.WATCH_RUN,
            started_at=enrollment.started_at or now,
            due_at=now + pacing.FIRST_LOOK,
        )

    async def watch(self, enrollment: Enrollment) -> Enrollment:
        """The enrollment after one look at its run: counts moved, batch ended, or a question for the operator."""
        run, execution = await self._look(enrollment)
        if run.total > run.size:
            return await self._stop_too_many(enrollment, run)
        end = _ENDS.get(execution.status)
        if end is None:
            return await self._keep_watching(enrollment, run)
        if end is RunStatus.COMPLETED and not run.total and enrollment.cancel_asked_at is None:
            trouble = Trouble("nobody_moved", names.reference(), size=0, limit=run.size)
            return replace(enrollment, state=State.NEEDS_ATTENTION, trouble=trouble, due_at=None)
        return await self._end_batch(enrollment, replace(run, status=end, ended_at=self._clock()))

    async def attend(self, enrollment: Enrollment) -> Enrollment:
        """One more look at a run that waits for a person; nothing is started by looking."""
        if enrollment.step is Step.START_RUN:
            return await self.find(enrollment)
        run, execution = await self._look(enrollment)
        ended = execution.status in _ENDS
        if enrollment.cancel_asked_at is not None:
            return await self._cancel_attended(enrollment, run, ended=ended)
        if enrollment.trouble is not None and enrollment.trouble.kind == "too_many":
            tally = await self._keep_run(enrollment, run)
            due = None if ended else self._clock() + timedelta(seconds=2)
            return replace(enrollment, tally=tally, due_at=due)
        if ended and not run.total:
            return replace(enrollment, due_at=None)
        return replace(enrollment, state=State.RUNNING, step=Step.WATCH_RUN, trouble=None, due_at=self._clock())

    # -- one look

    async def _look(self, enrollment: Enrollment) -> tuple[Run, Execution]:
        """The run with what Polytomic says of it now. That it was looked at is kept, whatever comes of the look."""
        before = await self._run(enrollment)
        execution = await steps.watch_run(self._polytomic, enrollment, before.execution_id)
        run = pacing.looked(before, _counted(before, execution), self._clock())
        async with self._db.begin() as s:
            await enrollments.hold(s, enrollment)
            await runs.save(s, run)
        return run, execution

    async def _keep_watching(self, enrollment: Enrollment, run: Run) -> Enrollment:
        if enrollment.cancel_asked_at is not None and run.status is RunStatus.GOING:
            await steps.cancel_run(self._polytomic, enrollment)
            run = replace(run, status=RunStatus.CANCELING)
        tally = await self._keep_run(enrollment, run)
        due = pacing.next_look(enrollment, run, self._clock(), self._silent)
        return replace(enrollment, tally=tally, due_at=due)

    async def _stop_too_many(self, enrollment: Enrollment, run: Run) -> Enrollment:
        await steps.cancel_run(self._polytomic, enrollment)
        await steps.retire(self._polytomic, enrollment)
        tally = await self._keep_run(enrollment, replace(run, status=RunStatus.CANCELING))
        trouble = Trouble("too_many", names.reference(), size=run.total, limit=run.size)
        due = self._clock() + timedelta(seconds=1)
        return replace(enrollment, state=State.NEEDS_ATTENTION, trouble=trouble, tally=tally, due_at=due)

    async def _cancel_attended(self, enrollment: Enrollment, run: Run, *, ended: bool) -> Enrollment:
        if not ended and run.status is not RunStatus.CANCELING:
            await steps.cancel_run(self._polytomic, enrollment)
            tally = await self._keep_run(enrollment, replace(run, status=RunStatus.CANCELING))
            return replace(enrollment, tally=tally, due_at=self._clock() + timedelta(seconds=1))
        if not ended:
            return replace(enrollment, due_at=self._clock() + timedelta(seconds=1))
        tally = await self._keep_run(enrollment, replace(run, status=RunStatus.CANCELED, ended_at=self._clock()))
        return replace(enrollment, state=State.CANCELED, tally=tally)

    # -- the end of a batch

    async def _end_batch(self, enrollment: Enrollment, run: Run) -> Enrollment:
        refused = await self._refusals(enrollment, run)
        seen = await self._seen(enrollment, run)
        tally = await self._settle(enrollment, run, refused, seen)
        enrollment = replace(enrollment, tally=tally)
        if run.status is RunStatus.CANCELED or enrollment.cancel_asked_at is not None:
            return replace(enrollment, state=State.CANCELED)
        if run.status is RunStatus.FAILED:
            trouble = Trouble("run_failed", names.reference())
            return replace(enrollment, state=State.FAILED, trouble=trouble)
        if enrollment.batch + 1 < enrollment.batches:
            return replace(enrollment, step=Step.START_RUN, batch=enrollment.batch + 1, due_at=self._clock())
        state = outcomes.end_of(tally)
        trouble_at_end = Trouble("all_refused") if state is State.FAILED else None
        return replace(enrollment, state=state, trouble=trouble_at_end)

    async def _settle(self, enrollment: Enrollment, run: Run, refused: Refused, seen: frozenset[str] | None) -> Tally:
        batch = (enrollment.check_id, enrollment.batch, enrollment.batch_size)
        async with self._db.begin() as s:
            await enrollments.hold(s, enrollment)
            marks = dict(refused)
            values = await contacts.batch_values(s, *batch)
            missing = [value for value in values if seen is not None and value not in seen | refused.keys()]
            # A log that calls people by other ids than ours tells nothing of who is missing.
            if len(missing) == run.size - run.total:
                marks |= dict.fromkeys(missing, (Outcome.GONE, ""))
            await contacts.mark(s, enrollment.check_id, marks)
            if run.status is RunStatus.COMPLETED and len(refused.keys() & set(values)) == run.errors:
                await contacts.mark_batch(s, *batch, only=Outcome.SENT, to=Outcome.ENROLLED)
        return await self._keep_run(enrollment, run)

    async def _refusals(self, enrollment: Enrollment, run: Run) -> Refused:
        """Who was refused and why, from the errors log; empty when it cannot be had."""
        if not run.errors:
            return {}
        lines = await self._log(enrollment, run, "errors")
        return {identity: (outcomes.outcome_of(message), message[:200]) for identity, message in lines}

    async def _seen(self, enrollment: Enrollment, run: Run) -> frozenset[str] | None:
        """Whom the run met in the query's answer, when that was fewer than were named; None when unknown."""
        if run.status is not RunStatus.COMPLETED or run.total >= run.size:
            return None
        lines = await self._log(enrollment, run, "records")
        return frozenset(identity for identity, _ in lines) if lines else None

    async def _log(self, enrollment: Enrollment, run: Run, kind: LogKind) -> Sequence[tuple[str, str]]:
        """The lines of one log; none after several tries: the counts are the truth, and no person has to wait."""
        try:
            urls = await self._polytomic.log_urls(enrollment.sync_id, run.execution_id, kind)
            return [(line.identity, line.message) for url in urls async for line in self._polytomic.log_lines(url)]
        except PolytomicError as error:
            if enrollment.failures >= _LOG_TRIES:
                return ()
            if retry.decide(error) is not retry.Again.GIVE_UP:
                raise
            # Elsewhere this would end in a question; the link of a log only grows old, and the next one may serve.
            raise PolytomicAway(error.call, type(error).__name__, recorded=True) from error

    async def _run(self, enrollment: Enrollment) -> Run:
        async with self._db.begin() as s:
            run = await runs.get(s, enrollment.id, enrollment.batch)
        if run is None:
            raise ValueError("a run is watched that was never kept")
        return run

    async def _keep_run(self, enrollment: Enrollment, run: Run) -> Tally:
        async with self._db.begin() as s:
            await enrollments.hold(s, enrollment)
            await runs.save(s, run)
            newest = {one.batch: one for one in await runs.all(s, enrollment.id)}
            reasons = dict((await contacts.tally(s, enrollment.check_id, enrollment.tally.total)).reasons)
        return outcomes.summed(enrollment.tally.total, newest, reasons)


def _counted(run: Run, execution: Execution) -> Run:
    counts = execution.counts
    moved = counts.insert + counts.update + counts.upserts
    if not moved and execution.status == "completed":
        # Some targets do not report what they did with a record (does_not_report_operation_counts, section 5).
        moved = max(counts.total - counts.error, 0)
    return replace(run, total=counts.total, moved=moved, errors=counts.error)
