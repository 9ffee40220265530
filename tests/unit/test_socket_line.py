"""How long the line to Slack waits before it is made anew."""

from hypothesis import given
from hypothesis import strategies as st

from bot.socket_line import pause


def test_a_good_line_is_followed_at_once() -> None:
    """Waits double from half a second on, and never exceed half a minute."""
    assert [0, 0.5, 1, 2, 4, 8, 16, 30, 30] == [pause(failures) for failures in range(9)]


@given(st.integers(0, 10**6))
def test_it_never_gives_up(failures: int) -> None:
    """However long Slack is away, the next attempt is at most half a minute off, and never sooner than the last."""
    assert pause(failures) <= pause(failures + 1) <= 30
