"""What came of a batch: its run as it is kept, and once that is over, the outcome of everybody in it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace

from bot.enrollment import attention, canaries, names, outcomes, soundness
from bot.enrollment.model.clock import Clock
from bot.enrollment.model.enrollments import Enrollment, Outcome, Run, RunStatus, State, Step, Tally, Trouble
from bot.enrollment.model.policies import Canary
from bot.errors import ImpossibleRow, PolytomicAway, PolytomicError
from bot.polytomic import retry
from bot.polytomic.client import PolytomicClient
from bot.polytomic.requests import LogKind
from bot.store import contacts, enrollments, memory, runs
from bot.store.session import Database, Transaction

Refused = Mapping[str, tuple[Outcome, str]]
Met = AbstractSet[str] | None

_LOG_TRIES = 4


class Batches:
    """Runs and contacts in the store, and the log files that tell who was refused."""

    def __init__(self, db: Database, polytomic: PolytomicClient, *, clock: Clock, canary: Canary) -> None:
        self._db = db
        self._polytomic = polytomic
        self._clock = clock
        self._canary = canary

    async def before_start(self, enrollment: Enrollment) -> tuple[list[str], frozenset[str]]:
        """The source values of the batch, exactly as many as it has, and the executions that are `known`.

        Without any value everybody might be meant. Raises ImpossibleRow when the list is not as it was confirmed.
        """
        async with self._db.begin() as s:
            values = await contacts.batch_values(s, enrollment.check_id, enrollment.slice(enrollment.batch))
            past = await runs.all(s, enrollment.id)
        if len(values) != attention.batch_size(enrollment):
            raise ImpossibleRow("enrollment", enrollment.id, soundness.ANOTHER_LIST)
        return values, _known(enrollment, past)

    async def known(self, enrollment: Enrollment) -> frozenset[str]:
        """The executions that cannot be the run of this batch that is asked for next.

        A run of this very batch that was kept just before a kill is the one to go on with, not one to pass over,
        unless it is over: then the batch is started once more on an operator's word.
        """
        async with self._db.begin() as s:
            past = await runs.all(s, enrollment.id)
        return _known(enrollment, past)

    async def run(self, enrollment: Enrollment) -> Run:
        """The latest run of the batch."""
        async with self._db.begin() as s:
            run = await runs.get(s, enrollment.id, enrollment.batch)
        if run is None:
            raise ImpossibleRow("enrollment", enrollment.id, soundness.NO_RUN)
        return run

    async def keep(self, enrollment: Enrollment, run: Run) -> Tally:
        """The run is kept; the counts over all runs."""
        async with self._db.begin() as s:
            await enrollments.hold(s, enrollment)
            return await _kept(s, enrollment, run)

    async def end(self, enrollment: Enrollment, run: Run, *, goes_on: bool = False) -> Enrollment:
        """The batch is finished by its counts; the enrollment stands at the next one, or at its end.

        With `goes_on`, a run that Polytomic canceled is over like any other: an operator has judged it.
        """
        refused = await self._refusals(enrollment, run)
        met = await self._met(enrollment, run)
        tally = await self._settle(enrollment, run, refused, met)
        enrollment = replace(enrollment, tally=tally, verdict=None, verdict_by="")
        if enrollment.cancel_asked_at is not None or (run.status is RunStatus.CANCELED and not goes_on):
            return replace(enrollment, state=State.CANCELED)
        if run.status is RunStatus.FAILED:
            trouble = Trouble("run_failed", names.reference())
            return replace(enrollment, state=State.FAILED, trouble=trouble)
        if enrollment.batch + 1 < enrollment.batches:
            onward = replace(enrollment, step=Step.START_RUN, batch=enrollment.batch + 1, due_at=self._clock())
            was_canary = enrollment.canary and not enrollment.batch
            return canaries.has_run(onward, self._canary, self._clock()) if was_canary else onward
        state = outcomes.end_of(tally)
        return replace(enrollment, state=state, trouble=_nobody_is_in(tally) if state is State.FAILED else None)

    async def reached_nobody(self, enrollment: Enrollment, run: Run) -> bool:
        """True when neither the counts nor the log of a run that is over name anybody. Raises PolytomicError."""
        if run.moved or run.errors:
            return False
        # Where Polytomic does not say what it did with whom it read, only its log knows (section 5).
        return not run.total or not await self._lines(enrollment, run, "records")

    async def _settle(self, enrollment: Enrollment, run: Run, refused: Refused, met: Met) -> Tally:
        batch = (enrollment.check_id, enrollment.slice(enrollment.batch))
        async with self._db.begin() as s:
            await enrollments.hold(s, enrollment)
            people = dict(await contacts.listed(s, *batch))
            missed = _missed(run, people.keys(), refused, met)
            gone = missed if run.status is RunStatus.COMPLETED else ()
            await contacts.mark(s, enrollment.check_id, {**refused, **dict.fromkeys(gone, (Outcome.GONE, ""))})
            out = people.keys() & refused.keys()
            if run.status is RunStatus.COMPLETED and len(out) == run.errors:
                await contacts.mark_batch(s, *batch, only=Outcome.SENT, to=Outcome.ENROLLED)
            await memory.forget(s, enrollment, [people[value] for value in out.union(missed)])
            return await _kept(s, enrollment, run)

    async def _refusals(self, enrollment: Enrollment, run: Run) -> Refused:
        """Who was refused and why, from the errors log; empty when it cannot be had."""
        if not run.errors:
            return {}
        lines = await self._log(enrollment, run, "errors") or ()
        return {identity: (outcomes.outcome_of(message), message[:200]) for identity, message in lines}

    async def _met(self, enrollment: Enrollment, run: Run) -> Met:
        """Whom the run came to, when that was fewer than were named; None when unknown."""
        if _came_to(run) >= run.size:
            return None
        lines = await self._log(enrollment, run, "records")
        # A run that was completed has come to somebody: what is empty then is the log.
        unknown = lines is None or (not lines and run.status is RunStatus.COMPLETED)
        return None if unknown else frozenset(identity for identity, _ in lines or ())

    async def _log(self, enrollment: Enrollment, run: Run, kind: LogKind) -> Sequence[tuple[str, str]] | None:
        """The lines of one log; None after several tries: the counts are the truth, and no person has to wait."""
        try:
            return await self._lines(enrollment, run, kind)
        except PolytomicError as error:
            if enrollment.failures >= _LOG_TRIES:
                return None
            if retry.decide(error) is not retry.Again.GIVE_UP:
                raise
            # Elsewhere this would end in a question; the link of a log only grows old, and the next one may serve.
            raise PolytomicAway(error.call, type(error).__name__, recorded=True) from error

    async def _lines(self, enrollment: Enrollment, run: Run, kind: LogKind) -> Sequence[tuple[str, str]]:
        urls = await self._polytomic.log_urls(enrollment.sync_id, run.execution_id, kind)
        return [(line.identity, line.message) for url in urls async for line in self._polytomic.log_lines(url)]


def _known(enrollment: Enrollment, past: Iterable[Run]) -> frozenset[str]:
    return frozenset(run.execution_id for run in past if run.batch != enrollment.batch or run.ended_at is not None)


async def _kept(s: Transaction, enrollment: Enrollment, run: Run) -> Tally:
    await runs.save(s, run)
    newest = {one.batch: one for one in await runs.all(s, enrollment.id)}
    reasons = dict((await contacts.tally(s, enrollment.check_id, enrollment.tally.total)).reasons)
    return outcomes.summed(enrollment.tally.total, newest, reasons)


def _came_to(run: Run) -> int:
    """How many of its batch a run has come to; one that was cut short counts whom it was to come to as well."""
    return run.total if run.status is RunStatus.COMPLETED else run.moved + run.errors


def _missed(run: Run, values: Collection[str], refused: Refused, met: Met) -> Sequence[str]:
    """Whom of the batch the run surely did not come to."""
    if met is None:
        return ()
    missing = [value for value in values if value not in met and value not in refused]
    # A log that calls people by other ids than ours tells nothing of who is missing.
    return missing if len(missing) == run.size - _came_to(run) else ()


def _nobody_is_in(tally: Tally) -> Trouble:
    """Why nobody is in the flow when every run is over."""
    if tally.refused and tally.done >= tally.total:
        return Trouble("all_refused")
    return Trouble("run_failed" if tally.refused else attention.NOBODY_MOVED, names.reference(), limit=tally.total)
