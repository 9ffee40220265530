"""Starting and watching the runs of one enrollment, a batch at a time."""

from dataclasses import replace
from datetime import timedelta

from bot.enrollment import attention, names, pacing, steps
from bot.enrollment.batches import Batches
from bot.enrollment.limits import Limits
from bot.enrollment.model.clock import Clock
from bot.enrollment.model.enrollments import Enrollment, Outcome, Run, RunStatus, State, Step, Trouble, Verdict
from bot.errors import PolytomicRefused
from bot.polytomic.client import PolytomicClient
from bot.polytomic.wire import Execution
from bot.store import contacts, enrollments, memory, runs
from bot.store.session import Database

_NOT_FOUND = 404
_ENDS = {"completed": RunStatus.COMPLETED, "failed": RunStatus.FAILED, "canceled": RunStatus.CANCELED}


class Running:
    """Steps 7 and 8 over the store: which identities go, and how their run goes."""

    def __init__(
        self, db: Database, polytomic: PolytomicClient, batches: Batches, *, clock: Clock, limits: Limits
    ) -> None:
        self._db = db
        self._polytomic = polytomic
        self._batches = batches
        self._clock = clock
        self._silent = timedelta(seconds=limits.run_silent)

    async def start(self, enrollment: Enrollment, *, may_ask: bool) -> Enrollment:
        """The batch's execution is going and kept; raises what `steps.start_run` raises."""
        values, known = await self._batches.before_start(enrollment)
        execution = await steps.start_run(self._polytomic, enrollment, values, known, may_ask=may_ask)
        return await self._keep_started(enrollment, execution)

    async def find(self, enrollment: Enrollment) -> Enrollment | None:
        """A run that was asked for and never answered is watched from now on; None when there is none."""
        execution = await steps.find_run(self._polytomic, enrollment, await self._batches.known(enrollment))
        if execution is None:
            return None
        return await self._keep_started(replace(enrollment, trouble=None), execution)

    async def find_to_cancel(self, enrollment: Enrollment, *, under_way: bool) -> Enrollment:
        """The same where nobody wants a run any more: without one, the enrollment is canceled.

        Raises UnderWay while a start may still be under way: nobody can say yet that nobody was enrolled.
        """
        found = await self.find(enrollment)
        if found is None and under_way:
            raise steps.UnderWay
        return found or replace(enrollment, state=State.CANCELED)

    async def look(self, enrollment: Enrollment) -> Run:
        """The run as Polytomic tells it now. That it was looked at is kept, whatever comes of the look."""
        before = await self._batches.run(enrollment)
        now = self._clock()
        try:
            execution = await steps.watch_run(self._polytomic, enrollment, before.execution_id)
        except PolytomicRefused as error:
            if error.status != _NOT_FOUND or enrollment.verdict is None:
                raise
            # An operator has judged a run that Polytomic no longer has: what was last seen of it is all there is.
            return replace(before, status=RunStatus.CANCELED, ended_at=now)
        run = pacing.looked(before, _counted(before, execution), now)
        async with self._db.begin() as s:
            await enrollments.hold(s, enrollment)
            await runs.save(s, run)
        end = _ENDS.get(execution.status)
        return run if end is None else replace(run, status=end, ended_at=now)

    async def watch(self, enrollment: Enrollment) -> Enrollment:
        """The enrollment after one look at its run: counts moved, batch ended, or a question for the operator."""
        run = await self.look(enrollment)
        if run.total > run.size:
            return await self._stop_too_many(enrollment, run)
        if enrollment.verdict is not None and enrollment.cancel_asked_at is None:
            return await self._judged(enrollment, run)
        if run.ended_at is None:
            return await self._keep_watching(enrollment, run)
        if run.status is RunStatus.COMPLETED and not run.total and enrollment.cancel_asked_at is None:
            trouble = attention.nobody_moved(run, self._clock())
            return replace(enrollment, state=State.NEEDS_ATTENTION, trouble=trouble, due_at=None)
        return await self._batches.end(enrollment, run)

    async def cancel(self, enrollment: Enrollment, run: Run) -> Enrollment:
        """A run that nobody wants any more, one look on: asked to end, waited for, and over."""
        if run.ended_at is not None:
            return await self._batches.end(enrollment, run)
        return await self._watch_on(enrollment, await self._canceling(enrollment, run))

    # -- one look

    async def _keep_watching(self, enrollment: Enrollment, run: Run) -> Enrollment:
        if enrollment.cancel_asked_at is not None:
            run = await self._canceling(enrollment, run)
        trouble = attention.question(run, self._clock(), self._silent)
        if trouble is not None:
            return await self._ask(enrollment, run, trouble)
        return await self._watch_on(enrollment, run)

    async def _watch_on(self, enrollment: Enrollment, run: Run) -> Enrollment:
        tally = await self._batches.keep(enrollment, run)
        due = pacing.next_look(enrollment, run, self._clock(), self._silent)
        return replace(enrollment, tally=tally, due_at=min(due, attention.asked_by(run) or due))

    async def _canceling(self, enrollment: Enrollment, run: Run) -> Run:
        """The run, which Polytomic was asked to end, now or before."""
        if run.status is RunStatus.CANCELING:
            return run
        await steps.cancel_run(self._polytomic, enrollment, run.execution_id)
        return replace(run, status=RunStatus.CANCELING, changed_at=self._clock())

    async def _ask(self, enrollment: Enrollment, run: Run, trouble: Trouble) -> Enrollment:
        """Only an operator can say what became of this run; a wish to cancel goes on asking Polytomic."""
        wanted = enrollment.cancel_asked_at is not None
        if not wanted and run.status is RunStatus.CANCELING:
            # It was to end on an operator's word and did not: the next word asks for it anew.
            run = replace(run, status=RunStatus.GOING)
        asked = await self._watch_on(enrollment, run)
        return replace(
            asked,
            state=State.NEEDS_ATTENTION,
            trouble=trouble,
            verdict=None,
            verdict_by="",
            due_at=asked.due_at if wanted else None,
        )

    async def _stop_too_many(self, enrollment: Enrollment, run: Run) -> Enrollment:
        await steps.cancel_run(self._polytomic, enrollment, run.execution_id)
        await steps.retire(self._polytomic, enrollment)
        going = replace(run, status=RunStatus.CANCELING, ended_at=None)
        trouble = Trouble(attention.TOO_MANY, names.reference(), size=run.total, limit=run.size)
        return replace(
            enrollment,
            state=State.NEEDS_ATTENTION,
            trouble=trouble,
            tally=await self._batches.keep(enrollment, going),
            due_at=self._clock() + timedelta(seconds=1),
            verdict=None,
            verdict_by="",
        )

    # -- an operator's word

    async def _judged(self, enrollment: Enrollment, run: Run) -> Enrollment:
        """The run is ended if it still goes. Then its batch is over, or is started once more if it never ran."""
        if run.ended_at is None:
            canceling = await self._canceling(enrollment, run)
            trouble = attention.question(canceling, self._clock(), self._silent)
            if trouble is not None:
                return await self._ask(enrollment, canceling, trouble)
            return await self._watch_on(enrollment, canceling)
        if enrollment.verdict is Verdict.NEVER_RAN and await self._batches.reached_nobody(enrollment, run):
            return await self._once_more(enrollment, run)
        return await self._batches.end(enrollment, run, goes_on=True)

    async def _once_more(self, enrollment: Enrollment, run: Run) -> Enrollment:
        """The batch stands before its start again, under a key that was never used; its run is kept as over."""
        return replace(
            enrollment,
            step=Step.START_RUN,
            attempt=run.attempt + 1,
            tally=await self._batches.keep(enrollment, run),
            verdict=None,
            verdict_by="",
            due_at=self._clock(),
        )

    async def _keep_started(self, enrollment: Enrollment, execution: Execution) -> Enrollment:
        now = self._clock()
        run = Run(
            enrollment_id=enrollment.id,
            batch=enrollment.batch,
            attempt=enrollment.attempt,
            status=RunStatus.GOING,
            size=attention.batch_size(enrollment),
            execution_id=execution.id,
            started_at=now,
            looked_at=now,
            changed_at=now,
        )
        batch = (enrollment.check_id, enrollment.slice(enrollment.batch))
        async with self._db.begin() as s:
            await enrollments.hold(s, enrollment)
            await runs.save(s, run)
            await contacts.mark_batch(s, *batch, only=Outcome.PENDING, to=Outcome.SENT)
            # From now on anybody of them may be in the flow, whatever becomes of us.
            people = [canonical for _, canonical in await contacts.listed(s, *batch)]
            await memory.remember(s, enrollment, people, now)
        return replace(
            enrollment,
            state=State.RUNNING,
            step=Step.WATCH_RUN,
            started_at=enrollment.started_at or now,
            due_at=now + pacing.FIRST_LOOK,
        )


def _counted(run: Run, execution: Execution) -> Run:
    counts = execution.counts
    moved = counts.insert + counts.update + counts.upserts
    if not moved and execution.status == "completed":
        # Some targets do not report what they did with a record (does_not_report_operation_counts, section 5).
        moved = max(counts.total - counts.error, 0)
    status = run.status
    if status is not RunStatus.CANCELING:
        status = RunStatus.INTERRUPTED if execution.status == "interrupted" else RunStatus.GOING
    return replace(run, status=status, total=counts.total, moved=moved, errors=counts.error)
