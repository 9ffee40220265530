"""What is left of a span of time."""

from datetime import UTC, datetime, timedelta

from tests.bench.spans import Span, lasting, without

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def after(began: float, seconds: float) -> Span:
    """So many seconds, from so many after noon."""
    return lasting(NOON + timedelta(seconds=began), seconds * 1000)


def test_what_overlaps_is_taken_out_once() -> None:
    """In whatever order, one within another, and only as far as it lies within the whole."""
    whole = after(0, 10)
    others = [after(8, 5), after(1, 3), after(2, 1), after(3, 2), after(-4, 4.5), after(20, 1)]
    assert 3.5 == without(whole, others)
    assert 10 == without(whole, [])
    assert 0 == without(whole, [after(-1, 12)])
