"""Every legal move of an enrollment, in one table (the states are those of ux.md section 1)."""

from collections.abc import Mapping

from bot.enrollment.model.enrollments import State

MOVES: Mapping[State, frozenset[State]] = {
    State.LAUNCHING: frozenset(
        {State.ON_HOLD, State.AWAITING_GONG, State.RUNNING, State.NEEDS_ATTENTION, State.FAILED, State.CANCELED}
    ),
    State.AWAITING_APPROVAL: frozenset({State.LAUNCHING, State.DENIED, State.FAILED, State.CANCELED, State.EXPIRED}),
    State.ON_HOLD: frozenset({State.LAUNCHING, State.RUNNING, State.FAILED, State.CANCELED}),
    State.CANARY: frozenset({State.RUNNING, State.FAILED, State.CANCELED, State.EXPIRED}),
    State.AWAITING_GONG: frozenset(
        {
            State.LAUNCHING,
            State.ON_HOLD,
            State.RUNNING,
            State.NEEDS_ATTENTION,
            State.FAILED,
            State.CANCELED,
            State.EXPIRED,
        }
    ),
    State.RUNNING: frozenset(
        {
            State.ON_HOLD,
            State.CANARY,
            State.AWAITING_GONG,
            State.ENROLLED,
            State.PARTLY_ENROLLED,
            State.NEEDS_ATTENTION,
            State.FAILED,
            State.CANCELED,
        }
    ),
    State.NEEDS_ATTENTION: frozenset({State.RUNNING, State.FAILED, State.CANCELED}),
    State.ENROLLED: frozenset(),
    State.PARTLY_ENROLLED: frozenset(),
    State.FAILED: frozenset(),
    State.DENIED: frozenset(),
    State.CANCELED: frozenset(),
    State.EXPIRED: frozenset(),
}

ENDED = frozenset(state for state, moves in MOVES.items() if not moves)
OPEN = frozenset(MOVES) - ENDED


def may_move(before: State, after: State) -> bool:
    """True when the table allows it; staying where one is is always allowed while the state is open."""
    return after in MOVES[before] or (before is after and before in OPEN)
