"""What may be done after each error, and how long to wait before it."""

import pytest

from bot.errors import (
    PolytomicAway,
    PolytomicBusy,
    PolytomicError,
    PolytomicLockedOut,
    PolytomicOddAnswer,
    PolytomicRefused,
)
from bot.polytomic.retry import Again, decide, delay

CALL = "POST /api/models"
AWAY = PolytomicAway(CALL, "ReadTimeout", recorded=False)


@pytest.mark.parametrize(
    ("again", "error"),
    [
        (Again.SAME_KEY, AWAY),
        (Again.LOOK_FIRST, PolytomicAway(CALL, "answered 500", recorded=True)),
        (Again.LOOK_FIRST, PolytomicBusy(CALL, "answered 429", retry_after=30)),
        (Again.SAME_KEY, PolytomicBusy(CALL, "the first call is in flight", retry_after=1, in_flight=True)),
        (Again.GIVE_UP, PolytomicRefused(CALL, status=422, message="fields: required")),
        (Again.GIVE_UP, PolytomicRefused(CALL, status=409)),
        (Again.GIVE_UP, PolytomicLockedOut(CALL, status=401)),
        (Again.GIVE_UP, PolytomicOddAnswer(CALL, "not JSON")),
    ],
    ids=str,
)
def test_what_may_be_done_after_an_error(again: Again, error: PolytomicError) -> None:
    """Only a call whose answer is unknown is repeated under its key; a recorded 5xx is looked into first."""
    assert again is decide(error)


def test_every_leaf_is_decided() -> None:
    """The table above has a row for each leaf of PolytomicError."""
    assert {PolytomicAway, PolytomicBusy, PolytomicRefused, PolytomicLockedOut, PolytomicOddAnswer} == set(
        PolytomicError.__subclasses__()
    )


def test_the_pause_doubles_up_to_a_minute() -> None:
    """1, 2, 4 … 60 seconds, and 60 however long it goes on."""
    assert [1, 1, 2, 4, 8, 16, 32, 60, 60] == [delay(failures, AWAY) for failures in (0, 1, 2, 3, 4, 5, 6, 7, 10**9)]


def test_a_pause_asked_for_is_kept() -> None:
    """Polytomic's own pause counts when it is the longer one."""
    busy = PolytomicBusy(CALL, "answered 429", retry_after=30)

    assert [30, 30, 32, 60] == [delay(failures, busy) for failures in (1, 5, 6, 7)]
