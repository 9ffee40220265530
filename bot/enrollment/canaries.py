"""What becomes of an enrollment after its canary: the first few are in, and the rest waits for a word.

Pure: an enrollment goes in, the enrollment as it should be kept comes out. A canary that was not wholly good never
goes on by itself, whatever the policy says.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from bot.enrollment.model.enrollments import Enrollment, State, Trouble
from bot.enrollment.model.policies import Canary, Release

UNRELEASED = "unreleased"


def size(enrollment: Enrollment) -> int:
    """How many the canary has; 0 when there is none."""
    return min(enrollment.canary, enrollment.tally.total)


def rest(enrollment: Enrollment) -> int:
    """How many wait for the canary."""
    return enrollment.tally.total - size(enrollment)


def runs(enrollment: Enrollment) -> bool:
    """True while the canary runs, or is about to, and others wait for it."""
    return enrollment.state is State.RUNNING and not enrollment.batch and 0 < enrollment.canary < enrollment.tally.total


def good(enrollment: Enrollment) -> bool:
    """True when everybody of the canary is in, as long as nobody else was asked for."""
    return enrollment.tally.enrolled == size(enrollment)


def has_run(enrollment: Enrollment, policy: Canary, now: datetime) -> Enrollment:
    """The enrollment before its second batch: it goes on where the policy says so, or waits for a word."""
    if policy.release is Release.BY_ITSELF and good(enrollment):
        # Nobody's id stands beside it: the policy let them go.
        return replace(enrollment, released_at=now)
    until = now + timedelta(hours=policy.hours)
    # How long it waits at most is kept beside it: a policy may be another by then.
    trouble = Trouble(UNRELEASED, limit=round(policy.hours * 3600), until=until)
    return replace(enrollment, state=State.CANARY, canary_until=until, due_at=until, trouble=trouble)


def looked_at(enrollment: Enrollment, now: datetime) -> Enrollment:
    """The enrollment after its canary, looked at now: released, expired, or still waiting."""
    until = enrollment.canary_until or now
    if enrollment.released_at is not None:
        return replace(enrollment, state=State.RUNNING, trouble=None, due_at=now)
    if now < until:
        return replace(enrollment, due_at=until)
    return replace(enrollment, state=State.EXPIRED)


def unreleased(enrollment: Enrollment) -> bool:
    """True when it has ended because nobody released the rest in time."""
    kind = enrollment.trouble.kind if enrollment.trouble else ""
    return enrollment.state is State.EXPIRED and kind == UNRELEASED


def may_be_decided(enrollment: Enrollment, now: datetime) -> bool:
    """True while the rest waits for a word, and none was given yet: the first one counts."""
    if enrollment.state is not State.CANARY or enrollment.cancel_asked_at or enrollment.released_at:
        return False
    return enrollment.canary_until is not None and now < enrollment.canary_until
