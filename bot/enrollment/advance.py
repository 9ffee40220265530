"""One verb moves every enrollment: do the next step, keep what it gave, go on until there is nothing to do now.

Re-entrant: recovery, retry and the sweep call the same `advance`, and a killed one repeats at most one call, under
the same Idempotency-Key. Parking is a return: `due_at` says when the row wants to be looked at again.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import structlog

from bot.enrollment import canaries, judging, marking, soundness, states, steps
from bot.enrollment.attending import Attending
from bot.enrollment.batches import Batches
from bot.enrollment.deciding import Deciding
from bot.enrollment.gate import Gate, Named, canceled_before_a_run
from bot.enrollment.keeping import Keeping
from bot.enrollment.limits import Limits
from bot.enrollment.model.clock import Clock
from bot.enrollment.model.enrollments import Enrollment, Hold, State, Step
from bot.enrollment.model.people import Rights
from bot.enrollment.policing import Policing
from bot.enrollment.running import Running
from bot.enrollment.setbacks import Setbacks, trouble_of
from bot.errors import (
    ImpossibleRow,
    PersonCanFix,
    PolytomicAway,
    PolytomicError,
    PolytomicOddAnswer,
    PolytomicRefused,
)
from bot.polytomic.client import PolytomicClient
from bot.polytomic.wire import Model
from bot.store import contacts, enrollments, runs
from bot.store.session import Database

_MAKES = frozenset({Step.CREATE_MODEL, Step.CREATE_SYNC, Step.START_RUN})
_STILL_MAKING = timedelta(seconds=1)
_MOVING = frozenset({State.LAUNCHING, State.RUNNING})


class Advancing:
    """The steps of design section 3, one at a time, over rows."""

    def __init__(
        self,
        db: Database,
        polytomic: PolytomicClient,
        *,
        clock: Clock,
        limits: Limits,
        rights: Rights,
        policing: Policing,
        named: Named,
        keeping: Keeping,
    ) -> None:
        self._db = db
        self._polytomic = polytomic
        self._clock = clock
        self._limits = limits
        self._keeping = keeping
        self._batches = Batches(db, polytomic, clock=clock, canary=policing.policy.canary)
        self._running = Running(db, polytomic, self._batches, clock=clock, limits=limits)
        self._attending = Attending(self._running, self._batches, clock=clock, limits=limits)
        self._setbacks = Setbacks(clock=clock, limits=limits)
        self._deciding = Deciding(db, clock=clock, quiet=partial(judging.quiet_until, policing.policy.quiet))
        self._gate = Gate(
            db,
            self._setbacks,
            rights=rights,
            policing=policing,
            named=named,
            deciding=self._deciding,
            clock=clock,
        )
        self._log = structlog.get_logger()

    async def advance(self, enrollment_id: str) -> datetime | None:
        """Nothing is left to do for this enrollment now. Says when it wants to be looked at next, if ever.

        Raises ImpossibleRow for a row that nobody here can have written: operators are told, and it is left alone.
        """
        try:
            return await self._advance(enrollment_id)
        except ImpossibleRow as error:
            await self._keeping.report(enrollment_id, error.why)
            raise

    async def _advance(self, enrollment_id: str) -> datetime | None:
        enrollment = await self._taken_up(enrollment_id)
        while enrollment is not None and self._is_due(enrollment):
            kept = await self._bring_on(enrollment)
            if kept is None:
                return self._clock()  # As somebody else has left it, it may want something else at once.
            self._log.info("enrollment.advanced", enrollment=kept.id, state=kept.state, step=kept.step)
            # It is what was written a moment ago, so its row need not be read again.
            enrollment = kept
        return enrollment.due_at if enrollment is not None else None

    async def _bring_on(self, enrollment: Enrollment) -> Enrollment | None:
        """The enrollment as it was kept after one step; None when somebody else has written it meanwhile."""
        # Looked up before the mark: who may not go on has asked for nothing.
        before, after = enrollment, await self._gate.held_back(enrollment)
        if after is None:
            marked = await self._mark(enrollment)
            if marked is None:
                return None
            try:
                before, after = marked, await self._try(enrollment, marked)
            except enrollments.Superseded:
                return None
        return await self._keeping.keep(before, after)

    def _is_due(self, enrollment: Enrollment) -> bool:
        return enrollment.due_at is not None and enrollment.due_at <= self._clock()

    async def _taken_up(self, enrollment_id: str) -> Enrollment | None:
        """The enrollment as its row is. Raises ImpossibleRow for one that is due and cannot be right."""
        async with self._db.begin() as s:
            enrollment = await enrollments.get(s, enrollment_id)
            if enrollment is None or not self._is_due(enrollment):
                return enrollment
            past = await runs.all(s, enrollment_id)
            going = (enrollment.check_id, enrollment.slice(enrollment.batch))
            listed = await contacts.count(s, *going) if enrollment.step is Step.START_RUN else None
        why = soundness.unsound(enrollment, past, listed=listed)
        if why:
            raise ImpossibleRow("enrollment", enrollment_id, why)
        return enrollment

    async def _mark(self, enrollment: Enrollment) -> Enrollment | None:
        """Where a POST may follow, the row says so before it leaves: whoever comes after a kill looks first.

        None may while an earlier one that was never answered can still be under way, and then nothing is marked.
        """
        if enrollment.state not in _MOVING or enrollment.step not in _MAKES or enrollment.cancel_asked_at is not None:
            return enrollment
        if self._still_out(enrollment):
            return enrollment
        return await marking.mark(self._db, enrollment, self._clock())

    def _look_again(self, enrollment: Enrollment) -> Enrollment:
        """What the call that is out makes is looked for at twice its age, and asked for anew once it is surely back."""
        now = self._clock()
        asked_at = enrollment.asked_at or now
        back_by = self._back_by(asked_at)
        trouble = enrollment.trouble and replace(enrollment.trouble, until=back_by)
        return replace(enrollment, trouble=trouble, due_at=min(back_by, now + max(now - asked_at, _STILL_MAKING)))

    def _still_out(self, enrollment: Enrollment) -> bool:
        """True while a call without an answer may still do what it asked for."""
        return enrollment.asked_at is not None and self._clock() < self._back_by(enrollment.asked_at)

    def _back_by(self, asked_at: datetime) -> datetime:
        return asked_at + timedelta(seconds=self._limits.under_way)

    async def _try(self, enrollment: Enrollment, marked: Enrollment) -> Enrollment:
        may_ask = marked is not enrollment
        try:
            # Whether it had been asked for before is the step's to know; the version is that of the mark.
            after = await self._step(replace(enrollment, version=marked.version), may_ask=may_ask)
        except steps.UnderWay:
            return self._look_again(marked)
        except PolytomicRefused as error:
            return await self._refused(_answered(marked, error, may_ask=may_ask), error)
        except PolytomicError as error:
            return self._setbacks.after(_answered(marked, error, may_ask=may_ask), error)
        except PersonCanFix as error:
            return self._setbacks.end(marked, State.FAILED, trouble_of(error))
        if after.state in states.ENDED and enrollment.state in states.OPEN:
            return self._setbacks.end(after, after.state, after.trouble)
        return _calm(marked, after)

    async def _refused(self, enrollment: Enrollment, error: PolytomicRefused) -> Enrollment:
        """A refusal counts as the end only where Gong is connected: else the enrollment waits for it."""
        if enrollment.step in _MAKES and self._setbacks.gong_refuses(enrollment, error):
            try:
                connection = await self._polytomic.connection(enrollment.gong_id)
            except PolytomicRefused:
                return self._setbacks.after(enrollment, error)
            except PolytomicError as unseen:
                return self._setbacks.after(enrollment, unseen)
            if not connection.healthy:
                return self._setbacks.await_gong(enrollment)
        return self._setbacks.after(enrollment, error)

    # -- the steps

    async def _step(self, enrollment: Enrollment, *, may_ask: bool) -> Enrollment:
        if canceled_before_a_run(enrollment):
            return replace(enrollment, state=State.CANCELED)
        if enrollment.state is State.CANARY:
            return canaries.looked_at(enrollment, self._clock())
        waits = {
            State.AWAITING_APPROVAL: self._deciding.look,
            State.NEEDS_ATTENTION: self._attending.attend,
            State.AWAITING_GONG: self._look_at_gong,
        }
        if enrollment.state in waits:
            return await waits[enrollment.state](enrollment)
        asks = {
            Step.CREATE_MODEL: self._create_model,
            Step.CREATE_SYNC: self._create_sync,
            Step.START_RUN: self._start_run,
        }
        if enrollment.step in asks:
            return await asks[enrollment.step](enrollment, may_ask=may_ask)
        verbs = {Step.WATCH_RUN: self._running.watch, Step.RETIRE: self._retire, Step.CLEAN_UP: self._clean_up}
        return await verbs[enrollment.step](enrollment)

    async def _create_model(self, enrollment: Enrollment, *, may_ask: bool) -> Enrollment:
        await steps.look_at_flow(self._polytomic, enrollment)
        model = await steps.create_model(self._polytomic, enrollment, may_ask=may_ask)
        if not isinstance(model, Model):
            if self._clock() - enrollment.created_at > timedelta(seconds=self._limits.retry_deadline):
                raise PolytomicOddAnswer("POST /api/models", "the model is never made")
            job = f"{model.type}/{model.id}" if model is not None else enrollment.model_job
            return replace(enrollment, model_job=job, due_at=self._clock() + _STILL_MAKING)
        field = steps.column_named(enrollment.id_column, steps.columns_of(model))
        if field is None:
            raise PolytomicOddAnswer("POST /api/models", "the model has no such column")
        return replace(enrollment, step=Step.CREATE_SYNC, model_id=model.id, model_field=field)

    async def _create_sync(self, enrollment: Enrollment, *, may_ask: bool) -> Enrollment:
        sync = await steps.create_sync(self._polytomic, enrollment, may_ask=may_ask)
        return replace(enrollment, step=Step.START_RUN, sync_id=sync.id)

    async def _start_run(self, enrollment: Enrollment, *, may_ask: bool) -> Enrollment:
        if enrollment.cancel_asked_at is not None:
            return await self._running.find_to_cancel(enrollment, under_way=self._still_out(enrollment))
        return await self._running.start(enrollment, may_ask=may_ask)

    async def _retire(self, enrollment: Enrollment) -> Enrollment:
        await steps.retire(self._polytomic, enrollment)
        now = self._clock()
        later = now + timedelta(days=self._limits.retention_days)
        return replace(enrollment, step=Step.CLEAN_UP, retired_at=now, due_at=later)

    async def _clean_up(self, enrollment: Enrollment) -> Enrollment:
        await steps.clean_up(self._polytomic, enrollment)
        return replace(enrollment, due_at=None)

    async def _look_at_gong(self, enrollment: Enrollment) -> Enrollment:
        """It goes on once its connection is healthy, has expired when it waited for too long, or waits on."""
        connection = await self._polytomic.connection(enrollment.gong_id)
        if not connection.healthy:
            return self._setbacks.await_gong(enrollment)
        onward = self._setbacks.go_on(enrollment)
        # It may have waited for a day: rights and rules change, and everything may be stopped by now.
        return await self._gate.barred(onward) or onward


def _answered(marked: Enrollment, error: PolytomicError, *, may_ask: bool) -> Enrollment:
    """The enrollment that knows by this error whether what it asked for may still be under way."""
    if not may_ask:
        return marked  # Nothing was asked: an earlier call is as it was.
    lost = isinstance(error, PolytomicAway) and not error.settled and error.call.startswith("POST ")
    return marked if lost else replace(marked, asked_at=None)


def _calm(before: Enrollment, after: Enrollment) -> Enrollment:
    """The step was answered: what was failing or held for the key is so no more, and a new step has its first key."""
    moved_on = (before.step, before.batch) != (after.step, after.batch)
    once_more = _once_more(before, after)
    asking = after.state is State.NEEDS_ATTENTION and before.state is State.NEEDS_ATTENTION
    told_before = (before.failing_since is not None or before.held_for is Hold.KEY) and not asking
    awaiting = after.state is State.AWAITING_GONG
    return replace(
        after,
        attempt=0 if moved_on and not once_more else after.attempt,
        asked=before.asked and not moved_on and not once_more,
        asked_at=None,
        failures=0,
        failing_since=None,
        held_for=after.held_for if awaiting else None,
        held_since=after.held_since if awaiting else None,
        trouble=None if told_before and after.trouble == before.trouble else after.trouble,
    )


def _once_more(before: Enrollment, after: Enrollment) -> bool:
    """True for a batch that is to be started again: its key is the next one that was never used."""
    same_batch = after.step is Step.START_RUN and after.batch == before.batch
    judged = before.state is State.NEEDS_ATTENTION and after.attempt > before.attempt
    return same_batch and after.state is State.RUNNING and (before.step is Step.WATCH_RUN or judged)
