"""One verb moves every enrollment: do the next step, keep what it gave, go on until there is nothing to do now.

Re-entrant: recovery, retry and the sweep call the same `advance`, and a killed one repeats at most one call, under
the same Idempotency-Key. Parking is a return: `due_at` says when the row wants to be looked at again.
"""

from dataclasses import replace
from datetime import timedelta

import structlog

from bot.enrollment import names, states, steps
from bot.enrollment.keeping import Keeping
from bot.enrollment.limits import Limits
from bot.enrollment.model.clock import Clock
from bot.enrollment.model.enrollments import Enrollment, State, Step, Trouble
from bot.enrollment.model.people import Rights, Standing
from bot.enrollment.running import Running
from bot.enrollment.setbacks import Setbacks, trouble_of
from bot.errors import PersonCanFix, PolytomicError, PolytomicOddAnswer
from bot.polytomic.client import PolytomicClient
from bot.polytomic.wire import Model
from bot.store import enrollments
from bot.store.session import Database

_MAKES = frozenset({Step.CREATE_MODEL, Step.CREATE_SYNC, Step.START_RUN})
_STILL_MAKING = timedelta(seconds=1)
_ASK_SLACK_AGAIN = timedelta(seconds=15)


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
        keeping: Keeping,
    ) -> None:
        self._db = db
        self._polytomic = polytomic
        self._clock = clock
        self._limits = limits
        self._rights = rights
        self._keeping = keeping
        self._running = Running(db, polytomic, clock=clock)
        self._setbacks = Setbacks(clock=clock, limits=limits)
        self._log = structlog.get_logger()

    async def advance(self, enrollment_id: str) -> None:
        """Nothing is left to do for this enrollment now."""
        while (enrollment := await self._due(enrollment_id)) is not None:
            marked = await self._mark(enrollment)
            if marked is None:
                return
            try:
                after = await self._try(enrollment, marked)
            except enrollments.Superseded:
                return
            if not await self._keeping.keep(marked, after):
                return
            self._log.info("enrollment.advanced", enrollment=after.id, state=after.state, step=after.step)

    async def _due(self, enrollment_id: str) -> Enrollment | None:
        async with self._db.begin() as s:
            enrollment = await enrollments.get(s, enrollment_id)
        if enrollment is None or enrollment.due_at is None or enrollment.due_at > self._clock():
            return None
        return enrollment

    async def _mark(self, enrollment: Enrollment) -> Enrollment | None:
        """Where a POST follows, the row says so before it leaves: whoever comes after a kill looks first."""
        if enrollment.asked or enrollment.step not in _MAKES or enrollment.state in states.ENDED:
            return enrollment
        if _canceled_before_a_run(enrollment):
            return enrollment
        async with self._db.begin() as s:
            kept = await enrollments.keep(s, enrollment, asked=True)
        return replace(enrollment, asked=True, version=enrollment.version + 1) if kept else None

    async def _try(self, enrollment: Enrollment, marked: Enrollment) -> Enrollment:
        try:
            # Whether it had been asked for before is the step's to know; the version is that of the mark.
            after = await self._step(replace(enrollment, version=marked.version))
        except PolytomicError as error:
            return self._setbacks.after(marked, error)
        except PersonCanFix as error:
            return self._setbacks.end(marked, State.FAILED, trouble_of(error))
        if after.state in states.ENDED and enrollment.state in states.OPEN:
            return self._setbacks.end(after, after.state, after.trouble)
        return _calm(marked, after)

    # -- the steps

    async def _step(self, enrollment: Enrollment) -> Enrollment:
        if _canceled_before_a_run(enrollment):
            return replace(enrollment, state=State.CANCELED)
        if enrollment.state is State.NEEDS_ATTENTION:
            return await self._running.attend(enrollment)
        verbs = {
            Step.CREATE_MODEL: self._create_model,
            Step.CREATE_SYNC: self._create_sync,
            Step.START_RUN: self._start_run,
            Step.WATCH_RUN: self._running.watch,
            Step.RETIRE: self._retire,
            Step.CLEAN_UP: self._clean_up,
        }
        return await verbs[enrollment.step](enrollment)

    async def _create_model(self, enrollment: Enrollment) -> Enrollment:
        parked = await self._rights_lost(enrollment)
        if parked is not None:
            return parked
        await steps.look_at_flow(self._polytomic, enrollment)
        model = await steps.create_model(self._polytomic, enrollment)
        if not isinstance(model, Model):
            if self._clock() - enrollment.created_at > timedelta(seconds=self._limits.retry_deadline):
                raise PolytomicOddAnswer("POST /api/models", "the model is never made")
            job = f"{model.type}/{model.id}" if model is not None else enrollment.model_job
            return replace(enrollment, model_job=job, due_at=self._clock() + _STILL_MAKING)
        field = steps.column_named(enrollment.id_column, steps.columns_of(model))
        if field is None:
            raise PolytomicOddAnswer("POST /api/models", "the model has no such column")
        return replace(enrollment, step=Step.CREATE_SYNC, model_id=model.id, model_field=field)

    async def _create_sync(self, enrollment: Enrollment) -> Enrollment:
        sync = await steps.create_sync(self._polytomic, enrollment)
        return replace(enrollment, step=Step.START_RUN, sync_id=sync.id)

    async def _start_run(self, enrollment: Enrollment) -> Enrollment:
        parked = await self._rights_lost(enrollment)
        if not enrollment.asked and parked is not None:
            return parked
        if enrollment.cancel_asked_at is not None:
            return await self._running.find(enrollment)
        return await self._running.start(enrollment)

    async def _retire(self, enrollment: Enrollment) -> Enrollment:
        await steps.retire(self._polytomic, enrollment)
        now = self._clock()
        later = now + timedelta(days=self._limits.retention_days)
        return replace(enrollment, step=Step.CLEAN_UP, retired_at=now, due_at=later)

    async def _clean_up(self, enrollment: Enrollment) -> Enrollment:
        await steps.clean_up(self._polytomic, enrollment)
        return replace(enrollment, due_at=None)

    async def _rights_lost(self, enrollment: Enrollment) -> Enrollment | None:
        """What becomes of an enrollment whose requester may no longer enroll; None while they may."""
        person = await self._rights(enrollment.team_id, enrollment.requester_id)
        if person.may_enroll:
            return None
        if person.standing is Standing.UNKNOWN:
            return replace(enrollment, due_at=self._clock() + _ASK_SLACK_AGAIN)
        return replace(enrollment, state=State.FAILED, trouble=Trouble("rights_lost", names.reference()))


def _canceled_before_a_run(enrollment: Enrollment) -> bool:
    """True when nobody of the next batch can have been asked for yet, so that ending is only a matter of saying so."""
    if enrollment.cancel_asked_at is None or enrollment.state in states.ENDED:
        return False
    if enrollment.step is Step.START_RUN:
        return not enrollment.asked
    return enrollment.step in {Step.CREATE_MODEL, Step.CREATE_SYNC}


def _calm(before: Enrollment, after: Enrollment) -> Enrollment:
    """The step was answered: what was failing fails no more, and a new step starts with its first key."""
    moved_on = (before.step, before.batch) != (after.step, after.batch)
    failed_before = before.failing_since is not None
    return replace(
        after,
        attempt=0 if moved_on else after.attempt,
        asked=before.asked and not moved_on,
        failures=0,
        failing_since=None,
        trouble=None if failed_before and after.trouble == before.trouble else after.trouble,
    )
