"""What becomes of an enrollment while it waits for somebody's mending: a new key at Polytomic, or a consent at Gong.

Pure: an enrollment goes in, the enrollment as it should be kept comes out. A held one is due at its deadline only;
`mending` makes it due as soon as there is something to look for.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from bot.enrollment.limits import Limits
from bot.enrollment.model.clock import Clock
from bot.enrollment.model.enrollments import Enrollment, Hold, State, Trouble
from bot.errors import PolytomicError

LOCKED_OUT = "PolytomicLockedOut"
GONG_LOST = "gong_lost"


class Holding:
    """The rules of waiting, over a clock and its deadline."""

    def __init__(self, *, clock: Clock, limits: Limits) -> None:
        self._clock = clock
        self._limits = limits

    def over(self, enrollment: Enrollment) -> bool:
        """True when it has waited for as long as it may."""
        return enrollment.held_since is not None and self._clock() >= self._until(enrollment.held_since)

    def for_gong(self, enrollment: Enrollment) -> Enrollment:
        """It waits for Gong where it is. What it was refused stays recorded under its key, so the next one is new."""
        now = self._clock()
        return replace(
            enrollment,
            state=State.AWAITING_GONG,
            held_for=Hold.GONG,
            held_since=now,
            attempt=enrollment.attempt + 1,
            failures=0,
            failing_since=None,
            trouble=self.gong_lost(until=self._until(now)),
            due_at=self._until(now),
        )

    def go_on(self, enrollment: Enrollment) -> Enrollment:
        """It goes on where it stood. It is still marked as asked, so it looks before it asks again."""
        return replace(
            enrollment,
            state=State.RUNNING if enrollment.started_at else State.LAUNCHING,
            held_for=None,
            held_since=None,
            failures=0,
            trouble=None,
            due_at=self._clock(),
        )

    def keep_waiting(self, enrollment: Enrollment, pause: float = 0) -> Enrollment:
        """It waits on, until its deadline or only for `pause` seconds."""
        until = self._until(enrollment.held_since or self._clock())
        later = self._clock() + timedelta(seconds=pause)
        return replace(enrollment, due_at=min(until, later) if pause else until)

    def gong_lost(self, *, until: datetime | None = None) -> Trouble:
        """Why an enrollment waits for Gong, and until when; or, without `until`, why it has ended."""
        return Trouble(GONG_LOST, limit=round(self._limits.hold_deadline), until=until)

    def for_key(self, enrollment: Enrollment, error: PolytomicError, reference: str, *, unknown: bool) -> Enrollment:
        """It waits for the key where it is; `unknown` when nobody can say whether its start has happened.

        A question that stood there before stands there still.
        """
        now = self._clock()
        since = enrollment.held_since or now
        before = enrollment.trouble
        lost = before.unanswered if before else None
        trouble = Trouble(
            LOCKED_OUT,
            before.reference if enrollment.held_for and before else reference,
            since=since,
            unanswered=(lost or now) if unknown else None,
        )
        under_way = lost is not None and now - lost < timedelta(seconds=self._limits.under_way)
        return replace(
            enrollment,
            held_for=Hold.KEY,
            held_since=since,
            attempt=enrollment.attempt + (error.call.startswith("POST ") and not under_way),
            failures=enrollment.failures + 1 if enrollment.held_for else 1,
            failing_since=None,
            trouble=before if enrollment.state is State.NEEDS_ATTENTION else trouble,
            due_at=self._until(since),
        )

    def _until(self, since: datetime) -> datetime:
        return since + timedelta(seconds=self._limits.hold_deadline)
