"""What becomes of an enrollment when a call to Polytomic goes wrong: tried again, ended, or a question to a person.

Nothing is sent or written from here: an enrollment and an error go in, the enrollment as it should be kept comes out.
"""

from dataclasses import replace
from datetime import timedelta

import structlog

from bot.enrollment import names, states
from bot.enrollment.limits import Limits
from bot.enrollment.model.clock import Clock
from bot.enrollment.model.enrollments import Enrollment, State, Step, Trouble
from bot.errors import (
    AppError,
    FieldNotMapped,
    FlowNotFound,
    PolytomicAway,
    PolytomicError,
    PolytomicLockedOut,
    PolytomicOddAnswer,
    PolytomicRefused,
)
from bot.polytomic import retry

_MEND_LATER = timedelta(minutes=10)
_ODD_TRIES = 3


class Setbacks:
    """The rules for errors, over a clock and the deadlines."""

    def __init__(self, *, clock: Clock, limits: Limits) -> None:
        self._clock = clock
        self._limits = limits
        self._log = structlog.get_logger()

    def after(self, enrollment: Enrollment, error: PolytomicError) -> Enrollment:
        """The enrollment after this error, with its next look or its end."""
        reference = names.reference()
        self._log.warning(
            "enrollment.refused", enrollment=enrollment.id, reference=reference, call=error.call, cause=str(error)
        )
        if enrollment.state in states.ENDED:
            return self._mend(enrollment, error)
        again = retry.decide(error)
        failures = enrollment.failures + 1
        if self._hopeless(enrollment, error, again, failures):
            return self._give_up(enrollment, error, trouble_of(error, reference, enrollment))
        now = self._clock()
        due = now + timedelta(seconds=retry.delay(failures, error))
        since = enrollment.failing_since or now
        unanswered = now if _no_answer(error) else enrollment.trouble.unanswered if enrollment.trouble else None
        # A recorded answer is replayed under its key for 24 hours: look first, then ask under a new one. But while a
        # call may be under way, its own key alone keeps it from being done twice.
        under_way = unanswered is not None and now - unanswered < timedelta(seconds=self._limits.under_way)
        return replace(
            enrollment,
            attempt=enrollment.attempt + (again is retry.Again.LOOK_FIRST and not under_way),
            failures=failures,
            failing_since=since,
            trouble=Trouble(type(error).__name__, since=since, until=due, unanswered=unanswered),
            due_at=due,
        )

    def end(self, enrollment: Enrollment, state: State, trouble: Trouble | None) -> Enrollment:
        """The enrollment in this end state, with its sync to be retired at once."""
        now = self._clock()
        return replace(
            enrollment,
            state=state,
            step=Step.RETIRE,
            trouble=trouble,
            attempt=0,
            asked=False,
            failures=0,
            failing_since=None,
            ended_at=now,
            due_at=now,
        )

    def _hopeless(self, enrollment: Enrollment, error: PolytomicError, again: retry.Again, failures: int) -> bool:
        if self._too_late(enrollment):
            return True
        if isinstance(error, PolytomicOddAnswer):
            # What was asked may have happened: look again a few times before a person has to.
            return failures > _ODD_TRIES
        return again is retry.Again.GIVE_UP

    def _give_up(self, enrollment: Enrollment, error: PolytomicError, trouble: Trouble) -> Enrollment:
        """Failed while surely nobody of this batch was asked for; a question to the operator from then on."""
        if not _in_doubt(enrollment.step, error):
            return self.end(enrollment, State.FAILED, trouble)
        return replace(enrollment, state=State.NEEDS_ATTENTION, trouble=trouble, failing_since=None, due_at=None)

    def _mend(self, enrollment: Enrollment, error: PolytomicError) -> Enrollment:
        """An ended enrollment whose sync could not be retired yet is looked at again, for as long as it takes."""
        failures = enrollment.failures + 1
        pause = max(timedelta(seconds=retry.delay(failures, error)), _MEND_LATER if failures > 5 else timedelta())
        new_key = retry.decide(error) is not retry.Again.SAME_KEY
        return replace(
            enrollment, attempt=enrollment.attempt + new_key, failures=failures, due_at=self._clock() + pause
        )

    def _too_late(self, enrollment: Enrollment) -> bool:
        since = enrollment.failing_since
        return since is not None and self._clock() - since > timedelta(seconds=self._limits.retry_deadline)


def trouble_of(error: AppError, reference: str = "", enrollment: Enrollment | None = None) -> Trouble:
    """The facts of an error, as the living message tells them."""
    kind = type(error).__name__
    reference = reference or names.reference()
    match error:
        case FlowNotFound():
            return Trouble(kind, reference)
        case FieldNotMapped():
            return Trouble(kind, reference, field_name=error.field_name)
        case PolytomicRefused():
            return Trouble(kind, reference, fragment=error.message, field_name=error.field, what=_what(enrollment))
        case _:
            return Trouble(kind, reference, since=enrollment.failing_since if enrollment else None)


def _what(enrollment: Enrollment | None) -> str:
    match enrollment.step if enrollment else None:
        case Step.CREATE_MODEL:
            return "the model"
        case Step.CREATE_SYNC:
            return "the sync"
        case _:
            return "the run"


def _no_answer(error: PolytomicError) -> bool:
    return isinstance(error, PolytomicAway) and not error.recorded


def _in_doubt(step: Step, error: PolytomicError) -> bool:
    """True when people of this batch may have been asked for."""
    if step is not Step.START_RUN:
        return step is Step.WATCH_RUN
    # A 4xx to the start itself refused the run before it began. Refused when looking for a run whose start was never
    # answered, or anything else: nobody knows.
    return not (isinstance(error, PolytomicRefused | PolytomicLockedOut) and error.call.startswith("POST "))
