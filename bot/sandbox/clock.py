"""A clock that goes like any other until somebody moves it, and what is measured by it."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta


class MovableClock:
    """The time now, and whatever was added to it; with a `speed`, waiting for it takes so many times less."""

    def __init__(self, *, speed: float = 1) -> None:
        self._began = datetime.now(UTC)
        self._speed = speed
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return self._began + (datetime.now(UTC) - self._began) * self._speed + self.ahead

    def on(self, **passed: float) -> None:
        """This much time has passed at once, named as `timedelta` does."""
        self.ahead += timedelta(**passed)


class Stopwatch:
    """When something began by the world's clock, and how long it has taken: moving that clock does not change it."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.at = clock()
        self._began = time.monotonic()

    @property
    def milliseconds(self) -> float:
        return (time.monotonic() - self._began) * 1000
