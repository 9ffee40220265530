"""What becomes of an enrollment when a call to Polytomic goes wrong: tried again, ended, or a question to a person.

Nothing is sent or written from here: an enrollment and an error go in, the enrollment as it should be kept comes out.
"""

from dataclasses import replace
from datetime import timedelta

import structlog

from bot.enrollment import names, states
from bot.enrollment.holding import Holding
from bot.enrollment.limits import Limits
from bot.enrollment.model.clock import Clock
from bot.enrollment.model.enrollments import Enrollment, Hold, State, Step, Trouble
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

RIGHTS_UNKNOWN = "rights_unknown"


class Setbacks:
    """The rules for errors, over a clock and the deadlines."""

    def __init__(self, *, clock: Clock, limits: Limits) -> None:
        self._clock = clock
        self._limits = limits
        self._holding = Holding(clock=clock, limits=limits)
        self._log = structlog.get_logger()

    def after(self, enrollment: Enrollment, error: PolytomicError) -> Enrollment:
        """The enrollment after this error, with its next look or its end."""
        reference = names.reference()
        self._log.warning(
            "enrollment.refused", enrollment=enrollment.id, reference=reference, call=error.call, cause=str(error)
        )
        if enrollment.state in states.ENDED:
            return self._mend(enrollment, error)
        if enrollment.state is State.AWAITING_GONG:
            return self.await_gong(enrollment, retry.delay(enrollment.failures + 1, error))
        if isinstance(error, PolytomicLockedOut):
            return self._locked_out(enrollment, error, reference)
        again = retry.decide(error)
        failures = enrollment.failures + 1
        if self._hopeless(enrollment, error, again, failures):
            return self._give_up(enrollment, error, trouble_of(error, reference, enrollment))
        now = self._clock()
        due = now + timedelta(seconds=retry.delay(failures, error))
        since = enrollment.failing_since or now
        if enrollment.state is State.NEEDS_ATTENTION:
            new_key = enrollment.step is Step.WATCH_RUN and again is retry.Again.LOOK_FIRST
            return _asked_again(replace(enrollment, failures=failures, failing_since=since, due_at=due), new_key)
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
            held_for=None,
            held_since=None,
        )

    def rights_unknown(self, enrollment: Enrollment) -> Enrollment:
        """The enrollment while Slack does not say whether its requester may still enroll; nobody was asked for."""
        now, failures = self._clock(), enrollment.failures + 1
        since = enrollment.failing_since or now
        if self._too_late(enrollment):
            return self.end(enrollment, State.FAILED, Trouble(RIGHTS_UNKNOWN, names.reference(), since=since))
        due = now + timedelta(seconds=retry.backoff(failures))
        return replace(
            enrollment,
            failures=failures,
            failing_since=since,
            trouble=Trouble(RIGHTS_UNKNOWN, since=since, until=due),
            due_at=due,
            held_for=None,
            held_since=None,
        )

    def gong_refuses(self, enrollment: Enrollment, error: PolytomicRefused) -> bool:
        """True when this refusal came before anybody of the batch was asked for, so that Gong may be why.

        While an earlier start may be under way it is not waited for anything but its answer.
        """
        unanswered = enrollment.trouble.unanswered if enrollment.trouble else None
        under_way = unanswered is not None and self._clock() - unanswered < timedelta(seconds=self._limits.under_way)
        if enrollment.state not in {State.LAUNCHING, State.RUNNING} or under_way:
            return False
        return not _in_doubt(enrollment.step, error)

    def await_gong(self, enrollment: Enrollment, pause: float = 0) -> Enrollment:
        """It waits for Gong, on or from now on; at its deadline it has expired."""
        if enrollment.state is not State.AWAITING_GONG:
            return self._holding.for_gong(enrollment)
        if self._holding.over(enrollment):
            return self.end(enrollment, State.EXPIRED, self._holding.gong_lost())
        failures = enrollment.failures + 1 if pause else 0
        return replace(self._holding.keep_waiting(enrollment, pause), failures=failures)

    def go_on(self, enrollment: Enrollment) -> Enrollment:
        """Gong is connected again: the enrollment goes on where it stood."""
        return self._holding.go_on(enrollment)

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
            asked_at=None,
            failures=0,
            failing_since=None,
            ended_at=now,
            due_at=now,
            held_for=None,
            held_since=None,
            pause=None,
        )

    def _locked_out(self, enrollment: Enrollment, error: PolytomicLockedOut, reference: str) -> Enrollment:
        """Held for the key; after the deadline failed, or a question where people may have been asked for."""
        if self._holding.over(enrollment) and enrollment.held_for is Hold.KEY:
            return self._give_up(enrollment, error, trouble_of(error, reference, enrollment))
        unknown = enrollment.step is Step.START_RUN and _in_doubt(enrollment.step, error)
        return self._holding.for_key(enrollment, error, reference, unknown=unknown)

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
        known = enrollment.trouble
        if enrollment.state is State.NEEDS_ATTENTION and known is not None:
            trouble = known  # It is still the question.
        return replace(
            enrollment,
            state=State.NEEDS_ATTENTION,
            trouble=replace(trouble, unanswered=known.unanswered if known else None),
            failing_since=None,
            due_at=None,
            held_for=None,
            held_since=None,
            verdict=None,
            verdict_by="",
        )

    def _mend(self, enrollment: Enrollment, error: PolytomicError) -> Enrollment:
        """An ended enrollment whose sync could not be retired yet is looked at again, for as long as it takes."""
        locked_out = isinstance(error, PolytomicLockedOut)
        failures = enrollment.failures + 1
        pause = max(timedelta(seconds=retry.delay(failures, error)), _MEND_LATER if failures > 5 else timedelta())
        new_key = retry.decide(error) is not retry.Again.SAME_KEY
        now = self._clock()
        return replace(
            enrollment,
            attempt=enrollment.attempt + new_key,
            failures=failures,
            due_at=now + pause,
            held_for=Hold.KEY if locked_out else None,
            held_since=(enrollment.held_since or now) if locked_out else None,
        )

    def _too_late(self, enrollment: Enrollment) -> bool:
        since = enrollment.failing_since
        return since is not None and self._clock() - since > timedelta(seconds=self._limits.retry_deadline)


def _asked_again(enrollment: Enrollment, new_key: bool) -> Enrollment:
    """The look that was wished for is tried again; what was asked of the operator is still the question.

    A call that looks has no key, and the one that cancels gets a new one where the old one was answered.
    """
    return replace(enrollment, attempt=enrollment.attempt + new_key, held_for=None, held_since=None)


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
            since = enrollment.held_since or enrollment.failing_since if enrollment else None
            return Trouble(kind, reference, since=since)


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
