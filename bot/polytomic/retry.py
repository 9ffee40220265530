"""After an error: the same call again, a look first, or nothing more; and how long to wait before it.

The rules follow from Polytomic's Idempotency-Key (docs: Idempotent requests): the first answer under a key is kept for
24 hours and replayed, a 5xx included.
"""

from enum import Enum

from bot.errors import PolytomicAway, PolytomicBusy, PolytomicError

_LONGEST = 60.0


class Again(Enum):
    """What may be done after an error.

    SAME_KEY repeats the very call under the very key. LOOK_FIRST means that the answer under this key will not
    change: look for the object by its name, adopt it if it is there, else go on under a new key. GIVE_UP means that
    repeating helps nobody.
    """

    SAME_KEY = "same_key"
    LOOK_FIRST = "look_first"
    GIVE_UP = "give_up"


def decide(error: PolytomicError) -> Again:
    """What may be done after this error."""
    if isinstance(error, PolytomicAway):
        return Again.LOOK_FIRST if error.recorded else Again.SAME_KEY
    if isinstance(error, PolytomicBusy):
        # Whether a 429, or a run in progress, is recorded under its key is not documented: a new key is safe after a
        # look, and the old one might answer the same for 24 hours.
        return Again.SAME_KEY if error.in_flight else Again.LOOK_FIRST
    return Again.GIVE_UP


def delay(failures: int, error: PolytomicError) -> float:
    """Seconds to wait after this many failures in a row: 1, 2, 4 … 60, and never less than Polytomic asks for."""
    pause = backoff(failures)
    return max(pause, error.retry_after) if isinstance(error, PolytomicBusy) else pause


def backoff(failures: int) -> float:
    """Seconds to wait after this many failures in a row, when nobody has asked for more."""
    return min(2.0 ** min(max(failures - 1, 0), 6), _LONGEST)
