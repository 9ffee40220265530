"""The table of moves: whole, closed, and with a way out of every open state."""

import pytest
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from hypothesis.strategies import sampled_from

from bot.enrollment.model.enrollments import State
from bot.enrollment.states import ENDED, MOVES, OPEN, may_move


def test_every_state_is_in_the_table() -> None:
    """A state that the table forgets could never be left."""
    assert set(State) == set(MOVES)
    assert set(State) == ENDED | OPEN


@pytest.mark.parametrize("state", sorted(ENDED))
def test_an_ended_enrollment_never_moves_again(state: State) -> None:
    """What people were told has ended stays ended."""
    assert not any(may_move(state, other) for other in State)


@pytest.mark.parametrize("state", sorted(OPEN))
def test_every_open_state_can_be_canceled_and_can_fail(state: State) -> None:
    """No open state is a trap for the requester or the operator."""
    assert may_move(state, State.CANCELED)
    assert may_move(state, State.FAILED)


@pytest.mark.parametrize("state", sorted(State))
def test_every_state_reaches_an_end(state: State) -> None:
    """Following the table from anywhere, an end is within reach."""
    reached = {state}
    while True:
        wider = reached | {after for before in reached for after in MOVES[before]}
        if wider == reached:
            break
        reached = wider
    assert reached & ENDED


def test_nobody_is_enrolled_without_a_run() -> None:
    """Enrolled and partly enrolled are reached from running only."""
    before = {state for state in State if {State.ENROLLED, State.PARTLY_ENROLLED} & MOVES[state]}
    assert {State.RUNNING} == before


class Life(RuleBasedStateMachine):
    """Any legal life of an enrollment."""

    def __init__(self) -> None:
        super().__init__()
        self.state = State.LAUNCHING
        self.ends = 0

    @precondition(lambda self: self.state in OPEN)
    @rule(wish=sampled_from(State))
    def move(self, wish: State) -> None:
        """A wish is granted if the table allows it."""
        if may_move(self.state, wish):
            self.ends += wish in ENDED and self.state not in ENDED
            self.state = wish

    @rule(wish=sampled_from(State))
    def move_late(self, wish: State) -> None:
        """After the end, every wish is refused."""
        if self.state in ENDED:
            assert not may_move(self.state, wish)

    @invariant()
    def ends_once(self) -> None:
        """Nobody is told twice that it is over."""
        assert self.ends <= 1


TestLife = Life.TestCase
