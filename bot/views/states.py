"""The state table of ux.md section 1: an icon and a word for each state, and what of a state a message shows."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.enrollment import canaries
from bot.enrollment.model.enrollments import Enrollment, Hold, State
from bot.enrollment.states import OPEN


@dataclass(frozen=True, slots=True)
class Shown:
    """How a state reads; the icon never stands alone."""

    icon: str
    word: str


STATES: Mapping[State, Shown] = {
    State.LAUNCHING: Shown(":hourglass_flowing_sand:", "Launching"),
    State.AWAITING_APPROVAL: Shown(":raised_hand:", "Waiting for approval"),
    State.AWAITING_GONG: Shown(":link:", "Waiting for Gong"),
    State.CANARY: Shown(":test_tube:", "Canary"),
    State.RUNNING: Shown(":arrow_forward:", "Running"),
    State.ON_HOLD: Shown(":double_vertical_bar:", "On hold"),
    State.NEEDS_ATTENTION: Shown(":mag:", "Needs attention"),
    State.ENROLLED: Shown(":white_check_mark:", "Enrolled"),
    State.PARTLY_ENROLLED: Shown(":warning:", "Partly enrolled"),
    State.FAILED: Shown(":x:", "Failed"),
    State.DENIED: Shown(":no_entry_sign:", "Denied"),
    State.CANCELED: Shown(":no_entry_sign:", "Canceled"),
    State.EXPIRED: Shown(":alarm_clock:", "Expired"),
}

RETRYING = Shown(":repeat:", "Retrying")


def retrying(enrollment: Enrollment) -> bool:
    """A fact of launching and running: the last call had no answer, or none but that the key is refused."""
    return enrollment.state in (State.LAUNCHING, State.RUNNING) and (enrollment.failures > 0 or locked_out(enrollment))


def locked_out(enrollment: Enrollment) -> bool:
    """True while it waits for a key that Polytomic takes."""
    return enrollment.held_for is Hold.KEY


def shown(enrollment: Enrollment) -> Shown:
    """The icon and the word for this enrollment now."""
    if retrying(enrollment):
        return RETRYING
    return STATES[State.CANARY if canaries.runs(enrollment) else enrollment.state]


def is_open(enrollment: Enrollment) -> bool:
    """True until an end state."""
    return enrollment.state in OPEN
